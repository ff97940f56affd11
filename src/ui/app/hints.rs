//! What the configuration puts at risk, found anew only when the chain or its issues change.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::doctor::{Hint, hints};
use crate::domain::NodeId;
use crate::store::snapshot::{Snapshot, Topology, Trouble};

/// The hints of each box that no issue has said already.
#[derive(Clone, Debug, Default)]
pub struct Hints {
    of: Arc<BTreeMap<NodeId, Vec<Hint>>>,
    topology: Arc<Topology>,
    troubles: Arc<Vec<Trouble>>,
}

impl Hints {
    /// Takes a snapshot in.
    pub fn update_from(&mut self, snapshot: &Snapshot) {
        let is_same =
            Arc::ptr_eq(&self.topology, &snapshot.topology) && Arc::ptr_eq(&self.troubles, &snapshot.troubles);
        // What is still being read proves no setting wrong.
        if is_same || snapshot.topology.surveyed_at.is_none() {
            return;
        }
        self.topology = Arc::clone(&snapshot.topology);
        self.troubles = Arc::clone(&snapshot.troubles);
        let mut of: BTreeMap<NodeId, Vec<Hint>> = BTreeMap::new();
        for hint in hints(snapshot).into_iter().filter(|hint| !hint.rule.is_issue()) {
            of.entry(hint.of.clone()).or_default().push(hint);
        }
        self.of = Arc::new(of);
    }

    /// Those of one box, the worst first.
    #[must_use]
    pub fn of(&self, id: &NodeId) -> &[Hint] {
        self.of.get(id).map_or(&[], Vec::as_slice)
    }

    /// All of them, box by box.
    pub fn all(&self) -> impl Iterator<Item = &Hint> {
        self.of.values().flatten()
    }
}
