//! What the roles of functions allow: by it a guess is dropped, and what no variable names is found.
//!
//! Optional: whoever may not read IAM sees the chain as it is guessed. Roles change seldom and are one listing of the whole
//! account, so that most surveys go on with what an earlier one read.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use super::lambda::partial;
use super::{State, Survey, part};
use crate::aws::Error;
use crate::aws::api;
use crate::aws::environment::KnownIndex;
use crate::aws::functions::FunctionSeen;
use crate::aws::iam::Managed;
use crate::domain::resource_policy::{Named, Principal, ResourcePolicy, Statement};
use crate::domain::{Arn, Detail, Edge, EdgeKind, EdgePolicy, Evidence, Function, NodeId, RolePolicies};
use crate::permissions::{self, May};

/// Surveys that go on with what an earlier one read of roles.
const BETWEEN: u32 = 10;

/// What is known of roles, kept from one survey to the next.
#[derive(Clone, Debug, Default)]
pub(super) struct Roles {
    by_arn: BTreeMap<String, Arc<RolePolicies>>,
    /// Those of functions that were asked for: one that is not known in spite of it is of another account, or gone.
    asked: BTreeSet<String>,
    /// Why they could not be listed; then each is asked about by itself.
    refused: Option<Error>,
}

impl Roles {
    pub(super) fn of(&self, arn: &str) -> Option<&Arc<RolePolicies>> {
        self.by_arn.get(arn)
    }
}

impl Survey<'_> {
    /// Lists what the roles of all functions allow.
    pub(super) async fn roles(&self, functions: &[Arc<FunctionSeen>]) {
        let wanted: BTreeSet<String> = functions.iter().filter_map(|one| one.detail.role.clone()).collect();
        let is_known = wanted.is_subset(&self.state().roles.asked);
        if wanted.is_empty() || (is_known && !self.round.is_multiple_of(BETWEEN)) {
            return self.tell_roles(functions).await;
        }
        self.more(1);
        match self.session.roles().await {
            Ok(by_arn) => {
                self.state().roles = Roles {
                    by_arn,
                    asked: wanted,
                    refused: None,
                };
                self.tell_roles(functions).await;
            }
            Err(error @ Error::Denied { .. }) => self.state().roles.refused = Some(error),
            Err(error) => self.optional_unread(part(&api::GET_ROLES, ""), WHAT, &error).await,
        }
        self.done().await;
    }

    /// Asks about each role by itself, where they may not be listed.
    pub(super) async fn role_by_role(&self, functions: &[Arc<FunctionSeen>]) {
        let Some(refused) = self.state().roles.refused.clone() else {
            return;
        };
        let of_functions = functions.iter().filter_map(|one| one.detail.role.clone());
        let wanted: BTreeSet<String> = of_functions
            .filter(|arn| !self.state().roles.asked.contains(arn))
            .collect();
        let mut managed = Managed::new();
        for arn in wanted {
            match self.session.role_policies(&arn, &mut managed).await {
                Ok(role) => {
                    let mut state = self.state();
                    state.roles.by_arn.insert(arn.clone(), Arc::new(role));
                    state.roles.asked.insert(arn);
                }
                Err(Error::NotFound) => drop(self.state().roles.asked.insert(arn)),
                Err(Error::Denied { .. }) => {
                    self.optional_unread(part(&api::GET_ROLES, ""), WHAT, &refused).await;
                    break;
                }
                Err(error) => {
                    self.optional_unread(part(&api::GET_ROLES, ""), WHAT, &error).await;
                    break;
                }
            }
        }
        self.tell_roles(functions).await;
    }

    async fn tell_roles(&self, functions: &[Arc<FunctionSeen>]) {
        for function in functions {
            let role = function.detail.role.as_deref();
            let role = role.and_then(|arn| self.state().roles.of(arn).cloned());
            if let Some(role) = role {
                let detail = Function {
                    role_policies: Some(role),
                    ..Function::default()
                };
                let part = part(&api::GET_ROLES, function.id.as_str());
                self.found(part, vec![partial(function, detail)], Vec::new()).await;
            }
        }
    }
}

