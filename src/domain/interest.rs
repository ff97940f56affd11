//! What somebody looks at: the pollers read that first and more often.

use std::collections::BTreeSet;

use super::NodeId;

/// What is on screen. The latest one counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Interest {
    /// The nodes in sight.
    pub visible: BTreeSet<NodeId>,
    /// The node that is selected.
    pub selected: Option<NodeId>,
}

impl Interest {
    /// Whether a node is on screen.
    #[must_use]
    pub fn sees(&self, id: &NodeId) -> bool {
        self.visible.contains(id)
    }
}
