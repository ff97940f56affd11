//! Selects messages by a `jq` expression and by text.

use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::DeadLetter;
use super::export::error_text;
use crate::domain::AttributeValue;
use crate::domain::phrase::Phrase;

/// A condition on messages.
///
/// The expression sees `{body, attributes, system, origin, function, error, message_id, queue, source, request_id,
/// condition, signature, capacity, receive_count, size, sent, expires}`. `body` is parsed where it is JSON; `attributes`
/// are the message attributes, each by its value; `system` are the system attributes. A message passes if the first result
/// is neither `false` nor `null`; an expression that fails on a message does not select it. Phrases appear as in documents.
///
/// The filter only carries the expression, which may loop for ever, take all memory or overflow the stack: a
/// [`Program`](super::jq::Program) runs it, in a process of its own.
#[derive(Clone, Debug)]
pub struct Filter {
    say: Say,
    expression: Option<String>,
    text: Option<String>,
}

/// Puts a phrase into words.
pub type Say = fn(&Phrase) -> String;

impl Filter {
    /// A filter of an expression and a text, both optional. The text is looked for in body, attributes, ids and error,
    /// whatever its case.
    #[must_use]
    pub fn new(expression: Option<&str>, text: Option<&str>, say: Say) -> Self {
        Self {
            say,
            expression: expression.map(str::to_owned),
            text: text.map(str::to_lowercase).filter(|text| !text.is_empty()),
        }
    }

    /// Whether everything passes.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.expression.is_none() && self.text.is_none()
    }

    /// The expression.
    #[must_use]
    pub fn expression(&self) -> Option<&str> {
        self.expression.as_deref()
    }

    /// Whether a message has the text, if one is looked for.
    #[must_use]
    pub fn has_text(&self, entry: &DeadLetter) -> bool {
        self.text.as_deref().is_none_or(|text| self.says(entry, text))
    }

    /// Fields of the expression that no message has: a possible reason why nothing passes.
    #[must_use]
    pub fn untold(&self, entries: &[DeadLetter]) -> Vec<&'static str> {
        let expression = self.expression.as_deref().unwrap_or_default();
        let asked = UNTOLD.into_iter().filter(|name| {
            let named = format!(".{name}");
            let mut ends = expression.match_indices(&named).map(|(at, _)| at + named.len());
            ends.any(|end| !expression[end..].starts_with(|c: char| c.is_alphanumeric() || c == '_'))
        });
        let known: Vec<Value> = entries
            .iter()
            .filter_map(|entry| serde_json::from_str(&self.seen(entry)).ok())
            .collect();
        asked
            .filter(|name| known.iter().all(|letter| letter[*name].is_null()))
            .collect()
    }
}

/// Fields that not every message has.
const UNTOLD: [&str; 8] = [
    "function",
    "source",
    "error",
    "request_id",
    "condition",
    "capacity",
    "sent",
    "expires",
];

impl Filter {
    /// The input of the expression for a message, as JSON.
    #[must_use]
    pub fn seen(&self, entry: &DeadLetter) -> String {
        let (letter, found) = (&*entry.letter, &entry.provenance);
        let attributes: Map<String, Value> = letter
            .attributes
            .iter()
            .map(|(name, attribute)| {
                let value = match &attribute.value {
                    AttributeValue::Text(text) => Value::from(text.as_str()),
                    AttributeValue::Binary(bytes) => Value::from(String::from_utf8_lossy(bytes)),
                };
                (name.clone(), value)
            })
            .collect();
        let said = |phrase: &Option<Phrase>| phrase.as_ref().map(self.say);
        let mut known = json!({
            "message_id": letter.message_id, "queue": letter.queue, "attributes": attributes, "system": letter.system,
            "origin": found.origin, "function": found.function.function(), "source": found.source,
            "error": found.error.as_ref().map(error_text), "request_id": found.request_id, "condition": said(&found.condition),
            "signature": (self.say)(&entry.signature), "capacity": said(&found.capacity), "receive_count": letter.receive_count(),
            "size": letter.size(), "sent": letter.sent(), "expires": entry.expires.map(|expiry| expiry.at),
        })
        .to_string();
        // The body goes in as it was written: read and written again it would lose digits. Reading it first holds it to the
        // depth that a stack can bear.
        let parsed = serde_json::from_str::<Value>(&letter.body).is_ok();
        let body = parsed
            .then(|| serde_json::from_str::<&RawValue>(&letter.body).ok())
            .flatten();
        let body = body.map_or_else(|| Value::from(&*letter.body).to_string(), |raw| raw.get().to_owned());
        known.pop();
        known.push_str(",\"body\":");
        known.push_str(&body);
        known.push('}');
        known
    }

    /// Whether a message contains a text, given in lower case.
    fn says(&self, entry: &DeadLetter, text: &str) -> bool {
        let has = |found: &str| found.to_lowercase().contains(text);
        let letter = &*entry.letter;
        let attributes = letter.attributes.iter().any(|(name, attribute)| {
            let value = match &attribute.value {
                AttributeValue::Text(value) => has(value),
                AttributeValue::Binary(_) => false,
            };
            value || has(name)
        });
        attributes
            || has(&letter.body)
            || has(&letter.message_id)
            || letter.system.values().any(|value| has(value))
            || entry
                .provenance
                .error
                .as_ref()
                .is_some_and(|error| has(&error_text(error)))
            || entry.functions().iter().any(|name| has(name))
            || has(&(self.say)(&entry.signature))
    }
}
