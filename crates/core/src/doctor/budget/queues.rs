//! Messages of a queue whose reader fails.

use jiff::SignedDuration;

use super::{Account, End, seconds};
use crate::doctor::words::{Dies, Unclear};
use crate::domain::phrase::Exact;
use crate::domain::{Edge, EdgePolicy, Metric};
use crate::forecast::policy::visibility;
use crate::store::short::queue_too_short;

impl Account<'_> {
    /// What becomes of the oldest message, where each receive fails.
    pub(super) fn queue(&self, edge: &Edge) -> Option<End> {
        let id = &edge.key.from;
        let node = self.chain.topology.nodes.get(id)?;
        let Some(queue) = self.chain.queue(id).filter(|queue| queue.retention_s > 0) else {
            return Some(End::Unclear(Unclear::QueueUnread.into()));
        };
        let age = self.age(id, Metric::OldestMessageAge);
        let retention = Exact::secs(queue.retention_s.into());
        let in_queue = |why: Dies| Some(End::Dies(seconds(queue.retention_s) - age, id.clone(), why.into()));
        let Some((dead, receives)) = self.chain.dead_letter_queue(id).zip(queue.max_receive_count) else {
            return in_queue(Dies::QueueRetention { retention });
        };
        if queue_too_short(node, self.chain.leaving(id), self.chain.topology).is_some() {
            return in_queue(Dies::RetentionBeforeDlq { retention });
        }
        // What reads it handles what is moved there.
        if self.is_read(dead) {
            return None;
        }
        let Some(kept) = self.chain.queue(dead).filter(|kept| kept.retention_s > 0) else {
            return Some(End::Unclear(Unclear::KeeperUnread { name: dead.clone() }.into()));
        };
        let hidden = match (self.chain.function(&edge.key.to), edge.policies.first()) {
            (Some(function), policy) => visibility(queue, policy.unwrap_or(&EdgePolicy::default()), function),
            (None, _) => seconds(queue.visibility_timeout_s),
        };
        let moved = hidden * i32::try_from(receives).unwrap_or(i32::MAX);
        // AWS (dead-letters): a standard queue keeps the time at which it was first enqueued; in a FIFO queue it begins anew.
        let after = if kept.fifo {
            moved + seconds(kept.retention_s)
        } else {
            moved.max(seconds(kept.retention_s) - age)
        };
        let why = Dies::MovedTo {
            queue: dead.clone(),
            retention: Exact::secs(kept.retention_s.into()),
        };
        Some(End::Dies(after.max(SignedDuration::ZERO), dead.clone(), why.into()))
    }
}
