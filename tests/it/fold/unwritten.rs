//! Records that could not be written because what they were for does not exist.

use pitagora::store::losses::Way;

use super::losses::{asynchronous, by, losses, metric, of, read_to, trouble};
use super::*;
use crate::in_words::InWords as _;

fn on_failure(function: &str, to: &str) -> Edge {
    let policy = EdgePolicy {
        condition: Some("OnFailure".into()),
        retries: RetryPolicy {
            max: Some(0),
            ..by("lambda", "on").retries
        },
        ..by("lambda", "on")
    };
    edge(&function_id(function), &queue_id(to), EdgeKind::Destination).with(policy)
}

/// `work` fails to the end, its destination does not exist; the account counts it.
fn failing(more: Vec<Edge>) -> Told {
    let mut told = asynchronous();
    let gone = Node {
        detail: Detail::None,
        ..queue("gone")
    };
    let missing = Missing {
        id: queue_id("gone"),
        qualifier: None,
    };
    let work = Node {
        detail: match function("work").detail {
            Detail::Function(mut function) => {
                function.asynchronous.retries = Some(0);
                Detail::Function(function)
            }
            other => other,
        },
        ..function("work")
    };
    let mut edges = vec![on_failure("work", "gone")];
    edges.extend(more);
    let nodes = vec![gone, queue("kept"), work, function("other")];
    told.tell(2, found("configuration", nodes, edges))
        .tell(2, Fact::Missing([missing].into()))
        .tell(3, surveyed(&["rules", "configuration"]))
        .tell(5_900, read_to(5_900, vec![start(5_800, "a"), report(5_801, "a", true)]))
        .tell(
            6_000,
            metric(Subject::Account, Metric::DestinationDeliveryFailures, &[(97, 1.0)]),
        );
    told
}

#[test]
fn the_only_function_whose_destination_is_gone_and_that_fails_is_named_before_its_metric_is_read() {
    let mut told = failing(vec![on_failure("other", "kept")]);
    let work = function_id("work");
    assert_eq!(losses(&mut told), [(Some(work.clone()), Way::DestinationUnreached, 1)]);
    let one = trouble(&mut told, &work);
    assert_eq!(
        (one.severity, one.what.said().as_str()),
        (Severity::Loss, "at least 1 event lost: its destination gone is gone")
    );
    let next = one.next.said();
    assert_eq!(
        next,
        "its destination gone does not exist: create it, or set one that exists"
    );
    assert!(
        told.snapshot()
            .troubles
            .iter()
            .all(|trouble| trouble.id != NodeId::from("account"))
    );
    // Its own metric counts it.
    told.tell(
        6_010,
        metric(of(&work), Metric::DestinationDeliveryFailures, &[(97, 1.0)]),
    );
    assert_eq!(
        trouble(&mut told, &work).what.said(),
        "1 event lost: its destination gone is gone"
    );
}

#[test]
fn where_another_one_may_be_meant_none_is_named() {
    // AWS (losses): what could not be told of a success counts too.
    let mut success = on_failure("other", "kept");
    success.policies[0].condition = Some("OnSuccess".into());
    let mut told = failing(vec![success]);
    assert_eq!(losses(&mut told), [(None, Way::DestinationUnreached, 1)]);
}
