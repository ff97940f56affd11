//! Chains that may feed themselves: which they are, and whether one is seen to run.

mod running;

use std::collections::BTreeMap;
use std::sync::Arc;

use petgraph::algo::tarjan_scc;
use petgraph::graphmap::DiGraphMap;

use crate::domain::{Arn, Detail, Edge, EdgeKind, Evidence, Function, Node, NodeId};

pub use running::{Busy, Hop, LATELY, Seen, Sign, traffic};

/// Strongly connected components over what carries events on, each sorted, in the order of their first node.
///
/// What a function logs goes to its log group: no edge of the graph, but a way on where the group has a subscription. What is
/// switched off carries nothing on.
#[must_use]
pub fn loops(nodes: &BTreeMap<NodeId, Arc<Node>>, edges: &[Arc<Edge>]) -> Vec<Vec<NodeId>> {
    let mut numbers: BTreeMap<&NodeId, u32> = BTreeMap::new();
    let mut names: Vec<&NodeId> = Vec::new();
    let mut graph: DiGraphMap<u32, ()> = DiGraphMap::new();
    let carried = edges
        .iter()
        .filter(|edge| edge.enabled && edge.key.kind != EdgeKind::DeadLetter)
        // What a role allows need not happen: no loop is said of it.
        .filter(|edge| edge.key.kind != EdgeKind::Writes || edge.evidence != Evidence::Permitted);
    let logged = nodes.values().filter_map(|node| {
        let (group, _) = nodes.get_key_value(&own_group(node)?)?;
        Some((&node.id, group))
    });
    for (from, to) in carried.map(|edge| (&edge.key.from, &edge.key.to)).chain(logged) {
        let mut number = |id| {
            *numbers.entry(id).or_insert_with(|| {
                names.push(id);
                u32::try_from(names.len() - 1).unwrap_or(u32::MAX)
            })
        };
        let (from, to) = (number(from), number(to));
        graph.add_edge(from, to, ());
    }
    let mut loops: Vec<Vec<NodeId>> = tarjan_scc(&graph)
        .into_iter()
        .filter(|component| component.len() > 1 || component.iter().any(|n| graph.contains_edge(*n, *n)))
        .map(|component| {
            let mut ids: Vec<NodeId> = component
                .into_iter()
                .filter_map(|n| names.get(n as usize).map(|id| (*id).clone()))
                .collect();
            ids.sort();
            ids
        })
        .collect();
    loops.sort();
    loops
}

/// The node of the group that a function logs to.
pub(super) fn own_group(node: &Node) -> Option<NodeId> {
    let Detail::Function(function) = &node.detail else {
        return None;
    };
    let arn = Arn::parse(node.id.as_str()).filter(|_| !function.logging.group.is_empty())?;
    Some(NodeId::from(format!(
        "arn:{}:logs:{}:{}:log-group:{}",
        arn.partition, arn.region, arn.account, function.logging.group
    )))
}

/// Whether a subscription sends all that a function logs back to it: then every invocation starts another.
#[must_use]
pub fn is_fed_by_its_own_log(node: &Node, function: &Function, into: &[&Edge]) -> bool {
    let Some(group) = own_group(node).filter(|_| !function.logging.group.is_empty()) else {
        return false;
    };
    into.iter().any(|edge| {
        // A pattern may leave out what the function itself writes.
        edge.key.from == group
            && edge.enabled
            && edge.evidence.is_solid()
            && edge.policies.iter().any(|policy| policy.filter.patterns.is_empty())
    })
}
