//! Versions that something invokes by their number.
//!
//! AWS (permissions): a permission is on the function, on one alias or on one version, and counts only for what is invoked by that name. There may
//! be thousands of versions: only those that a trigger names are asked for.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{State, Survey};
use crate::aws::functions::FunctionSeen;
use crate::domain::{EdgeKind, Evidence, NodeId};

impl Survey<'_> {
    /// Who may invoke the versions that triggers name.
    pub(super) async fn named_versions(&self, functions: &[Arc<FunctionSeen>]) {
        let named = versions(&self.state());
        let asked: Vec<(Arc<FunctionSeen>, String)> = named
            .into_iter()
            .filter_map(|(id, version)| {
                let function = functions.iter().find(|function| function.id == id)?;
                Some((Arc::clone(function), version))
            })
            .collect();
        self.each(asked, |(function, version)| async move {
            self.policy(&function, Some(&version)).await;
            // Whether it exists, and where it leaves what failed.
            self.behind(&function, &version, Some(version.clone())).await;
        })
        .await;
    }
}

fn versions(state: &State) -> BTreeSet<(NodeId, String)> {
    let edges = state.memory.iter().flat_map(|part| &part.edges);
    let triggers = edges.filter(|edge| edge.key.kind == EdgeKind::Trigger && edge.evidence == Evidence::Configured);
    triggers
        .filter_map(|edge| {
            let version = edge.key.qualifier.as_ref()?;
            let is_number = !version.is_empty() && version.bytes().all(|b| b.is_ascii_digit());
            is_number.then(|| (edge.key.to.clone(), version.clone()))
        })
        .collect()
}
