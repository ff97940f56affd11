//! Whether events can be delivered along a link, as far as the configuration shows.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::ask::Ask;
use super::evaluate::{Nearest, Verdict, evaluate};
use crate::domain::resource_policy::ResourcePolicy;
use crate::domain::{Arn, Detail, Edge, EdgeKind, Evidence, Missing, Node, NodeId, NodeKind, Part, Scope, Unknown};

/// The API that returns a function's state.
const STATE: &str = "lambda:GetFunction";

/// What configuration says of a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// Nothing stands in its way: permission is proved.
    Arrives,
    /// Nothing that is sent along it can arrive.
    CannotArrive(Obstacle),
    /// It depends on what was not read.
    Unknown(Doubt),
}

/// Why nothing can arrive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// No statement of the target's policy allows it.
    NotAllowed {
        /// What is asked of the target.
        ask: Ask,
        /// The statement that comes nearest.
        nearest: Option<Nearest>,
    },
    /// A statement of the target's policy denies it.
    Denied {
        /// What is asked of the target.
        ask: Ask,
        /// The statement: its name, or its place in the document where it has none.
        statement: String,
    },
    /// The target does not exist: the listing of its kind, read to its end, does not name it.
    Gone,
    /// The target is encrypted with a key that AWS manages, whose policy admits no service and cannot be changed.
    AwsManagedKey(String),
    /// What the source sends cannot go to a FIFO queue or topic.
    Fifo,
    /// The event source mapping is disabled.
    MappingOff,
    /// The function is in a state that refuses invocations. AWS (permissions): `Failed`.
    State(String),
}

/// What would have to be known to decide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// The target's policy.
    Policy,
    /// The function's state, which may refuse invocations.
    FunctionState,
    /// A policy that is not read: `the resource policies of CloudWatch Logs`.
    OtherPolicy(&'static str),
    /// The values of these condition keys.
    Conditions(Vec<String>),
    /// Whether the account belongs to an organisation that the policy names: the conditions as they are written.
    Organisation(Vec<String>),
    /// The permissions of a role: its ARN, `None` if unknown.
    Role(Option<String>),
    /// What the policy of a customer managed key allows: the key.
    Key(String),
    /// The target is in another account or region.
    Elsewhere,
    /// What AWS does with invocations in this state of the function, which it does not document.
    State(String),
}

/// What is known of the account that links are judged with.
#[derive(Clone, Copy, Debug)]
pub struct Account<'a> {
    /// Where.
    pub scope: &'a Scope,
    /// Every node, with what was read of it.
    pub nodes: &'a BTreeMap<NodeId, Arc<Node>>,
    /// What is named and does not exist.
    pub missing: &'a BTreeSet<Missing>,
    /// Whose answers are missing.
    pub unread: &'a BTreeMap<Part, Unknown>,
}

impl Account<'_> {
    /// Judges one link. `None` if configuration says nothing of it: a guess, a permission alone, a rule that is off, what
    /// is polled or called by others.
    #[must_use]
    pub fn arrival(&self, edge: &Edge) -> Option<Arrival> {
        if edge.evidence != Evidence::Configured || edge.key.kind == EdgeKind::Writes {
            return None;
        }
        let (source, target) = (self.nodes.get(&edge.key.from)?, self.nodes.get(&edge.key.to)?);
        if !edge.enabled {
            let is_mapping = edge.key.kind == EdgeKind::Trigger
                && target.kind == NodeKind::Lambda
                && edge.policies.iter().any(|policy| policy.status.state.is_some());
            return is_mapping.then_some(Arrival::CannotArrive(Obstacle::MappingOff));
        }
        let (from, to) = (Arn::parse(source.id.as_str())?, Arn::parse(target.id.as_str())?);
        if Missing::cuts(self.missing, &edge.key) {
            return Some(Arrival::CannotArrive(Obstacle::Gone));
        }
        if let Some(role) = role(edge, source) {
            return Some(Arrival::Unknown(Doubt::Role(role)));
        }
        let Some(ask) = Ask::of(&from, &to, edge.key.qualifier.as_deref(), self.scope) else {
            return unread_policy(&from, &to).map(Arrival::Unknown);
        };
        if !self.scope.holds(&to) || target.kind == NodeKind::External {
            return Some(Arrival::Unknown(Doubt::Elsewhere));
        }
        Some(match judged(edge, source, target, ask) {
            Arrival::Arrives if self.is_unread(STATE, target) => Arrival::Unknown(Doubt::FunctionState),
            other => other,
        })
    }

    /// Whether an API call for a function failed.
    fn is_unread(&self, api: &str, function: &Node) -> bool {
        function.kind == NodeKind::Lambda && self.unread.contains_key(&Part::new(api, function.id.as_str()))
    }
}

