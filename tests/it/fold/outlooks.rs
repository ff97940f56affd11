//! What is said of events that fail now: only what follows from who invoked the function, and how.

use super::*;
use crate::in_words::InWords as _;

/// Lines of `work`, as a first reading tells them: how far they are complete is not known yet.
fn first_reading(since: i64, read_to: i64, lines: Vec<Line>) -> Fact {
    let reach = Reach {
        since: at(since),
        read_to: at(read_to),
        complete_to: None,
        settled_to: None,
        whole_since: Some(at(since)),
    };
    Fact::Lines(LogRead {
        group: "/aws/lambda/work".into(),
        functions: vec![function_id("work")],
        lines,
        reach: Some(reach),
        ..LogRead::default()
    })
}

fn failed(at: i64, id: &str) -> Vec<Line> {
    vec![start(at, id), report(at + 1, id, true)]
}

/// A function that nothing is known to invoke, with one failure at the thousandth second and good runs since.
fn called_by_nobody_known(since: i64, now: i64) -> Snapshot {
    let mut told = Told::default();
    told.tell(0, found("functions", vec![function("work")], vec![]))
        .tell(1, surveyed(&["functions"]));
    let mut lines = failed(1_000, "a");
    for good in (1_030..now - 1).step_by(30) {
        let id = good.to_string();
        lines.extend([start(good, &id), report(good + 1, &id, false)]);
    }
    told.tell(now, first_reading(since, now, lines));
    told.snapshot().as_ref().clone()
}

/// AWS (async): a retry comes after 1 and 2 minutes, under the same request id. Where none was seen by then, nobody is known to whom
/// the event could be lost.
#[test]
fn a_failure_without_a_retry_is_no_loss_to_come_where_no_asynchronous_caller_is_known() {
    for since in [-2_000, 900] {
        let soon = called_by_nobody_known(since, 1_040);
        let coming = &soon.answers.coming;
        assert_eq!(coming.len(), 1, "read from {since} on");
        assert!(coming[0].conditional && !coming[0].past, "{coming:?}");
        let later = called_by_nobody_known(since, 1_700);
        assert!(later.answers.coming.is_empty(), "{:?}", later.answers.coming);
        let failing: Vec<_> = later
            .troubles
            .iter()
            .filter(|trouble| trouble.severity >= Severity::Failing)
            .collect();
        assert!(failing.is_empty(), "{failing:?}");
    }
}

/// What is known to come asynchronously stays: it may be lost, as far as the log was read.
#[test]
fn an_event_of_a_rule_whose_retry_was_not_seen_may_be_lost() {
    let mut told = Told::default();
    let rule: NodeId = scope().arn("events", "rule/r").into();
    let node = Node {
        id: rule.clone(),
        kind: NodeKind::Eventbridge,
        name: "r".into(),
        detail: Detail::None,
    };
    let by_rule = edge(&rule, &function_id("work"), EdgeKind::Trigger);
    told.tell(0, found("rules", vec![node, function("work")], vec![by_rule]))
        .tell(1, surveyed(&["rules"]))
        .tell(1_700, first_reading(900, 1_700, failed(1_000, "a")));
    assert_eq!(told.snapshot().answers.coming.len(), 1);
}

/// AWS (async): an alias follows its own configuration, and its version has its own dead-letter queue.
#[test]
fn where_events_go_is_said_of_the_alias_that_is_triggered() {
    let next = |trigger_by: &[Option<&str>], kept: &[(&str, Option<&str>)]| {
        let mut told = Told::default();
        let rule: NodeId = scope().arn("events", "rule/r").into();
        let by = |alias: Option<&str>| {
            edge(&rule, &function_id("work"), EdgeKind::Trigger).qualified(alias.map(str::to_owned))
        };
        let keeps = |(queue, alias): &(&str, Option<&str>)| {
            let policy = EdgePolicy::retried_by("lambda");
            edge(&function_id("work"), &queue_id(queue), EdgeKind::DeadLetter)
                .qualified(alias.map(str::to_owned))
                .with(policy)
        };
        let edges = trigger_by
            .iter()
            .copied()
            .map(by)
            .chain(kept.iter().map(keeps))
            .collect();
        let source = Node {
            id: rule.clone(),
            kind: NodeKind::Eventbridge,
            name: "r".into(),
            detail: Detail::None,
        };
        let nodes = vec![source, function("work"), queue("dead"), queue("old")];
        told.tell(0, found("functions", nodes, edges))
            .tell(1, surveyed(&["functions"]))
            .tell(1_010, first_reading(-2_000, 1_010, failed(1_000, "a")));
        let snapshot = told.snapshot();
        let said = snapshot
            .troubles
            .iter()
            .find(|trouble| trouble.what.said() == "1/1 failed");
        said.expect("a function that fails").next.said()
    };
    let to = |queue: &str| format!("after the last attempt, events go to the DLQ {queue}");
    let latest = ("dead", None);
    assert_eq!(next(&[], &[latest]), to("dead"));
    assert_eq!(next(&[None], &[latest]), to("dead"));
    assert_eq!(next(&[Some("$LATEST")], &[latest]), to("dead"));
    assert_eq!(next(&[Some("live")], &[latest]), "open logs (L)");
    assert_eq!(next(&[Some("live")], &[latest, ("old", Some("live"))]), to("old"));
    assert_eq!(next(&[Some("live"), None], &[latest]), "open logs (L)");
    assert_eq!(
        next(&[Some("live"), None], &[latest, ("dead", Some("live"))]),
        to("dead")
    );
}
