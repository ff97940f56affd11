//! More that starts functions, or is written to, where no mapping, rule or notification tells it: APIs, state machines, load
//! balancers, user pools, secrets, tables.
//!
//! All of it is optional, changes seldom and is one part each, so that most surveys go on with what an earlier one found.

use std::collections::BTreeSet;

use super::{Survey, part};
use crate::aws::gateways::Gateway;
use crate::aws::machines::Machine;
use crate::aws::others::{RotatedSecret, TargetGroup, UserPool};
use crate::aws::{Api, Error, api};
use crate::domain::{
    Arn, Detail, Edge, EdgeFilter, EdgeKind, EdgePolicy, Evidence, Node, NodeId, NodeKind, RetryPolicy, Scope,
};

/// Surveys that go on with what an earlier one read.
const BETWEEN: u32 = 10;

/// What one source comes to.
type Read = Result<(Vec<Node>, Vec<Edge>), Error>;

impl Survey<'_> {
    /// All of them, beside each other: each service has limits of its own.
    pub(super) async fn more_sources(&self) {
        let scope = self.scope();
        let session = self.session;
        tokio::join!(
            self.seldom(&api::GET_API, "rest", "REST APIs (apigateway:GET)", async {
                Ok(gateways(&session.rest_apis().await?, scope))
            }),
            self.seldom(&api::GET_API, "http", "HTTP APIs (apigateway:GET)", async {
                Ok(gateways(&session.http_apis().await?, scope))
            }),
            self.seldom(
                &api::LIST_MACHINES,
                "",
                "state machines (states:ListStateMachines)",
                async { Ok(machines(&session.machines().await?)) }
            ),
            self.seldom(
                &api::TARGET_GROUPS,
                "",
                "load balancers that invoke functions (elasticloadbalancing:DescribeTargetGroups)",
                async { Ok(balancers(&session.target_groups().await?)) }
            ),
            self.seldom(
                &api::LIST_USER_POOLS,
                "",
                "functions that user pools ask (cognito-idp:ListUserPools)",
                async { Ok(user_pools(&session.user_pools().await?, scope)) }
            ),
            self.seldom(
                &api::LIST_SECRETS,
                "",
                "secrets that functions rotate (secretsmanager:ListSecrets)",
                async { Ok(secrets(&session.rotated_secrets().await?)) }
            ),
        );
    }

    /// The tables of which no stream is read, where a variable says that it names a table.
    pub(super) async fn tables(&self) {
        let is_named = {
            let state = self.state();
            state.guessing.environments.iter().any(|(_, env)| env.hints_at_table())
        };
        if !is_named {
            return;
        }
        let what = "tables without a stream that variables name (dynamodb:ListTables)";
        self.seldom(&api::LIST_TABLES, "", what, async {
            let names = self.session.tables().await?;
            let with_stream: BTreeSet<String> = {
                let state = self.state();
                let streams = state.guessing.known.values();
                let streams = streams.filter(|known| known.id.as_str().contains("/stream/"));
                streams.map(|known| known.name.clone()).collect()
            };
            let names = names.iter().filter(|name| !with_stream.contains(*name));
            let arns = names.map(|name| self.scope().arn("dynamodb", &format!("table/{name}")));
            Ok((arns.map(|arn| self.bare_node(&arn.into())).collect(), Vec::new()))
        })
        .await;
    }

    /// Reads a source, or goes on with what an earlier survey found of it.
    async fn seldom(&self, api: &'static Api, of: &str, what: &str, read: impl Future<Output = Read>) {
        let part = part(api, of);
        if !self.round.is_multiple_of(BETWEEN) && self.before.knows(&part) {
            return self.carry_on(&part);
        }
        self.more(1);
        match read.await {
            Ok((nodes, edges)) => self.found(part, nodes, edges).await,
            Err(error) => self.optional_unread(part, what, &error).await,
        }
        self.done().await;
    }
}

