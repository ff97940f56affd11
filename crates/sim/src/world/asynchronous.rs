//! Lambda's asynchronous queue: an event is accepted, attempted, retried, and dropped after the last attempt.
//!
//! AWS (async): a function error is retried after 1 and after 2 minutes (measured 66 s and 197 s after the start, so the waits are
//! up to a tenth longer), with the same request id. Throttles and service errors wait 1 s, doubled up to 5 minutes, and do
//! not count as retries. An event whose next wait would end past its maximum age ends at once.

use std::sync::Arc;

use super::ground_truth::{Event, Landing};
use super::invocation::{Ask, Cause, Ending, Outcome, Refusal};
use super::lineage::Lineage;
use super::marbles::MarbleStage;
use super::{Happening, World};
use crate::call::Fault;

/// Waits before the second and the third attempt.
const WAITS_MS: [i64; 2] = [60_000, 120_000];
/// How much longer a wait may be than its nominal length. Measured: 66 s for 60 s.
const JITTER: f64 = 0.1;
/// The longest wait of a throttled event.
const LONGEST_MS: i64 = 300_000;
/// AWS's default for `MaximumEventAgeInSeconds`: 6 hours.
const AGE_S: i64 = 21_600;

/// Why an event was given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    Success,
    RetriesExhausted,
    EventAgeExceeded,
    ZeroReservedConcurrency,
    RecursionDetected,
    NoFunction,
}

impl Condition {
    /// `requestContext.condition` of a destination record.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Success => "Success",
            Self::RetriesExhausted => "RetriesExhausted",
            Self::EventAgeExceeded => "EventAgeExceeded",
            Self::ZeroReservedConcurrency => "ZeroReservedConcurrency",
            Self::RecursionDetected => "RecursiveInvocationsDropped",
            Self::NoFunction => "FunctionNotFound",
        }
    }
}

/// An event in the asynchronous queue.
#[derive(Clone, Debug)]
pub struct AsyncEvent {
    pub(super) function: String,
    pub(super) qualifier: String,
    pub(super) request: String,
    pub(super) payload: Arc<str>,
    pub(super) accepted: i64,
    /// Failed attempts.
    pub(super) failures: u32,
    /// Throttled attempts.
    pub(super) throttles: u32,
    pub(super) lineage: Lineage,
}

impl World {
    /// Accepts an event for a function; its request id comes back.
    pub(crate) fn invoke_async(
        &mut self,
        function: &str,
        qualifier: &str,
        payload: Arc<str>,
        lineage: Lineage,
    ) -> Result<String, Fault> {
        let arn = self.arn("lambda", &format!("function:{function}"));
        let Some(found) = self.lambda.functions.get(function) else {
            return Err(Refusal::NotFound.fault(&arn));
        };
        if found.health == super::function::Health::Unreachable {
            return Err(Refusal::Unreachable.fault(&arn));
        }
        let id = self.next_id();
        let request = self.chance.uuid("request", id);
        let event = AsyncEvent {
            function: function.to_owned(),
            qualifier: qualifier.to_owned(),
            request: request.clone(),
            payload,
            accepted: self.clock.now,
            failures: 0,
            throttles: 0,
            lineage,
        };
        self.note_marble(event.lineage.marble(), |_| arn, MarbleStage::Reached);
        self.lambda.asyncs.insert(id, event);
        self.lambda_metric(function, qualifier, "AsyncEventsReceived", 1.0);
        // From acceptance to the first attempt. Measured: 0.4 s with a cold start.
        let hop = self.chance.within("async/hop", id, 15..=120);
        self.later(self.clock.now + hop, Happening::Async(id));
        Ok(request)
    }

