//! Readers of streams that fall behind.

use super::{FRESH, ITERATOR_AGE_MS, View, span};
use crate::domain::Metric;
use crate::store::snapshot::{Severity, Trouble};

pub(super) fn stream_falls_behind(view: &View<'_>) -> Option<Trouble> {
    let series = view.vitals.metrics.get(&Metric::IteratorAge)?;
    let last = series
        .points
        .last()
        .filter(|point| view.metrics_at.duration_since(point.at) < FRESH)?;
    (last.value >= ITERATOR_AGE_MS).then(|| Trouble {
        why: "metric IteratorAge; a failing batch blocks its shard".into(),
        next: "records are lost when they reach the stream's retention".into(),
        ..view.trouble(
            Severity::Warning,
            format!("reads its stream {} late", span(ms_to_s(last.value))),
        )
    })
}

#[expect(clippy::cast_possible_truncation, reason = "an age in seconds fits")]
fn ms_to_s(ms: f64) -> i64 {
    (ms / 1000.0) as i64
}
