//! The resources that a function's policy names, which decide what else is read of the function.

use serde_json::Value;

use super::limits::Limits;
use super::principal::{Principal, principals, service};
use super::{allow, allows_invoke, texts};
use crate::domain::Arn;

/// Whether a policy is about a function URL: it names the action or a condition of one, or allows every action.
#[must_use]
pub fn is_about_urls(document: &str) -> bool {
    allow(document).unwrap_or_default().iter().any(|statement| {
        let limits = Limits::of(statement);
        let actions = texts(statement.get("Action"))
            .into_iter()
            .map(|action| action.to_ascii_lowercase());
        let mut by_action = actions.filter(|action| match action.split_once('*') {
            Some((head, _)) => "lambda:invokefunctionurl".starts_with(head),
            None => action == "lambda:invokefunctionurl",
        });
        limits.url.is_some() || limits.by_url || by_action.next().is_some()
    })
}

/// Whether a policy admits log groups that it does not name one by one.
#[must_use]
pub fn admits_any_log_group(document: &str) -> bool {
    let admits = |statement: &Value| {
        let is_logs = |principal: &Principal| match principal {
            Principal::Service(name) => service(name) == Some("logs"),
            Principal::Anyone | Principal::AnyoneBut(_) => true,
            Principal::Identity(_) => false,
        };
        let limits = Limits::of(statement);
        let is_open = |source: &String| match Arn::parse(source) {
            Some(arn) => arn.is_pattern() && (arn.service == "logs" || arn.service.contains('*')),
            None => source.contains('*'),
        };
        let by_url = limits.url.is_some() || limits.by_url;
        !by_url
            && allows_invoke(statement)
            && principals(statement).iter().any(is_logs)
            && (limits.sources.is_empty() || limits.sources.iter().any(is_open))
    };
    allow(document).unwrap_or_default().iter().any(admits)
}

/// What a policy names as the source of what it allows: ARNs, some with wildcards.
#[must_use]
pub fn sources(document: &str) -> Vec<String> {
    let statements = allow(document).unwrap_or_default();
    statements
        .iter()
        .flat_map(|statement| Limits::of(statement).sources)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(rest: &str) -> String {
        format!(r#"{{"Statement":[{{"Effect":"Allow",{rest}}}]}}"#)
    }

    #[test]
    fn a_url_is_named_by_its_action_or_its_conditions() {
        for (statement, is_about) in [
            (r#""Principal":"*","Action":"lambda:InvokeFunctionUrl""#, true),
            (r#""Principal":"*","Action":"lambda:*""#, true),
            (r#""Principal":"*","Action":["lambda:GetFunction","*"]"#, true),
            (r#""Principal":"*","Action":"lambda:Invoke*""#, true),
            (
                r#""Principal":"*","Action":"lambda:InvokeFunction","Condition":{"Bool":{"lambda:InvokedViaFunctionUrl":"true"}}"#,
                true,
            ),
            (r#""Principal":"*","Action":"lambda:InvokeFunction""#, false),
            (r#""Principal":"*","Action":"lambda:Get*""#, false),
        ] {
            assert_eq!(is_about_urls(&of(statement)), is_about, "{statement}");
        }
        assert!(!is_about_urls(""));
    }

    #[test]
    fn log_groups_are_admitted_one_by_one_or_all() {
        let logs = |condition: &str| {
            of(&format!(
                r#""Principal":{{"Service":"logs.eu-west-1.amazonaws.com"}},"Action":"lambda:InvokeFunction","Condition":{{{condition}}}"#
            ))
        };
        let source = |arn: &str| logs(&format!(r#""ArnLike":{{"aws:SourceArn":"{arn}"}}"#));
        assert!(admits_any_log_group(&logs("")));
        assert!(admits_any_log_group(&source(
            "arn:aws:logs:r:1:log-group:/aws/lambda/*:*"
        )));
        assert!(!admits_any_log_group(&source(
            "arn:aws:logs:r:1:log-group:/aws/lambda/f:*"
        )));
        let s3 = r#""Principal":{"Service":"s3.amazonaws.com"},"Action":"lambda:InvokeFunction""#;
        assert!(!admits_any_log_group(&of(s3)));
        assert!(admits_any_log_group(&of(
            r#""Principal":"*","Action":"lambda:InvokeFunction""#
        )));
    }
}
