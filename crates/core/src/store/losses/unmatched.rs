//! What was given up, held against what was kept of it: two counts of one service, a few minutes apart.

use jiff::{SignedDuration, Timestamp};

use crate::domain::Point;
use crate::store::series::minute;

/// What became of an event after it was given up is counted in the same minute or a few later.
const SLACK_MINUTES: i64 = 5;

/// Failed events that were certainly not kept, by minute: those without a count of kept ones in the same minute or the few
/// after it. Both series were read up to `to`; a minute whose later counts may be missing proves nothing.
pub(super) fn unmatched(failed: &[Point], kept: &[Point], to: Timestamp) -> Vec<Point> {
    let mut left: Vec<Point> = failed.to_vec();
    left.sort_by_key(|point| point.at);
    let mut kept: Vec<Point> = kept.to_vec();
    kept.sort_by_key(|point| point.at);
    // Match each with the oldest possible one: this matches the most, and reports no false loss.
    for count in kept {
        let mut rest = count.value;
        for point in &mut left {
            let late = minute(count.at) - minute(point.at);
            if (0..=SLACK_MINUTES).contains(&late) {
                let matched = point.value.min(rest);
                point.value -= matched;
                rest -= matched;
            }
        }
    }
    let settled = to
        .checked_sub(SignedDuration::from_mins(SLACK_MINUTES))
        .unwrap_or(Timestamp::MIN);
    left.retain(|point| point.value > 0.0 && point.at <= settled);
    left
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::series::start_of;

    fn at(minutes: i64) -> Timestamp {
        start_of(28_000_000 + minutes)
    }

    fn points(values: &[(i64, f64)]) -> Vec<Point> {
        let point = |(n, value): &(i64, f64)| Point {
            at: at(*n),
            value: *value,
        };
        values.iter().map(point).collect()
    }

    fn lost(failed: &[(i64, f64)], kept: &[(i64, f64)], to: i64) -> f64 {
        unmatched(&points(failed), &points(kept), at(to))
            .iter()
            .map(|point| point.value)
            .sum()
    }

    #[test]
    fn what_is_kept_a_minute_later_is_not_lost() {
        let every = |value| (0..20).map(|n| (n, value)).collect::<Vec<_>>();
        assert!(lost(&every(2.0), &every(2.0), 30) < 0.5);
        // Two fail each minute, one of them has a queue.
        assert!((lost(&every(2.0), &every(1.0), 30) - 20.0).abs() < 0.5);
        assert!(lost(&[(0, 3.0)], &[(1, 2.0), (2, 1.0)], 30) < 0.5);
        assert!(
            (lost(&[(0, 3.0)], &[(9, 3.0)], 30) - 3.0).abs() < 0.5,
            "that is of another"
        );
    }

    #[test]
    fn the_newest_minutes_prove_nothing_while_what_was_kept_may_still_be_counted() {
        assert!(lost(&[(10, 1.0)], &[], 12) < 0.5);
        assert!((lost(&[(10, 1.0)], &[], 15) - 1.0).abs() < 0.5);
    }
}
