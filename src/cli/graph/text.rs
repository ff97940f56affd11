//! The chain as an indented tree.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::domain::text::plain;
use crate::domain::{Edge, EdgeKind, Node, NodeId};
use crate::store::Snapshot;
use crate::store::snapshot::Topology;

fn name(node: &Node) -> String {
    format!("{} ({})", plain(&node.name), node.label())
}

fn arrow(edge: &Edge) -> &'static str {
    match (edge.key.kind, edge.evidence.is_solid()) {
        (EdgeKind::DeadLetter, _) => "╌ dead letters ╌▷",
        (EdgeKind::Destination, _) => "── destination ─▶",
        (_, true) => "─▶",
        (_, false) => "┄▷",
    }
}

fn remark(edge: &Edge) -> String {
    let mut remarks = Vec::new();
    if !edge.evidence.is_solid() {
        remarks.push(edge.evidence.word().to_owned());
    }
    if let Some(qualifier) = &edge.key.qualifier {
        remarks.push(format!("alias or version {}", plain(qualifier)));
    }
    remarks.extend(edge.via.as_ref().map(|via| format!("via the {}", plain(via))));
    for part in edge.policies.iter().flat_map(|policy| &policy.filter.reads) {
        remarks.push(plain(part).into_owned());
    }
    if !edge.enabled {
        remarks.push("disabled".to_owned());
    }
    if remarks.is_empty() {
        String::new()
    } else {
        format!("  [{}]", remarks.join(", "))
    }
}

/// Each chain as an indented tree from its roots; a node that was printed already is repeated without its branches.
pub(super) fn text(snapshot: &Snapshot) -> String {
    let topology = &snapshot.topology;
    if topology.nodes.is_empty() {
        return nothing(snapshot);
    }
    let mut out: BTreeMap<&NodeId, Vec<&Edge>> = BTreeMap::new();
    let mut targets: BTreeSet<&NodeId> = BTreeSet::new();
    for edge in &topology.edges {
        out.entry(&edge.key.from).or_default().push(edge);
        targets.insert(&edge.key.to);
    }
    let mut told = BTreeSet::new();
    let mut text = String::new();
    let roots = topology.nodes.keys().filter(|id| !targets.contains(id));
    // Nodes of a loop that nothing leads into come last.
    for root in roots.chain(topology.nodes.keys()) {
        if let (false, Some(node)) = (told.contains(root), topology.nodes.get(root)) {
            let _ = writeln!(text, "{}", name(node));
            branch(topology, &out, root, 1, &mut told, &mut text);
        }
    }
    text
}

fn branch<'a>(
    topology: &'a Topology,
    out: &BTreeMap<&'a NodeId, Vec<&'a Edge>>,
    id: &'a NodeId,
    depth: usize,
    told: &mut BTreeSet<&'a NodeId>,
    text: &mut String,
) {
    if !told.insert(id) {
        return;
    }
    for edge in out.get(id).into_iter().flatten() {
        let Some(node) = topology.nodes.get(&edge.key.to) else {
            continue;
        };
        let again = if told.contains(&edge.key.to) && out.contains_key(&edge.key.to) {
            " …"
        } else {
            ""
        };
        let _ = writeln!(
            text,
            "{:indent$}{} {}{}{again}",
            "",
            arrow(edge),
            name(node),
            remark(edge),
            indent = depth * 2
        );
        branch(topology, out, &edge.key.to, depth + 1, told, text);
    }
}

/// The sentence for an account without a chain: silence would look like a failure, and "empty" would be wrong if something
/// could not be read.
pub(in crate::cli) fn nothing(snapshot: &Snapshot) -> String {
    let place = snapshot.scope.as_ref().map_or_else(
        || "this account".to_owned(),
        |scope| format!("account {}, region {}", plain(&scope.account), plain(&scope.region)),
    );
    let unread = match snapshot.unread().len() {
        0 if snapshot.topology.complete => {
            return format!(
                "Nothing found in {place}: no function, and no connected queue, topic, bucket, rule, schedule, pipe or \
                stream.\n"
            );
        }
        0 => "not everything was read".to_owned(),
        1 => "1 read failed".to_owned(),
        n => format!("{n} reads failed"),
    };
    format!("Nothing found in {place}, but {unread}: whether it is empty is unknown.\n")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::domain::{Scope, Unknown};

    fn empty() -> Snapshot {
        let mut snapshot = Snapshot {
            scope: Some(Arc::new(Scope {
                partition: "aws".to_owned(),
                account: "111122223333".to_owned(),
                region: "eu-west-1".to_owned(),
            })),
            ..Snapshot::default()
        };
        Arc::make_mut(&mut snapshot.topology).complete = true;
        snapshot
    }

    #[test]
    fn an_account_without_a_chain_is_a_sentence() {
        assert_eq!(
            text(&empty()),
            "Nothing found in account 111122223333, region eu-west-1: no function, and no connected queue, topic, bucket, \
            rule, schedule, pipe or stream.\n"
        );
    }

    #[test]
    fn what_could_not_be_read_is_not_said_to_be_empty() {
        let mut snapshot = empty();
        let topology = Arc::make_mut(&mut snapshot.topology);
        topology.unknown.push(Unknown {
            what: crate::pollers::unread::Unread::Functions.into(),
            why: crate::aws::Error::NotFound.into(),
        });
        assert_eq!(
            text(&snapshot),
            "Nothing found in account 111122223333, region eu-west-1, but 1 read failed: whether it is empty is unknown.\n"
        );
    }
}
