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

/// A queue without a dead-letter queue, of which messages are kept ten minutes.
fn without_dlq() -> Made {
    let mut made = Made::default();
    made.function("f", |_| {})
        .queue("q.fifo", |queue| {
            queue.retention_s = 600;
            queue.fifo = true;
        })
        .trigger(&sqs("q.fifo"), "f");
    made
}

fn standard() -> Made {
    let mut made = Made::default();
    made.function("f", |_| {})
        .queue("q", |queue| queue.retention_s = 600)
        .trigger(&sqs("q"), "f");
    made
}

/// What is said of it each second, of attempts that began then: the moment by which a message is gone.
fn told(starts: &[f64], succeeded: &[f64]) -> Vec<(i32, Option<f64>)> {
    told_of(without_dlq, starts, succeeded)
}

fn told_of(account: fn() -> Made, starts: &[f64], succeeded: &[f64]) -> Vec<(i32, Option<f64>)> {
    let look = |now: i32| {
        let mut made = account();
        for start in starts.iter().filter(|start| **start < f64::from(now)) {
            made.fails("f", &format!("r{start}"), *start);
        }
        for start in succeeded.iter().filter(|start| **start + 0.1 < f64::from(now)) {
            made.run("f", &format!("r{start}"), *start, start + 0.1, RunOutcome::Ok);
        }
        made.until(f64::from(now));
        let outlook = made.row().outlook.filter(|outlook| outlook.fate == Fate::Expired);
        (now, outlook.expect("it expires").latest.map(seconds))
    };
    (1..150).map(look).collect()
}

#[test]
fn the_head_of_a_fifo_queue_is_counted_down_all_the_time() {
    let told = told(&[0.0, 30.0, 59.9, 90.2, 120.3, 149.5, 180.0], &[]);
    assert_eq!(told.iter().find(|(_, at)| *at != Some(600.0)), None);
}

/// When the head of a message group is gone, those behind it are processed, up to the next that fails: it has time of its own,
/// whether or not it begins when the one before was due.
#[test]
fn the_next_head_of_a_fifo_queue_has_time_of_its_own() {
    let starts = [0.0, 30.0, 60.0, 78.0, 108.1, 138.0];
    let told = told(&starts, &[75.0, 76.0, 77.0]);
    #[expect(clippy::cast_possible_truncation, reason = "whole seconds")]
    let said: Vec<i64> = told
        .iter()
        .filter_map(|(_, at)| at.map(|at| at.round() as i64))
        .collect();
    assert_eq!(said.len(), told.len(), "none is without a moment");
    let change = said.iter().position(|at| *at != 600).expect("the next head");
    assert!((77..94).contains(&change), "{change}");
    assert!(said[change..].iter().all(|at| *at == 678), "{said:?}");
}

/// Two message groups, and a third one that is processed meanwhile.
#[test]
fn the_heads_of_two_message_groups_are_counted_down_while_another_is_processed() {
    let starts = [0.0, 12.0, 30.1, 42.0, 60.0, 72.1, 90.0, 102.0, 120.2, 132.0];
    let good: Vec<f64> = (0..15).map(|n| f64::from(n) * 10.0 + 5.0).collect();
    let told = told(&starts, &good);
    assert_eq!(told.iter().find(|(_, at)| *at != Some(600.0)), None, "{told:?}");
}

#[test]
fn of_several_that_fail_the_first_is_counted_down() {
    let starts = [
        0.0, 7.0, 15.0, 30.0, 37.1, 45.2, 60.0, 67.3, 75.1, 90.1, 98.0, 105.5, 120.0, 130.0,
    ];
    let heads = told(&starts, &[]);
    assert_eq!(heads.iter().find(|(_, at)| *at != Some(600.0)), None);
    // Which of them one that succeeded was of is not known: then no moment is named while several fail.
    let saved = told_of(standard, &starts, &[61.0]);
    assert_eq!(saved[99], (100, None));
}
