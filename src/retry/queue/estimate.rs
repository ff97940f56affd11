//! What of a queue cannot be told apart: runs whose lines name no message, messages that were received and never run,
//! queues that nobody polls. One row each, marked as an estimate.

use jiff::{SignedDuration, Timestamp};

use super::feed::Feed;
use crate::domain::delivery::{AttemptOutcome, Delivery, End, Fate, Known, Outlook, Pattern, Prediction};
use crate::domain::{Edge, EdgeKind, Invocation, RunOutcome};
use crate::retry::input::Input;
use crate::retry::passed::overdue;
use crate::retry::place::{Place, begun};
use crate::retry::policy::{MEMORY, Window, plus};
use crate::retry::words::{count, span};

/// Attempts listed of an estimate: more say nothing more.
const LISTED: usize = 50;
/// A burst of throttling is over when the metric has been quiet for so long.
const THROTTLES_SHOW: SignedDuration = SignedDuration::from_mins(10);

/// One row for all messages of a function that no line names: nothing where none of its runs failed.
pub(super) fn delivery(place: &Place, feed: &Feed, runs: &[&Invocation]) -> Option<Delivery> {
    let now = place.now();
    // Runs whose messages may still come again, with their windows.
    let pending: Vec<(&Invocation, Window)> = runs
        .iter()
        .filter(|run| may_return(feed, run))
        .filter_map(|run| Some((*run, feed.returns(run)?)))
        .filter(|(_, window)| window.latest > now)
        .collect();
    let failed = episode(place, feed, runs);
    if failed.is_empty() && pending.is_empty() {
        return None;
    }
    let mut row = Delivery {
        id: format!("messages of {}", place.id),
        function: place.id.clone(),
        source: feed.source.cloned(),
        pattern: Pattern::Queue,
        attempts: (1..).zip(&failed).map(|(n, run)| place.attempt(n, run)).collect(),
        next: None,
        waits: None,
        missed: None,
        overdue: None,
        outlook: None,
        end: None,
        count: feed
            .in_flight
            .filter(|count| *count > 0)
            .unwrap_or(pending.len() as u64)
            .max(1),
        notes: vec![
            "an estimate: no line names the messages, so that one run may be of one message or of another".to_owned(),
        ],
    };
    if feed.fifo {
        row.notes
            .push("FIFO: the messages of a group behind a failed one wait until it is done".to_owned());
    }
    let last = row.attempts.last().map_or(0, |attempt| attempt.n);
    let Some((_, window)) = pending.iter().min_by_key(|(_, window)| window.latest) else {
        over(place, feed, &mut row, &failed);
        return Some(row);
    };
    row.outlook = Some(outlook(place, feed, (pending.len() == 1).then_some((*window, last))));
    if feed.enabled {
        let certain = pending.iter().any(|(run, _)| run.outcome.is_failure());
        row.next = Some(Prediction {
            earliest: window.earliest,
            latest: Some(window.latest).filter(|_| feed.is_exact() && !place.is_off()),
            attempt: last + 1,
            rule: format!(
                "when the visibility timeout of {} is over, at the next poll (up to 20 s)",
                span(feed.hidden())
            ),
            only_if: Some(
                if certain {
                    "the message has receives left"
                } else {
                    "a run gave messages back (partial batch answers are not in the log)"
                }
                .to_owned(),
            ),
        });
    } else {
        row.waits = Some("waits for a poll: the mapping is off".to_owned());
    }
    Some(row)
}

/// Whether messages of a run may come again, as far as no line names them.
fn may_return(feed: &Feed, run: &Invocation) -> bool {
    match run.outcome {
        // A partial answer is in no line, but what it gave back is in flight.
        RunOutcome::Ok => feed.partial && run.end.is_some_and(|end| feed.in_flight_after(end)),
        RunOutcome::Running => false,
        _ => run.message_ids.is_empty(),
    }
}

/// The failed runs without a message of the present row of failures: those that followed each other no later than a
/// message comes again.
fn episode<'a>(place: &Place, feed: &Feed, runs: &[&'a Invocation]) -> Vec<&'a Invocation> {
    let mut row: Vec<&Invocation> = Vec::new();
    let mut before: Option<Timestamp> = None;
    let nameless = runs
        .iter()
        .rev()
        .filter(|run| run.message_ids.is_empty() && (run.outcome.is_failure() || run.outcome == RunOutcome::Unknown));
    for run in nameless.take(LISTED) {
        let (Some(start), Some(window)) = (begun(run), feed.returns(run)) else {
            continue;
        };
        let recent = place.now().duration_since(start) <= MEMORY;
        if !recent || before.is_some_and(|next| window.latest < next) {
            break;
        }
        before = Some(start);
        row.push(run);
    }
    row.reverse();
    row
}

