//! What an invocation will do: whether and how it fails, its steps, its response.

use serde_json::{Value as Json, json};

use super::World;
use super::function::Health;
use super::invocation::{Ending, Failed, Run};
use super::sandbox::base_memory;
use super::steps;
use crate::behaviour::{Failure, How};

impl World {
    /// Expands the steps of an invocation, once per record if they mention records.
    pub(super) fn expand(run: &mut Run) {
        let Some(behaviour) = run.behaviour.clone() else { return };
        for (index, step) in behaviour.steps.iter().enumerate() {
            for record in steps::records_for(&run.event, step.texts()) {
                if record.is_none_or(|r| !run.course.failed_records.contains(&r)) {
                    run.course.actions.push_back((index, record));
                }
            }
        }
    }

    /// Whether and how this run fails.
    pub(super) fn plan(&self, run: &mut Run) -> Option<(How, Failed)> {
        let function = self.lambda.functions.get(&run.function)?;
        let settings = function.settings(&run.version);
        let language = settings.language();
        let failed = |kind: &str, message: &str| Failed::new(language, kind, message);
        match function.health {
            Health::Broken => return Some((How::Error, failed("RuntimeError", "broken on purpose"))),
            Health::Stuck => return Some((How::Timeout, failed("", ""))),
            Health::Sound | Health::Unreachable => {}
        }
        let behaviour = run.behaviour.clone()?;
        let sandbox = function.pool.sandboxes.iter().find(|s| s.id == run.sandbox);
        if let (Some(leak), Some(sandbox)) = (behaviour.leak, sandbox)
            && base_memory(settings) + sandbox.leaked + leak.0 >= settings.memory_mb
        {
            return Some((How::Memory, failed("Runtime.ExitError", "")));
        }
        let text = std::cell::LazyCell::new(|| run.event.to_string());
        for (index, failure) in behaviour.fails.iter().enumerate() {
            if failure.first.is_some_and(|first| run.attempt > first) {
                continue;
            }
            if behaviour.partial {
                let failing = self.failing_records(run, failure, index);
                run.course.failed_records.extend(failing);
                continue;
            }
            let on = failure.on.as_ref().is_none_or(|on| text.contains(on.as_str()));
            let drawn = failure.one_in.is_none_or(|n| {
                self.chance
                    .bits(&format!("fail/{}/{index}", run.function), run.number)
                    .is_multiple_of(n.max(1))
            });
            if on && drawn {
                let said = failure.error.as_deref().unwrap_or("RuntimeError: the function failed");
                let said = self.fill(run, None, said);
                let (kind, message) = said.split_once(": ").unwrap_or(("RuntimeError", &said));
                return Some((failure.how, failed(kind, message)));
            }
        }
        None
    }

    fn failing_records(&self, run: &Run, failure: &Failure, index: usize) -> Vec<usize> {
        let records = run.event["Records"].as_array().map_or(&[][..], Vec::as_slice);
        let fails = |(n, record): (usize, &Json)| {
            let on = failure
                .on
                .as_ref()
                .is_none_or(|on| record.to_string().contains(on.as_str()));
            let key = format!("fail/{}/{index}/{n}", run.function);
            let drawn = failure
                .one_in
                .is_none_or(|m| self.chance.bits(&key, run.number).is_multiple_of(m.max(1)));
            (on && drawn).then_some(n)
        };
        records.iter().enumerate().filter_map(fails).collect()
    }

    pub(super) fn response(&self, run: &Run) -> Ending {
        let behaviour = run.behaviour.as_ref();
        if behaviour.is_some_and(|b| b.partial) {
            let failures: Vec<Json> = run
                .course
                .failed_records
                .iter()
                .filter_map(|n| {
                    let record = &run.event["Records"][*n];
                    let id = record["messageId"]
                        .as_str()
                        .or(record["dynamodb"]["SequenceNumber"].as_str())
                        .or(record["kinesis"]["sequenceNumber"].as_str())?;
                    Some(json!({"itemIdentifier": id}))
                })
                .collect();
            return Ending::Returned(json!({"batchItemFailures": failures}).to_string().into());
        }
        let text = behaviour
            .and_then(|b| b.returns.as_ref())
            .map_or_else(|| "null".to_owned(), |t| self.fill(run, None, t));
        Ending::Returned(text.into())
    }
}
