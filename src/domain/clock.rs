//! Account time.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;

/// Where "now" comes from: the machine's clock, or one that somebody sets (the simulated account, a recording, a test).
/// Cheap to clone; clones tell the same time.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// Milliseconds since 1970 that somebody else moves.
    Set(Arc<AtomicI64>),
    /// The machine's clock mapped onto account time: `origin + (wall - started) * speed`, retold by every answer of a
    /// simulated account.
    Told(Arc<Told>),
}

/// What a simulated account last said of its time.
#[derive(Debug)]
pub struct Told(std::sync::Mutex<(i64, std::time::Instant, f64)>);

impl Clock {
    /// A clock that stands still until it is set.
    #[must_use]
    pub fn at(time: Timestamp) -> Self {
        Self::Set(Arc::new(AtomicI64::new(time.as_millisecond())))
    }

    /// A clock that starts as the machine's and can be told another time and speed.
    #[must_use]
    pub fn told() -> Self {
        let now = Timestamp::now().as_millisecond();
        Self::Told(Arc::new(Told(std::sync::Mutex::new((
            now,
            std::time::Instant::now(),
            1.0,
        )))))
    }

    /// Sets a clock that can be set; the machine's is left alone.
    pub fn set(&self, time: Timestamp) {
        match self {
            Self::System => {}
            Self::Set(ms) => ms.store(time.as_millisecond(), Ordering::Relaxed),
            Self::Told(_) => self.tell(time.as_millisecond(), self.speed()),
        }
    }

    /// Takes over the time and speed that a simulated account reports; other clocks ignore it.
    pub fn tell(&self, ms: i64, speed: f64) {
        if let Self::Told(told) = self {
            let mut state = told.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            *state = (ms, std::time::Instant::now(), speed);
        }
    }

    /// Account seconds that pass in one second of wall time.
    #[must_use]
    pub fn speed(&self) -> f64 {
        match self {
            Self::System | Self::Set(_) => 1.0,
            Self::Told(told) => told.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).2,
        }
    }

    /// Account time now, in whole milliseconds.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let ms = match self {
            Self::System => return floor(Timestamp::now()),
            Self::Set(ms) => ms.load(Ordering::Relaxed),
            Self::Told(told) => {
                let (ms, since, speed) = *told.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                #[expect(clippy::cast_possible_truncation, reason = "milliseconds of a session fit")]
                let passed = (since.elapsed().as_secs_f64() * 1000.0 * speed) as i64;
                ms.saturating_add(passed)
            }
        };
        Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

/// Whole milliseconds: what is stored and printed has no finer time, so that a recording reads back equal.
fn floor(time: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(time.as_millisecond()).unwrap_or(time)
}
