//! API Gateway, REST and HTTP: what the routes of an API lead to, by a function's ARN in an integration or by a direct call of
//! another service. An integration may use a role, so that no policy names the API.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::pages::Pages;
use super::signed::{API_GATEWAY, list, text};
use super::universal::called;
use super::{Error, Session, api};
use crate::domain::{Arn, Scope};

/// An API and what it leads to.
#[derive(Clone, Debug, Default)]
pub struct Gateway {
    /// The id that is part of its URL.
    pub id: String,
    /// Its name.
    pub name: String,
    /// `REST`, `HTTP` or `WEBSOCKET`.
    pub kind: String,
    /// Its stages.
    pub stages: Vec<String>,
    /// Each route with the ARN that it leads to: `POST /orders`, `$connect`, `authorizer NAME`.
    pub routes: Vec<(String, String)>,
}

impl Session {
    /// All REST APIs.
    pub async fn rest_apis(&self) -> Result<Vec<Gateway>, Error> {
        let mut found = Vec::new();
        for seen in self.gateway_list("GetRestApis", "/restapis", "position").await? {
            let (Some(id), name) = (text(&seen, "id"), text(&seen, "name")) else {
                continue;
            };
            let mut gateway = Gateway {
                id: id.to_owned(),
                name: name.unwrap_or(id).to_owned(),
                kind: "REST".to_owned(),
                ..Gateway::default()
            };
            let of = |part: &str| format!("/restapis/{id}/{part}");
            let resources = self.gateway_list("GetResources", &of("resources"), "position").await;
            // Deleted since it was listed.
            let resources = match resources {
                Err(Error::NotFound) => continue,
                other => other?,
            };
            for resource in &resources {
                gateway.routes.extend(rest_routes(resource, &self.scope));
            }
            for authorizer in self
                .gateway_list("GetAuthorizers", &of("authorizers"), "position")
                .await?
            {
                gateway.routes.extend(authorizer_route(&authorizer, &self.scope));
            }
            let stages = self
                .get(&api::GET_API, (&API_GATEWAY, "GetStages"), &of("stages"), &[])
                .await?;
            let stages = list(&stages, "item").iter();
            gateway.stages = stages
                .filter_map(|stage| text(stage, "stageName"))
                .map(str::to_owned)
                .collect();
            found.push(gateway);
        }
        Ok(found)
    }

    /// All HTTP and WebSocket APIs.
    pub async fn http_apis(&self) -> Result<Vec<Gateway>, Error> {
        let mut found = Vec::new();
        for seen in self.gateway_list("GetApis", "/v2/apis", "nextToken").await? {
            let (Some(id), name) = (text(&seen, "apiId"), text(&seen, "name")) else {
                continue;
            };
            let of = |part: &str| format!("/v2/apis/{id}/{part}");
            let integrations = self
                .gateway_list("GetIntegrations", &of("integrations"), "nextToken")
                .await;
            let integrations = match integrations {
                Err(Error::NotFound) => continue,
                other => other?,
            };
            let routes = self.gateway_list("GetRoutes", &of("routes"), "nextToken").await?;
            let authorizers = self
                .gateway_list("GetAuthorizers", &of("authorizers"), "nextToken")
                .await?;
            let stages = self.gateway_list("GetStages", &of("stages"), "nextToken").await?;
            let mut led = http_routes(&integrations, &routes, &self.scope);
            led.extend(authorizers.iter().filter_map(|one| authorizer_route(one, &self.scope)));
            found.push(Gateway {
                id: id.to_owned(),
                name: name.unwrap_or(id).to_owned(),
                kind: text(&seen, "protocolType").unwrap_or("HTTP").to_owned(),
                stages: stages
                    .iter()
                    .filter_map(|stage| text(stage, "stageName"))
                    .map(str::to_owned)
                    .collect(),
                routes: led,
            });
        }
        Ok(found)
    }

