//! Phrases in JSON documents.

use serde::Serialize;
use serde_json::{Map, Value};

use super::Words;
use crate::domain::phrase::{Arg, Phrase};

/// A document of the command line: [`spelled`], with times in UTC.
///
/// # Errors
/// If the value cannot be serialized.
pub fn document<T: Serialize>(value: &T) -> serde_json::Result<Value> {
    Ok(spelled(&Words::utc(), serde_json::to_value(value)?))
}

/// A document in which each phrase is its sentence, with its code beside it: `"why": {phrase}` becomes `"why": "3 attempts
/// failed"` and `"why_code": "retries_used_up"`.
#[must_use]
pub fn spelled(words: &Words, value: Value) -> Value {
    match value {
        Value::Array(all) => all.into_iter().map(|one| spelled(words, one)).collect(),
        Value::Object(members) => match phrase(&members) {
            Some(phrase) => words.say(&phrase).into(),
            None => object(words, members),
        },
        other => other,
    }
}

fn object(words: &Words, members: Map<String, Value>) -> Value {
    let mut spelt = Map::new();
    for (name, value) in members {
        let code = match &value {
            Value::Object(members) => phrase(members).and_then(|phrase| Some(code(&phrase)?.into())),
            Value::Array(all) => codes(all),
            _ => None,
        };
        if let Some(code) = code {
            spelt.insert(format!("{name}_code"), code);
        }
        spelt.insert(name, spelled(words, value));
    }
    Value::Object(spelt)
}

/// Of an array of phrases.
fn codes(all: &[Value]) -> Option<Value> {
    let codes: Option<Vec<Value>> = all
        .iter()
        .map(|one| Some(code(&phrase(one.as_object()?)?)?.into()))
        .collect();
    codes.filter(|codes| !codes.is_empty()).map(Value::Array)
}

/// `None` of a text that has none; of several clauses that of the first, which is what they are about.
fn code(phrase: &Phrase) -> Option<String> {
    if let Some((_, Arg::Clauses(all))) = phrase.args.first().filter(|_| phrase.room == "phrase") {
        return code(all.first()?);
    }
    (phrase.room != "phrase" && !phrase.is_empty()).then(|| phrase.code.replace('-', "_"))
}

fn phrase(members: &Map<String, Value>) -> Option<Phrase> {
    members
        .contains_key("$phrase")
        .then(|| serde_json::from_value(members.clone().into()).ok())?
}
