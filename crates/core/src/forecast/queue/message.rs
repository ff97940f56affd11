//! One message, joined by its id.

use jiff::{SignedDuration, Timestamp};

use super::feed::{Feed, Last};
use crate::domain::delivery::{
    Attempt, AttemptOutcome, Certainty, Delivery, End, Fate, Missed, Outlook, Pattern, Prediction,
};
use crate::domain::phrase::Exact;
use crate::domain::{Condition, Invocation};
use crate::forecast::function_context::{FunctionContext, begun, is_cut};
use crate::forecast::overdue::overdue;
use crate::forecast::policy::Window;
use crate::forecast::words::{Receive, Said};

/// A throttled attempt may have used up a receive without a log line; its metric is minutes late.
const THROTTLES_SHOW: SignedDuration = SignedDuration::from_mins(15);

/// Whether a message needs a row: an invocation failed, or it was received more than once.
pub(super) fn is_worth_a_row(place: &FunctionContext, runs: &[&Invocation]) -> bool {
    runs.len() > 1
        || runs.iter().any(|run| {
            use crate::domain::RunOutcome::{Ok, Running};
            !(run.outcome == Ok || is_cut(run) || (run.outcome == Running && !place.is_long(run)))
        })
}

/// The message's receives so far, and what comes next.
pub(super) fn delivery(place: &FunctionContext, feed: &Feed, id: &str, runs: &[&Invocation]) -> Delivery {
    let mut attempts: Vec<Attempt> = (1..).zip(runs).map(|(n, run)| place.attempt(n, run)).collect();
    if feed.partial {
        // It was received again, so the invocation returned it.
        let last = attempts.len().saturating_sub(1);
        for attempt in attempts[..last].iter_mut().filter(|a| a.outcome == AttemptOutcome::Ok) {
            attempt.outcome = AttemptOutcome::Error;
            attempt.evidence = Certainty::Inferred;
        }
    }
    let mut row = Delivery {
        source: feed.source.cloned(),
        attempts,
        ..Delivery::new(id, place.id.clone(), Pattern::Queue)
    };
    if let Some(limit) = feed.limit {
        let receives = runs.len();
        row.notes.push(Receive::Seen { receives, limit }.into());
    }
    if let Some(done) = row.attempts.iter().position(|a| a.outcome == AttemptOutcome::Ok)
        && !feed.partial
    {
        succeeded(&mut row, done);
        return row;
    }
    let (Some(last), Some(run)) = (row.attempts.last().cloned(), runs.last()) else {
        return row;
    };
    if feed.fifo && last.outcome != AttemptOutcome::Ok {
        row.notes.push(Receive::Fifo.into());
    }
    let story = Story {
        place,
        feed,
        first: runs.first().and_then(|run| begun(run)),
        run,
        n: last.n,
        outcome: last.outcome,
    };
    story.tell(&mut row);
    row
}

fn succeeded(row: &mut Delivery, done: usize) {
    let good = &row.attempts[done];
    row.end = Some(End {
        at: good.end.or(good.start),
        ..End::new(
            Fate::Succeeded,
            Certainty::Observed,
            Receive::Succeeded { receive: good.n },
        )
    });
    let later = row.attempts.len() - done - 1;
    if later > 0 {
        row.notes.push(Receive::Duplicates { receives: later }.into());
    }
}

/// Where a message goes that was received so often, is due in this window, and keeps failing.
pub(super) fn outlook(
    place: &FunctionContext,
    feed: &Feed,
    first: Option<Timestamp>,
    (due, seen): (Window, u32),
) -> Outlook {
    let left = feed.limit.map(|limit| limit.saturating_sub(seen));
    let dlq = feed.dlq(place.input);
    match (feed.last(first, due, left), feed.limit) {
        (Last::Forgotten { at, receives }, Some(limit)) => Outlook {
            latest: Some(at),
            attempts_left: Some(receives),
            ..too_short(limit, feed.retention, dlq)
        },
        (Last::Moved(moves), Some(limit)) => Outlook {
            to: feed.dead_letter.cloned(),
            earliest: Some(moves.earliest),
            latest: Some(moves.latest).filter(|_| feed.is_exact()),
            attempts_left: left,
            ..Outlook::new(Fate::DeadLetter, Receive::Moves { receives: limit, dlq })
        },
        (last, _) => Outlook {
            latest: match last {
                Last::Forgotten { at, .. } => Some(at),
                Last::Never(at) => at,
                Last::Moved(_) => None,
            },
            ..Outlook::new(Fate::Expired, Receive::ExpiresWithoutDlq)
        },
    }
}

/// Of a queue that deletes a message before it was received often enough to be moved.
pub(super) fn too_short(receives: u32, retention: SignedDuration, dlq: Option<String>) -> Outlook {
    let retention = Exact(retention);
    let rule = Receive::ExpiresFirst {
        retention,
        receives,
        dlq,
    };
    Outlook::new(Fate::Expired, rule)
}