    /// A list of either API, read to its end: `token` is what its pages call the next one.
    async fn gateway_list(&self, operation: &'static str, path: &str, token: &str) -> Result<Vec<Value>, Error> {
        let mut all = Vec::new();
        let mut pages = Pages::of(&api::GET_API);
        while pages.more() {
            let next = pages.token();
            let mut query = match token {
                "position" => vec![("limit", "500")],
                _ => vec![("maxResults", "500")],
            };
            if operation == "GetResources" {
                query.push(("embed", "methods"));
            }
            query.extend(next.as_deref().map(|next| (token, next)));
            let mut answer = self.get(&api::GET_API, (&API_GATEWAY, operation), path, &query).await?;
            let next = text(&answer, token).map(str::to_owned);
            let key = if token == "position" { "item" } else { "items" };
            let page = match answer.get_mut(key).map(Value::take) {
                Some(Value::Array(page)) => page,
                // One thing alone is no list in some answers.
                Some(one @ Value::Object(_)) => vec![one],
                _ => Vec::new(),
            };
            pages.turn(next.as_deref(), page.iter().map(ToString::to_string))?;
            all.extend(page);
        }
        Ok(all)
    }
}

/// The routes of a REST API's resource: each of its methods, with what that leads to.
fn rest_routes(resource: &Value, scope: &Scope) -> Vec<(String, String)> {
    let path = text(resource, "path").unwrap_or("/");
    let methods = resource.get("resourceMethods").and_then(Value::as_object);
    let mut routes = Vec::new();
    for (method, told) in methods.into_iter().flatten() {
        let verb = if method == "ANY" { "*" } else { method };
        let Some(integration) = told.get("methodIntegration") else {
            continue;
        };
        let Some(uri) = text(integration, "uri") else { continue };
        for to in targets(uri, integration, scope) {
            routes.push((format!("{verb} {path}"), to));
        }
    }
    routes
}

fn authorizer_route(authorizer: &Value, scope: &Scope) -> Option<(String, String)> {
    let uri = text(authorizer, "authorizerUri")?;
    let name = text(authorizer, "name").or_else(|| text(authorizer, "id"))?;
    let to = targets(uri, &Value::Null, scope).into_iter().next()?;
    Some((format!("authorizer {name}"), to))
}

/// The routes of an HTTP or WebSocket API, by way of its integrations.
fn http_routes(integrations: &[Value], routes: &[Value], scope: &Scope) -> Vec<(String, String)> {
    let led: BTreeMap<&str, Vec<String>> = integrations
        .iter()
        .filter_map(|one| Some((text(one, "integrationId")?, http_targets(one, scope))))
        .collect();
    let each = routes.iter().flat_map(|route| {
        let key = text(route, "routeKey").unwrap_or("$default");
        let key = key
            .strip_prefix("ANY ")
            .map_or_else(|| key.to_owned(), |path| format!("* {path}"));
        let id = text(route, "target").and_then(|target| target.strip_prefix("integrations/"));
        let to = id.and_then(|id| led.get(id)).cloned().unwrap_or_default();
        to.into_iter().map(move |to| (key.clone(), to))
    });
    each.collect()
}

/// AWS (delivery): an integration has a function's ARN as its URI, or the call of another service as its subtype.
fn http_targets(integration: &Value, scope: &Scope) -> Vec<String> {
    if let Some(subtype) = text(integration, "integrationSubtype") {
        let Some((service, action)) = subtype.split_once('-') else {
            return Vec::new();
        };
        let given = integration.get("requestParameters").unwrap_or(&Value::Null);
        // The parameters of `PutEvents` are those of one entry.
        let given = if action == "PutEvents" {
            json!({"Entries": [given]})
        } else {
            given.clone()
        };
        return called((service, action), &given, scope);
    }
    let uri = text(integration, "integrationUri").unwrap_or_default();
    targets(uri, integration, scope)
}

/// What an integration's URI leads to: a function, a service's action, or a queue or bucket in its path.
/// AWS (delivery): `arn:aws:apigateway:REGION:SERVICE:path/…` or `…:action/NAME`.
fn targets(uri: &str, integration: &Value, scope: &Scope) -> Vec<String> {
    let Some(arn) = Arn::parse(uri) else { return Vec::new() };
    if arn.service == "lambda" {
        return vec![uri.to_owned()];
    }
    if arn.service != "apigateway" {
        return Vec::new();
    }
    // The place of the account is that of the called service, which may have a subdomain before it.
    let service = arn.account.rsplit('.').next().unwrap_or(arn.account);
    if let Some(path) = arn.resource.strip_prefix("path/") {
        return by_path(service, path, integration, scope).into_iter().collect();
    }
    let Some(action) = arn.resource.strip_prefix("action/") else {
        return Vec::new();
    };
    let given = in_templates(integration);
    let given = if action.eq_ignore_ascii_case("PutEvents") {
        json!({"Entries": [given]})
    } else {
        given
    };
    called((service, action), &given, scope)
}

