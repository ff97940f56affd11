//! What the model is made from: borrowed, so that making it costs nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::domain::delivery::Unobservable;
use crate::domain::{
    Detail, Edge, Function, Invocation, Metric, Missing, Node, NodeId, Point, Queue, QueueMessage, is_unheard,
};

/// All that was observed, at one moment.
pub struct Input<'a> {
    /// Account time.
    pub now: Timestamp,
    /// How long ended deliveries are kept: `MEMORY`, or longer if the user asks for more.
    pub memory: SignedDuration,
    /// The chain's nodes.
    pub nodes: &'a BTreeMap<NodeId, Arc<Node>>,
    /// The chain's edges.
    pub edges: &'a [Arc<Edge>],
    /// What links name and does not exist: nothing is kept there.
    pub missing: &'a BTreeSet<Missing>,
    /// The invocations of each function whose log was read.
    pub logs: Vec<Log<'a>>,
    /// Queues whose depth was read.
    pub depths: BTreeMap<&'a NodeId, Depths<'a>>,
    /// Dead letters that were read.
    pub letters: Vec<&'a QueueMessage>,
    /// One-minute values of single functions, rules and topics.
    pub metrics: BTreeMap<(&'a NodeId, Metric), Measured<'a>>,
    /// Functions whose attempts cannot be seen.
    pub unobservable: &'a [Unobservable],
}

/// The invocations of one function, and how far its log was read.
pub struct Log<'a> {
    /// Which function.
    pub function: &'a NodeId,
    /// Its invocations, in the order in which they were first seen. A running one has an end if that was read but its
    /// outcome is still uncertain.
    pub runs: Vec<&'a Invocation>,
    /// Lines before this time were not read; `None` if all were.
    pub from: Option<Timestamp>,
    /// When it was last read: a line may still be on its way.
    pub read_to: Option<Timestamp>,
    /// The time up to which no line is missing.
    pub complete_to: Option<Timestamp>,
}

/// A queue's depth. AWS (sqs): approximate, may lag by a minute.
#[derive(Clone, Copy, Debug)]
pub struct Depths<'a> {
    /// When it was read.
    pub at: Timestamp,
    /// Messages that can be received.
    pub visible: u64,
    /// Messages received and neither deleted nor shown again.
    pub in_flight: u64,
    /// Messages not yet to be received.
    pub delayed: u64,
    /// The last reading that found messages in flight.
    pub in_flight_seen: Option<Timestamp>,
    /// When it grew, oldest first.
    pub grown: &'a [Growth],
}

/// A queue held more than at the reading before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Growth {
    /// The reading before.
    pub after: Timestamp,
    /// The reading that found more.
    pub until: Timestamp,
    /// How many more.
    pub by: u64,
}

/// A metric's values.
#[derive(Clone, Copy, Debug)]
pub struct Measured<'a> {
    /// By the minute, in time order.
    pub points: &'a [Point],
    /// When it was last read.
    pub read_at: Option<Timestamp>,
}

impl Measured<'_> {
    /// The sum over the time before `now`.
    #[must_use]
    pub fn total(&self, now: Timestamp, span: SignedDuration) -> u64 {
        let sum: f64 = self
            .points
            .iter()
            .filter(|point| now.duration_since(point.at) <= span)
            .map(|point| point.value)
            .sum();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
        let count = sum.max(0.0).round() as u64;
        count
    }

    /// The last value, and the minute it is of.
    #[must_use]
    pub fn last(&self) -> Option<Point> {
        self.points.last().copied()
    }
}

impl<'a> Input<'a> {
    pub(super) fn function(&self, id: &NodeId) -> Option<&'a Function> {
        match &self.nodes.get(id)?.detail {
            Detail::Function(function) => Some(function),
            _ => None,
        }
    }

    pub(super) fn queue(&self, id: &NodeId) -> Option<&'a Queue> {
        match &self.nodes.get(id)?.detail {
            Detail::Queue(queue) => Some(queue),
            _ => None,
        }
    }

    /// Whether a link leads to what does not exist.
    pub(super) fn is_gone(&self, edge: &Edge) -> bool {
        Missing::cuts(self.missing, &edge.key)
    }

    /// Whether what is left at the end of a link is kept there, as far as is known.
    pub(super) fn keeps(&self, edge: &Edge) -> bool {
        !self.is_gone(edge) && !self.is_unheard(&edge.key.to)
    }

    /// Whether it is a topic that surely has no subscription.
    pub(super) fn is_unheard(&self, id: &NodeId) -> bool {
        let edges = self.edges.iter().map(AsRef::as_ref);
        is_unheard(id, self.nodes.get(id).map(AsRef::as_ref), edges) == Some(true)
    }

    /// A node's short name; it comes from others and may hold anything.
    pub(super) fn name<'b>(&'b self, id: &'b NodeId) -> &'b str {
        self.nodes.get(id).map_or(id.as_str(), |node| node.name.as_str())
    }

    pub(super) fn measured(&self, id: &NodeId, metric: Metric) -> Option<Measured<'a>> {
        self.metrics.get(&(id, metric)).copied()
    }

    /// Whether a function was throttled recently, as far as a late metric shows.
    pub(super) fn throttled_within(&self, id: &NodeId, span: SignedDuration) -> bool {
        self.measured(id, Metric::Throttles)
            .is_some_and(|measured| measured.total(self.now, span) > 0)
    }
}