    pub(super) fn try_async(&mut self, id: u64) {
        let Some(event) = self.lambda.asyncs.get(&id).cloned() else {
            return;
        };
        #[expect(clippy::cast_precision_loss, reason = "an age is at most 6 hours")]
        let age = (self.clock.now - event.accepted) as f64;
        let ask = Ask {
            function: event.function.clone(),
            qualifier: event.qualifier.clone(),
            payload: Arc::clone(&event.payload),
            cause: Cause::Async(id),
            request: Some(event.request.clone()),
            lineage: event.lineage.clone(),
            attempt: event.failures + 1,
        };
        match self.start(ask) {
            Ok(_) => self.lambda_metric(&event.function, &event.qualifier, "AsyncEventAge", age),
            Err(Refusal::Off) => self.give_up(id, Condition::ZeroReservedConcurrency, None),
            Err(Refusal::NotFound) => self.give_up(id, Condition::NoFunction, None),
            Err(Refusal::Recursive) => self.give_up(id, Condition::RecursionDetected, None),
            Err(Refusal::Throttled | Refusal::Unreachable) => {
                self.lambda_metric(&event.function, &event.qualifier, "AsyncEventAge", age);
                let nominal = 1000_i64
                    .checked_shl(event.throttles.min(20))
                    .unwrap_or(LONGEST_MS)
                    .min(LONGEST_MS);
                let wait = self
                    .chance
                    .spread(&event.request, u64::from(event.throttles) + 100, nominal, JITTER);
                if let Some(event) = self.lambda.asyncs.get_mut(&id) {
                    event.throttles += 1;
                }
                self.wait_or_give_up(id, wait.min(LONGEST_MS), None);
            }
        }
    }

    /// An attempt has ended.
    pub(super) fn async_ended(&mut self, id: u64, outcome: &Outcome) {
        let Some(event) = self.lambda.asyncs.get_mut(&id) else {
            return;
        };
        if matches!(outcome.ending, Ending::Returned(_)) {
            return self.give_up(id, Condition::Success, Some(outcome));
        }
        event.failures += 1;
        let (failures, request) = (event.failures, event.request.clone());
        let config = self.async_config(id);
        let allowed = config.retries.unwrap_or(2);
        let wait = WAITS_MS.get(failures as usize - 1).filter(|_| failures <= allowed);
        match wait {
            None => self.give_up(id, Condition::RetriesExhausted, Some(outcome)),
            Some(wait) => {
                let wait = self.chance.spread(&request, u64::from(failures), *wait, JITTER);
                self.wait_or_give_up(id, wait, Some(outcome));
            }
        }
    }

    pub(super) fn async_config(&self, id: u64) -> super::function::InvokeConfig {
        let event = self.lambda.asyncs.get(&id);
        event
            .and_then(|e| Some(self.lambda.functions.get(&e.function)?.invoke_config(&e.qualifier)))
            .unwrap_or_default()
    }

    fn wait_or_give_up(&mut self, id: u64, wait: i64, outcome: Option<&Outcome>) {
        let age = self.async_config(id).max_age_s.unwrap_or(AGE_S) * 1000;
        let Some(event) = self.lambda.asyncs.get(&id) else {
            return;
        };
        if self.clock.now + wait > event.accepted + age {
            self.give_up(id, Condition::EventAgeExceeded, outcome);
        } else {
            self.later(self.clock.now + wait, Happening::Async(id));
        }
    }

    fn give_up(&mut self, id: u64, condition: Condition, outcome: Option<&Outcome>) {
        let config = self.async_config(id);
        let Some(event) = self.lambda.asyncs.remove(&id) else {
            return;
        };
        let function = self.lambda.functions.get(&event.function);
        let dead_letter = function.and_then(|f| f.settings(&event.qualifier).dead_letter.clone());
        let landing = match condition {
            Condition::Success => Landing::Processed,
            _ if dead_letter.is_some() => Landing::DeadLetter,
            _ if config.on_failure.is_some() => Landing::Destination,
            Condition::EventAgeExceeded => Landing::TooOld,
            _ => Landing::Dropped,
        };
        self.note_landing(Event::Asynchronous(event.request.clone()), landing);
        if matches!(landing, Landing::TooOld | Landing::Dropped) {
            let node = |world: &Self| world.arn("lambda", &format!("function:{}", event.function));
            self.note_marble(event.lineage.marble(), node, MarbleStage::Lost);
        }
        if condition == Condition::Success {
            if let Some(target) = config.on_success {
                self.send_to_destination(&event, &target, condition, outcome);
            }
            return;
        }
        self.lambda_metric(&event.function, &event.qualifier, "AsyncEventsDropped", 1.0);
        if let Some(target) = dead_letter {
            self.send_dead_letter(&event, &target, condition, outcome);
        }
        if let Some(target) = config.on_failure {
            self.send_to_destination(&event, &target, condition, outcome);
        }
    }
}
