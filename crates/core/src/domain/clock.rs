//! Account time.

#![expect(
    clippy::disallowed_methods,
    reason = "the one place that reads a clock, for the rooms that hand its time on"
)]

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use jiff::Timestamp;

/// A source of the current time: the machine's clock, or one that is set (by the simulated account, a recording, a test).
/// Cheap to clone; clones share their time.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// Milliseconds since 1970, set from outside.
    Set(Arc<AtomicI64>),
    /// The machine's clock until a simulated account reports its time with a response; from then on that time, advancing at
    /// the reported speed.
    Told(Arc<Told>),
}

/// The last report of a simulated account: account milliseconds, when it was received, and its speed. `None` before the
/// first report: then the machine's clock counts.
#[derive(Debug, Default)]
pub struct Told(Mutex<Option<(i64, Instant, f64)>>);

impl Told {
    fn read(&self) -> Option<(i64, Instant, f64)> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock {
    /// A clock that is stopped until it is set.
    #[must_use]
    pub fn at(time: Timestamp) -> Self {
        Self::Set(Arc::new(AtomicI64::new(time.as_millisecond())))
    }

    /// A clock that is the machine's until a simulated account reports a time and speed.
    #[must_use]
    pub fn told() -> Self {
        Self::Told(Arc::default())
    }

    /// Sets a stopped clock; has no effect on others.
    pub fn set(&self, time: Timestamp) {
        if let Self::Set(ms) = self {
            ms.store(time.as_millisecond(), Ordering::Relaxed);
        }
    }

    /// Applies the time and speed that a simulated account reports; other clocks ignore it. An account's time never goes
    /// back: an earlier one is from a delayed response or from elsewhere, and is ignored.
    pub fn tell(&self, ms: i64, speed: f64) {
        if let Self::Told(told) = self {
            let mut told = told.0.lock().unwrap_or_else(PoisonError::into_inner);
            if told.is_none_or(|(before, ..)| ms >= before) {
                *told = Some((ms, Instant::now(), speed));
            }
        }
    }

    /// Applies the time at which a simulated account begins anew: the one way by which its time goes back.
    pub fn restart(&self, ms: i64) {
        if let Self::Told(told) = self {
            *told.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((ms, Instant::now(), 0.0));
        }
    }

    /// Account seconds per second of wall time.
    #[must_use]
    pub fn speed(&self) -> f64 {
        match self {
            Self::System | Self::Set(_) => 1.0,
            Self::Told(told) => told.read().map_or(1.0, |(_, _, speed)| speed),
        }
    }

    /// Whether the time is that of a simulated account.
    #[must_use]
    pub fn is_simulated(&self) -> bool {
        matches!(self, Self::Told(told) if told.read().is_some())
    }

    /// Account time now, in whole milliseconds.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let ms = match self {
            Self::System => return floor(Timestamp::now()),
            Self::Set(ms) => ms.load(Ordering::Relaxed),
            Self::Told(told) => {
                let Some((ms, since, speed)) = told.read() else {
                    return floor(Timestamp::now());
                };
                #[expect(clippy::cast_possible_truncation, reason = "milliseconds of a session fit")]
                let passed = (since.elapsed().as_secs_f64() * 1000.0 * speed) as i64;
                ms.saturating_add(passed)
            }
        };
        Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

/// Rounds down to whole milliseconds, the precision that is stored and printed, so that a recording reads back equal.
fn floor(time: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(time.as_millisecond()).unwrap_or(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn told_time_never_goes_back() {
        let clock = Clock::told();
        clock.tell(2_000, 0.0);
        clock.tell(1_000, 60.0);
        assert_eq!(
            (clock.now().as_millisecond(), clock.speed().to_bits()),
            (2_000, 0_f64.to_bits())
        );
        clock.tell(3_000, 0.0);
        assert_eq!(clock.now().as_millisecond(), 3_000);
        clock.restart(500);
        assert_eq!(clock.now().as_millisecond(), 500, "but where it begins anew");
    }
}
