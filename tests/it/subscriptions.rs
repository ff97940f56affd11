//! What log groups and alarms lead to, found by the survey whatever the functions' policies name, and held against them.

use crate::in_words::InWords as _;
use std::sync::Arc;

use bytes::Bytes;
use pitagora::domain::{EdgeKind, Evidence};
use pitagora::permissions::Arrival;
use pitagora::sim::account::Account;
use pitagora::sim::world::World;
use pitagora::store::snapshot::{Severity, Snapshot};
use serde_json::{Value, json};

use crate::bench::{account, connect, in_process, parsed, surveyed};

const FORWARDER: &str = "arn:aws:lambda:eu-west-1:123456789012:function:fwd";
const STREAM: &str = "arn:aws:kinesis:eu-west-1:123456789012:stream/all-logs";

/// An account with a forwarder of logs, and another function.
fn forwarding() -> Arc<Account<World>> {
    let scenario = parsed("[[function]]\nname = \"fwd\"\n[[function]]\nname = \"work\"\n");
    account(&scenario, 1.0)
}

/// What somebody else does in the account.
async fn send(account: &Arc<Account<World>>, method: &str, host: &str, path: &str, target: Option<&str>, body: Value) {
    let mut request = http::Request::builder()
        .method(method)
        .uri(format!("https://{host}.eu-west-1.amazonaws.com{path}"))
        .header("content-type", "application/x-amz-json-1.1");
    if let Some(target) = target {
        request = request.header("x-amz-target", target);
    }
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    let request = request.body(Bytes::from(body)).expect("a request");
    let status = account.handle(request).await.map(|answer| answer.status().as_u16());
    assert!(matches!(status, Ok(200..=204)), "{path} {target:?}: {status:?}");
}

async fn permit(account: &Arc<Account<World>>, function: &str, id: &str, source: Option<&str>) {
    let path = format!("/2015-03-31/functions/{function}/policy");
    let body = json!({"StatementId": id, "Action": "lambda:InvokeFunction", "Principal": "logs.amazonaws.com",
        "SourceArn": source});
    send(account, "POST", "lambda", &path, None, body).await;
}

/// A group of its own for a function, whose lines go to another.
async fn subscribe(account: &Arc<Account<World>>, group: &str, to: &str, role: Option<&str>) {
    let group = format!("/aws/lambda/{group}");
    let logs = |operation: &str| format!("Logs_20140328.{operation}");
    let make = json!({"logGroupName": group});
    send(account, "POST", "logs", "/", Some(&logs("CreateLogGroup")), make).await;
    let put = json!({"logGroupName": group, "filterName": "all", "filterPattern": "", "destinationArn": to,
        "roleArn": role});
    send(account, "POST", "logs", "/", Some(&logs("PutSubscriptionFilter")), put).await;
}

async fn seen(account: &Arc<Account<World>>) -> Arc<Snapshot> {
    surveyed(connect(in_process(account)).await).await
}

/// From where to where, how it is known, and whether what is sent along it arrives.
fn links(snapshot: &Snapshot) -> Vec<(String, String, Evidence, &'static str)> {
    let name = |id: &str| id.rsplit([':', '/']).next().unwrap_or(id).to_owned();
    let said = |arrival: Option<&Arrival>| match arrival {
        Some(Arrival::Arrives) => "arrives",
        Some(Arrival::CannotArrive(_)) => "cannot arrive",
        Some(Arrival::Unknown(_)) => "unknown",
        None => "",
    };
    let triggers = snapshot
        .topology
        .edges
        .iter()
        .filter(|edge| edge.key.kind == EdgeKind::Trigger);
    triggers
        .map(|edge| {
            let (from, to) = (name(edge.key.from.as_str()), name(edge.key.to.as_str()));
            (from, to, edge.evidence, said(snapshot.topology.arrivals.get(&edge.key)))
        })
        .collect()
}

/// The permission may name the group, all groups, or none.
#[tokio::test]
async fn a_forwarder_on_its_own_group_is_a_loop_whatever_its_permission_names() {
    let all = "arn:aws:logs:eu-west-1:123456789012:log-group:*:*";
    for source in [
        None,
        Some(all),
        Some("arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/*:*"),
    ] {
        let account = forwarding();
        permit(&account, "fwd", "in", source).await;
        subscribe(&account, "fwd", FORWARDER, None).await;
        let snapshot = seen(&account).await;
        let own = ("fwd".to_owned(), "fwd".to_owned(), Evidence::Configured, "arrives");
        assert_eq!(links(&snapshot), [own], "{source:?}");
        assert_eq!(snapshot.topology.loops.len(), 1, "{source:?}");
        let trouble = &snapshot.troubles[0];
        assert_eq!(
            trouble.what.said(),
            "feeds itself: a subscription sends its own log to it"
        );
    }
}

