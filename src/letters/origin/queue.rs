//! Letters that SQS moved.

use jiff::{SignedDuration, Timestamp};

use super::super::provenance::{Provenance, Suspect};
use super::super::queues::attributes;
use super::super::witness::Answer;
use super::{Look, short};
use crate::domain::{NodeId, Origin};

impl Look<'_> {
    /// SQS moved it when its receives were used up.
    pub(super) fn moved(&self, source: &str) -> Provenance {
        let id = NodeId::from(source);
        let feeder = self.queue.feeders(Origin::SqsRedrive).find(|feeder| feeder.id == id);
        let mut found = Provenance::new(Origin::SqsRedrive)
            .says(format!("DeadLetterQueueSourceArn names {}", short(&id)))
            .confirmed(feeder, "that queue's redrive policy does not name this queue");
        let limit = attributes(self.chain, &id).and_then(|detail| detail.max_receive_count);
        found.tries = Some(self.letter.receive_count().saturating_sub(1)).filter(|tries| *tries > 0);
        found.condition = limit.map(|limit| format!("received {limit} times"));
        let consumers = self.readers(&id);
        found.function = match consumers.as_slice() {
            [] => Suspect::Nobody,
            [(only, qualifier)] => {
                found
                    .evidence
                    .push(format!("{} alone reads {}", short(only), short(&id)));
                Suspect::Function {
                    id: only.clone(),
                    qualifier: qualifier.clone(),
                }
            }
            several => Suspect::OneOf(several.iter().map(|(id, _)| id.clone()).collect()),
        };
        for (function, _) in &consumers {
            if let Some(run) = self.witness.run_of_message(function, &self.letter.message_id) {
                found
                    .evidence
                    .push(format!("a run of {} logged its message id", short(function)));
                found.function = Suspect::Function {
                    id: function.clone(),
                    qualifier: None,
                };
                found.request_id = Some(run.request_id);
                found.error = run.error;
                break;
            }
        }
        if found.error.is_none()
            && let Some(function) = found.function.function().cloned()
        {
            found.capacity = self.starved(&function, &id);
        }
        found.source = Some(id);
        found
    }

    /// Whether the receives were used up without a run. AWS: a throttled mapping keeps the messages until they are
    /// visible again, so that their receives go while nothing runs.
    fn starved(&self, function: &NodeId, queue: &NodeId) -> Option<String> {
        let name = short(function);
        if self.reserved(function) == Some(0) {
            return Some(format!("{name} may run 0 times at once (reserved concurrency)"));
        }
        let detail = attributes(self.chain, queue)?;
        let first = self.letter.system.get("ApproximateFirstReceiveTimestamp");
        let first = first
            .and_then(|text| text.parse().ok())
            .and_then(|ms| Timestamp::from_millisecond(ms).ok())
            .or_else(|| self.letter.sent())?;
        let tries = detail.max_receive_count.unwrap_or(1).max(1);
        let span = SignedDuration::from_secs(i64::from(detail.visibility_timeout_s) * i64::from(tries));
        let last = first.checked_add(span).ok()?.min(self.letter.read_at);
        let never_started = self.witness.starts(function, first, last) == Answer::Yes(0);
        match self.witness.throttles(function, first, last) {
            Answer::Yes(throttles) if never_started && throttles > 0 => Some(format!(
                "{name} was throttled {throttles} times and never started while this message was tried"
            )),
            _ => None,
        }
    }
}
