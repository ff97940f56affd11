//! The conditions of a statement of a policy.

use serde_json::Value;

use super::texts;

/// What the conditions of a statement ask for, as far as it shows who may.
#[derive(Default)]
pub(super) struct Limits {
    pub(super) sources: Vec<String>,
    pub(super) accounts: Vec<String>,
    pub(super) organisations: Vec<String>,
    pub(super) skill: Option<String>,
    /// `NONE` or `AWS_IAM`.
    pub(super) url: Option<String>,
    /// The second statement of a function URL, which says nothing alone.
    pub(super) by_url: bool,
}

impl Limits {
    /// Those of a statement.
    pub(super) fn of(statement: &Value) -> Self {
        let mut limits = Self::default();
        let Some(Value::Object(conditions)) = statement.get("Condition") else {
            return limits;
        };
        for (operator, keys) in conditions {
            // A value that is excluded or must be absent does not name an allowed source.
            let operator = operator.to_ascii_lowercase();
            if operator.contains("not") || operator.starts_with("null") {
                continue;
            }
            for (key, value) in keys.as_object().into_iter().flatten() {
                let values = texts(Some(value));
                match key.to_ascii_lowercase().as_str() {
                    "aws:sourcearn" => limits.sources.extend(values),
                    "aws:sourceaccount" | "aws:principalaccount" => limits.accounts.extend(values),
                    "aws:principalorgid" | "aws:sourceorgid" => limits.organisations.extend(values),
                    // `o-ID/r-ROOT/ou-UNIT/`
                    "aws:principalorgpaths" | "aws:sourceorgpaths" => {
                        let ids = values.iter().filter_map(|path| path.split('/').next());
                        limits.organisations.extend(ids.map(str::to_owned));
                    }
                    "lambda:functionurlauthtype" => limits.url = values.into_iter().next(),
                    "lambda:invokedviafunctionurl" => limits.by_url = true,
                    "lambda:eventsourcetoken" => limits.skill = values.into_iter().next(),
                    _ => {}
                }
            }
        }
        limits
    }

    /// ` of account 111122223333 in organisation o-a1b2`.
    pub(super) fn words(&self) -> String {
        let list = |one: &str, texts: &[String]| match texts {
            [] => String::new(),
            [text] => format!(" {one} {text}"),
            several => format!(" {one}s {}", several.join(", ")),
        };
        list("of account", &self.accounts).replace("of accounts", "of the accounts")
            + &list("in organisation", &self.organisations)
    }
}
