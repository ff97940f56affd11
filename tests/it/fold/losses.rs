//! What was lost, and what is not known of it: from observations to the words.

use crate::in_words::InWords as _;
use pitagora::store::losses::{Doubt, Way};
use pitagora::store::snapshot::Trouble;

use super::*;

fn rule_id(name: &str) -> NodeId {
    scope().arn("events", &format!("rule/{name}")).into()
}

pub(super) fn topic_id(name: &str) -> NodeId {
    scope().arn("sns", name).into()
}

pub(super) fn bare(id: &NodeId, kind: NodeKind) -> Node {
    Node {
        id: id.clone(),
        kind,
        name: id.as_str().rsplit([':', '/']).next().unwrap_or_default().into(),
        detail: Detail::None,
    }
}

pub(super) fn by(who: &str, id: &str) -> EdgePolicy {
    EdgePolicy {
        id: Some(id.into()),
        ..EdgePolicy::retried_by(who)
    }
}

/// Counts by the minute before the hundredth.
pub(super) fn metric(subject: Subject, metric: Metric, values: &[(i64, f64)]) -> Fact {
    let points = values.iter().map(|(minute, value)| Point {
        at: at(minute * 60 - 20),
        value: *value,
    });
    Fact::Metric {
        subject,
        metric,
        points: points.collect(),
    }
}

pub(super) fn of(id: &NodeId) -> Subject {
    Subject::Node(id.clone())
}

/// A rule with these targets, each with its dead-letter queue if it has one; the survey is over.
fn rule(targets: &[(&str, Option<&str>)]) -> Told {
    let mut edges = Vec::new();
    let mut nodes = vec![bare(&rule_id("r"), NodeKind::Eventbridge)];
    for (n, (to, dead)) in targets.iter().enumerate() {
        let policy = by("eventbridge", &format!("target-{n}"));
        nodes.push(function(to));
        edges.push(edge(&rule_id("r"), &function_id(to), EdgeKind::Trigger).with(policy.clone()));
        if let Some(dead) = dead {
            nodes.push(queue(dead));
            edges.push(edge(&rule_id("r"), &queue_id(dead), EdgeKind::DeadLetter).with(policy));
        }
    }
    let mut told = Told::default();
    told.tell(0, found("rules", nodes, edges)).tell(1, surveyed(&["rules"]));
    told
}

pub(super) fn losses(told: &mut Told) -> Vec<(Option<NodeId>, Way, u64)> {
    let snapshot = told.snapshot();
    let all = snapshot.answers.losses.certain.iter();
    all.map(|loss| (loss.of.clone(), loss.way, loss.count)).collect()
}

pub(super) fn trouble(told: &mut Told, id: &NodeId) -> Trouble {
    let snapshot = told.snapshot();
    let found = snapshot.troubles.iter().find(|trouble| trouble.id == *id);
    found.expect("a trouble").clone()
}

#[test]
fn what_a_rule_without_a_dead_letter_queue_could_not_hand_over_is_lost() {
    let mut told = rule(&[("bad", None)]);
    told.tell(
        6_000,
        metric(of(&rule_id("r")), Metric::RuleFailures, &[(40, 2.0), (97, 3.0)]),
    );
    assert_eq!(
        losses(&mut told),
        [(Some(rule_id("r")), Way::NotHandedOver, 3)],
        "of the last hour by account time"
    );
    let trouble = trouble(&mut told, &rule_id("r"));
    assert_eq!(trouble.severity, Severity::Loss);
    assert_eq!(trouble.what.said(), "3 events lost: no DLQ");
    assert!(
        trouble.why.said().contains("not delivered to bad"),
        "{}",
        trouble.why.said()
    );
    assert!(trouble.next.said().contains("permission"), "{}", trouble.next.said());
}

