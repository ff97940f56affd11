//! The identity of a node.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// The ID of a node: its ARN if it has one, else the shortest text that AWS uses for it (a function URL, a skill ID). Cheap
/// to clone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NodeId(Arc<str>);

impl NodeId {
    /// The ID as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The resource's name; the whole ID if it is not an ARN.
    #[must_use]
    pub fn short_name(&self) -> &str {
        super::arn::short_name(&self.0)
    }
}

impl<T: AsRef<str>> From<T> for NodeId {
    fn from(text: T) -> Self {
        Self(Arc::from(text.as_ref()))
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
