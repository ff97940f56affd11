//! Which target of a rule or topic loses undelivered events: AWS's metrics do not show it.

use std::collections::BTreeSet;

use jiff::SignedDuration;

use super::View;
use super::words::Why;
use crate::domain::{Arn, Edge, EdgeKind, Invocation, NodeId};
use crate::permissions::Arrival;
use crate::store::arrivals::keeper;

/// Why a target may be the one whose events are lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Suspicion {
    /// It is the only one without a dead-letter queue.
    NoDeadLetterQueue,
    /// By configuration nothing can be delivered to it, and no dead-letter queue keeps it.
    Cut,
    /// It is the only one of them that was not invoked.
    NotInvoked,
    /// It cannot be distinguished from the others.
    OneOfSeveral,
}

/// What the metric says of a rule's or topic's targets, and what follows for each of them.
pub(super) fn not_handed_over(view: &View<'_>) -> Why {
    let topic = is_topic(view);
    let metric = if topic {
        "NumberOfNotificationsFailed"
    } else {
        "FailedInvocations"
    };
    let targets = targets(view);
    let suspects = suspects(view);
    let named: Vec<NodeId> = suspects.iter().map(|(id, _)| (*id).clone()).collect();
    match (&targets[..], &suspects[..]) {
        ([], _) | (_, []) => Why::Metric { metric },
        ([only], _) => Why::NotDelivered {
            metric,
            to: vec![only.key.to.clone()],
        },
        (_, [(_, Suspicion::NoDeadLetterQueue)]) => Why::NotDelivered { metric, to: named },
        (_, [(_, Suspicion::Cut), ..]) => Why::Unreachable { metric, to: named },
        (_, [(only, Suspicion::NotInvoked)]) => Why::NotInvoked {
            metric,
            topic,
            target: (*only).clone(),
        },
        (_, _) => Why::OneOf {
            metric,
            topic,
            targets: named,
        },
    }
}

/// The sentence about dead-letter queues that could not be written, and their target.
pub(super) fn unwritten(view: &View<'_>) -> Why {
    let metric = if is_topic(view) {
        "NumberOfNotificationsFailedToRedriveToDlq"
    } else if Arn::parse(view.node.id.as_str()).is_some_and(|arn| arn.service == "events") {
        "InvocationsFailedToBeSentToDlq"
    } else {
        "InvocationsFailedToBeSentToDeadLetterCount"
    };
    let out = view.neighbours.out(&view.node.id);
    let queues: BTreeSet<&NodeId> = out
        .iter()
        .filter(|edge| edge.key.kind == EdgeKind::DeadLetter && view.arrivals.cut.contains_key(&edge.key))
        .map(|edge| &edge.key.to)
        .collect();
    let queues: Vec<NodeId> = queues.into_iter().cloned().collect();
    let lost = cut_and_unkept(view);
    let to: Vec<NodeId> = lost.iter().map(|edge| edge.key.to.clone()).collect();
    match (to.is_empty(), queues.is_empty()) {
        (_, true) => Why::DlqUnwritten { metric },
        (true, false) => Why::DlqsUnwritable { metric, queues },
        (false, false) => Why::UnreachableAndUnwritable { metric, to, queues },
    }
}

pub(super) fn is_topic(view: &View<'_>) -> bool {
    Arn::parse(view.node.id.as_str()).is_some_and(|arn| arn.service == "sns")
}

fn targets<'a>(view: &View<'a>) -> Vec<&'a Edge> {
    let out = view.neighbours.out(&view.node.id).iter().copied();
    out.filter(|edge| edge.key.kind == EdgeKind::Trigger).collect()
}

/// Targets that cannot be reached by configuration, and whose dead-letter queue is missing, deleted or cannot be written.
pub(super) fn cut_and_unkept<'a>(view: &View<'a>) -> Vec<&'a Edge> {
    let out = view.neighbours.out(&view.node.id);
    let mut cut = targets(view);
    cut.retain(|edge| view.arrivals.cut.contains_key(&edge.key) && keeper(edge, out, view.arrivals).is_none());
    cut
}

