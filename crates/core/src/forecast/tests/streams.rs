//! The rules of each kind of stream: which age ends a batch, and what is left of it.

use super::made::{Made, by, lambda, seconds, sqs};
use crate::domain::delivery::{Fate, Outlook, Pattern};
use crate::domain::phrase::Exact;
use crate::domain::{EdgeKind, EdgePolicy, Metric, NodeId, RetryPolicy, RunOutcome};
use crate::forecast::words::{Shard, Until};

pub(super) const TABLE: &str = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders/stream/2026-01-01T00:00:00.000";
pub(super) const KINESIS: &str = "arn:aws:kinesis:eu-west-1:111122223333:stream/s";
pub(super) const KAFKA: &str = "arn:aws:kafka:eu-west-1:111122223333:cluster/c/8e0a";
const MQ: &str = "arn:aws:mq:eu-west-1:111122223333:broker:b:b-1";
const DOCUMENTDB: &str = "arn:aws:rds:eu-west-1:111122223333:cluster:c";
pub(super) const DAY: f64 = 86_400.0;

pub(super) fn account(source: &str, kept: bool, change: impl FnOnce(&mut EdgePolicy)) -> Made {
    let mut policy = EdgePolicy {
        id: Some("u".into()),
        retries: RetryPolicy {
            max: Some(-1),
            max_age_s: Some(-1),
            ..RetryPolicy::default()
        },
        ..EdgePolicy::default()
    };
    change(&mut policy);
    let mut made = Made::default();
    let source = NodeId::from(source.to_owned());
    made.function("f", |_| {}).other(&source);
    if kept {
        let policy = EdgePolicy {
            id: Some("u".into()),
            ..by("mapping")
        };
        made.queue("set-aside", |_| {})
            .edge(&lambda("f"), &sqs("set-aside"), EdgeKind::DeadLetter, policy);
    }
    made.edge(&source, &lambda("f"), EdgeKind::Trigger, policy);
    made
}

fn outlook(source: &str, kept: bool, change: impl FnOnce(&mut EdgePolicy)) -> Outlook {
    let mut made = account(source, kept, change);
    made.fails("f", "a", 0.0).fails("f", "b", 1.0).until(2.0);
    made.row().outlook.expect("an outlook")
}

fn by_then(outlook: &Outlook) -> Option<f64> {
    outlook.latest.map(seconds)
}

#[test]
fn a_maximum_age_cannot_outlive_the_retention() {
    let week = outlook(TABLE, true, |policy| policy.retries.max_age_s = Some(604_800));
    assert_eq!(
        (week.fate, week.to.clone()),
        (Fate::Expired, None),
        "nothing is written of it"
    );
    let retention = Exact::secs(86_400);
    let until = Until::Retention { retention };
    assert_eq!(week.rule, Shard::UntilExpired { until });
    assert!(by_then(&week).is_some_and(|at| (at - DAY).abs() < 1.0));
    let hour = outlook(TABLE, true, |policy| policy.retries.max_age_s = Some(3_600));
    assert_eq!((hour.fate, by_then(&hour)), (Fate::DeadLetter, Some(3_600.0)));
    let hour = outlook(TABLE, false, |policy| policy.retries.max_age_s = Some(3_600));
    assert_eq!(hour.fate, Fate::Expired);
}

#[test]
fn the_retention_of_kinesis_counts_where_it_was_read_and_else_the_default_is_named() {
    let unread = outlook(KINESIS, true, |policy| policy.retries.max_age_s = Some(604_800));
    assert_eq!((unread.fate, by_then(&unread)), (Fate::Expired, None));
    assert_eq!(unread.earliest.map(seconds), Some(DAY));
    let retention = Exact::secs(86_400);
    let until = Until::DefaultRetention { retention };
    assert_eq!(unread.rule, Shard::UntilExpired { until });
    let read = outlook(KINESIS, true, |policy| {
        policy.retries.max_age_s = Some(604_800);
        policy.stream.retention_s = Some(172_800);
    });
    assert_eq!((read.fate, by_then(&read)), (Fate::Expired, Some(2.0 * DAY)));
    let longer = outlook(KINESIS, true, |policy| {
        policy.retries.max_age_s = Some(604_800);
        policy.stream.retention_s = Some(31_536_000);
    });
    assert_eq!((longer.fate, by_then(&longer)), (Fate::DeadLetter, Some(7.0 * DAY)));
}

