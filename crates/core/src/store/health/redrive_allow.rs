//! A dead-letter queue that does not allow its source.

use super::View;
use super::words::{Next, What, Why};
use crate::domain::{Detail, EdgeKind};
use crate::store::snapshot::{Severity, Trouble};

/// A queue whose dead-letter queue has a redrive allow policy without it. AWS (dead-letters): no queue can then be given this dead-letter
/// queue, so the policy came later; what happens to a message at its maxReceiveCount is not documented, so a loss is not
/// certain.
pub(super) fn is_not_let_in(view: &View<'_>) -> Option<Trouble> {
    let Detail::Queue(own) = &view.node.detail else {
        return None;
    };
    let out = view.neighbours.out(&view.node.id).iter();
    out.filter(|edge| edge.key.kind == EdgeKind::DeadLetter)
        .find_map(|edge| {
            let Detail::Queue(dead) = &view.topology.nodes.get(&edge.key.to)?.detail else {
                return None;
            };
            let permission = dead.redrive_permission.as_deref()?;
            let is_named = dead.redrive_sources.iter().any(|arn| arn == view.node.id.as_str());
            let is_refused = match permission {
                "denyAll" => true,
                // AWS (sqs): without a list it would not have been taken.
                "byQueue" => !dead.redrive_sources.is_empty() && !is_named,
                _ => false,
            };
            let queue = &edge.key.to;
            is_refused.then(|| Trouble {
                why: Why::RedriveAllowPolicy {
                    queue: queue.clone(),
                    permission: permission.to_owned(),
                    receives: own.max_receive_count,
                }
                .into(),
                next: Next::AllowSource { queue: queue.clone() }.into(),
                ..view.trouble(Severity::Warning, What::RefusedByDlq { queue: queue.clone() })
            })
        })
}
