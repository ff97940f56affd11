//! The earliest time at which a message that fails again can be back in its dead-letter queue.

use jiff::SignedDuration;

use crate::domain::{Detail, EdgeKind, NodeId};
use crate::redrive::route::Target;
use crate::store::snapshot::Topology;

/// AWS (async): an asynchronous event that fails is retried after 1 minute and then 2; measured 66 s and 197 s after the start.
const ASYNC_WAITS_S: [i64; 2] = [60, 120];

/// AWS (async): `MaximumRetryAttempts` where nothing is set.
const ASYNC_RETRIES: u32 = 2;

/// The shortest time from sending to being back; `None` if unknown.
#[must_use]
pub fn after(target: &Target, topology: &Topology) -> Option<SignedDuration> {
    match target {
        Target::Queue { arn, .. } => queue(&NodeId::from(arn.as_str()), topology),
        Target::Event { arn } => {
            let (id, _) = crate::domain::Arn::parse(arn)?.node();
            let Detail::Function(function) = &topology.nodes.get(&id)?.detail else {
                return None;
            };
            let retries = function.asynchronous.retries.unwrap_or(ASYNC_RETRIES);
            let waits = ASYNC_WAITS_S
                .iter()
                .take(usize::try_from(retries).unwrap_or(usize::MAX));
            Some(SignedDuration::from_secs(waits.sum()))
        }
        Target::Run { .. } | Target::Topic { .. } => None,
    }
}

/// AWS (dead-letters): a message moves when it would be received once more than its queue allows: after that many visibility timeouts.
/// `None` if the queue is not known, or has no dead-letter queue.
#[must_use]
pub fn queue(id: &NodeId, topology: &Topology) -> Option<SignedDuration> {
    let Detail::Queue(queue) = &topology.nodes.get(id)?.detail else {
        return None;
    };
    let has_redrive = topology.from(id).any(|edge| edge.key.kind == EdgeKind::DeadLetter);
    let receives = queue.max_receive_count.filter(|_| has_redrive)?;
    Some(SignedDuration::from_secs(
        i64::from(receives) * i64::from(queue.visibility_timeout_s),
    ))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::domain::{AsyncRetries, Function, Node, NodeKind};

    #[test]
    fn a_function_without_retries_gives_back_at_once() {
        let after = |retries: Option<u32>| {
            let arn = "arn:aws:lambda:eu-west-1:111122223333:function:f";
            let id = NodeId::from(arn);
            let function = Function {
                asynchronous: AsyncRetries {
                    retries,
                    ..AsyncRetries::default()
                },
                ..Function::default()
            };
            let node = Node {
                id: id.clone(),
                kind: NodeKind::Lambda,
                name: "f".to_owned(),
                detail: Detail::Function(Box::new(function)),
            };
            let mut topology = Topology::default();
            topology.nodes.insert(id, Arc::new(node));
            after(&Target::Event { arn: arn.to_owned() }, &topology).map(|time| time.as_secs())
        };
        assert_eq!(
            (after(Some(0)), after(Some(1)), after(None)),
            (Some(0), Some(60), Some(180))
        );
    }
}
