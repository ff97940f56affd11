//! Lambda: permissions, aliases, concurrency, recursion, function URLs and tags.

use std::collections::BTreeMap;

use serde_json::json;

use super::lambda::{conflict, function_of, gone, invalid, text};
use super::{Table, as_map, page, page_size, tag_map};
use crate::call::{Answer, Call, Fault};
use crate::time::to_iso;
use crate::value::{Value, map};
use crate::world::function::{Alias, Function, RecursiveLoop, Url};
use crate::world::{World, arn};

pub(super) const TABLE: Table = &[
    ("AddPermission", add_permission),
    ("CreateAlias", create_alias),
    ("CreateFunctionUrlConfig", create_url),
    ("DeleteAlias", delete_alias),
    ("DeleteFunctionConcurrency", delete_concurrency),
    ("DeleteFunctionUrlConfig", delete_url),
    ("GetAccountSettings", account_settings),
    ("GetAlias", get_alias),
    ("GetFunctionConcurrency", get_concurrency),
    ("GetFunctionRecursionConfig", get_recursion),
    ("GetFunctionUrlConfig", get_url),
    ("GetPolicy", get_policy),
    ("ListAliases", list_aliases),
    ("ListFunctionUrlConfigs", list_urls),
    ("ListTags", list_tags),
    ("PutFunctionConcurrency", put_concurrency),
    ("PutFunctionRecursionConfig", put_recursion),
    ("RemovePermission", remove_permission),
    ("TagResource", tag),
    ("UntagResource", untag),
    ("UpdateAlias", update_alias),
];

/// The function that a call is about, to be changed.
fn function<'a>(world: &'a mut World, call: &Call) -> Result<(&'a mut Function, String), Fault> {
    let (name, qualifier) = function_of(world, call)?;
    let found = world
        .lambda
        .functions
        .get_mut(&name)
        .ok_or_else(|| gone("Function not found"))?;
    Ok((found, qualifier))
}

fn add_permission(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let sid = text(call, "StatementId")?.to_owned();
    let principal = text(call, "Principal")?.to_owned();
    let action = text(call, "Action")?.to_owned();
    let (found, qualifier) = function(world, call)?;
    let resource = if qualifier.is_empty() {
        found.arn.clone()
    } else {
        format!("{}:{qualifier}", found.arn)
    };
    let statements = found.policy.entry(qualifier).or_default();
    if statements.iter().any(|s| s["Sid"] == sid.as_str()) {
        let why = format!(
            "The statement id ({sid}) provided already exists. Please provide a new statement id, or remove the existing statement."
        );
        return Err(conflict(why));
    }
    let who = if principal == "*" {
        json!("*")
    } else if principal.contains(".amazonaws.com") || principal.contains(".amazon.com") {
        json!({"Service": principal})
    } else if principal.chars().all(|c| c.is_ascii_digit()) {
        json!({"AWS": format!("arn:aws:iam::{principal}:root")})
    } else {
        json!({"AWS": principal})
    };
    let mut statement =
        json!({"Sid": sid, "Effect": "Allow", "Principal": who, "Action": action, "Resource": resource});
    for (member, operator, key) in [
        ("SourceAccount", "StringEquals", "AWS:SourceAccount"),
        ("SourceArn", "ArnLike", "AWS:SourceArn"),
        ("EventSourceToken", "StringEquals", "lambda:EventSourceToken"),
        ("FunctionUrlAuthType", "StringEquals", "lambda:FunctionUrlAuthType"),
        ("PrincipalOrgID", "StringEquals", "aws:PrincipalOrgID"),
    ] {
        if let Some(value) = call.str(member) {
            statement["Condition"][operator][key] = value.into();
        }
    }
    let shown = statement.to_string();
    statements.push(statement);
    Ok(map! { "Statement" => shown }.into())
}

fn get_policy(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (found, qualifier) = function(world, call)?;
    let statements = found.policy.get(&qualifier).filter(|s| !s.is_empty());
    let statements = statements.ok_or_else(|| gone("The resource you requested does not exist."))?;
    let policy = json!({"Version": "2012-10-17", "Id": "default", "Statement": statements}).to_string();
    let revision = crate::world::receipt::md5_hex(policy.as_bytes());
    let revision = format!(
        "{}-{}-{}-{}-{}",
        &revision[..8],
        &revision[8..12],
        &revision[12..16],
        &revision[16..20],
        &revision[20..]
    );
    Ok(map! { "Policy" => policy, "RevisionId" => revision }.into())
}