/// The policy that decides over what a rule sends, where that is none of those that are read. `None` if a link is no
/// sending of a rule.
fn unread_policy(from: &Arn<'_>, to: &Arn<'_>) -> Option<Doubt> {
    if from.service != "events" || !from.resource.starts_with("rule/") {
        return None;
    }
    Some(match to.service {
        // AWS (permissions): a log group is never reached by a role, a bus of the same account and region may be.
        "logs" => Doubt::OtherPolicy("the resource policies of CloudWatch Logs"),
        "events" if to.is_bus() => Doubt::OtherPolicy("the policy of the event bus"),
        _ => Doubt::Role(None),
    })
}

/// Judges a link whose target's policy decides.
fn judged(edge: &Edge, source: &Node, target: &Node, ask: Ask) -> Arrival {
    if refuses_fifo(edge, source, target) {
        return Arrival::CannotArrive(Obstacle::Fifo);
    }
    let key = key(&target.detail);
    if let Some(key) = key.filter(|key| is_aws_managed(key)) {
        return Arrival::CannotArrive(Obstacle::AwsManagedKey(key.to_owned()));
    }
    let Some(policies) = policies(&target.detail, edge.key.qualifier.as_deref()) else {
        return Arrival::Unknown(Doubt::Policy);
    };
    match evaluate(policies.iter().map(AsRef::as_ref), &ask) {
        Verdict::Allowed => match (state(&target.detail), key) {
            (Some(state), _) => state,
            (None, Some(key)) => Arrival::Unknown(Doubt::Key(key.to_owned())),
            (None, None) => Arrival::Arrives,
        },
        Verdict::AllowedIf(conditions) => Arrival::Unknown(Doubt::Organisation(conditions)),
        Verdict::Denied(statement) => Arrival::CannotArrive(Obstacle::Denied { ask, statement }),
        Verdict::NoStatement(nearest) => Arrival::CannotArrive(Obstacle::NotAllowed { ask, nearest }),
        Verdict::Unknown(keys) => Arrival::Unknown(Doubt::Conditions(keys)),
    }
}

/// The role with which the source writes, if it uses one, with its ARN if that is known.
#[expect(clippy::option_option, reason = "by no role, by one, by one that is not known")]
fn role(edge: &Edge, source: &Node) -> Option<Option<String>> {
    // A target with a role is judged by that and not by the resource's policy.
    if let Some(role) = edge.policies.iter().find_map(|policy| policy.role.clone()) {
        return Some(Some(role));
    }
    match (source.kind, edge.key.kind) {
        // AWS (permissions): Lambda writes with the function's role, Scheduler with the schedule's, a pipe with its own.
        (NodeKind::Lambda, EdgeKind::Destination | EdgeKind::DeadLetter) | (NodeKind::Schedule | NodeKind::Pipe, _) => {
            Some(None)
        }
        _ => None,
    }
}

/// AWS (permissions): S3 notifies no FIFO queue or topic; a standard topic delivers to no FIFO queue, and what a rule could not deliver
/// goes to standard queues only.
fn refuses_fifo(edge: &Edge, source: &Node, target: &Node) -> bool {
    let is_fifo = |node: &Node| node.id.as_str().strip_suffix(".fifo").is_some();
    is_fifo(target)
        && match source.kind {
            NodeKind::S3 => true,
            NodeKind::Sns => !is_fifo(source),
            NodeKind::Eventbridge => edge.key.kind == EdgeKind::DeadLetter,
            _ => false,
        }
}

/// The key that encrypts a queue or topic, where one of KMS does.
fn key(detail: &Detail) -> Option<&str> {
    match detail {
        Detail::Queue(queue) => queue.kms_key.as_deref(),
        Detail::Topic(topic) => topic.kms_key.as_deref(),
        _ => None,
    }
}

/// AWS (permissions): the aliases under `alias/aws/` are of keys that it manages.
fn is_aws_managed(key: &str) -> bool {
    key.starts_with("alias/aws/") || key.contains(":alias/aws/")
}

/// The policies that decide, where they were read.
fn policies(detail: &Detail, qualifier: Option<&str>) -> Option<Vec<Arc<ResourcePolicy>>> {
    match detail {
        Detail::Function(function) => {
            // A version's own policy is asked for where a trigger names it.
            let of = |alias: &str| function.permissions.policies.get(alias).cloned();
            match qualifier {
                None => Some(vec![of("")?]),
                Some(alias) => Some(vec![of(alias)?, of("")?]),
            }
        }
        Detail::Queue(queue) => Some(vec![queue.policy.clone()?]),
        Detail::Topic(topic) => Some(vec![topic.policy.clone()?]),
        _ => None,
    }
}

/// What the state of a function says, where it says anything. AWS (permissions): one that failed is not invoked; an inactive one wakes up
/// and a pending one becomes ready.
fn state(detail: &Detail) -> Option<Arrival> {
    let Detail::Function(function) = detail else {
        return None;
    };
    match function.status.state.as_deref()? {
        "Active" | "Inactive" | "Pending" => None,
        state @ "Failed" => Some(Arrival::CannotArrive(Obstacle::State(state.to_owned()))),
        state => Some(Arrival::Unknown(Doubt::State(state.to_owned()))),
    }
}
