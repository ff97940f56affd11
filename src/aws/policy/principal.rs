//! The principals of a policy statement.

use serde_json::{Map, Value};

use super::texts;
use crate::domain::Arn;

/// Who is named as a principal.
pub(super) enum Principal {
    Service(String),
    Identity(String),
    Anyone,
    AnyoneBut(Vec<String>),
}

/// The principals of a statement.
pub(super) fn principals(statement: &Value) -> Vec<Principal> {
    let identity = |text: String| {
        if text == "*" {
            Principal::Anyone
        } else {
            Principal::Identity(text)
        }
    };
    let named = |map: &Map<String, Value>| -> Vec<Principal> {
        let each = |(kind, value): (&String, &Value)| {
            let is_service = kind == "Service";
            let one = move |text: String| {
                if is_service && text != "*" {
                    Principal::Service(text)
                } else {
                    identity(text)
                }
            };
            texts(Some(value)).into_iter().map(one).collect::<Vec<_>>()
        };
        map.iter().flat_map(each).collect()
    };
    match (statement.get("Principal"), statement.get("NotPrincipal")) {
        (Some(Value::Object(map)), _) => named(map),
        // moto and some templates write a service without its `Service` key.
        (Some(Value::String(text)), _) if service(text).is_some() => vec![Principal::Service(text.clone())],
        (Some(Value::String(text)), _) => vec![identity(text.clone())],
        (None, Some(not)) => {
            let spared = match not {
                Value::Object(map) => map.values().flat_map(|value| texts(Some(value))).collect(),
                other => texts(Some(other)),
            };
            vec![Principal::AnyoneBut(spared)]
        }
        _ => vec![Principal::Anyone],
    }
}

/// The same in words.
pub(super) fn who(principal: &Principal) -> String {
    match principal {
        Principal::Anyone => "anyone".to_owned(),
        Principal::AnyoneBut(spared) => format!("anyone except {}", spared.join(", ")),
        Principal::Identity(text) => identity(text),
        Principal::Service(name) => match service(name) {
            Some("alexa") => "any Alexa skill".to_owned(),
            Some(service) => {
                let arn = format!("arn:aws:{service}:::*");
                match Arn::parse(&arn).map(|arn| arn.name()) {
                    Some(words) if words != "any resource" => words.to_owned(),
                    _ => format!("any {service} resource"),
                }
            }
            None => name.clone(),
        },
    }
}

/// `account 111122223333` for an account's number or its root, else the ARN.
fn identity(text: &str) -> String {
    let is_account = |text: &str| text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit());
    if is_account(text) {
        return format!("account {text}");
    }
    match Arn::parse(text) {
        Some(arn) if arn.service == "iam" && arn.resource == "root" => format!("account {}", arn.account),
        // AWS (permissions): a principal that was deleted is shown by its unique id.
        None if text.starts_with("AIDA") || text.starts_with("AROA") => format!("a deleted identity ({text})"),
        _ => text.to_owned(),
    }
}

/// The name in ARNs of the service that a service principal stands for: `execute-api` of `apigateway.amazonaws.com`.
/// `None` where the text is no service's.
pub(super) fn service(principal: &str) -> Option<&str> {
    let name = [".amazonaws.com.cn", ".amazonaws.com", ".amazon.com"]
        .iter()
        .find_map(|ending| principal.strip_suffix(ending))?;
    // `logs.eu-west-1.amazonaws.com`
    let is_region = |text: &str| text.matches('-').count() >= 2 && text.ends_with(|c: char| c.is_ascii_digit());
    let name = match name.rsplit_once('.') {
        Some((head, region)) if is_region(region) => head,
        _ => name,
    };
    Some(match name {
        "apigateway" => "execute-api",
        "lambda.alarms.cloudwatch" => "cloudwatch",
        "lexv2" | "runtime.lex" => "lex",
        "alexa-appkit" | "alexa-connectedhome" => "alexa",
        "delivery.logs" => "logs",
        other => other,
    })
}
