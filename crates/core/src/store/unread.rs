//! What waits in queues and streams and is taken out by nothing: it expires, and where the mappings are off, nothing fails.

use jiff::{SignedDuration, Timestamp};

use super::coming::{Cause, Coming};
use super::deliveries::DepthGrowth;
use super::expiry::{Waiting, was_off};
use super::oldest::{Reached, is_dead_end};
use super::short::stream_retention;
use super::snapshot::Topology;
use crate::domain::{Detail, Edge, EdgeKind, NodeId, Point};
use crate::forecast::policy::plus;

/// AWS (metrics): a metric's value is of any moment of its minute.
const MINUTE: SignedDuration = SignedDuration::from_mins(1);

/// A loss in a dead-letter queue is reported this long before, so that long retention is no noise.
const NEAR: SignedDuration = SignedDuration::from_hours(1);

/// What expired so lately goes on to: the metric is read every quarter of an hour, and comes minutes late.
const LATELY: SignedDuration = SignedDuration::from_mins(30);

/// What is known of a queue.
pub(super) struct Known<'a> {
    /// What it holds.
    pub waiting: Option<Waiting>,
    /// The last value of its metric `ApproximateAgeOfOldestMessage`.
    pub oldest: Option<Point>,
    /// Messages that expired in it, as far as the metric shows.
    pub reached: Reached,
    /// Number of messages reported as lost in the last hour.
    pub lost: u64,
    /// The dead letters of the last hour, as far as the logs show: when they arrived, and how many at least, if that is known.
    pub arrived: Vec<(Timestamp, Option<u64>)>,
    /// By how much it grew in the last hour, as far as it was read.
    pub grown: &'a DepthGrowth,
}

/// The losses to come of queues that nothing reads, dead-letter queues among them.
pub(super) fn coming<'k>(topology: &Topology, known: impl Fn(&NodeId) -> Known<'k>, now: Timestamp) -> Vec<Coming> {
    let queues = topology.nodes.keys();
    let queues = queues.filter_map(|id| Some((id, retention(topology, id)?)));
    let of_queue = |(id, retention): (&NodeId, SignedDuration)| {
        let cause = if is_off(topology, id) {
            Cause::NobodyReads
        } else if is_dead_end(topology, id) {
            Cause::DeadLetterRetention
        } else {
            return None;
        };
        let known = known(id);
        let is_off = cause == Cause::NobodyReads;
        // Dead letters older than the retention have expired or were taken out.
        let is_old = |(at, _): &&(Timestamp, Option<u64>)| plus(*at, retention + MINUTE) <= now;
        let old: Vec<_> = known.arrived.iter().filter(is_old).filter(|_| !is_off).collect();
        let grown = if is_off {
            0
        } else {
            known.grown.until(plus(now, -retention - MINUTE))
        };
        let had_some = !old.is_empty() || grown > 0;
        let named: u64 = old.iter().filter_map(|(_, count)| *count).sum();
        let by_now = Some(named.max(grown).max(known.reached.times.len() as u64)).filter(|count| *count > 0);
        let Some(waits) = known.waiting.filter(|waits| waits.count > 0) else {
            return (had_some && known.lost == 0).then(|| Coming {
                by_now,
                ..gone_by_now(id, cause)
            });
        };
        // What waited when the last mapping was switched off is not read any more: it came in before.
        let since = if is_off {
            off_since(topology, id)
        } else {
            Some(Timestamp::MIN)
        };
        // What was measured when nothing read the queue any more is there until it expires, unless it was found empty since.
        let is_there = |point: &Point| point.at >= waits.filled_since - MINUTE || is_off && waits.never_empty;
        let was_any = |point: &Point| age(point.value) > SignedDuration::ZERO;
        let oldest = known.oldest.filter(|point| was_any(point) && is_there(point));
        let measured = since.and_then(|since| oldest.filter(|point| point.at >= since));
        let measured = measured.map(|point| plus(point.at, MINUTE - age(point.value) + retention));
        let bounds: Vec<Timestamp> = since
            .into_iter()
            .flat_map(|since| {
                let follows = is_off.then_some(waits.followed_since);
                let read = [waits.filled_since].into_iter().chain(follows);
                read.map(move |at| plus(at.max(since), retention))
            })
            .chain(measured)
            .collect();
        let latest = bounds.iter().filter(|by| **by > now).min().copied();
        // Where they expire one after the other, the last moment of what waits now says little of the next one.
        let last = known.reached.times.last().filter(|_| known.reached.certain);
        let latest = latest.filter(|_| last.is_none_or(|last| now.duration_since(*last) > LATELY));
        let perhaps = !known.reached.times.is_empty() && !known.reached.certain;
        // Old dead letters may have been taken out.
        let over = had_some || !is_off && plus(waits.filled_since, retention) <= now;
        // Nothing reads it: it expired, unless it was taken out.
        let over = over || is_off && measured.is_some_and(|by| by <= now);
        let past = known.lost == 0 && (perhaps || over);
        let is_near = latest.is_some_and(|by| by.duration_since(now) <= NEAR);
        (is_off || past || is_near || known.lost > 0).then(|| Coming {
            count: waits.count,
            latest,
            past,
            by_now,
            lost: known.lost,
            ..gone_by_now(id, cause)
        })
    };
    queues.filter_map(of_queue).collect()
}

