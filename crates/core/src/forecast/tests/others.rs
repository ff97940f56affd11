use jiff::SignedDuration;

use super::made::{Made, api, at, by, lambda, rule, seconds, sqs, stream};
use crate::domain::delivery::{AttemptOutcome, Certainty, Fate, Pattern};
use crate::domain::{Batching, EdgeKind, EdgePolicy, Metric, RetryPolicy, RunOutcome, StreamSource};
use crate::forecast::next_change;
use crate::forecast::words::{Said, Shard};

fn shard(policy: EdgePolicy) -> Made {
    let mut made = Made::default();
    made.function("f", |_| {})
        .other(&stream("s"))
        .queue("set-aside", |_| {})
        .edge(
            &lambda("f"),
            &sqs("set-aside"),
            EdgeKind::DeadLetter,
            EdgePolicy {
                id: policy.id.clone(),
                ..by("mapping")
            },
        )
        .edge(&stream("s"), &lambda("f"), EdgeKind::Trigger, policy);
    made
}

fn retries(n: i64) -> EdgePolicy {
    EdgePolicy {
        id: Some("u".into()),
        retries: RetryPolicy {
            max: Some(n),
            max_age_s: Some(-1),
            ..RetryPolicy::default()
        },
        stream: StreamSource {
            shards: Some(1),
            ..StreamSource::default()
        },
        ..EdgePolicy::default()
    }
}

#[test]
fn a_blocked_shard_has_no_countdown_but_its_deadline() {
    let mut made = shard(retries(-1));
    made.fails("f", "a", 0.0)
        .fails("f", "b", 1.0)
        .fails("f", "c", 62.0)
        .metric(&stream("s"), Metric::IteratorAge, 0.0, 0.0)
        .metric(&lambda("f"), Metric::IteratorAge, 60.0, 240_000.0)
        .until(80.0);
    let row = made.row();
    assert_eq!((row.pattern, row.attempts.len()), (Pattern::Stream, 3));
    assert_eq!(row.next.expect("again, some time").latest, None);
    let outlook = row.outlook.expect("an outlook");
    assert_eq!((outlook.fate, outlook.attempts_left), (Fate::Expired, None));
    // The record came in 240 s before the minute in which that was its age.
    let deadline = seconds(outlook.earliest.expect("a time"));
    assert!((deadline - (60.0 - 240.0 + 86_400.0)).abs() < 1.0, "{deadline}");
    let minutes = SignedDuration::from_mins;
    let age = Shard::IteratorAge {
        age: minutes(4),
        expires_in: Some(minutes(24 * 60 - 4)),
    };
    assert!(row.notes.contains(&age.into()), "{:?}", row.notes);
}

#[test]
fn a_batch_is_set_aside_after_its_retries() {
    let mut made = shard(retries(2));
    made.fails("f", "a", 0.0).fails("f", "b", 1.0).until(2.0);
    let outlook = made.row().outlook.expect("an outlook");
    assert_eq!(
        (outlook.fate, outlook.attempts_left, outlook.to),
        (Fate::DeadLetter, Some(1), Some(sqs("set-aside")))
    );
    made.fails("f", "c", 3.0).until(4.0);
    let end = made.row().end.expect("an end");
    assert_eq!(
        (end.fate, end.evidence, end.to),
        (Fate::DeadLetter, Certainty::Inferred, Some(sqs("set-aside")))
    );
}

