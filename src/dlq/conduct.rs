//! Messages on their way: what begins a run, what is said to it, and what comes of it.

use std::path::PathBuf;

use jiff::Timestamp;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::state::{Canary, Planned, Run, RunKind};
use super::task::{Done, Task};
use super::{DlqError, gone, run};
use crate::domain::{MayWrite, MoveTask};
use crate::redrive::audit::AuditError;
use crate::redrive::driver::Control;
use crate::redrive::effect;
use crate::redrive::progress::{Phase, Progress, Summary};

impl Task {
    pub(super) fn go(&mut self, at_once: bool) {
        let Some(planned) = self.desk.planned.take() else {
            return;
        };
        let (Some(letters), Some(right)) = (self.letters(&planned.wish.queue), self.right()) else {
            return;
        };
        let started = self.clock.now();
        let run = |by| run_of(&planned, by, at_once, started);
        let canary = planned.course(at_once).canary;
        if planned.is_move_task() && canary == 0 {
            self.desk.run = Some(run(RunKind::MoveTask {
                canary: None,
                task: None,
                over: false,
                audit: None,
            }));
            return self.start_move(right, &planned);
        }
        if planned.goes() == 0 {
            self.say("Nothing would go: nothing was done.");
            return;
        }
        let first = if planned.is_move_task() {
            &planned.first(canary)
        } else {
            &*planned
        };
        let client = match run::Client::begin(
            right,
            first,
            &letters,
            canary == 0 || planned.is_move_task(),
            &self.office,
        ) {
            Ok(client) => client,
            Err(why) => return self.say(why.to_string()),
        };
        let progress = Progress {
            chosen: first.goes(),
            ..Progress::default()
        };
        let journal = client.journal();
        if planned.is_move_task() {
            self.desk.run = Some(run(RunKind::MoveTask {
                canary: Some(Canary {
                    progress,
                    journal,
                    summary: None,
                }),
                task: None,
                over: false,
                audit: None,
            }));
            self.waiting = Some(planned);
        } else {
            self.desk.run = Some(run(RunKind::Client {
                progress,
                journal,
                summary: None,
                audit: None,
            }));
        }
        let (say, words) = mpsc::channel(8);
        let (tell, progress) = watch::channel(Progress::default());
        self.words = Some(say);
        self.progress = progress;
        self.runs_before = (0, 0);
        self.runs_before = self.runs_of_targets();
        self.work.spawn(async move {
            let (summary, audit, rest) = client.run(words, tell).await;
            Done::Ran(summary, audit, rest)
        });
    }

    /// Lets SQS move the queue.
    pub(super) fn start_move(&mut self, right: MayWrite, planned: &Planned) {
        let stop = CancellationToken::new();
        self.stop_reading = Some(stop.clone());
        let with = (self.office.session.clone(), self.office.audit.clone());
        let queue = (planned.wish.queue.clone(), planned.wish.ids.len());
        let (to, notes) = (planned.wish.to.clone(), self.notes.clone());
        self.work
            .spawn(async move { Done::Moved(run::move_task(with, right, queue, to, stop, notes).await) });
    }

    /// The rest may follow.
    pub(super) fn go_on(&mut self) {
        if !self.desk.run.as_ref().is_some_and(Run::waits) {
            return;
        }
        match (self.waiting.take(), self.right()) {
            (Some(planned), Some(right)) => self.start_move(right, &planned),
            _ => self.tell(effect::Command::GoOn),
        }
    }

    pub(super) fn tell(&mut self, command: effect::Command) {
        if let Some(words) = &self.words {
            // A full lane has a word before this one, which says the same.
            let _ = words.try_send(Control::Command(command));
        }
    }

    pub(super) fn stop_run(&mut self) {
        if let Some(run) = self.desk.run.as_mut().filter(|run| !run.is_over()) {
            run.stopping = true;
            let waits = run.waits();
            if let RunKind::MoveTask { over, .. } = &mut run.by {
                // Nothing is under way: SQS was not asked yet.
                *over |= waits;
            }
            self.waiting = None;
        }
        self.tell(effect::Command::Stop);
        if let Some(stop) = self.stop_reading.as_ref().filter(|_| self.desk.reading.is_none()) {
            stop.cancel();
        }
    }

