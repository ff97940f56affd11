//! Queues and streams that forget before what fails is moved or dropped: told by their settings alone.

use super::losses::{bare, by};
use super::*;
use crate::in_words::InWords as _;

pub(super) fn queue_of(name: &str, retention_s: u32, visibility_timeout_s: u32, receives: Option<u32>) -> Node {
    let detail = Queue {
        retention_s,
        visibility_timeout_s,
        max_receive_count: receives,
        ..Queue::default()
    };
    Node {
        detail: Detail::Queue(Box::new(detail)),
        ..queue(name)
    }
}

#[test]
fn a_queue_that_forgets_before_its_dead_letter_queue_is_told_by_its_settings_alone() {
    let told_of = |retention: u32, receives: u32| {
        let mut told = Told::default();
        let nodes = vec![
            queue_of("q", retention, 60, Some(receives)),
            queue_of("dead", 1_209_600, 30, None),
        ];
        let edges = vec![edge(&queue_id("q"), &queue_id("dead"), EdgeKind::DeadLetter)];
        told.tell(0, found("queues", nodes, edges));
        let troubles = told.snapshot().troubles.to_vec();
        troubles
            .into_iter()
            .filter(|trouble| trouble.id == queue_id("q"))
            .collect::<Vec<_>>()
    };
    let short = told_of(120, 5);
    assert_eq!(short[0].severity, Severity::Warning);
    // Nothing fails: it is what would happen, and not what does.
    assert_eq!(short[0].what.said(), "its retention would end before its DLQ");
    assert!(
        short[0]
            .next
            .said()
            .starts_with("a message that failed each time would be deleted"),
        "{}",
        short[0].next.said()
    );
    // The last receive ends as the retention does: the move comes after it.
    assert_eq!(told_of(300, 5).len(), 1);
    assert!(told_of(301, 5).is_empty());
    assert!(told_of(345_600, 1_000).is_empty());
}

#[test]
fn a_dead_letter_queue_that_keeps_no_longer_than_its_source_is_told() {
    let severity = |source: u32, dead: u32, fifo: bool| {
        let mut told = Told::default();
        let mut dead = queue_of("dead", dead, 30, None);
        if let Detail::Queue(queue) = &mut dead.detail {
            queue.fifo = fifo;
        }
        let nodes = vec![queue_of("q", source, 30, Some(3)), dead];
        let edges = vec![edge(&queue_id("q"), &queue_id("dead"), EdgeKind::DeadLetter)];
        told.tell(0, found("queues", nodes, edges));
        let snapshot = told.snapshot();
        snapshot.troubles.first().map(|trouble| trouble.severity)
    };
    assert_eq!(
        severity(345_600, 86_400, false),
        Some(Severity::Warning),
        "older ones are deleted at once"
    );
    assert_eq!(severity(345_600, 345_600, false), Some(Severity::Notice));
    assert_eq!(severity(345_600, 1_209_600, false), None);
    assert_eq!(
        severity(345_600, 86_400, true),
        None,
        "in a FIFO queue time begins anew"
    );
}

#[test]
fn a_stream_that_forgets_before_the_maximum_age_is_told() {
    let severity = |kind: NodeKind, id: &str, max_age_s: i64| {
        let id = NodeId::from(id);
        let mut told = Told::default();
        let policy = EdgePolicy {
            retries: RetryPolicy {
                max_age_s: Some(max_age_s),
                ..by("mapping", "m").retries
            },
            ..by("mapping", "m")
        };
        let edges = vec![edge(&id, &function_id("work"), EdgeKind::Trigger).with(policy)];
        told.tell(0, found("mappings", vec![bare(&id, kind), function("work")], edges));
        let snapshot = told.snapshot();
        let found = snapshot
            .troubles
            .iter()
            .find(|trouble| trouble.what.said().contains("retention"));
        found.map(|trouble| (trouble.severity, trouble.why.said()))
    };
    let table = scope().arn("dynamodb", "table/orders/stream/2026");
    let week = severity(NodeKind::DynamodbStream, &table, 604_800).expect("told");
    assert_eq!(week.0, Severity::Warning);
    assert_eq!(severity(NodeKind::DynamodbStream, &table, 86_400), None);
    assert_eq!(severity(NodeKind::DynamodbStream, &table, -1), None);
    // Whoever paid for more keeps them longer: that was not read.
    let stream = scope().arn("kinesis", "stream/clicks");
    let (unsure, why) = severity(NodeKind::Kinesis, &stream, 604_800).expect("told");
    assert_eq!(unsure, Severity::Notice);
    assert!(why.contains("unless raised"), "{why}");
}

/// A record is lost at the lesser of its mapping's maximum age and its stream's retention.
#[test]
fn a_reader_that_is_late_says_which_limit_comes_first() {
    let next = |kind: NodeKind, id: &str, max_age_s: i64| {
        let id = NodeId::from(id);
        let mut policy = by("lambda", "m");
        policy.retries.max_age_s = Some(max_age_s);
        let edges = vec![edge(&id, &function_id("work"), EdgeKind::Trigger).with(policy)];
        let age = Fact::Metric {
            subject: Subject::Node(function_id("work")),
            metric: Metric::IteratorAge,
            points: vec![Point {
                at: at(60),
                value: 103_000.0,
            }],
        };
        let mut told = Told::default();
        told.tell(0, found("mappings", vec![bare(&id, kind), function("work")], edges))
            .tell(130, age);
        let snapshot = told.snapshot();
        let mut troubles = snapshot.troubles.iter();
        let late = troubles.find(|trouble| trouble.what.said().starts_with("reads its stream"));
        late.expect("late").next.said()
    };
    let table = scope().arn("dynamodb", "table/orders/stream/2026");
    let stream = scope().arn("kinesis", "stream/clicks");
    let aged = next(NodeKind::Kinesis, &stream, 120);
    assert_eq!(
        aged,
        "records are lost when they reach the mapping's maximum record age: 2 min, in 17 s"
    );
    let gone = next(NodeKind::DynamodbStream, &table, 90);
    assert_eq!(
        gone,
        "records are lost when they reach the mapping's maximum record age: 90 s, by now"
    );
    for age in [-1, 604_800] {
        let kept = next(NodeKind::DynamodbStream, &table, age);
        assert!(kept.contains("the stream's retention: 1 d, in 23 h 58 min"), "{kept}");
    }
}
