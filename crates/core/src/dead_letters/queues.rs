//! The dead-letter queues of a chain, found through redrive policies, functions' `DeadLetterConfig`s and destinations,
//! stream mappings, subscriptions, rule targets, schedules and pipes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::Expiry;
use super::words::Mixed;
use crate::domain::{Arn, Detail, Edge, EdgeKind, EdgePolicy, Node, NodeId, NodeKind, Origin, Queue};

/// The chain as this room reads it.
#[derive(Clone, Copy, Debug)]
pub struct Chain<'a> {
    /// All nodes.
    pub nodes: &'a BTreeMap<NodeId, Arc<Node>>,
    /// All edges.
    pub edges: &'a [Arc<Edge>],
}

/// What is known of a queue's messages without receiving one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueueCounts {
    /// Messages that can be received. AWS (sqs): approximate.
    pub visible: u64,
    /// Messages received and not yet deleted.
    pub in_flight: u64,
    /// Messages not yet to be received.
    pub delayed: u64,
    /// When these counts were read.
    pub at: Timestamp,
}

/// A source of a dead-letter queue.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DlqSource {
    /// How.
    pub origin: Origin,
    /// The queue, function, topic, rule, schedule or pipe whose delivery or run failed.
    pub id: NodeId,
    /// The mapping, subscription or target within it, where one is named.
    pub part: Option<String>,
    /// The topic in between: messages then have an SNS envelope, unless raw delivery is on.
    pub via: Option<NodeId>,
}

/// The uses of a queue that gets dead letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Use {
    /// Nothing else is known to send to it, and it has no consumer.
    DeadLetterQueue,
    /// It gets other messages as well: counts do not show which are dead letters.
    Mixed,
    /// It has a consumer: its messages need not be dead letters.
    WorkQueue,
}

/// A queue at the end of a link.
#[derive(Clone, Debug, PartialEq)]
pub struct DeadLetterQueue {
    /// Its ARN.
    pub id: NodeId,
    /// Its name. Comes from others.
    pub name: String,
    /// Its attributes; `None` if they could not be read.
    pub detail: Option<Queue>,
    /// What is known of its messages.
    pub known: Option<QueueCounts>,
    /// Who sends here; empty for an ordinary queue.
    pub fed_by: Vec<DlqSource>,
    /// Where its own redrive policy moves messages that are received too often.
    pub moves_on_to: Option<NodeId>,
    /// Who takes messages out of it: functions behind an enabled mapping, and running pipes.
    pub consumers: Vec<NodeId>,
    /// Who would take messages out of it were the mapping or pipe not disabled: a worker that is paused.
    pub paused: Vec<NodeId>,
    /// Senders of other messages: topics, rules, buckets, functions on success.
    pub fed_otherwise: Vec<NodeId>,
    /// Source queues with the same or a longer retention: AWS keeps the original enqueue time, so a message may expire soon
    /// after it arrives, or at once.
    pub outlived_by: Vec<NodeId>,
}

impl DeadLetterQueue {
    /// All messages in it, where that is known.
    #[must_use]
    pub fn messages(&self) -> Option<u64> {
        let known = self.known?;
        Some(known.visible + known.in_flight + known.delayed)
    }

    /// How long it keeps a message.
    #[must_use]
    pub fn retention(&self) -> Option<SignedDuration> {
        let seconds = self.detail.as_ref()?.retention_s;
        Some(SignedDuration::from_secs(seconds.into()))
    }

    /// Whether order is kept within a group.
    #[must_use]
    pub fn is_fifo(&self) -> bool {
        let fifo = self.detail.as_ref().map(|detail| detail.fifo);
        // AWS (sqs): the name of every FIFO queue ends so.
        fifo.unwrap_or_else(|| self.id.as_str().strip_suffix(".fifo").is_some())
    }

    /// The latest time at which its messages expire, before any was read; `None` if there are none, or if unknown.
    #[must_use]
    pub fn bound(&self) -> Option<Expiry> {
        let known = self.known.filter(|_| self.messages() > Some(0))?;
        Some(Expiry::bound(known.at, self.retention()?))
    }

    /// The feeders of one origin.
    pub fn feeders(&self, origin: Origin) -> impl Iterator<Item = &DlqSource> {
        self.fed_by.iter().filter(move |feeder| feeder.origin == origin)
    }

    /// What it is used for.
    #[must_use]
    pub fn used_as(&self) -> Use {
        if !self.consumers.is_empty() || !self.paused.is_empty() {
            Use::WorkQueue
        } else if self.fed_otherwise.is_empty() {
            Use::DeadLetterQueue
        } else {
            Use::Mixed
        }
    }

