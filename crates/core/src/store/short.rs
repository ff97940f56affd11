//! Settings by which what fails is deleted before anything can keep it.

use super::snapshot::Topology;
use crate::domain::{Detail, Edge, EdgeKind, EdgePolicy, Function, Node, NodeId, NodeKind, Queue};

/// AWS (streams): records of a DynamoDB stream are kept 24 h, always; those of Kinesis too, unless more is paid for.
const STREAM_RETENTION_S: i64 = 86_400;
/// AWS (kafka): a DocumentDB change stream keeps its events 3 h, unless raised to up to 7 d.
const CHANGE_STREAM_RETENTION_S: i64 = 10_800;
/// AWS (sqs-mappings): with a batching window, Lambda hides messages for window and timeout together and so much more.
const WINDOW_EXTRA_S: u64 = 30;

/// A setting by which what fails is deleted before anything can keep it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Short {
    /// AWS (dead-letters): a message is moved to the dead-letter queue at the receive after the last allowed one, and each receive takes a
    /// visibility timeout. Its retention ends first.
    QueueRetention {
        /// How long the queue keeps a message.
        retention_s: u64,
        /// Receives before it is moved.
        receives: u32,
        /// How long each hides it, a batching window included.
        visibility_s: u64,
    },
    /// AWS (dead-letters): a message in a standard queue expires by the time at which it was first enqueued, also after it was moved. The
    /// dead-letter queue keeps it no longer than its source.
    DeadLetterRetention {
        /// The source.
        source: NodeId,
        /// Retention of the dead-letter queue, from the original enqueue time.
        retention_s: u64,
        /// How long the source does.
        source_s: u64,
    },
    /// A mapping's maximum record age outlives the stream: the record expires before the mapping skips it, and nothing is
    /// written to its on-failure destination.
    StreamRetention {
        /// The stream.
        stream: NodeId,
        /// How long it keeps a record.
        retention_s: i64,
        /// The mapping's maximum record age.
        max_age_s: i64,
        /// Whether the retention is an assumption, because it was not read.
        assumed: bool,
    },
}

fn queue_of(node: &Node) -> Option<&Queue> {
    match &node.detail {
        Detail::Queue(queue) => Some(queue),
        _ => None,
    }
}

fn function_of(node: &Node) -> Option<&Function> {
    match &node.detail {
        Detail::Function(function) => Some(function),
        _ => None,
    }
}

/// How long a receive by a mapping hides a message.
fn hidden_s(queue: &Queue, mapping: &EdgePolicy, function: Option<&Function>) -> u64 {
    let plain = u64::from(queue.visibility_timeout_s);
    let window = u64::from(mapping.batching.window_s.unwrap_or(0));
    let together = window + function.map_or(0, |function| u64::from(function.timeout_s));
    if window == 0 || together <= plain {
        plain
    } else {
        together + WINDOW_EXTRA_S
    }
}

/// Whether a queue's retention ends before messages reach its dead-letter queue.
#[must_use]
pub fn queue_too_short(node: &Node, out: &[&Edge], topology: &Topology) -> Option<Short> {
    let queue = queue_of(node)?;
    let receives = queue.max_receive_count?;
    out.iter().find(|edge| edge.key.kind == EdgeKind::DeadLetter)?;
    let mappings = out.iter().filter(|edge| edge.key.kind == EdgeKind::Trigger);
    let hidden = mappings.flat_map(|edge| {
        let function = topology.nodes.get(&edge.key.to).and_then(|node| function_of(node));
        edge.policies
            .iter()
            .map(move |policy| hidden_s(queue, policy, function))
    });
    let visibility_s = hidden.max().unwrap_or_else(|| u64::from(queue.visibility_timeout_s));
    let retention_s = u64::from(queue.retention_s);
    let short = retention_s > 0 && retention_s <= visibility_s * u64::from(receives);
    short.then_some(Short::QueueRetention {
        retention_s,
        receives,
        visibility_s,
    })
}

/// Whether a dead-letter queue's retention is no longer than that of one of its sources. AWS (dead-letters): in a FIFO queue, a moved
/// message gets a new enqueue time.
#[must_use]
pub fn dead_letter_queue_too_short(node: &Node, into: &[&Edge], topology: &Topology) -> Option<Short> {
    let own = queue_of(node).filter(|queue| !queue.fifo && queue.retention_s > 0)?;
    let sources = into.iter().filter(|edge| edge.key.kind == EdgeKind::DeadLetter);
    sources
        .filter_map(|edge| Some((&edge.key.from, queue_of(topology.nodes.get(&edge.key.from)?)?)))
        .filter(|(_, source)| own.retention_s <= source.retention_s)
        .max_by_key(|(_, source)| source.retention_s)
        .map(|(id, source)| Short::DeadLetterRetention {
            source: id.clone(),
            retention_s: own.retention_s.into(),
            source_s: source.retention_s.into(),
        })
}

/// The retention of a mapping's stream, and whether it is only AWS's default. `None` if unknown.
#[must_use]
pub fn stream_retention(mapping: &Edge, topology: &Topology) -> Option<(i64, bool)> {
    let assumed = match topology.nodes.get(&mapping.key.from)?.kind {
        NodeKind::DynamodbStream => return Some((STREAM_RETENTION_S, false)),
        NodeKind::Kinesis => STREAM_RETENTION_S,
        NodeKind::Documentdb => CHANGE_STREAM_RETENTION_S,
        _ => return None,
    };
    let read = mapping.policies.iter().find_map(|policy| policy.stream.retention_s);
    Some(read.map_or((assumed, true), |read| (i64::from(read), false)))
}

/// What is too short about a stream that a function reads: it forgets records before the mapping would give them up.
#[must_use]
pub fn stream_too_short(into: &[&Edge], topology: &Topology) -> Option<Short> {
    let mappings = into.iter().filter(|edge| edge.key.kind == EdgeKind::Trigger);
    mappings
        .filter_map(|edge| {
            let (retention_s, assumed) = stream_retention(edge, topology)?;
            let ages = edge.policies.iter().filter_map(|policy| policy.retries.max_age_s);
            let max_age_s = ages.filter(|age| *age > retention_s).max()?;
            Some(Short::StreamRetention {
                stream: edge.key.from.clone(),
                retention_s,
                max_age_s,
                assumed,
            })
        })
        .min_by_key(|short| matches!(short, Short::StreamRetention { assumed: true, .. }))
}
