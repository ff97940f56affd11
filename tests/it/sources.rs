//! Everything that starts functions in the simulated account: each found with its kind, name, evidence and policy.

use pitagora::domain::{Edge, EdgeKind, Evidence, NodeKind};
use pitagora::forecast::sources::facts;
use pitagora::sim::account::Rule;
use pitagora::store::snapshot::Snapshot;

use crate::bench::{account, connect, in_process, parsed, surveyed};

const EACH: &str = r#"
[[function]]
name = "f"
url = true
logs_of = ["g"]
log_pattern = "ERROR"
[[function]]
name = "g"
[[api]]
name = "shop-api"
routes = { "POST /orders" = "f" }
[[user_pool]]
name = "users"
asks = "function:f"
[[state_machine]]
name = "flow"
runs = "function:f"
then = ["function:g", "queue:q"]
catch = "queue:q"
[[load_balancer]]
name = "front"
to = "function:f"
path = "/api/*"
[[secret]]
name = "db"
rotates = "function:f"
[[queue]]
name = "q"
[[mapping]]
from = "queue:q"
to = "f"
[[table]]
name = "t"
stream = true
[[mapping]]
from = "table:t"
to = "f"
[[stream]]
name = "s"
[[mapping]]
from = "stream:s"
to = "f"
[[topic]]
name = "news"
subscribe = [{ to = "function:f" }]
[[bucket]]
name = "photos"
notify = [{ to = "function:f" }]
[[rule]]
name = "each-hour"
schedule = "rate(1 hour)"
target = [{ to = "function:f" }]
[[schedule]]
name = "nightly"
expression = "rate(1 day)"
target = { to = "function:f" }
[[alarm]]
name = "deep"
queue = "q"
metric = "ApproximateNumberOfMessagesVisible"
statistic = "Maximum"
above = 5.0
actions = ["function:f"]
"#;

fn edge<'a>(snapshot: &'a Snapshot, from: &str, to: &str) -> &'a Edge {
    let name = |id| snapshot.topology.nodes.get(id).map_or("", |node| node.name.as_str());
    let mut edges = snapshot.topology.edges.iter();
    let found = edges.find(|edge| name(&edge.key.from) == from && name(&edge.key.to) == to);
    found.unwrap_or_else(|| panic!("no edge from {from} to {to}"))
}

#[tokio::test]
async fn each_source_is_found_by_its_kind_and_name_with_its_rules() {
    let account = account(&parsed(EACH), 1.0);
    let snapshot = surveyed(connect(in_process(&account)).await).await;
    for (name, kind) in [
        ("shop-api", NodeKind::Apigateway),
        ("users", NodeKind::Cognito),
        ("flow", NodeKind::Stepfunctions),
        ("front front-lambda", NodeKind::Alb),
        ("db", NodeKind::Secretsmanager),
        ("q", NodeKind::Sqs),
        ("t", NodeKind::DynamodbStream),
        ("s", NodeKind::Kinesis),
        ("news", NodeKind::Sns),
        ("photos", NodeKind::S3),
        ("each-hour", NodeKind::Eventbridge),
        ("nightly", NodeKind::Schedule),
        ("deep", NodeKind::Alarm),
        ("/aws/lambda/g", NodeKind::Logs),
    ] {
        let edge = edge(&snapshot, name, "f");
        let found = &snapshot.topology.nodes[&edge.key.from];
        assert_eq!((found.kind, edge.key.kind), (kind, EdgeKind::Trigger), "{name}");
        assert_eq!((edge.evidence, edge.enabled), (Evidence::Configured, true), "{name}");
        assert!(facts(kind).is_some(), "{name} is in the table of sources");
    }
    let urls = snapshot
        .topology
        .nodes
        .values()
        .filter(|node| node.kind == NodeKind::FunctionUrl);
    assert_eq!(urls.count(), 1);
    assert!(snapshot.topology.complete, "{:?}", snapshot.topology.unknown);
    assert!(snapshot.topology.optional.is_empty());
    // Nothing that is permitted stands beside what is configured.
    let permitted = snapshot
        .topology
        .edges
        .iter()
        .filter(|edge| edge.evidence == Evidence::Permitted);
    assert_eq!(permitted.count(), 0);
}

#[tokio::test]
async fn what_a_source_says_is_on_its_edge() {
    let account = account(&parsed(EACH), 1.0);
    let snapshot = surveyed(connect(in_process(&account)).await).await;
    let policy = |from: &str, to: &str| edge(&snapshot, from, to).policies[0].clone();
    assert_eq!(policy("shop-api", "f").filter.patterns, ["POST /orders"]);
    assert_eq!(policy("users", "f").filter.events, ["PreAuthentication"]);
    assert_eq!(policy("users", "f").retries.max, Some(2));
    assert_eq!(
        policy("front front-lambda", "f").filter.patterns,
        ["HTTPS:443 path /api/*"]
    );
    assert_eq!(policy("db", "f").schedule.as_deref(), Some("rate(30 days)"));
    assert_eq!(policy("/aws/lambda/g", "f").filter.patterns, ["ERROR"]);
    let task = policy("flow", "f").task.expect("the rules of its task");
    assert_eq!((task.retries[0].max, task.handler_retries()), (6, 0));
    assert_eq!(task.catches, ["States.ALL"]);
    assert_eq!(edge(&snapshot, "flow", "g").policies.len(), 1);
    assert_eq!(edge(&snapshot, "flow", "q").key.kind, EdgeKind::Trigger);
}

#[tokio::test]
async fn without_the_permissions_for_more_the_policies_tell_and_the_chain_is_complete() {
    let account = account(&parsed(EACH), 1.0);
    let denied = [
        "apigateway",
        "apigatewayv2",
        "states",
        "cognito-idp",
        "secretsmanager",
        "elasticloadbalancing",
    ];
    let rules = denied.map(|service| format!("{service}=AccessDenied").parse::<Rule>().expect("a rule"));
    account.set_rules(rules.to_vec());
    let snapshot = surveyed(connect(in_process(&account)).await).await;
    assert!(snapshot.topology.complete, "{:?}", snapshot.topology.unknown);
    assert_eq!(snapshot.topology.optional.len(), 6, "{:?}", snapshot.topology.optional);
    let permitted = |kind: NodeKind| {
        let mut edges = snapshot.topology.edges.iter();
        edges.any(|edge| edge.evidence == Evidence::Permitted && snapshot.topology.nodes[&edge.key.from].kind == kind)
    };
    assert!(permitted(NodeKind::Apigateway) && permitted(NodeKind::Cognito) && permitted(NodeKind::Alb));
    let machines = snapshot
        .topology
        .nodes
        .values()
        .filter(|node| node.kind == NodeKind::Stepfunctions);
    assert_eq!(machines.count(), 0, "a machine uses a role: no policy tells it");
}
