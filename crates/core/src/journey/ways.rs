//! Ways from function to function: what is between two functions that the chain joins.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::SignedDuration;

use crate::domain::{Detail, Edge, EdgeKind, Node, NodeId, NodeKind};

/// Resources between two functions at most: bucket, bus, rule, topic, queue.
const DEEPEST: usize = 5;
/// A sandbox may have to be started first. AWS (functions): its start may take 10 s.
const COLD: SignedDuration = SignedDuration::from_secs(10);

/// One way from a function to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// The function that sends.
    pub from: NodeId,
    /// The function that is triggered.
    pub to: NodeId,
    /// What is between, in order; empty for a direct invocation.
    pub through: Vec<NodeId>,
    /// Their kinds.
    pub kinds: Vec<NodeKind>,
    /// From the end of the one until the start of the other at most, where nothing waits in front.
    pub within: SignedDuration,
}

impl Way {
    /// Whether it passes a kind of resource.
    #[must_use]
    pub fn passes(&self, kind: NodeKind) -> bool {
        self.kinds.contains(&kind)
    }
}

/// All ways of a chain.
#[derive(Clone, Debug, Default)]
pub struct Ways {
    all: Vec<Way>,
    from: BTreeMap<NodeId, Vec<usize>>,
    to: BTreeMap<NodeId, Vec<usize>>,
    /// Kinds of the resources that trigger each function directly.
    triggers: BTreeMap<NodeId, BTreeSet<NodeId>>,
    /// Resources that lead to each function without another function between.
    above: BTreeMap<NodeId, BTreeSet<NodeId>>,
}

impl Ways {
    /// The ways of a chain.
    #[must_use]
    pub fn of(nodes: &BTreeMap<NodeId, Arc<Node>>, edges: &[Arc<Edge>]) -> Self {
        let mut leaving: BTreeMap<&NodeId, Vec<&Edge>> = BTreeMap::new();
        let mut made = Self::default();
        let mut arriving: BTreeMap<&NodeId, Vec<&NodeId>> = BTreeMap::new();
        for edge in edges.iter().filter(|edge| edge.key.kind != EdgeKind::DeadLetter) {
            leaving.entry(&edge.key.from).or_default().push(edge);
            arriving.entry(&edge.key.to).or_default().push(&edge.key.from);
            if is_function(nodes, &edge.key.to) && edge.key.kind == EdgeKind::Trigger {
                let triggers = made.triggers.entry(edge.key.to.clone()).or_default();
                triggers.insert(edge.key.from.clone());
            }
        }
        for function in nodes.keys().filter(|id| is_function(nodes, id)) {
            let mut steps = Vec::new();
            made.walk(nodes, &leaving, function, function, &mut steps);
            let mut above = BTreeSet::new();
            climb(nodes, &arriving, function, &mut above);
            made.above.insert(function.clone(), above);
        }
        made
    }

