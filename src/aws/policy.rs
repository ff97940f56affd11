//! Resource policies: who may invoke a function. Lists the principals of a statement, not whether a delivery would be
//! allowed.

mod limits;
mod named;
mod principal;

use serde_json::Value;

use limits::Limits;
pub use named::{admits_any_log_group, is_about_urls, sources};
use principal::{Principal, principals, service, who};

use crate::domain::Arn;

/// What one statement permits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Permission {
    /// One resource, by its ARN.
    Source(String),
    /// An Alexa skill, by its id.
    Skill(String),
    /// Resources of a service that the statement does not name one by one.
    Any(Any),
    /// Identities, or resources that are no box, in words.
    Open(String),
}

/// Resources of one service that may invoke the function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Any {
    /// The service's name in ARNs.
    pub service: String,
    /// The ARN with wildcards that they must match, where the statement has one.
    pub pattern: Option<String>,
    /// The account that they must be of, where the statement says so.
    pub account: Option<String>,
    /// The same in words.
    pub words: String,
}

/// A permission, and the alias or version it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Granted {
    /// The principal.
    pub permission: Permission,
    /// For which alias or version, as the statement's own resource says: some endpoints answer every question about a
    /// function with all its statements.
    pub qualifier: Option<String>,
}

/// Reads the `Allow` statements of a policy document. `None` where it is no JSON.
#[must_use]
pub fn permissions(document: &str) -> Option<Vec<Granted>> {
    let mut found = Vec::new();
    for statement in &allow(document)? {
        if !allows_invoke(statement) {
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

/// The `Allow` statements of a document. `None` where it is no JSON.
fn allow(document: &str) -> Option<Vec<Value>> {
    let mut document: Value = serde_json::from_str(document).ok()?;
    let mut statements = match document.get_mut("Statement").map(Value::take) {
        Some(Value::Array(list)) => list,
        Some(one) => vec![one],
        None => Vec::new(),
    };
    statements.retain(|statement| statement.get("Effect").and_then(Value::as_str) == Some("Allow"));
    Some(statements)
}

fn allows_invoke(statement: &Value) -> bool {
    texts(statement.get("Action")).iter().any(|action| {
        let action = action.to_ascii_lowercase();
        action == "*" || action == "lambda:*" || action.starts_with("lambda:invoke")
    })
}

fn statement_permissions(statement: &Value) -> Vec<Permission> {
    let limits = Limits::of(statement);
    let each = |principal| permitted(&principal, &limits);
    principals(statement).into_iter().flat_map(each).collect()
}

fn permitted(principal: &Principal, limits: &Limits) -> Vec<Permission> {
    let who = who(principal);
    match limits.url.as_deref() {
        Some("NONE") => {
            let words = format!("{who}{} through the function URL, without signing", limits.words());
            return vec![Permission::Open(words)];
        }
        Some(_) => {
            let who = if who == "anyone" {
                "any AWS identity".to_owned()
            } else {
                who
            };
            let words = format!("{who}{} through the function URL, signed (AWS_IAM)", limits.words());
            return vec![Permission::Open(words)];
        }
        // AWS (permissions): since 2025-10 a URL needs two statements. The other one says who.
        None if limits.by_url => return Vec::new(),
        None => {}
    }
    if let Some(skill) = &limits.skill {
        return vec![Permission::Skill(skill.clone())];
    }
    if limits.sources.is_empty() {
        return vec![without_source(principal, limits, &who)];
    }
    let each = |source: &String| match Arn::parse(source) {
        Some(arn) if !arn.is_pattern() => Permission::Source(source.clone()),
        arn => {
            let words = format!("{who}{} matching {source}", limits.words());
            match arn {
                Some(arn) if is_box(arn.service) => Permission::Any(Any {
                    service: arn.service.to_owned(),
                    pattern: Some(source.clone()),
                    account: None,
                    words,
                }),
                _ => Permission::Open(words),
            }
        }
    };
    limits.sources.iter().map(each).collect()
}

fn without_source(principal: &Principal, limits: &Limits, who: &str) -> Permission {
    let words = format!("{who}{}", limits.words());
    match principal {
        Principal::Service(name) => match service(name) {
            Some(service) if is_box(service) => Permission::Any(Any {
                service: service.to_owned(),
                pattern: None,
                account: limits.accounts.first().filter(|_| limits.accounts.len() == 1).cloned(),
                words,
            }),
            _ => Permission::Open(words),
        },
        _ => Permission::Open(words),
    }
}

/// Whether all resources of a service make one box: of log groups there are too many, and what is polled invokes nothing by
/// itself.
fn is_box(service: &str) -> bool {
    !service.contains('*')
        && !matches!(
            service,
            "logs" | "sqs" | "kinesis" | "dynamodb" | "kafka" | "mq" | "rds" | "lambda"
        )
}

fn texts(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        // A tool that writes an account's number as a number.
        Some(Value::Number(number)) => vec![number.to_string()],
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

    fn service_of(name: &str) -> String {
        format!(r#"{{"Service":"{name}"}}"#)
    }

    fn words(permission: &Permission) -> &str {
        match permission {
            Permission::Any(any) => &any.words,
            Permission::Open(words) | Permission::Source(words) | Permission::Skill(words) => words,
        }
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
        for condition in [
            r#"{"ArnLike":{"AWS:SourceArn":"arn:aws:s3:::b"},"StringEquals":{"AWS:SourceAccount":"1"}}"#,
            r#"{"ArnEquals":{"aws:SourceArn":["arn:aws:s3:::b"]}}"#,
            r#"{"StringEquals":{"aws:sourcearn":"arn:aws:s3:::b"}}"#,
        ] {
            assert_eq!(
                of(condition, &service_of("s3.amazonaws.com")),
                [Permission::Source("arn:aws:s3:::b".into())],
                "{condition}"
            );
        }
        let except = r#"{"ArnNotLike":{"aws:SourceArn":"arn:aws:s3:::b"}}"#;
        assert!(matches!(
            of(except, &service_of("s3.amazonaws.com"))[..],
            [Permission::Any(_)]
        ));
    }

    #[test]
    fn a_service_without_a_source_is_any_of_its_resources() {
        for (principal, condition, service, account, said) in [
            ("events.amazonaws.com", "{}", "events", None, "any EventBridge rule"),
            ("apigateway.amazonaws.com", "{}", "execute-api", None, "any API"),
            (
                "elasticloadbalancing.amazonaws.com",
                "{}",
                "elasticloadbalancing",
                None,
                "any ALB",
            ),
            ("ses.amazonaws.com", "{}", "ses", None, "any SES receipt rule"),
            ("sns.eu-west-1.amazonaws.com", "{}", "sns", None, "any SNS topic"),
            ("alexa-appkit.amazon.com", "{}", "alexa", None, "any Alexa skill"),
            (
                "lambda.alarms.cloudwatch.amazonaws.com",
                "{}",
                "cloudwatch",
                None,
                "any alarm",
            ),
            (
                "s3.amazonaws.com",
                r#"{"StringEquals":{"AWS:SourceAccount":"111122223333"}}"#,
                "s3",
                Some("111122223333"),
                "any S3 bucket of account 111122223333",
            ),
            ("bedrock.amazonaws.com", "{}", "bedrock", None, "any bedrock resource"),
        ] {
            let any = Any {
                service: service.into(),
                pattern: None,
                account: account.map(str::to_owned),
                words: said.into(),
            };
            assert_eq!(
                of(condition, &service_of(principal)),
                [Permission::Any(any)],
                "{principal}"
            );
        }
    }

    #[test]
    fn a_pattern_is_any_resource_that_matches_but_log_groups_are_no_box() {
        let pattern = r#"{"ArnLike":{"AWS:SourceArn":"arn:aws:events:r:1:rule/*"}}"#;
        let any = Any {
            service: "events".into(),
            pattern: Some("arn:aws:events:r:1:rule/*".into()),
            account: None,
            words: "any EventBridge rule matching arn:aws:events:r:1:rule/*".into(),
        };
        assert_eq!(of(pattern, &service_of("events.amazonaws.com")), [Permission::Any(any)]);
        for group in ["*", "*:*", "/aws/lambda/*:*"] {
            let pattern = format!(r#"{{"ArnLike":{{"AWS:SourceArn":"arn:aws:logs:r:1:log-group:{group}"}}}}"#);
            let found = of(&pattern, &service_of("logs.amazonaws.com"));
            assert!(
                matches!(&found[..], [Permission::Open(words)] if words.contains(group)),
                "{found:?}"
            );
        }
        assert_eq!(
            of("{}", &service_of("logs.r-east-1.amazonaws.com")),
            [Permission::Open("any log group".into())]
        );
    }

    #[test]
    fn organisations_accounts_and_identities_are_told_as_what_they_are() {
        for (condition, principal, said) in [
            (
                r#"{"StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}"#,
                r#""*""#,
                "anyone in organisation o-a1b2c3d4e5",
            ),
            (
                r#"{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":["o-a1/r-b2/ou-c3/*"]}}"#,
                r#"{"AWS":"*"}"#,
                "anyone in organisation o-a1",
            ),
            ("{}", r#""*""#, "anyone"),
            ("{}", r#"{"AWS":"111122223333"}"#, "account 111122223333"),
            (
                "{}",
                r#"{"AWS":"arn:aws:iam::111122223333:root"}"#,
                "account 111122223333",
            ),
            (
                "{}",
                r#"{"AWS":"arn:aws:iam::111122223333:role/x"}"#,
                "arn:aws:iam::111122223333:role/x",
            ),
            ("{}", r#"{"AWS":"AROAEXAMPLE"}"#, "a deleted identity (AROAEXAMPLE)"),
        ] {
            assert_eq!(of(condition, principal), [Permission::Open(said.into())]);
        }
        let several = of(
            "{}",
            r#"{"AWS":["111122223333","444455556666"],"Service":"s3.amazonaws.com"}"#,
        );
        assert_eq!(
            several.iter().map(words).collect::<Vec<_>>(),
            ["account 111122223333", "account 444455556666", "any S3 bucket"]
        );
    }

    #[test]
    fn a_signed_url_is_not_public() {
        let url = |auth: &str, principal: &str| {
            let condition = format!(r#"{{"StringEquals":{{"lambda:FunctionUrlAuthType":"{auth}"}}}}"#);
            let found = of(&condition, principal);
            assert_eq!(found.len(), 1);
            words(&found[0]).to_owned()
        };
        assert_eq!(
            url("NONE", r#""*""#),
            "anyone through the function URL, without signing"
        );
        assert_eq!(
            url("AWS_IAM", r#""*""#),
            "any AWS identity through the function URL, signed (AWS_IAM)"
        );
        assert_eq!(
            url("AWS_IAM", r#"{"AWS":"111122223333"}"#),
            "account 111122223333 through the function URL, signed (AWS_IAM)"
        );
        let second = r#"{"Bool":{"lambda:InvokedViaFunctionUrl":"true"}}"#;
        assert_eq!(of(second, r#""*""#), []);
    }

    #[test]
    fn everyone_but_somebody_is_not_everyone() {
        let document = r#"{"Statement":{"Effect":"Allow","Action":"lambda:*","NotPrincipal":{"AWS":"111122223333"}}}"#;
        let granted = permissions(document).expect("JSON");
        assert_eq!(words(&granted[0].permission), "anyone except 111122223333");
    }

    #[test]
    fn denials_and_other_actions_permit_nothing() {
        let document = r#"{"Statement":[{"Effect":"Deny","Action":"lambda:InvokeFunction","Principal":"*"},
            {"Effect":"Allow","Action":"lambda:GetFunction","Principal":"*"}]}"#;
        assert_eq!(permissions(document), Some(vec![]));
        assert_eq!(permissions("not json"), None);
    }
}
