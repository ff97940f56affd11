//! A queue's retention ends its retries.

use super::made::{Made, lambda, seconds, sqs};
use crate::domain::delivery::{Delivery, Fate};
use crate::domain::phrase::Exact;
use crate::domain::{Condition, EdgeKind, EdgePolicy, Metric, RunOutcome};
use crate::forecast::words::Receive;

/// Five receives of 60 s each, as in the queue that keeps a message so long.
fn account(retention_s: u32) -> Made {
    let mut made = Made::default();
    made.function("f", |_| {})
        .queue("q", |queue| {
            queue.visibility_timeout_s = 60;
            queue.retention_s = retention_s;
            queue.max_receive_count = Some(5);
        })
        .queue("dead", |_| {})
        .edge(&sqs("q"), &sqs("dead"), EdgeKind::DeadLetter, EdgePolicy::default())
        .trigger(&sqs("q"), "f");
    made
}

fn fate(row: &Delivery) -> Fate {
    row.outlook.as_ref().expect("an outlook").fate
}

#[test]
fn a_message_that_is_forgotten_before_its_last_receive_expires() {
    for named in [true, false] {
        let mut made = account(120);
        if named {
            made.receives("f", "m", 0.0, RunOutcome::Error);
        } else {
            made.fails("f", "a", 0.0);
        }
        made.until(5.0);
        let row = made.row();
        assert_eq!(fate(&row), Fate::Expired);
        let outlook = row.outlook.expect("an outlook");
        assert_eq!(outlook.latest.map(seconds), Some(120.0));
        let first = Receive::ExpiresFirst {
            retention: Exact::secs(120),
            receives: 5,
            dlq: Some("dead".into()),
        };
        assert_eq!(outlook.rule, first);
        assert_eq!(row.next.expect("once more").conditions, []);
    }
    let mut made = account(345_600);
    made.receives("f", "m", 0.0, RunOutcome::Error).until(5.0);
    assert_eq!(fate(&made.row()), Fate::DeadLetter);
}

#[test]
fn the_last_receive_before_the_retention_ends_is_perhaps_none_and_then_it_is_gone() {
    for named in [true, false] {
        let mut made = account(130);
        for start in [0.0, 61.5] {
            if named {
                made.receives("f", "m", start, RunOutcome::Error);
            } else {
                made.fails("f", &format!("r{start}"), start);
            }
        }
        // By then nothing else of the first invocation is due.
        made.until(90.0);
        let next = made.row().next.expect("perhaps");
        assert_eq!(
            next.conditions,
            [Condition::WithinRetention { seconds: 130 }],
            "{named}"
        );
        if named {
            made.receives("f", "m", 122.0, RunOutcome::Error).until(125.0);
            let row = made.row();
            assert_eq!((row.next.clone(), fate(&row)), (None, Fate::Expired));
        } else {
            made.fails("f", "r122", 122.0);
        }
        made.until(200.0);
        let end = made.row().end.expect("an end");
        assert_eq!((end.fate, end.to), (Fate::Expired, None));
    }
}

#[test]
fn what_is_throttled_until_the_retention_ends_never_reaches_the_dead_letters() {
    let mut made = account(120);
    made.depth("q", 0.0, 3, 2)
        .metric(&lambda("f"), Metric::Throttles, -60.0, 9.0)
        .until(5.0);
    assert_eq!(fate(&made.row()), Fate::Expired);
}

/// A message is received no more often than its queue allows: what fails on is another one, and the first was moved.
#[test]
fn what_was_moved_in_time_is_not_taken_for_what_goes_on_failing() {
    let mut made = account(310);
    // One message at a time, of which each is received five times.
    for n in 0..9 {
        made.fails("f", &format!("r{n}"), f64::from(n) * 61.0);
    }
    made.until(8.0 * 61.0 + 5.0);
    let ends: Vec<_> = made.told().deliveries.into_iter().filter_map(|row| row.end).collect();
    assert_eq!(ends, []);
}
