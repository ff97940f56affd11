//! Functions, what is configured for each, and their mappings.

use std::sync::Arc;

use super::existence::Listing;
use super::{Survey, part};
use crate::aws::api;
use crate::aws::functions::FunctionSeen;
use crate::aws::policy::{Any, Granted, Permission};
use crate::domain::{
    Arn, Detail, Edge, EdgeFilter, EdgeKind, EdgePolicy, Evidence, Function, FunctionPermissions, Logging, Node,
    NodeId, NodeKind, Scope,
};
use crate::logs::blind_spots::HIDING_CLASSES;
use crate::permissions;
use crate::pollers::unread::Unread;

impl Survey<'_> {
    /// All functions in scope.
    pub(super) async fn functions(&self) -> Vec<Arc<FunctionSeen>> {
        self.more(1);
        let mut functions = Vec::new();
        let (sender, mut pages) = tokio::sync::mpsc::unbounded_channel::<Vec<FunctionSeen>>();
        let listing = async {
            let result = self.session.functions(|page| drop(sender.send(page))).await;
            drop(sender);
            result
        };
        let telling = async {
            let mut all = Vec::new();
            while let Some(page) = pages.recv().await {
                for function in page {
                    all.push(function.id.to_string());
                    // One that is not in scope may still lead to what is.
                    let listing = part(&api::LIST_FUNCTIONS, function.id.as_str());
                    if self.round > 0 && !self.before.has(&listing, &function) {
                        self.state().asked.changed.insert(function.id.clone());
                    }
                    self.tell_function(&function, &function.detail).await;
                    let environment = (function.id.clone(), function.environment.clone());
                    self.state().guessing.environments.push(environment);
                    if self.admits(&function.id, &function.name) {
                        functions.push(Arc::new(function));
                    }
                }
            }
            all
        };
        let (result, all) = tokio::join!(listing, telling);
        if result.is_ok() {
            self.state().existence.listed(Listing::Functions, all);
        }
        if let Err(error) = result {
            self.unread(part(&api::LIST_FUNCTIONS, ""), Unread::Functions, &error)
                .await;
            // Functions that were not listed are not read: what was known of them stays.
            let of_each = [
                &api::GET_POLICY,
                &api::LIST_ALIASES,
                &api::GET_FUNCTION,
                &api::LIST_INVOKE_CONFIGS,
                &api::GET_INVOKE_CONFIG,
                &api::LIST_URLS,
                &api::GET_FUNCTION,
                &api::GET_RECURSION,
                &api::DESCRIBE_SUBSCRIPTION_FILTERS,
            ];
            let unread = &mut self.state().unread;
            unread.extend(of_each.map(|api| api.action.to_owned()));
            unread.insert(super::GUESS.to_owned());
        }
        self.done().await;
        functions
    }

    async fn tell_function(&self, function: &FunctionSeen, detail: &Function) {
        let node = Node {
            id: function.id.clone(),
            kind: NodeKind::Lambda,
            name: function.name.clone(),
            detail: Detail::Function(Box::new(detail.clone())),
        };
        let edges = function.dead_letter.as_deref().and_then(super::node_of).map(|(to, _)| {
            let policy = EdgePolicy::retried_by("lambda");
            Edge::new(function.id.clone(), to, EdgeKind::DeadLetter, Evidence::Configured).with(policy)
        });
        self.found(
            part(&api::LIST_FUNCTIONS, function.id.as_str()),
            vec![node],
            edges.into_iter().collect(),
        )
        .await;
    }

    /// Log groups that cannot be tailed, and the functions that write to them.
    pub(super) async fn log_classes(&self, functions: &[Arc<FunctionSeen>]) {
        for class in HIDING_CLASSES {
            self.more(1);
            let part = part(&api::DESCRIBE_LOG_GROUPS, class);
            match self.session.groups_of_class(class).await {
                Ok(groups) => {
                    let writers = functions
                        .iter()
                        .filter(|function| groups.contains(&function.detail.logging.group));
                    let nodes = writers.map(|function| {
                        let detail = Function {
                            logging: Logging {
                                class: Some(class.to_owned()),
                                ..Logging::default()
                            },
                            ..Function::default()
                        };
                        partial(function, detail)
                    });
                    self.found(part, nodes.collect(), Vec::new()).await;
                }
                Err(error) => {
                    let what = Unread::LogGroups {
                        class: class.to_owned(),
                    };
                    self.unread(part, what, &error).await;
                }
            }
            self.done().await;
        }
    }

    /// Who may invoke a function, or one of its aliases or versions.
    pub(super) async fn policy(&self, function: &FunctionSeen, alias: Option<&str>) {
        let of = alias.map_or_else(|| function.id.to_string(), |alias| format!("{}:{alias}", function.id));
        let part = part(&api::GET_POLICY, of);
        if let Some(found) = self.carried_of(function, &part) {
            let mut state = self.state();
            found
                .edges
                .iter()
                .for_each(|edge| state.note_source(&edge.key.from, self.scope()));
            return;
        }
        match self.session.permissions(&function.name, alias).await {
            Ok((permissions, document)) => {
                self.note_policy(&function.id, &document);
                let mut edges: Vec<Edge> = Vec::new();
                let mut open = Vec::new();
                for Granted { permission, qualifier } in permissions {
                    let (from, routes) = match &permission {
                        Permission::Source(source) => match super::node_of(source) {
                            Some((id, _)) => (id, api_routes(source)),
                            None => continue,
                        },
                        Permission::Skill(skill) => (NodeId::from(skill), Vec::new()),
                        // It may start the function, whichever it is: a box that says so, and a word at the function.
                        Permission::Any(any) => {
                            open.push(any.words.clone());
                            let routes = any.pattern.as_deref().map(api_routes);
                            (any_of(any, self.scope()), routes.unwrap_or_default())
                        }
                        Permission::Open(words) => {
                            open.push(words.clone());
                            continue;
                        }
                    };
                    self.state().note_source(&from, self.scope());
                    let policy = EdgePolicy {
                        filter: EdgeFilter {
                            patterns: routes,
                            ..EdgeFilter::default()
                        },
                        ..EdgePolicy::default()
                    };
                    let edge = Edge::new(from, function.id.clone(), EdgeKind::Trigger, Evidence::Permitted)
                        .qualified(qualifier)
                        .with(policy);
                    match edges.iter_mut().find(|known| known.key == edge.key) {
                        Some(known) => known.merge(&edge),
                        None => edges.push(edge),
                    }
                }
                let policy =
                    permissions::parse(&document).map(|policy| (alias.unwrap_or("").to_owned(), Arc::new(policy)));
                let detail = Function {
                    permissions: FunctionPermissions {
                        open,
                        policies: policy.into_iter().collect(),
                    },
                    ..Function::default()
                };
                self.found(part, vec![partial(function, detail)], edges).await;
            }
            Err(error) => {
                let what = Unread::FunctionPolicy {
                    function: function.name.clone(),
                };
                self.unread(part, what, &error).await;
            }
        }
    }
}

