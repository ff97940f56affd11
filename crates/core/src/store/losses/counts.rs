//! Counts of an hour, from metrics.

use std::sync::Arc;

use jiff::Timestamp;

use super::{LATE, Read};
use crate::domain::{Metric, Subject};
use crate::store::HOUR;
use crate::store::snapshot::Series;

/// Up to when a metric was read of all functions, including late counts.
pub(super) fn read_to(read: &Read, metric: Metric) -> Option<Timestamp> {
    let functions = read
        .iter()
        .filter(|((subject, other), _)| *other == metric && matches!(subject, Subject::Node(_)));
    let oldest = functions.filter_map(|(_, series)| series.read_at).min()?;
    oldest.checked_sub(LATE).ok()
}

/// The sum of a series over the last hour, and the last minute with a count.
pub(super) fn hour(series: Option<&Series>, now: Timestamp) -> (u64, Option<Timestamp>) {
    let Some(series) = series else { return (0, None) };
    let since = now.checked_sub(HOUR).unwrap_or(Timestamp::MIN);
    let points = series
        .points
        .iter()
        .filter(|point| point.at > since && point.at <= now && point.value > 0.0);
    let count = points.clone().map(|point| point.value).sum();
    (whole(count), points.map(|point| point.at).max())
}

/// How many a series counts in the last hour, up to a moment.
pub(super) fn until(series: Option<&Series>, to: Timestamp, now: Timestamp) -> u64 {
    let Some(series) = series else { return 0 };
    let points = series.points.iter().filter(|point| point.at <= to);
    let series = Series {
        points: Arc::new(points.copied().collect()),
        read_at: series.read_at,
    };
    hour(Some(&series), now).0
}

/// A count, which AWS returns as a floating-point number.
pub(in crate::store) fn whole(count: f64) -> u64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
    let count = count.max(0.0).round() as u64;
    count
}