    /// Why its messages need not be dead letters; `None` if it is known to get only dead letters.
    #[must_use]
    pub fn not_only_dead_letters(&self) -> Option<Mixed> {
        match self.used_as() {
            Use::DeadLetterQueue => None,
            Use::Mixed => Some(Mixed::AlsoFed {
                by: self.fed_otherwise.clone(),
            }),
            Use::WorkQueue if self.consumers.is_empty() => Some(Mixed::Paused {
                by: self.paused.clone(),
            }),
            Use::WorkQueue if self.fed_otherwise.is_empty() => Some(Mixed::Consumed {
                by: self.consumers.clone(),
            }),
            Use::WorkQueue => Some(Mixed::AlsoFedAndConsumed {
                from: self.fed_otherwise.clone(),
                by: self.consumers.clone(),
            }),
        }
    }

    /// Whether it is known to have a source.
    #[must_use]
    pub fn is_fed(&self) -> bool {
        !self.fed_by.is_empty()
    }
}

/// All dead-letter queues of a chain, by name.
#[must_use]
pub fn queues(chain: Chain<'_>, known: &BTreeMap<NodeId, QueueCounts>) -> Vec<DeadLetterQueue> {
    let mut fed: BTreeMap<NodeId, BTreeSet<DlqSource>> = BTreeMap::new();
    for (queue, feeder) in feeders(chain) {
        fed.entry(queue).or_default().insert(feeder);
    }
    let mut queues: Vec<_> = fed
        .into_iter()
        .map(|(id, fed_by)| described(chain, &id, fed_by, known.get(&id).copied()))
        .collect();
    queues.sort_by(|a, b| a.name.cmp(&b.name).then_with(|| a.id.cmp(&b.id)));
    queues
}

/// One queue of the chain, whether or not it gets dead letters.
#[must_use]
pub fn queue(chain: Chain<'_>, id: &NodeId, known: Option<QueueCounts>) -> DeadLetterQueue {
    let fed = feeders(chain).into_iter().filter(|(queue, _)| queue == id);
    described(chain, id, fed.map(|(_, feeder)| feeder).collect(), known)
}

fn described(
    chain: Chain<'_>,
    id: &NodeId,
    fed_by: BTreeSet<DlqSource>,
    known: Option<QueueCounts>,
) -> DeadLetterQueue {
    let node = chain.nodes.get(id);
    let detail = attributes(chain, id).cloned();
    let name = node.map(|node| node.name.clone());
    let from_here = || chain.edges.iter().filter(|edge| edge.key.from == *id);
    let moves_on_to = from_here().find(|edge| edge.key.kind == EdgeKind::DeadLetter);
    let takers = |enabled: bool| -> Vec<NodeId> {
        let takes = |edge: &&Arc<Edge>| {
            let taker = chain.nodes.get(&edge.key.to).map(|node| node.kind);
            let can_take = matches!(taker, Some(NodeKind::Lambda | NodeKind::Pipe));
            edge.key.kind == EdgeKind::Trigger && edge.enabled == enabled && can_take
        };
        from_here().filter(takes).map(|edge| edge.key.to.clone()).collect()
    };
    let retention = detail.as_ref().map(|detail| detail.retention_s);
    let outlives = |feeder: &&DlqSource| {
        let source = attributes(chain, &feeder.id).filter(|source| !source.fifo && feeder.origin == Origin::SqsRedrive);
        source
            .zip(retention)
            .is_some_and(|(source, here)| source.retention_s >= here)
    };
    DeadLetterQueue {
        name: name.unwrap_or_else(|| id.short_name().to_owned()),
        known,
        moves_on_to: moves_on_to.map(|edge| edge.key.to.clone()),
        consumers: takers(true),
        paused: takers(false),
        fed_otherwise: fed_otherwise(chain, id),
        outlived_by: fed_by.iter().filter(outlives).map(|feeder| feeder.id.clone()).collect(),
        fed_by: fed_by.into_iter().collect(),
        detail,
        id: id.clone(),
    }
}

/// Senders of other messages to a queue: along an enabled trigger, or on success. Edges inferred from an environment
/// variable do not count.
fn fed_otherwise(chain: Chain<'_>, id: &NodeId) -> Vec<NodeId> {
    let on_success = |edge: &Edge| {
        let mut conditions = edge.policies.iter().map(|policy| policy.condition.as_deref());
        conditions.any(|condition| condition == Some("OnSuccess"))
    };
    let sends = |edge: &&Arc<Edge>| {
        edge.key.to == *id
            && match edge.key.kind {
                EdgeKind::Trigger => edge.enabled && !carries_dead_letters(chain, &edge.key.from),
                EdgeKind::Destination => on_success(edge),
                EdgeKind::DeadLetter | EdgeKind::Writes => false,
            }
    };
    let senders: BTreeSet<NodeId> = chain
        .edges
        .iter()
        .filter(sends)
        .map(|edge| edge.key.from.clone())
        .collect();
    senders.into_iter().collect()
}