#[test]
fn what_went_to_a_targets_dead_letter_queue_is_no_loss() {
    let mut told = rule(&[("bad", Some("rule-dlq"))]);
    // Somebody looked at the rule: this metric alone proves nothing there.
    told.tell(6_000, metric(of(&rule_id("r")), Metric::RuleFailures, &[(97, 3.0)]));
    assert!(losses(&mut told).is_empty());
    told.tell(6_010, metric(of(&rule_id("r")), Metric::RuleEventsLost, &[(97, 1.0)]));
    assert_eq!(losses(&mut told), [(Some(rule_id("r")), Way::DeadLetterUnwritten, 1)]);
    assert!(
        trouble(&mut told, &rule_id("r"))
            .why
            .said()
            .contains("could not be written")
    );
}

#[test]
fn of_several_targets_the_one_without_a_queue_is_named_and_never_the_queue_of_another() {
    let mut told = rule(&[("kept", Some("rule-dlq")), ("bad", None)]);
    let counts = [(80, 2.0), (81, 2.0), (82, 2.0)];
    let kept = [(80, 1.0), (81, 1.0), (83, 1.0)];
    told.tell(6_000, metric(of(&rule_id("r")), Metric::RuleDeadLettered, &kept))
        .tell(6_000, metric(of(&rule_id("r")), Metric::RuleFailures, &counts));
    assert_eq!(losses(&mut told), [(Some(rule_id("r")), Way::NotHandedOver, 3)]);
    let why = trouble(&mut told, &rule_id("r")).why.said();
    assert!(why.contains("not delivered to bad") && !why.contains("kept"), "{why}");
    let snapshot = told.snapshot();
    let row = &snapshot.deliveries.deliveries[0];
    let end = row.end.as_ref().expect("an end");
    assert_eq!(end.to, None, "{}", end.why.said());
    // Two without: which one is not told.
    let mut told = rule(&[("one", None), ("two", None)]);
    told.tell(6_000, metric(of(&rule_id("r")), Metric::RuleFailures, &[(97, 3.0)]));
    let why = trouble(&mut told, &rule_id("r")).why.said();
    assert!(why.contains("one of one, two"), "{why}");
}

/// The healthy target has no queue; the other one is gone, and so is its queue.
#[test]
fn a_target_that_is_cut_with_its_queue_is_named_before_a_healthy_one_without() {
    let cut = || {
        let mut told = Told::default();
        let (good, bad) = (by("eventbridge", "target-0"), by("eventbridge", "target-1"));
        let nodes = vec![
            bare(&rule_id("r"), NodeKind::Eventbridge),
            function("ok"),
            bare(&function_id("bad"), NodeKind::Lambda),
            bare(&queue_id("bad-dlq"), NodeKind::Sqs),
        ];
        let edges = vec![
            edge(&rule_id("r"), &function_id("ok"), EdgeKind::Trigger).with(good),
            edge(&rule_id("r"), &function_id("bad"), EdgeKind::Trigger).with(bad.clone()),
            edge(&rule_id("r"), &queue_id("bad-dlq"), EdgeKind::DeadLetter).with(bad),
        ];
        let gone = [function_id("bad"), queue_id("bad-dlq")].map(|id| Missing { id, qualifier: None });
        told.tell(0, found("rules", nodes, edges))
            .tell(1, Fact::Missing(gone.into()))
            .tell(1, surveyed(&["rules"]));
        told
    };
    let mut told = cut();
    let counts = [(80, 2.0), (81, 2.0), (82, 2.0)];
    told.tell(6_000, metric(of(&rule_id("r")), Metric::RuleDeadLettered, &[]))
        .tell(6_000, metric(of(&rule_id("r")), Metric::RuleFailures, &counts));
    assert_eq!(losses(&mut told), [(Some(rule_id("r")), Way::NotHandedOver, 6)]);
    let why = trouble(&mut told, &rule_id("r")).why.said();
    assert!(why.contains("not delivered to bad,") && !why.contains("ok"), "{why}");
    // With the metric that counts what no queue could be made to take, the reason is its own.
    let mut told = cut();
    told.tell(6_000, metric(of(&rule_id("r")), Metric::RuleDeadLettered, &[]))
        .tell(6_000, metric(of(&rule_id("r")), Metric::RuleEventsLost, &counts))
        .tell(6_000, metric(of(&rule_id("r")), Metric::RuleFailures, &counts));
    assert_eq!(losses(&mut told), [(Some(rule_id("r")), Way::DeadLetterUnwritten, 6)]);
    let trouble = trouble(&mut told, &rule_id("r"));
    assert!(
        trouble.what.said().contains("DLQ not written"),
        "{}",
        trouble.what.said()
    );
    assert!(
        trouble.why.said().contains("bad-dlq cannot be written"),
        "{}",
        trouble.why.said()
    );
}

