//! What expires unread in a queue, and records of a stream that grow too old: as losses, before and after.

use crate::in_words::InWords as _;
use pitagora::store::coming::Cause;
use pitagora::store::losses::Way;

use super::losses::{bare, by, read_to};
use super::retention::queue_of;
use super::*;

fn depth(visible: u64) -> Fact {
    held("q", visible)
}

fn held(queue: &str, visible: u64) -> Fact {
    Fact::Depth {
        queue: queue_id(queue),
        visible,
        in_flight: 0,
        delayed: 0,
    }
}

fn lost(told: &mut Told) -> Vec<(NodeId, Way, u64)> {
    let answers = &told.snapshot().answers;
    let lost = answers.losses.certain.iter();
    lost.map(|loss| (loss.of.clone().expect("of a node"), loss.way, loss.count))
        .collect()
}

fn troubles_of(told: &mut Told, id: &NodeId) -> Vec<Trouble> {
    let troubles = told.snapshot().troubles.to_vec();
    troubles.into_iter().filter(|trouble| trouble.id == *id).collect()
}

/// A queue that keeps a message for two minutes, hides it for one, and moves it after so many receives.
fn queue_read_by_work(receives: Option<u32>, mapping: Edge) -> Told {
    let mut told = Told::default();
    let dead = receives.map(|_| edge(&queue_id("q"), &queue_id("dead"), EdgeKind::DeadLetter));
    let nodes = vec![
        queue_of("q", 120, 60, receives),
        queue_of("dead", 1_209_600, 30, None),
        function("work"),
    ];
    told.tell(0, found("queues", nodes, dead.into_iter().collect()))
        .tell(0, found("mappings", vec![], vec![mapping]))
        .tell(1, surveyed(&["queues", "mappings"]));
    told
}

fn mapping() -> Edge {
    edge(&queue_id("q"), &function_id("work"), EdgeKind::Trigger).with(by("mapping", "m"))
}

fn off_since(seconds: i64) -> Edge {
    let policy = EdgePolicy {
        status: EdgeStatus {
            state: Some("Disabled".into()),
            last_modified: Some(at(seconds)),
            ..EdgeStatus::default()
        },
        ..by("mapping", "m")
    };
    edge(&queue_id("q"), &function_id("work"), EdgeKind::Trigger)
        .with(policy)
        .enabled(false)
}

/// Invocations every half minute, of which those in `good` succeed.
fn invocations(from: i64, to: i64, good: &[i64]) -> Vec<Line> {
    let starts = (from..to).step_by(30);
    starts
        .flat_map(|at| {
            let id = at.to_string();
            [start(at, &id), report(at + 1, &id, !good.contains(&at))]
        })
        .collect()
}

#[test]
fn what_waited_while_all_invocations_failed_is_gone_when_the_retention_is_over() {
    let told_of = |receives, good: &[i64], moved: u64, complete: bool| {
        let mut told = queue_read_by_work(receives, mapping());
        told.tell(1_000, held("dead", 0)).tell(1_000, depth(3));
        told.tell(1_060, depth(5)).tell(1_100, held("dead", moved));
        let read = if complete { 1_220 } else { 1_140 };
        told.tell(read, read_to(read, invocations(900, read - 40, good)));
        told.tell(1_215, depth(2)).tell(1_221, Fact::Reached);
        lost(&mut told)
    };
    let expired = |count| vec![(function_id("work"), Way::Expired, count)];
    assert_eq!(told_of(None, &[], 0, true), expired(3));
    assert_eq!(
        told_of(Some(5), &[], 0, true),
        expired(3),
        "no receive is its fifth in two minutes"
    );
    assert_eq!(told_of(Some(5), &[], 2, true), expired(1), "two were moved");
    let none = Vec::new();
    assert_eq!(told_of(Some(1), &[], 0, true), none, "they may have been moved");
    assert_eq!(
        told_of(None, &[1_050], 0, true),
        none,
        "that one may have processed them"
    );
    assert_eq!(told_of(None, &[930], 0, true), none, "the depth may be older than that");
    assert_eq!(told_of(None, &[], 0, false), none, "the log is not read so far");
}

