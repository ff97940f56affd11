use super::made::{Made, api, arg, at, lambda, rule, seconds, window};
use crate::domain::delivery::{Fate, Pattern};
use crate::domain::{Condition, Metric, RunOutcome};
use crate::forecast::words::{Async, HeldUp, Said};

fn account(reserved: Option<u32>) -> Made {
    let mut made = Made::default();
    made.function("f", |f| f.reserved_concurrency = reserved)
        .trigger(&rule("r"), "f");
    made
}

#[test]
fn while_throttles_are_counted_no_window_stands_without_its_condition() {
    let mut made = account(None);
    made.fails("f", "a", 0.0).until(5.0);
    assert_eq!(made.row().next.expect("sure").conditions, []);
    made.metric(&lambda("f"), Metric::Throttles, -120.0, 12.0);
    let next = made.row().next.expect("if");
    assert_eq!(
        next.conditions,
        [Condition::NotThrottled {
            throttles: 12,
            read_at: Some(at(5.0))
        }]
    );
    assert!(next.latest.is_some(), "the window itself stands");
    // Long ago.
    let mut made = account(None);
    made.metric(&lambda("f"), Metric::Throttles, -1_200.0, 12.0)
        .fails("f", "a", 0.0)
        .until(5.0);
    assert_eq!(made.row().next.expect("sure").conditions, []);
}

#[test]
fn where_as_many_run_as_may_the_next_may_be_throttled() {
    let conditions = |reserved: u32| {
        let mut made = account(Some(reserved));
        made.run("f", "other", 0.0, 4.0, RunOutcome::Ok)
            .run("f", "a", 1.0, 3.0, RunOutcome::Error)
            .until(5.0);
        made.row().next.expect("a window").conditions
    };
    assert_eq!(conditions(1), [Condition::ConcurrencyFree { reserved: 1 }]);
    assert_eq!(conditions(2), [Condition::ConcurrencyFree { reserved: 2 }]);
    assert_eq!(conditions(3), [], "there is room");
}

#[test]
fn a_long_internal_queue_makes_every_wait_longer() {
    let conditions = |age_s: f64| {
        let mut made = account(None);
        made.metric(&lambda("f"), Metric::AsyncEventAge, -60.0, age_s * 1000.0)
            .fails("f", "a", 0.0)
            .until(5.0);
        made.row().next.expect("a window").conditions
    };
    assert_eq!(conditions(190.0), [], "the third attempt of an event is as old");
    assert_eq!(conditions(900.0), [Condition::ShortBacklog { age_s: Some(900) }]);
}

#[test]
fn a_retry_that_came_late_tells_of_what_holds_up_the_others() {
    let mut made = account(None);
    made.fails("f", "late", 0.0)
        .fails("f", "late", 110.0)
        .fails("f", "a", 115.0)
        .until(118.0);
    let told = made.told().deliveries;
    let other = told.iter().find(|row| row.id == "a").expect("there");
    assert_eq!(
        other.next.as_ref().expect("if").conditions,
        [Condition::ShortBacklog { age_s: None }]
    );
}

#[test]
fn who_is_throttled_past_the_maximum_age_expired_and_was_no_call() {
    // It has no known trigger, as in today's fan-out.
    let mut made = Made::default();
    made.function("f", |f| {
        f.asynchronous.max_age_s = Some(120);
        f.reserved_concurrency = Some(1);
    })
    .fails("f", "a", 0.0)
    .metric(&lambda("f"), Metric::Throttles, 60.0, 9.0)
    .until(100.0);
    let row = made.row();
    assert_eq!((row.pattern, row.end.clone()), (Pattern::Asynchronous, None));
    assert_eq!(*arg(&row.waits.expect("said"), "by"), HeldUp::Throttled.into());
    let outlook = row.outlook.expect("an outlook");
    assert_eq!(outlook.fate, Fate::Expired);
    assert!((seconds(outlook.latest.expect("a time")) - 120.0).abs() < 0.1);
    made.until(130.0);
    let end = made.row().end.expect("an end");
    assert_eq!(end.fate, Fate::Expired);
    assert!(end.why.is("async", "held-up-too-old"), "{:?}", end.why);
    // If an API may have been the caller, it is unknown, and the count of dropped events decides.
    let mut made = account(Some(1));
    made.function("f", |f| f.asynchronous.max_age_s = Some(120))
        .trigger(&api("desk"), "f")
        .fails("f", "a", 0.0)
        .metric(&lambda("f"), Metric::Throttles, 60.0, 9.0)
        .until(130.0);
    assert_eq!(made.row().end.expect("an end").fate, Fate::Unknown);
    made.metric(&lambda("f"), Metric::AsyncEventsDropped, 60.0, 1.0);
    assert_eq!(made.row().end.expect("an end").fate, Fate::Expired);
}