fn remove_permission(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let sid = text(call, "StatementId")?.to_owned();
    let (found, qualifier) = function(world, call)?;
    let statements = found.policy.entry(qualifier).or_default();
    let before = statements.len();
    statements.retain(|s| s["Sid"] != sid.as_str());
    if statements.len() == before {
        return Err(gone(format!("Statement {sid} is not found in resource policy.")));
    }
    Ok(Answer::empty())
}

fn alias(function: &Function, alias: &Alias) -> Value {
    map! {
        "AliasArn" => format!("{}:{}", function.arn, alias.name),
        "Name" => &alias.name,
        "FunctionVersion" => &alias.version,
        "Description" => &alias.description,
        "RevisionId" => &alias.revision,
    }
}

fn create_alias(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (name, version) = (
        text(call, "Name")?.to_owned(),
        text(call, "FunctionVersion")?.to_owned(),
    );
    let revision = world.next_uuid("alias");
    let (found, _) = function(world, call)?;
    if found.aliases.contains_key(&name) {
        return Err(conflict(format!("Alias already exists: {}:{name}", found.arn)));
    }
    if version != "$LATEST" && !found.versions.iter().any(|v| v.number == version) {
        return Err(gone(format!("Function not found: {}:{version}", found.arn)));
    }
    let description = call.str("Description").unwrap_or("").to_owned();
    let made = Alias {
        name: name.clone(),
        version,
        description,
        revision,
    };
    let shown = alias(found, &made);
    found.aliases.insert(name, made);
    Ok(shown.into())
}

fn update_alias(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = text(call, "Name")?.to_owned();
    let (found, _) = function(world, call)?;
    let Some(mut made) = found.aliases.get(&name).cloned() else {
        return Err(no_alias(found, &name));
    };
    if let Some(version) = call.str("FunctionVersion") {
        version.clone_into(&mut made.version);
    }
    if let Some(description) = call.str("Description") {
        description.clone_into(&mut made.description);
    }
    let shown = alias(found, &made);
    found.aliases.insert(name, made);
    Ok(shown.into())
}

fn no_alias(function: &Function, name: &str) -> Fault {
    gone(format!("Cannot find alias arn: {}:{name}", function.arn))
}

fn get_alias(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = text(call, "Name")?.to_owned();
    let (found, _) = function(world, call)?;
    let made = found.aliases.get(&name).ok_or_else(|| no_alias(found, &name))?;
    Ok(alias(found, made).into())
}

fn delete_alias(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = text(call, "Name")?.to_owned();
    let (found, _) = function(world, call)?;
    found.aliases.remove(&name);
    Ok(Answer::empty())
}

fn list_aliases(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (found, _) = function(world, call)?;
    let wanted = call.str("FunctionVersion");
    let aliases = found.aliases.values().filter(|a| wanted.is_none_or(|v| a.version == v));
    let (aliases, next) = page(aliases, call.str("Marker"), page_size(call, "MaxItems", 50));
    let shown: Vec<Value> = aliases.into_iter().map(|a| alias(found, a)).collect();
    Ok(map! { "Aliases" => shown, "NextMarker" => next }.into())
}

fn put_concurrency(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let limit = call
        .int("ReservedConcurrentExecutions")
        .and_then(|n| u32::try_from(n).ok());
    let limit = limit.ok_or_else(|| invalid("ReservedConcurrentExecutions is missing or negative"))?;
    let (found, _) = function(world, call)?;
    found.concurrency.reserved = Some(limit);
    Ok(map! { "ReservedConcurrentExecutions" => limit }.into())
}

fn get_concurrency(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (found, _) = function(world, call)?;
    Ok(map! { "ReservedConcurrentExecutions" => found.concurrency.reserved }.into())
}

fn delete_concurrency(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    function(world, call)?.0.concurrency.reserved = None;
    Ok(Answer::empty())
}

fn recursion(function: &Function) -> Answer {
    let name = if function.recursion == RecursiveLoop::Allow {
        "Allow"
    } else {
        "Terminate"
    };
    map! { "RecursiveLoop" => name }.into()
}

fn get_recursion(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    function(world, call).map(|(found, _)| recursion(found))
}