/// What is not known without it.
const WHAT: &str = "what functions may write to (iam:GetAccountAuthorizationDetails)";

/// What is held against roles: the links that are configured, and who is let in without a role's own policies.
pub(super) struct Allowed {
    /// From and to, of triggers both ways round: what starts a function or keeps its failures is no further write.
    linked: HashSet<(NodeId, NodeId)>,
    /// Queues and topics whose own policies name identities.
    open: HashSet<NodeId>,
}

impl Allowed {
    pub(super) fn of(state: &State) -> Self {
        let mut linked = HashSet::new();
        for edge in state.memory.iter().flat_map(|found| &found.edges) {
            let (from, to) = (edge.key.from.clone(), edge.key.to.clone());
            let is_known = matches!(edge.evidence, Evidence::Configured | Evidence::Declared);
            match edge.key.kind {
                EdgeKind::Trigger => {
                    linked.insert((to.clone(), from.clone()));
                    linked.insert((from, to));
                }
                _ if is_known => drop(linked.insert((from, to))),
                _ => {}
            }
        }
        let nodes = state.memory.iter().flat_map(|found| &found.nodes);
        let open = nodes.filter(|node| {
            let policy = match &node.detail {
                Detail::Queue(queue) => queue.policy.as_deref(),
                Detail::Topic(topic) => topic.policy.as_deref(),
                _ => None,
            };
            policy.is_some_and(names_identities)
        });
        Self {
            linked,
            open: open.map(|node| node.id.clone()).collect(),
        }
    }

    /// Whether a guess stays: the condition keys that it then depends on. `None` if the role forbids it.
    pub(super) fn keys(&self, role: Option<&RolePolicies>, to: &NodeId, survey: &Survey<'_>) -> Option<Vec<String>> {
        let may = role.and_then(|role| permissions::may_write(role, &Arn::parse(to.as_str())?, survey.scope()));
        match may {
            Some(May::No) if !self.open.contains(to) => None,
            Some(May::Depends(keys)) => Some(keys),
            _ => Some(Vec::new()),
        }
    }

    /// What only the role names.
    pub(super) fn writes(
        &self,
        function: &NodeId,
        role: &RolePolicies,
        (index, guessed): (&KnownIndex<'_>, &[Edge]),
        survey: &Survey<'_>,
    ) -> Vec<Edge> {
        let mut edges: Vec<Edge> = Vec::new();
        for to in permissions::named(role, survey.scope())
            .iter()
            .filter_map(|text| index.meant(text))
        {
            let pair = (function.clone(), to.clone());
            let is_told = guessed.iter().chain(&edges).any(|edge| edge.key.to == to);
            if to == *function || is_told || self.linked.contains(&pair) {
                continue;
            }
            let Some(keys) = self.keys(Some(role), &to, survey) else {
                continue;
            };
            let policy = EdgePolicy {
                conditional: keys,
                ..EdgePolicy::default()
            };
            edges.push(Edge::new(function.clone(), to, EdgeKind::Writes, Evidence::Permitted).with(policy));
        }
        edges
    }
}

/// Whether a policy lets identities in: a role then needs no policy of its own.
fn names_identities(policy: &ResourcePolicy) -> bool {
    let names = |statement: &Statement| match &statement.principals {
        Named::Only(list) => list.iter().any(|principal| match principal {
            Principal::Aws(name) => name.contains("role/"),
            Principal::Anyone => statement.conditions.is_empty(),
            Principal::Service(_) | Principal::Other(_) => false,
        }),
        Named::Except(_) => true,
    };
    policy
        .statements
        .iter()
        .any(|statement| !statement.denies && names(statement))
}
