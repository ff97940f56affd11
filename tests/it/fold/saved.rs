//! What retries save, and what nothing starts.

use crate::in_words::InWords as _;

use super::losses::read_to;
use super::*;

fn rule_id() -> NodeId {
    scope().arn("events", "rule/r").into()
}

fn rule() -> Node {
    Node {
        id: rule_id(),
        kind: NodeKind::Eventbridge,
        name: "r".into(),
        detail: Detail::None,
    }
}

/// A function that a rule starts, without a dead-letter queue.
pub(super) fn asynchronous() -> Told {
    let mut told = Told::default();
    let edges = vec![edge(&rule_id(), &function_id("work"), EdgeKind::Trigger)];
    told.tell(0, found("rules", vec![rule(), function("work")], edges))
        .tell(1, surveyed(&["rules"]));
    told
}

/// The attempts of one event, a minute apart: `x` failed, `.` succeeded.
fn event(first: i64, id: &str, attempts: &str) -> Vec<Line> {
    let each = (0..).zip(attempts.chars());
    each.flat_map(|(n, how)| {
        let at = first + n * 66;
        [start(at, id), report(at + 1, id, how == 'x')]
    })
    .collect()
}

fn of_work(told: &mut Told) -> Vec<Trouble> {
    let snapshot = told.snapshot();
    let own = snapshot
        .troubles
        .iter()
        .filter(|trouble| trouble.id == function_id("work"));
    own.cloned().collect()
}

/// Whether it is told as failing or lost, and what is told of losses to come: how many were saved, and whether it is certain.
fn told_of(lines: Vec<Line>, now: i64) -> (bool, Vec<(u64, bool)>) {
    let mut told = asynchronous();
    told.tell(now, read_to(now, lines));
    let red = of_work(&mut told)
        .iter()
        .any(|trouble| trouble.severity >= Severity::Failing);
    let snapshot = told.snapshot();
    let coming = snapshot.answers.coming.iter().map(|one| (one.saved, !one.conditional));
    (red, coming.collect())
}

#[test]
fn an_event_that_fails_as_those_did_that_a_retry_saved_is_no_loss_to_come() {
    let mut lines: Vec<Line> = (0..4)
        .flat_map(|n| event(100 + n * 200, &format!("e{n}"), "x."))
        .collect();
    lines.extend(event(1_000, "f", "x"));
    assert_eq!(told_of(lines.clone(), 1_010), (false, vec![(4, false)]));
    // Its retry fails: of no event was that seen to end well.
    lines.extend(event(1_000, "f", "xx").split_off(2));
    assert_eq!(told_of(lines, 1_080), (true, vec![(0, true)]));
}

/// The moment at which the third attempt was due passes before its line is read.
#[test]
fn a_retry_that_is_due_is_expected_until_its_line_would_have_been_read() {
    let third = |first: i64, id: &str, seen: usize| -> Vec<Line> {
        let each = [(0, true), (66, true), (197, false)].into_iter().take(seen);
        each.flat_map(|(after, failed)| [start(first + after, id), report(first + after + 1, id, failed)])
            .collect()
    };
    let mut lines: Vec<Line> = (0..4).flat_map(|n| third(100 + n * 100, &format!("e{n}"), 3)).collect();
    lines.extend(third(1_000, "f", 2));
    let mut told = asynchronous();
    for now in (1_070..1_250).step_by(3) {
        told.tell(
            now,
            Fact::Lines(LogRead {
                group: "/aws/lambda/work".into(),
                functions: vec![function_id("work")],
                lines: std::mem::take(&mut lines),
                reach: Some(Reach {
                    since: at(-3_600),
                    read_to: at(now),
                    complete_to: Some(at(1_068)),
                    settled_to: Some(at(1_068)),
                    whole_since: Some(at(-3_600)),
                }),
                ..LogRead::default()
            }),
        );
        let snapshot = told.snapshot();
        let coming: Vec<_> = snapshot
            .answers
            .coming
            .iter()
            .map(|one| (one.saved, one.past))
            .collect();
        assert_eq!(coming, [(4, false)], "at {now}");
        let red = of_work(&mut told)
            .iter()
            .any(|trouble| trouble.severity >= Severity::Failing);
        assert!(!red, "at {now}");
    }
}

