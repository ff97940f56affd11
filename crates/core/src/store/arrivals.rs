//! Which links can deliver: by configuration, and by observations that contradict it.
//!
//! A later observation overrides configuration: if a target has only one known link and got something long after the
//! configuration was read, the link delivers. An earlier delivery may have been before a permission was removed, and proves
//! nothing. If configuration leaves it open, deliveries of the last hour count.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::HOUR;
use super::snapshot::Topology;
use crate::domain::{Detail, Edge, EdgeKey, EdgeKind, NodeId, Part, Unknown};
use crate::permissions::{Arrival, Doubt, Obstacle, Said, does};

/// What was on its way already when a permission went has arrived by then. AWS (delivery): S3 may take a minute or longer.
const ON_ITS_WAY: SignedDuration = SignedDuration::from_mins(2);

/// The links that cannot deliver, and those for which that is unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arrivals {
    /// What nothing can pass, and why.
    pub cut: BTreeMap<EdgeKey, Obstacle>,
    /// What depends on something that was not read, and did not deliver in the last hour as far as was seen.
    pub open: BTreeMap<EdgeKey, Doubt>,
}

impl Arrivals {
    /// What stands in the list of what could not be read: never the same as "fine", and no failure of a call.
    #[must_use]
    pub fn unproved(&self, topology: &Topology) -> Vec<Unknown> {
        if topology.cached || topology.surveyed_at.is_none() {
            return Vec::new();
        }
        let named = |id: &NodeId| {
            let node = topology.nodes.get(id);
            node.map_or_else(|| id.to_string(), |node| format!("{} {}", node.kind.label(), node.name))
        };
        let edges = topology
            .edges
            .iter()
            .filter_map(|edge| Some((edge, self.open.get(&edge.key)?)));
        // A policy that could not be read is named by the call that failed. One that is out of scope was not asked for.
        let is_named = |edge: &Edge| {
            let parts = topology.unread.iter();
            let of_it = |part: &Part| part.of.is_empty() || part.of.starts_with(edge.key.to.as_str());
            parts.into_iter().any(of_it)
        };
        edges
            .filter(|(edge, doubt)| **doubt != Doubt::Policy || !is_named(edge))
            .map(|(edge, doubt)| Unknown {
                what: Said::Whether {
                    from: named(&edge.key.from),
                    does: does(edge),
                }
                .into(),
                why: doubt.said().into(),
            })
            .collect()
    }
}

/// The state needed to decide.
#[derive(Default)]
pub struct Deliveries {
    /// When something last arrived at a function (for the first time) or in a queue.
    arrived: BTreeMap<NodeId, Timestamp>,
    /// Since when configuration says of a link that nothing can pass.
    cut_since: BTreeMap<EdgeKey, Timestamp>,
}

impl Deliveries {
    /// Something arrived.
    pub fn arrived(&mut self, node: &NodeId, at: Timestamp) {
        let last = self.arrived.entry(node.clone()).or_insert(at);
        *last = at.max(*last);
    }

    /// Notes which links configuration cuts, as it was read by now.
    pub fn judged(&mut self, topology: &Topology, at: Timestamp) {
        let cut: BTreeSet<&EdgeKey> = topology
            .arrivals
            .iter()
            .filter(|(_, arrival)| matches!(arrival, Arrival::CannotArrive(_)))
            .map(|(key, _)| key)
            .collect();
        self.cut_since.retain(|key, _| cut.contains(key));
        for key in cut {
            if !self.cut_since.contains_key(key) {
                self.cut_since.insert(key.clone(), at);
            }
        }
        self.arrived.retain(|id, _| topology.nodes.contains_key(id));
    }

    /// What is cut and what is open, with what was seen taken into account.
    #[must_use]
    pub fn arrivals(&self, topology: &Topology, now: Timestamp) -> Arrivals {
        let mut ways: BTreeMap<&NodeId, Vec<&Edge>> = BTreeMap::new();
        for edge in &topology.edges {
            ways.entry(&edge.key.to).or_default().push(edge);
        }
        let last = |key: &EdgeKey| {
            let at = self.arrived.get(&key.to)?;
            let others = ways.get(&key.to)?.iter().filter(|edge| edge.key != *key);
            (others.count() == 0 && !is_open(topology, &key.to)).then_some(*at)
        };
        let mut arrivals = Arrivals::default();
        for (key, arrival) in topology.arrivals.iter() {
            match arrival {
                Arrival::Arrives => {}
                Arrival::CannotArrive(obstacle) => {
                    let since = self.cut_since.get(key).and_then(|at| at.checked_add(ON_ITS_WAY).ok());
                    let delivered = last(key).is_some_and(|at| since.is_some_and(|since| at > since));
                    if !delivered {
                        arrivals.cut.insert(key.clone(), obstacle.clone());
                    }
                }
                Arrival::Unknown(doubt) => {
                    if last(key).is_none_or(|at| now.duration_since(at) > HOUR) {
                        arrivals.open.insert(key.clone(), doubt.clone());
                    }
                }
            }
        }
        arrivals
    }
}

/// Whether a function may be started by what is no edge, as far as is known.
fn is_open(topology: &Topology, id: &NodeId) -> bool {
    match topology.nodes.get(id).map(|node| &node.detail) {
        Some(Detail::Function(function)) => !function.permissions.open.is_empty(),
        _ => false,
    }
}

/// The dead-letter queue that gets what a link cannot deliver, if it can be written. For a topic or rule with several
/// subscribers or targets, only that of the same one counts.
#[must_use]
pub fn keeper<'a>(edge: &Edge, out: &[&'a Edge], arrivals: &Arrivals) -> Option<&'a NodeId> {
    let mut own = dead_letters(edge, out);
    own.find(|other| !arrivals.cut.contains_key(&other.key))
        .map(|other| &other.key.to)
}

/// The dead-letter queue of a link, whether it can be written or not.
#[must_use]
pub fn dead_letter_queue<'a>(edge: &Edge, out: &[&'a Edge]) -> Option<&'a NodeId> {
    dead_letters(edge, out).next().map(|other| &other.key.to)
}

fn dead_letters<'a>(edge: &Edge, out: &[&'a Edge]) -> impl Iterator<Item = &'a Edge> {
    let id = |edge: &Edge| {
        edge.policies
            .iter()
            .filter_map(|policy| policy.id.clone())
            .collect::<BTreeSet<_>>()
    };
    let own = id(edge);
    out.iter()
        .copied()
        .filter(|other| other.key.kind == EdgeKind::DeadLetter)
        .filter(move |other| own.is_subset(&id(other)))
}
