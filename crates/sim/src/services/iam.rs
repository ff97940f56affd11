//! IAM: roles and policies are kept, echoed and listed; nothing is denied by them.

use super::{Table, page, page_size, tag_list};
use crate::call::{Answer, Call, Fault};
use crate::value::{Map, Value, map};
use crate::world::World;

pub(super) const TABLE: Table = &[
    ("AttachRolePolicy", attach),
    ("CreatePolicy", create_policy),
    ("CreateRole", create_role),
    ("DeletePolicy", delete_policy),
    ("DeleteRole", delete_role),
    ("DeleteRolePolicy", delete_role_policy),
    ("DetachRolePolicy", detach),
    ("GetAccountAuthorizationDetails", authorization_details),
    ("GetPolicy", get_policy),
    ("GetPolicyVersion", get_policy_version),
    ("GetRole", get_role),
    ("GetRolePolicy", get_role_policy),
    ("ListAttachedRolePolicies", list_attached),
    ("ListPolicies", list_policies),
    ("ListRolePolicies", list_role_policies),
    ("ListRoles", list_roles),
    ("PassRole", |_, _| Ok(Answer::empty())),
    ("PutRolePolicy", put_role_policy),
    ("UpdateAssumeRolePolicy", |_, _| Ok(Answer::empty())),
];

fn no_entity(kind: &str, name: &str) -> Fault {
    Fault::new(
        404,
        "NoSuchEntityException",
        format!("The {kind} with name {name} cannot be found."),
    )
}

fn text<'a>(call: &'a Call, member: &str) -> Result<&'a str, Fault> {
    let missing = || {
        Fault::bad(
            "ValidationError",
            format!(
                "1 validation error detected: Value null at '{member}' failed to satisfy constraint: Member must not be null"
            ),
        )
    };
    call.str(member).ok_or_else(missing)
}

/// What is kept of a kind under a name.
fn kept<'a>(world: &'a World, kind: &str, name: &str) -> Option<&'a Value> {
    world.storage.shelf.get(&(kind.to_owned(), name.to_owned()))
}

fn keep(world: &mut World, kind: &str, name: &str, value: Value) {
    world.storage.shelf.insert((kind.to_owned(), name.to_owned()), value);
}

fn named<'a>(world: &'a World, kind: &'a str) -> impl Iterator<Item = (&'a str, &'a Value)> {
    world
        .storage
        .shelf
        .iter()
        .filter(move |((k, _), _)| k == kind)
        .map(|((_, name), value)| (name.as_str(), value))
}

/// An id in the form of IAM's: a prefix and 17 letters and digits.
fn unique_id(world: &World, prefix: &str, name: &str) -> String {
    prefix.to_owned() + &world.chance.slug(name, 0, 17).to_uppercase()
}

/// A policy as IAM shows it: percent-encoded.
fn encoded(document: &str) -> String {
    percent_encoding::utf8_percent_encode(document, percent_encoding::NON_ALPHANUMERIC).to_string()
}

fn create_role(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = text(call, "RoleName")?;
    let trust = text(call, "AssumeRolePolicyDocument")?;
    if kept(world, "role", name).is_some() {
        let why = format!("Role with name {name} already exists.");
        return Err(Fault::new(409, "EntityAlreadyExistsException", why));
    }
    let path = call.str("Path").unwrap_or("/");
    let tags = tag_list(call.get("Tags"));
    let role = map! {
        "Path" => path,
        "RoleName" => name,
        "RoleId" => unique_id(world, "AROA", name),
        "Arn" => format!("arn:aws:iam::{}:role{path}{name}", world.account),
        "CreateDate" => Value::Time(world.now()),
        "AssumeRolePolicyDocument" => encoded(trust),
        "Description" => call.get("Description"),
        "MaxSessionDuration" => call.int("MaxSessionDuration").unwrap_or(3600),
        "PermissionsBoundary" => call.str("PermissionsBoundary").map(|arn| map! {
            "PermissionsBoundaryType" => "Policy", "PermissionsBoundaryArn" => arn,
        }),
        "Tags" => (!tags.is_empty()).then(|| super::as_list(&tags)),
    };
    keep(world, "role", name, role.clone());
    Ok(map! { "Role" => role }.into())
}

