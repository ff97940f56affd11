//! The state behind the lock: world, clock and injected faults, and how the world catches up with the clock.

use std::time::{Duration, Instant};

use super::clock::{Clock, Motion};
use super::fault_injection::Rule;
use super::met::Met;
use super::{Backend, Turn};
use crate::call::{Call, Reply};

/// Most wall time for the world at once. Otherwise a machine too slow for the speed would hold the lock ever longer, and
/// one could not even slow it down or quit.
const BUDGET: Duration = Duration::from_millis(40);

/// Wall time to catch up on before the budget is checked.
const SLICE: Duration = Duration::from_millis(5);

pub(super) struct State<W> {
    pub(super) world: W,
    pub(super) clock: Clock,
    /// The rules of trouble, and the calls that each has met.
    pub(super) rules: Vec<(Rule, Met)>,
    /// Where the world is.
    reached: i64,
    /// The latest time that anybody was reported.
    told: i64,
    /// The time that the world must reach in any case, because the clock was stepped there.
    owed: i64,
}

impl<W: Backend> State<W> {
    pub(super) fn new(world: W, clock: Clock, start_ms: i64) -> Self {
        Self {
            world,
            clock,
            rules: Vec::new(),
            reached: start_ms,
            told: start_ms,
            owed: start_ms,
        }
    }

    /// Account time now. It never runs backwards: while the clock is held back, it is stopped.
    pub(super) fn now(&mut self, wall: Instant) -> i64 {
        self.clock.rest(wall);
        self.told = self.told.max(self.clock.at(wall));
        self.told
    }

    /// Begins anew with another world at another time: the one way by which time goes back. The clock stands still.
    pub(super) fn restart(&mut self, world: W, wall: Instant, at_ms: i64) {
        let mut clock = Clock::new(at_ms, wall, self.clock.kept_speed());
        clock.set_motion(wall, Motion::Paused);
        *self = Self::new(world, clock, at_ms);
    }

    /// Moves the clock on; the world goes along with it however long that takes.
    pub(super) fn step(&mut self, wall: Instant, ms: u32) {
        self.clock.step(wall, ms);
        self.owed = self.clock.at(wall);
    }

    /// Brings the world to the present. Where that takes longer than the budget, the clock is held back to where the world
    /// is: account time passes as fast as the machine can make it happen.
    pub(super) fn catch_up(&mut self, wall: Instant, spent: impl Fn() -> Duration) {
        let target = self.now(wall);
        let running = self.clock.motion() == Motion::Running;
        #[expect(clippy::cast_possible_truncation, reason = "a few seconds at the highest speed")]
        let slice = (SLICE.as_secs_f64() * 1000.0 * self.clock.speed()).max(1.0) as i64;
        let limit = self.world.is_full().then_some(super::SLOWED);
        if self.clock.limit() != limit {
            self.clock.set_limit(wall, limit);
        }
        loop {
            let next = self.world.next_event().unwrap_or(i64::MAX);
            self.reached = next
                .max(self.reached.saturating_add(slice))
                .min(target)
                .max(self.reached);
            self.world.advance_to(self.reached);
            if self.reached >= target {
                return;
            }
            if running && self.reached >= self.owed && spent() > BUDGET {
                // It rests for as long as it worked, so that calls get half of the time.
                self.clock.hold(wall + spent() * 2, self.reached);
                return;
            }
        }
    }

    /// One turn of the world: advances it to now, handles the call, and returns when to continue.
    pub(super) fn turn(&mut self, call: &Call) -> Turn {
        let now = Instant::now();
        self.catch_up(now, || now.elapsed());
        match self.world.dispatch(call) {
            Reply::Done(result) => Turn::Done(result),
            Reply::Wait { until_ms } => {
                let due = self.world.next_event().map_or(until_ms, |next| next.min(until_ms));
                Turn::Wait(self.clock.wall_until(now, due))
            }
            Reply::Stream {
                events,
                resume,
                next_ms,
            } => {
                let next = next_ms.map(|next| super::Next(self.clock.wall_until(now, next)));
                Turn::Stream { events, resume, next }
            }
        }
    }
}
