//! Events that nobody will try again.

use super::{View, keeps_failures};
use crate::domain::Metric;
use crate::store::series::recent;
use crate::store::snapshot::{Severity, Trouble};

pub(super) fn lost_events(view: &View<'_>) -> Option<Trouble> {
    let mut lost = 0.0;
    let mut ways = Vec::new();
    // AWS counts an event as dropped also when it went to a dead-letter queue or destination before.
    let kept = view
        .neighbours
        .out(&view.node.id)
        .iter()
        .any(|edge| keeps_failures(edge));
    let losses = view.vitals.metrics.iter().filter(|(metric, _)| metric.means_lost());
    for (metric, series) in losses.filter(|(metric, _)| !(kept && **metric == Metric::AsyncEventsDropped)) {
        let count = recent(&series.points, view.metrics_at, 60);
        if count > 0.0 {
            lost += count;
            ways.push(metric.source().1);
        }
    }
    (lost > 0.0).then(|| Trouble {
        why: format!("metric {}", ways.join(", ")),
        next: "these events are gone; give it a dead-letter queue or destination that works".into(),
        ..view.trouble(Severity::Loss, format!("{lost:.0} lost for good in the last hour"))
    })
}
