//! Resource policies: who may invoke a function.

use serde_json::Value;

use crate::domain::Arn;

/// What one statement permits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Permission {
    /// One resource, by its ARN.
    Source(String),
    /// A function URL without authentication by IAM.
    PublicUrl,
    /// An Alexa skill, by its id.
    Skill(String),
    /// A service or account without naming one resource, in words.
    Open(String),
}

/// A permission, and the alias or version it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Granted {
    /// To whom.
    pub permission: Permission,
    /// For which alias or version, as the statement's own resource says: some endpoints answer every question about a
    /// function with all its statements.
    pub qualifier: Option<String>,
}

/// Reads the `Allow` statements of a policy document. `None` where it is no JSON.
#[must_use]
pub fn permissions(document: &str) -> Option<Vec<Granted>> {
    let document: Value = serde_json::from_str(document).ok()?;
    let statements = match document.get("Statement") {
        Some(Value::Array(list)) => list.iter().collect(),
        Some(one) => vec![one],
        None => Vec::new(),
    };
    let mut found = Vec::new();
    for statement in statements {
        if statement.get("Effect").and_then(Value::as_str) != Some("Allow") || !allows_invoke(statement) {
            continue;
        }
        let resource = texts(statement.get("Resource")).first().cloned().unwrap_or_default();
        let qualifier = Arn::parse(&resource).and_then(|arn| arn.node().1);
        for permission in statement_permissions(statement) {
            let granted = Granted {
                permission,
                qualifier: qualifier.clone(),
            };
            if !found.contains(&granted) {
                found.push(granted);
            }
        }
    }
    Some(found)
}

fn allows_invoke(statement: &Value) -> bool {
    texts(statement.get("Action")).iter().any(|action| {
        let action = action.to_ascii_lowercase();
        action == "*" || action == "lambda:*" || action.starts_with("lambda:invoke")
    })
}

fn statement_permissions(statement: &Value) -> Vec<Permission> {
    let principal = match statement.get("Principal") {
        Some(Value::Object(map)) => {
            let named = map.get("Service").or_else(|| map.get("AWS"));
            texts(named).first().cloned().unwrap_or_default()
        }
        Some(Value::String(text)) => text.clone(),
        _ => String::new(),
    };
    let mut sources = Vec::new();
    let mut url = false;
    let mut skill = None;
    if let Some(Value::Object(conditions)) = statement.get("Condition") {
        for keys in conditions.values().filter_map(Value::as_object) {
            for (key, value) in keys {
                match key.to_ascii_lowercase().as_str() {
                    "aws:sourcearn" => sources.extend(texts(Some(value))),
                    "lambda:functionurlauthtype" | "lambda:invokedviafunctionurl" => url = true,
                    "lambda:eventsourcetoken" => skill = texts(Some(value)).first().cloned(),
                    _ => {}
                }
            }
        }
    }
    if url {
        return vec![Permission::PublicUrl];
    }
    if let Some(skill) = skill {
        return vec![Permission::Skill(skill)];
    }
    if sources.is_empty() {
        return vec![Permission::Open(who(&principal))];
    }
    sources
        .into_iter()
        .map(|source| match Arn::parse(&source) {
            Some(arn) if !arn.is_pattern() => Permission::Source(source),
            _ => Permission::Open(format!("{} matching {source}", who(&principal))),
        })
        .collect()
}

fn who(principal: &str) -> String {
    match principal
        .strip_suffix(".amazonaws.com")
        .or_else(|| principal.strip_suffix(".amazon.com"))
    {
        Some(service) => format!("any {service} resource"),
        None if principal == "*" || principal.is_empty() => "anyone".into(),
        None => principal.to_owned(),
    }
}

fn texts(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(condition: &str, principal: &str) -> Vec<Permission> {
        let document = format!(
            r#"{{"Statement":[{{"Effect":"Allow","Action":"lambda:InvokeFunction","Principal":{principal},"Condition":{condition}}}]}}"#
        );
        permissions(&document)
            .expect("JSON")
            .into_iter()
            .map(|granted| granted.permission)
            .collect()
    }

    #[test]
    fn the_statements_own_resource_names_the_alias() {
        let document = r#"{"Statement":[{"Effect":"Allow","Action":"lambda:InvokeFunction","Principal":"*",
            "Resource":"arn:aws:lambda:r:1:function:f:live"}]}"#;
        let granted = permissions(document).expect("JSON");
        assert_eq!(granted[0].qualifier.as_deref(), Some("live"));
    }

    #[test]
    fn the_source_arn_counts_in_any_case_and_operator() {
        let service = r#"{"Service":"s3.amazonaws.com"}"#;
        for condition in [
            r#"{"ArnLike":{"AWS:SourceArn":"arn:aws:s3:::b"},"StringEquals":{"AWS:SourceAccount":"1"}}"#,
            r#"{"ArnEquals":{"aws:SourceArn":["arn:aws:s3:::b"]}}"#,
            r#"{"StringEquals":{"aws:sourcearn":"arn:aws:s3:::b"}}"#,
        ] {
            assert_eq!(
                of(condition, service),
                [Permission::Source("arn:aws:s3:::b".into())],
                "{condition}"
            );
        }
    }

    #[test]
    fn what_names_no_single_resource_is_open() {
        let service = r#"{"Service":"events.amazonaws.com"}"#;
        assert_eq!(of("{}", service), [Permission::Open("any events resource".into())]);
        let pattern = r#"{"ArnLike":{"AWS:SourceArn":"arn:aws:events:r:1:rule/*"}}"#;
        assert_eq!(
            of(pattern, service),
            [Permission::Open(
                "any events resource matching arn:aws:events:r:1:rule/*".into()
            )]
        );
        assert_eq!(
            of(r#"{"StringEquals":{"lambda:FunctionUrlAuthType":"NONE"}}"#, r#""*""#),
            [Permission::PublicUrl]
        );
    }

    #[test]
    fn denials_and_other_actions_permit_nothing() {
        let document = r#"{"Statement":[{"Effect":"Deny","Action":"lambda:InvokeFunction","Principal":"*"},
            {"Effect":"Allow","Action":"lambda:GetFunction","Principal":"*"}]}"#;
        assert_eq!(permissions(document), Some(vec![]));
        assert_eq!(permissions("not json"), None);
    }
}
