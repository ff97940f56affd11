//! The scene: the boxes and lines to draw, which are the topology filtered by what a person chose (focus, collapse, inferred
//! edges, hidden names). Pure.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use globset::GlobSet;

use crate::domain::{Edge, EdgeKey, EdgeKind, Node, NodeId};
use crate::store::snapshot::{Health, Snapshot, Topology};

/// The filter that a person chose.
#[derive(Clone, Debug)]
pub struct Filter {
    /// Whether inferred edges, and those allowed by policy only, are drawn.
    pub guesses: bool,
    /// Whether healthy nodes are collapsed.
    pub collapse: bool,
    /// Draw only the chain through this node.
    pub focus: Option<NodeId>,
    /// Expanded folds, by any of their members.
    pub opened: BTreeSet<NodeId>,
    /// Hidden names.
    pub hidden: GlobSet,
}

impl Default for Filter {
    fn default() -> Self {
        Self {
            guesses: true,
            collapse: false,
            focus: None,
            opened: BTreeSet::new(),
            hidden: GlobSet::empty(),
        }
    }
}

/// A box.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// A single resource.
    Node(Arc<Node>),
    /// Several healthy resources in one small box.
    Fold(Fold),
}

/// Nodes collapsed into one box.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fold {
    /// The members.
    pub members: Vec<NodeId>,
    /// The number of healthy members; the others were not read.
    pub well: usize,
    /// The number of separate chains among them.
    pub chains: usize,
}

/// A line for all edges between two boxes.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The box at its start.
    pub from: NodeId,
    /// The box at its end.
    pub to: NodeId,
    /// Whether it leads to a dead-letter queue.
    pub dead_letter: bool,
    /// Whether one of its edges is neither inferred nor allowed by policy only.
    pub solid: bool,
    /// Whether one of its edges can deliver.
    pub enabled: bool,
    /// Its edges.
    pub edges: Vec<Arc<Edge>>,
}

/// A scene.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scene {
    /// The boxes.
    pub items: BTreeMap<NodeId, Item>,
    /// The lines, in a fixed order.
    pub lines: Vec<Line>,
    /// The line of each edge.
    pub line_of: BTreeMap<EdgeKey, usize>,
    /// The box of each node that has none of its own.
    pub folded: BTreeMap<NodeId, NodeId>,
    /// The number of nodes hidden by name.
    pub hidden: usize,
    /// The number of nodes outside of the focus.
    pub beside: usize,
}

impl Scene {
    /// The scene of a snapshot.
    #[must_use]
    pub fn of(snapshot: &Snapshot, filter: &Filter) -> Self {
        let topology = &snapshot.topology;
        let named: BTreeSet<&NodeId> = topology
            .nodes
            .values()
            .filter(|node| !filter.hidden.is_match(&node.name))
            .map(|node| &node.id)
            .collect();
        let edges: Vec<&Arc<Edge>> = topology
            .edges
            .iter()
            .filter(|edge| filter.guesses || edge.evidence.is_solid())
            .filter(|edge| named.contains(&edge.key.from) && named.contains(&edge.key.to))
            .collect();
        let shown = match &filter.focus {
            Some(focus) if named.contains(focus) => through(focus, &edges),
            _ => named.clone(),
        };
        let edges: Vec<&Arc<Edge>> = edges
            .into_iter()
            .filter(|e| shown.contains(&e.key.from) && shown.contains(&e.key.to))
            .collect();
        let folded = if filter.collapse {
            fold(snapshot, &shown, &edges, &filter.opened)
        } else {
            BTreeMap::new()
        };
        let mut picture = Self {
            hidden: topology.nodes.len() - named.len(),
            beside: named.len() - shown.len(),
            ..Self::default()
        };
        picture.add_items(topology, snapshot, &shown, folded, &edges);
        picture.add_lines(&edges);
        picture
    }

    /// The box of a node.
    #[must_use]
    pub fn box_of<'a>(&'a self, id: &'a NodeId) -> Option<&'a NodeId> {
        let id = self.folded.get(id).unwrap_or(id);
        self.items.contains_key(id).then_some(id)
    }

    fn add_items(
        &mut self,
        topology: &Topology,
        snapshot: &Snapshot,
        shown: &BTreeSet<&NodeId>,
        folded: BTreeMap<NodeId, NodeId>,
        edges: &[&Arc<Edge>],
    ) {
        for id in shown {
            if let Some(fold) = folded.get(*id) {
                let item = self
                    .items
                    .entry(fold.clone())
                    .or_insert_with(|| Item::Fold(Fold::default()));
                if let Item::Fold(fold) = item {
                    fold.members.push((*id).clone());
                    fold.well += usize::from(health(snapshot, id) == Health::Well);
                }
            } else if let Some(node) = topology.nodes.get(*id) {
                self.items.insert((*id).clone(), Item::Node(Arc::clone(node)));
            }
        }
        self.folded = folded;
        if self.folded.is_empty() {
            return;
        }
        let groups = components(shown, edges, |_| true);
        for item in self.items.values_mut() {
            if let Item::Fold(fold) = item {
                let roots: BTreeSet<_> = fold.members.iter().filter_map(|member| groups.get(member)).collect();
                fold.chains = roots.len();
            }
        }
    }

