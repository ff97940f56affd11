//! What a role may do, from its identity policies. AWS (roles): a Deny overrides every Allow; what no statement allows is refused; a
//! permissions boundary must allow it as well. Policies of the organisation and of sessions are not read.

use std::collections::BTreeSet;

use super::glob;
use crate::domain::resource_policy::{Condition, Named, ResourcePolicy, Statement, Test};
use crate::domain::role::{Boundary, RolePolicies};
use crate::domain::{Arn, Scope};

/// Whether a role may do something.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum May {
    /// A statement allows it, and none denies it.
    Yes,
    /// It depends on these condition keys, or on policies that were not read.
    Depends(Vec<String>),
    /// No statement allows it, or one denies it.
    No,
}

/// The actions by which events, messages, records, items or objects get into a resource, by its service.
const WRITES: [(&str, &[&str]); 11] = [
    ("sqs", &["sqs:SendMessage"]),
    ("sns", &["sns:Publish"]),
    ("s3", &["s3:PutObject"]),
    (
        "dynamodb",
        &[
            "dynamodb:PutItem",
            "dynamodb:UpdateItem",
            "dynamodb:DeleteItem",
            "dynamodb:BatchWriteItem",
            "dynamodb:PartiQLInsert",
            "dynamodb:PartiQLUpdate",
        ],
    ),
    ("kinesis", &["kinesis:PutRecord", "kinesis:PutRecords"]),
    ("firehose", &["firehose:PutRecord", "firehose:PutRecordBatch"]),
    ("events", &["events:PutEvents"]),
    ("states", &["states:StartExecution", "states:StartSyncExecution"]),
    ("lambda", &["lambda:InvokeFunction", "lambda:InvokeAsync"]),
    ("appsync", &["appsync:GraphQL"]),
    ("execute-api", &["execute-api:Invoke", "execute-api:ManageConnections"]),
];

/// A part of a text that no policy spells out: only a wildcard takes it.
const SOME: &str = "\u{1}some\u{1}";

fn writes(service: &str) -> Option<&'static [&'static str]> {
    let mut all = WRITES.iter();
    all.find(|(name, _)| *name == service).map(|(_, actions)| *actions)
}

/// What a resource is called in requests: itself, and what is in it.
enum Target {
    /// Exactly this.
    Itself(String),
    /// Whatever begins so: an object of a bucket.
    Within(String),
}

impl Target {
    fn of(arn: &Arn<'_>) -> Vec<Self> {
        let text = arn.text();
        match arn.service {
            "s3" => vec![Self::Within(format!("{text}/"))],
            "lambda" | "states" => vec![Self::Itself(text.to_owned()), Self::Within(format!("{text}:"))],
            "appsync" | "execute-api" => vec![Self::Within(format!("{text}/"))],
            // The node of a table is its stream, where it has one.
            "dynamodb" => {
                let table = text.split_once("/stream/").map_or(text, |(table, _)| table);
                vec![Self::Itself(table.to_owned())]
            }
            _ => vec![Self::Itself(text.to_owned())],
        }
    }

    /// Whether a pattern is for it, or for a part of it.
    fn is_touched(&self, pattern: &str) -> bool {
        match self {
            Self::Itself(text) => glob::matches(pattern, text),
            Self::Within(start) => glob::may_begin(pattern, start),
        }
    }

    /// Whether a pattern is for all of it.
    fn is_covered(&self, pattern: &str) -> bool {
        match self {
            Self::Itself(text) => glob::matches(pattern, text),
            Self::Within(start) => glob::matches(pattern, &format!("{start}{SOME}")),
        }
    }
}

/// Whether a role may put anything into a resource, or invoke it. `None` if resources of its service are not written to so.
#[must_use]
pub fn may_write(role: &RolePolicies, to: &Arn<'_>, scope: &Scope) -> Option<May> {
    let actions = writes(to.service)?;
    let targets = Target::of(to);
    let each = actions
        .iter()
        .flat_map(|action| targets.iter().map(move |target| may(role, action, target, scope)));
    each.min()
}