fn role<'a>(world: &'a World, call: &'a Call) -> Result<(&'a str, &'a Value), Fault> {
    let name = text(call, "RoleName")?;
    kept(world, "role", name)
        .map(|role| (name, role))
        .ok_or_else(|| no_entity("role", name))
}

fn get_role(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    Ok(map! { "Role" => role(world, call)?.1 }.into())
}

fn delete_role(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = role(world, call)?.0.to_owned();
    world.storage.shelf.remove(&("role".to_owned(), name.clone()));
    let own = format!("{name}/");
    world
        .storage
        .shelf
        .retain(|(kind, key), _| !(kind.starts_with("role-") && key.starts_with(&own)));
    Ok(Answer::empty())
}

fn list_roles(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let roles = named(world, "role").map(|(_, role)| role.clone());
    let (roles, next) = page(roles, call.str("Marker"), page_size(call, "MaxItems", 100));
    Ok(map! { "Roles" => roles, "IsTruncated" => next.is_some(), "Marker" => next }.into())
}

fn put_role_policy(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (name, _) = role(world, call)?;
    let (policy, document) = (text(call, "PolicyName")?, text(call, "PolicyDocument")?);
    let key = format!("{name}/{policy}");
    keep(
        world,
        "role-policy",
        &key,
        map! { "RoleName" => name, "PolicyName" => policy, "PolicyDocument" => encoded(document) },
    );
    Ok(Answer::empty())
}

fn get_role_policy(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (name, _) = role(world, call)?;
    let policy = text(call, "PolicyName")?;
    let found = kept(world, "role-policy", &format!("{name}/{policy}"));
    found
        .cloned()
        .map(Answer::of)
        .ok_or_else(|| no_entity("role policy", policy))
}

fn delete_role_policy(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (name, _) = role(world, call)?;
    let key = format!("{name}/{}", text(call, "PolicyName")?);
    world.storage.shelf.remove(&("role-policy".to_owned(), key));
    Ok(Answer::empty())
}

fn list_role_policies(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let own = format!("{}/", role(world, call)?.0);
    let names: Vec<&str> = named(world, "role-policy")
        .filter_map(|(key, _)| key.strip_prefix(&own))
        .collect();
    Ok(map! { "PolicyNames" => names, "IsTruncated" => false }.into())
}

fn attach(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (name, _) = role(world, call)?;
    let policy = text(call, "PolicyArn")?;
    let shown = map! { "PolicyName" => policy.rsplit('/').next().unwrap_or(policy), "PolicyArn" => policy };
    let key = format!("{name}/{policy}");
    keep(world, "role-attached", &key, shown);
    Ok(Answer::empty())
}

fn detach(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (name, _) = role(world, call)?;
    let key = format!("{name}/{}", text(call, "PolicyArn")?);
    let gone = world.storage.shelf.remove(&("role-attached".to_owned(), key));
    gone.map(|_| Answer::empty())
        .ok_or_else(|| no_entity("policy", text(call, "PolicyArn").unwrap_or("")))
}

fn list_attached(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let own = format!("{}/", role(world, call)?.0);
    let attached: Vec<Value> = named(world, "role-attached")
        .filter(|(key, _)| key.starts_with(&own))
        .map(|(_, v)| v.clone())
        .collect();
    Ok(map! { "AttachedPolicies" => attached, "IsTruncated" => false }.into())
}