/// The account is read each minute, and each function as the purse allows.
#[test]
fn what_could_not_be_written_keeps_its_name_while_the_account_counts_on() {
    let mut told = Told::default();
    let policy = by("lambda", "work");
    let dead = edge(&function_id("work"), &queue_id("dead"), EdgeKind::DeadLetter).with(policy);
    told.tell(0, found("functions", vec![function("work"), queue("dead")], vec![dead]))
        .tell(1, surveyed(&["functions"]));
    let until = |minutes: i64| (60..=minutes).map(|minute| (minute, 1.0)).collect::<Vec<_>>();
    told.tell(4_200, metric(Subject::Account, Metric::DeadLetterErrors, &until(69)));
    assert_eq!(losses(&mut told), [(None, Way::DeadLetterUnwritten, 10)]);
    let snapshot = told.snapshot();
    assert!(
        snapshot
            .troubles
            .iter()
            .any(|trouble| trouble.id == NodeId::from("account")),
        "the list says so too"
    );
    told.tell(
        4_201,
        metric(of(&function_id("work")), Metric::DeadLetterErrors, &until(69)),
    );
    for minute in 70..100 {
        told.tell(
            minute * 60 + 1,
            metric(Subject::Account, Metric::DeadLetterErrors, &until(minute)),
        );
        if minute % 5 == 0 {
            told.tell(
                minute * 60 + 2,
                metric(of(&function_id("work")), Metric::DeadLetterErrors, &until(minute)),
            );
        }
        let named: Vec<_> = losses(&mut told).into_iter().map(|(of, ..)| of).collect();
        assert_eq!(named, [Some(function_id("work"))], "in minute {minute}");
    }
    // What no function counts, ten minutes after all were read, is of none that is known.
    told.tell(6_001, metric(Subject::Account, Metric::DeadLetterErrors, &[(80, 4.0)]));
    told.tell(
        6_002,
        metric(of(&function_id("work")), Metric::DeadLetterErrors, &until(99)),
    );
    let all = losses(&mut told);
    assert_eq!(all.last(), Some(&(None, Way::DeadLetterUnwritten, 3)), "{all:?}");
    assert_eq!(all.len(), 2);
}

#[test]
fn a_topic_loses_by_the_message_and_with_http_nothing_is_certain() {
    let mut told = Told::default();
    let nodes = vec![bare(&topic_id("t"), NodeKind::Sns), function("bad")];
    let edges = vec![edge(&topic_id("t"), &function_id("bad"), EdgeKind::Trigger).with(by("sns", "s"))];
    told.tell(0, found("topics", nodes, edges))
        .tell(1, surveyed(&["topics"]));
    assert_eq!(
        told.snapshot().answers.losses.unread,
        [topic_id("t")],
        "no metric was read"
    );
    told.tell(
        6_000,
        metric(of(&topic_id("t")), Metric::NotificationAttemptsFailed, &[(97, 9.0)]),
    );
    let snapshot = told.snapshot();
    let (losses_now, unsure) = (&snapshot.answers.losses.certain, &snapshot.answers.losses.unsure);
    assert!(losses_now.is_empty());
    assert_eq!((unsure[0].doubt, unsure[0].count), (Doubt::Attempts, 9));
    assert_eq!(trouble(&mut told, &topic_id("t")).severity, Severity::Warning);
    assert!(told.snapshot().answers.losses.unread.is_empty());
    told.tell(
        6_060,
        metric(of(&topic_id("t")), Metric::NotificationsFailed, &[(98, 4.0)]),
    );
    assert_eq!(losses(&mut told), [(Some(topic_id("t")), Way::NotHandedOver, 4)]);
}