/// Nobody knows who calls it; three that failed were not retried when that was due.
#[test]
fn a_function_whose_callers_get_the_error_loses_nothing() {
    let mut told = Told::default();
    told.tell(0, found("functions", vec![function("work")], vec![]))
        .tell(1, surveyed(&["functions"]));
    let calls: Vec<Line> = (0..4)
        .flat_map(|n| event(100 + n * 200, &format!("c{n}"), "x"))
        .collect();
    told.tell(800, read_to(800, calls));
    let snapshot = told.snapshot();
    assert!(snapshot.answers.coming.is_empty(), "{:?}", snapshot.answers.coming);
    // One comes again: whoever calls it did not wait.
    let again = [start(766, "c3"), report(767, "c3", true)];
    told.tell(
        860,
        read_to(860, again.into_iter().chain(event(850, "d", "x")).collect()),
    );
    let snapshot = told.snapshot();
    assert!(!snapshot.answers.coming.is_empty());
}

#[test]
fn a_call_of_which_nobody_knows_who_made_it_is_not_said_to_be_lost_any_moment() {
    let mut told = Told::default();
    told.tell(0, found("functions", vec![function("work")], vec![]))
        .tell(1, surveyed(&["functions"]));
    let calls: Vec<Line> = (0..2)
        .flat_map(|n| event(100 + n * 60, &format!("c{n}"), "x"))
        .collect();
    told.tell(170, read_to(170, calls));
    for now in (170..700).step_by(5) {
        told.tell(now, read_to(now, Vec::new()));
        let all = of_work(&mut told);
        let due = all.iter().filter_map(|trouble| trouble.due);
        assert!(due.into_iter().all(|due| due > at(now)), "{all:?} at {now}");
    }
}

/// A queue that is found empty again and again holds nothing that failed.
#[test]
fn what_failed_before_its_queue_was_found_empty_is_no_loss_to_come() {
    let look = |depths: &[(i64, u64)]| {
        let mut told = Told::default();
        told.tell(0, found("functions", vec![function("work")], vec![]))
            .tell(0, found("queues", vec![queue("q")], vec![]))
            .tell(
                0,
                found(
                    "mappings",
                    vec![],
                    vec![edge(&queue_id("q"), &function_id("work"), EdgeKind::Trigger)],
                ),
            )
            .tell(1, surveyed(&["functions", "queues", "mappings"]));
        let lines = (0..20).flat_map(|n| {
            let at = 100 + n * 40;
            [start(at, &format!("a{n}")), report(at + 1, &format!("a{n}"), true)]
        });
        for (at, visible) in depths {
            let depth = Fact::Depth {
                queue: queue_id("q"),
                visible: *visible,
                in_flight: 0,
                delayed: 0,
            };
            told.tell(*at, depth);
        }
        told.tell(880, read_to(880, lines.collect()));
        let snapshot = told.snapshot();
        snapshot.answers.coming.len()
    };
    assert_eq!(look(&[(90, 0), (300, 1), (500, 0), (700, 2), (850, 0), (870, 1)]), 0);
    assert_eq!(look(&[(90, 0), (300, 1), (500, 2), (700, 3), (850, 4), (870, 4)]), 1);
}

#[test]
fn two_that_were_saved_may_be_chance() {
    let mut lines: Vec<Line> = (0..2)
        .flat_map(|n| event(100 + n * 200, &format!("e{n}"), "x."))
        .collect();
    lines.extend(event(1_000, "f", "x"));
    assert_eq!(told_of(lines, 1_010).1, [(0, true)]);
}

#[test]
fn once_an_event_was_lost_retries_are_trusted_no_more() {
    let mut lines: Vec<Line> = (0..4)
        .flat_map(|n| event(100 + n * 100, &format!("e{n}"), "x."))
        .collect();
    lines.extend([
        start(300, "g"),
        report(301, "g", true),
        start(366, "g"),
        report(367, "g", true),
        start(497, "g"),
        report(498, "g", true),
    ]);
    lines.extend(event(1_000, "f", "x"));
    let mut told = asynchronous();
    told.tell(1_010, read_to(1_010, lines));
    let snapshot = told.snapshot();
    let one = &snapshot.answers.coming[0];
    assert_eq!((one.saved, one.lost, one.conditional), (0, 1, false));
    // One loss and the next one are one trouble.
    let all = of_work(&mut told);
    assert_eq!(all[0].severity, Severity::Loss);
    assert_eq!(all.iter().filter(|trouble| trouble.due.is_some()).count(), 1);
    assert!(all[0].due.is_some(), "{all:?}");
}

