use jiff::SignedDuration;

use super::made::{Made, api, arg, at, by, lambda, letter, rule, seconds, sqs, window};
use crate::domain::condition::OnlyIf;
use crate::domain::delivery::{AttemptOutcome, Certainty, Delivery, Fate, Pattern, Unobservable};
use crate::domain::{Condition, EdgeKind, EdgePolicy, Metric, Missing, NodeId, RetryPolicy, RunOutcome};
use crate::forecast::policy::Window;
use crate::forecast::words::{Async, HeldUp, Lands, Said};
use crate::logs::blind_spots::BlindSpot;

/// A rule and its function, which has a dead-letter queue where `kept`.
fn account(kept: bool) -> Made {
    let mut made = Made::default();
    made.function("f", |_| {}).trigger(&rule("r"), "f");
    if kept {
        made.queue("dead", |_| {})
            .edge(&lambda("f"), &sqs("dead"), EdgeKind::DeadLetter, by("lambda"));
    }
    made
}

fn end(row: &Delivery) -> (Fate, Certainty) {
    let end = row.end.as_ref().expect("an end");
    (end.fate, end.evidence)
}

#[test]
fn a_failed_event_is_counted_down_to_its_next_run_and_to_its_end() {
    let mut made = account(false);
    made.fails("f", "a", 0.4).until(10.0);
    let row = made.row();
    assert_eq!(
        (row.pattern, row.source.clone()),
        (Pattern::Asynchronous, Some(rule("r")))
    );
    let (earliest, latest) = window(&row);
    assert!(earliest <= 66.5 && 66.5 <= latest, "{earliest}..{latest}");
    let outlook = row.outlook.expect("an outlook");
    assert_eq!((outlook.fate, outlook.attempts_left), (Fate::Dropped, Some(2)));
    let ends = (
        seconds(outlook.earliest.expect("a time")),
        seconds(outlook.latest.expect("a time")),
    );
    assert!(ends.0 <= 196.8 && 196.8 <= ends.1, "{ends:?}");
}

/// Whoever has a dead-letter queue on paper only loses the event, at the same moment as without one.
#[test]
fn a_dead_letter_queue_or_destination_that_does_not_exist_keeps_nothing() {
    let missing = |id: &NodeId| Missing {
        id: id.clone(),
        qualifier: None,
    };
    let on_failure = EdgePolicy {
        condition: Some("OnFailure".into()),
        ..by("lambda")
    };
    let mut made = account(true);
    made.missing.insert(missing(&sqs("dead")));
    made.fails("f", "a", 0.4).until(10.0);
    let row = made.row();
    let outlook = row.outlook.expect("an outlook");
    assert_eq!((outlook.fate, outlook.to), (Fate::Dropped, None));
    let missing_dead = Lands::Missing { queue: "dead".into() };
    assert_eq!(*arg(&outlook.rule, "lands"), missing_dead.into());
    // What else keeps it does.
    made.other(&sqs("kept"))
        .edge(&lambda("f"), &sqs("kept"), EdgeKind::Destination, on_failure.clone());
    let outlook = made.row().outlook.expect("an outlook");
    assert_eq!((outlook.fate, outlook.to), (Fate::Destination, Some(sqs("kept"))));
    made.missing.insert(missing(&sqs("kept")));
    assert_eq!(made.row().outlook.expect("an outlook").fate, Fate::Dropped);
    made.fails("f", "a", 66.5).fails("f", "a", 196.7).until(200.0);
    // What has ended may have been written before it was deleted.
    assert_eq!(end(&made.row()).0, Fate::Unknown);
}

#[test]
fn runs_of_one_request_are_attempts_of_one_event() {
    let mut made = account(true);
    made.fails("f", "a", 0.4).fails("f", "a", 66.5).until(70.0);
    let row = made.row();
    assert_eq!(row.attempts.iter().map(|attempt| attempt.n).collect::<Vec<_>>(), [1, 2]);
    let (earliest, latest) = window(&row);
    assert!(earliest <= 196.7 && 196.7 <= latest, "{earliest}..{latest}");
    assert_eq!(row.outlook.expect("an outlook").attempts_left, Some(1));
    made.fails("f", "a", 196.7).until(200.0);
    let row = made.row();
    assert_eq!(end(&row), (Fate::DeadLetter, Certainty::Inferred));
    assert_eq!((row.next, row.outlook), (None, None));
    assert_eq!(row.end.expect("an end").to, Some(sqs("dead")));
}

