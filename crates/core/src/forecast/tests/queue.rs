use super::made::{Made, at, by, lambda, letter, seconds, sqs, window};
use crate::domain::delivery::{AttemptOutcome, Certainty, Delivery, Fate, Pattern};
use crate::domain::{Batching, Condition, Edge, EdgeKind, EdgePolicy, Metric, RunOutcome};
use crate::forecast::words::{Receive, Said};

/// A queue of three receives, its function and its dead-letter queue.
fn account(mapping: EdgePolicy) -> Made {
    let mut made = Made::default();
    made.function("f", |_| {})
        .queue("q", |q| q.max_receive_count = Some(3))
        .queue("dead", |_| {})
        .edge(&sqs("q"), &lambda("f"), EdgeKind::Trigger, mapping)
        .edge(&sqs("q"), &sqs("dead"), EdgeKind::DeadLetter, by("sqs"));
    made
}

fn fate(row: &Delivery) -> (Fate, Certainty) {
    let end = row.end.as_ref().expect("an end");
    (end.fate, end.evidence)
}

#[test]
fn a_message_that_lines_name_is_followed_through_its_receives() {
    let mut made = account(EdgePolicy::default());
    made.receives("f", "m", 0.0, RunOutcome::Error).until(5.0);
    let row = made.row();
    assert_eq!(
        (row.id.as_str(), row.pattern, row.source.clone()),
        ("m", Pattern::Queue, Some(sqs("q")))
    );
    let (earliest, latest) = window(&row);
    assert!(
        earliest <= 30.0 && 30.9 <= latest && latest - earliest <= 25.0,
        "{earliest}..{latest}"
    );
    assert_eq!(row.outlook.expect("an outlook").attempts_left, Some(2));
    made.receives("f", "m", 30.5, RunOutcome::Error)
        .receives("f", "m", 61.0, RunOutcome::Error)
        .until(65.0);
    let row = made.row();
    assert_eq!((row.attempts.len(), row.next.clone()), (3, None));
    let outlook = row.outlook.expect("an outlook");
    assert_eq!(
        (outlook.fate, outlook.attempts_left, outlook.to),
        (Fate::DeadLetter, Some(0), Some(sqs("dead")))
    );
    let poll = (
        seconds(outlook.earliest.expect("a time")),
        seconds(outlook.latest.expect("a time")),
    );
    assert!(poll.0 <= 91.0 && 92.0 <= poll.1, "{poll:?}");
    made.until(200.0);
    assert_eq!(fate(&made.row()), (Fate::DeadLetter, Certainty::Inferred));
}

#[test]
fn an_id_that_comes_more_often_than_the_queue_allows_is_no_messages() {
    let mut made = account(EdgePolicy::default());
    // Five messages of one order, and another's of two.
    for start in [0.0, 40.0, 80.0, 120.0] {
        made.receives("f", "order", start, RunOutcome::Error);
    }
    for start in [10.0, 50.0] {
        made.receives("f", "other", start, RunOutcome::Error);
    }
    made.until(125.0);
    let row = made.row();
    assert!(row.estimate && row.id.starts_with("messages of"), "{row:#?}");
    assert_eq!(row.notes, [Receive::EstimateOtherIds]);
    assert_ne!(row.end.map(|end| end.fate), Some(Fate::DeadLetter));
}

#[test]
fn a_growing_dead_letter_queue_and_a_letter_tell_more() {
    let mut made = account(EdgePolicy::default());
    for start in [0.0, 30.5, 61.0] {
        made.receives("f", "m", start, RunOutcome::Error);
    }
    made.grew("dead", 90.0, 95.0, 1).until(95.0);
    assert_eq!(fate(&made.row()), (Fate::DeadLetter, Certainty::Inferred));
    made.letters.push(letter("dead", "m", None, 4));
    assert_eq!(fate(&made.row()), (Fate::DeadLetter, Certainty::Observed));
}

#[test]
fn a_message_without_a_dead_letter_queue_goes_round_until_it_is_forgotten() {
    let mut made = Made::default();
    made.function("f", |_| {})
        .queue("q", |_| {})
        .trigger(&sqs("q"), "f")
        .receives("f", "m", 0.0, RunOutcome::Timeout)
        .until(5.0);
    let outlook = made.row().outlook.expect("an outlook");
    assert_eq!((outlook.fate, outlook.attempts_left), (Fate::Expired, None));
    assert!((seconds(outlook.latest.expect("a time")) - 345_600.0).abs() < 1.0);
}

