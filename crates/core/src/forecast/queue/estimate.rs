//! Rows for messages that cannot be distinguished: invocations whose lines name no message, messages that were received but
//! throttled, queues that nothing polls. Each is marked as an estimate.

use std::iter;

use jiff::{SignedDuration, Timestamp};

use super::chains::{Chain, chains, first_to_expire, next_receive};
use super::feed::{Feed, Named};
use super::message;
use crate::domain::delivery::{AttemptOutcome, Certainty, Delivery, End, Fate, Outlook, Pattern, Prediction};
use crate::domain::phrase::{Exact, Phrase};
use crate::domain::{Condition, Edge, EdgeKind, Invocation, RunOutcome};
use crate::forecast::function_context::{FunctionContext, begun};
use crate::forecast::input::Input;
use crate::forecast::overdue::overdue;
use crate::forecast::policy::{Window, plus};
use crate::forecast::words::{Receive, Said};

/// Attempts listed of an estimate: more say nothing more.
const LISTED: usize = 50;
/// A burst of throttling is over when the metric has been quiet for so long.
const THROTTLES_SHOW: SignedDuration = SignedDuration::from_mins(10);

/// One row for all messages of a function that no line names; `None` if no invocation failed.
pub(super) fn delivery(place: &FunctionContext, feed: &Feed, runs: &[&Invocation]) -> Option<Delivery> {
    let now = place.now();
    let failed = episode(place, feed, runs);
    let chains = chains(feed, &failed, runs);
    // What its queue has deleted by now does not come again.
    let is_gone = |chain: &Chain| {
        let forgets = feed.forgets(chain.first);
        forgets.is_some_and(|at| at < chain.window.earliest && at <= now)
    };
    let gone: Vec<&Invocation> = chains.iter().filter(|c| is_gone(c)).map(|c| failed[c.last]).collect();
    let open: Vec<&Chain> = chains
        .iter()
        .filter(|chain| chain.window.latest > now && !is_gone(chain))
        .collect();
    // Invocations whose messages may still return, with their windows.
    let pending: Vec<(&Invocation, Window)> = runs
        .iter()
        .filter(|run| may_return(feed, run) && !gone.iter().any(|gone| std::ptr::eq(*gone, **run)))
        .filter_map(|run| Some((*run, feed.returns(run)?)))
        .filter(|(_, window)| window.latest > now)
        .filter(|(run, _)| run.outcome == RunOutcome::Ok || has_receives_left(feed, &open, &failed, run))
        .collect();
    if failed.is_empty() && pending.is_empty() {
        return None;
    }
    let waiting = pending.len().max(open.len()) as u64;
    let mut row = Delivery {
        source: feed.source.cloned(),
        attempts: (1..).zip(&failed).map(|(n, run)| place.attempt(n, run)).collect(),
        count: feed
            .depth
            .in_flight
            .filter(|count| *count > 0)
            .unwrap_or(waiting)
            .max(1),
        estimate: true,
        notes: notes(feed),
        ..Delivery::new(format!("messages of {}", place.id), place.id.clone(), Pattern::Queue)
    };
    let Some((run, window)) = pending.iter().min_by_key(|(_, window)| window.latest) else {
        match open.iter().min_by_key(|chain| chain.window.latest) {
            Some(chain) if feed.moved(chain.window).is_none() => {
                row.outlook = Some(outlook(place, feed, Some(chain)));
                row.waits = Some(Receive::UsedUp { window: chain.window }.into());
            }
            _ => over(place, feed, &mut row, &chains),
        }
        return Some(row);
    };
    let one = match &open[..] {
        [chain] if pending.len() == 1 && chain.window == *window => Some(*chain),
        _ => first_to_expire(feed, &open, runs, now),
    };
    row.outlook = Some(outlook(place, feed, one));
    if let Some(chain) = open.first().filter(|_| pending.len() == 1)
        && let Some(at) = feed.forgets(chain.first).filter(|at| *at < window.earliest)
    {
        let retention = Exact(feed.retention);
        row.waits = Some(Receive::Expires { retention, by: at }.into());
    } else if feed.enabled {
        let conditions = conditions(place, feed, &chains, &failed, (run, *window));
        row.next = Some(Prediction {
            earliest: window.earliest,
            latest: Some(window.latest).filter(|_| feed.is_exact() && !place.is_off()),
            attempt: next_receive(feed, chains.iter().find(|chain| std::ptr::eq(failed[chain.last], *run))),
            rule: Receive::Again {
                visibility: Exact(feed.hidden()),
            }
            .into(),
            conditions,
        });
    } else {
        row.waits = Some(Said::MappingOff.into());
    }
    Some(row)
}