/// A trigger that configuration tells; several from one source to one target are one edge with all policies.
fn push(edges: &mut Vec<Edge>, from: &NodeId, to: &str, policy: EdgePolicy, enabled: bool) {
    let Some((to, qualifier)) = super::node_of(to) else {
        return;
    };
    let edge = Edge::new(from.clone(), to, EdgeKind::Trigger, Evidence::Configured);
    let edge = edge.qualified(qualifier).enabled(enabled).with(policy);
    match edges.iter_mut().find(|known| known.key == edge.key) {
        Some(known) => known.merge(&edge),
        None => edges.push(edge),
    }
}

fn node(id: &NodeId, kind: NodeKind, name: &str, pairs: Vec<(String, String)>) -> Node {
    Node {
        id: id.clone(),
        kind,
        name: name.to_owned(),
        detail: if pairs.is_empty() {
            Detail::None
        } else {
            Detail::Pairs(pairs)
        },
    }
}

fn gateways(found: &[Gateway], scope: &Scope) -> (Vec<Node>, Vec<Edge>) {
    let (mut nodes, mut edges) = (Vec::new(), Vec::new());
    for gateway in found {
        let id = NodeId::from(scope.arn("execute-api", &gateway.id));
        let mut pairs = vec![("protocol".to_owned(), gateway.kind.clone())];
        if !gateway.stages.is_empty() {
            pairs.push(("stages".to_owned(), gateway.stages.join(", ")));
        }
        nodes.push(node(&id, NodeKind::Apigateway, &gateway.name, pairs));
        let mut own: Vec<Edge> = Vec::new();
        for (route, to) in &gateway.routes {
            push(&mut own, &id, to, EdgePolicy::retried_by("caller"), true);
            let known = super::node_of(to).and_then(|(to, qualifier)| {
                own.iter_mut()
                    .find(|edge| edge.key.to == to && edge.key.qualifier == qualifier)
            });
            if let Some(policy) = known.and_then(|edge| edge.policies.first_mut())
                && !policy.filter.patterns.contains(route)
            {
                policy.filter.patterns.push(route.clone());
            }
        }
        edges.append(&mut own);
    }
    (nodes, edges)
}

fn machines(found: &[Machine]) -> (Vec<Node>, Vec<Edge>) {
    let (mut nodes, mut edges) = (Vec::new(), Vec::new());
    for machine in found {
        let id = NodeId::from(&machine.arn);
        let pairs = vec![("type".to_owned(), machine.kind.clone())];
        nodes.push(node(&id, NodeKind::Stepfunctions, &machine.name, pairs));
        for task in &machine.tasks {
            let policy = EdgePolicy {
                retries: RetryPolicy {
                    max: Some(task.rules.handler_retries().into()),
                    by: Some("stepfunctions".into()),
                    ..RetryPolicy::default()
                },
                task: Some(task.rules.clone()),
                ..EdgePolicy::default()
            };
            push(&mut edges, &id, &task.to, policy, true);
        }
    }
    (nodes, edges)
}

fn balancers(found: &[TargetGroup]) -> (Vec<Node>, Vec<Edge>) {
    let (mut nodes, mut edges) = (Vec::new(), Vec::new());
    for group in found {
        // A function's policy names the target group, people the load balancer in front of it.
        let id = NodeId::from(&group.arn);
        let mut fronts = group.balancers.iter().filter_map(|arn| Some(Arn::parse(arn)?.name()));
        let name = match (fronts.next(), fronts.next()) {
            (Some(front), None) if front == group.name => group.name.clone(),
            (Some(front), None) => format!("{front} {}", group.name),
            _ => group.name.clone(),
        };
        nodes.push(node(&id, NodeKind::Alb, &name, Vec::new()));
        for to in &group.functions {
            let policy = EdgePolicy {
                filter: EdgeFilter {
                    patterns: group.routes.clone(),
                    ..EdgeFilter::default()
                },
                ..EdgePolicy::retried_by("caller")
            };
            // A group that no load balancer uses gets nothing.
            push(&mut edges, &id, to, policy, !group.balancers.is_empty());
        }
    }
    (nodes, edges)
}