fn put_recursion(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let wanted = match text(call, "RecursiveLoop")? {
        "Allow" => RecursiveLoop::Allow,
        "Terminate" => RecursiveLoop::Terminate,
        other => return Err(invalid(format!("{other} is neither Allow nor Terminate"))),
    };
    let (found, _) = function(world, call)?;
    found.recursion = wanted;
    Ok(recursion(found))
}

fn url(function: &Function, url: &Url) -> Value {
    map! {
        "FunctionUrl" => &url.address,
        "FunctionArn" => &function.arn,
        "AuthType" => &url.auth,
        "CreationTime" => to_iso(url.created),
        "LastModifiedTime" => to_iso(url.created),
        "InvokeMode" => &url.mode,
    }
}

fn create_url(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let auth = text(call, "AuthType")?.to_owned();
    let (now, n, region) = (world.now(), world.next_id(), world.region.clone());
    let address = format!(
        "https://{}.lambda-url.{region}.on.aws/",
        world.chance.slug("url", n, 32)
    );
    let (found, _) = function(world, call)?;
    if found.url.is_some() {
        return Err(conflict(format!(
            "Failed to create function url config for [functionArn = {}]. Error message:  FunctionUrlConfig exists for this Lambda function",
            found.arn
        )));
    }
    let made = Url {
        address,
        auth,
        mode: call.str("InvokeMode").unwrap_or("BUFFERED").to_owned(),
        created: now,
    };
    let mut shown = url(found, &made);
    shown.set("LastModifiedTime", Value::Null);
    found.url = Some(made);
    Ok(shown.into())
}

fn get_url(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (found, _) = function(world, call)?;
    let made = found
        .url
        .as_ref()
        .ok_or_else(|| gone("The resource you requested does not exist."))?;
    Ok(url(found, made).into())
}

fn list_urls(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (found, _) = function(world, call)?;
    let urls: Vec<Value> = found.url.iter().map(|u| url(found, u)).collect();
    Ok(map! { "FunctionUrlConfigs" => urls }.into())
}

fn delete_url(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    function(world, call)?.0.url = None;
    Ok(Answer::empty())
}

fn account_settings(world: &mut World, _: &Call) -> Result<Answer, Fault> {
    let reserved: u32 = world
        .lambda
        .functions
        .values()
        .filter_map(|f| f.concurrency.reserved)
        .sum();
    let size: i64 = world.lambda.functions.values().map(|f| f.latest.code.size).sum();
    Ok(map! {
        "AccountLimit" => map! {
            "TotalCodeSize" => 80_530_636_800_i64, "CodeSizeUnzipped" => 262_144_000_i64, "CodeSizeZipped" => 52_428_800_i64,
            "ConcurrentExecutions" => world.lambda.concurrency,
            "UnreservedConcurrentExecutions" => world.lambda.concurrency.saturating_sub(reserved),
        },
        "AccountUsage" => map! { "TotalCodeSize" => size, "FunctionCount" => world.lambda.functions.len() },
    }
    .into())
}

/// The tags of a function or a mapping, by its ARN.
fn tags<'a>(world: &'a mut World, call: &Call) -> Result<&'a mut BTreeMap<String, String>, Fault> {
    let resource = text(call, "Resource")?;
    if let Some(uuid) = resource.split("event-source-mapping:").nth(1) {
        let mapping = world.lambda.mappings.get_mut(uuid).map(|m| &mut m.tags);
        return mapping.ok_or_else(|| gone("The resource you requested does not exist."));
    }
    let (name, _) = arn::function(resource);
    let found = world.lambda.functions.get_mut(name).map(|f| &mut f.tags);
    found.ok_or_else(|| gone(format!("Function not found: {resource}")))
}

fn list_tags(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    Ok(map! { "Tags" => as_map(tags(world, call)?) }.into())
}

fn tag(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    tags(world, call)?.extend(tag_map(call.get("Tags")));
    retag(world, call);
    Ok(Answer::empty())
}

fn untag(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let found = tags(world, call)?;
    for key in call.get("TagKeys").strings() {
        found.remove(key);
    }
    retag(world, call);
    Ok(Answer::empty())
}

/// A behaviour may be matched by a tag.
fn retag(world: &mut World, call: &Call) {
    let name = arn::function(call.str("Resource").unwrap_or("")).0.to_owned();
    world.find_behaviour(&name);
}
