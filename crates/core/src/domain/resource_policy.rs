//! Resource policies as read. They are evaluated elsewhere.

use std::collections::BTreeMap;
use std::sync::Arc;

/// A policy document. Without statements it allows nothing, like no policy at all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResourcePolicy {
    /// In the order of the document.
    pub statements: Vec<Statement>,
}

/// The policies of a function and its aliases, as far as they were read, by alias; the empty string is the function.
pub type PoliciesOfFunction = BTreeMap<String, Arc<ResourcePolicy>>;

/// One statement of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Its `Sid`.
    pub sid: Option<String>,
    /// Whether its effect is Deny. AWS (permissions): a matching Deny overrides every Allow.
    pub denies: bool,
    /// Its principals.
    pub principals: Named<Principal>,
    /// Actions with `*` and `?`, case-insensitive.
    pub actions: Named<String>,
    /// ARNs with `*` and `?`.
    pub resources: Named<String>,
    /// Conditions, all of which must be met.
    pub conditions: Vec<Condition>,
}

/// The entries of an element such as `Action` or `NotAction`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named<T> {
    /// Only these.
    Only(Vec<T>),
    /// All but these.
    Except(Vec<T>),
}

/// One principal of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principal {
    /// `"*"` or `{"AWS": "*"}`. AWS (permissions): equivalent in a resource policy, and including services.
    Anyone,
    /// A service, such as `s3.amazonaws.com`.
    Service(String),
    /// An account, user, role or session: an ARN or an account ID.
    Aws(String),
    /// Federated and canonical users, and unknown ones.
    Other(String),
}

/// One key of one operator of a statement's `Condition`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The operator.
    pub operator: Operator,
    /// The key as written. AWS (permissions): case-insensitive.
    pub key: String,
    /// One of them must match; with a negated operator, none may.
    pub values: Vec<String>,
}

/// A condition operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operator {
    /// The comparison.
    pub test: Test,
    /// Whether it is negated (`StringNotEquals`).
    pub negates: bool,
    /// `…IfExists`: it is met if the request lacks the key.
    pub if_exists: bool,
    /// `ForAllValues:`, which is met if the request lacks the key. `ForAnyValue:` makes no difference for the single-valued
    /// keys known here.
    pub for_all: bool,
}

/// Comparisons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test {
    /// `StringEquals`: wildcards are plain characters.
    Text,
    /// `StringEqualsIgnoreCase`.
    TextAnyCase,
    /// `StringLike`, with `*` and `?`.
    Like,
    /// `ArnEquals` and `ArnLike`, which are equivalent. AWS (permissions): each of the six parts is compared separately, with `*` and
    /// `?`.
    Arn,
    /// `Bool`.
    Bool,
    /// `Null`: whether the request lacks the key.
    Null,
    /// Numbers, dates, addresses and unknown ones.
    Other(String),
}
