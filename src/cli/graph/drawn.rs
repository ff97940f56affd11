//! The chain in Mermaid and DOT, with the same line styles in both.
//!
//! | line | Mermaid | DOT |
//! |---|---|---|
//! | triggers and writes | `-->` | solid |
//! | to dead letters | `==>`, red | bold, red |
//! | allowed by policy only | `-.->`, dashes | dashed |
//! | inferred | `-.->`, dots | dotted |
//!
//! A disabled line is gray.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::domain::text::plain;
use crate::domain::{Edge, EdgeKind, Evidence, NodeId};
use crate::store::snapshot::Topology;

/// Line styles.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stroke {
    Solid,
    Thick,
    Dashed,
    Dotted,
}

impl Stroke {
    /// Uncertain evidence takes precedence over the kind of the edge.
    fn of(edge: &Edge) -> Self {
        match (edge.evidence, edge.key.kind) {
            (Evidence::Permitted, _) => Self::Dashed,
            (Evidence::Guessed, _) => Self::Dotted,
            (_, EdgeKind::DeadLetter) => Self::Thick,
            _ => Self::Solid,
        }
    }
}

fn colour(edge: &Edge) -> Option<&'static str> {
    if !edge.enabled {
        Some("gray")
    } else if edge.key.kind == EdgeKind::DeadLetter {
        Some("crimson")
    } else {
        None
    }
}

fn numbers(topology: &Topology) -> BTreeMap<&NodeId, usize> {
    topology.nodes.keys().enumerate().map(|(n, id)| (id, n)).collect()
}

/// The edges whose ends are both known, with their numbers.
fn drawn<'a>(
    topology: &'a Topology,
    numbers: &BTreeMap<&NodeId, usize>,
) -> impl Iterator<Item = (&'a Edge, usize, usize)> {
    topology.edges.iter().filter_map(|edge| {
        let number = |id| numbers.get(id).copied();
        Some((&**edge, number(&edge.key.from)?, number(&edge.key.to)?))
    })
}

fn edge_label(edge: &Edge) -> String {
    let kind = if edge.key.kind == EdgeKind::Trigger {
        String::new()
    } else {
        edge.key.kind.word().replace('_', " ")
    };
    let mut words: Vec<&str> = vec![&kind];
    if !edge.evidence.is_solid() {
        words.push(edge.evidence.word());
    }
    words.extend(edge.key.qualifier.as_deref());
    words.extend(edge.via.as_deref());
    words.extend(
        edge.policies
            .iter()
            .flat_map(|policy| policy.filter.reads.iter().map(String::as_str)),
    );
    if !edge.enabled {
        words.push("disabled");
    }
    words.retain(|word| !word.is_empty());
    words.join(", ")
}

