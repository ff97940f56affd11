//! Which boxes and lines the chain is drawn with: the topology through what a person asked for (focus, fold, no
//! guesses, hidden names). Pure.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use globset::GlobSet;

use crate::domain::{Edge, EdgeKey, EdgeKind, Node, NodeId};
use crate::store::snapshot::{Health, Snapshot, Topology};

/// What a person asked for.
#[derive(Clone, Debug)]
pub struct Filter {
    /// Whether guessed and only permitted edges are drawn.
    pub guesses: bool,
    /// Whether what is well is folded.
    pub collapse: bool,
    /// Only the chain through this node.
    pub focus: Option<NodeId>,
    /// Folds that were opened again, by any of their members.
    pub opened: BTreeSet<NodeId>,
    /// Names that are not drawn.
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
    /// One resource.
    Node(Arc<Node>),
    /// Several that need no look, in one small box.
    Fold(Fold),
}

/// Nodes drawn as one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fold {
    /// Who is inside.
    pub members: Vec<NodeId>,
    /// How many of them are well; of the others nothing was read.
    pub well: usize,
    /// How many separate chains they were.
    pub chains: usize,
}

/// A line: one or more edges between the same two boxes.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Where it starts.
    pub from: NodeId,
    /// Where it ends.
    pub to: NodeId,
    /// Whether it leads to where dead letters land.
    pub dead_letter: bool,
    /// Whether one of its edges is more than a guess or a permission.
    pub solid: bool,
    /// Whether events pass on one of its edges.
    pub enabled: bool,
    /// Its edges.
    pub edges: Vec<Arc<Edge>>,
}

/// All of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scene {
    /// The boxes.
    pub items: BTreeMap<NodeId, Item>,
    /// The lines, in a fixed order.
    pub lines: Vec<Line>,
    /// Which line an edge is drawn as.
    pub line_of: BTreeMap<EdgeKey, usize>,
    /// Which box a node is drawn in, where that is not its own.
    pub folded: BTreeMap<NodeId, NodeId>,
    /// Nodes left out because of their name.
    pub hidden: usize,
    /// Nodes left out because of the focus.
    pub beside: usize,
}

impl Scene {
    /// What the filter leaves of a snapshot.
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

    /// The box that a node is drawn in.
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

/// How a node is, as far as it was read.
#[must_use]
pub fn health(snapshot: &Snapshot, id: &NodeId) -> Health {
    snapshot.vitals.get(id).map_or(Health::Unknown, |vitals| vitals.health)
}

/// A number that changes when any node's health does: what is folded depends on it, and on nothing else that changes
/// from one snapshot to the next.
#[must_use]
pub fn healths(snapshot: &Snapshot) -> u64 {
    let mut hasher = DefaultHasher::new();
    for (id, vitals) in snapshot.vitals.iter() {
        (id, vitals.health).hash(&mut hasher);
    }
    hasher.finish()
}

/// All that lies upstream and downstream of a node, and the dead-letter queues of what lies there.
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

/// Which nodes are drawn in which fold. Neighbours that need no look share one where the same troubles lie upstream
/// of both (so that no fold lies both before and behind a trouble); whole chains without any trouble share one.
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
