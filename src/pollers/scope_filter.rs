//! The part of an account to show.

use std::collections::HashSet;

use globset::{Glob, GlobMatcher};

use crate::aws::{Error, Session};
use crate::domain::{Edge, Node, NodeId};

/// `--stack`, `--tag` and `--only`: an edge belongs to the scope when either end does, so that what feeds a stack and
/// what it feeds stay visible.
#[derive(Clone, Debug, Default)]
pub struct ScopeFilter {
    arns: Option<HashSet<String>>,
    names: Vec<GlobMatcher>,
}

impl ScopeFilter {
    /// Names that match one of the patterns (all, where there is none).
    pub fn only(patterns: &[String]) -> Result<Self, globset::Error> {
        let names = patterns
            .iter()
            .map(|p| Glob::new(p).map(|glob| glob.compile_matcher()))
            .collect::<Result<_, _>>()?;
        Ok(Self { arns: None, names })
    }

    /// Narrows to the resources of a `CloudFormation` stack and of a tag, as the tagging service lists them.
    pub async fn narrow(
        mut self,
        session: &Session,
        stack: Option<&str>,
        tag: Option<(&str, &str)>,
    ) -> Result<Self, Error> {
        if let Some(stack) = stack {
            self.keep(session.tagged("aws:cloudformation:stack-name", Some(stack)).await?);
        }
        if let Some((key, value)) = tag {
            self.keep(session.tagged(key, Some(value)).await?);
        }
        Ok(self)
    }

    fn keep(&mut self, arns: Vec<String>) {
        let arns: HashSet<String> = arns.into_iter().collect();
        self.arns = Some(match self.arns.take() {
            Some(before) => before.intersection(&arns).cloned().collect(),
            None => arns,
        });
    }

    /// Whether everything is in scope.
    #[must_use]
    pub fn is_all(&self) -> bool {
        self.arns.is_none() && self.names.is_empty()
    }

    /// Whether a resource is in scope itself.
    #[must_use]
    pub fn admits(&self, id: &NodeId, name: &str) -> bool {
        let by_name = self.names.is_empty() || self.names.iter().any(|glob| glob.is_match(name));
        by_name && self.arns.as_ref().is_none_or(|arns| holds(arns, id.as_str()))
    }

    /// Leaves out what is not in scope.
    pub fn apply(&self, nodes: &mut Vec<Node>, edges: &mut Vec<Edge>) {
        if self.is_all() {
            return;
        }
        let name_of = |id: &NodeId| {
            let listed = nodes.iter().find(|node| node.id == *id).map(|node| node.name.clone());
            listed
                .or_else(|| Some(crate::domain::Arn::parse(id.as_str())?.name().to_owned()))
                .unwrap_or_default()
        };
        edges.retain(|edge| {
            [&edge.key.from, &edge.key.to]
                .iter()
                .any(|id| self.admits(id, &name_of(id)))
        });
        nodes.retain(|node| {
            self.admits(&node.id, &node.name)
                || edges
                    .iter()
                    .any(|edge| edge.key.from == node.id || edge.key.to == node.id)
        });
    }
}

/// A table's stream is in scope with its table.
fn holds(arns: &HashSet<String>, id: &str) -> bool {
    arns.contains(id) || id.split_once("/stream/").is_some_and(|(table, _)| arns.contains(table))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{EdgeKind, Evidence, NodeKind};

    #[test]
    fn an_edge_with_one_end_in_scope_stays_with_both_its_ends() {
        let filter = ScopeFilter::only(&["orders-*".into()]).expect("a pattern");
        let node = |id: &str| Node {
            id: format!("arn:aws:sqs:r:1:{id}").into(),
            kind: NodeKind::Sqs,
            name: id.into(),
            detail: crate::domain::Detail::None,
        };
        let edge =
            |from: &str, to: &str| Edge::new(node(from).id, node(to).id, EdgeKind::Trigger, Evidence::Configured);
        let mut nodes = vec![node("orders-a"), node("other"), node("far")];
        let mut edges = vec![edge("orders-a", "other"), edge("other", "far")];
        filter.apply(&mut nodes, &mut edges);
        assert_eq!(
            nodes.iter().map(|n| n.name.as_str()).collect::<Vec<_>>(),
            ["orders-a", "other"]
        );
        assert_eq!(edges.len(), 1);
    }
}