    fn walk<'a>(
        &mut self,
        nodes: &BTreeMap<NodeId, Arc<Node>>,
        leaving: &BTreeMap<&NodeId, Vec<&'a Edge>>,
        first: &NodeId,
        here: &NodeId,
        steps: &mut Vec<&'a Edge>,
    ) {
        for edge in leaving.get(here).into_iter().flatten() {
            let next = &edge.key.to;
            if steps.iter().any(|step| step.key.to == *next) {
                continue;
            }
            steps.push(edge);
            if is_function(nodes, next) {
                self.add(nodes, first, next, steps);
            } else if steps.len() <= DEEPEST {
                self.walk(nodes, leaving, first, next, steps);
            }
            steps.pop();
        }
    }

    fn add(&mut self, nodes: &BTreeMap<NodeId, Arc<Node>>, from: &NodeId, to: &NodeId, steps: &[&Edge]) {
        let through: Vec<NodeId> = steps[..steps.len() - 1]
            .iter()
            .map(|step| step.key.to.clone())
            .collect();
        let known = self.between(from, to).any(|way| way.through == through);
        if known {
            return;
        }
        let kinds: Vec<NodeKind> = through
            .iter()
            .map(|id| nodes.get(id).map_or(NodeKind::External, |node| node.kind))
            .collect();
        let wait = |(id, kind): (&NodeId, &NodeKind)| delay(nodes.get(id).map(AsRef::as_ref), *kind);
        let windows = steps.iter().flat_map(|step| &step.policies);
        let windows: i64 = windows
            .filter_map(|policy| policy.batching.window_s)
            .map(i64::from)
            .sum();
        let within = through.iter().zip(&kinds).map(wait).sum::<i64>() + windows;
        let place = self.all.len();
        self.all.push(Way {
            from: from.clone(),
            to: to.clone(),
            through,
            kinds,
            within: SignedDuration::from_secs(within + 5) + COLD,
        });
        self.from.entry(from.clone()).or_default().push(place);
        self.to.entry(to.clone()).or_default().push(place);
    }

    /// Ways between two functions.
    pub fn between<'a>(&'a self, from: &'a NodeId, to: &'a NodeId) -> impl Iterator<Item = &'a Way> {
        self.from(from).filter(move |way| way.to == *to)
    }

    /// Ways that leave a function.
    pub fn from(&self, function: &NodeId) -> impl Iterator<Item = &Way> {
        self.from.get(function).into_iter().flatten().map(|way| &self.all[*way])
    }

    /// Ways that lead to a function.
    pub fn to(&self, function: &NodeId) -> impl Iterator<Item = &Way> {
        self.to.get(function).into_iter().flatten().map(|way| &self.all[*way])
    }

    /// What triggers a function.
    pub fn triggers(&self, function: &NodeId) -> impl Iterator<Item = &NodeId> {
        self.triggers.get(function).into_iter().flatten()
    }

    /// Whether something that triggers a function leads to another without passing it: what comes from there may be known
    /// to both.
    #[must_use]
    pub fn share_a_source(&self, one: &NodeId, other: &NodeId) -> bool {
        let (one, other) = (self.above.get(one), self.above.get(other));
        one.zip(other)
            .is_some_and(|(one, other)| one.intersection(other).next().is_some())
    }

    /// Whether a third function is on some way between two.
    #[must_use]
    pub fn has_detour(&self, from: &NodeId, to: &NodeId) -> bool {
        let mut seen: BTreeSet<&NodeId> = BTreeSet::from([from]);
        let next = |id: &NodeId| self.from(id).map(|way| &way.to).collect::<Vec<_>>();
        let mut open: Vec<&NodeId> = next(from).into_iter().filter(|id| *id != to).collect();
        while let Some(id) = open.pop() {
            if id == to {
                return true;
            }
            if seen.insert(id) {
                open.extend(next(id));
            }
        }
        false
    }
}

fn is_function(nodes: &BTreeMap<NodeId, Arc<Node>>, id: &NodeId) -> bool {
    nodes.get(id).is_some_and(|node| node.kind == NodeKind::Lambda)
}

/// Everything above a function up to the next functions.
fn climb<'a>(
    nodes: &BTreeMap<NodeId, Arc<Node>>,
    arriving: &BTreeMap<&'a NodeId, Vec<&'a NodeId>>,
    id: &NodeId,
    above: &mut BTreeSet<NodeId>,
) {
    for from in arriving.get(id).into_iter().flatten() {
        if !is_function(nodes, from) && above.insert((*from).clone()) {
            climb(nodes, arriving, from, above);
        }
    }
}

/// Seconds that an event may take through a resource where nothing waits in front of it. AWS (delivery): S3 delivers in seconds,
/// sometimes in a minute, which then joins nothing; a queue with little traffic is polled every 20 s.
fn delay(node: Option<&Node>, kind: NodeKind) -> i64 {
    let own = match node.map(|node| &node.detail) {
        Some(Detail::Queue(queue)) => i64::from(queue.delay_s),
        _ => 0,
    };
    own + match kind {
        NodeKind::S3 => 15,
        NodeKind::Sqs | NodeKind::Pipe => 20,
        NodeKind::Kinesis | NodeKind::DynamodbStream => 5,
        _ => 2,
    }
}
