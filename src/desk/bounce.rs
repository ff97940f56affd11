//! When a message that fails again can be back in its dead-letter queue.

use jiff::SignedDuration;

use crate::domain::{Detail, EdgeKind, NodeId};
use crate::redrive::way::Target;
use crate::store::snapshot::Topology;

/// AWS: an asynchronous event that fails is tried again after 1 minute and then 2; measured 66 s and 197 s after the start.
const ASYNC_WAITS_S: [i64; 2] = [60, 120];

/// The earliest time from sending to being back; nothing where that is not known.
#[must_use]
pub fn after(target: &Target, topology: &Topology) -> Option<SignedDuration> {
    match target {
        Target::Queue { arn, .. } => queue(&NodeId::from(arn.as_str()), topology),
        Target::Event { arn } => {
            let (function, _) = crate::domain::Arn::parse(arn)?.node();
            let policies = topology.from(&function).flat_map(|edge| &edge.policies);
            let retries = policies
                .filter(|policy| policy.retried_by.as_deref() == Some("lambda"))
                .find_map(|policy| policy.max_retries);
            let retries = usize::try_from(retries.unwrap_or(2)).unwrap_or(ASYNC_WAITS_S.len());
            Some(SignedDuration::from_secs(ASYNC_WAITS_S.iter().take(retries).sum()))
        }
        Target::Run { .. } | Target::Topic { .. } => None,
    }
}

/// AWS: a message moves when it would be received once more than its queue allows: after that many visibility timeouts.
fn queue(id: &NodeId, topology: &Topology) -> Option<SignedDuration> {
    let Detail::Queue(queue) = &topology.nodes.get(id)?.detail else {
        return None;
    };
    let has_redrive = topology.from(id).any(|edge| edge.key.kind == EdgeKind::DeadLetter);
    let receives = queue.max_receive_count.filter(|_| has_redrive)?;
    Some(SignedDuration::from_secs(
        i64::from(receives) * i64::from(queue.visibility_timeout_s),
    ))
}
