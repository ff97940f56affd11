//! Waiting dead letters, queues that nothing reads, backlogs.

use jiff::SignedDuration;

use super::words::{Next, What, Why};
use super::{FRESH, View, whole};
use crate::domain::phrase::Exact;
use crate::domain::{Detail, EdgeKind, NodeId, NodeKind};
use crate::store::coming::{Cause, Coming, is_near};
use crate::store::short::{Short, dead_letter_queue_too_short, queue_too_short};
use crate::store::snapshot::{Kind, Severity, Trouble};

pub(super) fn dead_letters_wait(view: &View<'_>) -> Option<Trouble> {
    let depth = view.vitals.depth.filter(|depth| depth.value.total() > 0)?;
    let feeders = view.dead_letter_feeders();
    if feeders.is_empty() {
        return None;
    }
    let count = depth.value.total();
    // A work queue that is also a dead-letter queue or on-failure destination: its messages are being processed, and
    // backlogs are another rule.
    if !view.readers().is_empty() {
        return None;
    }
    let queue = match &view.node.detail {
        Detail::Queue(queue) => Some(queue),
        _ => None,
    };
    let retention = queue.map(|queue| queue.retention_s).filter(|seconds| *seconds > 0);
    let queues = feeders.into_iter().map(str::to_owned).collect();
    let (what, why) = if view.is_fed_otherwise() {
        // Counts do not distinguish messages.
        (What::MaybeDeadLetters { count }, Why::FromPerhaps { queues })
    } else {
        (What::DeadLetters { count }, Why::From { queues })
    };
    Some(Trouble {
        kind: Kind::DeadLetters,
        since: view.filled_since,
        why: why.into(),
        next: Next::ExpiresAfter {
            retention: retention.map(|retention_s| seconds(retention_s.into())),
            // AWS (dead-letters): a message in a standard queue keeps its time; in a FIFO queue it begins anew when it is moved.
            from_arrival: queue.is_some_and(|queue| queue.fifo),
        }
        .into(),
        ..view.trouble(Severity::Warning, what)
    })
}

/// A failing message expires before it can be moved, by the queue's settings.
pub(super) fn forgets_before_dead_letter(view: &View<'_>) -> Option<Trouble> {
    let short = queue_too_short(view.node, view.neighbours.out(&view.node.id), view.topology)?;
    let Short::QueueRetention {
        retention_s,
        receives,
        visibility_s,
    } = short
    else {
        return None;
    };
    // While its consumer fails, what the settings threaten is under way.
    let reader = failing_consumer(view);
    let failing = reader.is_some();
    let (severity, what) = if failing {
        (Severity::Failing, What::LosesFailing)
    } else {
        (Severity::Warning, What::RetentionBeforeDlq)
    };
    Some(Trouble {
        kind: Kind::ForgetsBeforeDeadLetter,
        link: reader.cloned(),
        why: Why::Receives {
            retention: seconds(retention_s),
            visibility: seconds(visibility_s),
            receives,
        }
        .into(),
        next: Next::QueueSettings { failing }.into(),
        ..view.trouble(severity, what)
    })
}

/// A function that reads the queue and of which an invocation failed lately.
fn failing_consumer<'v>(view: &View<'v>) -> Option<&'v NodeId> {
    let out = view.neighbours.out(&view.node.id).iter();
    let mut readers = out.filter(|edge| edge.key.kind == EdgeKind::Trigger && edge.enabled);
    let fails = |id: &NodeId| {
        view.invocations.get(id).is_some_and(|runs| {
            runs.iter().any(|run| {
                let at = run.end.or(run.start);
                run.outcome.is_failure() && at.is_some_and(|at| view.read.logs.duration_since(at) < FRESH)
            })
        })
    };
    readers.find(|edge| fails(&edge.key.to)).map(|edge| &edge.key.to)
}

/// A dead-letter queue whose retention is no longer than that of its source.
pub(super) fn keeps_dead_letters_too_short(view: &View<'_>) -> Option<Trouble> {
    let short = dead_letter_queue_too_short(view.node, view.neighbours.into(&view.node.id), view.topology)?;
    let Short::DeadLetterRetention {
        source,
        retention_s,
        source_s,
    } = short
    else {
        return None;
    };
    let (severity, kind, what) = if retention_s < source_s {
        (Severity::Warning, Kind::KeptShorter, What::RetentionShorter { source })
    } else {
        (Severity::Notice, Kind::KeptNoLonger, What::RetentionNoLonger { source })
    };
    Some(Trouble {
        kind,
        why: Why::Retentions {
            here: seconds(retention_s),
            there: seconds(source_s),
        }
        .into(),
        next: Next::RaiseDlqRetention.into(),
        ..view.trouble(severity, what)
    })
}

fn seconds(s: u64) -> SignedDuration {
    SignedDuration::from_secs(i64::try_from(s).unwrap_or(i64::MAX))
}

pub(super) fn nobody_reads(view: &View<'_>) -> Option<Trouble> {
    let depth = view.vitals.depth.filter(|depth| depth.value.visible > 0)?;
    // Counted down to their loss elsewhere.
    let is_told =
        |one: &Coming| one.of == view.node.id && one.cause == Cause::NobodyReads && is_near(one, view.read.logs);
    if view.coming.iter().any(is_told) {
        return None;
    }
    let out = view.neighbours.out(&view.node.id);
    let mut readers = out.iter().filter(|edge| edge.key.kind == EdgeKind::Trigger).peekable();
    readers.peek()?;
    readers.all(|edge| !edge.enabled).then(|| Trouble {
        since: view.filled_since,
        why: Why::MappingDisabled.into(),
        next: Next::WaitsUntilEnabled.into(),
        ..view.trouble(
            Severity::Warning,
            What::NobodyReads {
                count: depth.value.visible,
            },
        )
    })
}

/// Whether a queue fills faster than it is emptied: what the heavy line says, and the same as its trouble.
#[must_use]
pub fn backs_up(view: &View<'_>) -> bool {
    backlog_grows(view).is_some()
}

pub(super) fn backlog_grows(view: &View<'_>) -> Option<Trouble> {
    let is_dead_end = !view.dead_letter_feeders().is_empty() && view.readers().is_empty();
    if view.node.kind != NodeKind::Sqs || is_dead_end {
        return None;
    }
    let points: Vec<f64> = view
        .vitals
        .depths
        .iter()
        .rev()
        .take(10)
        .map(|point| point.value)
        .collect();
    let (now, before) = (*points.first()?, *points.last()?);
    // Five minutes at least, twice as many, and not a handful.
    let grows = points.len() >= 5 && now >= 10.0 && now > before * 2.0 && points.windows(2).all(|w| w[0] >= w[1]);
    grows.then(|| Trouble {
        why: Why::Grew {
            from: whole(before),
            to: whole(now),
            within: Exact(SignedDuration::from_mins(i64::try_from(points.len() - 1).unwrap_or(0))),
        }
        .into(),
        next: Next::ReadersTooSlow.into(),
        ..view.trouble(Severity::Warning, What::BacksUp { count: whole(now) })
    })
}