#[test]
fn too_old_counts_from_when_it_was_accepted_where_that_is_known() {
    let mut made = account(None);
    made.function("f", |f| f.asynchronous.max_age_s = Some(90));
    made.fails("f", "a", 0.0).until(5.0);
    assert!(made.row().next.is_some(), "the wait ends within 90 s");
    // Its trace began 40 s before: the wait of 60 s ends past its age, but that trace may have begun further up the chain.
    let second = at(-40.0).as_second();
    made.last("f", |run| {
        run.xray = Some(format!("1-{second:08x}-0123456789abcdef01234567"));
    });
    let next = made.row().next.expect("perhaps");
    assert_eq!(next.conditions, [Condition::WithinMaximumAge { seconds: 90 }]);
    // A trace that began with it proves nothing else.
    let second = at(0.0).as_second();
    made.last("f", |run| {
        run.xray = Some(format!("Root=1-{second:08x}-0123456789abcdef01234567;Sampled=1"));
    });
    assert_eq!(made.row().next.expect("sure").conditions, []);
    assert!(window(&made.row()).1 <= 90.0);
}

#[test]
fn a_run_that_can_be_read_both_ways_predicts_nothing() {
    let mut made = account(None);
    made.run("f", "a", 0.0, 0.1, RunOutcome::Unknown)
        .last("f", |run| run.end = Some(at(0.1)))
        .until(5.0);
    let row = made.row();
    assert_eq!((row.next, row.outlook), (None, None));
    assert_eq!(row.waits, Some(Said::Ambiguous.into()));
    made.until(300.0);
    assert_eq!(made.row().end.expect("an end").fate, Fate::Unknown);
}

#[test]
fn an_event_that_was_not_retried_while_lambda_dropped_some_is_no_answer_to_a_caller() {
    // Nobody is known to invoke it, its concurrency was 0 for a while and is not any more.
    let mut made = Made::default();
    made.function("f", |_| {}).fails("f", "a", 0.0).until(300.0);
    let end = made.row().end.expect("an end");
    assert!(end.why.is("async", "not-seen-caller"), "{:?}", end.why);
    made.metric(&lambda("f"), Metric::AsyncEventsDropped, 60.0, 1.0);
    let row = made.row();
    let end = row.end.expect("an end");
    assert_eq!((row.pattern, end.fate), (Pattern::Asynchronous, Fate::Unknown));
    assert!(end.why.is("async", "not-seen-dropped"), "{:?}", end.why);
    assert_eq!(*arg(&end.why, "dropped"), 1_u64.into());
    // What was dropped before it failed says nothing of it.
    let mut made = Made::default();
    made.function("f", |_| {})
        .fails("f", "a", 0.0)
        .metric(&lambda("f"), Metric::AsyncEventsDropped, -120.0, 1.0)
        .until(300.0);
    assert!(made.row().end.expect("an end").why.is("async", "not-seen-caller"));
    // With a trigger that is known it is one of them.
    let mut made = account(None);
    made.fails("f", "a", 0.0)
        .metric(&lambda("f"), Metric::AsyncEventsDropped, 60.0, 1.0)
        .until(300.0);
    assert_eq!(made.row().end.expect("an end").fate, Fate::Dropped);
}

#[test]
fn two_attempts_where_the_log_begins_are_not_the_second_and_third_by_their_distance() {
    let mut made = account(None);
    made.from = Some(-10.0);
    made.fails("f", "a", 0.0).fails("f", "a", 128.0).until(140.0);
    let row = made.row();
    assert_eq!(row.attempts.iter().map(|attempt| attempt.n).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(row.end, None, "a third may come");
    assert_eq!(row.notes, [Async::EarlierUnread]);
    // Only the first wait is as short as this.
    let mut made = account(None);
    made.from = Some(-10.0);
    made.fails("f", "a", 0.0).fails("f", "a", 65.0).until(70.0);
    assert_eq!(made.row().next.expect("the third").attempt, 3);
}
