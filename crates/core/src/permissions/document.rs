//! A policy document read.

use serde_json::{Map, Value};

use crate::domain::resource_policy::{Condition, Named, Operator, Principal, ResourcePolicy, Statement, Test};

/// Parses a policy document; an empty text is no policy, which allows nothing. `None` if it is not a policy document.
#[must_use]
pub fn parse(document: &str) -> Option<ResourcePolicy> {
    if document.trim().is_empty() {
        return Some(ResourcePolicy::default());
    }
    let document: Value = serde_json::from_str(document).ok()?;
    let statements = match document.as_object()?.get("Statement") {
        Some(Value::Array(list)) => list.iter().map(statement).collect::<Option<Vec<_>>>()?,
        Some(one) => vec![statement(one)?],
        None => Vec::new(),
    };
    Some(ResourcePolicy { statements })
}

fn statement(value: &Value) -> Option<Statement> {
    let members = value.as_object()?;
    let denies = match members.get("Effect")?.as_str()? {
        "Allow" => false,
        "Deny" => true,
        _ => return None,
    };
    let any = || vec!["*".to_owned()];
    Some(Statement {
        sid: members
            .get("Sid")
            .and_then(Value::as_str)
            .filter(|sid| !sid.is_empty())
            .map(str::to_owned),
        denies,
        principals: match (members.get("Principal"), members.get("NotPrincipal")) {
            (Some(named), _) => Named::Only(principals(named)),
            (None, Some(named)) => Named::Except(principals(named)),
            (None, None) => Named::Only(Vec::new()),
        },
        actions: named(members, "Action", "NotAction").unwrap_or(Named::Only(Vec::new())),
        // What is attached to one resource may leave it out.
        resources: named(members, "Resource", "NotResource").unwrap_or_else(|| Named::Only(any())),
        conditions: members
            .get("Condition")
            .and_then(Value::as_object)
            .map(conditions)
            .unwrap_or_default(),
    })
}

fn named(members: &Map<String, Value>, only: &str, except: &str) -> Option<Named<String>> {
    match (members.get(only), members.get(except)) {
        (Some(value), _) => Some(Named::Only(texts(value))),
        (None, Some(value)) => Some(Named::Except(texts(value))),
        (None, None) => None,
    }
}

fn principals(value: &Value) -> Vec<Principal> {
    let Some(kinds) = value.as_object() else {
        return texts(value)
            .into_iter()
            .map(|text| {
                if text == "*" {
                    Principal::Anyone
                } else {
                    Principal::Other(text)
                }
            })
            .collect();
    };
    let mut found = Vec::new();
    for (kind, names) in kinds {
        found.extend(texts(names).into_iter().map(|name| match kind.as_str() {
            "AWS" if name == "*" => Principal::Anyone,
            "AWS" => Principal::Aws(name),
            "Service" => Principal::Service(name),
            _ => Principal::Other(name),
        }));
    }
    found
}

fn conditions(operators: &Map<String, Value>) -> Vec<Condition> {
    let mut found = Vec::new();
    for (name, keys) in operators {
        let keys = keys.as_object().into_iter().flatten();
        found.extend(keys.map(|(key, values)| Condition {
            operator: operator(name),
            key: key.clone(),
            values: texts(values),
        }));
    }
    found
}

fn operator(name: &str) -> Operator {
    let lower = name.to_ascii_lowercase();
    let (for_all, rest) = match lower.split_once(':') {
        Some(("forallvalues", rest)) => (true, rest),
        Some(("foranyvalue", rest)) => (false, rest),
        _ => (false, lower.as_str()),
    };
    let (if_exists, base) = match rest.strip_suffix("ifexists") {
        Some(base) => (true, base),
        None => (false, rest),
    };
    let (test, negates) = match base {
        "stringequals" => (Test::Text, false),
        "stringnotequals" => (Test::Text, true),
        "stringequalsignorecase" => (Test::TextAnyCase, false),
        "stringnotequalsignorecase" => (Test::TextAnyCase, true),
        "stringlike" => (Test::Like, false),
        "stringnotlike" => (Test::Like, true),
        "arnequals" | "arnlike" => (Test::Arn, false),
        "arnnotequals" | "arnnotlike" => (Test::Arn, true),
        "bool" => (Test::Bool, false),
        "null" => (Test::Null, false),
        _ => (Test::Other(name.to_owned()), false),
    };
    Operator {
        test,
        negates,
        if_exists,
        for_all,
    }
}

/// A string or a list of strings. AWS also accepts numbers and booleans.
fn texts(value: &Value) -> Vec<String> {
    let one = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        _ => None,
    };
    match value {
        Value::Array(list) => list.iter().filter_map(one).collect(),
        _ => one(value).into_iter().collect(),
    }
}