#[test]
fn a_success_ends_it_and_a_failed_batch_is_all_its_messages() {
    let mut made = account(EdgePolicy::default());
    made.receives("f", "m", 0.0, RunOutcome::Error)
        .receives("f", "m", 31.0, RunOutcome::Ok)
        .until(35.0);
    assert_eq!(fate(&made.row()), (Fate::Succeeded, Certainty::Observed));
}

#[test]
fn the_window_of_a_mapping_stretches_the_visibility_timeout() {
    let gathering = |seconds| {
        let mut made = account(EdgePolicy {
            batching: Batching {
                window_s: Some(seconds),
                ..Batching::default()
            },
            ..EdgePolicy::default()
        });
        made.function("f", |f| f.timeout_s = 15)
            .receives("f", "m", 0.0, RunOutcome::Error)
            .until(5.0);
        made
    };
    let row = gathering(18).row();
    assert!(window(&row).0 > 60.0, "18 s and 15 s are more than 30 s, so 63 s");
    // A message may lie for as long as a mapping gathers: that is too wide to be of use.
    assert_eq!(gathering(60).row().next.expect("unknown").latest, None);
}

#[test]
fn a_run_that_ends_well_may_have_given_a_message_back() {
    let partial = EdgePolicy {
        batching: Batching {
            partial_response: Some(true),
            ..Batching::default()
        },
        ..EdgePolicy::default()
    };
    let mut made = account(partial);
    made.receives("f", "m", 0.0, RunOutcome::Ok)
        .receives("f", "m", 31.0, RunOutcome::Ok)
        .until(35.0);
    let row = made
        .told()
        .deliveries
        .into_iter()
        .find(|row| row.id == "m")
        .expect("it came twice");
    assert_eq!(
        (row.attempts[0].outcome, row.attempts[0].evidence),
        (AttemptOutcome::Error, Certainty::Inferred)
    );
    assert_eq!(row.next.expect("it may come again").conditions, [Condition::GivenBack]);
    made.until(200.0);
    let row = made
        .told()
        .deliveries
        .into_iter()
        .find(|row| row.id == "m")
        .expect("there");
    assert_eq!(fate(&row), (Fate::Succeeded, Certainty::Inferred));
}

#[test]
fn what_is_in_flight_after_good_runs_was_given_back() {
    let partial = EdgePolicy {
        batching: Batching {
            partial_response: Some(true),
            ..Batching::default()
        },
        ..EdgePolicy::default()
    };
    let mut made = account(partial);
    made.run("f", "x", 0.0, 0.1, RunOutcome::Ok).until(5.0);
    assert!(made.told().deliveries.is_empty());
    made.depth("q", 4.0, 0, 1);
    let row = made.row();
    assert_eq!(row.count, 1);
    let (earliest, latest) = window(&row);
    assert!(earliest <= 30.5 && 30.5 <= latest && latest - earliest <= 25.0);
}

#[test]
fn runs_that_name_no_message_are_one_estimate() {
    let mut made = account(EdgePolicy::default());
    made.fails("f", "x", 0.0)
        .fails("f", "y", 10.0)
        .depth("q", 11.0, 0, 2)
        .until(12.0);
    let row = made.row();
    assert_eq!((row.count, row.attempts.len()), (2, 2));
    assert_eq!(row.notes, [Receive::Estimate]);
    let (earliest, latest) = window(&row);
    assert!(
        earliest <= 30.5 && 30.5 <= latest && latest - earliest <= 25.0,
        "the nearest: {earliest}..{latest}"
    );
    // When that has passed, the next one counts.
    made.until(53.0);
    assert!(window(&made.row()).0 > 35.0);
    made.fails("f", "z", 31.0).grew("dead", 60.0, 65.0, 1);
    made.until(200.0);
    assert_eq!(fate(&made.row()).0, Fate::DeadLetter);
}

#[test]
fn one_letter_is_not_the_end_of_all_that_an_estimate_stands_for() {
    let mut made = account(EdgePolicy::default());
    made.fails("f", "x", 0.0)
        .fails("f", "y", 10.0)
        .depth("q", 11.0, 0, 2)
        .grew("dead", 5.0, 12.0, 1)
        .until(12.0);
    let row = made.row();
    assert!(row.estimate && row.end.is_none(), "{row:?}");
}

#[test]
fn a_queue_whose_attributes_were_not_read_is_said_to_be_unknown() {
    let mut made = Made::default();
    made.function("f", |_| {}).other(&sqs("q")).trigger(&sqs("q"), "f");
    made.run("f", "x", 0.0, 0.1, RunOutcome::Ok).until(5.0);
    assert!(made.told().unobservable.is_empty(), "nothing failed");
    made.fails("f", "y", 1.0);
    let told = made.told();
    assert!(told.deliveries.is_empty());
    let queues = vec!["q".to_owned()];
    assert_eq!(told.unobservable[0].why, Receive::AttributesUnread { queues });
}