/// Whether a topic is the DLQ of functions, and nothing else is known to publish to it.
fn carries_dead_letters(chain: Chain<'_>, id: &NodeId) -> bool {
    let mut into = chain.edges.iter().filter(|edge| edge.key.to == *id).peekable();
    service(id) == Some("sns") && into.peek().is_some() && into.all(|edge| !of_edge(chain, edge).is_empty())
}

/// A queue's attributes.
#[must_use]
pub fn attributes<'a>(chain: Chain<'a>, id: &NodeId) -> Option<&'a Queue> {
    match &chain.nodes.get(id)?.detail {
        Detail::Queue(queue) => Some(queue),
        _ => None,
    }
}

/// Every dead-letter queue with its sources.
fn feeders(chain: Chain<'_>) -> Vec<(NodeId, DlqSource)> {
    let mut all = Vec::new();
    for edge in chain.edges {
        for feeder in of_edge(chain, edge) {
            match service(&edge.key.to) {
                Some("sqs") => all.push((edge.key.to.clone(), feeder)),
                // A function's DLQ may be a topic: its messages go to the subscribed queues.
                Some("sns") => all.extend(listeners(chain, &edge.key.to).map(|queue| {
                    let via = Some(edge.key.to.clone());
                    (queue, DlqSource { via, ..feeder.clone() })
                })),
                _ => {}
            }
        }
    }
    all
}

fn listeners(chain: Chain<'_>, topic: &NodeId) -> impl Iterator<Item = NodeId> {
    let topic = topic.clone();
    let listens = move |edge: &&Arc<Edge>| edge.key.from == topic && edge.key.kind == EdgeKind::Trigger;
    let queues = chain.edges.iter().filter(listens).map(|edge| edge.key.to.clone());
    queues.filter(|id| service(id) == Some("sqs"))
}

/// The sources of an edge: several if two settings of one resource lead to the same queue.
fn of_edge(chain: Chain<'_>, edge: &Edge) -> Vec<DlqSource> {
    let feeder = |origin, part: Option<&String>| DlqSource {
        origin,
        id: edge.key.from.clone(),
        part: part.cloned(),
        via: None,
    };
    match edge.key.kind {
        EdgeKind::DeadLetter if edge.policies.is_empty() => vec![feeder(by_resource(chain, &edge.key.from), None)],
        EdgeKind::DeadLetter => {
            let of = |policy: &EdgePolicy| {
                let named = policy.retries.by.as_deref().and_then(by_word);
                let origin = named.unwrap_or_else(|| by_resource(chain, &edge.key.from));
                // The pipe's policy is that of its source.
                feeder(origin, policy.id.as_ref().filter(|_| origin != Origin::Pipe))
            };
            edge.policies.iter().map(of).collect()
        }
        EdgeKind::Destination => {
            let fails = |policy: &EdgePolicy| policy.condition.as_deref() == Some("OnFailure");
            let any = edge.policies.iter().any(fails);
            any.then(|| feeder(Origin::Destination, edge.key.qualifier.as_ref()))
                .into_iter()
                .collect()
        }
        EdgeKind::Trigger | EdgeKind::Writes => Vec::new(),
    }
}

fn by_word(retried_by: &str) -> Option<Origin> {
    Some(match retried_by {
        "sqs" => Origin::SqsRedrive,
        "lambda" => Origin::LambdaAsync,
        "mapping" => Origin::Stream,
        "sns" => Origin::Sns,
        "eventbridge" => Origin::Eventbridge,
        "scheduler" => Origin::Scheduler,
        "pipe" => Origin::Pipe,
        _ => return None,
    })
}

fn by_resource(chain: Chain<'_>, id: &NodeId) -> Origin {
    match chain.nodes.get(id).map(|node| node.kind) {
        Some(NodeKind::Sqs) => Origin::SqsRedrive,
        Some(NodeKind::Lambda) => Origin::LambdaAsync,
        Some(NodeKind::Sns) => Origin::Sns,
        Some(NodeKind::Eventbridge) => Origin::Eventbridge,
        Some(NodeKind::Schedule) => Origin::Scheduler,
        Some(NodeKind::Pipe) => Origin::Pipe,
        _ => Origin::Unknown,
    }
}

fn service(id: &NodeId) -> Option<&str> {
    Arn::parse(id.as_str()).map(|arn| arn.service)
}
