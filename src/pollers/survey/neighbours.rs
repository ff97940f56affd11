//! The queues next to what is in scope: their attributes, and where they move messages, decide what becomes of a function's
//! events, although none of them is in scope by its name.

use std::collections::BTreeSet;

use super::{State, Survey};
use crate::domain::{Detail, Edge, EdgeKind, Node, NodeId, Part};

/// What such queues are a part of.
const NEIGHBOURS: &str = "neighbours";

impl State {
    /// What the links that are in scope join.
    fn ends(&self) -> BTreeSet<&NodeId> {
        let edges = self.memory.iter().flat_map(|part| &part.edges);
        edges.flat_map(|edge| [&edge.key.from, &edge.key.to]).collect()
    }

    /// Where the queues next to the chain move messages.
    pub(super) fn moves(&self) -> Vec<Edge> {
        let ends = self.ends();
        let edges = self.guessing.edges_left_out.iter();
        edges.filter(|edge| ends.contains(&edge.key.from)).cloned().collect()
    }

    /// What the queues next to the chain are, and their dead-letter queues.
    fn neighbours(&self) -> (Vec<Node>, Vec<Edge>) {
        let moves = self.moves();
        let dead: BTreeSet<&NodeId> = moves.iter().map(|edge| &edge.key.to).collect();
        let near: BTreeSet<&NodeId> = self.ends().into_iter().chain(dead.iter().copied()).collect();
        let left_out = near.into_iter().filter_map(|id| self.guessing.left_out.get(id));
        let nodes = left_out.filter(|node| matches!(node.detail, Detail::Queue(_)) || dead.contains(&node.id));
        let nodes = nodes.cloned().collect();
        (nodes, moves)
    }
}

impl Survey<'_> {
    /// Whether the account moves a message along a link of a queue that is not in scope itself.
    pub(super) fn moves_messages(edge: &Edge, nodes: &[Node]) -> bool {
        let is_queue = |node: &Node| node.id == edge.key.from && matches!(node.detail, Detail::Queue(_));
        edge.key.kind == EdgeKind::DeadLetter && nodes.iter().any(is_queue)
    }

    /// Tells the queues next to what is in scope, once all links are known.
    pub(super) async fn neighbours(&self) {
        if self.filter.is_all() {
            return;
        }
        let (nodes, edges) = self.state().neighbours();
        if nodes.is_empty() {
            return;
        }
        let part = Part::new(NEIGHBOURS, "");
        self.found_near(part, nodes, edges).await;
    }
}
