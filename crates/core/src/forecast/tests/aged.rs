//! Records of streams that grew too old while every attempt failed, and batches of several shards whose retries are used up.

use super::made::{Made, at, lambda, seconds};
use super::streams::{DAY, KAFKA, KINESIS, TABLE, account, ends};
use crate::domain::delivery::{Certainty, Delivery, Fate};
use crate::domain::phrase::Exact;
use crate::domain::{EdgePolicy, Metric, RunOutcome};
use crate::forecast::words::Shard;

/// A failing attempt each minute in between.
fn fails(made: &mut Made, from: f64, to: f64) {
    let mut start = from;
    while start < to {
        made.fails("f", &format!("r{start}"), start);
        start += 60.0;
    }
}

fn aged(made: &Made) -> Option<Delivery> {
    let mut rows = made.told().deliveries.into_iter();
    rows.find(|row| row.end.is_some() && row.id.starts_with("records of"))
}

fn open(made: &Made) -> Option<Delivery> {
    made.told().deliveries.into_iter().find(|row| row.end.is_none())
}

fn minutes(age: i64) -> impl FnOnce(&mut EdgePolicy) {
    move |policy| policy.retries.max_age_s = Some(age)
}

#[test]
fn a_record_that_failed_up_to_its_maximum_age_is_lost_or_where_its_destination_is() {
    for source in [TABLE, KINESIS, KAFKA] {
        for (kept, fate) in [(false, Fate::Expired), (true, Fate::DeadLetter)] {
            let mut made = account(source, kept, minutes(300));
            if (source, kept) == (KAFKA, true) {
                continue; // Lambda's own limit of retries ends it first
            }
            fails(&mut made, 0.0, 290.0);
            made.until(299.0);
            assert!(aged(&made).is_none(), "not before its time");
            made.until(310.0);
            let row = aged(&made).expect("an end");
            let end = row.end.expect("an end");
            assert_eq!((end.fate, end.evidence, row.count), (fate, Certainty::Inferred, 1));
            assert_eq!(end.at.map(seconds), Some(300.0));
            assert_eq!(end.to.is_some(), kept);
            let age = Exact::secs(300);
            let keeper = kept.then(|| "set-aside".to_owned());
            let attempts = 5;
            assert_eq!(end.why, Shard::TooOld { attempts, age, keeper });
            assert!(open(&made).is_none(), "nothing of it is expected any more");
        }
    }
}

#[test]
fn a_record_that_failed_up_to_the_retention_is_lost_whatever_the_destination() {
    for kept in [false, true] {
        let mut table = account(TABLE, kept, minutes(604_800));
        let mut kinesis = account(KINESIS, kept, |policy| {
            policy.retries.max_age_s = Some(604_800);
            policy.stream.retention_s = Some(86_400);
        });
        for made in [&mut table, &mut kinesis] {
            fails(made, 0.0, DAY);
            made.until(DAY - 1.0);
            assert!(aged(made).is_none());
            made.until(DAY + 1.0);
            let end = aged(made).and_then(|row| row.end).expect("an end");
            assert_eq!((end.fate, end.to), (Fate::Expired, None));
            let retention = Exact::secs(86_400);
            assert_eq!(
                end.why,
                Shard::Expired {
                    attempts: 1440,
                    retention
                }
            );
        }
    }
    // The default may have been raised.
    let mut unread = account(KINESIS, false, |_| {});
    fails(&mut unread, 0.0, DAY);
    unread.until(DAY + 600.0);
    assert!(aged(&unread).is_none());
}

#[test]
fn what_fails_on_is_lost_by_and_by_and_what_may_be_lost_next_is_said() {
    let mut made = account(TABLE, false, minutes(300));
    fails(&mut made, 0.0, 1_000.0);
    made.until(1_000.0);
    let row = aged(&made).expect("an end");
    // Of 0, of 300 (retried until 600) and of 600: what was first tried at 900 may live until 1,200.
    assert_eq!(
        (row.count, row.end.and_then(|end| end.at).map(seconds)),
        (3, Some(900.0))
    );
    let open = open(&made).expect("the next ones");
    let outlook = open.outlook.expect("an outlook");
    assert_eq!(outlook.fate, Fate::Expired);
    assert!(outlook.earliest.is_some_and(|at| seconds(at) <= 900.0), "{outlook:?}");
    assert_eq!(outlook.latest.map(seconds), Some(1_200.0));
    // An hour later that is forgotten.
    made.until(900.0 + 3_601.0);
    assert!(aged(&made).is_none_or(|row| row.count <= 1));
}

#[test]
fn what_may_have_passed_is_not_called_lost() {
    // A successful invocation, one that runs, one whose end is not known: each may have been of the batch.
    for outcome in [RunOutcome::Ok, RunOutcome::Running, RunOutcome::Unknown] {
        let mut made = account(KINESIS, false, minutes(300));
        fails(&mut made, 0.0, 200.0);
        made.run("f", "other", 230.0, 230.1, outcome);
        fails(&mut made, 240.0, 400.0);
        made.until(400.0);
        assert!(aged(&made).is_none(), "{outcome:?}");
        made.until(545.0);
        assert!(aged(&made).is_some(), "from 240 on nothing passed: {outcome:?}");
    }
    // After its age it is of the next one, and not the end of this one.
    let mut made = account(KINESIS, false, |policy| {
        policy.retries.max_age_s = Some(300);
        policy.stream.shards = Some(1);
    });
    fails(&mut made, 0.0, 290.0);
    made.run("f", "next", 330.0, 330.1, RunOutcome::Ok).until(340.0);
    assert_eq!(ends(&made), [Some(Fate::Expired)]);
    // The log is not known up to there.
    let mut made = account(KINESIS, false, minutes(300));
    fails(&mut made, 0.0, 290.0);
    made.until(400.0);
    made.complete_to = Some(299.0);
    assert!(aged(&made).is_none());
    made.complete_to = None;
    assert!(aged(&made).is_none());
}