/// The chain as a Mermaid flowchart.
pub(super) fn mermaid(topology: &Topology) -> String {
    let numbers = numbers(topology);
    // Mermaid needs entities for characters that would end the label.
    let quote = |text: &str| {
        plain(text)
            .replace('&', "&amp;")
            .replace('"', "&quot;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
    };
    let mut text = String::from("flowchart LR\n");
    for node in topology.nodes.values() {
        let _ = writeln!(
            text,
            "  n{}[\"{}<br/>{}\"]",
            numbers[&node.id],
            node.label(),
            quote(&node.name)
        );
    }
    let mut styles: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (number, (edge, from, to)) in drawn(topology, &numbers).enumerate() {
        let stroke = Stroke::of(edge);
        let arrow = match stroke {
            Stroke::Solid => "-->",
            Stroke::Thick => "==>",
            Stroke::Dashed | Stroke::Dotted => "-.->",
        };
        let colour = colour(edge).map(|colour| format!("stroke:{colour}"));
        let dots = (stroke == Stroke::Dotted).then(|| "stroke-dasharray:1 4".to_owned());
        let style: Vec<String> = colour.into_iter().chain(dots).collect();
        if !style.is_empty() {
            styles.entry(style.join(",")).or_default().push(number.to_string());
        }
        let label = quote(&edge_label(edge));
        let label = if label.is_empty() {
            String::new()
        } else {
            format!("|\"{label}\"|")
        };
        let _ = writeln!(text, "  n{from} {arrow}{label} n{to}");
    }
    for (style, edges) in styles {
        let _ = writeln!(text, "  linkStyle {} {style}", edges.join(","));
    }
    text
}

/// The chain as a Graphviz graph.
pub(super) fn dot(topology: &Topology) -> String {
    let numbers = numbers(topology);
    let quote = |text: &str| plain(text).replace('\\', "\\\\").replace('"', "\\\"");
    let mut text = String::from("digraph pitagora {\n  rankdir=LR;\n  node [shape=box];\n");
    for node in topology.nodes.values() {
        let _ = writeln!(
            text,
            "  n{} [label=\"{}\\n{}\"];",
            numbers[&node.id],
            node.label(),
            quote(&node.name)
        );
    }
    for (edge, from, to) in drawn(topology, &numbers) {
        let style = match Stroke::of(edge) {
            Stroke::Solid => "solid",
            Stroke::Thick => "bold",
            Stroke::Dashed => "dashed",
            Stroke::Dotted => "dotted",
        };
        let colour = colour(edge).map_or_else(String::new, |colour| format!(", color={colour}"));
        let _ = writeln!(
            text,
            "  n{from} -> n{to} [style={style}{colour}, label=\"{}\"];",
            quote(&edge_label(edge))
        );
    }
    text.push_str("}\n");
    text
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::domain::{Detail, Node, NodeKind};

    fn chain() -> Topology {
        let node = |name: &str| {
            let id = NodeId::from(name);
            let node = Node {
                id: id.clone(),
                kind: NodeKind::Lambda,
                name: name.to_owned(),
                detail: Detail::None,
            };
            (id, Arc::new(node))
        };
        let edge = |to: &str, kind, evidence| Edge::new(NodeId::from("a"), NodeId::from(to), kind, evidence);
        let off = Edge {
            enabled: false,
            ..edge("b", EdgeKind::Trigger, Evidence::Configured)
        };
        let edges = [
            edge("c", EdgeKind::Trigger, Evidence::Configured),
            edge("d", EdgeKind::DeadLetter, Evidence::Configured),
            edge("e", EdgeKind::Trigger, Evidence::Permitted),
            edge("f", EdgeKind::Writes, Evidence::Guessed),
            off,
        ];
        Topology {
            nodes: ["a", "b", "c", "d", "e", "f"].map(node).into(),
            edges: edges.map(Arc::new).into(),
            ..Topology::default()
        }
    }

    #[test]
    fn mermaid_tells_each_kind_of_line_apart() {
        let text = mermaid(&chain());
        for line in [
            "  n0 --> n2",
            "  n0 ==>|\"dead letter\"| n3",
            "  n0 -.->|\"permitted\"| n4",
            "  n0 -.->|\"writes, guessed\"| n5",
            "  n0 -->|\"disabled\"| n1",
            "  linkStyle 1 stroke:crimson",
            "  linkStyle 3 stroke-dasharray:1 4",
            "  linkStyle 4 stroke:gray",
        ] {
            assert!(text.lines().any(|known| known == line), "{line}\n{text}");
        }
    }

    #[test]
    fn a_line_says_by_way_of_what_and_what_is_read() {
        let policy = crate::domain::EdgePolicy {
            filter: crate::domain::EdgeFilter {
                reads: vec!["topic new_orders".to_owned()],
                ..crate::domain::EdgeFilter::default()
            },
            ..crate::domain::EdgePolicy::default()
        };
        let edge = |kind| Edge::new(NodeId::from("a"), NodeId::from("b"), kind, Evidence::Configured);
        assert_eq!(edge_label(&edge(EdgeKind::Trigger).via("default bus")), "default bus");
        assert_eq!(edge_label(&edge(EdgeKind::Trigger).with(policy)), "topic new_orders");
        assert_eq!(edge_label(&edge(EdgeKind::DeadLetter)), "dead letter");
    }

    #[test]
    fn dot_tells_each_kind_of_line_apart_in_the_same_way() {
        let text = dot(&chain());
        for line in [
            "  n0 -> n2 [style=solid, label=\"\"];",
            "  n0 -> n3 [style=bold, color=crimson, label=\"dead letter\"];",
            "  n0 -> n4 [style=dashed, label=\"permitted\"];",
            "  n0 -> n5 [style=dotted, label=\"writes, guessed\"];",
            "  n0 -> n1 [style=solid, color=gray, label=\"disabled\"];",
        ] {
            assert!(text.lines().any(|known| known == line), "{line}\n{text}");
        }
    }
}