#[test]
fn a_schedule_group_is_named_and_none_of_its_schedules() {
    let schedule = NodeId::from(scope().arn("scheduler", "schedule/nightly/clean-up"));
    let group = NodeId::from(scope().arn("scheduler", "schedule-group/nightly"));
    let mut told = Told::default();
    let nodes = vec![bare(&schedule, NodeKind::Schedule), function("bad")];
    let edges = vec![edge(&schedule, &function_id("bad"), EdgeKind::Trigger)];
    told.tell(0, found("schedules", nodes, edges))
        .tell(1, surveyed(&["schedules"]));
    assert_eq!(told.snapshot().answers.losses.unread, std::slice::from_ref(&group));
    told.tell(6_000, metric(of(&group), Metric::SchedulesDropped, &[(97, 2.0)]));
    assert_eq!(losses(&mut told), [(Some(group.clone()), Way::NotHandedOver, 2)]);
    let trouble = trouble(&mut told, &group);
    assert!(trouble.why.said().contains("schedule group") && !trouble.why.said().contains("clean-up"));
}

/// AWS counts by the group. Where the target of one of its schedules does not exist, no other one is suspected.
#[test]
fn a_schedule_that_can_reach_its_target_is_not_suspected_beside_one_that_cannot() {
    let schedule = |name: &str| NodeId::from(scope().arn("scheduler", &format!("schedule/nightly/{name}")));
    let group = NodeId::from(scope().arn("scheduler", "schedule-group/nightly"));
    let suspected = |gone: &[NodeId]| -> Vec<NodeId> {
        let (bill, sync) = (schedule("bill"), schedule("sync"));
        let nodes = vec![
            bare(&bill, NodeKind::Schedule),
            bare(&sync, NodeKind::Schedule),
            bare(&queue_id("bills"), NodeKind::Sqs),
            bare(&queue_id("syncs"), NodeKind::Sqs),
        ];
        let edges = vec![
            edge(&bill, &queue_id("bills"), EdgeKind::Trigger),
            edge(&sync, &queue_id("syncs"), EdgeKind::Trigger),
        ];
        let missing = gone.iter().map(|id| Missing {
            id: id.clone(),
            qualifier: None,
        });
        let mut told = Told::default();
        told.tell(0, found("schedules", nodes, edges))
            .tell(1, Fact::Missing(missing.collect()))
            .tell(1, surveyed(&["schedules"]))
            .tell(6_000, metric(of(&group), Metric::SchedulesDropped, &[(97, 2.0)]));
        let snapshot = told.snapshot();
        let warnings = snapshot.troubles.iter().filter(|one| one.severity == Severity::Warning);
        let of_group = warnings.filter(|one| one.what.said().contains("its group"));
        of_group.map(|one| one.id.clone()).collect()
    };
    assert_eq!(suspected(&[]), [schedule("bill"), schedule("sync")]);
    assert_eq!(suspected(&[queue_id("bills")]), [schedule("bill")]);
}

pub(super) fn kept(function: &str) -> Edge {
    edge(&function_id(function), &queue_id("dead"), EdgeKind::DeadLetter).with(by("lambda", "dlq"))
}

