//! API Gateway: REST APIs and HTTP APIs, as far as a client builds one with a function behind a route.

use std::collections::BTreeMap;

use super::{Handler, Table, as_map, page, page_size, tag_map};
use crate::call::{Answer, Call, Fault};
use crate::value::{Value, map};
use crate::world::World;
use crate::world::api::{Api, ApiKind};

/// Operations of `apigateway`.
pub(super) const REST: Table = &[
    ("CreateDeployment", create_deployment),
    ("CreateResource", create_resource),
    ("CreateRestApi", create_rest),
    ("CreateStage", create_rest_stage),
    ("DeleteRestApi", |world, call| delete(world, call, "restApiId")),
    ("GetAuthorizers", |_, _| Ok(no_authorizers())),
    ("GetIntegration", get_integration),
    ("GetMethod", get_method),
    ("GetResources", get_resources),
    ("GetRestApi", get_rest),
    ("GetRestApis", get_rests),
    ("GetStages", get_rest_stages),
    ("PutIntegration", put_integration),
    ("PutIntegrationResponse", |_, _| {
        Ok(map! { "statusCode" => "200" }.into())
    }),
    ("PutMethod", put_method),
    ("PutMethodResponse", |_, _| Ok(map! { "statusCode" => "200" }.into())),
];

/// Operations of `apigatewayv2`.
pub(super) const HTTP: Table = &[
    ("CreateApi", create_http),
    ("CreateIntegration", create_integration),
    ("CreateRoute", create_route),
    ("CreateStage", create_http_stage),
    ("DeleteApi", |world, call| delete(world, call, "ApiId")),
    ("GetApi", get_http),
    ("GetApis", get_https),
    ("GetAuthorizers", |_, _| Ok(no_authorizers())),
    ("GetIntegrations", GET_INTEGRATIONS),
    ("GetRoutes", GET_ROUTES),
    ("GetStages", GET_STAGES),
];

const GET_INTEGRATIONS: Handler = |world, call| items(world, call, "integration");
const GET_ROUTES: Handler = |world, call| items(world, call, "route");
const GET_STAGES: Handler = |world, call| items(world, call, "stage");

fn not_found(what: &str) -> Fault {
    Fault::new(404, "NotFoundException", format!("Invalid {what} identifier specified"))
}

fn bad(why: &str) -> Fault {
    Fault::bad("BadRequestException", why)
}

/// The API that a call is about.
fn api<'a>(world: &'a mut World, call: &Call, kind: ApiKind) -> Result<&'a mut Api, Fault> {
    let member = if kind == ApiKind::Rest { "restApiId" } else { "ApiId" };
    let found = world
        .fronts
        .apis
        .get_mut(call.str(member).unwrap_or(""))
        .filter(|api| api.kind == kind);
    found.ok_or_else(|| not_found("API"))
}

/// No client can make one here.
fn no_authorizers() -> Answer {
    let none = Vec::<Value>::new();
    map! { "items" => none }.into()
}

fn make(world: &mut World, call: &Call, kind: ApiKind) -> Result<String, Fault> {
    let name = call
        .str("name")
        .or(call.str("Name"))
        .ok_or_else(|| bad("Invalid API name specified"))?;
    let n = world.next_id();
    let id = world.chance.slug("api", n, 10);
    let tags = if kind == ApiKind::Rest {
        call.get("tags")
    } else {
        call.get("Tags")
    };
    let made = Api {
        name: name.to_owned(),
        kind,
        created: world.now(),
        description: call.str("description").or(call.str("Description")).map(str::to_owned),
        tags: tag_map(tags),
        protocol: call.str("ProtocolType").unwrap_or("HTTP").to_owned(),
        parts: BTreeMap::new(),
    };
    world.fronts.apis.insert(id.clone(), made);
    Ok(id)
}

/// An id for a part of an API.
fn part_id(world: &mut World, length: usize) -> String {
    let n = world.next_id();
    world.chance.slug("api-part", n, length)
}

fn put(api: &mut Api, kind: &str, id: &str, value: Value) {
    api.parts.insert((kind.to_owned(), id.to_owned()), value);
}

fn parts<'a>(api: &'a Api, kind: &'a str) -> impl Iterator<Item = &'a Value> {
    api.parts
        .iter()
        .filter(move |((k, _), _)| k == kind)
        .map(|(_, value)| value)
}

fn delete(world: &mut World, call: &Call, member: &str) -> Result<Answer, Fault> {
    let gone = world.fronts.apis.remove(call.str(member).unwrap_or(""));
    gone.map(|_| Answer::empty()).ok_or_else(|| not_found("API"))
}

// REST APIs

fn shown_rest(id: &str, api: &Api) -> Value {
    map! {
        "id" => id, "name" => &api.name, "description" => api.description.clone(), "createdDate" => Value::Time(api.created),
        "apiKeySource" => "HEADER", "endpointConfiguration" => map! { "types" => vec!["EDGE"] },
        "tags" => (!api.tags.is_empty()).then(|| as_map(&api.tags)), "disableExecuteApiEndpoint" => false,
    }
}

