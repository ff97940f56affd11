//! Dead letters that wait, queues that nobody reads, backlogs.

use super::{FRESH, View};
use crate::domain::duration::span;
use crate::domain::{Detail, EdgeKind, NodeKind};
use crate::store::coming::{Cause, Coming, Short, dead_letter_queue_too_short, is_near, queue_too_short};
use crate::store::snapshot::{Kind, Severity, Trouble};

pub(super) fn dead_letters_wait(view: &View<'_>) -> Option<Trouble> {
    let depth = view.vitals.depth.filter(|depth| depth.value.total() > 0)?;
    let feeders = view.dead_letter_feeders();
    if feeders.is_empty() {
        return None;
    }
    let count = depth.value.total();
    // A work queue that is also somebody's dead-letter queue or on-failure destination: its messages are under way, and
    // whether they pile up is another rule's question.
    if !view.readers().is_empty() {
        return None;
    }
    let retention = if let Detail::Queue(queue) = &view.node.detail {
        queue.retention_s
    } else {
        0
    };
    let from = feeders.join(", ");
    let (what, why) = match (count, view.is_fed_otherwise()) {
        (1, false) => ("1 dead letter".to_owned(), format!("from {from}")),
        (_, false) => (format!("{count} dead letters"), format!("from {from}")),
        // Counts do not tell one message from another.
        (1, true) => (
            "1 message, perhaps a dead letter".to_owned(),
            format!("dead letters come from {from}"),
        ),
        (_, true) => (
            format!("{count} messages, perhaps dead letters"),
            format!("dead letters come from {from}"),
        ),
    };
    Some(Trouble {
        kind: Kind::DeadLetters,
        since: view.filled_since,
        why: why.into(),
        next: format!("each is deleted {} after it was first sent", span(i64::from(retention))).into(),
        ..view.trouble(Severity::Warning, what)
    })
}

/// A failing message is deleted before it can be moved: its settings alone tell.
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
    let (kept, hidden) = (seconds(retention_s), seconds(visibility_s));
    // While its consumer fails, what the settings threaten is under way.
    let (severity, what, what_for) = if consumer_fails(view) {
        (
            Severity::Failing,
            "loses failing messages: its retention ends before its DLQ",
            "failing messages are deleted",
        )
    } else {
        (
            Severity::Warning,
            "its retention would end before its DLQ",
            "a message that failed each time would be deleted before its DLQ gets it",
        )
    };
    Some(Trouble {
        kind: Kind::ForgetsBeforeDeadLetter,
        why: format!("retention {kept}, visibility timeout {hidden} x maxReceiveCount {receives}").into(),
        next: format!("{what_for}: raise the retention, or lower maxReceiveCount or the visibility timeout").into(),
        ..view.trouble(severity, what)
    })
}

/// Whether an invocation of a function that reads the queue failed lately.
fn consumer_fails(view: &View<'_>) -> bool {
    let out = view.neighbours.out(&view.node.id).iter();
    let readers = out.filter(|edge| edge.key.kind == EdgeKind::Trigger && edge.enabled);
    readers
        .filter_map(|edge| view.invocations.get(&edge.key.to))
        .any(|runs| {
            runs.iter().any(|run| {
                let at = run.end.or(run.start);
                run.outcome.is_failure() && at.is_some_and(|at| view.read.logs.duration_since(at) < FRESH)
            })
        })
}

/// A dead-letter queue that deletes messages as soon as their source would, or sooner.
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
    let source = source.short_name();
    let (severity, kind, what) = if retention_s < source_s {
        (
            Severity::Warning,
            Kind::KeptShorter,
            format!("its retention is shorter than that of {source}"),
        )
    } else {
        (
            Severity::Notice,
            Kind::KeptNoLonger,
            format!("its retention is no longer than that of {source}"),
        )
    };
    Some(Trouble {
        kind,
        why: format!(
            "retention {} here, {} there; both count from when a message was first enqueued",
            seconds(retention_s),
            seconds(source_s)
        )
        .into(),
        next: "raise this retention (14 d at most): what waited long before it failed is deleted here soon, or at once"
            .into(),
        ..view.trouble(severity, what)
    })
}

fn seconds(s: u64) -> String {
    span(i64::try_from(s).unwrap_or(i64::MAX))
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
        why: "its event source mapping is disabled".into(),
        next: "messages wait until it is enabled, and are deleted when their retention ends".into(),
        ..view.trouble(
            Severity::Warning,
            format!("{} wait, and the mapping is off", depth.value.visible),
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
        why: format!("{before:.0} → {now:.0} messages in {} min", points.len() - 1).into(),
        next: "its readers do not keep up".into(),
        ..view.trouble(Severity::Warning, format!("backs up: {now:.0} messages"))
    })
}