/// The candidates: by configuration, or if that has none, by what was seen to arrive. A target that is reached is no
/// candidate if another may be.
fn suspects<'a>(view: &View<'a>) -> Vec<(&'a NodeId, Suspicion)> {
    let all = |edges: &[&'a Edge], why| -> Vec<_> { edges.iter().map(|edge| (&edge.key.to, why)).collect() };
    let cut = cut_and_unkept(view);
    if !cut.is_empty() {
        return all(&cut, Suspicion::Cut);
    }
    let unkept = without_dead_letter_queue(view);
    let reached = |edge: &Edge| {
        view.topology.arrivals.get(&edge.key) == Some(&Arrival::Arrives) && is_function(edge) && ran(view, edge)
    };
    // Whether the queue of another can be written may not be known.
    let out = view.neighbours.out(&view.node.id).iter();
    let mut queues = out.filter(|edge| edge.key.kind == EdgeKind::DeadLetter);
    let all_written = queues.all(|edge| view.topology.arrivals.get(&edge.key) == Some(&Arrival::Arrives));
    let mut among = unkept.clone();
    if unkept.len() > 1 || !all_written {
        among.retain(|edge| !reached(edge));
    }
    match &among[..] {
        // By elimination: of all others it is known that nothing of theirs is lost.
        [] if all_written && unkept.len() == 1 => all(&unkept, Suspicion::NoDeadLetterQueue),
        [] => {
            let mut others = targets(view);
            others.retain(|edge| !reached(edge));
            all(&others, Suspicion::OneOfSeveral)
        }
        [_] if unkept.len() == 1 => all(&among, Suspicion::NoDeadLetterQueue),
        among => {
            let idle: Vec<&Edge> = among.iter().copied().filter(|edge| !ran(view, edge)).collect();
            match &idle[..] {
                // Targets that are not functions have no log.
                [only] if is_function(only) => all(&idle, Suspicion::NotInvoked),
                _ => all(among, Suspicion::OneOfSeveral),
            }
        }
    }
}

fn is_function(edge: &Edge) -> bool {
    Arn::parse(edge.key.to.as_str()).is_some_and(|arn| arn.service == "lambda")
}

/// Whether an invocation of the target was seen in the last hour.
fn ran(view: &View<'_>, edge: &Edge) -> bool {
    let hour = SignedDuration::from_hours(1);
    let recent = |run: &Invocation| run.start.is_some_and(|at| view.read.logs.duration_since(at) <= hour);
    let runs = view.invocations.get(&edge.key.to);
    runs.is_some_and(|runs| runs.iter().any(|run| recent(run)))
}

/// The targets whose lost events nothing keeps: those without a dead-letter queue; all of them if each has one. A target's
/// DLQ never gets another's events.
pub(super) fn without_dead_letter_queue<'a>(view: &View<'a>) -> Vec<&'a Edge> {
    let out = view.neighbours.out(&view.node.id);
    let dead = out.iter().filter(|edge| edge.key.kind == EdgeKind::DeadLetter);
    // A rule's dead-letter edge has the id of its target, a topic's the ARN of its subscription.
    let kept: Vec<&str> = dead
        .flat_map(|edge| &edge.policies)
        .filter_map(|policy| policy.id.as_deref())
        .collect();
    let triggers = targets(view);
    let is_unkept = |edge: &&'a Edge| {
        let mut ids = edge.policies.iter().map(|policy| policy.id.as_deref());
        edge.policies.is_empty() || ids.any(|id| id.is_none_or(|id| !kept.contains(&id)))
    };
    let unkept: Vec<&Edge> = triggers.iter().copied().filter(is_unkept).collect();
    if unkept.is_empty() { triggers } else { unkept }
}
