//! Links along which nothing can arrive, told from configuration alone.

use super::{View, name_of};
use crate::domain::{EdgeKind, NodeKind};
use crate::permissions::{Obstacle, does, fix};
use crate::store::arrivals::{dead_letter_queue, keeper};
use crate::store::snapshot::{Severity, Trouble};

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
        let lost = match (edge.key.kind, keeper(edge, out, view.arrivals)) {
            (EdgeKind::Trigger, Some(queue)) => format!("every event goes to dead-letter queue {}", name_of(queue)),
            (EdgeKind::Trigger, None) => {
                let what = match view.node.kind {
                    NodeKind::Sns => "every notification is lost",
                    _ => "every event is lost",
                };
                match (dead_letter_queue(edge, out), view.node.kind) {
                    (Some(queue), _) => {
                        format!("{what} (its dead-letter queue {} cannot be written)", name_of(queue))
                    }
                    (None, NodeKind::Sns | NodeKind::Eventbridge) => format!("{what} (no dead-letter queue)"),
                    (None, _) => what.to_owned(),
                }
            }
            _ => "what should go there is lost".to_owned(),
        };
        let region = view.scope.map_or("", |scope| scope.region.as_str());
        let flags: &[&str] = if region.is_empty() { &[] } else { &["--region", region] };
        let advice = fix(obstacle, target).and_then(|fix| fix.words(flags));
        let next = match (advice, obstacle) {
            (Some(advice), _) => format!("{lost}; {advice}"),
            (None, Obstacle::AwsManagedKey(_)) => format!("{lost}; encrypt it with a customer managed key"),
            (None, Obstacle::Denied { sid: Some(sid), .. }) => format!("{lost}; change or remove statement {sid}"),
            (None, _) => lost,
        };
        Some(Trouble {
            why: obstacle.evidence(),
            next,
            ..view.trouble(severity, format!("cannot {}: {}", does(edge), obstacle.words()))
        })
    })
    .collect()
}
