//! Messages that somebody else holds: a run that finds nothing else waits for them, in place of ending.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::DlqService;

/// Between two attempts to receive. Account time.
const PAUSE: Duration = Duration::from_secs(5);
/// Between two attempts, whatever the account's speed. Wall time.
const LEAST_PAUSE: Duration = Duration::from_millis(100);
/// How often its own visibility timeout a run hides a message for at most.
const OWN: u32 = 2;

/// Messages of a queue of which none is visible, because somebody else received them.
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
    }
}

impl Hidden {
    /// In a sentence.
    #[must_use]
    pub fn sentence(self) -> Waiting {
        let Self { messages, until } = self;
        Waiting::Waits { messages, until }
    }

    /// For a line of the screen.
    #[must_use]
    pub fn short(self) -> Waiting {
        let Self { messages, until } = self;
        Waiting::Short { messages, until }
    }
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

    /// After an attempt that received nothing: whether to try again, as somebody else holds the messages and nobody has
    /// stopped it. Comes after a pause. `say` hears of them at first, and when they should have been visible and are not.
    pub async fn again(&mut self, say: impl FnOnce(Hidden)) -> bool {
        if !self.waits || self.service.is_stopped() {
            return false;
        }
        let Some(hidden) = self.look().await else {
            return false;
        };
        let clock = self.service.clock();
        if self.told.is_none_or(|told| told.until < clock.now()) {
            self.told = Some(hidden);
            say(hidden);
        }
        let pause = PAUSE.div_f64(clock.speed().max(0.001)).max(LEAST_PAUSE).min(PAUSE);
        tokio::select! {
            () = tokio::time::sleep(pause) => true,
            () = self.service.stopped() => false,
        }
    }

    /// What is hidden now. `None` if there is nothing to wait for, or nobody knows.
    async fn look(&self) -> Option<Hidden> {
        let seen = self.service.session().queue(&self.url).await.ok()?;
        let (visible, in_flight, _) = seen.depth;
        // Behind the first message of a group that is in flight, a FIFO queue counts the others as visible: what a run makes
        // of those is its own affair.
        if in_flight == 0 || (seen.detail.fifo && visible > 0) {
            return None;
        }
        let own = self.service.settings().visibility_s.saturating_mul(OWN);
        let timeout = seen.detail.visibility_timeout_s.max(own);
        let until = self.service.clock().now() + SignedDuration::from_secs(timeout.into());
        Some(Hidden {
            messages: in_flight,
            until,
        })
    }
}
