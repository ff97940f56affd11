//! Where events go after the last attempt: dead-letter queues and destinations, as far as the chain was read.

use std::collections::BTreeSet;

use crate::domain::{EdgeKind, NodeId};
use crate::store::snapshot::Topology;

/// The API that returns a function's destinations.
const DESTINATIONS: &str = "lambda:ListFunctionEventInvokeConfigs";
/// The API that returns a function's dead-letter queue.
const FUNCTIONS: &str = "lambda:ListFunctions";
/// Whether what a function gives up is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// In a dead-letter queue, at a destination, or both.
    Yes,
    /// Nothing keeps it.
    No,
    /// The configuration was not read.
    Unknown,
}

/// Who keeps what: the chain's edges, looked through once.
#[derive(Debug)]
pub struct Keepers<'a> {
    pub(super) topology: &'a Topology,
    functions: BTreeSet<&'a NodeId>,
    /// Functions with a topic as their DLQ or destination whose subscriptions were not read.
    unread: BTreeSet<&'a NodeId>,
    /// Functions with a topic without a subscription as their DLQ or destination.
    unheard: BTreeSet<&'a NodeId>,
    /// Rules, topics and schedule groups with a dead-letter queue for any of their targets.
    pub(super) sources: BTreeSet<NodeId>,
}

impl<'a> Keepers<'a> {
    /// What keeps failed events in a chain.
    #[must_use]
    pub fn of(topology: &'a Topology) -> Self {
        let edges = topology.edges.iter();
        let [mut functions, mut unread, mut unheard] = [const { BTreeSet::new() }; 3];
        for edge in edges.clone().filter(|edge| edge.keeps_failures()) {
            match topology.is_unheard(&edge.key.to) {
                Some(false) => functions.insert(&edge.key.from),
                None => unread.insert(&edge.key.from),
                Some(true) => unheard.insert(&edge.key.from),
            };
        }
        let sources = edges
            .filter(|edge| edge.key.kind == EdgeKind::DeadLetter)
            .map(|edge| group_of(&edge.key.from).unwrap_or_else(|| edge.key.from.clone()));
        Self {
            topology,
            functions,
            unread,
            unheard,
            sources: sources.collect(),
        }
    }

    /// Whether a function leaves what it fails to the end with in a topic without a subscription, and nowhere else.
    #[must_use]
    pub fn is_unheard(&self, id: &NodeId) -> bool {
        self.unheard.contains(id) && !self.functions.contains(id)
    }

    /// Whether what a function fails to the end with, invoked asynchronously, is kept.
    #[must_use]
    pub fn function(&self, id: &NodeId) -> Kept {
        let topology = self.topology;
        let node = topology.nodes.get(id);
        if self.functions.contains(id) {
            Kept::Yes
        } else if node.is_none_or(|node| node.detail.is_none())
            || !is_surveyed(topology)
            || self.unread.contains(id)
            || topology.is_unread(DESTINATIONS, id)
            || topology.is_unread(FUNCTIONS, id)
        {
            Kept::Unknown
        } else {
            Kept::No
        }
    }
}

/// Whether a survey ended: before that, a dead-letter queue may be unknown.
pub(super) fn is_surveyed(topology: &Topology) -> bool {
    topology.surveyed_at.is_some() && !topology.cached
}

/// The schedule group of a schedule, by its ARN.
#[must_use]
pub fn group_of(schedule: &NodeId) -> Option<NodeId> {
    let (head, rest) = schedule.as_str().split_once(":schedule/")?;
    Some(NodeId::from(format!(
        "{head}:schedule-group/{}",
        rest.split_once('/')?.0
    )))
}