#[test]
fn nobody_polls_a_queue_whose_mapping_is_off() {
    let mut made = account(EdgePolicy::default());
    let trigger = Edge::clone(&made.edges[0]).enabled(false);
    made.edges[0] = std::sync::Arc::new(trigger);
    made.depth("q", 5.0, 7, 0).until(10.0);
    let row = made.row();
    assert_eq!((row.count, row.attempts[0].outcome), (7, AttemptOutcome::Pending));
    assert_eq!(row.waits, Some(Said::MappingOff.into()));
    // The same of a message that failed before.
    made.depth("q", 5.0, 0, 0).receives("f", "m", 0.0, RunOutcome::Error);
    let row = made.row();
    assert_eq!((row.next, row.waits), (None, Some(Said::MappingOff.into())));
}

#[test]
fn healthy_messages_of_a_throttled_function_use_their_receives_up() {
    let mut made = account(EdgePolicy::default());
    made.metric(&lambda("f"), Metric::Throttles, 60.0, 12.0)
        .depth("q", 100.0, 0, 5)
        .until(120.0);
    let row = made.row();
    assert_eq!((row.count, row.attempts[0].outcome), (5, AttemptOutcome::Throttled));
    assert_eq!(row.outlook.expect("an outlook").fate, Fate::DeadLetter);
    // A window of a message that did run is marked unknown: it may be received and throttled before.
    made.depth("q", 100.0, 0, 0)
        .receives("f", "m", 110.0, RunOutcome::Error);
    let row = made.row();
    assert_eq!(row.next.expect("unknown").latest, None);
    assert_eq!(row.waits, Some(Receive::ThrottledHidden.into()));
}

#[test]
fn a_fifo_group_waits_behind_its_message() {
    let mut made = account(EdgePolicy::default());
    made.queue("q", |q| {
        q.fifo = true;
        q.max_receive_count = Some(3);
    })
    .receives("f", "m", 0.0, RunOutcome::Error)
    .until(5.0);
    assert!(made.row().notes.contains(&Receive::Fifo.into()));
}

#[test]
fn a_receive_that_did_not_come_is_said() {
    let mut made = account(EdgePolicy::default());
    made.receives("f", "m", 0.0, RunOutcome::Error).until(150.0);
    let row = made.row();
    assert!(row.missed.is_some() && row.end.is_none());
    assert_eq!(row.next, None, "nothing of it is future");
    assert!(row.waits.expect("said").is("receive", "not-seen"));
}

/// A window that has passed is no future, as long as the log is not complete to its end.
#[test]
fn what_was_due_is_said_to_have_been() {
    let mut made = account(EdgePolicy::default());
    made.receives("f", "m", 0.0, RunOutcome::Error).until(5.0);
    made.now = 100.0;
    let row = made.row();
    let due = row.overdue.expect("it was due");
    assert_eq!((row.next, due.attempt, due.complete_to), (None, 2, Some(at(5.0))));
    // Without a name of its own too.
    let mut made = account(EdgePolicy::default());
    made.fails("f", "x", 0.0).until(5.0);
    made.now = 100.0;
    let row = made.row();
    assert!(row.overdue.is_some() && row.next.is_none(), "{row:?}");
    // And the move to the dead letters.
    let mut made = account(EdgePolicy::default());
    for start in [0.0, 30.5, 61.0] {
        made.receives("f", "m", start, RunOutcome::Error);
    }
    made.until(65.0);
    assert!(made.row().waits.expect("said").is("receive", "used-up"));
    made.now = 120.0;
    let row = made.row();
    assert!(row.waits.expect("said").is("receive", "was-used-up"));
    let outlook = row.outlook.expect("an outlook");
    assert_eq!((outlook.earliest, outlook.latest), (None, None));
}

/// Each growth of the dead-letter queue belongs to what was due first, and stays with it when more is seen.
#[test]
fn a_growth_stays_with_the_message_it_was_joined_to() {
    let mut made = account(EdgePolicy::default());
    for (message, first) in [("a", 0.0), ("b", 6.0), ("c", 40.0)] {
        for n in [0.0, 30.5, 61.0] {
            made.receives("f", message, first + n, RunOutcome::Error);
        }
    }
    let ended = |made: &Made| -> Vec<String> {
        let mut ids: Vec<String> = made
            .told()
            .deliveries
            .into_iter()
            .filter(|row| row.end.is_some())
            .map(|row| row.id)
            .collect();
        ids.sort();
        ids
    };
    made.grew("dead", 88.0, 93.0, 1).until(102.0);
    assert_eq!(ended(&made), ["a"], "what cannot have moved by then has not");
    made.grew("dead", 96.0, 99.0, 1);
    assert_eq!(ended(&made), ["a", "b"]);
    made.until(118.0);
    assert_eq!(
        ended(&made),
        ["a", "b"],
        "and the log being complete past the first changes nothing"
    );
    made.until(180.0);
    assert_eq!(ended(&made), ["a", "b", "c"]);
}