fn user_pools(found: &[UserPool], scope: &Scope) -> (Vec<Node>, Vec<Edge>) {
    let (mut nodes, mut edges) = (Vec::new(), Vec::new());
    for pool in found {
        let id = NodeId::from(scope.arn("cognito-idp", &format!("userpool/{}", pool.id)));
        nodes.push(node(
            &id,
            NodeKind::Cognito,
            &pool.name,
            vec![("pool".to_owned(), pool.id.clone())],
        ));
        for (trigger, to) in &pool.triggers {
            let policy = EdgePolicy {
                filter: EdgeFilter {
                    events: vec![trigger.clone()],
                    ..EdgeFilter::default()
                },
                // AWS (delivery): three attempts in all, of 5 s each.
                retries: RetryPolicy {
                    max: Some(2),
                    by: Some("cognito".into()),
                    ..RetryPolicy::default()
                },
                ..EdgePolicy::default()
            };
            push(&mut edges, &id, to, policy, true);
        }
    }
    (nodes, edges)
}

fn secrets(found: &[RotatedSecret]) -> (Vec<Node>, Vec<Edge>) {
    let (mut nodes, mut edges) = (Vec::new(), Vec::new());
    for secret in found {
        let id = NodeId::from(&secret.arn);
        nodes.push(node(&id, NodeKind::Secretsmanager, &secret.name, Vec::new()));
        let policy = EdgePolicy {
            schedule: secret.schedule.clone(),
            ..EdgePolicy::retried_by("secretsmanager")
        };
        push(&mut edges, &id, &secret.function, policy, secret.enabled);
    }
    (nodes, edges)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::TaskRules;

    fn scope() -> Scope {
        Scope {
            partition: "aws".into(),
            account: "1".into(),
            region: "r".into(),
        }
    }

    #[test]
    fn an_api_leads_to_each_target_once_with_its_routes() {
        let f = "arn:aws:lambda:r:1:function:f";
        let route = |route: &str, to: &str| (route.to_owned(), to.to_owned());
        let gateway = Gateway {
            id: "abc".into(),
            name: "shop".into(),
            kind: "HTTP".into(),
            stages: vec!["$default".into()],
            routes: vec![
                route("GET /", f),
                route("POST /", f),
                route("POST /live", &format!("{f}:live")),
                route("POST /jobs", "arn:aws:sqs:r:1:jobs"),
            ],
        };
        let (nodes, edges) = gateways(&[gateway], &scope());
        assert_eq!(
            (nodes[0].id.as_str(), nodes[0].name.as_str()),
            ("arn:aws:execute-api:r:1:abc", "shop")
        );
        assert_eq!(edges.len(), 3);
        assert_eq!(edges[0].policies[0].filter.patterns, ["GET /", "POST /"]);
        assert_eq!(edges[1].key.qualifier.as_deref(), Some("live"));
        assert_eq!(edges[2].key.to, "arn:aws:sqs:r:1:jobs".into());
    }

    #[test]
    fn a_machine_that_runs_a_function_twice_has_one_edge_with_both_tasks() {
        let task = |state: &str| crate::aws::machines::Task {
            to: "arn:aws:lambda:r:1:function:f".into(),
            rules: TaskRules {
                state: state.into(),
                ..TaskRules::default()
            },
        };
        let machine = Machine {
            arn: "arn:aws:states:r:1:stateMachine:m".into(),
            name: "m".into(),
            kind: "EXPRESS".into(),
            tasks: vec![task("One"), task("Two")],
        };
        let (_, edges) = machines(&[machine]);
        assert_eq!((edges.len(), edges[0].policies.len()), (1, 2));
        assert_eq!(edges[0].policies[1].retries.by.as_deref(), Some("stepfunctions"));
    }

    #[test]
    fn a_load_balancer_is_named_with_its_group() {
        let group = TargetGroup {
            arn: "arn:aws:elasticloadbalancing:r:1:targetgroup/web/1".into(),
            name: "web".into(),
            balancers: vec!["arn:aws:elasticloadbalancing:r:1:loadbalancer/app/front/2".into()],
            functions: vec!["arn:aws:lambda:r:1:function:f".into()],
            routes: vec!["HTTPS:443 path /api/*".into()],
        };
        let unused = TargetGroup {
            balancers: Vec::new(),
            ..group.clone()
        };
        let (nodes, edges) = balancers(&[group]);
        assert_eq!(nodes[0].name, "front web");
        assert!(edges[0].enabled);
        assert!(!balancers(&[unused]).1[0].enabled, "nothing sends to it");
    }
}