#[test]
fn kafka_gives_up_by_itself_where_there_is_a_destination() {
    let kept = outlook(KAFKA, true, |_| {});
    assert_eq!((kept.fate, kept.attempts_left), (Fate::DeadLetter, Some(9)));
    let rule = Shard::Retries {
        retries: 10,
        own_limit: true,
        until: None,
        keeper: Some("set-aside".into()),
    };
    assert_eq!(kept.rule, rule);
    let without = outlook(KAFKA, false, |_| {});
    assert_eq!(
        (without.fate, without.earliest, without.latest),
        (Fate::Expired, None, None)
    );
    assert_eq!(without.rule, Shard::UntilUnread);
}

#[test]
fn more_failures_of_kafka_than_a_batch_has_attempts_are_of_several() {
    let mut made = account(KAFKA, true, |_| {});
    for n in 0..12 {
        made.fails("f", &format!("r{n}"), f64::from(n) * 10.0);
    }
    made.until(115.0);
    let row = made.row();
    let next = row.next.expect("again");
    assert!(row.estimate && next.attempt <= 11, "{next:?}");
    assert_eq!(next.rule, Shard::SomeBatch);
    // Without a destination there is no limit.
    let mut made = account(KAFKA, false, |_| {});
    for n in 0..12 {
        made.fails("f", &format!("r{n}"), f64::from(n) * 10.0);
    }
    assert_eq!(made.until(115.0).row().next.expect("again").attempt, 13);
}

#[test]
fn of_a_broker_its_own_rules_decide() {
    let outlook = outlook(MQ, false, |_| {});
    assert_eq!((outlook.fate, outlook.latest), (Fate::Unknown, None));
    assert_eq!(outlook.rule, Shard::Broker);
}

#[test]
fn a_change_stream_forgets_after_three_hours_and_the_mapping_is_disabled() {
    let outlook = outlook(DOCUMENTDB, false, |_| {});
    assert_eq!(outlook.fate, Fate::Expired);
    assert_eq!(outlook.earliest.map(seconds), Some(10_800.0));
    let retention = Exact::secs(10_800);
    let until = Until::DefaultRetentionOfSevenDays { retention };
    assert_eq!(outlook.rule, Shard::UntilDisabled { until });
}

#[test]
fn one_lane_does_not_hold_up_the_others() {
    let mut made = account(KINESIS, true, |policy| {
        policy.concurrency.parallelization = Some(4);
        policy.retries.max = Some(2);
    });
    made.fails("f", "a", 0.0)
        .fails("f", "b", 1.0)
        .fails("f", "c", 3.0)
        .until(4.0);
    let row = made.row();
    assert_eq!(row.end, None, "the three may be of several lanes");
    assert!(
        row.notes.contains(&Shard::LaneWaits { lanes: 4 }.into()),
        "{:?}",
        row.notes
    );
    assert!(!row.notes.contains(&Shard::ShardWaits.into()), "{:?}", row.notes);
    // No more came, and something lies where it would.
    made.depth("set-aside", 30.0, 1, 0).until(40.0);
    assert_eq!(made.row().end.map(|end| end.fate), Some(Fate::DeadLetter));
}

#[test]
fn two_at_a_time_are_two_batches() {
    let mut made = account(KINESIS, true, |policy| policy.retries.max = Some(1));
    made.run("f", "a", 0.0, 2.0, RunOutcome::Error)
        .run("f", "b", 1.0, 3.0, RunOutcome::Error)
        .until(4.0);
    assert_eq!(made.row().end, None);
}