/// A part that knows only some fields of a function: the store lays them over the others.
pub(super) fn partial(function: &FunctionSeen, mut detail: Function) -> Node {
    detail.logging.group.clear();
    Node {
        id: function.id.clone(),
        kind: NodeKind::Lambda,
        name: function.name.clone(),
        detail: Detail::Function(Box::new(detail)),
    }
}

/// The node that stands for resources of a service which a statement does not name one by one.
fn any_of(any: &Any, scope: &Scope) -> NodeId {
    if any.service == "alexa" {
        return NodeId::from("amzn1.ask.skill.*");
    }
    if let Some((id, _)) = any.pattern.as_deref().and_then(super::node_of) {
        return id;
    }
    // Where no account is named those of this one are meant with all others: one box for both.
    let account = any.account.as_deref().unwrap_or(&scope.account);
    // The ARNs of buckets have neither region nor account.
    let (region, account) = match any.service.as_str() {
        "s3" if account == scope.account => ("", ""),
        "s3" => ("", account),
        _ => (scope.region.as_str(), account),
    };
    NodeId::from(format!("arn:{}:{}:{region}:{account}:*", scope.partition, any.service))
}

/// What of an API a source ARN `…:api/stage/POST/orders` is for: `POST /orders`, a WebSocket's route (`$connect`), an
/// authorizer, and the stage where one is named. Empty where it is for whatever comes in.
fn api_routes(source: &str) -> Vec<String> {
    let Some(arn) = Arn::parse(source).filter(|arn| arn.service == "execute-api") else {
        return Vec::new();
    };
    let mut parts = arn.resource.splitn(4, '/').skip(1);
    let stage = parts.next().unwrap_or("*");
    let is_verb = |text: &str| text == "*" || text.bytes().all(|b| b.is_ascii_uppercase());
    let route = match (stage, parts.next(), parts.next()) {
        // AWS (delivery): `api/authorizers/ID`.
        ("authorizers", id, None) => return vec![format!("authorizer {}", id.unwrap_or("*"))],
        // Whatever comes in: nothing is left out.
        (_, None, _) | (_, Some("*"), None | Some("*")) => None,
        (_, Some(verb), Some(path)) if is_verb(verb) => Some(format!("{verb} /{path}")),
        (_, Some(verb), None) if is_verb(verb) => Some(verb.to_owned()),
        // AWS (delivery): a WebSocket's route and an HTTP API's `$default` stand where others have the method.
        (_, Some(route), rest) => Some(rest.map_or_else(|| route.to_owned(), |rest| format!("{route}/{rest}"))),
    };
    let stage = Some(stage)
        .filter(|stage| *stage != "*")
        .map(|stage| format!("stage {stage}"));
    route.into_iter().chain(stage).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_route_is_read_from_the_source() {
        for (source, routes) in [
            ("abc/*/POST/orders/new", &["POST /orders/new"][..]),
            ("abc/prod/*/orders", &["* /orders", "stage prod"]),
            ("abc/*/GET/", &["GET /"]),
            ("abc/*/GET", &["GET"]),
            ("abc/*/*", &[]),
            ("abc/*/*/*", &[]),
            ("*/*/*/*", &[]),
            ("abc/prod/*", &["stage prod"]),
            ("abc", &[]),
            ("abc/prod/$connect", &["$connect", "stage prod"]),
            ("abc/*/$default", &["$default"]),
            ("abc/*/sendmessage", &["sendmessage"]),
            ("abc/authorizers/xyz", &["authorizer xyz"]),
        ] {
            assert_eq!(
                api_routes(&format!("arn:aws:execute-api:r:1:{source}")),
                routes,
                "{source}"
            );
        }
        assert!(api_routes("arn:aws:s3:::b").is_empty());
    }

    #[test]
    fn what_stands_for_any_resource_has_an_id_of_its_own() {
        let scope = Scope {
            partition: "aws".into(),
            account: "1".into(),
            region: "r".into(),
        };
        let id = |service: &str, pattern: Option<&str>, account: Option<&str>| {
            let any = Any {
                service: service.into(),
                pattern: pattern.map(str::to_owned),
                account: account.map(str::to_owned),
                words: String::new(),
            };
            any_of(&any, &scope).to_string()
        };
        assert_eq!(id("ses", None, None), "arn:aws:ses:r:1:*");
        assert_eq!(id("s3", None, Some("1")), "arn:aws:s3:::*");
        assert_eq!(id("ses", None, Some("1")), "arn:aws:ses:r:1:*");
        assert_eq!(id("s3", None, Some("2")), "arn:aws:s3::2:*");
        assert_eq!(id("s3", None, None), "arn:aws:s3:::*");
        assert_eq!(
            id("execute-api", Some("arn:aws:execute-api:r:1:*/*/*/*"), None),
            "arn:aws:execute-api:r:1:*"
        );
        assert_eq!(id("alexa", None, None), "amzn1.ask.skill.*");
    }
}