fn create_rest(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let id = make(world, call, ApiKind::Rest)?;
    let root = part_id(world, 10);
    let Some(made) = world.fronts.apis.get_mut(&id) else {
        return Err(not_found("API"));
    };
    put(made, "resource", &root, map! { "id" => &root, "path" => "/" });
    let mut shown = shown_rest(&id, made);
    shown.set("rootResourceId", root);
    Ok(shown.into())
}

fn get_rest(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let id = call.str("restApiId").unwrap_or("");
    Ok(shown_rest(id, api(world, call, ApiKind::Rest)?).into())
}

fn get_rests(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let all = world.fronts.apis.iter().filter(|(_, api)| api.kind == ApiKind::Rest);
    let (found, next) = page(all, call.str("position"), page_size(call, "limit", 25));
    let found: Vec<Value> = found.into_iter().map(|(id, api)| shown_rest(id, api)).collect();
    Ok(map! { "items" => found, "position" => next }.into())
}

fn get_resources(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let whole = call.get("embed").strings().any(|e| e == "methods");
    let found: Vec<Value> = parts(api(world, call, ApiKind::Rest)?, "resource").cloned().collect();
    let (found, next) = page(found, call.str("position"), page_size(call, "limit", 25));
    let found: Vec<Value> = found
        .into_iter()
        .map(|mut resource| {
            if !whole {
                let names = resource
                    .get("resourceMethods")
                    .entries()
                    .map(|(k, _)| (k.to_owned(), map! {}));
                let names: crate::value::Map = names.collect();
                resource.set(
                    "resourceMethods",
                    if names.is_empty() {
                        Value::Null
                    } else {
                        Value::Map(names)
                    },
                );
            }
            resource
        })
        .collect();
    Ok(map! { "items" => found, "position" => next }.into())
}

fn create_resource(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let id = part_id(world, 6);
    let (parent, part) = (call.str("parentId").unwrap_or(""), call.str("pathPart").unwrap_or(""));
    let api = api(world, call, ApiKind::Rest)?;
    let above = api
        .parts
        .get(&("resource".to_owned(), parent.to_owned()))
        .ok_or_else(|| not_found("Resource"))?;
    let path = format!("{}/{part}", above.get("path").str().unwrap_or("").trim_end_matches('/'));
    if parts(api, "resource").any(|r| r.get("path").str() == Some(path.as_str())) {
        let why = "Another resource with the same parent already has this name: ".to_owned() + part;
        return Err(Fault::new(409, "ConflictException", why));
    }
    let made = map! { "id" => &id, "parentId" => parent, "pathPart" => part, "path" => path };
    put(api, "resource", &id, made.clone());
    Ok(made.into())
}

/// The resource that a call is about.
fn resource<'a>(world: &'a mut World, call: &Call) -> Result<&'a mut Value, Fault> {
    let id = call.str("resourceId").unwrap_or("").to_owned();
    let found = api(world, call, ApiKind::Rest)?
        .parts
        .get_mut(&("resource".to_owned(), id));
    found.ok_or_else(|| not_found("Resource"))
}

fn put_method(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let verb = call.str("httpMethod").unwrap_or("").to_owned();
    let found = resource(world, call)?;
    let method = map! {
        "httpMethod" => &verb, "authorizationType" => call.str("authorizationType").unwrap_or("NONE"),
        "apiKeyRequired" => call.get("apiKeyRequired").bool().unwrap_or(false),
    };
    let mut methods = found.get("resourceMethods").clone();
    methods.set(verb, method.clone());
    found.set("resourceMethods", methods);
    Ok(method.into())
}

fn method(world: &mut World, call: &Call) -> Result<Value, Fault> {
    let verb = call.str("httpMethod").unwrap_or("").to_owned();
    let found = resource(world, call)?.get("resourceMethods").get(&verb).clone();
    if found.is_null() {
        Err(not_found("Method"))
    } else {
        Ok(found)
    }
}

fn get_method(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    method(world, call).map(Answer::of)
}

fn get_integration(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let found = method(world, call)?.get("methodIntegration").clone();
    if found.is_null() {
        Err(not_found("Integration"))
    } else {
        Ok(found.into())
    }
}

fn put_integration(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let verb = call.str("httpMethod").unwrap_or("").to_owned();
    let mut owner = method(world, call)?;
    let resource_id = call.str("resourceId").unwrap_or("");
    let integration = map! {
        "type" => call.get("type"), "httpMethod" => call.get("integrationHttpMethod"), "uri" => call.get("uri"),
        "credentials" => call.get("credentials"), "passthroughBehavior" => "WHEN_NO_MATCH", "timeoutInMillis" => 29_000_i64,
        "cacheNamespace" => resource_id, "cacheKeyParameters" => Vec::<Value>::new(),
    };
    owner.set("methodIntegration", integration.clone());
    let found = resource(world, call)?;
    let mut methods = found.get("resourceMethods").clone();
    methods.set(verb, owner);
    found.set("resourceMethods", methods);
    Ok(integration.into())
}

