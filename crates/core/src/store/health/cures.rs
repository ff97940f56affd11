//! What helps against events that were lost: by what is known of why, never "fix the function" where it did not fail.

use super::View;
use crate::domain::{Arn, Detail, Edge, Metric, RunOutcome};
use crate::permissions::Arrival;
use crate::store::series::recent;

const HOUR_MINUTES: i64 = 60;

/// Against what a rule or topic could not hand over to one of these targets.
pub(super) fn not_handed_over(view: &View<'_>, targets: &[&Edge]) -> String {
    let may = |edge: &&Edge| view.topology.arrivals.get(&edge.key) == Some(&Arrival::Arrives);
    let is_topic = Arn::parse(view.node.id.as_str()).is_some_and(|arn| arn.service == "sns");
    let (whose, who, then) = if is_topic {
        (
            "subscriber",
            "subscription",
            "check whether the subscriber was throttled or unavailable",
        )
    } else {
        (
            "target",
            "target",
            "check whether the target was throttled or unavailable, and the retry policy",
        )
    };
    if !targets.is_empty() && targets.iter().all(may) {
        return format!("the {whose}'s policy allows it now: {then}; add a DLQ to each {who}");
    }
    format!("check the {whose}'s permission (resource policy or role), then add a DLQ to each {who}")
}

/// Against what Lambda dropped of a function's asynchronous events.
pub(super) fn dropped(view: &View<'_>) -> String {
    const KEEP: &str = "add a DLQ or an on-failure destination";
    let Detail::Function(function) = &view.node.detail else {
        return format!("fix the function, then {KEEP}");
    };
    // AWS: with a reserved concurrency of 0 events are dropped at once, without an attempt.
    if function.reserved_concurrency == Some(0) {
        return format!("its reserved concurrency is 0, so that nothing is invoked: raise it, then {KEEP}");
    }
    let count = |metric| {
        let series = view.vitals.metrics.get(&metric);
        series.map_or(0.0, |series| recent(&series.points, view.read.metrics, HOUR_MINUTES))
    };
    let has_failed = |outcome| !matches!(outcome, RunOutcome::Ok | RunOutcome::Running | RunOutcome::Unknown);
    let runs = view.invocations.get(&view.node.id);
    let failed = count(Metric::Errors) > 0.0 || runs.is_some_and(|runs| runs.iter().any(|run| has_failed(run.outcome)));
    if !failed && count(Metric::Throttles) > 0.0 {
        return format!(
            "it was throttled until events were too old, and did not fail: raise its concurrency or the maximum event age, then \
             {KEEP}"
        );
    }
    format!("fix the function, then {KEEP}")
}
