//! Batches whose retries are used up while good records succeed in between: halved ones, and those of several shards.

use super::made::{Made, lambda, seconds};
use super::streams::{KINESIS, TABLE, account};
use crate::domain::delivery::{Delivery, Fate};
use crate::domain::{EdgePolicy, Metric, RunOutcome};

/// Attempts at these seconds: `x` failed, `.` succeeded.
fn runs(made: &mut Made, at: f64, story: &[(char, f64)]) {
    for (outcome, after) in story {
        let start = at + after;
        let outcome = if *outcome == 'x' {
            RunOutcome::Error
        } else {
            RunOutcome::Ok
        };
        made.run("f", &format!("r{start}"), start, start + 0.01, outcome);
    }
}

fn lost(made: &Made) -> Vec<u64> {
    let rows = made.told().deliveries;
    let dropped = rows
        .iter()
        .filter(|row| row.end.as_ref().is_some_and(|end| end.fate == Fate::Dropped));
    dropped.map(|row| row.count).collect()
}

fn open(made: &Made) -> Option<Delivery> {
    made.told().deliveries.into_iter().find(|row| row.end.is_none())
}

fn halved(batch: u32, retries: i64) -> impl FnOnce(&mut EdgePolicy) {
    move |policy| {
        policy.batching.size = Some(batch);
        policy.batching.bisect = Some(true);
        policy.retries.max = Some(retries);
        policy.stream.shards = Some(1);
    }
}

/// A record that fails each time, every 15 s; and good ones, every 6 s.
#[test]
fn a_record_whose_retries_are_used_up_is_lost_though_its_mapping_halves_batches() {
    let mut made = account(TABLE, false, halved(10, 2));
    for n in 0..4 {
        runs(
            &mut made,
            f64::from(n) * 15.0,
            &[('x', 0.0), ('x', 1.0), ('x', 3.0), ('.', 3.1), ('.', 10.0)],
        );
    }
    made.until(80.0);
    assert_eq!(lost(&made), [1, 1, 1, 1]);
    assert!(open(&made).is_none(), "nothing fails now");
    // The on-failure destination keeps its position.
    let mut made = account(TABLE, true, halved(10, 2));
    runs(&mut made, 0.0, &[('x', 0.0), ('x', 1.0), ('x', 3.0), ('.', 3.1)]);
    made.until(80.0);
    let end = made.row().end.expect("an end");
    assert_eq!(end.fate, Fate::DeadLetter);
}

#[test]
fn what_the_halves_of_a_batch_explain_is_not_lost() {
    // One of two records failed once; the other half came at once.
    let mut made = account(TABLE, false, halved(10, 2));
    runs(
        &mut made,
        0.0,
        &[('x', 0.0), ('x', 1.0), ('x', 3.0), ('.', 3.1), ('.', 3.2), ('.', 10.0)],
    );
    made.until(80.0);
    assert_eq!(lost(&made), [0_u64; 0]);
    // Its other half may come yet.
    let mut made = account(TABLE, false, halved(10, 2));
    runs(&mut made, 0.0, &[('x', 0.0), ('x', 1.0), ('x', 3.0), ('.', 3.1)]);
    made.until(10.0);
    assert_eq!(lost(&made), [0_u64; 0]);
    // Halves that succeeded at their second attempt, as far as known.
    let mut made = account(TABLE, false, halved(10, 2));
    runs(&mut made, 0.0, &[('x', 0.0), ('x', 1.0), ('.', 3.0), ('.', 3.1)]);
    made.until(80.0);
    assert_eq!(made.row().end.map(|end| end.fate), Some(Fate::Unknown));
}

/// A record that fails each time, so often; after its retries the lane goes on after so long, with good ones every other second.
fn poisoned(records: u32, after: f64) -> Made {
    let mut made = account(KINESIS, false, halved(10, 2));
    for n in 0..records {
        let at = f64::from(n) * 75.0;
        // Each second one is halved once.
        if n % 2 == 1 {
            runs(&mut made, at - 1.01, &[('x', 0.0)]);
        }
        runs(
            &mut made,
            at,
            &[('x', 0.0), ('x', 1.01), ('x', 3.02), ('.', 3.03 + after)],
        );
        for good in 0..34 {
            runs(&mut made, at, &[('.', 5.5 + 2.0 * f64::from(good))]);
        }
    }
    made.until(f64::from(records) * 75.0 - 3.0);
    made
}

/// The lane is never so long without work that all halves must have been tried.
#[test]
fn a_record_is_lost_whose_lane_goes_on_sooner_than_any_retry_time_and_again() {
    assert_eq!(lost(&poisoned(2, 0.005)), [0_u64; 0], "twice may be chance");
    assert_eq!(lost(&poisoned(3, 0.005)), [1, 1, 1]);
    let made = poisoned(20, 0.005);
    assert_eq!(lost(&made), [1; 20]);
    assert!(open(&made).is_none(), "nothing fails now");
    // What succeeds after a wait may be the retry.
    assert_eq!(lost(&poisoned(20, 4.0)), [0_u64; 0]);
    assert_eq!(lost(&poisoned(20, 0.5)), [0_u64; 0]);
}

