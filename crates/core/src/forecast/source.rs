//! Deliveries that never reached the function: a rule, a topic or a schedule could not deliver the event. They have their
//! own retries and dead-letter queues.

use std::collections::BTreeSet;

use super::input::Input;
use super::policy::MEMORY;
use super::words::{Lands, Said};
use crate::domain::delivery::{Certainty, Delivery, End, Fate, Pattern};
use crate::domain::phrase::Phrase;
use crate::domain::{Edge, EdgeKind, Metric, NodeId};

/// What the metrics of rules and topics count as given up in the last hour.
pub(super) fn failures(input: &Input) -> Vec<Delivery> {
    let mut rows = Vec::new();
    for ((id, metric), measured) in &input.metrics {
        let name = match metric {
            Metric::RuleFailures => "FailedInvocations",
            Metric::NotificationsFailed => "NumberOfNotificationsFailed",
            Metric::NotificationsLost => "NumberOfNotificationsFailedToRedriveToDlq",
            _ => continue,
        };
        let events = measured.total(input.now, MEMORY);
        let Some(last) = measured.points.iter().rev().find(|point| point.value > 0.0) else {
            continue;
        };
        if events == 0 {
            continue;
        }
        let (fate, to, lands) = lands(input, id, *metric);
        let why = Said::NotDelivered {
            events,
            metric: name,
            lands,
        };
        rows.push(Delivery {
            source: Some((*id).clone()),
            end: Some(End {
                at: Some(last.at),
                to,
                ..End::new(fate, Certainty::Observed, why)
            }),
            count: events,
            notes: target_notes(input, id),
            ..Delivery::new(format!("delivery {id}"), (*id).clone(), Pattern::SourceDelivery)
        });
    }
    rows
}

/// Where they are. The metric does not name the target or subscriber, so the dead-letter queue is known only if there is
/// just one.
fn lands(input: &Input, id: &NodeId, metric: Metric) -> (Fate, Option<NodeId>, Lands) {
    let queues: BTreeSet<&NodeId> = leaving(input, id, EdgeKind::DeadLetter)
        .map(|edge| &edge.key.to)
        .collect();
    let targets = leaving(input, id, EdgeKind::Trigger).count();
    let mut only = queues.iter();
    match (metric, only.next(), queues.len()) {
        (Metric::NotificationsLost, _, _) | (_, None, _) => (Fate::Dropped, None, Lands::DroppedBySource),
        (_, Some(queue), 1) if targets == 1 => {
            let lands = Lands::AllIn {
                queue: input.name(queue).to_owned(),
            };
            (Fate::DeadLetter, Some((*queue).clone()), lands)
        }
        _ => {
            let queues = queues.iter().map(|queue| input.name(queue).to_owned());
            let queues = queues.collect();
            (Fate::Unknown, None, Lands::OneOf { queues })
        }
    }
}

fn leaving<'a>(input: &Input<'a>, source: &NodeId, kind: EdgeKind) -> impl Iterator<Item = &'a Edge> {
    let edges = input.edges.iter().map(AsRef::as_ref);
    edges.filter(move |edge: &&Edge| edge.key.from == *source && edge.key.kind == kind)
}

/// The number of attempts per target. AWS (delivery): EventBridge makes 185 within 24 h by default, and none if the target is deleted
/// or not permitted.
fn target_notes(input: &Input, source: &NodeId) -> Vec<Phrase> {
    let mut notes = Vec::new();
    for edge in leaving(input, source, EdgeKind::Trigger) {
        let retries = edge.policies.iter().find_map(|policy| policy.retries.max);
        if let Some(retries) = retries.and_then(|retries| u64::try_from(retries).ok()) {
            let target = input.name(&edge.key.to).to_owned();
            notes.push(Said::TargetRetries { target, retries }.into());
        }
    }
    notes
}
