//! Functions that any resource of a service may invoke: shown as a box only if no such resource is known to.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{Arn, Edge, EdgeKey, EdgeKind, Evidence, Node, NodeId, NodeKind};

/// Takes away what a policy permits without naming a resource, where a resource that it fits is configured to start the
/// same function: it explains the permission, and a second line would suggest a second trigger. The function's details
/// still show the open permission.
pub(super) fn leave_told(nodes: &BTreeMap<NodeId, Node>, edges: &mut BTreeMap<EdgeKey, Edge>) {
    let is_open = |edge: &Edge| {
        edge.evidence == Evidence::Permitted
            && edge.key.kind == EdgeKind::Trigger
            && Arn::parse(edge.key.from.as_str()).is_some_and(|arn| arn.is_pattern())
    };
    let told: BTreeSet<EdgeKey> = edges
        .values()
        .filter(|edge| is_open(edge))
        .filter(|open| {
            let is_here = nodes
                .get(&open.key.from)
                .is_some_and(|node| node.kind != NodeKind::External);
            is_here && edges.values().any(|edge| explains(edge, open))
        })
        .map(|edge| edge.key.clone())
        .collect();
    edges.retain(|key, _| !told.contains(key));
}

fn explains(edge: &Edge, open: &Edge) -> bool {
    let is_configured =
        edge.evidence == Evidence::Configured && edge.key.kind == EdgeKind::Trigger && edge.key.to == open.key.to;
    let (Some(source), Some(pattern)) = (Arn::parse(edge.key.from.as_str()), Arn::parse(open.key.from.as_str())) else {
        return false;
    };
    is_configured && source.service == pattern.service && fits(pattern.resource, source.resource)
}

/// Whether a text matches a pattern in which `*` stands for any text and `?` for one character.
fn fits(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut p, mut t) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                back = Some((p, t));
                p += 1;
            }
            Some(c) if *c == b'?' || *c == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match back {
                Some((star, from)) => {
                    (p, t) = (star + 1, from + 1);
                    back = Some((star, from + 1));
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|b| *b == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Scope;

    fn left(open: &str, configured: &str) -> usize {
        let scope = Scope {
            partition: "aws".into(),
            account: "1".into(),
            region: "r".into(),
        };
        let function = NodeId::from("arn:aws:lambda:r:1:function:f");
        let mut nodes = BTreeMap::new();
        let mut edges = BTreeMap::new();
        for (from, evidence) in [(open, Evidence::Permitted), (configured, Evidence::Configured)] {
            let node = Node::from_arn(&Arn::parse(from).expect("an ARN"), &scope);
            let edge = Edge::new(node.id.clone(), function.clone(), EdgeKind::Trigger, evidence);
            nodes.insert(node.id.clone(), node);
            edges.insert(edge.key.clone(), edge);
        }
        leave_told(&nodes, &mut edges);
        edges.len()
    }

    #[test]
    fn a_configured_trigger_explains_an_open_permission_that_it_fits() {
        for (open, configured, edges) in [
            ("arn:aws:events:r:*:*", "arn:aws:events:r:1:rule/nightly", 1),
            (
                "arn:aws:events:r:1:rule/nightly-*",
                "arn:aws:events:r:1:rule/nightly-1",
                1,
            ),
            ("arn:aws:events:r:1:rule/nightly-*", "arn:aws:events:r:1:rule/other", 2),
            ("arn:aws:s3:::*", "arn:aws:s3:::b", 1),
            ("arn:aws:s3::1:*", "arn:aws:s3:::b", 1),
            // Of another account: no bucket of this one explains it.
            ("arn:aws:s3::2:*", "arn:aws:s3:::b", 2),
            ("arn:aws:sns:r:*:*", "arn:aws:events:r:1:rule/nightly", 2),
        ] {
            assert_eq!(left(open, configured), edges, "{open} {configured}");
        }
    }

    #[test]
    fn stars_and_question_marks_stand_for_text() {
        for (pattern, text, held) in [
            ("*", "", true),
            ("a*b", "a-b-b", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("rule/*", "rule/x/y", true),
            ("rule/a", "rule/b", false),
        ] {
            assert_eq!(fits(pattern, text), held, "{pattern} {text}");
        }
    }
}