fn notes(feed: &Feed) -> Vec<Phrase> {
    let estimate = if feed.named == Named::Messages {
        Receive::Estimate
    } else {
        Receive::EstimateOtherIds
    };
    let order = feed.fifo.then_some(Receive::Fifo);
    iter::once(estimate).chain(order).map(Phrase::from).collect()
}

/// Conditions for the messages of an invocation to return in a window.
fn conditions(
    place: &FunctionContext,
    feed: &Feed,
    chains: &[Chain],
    failed: &[&Invocation],
    (run, window): (&Invocation, Window),
) -> Vec<Condition> {
    let mut all = Vec::new();
    let chain = chains.iter().find(|chain| std::ptr::eq(failed[chain.last], run));
    if !run.outcome.is_failure() {
        all.push(if run.outcome == RunOutcome::Ok {
            Condition::GivenBack
        } else {
            Condition::LastAttemptFailed
        });
    } else if !chain.is_some_and(|chain| surely_has_receives_left(place, feed, chains, chain)) {
        all.push(Condition::ReceivesLeft);
    }
    let forgets = chain.and_then(|chain| feed.forgets(chain.first));
    if forgets.is_some_and(|at| at < window.latest) {
        all.push(Condition::WithinRetention {
            seconds: feed.retention.as_secs(),
        });
    }
    all.extend(place.pressure().conditions(false));
    all
}

/// Whether the limit is out of reach whichever messages the failed invocations were of: each other chain may have taken one
/// receive of this one's message for its own, and nothing failed before what was read.
fn surely_has_receives_left(place: &FunctionContext, feed: &Feed, chains: &[Chain], chain: &Chain) -> bool {
    let Some(limit) = feed.limit else { return true };
    let others = u32::try_from(chains.len() - 1).unwrap_or(u32::MAX);
    let is_first = place.log.from.is_none_or(|from| {
        let before = feed.hidden() * 2 + place.timeout();
        chain.first.duration_since(from) > before
    });
    is_first && chain.receives.saturating_add(others) < limit && !place.pressure().is_throttled()
}

/// Whether messages of a run may come again, as far as no line names them.
fn may_return(feed: &Feed, run: &Invocation) -> bool {
    match run.outcome {
        // A partial answer is in no line, but what it gave back is in flight.
        RunOutcome::Ok => feed.partial && run.end.is_some_and(|end| feed.in_flight_after(end)),
        RunOutcome::Running => false,
        // It ended, and its lines can be read both ways: nothing follows from it.
        RunOutcome::Unknown if run.end.is_some() => false,
        _ => feed.is_nameless(run),
    }
}

/// The failed invocations of the current episode, without known messages: each within the return time of the one before.
fn episode<'a>(place: &FunctionContext, feed: &Feed, runs: &[&'a Invocation]) -> Vec<&'a Invocation> {
    let mut row: Vec<&Invocation> = Vec::new();
    let mut before: Option<Timestamp> = None;
    let nameless = runs
        .iter()
        .rev()
        .filter(|run| feed.is_nameless(run))
        .filter(|run| run.outcome.is_failure() || (run.outcome == RunOutcome::Unknown && run.end.is_none()));
    for run in nameless.take(LISTED) {
        let (Some(start), Some(window)) = (begun(run), feed.returns(run)) else {
            continue;
        };
        let recent = place.now().duration_since(start) <= place.input.memory;
        if !recent || before.is_some_and(|next| window.latest < next) {
            break;
        }
        before = Some(start);
        row.push(run);
    }
    row.reverse();
    row
}

/// Whether a failed invocation has a message that may be retried. If the queue has no more messages than there are chains,
/// each chain is one message, and `maxReceiveCount` applies to it.
fn has_receives_left(feed: &Feed, open: &[&Chain], failed: &[&Invocation], run: &Invocation) -> bool {
    if feed.depth.held.is_none_or(|held| held > open.len() as u64) {
        return true;
    }
    let mut of_run = open.iter().filter(|chain| std::ptr::eq(failed[chain.last], run));
    of_run.any(|chain| feed.limit.is_none_or(|limit| chain.receives < limit))
}

