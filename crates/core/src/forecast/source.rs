//! Deliveries that never reached the function: a rule, a topic or a schedule could not hand the event over. These have
//! retries and dead-letter queues of their own, apart from those of the function.

use std::collections::BTreeSet;

use super::input::Input;
use super::policy::MEMORY;
use super::words::count;
use crate::domain::delivery::{Certainty, Delivery, End, Fate, Pattern};
use crate::domain::{Edge, EdgeKind, Metric, NodeId};

/// What the metrics of rules and topics count as given up in the last hour.
pub(super) fn failures(input: &Input) -> Vec<Delivery> {
    let mut rows = Vec::new();
    for ((id, metric), measured) in &input.metrics {
        let words = match metric {
            Metric::RuleFailures => "metric FailedInvocations",
            Metric::NotificationsFailed => "metric NumberOfNotificationsFailed",
            Metric::NotificationsLost => "metric NumberOfNotificationsFailedToRedriveToDlq",
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
        rows.push(Delivery {
            source: Some((*id).clone()),
            end: Some(End {
                fate,
                at: Some(last.at),
                not_before: None,
                to,
                evidence: Certainty::Observed,
                why: format!("{} could not be handed over ({words}): {lands}", count(events, "event")),
            }),
            count: events,
            notes: target_notes(input, id),
            ..Delivery::new(format!("delivery {id}"), (*id).clone(), Pattern::SourceDelivery)
        });
    }
    rows
}

/// Where they are: the metric does not tell which target or subscriber they were for, so that the dead-letter queue of one is
/// their place only where it is the only one.
fn lands(input: &Input, id: &NodeId, metric: Metric) -> (Fate, Option<NodeId>, String) {
    let queues: BTreeSet<&NodeId> = leaving(input, id, EdgeKind::DeadLetter)
        .map(|edge| &edge.key.to)
        .collect();
    let targets = leaving(input, id, EdgeKind::Trigger).count();
    let mut only = queues.iter();
    match (metric, only.next(), queues.len()) {
        (Metric::NotificationsLost, _, _) | (_, None, _) => (
            Fate::Dropped,
            None,
            "they are lost: no dead-letter queue took them".to_owned(),
        ),
        (_, Some(queue), 1) if targets == 1 => (
            Fate::DeadLetter,
            Some((*queue).clone()),
            format!("they land in {}", input.name(queue)),
        ),
        _ => {
            let names: Vec<&str> = queues.iter().map(|queue| input.name(queue)).collect();
            let why = format!(
                "which target they were for is not told, so that they lie in {} or are lost",
                names.join(", ")
            );
            (Fate::Unknown, None, why)
        }
    }
}

fn leaving<'a>(input: &Input<'a>, source: &NodeId, kind: EdgeKind) -> impl Iterator<Item = &'a Edge> {
    let edges = input.edges.iter().map(AsRef::as_ref);
    edges.filter(move |edge: &&Edge| edge.key.from == *source && edge.key.kind == kind)
}

/// How often each target would have been tried. AWS: EventBridge 185 times in 24 h unless set otherwise, and not at all
/// where the target is gone or forbidden.
fn target_notes(input: &Input, source: &NodeId) -> Vec<String> {
    let mut notes = Vec::new();
    for edge in leaving(input, source, EdgeKind::Trigger) {
        let retries = edge.policies.iter().find_map(|policy| policy.retries.max);
        if let Some(retries) = retries {
            notes.push(format!(
                "{} is tried again {retries} times at the most",
                input.name(&edge.key.to)
            ));
        }
    }
    notes
}