#[test]
fn an_end_that_is_read_before_its_start_is_of_the_latest_attempt_and_that_runs() {
    let mut made = account(true);
    made.fails("f", "a", 0.4).ends("f", "a", 66.6).until(67.0);
    let row = made.row();
    let attempts: Vec<_> = row
        .attempts
        .iter()
        .map(|attempt| (attempt.n, attempt.outcome))
        .collect();
    assert_eq!(attempts, [(1, AttemptOutcome::Error), (2, AttemptOutcome::Running)]);
    assert_eq!((row.attempts[1].end, row.next), (None, None));
    assert_eq!(row.outlook.expect("an outlook").attempts_left, Some(1));
}

#[test]
fn who_hides_its_runs_by_now_is_not_said_to_have_made_none() {
    let mut made = account(true);
    made.trigger(&api("shop"), "f").fails("f", "a", 0.4).until(150.0);
    let ended = |made: &Made| made.row().end.map(|end| end.fate);
    assert_eq!(
        ended(&made),
        Some(Fate::Unknown),
        "an API may have called: its caller got the error"
    );
    made.unobservable.push(Unobservable {
        function: lambda("f"),
        why: BlindSpot::LogLevel { level: "WARN".into() }.into(),
    });
    assert_eq!(ended(&made), None, "the retry may have run unseen");
    assert!(made.row().overdue.is_some());
}

#[test]
fn an_event_that_nothing_keeps_is_dropped() {
    let mut made = account(false);
    made.fails("f", "a", 0.4)
        .fails("f", "a", 66.5)
        .fails("f", "a", 196.7)
        .until(200.0);
    let row = made.row();
    assert_eq!(end(&row), (Fate::Dropped, Certainty::Inferred));
    let (attempts, lands) = (3, Lands::Dropped);
    assert_eq!(row.end.expect("an end").why, Async::UsedUp { attempts, lands });
}

#[test]
fn a_destination_keeps_it() {
    let mut made = account(false);
    let policy = EdgePolicy {
        condition: Some("OnFailure".into()),
        ..by("lambda")
    };
    made.function("f", |f| f.asynchronous.retries = Some(0))
        .queue("failed", |_| {})
        .edge(&lambda("f"), &sqs("failed"), EdgeKind::Destination, policy)
        .fails("f", "a", 0.4)
        .until(2.0);
    assert_eq!(end(&made.row()), (Fate::Destination, Certainty::Inferred));
}

#[test]
fn retries_may_be_fewer() {
    let mut made = account(true);
    made.function("f", |f| f.asynchronous.retries = Some(1))
        .fails("f", "a", 0.0)
        .until(2.0);
    assert_eq!(made.row().outlook.expect("an outlook").attempts_left, Some(1));
    made.fails("f", "a", 66.0).until(70.0);
    assert_eq!(end(&made.row()).0, Fate::DeadLetter);
}

#[test]
fn an_event_whose_wait_would_end_past_its_age_ends_at_once() {
    // AWS, validated: an age of 60 s is one attempt, one of 90 s is two.
    let mut made = account(false);
    made.function("f", |f| f.asynchronous.max_age_s = Some(60))
        .fails("f", "a", 0.0)
        .until(2.0);
    assert_eq!(end(&made.row()), (Fate::Expired, Certainty::Inferred));
    let mut made = account(false);
    made.function("f", |f| f.asynchronous.max_age_s = Some(90))
        .fails("f", "a", 0.0)
        .until(2.0);
    let row = made.row();
    let outlook = row.outlook.clone().expect("an outlook");
    assert_eq!((outlook.fate, outlook.attempts_left), (Fate::Expired, Some(1)));
    assert!((window(&row).0 - 60.0).abs() < 1.0);
    made.fails("f", "a", 66.0).until(70.0);
    assert_eq!(end(&made.row()).0, Fate::Expired);
}

