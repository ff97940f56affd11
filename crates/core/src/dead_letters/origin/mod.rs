//! Which service wrote a message, and for which function: from its content, confirmed by the configuration, with the
//! evidence.
//!
//! Nothing is guessed: if there are several candidates, all are named and the user chooses.

mod function;
mod queue;
mod topic;

pub use queue::tried;

use super::DeadLetterQueue;
use super::content::{Content, content};
use super::provenance::{Event, FunctionMatch, Provenance};
use super::queues::Chain;
use super::run_history::RunHistory;
use super::words::{Capacity, Condition, Evidence, Unconfigured};
use crate::domain::{Arn, Batch, Detail, EdgeKind, NodeId, NodeKind, Origin, QueueMessage, RunError};

/// The provenance of a message, from its content, the configuration, and what `witness` has read.
#[must_use]
pub fn provenance(
    letter: &QueueMessage,
    queue: &DeadLetterQueue,
    chain: Chain<'_>,
    witness: &dyn RunHistory,
) -> Provenance {
    let look = Look {
        letter,
        queue,
        chain,
        witness,
    };
    if let Some(source) = letter.moved_from() {
        return look.moved(source);
    }
    if let Some(rule) = letter.text("RULE_ARN") {
        return look.undelivered(Origin::Eventbridge, "RULE_ARN", rule);
    }
    if let Some(schedule) = letter.text("SCHEDULE_ARN") {
        return look.undelivered(Origin::Scheduler, "SCHEDULE_ARN", schedule);
    }
    if let Some(found) = look.asynchronous(&|name| letter.text(name).map(str::to_owned), None) {
        return found;
    }
    match content(&letter.body) {
        Content::Notification(envelope) => look.notification(&envelope),
        Content::Destination(record) => look.destination(*record, Event::Payload, None),
        Content::Stream(record, batch) => look.stream(*record, batch),
        Content::Kafka(record, batch) => look.kafka(*record, &batch),
        Content::Pipe { arn, condition, batch } => look.pipe(&arn, condition, batch),
        Content::Event {
            record: Some(record), ..
        } => look.destination(*record, Event::DetailPayload, None),
        Content::Event { .. } | Content::Other => look.unmarked(),
    }
}

struct Look<'a> {
    letter: &'a QueueMessage,
    queue: &'a DeadLetterQueue,
    chain: Chain<'a>,
    witness: &'a dyn RunHistory,
}

impl Look<'_> {
    /// A rule's or schedule's delivery failed.
    fn undelivered(&self, origin: Origin, attribute: &'static str, source: &str) -> Provenance {
        let id = NodeId::from(source);
        let feeder = self.queue.feeders(origin).find(|feeder| feeder.id == id);
        let mut found = Provenance::new(origin)
            .with_evidence(Evidence::AttributeNames {
                attribute,
                id: id.clone(),
            })
            .confirmed(feeder, Unconfigured::Target);
        found.target = self.letter.text("TARGET_ARN").map(str::to_owned);
        if let Some((target, qualifier)) = found.target.as_deref().and_then(Arn::parse).map(|arn| arn.node()) {
            found.shows(Evidence::AttributeNames {
                attribute: "TARGET_ARN",
                id: target.clone(),
            });
            if Arn::parse(target.as_str()).is_some_and(|arn| arn.kind() == NodeKind::Lambda) {
                found.function = FunctionMatch::Function { id: target, qualifier };
            }
        }
        let code = self.letter.text("ERROR_CODE").map(str::to_owned);
        let message = self.letter.text("ERROR_MESSAGE").map(str::to_owned);
        let throttle = [&code, &message].into_iter().flatten().find(|text| is_throttle(text));
        found.starved(throttle.map(|text| Capacity::TargetThrottled { text: text.clone() }));
        found.error = message
            .or_else(|| code.clone())
            .map(|message| RunError { kind: code, message });
        let condition = self.letter.text("EXHAUSTED_RETRY_CONDITION").map(str::to_owned);
        found.condition = condition.map(|word| Condition::Service { word }.into());
        let retries = self
            .letter
            .text("RETRY_ATTEMPTS")
            .and_then(|text| text.parse::<u32>().ok());
        found.tries = retries.map(|retries| retries.saturating_add(1));
        if self.letter.text("IS_PAYLOAD_TRUNCATED") == Some("true") {
            found.event = Event::Elsewhere;
            found.shows(Evidence::Truncated);
        }
        found.source = Some(id);
        found
    }

    fn pipe(&self, arn: &str, condition: String, batch: Option<Batch>) -> Provenance {
        let id = NodeId::from(arn);
        let feeder = self.queue.feeders(Origin::Pipe).find(|feeder| feeder.id == id);
        let mut found = Provenance::new(Origin::Pipe)
            .with_evidence(Evidence::Pipe { pipe: id.clone() })
            .confirmed(feeder, Unconfigured::Pipe);
        self.piped(&mut found, &id);
        found.condition = Some(Condition::Service { word: condition }.into());
        found.event = Event::Elsewhere;
        found.batch = batch;
        found.source = Some(id);
        found
    }

    fn piped(&self, found: &mut Provenance, pipe: &NodeId) {
        let functions: Vec<_> = self.readers(pipe);
        found.function = match functions.as_slice() {
            [] => FunctionMatch::Nobody,
            [(only, qualifier)] => {
                found.shows(Evidence::LeadsTo {
                    from: pipe.clone(),
                    to: only.clone(),
                });
                FunctionMatch::Function {
                    id: only.clone(),
                    qualifier: qualifier.clone(),
                }
            }
            several => FunctionMatch::OneOf(several.iter().map(|(id, _)| id.clone()).collect()),
        };
    }

    /// The functions that a queue or a pipe starts.
    fn readers(&self, from: &NodeId) -> Vec<(NodeId, Option<String>)> {
        let starts = |edge: &&std::sync::Arc<crate::domain::Edge>| {
            edge.key.from == *from && edge.key.kind == EdgeKind::Trigger && is_function(&edge.key.to)
        };
        let edges: Vec<_> = self.chain.edges.iter().filter(starts).collect();
        // A mapping that was switched off is not asked where another is on.
        let any_on = edges.iter().any(|edge| edge.enabled);
        let chosen = edges.into_iter().filter(|edge| edge.enabled || !any_on);
        chosen
            .map(|edge| (edge.key.to.clone(), edge.key.qualifier.clone()))
            .collect()
    }

    fn reserved(&self, function: &NodeId) -> Option<u32> {
        match &self.chain.nodes.get(function)?.detail {
            Detail::Function(function) => function.reserved_concurrency,
            _ => None,
        }
    }
}

/// Whether an error text speaks of missing capacity.
fn is_throttle(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    [
        "throttl",
        "rate exceeded",
        "toomanyrequests",
        "concurrentinvocationlimit",
    ]
    .iter()
    .any(|word| text.contains(word))
}

fn is_function(id: &NodeId) -> bool {
    Arn::parse(id.as_str()).is_some_and(|arn| arn.kind() == NodeKind::Lambda)
}
