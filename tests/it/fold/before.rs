//! What expired before the program was started, and dead letters that expire: told at the first look.

use crate::in_words::InWords as _;
use pitagora::store::coming::Cause;
use pitagora::store::losses::Way;

use super::losses::{bare, by, read_to};
use super::retention::queue_of;
use super::*;

const MINUTE: i64 = 60;

fn depth(queue: &str, visible: u64) -> Fact {
    Fact::Depth {
        queue: queue_id(queue),
        visible,
        in_flight: 0,
        delayed: 0,
    }
}

/// The age of a queue's oldest message, in each of the minutes before this one.
fn ages(queue: &str, now: i64, values: &[f64]) -> Fact {
    let first = now - MINUTE * i64::try_from(values.len()).expect("few");
    let points = (0..).zip(values).map(|(n, value)| Point {
        at: at(first + n * MINUTE),
        value: *value,
    });
    Fact::Metric {
        subject: Subject::Node(queue_id(queue)),
        metric: Metric::OldestMessageAge,
        points: points.collect(),
    }
}

fn lost(told: &mut Told) -> Vec<(NodeId, Way, u64)> {
    let snapshot = told.snapshot();
    let lost = snapshot.answers.losses.certain.iter();
    lost.map(|loss| (loss.of.clone().expect("of a node"), loss.way, loss.count))
        .collect()
}

/// What is told of losses to come: why, whether it may be past, and its last moment.
fn coming(told: &mut Told) -> Vec<(Cause, bool, Option<Timestamp>)> {
    let snapshot = told.snapshot();
    let coming = snapshot.answers.coming.iter();
    coming.map(|one| (one.cause, one.past, one.latest)).collect()
}

/// A queue with a retention of five minutes whose mapping is off since long ago.
fn off() -> Told {
    let policy = EdgePolicy {
        status: EdgeStatus {
            state: Some("Disabled".into()),
            last_modified: Some(at(-86_400)),
            ..EdgeStatus::default()
        },
        ..by("mapping", "m")
    };
    let mapping = edge(&queue_id("q"), &function_id("work"), EdgeKind::Trigger)
        .with(policy)
        .enabled(false);
    let mut told = Told::default();
    let nodes = vec![queue_of("q", 300, 30, None), function("work")];
    told.tell(0, found("queues", nodes, vec![mapping]))
        .tell(1, surveyed(&["queues"]));
    told
}

#[test]
fn what_expired_behind_a_mapping_that_is_off_is_lost_at_the_first_look() {
    let now = 10_000;
    let mut told = off();
    told.tell(now, depth("q", 10));
    assert_eq!(lost(&mut told), []);
    told.tell(now, ages("q", now - 120, &[280.0, 290.0, 271.0, 285.0, 280.0]));
    assert_eq!(lost(&mut told), [(queue_id("q"), Way::Expired, 3)]);
    // Read again, it is the same.
    told.tell(now + 1, ages("q", now - 120, &[280.0, 290.0, 271.0, 285.0, 280.0]));
    assert_eq!(lost(&mut told), [(queue_id("q"), Way::Expired, 3)]);
    assert_eq!(coming(&mut told), [(Cause::NobodyReads, false, None)], "any moment");
    // What was taken out in time is not.
    let mut told = off();
    told.tell(now, depth("q", 10))
        .tell(now, ages("q", now - 120, &[60.0, 120.0, 180.0, 60.0, 120.0]));
    assert_eq!(lost(&mut told), []);
}

#[test]
fn the_first_look_counts_down_by_the_age_of_the_oldest_message_not_by_the_whole_retention() {
    let now = 10_000;
    let told_of = |age: f64| {
        let mut told = off();
        told.tell(now, depth("q", 10)).tell(now, ages("q", now - 120, &[age]));
        assert_eq!(lost(&mut told), []);
        coming(&mut told)
    };
    // Measured three minutes ago: it came in by the end of that minute less its age.
    assert_eq!(told_of(150.0), [(Cause::NobodyReads, false, Some(at(now + 30)))]);
    // By now it reached its retention, and nothing reads it.
    assert!(told_of(220.0)[0].1);
    // The age of an empty queue.
    assert!(!told_of(0.0)[0].1);
    // It is another's where the queue was found empty since.
    let mut told = off();
    told.tell(now - 90, depth("q", 0)).tell(now, depth("q", 10));
    told.tell(now, ages("q", now - 120, &[150.0]));
    assert_eq!(coming(&mut told), [(Cause::NobodyReads, false, Some(at(now + 300)))]);
}

#[test]
fn a_single_message_that_was_gone_at_the_end_of_its_retention_may_have_been_purged() {
    let now = 10_000;
    let mut told = off();
    told.tell(now, depth("q", 2))
        .tell(now, ages("q", now - 120, &[120.0, 180.0, 240.0, 299.0, 20.0]));
    assert_eq!(lost(&mut told), []);
    let snapshot = told.snapshot();
    assert!(snapshot.answers.coming[0].past && snapshot.answers.may_have_lost());
}

