//! Values by the minute.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::memory::{Kept, Kind};
use super::snapshot::Series;
use crate::domain::{Metric, Point, Subject};

const MINUTE_MS: i64 = 60_000;
/// Enough for "the same hour yesterday" of the account's metrics.
const KEEP: SignedDuration = SignedDuration::from_hours(26);

/// The minute of a time.
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
    let oldest = now.checked_sub(KEEP).map_or(i64::MIN, minute);
    let gone = points.partition_point(|point| minute(point.at) < oldest);
    points.drain(..gone);
    for point in newer.into_iter().filter(|point| minute(point.at) >= oldest) {
        let place = points.partition_point(|known| minute(known.at) < minute(point.at));
        match points
            .get_mut(place)
            .filter(|known| minute(known.at) == minute(point.at))
        {
            Some(known) => *known = point,
            None => points.insert(place, point),
        }
    }
}

/// Bytes that all series may take: 500 functions with five each for three hours.
pub(super) const BUDGET: usize = 12 * 1024 * 1024;

/// All series, within their budget. Those of the account stay complete: they show what is usual.
#[derive(Default)]
pub struct AllSeries {
    all: BTreeMap<(Subject, Metric), Series>,
    points: usize,
    dropped: u64,
}

impl std::ops::Deref for AllSeries {
    type Target = BTreeMap<(Subject, Metric), Series>;

    fn deref(&self) -> &Self::Target {
        &self.all
    }
}

impl AllSeries {
    /// Takes values in that were read now.
    pub fn lay_over(&mut self, of: (Subject, Metric), newer: Vec<Point>, now: Timestamp) {
        let series = self.all.entry(of).or_default();
        let before = series.points.len();
        lay_over(Arc::make_mut(&mut series.points), newer, now);
        series.read_at = Some(now);
        self.points = self.points + series.points.len() - before;
        if self.points * size_of::<Point>() > BUDGET {
            self.shrink();
        }
    }

    /// How much is kept of them.
    #[must_use]
    pub fn kept(&self) -> Kept {
        Kept {
            kind: Kind::Series,
            bytes: self.points * size_of::<Point>(),
            budget: BUDGET,
            dropped: self.dropped,
        }
    }

    /// Drops the oldest quarter of the time that series of single resources span.
    fn shrink(&mut self) {
        let own = |subject: &Subject| matches!(subject, Subject::Node(_));
        let ends = self.all.iter().filter(|((subject, _), _)| own(subject));
        let ends =
            ends.filter_map(|(_, series)| Some((minute(series.points.first()?.at), minute(series.points.last()?.at))));
        let (mut first, mut last) = (i64::MAX, i64::MIN);
        for (from, to) in ends {
            (first, last) = (first.min(from), last.max(to));
        }
        let cut = first.saturating_add(last.saturating_sub(first) / 4);
        for ((subject, _), series) in &mut self.all {
            let gone = series.points.partition_point(|point| minute(point.at) < cut);
            if own(subject) && gone > 0 {
                series.points = Arc::new(series.points[gone..].to_vec());
                self.points -= gone;
                self.dropped += u64::try_from(gone).unwrap_or(u64::MAX);
            }
        }
    }
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

    #[test]
    fn the_oldest_of_single_resources_go_where_all_series_are_too_much() {
        let point = |s: i64| Point { at: at(s), value: 1.0 };
        let mut all = AllSeries::default();
        let of = |n: usize| (Subject::Node(format!("f{n}").as_str().into()), Metric::Errors);
        let account = (Subject::Account, Metric::Errors);
        for hour in 0..24 {
            let now = at((hour + 1) * 3_600);
            let hour: Vec<Point> = (0..60).map(|m| point(hour * 3_600 + m * 60)).collect();
            all.lay_over(account.clone(), hour.clone(), now);
            for n in 0..1_000 {
                all.lay_over(of(n), hour.clone(), now);
            }
        }
        let kept = all.kept();
        assert!(
            kept.bytes <= BUDGET && kept.bytes > BUDGET / 2 && kept.dropped > 0,
            "{kept:?}"
        );
        let held: usize = all.values().map(|series| series.points.len()).sum();
        assert_eq!(held * size_of::<Point>(), kept.bytes, "what is counted is what is held");
        assert_eq!(all[&account].points.len(), 24 * 60);
        let last = all[&of(0)].points.last().map(|point| point.at);
        assert_eq!(last, Some(at(24 * 3_600 - 60)));
    }
}
