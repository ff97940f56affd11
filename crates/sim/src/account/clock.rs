//! The account's clock: virtual time that runs at a chosen speed, is stopped, or is stepped.

use std::time::{Duration, Instant};

/// Virtual time over wall time. Every change re-bases it, so that it never jumps and never runs backwards.
#[derive(Clone, Debug)]
pub struct Clock {
    /// Account time at `since`, in milliseconds since 1970.
    origin_ms: i64,
    since: Instant,
    speed: f64,
    /// A speed that it does not exceed, whatever was asked for.
    limit: Option<f64>,
    motion: Motion,
    /// Where it stops, in account milliseconds.
    end: Option<i64>,
}

/// Whether the clock moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Motion {
    /// It runs at its speed.
    Running,
    /// It stands still.
    Paused,
}

/// The speeds that the clock takes, account seconds in a second.
pub const SPEEDS: std::ops::RangeInclusive<f64> = 0.1..=3600.0;

impl Clock {
    /// A running clock that shows `start_ms` at the wall's `now`.
    #[must_use]
    pub fn new(start_ms: i64, now: Instant, speed: f64) -> Self {
        let mut clock = Self {
            origin_ms: start_ms,
            since: now,
            speed: 1.0,
            limit: None,
            motion: Motion::Running,
            end: None,
        };
        clock.set_speed(now, speed);
        clock
    }

    /// Account time at the wall's `now`.
    #[must_use]
    pub fn at(&self, now: Instant) -> i64 {
        match self.motion {
            Motion::Paused => self.origin_ms,
            Motion::Running => {
                let passed = now.saturating_duration_since(self.since).as_secs_f64() * 1000.0 * self.pace();
                #[expect(clippy::cast_possible_truncation, reason = "saturates, and so does the sum")]
                let at = self.origin_ms.saturating_add(passed as i64);
                self.end.map_or(at, |end| at.min(end.max(self.origin_ms)))
            }
        }
    }

    /// How long the wall has to wait from `now` until the account's clock shows `ms`; `None` while it stands still.
    #[must_use]
    pub fn wall_until(&self, now: Instant, ms: i64) -> Option<Duration> {
        let left = ms.saturating_sub(self.at(now));
        match self.motion {
            _ if left <= 0 => Some(Duration::ZERO),
            Motion::Paused => None,
            // One microsecond more, so that rounding never wakes a moment before it.
            #[expect(clippy::cast_precision_loss, reason = "a wait of centuries need not be exact")]
            Motion::Running => Some(
                Duration::try_from_secs_f64(left as f64 / 1000.0 / self.pace())
                    .unwrap_or(Duration::MAX)
                    .saturating_add(Duration::from_micros(1)),
            ),
        }
    }

    /// Account seconds that pass in one second of wall time; 0 while it stands still.
    #[must_use]
    pub fn speed(&self) -> f64 {
        match self.motion {
            Motion::Running => self.pace(),
            Motion::Paused => 0.0,
        }
    }

    fn pace(&self) -> f64 {
        self.limit.map_or(self.speed, |limit| self.speed.min(limit))
    }

    /// The speed that it does not exceed.
    pub(super) const fn limit(&self) -> Option<f64> {
        self.limit
    }

    /// Lets it run no faster than that, until this is lifted.
    pub(super) fn set_limit(&mut self, now: Instant, limit: Option<f64>) {
        self.rebase(now);
        self.limit = limit;
    }

    /// The speed at which it runs, or will run when it is resumed.
    #[must_use]
    pub const fn kept_speed(&self) -> f64 {
        self.speed
    }

    /// Whether it moves.
    #[must_use]
    pub const fn motion(&self) -> Motion {
        self.motion
    }

    /// Where it stops by itself; `None`: nowhere.
    pub fn set_end(&mut self, now: Instant, end: Option<i64>) {
        self.rebase(now);
        self.end = end;
    }

    /// Stops it where it has come to its end.
    pub(super) fn rest(&mut self, now: Instant) {
        if self.motion == Motion::Running && self.end.is_some_and(|end| self.at(now) >= end) {
            self.set_motion(now, Motion::Paused);
        }
    }

    /// Changes the speed, clamped to [`SPEEDS`]; a clock that stands still keeps it for later.
    pub fn set_speed(&mut self, now: Instant, speed: f64) {
        self.rebase(now);
        self.speed = if speed.is_nan() {
            1.0
        } else {
            speed.clamp(*SPEEDS.start(), *SPEEDS.end())
        };
    }

