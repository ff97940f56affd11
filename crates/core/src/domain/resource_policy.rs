//! Resource policies as they were read: who may do what with a function, queue or topic. What they mean for one request
//! is judged elsewhere.

use std::collections::BTreeMap;
use std::sync::Arc;

/// One policy document. Without statements it allows nobody, as no policy at all does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResourcePolicy {
    /// In the order of the document.
    pub statements: Vec<Statement>,
}

/// The policies of a function and of its aliases as far as they were read, by the alias; empty text for the function.
pub type PoliciesOfFunction = BTreeMap<String, Arc<ResourcePolicy>>;

/// One statement of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Its name, where it has one.
    pub sid: Option<String>,
    /// Whether it denies. AWS: a Deny that fits wins over every Allow.
    pub denies: bool,
    /// Whom it is about.
    pub principals: Named<Principal>,
    /// Actions with `*` and `?`, in any case of letters.
    pub actions: Named<String>,
    /// ARNs with `*` and `?`.
    pub resources: Named<String>,
    /// All of them must hold.
    pub conditions: Vec<Condition>,
}

/// What an element of a statement names: `Action` some, `NotAction` all but some.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named<T> {
    /// These.
    Only(Vec<T>),
    /// All but these.
    Except(Vec<T>),
}

/// One principal of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principal {
    /// `"*"` or `{"AWS": "*"}`. AWS: the two mean the same in a resource policy, services included.
    Anyone,
    /// A service, such as `s3.amazonaws.com`.
    Service(String),
    /// An account, user, role or session: an ARN or twelve digits.
    Aws(String),
    /// Federated and canonical users, and what is not known here.
    Other(String),
}

/// One key of one operator of a statement's `Condition`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// How values are compared.
    pub operator: Operator,
    /// The key as it is written. AWS: case does not count.
    pub key: String,
    /// One of them must fit; with an operator that negates, none may.
    pub values: Vec<String>,
}

/// A condition operator, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operator {
    /// The comparison itself.
    pub test: Test,
    /// Whether it negates (`StringNotEquals`).
    pub negates: bool,
    /// `…IfExists`: it holds where the request has no such key.
    pub if_exists: bool,
    /// `ForAllValues:`, which holds where the request has no such key. `ForAnyValue:` is as no prefix for the keys of one
    /// value that are known here.
    pub for_all: bool,
}

/// How a condition compares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test {
    /// `StringEquals`: wildcards are plain characters.
    Text,
    /// `StringEqualsIgnoreCase`.
    TextAnyCase,
    /// `StringLike`, with `*` and `?`.
    Like,
    /// `ArnEquals` and `ArnLike`, which are one. AWS: each of the six parts is compared by itself, with `*` and `?`.
    Arn,
    /// `Bool`.
    Bool,
    /// `Null`: whether the request has no such key.
    Null,
    /// Numbers, dates, addresses and what is not known here.
    Other(String),
}