#[test]
fn a_shard_that_moves_on_is_over() {
    let mut made = shard(retries(9));
    made.fails("f", "a", 0.0)
        .run("f", "b", 2.0, 2.1, RunOutcome::Ok)
        .until(4.0);
    assert_eq!(made.row().end.expect("an end").fate, Fate::Succeeded);
    // Where halves pass, a successful invocation proves nothing: only silence does.
    let mut made = shard(EdgePolicy {
        batching: Batching {
            bisect: Some(true),
            ..Batching::default()
        },
        ..retries(9)
    });
    made.fails("f", "a", 0.0)
        .run("f", "b", 2.0, 2.1, RunOutcome::Ok)
        .until(4.0);
    let row = made.row();
    assert_eq!((row.end, row.outlook.expect("an outlook").attempts_left), (None, None));
    let stands = |made: &Made| made.row().notes.contains(&Shard::ShardWaits.into());
    assert!(stands(&made));
    // Silent for longer than any wait before, though the log is not complete to there: it may have moved on.
    made.now = 60.0;
    assert!(made.row().waits.expect("said").is("shard", "silent"));
    assert_eq!((made.row().next, stands(&made)), (None, false));
    // The age of what is read is less than that of a record that waits since then.
    made.metric(&lambda("f"), Metric::IteratorAge, 60.0, 2_000.0);
    assert_eq!(made.row().end.expect("an end").fate, Fate::Unknown);
    made.until(300.0);
    assert_eq!(
        (made.row().end.expect("an end").fate, stands(&made)),
        (Fate::Unknown, false)
    );
    // A message in its DLQ since then decides it.
    made.grew("set-aside", 0.0, 5.0, 1);
    assert_eq!(made.row().end.expect("an end").fate, Fate::DeadLetter);
    made.until(310.0);
    assert_eq!(made.row().end.expect("it stays so").fate, Fate::DeadLetter);
}

#[test]
fn a_call_is_tried_once() {
    let mut made = Made::default();
    made.function("f", |_| {})
        .trigger(&api("desk"), "f")
        .fails("f", "a", 0.0)
        .run("f", "b", 1.0, 1.1, RunOutcome::Ok)
        .until(5.0);
    let row = made.row();
    assert_eq!(
        (row.pattern, row.source, row.attempts[0].outcome, row.next),
        (Pattern::RequestResponse, Some(api("desk")), AttemptOutcome::Error, None)
    );
    assert_eq!(row.end.expect("an end").why, Said::CallerGotError);
}

#[test]
fn what_a_rule_could_not_hand_over_is_apart_from_what_failed() {
    let mut made = Made::default();
    made.function("f", |_| {})
        .trigger(&rule("r"), "f")
        .queue("rule-dlq", |_| {})
        .edge(&rule("r"), &sqs("rule-dlq"), EdgeKind::DeadLetter, by("eventbridge"))
        .metric(&rule("r"), Metric::RuleFailures, 60.0, 2.0)
        .until(120.0);
    let row = made.row();
    assert_eq!(
        (row.pattern, row.function, row.count),
        (Pattern::SourceDelivery, rule("r"), 2)
    );
    assert_eq!(row.end.expect("an end").to, Some(sqs("rule-dlq")));
}

#[test]
fn what_will_be_lost_comes_first_then_what_was_lost_then_what_is_under_way() {
    let mut made = Made::default();
    made.function("f", |_| {}).trigger(&rule("r"), "f");
    made.function("kept", |_| {})
        .trigger(&rule("r"), "kept")
        .queue("dead", |_| {})
        .edge(&lambda("kept"), &sqs("dead"), EdgeKind::DeadLetter, by("lambda"));
    for start in [0.0, 66.0, 196.0] {
        made.fails("f", "lost", start).fails("kept", "done", start);
    }
    made.fails("f", "second", 60.0)
        .fails("f", "second", 125.0)
        .fails("f", "first", 197.0)
        .fails("kept", "new", 199.0)
        .fails("kept", "old", 198.0)
        .until(200.0);
    let told = made.told();
    let ids: Vec<&str> = told.deliveries.iter().map(|row| row.id.as_str()).collect();
    assert_eq!(ids, ["second", "first", "lost", "old", "new", "done"]);
    let change = next_change(&told, at(200.0)).expect("a window opens");
    assert!(change > at(200.0) && change < at(260.0), "{change}");
    // After an hour nobody needs what ended.
    made.until(196.0 + 3_700.0);
    assert!(made.told().deliveries.iter().all(|row| row.id != "lost"));
}

#[test]
fn an_unclear_run_blocks_no_shard() {
    let mut made = shard(retries(-1));
    made.unclear("f", "a", 0.0).until(5.0);
    assert!(made.told().deliveries.is_empty());
}
