//! What became of an event whose next attempt did not come when it was due.

use jiff::SignedDuration;

use super::{Reason, Story};
use crate::domain::delivery::{Certainty, Delivery, End, Fate, Missed, Pattern};
use crate::domain::{Condition, Metric};
use crate::forecast::policy::{MEMORY, Window, plus, throttle_pause};
use crate::forecast::words::{between, clock, count, span};

impl Story<'_, '_> {
    /// The window passed, and the log is complete past it.
    pub(super) fn not_seen(&self, row: &mut Delivery, window: Window, missed: Missed) {
        let said = format!(
            "expected {}, not seen; the log is complete to {} UTC",
            between(window),
            clock(missed.complete_to)
        );
        if let Some(by) = self.held_up_by() {
            return self.held_up(row, missed, &by);
        }
        if let Some(dropped) = self.dropped_since() {
            return self.perhaps_dropped(row, window, &said, dropped);
        }
        if self.tries.only_if.is_some() {
            // The prediction held under a condition: it is the condition that was not so.
            row.pattern = Pattern::RequestResponse;
            row.end = Some(End {
                fate: Fate::Unknown,
                at: Some(self.run.end.unwrap_or(window.earliest)),
                not_before: None,
                to: None,
                evidence: Certainty::Inferred,
                why: format!(
                    "no retry came ({said}), so it was a call that waits for its answer: its caller got the error"
                ),
            });
            return;
        }
        row.missed = Some(missed);
        let too_old = self.too_old().filter(|limit| limit.latest < missed.complete_to);
        if let Some(limit) = too_old {
            let (fate, to) = self.policy.ended(Reason::Age);
            row.end = Some(End {
                fate,
                at: Some(limit.latest),
                not_before: Some(limit.earliest).filter(|earliest| *earliest < limit.latest),
                to,
                evidence: Certainty::Inferred,
                why: format!(
                    "{said}; by now it is past its maximum age of {}: {}",
                    span(self.policy.max_age),
                    self.policy.landed(self.place.input)
                ),
            });
            return;
        }
        row.waits = Some(format!("{said}; what comes next is not known"));
        row.outlook = Some(self.until_too_old());
    }

    /// Events that Lambda gave up since the last run ended, by the metric; nothing where it counts none. AWS: with a reserved
    /// concurrency of 0 events end so, and no throttle is counted; the concurrency of then is not known any more.
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
    fn perhaps_dropped(&self, row: &mut Delivery, window: Window, said: &str, dropped: u64) {
        let counted = format!("Lambda gave up {} since (AsyncEventsDropped)", count(dropped, "event"));
        let lands = self.policy.lands(self.place.input);
        let (fate, to) = self.policy.fate(Reason::Off);
        let sure = self.tries.only_if.is_none();
        row.end = Some(End {
            fate: if sure { fate } else { Fate::Unknown },
            at: Some(window.latest),
            not_before: Some(window.earliest),
            to: to.filter(|_| sure),
            evidence: Certainty::Inferred,
            why: match &self.tries.only_if {
                None => format!("{said}; {counted}: {lands}"),
                Some(doubt) => format!(
                    "{said}; {counted}: if {}, {lands}; else its caller got the error",
                    self.words(doubt)
                ),
            },
        });
    }

    /// Why its next attempt may be late, in words; nothing where neither throttles nor a long queue hold it up. That the
    /// concurrency is used up excuses nothing where a caller may have waited for the answer.
    pub(super) fn held_up_by(&self) -> Option<String> {
        let pressure = self.place.pressure();
        let counted = self.place.input.throttled_within(self.place.id, MEMORY);
        if counted || pressure.is_throttled() {
            return Some("the function is throttled".to_owned());
        }
        let may_wait = self.tries.only_if.is_some() && !self.nobody_waits();
        match &pressure.conditions(true)[..] {
            [] => None,
            [Condition::ConcurrencyFree { .. }] if may_wait => None,
            [Condition::ConcurrencyFree { reserved }, ..] => Some(format!(
                "the function may be throttled (reserved concurrency {reserved})"
            )),
            _ => Some("Lambda's queue is long (AsyncEventAge)".to_owned()),
        }
    }

    /// Whether no trigger is known that waits for its answer, and gets the error.
    fn nobody_waits(&self) -> bool {
        let triggers = &self.place.triggers;
        triggers.request.is_empty() && triggers.queue.is_empty() && triggers.stream.is_empty()
    }

    /// Its window passed while the function was throttled: it waits in Lambda's queue, until it is too old. That it was a
    /// call whose caller got the error does not follow.
    pub(super) fn held_up(&self, row: &mut Delivery, missed: Missed, by: &str) {
        let pause = span(throttle_pause(missed.complete_to.duration_since(missed.earliest)));
        let window = Window {
            earliest: missed.earliest,
            latest: missed.latest,
        };
        let said = format!("expected {}, not seen; {by}", between(window));
        let doubt = self.tries.only_if.as_ref();
        let if_so = self.if_so();
        row.missed = Some(missed);
        row.overdue = None;
        row.next = None;
        let max_age = span(self.policy.max_age);
        let Some(limit) = self.too_old().filter(|limit| limit.latest < missed.complete_to) else {
            row.waits = Some(format!(
                "{said}: {if_so}retried at least every {pause}, until it is {max_age} old"
            ));
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
        row.end = Some(End {
            fate: if is_sure { fate } else { Fate::Unknown },
            at: Some(limit.latest),
            not_before: Some(limit.earliest).filter(|earliest| *earliest < limit.latest),
            to: to.filter(|_| is_sure),
            evidence: Certainty::Inferred,
            why: format!(
                "{said}; by now it is past its maximum age of {max_age}: {if_so}{}",
                self.policy.landed(self.place.input)
            ),
        });
    }
}
