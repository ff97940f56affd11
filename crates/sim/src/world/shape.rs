//! What a target gets of an event: the event, a part of it, a constant, or a filled template.

use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::bus::Target;
use super::template::dig;

/// The event as the target gets it.
pub(super) fn shaped(target: &Target, event: &Json, rule_arn: &str, rule: &str) -> Arc<str> {
    let path = |path: &str| dig(event, path.trim_start_matches('$').trim_start_matches('.')).unwrap_or(Json::Null);
    if let Some(input) = &target.input {
        return input.as_str().into();
    }
    if let Some(input_path) = &target.input_path {
        return path(input_path).to_string().into();
    }
    let Some((paths, template)) = &target.transformer else {
        return event.to_string().into();
    };
    let mut out = String::new();
    let (mut quoted, mut rest) = (false, template.as_str());
    while let Some(c) = rest.chars().next() {
        let name = rest.strip_prefix('<').and_then(|r| r.split_once('>'));
        if let Some((name, after)) = name {
            let value = match name {
                "aws.events.rule-arn" => rule_arn.into(),
                "aws.events.rule-name" => rule.into(),
                "aws.events.event.json" | "aws.events.event" => event.clone(),
                "aws.events.event.ingestion-time" => event["time"].clone(),
                _ => paths.get(name).map_or(Json::Null, |p| path(p)),
            };
            match &value {
                // Within quotes a text stands as it is; outside of them it brings its own.
                Json::String(text) if quoted => out.push_str(json!(text).to_string().trim_matches('"')),
                other => out.push_str(&other.to_string()),
            }
            rest = after;
        } else {
            quoted ^= c == '"' && !out.ends_with('\\');
            out.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    out.into()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn shapes_the_input_of_a_target() {
        let event = json!({"detail": {"id": "a\"b", "n": 3}, "source": "s"});
        let mut target = Target::default();
        let shape = |target: &Target| shaped(target, &event, "arn", "r").to_string();
        assert_eq!(shape(&target), event.to_string());
        target.transformer = Some((
            BTreeMap::from([
                ("id".to_owned(), "$.detail.id".to_owned()),
                ("n".to_owned(), "$.detail.n".to_owned()),
            ]),
            r#"{"id": <id>, "text": "n is <n>, id <id>", "rule": "<aws.events.rule-name>"}"#.to_owned(),
        ));
        assert_eq!(
            shape(&target),
            r#"{"id": "a\"b", "text": "n is 3, id a\"b", "rule": "r"}"#
        );
        target.input_path = Some("$.detail".to_owned());
        assert_eq!(shape(&target), r#"{"id":"a\"b","n":3}"#);
        target.input = Some("{}".to_owned());
        assert_eq!(shape(&target), "{}");
    }
}
