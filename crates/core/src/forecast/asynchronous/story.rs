//! What comes next of an event whose attempts all failed so far, and where it ends.

mod late;

use jiff::{SignedDuration, Timestamp};

use super::policy::{Policy, Reason};
use crate::domain::delivery::{Certainty, Delivery, End, Fate, Outlook, Overdue, Prediction};
use crate::domain::phrase::{Exact, Phrase};
use crate::domain::{Condition, Invocation, Metric};
use crate::forecast::classify::Tries;
use crate::forecast::function_context::{FunctionContext, begun, heard};
use crate::forecast::overdue::overdue;
use crate::forecast::policy::{Window, async_retry, async_wait, plus};
use crate::forecast::words::{Async, Lands, Said};

/// An event all of whose attempts have failed so far.
pub(super) struct Story<'p, 'a> {
    pub place: &'p FunctionContext<'a>,
    pub policy: Policy<'a>,
    pub tries: &'p Tries<'a>,
    pub run: &'p Invocation,
    pub first: Option<u32>,
    pub failures: u32,
}

impl Story<'_, '_> {
    /// When the event was accepted: a moment before its first invocation, unless it was held up. AWS (async): its age counts from
    /// there.
    fn accepted(&self) -> Option<Window> {
        let first = self.tries.runs.first()?;
        let start = begun(first)?;
        let earliest = if let Some(traced) = first.xray.as_deref().and_then(traced) {
            // The trace begins with the event, or with what led to it.
            traced
        } else if let Some(age) = self.age_at(start) {
            plus(start, -age)
        } else if let Some(since) = self.place.pressure().since() {
            // One that was throttled at its first attempt was not accepted long before throttling began.
            plus(since, -SignedDuration::from_mins(1))
        } else if self.place.pressure().is_throttled() {
            plus(start, -self.policy.max_age)
        } else {
            start
        };
        Some(Window {
            earliest: earliest.min(start).max(plus(start, -self.policy.max_age)),
            latest: start,
        })
    }

    /// The maximum event age in the minute of a start, by the metric.
    fn age_at(&self, start: Timestamp) -> Option<SignedDuration> {
        let measured = self.place.input.measured(self.place.id, Metric::AsyncEventAge)?;
        let minute = |at: Timestamp| start >= at && start < plus(at, SignedDuration::from_mins(1));
        let point = measured.points.iter().find(|point| minute(point.at))?;
        Some(SignedDuration::from_secs_f64((point.value / 1000.0).clamp(0.0, 1e6)))
    }

    /// When the event is too old: between when it may be and when it surely is.
    fn too_old(&self) -> Option<Window> {
        let accepted = self.accepted()?;
        Some(accepted.after(self.policy.max_age, self.policy.max_age))
    }

    fn is_too_old(&self, at: Timestamp) -> bool {
        self.too_old().is_some_and(|limit| at > limit.latest)
    }

    /// What must hold for what is predicted, beside its times.
    fn conditions(&self) -> Vec<Condition> {
        let own = self.tries.only_if.iter().chain(&self.policy.only_if).cloned();
        own.chain(self.place.pressure().conditions(true)).collect()
    }

    pub fn running(&self, row: &mut Delivery) {
        let Some(start) = heard(self.run) else { return };
        let ends = Window {
            earliest: self.place.now().max(start),
            latest: plus(start, self.place.timeout()).max(self.place.now()),
        };
        row.outlook = Some(self.outlook(ends, self.failures));
    }