/// Nothing may come again: the messages passed, or were moved.
fn over(place: &FunctionContext, feed: &Feed, row: &mut Delivery, chains: &[Chain]) {
    let Some(chain) = chains.last() else {
        return;
    };
    let (window, receives) = (chain.window, chain.receives);
    if let Some(at) = feed.forgets(chain.first).filter(|at| *at < window.earliest) {
        let retention = Exact(feed.retention);
        let why = Receive::Expired { receives, retention };
        row.end = Some(End {
            at: Some(at.min(place.now())),
            ..End::new(Fate::Expired, Certainty::Inferred, why)
        });
        return;
    }
    let used_up = feed.limit.is_some_and(|limit| receives >= limit);
    let moved = feed.moved(window).filter(|_| used_up);
    let gone = feed.is_empty_since(window.latest);
    let (fate, why) = if let Some((dlq, holds)) = moved {
        (Fate::DeadLetter, Receive::Moved { receives, dlq, holds })
    } else if place.missed(window).is_none() && !gone {
        if used_up {
            let complete_to = place.log.complete_to;
            row.waits = Some(Receive::WasUsedUp { window, complete_to }.into());
            return;
        }
        let attempt = next_receive(feed, Some(chain));
        let (due, said) = overdue(Some(place.log), window, attempt);
        (row.overdue, row.waits) = (Some(due), Some(said.into()));
        return;
    } else if used_up {
        (Fate::DeadLetter, Receive::NoneAfterLast { receives })
    } else {
        (Fate::Unknown, Receive::PassedOrMoved)
    };
    row.end = Some(End {
        at: Some(window.latest.min(place.now())),
        not_before: Some(window.earliest),
        to: feed.dead_letter.filter(|_| used_up).cloned(),
        ..End::new(fate, Certainty::Inferred, why)
    });
}

fn outlook(place: &FunctionContext, feed: &Feed, one: Option<&Chain>) -> Outlook {
    let one = one.map(|chain| message::outlook(place, feed, Some(chain.first), (chain.window, chain.receives)));
    if let Some(forgotten) = one.clone().filter(|outlook| outlook.fate == Fate::Expired) {
        return forgotten;
    }
    let Some(limit) = feed.limit else {
        return Outlook::new(Fate::Expired, Receive::ExpiresWithoutDlq);
    };
    let dlq = feed.dlq(place.input);
    if feed.forgets_before(limit) {
        return message::too_short(limit, feed.retention, dlq);
    }
    let left = one.as_ref().and_then(|one| one.attempts_left);
    let moves = one.filter(|_| left == Some(0));
    Outlook {
        to: feed.dead_letter.cloned(),
        earliest: moves.as_ref().and_then(|moves| moves.earliest),
        latest: moves.as_ref().and_then(|moves| moves.latest),
        attempts_left: left,
        ..Outlook::new(Fate::DeadLetter, Receive::Moves { receives: limit, dlq })
    }
}

/// Messages without an invocation: nothing polls their queue, or they are received and throttled.
pub(in crate::forecast) fn without_runs(input: &Input) -> Vec<Delivery> {
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
            (true, _) => (*first, Said::MappingOff.into(), total),
            (false, Some(edge)) if depth.in_flight + depth.visible > 0 => {
                (*edge, Receive::ThrottledCounts.into(), depth.in_flight + depth.visible)
            }
            _ => continue,
        };
        rows.push(held_back(input, edge, waits, held, depth.at));
    }
    rows
}

fn held_back(input: &Input, edge: &Edge, waits: Phrase, held: u64, read: Timestamp) -> Delivery {
    let queue = input.queue(&edge.key.from);
    let dead_letter = input
        .edges
        .iter()
        .find(|other| other.key.kind == EdgeKind::DeadLetter && other.key.from == edge.key.from)
        .map(|other| &other.key.to);
    let limit = queue
        .and_then(|queue| queue.max_receive_count)
        .filter(|_| dead_letter.is_some() && edge.enabled);
    let short = queue.zip(limit).filter(|(queue, limit)| {
        let receives = i64::from(queue.visibility_timeout_s) * i64::from(*limit);
        queue.retention_s > 0 && receives > i64::from(queue.retention_s)
    });
    let outlook = match limit {
        _ if short.is_some() => short.map(|(queue, limit)| {
            let dlq = dead_letter.map(|id| input.name(id).to_owned());
            message::too_short(limit, SignedDuration::from_secs(queue.retention_s.into()), dlq)
        }),
        Some(receives) => Some(Outlook {
            to: dead_letter.cloned(),
            ..Outlook::new(Fate::DeadLetter, Receive::MovesThrottled { receives })
        }),
        None => Some(Outlook {
            latest: queue.map(|queue| plus(read, SignedDuration::from_secs(queue.retention_s.into()))),
            ..Outlook::new(Fate::Expired, Receive::ExpiresInTheEnd)
        }),
    };
    Delivery {
        source: Some(edge.key.from.clone()),
        attempts: vec![crate::domain::delivery::Attempt {
            n: 1,
            start: None,
            end: None,
            outcome: if edge.enabled {
                AttemptOutcome::Throttled
            } else {
                AttemptOutcome::Pending
            },
            evidence: Certainty::Inferred,
            request_id: None,
            error: None,
        }],
        waits: Some(waits),
        outlook,
        count: held,
        estimate: true,
        notes: vec![Receive::EstimateByDepth.into()],
        ..Delivery::new(
            format!("waiting in {}", edge.key.from),
            edge.key.to.clone(),
            Pattern::Queue,
        )
    }
}
