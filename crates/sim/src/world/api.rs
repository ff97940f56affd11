//! API Gateway: APIs whose routes run a function and wait for it.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::World;
use super::arn;
use super::invocation::{Ask, Cause, Ending, Outcome};
use super::lineage::Lineage;
use super::marbles::MarbleStage;
use super::metrics::MetricKey;
use crate::time::to_iso;
use crate::value::Value;

/// The kind of an API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApiKind {
    /// `apigateway`: resources, methods, stages.
    Rest,
    /// `apigatewayv2`: routes and integrations.
    Http,
}

/// An API.
#[derive(Clone, Debug)]
pub struct Api {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: ApiKind,
    /// When it was created.
    pub created: i64,
    /// What was said about it.
    pub description: Option<String>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
    /// `HTTP` or `WEBSOCKET`.
    pub protocol: String,
    /// Integrations, routes and stages of an HTTP API; resources, deployments and stages of a REST API: by kind and id.
    pub parts: BTreeMap<(String, String), Value>,
}

impl Api {
    /// The ARN of the function behind a route such as `POST /orders`, as it stands in the integration.
    #[must_use]
    pub fn function(&self, route: &str) -> Option<String> {
        let uri = match self.kind {
            ApiKind::Http => {
                let of = |key: &str| {
                    let routes = self.parts.iter().filter(|((kind, _), _)| kind == "route");
                    routes.map(|(_, r)| r).find(|r| r.get("RouteKey").str() == Some(key))
                };
                let target = of(route).or_else(|| of("$default"))?.get("Target").str()?.to_owned();
                let id = target.trim_start_matches("integrations/").to_owned();
                self.parts
                    .get(&("integration".to_owned(), id))?
                    .get("IntegrationUri")
                    .str()?
                    .to_owned()
            }
            ApiKind::Rest => {
                let (method, path) = route.split_once(' ')?;
                let resources = self.parts.iter().filter(|((kind, _), _)| kind == "resource");
                let resource = resources.map(|(_, r)| r).find(|r| r.get("path").str() == Some(path))?;
                let methods = resource.get("resourceMethods");
                let found = [method, "ANY"]
                    .into_iter()
                    .map(|m| methods.get(m))
                    .find(|m| !m.is_null())?;
                found.path("methodIntegration.uri").str()?.to_owned()
            }
        };
        let uri = uri
            .rsplit("/functions/")
            .next()
            .unwrap_or(&uri)
            .trim_end_matches("/invocations")
            .to_owned();
        Some(uri)
    }
}

impl World {
    /// An API's ARN, without a stage.
    #[must_use]
    pub fn api_arn(&self, id: &str) -> String {
        self.arn("execute-api", id)
    }

    /// Handles a request: invokes the function behind the route and waits for it. AWS (delivery): no retries; a function's error is
    /// the client's 502.
    pub(crate) fn request(&mut self, id: &str, route: &str, body: &str) {
        let Some(api) = self.fronts.apis.get(id) else { return };
        let (kind, name) = (api.kind, api.name.clone());
        let function = api.function(route);
        self.api_metric(&name, id, kind, "Count", 1.0);
        let Some(function) = function else {
            return self.api_metric(&name, id, kind, "4XXError", 1.0);
        };
        let (method, path) = route.split_once(' ').unwrap_or(("POST", "/"));
        let n = self.next_id();
        let event = self.api_event(id, kind, method, path, body, n);
        let marble = self.carried();
        self.note_marble(marble, |world| world.api_arn(id), MarbleStage::Reached);
        let (function, qualifier) = arn::function(&function);
        let admitted = self.lambda.functions.get(function).is_some_and(|f| {
            let stage = if kind == ApiKind::Http { "$default" } else { "prod" };
            let source = format!("{}/{stage}/{method}{path}", self.api_arn(id));
            f.admits(qualifier, "apigateway.amazonaws.com", &source)
        });
        let ask = Ask {
            function: function.to_owned(),
            qualifier: qualifier.to_owned(),
            payload: event.to_string().into(),
            cause: Cause::Api(id.to_owned()),
            request: None,
            lineage: Lineage::of_marble(marble),
            attempt: 1,
        };
        if !admitted || self.start(ask).is_err() {
            self.api_metric(&name, id, kind, "5XXError", 1.0);
        }
    }

