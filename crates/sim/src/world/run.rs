//! Invocations: the sandbox, the steps, the outcome, and the notification of the cause.

use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::function::{Health, Language};
use super::invocation::{Ask, Cause, Course, Ending, Failed, Outcome, Refusal, Run, RunLog, Timing};
use super::lineage::LIMIT;
use super::log_lines::{Lines, Report};
use super::marbles::MarbleStage;
use super::sandbox::take_sandbox;
use super::steps::{self, Progress};
use super::{Happening, World};
use crate::behaviour::How;
use crate::duration::Span;

impl World {
    /// Invokes a function, unless it is throttled. Returns the number of the invocation; its cause is notified at its end.
    pub(crate) fn start(&mut self, ask: Ask) -> Result<u64, Refusal> {
        let running: u32 = self
            .lambda
            .functions
            .values()
            .map(|f| f.concurrency)
            .filter(|now| now.reserved.is_none())
            .map(|now| now.running)
            .sum();
        let Some(function) = self.lambda.functions.get(&ask.function) else {
            return Err(Refusal::NotFound);
        };
        if function.health == Health::Unreachable {
            return Err(Refusal::Unreachable);
        }
        if function.concurrency.reserved == Some(0) {
            return Err(Refusal::Off);
        }
        if function.recursion == super::function::RecursiveLoop::Terminate && ask.lineage.runs(&ask.function) >= LIMIT {
            let (name, qualifier) = (ask.function, ask.qualifier);
            self.lambda_metric(&name, &qualifier, "RecursiveInvocationsDropped", 1.0);
            return Err(Refusal::Recursive);
        }
        let limit = function.concurrency.reserved;
        let full = limit.map_or(running >= self.lambda.concurrency, |limit| {
            function.concurrency.running >= limit
        });
        if full {
            let (name, qualifier) = (ask.function, ask.qualifier);
            self.lambda_metric(&name, &qualifier, "Throttles", 1.0);
            return Err(Refusal::Throttled);
        }
        Ok(self.admit(ask))
    }

    fn admit(&mut self, ask: Ask) -> u64 {
        let id = self.next_id();
        let request = ask.request.unwrap_or_else(|| self.chance.uuid("request", id));
        let (now, chance) = (self.clock.now, self.chance);
        let Some(function) = self.lambda.functions.get_mut(&ask.function) else {
            return id;
        };
        let version = function.version_of(&ask.qualifier).to_owned();
        function.runs += 1;
        let at_once = &mut function.concurrency;
        at_once.running += 1;
        at_once.peak = at_once.peak.max(at_once.running);
        let number = function.runs;
        let behaviour = function.behaviour.clone();
        let settings = function.settings(&version);
        let (group, timeout_ms) = (settings.logging.group.clone(), settings.timeout_ms);
        let (sandbox, cold) = take_sandbox(function, &version, now, chance);
        let init = behaviour.as_ref().and_then(|b| b.init).unwrap_or(Span::range(150, 350));
        let work = behaviour.as_ref().and_then(|b| b.work).unwrap_or(Span::range(20, 60));
        let init_ms = cold.then(|| chance.within(&format!("init/{}", ask.function), number, init.low..=init.high));
        let work_ms = chance.within(&format!("work/{}", ask.function), number, work.low..=work.high);
        let run = Run {
            qualifier: ask.qualifier,
            request,
            version,
            cause: ask.cause,
            lineage: ask.lineage.with(&ask.function),
            attempt: ask.attempt,
            event: Arc::new(serde_json::from_str(&ask.payload).unwrap_or(Json::Null)),
            behaviour,
            number,
            sandbox: sandbox.id,
            timing: Timing {
                accepted: now,
                begun: None,
                init_ms,
                work_ms,
                timeout_ms,
                wake: now + init_ms.unwrap_or(0),
            },
            course: Course::default(),
            log: RunLog {
                group,
                stream: sandbox.stream.as_str().into(),
                tail: String::new(),
            },
            function: ask.function,
        };
        let wake = run.timing.wake;
        if cold {
            let line = self.lines(&run).and_then(|lines| lines.init_start(now));
            self.say(&run, now, line);
        }
        self.lambda_metric(&run.function, &run.qualifier, "Invocations", 1.0);
        self.lambda.runs.insert(id, run);
        self.later(wake, Happening::Run(id));
        id
    }

    /// The waiting client has disconnected; the function continues.
    pub(crate) fn hang_up(&mut self, serial: u64) {
        self.lambda.waiting_calls.remove(&serial);
        for world in self.abroad.values_mut() {
            world.hang_up(serial);
        }
    }

    fn lines<'a>(&'a self, run: &'a Run) -> Option<Lines<'a>> {
        let function = self.lambda.functions.get(&run.function)?;
        Some(Lines {
            function: &function.name,
            settings: function.settings(&run.version),
            region: &self.region,
            request: &run.request,
            version: &run.version,
        })
    }

    /// The language of the invoked version.
    pub(super) fn language(&self, run: &Run) -> Language {
        let function = self.lambda.functions.get(&run.function);
        function.map_or(Language::Custom, |f| f.settings(&run.version).language())
    }

