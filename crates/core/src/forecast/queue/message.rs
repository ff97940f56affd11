//! One message, joined by its id.

use jiff::{SignedDuration, Timestamp};

use super::feed::{Feed, Last};
use super::words::{is_to_move, was_to_move};
use crate::domain::delivery::{
    Attempt, AttemptOutcome, Certainty, Delivery, End, Fate, Missed, Outlook, Pattern, Prediction,
};
use crate::domain::{Condition, Invocation};
use crate::forecast::function_context::{FunctionContext, begun, is_cut};
use crate::forecast::overdue::overdue;
use crate::forecast::policy::Window;
use crate::forecast::words::{between, clock, count, span};

/// A throttled try may have used receives up without a line; the metric that tells is late by minutes.
const THROTTLES_SHOW: SignedDuration = SignedDuration::from_mins(15);

/// Whether a message needs a row: a run with it did not end well, or it came more than once.
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
        // It came again, so the run gave it back.
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
        let seen = u64::from(u32::try_from(runs.len()).unwrap_or(u32::MAX));
        row.notes.push(format!("{} of {limit} seen", count(seen, "receive")));
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
        row.notes
            .push("FIFO: the messages of its group behind it wait until it is done".to_owned());
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
        fate: Fate::Succeeded,
        at: good.end.or(good.start),
        not_before: None,
        to: None,
        evidence: Certainty::Observed,
        why: format!("receive {} ended well", good.n),
    });
    let later = row.attempts.len() - done - 1;
    if later > 0 {
        row.notes.push(format!(
            "{} after it had succeeded: delivered twice, as a queue may",
            count(later as u64, "receive")
        ));
    }
}

/// Where a message goes that was received so often, is due in this window, and goes on failing.
pub(super) fn outlook(
    place: &FunctionContext,
    feed: &Feed,
    first: Option<Timestamp>,
    (due, seen): (Window, u32),
) -> Outlook {
    let left = feed.limit.map(|limit| limit.saturating_sub(seen));
    match (feed.last(first, due, left), feed.limit) {
        (Last::Forgotten { at, receives }, Some(limit)) => Outlook {
            fate: Fate::Expired,
            to: None,
            earliest: None,
            latest: Some(at),
            attempts_left: Some(receives),
            rule: format!(
                "the queue's retention of {} ends before {}: it is deleted, and never reaches {}",
                span(feed.retention),
                count(limit.into(), "receive"),
                feed.dead_letter
                    .map_or("its dead-letter queue", |id| place.input.name(id))
            ),
        },
        (Last::Moved(moves), Some(limit)) => Outlook {
            fate: Fate::DeadLetter,
            to: feed.dead_letter.cloned(),
            earliest: Some(moves.earliest),
            latest: Some(moves.latest).filter(|_| feed.is_exact()),
            attempts_left: left,
            rule: format!(
                "after {} the next poll moves it to {}",
                count(limit.into(), "receive"),
                feed.dead_letter
                    .map_or("its dead-letter queue", |id| place.input.name(id))
            ),
        },
        (last, _) => Outlook {
            fate: Fate::Expired,
            to: None,
            earliest: None,
            latest: match last {
                Last::Forgotten { at, .. } => Some(at),
                Last::Never(at) => at,
                Last::Moved(_) => None,
            },
            attempts_left: None,
            rule: "received again and again until its queue forgets it: no dead-letter queue".to_owned(),
        },
    }
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
            row.waits = Some("when it was received is not known".to_owned());
            return;
        };
        if self.is_ambiguous() {
            row.waits = Some("whether it failed is unknown: nothing is predicted of it".to_owned());
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
            row.waits = Some("waits for a poll: the mapping is off".to_owned());
            return;
        }
        if self.feed.limit.is_some_and(|limit| self.n >= limit) && self.outcome != AttemptOutcome::Ok {
            return self.used_up(row, window);
        }
        if let Some(missed) = self.place.missed(window) {
            return self.not_seen(row, missed);
        }
        if window.latest <= self.place.now() {
            let (due, words) = overdue(Some(self.place.log), window, self.n + 1);
            (row.overdue, row.waits) = (Some(due), Some(words));
            return;
        }
        let throttled = self.place.is_off() || self.place.input.throttled_within(self.place.id, THROTTLES_SHOW);
        let mut latest = Some(window.latest).filter(|_| self.feed.is_exact());
        if throttled {
            latest = None;
            row.waits = Some("the function is throttled: it may be received, not run, and hidden again".to_owned());
        }
        row.next = Some(Prediction {
            earliest: window.earliest,
            latest,
            attempt: self.n + 1,
            rule: format!(
                "when its visibility timeout of {} is over, at the next poll (up to 20 s)",
                span(self.feed.hidden())
            ),
            conditions: self.conditions(window),
        });
    }

    /// Whether its last run ended, and its lines can be read both ways.
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
        let retention = span(self.feed.retention);
        if at > self.place.now() {
            row.waits = Some(format!(
                "it is deleted before it is received again: the queue's retention of {retention} ends by {} UTC",
                clock(at)
            ));
            return;
        }
        row.outlook = None;
        row.end = Some(End {
            fate: Fate::Expired,
            at: Some(at),
            not_before: None,
            to: None,
            evidence: Certainty::Inferred,
            why: format!(
                "{} failed, and the queue's retention of {retention} ended before another",
                count(self.n.into(), "receive")
            ),
        });
    }

    /// Where it goes when it goes on failing.
    fn outlook(&self, window: Window) -> Outlook {
        outlook(self.place, self.feed, self.first, (window, self.n))
    }

    /// Its receives are used up: the next poll moves it.
    fn used_up(&self, row: &mut Delivery, window: Window) {
        let all = format!("{} failed, and no other came", count(self.n.into(), "receive"));
        let why = match (self.feed.moved(window), self.place.missed(window)) {
            (Some(holds), _) => format!("{all}: {holds}"),
            _ if window.latest > self.place.now() => {
                row.waits = Some(is_to_move(window));
                return;
            }
            (None, Some(missed)) => format!("{all}; the log is complete to {} UTC", clock(missed.complete_to)),
            (None, None) => {
                row.waits = Some(was_to_move(self.place, window));
                return;
            }
        };
        row.outlook = None;
        row.end = Some(End {
            fate: Fate::DeadLetter,
            at: Some(window.latest.min(self.place.now())),
            not_before: Some(window.earliest),
            to: self.feed.dead_letter.cloned(),
            evidence: Certainty::Inferred,
            why,
        });
    }

    fn not_seen(&self, row: &mut Delivery, missed: Missed) {
        let said = format!(
            "expected {}, not seen; the log is complete to {} UTC",
            between(Window {
                earliest: missed.earliest,
                latest: missed.latest
            }),
            clock(missed.complete_to)
        );
        if self.outcome == AttemptOutcome::Ok {
            row.outlook = None;
            row.end = Some(End {
                fate: Fate::Succeeded,
                at: self.run.end,
                not_before: None,
                to: None,
                evidence: Certainty::Inferred,
                why: "its last run ended well, and it did not come again".to_owned(),
            });
            return;
        }
        row.missed = Some(missed);
        row.waits = Some(format!(
            "{said}: received and throttled, deleted by others, or moved; what comes next is not known"
        ));
    }
}
