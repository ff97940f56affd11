//! Links that cannot deliver, by configuration alone.

use jiff::SignedDuration;

use super::View;
use super::words::{Next, Sent};
use crate::domain::phrase::Phrase;
use crate::domain::{Detail, Edge, EdgeKind, Node, NodeId, NodeKind};
use crate::permissions::{Obstacle, Said, does, fix, target_name};
use crate::store::arrivals::{dead_letter_queue, keeper};
use crate::store::snapshot::{Kind, Severity, Trouble};

/// Whether the missing node is already reported at a source: once is enough.
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
    // Disabled and failed nodes are reported themselves.
    let cut = cut.filter(|(_, obstacle)| !matches!(obstacle, Obstacle::MappingOff | Obstacle::State(_)));
    cut.filter_map(|(edge, obstacle)| {
        view.topology.nodes.get(&edge.key.to)?;
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
        // What is polled waits at its source. Log events stay in their group, but the subscriber never gets them.
        let stays = is_polled(view.node.kind);
        let kind = match (edge.key.kind, kept) {
            (EdgeKind::Trigger, None) if !stays => Kind::Unreached,
            (EdgeKind::Trigger, Some(_)) if !stays => Kind::Diverted,
            _ => Kind::Other,
        };
        let lost = match (edge.key.kind, kept) {
            // Nothing receives them, so they are not moved to the source's dead-letter queue either.
            (EdgeKind::Trigger, _) if is_polled(view.node.kind) => polled(view.node),
            // Nothing consumes it there: it is moved, not sent.
            (EdgeKind::DeadLetter, _) if waits => Next::WaitingLost,
            (EdgeKind::Trigger, Some(queue)) => Next::ToItsDlq { queue: queue.clone() },
            (EdgeKind::Trigger, None) => all_lost(view.node.kind, dead_letter_queue(edge, out)),
            _ => Next::SentLost,
        };
        let advice = advice(view, edge, obstacle).unwrap_or_default();
        let cannot = Said::Cannot {
            does: does(edge),
            why: obstacle.said().into(),
        };
        Some(Trouble {
            kind,
            link: Some(edge.key.to.clone()),
            why: obstacle.evidence(),
            next: Phrase::clauses([lost.into(), advice]),
            ..view.trouble(severity, cannot)
        })
    })
    .collect()
}

/// What would let through what a link sends; `None` if no one change is known to.
pub(super) fn advice(view: &View<'_>, edge: &Edge, obstacle: &Obstacle) -> Option<Phrase> {
    let region = view.scope.map_or("", |scope| scope.region.as_str());
    let flags = [("--region", Some(region)), ("--profile", view.profile)];
    let flags = flags
        .into_iter()
        .filter_map(|(flag, value)| Some([flag, value.filter(|value| !value.is_empty())?]));
    let flags: Vec<&str> = flags.flatten().collect();
    Some(match obstacle {
        Obstacle::AwsManagedKey(_) => Next::OwnKey.into(),
        Obstacle::Denied { statement, .. } => Next::ChangeStatement {
            statement: statement.clone(),
        }
        .into(),
        Obstacle::Gone => Next::CreateTarget {
            name: target_name(edge),
        }
        .into(),
        _ => {
            let target = view.topology.nodes.get(&edge.key.to)?;
            fix(obstacle, target)?.said(&flags)?.into()
        }
    })
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

/// What becomes of all that is sent along a link which nothing takes.
fn all_lost(source: NodeKind, unwritable: Option<&NodeId>) -> Next {
    Next::AllLost {
        what: match source {
            NodeKind::Sns | NodeKind::Alarm => Sent::Notifications,
            // They stay in the group until its retention ends.
            NodeKind::Logs => Sent::LogEvents,
            _ => Sent::Events,
        },
        unwritable: unwritable.cloned(),
        no_dlq: matches!(source, NodeKind::Sns | NodeKind::Eventbridge),
    }
}

/// What becomes of messages that nothing polls.
fn polled(source: &Node) -> Next {
    match &source.detail {
        Detail::Queue(queue) if queue.retention_s > 0 => Next::MessagesExpire {
            retention: SignedDuration::from_secs(queue.retention_s.into()),
        },
        _ if source.kind == NodeKind::Sqs => Next::MessagesWait,
        _ => Next::RecordsWait,
    }
}