/// Nothing may come again: the messages passed, or were moved.
fn over(place: &Place, feed: &Feed, row: &mut Delivery, failed: &[&Invocation]) {
    let Some(window) = failed.last().and_then(|run| feed.returns(run)) else {
        return;
    };
    if place.missed(window).is_none() {
        let (due, words) = overdue(
            Some(place.log),
            window,
            row.attempts.last().map_or(1, |last| last.n + 1),
        );
        row.overdue = Some(due);
        row.waits = Some(words);
        return;
    }
    let seen = u32::try_from(failed.len()).unwrap_or(u32::MAX);
    let used_up = feed.limit.is_some_and(|limit| seen >= limit);
    row.end = Some(End {
        fate: if used_up { Fate::DeadLetter } else { Fate::Unknown },
        at: Some(window.latest),
        not_before: Some(window.earliest),
        to: feed.dead_letter.filter(|_| used_up).cloned(),
        evidence: Known::Inferred,
        why: if used_up {
            format!(
                "{} failed, as many as a message has, and none came again",
                count(seen.into(), "receive")
            )
        } else {
            "what failed did not come again: it passed in another run, or was moved".to_owned()
        },
    });
}

fn outlook(place: &Place, feed: &Feed, one: Option<(Window, u32)>) -> Outlook {
    let Some(limit) = feed.limit else {
        return Outlook {
            fate: Fate::Expired,
            to: None,
            earliest: None,
            latest: None,
            attempts_left: None,
            rule: "received again and again until the queue forgets it: no dead-letter queue".to_owned(),
        };
    };
    let left = one.map(|(_, seen)| limit.saturating_sub(seen));
    let moves = one.filter(|_| left == Some(0)).map(|(window, _)| window);
    Outlook {
        fate: Fate::DeadLetter,
        to: feed.dead_letter.cloned(),
        earliest: moves.map(|window| window.earliest),
        latest: moves.map(|window| window.latest),
        attempts_left: left,
        rule: format!(
            "after {} the next poll moves a message to {}",
            count(limit.into(), "receive"),
            feed.dead_letter
                .map_or("its dead-letter queue", |id| place.input.name(id))
        ),
    }
}

/// Messages that no run tells of: nobody polls their queue, or they are received and throttled.
pub(in crate::retry) fn without_runs(input: &Input) -> Vec<Delivery> {
    let mut rows = Vec::new();
    for (queue, depth) in &input.depths {
        let total = depth.visible + depth.in_flight + depth.delayed;
        if total == 0 {
            continue;
        }
        let readers: Vec<&Edge> = input
            .edges
            .iter()
            .map(AsRef::as_ref)
            .filter(|edge| {
                edge.key.kind == EdgeKind::Trigger && edge.key.from == **queue && input.function(&edge.key.to).is_some()
            })
            .collect();
        let Some(first) = readers.first() else { continue };
        let nobody_polls = readers.iter().all(|edge| !edge.enabled);
        let stopped = readers.iter().find(|edge| {
            let off = input
                .function(&edge.key.to)
                .is_some_and(|function| function.reserved_concurrency == Some(0));
            edge.enabled && (off || input.throttled_within(&edge.key.to, THROTTLES_SHOW))
        });
        let (edge, waits, held) = match (nobody_polls, stopped) {
            (true, _) => (*first, "waits for a poll: the mapping is off", total),
            (false, Some(edge)) if depth.in_flight + depth.visible > 0 => (
                *edge,
                "received and throttled: each receive counts, though the function never runs",
                depth.in_flight + depth.visible,
            ),
            _ => continue,
        };
        rows.push(held_back(input, edge, waits, held, depth.at));
    }
    rows
}

fn held_back(input: &Input, edge: &Edge, waits: &str, held: u64, read: Timestamp) -> Delivery {
    let queue = input.queue(&edge.key.from);
    let dead_letter = input
        .edges
        .iter()
        .find(|other| other.key.kind == EdgeKind::DeadLetter && other.key.from == edge.key.from)
        .map(|other| &other.key.to);
    let limit = queue
        .and_then(|queue| queue.max_receive_count)
        .filter(|_| dead_letter.is_some() && edge.enabled);
    let outlook = match limit {
        Some(limit) => Outlook {
            fate: Fate::DeadLetter,
            to: dead_letter.cloned(),
            earliest: None,
            latest: None,
            attempts_left: None,
            rule: format!("after {} a message moves, run or not", count(limit.into(), "receive")),
        },
        None => Outlook {
            fate: Fate::Expired,
            to: None,
            earliest: None,
            latest: queue.map(|queue| plus(read, SignedDuration::from_secs(queue.retention_s.into()))),
            attempts_left: None,
            rule: "its queue forgets it when its retention is over".to_owned(),
        },
    };
    Delivery {
        id: format!("waiting in {}", edge.key.from),
        function: edge.key.to.clone(),
        source: Some(edge.key.from.clone()),
        pattern: Pattern::Queue,
        attempts: vec![crate::domain::delivery::Attempt {
            n: 1,
            start: None,
            end: None,
            outcome: if edge.enabled {
                AttemptOutcome::Throttled
            } else {
                AttemptOutcome::Pending
            },
            evidence: Known::Inferred,
            request_id: None,
            error: None,
        }],
        next: None,
        waits: Some(waits.to_owned()),
        missed: None,
        overdue: None,
        outlook: Some(outlook),
        end: None,
        count: held,
        notes: vec!["an estimate, from the queue's depth".to_owned()],
    }
}
