//! The loss budget: for each chain, when the first event is lost if a link of it breaks now and nobody does anything.
//!
//! A link breaks where its receiver fails with every event, or cannot be reached. What then happens is what the forecast says of one
//! event, from the settings alone: each link has its own moment, and the least of a chain's is its budget. That somebody takes a
//! permission away is no such break: then events are lost at once, whatever the settings.

mod functions;
mod queues;
mod sends;
mod streams;

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;

use super::{Chain, is_live_trigger};
use crate::domain::phrase::Phrase;
use crate::domain::{Edge, EdgeKind, Evidence, Metric, NodeId, NodeKind};
use crate::store::health::Neighbours;
use crate::store::losses::Keepers;
use crate::store::snapshot::Snapshot;

/// The budget of one chain.
#[derive(Clone, Debug, PartialEq)]
pub struct Budget {
    /// The boxes of the chain.
    pub members: Vec<NodeId>,
    /// Where events come in: what nothing else of the chain leads to. The first member if it is a circle.
    pub sources: Vec<NodeId>,
    /// The first loss; `None` if no link is known to lose an event.
    pub first: Option<Death>,
    /// The links of which it is not known, each with why: one of them may lose an event before.
    pub unclear: Vec<Unclear>,
}

/// When an event is lost that comes in, or waits, as a link breaks.
#[derive(Clone, Debug, PartialEq)]
pub struct Death {
    /// How long after the break: not before.
    pub after: SignedDuration,
    /// Where it is lost.
    pub at: NodeId,
    /// The link that breaks: from where.
    pub from: NodeId,
    /// The receiver that fails.
    pub to: NodeId,
    /// Why.
    pub why: Phrase,
}

/// A link of which it is not known when it loses an event.
#[derive(Clone, Debug, PartialEq)]
pub struct Unclear {
    /// From where it leads.
    pub from: NodeId,
    /// Where to.
    pub to: NodeId,
    /// Why it is not known.
    pub why: Phrase,
}

/// What becomes of an event at a broken link.
enum End {
    /// It is lost.
    Dies(SignedDuration, NodeId, Phrase),
    /// Not known.
    Unclear(Phrase),
}

/// What the budget looks at.
struct Account<'a> {
    chain: Chain<'a>,
    snapshot: &'a Snapshot,
}

/// The budgets of all chains that carry events, the soonest loss first.
#[must_use]
pub fn budgets(snapshot: &Snapshot) -> Vec<Budget> {
    let topology = &*snapshot.topology;
    let account = Account {
        chain: Chain {
            topology,
            neighbours: Neighbours::new(topology),
            keepers: Keepers::of(topology),
            arrivals: &snapshot.arrivals,
            troubles: &snapshot.troubles,
        },
        snapshot,
    };
    let mut all: Vec<Budget> = chains(snapshot)
        .into_iter()
        .filter_map(|members| account.budget(&members))
        .collect();
    all.sort_by(|a, b| {
        let soonest = |one: &Budget| one.first.as_ref().map_or(SignedDuration::MAX, |first| first.after);
        soonest(a).cmp(&soonest(b)).then_with(|| a.sources.cmp(&b.sources))
    });
    all
}

/// The boxes that hang together over what is drawn, permissions alone left out.
fn chains(snapshot: &Snapshot) -> Vec<BTreeSet<NodeId>> {
    let mut next: BTreeMap<&NodeId, Vec<&NodeId>> = BTreeMap::new();
    for edge in snapshot
        .topology
        .edges
        .iter()
        .filter(|edge| edge.evidence != Evidence::Permitted)
    {
        next.entry(&edge.key.from).or_default().push(&edge.key.to);
        next.entry(&edge.key.to).or_default().push(&edge.key.from);
    }
    let mut seen: BTreeSet<&NodeId> = BTreeSet::new();
    let mut chains = Vec::new();
    for start in next.keys() {
        let mut members = BTreeSet::new();
        let mut open = vec![*start];
        while let Some(id) = open.pop() {
            if seen.insert(id) {
                members.insert(id.clone());
                open.extend(next.get(id).into_iter().flatten());
            }
        }
        if !members.is_empty() {
            chains.push(members);
        }
    }
    chains
}

