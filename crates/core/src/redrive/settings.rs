//! Settings of a redrive.

use serde::{Deserialize, Serialize};

/// What to do with a message that may have been sent already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnUnknown {
    /// It is sent again: it may be there twice.
    #[default]
    Resend,
    /// It stays where it is, and is named.
    Leave,
}

/// Settings of the client engine. Times are account time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Messages sent in a second at most; nothing: as fast as it goes.
    pub rate: Option<u32>,
    /// Messages that go first, before the rest waits for a person; 0 for none.
    pub canary: usize,
    /// What to do with messages that may have been sent already.
    pub unknown: OnUnknown,
    /// Share of failed invocations of the target at which the rest stays, 0 to 1.
    pub stop_at: f64,
    /// Batches under way at the same time.
    pub lanes: usize,
    /// Seconds for which a message is hidden at first. AWS (sqs): 0 to 43,200.
    pub visibility_s: u32,
    /// Milliseconds that a message is waited for that others may hold.
    pub patience_ms: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            rate: None,
            canary: 1,
            unknown: OnUnknown::Resend,
            stop_at: 0.5,
            lanes: 32,
            visibility_s: 30,
            patience_ms: 90_000,
        }
    }
}

impl Settings {
    /// The defaults for an account whose time runs at `speed`: a simulated account's seconds may be short.
    #[must_use]
    pub fn at_speed(speed: f64) -> Self {
        let usual = Self::default();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a speed from 0.1 to 3600"
        )]
        let speed = speed.max(1.0).ceil() as u32;
        Self {
            visibility_s: (usual.visibility_s * speed).min(43_200),
            patience_ms: usual.patience_ms * i64::from(speed),
            ..usual
        }
    }
}