#[tokio::test]
async fn a_subscription_whose_permission_went_cannot_arrive() {
    let account = forwarding();
    permit(&account, "fwd", "in", None).await;
    subscribe(&account, "work", FORWARDER, None).await;
    send(
        &account,
        "DELETE",
        "lambda",
        "/2015-03-31/functions/fwd/policy/in",
        None,
        Value::Null,
    )
    .await;
    let snapshot = seen(&account).await;
    let cut = (
        "work".to_owned(),
        "fwd".to_owned(),
        Evidence::Configured,
        "cannot arrive",
    );
    assert_eq!(links(&snapshot), [cut]);
    let trouble = &snapshot.troubles[0];
    assert_eq!(trouble.severity, Severity::Failing);
    assert_eq!(
        trouble.what.said(),
        "cannot invoke fwd: no statement in its policy allows logs.amazonaws.com for this log group"
    );
    assert!(
        trouble
            .next
            .said()
            .starts_with("none of its log events is delivered there; allow it: aws lambda")
    );
}

/// AWS (permissions): a stream is written by a role.
#[tokio::test]
async fn a_subscription_to_a_stream_depends_on_its_role() {
    let account = forwarding();
    let make = json!({"StreamName": "all-logs", "ShardCount": 1});
    send(
        &account,
        "POST",
        "kinesis",
        "/",
        Some("Kinesis_20131202.CreateStream"),
        make,
    )
    .await;
    subscribe(&account, "work", STREAM, Some("arn:aws:iam::123456789012:role/ship")).await;
    let snapshot = seen(&account).await;
    let open = (
        "work".to_owned(),
        "all-logs".to_owned(),
        Evidence::Configured,
        "unknown",
    );
    assert_eq!(links(&snapshot), [open]);
}

#[tokio::test]
async fn subscriptions_that_may_not_be_read_are_unknown() {
    let account = forwarding();
    permit(&account, "fwd", "in", None).await;
    subscribe(&account, "fwd", FORWARDER, None).await;
    let denied = "logs:DescribeSubscriptionFilters=AccessDenied";
    account.set_rules(vec![denied.parse().expect("a rule")]);
    let snapshot = seen(&account).await;
    let unread: Vec<String> = snapshot.unread().iter().map(|unknown| unknown.what.said()).collect();
    for group in ["/aws/lambda/fwd", "/aws/lambda/work"] {
        let told = format!("subscription filters of {group} (logs:DescribeSubscriptionFilters)");
        assert!(unread.contains(&told), "{unread:?}");
    }
}

#[tokio::test]
async fn what_alarms_notify_is_held_against_policies() {
    let scenario = |actions: &str, unpermitted: bool| {
        format!(
            "[[function]]\nname = \"page\"\n[[topic]]\nname = \"ops\"\n[[queue]]\nname = \"q\"\n[[alarm]]\nname = \"depth\"\n\
             queue = \"q\"\nmetric = \"ApproximateNumberOfMessagesVisible\"\nabove = 1\nactions = [{actions}]\n\
             unpermitted = {unpermitted}\n"
        )
    };
    let link = |to: &str, said: &'static str| ("depth".to_owned(), to.to_owned(), Evidence::Configured, said);
    let both = "\"function:page\", \"topic:ops\"";
    let well = seen(&account(&parsed(&scenario(both, false)), 1.0)).await;
    assert_eq!(links(&well), [link("page", "arrives"), link("ops", "arrives")]);
    let edge = &well.topology.edges[0];
    assert_eq!(edge.policies[0].filter.events, ["ALARM"]);
    let forbidden = seen(&account(&parsed(&scenario(both, true)), 1.0)).await;
    assert_eq!(
        links(&forbidden),
        [link("page", "cannot arrive"), link("ops", "arrives")]
    );
    let trouble = &forbidden.troubles[0];
    assert_eq!(
        trouble.what.said(),
        "cannot invoke page: no statement in its policy allows lambda.alarms.cloudwatch.amazonaws.com for this alarm"
    );
    assert!(
        trouble
            .next
            .said()
            .starts_with("every notification is lost; allow it: "),
        "{}",
        trouble.next.said()
    );
    let gone = account(&parsed(&scenario(both, false)), 1.0);
    send(
        &gone,
        "DELETE",
        "lambda",
        "/2015-03-31/functions/page",
        None,
        Value::Null,
    )
    .await;
    let snapshot = seen(&gone).await;
    assert_eq!(links(&snapshot)[0], link("page", "cannot arrive"));
}
