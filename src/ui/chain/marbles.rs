//! Observed traffic in motion along the lines. A marble stands for at least one counted event, and is made for nothing
//! else.

use std::time::Duration;

use jiff::Timestamp;

use crate::domain::{EdgeKey, Evidence};
use crate::store::snapshot::Pulse;
use crate::ui::chain::motion::LONGEST;

/// How long a box is lit when a marble has reached it.
pub const GLOW: Duration = Duration::from_millis(350);
/// Between two marbles of one pulse.
const GAP: Duration = Duration::from_millis(300);
/// A pulse of many events sends this many at most.
const MOST: u64 = 5;
/// The most marbles at once: more cannot be distinguished on any screen.
const LIVE: usize = 4_000;
/// The age, in seconds, from which traffic is drawn faded.
const OLD: i64 = 20;
/// The age, in seconds, from which traffic is not drawn when the account is first shown.
const BEFORE: i64 = 10;

/// One or more events in motion.
#[derive(Clone, Debug, PartialEq)]
pub struct Marble {
    /// The edge.
    pub edge: EdgeKey,
    /// Whether the traffic is inferred.
    pub inferred: bool,
    /// Whether the traffic was old when it was observed.
    pub old: bool,
    /// Whether it is unknown which of several joining lines it took: then only their common end shows it.
    pub shared: bool,
    start: Duration,
}

impl Marble {
    /// The position on its line, from 0 to 1; `None` before and after.
    #[must_use]
    pub fn progress(&self, wall: Duration, flight: Duration) -> Option<f64> {
        let passed = wall.checked_sub(self.start)?;
        (passed <= flight).then(|| passed.as_secs_f64() / flight.as_secs_f64())
    }

    /// Whether it is on its way, or about to be, or the box that it has reached is lit.
    #[must_use]
    pub fn moves(&self, wall: Duration, flight: Duration) -> bool {
        wall <= self.start + flight + GLOW
    }

    /// Whether the box that it has reached is lit still.
    #[must_use]
    pub fn has_just_arrived(&self, wall: Duration, flight: Duration) -> bool {
        let since = wall.checked_sub(self.start + flight);
        since.is_some_and(|since| since <= GLOW)
    }
}

/// All marbles in motion or about to start.
#[derive(Clone, Debug, Default)]
pub struct Marbles {
    seen: Option<u64>,
    live: Vec<Marble>,
}

impl Marbles {
    /// Starts marbles for the new traffic of a snapshot; `wall` is real time.
    pub fn take(&mut self, pulses: &[Pulse], now: Timestamp, wall: Duration) {
        let age = |pulse: &Pulse| now.duration_since(pulse.at).as_secs();
        let first = self.seen.is_none();
        for pulse in pulses {
            let fresh = self.seen.is_none_or(|seen| pulse.number > seen);
            if !fresh || (first && age(pulse) > BEFORE) {
                continue;
            }
            for n in 0..pulse.count.min(MOST) {
                self.live.push(Marble {
                    edge: pulse.edge.clone(),
                    inferred: pulse.evidence != Evidence::Observed,
                    old: age(pulse) > OLD,
                    shared: pulse.shared,
                    start: wall + GAP * u32::try_from(n).unwrap_or(0),
                });
            }
        }
        let too_many = self.live.len().saturating_sub(LIVE);
        self.live.drain(..too_many);
        let last = pulses.iter().map(|pulse| pulse.number).max();
        self.seen = Some(last.unwrap_or(0).max(self.seen.unwrap_or(0)));
    }

    /// Removes marbles that have arrived.
    pub fn settle(&mut self, wall: Duration) {
        self.live.retain(|marble| wall <= marble.start + LONGEST + GLOW);
    }

    /// Nothing is on its way; what was seen does not start again.
    pub fn clear(&mut self) {
        self.live.clear();
    }

    /// Marbles in motion.
    pub fn live(&self) -> impl Iterator<Item = &Marble> {
        self.live.iter()
    }