#[test]
fn what_a_good_invocation_gives_back_has_a_row_of_its_own() {
    let mut made = account(KINESIS, false, |policy| {
        policy.batching.partial_response = Some(true);
        policy.status.last_result = Some("PROBLEM: Function call failed".into());
    });
    for start in [0.0, 1.0, 3.0, 7.0] {
        made.run("f", &format!("r{start}"), start, start + 0.1, RunOutcome::Ok);
    }
    made.until(8.0);
    let row = made.row();
    assert_eq!(
        (row.pattern, row.end.clone(), row.estimate),
        (Pattern::Stream, None, true)
    );
    assert_eq!(row.outlook.expect("an outlook").fate, Fate::Expired);
    // Without a problem, the age of one record that rises by a minute a minute.
    let mut made = account(KINESIS, false, |policy| policy.batching.partial_response = Some(true));
    made.run("f", "a", 0.0, 0.1, RunOutcome::Ok)
        .run("f", "b", 200.0, 200.1, RunOutcome::Ok);
    made.until(250.0);
    assert_eq!(made.told().deliveries, []);
    for (minute, age) in [(60.0, 70_000.0), (120.0, 128_000.0), (180.0, 190_000.0)] {
        made.metric(&lambda("f"), Metric::IteratorAge, minute, age);
    }
    assert_eq!(made.row().pattern, Pattern::Stream);
    // One that may not answer in part gives nothing back.
    let mut made = account(KINESIS, false, |policy| {
        policy.status.last_result = Some("PROBLEM: Function call failed".into());
    });
    made.run("f", "a", 0.0, 0.1, RunOutcome::Ok).until(8.0);
    assert_eq!(made.told().deliveries, []);
}

pub(super) fn ends(made: &Made) -> Vec<Option<Fate>> {
    let mut rows = made.told().deliveries;
    rows.sort_by_key(|row| row.attempts.first().and_then(|attempt| attempt.start));
    rows.iter().map(|row| row.end.as_ref().map(|end| end.fate)).collect()
}

#[test]
fn each_batch_that_has_no_retry_left_has_a_row_of_its_own() {
    for (source, kept, fate) in [(TABLE, false, Fate::Dropped), (KINESIS, true, Fate::DeadLetter)] {
        let mut made = account(source, kept, |policy| policy.retries.max = Some(0));
        made.fails("f", "a", 0.0)
            .fails("f", "b", 30.0)
            .fails("f", "c", 300.0)
            .until(301.0);
        assert_eq!(ends(&made), [Some(fate); 3]);
        let mut made = account(source, kept, |policy| {
            policy.retries.max = Some(1);
            policy.stream.shards = Some(1);
        });
        for (n, id) in ["a", "b", "c", "d", "e"].into_iter().enumerate() {
            made.fails("f", id, f64::from(u32::try_from(n).expect("few")) * 2.0);
        }
        made.until(8.5);
        assert_eq!(ends(&made), [Some(fate), Some(fate), None]);
        let open = made.told().deliveries.into_iter().find(|row| row.end.is_none());
        let left = open
            .and_then(|row| row.outlook)
            .and_then(|outlook| outlook.attempts_left);
        assert_eq!(left, Some(1));
    }
}

#[test]
fn where_runs_may_be_of_several_shards_or_halves_no_batch_is_called_lost() {
    let mut lanes = account(KINESIS, false, |policy| {
        policy.retries.max = Some(1);
        policy.concurrency.parallelization = Some(2);
    });
    let mut halves = account(KINESIS, false, |policy| {
        policy.retries.max = Some(0);
        policy.batching.bisect = Some(true);
    });
    let mut partial = account(KINESIS, false, |policy| {
        policy.retries.max = Some(1);
        policy.batching.partial_response = Some(true);
    });
    for made in [&mut lanes, &mut halves, &mut partial] {
        for (id, start) in [("a", 0.0), ("b", 2.0), ("c", 4.0), ("d", 6.0)] {
            made.fails("f", id, start);
        }
        made.until(7.0);
        assert_eq!(ends(made), [None]);
    }
    let mut shards = account(KINESIS, false, |policy| policy.retries.max = Some(1));
    shards
        .fails("f", "a", 0.0)
        .run("f", "b", 1.0, 1.1, RunOutcome::Ok)
        .fails("f", "c", 2.0)
        .until(3.0);
    assert_eq!(ends(&shards), [None]);
}
