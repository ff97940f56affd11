//! What a rule, topic or schedule cannot hand over, because its target cannot be reached.

use jiff::SignedDuration;

use super::{Account, End};
use crate::doctor::words::{Dies, Sender, Unclear};
use crate::domain::phrase::Exact;
use crate::domain::{Edge, EdgeKind, NodeKind};
use crate::store::arrivals::dead_letter_queue;

/// AWS (delivery): EventBridge and Scheduler retry for 24 h, unless a target's `RetryPolicy` says less.
const DAY_S: i64 = 86_400;
/// AWS (delivery): SNS retries a delivery to Lambda or SQS for 23 d.
const SNS_S: i64 = 23 * 86_400;

impl Account<'_> {
    /// What becomes of an event that is sent along a link, where the target answers nothing for so long. `None` if nothing retries
    /// there, or what is sent stays at its source.
    pub(super) fn delivery(&self, edge: &Edge) -> Option<End> {
        if edge.key.kind != EdgeKind::Trigger {
            return None;
        }
        let target = self.chain.kind(&edge.key.to);
        let (by, most_s) = match self.chain.kind(&edge.key.from)? {
            // The bus of a rule hands nothing over itself.
            NodeKind::Eventbridge if target == Some(NodeKind::Eventbridge) => return None,
            NodeKind::Eventbridge => (Sender::Eventbridge, DAY_S),
            NodeKind::Schedule => (Sender::Scheduler, DAY_S),
            NodeKind::Sns if matches!(target, Some(NodeKind::Lambda | NodeKind::Sqs)) => (Sender::Sns, SNS_S),
            // AWS (delivery): how long S3 tries is not documented. To a function it hands over at once.
            NodeKind::S3 if matches!(target, Some(NodeKind::Sqs | NodeKind::Sns)) => {
                return Some(End::Unclear(Unclear::Undocumented.into()));
            }
            _ => return None,
        };
        let own = edge
            .policies
            .iter()
            .filter(|_| by != Sender::Sns)
            .filter_map(|policy| policy.retries.max_age_s);
        let within = SignedDuration::from_secs(own.filter(|age| *age > 0).min().unwrap_or(most_s).min(most_s));
        let out = self.chain.leaving(&edge.key.from);
        let why = Dies::GivenUp {
            by,
            within: Exact(within),
        };
        let Some(dead) = dead_letter_queue(edge, out) else {
            return Some(End::Dies(within, edge.key.from.clone(), why.into()));
        };
        let kept = out
            .iter()
            .find(|other| other.key.kind == EdgeKind::DeadLetter && other.key.to == *dead)?;
        self.kept_in(kept, within)
    }
}
