//! What the person's own file declares.

use super::Survey;
use crate::domain::{Arn, Edge, Evidence, NodeId, Part};

/// Stands for an API where a link is declared.
const DECLARED: &str = "declared";

impl Survey<'_> {
    /// Adds the declared links. A table is meant by its stream where that is a node.
    pub(super) async fn declared_edges(&self) {
        if self.declared.is_empty() {
            return;
        }
        let node = |id: NodeId| {
            let state = self.state();
            let table = Arn::parse(id.as_str()).filter(|arn| arn.service == "dynamodb");
            let own = table.map(|arn| format!("{}/stream/", arn.text()));
            let mut known = state.guessing.known.keys();
            let stream = own.and_then(|own| known.find(|known| known.as_str().starts_with(&own)).cloned());
            stream.unwrap_or(id)
        };
        let edges: Vec<Edge> = self
            .declared
            .iter()
            .map(|one| {
                let (from, to) = (node(one.from.id(self.scope())), node(one.to.id(self.scope())));
                Edge::new(from, to, one.kind, Evidence::Declared)
            })
            .collect();
        self.found(Part::new(DECLARED, ""), Vec::new(), edges).await;
    }
}
