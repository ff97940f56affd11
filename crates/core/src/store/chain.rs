//! The chain: parts as answered by AWS, merged into one graph.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;

use super::snapshot::Topology;
use super::{alarms, loops, open};
use crate::domain::{
    Detail, Edge, EdgeKey, Fact, Function, Missing, Node, NodeId, NodeKind, Part, Recollection, Scope, Unknown,
};
use crate::permissions::{Account, Arrival};

/// All parts, and the graph they make.
#[derive(Default)]
pub struct Chain {
    parts: BTreeMap<Part, (Vec<Node>, Vec<Edge>)>,
    unread: BTreeMap<Part, Unknown>,
    /// What may not be read, and need not be.
    optional: BTreeMap<Part, Unknown>,
    surveyed_at: Option<Timestamp>,
    survey_ended: bool,
    cached: bool,
    progress: Option<(u32, u32)>,
    /// Whether the survey covers only what was asked for.
    narrowed: bool,
    /// What the last survey concluded does not exist.
    missing: Arc<BTreeSet<Missing>>,
    /// The scope, by which links are evaluated. `None` before the first observation.
    scope: Option<Arc<Scope>>,
    /// The merged graph; nothing after a change. Behind a lock only so that readers need no exclusive access.
    merged: Mutex<Option<Arc<Topology>>>,
    last: Arc<Topology>,
}

impl Chain {
    /// Folds a fact about the topology in.
    pub fn apply(&mut self, at: Timestamp, fact: Fact) {
        // Merging is expensive, and a survey has thousands of facts: only what is read is merged.
        let merged = self.merged.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(read) = merged.take() {
            self.last = read;
        }
        match fact {
            Fact::Found { part, nodes, edges } => {
                self.unread.remove(&part);
                self.optional.remove(&part);
                self.parts.insert(part, (nodes, edges));
            }
            Fact::Unread {
                part,
                unknown,
                optional: true,
            } => {
                self.optional.insert(part, unknown);
            }
            Fact::Unread { part, unknown, .. } => {
                self.unread.insert(part, unknown);
            }
            Fact::Missing(missing) => self.missing = Arc::new(missing),
            Fact::Narrowed => self.narrowed = true,
            Fact::Progress { done, total } => self.progress = Some((done, total)),
            Fact::Surveyed { parts, unread } => {
                let stays = |part: &Part| parts.contains(part) || unread.contains(&part.api);
                self.parts.retain(|part, _| stays(part));
                self.unread.retain(|part, _| parts.contains(part));
                self.optional.retain(|part, _| parts.contains(part));
                self.surveyed_at = Some(at);
                self.survey_ended = true;
                self.cached = false;
                self.progress = None;
            }
            Fact::Recalled { at, found } => {
                // Only what nothing newer is known of.
                for Recollection { part, nodes, edges } in found {
                    self.parts.entry(part).or_insert((nodes, edges));
                }
                if !self.survey_ended {
                    self.surveyed_at = Some(at);
                    self.cached = true;
                }
            }
            _ => {}
        }
    }

    /// Says where the chain is.
    pub fn set_scope(&mut self, scope: &Arc<Scope>) {
        self.scope = Some(Arc::clone(scope));
        if let Some(read) = self.merged.get_mut().unwrap_or_else(PoisonError::into_inner).take() {
            self.last = read;
        }
    }

    /// What configuration says of each link.
    fn arrivals(
        &self,
        nodes: &BTreeMap<NodeId, Arc<Node>>,
        edges: &[Arc<Edge>],
        missing: &BTreeSet<Missing>,
    ) -> Arc<BTreeMap<EdgeKey, Arrival>> {
        let Some(scope) = self.scope.as_deref() else {
            return Arc::default();
        };
        let account = Account {
            scope,
            nodes,
            missing,
            unread: &self.unread,
        };
        let judged = edges
            .iter()
            .filter_map(|edge| Some((edge.key.clone(), account.arrival(edge)?)));
        let judged: BTreeMap<EdgeKey, Arrival> = judged.collect();
        if *self.last.arrivals == judged {
            Arc::clone(&self.last.arrivals)
        } else {
            Arc::new(judged)
        }
    }

    /// What the last survey missed, without what a later response returned.
    fn still_missing(&self, nodes: &BTreeMap<NodeId, Arc<Node>>) -> Arc<BTreeSet<Missing>> {
        let is_back = |missing: &Missing| {
            let node = nodes.get(&missing.id);
            missing.qualifier.is_none() && node.is_some_and(|node| !node.detail.is_none())
        };
        if self.missing.iter().any(is_back) {
            let still = self.missing.iter().filter(|missing| !is_back(missing));
            return Arc::new(still.cloned().collect());
        }
        Arc::clone(&self.missing)
    }

    /// The merged graph.
    pub fn topology(&self) -> Arc<Topology> {
        let mut merged = self.merged.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(merged.get_or_insert_with(|| Arc::new(self.merge())))
    }

