//! The metrics of a box.

use super::Text;
use crate::domain::Metric;
use crate::store::snapshot::Vitals;
use crate::ui::text::{number, pad, span};
use crate::ui::theme::Role;
use crate::ui::widgets::rows::Row;
use crate::ui::widgets::spark::spark;

pub(super) fn metrics(text: &mut Text, vitals: &Vitals) {
    let look = text.look;
    let mut rows: Vec<(String, Vec<f64>, String, Option<jiff::Timestamp>)> = Vec::new();
    if let Some(runs) = &vitals.runs {
        let values: Vec<f64> = runs.starts.iter().map(|point| point.value).collect();
        rows.push(("runs".to_owned(), values, String::new(), runs.read_to));
        if runs.failures.iter().any(|point| point.value > 0.0) {
            let values = runs.failures.iter().map(|point| point.value).collect();
            rows.push(("failed runs".to_owned(), values, String::new(), runs.read_to));
        }
    }
    if !vitals.depths.is_empty() {
        let values = vitals.depths.iter().map(|point| point.value).collect();
        rows.push((
            "messages".to_owned(),
            values,
            String::new(),
            vitals.depth.map(|depth| depth.at),
        ));
    }
    for (metric, series) in &vitals.metrics {
        let (label, _) = label(*metric);
        let last = series
            .points
            .last()
            .map_or_else(|| "none".to_owned(), |point| shown(*metric, point.value));
        rows.push((
            label.to_owned(),
            series.points.iter().map(|point| point.value).collect(),
            last,
            series.read_at,
        ));
    }
    if rows.is_empty() {
        return;
    }
    text.head("Last hour");
    let bars = text.cells.saturating_sub(14 + 18).clamp(8, 30);
    for (label, values, last, read) in rows {
        let last = if last.is_empty() {
            values.last().map(|value| number(*value)).unwrap_or_default()
        } else {
            last
        };
        let age = read
            .map(|at| look.freshness(at))
            .filter(|age| age != "fresh")
            .unwrap_or_default();
        let row = Row::of(look, Role::Muted, pad(&look.cut(&label, 13), 14))
            .then(look, Role::Spark, spark(&values, bars, look.glyphs))
            .then(look, Role::Text, format!(" {last}"))
            .then(look, Role::Stale, format!(" {age}"));
        text.row(row);
    }
}

fn label(metric: Metric) -> (&'static str, &'static str) {
    match metric {
        Metric::Invocations | Metric::RuleInvocations => ("invocations", ""),
        Metric::Errors => ("errors", ""),
        Metric::Throttles => ("throttles", ""),
        Metric::DurationP99 => ("duration p99", "ms"),
        Metric::ConcurrentExecutions => ("concurrency", ""),
        Metric::AsyncEventAge => ("async age", "ms"),
        Metric::AsyncEventsDropped => ("async drops", ""),
        Metric::DeadLetterErrors => ("lost dead l.", ""),
        Metric::DestinationDeliveryFailures => ("lost records", ""),
        Metric::IteratorAge => ("iterator age", "ms"),
        Metric::OldestMessageAge => ("oldest", "s"),
        Metric::MessagesSent => ("sent", ""),
        Metric::NotificationsFailed | Metric::RuleFailures | Metric::SchedulesDropped => ("failures", ""),
        Metric::NotificationAttemptsFailed => ("failed tries", ""),
        Metric::NotificationsRedriven | Metric::RuleDeadLettered | Metric::SchedulesDeadLettered => {
            ("dead letters", "")
        }
        Metric::NotificationsLost => ("lost notices", ""),
        Metric::RuleEventsLost | Metric::SchedulesLost => ("lost events", ""),
    }
}

fn shown(metric: Metric, value: f64) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "seconds")]
    match label(metric).1 {
        "s" => span(value as i64),
        "ms" if value >= 60_000.0 => span((value / 1_000.0) as i64),
        "ms" if value >= 10_000.0 => format!("{:.1} s", value / 1_000.0),
        "ms" => format!("{} ms", number(value)),
        _ => number(value),
    }
}
