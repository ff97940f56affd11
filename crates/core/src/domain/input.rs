//! The input that an EventBridge target gets.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How a target's input is made from the event. AWS (delivery): at most one of the three is set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "how")]
pub enum Input {
    /// The event itself.
    #[default]
    Whole,
    /// Always this text (`Input`).
    Constant {
        /// The text.
        text: String,
    },
    /// A part of the event (`InputPath`).
    Path {
        /// The path, such as `$.detail.order`.
        path: String,
    },
    /// A text with parts of the event in it (`InputTransformer`).
    Template {
        /// Names and paths.
        paths: BTreeMap<String, String>,
        /// With `<name>` in it.
        template: String,
    },
}

crate::phrases! {
    /// Why a target's input cannot be made of an event.
    pub enum InputError in "input" {
        /// The event is not JSON, which has no parts.
        NotJson,
        /// The event lacks this part.
        NothingAt { path: String },
    }
}

impl Input {
    /// The target's input for this event.
    ///
    /// # Errors
    /// If the event is not JSON or lacks a part that the input needs.
    pub fn apply(&self, event: &str) -> Result<String, InputError> {
        let parse = || serde_json::from_str::<Value>(event).map_err(|_| InputError::NotJson);
        match self {
            Self::Whole => Ok(event.to_owned()),
            Self::Constant { text } => Ok(text.clone()),
            Self::Path { path } => {
                let found = at(&parse()?, path).map(ToString::to_string);
                found.ok_or_else(|| InputError::NothingAt { path: path.clone() })
            }
            Self::Template { paths, template } => Ok(fill(template, paths, &parse()?)),
        }
    }
}

/// Follows a path such as `$.detail.items[0]`.
fn at<'a>(event: &'a Value, path: &str) -> Option<&'a Value> {
    let rest = path.strip_prefix('$')?;
    let mut found = event;
    for step in rest.split(['.', '[']).filter(|step| !step.is_empty()) {
        let name = step.trim_end_matches(']').trim_matches(['\'', '"']);
        found = match found {
            Value::Array(list) => list.get(name.parse::<usize>().ok()?)?,
            other => other.get(name)?,
        };
    }
    Some(found)
}

/// AWS (delivery): a string part loses its quotes inside a string of the template and keeps them outside; a missing part becomes empty
/// inside a string.
fn fill(template: &str, paths: &BTreeMap<String, String>, event: &Value) -> String {
    let mut made = String::new();
    let mut quoted = false;
    let mut rest = template;
    while let Some(c) = rest.chars().next() {
        if c == '<'
            && let Some(end) = rest.find('>')
            && let Some(path) = paths.get(&rest[1..end])
        {
            match at(event, path) {
                Some(Value::String(text)) if quoted => {
                    let json = Value::String(text.clone()).to_string();
                    made.push_str(&json[1..json.len() - 1]);
                }
                Some(value) => made.push_str(&value.to_string()),
                None if quoted => {}
                None => made.push_str("null"),
            }
            rest = &rest[end + 1..];
            continue;
        }
        if c == '\\' && quoted {
            let two: String = rest.chars().take(2).collect();
            made.push_str(&two);
            rest = &rest[two.len()..];
            continue;
        }
        if c == '"' {
            quoted = !quoted;
        }
        made.push(c);
        rest = &rest[c.len_utf8()..];
    }
    made
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVENT: &str = r#"{"source":"shop","detail":{"id":7,"name":"a \"b\"","items":[{"n":1}]}}"#;

    #[test]
    fn each_way_of_making_an_input() {
        let path = |path: &str| Input::Path { path: path.into() }.apply(EVENT);
        assert_eq!(path("$.detail.items[0].n").as_deref(), Ok("1"));
        assert_eq!(path("$.source").as_deref(), Ok("\"shop\""));
        assert!(path("$.nothing").is_err());
        assert_eq!(Input::Whole.apply("as it is").as_deref(), Ok("as it is"));
        let template = Input::Template {
            paths: [("id", "$.detail.id"), ("name", "$.detail.name"), ("none", "$.x")]
                .map(|(k, v)| (k.to_owned(), v.to_owned()))
                .into(),
            template: r#"{"order": <id>, "who": <name>, "text": "<name> has <id> \"<none>", "other": "<z>"}"#.into(),
        };
        let made = template.apply(EVENT).expect("an input");
        let made: Value = serde_json::from_str(&made).expect("JSON");
        assert_eq!(made["order"], 7);
        assert_eq!(made["who"], "a \"b\"");
        assert_eq!(made["text"], "a \"b\" has 7 \"");
        assert_eq!(made["other"], "<z>");
    }
}
