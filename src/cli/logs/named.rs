//! The functions or log groups named on the command line.

use std::collections::BTreeSet;

use crate::domain::{Arn, Detail, Node, NodeId};
use crate::store::Snapshot;

/// Names as given.
pub(super) struct Named(Vec<String>);

impl Named {
    pub(super) fn new(names: &[String]) -> Self {
        Self(names.to_vec())
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether all functions are selected.
    pub(super) fn is_all(&self) -> bool {
        self.0.is_empty()
    }

    /// The selected functions, as far as they were found.
    pub(super) fn functions(&self, snapshot: &Snapshot) -> BTreeSet<NodeId> {
        let meant = |node: &&Node| self.is_all() || self.0.iter().any(|name| is(node, name));
        functions(snapshot).filter(meant).map(|node| node.id.clone()).collect()
    }

    /// The names that are log groups: those with a slash at once, others once no function has that name.
    pub(super) fn plain_groups(&self, snapshot: &Snapshot) -> BTreeSet<String> {
        let surveyed = is_surveyed(snapshot);
        let is_group = |name: &&String| {
            let no_function = || surveyed && !functions(snapshot).any(|node| is(node, name));
            !name.starts_with("arn:") && (name.contains('/') || no_function())
        };
        self.0.iter().filter(is_group).cloned().collect()
    }

    /// All selected groups, as far as they were found.
    pub(super) fn groups(&self, snapshot: &Snapshot) -> BTreeSet<String> {
        let mut groups = self.plain_groups(snapshot);
        let meant = self.functions(snapshot);
        for node in functions(snapshot).filter(|node| meant.contains(&node.id)) {
            if let Detail::Function(function) = &node.detail
                && !function.logging.group.is_empty()
            {
                groups.insert(function.logging.group.clone());
            }
        }
        groups
    }

    /// The lines to print.
    pub(super) fn wanted(&self, snapshot: &Snapshot) -> Wanted {
        let groups = self.groups(snapshot);
        let whole = if self.is_all() {
            // Leave out lines of functions outside the scope that write to the same group.
            let log = |name: &String| snapshot.logs.groups.get(name.as_str());
            let is_shared = |name: &&String| log(name).is_some_and(|log| log.shared);
            groups.iter().filter(|name| !is_shared(name)).cloned().collect()
        } else {
            self.plain_groups(snapshot)
        };
        Wanted {
            groups,
            whole,
            functions: self.functions(snapshot),
        }
    }

    /// Whether every name is resolved.
    pub(super) fn is_found(&self, snapshot: &Snapshot) -> bool {
        let found = |name: &String| name.contains('/') || functions(snapshot).any(|node| is(node, name));
        is_surveyed(snapshot) || (!self.is_all() && self.0.iter().all(found))
    }

    /// The names of neither a function nor a log group.
    pub(super) fn missing(&self, snapshot: &Snapshot) -> Vec<&str> {
        let is_nothing = |name: &&str| {
            let group = snapshot.logs.groups.get(*name);
            !functions(snapshot).any(|node| is(node, name)) && group.is_none_or(|group| group.missing)
        };
        self.0.iter().map(String::as_str).filter(is_nothing).collect()
    }
}

/// The lines to print: a log group may be shared by several functions, and with other programs.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    /// The groups to read.
    pub groups: BTreeSet<String>,
    /// Groups of which every line is printed: those named themselves, or all if nothing was named.
    pub whole: BTreeSet<String>,
    /// Functions whose lines of the other groups are printed.
    pub functions: BTreeSet<NodeId>,
}

impl Wanted {
    /// Whether a line of a group, written by `function`, is printed.
    pub(super) fn has(&self, group: &str, function: Option<&NodeId>) -> bool {
        self.whole.contains(group) || function.is_some_and(|id| self.functions.contains(id))
    }
}

fn is_surveyed(snapshot: &Snapshot) -> bool {
    snapshot.topology.surveyed_at.is_some() && !snapshot.topology.cached
}

fn functions(snapshot: &Snapshot) -> impl Iterator<Item = &Node> {
    let nodes = snapshot.topology.nodes.values().map(AsRef::as_ref);
    nodes.filter(|node| matches!(node.detail, Detail::Function(_)))
}

/// Whether a name or ARN, with or without a qualifier, is this function's.
fn is(node: &Node, name: &str) -> bool {
    node.name == name || Arn::parse(name).is_some_and(|arn| arn.node().0 == node.id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_shared_group_only_the_lines_of_who_was_named_are_meant() {
        let one = NodeId::from("arn:aws:lambda:r:1:function:one");
        let two = NodeId::from("arn:aws:lambda:r:1:function:two");
        let shared = "/shared/orders".to_owned();
        let mut wanted = Wanted {
            groups: BTreeSet::from([shared.clone()]),
            functions: BTreeSet::from([one.clone()]),
            ..Wanted::default()
        };
        assert!(wanted.has(&shared, Some(&one)));
        assert!(!wanted.has(&shared, Some(&two)));
        assert!(!wanted.has(&shared, None), "a program that is no function");
        // The group itself was named.
        wanted.whole.insert(shared.clone());
        assert!(wanted.has(&shared, Some(&two)) && wanted.has(&shared, None));
    }
}
