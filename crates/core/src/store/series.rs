//! Values by the minute.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::domain::Point;

const MINUTE_MS: i64 = 60_000;
/// Enough for "the same hour yesterday" of the account's metrics.
const KEEP: SignedDuration = SignedDuration::from_hours(26);

/// The minute a moment lies in.
#[must_use]
pub fn minute(at: Timestamp) -> i64 {
    at.as_millisecond().div_euclid(MINUTE_MS)
}

/// When a minute begins.
#[must_use]
pub fn start_of(minute: i64) -> Timestamp {
    Timestamp::from_millisecond(minute * MINUTE_MS).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// Counts or readings of the last hour, by the minute.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Minutes(BTreeMap<i64, f64>);

impl Minutes {
    /// Counts one more.
    pub fn add(&mut self, at: Timestamp) {
        *self.0.entry(minute(at)).or_default() += 1.0;
        self.trim();
    }

    /// Takes one back: it was counted too early.
    pub fn take_back(&mut self, at: Timestamp) {
        if let Some(count) = self.0.get_mut(&minute(at)) {
            *count = (*count - 1.0).max(0.0);
        }
    }

    /// Sets the value of a minute: the last reading stays.
    pub fn set(&mut self, at: Timestamp, value: f64) {
        self.0.insert(minute(at), value);
        self.trim();
    }

    fn trim(&mut self) {
        while self.0.len() > 61 {
            self.0.pop_first();
        }
    }

    /// The minutes of the hour before `now`, oldest first; those without value are absent.
    #[must_use]
    pub fn points(&self, now: Timestamp) -> Vec<Point> {
        let last = minute(now);
        self.0
            .range(last - 59..=last)
            .map(|(minute, value)| Point {
                at: start_of(*minute),
                value: *value,
            })
            .collect()
    }
}

/// Lays newer values over older ones, minute by minute, and forgets what is too old.
pub fn lay_over(points: &mut Vec<Point>, newer: Vec<Point>, now: Timestamp) {
    let mut by_minute: BTreeMap<i64, Point> = points.drain(..).map(|point| (minute(point.at), point)).collect();
    by_minute.extend(newer.into_iter().map(|point| (minute(point.at), point)));
    let oldest = now.checked_sub(KEEP).map_or(i64::MIN, minute);
    points.extend(
        by_minute
            .into_iter()
            .filter(|(minute, _)| *minute >= oldest)
            .map(|(_, point)| point),
    );
}

/// The sum of the values in `(from, to]`.
#[must_use]
pub fn sum(points: &[Point], from: Timestamp, to: Timestamp) -> f64 {
    points
        .iter()
        .filter(|point| point.at > from && point.at <= to)
        .map(|point| point.value)
        .sum()
}

/// The sum over the last so many minutes.
#[must_use]
pub fn recent(points: &[Point], now: Timestamp, minutes: i64) -> f64 {
    let from = now
        .checked_sub(SignedDuration::from_mins(minutes))
        .unwrap_or(Timestamp::MIN);
    sum(points, from, now)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + seconds).expect("a time")
    }

    #[test]
    fn newer_values_replace_those_of_the_same_minute() {
        let point = |s, value| Point { at: at(s), value };
        let mut points = vec![point(0, 1.0), point(60, 2.0)];
        lay_over(&mut points, vec![point(60, 5.0), point(120, 1.0)], at(180));
        assert_eq!(points.iter().map(|p| p.value).collect::<Vec<_>>(), [1.0, 5.0, 1.0]);
        assert!((recent(&points, at(130), 2) - 6.0).abs() < f64::EPSILON);
    }

    #[test]
    fn an_hour_is_kept() {
        let mut minutes = Minutes::default();
        for m in 0..200 {
            minutes.add(at(m * 60));
        }
        assert_eq!(minutes.points(at(199 * 60)).len(), 60);
        assert!(minutes.points(at(400 * 60)).is_empty());
    }
}
