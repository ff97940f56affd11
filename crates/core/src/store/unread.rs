//! What waits in queues and is taken out by nothing: it expires, and where the mappings are off, nothing fails.

use jiff::{SignedDuration, Timestamp};

use super::coming::{Cause, Coming};
use super::expiry::{Waiting, was_off};
use super::snapshot::Topology;
use crate::domain::{Detail, Edge, EdgeKind, NodeId, Point};
use crate::forecast::policy::plus;

/// AWS: a metric's value is of any moment of its minute.
const MINUTE: SignedDuration = SignedDuration::from_mins(1);

/// The losses to come of queues that nothing reads: `waiting` tells what a queue holds, `oldest` the last value of its metric
/// `ApproximateAgeOfOldestMessage`.
pub(super) fn coming(
    topology: &Topology,
    waiting: impl Fn(&NodeId) -> Option<Waiting>,
    oldest: impl Fn(&NodeId) -> Option<Point>,
    now: Timestamp,
) -> Vec<Coming> {
    let queues = topology.nodes.keys();
    let queues = queues.filter_map(|id| Some((id, retention(topology, id)?)));
    let of_queue = |(id, retention): (&NodeId, SignedDuration)| {
        let waits = waiting(id).filter(|waits| waits.count > 0)?;
        if !is_off(topology, id) {
            return None;
        }
        // What waited when the last mapping was switched off is not read any more: it came in before.
        let bounds = off_since(topology, id).into_iter().flat_map(|off| {
            let read = [waits.filled_since, waits.followed_since].map(|at| at.max(off));
            let measured = oldest(id).filter(|point| point.at >= off && point.at >= waits.filled_since);
            let measured = measured.map(|point| plus(point.at, MINUTE - age(point.value)));
            read.into_iter().chain(measured)
        });
        let latest = bounds
            .map(|came_in| plus(came_in, retention))
            .filter(|by| *by > now)
            .min();
        Some(Coming {
            of: id.clone(),
            source: Some(id.clone()),
            cause: Cause::NobodyReads,
            gone: None,
            count: waits.count,
            earliest: None,
            latest,
            conditional: false,
            past: false,
            lost: 0,
            saved: 0,
        })
    };
    queues.filter_map(of_queue).collect()
}

/// Tells of messages of which all attempts fail when the first of them expires at the latest: what waits that no invocation took
/// out.
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
fn off_since(topology: &Topology, queue: &NodeId) -> Option<Timestamp> {
    let policies = triggers(topology, queue).flat_map(|edge| &edge.policies);
    let last = policies.filter_map(|policy| policy.last_modified).max()?;
    triggers(topology, queue)
        .all(|edge| was_off(edge, last))
        .then_some(last)
}

fn age(seconds: f64) -> SignedDuration {
    SignedDuration::from_secs_f64(seconds.clamp(0.0, 1e9))
}
