//! Resources that a configuration names but that do not exist.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{EdgeKey, EdgeKind, NodeId};

/// A resource, alias or version that a configuration names but that is not in the complete listing of its kind.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Missing {
    /// The resource; for an alias or version, its function, which exists.
    pub id: NodeId,
    /// The alias or version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub qualifier: Option<String>,
}

impl Missing {
    /// Whether a link leads to something missing.
    #[must_use]
    pub fn cuts(all: &BTreeSet<Self>, link: &EdgeKey) -> bool {
        let is_missing = |qualifier: Option<String>| {
            let id = link.to.clone();
            all.contains(&Self { id, qualifier })
        };
        // The qualifier of a destination belongs to the function at its start.
        let by_qualifier = link.kind == EdgeKind::Trigger && link.qualifier.is_some();
        !all.is_empty() && (is_missing(None) || by_qualifier && is_missing(link.qualifier.clone()))
    }

    /// Whether the resource itself is missing.
    #[must_use]
    pub fn holds(all: &BTreeSet<Self>, id: &NodeId) -> bool {
        !all.is_empty()
            && all.contains(&Self {
                id: id.clone(),
                qualifier: None,
            })
    }
}