#[test]
fn a_start_after_a_success_is_a_second_delivery_and_no_retry() {
    let mut made = account(false);
    made.run("f", "a", 0.0, 0.1, RunOutcome::Ok)
        .run("f", "a", 5.0, 5.1, RunOutcome::Ok)
        .until(10.0);
    let row = made.row();
    assert_eq!(end(&row), (Fate::Succeeded, Certainty::Observed));
    assert_eq!(row.notes, [Async::Duplicates { starts: 1 }]);
    assert_eq!(row.next, None);
}

#[test]
fn what_succeeds_at_once_is_no_row() {
    let mut made = account(false);
    made.run("f", "a", 0.0, 0.1, RunOutcome::Ok)
        .run("f", "b", 9.0, 9.1, RunOutcome::Running)
        .until(10.0);
    assert!(made.told().deliveries.is_empty());
}

#[test]
fn a_retry_that_succeeds_ends_it_well() {
    let mut made = account(false);
    made.fails("f", "a", 0.0)
        .run("f", "a", 64.0, 64.1, RunOutcome::Ok)
        .until(70.0);
    assert_eq!(end(&made.row()), (Fate::Succeeded, Certainty::Observed));
}

#[test]
fn a_window_that_passed_is_said_and_nothing_follows_from_it() {
    let mut made = account(false);
    made.fails("f", "a", 0.0);
    made.now = 300.0;
    made.complete_to = Some(60.0);
    let row = made.row();
    assert_eq!(row.missed, None, "the log is not complete to its end");
    let due = row.overdue.expect("it was due");
    assert_eq!((row.next, due.attempt, due.complete_to), (None, 2, Some(at(60.0))));
    let said = Said::WasDue {
        window: Window {
            earliest: due.earliest,
            latest: due.latest,
        },
        complete_to: Some(at(60.0)),
        only_if: None,
    };
    assert_eq!(row.waits, Some(said.into()));
    made.until(300.0);
    let row = made.row();
    let missed = row.missed.expect("said");
    assert_eq!(
        (missed.earliest.min(at(61.0)), missed.complete_to),
        (missed.earliest, at(300.0))
    );
    assert_eq!((row.next, row.overdue), (None, None), "nothing of it is future");
    let said = Async::NotSeen {
        window: Window {
            earliest: missed.earliest,
            latest: missed.latest,
        },
        complete_to: at(300.0),
    };
    assert_eq!(row.waits, Some(said.into()));
    assert_eq!(row.end, None);
    // What is observed later overrules it.
    made.fails("f", "a", 310.0).until(320.0);
    let row = made.row();
    assert_eq!((row.missed, row.attempts.len()), (None, 2));
    assert!(window(&row).0 > 400.0);
}

#[test]
fn a_throttled_retry_says_how_long_it_may_take() {
    let mut made = account(true);
    made.fails("f", "a", 0.0)
        .metric(&lambda("f"), Metric::Throttles, 120.0, 4.0)
        .until(180.0);
    let told = made.told();
    assert_eq!((told.throttled[0].count, told.throttled.len()), (4, 1));
    let row = made.row();
    assert_eq!(*arg(&row.waits.expect("said"), "by"), HeldUp::Throttled.into());
    assert_eq!(row.attempts.len(), 1, "a throttled try is never a row");
}

#[test]
fn without_concurrency_the_next_try_is_the_end() {
    let mut made = account(true);
    made.function("f", |f| f.reserved_concurrency = Some(0))
        .fails("f", "a", 0.0)
        .until(5.0);
    let row = made.row();
    assert_eq!(row.next, None);
    let outlook = row.outlook.expect("an outlook");
    assert_eq!((outlook.fate, outlook.attempts_left), (Fate::DeadLetter, Some(0)));
    made.until(100.0);
    assert_eq!(end(&made.row()), (Fate::DeadLetter, Certainty::Inferred));
}

