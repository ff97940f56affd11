//! What is read out of a snapshot.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::dead_letters::{Chain, DeadLetterQueue, QueueCounts, queues};
use crate::domain::{Arn, EdgeKind, NodeId, NodeKind, Point};
use crate::store::snapshot::{Depth, Reading, Runs, Snapshot, Topology};

/// The chain as `dead_letters` reads it.
#[must_use]
pub fn chain(topology: &Topology) -> Chain<'_> {
    Chain {
        nodes: &topology.nodes,
        edges: &topology.edges,
    }
}

/// A queue's counts as `dead_letters` takes them.
#[must_use]
pub fn known(depth: Reading<Depth>) -> QueueCounts {
    QueueCounts {
        visible: depth.value.visible,
        in_flight: depth.value.in_flight,
        delayed: depth.value.delayed,
        at: depth.at,
    }
}

/// Where a queue is reached; empty where its attributes are not known.
#[must_use]
pub fn url(queue: &DeadLetterQueue) -> String {
    let detail = queue.detail.as_ref();
    detail.map(|detail| detail.url.clone()).unwrap_or_default()
}

/// All dead-letter queues of the chain.
#[must_use]
pub fn dead_letter_queues(snapshot: &Snapshot) -> Vec<DeadLetterQueue> {
    let depths = snapshot.vitals.iter();
    let depths: BTreeMap<_, _> = depths
        .filter_map(|(id, vitals)| Some((id.clone(), known(vitals.depth?))))
        .collect();
    queues::queues(chain(&snapshot.topology), &depths)
}

/// The functions invoked when something is sent to these targets: themselves, or those that read the queue.
#[must_use]
pub fn functions_behind(targets: &[String], topology: &Topology) -> BTreeSet<NodeId> {
    let behind = |arn: &String| -> Vec<NodeId> {
        let Some((id, _)) = Arn::parse(arn).map(|arn| arn.node()) else {
            return Vec::new();
        };
        let is_function = |id: &NodeId| Arn::parse(id.as_str()).is_some_and(|arn| arn.kind() == NodeKind::Lambda);
        if is_function(&id) {
            return vec![id];
        }
        let triggers = topology.from(&id).filter(|edge| edge.key.kind == EdgeKind::Trigger);
        triggers.map(|edge| edge.key.to.clone()).filter(is_function).collect()
    };
    targets.iter().flat_map(behind).collect()
}

/// Invocations of functions in the minutes since `since`, and how many of them failed, by their logs.
#[must_use]
pub fn runs_since(functions: &BTreeSet<NodeId>, since: Timestamp, snapshot: &Snapshot) -> (u64, u64) {
    let minute = since.as_second().div_euclid(60) * 60;
    let sum = |points: &[Point]| -> f64 {
        let late = points.iter().filter(|point| point.at.as_second() >= minute);
        late.map(|point| point.value).sum()
    };
    let runs = functions.iter().filter_map(|id| snapshot.vitals.get(id)?.runs.as_ref());
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "sums of counts")]
    let add =
        |(all, failed): (u64, u64), runs: &Runs| (all + sum(&runs.starts) as u64, failed + sum(&runs.failures) as u64);
    runs.fold((0, 0), add)
}
