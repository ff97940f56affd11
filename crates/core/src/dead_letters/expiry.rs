//! When a letter is gone.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

/// A moment at which messages are gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Expiry {
    /// When.
    pub at: Timestamp,
    /// Whether it is that moment, or the latest that it can be: before a message is read, nothing tells when it was sent.
    pub exact: bool,
}

/// How near an expiry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Nearness {
    /// There is time.
    Far,
    /// Within a day, or within the last quarter of the retention where that is longer.
    Soon,
    /// Past.
    Gone,
}

impl Expiry {
    /// Of a message that was read. AWS: a standard queue counts from the first sending, also across the move to the
    /// dead-letter queue; FIFO starts anew.
    #[must_use]
    pub fn of(sent: Timestamp, retention: SignedDuration) -> Self {
        Self {
            at: after(sent, retention),
            exact: true,
        }
    }

    /// Of messages that were only counted: all that were there at `seen` are gone by then, most of them earlier.
    #[must_use]
    pub fn bound(seen: Timestamp, retention: SignedDuration) -> Self {
        Self {
            at: after(seen, retention),
            exact: false,
        }
    }

    /// How near it is.
    #[must_use]
    pub fn nearness(self, now: Timestamp, retention: SignedDuration) -> Nearness {
        let left = self.at.duration_since(now);
        if left.is_negative() || left.is_zero() {
            Nearness::Gone
        } else if left <= SignedDuration::from_hours(24).max(retention / 4) {
            Nearness::Soon
        } else {
            Nearness::Far
        }
    }
}

/// A time that the calendar cannot hold stays at its end.
fn after(start: Timestamp, retention: SignedDuration) -> Timestamp {
    start.checked_add(retention).unwrap_or(Timestamp::MAX)
}