/// Whether a role may do one thing with one resource, by the name of the action in IAM.
#[must_use]
pub fn may_do(role: &RolePolicies, action: &str, resource: &str, scope: &Scope) -> May {
    may(role, action, &Target::Itself(resource.to_owned()), scope)
}

fn may(role: &RolePolicies, action: &str, target: &Target, scope: &Scope) -> May {
    let by_policies = judge(role.policies.iter().map(AsRef::as_ref), action, target, scope);
    let by_policies = match by_policies {
        May::No if role.partial => May::Depends(vec!["a policy that was not read".to_owned()]),
        other => other,
    };
    let by_boundary = match &role.boundary {
        Boundary::None => May::Yes,
        Boundary::Policy(policy) => judge(std::iter::once(policy.as_ref()), action, target, scope),
        Boundary::Unread => May::Depends(vec!["the permissions boundary".to_owned()]),
    };
    match (by_policies, by_boundary) {
        (May::No, _) | (_, May::No) => May::No,
        (May::Depends(one), May::Depends(other)) => May::Depends([one, other].concat()),
        (May::Depends(keys), May::Yes) | (May::Yes, May::Depends(keys)) => May::Depends(keys),
        (May::Yes, May::Yes) => May::Yes,
    }
}

fn judge<'a>(policies: impl Iterator<Item = &'a ResourcePolicy>, action: &str, target: &Target, scope: &Scope) -> May {
    let mut allowed = false;
    let mut perhaps: Option<Vec<String>> = None;
    let mut denied_if = Vec::new();
    for statement in policies.flat_map(|policy| &policy.statements) {
        if !acts(statement, action) || !is_for(statement, target) {
            continue;
        }
        match (conditions(statement, scope), statement.denies) {
            (Held::No, _) => {}
            (Held::Yes, true) => return May::No,
            (Held::Yes, false) => allowed = true,
            (Held::Unknown(keys), true) => denied_if.extend(keys),
            (Held::Unknown(keys), false) => perhaps.get_or_insert_default().extend(keys),
        }
    }
    let mut keys = denied_if;
    if !allowed {
        let Some(more) = perhaps else { return May::No };
        keys.extend(more);
    }
    keys.sort();
    keys.dedup();
    if keys.is_empty() { May::Yes } else { May::Depends(keys) }
}

fn acts(statement: &Statement, action: &str) -> bool {
    let any = |patterns: &[String]| patterns.iter().any(|pattern| glob::matches_any_case(pattern, action));
    match &statement.actions {
        Named::Only(patterns) => any(patterns),
        Named::Except(patterns) => !any(patterns),
    }
}

/// Whether a statement is for a resource: an Allow of a part of it is enough, a Deny must be for all of it.
fn is_for(statement: &Statement, target: &Target) -> bool {
    // A policy variable is the request's: whatever it stands for is allowed, and nothing is denied by it.
    let plain = |pattern: &String| !pattern.contains("${");
    let open = |pattern: &String| with_variables_open(pattern);
    match (&statement.resources, statement.denies) {
        (Named::Only(patterns), false) => patterns.iter().any(|pattern| target.is_touched(&open(pattern))),
        (Named::Only(patterns), true) => patterns
            .iter()
            .any(|pattern| plain(pattern) && target.is_covered(pattern)),
        (Named::Except(patterns), false) => !patterns.iter().any(|pattern| target.is_covered(pattern)),
        (Named::Except(patterns), true) => !patterns.iter().any(|pattern| target.is_touched(&open(pattern))),
    }
}

/// A pattern whose policy variables (`${aws:username}`) are wildcards.
fn with_variables_open(pattern: &str) -> String {
    let mut open = String::new();
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once("${") {
        open.push_str(before);
        let Some((_, tail)) = after.split_once('}') else {
            open.push_str("${");
            rest = after;
            continue;
        };
        open.push('*');
        rest = tail;
    }
    open + rest
}

enum Held {
    Yes,
    No,
    Unknown(Vec<String>),
}

