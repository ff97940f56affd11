//! What somebody looks at: the pollers read that first and more often.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::NodeId;

/// What is on screen. The latest one counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Interest {
    /// The nodes in sight.
    pub visible: BTreeSet<NodeId>,
    /// The node that is selected.
    pub selected: Option<NodeId>,
    /// The logs that are looked at.
    pub logs: LogInterest,
}

/// Which logs are looked at: they are read whole, not only for the lines that mark runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogInterest {
    /// The logs of these functions.
    pub functions: BTreeSet<NodeId>,
    /// Groups by name, those of no function in the chain included.
    pub groups: BTreeSet<String>,
    /// From when on; a quarter of an hour back where it is not said.
    pub since: Option<Timestamp>,
    /// Whether a live tail is wanted of them. It costs money.
    pub live: bool,
}

impl Interest {
    /// Whether a node is on screen.
    #[must_use]
    pub fn sees(&self, id: &NodeId) -> bool {
        self.visible.contains(id)
    }
}