    /// Stops it or lets it run on.
    pub fn set_motion(&mut self, now: Instant, motion: Motion) {
        self.rebase(now);
        self.motion = motion;
    }

    /// Moves it on by so many milliseconds of account time, running or not.
    pub fn step(&mut self, now: Instant, ms: u32) {
        self.rebase(now);
        self.origin_ms = self.origin_ms.saturating_add(i64::from(ms));
    }

    /// Holds it back: at wall time `now` it shows at most `ms`.
    pub(super) fn hold(&mut self, now: Instant, ms: i64) {
        self.rebase(now);
        self.origin_ms = self.origin_ms.min(ms);
    }

    fn rebase(&mut self, now: Instant) {
        self.origin_ms = self.at(now);
        self.since = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: Duration = Duration::from_secs(1);

    #[test]
    fn runs_at_its_speed_and_never_back() {
        let t = Instant::now();
        let mut clock = Clock::new(1_000, t, 60.0);
        assert_eq!(clock.at(t + S), 61_000);
        clock.set_speed(t + S, 1.0);
        assert_eq!(clock.at(t + 2 * S), 62_000);
        clock.set_motion(t + 2 * S, Motion::Paused);
        assert_eq!((clock.at(t + 9 * S), clock.speed()), (62_000, 0.0));
        clock.step(t + 9 * S, 500);
        clock.set_motion(t + 9 * S, Motion::Running);
        assert_eq!(clock.at(t + 10 * S), 63_500);
        assert_eq!(clock.at(t), 62_500, "an earlier wall time does not turn it back");
    }

    #[test]
    fn says_how_long_the_wall_waits() {
        let t = Instant::now();
        let mut clock = Clock::new(0, t, 60.0);
        let wait = clock.wall_until(t, 60_000).expect("it runs");
        assert!(wait >= S && wait < S + Duration::from_millis(1), "{wait:?}");
        assert!(clock.at(t + wait) >= 60_000);
        assert_eq!(clock.wall_until(t, -5), Some(Duration::ZERO));
        assert!(clock.wall_until(t, i64::MAX).is_some());
        clock.set_motion(t, Motion::Paused);
        assert_eq!(clock.wall_until(t, 1), None);
        assert_eq!(clock.wall_until(t, 0), Some(Duration::ZERO));
    }

    #[test]
    fn a_limit_holds_whatever_speed_is_asked_for_until_it_is_lifted() {
        let t = Instant::now();
        let mut clock = Clock::new(0, t, 60.0);
        clock.set_limit(t + S, Some(1.0));
        assert_eq!(
            (clock.at(t + 2 * S), clock.speed().to_bits()),
            (61_000, 1.0_f64.to_bits())
        );
        clock.set_speed(t + 2 * S, 3600.0);
        assert_eq!(clock.at(t + 3 * S), 62_000);
        clock.set_limit(t + 3 * S, None);
        assert_eq!(
            (clock.at(t + 4 * S), clock.kept_speed().to_bits()),
            (3_662_000, 3600.0_f64.to_bits())
        );
    }

    #[test]
    fn it_stops_at_its_end_until_that_is_moved() {
        let t = Instant::now();
        let mut clock = Clock::new(0, t, 4.0);
        clock.set_end(t, Some(10_000));
        clock.rest(t + S);
        assert_eq!((clock.at(t + S), clock.motion()), (4_000, Motion::Running));
        clock.rest(t + 3 * S);
        assert_eq!((clock.at(t + 9 * S), clock.motion()), (10_000, Motion::Paused));
        clock.set_end(t + 9 * S, Some(20_000));
        clock.set_motion(t + 9 * S, Motion::Running);
        assert_eq!(clock.at(t + 10 * S), 14_000);
        assert_eq!(clock.at(t + 90 * S), 20_000, "however late anybody looks");
    }

    #[test]
    fn an_absurd_speed_is_clamped() {
        let t = Instant::now();
        assert!((Clock::new(0, t, 1e9).speed() - SPEEDS.end()).abs() < f64::EPSILON);
        assert!((Clock::new(0, t, f64::NAN).speed() - 1.0).abs() < f64::EPSILON);
    }
}