    pub fn failed(&self, row: &mut Delivery, unknown: bool) {
        let Some(ended) = self.place.ended(self.run) else {
            row.waits = Some(Async::EndUnknown.into());
            return;
        };
        if unknown && self.run.end.is_some() {
            return self.ambiguous(row, ended);
        }
        if self.first.is_none() && self.policy.retries > 0 {
            return self.unclear(row, ended);
        }
        if self.failures > self.policy.retries {
            return self.over(row, ended, Reason::Retries);
        }
        let (Some(window), Some(wait)) = (async_retry(self.failures, ended), async_wait(self.failures)) else {
            // More attempts than AWS makes: what is observed stands, and nothing follows from the rules.
            row.waits = Some(Async::MoreThanAws.into());
            return;
        };
        if self.is_too_old(plus(ended.earliest, wait)) {
            return self.over(row, ended, Reason::Age);
        }
        if self.place.is_off() {
            return self.off(row, window);
        }
        if let Some(missed) = self.place.missed(window) {
            return self.not_seen(row, window, missed);
        }
        let mut conditions = self.conditions();
        if unknown {
            conditions.push(Condition::LastAttemptFailed);
        }
        let mut latest = window.latest;
        if let Some(limit) = self.too_old().filter(|limit| limit.earliest < window.latest) {
            conditions.push(Condition::WithinMaximumAge {
                seconds: self.policy.max_age.as_secs(),
            });
            latest = latest.min(limit.latest).max(window.earliest);
        }
        row.next = Some(Prediction {
            earliest: window.earliest,
            latest: Some(latest),
            attempt: self.failures + 1,
            rule: Async::Retry {
                wait: Exact(wait),
                attempt: self.failures,
            }
            .into(),
            conditions,
        });
        let ends = Window {
            earliest: window.earliest,
            latest: plus(window.latest, self.place.timeout()),
        };
        row.outlook = Some(self.outlook(ends, self.failures + 1));
    }

    /// Its lines can be read both ways: nothing follows from it.
    fn ambiguous(&self, row: &mut Delivery, ended: Window) {
        let passed = async_retry(1.max(self.failures), ended).or_else(|| async_retry(2, ended));
        row.waits = Some(Said::Ambiguous.into());
        if passed.and_then(|window| self.place.missed(window)).is_some() {
            row.waits = None;
            row.end = Some(End {
                at: Some(ended.latest),
                ..End::new(Fate::Unknown, Certainty::Inferred, Async::NoOtherCame)
            });
        }
    }

    /// Attempts before what was read may have been: the next is one of two, or none.
    fn unclear(&self, row: &mut Delivery, ended: Window) {
        row.notes.push(Async::EarlierUnread.into());
        row.waits = Some(Async::AttemptUnknown.into());
        if let Some(window) = async_retry(2, ended).filter(|window| window.latest <= self.place.now()) {
            let (due, _) = overdue(Some(self.place.log), window, self.failures + 1);
            let complete_to = due.complete_to;
            row.waits = Some(Async::WasDueAttemptUnknown { window, complete_to }.into());
            row.overdue = Some(Overdue {
                conditional: !self.conditions().is_empty(),
                ..due
            });
        } else if let Some(window) = async_retry(1, ended) {
            row.next = Some(Prediction {
                earliest: window.earliest,
                latest: None,
                attempt: self.failures + 1,
                rule: Async::RetryUnclear.into(),
                conditions: self.conditions(),
            });
        }
        let (fate, to) = self.policy.fate(Reason::Retries);
        let doubt = self.doubt();
        row.outlook = Some(if self.held_up_by().is_some() {
            self.until_too_old()
        } else {
            Outlook {
                to,
                conditional: doubt.is_some(),
                ..Outlook::new(
                    fate,
                    Async::AfterLast {
                        doubt: doubt.clone(),
                        lands: self.lands(),
                    },
                )
            }
        });
        if let Some(missed) = async_retry(2, ended).and_then(|window| self.place.missed(window)) {
            row.outlook = None;
            row.next = None;
            row.waits = None;
            row.overdue = None;
            if let Some(by) = self.held_up_by() {
                return self.held_up(row, missed, by);
            }
            let sure = doubt.is_none();
            let why = Async::NoneAfter {
                complete_to: missed.complete_to,
                doubt,
                lands: self.landed(),
            };
            let (fate, to) = self.policy.ended(Reason::Retries);
            row.end = Some(End {
                at: Some(ended.latest),
                to: to.filter(|_| sure),
                ..End::new(if sure { fate } else { Fate::Unknown }, Certainty::Inferred, why)
            });
        }
    }

