//! Messages that SQS moved.

use jiff::{SignedDuration, Timestamp};

use super::super::provenance::{FunctionMatch, Provenance};
use super::super::queues::attributes;
use super::super::run_history::Answer;
use super::super::words::{Capacity, Condition, Evidence, Unconfigured};
use super::Look;
use crate::dead_letters::Chain;
use crate::domain::{NodeId, Origin, Queue, QueueMessage};

impl Look<'_> {
    /// SQS moved it when its receives were used up.
    pub(super) fn moved(&self, source: &str) -> Provenance {
        let id = NodeId::from(source);
        let feeder = self.queue.feeders(Origin::SqsRedrive).find(|feeder| feeder.id == id);
        let mut found = Provenance::new(Origin::SqsRedrive)
            .with_evidence(Evidence::SourceArn { queue: id.clone() })
            .confirmed(feeder, Unconfigured::RedrivePolicy);
        let limit = attributes(self.chain, &id).and_then(|detail| detail.max_receive_count);
        found.tries = Some(self.letter.receive_count().saturating_sub(1)).filter(|tries| *tries > 0);
        found.condition = limit.map(|times| Condition::Received { times }.into());
        let consumers = self.readers(&id);
        found.function = match consumers.as_slice() {
            [] => FunctionMatch::Nobody,
            [(only, qualifier)] => {
                found.shows(Evidence::OnlyReader {
                    function: only.clone(),
                    queue: id.clone(),
                });
                FunctionMatch::Function {
                    id: only.clone(),
                    qualifier: qualifier.clone(),
                }
            }
            several => FunctionMatch::OneOf(several.iter().map(|(id, _)| id.clone()).collect()),
        };
        for (function, _) in &consumers {
            if let Some(run) = self.witness.run_of_message(function, &self.letter.message_id) {
                found.shows(Evidence::LoggedId {
                    function: function.clone(),
                });
                found.function = FunctionMatch::Function {
                    id: function.clone(),
                    qualifier: None,
                };
                found.request_id = Some(run.request_id);
                found.error = run.error;
                break;
            }
        }
        found.source = Some(id.clone());
        if found.error.is_none()
            && let Some(function) = found.function.function().cloned()
        {
            found.starved(self.starved(&function, &id));
            if found.capacity.is_none() {
                self.failed_alike(&mut found, &function, &id);
            }
        }
        found
    }

    /// The error, if all invocations that failed during the message's attempts had the same one: its own are among them.
    /// Nothing is concluded if partial batch responses are on, because a successful invocation may have returned the
    /// message.
    fn failed_alike(&self, found: &mut Provenance, function: &NodeId, queue: &NodeId) {
        let partial = self.chain.edges.iter().any(|edge| {
            let is_it = edge.key.from == *queue && edge.key.to == *function;
            is_it
                && edge
                    .policies
                    .iter()
                    .any(|policy| policy.batching.partial_response == Some(true))
        });
        let Some((from, to)) = tried(self.letter, found, self.chain).filter(|_| !partial) else {
            return;
        };
        let (errors, function) = (self.witness.errors(function, from, to).yes(), function.clone());
        match errors.as_deref() {
            Some([only]) => {
                found.shows(Evidence::OneError { function });
                found.error = Some(only.clone());
            }
            Some([_, _, ..]) => found.shows(Evidence::SeveralErrors { function }),
            _ => {}
        }
    }

    /// Whether the receives were used up without an invocation. AWS (sqs-mappings): a throttled mapping holds messages until their
    /// visibility timeout ends, so that receives are counted without an invocation.
    fn starved(&self, function: &NodeId, queue: &NodeId) -> Option<Capacity> {
        let id = || function.clone();
        if self.reserved(function) == Some(0) {
            return Some(Capacity::ReservedZero { function: id() });
        }
        let detail = attributes(self.chain, queue)?;
        let (first, last) = span(self.letter, detail)?;
        let never_started = self.witness.starts(function, first, last) == Answer::Yes(0);
        match self.witness.throttles(function, first, last) {
            Answer::Yes(throttles) if never_started && throttles > 0 => Some(Capacity::NeverStarted {
                function: id(),
                throttles,
            }),
            _ => None,
        }
    }
}

/// The interval from the first receive of a message in its source queue to the latest time at which its receives were used
/// up. `None` if SQS did not move it from a known queue.
#[must_use]
pub fn tried(letter: &QueueMessage, found: &Provenance, chain: Chain<'_>) -> Option<(Timestamp, Timestamp)> {
    let source = found.source.as_ref().filter(|_| found.origin == Origin::SqsRedrive)?;
    span(letter, attributes(chain, source)?)
}

fn span(letter: &QueueMessage, queue: &Queue) -> Option<(Timestamp, Timestamp)> {
    let first = letter.system.get("ApproximateFirstReceiveTimestamp");
    let first = first
        .and_then(|text| text.parse().ok())
        .and_then(|ms| Timestamp::from_millisecond(ms).ok())
        .or_else(|| letter.sent())?;
    let tries = queue.max_receive_count.unwrap_or(1).max(1);
    let all = SignedDuration::from_secs(i64::from(queue.visibility_timeout_s) * i64::from(tries));
    Some((first, first.checked_add(all).ok()?.min(letter.read_at)))
}