    fn say(&mut self, run: &Run, at: i64, line: Option<String>) {
        if let Some(line) = line {
            self.log(&run.log.group, &run.log.stream, at, line);
        }
    }

    /// Logs a line of an invocation now.
    pub(super) fn print(&mut self, run: &mut Run, text: &str) {
        let line = self.lines(run).and_then(|lines| lines.print(self.clock.now, text));
        if let Some(line) = &line {
            run.log.tail.push_str(line);
        }
        self.say(run, self.clock.now, line);
    }

    /// An invocation goes on: it begins, does its next step, or ends.
    pub(super) fn step_run(&mut self, id: u64) {
        if self
            .lambda
            .runs
            .get(&id)
            .is_none_or(|run| run.timing.wake != self.clock.now)
        {
            return;
        }
        let Some(mut run) = self.lambda.runs.remove(&id) else {
            return;
        };
        if !self.lambda.functions.contains_key(&run.function) {
            return self.abandon(&run);
        }
        let Some(begun) = run.timing.begun else {
            self.begin(id, run);
            return;
        };
        if self.clock.now >= begun + run.timing.timeout_ms {
            return self.end(id, run, Ending::TimedOut);
        }
        let Some((step, record)) = run.course.actions.pop_front() else {
            let ending = run.course.planned.take().unwrap_or_else(|| self.response(&run));
            return self.end(id, run, ending);
        };
        match self.take_step(id, &mut run, step, record) {
            Progress::Done => {
                let left = i64::try_from(run.course.actions.len()).unwrap_or(i64::MAX - 1) + 1;
                let rest = (begun + run.timing.work_ms - self.clock.now).max(0);
                self.wake(id, run, rest / left);
            }
            Progress::Pause(ms) => {
                run.timing.work_ms += ms;
                self.wake(id, run, ms);
            }
            Progress::Await => {
                let wait = begun + run.timing.timeout_ms - self.clock.now;
                self.wake(id, run, wait);
            }
            Progress::Failed(error) => self.end(id, run, Ending::Raised(error)),
        }
    }

    fn wake(&mut self, id: u64, mut run: Run, after: i64) {
        let stop = run.timing.begun.map_or(i64::MAX, |begun| begun + run.timing.timeout_ms);
        run.timing.wake = (self.clock.now + after).min(stop);
        let at = run.timing.wake;
        self.lambda.runs.insert(id, run);
        self.later(at, Happening::Run(id));
    }

    /// Ends an invocation whose function was deleted.
    fn abandon(&mut self, run: &Run) {
        let error = Failed::new(
            Language::Custom,
            "ResourceNotFoundException",
            "The function was deleted",
        );
        let payload = error.payload(Language::Custom, &run.request).to_string().into();
        let outcome = Outcome {
            request: run.request.clone(),
            ending: Ending::Raised(error),
            payload,
            version: "$LATEST".to_owned(),
            tail: String::new(),
        };
        self.tell(run, outcome);
    }

    fn begin(&mut self, id: u64, mut run: Run) {
        let now = self.clock.now;
        run.timing.begun = Some(now);
        let plan = self.plan(&mut run);
        if let Some((How::Init, error)) = &plan {
            let init_us = run.timing.init_ms.unwrap_or(180) * 1000;
            let lines = self
                .lines(&run)
                .map(|lines| lines.init_failed(now, init_us, error))
                .unwrap_or_default();
            for line in lines {
                self.say(&run, now, Some(line));
            }
        }
        let start = self.lines(&run).and_then(|lines| lines.start(now));
        run.log.tail.extend(start.clone());
        self.say(&run, now, start);
        self.note_begin(&run);
        self.note_run(&run, MarbleStage::Begins);
        let prints = run.behaviour.as_ref().map(|b| b.print.clone());
        for line in prints.into_iter().flatten() {
            for record in steps::records_for(&run.event, [line.as_str()]) {
                let text = self.fill(&run, record, &line);
                self.print(&mut run, &text);
            }
        }
        if run.behaviour.is_none() {
            self.print(&mut run, "nothing is simulated for this function: it succeeds");
        }
        match plan {
            Some((How::Timeout, _)) => run.timing.work_ms = i64::MAX / 4,
            Some((How::Crash, _)) => run.course.planned = Some(Ending::Crashed),
            Some((How::Memory, _)) => run.course.planned = Some(Ending::OutOfMemory),
            Some((How::Error | How::Init, error)) => run.course.planned = Some(Ending::Raised(error)),
            None => Self::expand(&mut run),
        }
        let first = if run.course.actions.is_empty() {
            run.timing.work_ms
        } else {
            run.timing.work_ms / (i64::try_from(run.course.actions.len()).unwrap_or(i64::MAX - 1) + 1)
        };
        self.wake(id, run, first);
    }

