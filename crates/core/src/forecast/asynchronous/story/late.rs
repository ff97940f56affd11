//! What became of an event whose next attempt did not come when it was due.

use jiff::{SignedDuration, Timestamp};

use super::{Reason, Story};
use crate::domain::delivery::{Certainty, Delivery, End, Fate, Missed, Pattern};
use crate::domain::phrase::Exact;
use crate::domain::{Condition, Metric};
use crate::forecast::policy::{MEMORY, Window, plus, throttle_pause};
use crate::forecast::words::{Async, HeldUp};

impl Story<'_, '_> {
    /// The window passed, and the log is complete past it.
    pub(super) fn not_seen(&self, row: &mut Delivery, window: Window, missed: Missed) {
        let complete_to = missed.complete_to;
        if let Some(by) = self.held_up_by() {
            return self.held_up(row, missed, by);
        }
        if let Some(dropped) = self.dropped_since() {
            return self.perhaps_dropped(row, window, complete_to, dropped);
        }
        if self.tries.only_if.is_some() {
            // The prediction held under a condition: it is the condition that was not so.
            row.pattern = Pattern::RequestResponse;
            row.end = Some(End {
                at: Some(self.run.end.unwrap_or(window.earliest)),
                ..End::new(
                    Fate::Unknown,
                    Certainty::Inferred,
                    Async::NotSeenCaller { window, complete_to },
                )
            });
            return;
        }
        row.missed = Some(missed);
        let too_old = self.too_old().filter(|limit| limit.latest < missed.complete_to);
        if let Some(limit) = too_old {
            let (fate, to) = self.policy.ended(Reason::Age);
            let why = Async::NotSeenTooOld {
                window,
                complete_to,
                max_age: Exact(self.policy.max_age),
                lands: self.landed(),
            };
            row.end = Some(End {
                at: Some(limit.latest),
                not_before: Some(limit.earliest).filter(|earliest| *earliest < limit.latest),
                to,
                ..End::new(fate, Certainty::Inferred, why)
            });
            return;
        }
        row.waits = Some(Async::NotSeen { window, complete_to }.into());
        row.outlook = Some(self.until_too_old());
    }

    /// Events that Lambda dropped since the last invocation ended, by the metric; `None` if it counts none. AWS (async): with
    /// reserved concurrency 0, events end this way without a throttle being counted; the concurrency at that time is no
    /// longer known.
    fn dropped_since(&self) -> Option<u64> {
        let ended = self.place.ended(self.run)?.earliest;
        let minute = plus(ended, -SignedDuration::from_mins(1));
        let measured = self.place.input.measured(self.place.id, Metric::AsyncEventsDropped)?;
        let since = measured.points.iter().filter(|point| point.at > minute);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
        let count = since.map(|point| point.value).sum::<f64>().max(0.0).round() as u64;
        (count > 0).then_some(count)
    }

    /// It was not retried in its time, and Lambda gave up as many events as the metric counts: this is one of them, or else
    /// was a call that waits for its answer, where that is possible.
    fn perhaps_dropped(&self, row: &mut Delivery, window: Window, complete_to: Timestamp, dropped: u64) {
        let (fate, to) = self.policy.fate(Reason::Off);
        let doubt = self.doubt();
        let sure = doubt.is_none();
        let why = Async::NotSeenDropped {
            window,
            complete_to,
            dropped,
            doubt,
            lands: self.lands(),
        };
        row.end = Some(End {
            at: Some(window.latest),
            not_before: Some(window.earliest),
            to: to.filter(|_| sure),
            ..End::new(if sure { fate } else { Fate::Unknown }, Certainty::Inferred, why)
        });
    }

    /// Why its next attempt may be late; `None` if neither throttling nor a long queue delays it. Used-up concurrency is no
    /// explanation if the invocation may have been synchronous.
    pub(super) fn held_up_by(&self) -> Option<HeldUp> {
        let pressure = self.place.pressure();
        let counted = self.place.input.throttled_within(self.place.id, MEMORY);
        if counted || pressure.is_throttled() {
            return Some(HeldUp::Throttled);
        }
        let may_wait = self.tries.only_if.is_some() && !self.nobody_waits();
        match &pressure.conditions(true)[..] {
            [] => None,
            [Condition::ConcurrencyFree { .. }] if may_wait => None,
            [Condition::ConcurrencyFree { reserved }, ..] => Some(HeldUp::ConcurrencyReached { reserved: *reserved }),
            _ => Some(HeldUp::Backlog),
        }
    }

    /// Whether no trigger is known that waits for its answer, and gets the error.
    fn nobody_waits(&self) -> bool {
        let triggers = &self.place.triggers;
        triggers.request.is_empty() && triggers.queue.is_empty() && triggers.stream.is_empty()
    }

    /// Its window passed while the function was throttled: it waits in Lambda's queue, until it is too old. That it was a
    /// call whose caller got the error does not follow.
    pub(super) fn held_up(&self, row: &mut Delivery, missed: Missed, by: HeldUp) {
        let window = Window {
            earliest: missed.earliest,
            latest: missed.latest,
        };
        let doubt = self.doubt();
        row.missed = Some(missed);
        row.overdue = None;
        row.next = None;
        let max_age = Exact(self.policy.max_age);
        let Some(limit) = self.too_old().filter(|limit| limit.latest < missed.complete_to) else {
            let said = Async::HeldUp {
                window,
                by,
                doubt,
                pause: throttle_pause(missed.complete_to.duration_since(missed.earliest)),
                max_age,
            };
            row.waits = Some(said.into());
            row.outlook = Some(self.until_too_old());
            return;
        };
        // What waits for its answer is not retried by Lambda: only where such a caller is known can it have been one.
        let dropped = self.place.input.measured(self.place.id, Metric::AsyncEventsDropped);
        let is_counted = dropped.is_some_and(|dropped| dropped.total(self.place.now(), MEMORY) > 0);
        let is_sure = doubt.is_none() || is_counted || self.nobody_waits();
        let (fate, to) = self.policy.ended(Reason::Age);
        row.waits = None;
        row.outlook = None;
        let why = Async::HeldUpTooOld {
            window,
            by,
            max_age,
            doubt,
            lands: self.landed(),
        };
        row.end = Some(End {
            at: Some(limit.latest),
            not_before: Some(limit.earliest).filter(|earliest| *earliest < limit.latest),
            to: to.filter(|_| is_sure),
            ..End::new(if is_sure { fate } else { Fate::Unknown }, Certainty::Inferred, why)
        });
    }
}