#[test]
fn events_that_never_ran_are_counted_by_the_metric() {
    let mut made = account(true);
    made.function("f", |f| f.reserved_concurrency = Some(0))
        .metric(&lambda("f"), Metric::AsyncEventsDropped, 60.0, 3.0)
        .until(180.0);
    let row = made.row();
    assert_eq!(
        (row.count, row.attempts.len(), end(&row)),
        (3, 0, (Fate::DeadLetter, Certainty::Observed))
    );
}

#[test]
fn a_start_without_an_end_is_unknown_after_the_timeout_and_the_lateness() {
    let mut made = account(false);
    made.run("f", "a", 0.0, 0.0, RunOutcome::Running).until(20.0);
    let row = made.row();
    assert_eq!((row.attempts[0].outcome, row.next), (AttemptOutcome::Running, None));
    made.now = 100.0;
    made.complete_to = Some(20.0);
    assert_eq!(made.row().attempts[0].outcome, AttemptOutcome::Unknown);
    // By then its retry was due, if there is one.
    let only_if = OnlyIf::LastAttemptFailed;
    assert_eq!(*arg(&made.row().waits.expect("said"), "only_if"), only_if.into());
}

#[test]
fn of_a_function_with_an_api_and_a_rule_a_first_failure_proves_nothing() {
    let mut made = account(false);
    made.trigger(&api("desk"), "f").fails("f", "a", 0.0).until(5.0);
    let row = made.row();
    assert_eq!(row.source, None);
    assert_eq!(
        row.next.clone().expect("if").conditions,
        [Condition::InvokedAsynchronously {
            not_by: vec![api("desk")]
        }]
    );
    // The same id again: it was asynchronous.
    made.fails("f", "a", 65.0).until(68.0);
    assert_eq!(made.row().next.expect("sure").conditions, []);
    // Nothing came: it was a call.
    let mut made = account(false);
    made.trigger(&api("desk"), "f").fails("f", "a", 0.0).until(200.0);
    let row = made.row();
    assert_eq!(
        (row.pattern, end(&row)),
        (Pattern::RequestResponse, (Fate::Unknown, Certainty::Inferred))
    );
}

#[test]
fn what_was_not_read_is_not_guessed() {
    let mut made = account(false);
    made.from = Some(-20.0);
    made.fails("f", "a", 0.0).until(5.0);
    let row = made.row();
    assert_eq!(row.next.expect("unknown").latest, None);
    assert_eq!(row.waits, Some(Async::AttemptUnknown.into()));
    // The second and the third, or the first and a delayed second: the pause does not decide.
    made.fails("f", "a", 125.0).until(130.0);
    let row = made.row();
    assert_eq!(row.attempts.iter().map(|a| a.n).collect::<Vec<_>>(), [1, 2]);
    assert_eq!((row.end.clone(), row.next.expect("perhaps").latest), (None, None));
    // None came after that.
    made.until(400.0);
    assert_eq!(end(&made.row()).0, Fate::Dropped);
}

#[test]
fn what_nobody_is_known_to_have_sent_asynchronously_is_not_said_to_be_dropped() {
    let mut made = Made::default();
    made.function("f", |_| {}).from = Some(-20.0);
    made.fails("f", "a", 0.0).until(300.0);
    let row = made.row();
    assert_eq!(end(&row), (Fate::Unknown, Certainty::Inferred));
    let why = row.end.expect("an end").why;
    let said = Async::NoneAfter {
        complete_to: at(300.0),
        doubt: Some(OnlyIf::Asynchronous.into()),
        lands: Lands::Dropped,
    };
    assert_eq!(why, said);
}

#[test]
fn a_dead_letter_that_was_read_is_observed() {
    let mut made = account(true);
    made.fails("f", "a", 0.0).fails("f", "a", 66.0).until(80.0);
    made.letters.push(letter("dead", "m", Some("a"), 1));
    let row = made.row();
    assert_eq!(end(&row), (Fate::DeadLetter, Certainty::Observed));
    assert_eq!(row.next, None, "what is observed overrules what was predicted");
}

