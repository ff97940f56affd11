//! `pitagora graph`: the chain as text, JSON, Mermaid or DOT.

mod drawn;
mod text;

pub(super) use text::nothing;

use serde_json::{Map, Value, json};

use super::failure::{Exit, Failure};
use super::headless::{Need, look, matched};
use super::{Globals, GraphFormat, console};
use crate::config::Config;
use crate::domain::phrase::Phrase;
use crate::domain::text::plain_json;
use crate::domain::{Detail, Edge, Node, NodeKind, Unknown};
use crate::store::Snapshot;
use crate::words::{Words, spelled};

/// Runs the subcommand.
pub(super) async fn run(globals: &Globals, config: &Config, format: GraphFormat) -> Result<Exit, Failure> {
    let snapshot = look(globals, config, Need::Chain).await?;
    matched(&snapshot, globals, config)?;
    let topology = &snapshot.topology;
    let unknown = snapshot.unknown();
    let text = match format {
        GraphFormat::Text => text::text(&snapshot),
        GraphFormat::Json => plain_json(&format!("{:#}\n", json(&snapshot, &unknown))),
        GraphFormat::Mermaid => drawn::mermaid(topology),
        GraphFormat::Dot => drawn::dot(topology),
    };
    console::print("the graph", &text)?;
    console::say_unknown(&unknown);
    console::say_optional(&topology.optional);
    Ok(Exit::partly_if(!unknown.is_empty()))
}

/// The JSON document of the contract.
fn json(snapshot: &Snapshot, unknown: &[&Unknown]) -> Value {
    let topology = &snapshot.topology;
    let scope = snapshot.scope.as_deref();
    let document = json!({
        "account": scope.map(|scope| &scope.account),
        "region": scope.map(|scope| &scope.region),
        "complete": topology.complete && unknown.is_empty(),
        "nodes": topology.nodes.values().map(|node| node_json(node)).collect::<Vec<_>>(),
        "edges": topology.edges.iter().map(|edge| edge_json(edge, snapshot)).collect::<Vec<_>>(),
        "loops": topology.loops,
        "unknown": unknown,
        "unproved": snapshot.unproved(),
        "optional": topology.optional,
    });
    spelled(&Words::utc(), document)
}

/// An edge, and whether events can arrive along it, where that is known.
fn edge_json(edge: &Edge, snapshot: &Snapshot) -> Value {
    let mut value = serde_json::to_value(edge).unwrap_or_default();
    let arrivals = &snapshot.arrivals;
    let (verdict, why) = match (arrivals.cut.get(&edge.key), arrivals.open.get(&edge.key)) {
        (Some(obstacle), _) => ("cannot_arrive", Some(obstacle.said())),
        (None, Some(doubt)) => ("unknown", Some(doubt.said())),
        (None, None) if snapshot.topology.arrivals.contains_key(&edge.key) => ("arrives", None),
        // Configuration says nothing of it.
        (None, None) => return value,
    };
    if let Value::Object(fields) = &mut value {
        fields.insert("arrival".into(), json!(verdict));
        fields.extend(why.map(|why| ("arrival_why".into(), json!(Phrase::from(why)))));
    }
    value
}

/// A node as a flat object of id, kind, name and its other fields, so that the contract can grow.
fn node_json(node: &Node) -> Value {
    let mut fields = Map::new();
    fields.insert("id".into(), json!(node.id));
    fields.insert("kind".into(), json!(node.kind));
    fields.insert("name".into(), json!(node.name));
    if let Some(resource) = node.resource() {
        fields.insert("resource".into(), json!(resource));
    }
    if let Some((table, _)) = node.id.as_str().split_once("/stream/")
        && node.kind == NodeKind::DynamodbStream
    {
        fields.insert("table".into(), json!(table));
    }
    let detail = match &node.detail {
        Detail::None => Value::Null,
        Detail::Function(function) => serde_json::to_value(function).unwrap_or_default(),
        Detail::Queue(queue) => serde_json::to_value(queue).unwrap_or_default(),
        Detail::Bucket(bucket) => serde_json::to_value(bucket).unwrap_or_default(),
        Detail::Topic(topic) => serde_json::to_value(topic).unwrap_or_default(),
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