#[test]
fn a_record_that_failed_as_often_as_it_has_attempts_may_be_lost_by_now_whatever_succeeded_since() {
    let made = poisoned(2, 0.5);
    let outlook = open(&made).and_then(|row| row.outlook).expect("an outlook");
    assert_eq!((outlook.fate, outlook.latest), (Fate::Dropped, None));
    // With a retry left it is counted down.
    let mut made = account(KINESIS, false, halved(10, 2));
    runs(
        &mut made,
        0.0,
        &[('.', 0.0), ('x', 2.0), ('x', 3.0), ('.', 5.0), ('.', 7.0)],
    );
    made.until(8.0);
    let outlook = open(&made).and_then(|row| row.outlook).expect("an outlook");
    assert!(outlook.latest.is_some());
}

#[test]
fn more_failures_in_a_row_than_halves_and_retries_explain_are_of_lost_records() {
    let mut made = account(KINESIS, false, halved(4, 4));
    runs(
        &mut made,
        0.0,
        &[('x', 0.0), ('x', 1.0), ('x', 2.0), ('x', 4.0), ('x', 8.0), ('x', 16.0)],
    );
    made.until(17.0);
    assert_eq!(lost(&made), [0_u64; 0]);
    let outlook = open(&made).and_then(|row| row.outlook).expect("an outlook");
    assert_eq!((outlook.fate, outlook.latest), (Fate::Dropped, None), "perhaps by now");
    runs(&mut made, 0.0, &[('x', 32.0)]);
    made.until(33.0);
    assert_eq!(lost(&made), [1]);
}

/// What a poison record of one of two shards looks like, and good ones of the other every 10 s.
fn two_shards(retries: i64, bad: u32, attempts: usize) -> Made {
    let mut made = account(KINESIS, false, |policy| {
        policy.batching.size = Some(1);
        policy.retries.max = Some(retries);
        policy.stream.shards = Some(2);
    });
    let mut all: Vec<(char, f64)> = Vec::new();
    for n in 0..bad {
        let waits = [0.0, 1.0, 3.0, 7.0, 15.0, 31.0];
        all.extend(
            waits
                .iter()
                .take(attempts)
                .map(|after| ('x', f64::from(n) * 120.0 + after)),
        );
    }
    all.extend((0..bad * 12).map(|n| ('.', f64::from(n) * 10.0 + 0.5)));
    all.sort_by(|a, b| a.1.total_cmp(&b.1));
    runs(&mut made, 0.0, &all);
    made.until(f64::from(bad) * 120.0);
    made
}

#[test]
fn batches_of_several_shards_that_are_given_up_alike_are_lost_time_and_again() {
    assert_eq!(lost(&two_shards(4, 2, 5)), [0_u64; 0], "twice may be chance");
    assert_eq!(lost(&two_shards(4, 3, 5)), [1, 1, 1]);
    assert_eq!(lost(&two_shards(4, 4, 5)), [1, 1, 1, 1]);
    // With another attempt left they may have passed.
    assert_eq!(lost(&two_shards(5, 4, 5)), [0_u64; 0]);
    // One retry has no rhythm, and two have little of it.
    assert_eq!(lost(&two_shards(1, 6, 2)), [0_u64; 0]);
    assert_eq!(lost(&two_shards(2, 4, 3)), [0_u64; 0]);
    assert_eq!(lost(&two_shards(2, 6, 3)), [1; 6]);
}

#[test]
fn what_is_proved_of_several_shards_stays_so() {
    let mut made = two_shards(4, 3, 5);
    runs(&mut made, 360.0, &[('x', 0.0), ('x', 1.0), ('.', 3.0)]);
    made.until(480.0);
    assert_eq!(lost(&made), [1, 1, 1]);
    // While throttled the waits are of throttles.
    made.metric(&lambda("f"), Metric::Throttles, 420.0, 3.0);
    assert_eq!(lost(&made), [0_u64; 0]);
}

#[test]
fn where_it_is_not_known_that_a_batch_has_no_retry_left_its_condition_is_named() {
    let made = two_shards(4, 1, 5);
    let row = open(&made);
    // The shard may have moved on by then.
    assert!(row.is_none_or(|row| row.others_pass && row.outlook.is_some_and(|outlook| outlook.latest.is_none())));
}

#[test]
fn a_loss_to_come_is_counted_down_to_the_last_retry_not_to_the_retention() {
    let mut made = account(TABLE, false, |policy| {
        policy.retries.max = Some(4);
        policy.stream.shards = Some(1);
    });
    runs(&mut made, 0.0, &[('x', 0.0), ('x', 1.0)]);
    made.until(2.0);
    let outlook = made.row().outlook.expect("an outlook");
    assert_eq!(outlook.attempts_left, Some(3));
    // Three waits of 2 min at most, and the timeout of each.
    assert_eq!(outlook.latest.map(seconds), Some(1.01 + 3.0 * 123.0));
    made.metric(&lambda("f"), Metric::Throttles, 0.0, 1.0);
    let outlook = made.row().outlook.expect("an outlook");
    assert_eq!(outlook.latest.map(seconds), Some(86_400.0));
}