    fn merge(&self) -> Topology {
        let mut nodes: BTreeMap<NodeId, Node> = BTreeMap::new();
        let mut edges: BTreeMap<_, Edge> = BTreeMap::new();
        for (part_nodes, part_edges) in self.parts.values() {
            for node in part_nodes {
                match nodes.get_mut(&node.id) {
                    Some(known) => merge_node(known, node),
                    None => drop(nodes.insert(node.id.clone(), node.clone())),
                }
            }
            for edge in part_edges {
                match edges.get_mut(&edge.key) {
                    Some(known) => known.merge(edge),
                    None => drop(edges.insert(edge.key.clone(), edge.clone())),
                }
            }
        }
        open::leave_told(&nodes, &mut edges);
        // An inferred edge needs both nodes: it is removed with either of them.
        edges.retain(|key, _| nodes.contains_key(&key.from) && nodes.contains_key(&key.to));
        let on_edge: std::collections::BTreeSet<&NodeId> = edges.keys().flat_map(|key| [&key.from, &key.to]).collect();
        nodes.retain(|id, node| node.kind == NodeKind::Lambda || on_edge.contains(id));
        let edges: Vec<Edge> = edges.into_values().collect();

        let unknown = once_each(&self.unread);
        // Unchanged entries keep their pointer, so that comparing is cheap.
        let old_edges: BTreeMap<_, &Arc<Edge>> = self.last.edges.iter().map(|edge| (&edge.key, edge)).collect();
        let edges: Vec<Arc<Edge>> = edges
            .into_iter()
            .map(|edge| match old_edges.get(&edge.key) {
                Some(old) if ***old == edge => Arc::clone(old),
                _ => Arc::new(edge),
            })
            .collect();
        let nodes: BTreeMap<NodeId, Arc<Node>> = nodes
            .into_iter()
            .map(|(id, node)| match self.last.nodes.get(&id) {
                Some(old) if **old == node => (id, Arc::clone(old)),
                _ => (id, Arc::new(node)),
            })
            .collect();
        let complete = self.survey_ended && unknown.is_empty();
        let missing = self.still_missing(&nodes);
        let mut arrivals = self.arrivals(&nodes, &edges, &missing);
        let (mut edges, mut nodes) = (edges, nodes);
        let surplus = alarms::surplus(&edges, &arrivals);
        if !surplus.is_empty() {
            edges.retain(|edge| !surplus.contains(&edge.key));
            Arc::make_mut(&mut arrivals).retain(|key, _| !surplus.contains(key));
            if *arrivals == *self.last.arrivals {
                arrivals = Arc::clone(&self.last.arrivals);
            }
            let on_edge: std::collections::BTreeSet<&NodeId> =
                edges.iter().flat_map(|edge| [&edge.key.from, &edge.key.to]).collect();
            nodes.retain(|id, node| node.kind != NodeKind::Alarm || on_edge.contains(id));
        }
        let unchanged = edges.len() == self.last.edges.len()
            && nodes.len() == self.last.nodes.len()
            && edges.iter().zip(&self.last.edges).all(|(a, b)| Arc::ptr_eq(a, b))
            && nodes
                .values()
                .zip(self.last.nodes.values())
                .all(|(a, b)| Arc::ptr_eq(a, b));
        Topology {
            arrivals,
            missing,
            revision: self.last.revision + u64::from(!unchanged),
            loops: if unchanged {
                self.last.loops.clone()
            } else {
                loops::loops(&nodes, &edges)
            },
            complete,
            unknown,
            optional: once_each(&self.optional),
            unread: self.unread.keys().cloned().collect(),
            surveyed_at: self.surveyed_at,
            cached: self.cached,
            narrowed: self.narrowed,
            progress: self.progress,
            nodes,
            edges,
        }
    }
}

/// What is missing, each said once.
fn once_each(missing: &BTreeMap<Part, Unknown>) -> Vec<Unknown> {
    let mut all: Vec<Unknown> = missing.values().cloned().collect();
    all.sort();
    all.dedup();
    all
}

/// Lays what another part says of a node over what is known.
fn merge_node(known: &mut Node, other: &Node) {
    match (&mut known.detail, &other.detail) {
        (Detail::Function(known), Detail::Function(other)) => merge_function(known, other),
        (Detail::None, detail) => {
            known.detail = detail.clone();
            known.kind = other.kind;
            known.name.clone_from(&other.name);
        }
        _ => {}
    }
}

/// Several calls each know some fields of a function.
fn merge_function(known: &mut Function, other: &Function) {
    // Only the listing knows the log group, and with it all that is always there.
    if !other.logging.group.is_empty() {
        let mut before = std::mem::replace(known, other.clone());
        before.logging.group.clear();
        return merge_function(known, &before);
    }
    let take = |known: &mut Option<u32>, other: Option<u32>| *known = other.or(*known);
    take(&mut known.reserved_concurrency, other.reserved_concurrency);
    take(&mut known.asynchronous.retries, other.asynchronous.retries);
    take(&mut known.asynchronous.max_age_s, other.asynchronous.max_age_s);
    if other.recursive_loop.is_some() {
        known.recursive_loop.clone_from(&other.recursive_loop);
    }
    for (known, other) in [
        (&mut known.status.state, &other.status.state),
        (&mut known.status.reason, &other.status.reason),
        (&mut known.status.reason_code, &other.status.reason_code),
        (&mut known.status.last_update, &other.status.last_update),
    ] {
        if other.is_some() {
            known.clone_from(other);
        }
    }
    if other.role_policies.is_some() {
        known.role_policies.clone_from(&other.role_policies);
    }
    for (alias, policy) in &other.permissions.policies {
        known.permissions.policies.insert(alias.clone(), Arc::clone(policy));
    }
    if other.logging.class.is_some() {
        known.logging.class.clone_from(&other.logging.class);
    }
    for qualified in &other.qualified {
        match known.qualified.iter_mut().find(|one| one.name == qualified.name) {
            Some(one) => one.merge(qualified),
            None => known.qualified.push(qualified.clone()),
        }
    }
    known.qualified.sort_by(|one, other| one.name.cmp(&other.name));
    for words in &other.permissions.open {
        if !known.permissions.open.contains(words) {
            known.permissions.open.push(words.clone());
        }
    }
}
