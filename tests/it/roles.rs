//! What functions write to: guessed from variables, held against roles, found by roles alone.

use std::sync::Arc;

use pitagora::domain::{EdgeKind, Evidence};
use pitagora::sim::account::Rule;
use pitagora::store::snapshot::Snapshot;

use crate::bench::{account, connect, in_process, parsed, surveyed};

/// A function with variables for a queue that its role does not allow and for a bus that it does, and a table that no variable
/// names; the queue that starts it and its dead-letter queue are allowed too.
const ACCOUNT: &str = r#"
[[queue]]
name = "orders"
[[queue]]
name = "audit"
[[queue]]
name = "lost"
[[bus]]
name = "shop"
[[table]]
name = "ledger"
[[function]]
name = "book"
dlq = "lost"
env = { AUDIT_QUEUE = "audit", BUS_NAME = "shop" }
writes = ["bus:shop", "table:ledger", "queue:orders", "queue:lost"]
[[mapping]]
from = "queue:orders"
to = "book"
"#;

fn writes(snapshot: &Snapshot) -> Vec<(String, Evidence)> {
    let edges = snapshot.topology.edges.iter();
    let writes = edges.filter(|edge| edge.key.kind == EdgeKind::Writes);
    writes
        .map(|edge| (edge.key.to.short_name().to_owned(), edge.evidence))
        .collect()
}

#[tokio::test]
async fn a_role_drops_a_guess_and_finds_what_no_variable_names() {
    let account = account(&parsed(ACCOUNT), 1.0);
    let snapshot = surveyed(connect(in_process(&account)).await).await;
    let expected = [
        ("ledger".to_owned(), Evidence::Permitted),
        ("shop".to_owned(), Evidence::Guessed),
    ];
    assert_eq!(writes(&snapshot), expected);
    assert!(snapshot.topology.complete && snapshot.topology.optional.is_empty());
    assert!(snapshot.topology.loops.is_empty());
    let ledger = snapshot
        .topology
        .nodes
        .values()
        .find(|node| node.name == "ledger")
        .expect("a table");
    assert_eq!(ledger.kind.word(), "dynamodb_table");
}

#[tokio::test]
async fn where_roles_may_not_be_listed_each_is_asked_about() {
    let account = account(&parsed(ACCOUNT), 1.0);
    account.set_rules(vec![
        "iam:GetAccountAuthorizationDetails=AccessDenied"
            .parse::<Rule>()
            .expect("a rule"),
    ]);
    let snapshot = surveyed(connect(in_process(&account)).await).await;
    assert_eq!(writes(&snapshot).len(), 2);
    assert!(snapshot.topology.complete && snapshot.topology.optional.is_empty());
}

#[tokio::test]
async fn where_roles_may_not_be_read_at_all_variables_are_guessed_and_the_chain_is_complete() {
    let account = account(&parsed(ACCOUNT), 1.0);
    account.set_rules(vec!["iam=AccessDenied".parse::<Rule>().expect("a rule")]);
    let snapshot: Arc<Snapshot> = surveyed(connect(in_process(&account)).await).await;
    let expected = [
        ("audit".to_owned(), Evidence::Guessed),
        ("shop".to_owned(), Evidence::Guessed),
    ];
    assert_eq!(writes(&snapshot), expected);
    let topology = &snapshot.topology;
    assert!(topology.complete && topology.unknown.is_empty());
    assert_eq!(topology.optional.len(), 1);
    let why = format!("{:?}", topology.optional[0]);
    assert!(why.contains("iam:GetAccountAuthorizationDetails"), "{why}");
}