/// Whether the conditions of a statement hold for a call that the function makes by its SDK.
fn conditions(statement: &Statement, scope: &Scope) -> Held {
    let mut open = Vec::new();
    for condition in &statement.conditions {
        match condition_holds(condition, scope) {
            Some(true) => {}
            Some(false) => return Held::No,
            None => open.push(condition.key.clone()),
        }
    }
    if open.is_empty() {
        Held::Yes
    } else {
        Held::Unknown(open)
    }
}

fn condition_holds(condition: &Condition, scope: &Scope) -> Option<bool> {
    let value = match condition.key.to_ascii_lowercase().as_str() {
        // SDKs speak HTTPS.
        "aws:securetransport" => "true",
        "aws:principalaccount" => scope.account.as_str(),
        _ => return None,
    };
    let operator = &condition.operator;
    let fits = match operator.test {
        Test::Text | Test::TextAnyCase | Test::Bool => {
            condition.values.iter().any(|wanted| wanted.eq_ignore_ascii_case(value))
        }
        Test::Like => condition.values.iter().any(|wanted| glob::matches(wanted, value)),
        Test::Arn | Test::Null | Test::Other(_) => return None,
    };
    Some(fits != operator.negates)
}

/// What the policies of a role allow to be written to, as far as they name it: ARNs of resources, and patterns whose name ends in
/// `*`. What names a whole service or account is left out.
#[must_use]
pub fn named(role: &RolePolicies, scope: &Scope) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let statements = role.policies.iter().flat_map(|policy| &policy.statements);
    for statement in statements.filter(|statement| !statement.denies) {
        let Named::Only(resources) = &statement.resources else {
            continue;
        };
        for text in resources {
            let Some(arn) = Arn::parse(text) else { continue };
            let Some(actions) = writes(arn.service) else { continue };
            // An action that is named, or all of the service: `*` alone is said of whoever administers.
            let is_meant = match &statement.actions {
                Named::Only(patterns) => patterns.iter().any(|pattern| pattern != "*"),
                Named::Except(_) => false,
            };
            if is_meant && actions.iter().any(|action| acts(statement, action)) {
                found.extend(resource(&arn, scope));
            }
        }
    }
    found
}

/// The resource that a statement's `Resource` is about: the bucket of its objects, the table of its indexes.
fn resource(arn: &Arn<'_>, scope: &Scope) -> Option<String> {
    let of = |resource: &str| {
        // Of any region or account: in these it is this one.
        let here = |text: &str, own: &str| if text == "*" { own.to_owned() } else { text.to_owned() };
        let (region, account) = (here(arn.region, &scope.region), here(arn.account, &scope.account));
        let service = arn.service;
        format!("arn:{}:{service}:{region}:{account}:{resource}", arn.partition)
    };
    let resource = match arn.service {
        // Only objects are written: `arn:aws:s3:::bucket` alone allows no `PutObject`.
        "s3" => arn.resource.split_once('/')?.0,
        "dynamodb" => {
            let rest = arn.resource.strip_prefix("table/")?;
            let table = rest.split('/').next().filter(|_| !rest.contains("/stream/"))?;
            &arn.resource[..arn.resource.len() - (rest.len() - table.len())]
        }
        "lambda" => {
            let rest = arn.resource.strip_prefix("function:")?;
            let name = rest.split(':').next()?;
            &arn.resource[..arn.resource.len() - (rest.len() - name.len())]
        }
        "appsync" => {
            let rest = arn.resource.strip_prefix("apis/")?;
            let id = rest.split('/').next()?;
            &arn.resource[..arn.resource.len() - (rest.len() - id.len())]
        }
        "execute-api" => arn.resource.split('/').next()?,
        "states" => Some(arn.resource).filter(|resource| resource.starts_with("stateMachine:"))?,
        "events" => Some(arn.resource).filter(|resource| resource.starts_with("event-bus/"))?,
        _ => arn.resource,
    };
    if resource.contains("${") {
        return None;
    }
    let name = resource.rsplit(['/', ':']).next().unwrap_or(resource);
    let start = name.trim_end_matches('*');
    // `orders*` may name one resource, `*` and `*-orders` name none.
    let is_named = !start.contains(['*', '?']) && (start.len() == name.len() || start.len() >= 3);
    is_named.then(|| of(resource))
}