fn create_deployment(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (id, now) = (part_id(world, 6), world.now());
    let api = api(world, call, ApiKind::Rest)?;
    let made = map! { "id" => &id, "createdDate" => Value::Time(now), "description" => call.get("description") };
    put(api, "deployment", &id, made.clone());
    if let Some(stage) = call.str("stageName") {
        put(api, "stage", stage, rest_stage(stage, &id, now));
    }
    Ok(made.into())
}

fn rest_stage(name: &str, deployment: &str, now: i64) -> Value {
    map! {
        "deploymentId" => deployment, "stageName" => name, "cacheClusterEnabled" => false, "tracingEnabled" => false,
        "createdDate" => Value::Time(now), "lastUpdatedDate" => Value::Time(now),
    }
}

fn create_rest_stage(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let now = world.now();
    let (name, deployment) = (
        call.str("stageName").unwrap_or(""),
        call.str("deploymentId").unwrap_or(""),
    );
    let made = rest_stage(name, deployment, now);
    put(api(world, call, ApiKind::Rest)?, "stage", name, made.clone());
    Ok(made.into())
}

fn get_rest_stages(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let found: Vec<Value> = parts(api(world, call, ApiKind::Rest)?, "stage").cloned().collect();
    Ok(map! { "item" => found }.into())
}

// HTTP APIs

fn shown_http(world: &World, id: &str, api: &Api) -> Value {
    map! {
        "ApiId" => id, "Name" => &api.name, "ProtocolType" => &api.protocol, "CreatedDate" => Value::Time(api.created),
        "ApiEndpoint" => format!("https://{id}.execute-api.{}.amazonaws.com", world.region),
        "RouteSelectionExpression" => "$request.method $request.path",
        "ApiKeySelectionExpression" => "$request.header.x-api-key", "DisableExecuteApiEndpoint" => false,
        "Description" => api.description.clone(), "Tags" => (!api.tags.is_empty()).then(|| as_map(&api.tags)),
    }
}

fn create_http(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let id = make(world, call, ApiKind::Http)?;
    let made = world.fronts.apis.get(&id).ok_or_else(|| not_found("API"))?;
    Ok(shown_http(world, &id, made).into())
}

fn get_http(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    api(world, call, ApiKind::Http)?;
    let id = call.str("ApiId").unwrap_or("");
    let found = world.fronts.apis.get(id).ok_or_else(|| not_found("API"))?;
    Ok(shown_http(world, id, found).into())
}

fn get_https(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let all = world.fronts.apis.iter().filter(|(_, api)| api.kind == ApiKind::Http);
    let (found, next) = page(all, call.str("NextToken"), page_size(call, "MaxResults", 100));
    let found: Vec<Value> = found.into_iter().map(|(id, api)| shown_http(world, id, api)).collect();
    Ok(map! { "Items" => found, "NextToken" => next }.into())
}

fn create_integration(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let id = part_id(world, 7);
    let made = map! {
        "ConnectionType" => "INTERNET", "IntegrationId" => &id, "IntegrationMethod" => call.str("IntegrationMethod").unwrap_or("POST"),
        "IntegrationType" => call.get("IntegrationType"), "IntegrationUri" => call.get("IntegrationUri"),
        "PayloadFormatVersion" => call.str("PayloadFormatVersion").unwrap_or("1.0"), "TimeoutInMillis" => 30_000_i64,
        "CredentialsArn" => call.get("CredentialsArn"),
    };
    put(api(world, call, ApiKind::Http)?, "integration", &id, made.clone());
    Ok(made.into())
}

fn create_route(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let id = part_id(world, 7);
    let made = map! {
        "ApiKeyRequired" => false, "AuthorizationType" => call.str("AuthorizationType").unwrap_or("NONE"), "RouteId" => &id,
        "RouteKey" => call.get("RouteKey"), "Target" => call.get("Target"),
    };
    put(api(world, call, ApiKind::Http)?, "route", &id, made.clone());
    Ok(made.into())
}

fn create_http_stage(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (now, name) = (world.now(), call.str("StageName").unwrap_or("$default"));
    let made = map! {
        "StageName" => name, "AutoDeploy" => call.get("AutoDeploy").bool().unwrap_or(false),
        "CreatedDate" => Value::Time(now), "LastUpdatedDate" => Value::Time(now),
        "DefaultRouteSettings" => map! { "DetailedMetricsEnabled" => false }, "RouteSettings" => map! {},
        "StageVariables" => map! {}, "Tags" => map! {},
    };
    put(api(world, call, ApiKind::Http)?, "stage", name, made.clone());
    Ok(made.into())
}

fn items(world: &mut World, call: &Call, kind: &'static str) -> Result<Answer, Fault> {
    let found: Vec<Value> = parts(api(world, call, ApiKind::Http)?, kind).cloned().collect();
    let (found, next) = page(found, call.str("NextToken"), page_size(call, "MaxResults", 100));
    Ok(map! { "Items" => found, "NextToken" => next }.into())
}