/// Messages that were in a queue, and may be lost by now.
fn gone_by_now(queue: &NodeId, cause: Cause) -> Coming {
    Coming {
        past: true,
        ..Coming::new(queue.clone(), Some(queue.clone()), cause)
    }
}

/// Streams of which every mapping that is known is off: their records expire unread, if any come in.
pub(super) fn streams(topology: &Topology, now: Timestamp) -> Vec<Coming> {
    let mappings = topology.edges.iter().filter(|edge| edge.key.kind == EdgeKind::Trigger);
    let off = mappings.filter(|edge| !edge.enabled && edge.policies.iter().any(|policy| policy.status.state.is_some()));
    let of_stream = |edge: &Edge| {
        let (retention_s, _) = stream_retention(edge, topology)?;
        if !is_off(topology, &edge.key.from) {
            return None;
        }
        let since = edge
            .policies
            .iter()
            .filter_map(|policy| policy.status.last_modified)
            .max();
        let by = since.map(|since| plus(since, SignedDuration::from_secs(retention_s)));
        let (of, source) = (edge.key.to.clone(), edge.key.from.clone());
        Some(Coming {
            earliest: by.filter(|by| *by > now),
            conditional: true,
            past: by.is_some_and(|by| by <= now),
            ..Coming::new(of, Some(source), Cause::StreamUnread)
        })
    };
    off.filter_map(|edge| of_stream(edge)).collect()
}

/// Queues that are read, and too slowly: the oldest message is about as old as messages get there.
pub(super) fn too_slow(topology: &Topology, oldest: impl Fn(&NodeId) -> Option<Point>, now: Timestamp) -> Vec<Coming> {
    let of_queue = |id: &NodeId| {
        let retention = retention(topology, id)?;
        let mut triggers = topology.from(id).filter(|edge| edge.key.kind == EdgeKind::Trigger);
        if !triggers.any(|edge| edge.enabled) {
            return None;
        }
        // AWS (metrics): the metric is of a whole minute, and of any moment in it.
        let limit = retention - MINUTE.min(retention / 5);
        let reached = oldest(id).filter(|point| now.duration_since(point.at) < LATELY && age(point.value) >= limit);
        reached.map(|_| gone_by_now(id, Cause::ReadTooSlowly))
    };
    topology.nodes.keys().filter_map(of_queue).collect()
}

/// The latest time at which the first message expires if all attempts fail: messages that no invocation took out.
pub(super) fn bound(
    all: &mut [Coming],
    topology: &Topology,
    waiting: impl Fn(&NodeId) -> Option<Waiting>,
    now: Timestamp,
) {
    for one in all {
        if !matches!(one.cause, Cause::QueueRetention | Cause::RetentionBeforeDeadLetter) {
            continue;
        }
        let stuck = one.source.as_ref().and_then(|source| {
            let since = waiting(source)?.stuck_since?;
            Some(plus(since, retention(topology, source)?))
        });
        if let Some(by) = stuck {
            // When the next one expires is not known then: others came in all the time.
            one.past = by <= now;
            let bounds = one.latest.into_iter().chain([by]);
            one.latest = bounds.filter(|by| *by > now).min();
            (one.conditional, one.saved) = (false, 0);
        }
    }
}

fn retention(topology: &Topology, queue: &NodeId) -> Option<SignedDuration> {
    match &topology.nodes.get(queue)?.detail {
        Detail::Queue(queue) if queue.retention_s > 0 => Some(SignedDuration::from_secs(queue.retention_s.into())),
        _ => None,
    }
}

fn triggers<'a>(topology: &'a Topology, queue: &'a NodeId) -> impl Iterator<Item = &'a Edge> {
    let edges = topology.from(queue).map(AsRef::as_ref);
    edges.filter(|edge: &&Edge| edge.key.kind == EdgeKind::Trigger)
}

/// Whether a queue has mappings, and all are off.
fn is_off(topology: &Topology, queue: &NodeId) -> bool {
    let mut all = triggers(topology, queue).peekable();
    all.peek().is_some() && all.all(|edge| !edge.enabled)
}

/// Since when all mappings of a queue are off; `None` if that is not known.
pub(super) fn off_since(topology: &Topology, queue: &NodeId) -> Option<Timestamp> {
    let policies = triggers(topology, queue).flat_map(|edge| &edge.policies);
    let last = policies.filter_map(|policy| policy.status.last_modified).max()?;
    triggers(topology, queue)
        .all(|edge| was_off(edge, last))
        .then_some(last)
}

fn age(seconds: f64) -> SignedDuration {
    SignedDuration::from_secs_f64(seconds.clamp(0.0, 1e9))
}
