//! What is on screen: the pollers read it first and more often.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::NodeId;

/// What is on screen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Interest {
    /// The nodes in sight.
    pub visible: BTreeSet<NodeId>,
    /// The node that is selected.
    pub selected: Option<NodeId>,
    /// The logs on screen.
    pub logs: LogInterest,
}

/// Logs on screen: all their lines are read, not only those that mark invocations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogInterest {
    /// The logs of these functions.
    pub functions: BTreeSet<NodeId>,
    /// Groups by name, including those of no function in the chain.
    pub groups: BTreeSet<String>,
    /// Start of the interval; `None` is 15 minutes back.
    pub since: Option<Timestamp>,
    /// Whether to start a live tail session, which costs money.
    pub live: bool,
}

impl Interest {
    /// Whether a node is on screen.
    #[must_use]
    pub fn sees(&self, id: &NodeId) -> bool {
        self.visible.contains(id)
    }
}
