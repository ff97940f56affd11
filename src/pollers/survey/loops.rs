//! Loop detection: of use only where a function is in a circle, so that only of those it is asked.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::lambda::partial;
use super::{State, Survey, part};
use crate::aws::api;
use crate::aws::functions::FunctionSeen;
use crate::domain::{Detail, Edge, Function, Node, NodeId};
use crate::pollers::unread::Unread;
use crate::store::loops::loops;

impl Survey<'_> {
    /// Whether Lambda ends the circles that the functions are in.
    pub(super) async fn loop_detection(&self, functions: &[Arc<FunctionSeen>]) {
        let members = members(&self.state());
        let asked: Vec<Arc<FunctionSeen>> = functions
            .iter()
            .filter(|function| members.contains(&function.id))
            .cloned()
            .collect();
        self.each(asked, |function| async move { self.recursion(&function).await })
            .await;
    }

    async fn recursion(&self, function: &FunctionSeen) {
        let part = part(&api::GET_RECURSION, function.id.as_str());
        if self.carried_of(function, &part).is_some() {
            return;
        }
        match self.session.recursive_loop(&function.name).await {
            Ok(recursive_loop) => {
                let detail = Function {
                    recursive_loop,
                    ..Function::default()
                };
                self.found(part, vec![partial(function, detail)], Vec::new()).await;
            }
            Err(error) => {
                let what = Unread::LoopDetection {
                    function: function.name.clone(),
                };
                self.unread(part, what, &error).await;
            }
        }
    }
}

/// All that is in a circle, as far as it is known.
fn members(state: &State) -> BTreeSet<NodeId> {
    let nodes = state.memory.iter().flat_map(|part| &part.nodes);
    let mut all: BTreeMap<NodeId, Arc<Node>> = BTreeMap::new();
    // Only the listing of functions knows the group that each logs to.
    let logs = |node: &Node| matches!(&node.detail, Detail::Function(function) if !function.logging.group.is_empty());
    for node in nodes {
        if logs(node) || !all.contains_key(&node.id) {
            all.insert(node.id.clone(), Arc::new(node.clone()));
        }
    }
    let edges = state.memory.iter().flat_map(|part| &part.edges);
    let edges: Vec<Arc<Edge>> = edges.map(|edge| Arc::new(edge.clone())).collect();
    loops(&all, &edges).into_iter().flatten().collect()
}
