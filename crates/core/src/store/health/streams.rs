//! Readers of streams that fall behind, and streams that forget first.

use super::{FRESH, ITERATOR_AGE_MS, View};
use crate::domain::duration::span;
use crate::domain::{Edge, EdgeKind, Metric, NodeKind};
use crate::store::coming::{Short, stream_retention, stream_too_short};
use crate::store::snapshot::{Kind, Severity, Trouble};

pub(super) fn stream_falls_behind(view: &View<'_>) -> Option<Trouble> {
    let series = view.vitals.metrics.get(&Metric::IteratorAge)?;
    let last = series
        .points
        .last()
        .filter(|point| view.read.metrics.duration_since(point.at) < FRESH)?;
    let age = ms_to_s(last.value);
    (last.value >= ITERATOR_AGE_MS).then(|| Trouble {
        why: "metric IteratorAge; a failing batch blocks its shard".into(),
        next: forgets(view, age).into(),
        ..view.trouble(Severity::Warning, format!("reads its stream {} late", span(age)))
    })
}

/// By what a record that waits so long is ended, and when.
struct Limit {
    seconds: i64,
    /// The mapping skips it, else the stream deletes it.
    by_mapping: bool,
    /// The stream may keep it longer than AWS does by default: that was not read.
    is_assumed: bool,
    kind: NodeKind,
}

/// The lesser of a mapping's maximum record age and its stream's retention.
fn limit(mapping: &Edge, view: &View<'_>) -> Option<Limit> {
    let kind = view.topology.nodes.get(&mapping.key.from)?.kind;
    let ages = mapping.policies.iter().filter_map(|policy| policy.retries.max_age_s);
    let age = ages.filter(|age| *age > 0).min();
    let retention = stream_retention(mapping, view.topology);
    let (seconds, by_mapping, is_assumed) = match (age, retention) {
        (Some(age), None) => (age, true, false),
        (Some(age), Some((retention, _))) if age < retention => (age, true, false),
        (_, Some((retention, is_assumed))) => (retention, false, is_assumed),
        (None, None) => return None,
    };
    Some(Limit {
        seconds,
        by_mapping,
        is_assumed,
        kind,
    })
}

/// When what waits so long is lost, or given up.
fn forgets(view: &View<'_>, age_s: i64) -> String {
    let into = view.neighbours.into(&view.node.id).iter();
    let mappings = into.filter(|edge| edge.key.kind == EdgeKind::Trigger);
    let shortest = mappings
        .filter_map(|edge| limit(edge, view))
        .min_by_key(|limit| limit.seconds);
    let Some(limit) = shortest else {
        return "records are lost when they reach the stream's retention".into();
    };
    let after = span(limit.seconds);
    let when = match limit.seconds - age_s {
        left if left > 0 => format!("in {}", span(left)),
        _ => "by now".to_owned(),
    };
    if limit.by_mapping {
        let out = view.neighbours.out(&view.node.id).iter();
        let is_kept = out.clone().any(|edge| {
            let mut policies = edge.policies.iter();
            edge.key.kind == EdgeKind::DeadLetter
                && policies.any(|policy| policy.retries.by.as_deref() == Some("mapping"))
        });
        let end = if is_kept {
            "records go to the on-failure destination"
        } else {
            "records are lost"
        };
        return format!("{end} when they reach the mapping's maximum record age: {after}, {when}");
    }
    let unless = if limit.is_assumed { " unless raised" } else { "" };
    // AWS: once its events have expired, Lambda disables the mapping.
    let then = if limit.kind == NodeKind::Documentdb {
        ", then Lambda disables the mapping"
    } else {
        ""
    };
    format!("records are lost when they reach the stream's retention: {after}{unless}, {when}{then}")
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