/// A queue without a dead-letter queue, or whose dead-letter queue does not exist, and its reader.
fn failing(gone: bool, others: Vec<Edge>) -> Told {
    let mut told = Told::default();
    let mut edges = vec![edge(&queue_id("q"), &function_id("work"), EdgeKind::Trigger).with(by("mapping", "m"))];
    let receives = gone.then_some(3);
    edges.extend(gone.then(|| edge(&queue_id("q"), &queue_id("dead"), EdgeKind::DeadLetter)));
    edges.extend(others);
    let detail = if gone { Detail::None } else { queue("dead").detail };
    let dead = Node {
        detail,
        ..queue("dead")
    };
    let nodes = vec![queue_of("q", 120, 30, receives), function("work"), dead];
    told.tell(0, found("queues", nodes, edges))
        .tell(1, surveyed(&["queues"]));
    if gone {
        let missing = Missing {
            id: queue_id("dead"),
            qualifier: None,
        };
        told.tell(2, Fact::Missing(BTreeSet::from([missing])));
    }
    told
}

/// A failed invocation every ten seconds.
fn failures(from: i64, to: i64) -> Vec<Line> {
    let ids = (from..to).step_by(10).map(|at| (at, at.to_string()));
    ids.flat_map(|(at, id)| [start(at, &id), report(at + 1, &id, true)])
        .collect()
}

#[test]
fn what_failed_for_a_whole_retention_before_the_first_reading_is_lost() {
    let now = 10_000;
    for gone in [false, true] {
        let mut told = failing(gone, vec![]);
        told.tell(now, depth("q", 4));
        told.tell(now, read_to(now, failures(now - 900, now)));
        let expired = lost(&mut told);
        assert_eq!(expired.len(), 1, "{expired:?}, gone: {gone}");
        let (of, way, count) = &expired[0];
        assert_eq!((of, *way), (&function_id("work"), Way::Expired));
        // Three a retention and visibility timeout, and none of the last of them.
        assert!((9..=15).contains(count), "{count}");
    }
    // Where something else invokes it, no invocation is known to be of a message.
    let other = edge(&queue_id("dead"), &function_id("work"), EdgeKind::Trigger).with(by("mapping", "n"));
    let mut told = failing(false, vec![other]);
    told.tell(now, depth("q", 4));
    told.tell(now, read_to(now, failures(now - 900, now)));
    assert_eq!(lost(&mut told), []);
}

/// A queue with a dead-letter queue of this retention.
fn dead(retention_s: u32) -> Told {
    let mut told = Told::default();
    let edges = vec![
        edge(&queue_id("q"), &function_id("work"), EdgeKind::Trigger).with(by("mapping", "m")),
        edge(&queue_id("q"), &queue_id("dead"), EdgeKind::DeadLetter),
    ];
    let nodes = vec![
        queue_of("q", 345_600, 10, Some(2)),
        queue_of("dead", retention_s, 30, None),
        function("work"),
    ];
    told.tell(0, found("queues", nodes, edges))
        .tell(1, surveyed(&["queues"]));
    told
}

#[test]
fn dead_letters_that_reach_their_retention_again_and_again_are_lost() {
    let now = 10_000;
    let mut told = dead(300);
    told.tell(now, depth("dead", 3)).tell(
        now,
        ages("dead", now - 300, &[280.0, 230.0, 281.0, 240.0, 285.0, 250.0]),
    );
    assert_eq!(lost(&mut told), [(queue_id("dead"), Way::Expired, 4)]);
    let snapshot = told.snapshot();
    let loss = snapshot.troubles.first().expect("a trouble");
    assert_eq!((loss.severity, &loss.id), (Severity::Loss, &queue_id("dead")));
    assert!(loss.why.said().contains("inferred"), "{}", loss.why.said());
}

#[test]
fn a_dead_letter_is_counted_down_to_its_own_expiry_in_its_last_hour() {
    let now = 400_000;
    let mut told = dead(345_600);
    told.tell(now, depth("dead", 1));
    assert_eq!(coming(&mut told), [], "when it came in is not known");
    told.tell(now, ages("dead", now, &[345_600.0 - 1_800.0]));
    assert_eq!(
        coming(&mut told),
        [(Cause::DeadLetterRetention, false, Some(at(now + 1_800)))]
    );
    assert_eq!(told.snapshot().troubles[0].severity, Severity::Failing);
}

