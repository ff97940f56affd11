//! What the configuration knows of everything that may be a target, and who may move messages.

use std::collections::BTreeSet;

use super::plan::{Targets, To};
use super::route::Target;
use super::unsendable::Unguarded;
use crate::aws::Session;
use crate::dead_letters::{Chain, DeadLetterQueue};
use crate::domain::text::plain;
use crate::domain::{Arn, Detail, EdgeKind, Origin};

/// Queues, and the functions that are not invoked without being asked for by name.
#[must_use]
pub fn known(chain: Chain<'_>, invoke_anyway: bool) -> Targets {
    let mut targets = Targets::default();
    for node in chain.nodes.values() {
        match &node.detail {
            Detail::Queue(detail) => {
                let known = (detail.url.clone(), detail.fifo);
                targets.queues.insert(node.id.to_string(), known);
                if let Some(most) = detail.maximum_message_bytes.and_then(|most| usize::try_from(most).ok()) {
                    targets.sizes.insert(node.id.to_string(), most);
                }
            }
            Detail::Function(detail) if !invoke_anyway => {
                let catches = chain.edges.iter().any(|edge| {
                    let for_failures = match edge.key.kind {
                        EdgeKind::DeadLetter => edge.policies.iter().all(|policy| policy.batching.size.is_none()),
                        EdgeKind::Destination => edge
                            .policies
                            .iter()
                            .any(|policy| policy.condition.as_deref() == Some("OnFailure")),
                        _ => false,
                    };
                    edge.key.from == node.id && for_failures
                });
                let name = plain(&node.name).into_owned();
                let why = if detail.reserved_concurrency == Some(0) {
                    Some(Unguarded::SwitchedOff { name })
                } else {
                    (!catches).then_some(Unguarded::Uncaught { name })
                };
                if let Some(why) = why {
                    targets.unguarded.insert(node.id.to_string(), why);
                }
            }
            _ => {}
        }
    }
    targets
}

pitagora_core::phrases! {
    /// Why a name does not identify a target. Each prints as a sentence without its full stop, with what to do.
    pub enum NameError in "target" {
        /// A queue and a function have the name.
        Several { name: String },
        Nobody { name: String },
        /// It is the queue that the messages are in.
        Here,
    }
}
crate::words::spoken!(NameError);

/// The queue or function of the chain that a person names, by its name or ARN.
pub fn named(text: &str, chain: Chain<'_>) -> Result<Target, NameError> {
    let node_of = |text: &str| Arn::parse(text).map(|arn| arn.node().0);
    let id = node_of(text);
    let mut found = chain.nodes.values().filter_map(|node| {
        let is_meant = id.as_ref().map_or(node.name == text, |id| *id == node.id);
        let target = match &node.detail {
            Detail::Queue(queue) => Target::Queue {
                arn: node.id.to_string(),
                url: queue.url.clone(),
                fifo: queue.fifo,
            },
            // An ARN may name an alias or a version.
            Detail::Function(_) => Target::Event {
                arn: id.as_ref().map_or_else(|| node.id.to_string(), |_| text.to_owned()),
            },
            _ => return None,
        };
        is_meant.then_some(target)
    });
    match (found.next(), found.next()) {
        (Some(target), None) => Ok(target),
        (Some(_), Some(_)) => Err(NameError::Several { name: text.to_owned() }),
        (None, _) => Err(NameError::Nobody { name: text.to_owned() }),
    }
}

/// Adds what the rules that feed the queue give to their targets. Answers with what could not be read, each a sentence
/// without its stop.
pub async fn inputs(session: &Session, queue: &DeadLetterQueue, targets: &mut Targets) -> Vec<String> {
    let rules: BTreeSet<_> = queue.feeders(Origin::Eventbridge).map(|feeder| &feeder.id).collect();
    let mut unread = Vec::new();
    for rule in rules {
        match session.inputs(rule.as_str()).await {
            Ok(inputs) => {
                let inputs = inputs
                    .into_iter()
                    .map(|(target, input)| ((rule.to_string(), target), input));
                targets.inputs.extend(inputs);
            }
            Err(error) => unread.push(format!(
                "could not read the targets of rule {} ({error}): its events are sent unchanged",
                plain(rule.as_str())
            )),
        }
    }
    unread
}

pitagora_core::phrases! {
    /// Why a move task cannot move these messages.
    #[derive(Copy)]
    pub enum NoMove in "no-move" {
        NoSource,
        OtherSources,
        Selection,
        QueuesOnly,
        FifoAndStandard,
        Rate,
        /// Journals list some of the messages as sent.
        SentBefore,
    }
}

/// Why a move task cannot move these messages. AWS (move-tasks): it moves whole DLQs of SQS queues, to queues, without filtering, at
/// most 500 messages per second.
#[must_use]
pub fn against_move_task(queue: &DeadLetterQueue, to: &To, whole: bool, rate: Option<u32>) -> Option<NoMove> {
    let origins: BTreeSet<Origin> = queue.fed_by.iter().map(|feeder| feeder.origin).collect();
    if !origins.contains(&Origin::SqsRedrive) {
        Some(NoMove::NoSource)
    } else if origins.len() > 1 && *to == To::Origin {
        Some(NoMove::OtherSources)
    } else if !whole {
        Some(NoMove::Selection)
    } else if matches!(to, To::Named(target) if !matches!(target, Target::Queue { .. })) {
        Some(NoMove::QueuesOnly)
    } else if matches!(to, To::Named(target) if target.is_fifo() != queue.is_fifo()) {
        Some(NoMove::FifoAndStandard)
    } else if rate.is_some_and(|rate| rate > 500) {
        Some(NoMove::Rate)
    } else {
        None
    }
}
