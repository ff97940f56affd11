//! What there is to look at, as the survey found it.

use std::collections::BTreeMap;

use crate::domain::{Detail, Node, NodeId, NodeKind};

/// The resources that the other pollers read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Targets {
    /// Queues and their URLs.
    pub queues: BTreeMap<NodeId, String>,
    /// Functions and their log groups.
    pub functions: BTreeMap<NodeId, String>,
    /// Functions fed by a stream: only these have an iterator age.
    pub stream_readers: std::collections::BTreeSet<NodeId>,
    /// Topics.
    pub topics: std::collections::BTreeSet<NodeId>,
    /// Rules.
    pub rules: std::collections::BTreeSet<NodeId>,
}

impl Targets {
    /// Takes a node in.
    pub fn add(&mut self, node: &Node) {
        match (&node.detail, node.kind) {
            // Parts that know only some fields of a function do not know its group.
            (Detail::Function(function), _) if function.log_group.is_empty() => {}
            (Detail::Function(function), _) => {
                self.functions.insert(node.id.clone(), function.log_group.clone());
            }
            (Detail::Queue(queue), _) => {
                self.queues.insert(node.id.clone(), queue.url.clone());
            }
            (_, NodeKind::Sns) => {
                self.topics.insert(node.id.clone());
            }
            (_, NodeKind::Eventbridge) if node.id.as_str().contains(":rule/") => {
                self.rules.insert(node.id.clone());
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Function;

    #[test]
    fn a_part_that_knows_less_takes_no_log_group_away() {
        let node = |group: &str| Node {
            id: "f".into(),
            kind: NodeKind::Lambda,
            name: "f".into(),
            detail: Detail::Function(Box::new(Function {
                log_group: group.into(),
                ..Function::default()
            })),
        };
        let mut targets = Targets::default();
        targets.add(&node("/aws/lambda/f"));
        targets.add(&node(""));
        assert_eq!(
            targets.functions.get(&NodeId::from("f")).map(String::as_str),
            Some("/aws/lambda/f")
        );
    }
}
