//! How the calls that a rule of trouble met are counted.

use std::time::Instant;

/// Counts the calls that one rule met.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Met {
    /// All of them.
    calls: u64,
    /// What is left of a limit, and when that was.
    left: Option<(f64, Instant)>,
}

impl Met {
    /// One more; its number, counted from 1.
    pub(super) fn count(&mut self) -> u64 {
        self.calls += 1;
        self.calls
    }

    /// Whether a limit of so many calls a second admits one now. AWS (apis): a second's worth may come at once.
    pub(super) fn admits(&mut self, per_second: u32, now: Instant) -> bool {
        let most = f64::from(per_second);
        let left = self.left.map_or(most, |(left, at)| {
            (left + now.saturating_duration_since(at).as_secs_f64() * most).min(most)
        });
        let admitted = left >= 1.0;
        self.left = Some((if admitted { left - 1.0 } else { left }, now));
        admitted
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_limit_admits_a_burst_and_then_so_many_a_second() {
        let (start, mut met) = (Instant::now(), Met::default());
        let mut admitted = |ms: u64| {
            (0..100)
                .filter(|_| met.admits(15, start + Duration::from_millis(ms)))
                .count()
        };
        assert_eq!(admitted(0), 15);
        assert_eq!(admitted(0), 0);
        assert_eq!(admitted(1_000), 15);
        assert_eq!(admitted(1_200), 3);
        assert_eq!(admitted(60_000), 15);
    }
}