    /// The bytes that marbles take, and the most they may take.
    #[must_use]
    pub fn bytes(&self) -> (usize, usize) {
        (self.live.len() * size_of::<Marble>(), LIVE * size_of::<Marble>())
    }

    /// Whether no marble moves.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.live.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{EdgeKind, NodeId};

    fn pulse(number: u64, count: u64, at: &str) -> Pulse {
        Pulse {
            number,
            edge: EdgeKey {
                from: NodeId::from("a"),
                to: NodeId::from("b"),
                kind: EdgeKind::Trigger,
                qualifier: None,
            },
            count,
            at: at.parse().expect("a time"),
            evidence: Evidence::Observed,
            shared: false,
        }
    }

    const NOW: &str = "2026-11-23T10:00:00Z";

    fn ms(n: u64) -> Duration {
        Duration::from_millis(n)
    }

    #[test]
    fn a_pulse_starts_its_marbles_once() {
        let mut marbles = Marbles::default();
        let now = NOW.parse().expect("a time");
        marbles.take(&[], now, ms(0));
        marbles.take(&[pulse(1, 2, NOW)], now, ms(100));
        assert_eq!(marbles.live().count(), 2);
        marbles.take(&[pulse(1, 2, NOW)], now, ms(200));
        assert_eq!(marbles.live().count(), 2, "the same pulse again");
        marbles.settle(ms(5_000));
        assert!(marbles.is_empty(), "an animation ends");
    }

    #[test]
    fn there_are_never_more_marbles_than_events() {
        let mut marbles = Marbles::default();
        let now = NOW.parse().expect("a time");
        marbles.take(&[pulse(1, 0, NOW), pulse(2, 1, NOW), pulse(3, 1_000, NOW)], now, ms(0));
        assert_eq!(marbles.live().count(), 1 + 5);
    }

    #[test]
    fn marbles_are_bounded() {
        let mut marbles = Marbles::default();
        let pulses: Vec<Pulse> = (1..=2_000).map(|n| pulse(n, 100, NOW)).collect();
        marbles.take(&pulses, NOW.parse().expect("a time"), ms(0));
        let (held, budget) = marbles.bytes();
        assert_eq!((marbles.live().count(), held), (LIVE, budget));
    }

    #[test]
    fn what_passed_before_the_start_does_not_pass_again() {
        let mut marbles = Marbles::default();
        marbles.take(
            &[pulse(1, 1, "2026-11-23T09:59:20Z"), pulse(2, 1, "2026-11-23T09:59:55Z")],
            NOW.parse().expect("a time"),
            ms(0),
        );
        assert_eq!(marbles.live().count(), 1);
    }

    #[test]
    fn traffic_read_late_is_drawn_faded() {
        let mut marbles = Marbles::default();
        let now = NOW.parse().expect("a time");
        marbles.take(&[], now, ms(0));
        marbles.take(&[pulse(1, 1, "2026-11-23T09:59:20Z"), pulse(2, 1, NOW)], now, ms(0));
        assert_eq!(
            marbles.live().map(|marble| marble.old).collect::<Vec<_>>(),
            [true, false]
        );
    }

    #[test]
    fn a_marble_goes_from_one_end_to_the_other() {
        let mut marbles = Marbles::default();
        marbles.take(&[pulse(1, 1, NOW)], NOW.parse().expect("a time"), ms(100));
        let marble = marbles.live().next().expect("one").clone();
        let flight = ms(1_500);
        assert_eq!(marble.progress(ms(50), flight), None);
        assert_eq!(marble.progress(ms(100), flight), Some(0.0));
        assert_eq!(marble.progress(ms(850), flight), Some(0.5));
        assert_eq!(marble.progress(ms(1_601), flight), None);
        assert!(!marble.has_just_arrived(ms(1_599), flight) && marble.has_just_arrived(ms(1_600), flight));
        assert!(!marble.has_just_arrived(ms(1_951), flight));
    }
}