fn by_path(service: &str, path: &str, integration: &Value, scope: &Scope) -> Option<String> {
    match service {
        // `2015-03-31/functions/ARN/invocations`
        "lambda" => {
            let (_, rest) = path.split_once("/functions/")?;
            let arn = rest.strip_suffix("/invocations").unwrap_or(rest);
            // `${stageVariables.function}` is not known here.
            Arn::parse(arn)
                .filter(|arn| !arn.resource.contains("${"))
                .map(|arn| arn.text().to_owned())
        }
        // `ACCOUNT/QUEUE`
        "sqs" => {
            let (account, name) = path.trim_end_matches('/').split_once('/')?;
            let is_name = !name.is_empty() && !name.contains(['{', '/']);
            is_name.then(|| format!("arn:{}:sqs:{}:{account}:{name}", scope.partition, scope.region))
        }
        "s3" => {
            let bucket = path
                .split('/')
                .next()
                .filter(|name| !name.is_empty() && !name.contains('{'))?;
            Some(format!("arn:{}:s3:::{bucket}", scope.partition))
        }
        // The rest of the call is in its form: `Action=Publish&TopicArn=…`.
        "sns" => in_templates(integration)
            .get("TopicArn")
            .and_then(Value::as_str)
            .map(str::to_owned),
        _ => None,
    }
}

/// The parameters that say where a call leads, in the mapping templates of an integration: a template is no JSON but
/// mostly looks like it, or like a form.
fn in_templates(integration: &Value) -> Value {
    const KEYS: [&str; 8] = [
        "stateMachineArn",
        "TopicArn",
        "QueueUrl",
        "StreamName",
        "DeliveryStreamName",
        "TableName",
        "EventBusName",
        "FunctionName",
    ];
    let mut found = serde_json::Map::new();
    let texts = ["requestTemplates", "requestParameters"].iter().flat_map(|key| {
        let map = integration.get(key).and_then(Value::as_object);
        map.into_iter().flatten()
    });
    for (name, template) in texts {
        let Some(template) = template.as_str() else { continue };
        for key in KEYS {
            // `integration.request.querystring.TopicArn`: `'arn:…'`
            let own = name
                .ends_with(&format!(".{key}"))
                .then(|| template.trim_matches('\'').to_owned());
            if let Some(value) = own.or_else(|| value_after(template, key)) {
                found.entry(key).or_insert_with(|| value.into());
            }
        }
    }
    Value::Object(found)
}

