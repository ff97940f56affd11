//! Progress and outcome of a redrive.

use serde::Serialize;

use super::unsendable::Unsendable;
use crate::domain::phrase::Phrase;

/// Its phase.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// The first messages go.
    #[default]
    Canary,
    /// The canary was sent; the rest waits for confirmation.
    Waiting,
    /// All go.
    Moving,
    /// All were sent and deleted; the queue's counts are checked.
    Closing,
    /// Nothing more happens.
    Over,
}

/// The progress of a redrive.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Progress {
    /// What it does.
    pub phase: Phase,
    /// Messages it set out for.
    pub chosen: usize,
    /// In hand, not sent.
    pub in_hand: usize,
    /// On their way.
    pub sending: usize,
    /// At their target.
    pub sent: usize,
    /// Sent and deleted from the queue.
    pub deleted: usize,
    /// Stayed.
    pub left: usize,
    /// Sends with an unknown outcome.
    pub unknown: u64,
    /// Account milliseconds since messages go: from the beginning, or since the person let the rest follow.
    pub elapsed_ms: i64,
    /// Messages that were at their target by then: of an earlier part of the redrive, or the first ones.
    pub sent_before: usize,
    /// The rate asked for.
    pub rate: Option<u32>,
    /// When the last message reached its target, in account milliseconds.
    pub sent_at: Option<i64>,
    /// New invocations of the target, and how many failed.
    pub runs: (u64, u64),
    /// What went wrong last.
    pub trouble: Option<Phrase>,
}

impl Progress {
    /// Messages sent in a second so far. While the rest waits for a person none goes, which is no rate.
    #[must_use]
    pub fn per_second(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "counts and milliseconds of one run are small")]
        let rate = self.sent.saturating_sub(self.sent_before) as f64 * 1000.0 / self.elapsed_ms.max(1) as f64;
        rate
    }

    /// Account seconds left at the rate so far.
    #[must_use]
    pub fn seconds_left(&self) -> Option<u64> {
        let rest = self.chosen.saturating_sub(self.sent + self.left);
        let rate = self.per_second();
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a positive number of seconds, told coarsely"
        )]
        (rate > 0.0).then(|| (rest as f64 / rate).ceil() as u64)
    }
}

/// A message that stayed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Left {
    /// Which.
    pub message_id: String,
    /// Why.
    pub why: Phrase,
    /// The option by which it goes all the same, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<Phrase>,
}

impl Left {
    /// A message that cannot be sent.
    #[must_use]
    pub fn unsendable(message_id: &str, why: &Unsendable) -> Self {
        Self {
            message_id: message_id.to_owned(),
            why: why.clone().into(),
            remedy: why.remedy().map(Into::into),
        }
    }
}

/// The outcome of a redrive.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Messages it set out for.
    pub chosen: usize,
    /// At their target, confirmed.
    pub sent: usize,
    /// Sent and deleted from the queue, confirmed.
    pub deleted: usize,
    /// Sends with an unknown outcome: at most this many messages arrived twice.
    pub unknown: u64,
    /// What stayed.
    pub left: Vec<Left>,
    /// Messages that may be at their target twice.
    pub maybe_twice: Vec<String>,
    /// Why the journal could not be written, where it could not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub journal_trouble: Option<String>,
    /// Messages that the queue counts beyond those expected, if its counts never agreed: new ones arrived, or another
    /// consumer has some in flight.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unsettled_count: Option<u64>,
    /// The whole queue was to be redriven, and its counts do not confirm that it is empty.
    #[serde(skip)]
    pub unseen: bool,
}

impl Summary {
    /// Whether every selected message was sent and deleted.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.left.is_empty() && !self.unseen && self.deleted == self.chosen && self.journal_trouble.is_none()
    }
}
