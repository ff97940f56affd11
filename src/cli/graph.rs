//! `pitagora graph`: the chain as text, JSON, Mermaid or DOT.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::process::ExitCode;

use serde_json::{Map, Value, json};

use super::headless::{Need, look, matched};
use super::{DONE, Globals, GraphFormat, PARTLY, USAGE, print, refuse};
use crate::config::Config;
use crate::domain::text::{plain, plain_json};
use crate::domain::{Detail, Edge, EdgeKind, Node, NodeId};
use crate::store::Snapshot;
use crate::store::snapshot::Topology;

/// Runs the subcommand.
pub(super) async fn run(globals: &Globals, config: &Config, format: GraphFormat) -> ExitCode {
    let snapshot = match look(globals, config, Need::Chain).await {
        Ok(snapshot) => snapshot,
        Err(code) => return code,
    };
    if let Err(code) = matched(&snapshot, globals, config) {
        return code;
    }
    let topology = &snapshot.topology;
    let text = match format {
        GraphFormat::Text => text(topology),
        GraphFormat::Json => plain_json(&format!("{:#}\n", json(&snapshot))),
        GraphFormat::Mermaid => mermaid(topology),
        GraphFormat::Dot => dot(topology),
    };
    if let Err(error) = print(&text) {
        return refuse(USAGE, &format!("The graph could not be written ({error})."));
    }
    let unknown = snapshot.unread();
    for entry in &unknown {
        eprintln!("pitagora: unknown: {}: {}.", plain(&entry.what), plain(&entry.why));
    }
    ExitCode::from(if unknown.is_empty() { DONE } else { PARTLY })
}

/// The document of the contract.
pub(super) fn json(snapshot: &Snapshot) -> Value {
    let topology = &snapshot.topology;
    let scope = snapshot.scope.as_deref();
    let unknown = snapshot.unread();
    json!({
        "account": scope.map(|scope| &scope.account),
        "region": scope.map(|scope| &scope.region),
        "complete": topology.complete && unknown.is_empty(),
        "nodes": topology.nodes.values().map(|node| node_json(node)).collect::<Vec<_>>(),
        "edges": topology.edges.iter().map(|edge| serde_json::to_value(&**edge).unwrap_or_default()).collect::<Vec<_>>(),
        "loops": topology.loops,
        "unknown": unknown,
    })
}

/// A node's fields beside its id, kind and name lie flat, so that the contract can grow.
fn node_json(node: &Node) -> Value {
    let mut fields = Map::new();
    fields.insert("id".into(), json!(node.id));
    fields.insert("kind".into(), json!(node.kind));
    fields.insert("name".into(), json!(node.name));
    let detail = match &node.detail {
        Detail::None => Value::Null,
        Detail::Function(function) => serde_json::to_value(function).unwrap_or_default(),
        Detail::Queue(queue) => serde_json::to_value(queue).unwrap_or_default(),
        Detail::Pairs(pairs) => pairs
            .iter()
            .map(|(key, value)| (key.clone(), json!(value)))
            .collect::<Map<_, _>>()
            .into(),
    };
    if let Value::Object(detail) = detail {
        fields.extend(detail.into_iter().filter(|(_, value)| !value.is_null()));
    }
    Value::Object(fields)
}

fn name(node: &Node) -> String {
    format!("{} ({})", plain(&node.name), node.kind.label())
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
    if !edge.enabled {
        remarks.push("disabled".to_owned());
    }
    if remarks.is_empty() {
        String::new()
    } else {
        format!("  [{}]", remarks.join(", "))
    }
}

/// Each chain as an indented tree from its roots; what was told already is named again without its branches.
fn text(topology: &Topology) -> String {
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

fn numbers(topology: &Topology) -> BTreeMap<&NodeId, usize> {
    topology.nodes.keys().enumerate().map(|(n, id)| (id, n)).collect()
}

fn edge_label(edge: &Edge) -> String {
    let kind = if edge.key.kind == EdgeKind::Trigger {
        ""
    } else {
        edge.key.kind.word()
    };
    let mut words: Vec<&str> = vec![kind];
    if !edge.evidence.is_solid() {
        words.push(edge.evidence.word());
    }
    words.extend(edge.key.qualifier.as_deref());
    if !edge.enabled {
        words.push("disabled");
    }
    words.retain(|word| !word.is_empty());
    words.join(", ").replace('_', " ")
}

fn mermaid(topology: &Topology) -> String {
    let numbers = numbers(topology);
    // Mermaid takes entities where a character would end the label.
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
            node.kind.label(),
            quote(&node.name)
        );
    }
    for edge in &topology.edges {
        let (Some(from), Some(to)) = (numbers.get(&edge.key.from), numbers.get(&edge.key.to)) else {
            continue;
        };
        let solid = edge.evidence.is_solid() && edge.key.kind != EdgeKind::DeadLetter && edge.enabled;
        let arrow = if solid { "-->" } else { "-.->" };
        let label = quote(&edge_label(edge));
        let label = if label.is_empty() {
            String::new()
        } else {
            format!("|\"{label}\"|")
        };
        let _ = writeln!(text, "  n{from} {arrow}{label} n{to}");
    }
    text
}

fn dot(topology: &Topology) -> String {
    let numbers = numbers(topology);
    let quote = |text: &str| plain(text).replace('\\', "\\\\").replace('"', "\\\"");
    let mut text = String::from("digraph pitagora {\n  rankdir=LR;\n  node [shape=box];\n");
    for node in topology.nodes.values() {
        let _ = writeln!(
            text,
            "  n{} [label=\"{}\\n{}\"];",
            numbers[&node.id],
            node.kind.label(),
            quote(&node.name)
        );
    }
    for edge in &topology.edges {
        let (Some(from), Some(to)) = (numbers.get(&edge.key.from), numbers.get(&edge.key.to)) else {
            continue;
        };
        let style = if edge.evidence.is_solid() && edge.enabled {
            "solid"
        } else {
            "dashed"
        };
        let _ = writeln!(
            text,
            "  n{from} -> n{to} [style={style}, label=\"{}\"];",
            quote(&edge_label(edge))
        );
    }
    text.push_str("}\n");
    text
}
