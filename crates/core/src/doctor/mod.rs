//! What the configuration of a chain already tells: settings by which events will be lost, doubled or not noticed, found before
//! anything fails. One rule a function, a file a subject.
//!
//! A rule that the health of a box rests on too stands in [`store::health`](crate::store::health) and nowhere else: `issues` takes
//! its result over.

pub mod budget;
mod functions;
mod issues;
mod mappings;
mod queues;
mod rule;
mod unjudged;
pub mod words;

#[cfg(test)]
mod tests;

pub use rule::Rule;
pub use unjudged::unjudged;

use crate::domain::phrase::Phrase;
use crate::domain::{Arn, Detail, Edge, EdgeKind, Evidence, Function, Node, NodeId, NodeKind, Queue};
use crate::permissions::Fix;
use crate::store::arrivals::Arrivals;
use crate::store::health::Neighbours;
use crate::store::losses::Keepers;
use crate::store::snapshot::{Severity, Snapshot, Topology, Trouble};

/// A setting that puts events at risk.
#[derive(Clone, Debug, PartialEq)]
pub struct Hint {
    /// The rule that found it.
    pub rule: Rule,
    /// The node whose setting it is.
    pub of: NodeId,
    /// The other end of the link that it is about, if any.
    pub link: Option<NodeId>,
    /// How bad.
    pub severity: Severity,
    /// What is wrong, to follow the name of the node.
    pub what: Phrase,
    /// The evidence: what follows from it, and by which numbers.
    pub why: Phrase,
    /// What helps.
    pub cure: Cure,
}

/// What helps: the setting in words, and what to copy where one command or statement does it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cure {
    /// The setting.
    pub what: Phrase,
    /// A command of the AWS CLI, or a statement of a policy. `None` if no single one would do.
    pub copy: Option<Fix>,
}

impl Cure {
    fn set(what: words::Cure) -> Self {
        Self {
            what: what.into(),
            copy: None,
        }
    }

    /// With a command of the AWS CLI, by its words after `aws`.
    fn by(self, words: &[&str]) -> Self {
        let words = std::iter::once("aws").chain(words.iter().copied());
        Self {
            copy: Some(Fix::Command(words.map(str::to_owned).collect())),
            ..self
        }
    }
}

/// What the rules look at.
struct Chain<'a> {
    topology: &'a Topology,
    neighbours: Neighbours<'a>,
    keepers: Keepers<'a>,
    arrivals: &'a Arrivals,
    troubles: &'a [Trouble],
}

type Check = fn(&Chain<'_>, &Node) -> Vec<Hint>;

/// The rules that look at one node each.
const CHECKS: &[Check] = &[
    queues::visibility_timeout,
    queues::max_receive_count,
    queues::dlq_without_alarm,
    functions::async_without_dlq,
    functions::stale_permission,
    mappings::partial_batch_response,
    mappings::reserved_concurrency,
];

/// All hints, the worst first.
#[must_use]
pub fn hints(snapshot: &Snapshot) -> Vec<Hint> {
    let topology = &*snapshot.topology;
    let chain = Chain {
        topology,
        neighbours: Neighbours::new(topology),
        keepers: Keepers::of(topology),
        arrivals: &snapshot.arrivals,
        troubles: &snapshot.troubles,
    };
    let nodes = topology.nodes.values();
    let mut hints: Vec<Hint> = nodes
        .flat_map(|node| CHECKS.iter().flat_map(|check| check(&chain, node)))
        .chain(issues::hints(&chain))
        .collect();
    hints.sort_by(|a, b| {
        (b.severity.cmp(&a.severity))
            .then(a.rule.cmp(&b.rule))
            .then_with(|| (&a.of, &a.link).cmp(&(&b.of, &b.link)))
    });
    hints
}

impl<'a> Chain<'a> {
    /// The edges that reach a node.
    fn reaching(&self, id: &NodeId) -> &[&'a Edge] {
        Neighbours::into(&self.neighbours, id)
    }

    /// The edges that leave a node.
    fn leaving(&self, id: &NodeId) -> &[&'a Edge] {
        self.neighbours.out(id)
    }

    fn queue(&self, id: &NodeId) -> Option<&'a Queue> {
        match &self.topology.nodes.get(id)?.detail {
            Detail::Queue(queue) => Some(queue),
            _ => None,
        }
    }

    fn function(&self, id: &NodeId) -> Option<&'a Function> {
        match &self.topology.nodes.get(id)?.detail {
            Detail::Function(function) => Some(function),
            _ => None,
        }
    }

    fn kind(&self, id: &NodeId) -> Option<NodeKind> {
        self.topology.nodes.get(id).map(|node| node.kind)
    }

    /// The event source mappings that read a queue, switched on, each with the function that it invokes.
    fn mappings_of(&self, queue: &NodeId) -> impl Iterator<Item = (&'a Edge, &'a Function)> {
        let out: Vec<&'a Edge> = self.leaving(queue).to_vec();
        out.into_iter()
            .filter(|edge| is_live_trigger(edge))
            .filter_map(|edge| Some((edge, self.function(&edge.key.to)?)))
    }

    /// The dead-letter queue that SQS moves a queue's messages to.
    fn dead_letter_queue(&self, queue: &NodeId) -> Option<&'a NodeId> {
        let out: Vec<&'a Edge> = self.leaving(queue).to_vec();
        let mut dead = out.into_iter().filter(|edge| edge.key.kind == EdgeKind::DeadLetter);
        dead.next().map(|edge| &edge.key.to)
    }
}

/// A trigger that is configured and switched on: what is only permitted or inferred proves no setting wrong.
fn is_live_trigger(edge: &Edge) -> bool {
    edge.key.kind == EdgeKind::Trigger && edge.enabled && edge.evidence == Evidence::Configured
}

/// The name that the AWS CLI takes for a function.
fn name(id: &NodeId) -> &str {
    Arn::parse(id.as_str()).map_or(id.as_str(), |arn| arn.name())
}
