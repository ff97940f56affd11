//! The role of a function: what its identity policies allow it to do. They are evaluated elsewhere.

use std::sync::Arc;

use super::resource_policy::ResourcePolicy;

/// A role with the policies that were read of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RolePolicies {
    /// Its ARN.
    pub arn: String,
    /// Inline and attached policies.
    pub policies: Vec<Arc<ResourcePolicy>>,
    /// Its permissions boundary.
    pub boundary: Boundary,
    /// Whether a policy of it could not be read: what the others do not allow is then unknown.
    pub partial: bool,
}

/// A permissions boundary. AWS (roles): what it does not allow is refused, whatever the policies allow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Boundary {
    /// The role has none.
    #[default]
    None,
    /// This policy.
    Policy(Arc<ResourcePolicy>),
    /// It has one that was not read.
    Unread,
}
