//! What is advised against a loss follows from why it happened.

use crate::in_words::InWords as _;
use pitagora::permissions::parse;

use super::*;

fn rule_id() -> NodeId {
    scope().arn("events", "rule/r").into()
}

fn counted(id: &NodeId, metric: Metric, value: f64) -> Fact {
    let points = vec![Point {
        at: at(80 * 60 - 20),
        value,
    }];
    Fact::Metric {
        subject: Subject::Node(id.clone()),
        metric,
        points,
    }
}

/// A function that may be invoked by rules, or by nobody.
fn target(name: &str, admits: bool) -> Node {
    let document = if admits {
        r#"{"Statement":{"Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Action":"*","Resource":"*"}}"#
    } else {
        ""
    };
    let policy = Arc::new(parse(document).expect("a policy"));
    let detail = Function {
        logging: Logging::to(format!("/aws/lambda/{name}")),
        permissions: FunctionPermissions {
            policies: [(String::new(), policy)].into(),
            ..FunctionPermissions::default()
        },
        ..Function::default()
    };
    Node {
        detail: Detail::Function(Box::new(detail)),
        ..function(name)
    }
}

fn first(told: &mut Told, id: &NodeId) -> Trouble {
    let snapshot = told.snapshot();
    let mut own = snapshot.troubles.iter().filter(|trouble| trouble.id == *id);
    own.next().expect("a trouble").clone()
}

/// A rule whose only target cannot be reached, with a dead-letter queue for another.
fn losing(admits: bool, with_queue: bool) -> Trouble {
    let policy = |id: &str| EdgePolicy {
        id: Some(id.into()),
        ..EdgePolicy::default()
    };
    let rule = Node {
        id: rule_id(),
        kind: NodeKind::Eventbridge,
        name: "r".into(),
        detail: Detail::None,
    };
    let mut nodes = vec![rule, target("work", admits)];
    let mut edges = vec![edge(&rule_id(), &function_id("work"), EdgeKind::Trigger).with(policy("1"))];
    if with_queue {
        nodes.extend([target("other", true), queue("dead")]);
        edges.push(edge(&rule_id(), &function_id("other"), EdgeKind::Trigger).with(policy("2")));
        edges.push(edge(&rule_id(), &queue_id("dead"), EdgeKind::DeadLetter).with(policy("2")));
    }
    let mut told = Told::default();
    told.tell(0, found("rules", nodes, edges))
        .tell(1, surveyed(&["rules"]))
        .tell(6_000, counted(&rule_id(), Metric::RuleDeadLettered, 1.0))
        .tell(6_000, counted(&rule_id(), Metric::RuleFailures, 4.0));
    first(&mut told, &rule_id())
}

#[test]
fn a_permission_is_blamed_only_where_it_may_be_missing() {
    let allowed = losing(true, false);
    assert!(
        allowed.next.said().starts_with("the target's policy allows it now: "),
        "{}",
        allowed.next.said()
    );
    let forbidden = losing(false, false);
    assert!(
        forbidden.next.said().starts_with("allow it: aws lambda add-permission"),
        "{}",
        forbidden.next.said()
    );
}

/// `FailedInvocations` and what dead-letter queues took are read late: their difference is a least count.
#[test]
fn a_difference_of_two_late_metrics_is_a_least_count() {
    assert_eq!(
        losing(false, true).what.said(),
        "at least 3 events lost: cannot invoke work, no DLQ"
    );
    assert!(!losing(false, false).what.said().contains("at least"));
}

#[test]
fn a_function_that_did_not_fail_is_not_to_be_fixed() {
    let dropped = |reserved: Option<u32>, others: &[(Metric, f64)]| {
        let id = function_id("work");
        let Node { detail, .. } = function("work");
        let Detail::Function(mut detail) = detail else {
            panic!("a function")
        };
        detail.reserved_concurrency = reserved;
        let node = Node {
            detail: Detail::Function(detail),
            ..function("work")
        };
        let mut told = Told::default();
        told.tell(0, found("functions", vec![node], vec![]))
            .tell(1, surveyed(&["functions"]));
        for (metric, value) in others {
            told.tell(6_000, counted(&id, *metric, *value));
        }
        told.tell(6_000, counted(&id, Metric::AsyncEventsDropped, 2.0));
        let snapshot = told.snapshot();
        let mut own = snapshot.troubles.iter().filter(|trouble| trouble.id == id);
        let loss = own.find(|trouble| trouble.severity == Severity::Loss).expect("a loss");
        loss.next.said()
    };
    assert!(dropped(Some(0), &[]).starts_with("its reserved concurrency is 0"));
    assert!(dropped(Some(1), &[(Metric::Throttles, 9.0)]).starts_with("it was throttled"));
    let both = [(Metric::Throttles, 9.0), (Metric::Errors, 1.0)];
    assert!(dropped(Some(1), &both).starts_with("fix the function"));
    assert!(dropped(None, &[]).starts_with("fix the function"));
}

/// Nobody polls for a function that is gone: what waits is neither lost at once nor moved.
#[test]
fn messages_for_a_function_that_is_gone_wait_until_their_retention_ends() {
    let gone = Node {
        detail: Detail::None,
        ..function("gone")
    };
    let mapping = edge(&queue_id("q"), &function_id("gone"), EdgeKind::Trigger);
    let dead = edge(&queue_id("q"), &queue_id("dead"), EdgeKind::DeadLetter);
    let mut told = Told::default();
    told.tell(
        0,
        found("mappings", vec![queue("q"), queue("dead"), gone], vec![mapping, dead]),
    )
    .tell(
        1,
        Fact::Missing(
            [Missing {
                id: function_id("gone"),
                qualifier: None,
            }]
            .into(),
        ),
    )
    .tell(1, surveyed(&["mappings"]));
    let snapshot = told.snapshot();
    let own = snapshot
        .troubles
        .iter()
        .find(|trouble| trouble.what.said().starts_with("cannot invoke gone"));
    assert_eq!(
        own.expect("told").next.said(),
        "its messages wait, and expire 4 d after they were first enqueued; create gone, or name one that exists"
    );
}