/// The headline's loss to come is the same from look to look, whatever counts down to less at the moment.
#[test]
fn of_functions_that_lose_event_after_event_the_same_is_told_first() {
    let mut told = Told::default();
    let names = ["a-fn", "b-fn"];
    let nodes = names.iter().map(|name| function(name)).chain([rule()]).collect();
    let edges = names
        .iter()
        .map(|name| edge(&rule_id(), &function_id(name), EdgeKind::Trigger));
    told.tell(0, found("rules", nodes, edges.collect()))
        .tell(1, surveyed(&["rules"]));
    let mut first = BTreeSet::new();
    for now in (1_000..1_600).step_by(7) {
        for (shift, name) in names.iter().enumerate() {
            let shift = i64::try_from(shift).expect("few") * 17;
            // Every 40 s an event, which fails 0, 66 and 197 s after it came.
            let letter = &name[..1];
            let lines = (0..now / 40)
                .flat_map(|n| [0, 66, 197].map(|after| (n * 40 + shift + after, format!("{letter}{n}"))))
                .filter(|(at, _)| *at + 1 < now && (now == 1_000 || *at + 1 >= now - 7))
                .flat_map(|(at, id)| [start(at, &id), report(at + 1, &id, true)]);
            let read = Fact::Lines(LogRead {
                group: format!("/aws/lambda/{name}"),
                functions: vec![function_id(name)],
                lines: lines
                    .map(|line| Line {
                        stream: format!("{name}-s"),
                        ..line
                    })
                    .collect(),
                reach: Some(Reach {
                    since: at(-3_600),
                    read_to: at(now),
                    complete_to: Some(at(now - 5)),
                    settled_to: Some(at(now - 5)),
                    whole_since: Some(at(-3_600)),
                }),
                ..LogRead::default()
            });
            told.tell(now, read);
        }
        let snapshot = told.snapshot();
        first.extend(snapshot.answers.coming.first().map(|one| one.of.clone()));
        let order: Vec<NodeId> = snapshot
            .answers
            .losses
            .certain
            .iter()
            .filter_map(|loss| loss.of.clone())
            .collect();
        assert!(order.is_sorted(), "{order:?} at {now}");
    }
    assert_eq!(first, BTreeSet::from([function_id("a-fn")]));
}

fn parked(name: &str) -> Node {
    let detail = Function {
        reserved_concurrency: Some(0),
        ..Function::default()
    };
    Node {
        detail: Detail::Function(Box::new(detail)),
        ..function(name)
    }
}

#[test]
fn a_function_that_may_not_run_fails_only_where_something_starts_it() {
    let severity = |trigger: Option<Evidence>, metric: Option<Metric>| {
        let mut told = Told::default();
        let edges = trigger.map(|evidence| Edge::new(rule_id(), function_id("work"), EdgeKind::Trigger, evidence));
        told.tell(
            0,
            found("rules", vec![rule(), parked("work")], edges.into_iter().collect()),
        )
        .tell(1, surveyed(&["rules"]));
        if let Some(metric) = metric {
            told.tell(
                600,
                Fact::Metric {
                    subject: Subject::Node(function_id("work")),
                    metric,
                    points: vec![Point {
                        at: at(540),
                        value: 2.0,
                    }],
                },
            );
        }
        let all = of_work(&mut told);
        let one = all.iter().find(|trouble| trouble.what.said().contains("not invoked"));
        one.expect("told").severity
    };
    assert_eq!(severity(None, None), Severity::Warning);
    assert_eq!(severity(Some(Evidence::Permitted), None), Severity::Warning);
    assert_eq!(severity(Some(Evidence::Configured), None), Severity::Failing);
    assert_eq!(severity(None, Some(Metric::Throttles)), Severity::Failing);
}

#[test]
fn a_deleted_target_is_told_once_and_its_box_says_it() {
    let mut told = Told::default();
    let edges = vec![edge(&rule_id(), &function_id("gone"), EdgeKind::Trigger)];
    let target = Node {
        detail: Detail::None,
        ..function("gone")
    };
    told.tell(0, found("rules", vec![rule(), target], edges))
        .tell(0, found("functions", vec![function("work")], vec![]))
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
        .tell(1, surveyed(&["rules", "functions"]));
    let snapshot = told.snapshot();
    let about: Vec<_> = snapshot
        .troubles
        .iter()
        .filter(|trouble| trouble.what.said().contains("exist"))
        .map(|trouble| (trouble.id.clone(), trouble.severity))
        .collect();
    assert_eq!(about, [(rule_id(), Severity::Failing)]);
    let vitals = snapshot.vitals.get(&function_id("gone")).expect("a box");
    assert_eq!(
        (vitals.health, vitals.why.said().as_str()),
        (Health::Warning, "does not exist")
    );
}