#[test]
fn a_mapping_that_is_off_skips_nothing_but_its_stream_forgets() {
    for (age, lost) in [(300, false), (604_800, true)] {
        let mut made = account(TABLE, false, minutes(age));
        made.switch_off();
        fails(&mut made, 0.0, 60.0);
        made.until(DAY + 600.0);
        assert_eq!(aged(&made).is_some(), lost);
    }
}

#[test]
fn the_iterators_age_tells_of_records_that_came_in_before_the_log_was_read() {
    let mut made = account(TABLE, false, |_| {});
    fails(&mut made, 0.0, 290.0);
    made.metric(&lambda("f"), Metric::IteratorAge, 60.0, (DAY - 120.0) * 1000.0);
    // It was tried in the minute from 60 on: it came in before 120 + 120 - a day.
    made.until(239.0);
    assert!(aged(&made).is_none());
    made.until(245.0);
    let end = aged(&made).and_then(|row| row.end).expect("an end");
    assert_eq!((end.fate, end.at), (Fate::Expired, Some(at(240.0))));
    // What is tried at twice the age shows that the limit is another one.
    let mut made = account(TABLE, false, minutes(300));
    made.metric(&lambda("f"), Metric::IteratorAge, 60.0, 600_000.0);
    fails(&mut made, 0.0, 600.0);
    made.until(600.0);
    assert!(aged(&made).is_none());
}

#[test]
fn of_several_shards_a_batch_is_given_up_only_when_they_cannot_all_have_attempts_left() {
    let tried = |shards: Option<u32>, lanes: Option<u32>, runs: u32| {
        let mut made = account(KINESIS, false, |policy| {
            policy.retries.max = Some(1);
            policy.stream.shards = shards;
            policy.concurrency.parallelization = lanes;
        });
        for n in 0..runs {
            made.fails("f", &format!("r{n}"), f64::from(n) * 2.0);
        }
        made.until(f64::from(runs) * 2.0);
        ends(&made).iter().filter(|end| **end == Some(Fate::Dropped)).count()
    };
    assert_eq!([1, 2, 3, 4].map(|runs| tried(Some(1), None, runs)), [0, 1, 1, 2]);
    // Each of four can have failed once and have one more.
    assert_eq!([4, 5, 6, 7].map(|runs| tried(Some(4), None, runs)), [0, 1, 1, 2]);
    assert_eq!([4, 5].map(|runs| tried(Some(2), Some(2), runs)), [0, 1]);
    assert_eq!([2, 3, 40].map(|runs| tried(None, None, runs)), [0, 0, 0]);
    // Each good one may be of a batch that had failed once.
    let mut made = account(KINESIS, false, |policy| {
        policy.retries.max = Some(1);
        policy.stream.shards = Some(2);
    });
    made.fails("f", "a", 0.0)
        .fails("f", "b", 1.0)
        .run("f", "c", 2.0, 2.1, RunOutcome::Ok)
        .fails("f", "d", 3.0)
        .until(4.0);
    assert_eq!(ends(&made), [None]);
    made.fails("f", "e", 5.0).until(6.0);
    assert_eq!(ends(&made).iter().filter(|end| end.is_some()).count(), 1);
}

#[test]
fn without_the_number_of_shards_it_is_said_that_no_retry_may_be_left() {
    let mut made = account(TABLE, false, |policy| policy.retries.max = Some(1));
    made.fails("f", "a", 0.0).fails("f", "b", 1.0).until(2.0);
    let row = made.row();
    assert_eq!(row.end, None);
    assert!(row.notes.contains(&Shard::AsManyAsOneHas.into()), "{:?}", row.notes);
    // A successful invocation may be of another shard.
    made.run("f", "c", 3.0, 3.1, RunOutcome::Ok).until(4.0);
    assert_eq!(made.row().end.map(|end| end.fate), None);
}

#[test]
fn the_first_loss_is_counted_down_only_as_far_as_the_age_of_the_batch_is_known() {
    let outlook = |age_s: f64| {
        let mut made = account(TABLE, false, |policy| policy.retries.max_age_s = Some(600));
        fails(&mut made, 0.0, 130.0);
        made.metric(&lambda("f"), Metric::IteratorAge, 60.0, age_s * 1000.0);
        made.until(130.0);
        let outlook = open(&made).and_then(|row| row.outlook).expect("an outlook");
        (outlook.earliest.map(seconds), outlook.latest.map(seconds))
    };
    // Tried as soon as it came in: within the minute in which that was its age.
    assert_eq!(outlook(60.0), (Some(600.0), Some(600.0)));
    assert_eq!(outlook(90.0), (Some(570.0), Some(600.0)));
    // It had waited before: the batch's last record came in at -180 to -120, and its first before that.
    assert_eq!(outlook(240.0), (None, Some(480.0)));
}
