//! `pitagora event KIND`: the event that a trigger hands to a function, with names of this account in it. Sends nothing.

use clap::Args;
use strum::IntoEnumIterator as _;

use super::failure::{Exit, Failure};
use super::headless::{Need, look, matched};
use super::{Globals, console};
use crate::config::Config;
use crate::domain::text::plain_json;
use crate::domain::{EdgeKind, NodeId, NodeKind};
use crate::samples::{Kind, Names, sample};
use crate::store::Snapshot;

/// Options of `pitagora event`.
#[derive(Args, Debug)]
pub(super) struct Asked {
    /// The trigger: s3, sqs, sns, dynamodb, kinesis, eventbridge, scheduler, api-http, api-rest, logs, cognito or ses
    #[arg(value_name = "KIND", value_parser = kind)]
    kind: Kind,
    /// Of this function's trigger, by the function's name
    #[arg(long, value_name = "NAME")]
    function: Option<String>,
}

fn kind(text: &str) -> Result<Kind, Failure> {
    text.parse().map_err(|_| {
        let known: Vec<&str> = Kind::iter().map(Kind::word).collect();
        Failure::usage(format_args!("expected {}", known.join(", ")))
    })
}

/// Runs the subcommand.
pub(super) async fn run(globals: &Globals, config: &Config, asked: Asked) -> Result<Exit, Failure> {
    let snapshot = Box::pin(look(globals, config, Need::Chain)).await?;
    matched(&snapshot, globals, config)?;
    let names = names(&snapshot, asked.kind, asked.function.as_deref());
    let event = format!("{:#}\n", sample(asked.kind, &names));
    console::print("the event", &plain_json(&event))?;
    Ok(Exit::Done)
}

/// The boxes that hand over an event of a kind.
fn source(kind: Kind) -> &'static [NodeKind] {
    match kind {
        Kind::S3 => &[NodeKind::S3],
        Kind::Sqs => &[NodeKind::Sqs],
        Kind::Sns => &[NodeKind::Sns],
        Kind::Dynamodb => &[NodeKind::DynamodbStream],
        Kind::Kinesis => &[NodeKind::Kinesis],
        Kind::Eventbridge => &[NodeKind::Eventbridge],
        Kind::Scheduler => &[NodeKind::Schedule],
        Kind::ApiHttp => &[NodeKind::Apigateway, NodeKind::FunctionUrl],
        Kind::ApiRest => &[NodeKind::Apigateway],
        Kind::Logs => &[NodeKind::Logs],
        Kind::Cognito => &[NodeKind::Cognito],
        Kind::Ses => &[NodeKind::Ses],
    }
}

/// Names of the first trigger of that kind, or of the named function's; `example` where there is none.
fn names(snapshot: &Snapshot, kind: Kind, function: Option<&str>) -> Names {
    let nodes = &snapshot.topology.nodes;
    let is_source = |id: &NodeId| nodes.get(id).is_some_and(|node| source(kind).contains(&node.kind));
    let is_function = |id: &NodeId| {
        let node = nodes.get(id).filter(|node| node.kind == NodeKind::Lambda);
        node.is_some_and(|node| function.is_none_or(|name| node.name == name))
    };
    let mut edges = snapshot.topology.edges.iter().map(|edge| &edge.key);
    let edge = edges.find(|key| key.kind == EdgeKind::Trigger && is_source(&key.from) && is_function(&key.to));
    let name = |id: Option<&NodeId>| {
        let node = id.and_then(|id| nodes.get(id));
        node.map_or_else(|| "example".to_owned(), |node| node.name.clone())
    };
    let scope = snapshot.scope.as_deref();
    let of = |part: Option<&String>, default: &str| part.cloned().unwrap_or_else(|| default.to_owned());
    Names {
        partition: of(scope.map(|scope| &scope.partition), "aws"),
        account: of(scope.map(|scope| &scope.account), "123456789012"),
        region: of(scope.map(|scope| &scope.region), "us-east-1"),
        resource: name(edge.map(|key| &key.from)),
        function: edge.map_or_else(|| function.unwrap_or("example").to_owned(), |key| name(Some(&key.to))),
    }
}