#[test]
fn a_drop_that_went_to_a_dead_letter_queue_is_no_loss() {
    let mut told = chain();
    told.tell(1, found("configuration", vec![], vec![kept("work")]))
        .tell(
            6_000,
            metric(of(&function_id("work")), Metric::AsyncEventsDropped, &[(97, 2.0)]),
        )
        .tell(
            6_000,
            metric(Subject::Account, Metric::AsyncEventsDropped, &[(97, 2.0)]),
        );
    assert!(losses(&mut told).is_empty() && told.snapshot().answers.losses.unsure.is_empty());
    assert!(
        told.snapshot()
            .troubles
            .iter()
            .all(|trouble| trouble.severity != Severity::Loss)
    );
}

#[test]
fn a_dead_letter_queue_that_comes_later_brings_nothing_back() {
    let mut told = chain();
    let dropped = |values: &[(i64, f64)]| metric(of(&function_id("work")), Metric::AsyncEventsDropped, values);
    told.tell(6_000, dropped(&[(97, 2.0)]));
    assert_eq!(losses(&mut told), [(Some(function_id("work")), Way::Dropped, 2)]);
    told.tell(6_010, found("configuration", vec![], vec![kept("work")]))
        .tell(6_100, dropped(&[(97, 2.0), (101, 5.0)]));
    assert_eq!(losses(&mut told)[0].2, 2, "what came after it is kept");
    // It is taken away: what was given up while it was there may lie in it.
    told.tell(6_200, found("configuration", vec![], vec![]))
        .tell(6_400, dropped(&[(97, 2.0), (101, 5.0), (106, 1.0)]));
    assert_eq!(losses(&mut told)[0].2, 3);
}

#[test]
fn what_could_not_be_read_of_a_function_makes_its_drops_no_certain_loss() {
    let mut told = chain();
    let unread = Fact::Unread {
        part: Part::new("lambda:ListFunctionEventInvokeConfigs", function_id("work").as_str()),
        unknown: Unknown {
            what: "destinations of work".into(),
            why: "access denied".into(),
        },
        optional: false,
    };
    told.tell(2, unread).tell(
        6_000,
        metric(of(&function_id("work")), Metric::AsyncEventsDropped, &[(97, 2.0)]),
    );
    assert!(losses(&mut told).is_empty());
    let unsure = told.snapshot().answers.losses.unsure.clone();
    assert_eq!((unsure[0].doubt, unsure[0].count), (Doubt::KeepingUnread, 2));
    assert_eq!(trouble(&mut told, &function_id("work")).severity, Severity::Warning);
}

#[test]
fn a_drop_whose_function_is_not_known_is_not_called_lost() {
    let mut told = chain();
    told.tell(
        6_000,
        metric(Subject::Account, Metric::AsyncEventsDropped, &[(97, 2.0)]),
    );
    assert!(losses(&mut told).is_empty());
    let unsure = told.snapshot().answers.losses.unsure.clone();
    assert_eq!((unsure[0].doubt, unsure[0].count), (Doubt::NoFunction, 2));
}

/// Lines of `work`, read up to a moment without a gap.
pub(super) fn read_to(seconds: i64, lines: Vec<Line>) -> Fact {
    let reach = Reach {
        since: at(-3_600),
        read_to: at(seconds),
        complete_to: Some(at(seconds - 30)),
        settled_to: Some(at(seconds - 30)),
        whole_since: Some(at(-3_600)),
    };
    Fact::Lines(LogRead {
        group: "/aws/lambda/work".into(),
        functions: vec![function_id("work")],
        lines,
        reach: Some(reach),
        ..LogRead::default()
    })
}

/// A function that a rule starts, without a dead-letter queue.
pub(super) fn asynchronous() -> Told {
    let mut told = Told::default();
    let nodes = vec![bare(&rule_id("r"), NodeKind::Eventbridge), function("work")];
    let edges = vec![edge(&rule_id("r"), &function_id("work"), EdgeKind::Trigger).with(by("eventbridge", "t"))];
    told.tell(0, found("rules", nodes, edges)).tell(1, surveyed(&["rules"]));
    told
}
