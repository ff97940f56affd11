//! Expiry by the age of a queue's oldest message: one that nearly reached the retention and was followed by a younger one
//! has expired, unless it was taken out just then.

use jiff::{SignedDuration, Timestamp};

use super::snapshot::Topology;
use crate::domain::{Detail, Edge, EdgeKind, NodeId, NodeKind, Point, Queue};
use crate::forecast::policy::plus;

/// AWS (metrics): a metric's value is of any moment of its minute.
const MINUTE: SignedDuration = SignedDuration::from_mins(1);
/// A message that is so near its retention has reached it: no finer than the metric's minute.
const GRAIN: SignedDuration = MINUTE;
/// This many messages that disappeared at the end of their retention cannot be chance, even if an unknown consumer may read
/// the queue.
const OFTEN: usize = 3;
/// So many where it is known that no mapping reads it: a purge may explain a single one.
const TWICE: usize = 2;

/// Messages that expired, by the age of the oldest one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Reached {
    /// The latest time at which each expired.
    pub times: Vec<Timestamp>,
    /// Whether they are so many that no purge and no reader at the last moment explains them.
    pub certain: bool,
}

/// Messages that expired in a queue without a consumer. AWS (sqs): the age excludes messages received three times or more, so it
/// proves nothing for a queue whose consumer fails.
pub(super) fn reached(topology: &Topology, queue: &NodeId, points: &[Point], now: Timestamp) -> Reached {
    let Some((retention, limit, needed)) = limit(topology, queue) else {
        return Reached::default();
    };
    let times = times(points, limit, retention, now);
    let certain = times.len() >= needed;
    Reached { times, certain }
}

/// The times by which messages of at least this age had expired. Two values belong to two messages if their possible
/// enqueue times do not overlap.
fn times(points: &[Point], limit: SignedDuration, retention: SignedDuration, now: Timestamp) -> Vec<Timestamp> {
    let mut times = Vec::new();
    let mut enqueued_by: Option<Timestamp> = None;
    for point in points {
        let age = SignedDuration::from_secs_f64(point.value.clamp(0.0, 1e9));
        let enqueued = plus(point.at, -age);
        let gone_by = plus(enqueued, MINUTE + retention);
        let is_another = enqueued_by.is_none_or(|before| enqueued > before);
        if age >= limit && is_another && gone_by <= now {
            enqueued_by = Some(plus(enqueued, MINUTE));
            times.push(gone_by);
        }
    }
    times
}

/// A queue's retention, the age from which on a message counts as having reached it, and how many must have.
fn limit(topology: &Topology, id: &NodeId) -> Option<(SignedDuration, SignedDuration, usize)> {
    let queue = queue_of(topology, id).filter(|queue| queue.retention_s > 0)?;
    let mut triggers = topology
        .from(id)
        .filter(|edge| edge.key.kind == EdgeKind::Trigger)
        .peekable();
    let needed = if triggers.peek().is_some() { TWICE } else { OFTEN };
    if triggers.any(|edge| edge.enabled) {
        return None;
    }
    let retention = SignedDuration::from_secs(queue.retention_s.into());
    let limit = retention - GRAIN.min(retention / 5) - before_move(topology, id, queue);
    (limit >= retention / 2).then_some((retention, limit, needed))
}

/// How long a message may have been in its source. AWS (dead-letters): the age of a moved message counts from the move, its retention from
/// when it was first enqueued; in a FIFO queue both from the move.
fn before_move(topology: &Topology, id: &NodeId, queue: &Queue) -> SignedDuration {
    if queue.fifo {
        return SignedDuration::ZERO;
    }
    let sources = topology.to(id).filter(|edge| edge.key.kind == EdgeKind::DeadLetter);
    let tried = sources.filter_map(|edge| {
        let source = queue_of(topology, &edge.key.from)?;
        let receives = i64::from(source.max_receive_count.unwrap_or(1));
        Some(SignedDuration::from_secs(
            i64::from(source.visibility_timeout_s) * receives,
        ))
    });
    tried.max().unwrap_or(SignedDuration::ZERO)
}

/// Whether a queue holds what others gave up, and no mapping reads it.
pub(super) fn is_dead_end(topology: &Topology, id: &NodeId) -> bool {
    let keeps = |edge: &Edge| edge.key.kind == EdgeKind::DeadLetter || edge.keeps_failures();
    let is_fed = topology.to(id).any(|edge| keeps(edge));
    let is_read = topology
        .from(id)
        .any(|edge| edge.key.kind == EdgeKind::Trigger && edge.enabled);
    is_fed && !is_read
}

fn queue_of<'a>(topology: &'a Topology, id: &NodeId) -> Option<&'a Queue> {
    let node = topology.nodes.get(id).filter(|node| node.kind == NodeKind::Sqs)?;
    match &node.detail {
        Detail::Queue(queue) => Some(queue),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::series::start_of;

    fn gone(ages: &[f64], limit: i64, retention: i64) -> usize {
        let points: Vec<Point> = (0..)
            .zip(ages)
            .map(|(n, value)| Point {
                at: start_of(28_000_000 + n),
                value: *value,
            })
            .collect();
        let seconds = SignedDuration::from_secs;
        times(&points, seconds(limit), seconds(retention), start_of(28_000_100)).len()
    }

    #[test]
    fn a_message_that_nearly_reached_its_retention_and_is_followed_by_a_younger_one_is_gone() {
        // One every half minute, of which each lives five minutes.
        assert_eq!(gone(&[280.0, 275.0, 285.0, 271.0], 240, 300), 3);
        assert_eq!(
            gone(&[60.0, 120.0, 180.0, 120.0], 240, 300),
            0,
            "somebody takes them out in time"
        );
    }

    #[test]
    fn one_message_is_not_counted_twice_whenever_in_its_minute_it_was_measured() {
        assert_eq!(gone(&[241.0, 299.0], 240, 300), 1);
        assert_eq!(
            gone(&[245.0, 246.0], 240, 300),
            1,
            "the end of one minute and the beginning of the next"
        );
    }
}
