//! Readers of streams that fall behind, and streams that forget first.

use super::{FRESH, ITERATOR_AGE_MS, View};
use crate::domain::duration::span;
use crate::domain::{EdgeKind, Metric, NodeKind};
use crate::store::coming::{Short, stream_retention, stream_too_short};
use crate::store::snapshot::{Kind, Severity, Trouble};

pub(super) fn stream_falls_behind(view: &View<'_>) -> Option<Trouble> {
    let series = view.vitals.metrics.get(&Metric::IteratorAge)?;
    let last = series
        .points
        .last()
        .filter(|point| view.metrics_at.duration_since(point.at) < FRESH)?;
    let age = ms_to_s(last.value);
    (last.value >= ITERATOR_AGE_MS).then(|| Trouble {
        why: "metric IteratorAge; a failing batch blocks its shard".into(),
        next: (forgets(view, age)).into(),
        ..view.trouble(Severity::Warning, format!("reads its stream {} late", span(age)))
    })
}

/// When the stream deletes what waits so long.
fn forgets(view: &View<'_>, age_s: i64) -> String {
    let into = view.neighbours.into(&view.node.id).iter();
    let mappings = into.filter(|edge| edge.key.kind == EdgeKind::Trigger);
    let shortest = mappings
        .filter_map(|edge| {
            let kind = view.topology.nodes.get(&edge.key.from)?.kind;
            Some((stream_retention(edge, view.topology)?, kind))
        })
        .min_by_key(|((s, _), _)| *s);
    let Some(((retention_s, assumed), kind)) = shortest else {
        return "records are lost when they reach the stream's retention".into();
    };
    let unless = if assumed { " unless raised" } else { "" };
    let left = span((retention_s - age_s).max(0));
    // AWS: once its events have expired, Lambda disables the mapping.
    let then = if kind == NodeKind::Documentdb {
        ", then Lambda disables the mapping"
    } else {
        ""
    };
    format!(
        "records are lost when they reach the stream's retention: {}{unless}, in {left}{then}",
        span(retention_s)
    )
}

/// A mapping that would try longer than the stream keeps its records: nothing is written to its destination then.
pub(super) fn forgets_before_maximum_age(view: &View<'_>) -> Option<Trouble> {
    let short = stream_too_short(view.neighbours.into(&view.node.id), view.topology)?;
    let Short::StreamRetention {
        stream,
        retention_s,
        max_age_s,
        assumed,
    } = short
    else {
        return None;
    };
    let (severity, unless) = if assumed {
        (Severity::Notice, " unless raised (not read)")
    } else {
        (Severity::Warning, "")
    };
    Some(Trouble {
        kind: Kind::ForgetsBeforeMaximumAge,
        why: format!(
            "retention of {} {}{unless}, MaximumRecordAgeInSeconds {}",
            stream.short_name(),
            span(retention_s),
            span(max_age_s)
        ).into(),
        next: "a record that fails so long expires without a word: set a maximum age below the retention, or a limit of retries"
            .into(),
        ..view.trouble(severity, "the stream's retention ends before the maximum record age")
    })
}

#[expect(clippy::cast_possible_truncation, reason = "an age in seconds fits")]
fn ms_to_s(ms: f64) -> i64 {
    (ms / 1000.0) as i64
}
