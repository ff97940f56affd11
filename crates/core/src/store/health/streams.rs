//! Readers of streams that fall behind, and streams that forget first.

use jiff::SignedDuration;

use super::words::{Next, What, Why};
use super::{FRESH, ITERATOR_AGE_MS, View};
use crate::domain::{Edge, EdgeKind, Metric, NodeKind};
use crate::store::short::{Short, stream_retention, stream_too_short};
use crate::store::snapshot::{Kind, Severity, Trouble};

pub(super) fn stream_falls_behind(view: &View<'_>) -> Option<Trouble> {
    let series = view.vitals.metrics.get(&Metric::IteratorAge)?;
    let last = series
        .points
        .last()
        .filter(|point| view.read.metrics.duration_since(point.at) < FRESH)?;
    let age = ms_to_s(last.value);
    (last.value >= ITERATOR_AGE_MS).then(|| Trouble {
        kind: Kind::Fails,
        why: Why::IteratorAge.into(),
        next: forgets(view, age).into(),
        ..view.trouble(
            Severity::Warning,
            What::ReadsLate {
                age: SignedDuration::from_secs(age),
            },
        )
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
fn forgets(view: &View<'_>, age_s: i64) -> Next {
    let into = view.neighbours.into(&view.node.id).iter();
    let mappings = into.filter(|edge| edge.key.kind == EdgeKind::Trigger);
    let shortest = mappings
        .filter_map(|edge| limit(edge, view))
        .min_by_key(|limit| limit.seconds);
    let Some(limit) = shortest else {
        return Next::Retention;
    };
    let after = SignedDuration::from_secs(limit.seconds);
    let left = Some(SignedDuration::from_secs(limit.seconds - age_s)).filter(SignedDuration::is_positive);
    if limit.by_mapping {
        let mut out = view.neighbours.out(&view.node.id).iter();
        let kept = out.any(|edge| {
            let mut policies = edge.policies.iter();
            edge.key.kind == EdgeKind::DeadLetter
                && policies.any(|policy| policy.retries.by.as_deref() == Some("mapping"))
        });
        return Next::MaximumAge { kept, after, left };
    }
    Next::StreamRetention {
        after,
        assumed: limit.is_assumed,
        left,
        // AWS (kafka): once its events have expired, Lambda disables the mapping.
        disables: limit.kind == NodeKind::Documentdb,
    }
}

/// A mapping whose maximum record age exceeds the stream's retention: nothing is written to its destination then.
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
    Some(Trouble {
        kind: Kind::ForgetsBeforeMaximumAge,
        why: Why::StreamSettings {
            stream,
            retention: SignedDuration::from_secs(retention_s),
            max_age: SignedDuration::from_secs(max_age_s),
            assumed,
        }
        .into(),
        next: Next::LowerMaximumAge.into(),
        ..view.trouble(
            if assumed { Severity::Notice } else { Severity::Warning },
            What::RetentionBeforeMaximumAge,
        )
    })
}

#[expect(clippy::cast_possible_truncation, reason = "an age in seconds fits")]
fn ms_to_s(ms: f64) -> i64 {
    (ms / 1000.0) as i64
}
