//! Why events of a node are lost, in a few words: what stood in their way, and what did not keep them.

use super::losses::{because, gone_keeper, unheard_keeper};
use super::words::Because;
use super::{View, cures, suspects};
use crate::domain::{EdgeKind, NodeId, NodeKind};
use crate::permissions::does;
use crate::store::losses::{Loss, Way};

/// Of one loss.
pub(super) fn of(view: &View<'_>, loss: &Loss) -> Vec<Because> {
    let kept = || because(loss);
    match loss.way {
        Way::NotHandedOver => way_cut(view).into_iter().chain([kept()]).collect(),
        Way::DeadLetterUnwritten if view.function().is_none() => way_cut(view).into_iter().chain([kept()]).collect(),
        Way::DeadLetterUnwritten => {
            vec![gone_keeper(view, loss.way).map_or_else(kept, |id| Because::DlqGone { name: id.clone() })]
        }
        Way::DestinationUnreached => {
            vec![gone_keeper(view, loss.way).map_or_else(kept, |id| Because::DestinationGone { name: id.clone() })]
        }
        Way::Dropped => {
            let keeper = unheard_keeper(view).filter(|_| loss.unheard);
            let keeper = keeper.map_or_else(kept, |topic| Because::TopicUnheard { topic: topic.clone() });
            cures::not_invoked(view).into_iter().chain([keeper]).collect()
        }
        Way::Expired => {
            vec![queue_of(view).map_or_else(kept, |queue| Because::ExpiredIn { queue })]
        }
        Way::Returned => {
            vec![queue_of(view).map_or_else(kept, |queue| Because::ItemsExpiredIn { queue })]
        }
        Way::Skipped | Way::TooOld => vec![kept()],
    }
}

/// What a rule or topic cannot do for a target, where configuration tells it.
fn way_cut(view: &View<'_>) -> Option<Because> {
    let cut = suspects::cut_and_unkept(view);
    let does = does(cut.first()?);
    Some(match cut.len() - 1 {
        0 => Because::Cannot { does },
        more => Because::CannotAndMore { does, more },
    })
}

/// The queue that a function reads, where it reads only one.
pub(super) fn queue_of(view: &View<'_>) -> Option<NodeId> {
    view.function()?;
    let into = view.neighbours.into(&view.node.id).iter();
    let triggers = into.filter(|edge| edge.key.kind == EdgeKind::Trigger && edge.enabled);
    let is_queue = |id: &NodeId| {
        view.topology
            .nodes
            .get(id)
            .is_some_and(|node| node.kind == NodeKind::Sqs)
    };
    let mut queues = triggers.map(|edge| &edge.key.from).filter(|id| is_queue(id));
    queues.next().filter(|_| queues.next().is_none()).cloned()
}
