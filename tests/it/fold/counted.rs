//! What the counts of a queue tell: messages that successful invocations return to it, and messages that expire.

use crate::in_words::InWords as _;
use pitagora::store::coming::Cause;
use pitagora::store::losses::Way;

use super::losses::{by, metric, of};
use super::retention::queue_of;
use super::*;

/// The minute in which all is read.
const NOW: i64 = 100;

/// A queue that is read by `work`, whose responses may return messages.
fn returning(retention_s: u32, dead: bool, policy: EdgePolicy) -> Told {
    let (q, work) = (queue_id("q"), function_id("work"));
    let mut edges = vec![edge(&q, &work, EdgeKind::Trigger).with(policy)];
    edges.extend(dead.then(|| edge(&q, &queue_id("dead"), EdgeKind::DeadLetter)));
    let receives = dead.then_some(3);
    let nodes = vec![
        queue_of("q", retention_s, 20, receives),
        queue("dead"),
        function("work"),
    ];
    let mut told = Told::default();
    told.tell(0, found("queues", nodes, edges))
        .tell(1, surveyed(&["queues"]));
    told
}

fn partial(on: bool) -> EdgePolicy {
    EdgePolicy {
        batching: Batching {
            partial_response: Some(on),
            ..Batching::default()
        },
        ..by("mapping", "m")
    }
}

/// What is in the queue, and what it and its reader counted.
fn counted(told: &mut Told, held: u64, counts: [&[(i64, f64)]; 3], errors: f64) {
    let now = NOW * 60;
    let depth = |visible| Fact::Depth {
        queue: queue_id("q"),
        visible,
        in_flight: 0,
        delayed: 0,
    };
    told.tell(now - 900, depth(held))
        .tell(now - 360, depth(held))
        .tell(now - 10, depth(held));
    let metrics = [Metric::MessagesSent, Metric::MessagesReceived, Metric::MessagesDeleted];
    let work = function_id("work");
    told.tell(now, metric(of(&work), Metric::Errors, &[(NOW - 8, errors)]))
        .tell(now, metric(of(&work), Metric::Throttles, &[]));
    for (which, values) in metrics.into_iter().zip(counts) {
        told.tell(now, metric(of(&queue_id("q")), which, values));
    }
}

/// Six sent a minute, one of them returned at each receive.
const SENT: &[(i64, f64)] = &[(60, 30.0), (70, 30.0), (80, 30.0), (90, 6.0)];
const RECEIVED: &[(i64, f64)] = &[(60, 40.0), (70, 40.0), (80, 40.0), (90, 16.0)];
const DELETED: &[(i64, f64)] = &[(60, 25.0), (70, 25.0), (80, 25.0), (90, 5.0)];
const COUNTS: [&[(i64, f64)]; 3] = [SENT, RECEIVED, DELETED];

fn told_of(retention_s: u32, dead: bool, on: bool, errors: f64) -> Told {
    let mut told = returning(retention_s, dead, partial(on));
    counted(&mut told, 1, COUNTS, errors);
    told
}

fn causes(told: &mut Told) -> Vec<(Cause, bool)> {
    let snapshot = told.snapshot();
    let coming = snapshot.answers.coming.iter();
    coming.map(|one| (one.cause, one.conditional)).collect()
}

#[test]
fn what_is_returned_again_and_again_may_be_lost() {
    let mut told = told_of(345_600, false, true, 0.0);
    assert_eq!(causes(&mut told), [(Cause::Returned, true)]);
    let snapshot = told.snapshot();
    assert!(snapshot.answers.losses.certain.is_empty(), "it is kept four days");
    let own = snapshot.troubles.iter().find(|one| one.id == function_id("work"));
    let own = own.expect("told of the function");
    assert_eq!(own.what.said(), "an event may be lost");
    assert_eq!(own.why.said(), "it returns failed items to q, which has no DLQ");
    assert!(own.next.said().ends_with("then add a DLQ to q"), "{}", own.next.said());
}

#[test]
fn what_is_neither_deleted_nor_there_any_more_is_lost() {
    let mut told = told_of(120, false, true, 0.0);
    let snapshot = told.snapshot();
    let lost = &snapshot.answers.losses.certain;
    assert_eq!((lost.len(), lost[0].way), (1, Way::Returned));
    // 96 sent, 80 deleted, one there.
    assert_eq!((lost[0].at_least, lost[0].count), (true, 15));
}

#[test]
fn what_expires_while_others_succeed_is_told_by_the_counts_as_well() {
    let mut told = told_of(120, false, false, 20.0);
    let snapshot = told.snapshot();
    let lost = &snapshot.answers.losses.certain;
    assert_eq!((lost.len(), lost[0].way, lost[0].count), (1, Way::Expired, 15));
    let mut told = told_of(120, true, false, 20.0);
    assert!(
        told.snapshot().answers.losses.certain.is_empty(),
        "three receives of 20 s fit: they may have been moved"
    );
}

#[test]
fn nothing_is_returned_where_another_reason_explains_it() {
    assert_eq!(
        causes(&mut told_of(345_600, true, true, 0.0)),
        [],
        "it has a dead-letter queue"
    );
    assert_eq!(
        causes(&mut told_of(345_600, false, false, 0.0)),
        [],
        "the mapping deletes all"
    );
    assert_eq!(
        causes(&mut told_of(345_600, false, true, 1.0)),
        [],
        "an invocation failed"
    );
    let mut told = returning(345_600, false, partial(true));
    counted(&mut told, 1, [SENT, SENT, SENT], 0.0);
    assert_eq!(causes(&mut told), [], "each was deleted after its first receive");
    let mut told = returning(345_600, false, partial(true));
    counted(&mut told, 0, COUNTS, 0.0);
    assert_eq!(causes(&mut told), [], "the queue is empty: each passed in the end");
}