    fn end(&mut self, id: u64, mut run: Run, ending: Ending) {
        let begun = run.timing.begun.unwrap_or(self.clock.now);
        let part = self.chance.within(&format!("us/{}", run.function), run.number, 0..=989);
        let mut duration_us = (self.clock.now - begun) * 1000 + part;
        if ending == Ending::TimedOut {
            duration_us = run.timing.timeout_ms * 1000;
        }
        let trace = self.trace(&run);
        let used = self.leave_sandbox(&run, &ending);
        let report = Report {
            duration_us,
            init_us: run.timing.init_ms.map(|ms| ms * 1000 + part),
            memory_used: used,
            trace,
        };
        let lines = self
            .lines(&run)
            .map(|lines| lines.end(self.clock.now, &ending, &report))
            .unwrap_or_default();
        for line in lines {
            run.log.tail.push_str(&line);
            self.say(&run, self.clock.now, Some(line));
        }
        self.note_end(&run, &ending);
        let failed = !matches!(ending, Ending::Returned(_));
        self.note_run(&run, if failed { MarbleStage::Failed } else { MarbleStage::Done });
        self.lambda_metric_at(
            &run.function,
            &run.qualifier,
            "Errors",
            run.timing.accepted,
            if failed { 1.0 } else { 0.0 },
        );
        #[expect(clippy::cast_precision_loss, reason = "durations are below 2^52 µs")]
        let milliseconds = duration_us as f64 / 1000.0;
        self.lambda_metric_at(
            &run.function,
            &run.qualifier,
            "Duration",
            run.timing.accepted,
            milliseconds,
        );
        let payload = payload(&ending, self.language(&run), &run, self.clock.now);
        let tail = std::mem::take(&mut run.log.tail);
        let outcome = Outcome {
            request: run.request.clone(),
            ending,
            payload,
            version: run.version.clone(),
            tail,
        };
        self.lambda.runs.remove(&id);
        self.tell(&run, outcome);
    }

    fn note_run(&mut self, run: &Run, stage: MarbleStage) {
        let node = |world: &Self| world.arn("lambda", &format!("function:{}", run.function));
        self.note_marble(run.lineage.marble(), node, stage);
    }

    fn trace(&self, run: &Run) -> Option<String> {
        let function = self.lambda.functions.get(&run.function)?;
        (function.settings(&run.version).tracing == "Active").then(|| {
            let hex = self.chance.hex(&run.request, 0, 24);
            format!(
                "Root=1-{:08x}-{hex};Parent={};Sampled=1",
                run.timing.accepted / 1000,
                &hex[..16]
            )
        })
    }

    fn tell(&mut self, run: &Run, outcome: Outcome) {
        match run.cause.clone() {
            Cause::Call(serial) => {
                if let Some(waiting) = self.lambda.waiting_calls.get_mut(&serial) {
                    waiting.outcome = Some(outcome);
                }
            }
            Cause::Parent(parent) => self.resume(parent, &outcome),
            Cause::Api(api) => self.api_answered(&api, run.timing.accepted, &outcome),
            Cause::Pool(id, attempt) => self.pool_answered(id, attempt, &outcome),
            Cause::Task(id) => self.task_answered(id, &outcome),
            Cause::Nobody => {}
            Cause::Async(event) => self.async_ended(event, &outcome),
            Cause::Batch(batch) => self.batch_ended(batch, &outcome),
            Cause::Shard { mapping, shard, lane } => self.shard_ended(&mapping, shard, lane, &outcome),
        }
    }

    /// An invocation whose callee has ended goes on, or fails with it.
    fn resume(&mut self, parent: u64, outcome: &Outcome) {
        let Some(mut run) = self.lambda.runs.remove(&parent) else {
            return;
        };
        let Some(begun) = run.timing.begun else { return };
        if let Some(kind) = outcome.ending.error_type() {
            let error = Failed::new(
                self.language(&run),
                "InvocationError",
                &format!("the invoked function failed: {kind}"),
            );
            run.course.actions.clear();
            run.course.planned = Some(Ending::Raised(error));
            self.wake(parent, run, 0);
            return;
        }
        let left = i64::try_from(run.course.actions.len()).unwrap_or(i64::MAX - 1) + 1;
        let rest = (begun + run.timing.work_ms - self.clock.now).max(0);
        self.wake(parent, run, rest / left);
    }
}

/// The response or the error's JSON, as a caller gets it.
fn payload(ending: &Ending, language: Language, run: &Run, now: i64) -> Arc<str> {
    let request = &run.request;
    match ending {
        Ending::Returned(text) => Arc::clone(text),
        Ending::Raised(error) => error.payload(language, request).to_string().into(),
        Ending::TimedOut => {
            let begun = run.timing.begun.unwrap_or(now);
            let (seconds, hundredths) = ((now - begun) / 1000, (now - begun) / 10 % 100);
            let message = format!("RequestId: {request} Error: Task timed out after {seconds}.{hundredths:02} seconds");
            json!({"errorType": "Sandbox.Timedout", "errorMessage": message})
                .to_string()
                .into()
        }
        Ending::Crashed | Ending::OutOfMemory => {
            let message = format!("RequestId: {request} Error: {}", ending.exit_text());
            json!({"errorType": "Runtime.ExitError", "errorMessage": message})
                .to_string()
                .into()
        }
    }
}
