//! The metrics of a box.

use super::Text;
use crate::domain::Metric;
use crate::store::snapshot::Vitals;
use crate::ui::text::{millis, number, pad, span};
use crate::ui::theme::Role;
use crate::ui::theme::render_context::RenderContext;
use crate::ui::widgets::rows::Row;
use crate::ui::widgets::spark::spark;
use crate::words::say;

pub(super) fn metrics(text: &mut Text, vitals: &Vitals) {
    let look = text.look;
    let mut rows: Vec<(String, Vec<f64>, String, Option<jiff::Timestamp>)> = Vec::new();
    if let Some(runs) = &vitals.runs {
        let values: Vec<f64> = runs.starts.iter().map(|point| point.value).collect();
        rows.push((say!(look, "metric-invocations"), values, String::new(), runs.read_to));
        if runs.failures.iter().any(|point| point.value > 0.0) {
            let values = runs.failures.iter().map(|point| point.value).collect();
            rows.push((say!(look, "metric-failed"), values, String::new(), runs.read_to));
        }
    }
    if !vitals.depths.is_empty() {
        let values = vitals.depths.iter().map(|point| point.value).collect();
        rows.push((
            say!(look, "details-messages"),
            values,
            String::new(),
            vitals.depth.map(|depth| depth.at),
        ));
    }
    for (metric, series) in &vitals.metrics {
        let last = series
            .points
            .last()
            .map_or_else(|| say!(look, "metric-none"), |point| shown(*metric, point.value));
        rows.push((
            label(*metric, look),
            series.points.iter().map(|point| point.value).collect(),
            last,
            series.read_at,
        ));
    }
    if rows.is_empty() {
        return;
    }
    text.head(&say!(look, "details-last-hour"));
    let bars = text.cells.saturating_sub(14 + 18).clamp(8, 30);
    for (label, values, last, read) in rows {
        let last = if last.is_empty() {
            values.last().map(|value| number(*value)).unwrap_or_default()
        } else {
            last
        };
        let age = read
            .filter(|at| look.is_older(*at, 90))
            .map(|at| look.freshness(at))
            .unwrap_or_default();
        let row = Row::of(look, Role::Muted, pad(&look.cut(&label, 13), 14))
            .then(look, Role::Spark, spark(&values, bars, look.glyphs))
            .then(look, Role::Text, format!(" {last}"))
            .then(look, Role::Stale, format!(" {age}"));
        text.row(row);
    }
}

fn label(metric: Metric, look: &RenderContext) -> String {
    match metric {
        Metric::Invocations | Metric::RuleInvocations => say!(look, "metric-invocations"),
        Metric::Errors => say!(look, "metric-errors"),
        Metric::Throttles => say!(look, "metric-throttles"),
        Metric::DurationP99 => say!(look, "metric-duration"),
        Metric::ConcurrentExecutions => say!(look, "metric-concurrency"),
        Metric::AsyncEventAge => say!(look, "metric-async-age"),
        Metric::AsyncEventsDropped => say!(look, "metric-async-dropped"),
        Metric::DeadLetterErrors => say!(look, "metric-dlq-errors"),
        Metric::DestinationDeliveryFailures => say!(look, "metric-destination-failures"),
        Metric::IteratorAge => say!(look, "metric-iterator-age"),
        Metric::OldestMessageAge => say!(look, "metric-oldest"),
        Metric::MessagesSent => say!(look, "metric-sent"),
        Metric::MessagesReceived => say!(look, "metric-received"),
        Metric::MessagesDeleted => say!(look, "metric-deleted"),
        Metric::NotificationsFailed | Metric::RuleFailures | Metric::SchedulesDropped => say!(look, "metric-failures"),
        Metric::NotificationAttemptsFailed => say!(look, "metric-failed-attempts"),
        Metric::NotificationsRedriven | Metric::RuleDeadLettered | Metric::SchedulesDeadLettered => {
            say!(look, "metric-dead-letters")
        }
        Metric::NotificationsLost | Metric::RuleEventsLost | Metric::SchedulesLost => say!(look, "metric-lost"),
    }
}

fn shown(metric: Metric, value: f64) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "seconds")]
    match metric {
        Metric::OldestMessageAge => span(value as i64),
        Metric::DurationP99 | Metric::AsyncEventAge | Metric::IteratorAge => millis(value),
        _ => number(value),
    }
}