#[test]
fn where_dead_letters_came_more_than_a_retention_ago_they_may_be_lost() {
    let now = 10_000;
    let mut told = dead(120);
    told.tell(now, depth("dead", 3));
    told.tell(now, read_to(now, failures(now - 600, now)));
    let told_of = coming(&mut told);
    assert!(
        told_of
            .iter()
            .any(|(cause, past, _)| (*cause, *past) == (Cause::DeadLetterRetention, true))
    );
    let snapshot = told.snapshot();
    assert!(snapshot.answers.may_have_lost());
    let words = "an event may be lost by now";
    let trouble = snapshot.troubles.iter().find(|trouble| trouble.what.said() == words);
    assert_eq!(
        trouble.expect("a trouble").due,
        None,
        "what may be past is not counted down"
    );
    let mut told = dead(1_209_600);
    told.tell(now, depth("dead", 3));
    told.tell(now, read_to(now, failures(now - 600, now)));
    assert_eq!(coming(&mut told), []);
    assert!(!told.snapshot().answers.may_have_lost());
}

#[test]
fn a_stream_of_which_every_mapping_is_off_is_a_warning() {
    let stream = NodeId::from(scope().arn("kinesis", "stream/clicks"));
    let mapping = |function: &str, off_at: Option<i64>| {
        let policy = EdgePolicy {
            status: EdgeStatus {
                state: Some(if off_at.is_some() { "Disabled" } else { "Enabled" }.into()),
                last_modified: off_at.map(at),
                ..EdgeStatus::default()
            },
            ..by("lambda", function)
        };
        edge(&stream, &function_id(function), EdgeKind::Trigger)
            .with(policy)
            .enabled(off_at.is_none())
    };
    let now = 200_000;
    let told_of = |edges: Vec<Edge>| {
        let nodes = vec![bare(&stream, NodeKind::Kinesis), function("work"), function("new")];
        let mut told = Told::default();
        told.tell(0, found("mappings", nodes, edges))
            .tell(now, surveyed(&["mappings"]));
        let severities = told.snapshot().troubles.iter().map(|one| one.severity).max();
        (coming(&mut told), severities)
    };
    let unread = |past| vec![(Cause::StreamUnread, past, None)];
    let (long_ago, lately) = (now - 2 * 86_400, now - 3_600);
    assert_eq!(
        told_of(vec![mapping("work", Some(long_ago))]),
        (unread(true), Some(Severity::Warning))
    );
    assert_eq!(
        told_of(vec![mapping("work", Some(lately))]),
        (unread(false), Some(Severity::Warning))
    );
    let replaced = vec![mapping("work", Some(long_ago)), mapping("new", None)];
    assert_eq!(
        told_of(replaced),
        (vec![], Some(Severity::Notice)),
        "another function reads it"
    );
}

/// A queue that is read, and whose oldest message grew as old as this in the last minutes.
fn read_slowly(ages_s: &[f64]) -> Told {
    let mapping = edge(&queue_id("q"), &function_id("work"), EdgeKind::Trigger);
    let nodes = vec![queue_of("q", 180, 30, None), function("work")];
    let mut told = Told::default();
    told.tell(0, found("mappings", nodes, vec![mapping]))
        .tell(1, surveyed(&["mappings"]))
        .tell(600, ages("q", 600, ages_s));
    told
}

#[test]
fn a_queue_that_is_read_too_slowly_may_lose_what_reaches_its_retention() {
    let mut told = read_slowly(&[150.0, 178.0]);
    assert_eq!(coming(&mut told), [(Cause::ReadTooSlowly, true, None)]);
    let snapshot = told.snapshot();
    let own = snapshot.troubles.iter().find(|trouble| trouble.id == queue_id("q"));
    let own = own.expect("told of the queue");
    assert_eq!(own.what.said(), "an event may be lost by now");
    assert_eq!(
        own.why.said(),
        "it is read too slowly: its oldest message reached the retention"
    );
    // What is read in time is not.
    assert_eq!(coming(&mut read_slowly(&[150.0, 60.0])), []);
}

/// What came into a dead-letter queue longer ago than its retention is not there any more, however many wait now.
#[test]
fn how_many_dead_letters_may_be_lost_by_now_is_told_by_the_depth() {
    let now = 10_000;
    let mut told = dead(120);
    told.tell(now, depth("dead", 0))
        .tell(now + 10, depth("dead", 2))
        .tell(now + 60, depth("dead", 5))
        .tell(now + 130, depth("dead", 3))
        .tell(now + 200, depth("dead", 4));
    let snapshot = told.snapshot();
    let coming = snapshot
        .answers
        .coming
        .iter()
        .map(|one| (one.cause, one.past, one.by_now));
    assert_eq!(
        coming.collect::<Vec<_>>(),
        [(Cause::DeadLetterRetention, true, Some(2))],
        "two came in more than a retention ago"
    );
    let words = "at least 2 messages may be lost by now";
    assert!(snapshot.troubles.iter().any(|trouble| trouble.what.said() == words));
}