/// Three receives are all there are: what no line names is not said to come a fourth time.
#[test]
fn an_estimate_knows_the_limit() {
    let mut made = account(EdgePolicy::default());
    made.fails("f", "x", 0.0)
        .fails("f", "y", 31.0)
        .depth("q", 35.0, 0, 1)
        .until(36.0);
    assert!(window(&made.row()).0 > 55.0, "one is left");
    made.fails("f", "z", 62.0).depth("q", 64.0, 0, 1).until(65.0);
    let row = made.row();
    assert_eq!((row.attempts.len(), row.next.clone(), row.count), (3, None, 1));
    assert!(row.waits.expect("said").is("receive", "used-up"));
    assert_eq!(row.outlook.expect("an outlook").attempts_left, Some(0));
    // Its window is over, and no log is complete to there.
    made.now = 120.0;
    let row = made.row();
    assert_eq!((row.next.clone(), row.overdue), (None, None));
    assert!(row.waits.expect("said").is("receive", "was-used-up"));
    // Both queues were looked at: it left the one, and something is in the other.
    made.depth("q", 118.0, 0, 0).depth("dead", 118.0, 1, 0);
    let end = made.row().end.expect("an end");
    assert_eq!(
        (end.fate, end.evidence, end.to),
        (Fate::DeadLetter, Certainty::Inferred, Some(sqs("dead")))
    );
    let (receives, dlq, holds) = (3, "dead".into(), 1);
    assert_eq!(end.why, Receive::Moved { receives, dlq, holds });
}

/// Messages that each failed once are not one that failed three times.
#[test]
fn an_estimate_tells_messages_from_receives() {
    let mut made = account(EdgePolicy::default());
    made.fails("f", "x", 0.0)
        .fails("f", "y", 5.0)
        .fails("f", "z", 10.0)
        .depth("q", 11.0, 0, 3)
        .depth("dead", 11.0, 4, 0)
        .until(12.0);
    assert!(made.row().next.is_some());
    // They passed in other invocations: nothing is left of them.
    made.now = 150.0;
    assert!(made.row().overdue.is_some());
    made.depth("q", 149.0, 0, 0);
    assert_eq!(fate(&made.row()).0, Fate::Unknown);
    // More messages than chains: one invocation may have been of several, some of them younger.
    let mut made = account(EdgePolicy::default());
    for start in [0.0, 31.0, 62.0] {
        made.fails("f", &format!("x{start}"), start);
    }
    made.depth("q", 64.0, 0, 2).until(65.0);
    assert_eq!(made.row().next.expect("it may").conditions, [Condition::ReceivesLeft]);
}

#[test]
fn a_named_message_left_its_queue_for_the_dead_letters() {
    let mut made = account(EdgePolicy::default());
    for start in [0.0, 30.5, 61.0] {
        made.receives("f", "m", start, RunOutcome::Error);
    }
    made.until(65.0);
    made.now = 120.0;
    made.depth("q", 80.0, 0, 0).depth("dead", 118.0, 1, 0);
    assert_eq!(
        made.row().end,
        None,
        "its poll was still to come when its queue was read"
    );
    made.depth("q", 118.0, 0, 0);
    assert_eq!(fate(&made.row()), (Fate::DeadLetter, Certainty::Inferred));
}

#[test]
fn messages_of_an_unclear_run_are_not_expected_again() {
    let mut made = account(EdgePolicy::default());
    made.unclear("f", "x", 0.0).until(5.0);
    assert!(made.told().deliveries.is_empty(), "no estimate follows from it");
    made.receives("f", "m", 1.0, RunOutcome::Unknown).until(5.0);
    let run = made.last_run("f");
    run.end = Some(at(1.1));
    let row = made.row();
    assert_eq!((row.next, row.outlook, row.end), (None, None, None));
}

#[test]
fn a_run_that_was_cut_by_the_beginning_of_what_was_read_has_no_row() {
    let mut made = account(EdgePolicy::default());
    made.receives("f", "m", 1.0, RunOutcome::Unknown).until(5.0);
    let run = made.last_run("f");
    (run.start, run.end) = (None, Some(at(1.1)));
    assert!(made.told().deliveries.is_empty());
}
