//! How a function is now, by its last invocations: a count of minutes lags behind what broke or was fixed just now.

use jiff::{SignedDuration, Timestamp};

use super::snapshot::Runs;

/// Invocations considered: the last ones, and as many before those that succeeded since the last failure.
const LAST: u32 = 20;
/// Older invocations show nothing about now.
const FRESH: SignedDuration = SignedDuration::from_mins(15);
/// Below this chance that as many succeed in a row although nothing was fixed, it was.
const CHANCE: f64 = 0.05;

/// The last ended invocations, as far as they are recent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lately {
    /// The last invocations, 20 at most.
    pub of: u32,
    /// Those of them that failed.
    pub failed: u32,
    /// Those that succeeded since the last failure.
    pub succeeded_since: u32,
    /// The last invocations up to that failure, 20 at most, and those of them that failed.
    pub before: (u32, u32),
}

impl Lately {
    /// From when each ended and whether it failed, newest first.
    pub fn of(newest_first: impl Iterator<Item = (Timestamp, bool)>, now: Timestamp) -> Self {
        let mut lately = Self::default();
        let recent = newest_first.take_while(|(at, _)| now.duration_since(*at) <= FRESH);
        for (_, failed) in recent {
            if lately.of < LAST {
                lately.of += 1;
                lately.failed += u32::from(failed);
            }
            let (of, _) = lately.before;
            if of == 0 && !failed {
                lately.succeeded_since += 1;
            } else if of < LAST {
                lately.before.0 += 1;
                lately.before.1 += u32::from(failed);
            } else {
                break;
            }
        }
        lately
    }

    /// Whether so many succeeded since the last failure that what failed before was fixed: by chance alone, as often as it
    /// failed before, that would be rare.
    #[must_use]
    pub fn is_fixed(self) -> bool {
        let (before, failed) = self.before;
        // The rate of few is uncertain: add one of each kind.
        let rate = f64::from(failed + 1) / f64::from(before + 2);
        let by_chance = (1.0 - rate).powi(i32::try_from(self.succeeded_since).unwrap_or(i32::MAX));
        self.failed == 0 || by_chance < CHANCE
    }

    /// `16/16`: failed of the last ones; of a row of failures the row alone, as long as that is.
    #[must_use]
    pub fn share(self, in_row: u32) -> (u32, u32) {
        if in_row >= super::health::IN_ROW {
            (in_row, in_row)
        } else {
            (self.failed, self.of)
        }
    }
}

/// The number of failed invocations in a row of a function that was not invoked since: they are not recent, but nothing
/// shows that it is OK. If they may be chance, they are reported for an hour.
#[must_use]
pub fn failed_last(runs: &Runs, now: Timestamp) -> Option<u32> {
    let (at, _) = runs.last_error.as_ref()?;
    let is_told = runs.failed_in_row >= super::health::IN_ROW || now.duration_since(*at) <= super::HOUR;
    (runs.failed_in_row > 0 && runs.lately.of == 0 && is_told).then_some(runs.failed_in_row)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The last invocations, oldest first: `x` failed, `.` succeeded; one a second.
    fn lately(story: &str) -> Lately {
        let at = |s: usize| Timestamp::from_second(1_700_000_000 + i64::try_from(s).expect("few")).expect("a time");
        let ended: Vec<_> = story.chars().enumerate().map(|(s, c)| (at(s), c == 'x')).collect();
        Lately::of(ended.iter().rev().copied(), at(story.len()))
    }

    #[test]
    fn what_broke_just_now_is_not_told_by_the_minutes_before() {
        let now = lately(&(".".repeat(200) + &"x".repeat(16)));
        assert_eq!(now.share(16), (16, 16));
        assert!(!now.is_fixed());
    }

    #[test]
    fn what_was_fixed_is_seen_to_be_after_few() {
        assert!(!lately(&("x".repeat(16) + ".")).is_fixed(), "one may be chance");
        assert!(lately(&("x".repeat(16) + "..")).is_fixed());
        assert!(!lately("x.").is_fixed());
        assert!(lately("x......").is_fixed());
    }

    #[test]
    fn what_fails_now_and_then_goes_on_to() {
        let flaky = lately("x..x..x..x..x..x..");
        assert_eq!((flaky.failed, flaky.of), (6, 18));
        assert!(!flaky.is_fixed());
        assert!(lately("x..x..x..x..x..x...........").is_fixed());
    }

    #[test]
    fn one_failure_among_many_is_told_until_the_last_ones_succeeded() {
        let once = lately(&(".".repeat(30) + "x" + &".".repeat(10)));
        assert_eq!((once.failed, once.of, once.is_fixed()), (1, 20, false));
        assert!(lately(&(".".repeat(30) + "x" + &".".repeat(20))).is_fixed());
    }

    #[test]
    fn what_failed_last_is_not_ok_because_that_was_a_while_ago() {
        let at = |s: i64| Timestamp::from_second(1_700_000_000 + s).expect("a time");
        let told = |in_row: u32, now: i64| {
            let runs = Runs {
                last_error: Some((at(0), "boom".into())),
                failed_in_row: in_row,
                lately: Lately::of((0..in_row).map(|_| (at(0), true)), at(now)),
                ..Runs::default()
            };
            failed_last(&runs, at(now))
        };
        assert_eq!(told(26, 60), None, "that is told as failing now");
        assert_eq!((told(26, 1_800), told(26, 90_000)), (Some(26), Some(26)));
        assert_eq!((told(1, 1_800), told(1, 4_000)), (Some(1), None));
        assert_eq!(told(0, 1_800), None, "one succeeded since");
    }

    #[test]
    fn nothing_that_failed_is_fixed_and_what_is_old_tells_nothing() {
        assert!(lately("....").is_fixed());
        let at = |s: i64| Timestamp::from_second(1_700_000_000 + s).expect("a time");
        assert_eq!(Lately::of([(at(0), true)].into_iter(), at(1_000)), Lately::default());
    }
}
