//! Messages that somebody else holds: whoever reads or redrives a queue waits for them, in place of ending without them.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::DlqService;

/// Between two attempts to receive. Account time.
const PAUSE: Duration = Duration::from_secs(5);
/// Between two attempts, whatever the account's speed. Wall time.
const LEAST_PAUSE: Duration = Duration::from_millis(100);
/// Longest wait with messages in hand, which others do not see meanwhile. Wall time.
const LONGEST: Duration = Duration::from_mins(5);
/// How often its own visibility timeout a run hides a message for at most.
const OWN: u32 = 2;

/// Messages of a queue that are not visible, because somebody else received them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hidden {
    /// How many, by the queue's own count, which lags.
    pub messages: u64,
    /// By when they are visible again, unless whoever holds them extends it: the longer of the queue's visibility timeout
    /// and that of a run of this program. Predicted.
    pub until: Timestamp,
}

pitagora_core::phrases! {
    /// What is said of messages that somebody else holds.
    pub enum Waiting in "hidden" {
        Waits { messages: u64, until: Timestamp },
        Short { messages: u64, until: Timestamp },
        LeftOut { messages: u64, until: Timestamp },
    }
}

impl Hidden {
    /// In a sentence.
    #[must_use]
    pub fn sentence(self) -> Waiting {
        let Self { messages, until } = self;
        Waiting::Waits { messages, until }
    }

    /// Of a redrive that does not wait for them.
    #[must_use]
    pub fn left_out(self) -> Waiting {
        let Self { messages, until } = self;
        Waiting::LeftOut { messages, until }
    }

    /// For a line of the screen.
    #[must_use]
    pub fn short(self) -> Waiting {
        let Self { messages, until } = self;
        Waiting::Short { messages, until }
    }
}

/// By when what another consumer of a queue with this visibility timeout holds is visible again. Predicted.
#[must_use]
pub fn visible_again(service: &DlqService, visibility_timeout_s: u32) -> Timestamp {
    let own = service.settings().visibility_s.saturating_mul(OWN);
    service.clock().now() + SignedDuration::from_secs(visibility_timeout_s.max(own).into())
}

/// Waits for the messages of one queue.
pub struct Waiter<'a> {
    service: &'a DlqService,
    url: String,
    waits: bool,
    told: Option<Hidden>,
}

impl<'a> Waiter<'a> {
    /// For the queue with this URL; one that does not wait says no at once.
    #[must_use]
    pub fn new(service: &'a DlqService, url: String, waits: bool) -> Self {
        Self {
            service,
            url,
            waits,
            told: None,
        }
    }

    /// What was told last.
    #[must_use]
    pub fn told(&self) -> Option<Hidden> {
        self.told
    }

    /// After an attempt to receive that left messages out, with so many `in_hand`: whether to try again, as somebody else
    /// holds the rest and nobody has stopped it. Comes after a pause. `say` hears of them at first, and when they should have
    /// been visible and are not. Who has messages in hand waits no longer than until then: they are hidden meanwhile.
    pub async fn again(&mut self, in_hand: u64, say: impl FnOnce(Hidden)) -> bool {
        let Some(hidden) = self.look(in_hand, u64::MAX).await else {
            return false;
        };
        let is_due = self.is_due();
        if in_hand > 0 && (is_due || self.wall_until(hidden.until) > LONGEST) {
            return false;
        }
        if is_due || self.told.is_none() {
            self.told = Some(hidden);
            say(hidden);
        }
        self.pause().await
    }

    /// After a reading that left out at most so many messages and holds none: waits until those of others are visible again
    /// or should be. Whether there is more to read now; `false` if it was stopped, or nobody else holds any.
    pub async fn until_visible(&mut self, left_out: u64, say: impl FnOnce(Hidden)) -> bool {
        let Some(hidden) = self.look(0, left_out).await else {
            return false;
        };
        self.told = Some(hidden);
        say(hidden);
        while !self.is_due() {
            if !self.pause().await {
                return false;
            }
            if self.look(0, left_out).await.is_none() {
                return !self.service.is_stopped();
            }
        }
        self.look(0, left_out)
            .await
            .is_none_or(|still| still.messages < hidden.messages)
    }

    fn wall_until(&self, at: Timestamp) -> Duration {
        let clock = self.service.clock();
        let account = at.duration_since(clock.now());
        account.unsigned_abs().div_f64(clock.speed().max(0.001))
    }

    /// Whether what was told should be visible by now.
    fn is_due(&self) -> bool {
        self.told.is_some_and(|told| told.until < self.service.clock().now())
    }

    /// Whether nobody has stopped it meanwhile.
    async fn pause(&self) -> bool {
        let speed = self.service.clock().speed().max(0.001);
        let pause = PAUSE.div_f64(speed).max(LEAST_PAUSE).min(PAUSE);
        tokio::select! {
            () = tokio::time::sleep(pause) => true,
            () = self.service.stopped() => false,
        }
    }

    /// What others hide now, beyond what is `in_hand`: at most so many. `None` if there is nothing to wait for, or nobody
    /// knows.
    async fn look(&self, in_hand: u64, most: u64) -> Option<Hidden> {
        if !self.waits || self.service.is_stopped() {
            return None;
        }
        let seen = self.service.session().queue(&self.url).await.ok()?;
        let (visible, in_flight, _) = seen.depth;
        // AWS (sqs): counts lag. What was received a moment ago may not be among those in flight: too few are told then.
        let elsewhere = in_flight.saturating_sub(in_hand).min(most);
        // Behind the first message of a group that is in flight, a FIFO queue counts the others as visible: what a run makes
        // of those is its own affair.
        let is_settling = in_hand > 0 && visible > 0;
        if elsewhere == 0 || is_settling || (seen.detail.fifo && visible > 0) {
            return None;
        }
        let until = visible_again(self.service, seen.detail.visibility_timeout_s);
        Some(Hidden {
            messages: elsewhere,
            until,
        })
    }
}
