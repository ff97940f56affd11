//! When messages expire.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

/// The time at which messages expire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Expiry {
    /// When.
    pub at: Timestamp,
    /// Whether the time is exact. Before a message is read, its enqueue time is unknown, and this is an upper bound.
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
    /// The expiry of a message that was read. AWS (dead-letters): a standard queue counts from the original enqueue time, also after the
    /// move to the dead-letter queue; a FIFO queue starts again.
    #[must_use]
    pub fn of(sent: Timestamp, retention: SignedDuration) -> Self {
        Self {
            at: after(sent, retention),
            exact: true,
        }
    }

    /// An upper bound for messages that were only counted at `seen`: most of them expire earlier.
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