#[test]
fn a_destinations_record_is_observed() {
    let mut made = account(false);
    made.fails("f", "a", 0.0).until(80.0);
    let mut record = letter("failed", "m", Some("x"), 1);
    record.attributes.clear();
    record.body = r#"{"requestContext":{"requestId":"a","condition":"RetriesExhausted"}}"#.into();
    made.letters.push(record);
    assert_eq!(end(&made.row()), (Fate::Destination, Certainty::Observed));
}

#[test]
fn a_dead_letter_queue_that_grew_ends_the_newest_failure_that_nothing_else_explains() {
    // An emulator gives each attempt an id of its own and waits less than AWS: three events, as far as their ids tell.
    let mut made = account(true);
    made.fails("f", "a", 0.0)
        .fails("f", "b", 3.0)
        .fails("f", "c", 6.0)
        .grew("dead", 5.0, 8.0, 1)
        .until(10.0);
    let told = made.told().deliveries;
    let ends: Vec<(&str, Option<Fate>)> = told
        .iter()
        .map(|row| (row.id.as_str(), row.end.as_ref().map(|end| end.fate)))
        .collect();
    assert!(ends.contains(&("c", Some(Fate::DeadLetter))), "{ends:?}");
    assert!(ends.contains(&("a", None)) && ends.contains(&("b", None)), "{ends:?}");
    // A growth that an ended event explains ends no other.
    let mut made = account(true);
    made.fails("f", "a", 0.0)
        .fails("f", "a", 66.0)
        .fails("f", "a", 196.0)
        .fails("f", "b", 190.0)
        .grew("dead", 195.0, 200.0, 1)
        .until(201.0);
    let told = made.told().deliveries;
    let open = told.iter().find(|row| row.id == "b").expect("there");
    assert_eq!(open.end, None);
}

#[test]
fn an_alias_has_its_own_configuration() {
    let mut made = Made::default();
    let policy = EdgePolicy {
        condition: Some("OnFailure".into()),
        retries: RetryPolicy {
            max: Some(0),
            ..by("lambda").retries
        },
        ..by("lambda")
    };
    made.function("f", |_| {}).queue("failed", |_| {});
    made.trigger(&rule("r"), "f")
        .edge(&lambda("f"), &sqs("failed"), EdgeKind::Destination, policy);
    for edge in &mut made.edges {
        std::sync::Arc::make_mut(edge).key.qualifier = Some("live".into());
    }
    made.fails("f", "a", 0.0).until(5.0);
    assert_eq!(end(&made.row()).0, Fate::Destination);
}

#[test]
fn an_event_whose_last_run_is_unclear_is_unknown_and_nothing_is_predicted() {
    let mut made = account(true);
    made.unclear("f", "a", 0.0).until(5.0);
    let row = made.row();
    assert_eq!(
        (row.attempts[0].outcome, row.attempts[0].end),
        (AttemptOutcome::Unknown, Some(at(0.1)))
    );
    assert_eq!((row.next, row.outlook, row.end), (None, None, None));
    assert_eq!(row.waits, Some(Said::Ambiguous.into()));
    // Its retry says that it had failed.
    made.fails("f", "a", 66.0).until(70.0);
    let row = made.row();
    assert_eq!((row.attempts.len(), row.next.map(|next| next.attempt)), (2, Some(3)));
}

#[test]
fn an_invocation_of_a_durable_function_that_ends_well_may_be_waiting() {
    let mut made = Made::default();
    made.function("f", |f| f.durable = true)
        .trigger(&rule("r"), "f")
        .fails("f", "a", 0.0)
        .run("f", "a", 66.0, 66.1, RunOutcome::Ok)
        .until(70.0);
    assert_eq!(end(&made.row()), (Fate::Unknown, Certainty::Inferred));
}

#[test]
fn what_ended_is_remembered_for_as_long_as_somebody_looks_back() {
    let mut made = Made::default();
    made.function("f", |_| {}).trigger(&rule("r"), "f");
    for start in [0.0, 61.0, 190.0] {
        made.fails("f", "a", start);
    }
    made.until(5_000.0);
    assert_eq!(made.told().deliveries, [], "an hour");
    made.memory = Some(SignedDuration::from_hours(2));
    assert_eq!(made.row().attempts.len(), 3);
}
