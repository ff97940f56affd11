//! Records of a stream whose reader fails.

use jiff::SignedDuration;

use super::{Account, End};
use crate::doctor::words::{Dies, Unclear};
use crate::domain::phrase::Exact;
use crate::domain::{Edge, EdgeKind, Metric, NodeKind};
use crate::store::short::stream_retention;

impl Account<'_> {
    /// What becomes of the oldest record, where its batch fails each time.
    pub(super) fn stream(&self, edge: &Edge) -> Option<End> {
        let source = &edge.key.from;
        let kind = self.chain.kind(source)?;
        if kind == NodeKind::Mq {
            return Some(End::Unclear(Unclear::Broker.into()));
        }
        let age = self.age(&edge.key.to, Metric::IteratorAge);
        let read = stream_retention(edge, self.chain.topology);
        let retention = read.map(|(s, _)| SignedDuration::from_secs(s) - age);
        let policies = edge.policies.iter();
        let max_age = policies
            .clone()
            .filter_map(|policy| policy.retries.max_age_s)
            .filter(|age| *age > 0)
            .min();
        let retries = policies
            .filter_map(|policy| policy.retries.max)
            .filter(|retries| *retries >= 0)
            .min();
        let keeper = self.keeper_of_mapping(edge);
        // A bucket gets the records themselves; so does a topic of Kafka. Others get where they are.
        let is_kept =
            keeper.is_some_and(|keeper| matches!(self.chain.kind(keeper), Some(NodeKind::S3 | NodeKind::Kafka)));
        let by_stream = || {
            let (retention, (seconds, assumed)) = retention.zip(read)?;
            let why = Dies::StreamRetention {
                retention: Exact::secs(seconds),
                assumed,
            };
            Some(End::Dies(retention, source.clone(), why.into()))
        };
        let by_age = max_age
            .map(SignedDuration::from_secs)
            .filter(|age| read.is_none_or(|(s, _)| age.as_secs() < s));
        match (retries.and_then(|n| u32::try_from(n).ok()), by_age) {
            _ if is_kept && (retries.is_some() || by_age.is_some()) => None,
            // The records stay in the stream, and what the queue holds tells where.
            (Some(_), _) | (_, Some(_)) if keeper.is_some() => by_stream(),
            // AWS (streams): the wait between attempts is unpublished.
            (Some(retries), age) => {
                let within = age.or(retention);
                Some(End::Unclear(Unclear::RetriesUnpublished { retries, within }.into()))
            }
            (None, Some(max_age)) => {
                let why = Dies::MaximumAge { age: Exact(max_age) };
                Some(End::Dies(max_age - age, edge.key.to.clone(), why.into()))
            }
            (None, None) => by_stream().or_else(|| Some(End::Unclear(Unclear::TopicRetention.into()))),
        }
    }

    fn keeper_of_mapping(&self, mapping: &Edge) -> Option<&crate::domain::NodeId> {
        let ids: Vec<_> = mapping.policies.iter().map(|policy| policy.id.as_deref()).collect();
        let out = self.chain.leaving(&mapping.key.to).iter();
        let mut kept = out.filter(|edge| {
            edge.key.kind == EdgeKind::DeadLetter
                && edge.is_of_mapping()
                && edge.policies.iter().any(|policy| ids.contains(&policy.id.as_deref()))
        });
        kept.next().map(|edge| &edge.key.to)
    }
}