impl Account<'_> {
    /// `None` if no link of it carries events that can be lost, or if one cannot deliver already: what is lost now has no time left,
    /// and a finding of its own.
    fn budget(&self, members: &BTreeSet<NodeId>) -> Option<Budget> {
        let mut leaving = members.iter().flat_map(|id| self.chain.leaving(id));
        if leaving.any(|edge| self.chain.arrivals.cut.contains_key(&edge.key)) {
            return None;
        }
        let out = members.iter().flat_map(|id| self.chain.leaving(id));
        let links = out.copied().filter(|edge| {
            let is_destination = edge.key.kind == EdgeKind::Destination && edge.evidence == Evidence::Configured;
            is_live_trigger(edge) || is_destination
        });
        let mut first: Option<Death> = None;
        let mut unclear = Vec::new();
        for edge in links {
            for end in self.ends(edge) {
                match end {
                    End::Dies(after, at, why) => {
                        let after = after.max(SignedDuration::ZERO);
                        if first.as_ref().is_none_or(|known| after < known.after) {
                            let (from, to) = (edge.key.from.clone(), edge.key.to.clone());
                            first = Some(Death {
                                after,
                                at,
                                from,
                                to,
                                why,
                            });
                        }
                    }
                    End::Unclear(why) => unclear.push(Unclear {
                        from: edge.key.from.clone(),
                        to: edge.key.to.clone(),
                        why,
                    }),
                }
            }
        }
        unclear.dedup();
        (first.is_some() || !unclear.is_empty()).then(|| Budget {
            members: members.iter().cloned().collect(),
            sources: self.sources(members),
            first,
            unclear,
        })
    }

    fn sources(&self, members: &BTreeSet<NodeId>) -> Vec<NodeId> {
        let leads = |edge: &&Edge| edge.evidence != Evidence::Permitted;
        let is_source = |id: &&NodeId| !self.chain.reaching(id).iter().copied().any(|edge| leads(&edge));
        let sources: Vec<NodeId> = members.iter().filter(is_source).cloned().collect();
        if sources.is_empty() {
            return members.iter().take(1).cloned().collect();
        }
        sources
    }

    /// What becomes of an event where this link breaks: nothing is lost of what its caller is told of.
    fn ends(&self, edge: &Edge) -> Vec<End> {
        let target = self.chain.kind(&edge.key.to);
        let consumer = match self.chain.kind(&edge.key.from) {
            Some(NodeKind::Sqs) => self.queue(edge),
            Some(
                NodeKind::Kinesis | NodeKind::DynamodbStream | NodeKind::Documentdb | NodeKind::Kafka | NodeKind::Mq,
            ) => self.stream(edge),
            _ if target == Some(NodeKind::Lambda) => self.asynchronous(edge),
            _ => None,
        };
        [consumer, self.delivery(edge)].into_iter().flatten().collect()
    }

    /// The age of the oldest event that waits in a queue or is read of a stream, by its latest metric.
    fn age(&self, of: &NodeId, metric: Metric) -> SignedDuration {
        let vitals = self.snapshot.vitals.get(of);
        let is_empty = vitals
            .and_then(|vitals| vitals.depth)
            .is_some_and(|depth| depth.value.total() == 0);
        let last = vitals.and_then(|vitals| vitals.metrics.get(&metric)?.points.last());
        let seconds = match metric {
            _ if is_empty => 0.0,
            Metric::IteratorAge => last.map_or(0.0, |point| point.value / 1_000.0),
            _ => last.map_or(0.0, |point| point.value),
        };
        SignedDuration::from_secs_f64(seconds.clamp(0.0, 1e9))
    }
}

/// A setting in seconds.
fn seconds(s: u32) -> SignedDuration {
    SignedDuration::from_secs(s.into())
}