    fn api_event(&self, id: &str, kind: ApiKind, method: &str, path: &str, body: &str, n: u64) -> Json {
        let request = self.chance.uuid("api/request", n);
        match kind {
            ApiKind::Http => json!({
                "version": "2.0", "routeKey": format!("{method} {path}"), "rawPath": path, "rawQueryString": "",
                "headers": {"content-type": "application/json"},
                "requestContext": {"accountId": self.account, "apiId": id, "requestId": request, "stage": "$default",
                    "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "203.0.113.10"},
                    "time": to_iso(self.clock.now), "timeEpoch": self.clock.now},
                "body": body, "isBase64Encoded": false,
            }),
            ApiKind::Rest => json!({
                "resource": path, "path": path, "httpMethod": method, "headers": {"Content-Type": "application/json"},
                "queryStringParameters": null, "pathParameters": null,
                "requestContext": {"accountId": self.account, "apiId": id, "requestId": request, "stage": "prod",
                    "httpMethod": method, "path": path, "requestTimeEpoch": self.clock.now},
                "body": body, "isBase64Encoded": false,
            }),
        }
    }

    fn api_metric(&mut self, name: &str, id: &str, kind: ApiKind, metric: &str, value: f64) {
        let (metric, dimension) = match (kind, metric) {
            (ApiKind::Http, "4XXError") => ("4xx", ("ApiId", id)),
            (ApiKind::Http, "5XXError") => ("5xx", ("ApiId", id)),
            (ApiKind::Http, _) => (metric, ("ApiId", id)),
            (ApiKind::Rest, _) => (metric, ("ApiName", name)),
        };
        self.records.metrics.add(
            MetricKey::new("AWS/ApiGateway", metric, &[dimension]),
            self.clock.now,
            value,
        );
    }

    /// The function behind a route has answered.
    pub(super) fn api_answered(&mut self, id: &str, since: i64, outcome: &Outcome) {
        let Some(api) = self.fronts.apis.get(id) else { return };
        let (kind, name) = (api.kind, api.name.clone());
        let failed = !matches!(outcome.ending, Ending::Returned(_));
        #[expect(clippy::cast_precision_loss, reason = "a request is below 15 minutes")]
        let latency = (self.clock.now - since) as f64;
        self.api_metric(&name, id, kind, "Latency", latency);
        if failed {
            self.api_metric(&name, id, kind, "5XXError", 1.0);
        }
    }

    /// Makes an HTTP API with one integration a route; its id comes back.
    pub(crate) fn add_http_api(&mut self, name: &str, routes: &[(String, String)]) -> String {
        let n = self.next_id();
        let id = self.chance.slug("api", n, 10);
        let mut parts = BTreeMap::new();
        for (at, (route, function)) in routes.iter().enumerate() {
            let at = at as u64;
            let (integration, key) = (self.chance.slug(&id, at, 7), self.chance.slug(&id, at + 1000, 7));
            let value = crate::value::map! {
                "IntegrationId" => &integration, "IntegrationType" => "AWS_PROXY",
                "IntegrationUri" => self.arn("lambda", &format!("function:{function}")),
                "PayloadFormatVersion" => "2.0",
            };
            parts.insert(("integration".to_owned(), integration.clone()), value);
            let value = crate::value::map! {
                "RouteId" => &key, "RouteKey" => route, "Target" => format!("integrations/{integration}"),
            };
            parts.insert(("route".to_owned(), key), value);
        }
        let stage = crate::value::map! { "StageName" => "$default", "AutoDeploy" => true };
        parts.insert(("stage".to_owned(), "$default".to_owned()), stage);
        let api = Api {
            name: name.to_owned(),
            kind: ApiKind::Http,
            created: self.clock.now,
            description: None,
            tags: BTreeMap::new(),
            protocol: "HTTP".to_owned(),
            parts,
        };
        self.fronts.apis.insert(id.clone(), api);
        id
    }
}
