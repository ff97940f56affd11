//! Nodes whose losses are counted by metrics, and those of which these were not read.

use std::collections::BTreeSet;

use super::{Read, TRIOS, group_of};
use crate::domain::{Arn, Metric, Node, NodeId, NodeKind, Subject};
use crate::store::snapshot::Topology;

/// Whether metrics of such a node count its losses.
#[must_use]
pub fn counts_losses(node: &Node) -> bool {
    match node.kind {
        NodeKind::Sns => true,
        NodeKind::Eventbridge => Arn::parse(node.id.as_str()).is_some_and(|arn| arn.resource.starts_with("rule/")),
        _ => false,
    }
}

/// Whether a metric of a rule's, topic's or group's losses was read.
#[must_use]
pub fn is_counted(metric: Metric) -> bool {
    metric == Metric::NotificationAttemptsFailed
        || TRIOS.iter().any(|trio| metric == trio.failed || metric == trio.lost)
}

/// The rules, topics and schedule groups of which no metric of losses was read.
pub(super) fn unread(read: &Read, topology: &Topology) -> Vec<NodeId> {
    let counted: BTreeSet<&NodeId> = read
        .iter()
        .filter_map(|((subject, metric), series)| match subject {
            Subject::Node(id) if is_counted(*metric) && series.read_at.is_some() => Some(id),
            _ => None,
        })
        .collect();
    let nodes = topology.nodes.values();
    let single = nodes
        .clone()
        .filter(|node| counts_losses(node))
        .map(|node| node.id.clone());
    let schedules = nodes.filter(|node| node.kind == NodeKind::Schedule);
    let groups: BTreeSet<NodeId> = schedules.filter_map(|node| group_of(&node.id)).collect();
    single.chain(groups).filter(|id| !counted.contains(id)).collect()
}