/// The text that stands for a key in a template: `"KEY": "value"`, `KEY=value`, `KEY=$util.urlEncode('value')`.
fn value_after(template: &str, key: &str) -> Option<String> {
    let rest = template.split_once(key)?.1;
    let rest = rest.trim_start_matches(['"', '\'', '\\', ':', '=', ' ', '\n', '\t']);
    let rest = rest
        .strip_prefix("$util.urlEncode(")
        .map_or(rest, |rest| rest.trim_start_matches(['\'', '"']));
    let end = rest
        .find(['"', '\'', '&', '\\', '\n', ',', ')', ' '])
        .unwrap_or(rest.len());
    let value = rest[..end].replace("%3A", ":").replace("%3a", ":").replace("%2F", "/");
    (!value.is_empty() && !value.starts_with('$')).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope() -> Scope {
        Scope {
            partition: "aws".into(),
            account: "111122223333".into(),
            region: "eu-west-1".into(),
        }
    }

    /// Integrations as public samples of API Gateway write them.
    #[test]
    fn each_integration_leads_somewhere() {
        let own = |rest: &str| rest.replace("HERE", "eu-west-1:111122223333");
        let template = |text: &str| json!({"requestTemplates": {"application/json": text}});
        for (uri, integration, expected) in [
            (
                "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:111122223333:function:put:live/invocations",
                json!({}),
                "arn:aws:lambda:HERE:function:put:live",
            ),
            (
                "arn:aws:lambda:eu-west-1:111122223333:function:put",
                json!({}),
                "arn:aws:lambda:HERE:function:put",
            ),
            (
                "arn:aws:apigateway:eu-west-1:sqs:path/111122223333/orders",
                template("Action=SendMessage&MessageBody=$input.body"),
                "arn:aws:sqs:HERE:orders",
            ),
            (
                "arn:aws:apigateway:eu-west-1:states:action/StartExecution",
                template(
                    "{\"input\": \"$util.escapeJavaScript($input.json('$'))\", \"stateMachineArn\": \"arn:aws:states:eu-west-1:111122223333:stateMachine:flow\"}",
                ),
                "arn:aws:states:HERE:stateMachine:flow",
            ),
            (
                "arn:aws:apigateway:eu-west-1:sns:action/Publish",
                template(
                    "Action=Publish&TopicArn=$util.urlEncode('arn:aws:sns:eu-west-1:111122223333:done')&Message=x",
                ),
                "arn:aws:sns:HERE:done",
            ),
            (
                "arn:aws:apigateway:eu-west-1:dynamodb:action/PutItem",
                template("{\"TableName\":\"orders\",\"Item\":{}}"),
                "arn:aws:dynamodb:HERE:table/orders",
            ),
            (
                "arn:aws:apigateway:eu-west-1:kinesis:action/PutRecord",
                template("{ \"StreamName\": \"clicks\", \"Data\": \"\" }"),
                "arn:aws:kinesis:HERE:stream/clicks",
            ),
            (
                "arn:aws:apigateway:eu-west-1:events:action/PutEvents",
                template("#set($c = 1)\n{\"Entries\":[{\"EventBusName\":\"shop\"}]}"),
                "arn:aws:events:HERE:event-bus/shop",
            ),
            (
                "arn:aws:apigateway:eu-west-1:s3:path/photos/{key}",
                json!({}),
                "arn:aws:s3:::photos",
            ),
            (
                "arn:aws:apigateway:eu-west-1:sns:path//",
                json!({"requestParameters": {"integration.request.querystring.TopicArn": "'arn:aws:sns:eu-west-1:111122223333:done'"}}),
                "arn:aws:sns:HERE:done",
            ),
        ] {
            assert_eq!(targets(uri, &integration, &scope()), [own(expected)], "{uri}");
        }
        for uri in [
            "https://example.com",
            "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:1:function:${stageVariables.f}/invocations",
            "arn:aws:apigateway:eu-west-1:s3:path/{bucket}/{key}",
            "arn:aws:apigateway:eu-west-1:dynamodb:action/Query",
            "arn:aws:elasticloadbalancing:eu-west-1:1:listener/app/x/1/2",
        ] {
            assert!(
                targets(uri, &template("{\"TableName\":\"orders\"}"), &scope()).is_empty(),
                "{uri}"
            );
        }
    }

    #[test]
    fn routes_are_those_of_methods_and_of_integrations() {
        let function = "arn:aws:lambda:eu-west-1:111122223333:function:put";
        let uri = format!("arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/{function}/invocations");
        let resource = json!({"path": "/orders", "resourceMethods": {
            "POST": {"methodIntegration": {"type": "AWS_PROXY", "uri": uri}},
            "OPTIONS": {"methodIntegration": {"type": "MOCK"}},
            "ANY": {"methodIntegration": {"uri": uri}},
        }});
        let found = rest_routes(&resource, &scope());
        let routes: Vec<&str> = found.iter().map(|(route, _)| route.as_str()).collect();
        assert_eq!(routes, ["POST /orders", "* /orders"]);
        let integrations = [
            json!({"integrationId": "i1", "integrationUri": function}),
            json!({"integrationId": "i2", "integrationSubtype": "SQS-SendMessage",
                "requestParameters": {"QueueUrl": "https://sqs.eu-west-1.amazonaws.com/111122223333/jobs", "MessageBody": "$request.body"}}),
            json!({"integrationId": "i3", "integrationSubtype": "EventBridge-PutEvents", "requestParameters": {"Detail": "$request.body"}}),
        ];
        let routes = ["GET /", "ANY /jobs", "$default"].iter().zip(["i1", "i2", "i3"]);
        let routes: Vec<Value> = routes
            .map(|(key, to)| json!({"routeKey": key, "target": format!("integrations/{to}")}))
            .collect();
        let found = http_routes(&integrations, &routes, &scope());
        assert_eq!(found[0], ("GET /".to_owned(), function.to_owned()));
        assert_eq!(
            found[1],
            (
                "* /jobs".to_owned(),
                "arn:aws:sqs:eu-west-1:111122223333:jobs".to_owned()
            )
        );
        assert_eq!(found[2].1, "arn:aws:events:eu-west-1:111122223333:event-bus/default");
        let authorizer = json!({"name": "jwt", "authorizerUri": uri});
        assert_eq!(
            authorizer_route(&authorizer, &scope()),
            Some(("authorizer jwt".to_owned(), function.to_owned()))
        );
    }
}