    fn add_lines(&mut self, edges: &[&Arc<Edge>]) {
        let mut found: BTreeMap<(NodeId, NodeId, bool), usize> = BTreeMap::new();
        for edge in edges {
            let own = |id: &NodeId| self.folded.get(id).unwrap_or(id).clone();
            let (from, to) = (own(&edge.key.from), own(&edge.key.to));
            if from == to && edge.key.from != edge.key.to {
                continue;
            }
            let dead_letter = edge.key.kind == EdgeKind::DeadLetter;
            let at = *found.entry((from.clone(), to.clone(), dead_letter)).or_insert_with(|| {
                self.lines.push(Line {
                    from,
                    to,
                    dead_letter,
                    solid: false,
                    enabled: false,
                    edges: Vec::new(),
                });
                self.lines.len() - 1
            });
            let line = &mut self.lines[at];
            line.solid |= edge.evidence.is_solid();
            line.enabled |= edge.enabled;
            line.edges.push(Arc::clone(edge));
            self.line_of.insert(edge.key.clone(), at);
        }
    }
}

/// The health of a node, as far as it was read.
#[must_use]
pub fn health(snapshot: &Snapshot, id: &NodeId) -> Health {
    snapshot.vitals.get(id).map_or(Health::Unknown, |vitals| vitals.health)
}

/// A hash of the health of all nodes: of what changes from one snapshot to the next, folding depends on health alone.
#[must_use]
pub fn healths(snapshot: &Snapshot) -> u64 {
    let mut hasher = DefaultHasher::new();
    for (id, vitals) in snapshot.vitals.iter() {
        (id, vitals.health).hash(&mut hasher);
    }
    hasher.finish()
}

/// All nodes upstream and downstream of a node, with their dead-letter queues.
fn through<'a>(focus: &'a NodeId, edges: &[&'a Arc<Edge>]) -> BTreeSet<&'a NodeId> {
    let mut all = reach(focus, edges, |edge| (&edge.key.from, &edge.key.to));
    all.extend(reach(focus, edges, |edge| (&edge.key.to, &edge.key.from)));
    let dead: Vec<&NodeId> = edges
        .iter()
        .filter(|edge| edge.key.kind == EdgeKind::DeadLetter && all.contains(&edge.key.from))
        .map(|edge| &edge.key.to)
        .collect();
    all.extend(dead);
    all
}

fn reach<'a>(
    start: &'a NodeId,
    edges: &[&'a Arc<Edge>],
    step: impl Fn(&'a Edge) -> (&'a NodeId, &'a NodeId),
) -> BTreeSet<&'a NodeId> {
    let mut next: BTreeMap<&NodeId, Vec<&'a NodeId>> = BTreeMap::new();
    for edge in edges {
        let (from, to) = step(edge);
        next.entry(from).or_default().push(to);
    }
    let mut found = BTreeSet::from([start]);
    let mut queue = vec![start];
    while let Some(id) = queue.pop() {
        for id in next.get(id).into_iter().flatten() {
            if found.insert(id) {
                queue.push(id);
            }
        }
    }
    found
}

/// The connected components over some of the edges: each node's representative, which is its smallest member.
fn components<'a>(
    nodes: &BTreeSet<&'a NodeId>,
    edges: &[&'a Arc<Edge>],
    joins: impl Fn(&Edge) -> bool,
) -> BTreeMap<&'a NodeId, &'a NodeId> {
    fn root<'a>(parent: &mut BTreeMap<&'a NodeId, &'a NodeId>, id: &'a NodeId) -> &'a NodeId {
        let mut at = id;
        while let Some(up) = parent.get(at).copied().filter(|up| *up != at) {
            let above = parent.get(up).copied().unwrap_or(up);
            parent.insert(at, above);
            at = above;
        }
        at
    }
    let mut parent: BTreeMap<&NodeId, &NodeId> = nodes.iter().map(|id| (*id, *id)).collect();
    for edge in edges.iter().filter(|edge| joins(edge)) {
        let (one, other) = (root(&mut parent, &edge.key.from), root(&mut parent, &edge.key.to));
        let (low, high) = if one <= other { (one, other) } else { (other, one) };
        parent.insert(high, low);
    }
    nodes.iter().map(|id| (*id, root(&mut parent, id))).collect()
}

/// The fold of each collapsed node. Healthy neighbours share one if the same issues are upstream of both, so that no fold is both
/// before and after an issue; all chains without issues share one.
fn fold(
    snapshot: &Snapshot,
    shown: &BTreeSet<&NodeId>,
    edges: &[&Arc<Edge>],
    opened: &BTreeSet<NodeId>,
) -> BTreeMap<NodeId, NodeId> {
    let quiet = |id: &NodeId| matches!(health(snapshot, id), Health::Well | Health::Unknown) && !opened.contains(id);
    let mut troubled_above: BTreeMap<&NodeId, BTreeSet<&NodeId>> = BTreeMap::new();
    for trouble in shown.iter().filter(|id| !quiet(id)) {
        for below in reach(trouble, edges, |edge| (&edge.key.from, &edge.key.to)) {
            troubled_above.entry(below).or_default().insert(trouble);
        }
    }
    let chains = components(shown, edges, |_| true);
    let restless: BTreeSet<&NodeId> = shown.iter().filter(|id| !quiet(id)).map(|id| chains[id]).collect();
    let runs = components(shown, edges, |edge| {
        quiet(&edge.key.from)
            && quiet(&edge.key.to)
            && troubled_above.get(&edge.key.from) == troubled_above.get(&edge.key.to)
    });
    let mut groups: BTreeMap<Option<&NodeId>, Vec<&NodeId>> = BTreeMap::new();
    for id in shown.iter().filter(|id| quiet(id)) {
        let run = restless.contains(chains[id]).then(|| runs[id]);
        groups.entry(run).or_default().push(id);
    }
    let mut folded = BTreeMap::new();
    for (run, members) in groups.into_iter().filter(|(_, members)| members.len() > 1) {
        let id = NodeId::from(format!("fold:{}", run.map_or("rest", NodeId::as_str)));
        folded.extend(members.into_iter().map(|member| (member.clone(), id.clone())));
    }
    folded
}