#[test]
fn what_waits_while_all_invocations_fail_is_counted_down() {
    let coming = |good: &[i64]| {
        let mut told = queue_read_by_work(None, mapping());
        told.tell(1_000, depth(3)).tell(1_030, depth(4));
        told.tell(1_100, read_to(1_100, invocations(900, 1_095, good)));
        told.snapshot().answers.coming.clone()
    };
    let failing = coming(&[]);
    assert_eq!(failing.len(), 1, "{failing:?}");
    assert_eq!(
        (failing[0].cause, failing[0].latest),
        (Cause::QueueRetention, Some(at(1_120)))
    );
    assert!(!failing[0].conditional && !failing[0].past);
    // Later others came in all the time: one may be gone at any moment.
    let mut told = queue_read_by_work(None, mapping());
    for n in 0..10 {
        told.tell(1_000 + n * 30, depth(3));
    }
    told.tell(1_290, read_to(1_290, invocations(900, 1_280, &[])));
    let later = told.snapshot().answers.coming.clone();
    assert_eq!(later.iter().map(|one| one.past).collect::<Vec<_>>(), [true]);
    assert!(coming(&[1_020]).iter().all(|one| one.latest != Some(at(1_120))));
}

/// AWS (patterns): a mapping deletes what its filter does not let through, and invokes nothing.
#[test]
fn what_a_filter_may_have_deleted_is_not_called_lost() {
    let policy = EdgePolicy {
        filter: EdgeFilter {
            patterns: vec![r#"{"body": {"kind": ["order"]}}"#.into()],
            ..EdgeFilter::default()
        },
        ..by("mapping", "m")
    };
    let filtered = edge(&queue_id("q"), &function_id("work"), EdgeKind::Trigger).with(policy);
    let mut told = queue_read_by_work(None, filtered);
    told.tell(1_000, depth(3));
    told.tell(1_220, read_to(1_220, invocations(1_040, 1_042, &[])));
    told.tell(1_221, Fact::Reached);
    assert_eq!(lost(&mut told), []);
}

#[test]
fn each_message_that_expires_is_counted_once() {
    let mut told = queue_read_by_work(None, mapping());
    for n in 0..20 {
        told.tell(1_000 + n * 30, depth(4));
    }
    told.tell(1_600, read_to(1_600, invocations(800, 1_560, &[])));
    told.tell(1_601, Fact::Reached);
    let first = lost(&mut told);
    // Two failed so long before the queue was first read that they were gone by then.
    assert_eq!(first, [(function_id("work"), Way::Expired, 4 + 2)]);
    // What waits now is followed anew: it is gone two minutes later.
    told.tell(1_700, depth(1)).tell(1_740, Fact::Reached);
    assert_eq!(lost(&mut told), first);
}

#[test]
fn what_waits_behind_a_mapping_that_is_off_is_counted_down_and_then_lost() {
    let mut told = queue_read_by_work(Some(5), off_since(500));
    told.tell(1_000, depth(0));
    assert!(told.snapshot().answers.coming.is_empty(), "nothing waits");
    assert!(
        troubles_of(&mut told, &queue_id("q"))
            .iter()
            .all(|one| one.severity <= Severity::Warning)
    );
    told.tell(1_010, depth(2)).tell(1_040, depth(5));
    let coming = told.snapshot().answers.coming.clone();
    assert_eq!(coming.len(), 1, "{coming:?}");
    assert_eq!(
        (&coming[0].of, coming[0].cause, coming[0].count, coming[0].latest),
        (&queue_id("q"), Cause::NobodyReads, 5, Some(at(1_130)))
    );
    let troubles = troubles_of(&mut told, &queue_id("q"));
    assert_eq!(
        (troubles[0].severity, troubles[0].due),
        (Severity::Failing, Some(at(1_130)))
    );
    assert!(
        troubles[0].why.said().contains("mapping disabled"),
        "{}",
        troubles[0].why.said()
    );
    assert!(
        !troubles.iter().any(|one| one.what.said().contains("wait")),
        "told once: {troubles:?}"
    );
    told.tell(1_215, depth(3)).tell(1_222, Fact::Reached);
    assert_eq!(lost(&mut told), [(queue_id("q"), Way::Expired, 2)]);
    let coming = told.snapshot().answers.coming.clone();
    assert!(coming[0].latest.is_some_and(|by| by > at(1_222)), "{coming:?}");
}

#[test]
fn a_mapping_that_is_off_on_a_queue_that_keeps_long_is_a_warning() {
    let mut told = Told::default();
    told.tell(
        0,
        found("queues", vec![queue("q"), function("work")], vec![off_since(500)]),
    )
    .tell(1, surveyed(&["queues"]))
    .tell(1_000, depth(7));
    let troubles = troubles_of(&mut told, &queue_id("q"));
    assert_eq!(troubles.len(), 1, "{troubles:?}");
    assert_eq!(troubles[0].severity, Severity::Warning);
    assert!(
        troubles[0].what.said().contains("7 messages wait"),
        "{}",
        troubles[0].what.said()
    );
    // When it was switched off is not known: no countdown.
    let mut told = queue_read_by_work(None, mapping().enabled(false));
    told.tell(1_000, depth(7));
    assert_eq!(told.snapshot().answers.coming[0].latest, None);
}

/// A stream that `work` reads, of this kind, with this maximum age; what fails goes to a queue if `kept`.
fn stream(kind: NodeKind, arn: &str, max_age_s: i64, kept: bool) -> Told {
    let id = NodeId::from(arn);
    let policy = EdgePolicy {
        retries: RetryPolicy {
            max_age_s: Some(max_age_s),
            max: Some(-1),
            ..by("lambda", "m").retries
        },
        ..by("lambda", "m")
    };
    let mut edges = vec![edge(&id, &function_id("work"), EdgeKind::Trigger).with(policy)];
    edges.extend(
        kept.then(|| edge(&function_id("work"), &queue_id("dead"), EdgeKind::DeadLetter).with(by("mapping", "m"))),
    );
    let nodes = vec![bare(&id, kind), function("work"), queue("dead")];
    let mut told = Told::default();
    told.tell(0, found("mappings", nodes, edges))
        .tell(1, surveyed(&["mappings"]));
    told
}

#[test]
fn a_record_that_its_mapping_skips_by_age_is_counted_down_and_then_lost() {
    let table = scope().arn("dynamodb", "table/orders/stream/2026");
    let kinesis = scope().arn("kinesis", "stream/clicks");
    for (kind, arn) in [(NodeKind::DynamodbStream, &table), (NodeKind::Kinesis, &kinesis)] {
        for kept in [false, true] {
            let mut told = stream(kind, arn, 300, kept);
            told.tell(1_100, read_to(1_100, invocations(1_000, 1_090, &[])));
            let coming = told.snapshot().answers.coming.clone();
            let announced: Vec<_> = coming.iter().map(|one| (one.cause, one.latest)).collect();
            if kept {
                assert_eq!(announced, []);
            } else {
                assert_eq!(announced, [(Cause::RecordAge, Some(at(1_300)))]);
            }
            told.tell(1_390, read_to(1_390, invocations(1_090, 1_380, &[])));
            let gone = if kept {
                vec![]
            } else {
                vec![(function_id("work"), Way::TooOld, 1)]
            };
            assert_eq!(lost(&mut told), gone, "{arn}, kept: {kept}");
            let told_of = troubles_of(&mut told, &function_id("work"));
            let loss = told_of.iter().find(|one| one.severity == Severity::Loss);
            assert_eq!(
                loss.map(|one| one.what.said()).as_deref(),
                (!kept).then_some("at least 1 event lost: maximum record age passed")
            );
        }
    }
}

#[test]
fn a_record_that_its_stream_deletes_first_is_lost_whatever_the_destination() {
    let table = scope().arn("dynamodb", "table/orders/stream/2026");
    for kept in [false, true] {
        let mut told = stream(NodeKind::DynamodbStream, &table, 604_800, kept);
        let day = 86_400;
        told.tell(1_100, read_to(1_100, invocations(1_000, 1_090, &[])));
        assert_eq!(told.snapshot().answers.coming[0].cause, Cause::StreamRetention);
        assert_eq!(lost(&mut told), []);
        // Every attempt until then failed, the last of them a while ago.
        told.tell(1_000 + day + 40, read_to(1_000 + day + 40, vec![]));
        assert_eq!(lost(&mut told), [(function_id("work"), Way::Expired, 1)]);
    }
}
