//! What functions call, guessed from their environment variables and held against their roles.

use std::collections::BTreeSet;

use super::Survey;
use super::roles::Allowed;
use crate::aws::environment::KnownIndex;
use crate::domain::{Edge, EdgeKind, EdgePolicy, Evidence, Fact, Node, NodeId, Part, Recollection};

/// Stands for an API where what a function calls is guessed from its environment.
pub(super) const GUESS: &str = "guess";

impl Survey<'_> {
    /// Guesses from environment variables what functions call, with all that is known by now.
    pub(super) async fn guess(&self) {
        let found: Vec<(NodeId, Vec<Node>, Vec<Edge>)> = {
            let mut state = self.state();
            let mut index = KnownIndex::new(self.scope());
            for known in state.guessing.known.values() {
                index.insert(known);
            }
            let allowed = Allowed::of(&state);
            let mut found = Vec::new();
            let nothing = BTreeSet::new();
            for (function, environment) in &state.guessing.environments {
                let mut edges: Vec<Edge> = Vec::new();
                let role = state.guessing.roles.get(function);
                let role = role.and_then(|arn| state.roles.of(arn)).map(AsRef::as_ref);
                let consumed = state.guessing.consumed.get(function).unwrap_or(&nothing);
                let in_scope = |id: &NodeId| {
                    let known = state.guessing.known.get(id);
                    known.is_some_and(|known| self.admits(id, &known.name))
                };
                for (variable, target) in environment.names(&index, consumed) {
                    if target == *function || !(in_scope(function) || in_scope(&target)) {
                        continue;
                    }
                    let Some(conditional) = allowed.keys(role, &target, self) else {
                        continue;
                    };
                    let policy = EdgePolicy {
                        variable: Some(variable),
                        conditional,
                        ..EdgePolicy::default()
                    };
                    let edge = Edge::new(function.clone(), target, EdgeKind::Writes, Evidence::Guessed).with(policy);
                    match edges.iter_mut().find(|known| known.key == edge.key) {
                        Some(known) => known.merge(&edge),
                        None => edges.push(edge),
                    }
                }
                if let Some(role) = role {
                    let mut more = allowed.writes(function, role, (&index, edges.as_slice()), self);
                    more.retain(|edge| in_scope(function) || in_scope(&edge.key.to));
                    edges.extend(more);
                }
                if state.guessing.guessed.get(function) != Some(&edges) {
                    // Known nodes only: their own parts name those that are in scope.
                    let ends: BTreeSet<&NodeId> =
                        edges.iter().flat_map(|edge| [&edge.key.from, &edge.key.to]).collect();
                    let node = |id: &NodeId| match state.guessing.left_out.get(id) {
                        Some(node) => Some(node.clone()),
                        // Named by its ARN, and listed nowhere.
                        None => (!state.guessing.known.contains_key(id)).then(|| self.bare_node(id)),
                    };
                    let nodes = ends.into_iter().filter_map(node).collect();
                    found.push((function.clone(), nodes, edges));
                }
            }
            for (function, nodes, edges) in &found {
                state.guessing.guessed.insert(function.clone(), edges.clone());
                for node in nodes {
                    state.targets.add(node);
                }
            }
            found
        };
        for (function, nodes, edges) in found {
            let part = Part::new(GUESS, function.as_str());
            {
                let mut state = self.state();
                state.parts.insert(part.clone());
                state.memory.push(Recollection {
                    part: part.clone(),
                    nodes: nodes.clone(),
                    edges: edges.clone(),
                });
            }
            self.emit.send(Fact::Found { part, nodes, edges }).await;
        }
    }
}