fn create_policy(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = text(call, "PolicyName")?;
    let arn = format!("arn:aws:iam::{}:policy/{name}", world.account);
    if kept(world, "policy", &arn).is_some() {
        let why = format!("A policy called {name} already exists. Duplicate names are not allowed.");
        return Err(Fault::new(409, "EntityAlreadyExistsException", why));
    }
    let mut policy = Map::new();
    policy.push("PolicyName", name);
    policy.push("PolicyId", unique_id(world, "ANPA", name));
    policy.push("Arn", arn.as_str());
    policy.push("Path", "/");
    policy.push("DefaultVersionId", "v1");
    policy.push("AttachmentCount", 0_i64);
    policy.push("IsAttachable", true);
    policy.push("CreateDate", Value::Time(world.now()));
    policy.push("UpdateDate", Value::Time(world.now()));
    keep(world, "policy", &arn, Value::Map(policy.clone()));
    let version = map! {
        "Document" => encoded(call.str("PolicyDocument").unwrap_or("{}")), "VersionId" => "v1", "IsDefaultVersion" => true,
        "CreateDate" => Value::Time(world.now()),
    };
    keep(world, "policy-version", &arn, version);
    Ok(map! { "Policy" => policy }.into())
}

/// Every policy here has one version.
fn get_policy_version(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let arn = text(call, "PolicyArn")?;
    let found = kept(world, "policy-version", arn);
    found
        .map(|version| map! { "PolicyVersion" => version }.into())
        .ok_or_else(|| no_entity("policy", arn))
}

/// The roles of the account and the policies that are attached to them, in pages.
fn authorization_details(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let wanted = |kind: &str| {
        let filter = call.get("Filter");
        filter.is_null() || filter.strings().any(|one| one == kind)
    };
    let owned = |kind: &'static str, role: &str| {
        let own = format!("{role}/");
        let all = named(world, kind).filter(move |(key, _)| key.starts_with(&own));
        all.map(|(_, value)| value.clone()).collect::<Vec<Value>>()
    };
    let roles = named(world, "role").filter(|_| wanted("Role")).map(|(name, role)| {
        let mut role = role.clone();
        let inline = owned("role-policy", name).into_iter().map(|policy| {
            map! { "PolicyName" => policy.get("PolicyName"), "PolicyDocument" => policy.get("PolicyDocument") }
        });
        role.set("RolePolicyList", inline.collect::<Vec<Value>>());
        role.set("AttachedManagedPolicies", owned("role-attached", name));
        role.set("InstanceProfileList", Vec::<Value>::new());
        (true, role)
    });
    let policies = named(world, "policy").filter(|_| wanted("LocalManagedPolicy"));
    let policies = policies.map(|(arn, policy)| {
        let mut policy = policy.clone();
        policy.set(
            "PolicyVersionList",
            kept(world, "policy-version", arn)
                .cloned()
                .into_iter()
                .collect::<Vec<Value>>(),
        );
        (false, policy)
    });
    let (found, next) = page(
        roles.chain(policies),
        call.str("Marker"),
        page_size(call, "MaxItems", 1000),
    );
    let of = |is_role: bool| {
        found
            .iter()
            .filter(move |(kind, _)| *kind == is_role)
            .map(|(_, value)| value.clone())
    };
    Ok(map! {
        "UserDetailList" => Vec::<Value>::new(), "GroupDetailList" => Vec::<Value>::new(),
        "RoleDetailList" => of(true).collect::<Vec<Value>>(), "Policies" => of(false).collect::<Vec<Value>>(),
        "IsTruncated" => next.is_some(), "Marker" => next,
    }
    .into())
}

fn get_policy(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let arn = text(call, "PolicyArn")?;
    let found = kept(world, "policy", arn);
    found
        .map(|policy| map! { "Policy" => policy }.into())
        .ok_or_else(|| no_entity("policy", arn))
}

fn delete_policy(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let arn = text(call, "PolicyArn")?;
    let gone = world.storage.shelf.remove(&("policy".to_owned(), arn.to_owned()));
    gone.map(|_| Answer::empty()).ok_or_else(|| no_entity("policy", arn))
}

fn list_policies(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let policies = named(world, "policy").map(|(_, policy)| policy.clone());
    let (policies, next) = page(policies, call.str("Marker"), page_size(call, "MaxItems", 100));
    Ok(map! { "Policies" => policies, "IsTruncated" => next.is_some(), "Marker" => next }.into())
}