    pub(super) fn advance(&mut self) {
        let now = self.progress.borrow_and_update().clone();
        let waits = now.phase == Phase::Waiting;
        let known = match self.desk.run.as_mut().map(|run| &mut run.by) {
            Some(RunKind::Client {
                progress,
                summary: None,
                ..
            }) => progress,
            Some(RunKind::MoveTask {
                canary: Some(canary), ..
            }) => &mut canary.progress,
            _ => return,
        };
        let begins_to_wait = waits && known.phase != Phase::Waiting;
        *known = now;
        if begins_to_wait {
            self.look_what_is_gone(None);
        }
    }

    /// Which messages were sent so far, as the journal tells: they are not offered again.
    pub(super) fn look_what_is_gone(&mut self, rest: Option<u64>) {
        let Some(run) = &self.desk.run else { return };
        let journal = match &run.by {
            RunKind::Client { journal, .. } => journal.clone(),
            RunKind::MoveTask {
                canary: Some(canary), ..
            } => canary.journal.clone(),
            RunKind::MoveTask { .. } => return,
        };
        let (queue, rest) = (run.queue.clone(), rest.filter(|_| run.is_over()));
        self.work
            .spawn_blocking(move || Done::Gone(queue, gone::of_journal(&journal, rest)));
    }

    /// SQS has moved the queue: of what was read nothing is offered any more.
    pub(super) fn all_gone(&mut self, task: &MoveTask) {
        let Some(run) = &self.desk.run else { return };
        let (queue, started) = (run.queue.clone(), run.started);
        if let (Some(letters), "COMPLETED") = (self.desk.letters.get(&queue), task.status.as_str()) {
            let gone = gone::all(letters, started);
            gone::merge(&mut self.desk, queue, gone);
        }
    }

    /// Runs of the targets in the minutes since the run began, beyond those that were there before it.
    pub(super) fn runs_of_targets(&self) -> (u64, u64) {
        let Some(run) = &self.desk.run else { return (0, 0) };
        let snapshot = self.snapshot();
        let targets = super::queues::functions_behind(&run.to, &snapshot.topology);
        let (all, failed) = super::queues::runs_since(&targets, run.started, &snapshot);
        (
            all.saturating_sub(self.runs_before.0),
            failed.saturating_sub(self.runs_before.1),
        )
    }

    pub(super) fn look_at_the_target(&mut self) {
        let (all, failed) = self.runs_of_targets();
        if let Some(words) = &self.words {
            // The next snapshot says it again.
            let _ = words.try_send(Control::Runs(all, failed));
        }
    }

    /// The own engine has come to its end, with all or with what goes first.
    pub(super) fn ran(&mut self, outcome: Summary, line: Result<PathBuf, AuditError>, rest: Option<u64>) {
        self.words = None;
        let now = self.progress.borrow().clone();
        if let Err(why) = &line {
            let why = format!("The line for the audit file could not be written ({why}).");
            self.say(why);
        }
        match self.desk.run.as_mut().map(|run| &mut run.by) {
            Some(RunKind::Client {
                progress,
                summary,
                audit,
                ..
            }) => {
                *progress = now;
                *summary = Some(outcome);
                *audit = line.ok();
            }
            Some(RunKind::MoveTask {
                canary: Some(canary),
                over,
                ..
            }) => {
                // Behind a canary that did not go nothing follows.
                *over |= !outcome.is_complete() || self.waiting.is_none();
                canary.progress = now;
                canary.summary = Some(outcome);
            }
            _ => {}
        }
        self.look_what_is_gone(rest);
    }

    /// SQS's task has come to its end.
    pub(super) fn moved(&mut self, outcome: Result<(MoveTask, Result<PathBuf, AuditError>), DlqError>) {
        self.stop_reading = None;
        let (last, line) = match outcome {
            Ok((task, line)) => {
                self.all_gone(&task);
                (Some(task), line.ok())
            }
            Err(why) => {
                self.say(why.to_string());
                (None, None)
            }
        };
        if let Some(RunKind::MoveTask { task, over, audit, .. }) = self.desk.run.as_mut().map(|run| &mut run.by) {
            *task = last.or(task.take());
            *over = true;
            *audit = line;
        }
    }
}

fn run_of(planned: &Planned, by: RunKind, at_once: bool, started: Timestamp) -> Run {
    let ways = planned.plan.ways.iter();
    Run {
        queue: planned.wish.queue.clone(),
        name: planned.name.clone(),
        to: ways.map(|way| way.target.arn().to_owned()).collect(),
        started,
        by,
        bounce_after_s: planned.bounce_after_s,
        stopping: false,
        course: planned.course(at_once),
    }
}
