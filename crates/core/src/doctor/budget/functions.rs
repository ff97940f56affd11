//! Asynchronous events of a function that fails.

use jiff::SignedDuration;

use super::{Account, End, seconds};
use crate::doctor::functions::kept;
use crate::doctor::words::{Dies, Unclear};
use crate::domain::delivery::Pattern;
use crate::domain::phrase::Exact;
use crate::domain::{Edge, EdgeKind, Function, NodeKind};
use crate::forecast::of_source;
use crate::forecast::policy::{ASYNC_MAX_AGE, ASYNC_RETRIES, async_wait};
use crate::store::losses::Kept;

impl Account<'_> {
    /// What becomes of an event that a function fails with each time.
    pub(super) fn asynchronous(&self, edge: &Edge) -> Option<End> {
        let is_destination = edge.key.kind == EdgeKind::Destination;
        let pattern = self.chain.kind(&edge.key.from).and_then(of_source);
        if !is_destination && pattern != Some(Pattern::Asynchronous) {
            return None;
        }
        let function = self.chain.function(&edge.key.to)?;
        let node = self.chain.topology.nodes.get(&edge.key.to)?;
        // The qualifier of a destination is that of the function that has it.
        let qualifier = edge.key.qualifier.as_deref().filter(|_| !is_destination);
        let (attempts, after) = last_attempt(function, qualifier);
        Some(match kept(&self.chain, node, function, qualifier) {
            Kept::Unknown => End::Unclear(Unclear::KeepingUnread.into()),
            Kept::No if attempts == 0 => End::Dies(after, node.id.clone(), Dies::ReservedZero.into()),
            Kept::No => End::Dies(after, node.id.clone(), Dies::Dropped { attempts }.into()),
            Kept::Yes => {
                let out = self.chain.leaving(&node.id).iter();
                let own = out.filter(|edge| edge.keeps_failures() && edge.key.qualifier.as_deref() == qualifier);
                // What is kept twice is lost when the last copy is.
                let mut last: Option<End> = None;
                for keeper in own {
                    match (self.kept_in(keeper, after)?, &last) {
                        (End::Dies(at, ..), Some(End::Dies(known, ..))) if at <= *known => {}
                        (End::Dies(..), Some(End::Unclear(_))) => {}
                        (end, _) => last = Some(end),
                    }
                }
                last?
            }
        })
    }

    /// When what was left in a queue is lost there. `None` if it stays: a bucket keeps what it gets, a function or a queue that is
    /// read handles it.
    pub(super) fn kept_in(&self, keeper: &Edge, after: SignedDuration) -> Option<End> {
        let id = &keeper.key.to;
        match self.chain.kind(id) {
            Some(NodeKind::Sqs) => {}
            Some(NodeKind::S3 | NodeKind::Lambda) => return None,
            _ => return Some(End::Unclear(Unclear::KeeperUnread { name: id.clone() }.into())),
        }
        if self.is_read(id) {
            return None;
        }
        let Some(queue) = self.chain.queue(id).filter(|queue| queue.retention_s > 0) else {
            return Some(End::Unclear(Unclear::KeeperUnread { name: id.clone() }.into()));
        };
        let why = Dies::KeptBy {
            queue: id.clone(),
            retention: Exact::secs(queue.retention_s.into()),
        };
        Some(End::Dies(after + seconds(queue.retention_s), id.clone(), why.into()))
    }

    /// Whether something takes messages out of a queue.
    pub(super) fn is_read(&self, queue: &crate::domain::NodeId) -> bool {
        let mut out = self.chain.leaving(queue).iter();
        out.any(|edge| edge.key.kind == EdgeKind::Trigger && edge.enabled)
    }
}

/// The attempts of an event that fails each time, and when the last begins: not before. AWS (async): an attempt that would come after
/// the maximum age is not waited for.
fn last_attempt(function: &Function, qualifier: Option<&str>) -> (u32, SignedDuration) {
    if function.reserved_concurrency == Some(0) {
        return (0, SignedDuration::ZERO);
    }
    let own = qualifier.and_then(|name| function.qualified.iter().find(|one| one.name == name));
    let (retries, max_age) = match qualifier {
        None => (function.asynchronous.retries, function.asynchronous.max_age_s),
        Some(_) => own.map_or((None, None), |own| (own.retries, own.max_age_s)),
    };
    let max_age = max_age.map_or(ASYNC_MAX_AGE, seconds);
    let mut after = SignedDuration::ZERO;
    let mut attempts = 1;
    for failures in 1..=retries.unwrap_or(ASYNC_RETRIES) {
        let Some(wait) = async_wait(failures).filter(|wait| after + *wait <= max_age) else {
            break;
        };
        after += wait;
        attempts += 1;
    }
    (attempts, after)
}
