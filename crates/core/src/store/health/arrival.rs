//! Links along which nothing can arrive, told from configuration alone.

use super::View;
use crate::domain::duration::span;
use crate::domain::{Detail, EdgeKind, Node, NodeKind};
use crate::permissions::{Obstacle, Said, does, fix};
use crate::store::arrivals::{dead_letter_queue, keeper};
use crate::store::snapshot::{Kind, Severity, Trouble};

/// Whether a source tells that the node is gone: once is enough.
pub(super) fn is_told_at_source(view: &View<'_>) -> bool {
    let into = view.neighbours.into(&view.node.id).iter();
    into.filter_map(|edge| view.arrivals.cut.get(&edge.key))
        .any(|obstacle| *obstacle == Obstacle::Gone)
}

/// One trouble for each cut link that leaves the node: the source is where the event is.
pub(super) fn cut_links(view: &View<'_>) -> Vec<Trouble> {
    let out = view.neighbours.out(&view.node.id);
    let cut = out
        .iter()
        .filter_map(|edge| Some((*edge, view.arrivals.cut.get(&edge.key)?)));
    // What is disabled or has failed is told where it is.
    let cut = cut.filter(|(_, obstacle)| !matches!(obstacle, Obstacle::MappingOff | Obstacle::State(_)));
    cut.filter_map(|(edge, obstacle)| {
        let target = view.topology.nodes.get(&edge.key.to)?;
        let severity = match edge.key.kind {
            EdgeKind::Trigger => Severity::Failing,
            // Nothing fails yet: it is where the next failure would be lost.
            _ => Severity::Warning,
        };
        let waits = matches!(
            view.node.kind,
            NodeKind::Sqs | NodeKind::Kinesis | NodeKind::DynamodbStream | NodeKind::Documentdb
        );
        let kept = keeper(edge, out, view.arrivals);
        // What is polled waits at its source, and log events stay in their group.
        let stays = is_polled(view.node.kind) || view.node.kind == NodeKind::Logs;
        let kind = match (edge.key.kind, kept) {
            (EdgeKind::Trigger, None) if !stays => Kind::Unreached,
            (EdgeKind::Trigger, Some(_)) if !stays => Kind::Diverted,
            _ => Kind::Other,
        };
        let lost = match (edge.key.kind, kept) {
            // Nobody receives them, so that they are not moved to the source's dead-letter queue either.
            (EdgeKind::Trigger, _) if is_polled(view.node.kind) => polled(view.node),
            // Nobody takes it from there: it is moved, and not sent.
            (EdgeKind::DeadLetter, _) if waits => "what waits there is lost when its retention ends".to_owned(),
            (EdgeKind::Trigger, Some(queue)) => format!("every event goes to dead-letter queue {}", queue.short_name()),
            (EdgeKind::Trigger, None) => {
                let what = match view.node.kind {
                    NodeKind::Sns | NodeKind::Alarm => "every notification is lost",
                    // They stay in the group until its retention ends.
                    NodeKind::Logs => "none of its log events is delivered there",
                    _ => "every event is lost",
                };
                match (dead_letter_queue(edge, out), view.node.kind) {
                    (Some(queue), _) => {
                        format!(
                            "{what} (its dead-letter queue {} cannot be written)",
                            queue.short_name()
                        )
                    }
                    (None, NodeKind::Sns | NodeKind::Eventbridge) => format!("{what} (no dead-letter queue)"),
                    (None, _) => what.to_owned(),
                }
            }
            _ => "what should go there is lost".to_owned(),
        };
        let region = view.scope.map_or("", |scope| scope.region.as_str());
        let flags = [("--region", Some(region)), ("--profile", view.profile)];
        let flags = flags
            .into_iter()
            .filter_map(|(flag, value)| Some([flag, value.filter(|value| !value.is_empty())?]));
        let flags: Vec<&str> = flags.flatten().collect();
        let advice = fix(obstacle, target).and_then(|fix| fix.words(&flags));
        let next = match (advice, obstacle) {
            (Some(advice), _) => format!("{lost}; {advice}"),
            (None, Obstacle::AwsManagedKey(_)) => format!("{lost}; encrypt it with a customer managed key"),
            (None, Obstacle::Denied { statement, .. }) => format!("{lost}; change or remove statement {statement}"),
            (None, _) => lost,
        };
        let cannot = Said::Cannot {
            does: does(edge),
            why: obstacle.said().into(),
        };
        Some(Trouble {
            kind,
            why: obstacle.evidence(),
            next: next.into(),
            ..view.trouble(severity, cannot)
        })
    })
    .collect()
}

/// Whether Lambda polls the source, which keeps what is not taken.
fn is_polled(kind: NodeKind) -> bool {
    matches!(
        kind,
        NodeKind::Sqs
            | NodeKind::Kinesis
            | NodeKind::DynamodbStream
            | NodeKind::Kafka
            | NodeKind::Mq
            | NodeKind::Documentdb
    )
}

/// What becomes of what nobody polls.
fn polled(source: &Node) -> String {
    match &source.detail {
        Detail::Queue(queue) if queue.retention_s > 0 => format!(
            "its messages wait, and expire {} after they were first enqueued",
            span(i64::from(queue.retention_s))
        ),
        _ if source.kind == NodeKind::Sqs => "its messages wait until the retention ends".to_owned(),
        _ => "its records wait until the retention ends".to_owned(),
    }
}
