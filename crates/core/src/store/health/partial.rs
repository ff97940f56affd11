//! Successful invocations that report failed items: neither a log line nor a metric of the function shows them.

use jiff::SignedDuration;

use super::words::{Next, What, Why};
use super::{FRESH, View};
use crate::domain::{Edge, EdgeKind, Metric};
use crate::store::HOUR;
use crate::store::series::recent;
use crate::store::snapshot::{Runs, Severity, Trouble};

/// Minutes within which another cause would have shown: a message uses up its receives over a while.
const HOUR_MINUTES: i64 = 60;

/// Messages move to the DLQ of a queue that only this function reads, and none of its invocations failed or was throttled:
/// with `ReportBatchItemFailures` on, it returned them.
pub(super) fn gives_back(view: &View<'_>) -> Option<Trouble> {
    view.function()?;
    let runs = view.vitals.runs.as_ref()?;
    let is_quiet = |metric| {
        let series = view.vitals.metrics.get(&metric);
        series.is_none_or(|series| recent(&series.points, view.read.metrics, HOUR_MINUTES) < 0.5)
    };
    let none_failed = recent(&runs.failures, view.read.logs, HOUR_MINUTES) < 0.5 && runs.failed_in_row == 0;
    if !(none_failed && is_quiet(Metric::Errors) && is_quiet(Metric::Throttles)) {
        return None;
    }
    let into = view.neighbours.into(&view.node.id).iter();
    let partial = into.filter(|edge| is_partial(edge) && is_only_reader(view, edge));
    let dead = partial.flat_map(|edge| view.neighbours.out(&edge.key.from));
    let (moved, minutes, queue) = dead
        .filter(|edge| edge.key.kind == EdgeKind::DeadLetter && is_only_feeder(view, edge))
        .filter_map(|edge| {
            let held = view.queues.get(&edge.key.to)?;
            // What was there at the first look came in the last hour if the oldest of them did.
            let is_new = held.oldest_s.is_some_and(|age| age <= 3_600.0) && ran_for_an_hour(runs, view);
            let (moved, minutes) = match held.grown {
                0 if is_new => (held.total, HOUR_MINUTES),
                grown => (grown, FRESH.as_secs() / 60),
            };
            Some((moved, minutes, &edge.key.to))
        })
        .max_by_key(|(moved, ..)| *moved)
        .filter(|(moved, ..)| *moved > 0)?;
    Some(Trouble {
        why: Why::ReportedItems.into(),
        next: Next::ItsOwnLog.into(),
        ..view.trouble(
            Severity::Warning,
            What::PartialFailures {
                count: moved,
                queue: queue.clone(),
                within: SignedDuration::from_mins(minutes),
            },
        )
    })
}

/// Whether it succeeded lately, and its errors and throttles of a whole hour were read: whatever failed would have shown.
fn ran_for_an_hour(runs: &Runs, view: &View<'_>) -> bool {
    let is_read = |metric| {
        view.vitals
            .metrics
            .get(&metric)
            .is_some_and(|series| series.read_at.is_some())
    };
    let succeeded = runs.last_success.is_some_and(|at| at > view.read.logs - HOUR);
    succeeded && is_read(Metric::Errors) && is_read(Metric::Throttles)
}

fn is_partial(edge: &Edge) -> bool {
    edge.key.kind == EdgeKind::Trigger
        && edge.enabled
        && edge
            .policies
            .iter()
            .any(|policy| policy.batching.partial_response == Some(true))
}

fn is_only_reader(view: &View<'_>, edge: &Edge) -> bool {
    let out = view.neighbours.out(&edge.key.from).iter();
    let mut others = out.filter(|other| other.key.kind == EdgeKind::Trigger && other.enabled);
    others.all(|other| other.key.to == edge.key.to)
}

fn is_only_feeder(view: &View<'_>, dead: &Edge) -> bool {
    let mut into = view.neighbours.into(&dead.key.to).iter();
    into.all(|other| other.key.from == dead.key.from && other.key.kind == EdgeKind::DeadLetter)
}
