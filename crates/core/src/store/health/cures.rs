//! What helps against events that were lost: by what is known of why, never "fix the function" where it did not fail.

use super::View;
use super::suspects::is_topic;
use super::words::{Because, Next};
use crate::domain::{Edge, Metric, RunOutcome};
use crate::permissions::Arrival;
use crate::store::series::recent;

const HOUR_MINUTES: i64 = 60;

/// Against what a rule or topic could not hand over to one of these targets.
pub(super) fn not_handed_over(view: &View<'_>, targets: &[&Edge]) -> Next {
    let may = |edge: &&Edge| view.topology.arrivals.get(&edge.key) == Some(&Arrival::Arrives);
    let topic = is_topic(view);
    if !targets.is_empty() && targets.iter().all(may) {
        return Next::AllowedNow { topic };
    }
    Next::CheckPermission { topic }
}

/// Against what Lambda dropped of a function's asynchronous events.
pub(super) fn dropped(view: &View<'_>) -> Next {
    match not_invoked(view) {
        Some(Because::ReservedZero) => return Next::RaiseReserved,
        Some(_) => return Next::Throttled,
        None => {}
    }
    match super::losses::unheard_keeper(view) {
        Some(topic) => Next::FixAndSubscribe { topic: topic.clone() },
        None => Next::FixAndKeep,
    }
}

/// Why Lambda dropped a function's asynchronous events although no invocation failed.
pub(super) fn not_invoked(view: &View<'_>) -> Option<Because> {
    // AWS (async): with a reserved concurrency of 0 events are dropped at once, without an attempt.
    if view.function()?.reserved_concurrency == Some(0) {
        return Some(Because::ReservedZero);
    }
    let count = |metric| {
        let series = view.vitals.metrics.get(&metric);
        series.map_or(0.0, |series| recent(&series.points, view.read.metrics, HOUR_MINUTES))
    };
    let has_failed = |outcome| !matches!(outcome, RunOutcome::Ok | RunOutcome::Running | RunOutcome::Unknown);
    let runs = view.invocations.get(&view.node.id);
    let failed = count(Metric::Errors) > 0.0 || runs.is_some_and(|runs| runs.iter().any(|run| has_failed(run.outcome)));
    (!failed && count(Metric::Throttles) > 0.0).then_some(Because::Throttled)
}