    fn over(&self, row: &mut Delivery, ended: Window, reason: Reason) {
        let (attempts, lands) = (self.failures, self.landed());
        let why = match reason {
            Reason::Retries => Async::UsedUp { attempts, lands },
            Reason::Age => Async::TooOld {
                attempts,
                max_age: Exact(self.policy.max_age),
                lands,
            },
            Reason::Off => Async::Off { lands },
        };
        let (fate, to) = self.policy.ended(reason);
        let (sure, why) = match self.doubt() {
            None => (true, why),
            Some(doubt) => {
                let why = why.into();
                (false, Async::Perhaps { doubt, why })
            }
        };
        row.end = Some(End {
            at: Some(ended.latest),
            not_before: Some(ended.earliest).filter(|earliest| *earliest < ended.latest),
            to: to.filter(|_| sure),
            ..End::new(if sure { fate } else { Fate::Unknown }, Certainty::Inferred, why)
        });
    }

    /// Reserved concurrency 0: at its next attempt the event ends.
    fn off(&self, row: &mut Delivery, window: Window) {
        if self.place.missed(window).is_some() {
            return self.over(row, window, Reason::Off);
        }
        let (fate, to) = self.policy.fate(Reason::Off);
        let complete_to = self.place.log.complete_to;
        let said = if window.latest > self.place.now() {
            Async::Refused { window }
        } else {
            Async::WasRefused { window, complete_to }
        };
        row.waits = Some(said.into());
        row.outlook = Some(Outlook {
            to,
            earliest: Some(window.earliest),
            latest: Some(window.latest),
            attempts_left: Some(0),
            ..Outlook::new(fate, self.lands())
        });
    }

    /// What must be so for it to have come asynchronously, if that is not known.
    fn doubt(&self) -> Option<Phrase> {
        let doubt = self.tries.only_if.as_ref()?;
        Some(doubt.said(&|id| self.place.input.name(id).to_owned()).into())
    }

    fn lands(&self) -> Lands {
        self.policy.lands(self.place.input)
    }

    fn landed(&self) -> Lands {
        self.policy.landed(self.place.input)
    }

    fn until_too_old(&self) -> Outlook {
        let (fate, to) = self.policy.fate(Reason::Age);
        Outlook {
            to,
            latest: self.too_old().map(|limit| limit.latest),
            attempts_left: Some((self.policy.retries + 1).saturating_sub(self.failures)),
            ..Outlook::new(
                fate,
                Async::AtAge {
                    max_age: Exact(self.policy.max_age),
                    lands: self.lands(),
                },
            )
        }
    }

    /// The outlook if all attempts keep failing, from the end of failed attempt `failures` on.
    fn outlook(&self, mut ends: Window, mut failures: u32) -> Outlook {
        let mut reason = Reason::Retries;
        while failures <= self.policy.retries {
            let (Some(next), Some(wait)) = (async_retry(failures, ends), async_wait(failures)) else {
                break;
            };
            if self.is_too_old(plus(ends.earliest, wait)) {
                reason = Reason::Age;
                break;
            }
            failures += 1;
            ends = Window {
                earliest: next.earliest,
                latest: plus(next.latest, self.place.timeout()),
            };
        }
        let (fate, to) = self.policy.fate(reason);
        let left = failures.saturating_sub(self.failures);
        if !self.place.pressure().conditions(true).is_empty() {
            // What is held up may come later than by its waits, though not later than it is too old.
            ends.latest = self
                .too_old()
                .map_or(ends.latest, |limit| limit.latest.max(ends.latest));
        }
        let doubt = self.doubt();
        Outlook {
            to,
            earliest: Some(ends.earliest),
            latest: Some(ends.latest),
            attempts_left: Some(left),
            conditional: doubt.is_some(),
            ..Outlook::new(
                fate,
                Async::Left {
                    doubt,
                    left,
                    lands: self.lands(),
                },
            )
        }
    }
}

/// When a trace began: the second that its id holds. AWS (async): `1-<eight hexadecimal digits>-…`, with or without `Root=`.
fn traced(xray: &str) -> Option<Timestamp> {
    let id = xray.split(';').find_map(|part| {
        let part = part.trim();
        part.strip_prefix("Root=")
            .or_else(|| part.starts_with("1-").then_some(part))
    })?;
    let seconds = id.strip_prefix("1-")?.split('-').next()?;
    Timestamp::from_second(i64::from_str_radix(seconds, 16).ok()?).ok()
}