struct Story<'p, 'a> {
    place: &'p FunctionContext<'a>,
    feed: &'p Feed<'a>,
    first: Option<Timestamp>,
    run: &'p Invocation,
    n: u32,
    outcome: AttemptOutcome,
}

impl Story<'_, '_> {
    fn tell(&self, row: &mut Delivery) {
        let Some(window) = self.feed.returns(self.run) else {
            row.waits = Some(Receive::StartUnknown.into());
            return;
        };
        if self.is_ambiguous() {
            row.waits = Some(Said::Ambiguous.into());
            return;
        }
        row.outlook = Some(self.outlook(window));
        if self.outcome == AttemptOutcome::Running {
            return;
        }
        let forgets = self.first.and_then(|first| self.feed.forgets(first));
        if let Some(at) = forgets.filter(|at| *at < window.earliest) {
            return self.forgotten(row, at);
        }
        if !self.feed.enabled {
            row.waits = Some(Said::MappingOff.into());
            return;
        }
        if self.feed.limit.is_some_and(|limit| self.n >= limit) && self.outcome != AttemptOutcome::Ok {
            return self.used_up(row, window);
        }
        if let Some(missed) = self.place.missed(window) {
            return self.not_seen(row, missed);
        }
        if window.latest <= self.place.now() {
            let (due, said) = overdue(Some(self.place.log), window, self.n + 1);
            (row.overdue, row.waits) = (Some(due), Some(said.into()));
            return;
        }
        let throttled = self.place.is_off() || self.place.input.throttled_within(self.place.id, THROTTLES_SHOW);
        let mut latest = Some(window.latest).filter(|_| self.feed.is_exact());
        if throttled {
            latest = None;
            row.waits = Some(Receive::ThrottledHidden.into());
        }
        row.next = Some(Prediction {
            earliest: window.earliest,
            latest,
            attempt: self.n + 1,
            rule: Receive::Again {
                visibility: Exact(self.feed.hidden()),
            }
            .into(),
            conditions: self.conditions(window),
        });
    }

    /// Whether its last invocation ended, and its lines can be read both ways.
    fn is_ambiguous(&self) -> bool {
        self.outcome == AttemptOutcome::Unknown && self.run.end.is_some()
    }

    fn conditions(&self, window: Window) -> Vec<Condition> {
        let own = match self.outcome {
            AttemptOutcome::Ok => Some(Condition::GivenBack),
            AttemptOutcome::Unknown => Some(Condition::LastAttemptFailed),
            _ => None,
        };
        let forgets = self.first.and_then(|first| self.feed.forgets(first));
        let kept = forgets
            .filter(|at| *at < window.latest)
            .map(|_| Condition::WithinRetention {
                seconds: self.feed.retention.as_secs(),
            });
        let held_up = self.place.pressure().conditions(false);
        own.into_iter().chain(kept).chain(held_up).collect()
    }

    /// Its queue deletes it before it comes again.
    fn forgotten(&self, row: &mut Delivery, at: Timestamp) {
        let (retention, receives) = (Exact(self.feed.retention), self.n);
        if at > self.place.now() {
            row.waits = Some(Receive::Expires { retention, by: at }.into());
            return;
        }
        let why = Receive::Expired { receives, retention };
        row.outlook = None;
        row.end = Some(End {
            at: Some(at),
            ..End::new(Fate::Expired, Certainty::Inferred, why)
        });
    }

    /// Where it goes when it keeps failing.
    fn outlook(&self, window: Window) -> Outlook {
        outlook(self.place, self.feed, self.first, (window, self.n))
    }

    /// Its receives are used up: the next poll moves it.
    fn used_up(&self, row: &mut Delivery, window: Window) {
        let receives = self.n;
        let why = match (self.feed.moved(window), self.place.missed(window)) {
            (Some((dlq, holds)), _) => Receive::Moved { receives, dlq, holds },
            _ if window.latest > self.place.now() => {
                row.waits = Some(Receive::UsedUp { window }.into());
                return;
            }
            (None, Some(missed)) => Receive::NotSeenAfterLast {
                receives,
                complete_to: missed.complete_to,
            },
            (None, None) => {
                let complete_to = self.place.log.complete_to;
                row.waits = Some(Receive::WasUsedUp { window, complete_to }.into());
                return;
            }
        };
        row.outlook = None;
        row.end = Some(End {
            at: Some(window.latest.min(self.place.now())),
            not_before: Some(window.earliest),
            to: self.feed.dead_letter.cloned(),
            ..End::new(Fate::DeadLetter, Certainty::Inferred, why)
        });
    }

    fn not_seen(&self, row: &mut Delivery, missed: Missed) {
        if self.outcome == AttemptOutcome::Ok {
            row.outlook = None;
            row.end = Some(End {
                at: self.run.end,
                ..End::new(Fate::Succeeded, Certainty::Inferred, Receive::DidNotReturn)
            });
            return;
        }
        row.missed = Some(missed);
        let window = Window {
            earliest: missed.earliest,
            latest: missed.latest,
        };
        let complete_to = missed.complete_to;
        row.waits = Some(Receive::NotSeen { window, complete_to }.into());
    }
}
