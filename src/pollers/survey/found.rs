//! What the parts of the account hold: said as it is found, and carried on from the last survey where it cannot have changed.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::in_use::is_turn;
use super::{State, Survey};
use crate::aws::api;
use crate::aws::functions::FunctionSeen;
use crate::domain::{Arn, Detail, Edge, Fact, Function, Node, NodeId, Part, Recollection, Scope};

/// Of what a listing shows to be as it was, so many of each kind are asked about in a survey all the same, in turns: a policy or
/// a reserved concurrency changes without a trace. AWS (apis): 15 a second of Lambda's calls.
const AGAIN: usize = 100;

/// What the last survey found.
#[derive(Clone, Debug, Default)]
pub(super) struct Before {
    parts: BTreeMap<Part, Recollection>,
    /// How many parts each API answered with.
    counts: BTreeMap<String, usize>,
}

impl Before {
    pub(super) fn new(memory: impl IntoIterator<Item = Recollection>) -> Self {
        let parts: BTreeMap<Part, Recollection> = memory.into_iter().map(|found| (found.part.clone(), found)).collect();
        let mut counts = BTreeMap::new();
        for part in parts.keys() {
            *counts.entry(part.api.clone()).or_default() += 1;
        }
        Self { parts, counts }
    }

    /// What a part held; `None` where that was not read, or where it is its turn to be read again.
    fn stays(&self, part: &Part, round: u32) -> Option<&Recollection> {
        let all = self.counts.get(&part.api).copied().unwrap_or(0);
        self.parts.get(part).filter(|_| !is_turn(&part.of, round, all, AGAIN))
    }

    /// Whether a part was read.
    pub(super) fn knows(&self, part: &Part) -> bool {
        self.parts.contains_key(part)
    }

    /// Whether a part held any link.
    pub(super) fn led_on(&self, part: &Part) -> bool {
        self.parts.get(part).is_some_and(|found| !found.edges.is_empty())
    }

    /// The functions of which aliases were asked about.
    pub(super) fn aliased(&self) -> BTreeSet<NodeId> {
        let policies = self.parts.keys().filter(|part| part.api == api::GET_POLICY.action);
        let of = policies.filter_map(|part| Arn::parse(&part.of));
        of.map(|arn| arn.node())
            .filter(|(_, alias)| alias.is_some())
            .map(|(id, _)| id)
            .collect()
    }

    /// Whether a part held this node as it is.
    pub(super) fn held(&self, part: &Part, node: &Node) -> bool {
        self.parts.get(part).is_some_and(|found| found.nodes.contains(node))
    }

    /// Whether a function is as the last survey's listing showed it.
    pub(super) fn has(&self, listing: &Part, function: &FunctionSeen) -> bool {
        let seen = self.parts.get(listing).map(|found| &found.nodes);
        let own = seen.and_then(|nodes| nodes.iter().find(|node| node.id == function.id));
        let is_same = |known: &Function| {
            known.last_modified == function.detail.last_modified && known.code_sha == function.detail.code_sha
        };
        matches!(own.map(|node| &node.detail), Some(Detail::Function(known)) if is_same(known))
    }
}

impl State {
    /// Takes what a part holds into what is known.
    fn take_in(&mut self, found: &Recollection) {
        for node in &found.nodes {
            self.know(node);
            self.targets.add(node);
        }
        for edge in &found.edges {
            self.existence.name(edge);
        }
        // AWS (destinations): what a mapping could not write to its on-failure destination is counted as the function's.
        let keepers = found.edges.iter();
        let keepers = keepers.filter(|edge| edge.keeps_failures() || edge.is_of_mapping());
        let keepers: Vec<NodeId> = keepers.map(|edge| edge.key.from.clone()).collect();
        self.targets.keepers.extend(keepers);
        self.parts.insert(found.part.clone());
        self.memory.push(found.clone());
    }

    /// Remembers the bucket or log group that a policy names: its own configuration confirms it.
    pub(super) fn note_source(&mut self, id: &NodeId, scope: &Scope) {
        let Some(arn) = Arn::parse(id.as_str()).filter(|arn| !arn.is_pattern()) else {
            return;
        };
        match arn.service {
            "s3" => drop(self.buckets.insert(arn.resource.to_owned())),
            "logs" if scope.holds(&arn) => drop(self.log_groups.insert(arn.name().to_owned())),
            _ => {}
        }
    }
}

impl Survey<'_> {
    /// Emits the content of one part, as far as it is in scope.
    pub(super) async fn found(&self, part: Part, mut nodes: Vec<Node>, mut edges: Vec<Edge>) {
        // Every end of an edge is a node, if only by its ARN.
        let mut named: HashSet<NodeId> = nodes.iter().map(|node| node.id.clone()).collect();
        for id in edges.iter().flat_map(|edge| [&edge.key.from, &edge.key.to]) {
            if named.insert(id.clone()) {
                nodes.push(self.bare_node(id));
            }
        }
        let listed = if self.filter.is_all() {
            Vec::new()
        } else {
            nodes.clone()
        };
        self.filter.apply(&mut nodes, &mut edges);
        let found = Recollection { part, nodes, edges };
        {
            let mut state = self.state();
            state.take_in(&found);
            let kept: BTreeSet<&NodeId> = found.nodes.iter().map(|node| &node.id).collect();
            for node in listed {
                if !kept.contains(&node.id) {
                    state.know(&node);
                    state.targets.leave_out(&node);
                    // A bare name does not take the place of what is known in full.
                    if node.detail != Detail::None || !state.guessing.left_out.contains_key(&node.id) {
                        state.guessing.left_out.insert(node.id.clone(), node);
                    }
                }
            }
        }
        let Recollection { part, nodes, edges } = found;
        self.emit.send(Fact::Found { part, nodes, edges }).await;
    }

    /// Carries on what the last survey found of a part; `None` where it is to be asked.
    pub(super) fn carried(&self, part: &Part) -> Option<&Recollection> {
        let found = self.before.stays(part, self.round)?;
        self.state().take_in(found);
        Some(found)
    }

    /// Carries on what the last survey found of a part, whether or not it is its turn.
    pub(super) fn carry_on(&self, part: &Part) {
        let mut state = self.state();
        match self.before.parts.get(part) {
            Some(found) => state.take_in(found),
            None => drop(state.parts.insert(part.clone())),
        }
    }

    /// The same of what is configured for a function, unless the function itself has changed.
    pub(super) fn carried_of(&self, function: &FunctionSeen, part: &Part) -> Option<&Recollection> {
        let has_changed = self.state().asked.changed.contains(&function.id);
        if has_changed { None } else { self.carried(part) }
    }
}
