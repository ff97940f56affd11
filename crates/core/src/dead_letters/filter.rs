//! Selects messages by a `jq` expression and by text.

use jaq_core::data::JustLut;
use jaq_core::load::{Arena, File, Loader};
use jaq_core::{Compiler, Ctx, Vars, unwrap_valr};
use jaq_json::{Val, read};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::DeadLetter;
use super::export::error_text;
use super::words::Syntax;
use crate::domain::AttributeValue;
use crate::domain::phrase::Phrase;

/// A condition on messages.
///
/// The expression sees `{body, attributes, system, origin, function, error, message_id, queue, source, request_id,
/// condition, signature, capacity, receive_count, size, sent, expires}`. `body` is parsed where it is JSON; `attributes`
/// are the message attributes, each by its value; `system` are the system attributes. A message passes if the first result
/// is neither `false` nor `null`; an expression that fails on a message does not select it. Phrases appear as in documents.
pub struct Filter {
    say: Say,
    expression: String,
    jq: Option<jaq_core::Filter<JustLut<Val>>>,
    text: Option<String>,
}

/// Puts a phrase into words.
pub type Say = fn(&Phrase) -> String;

impl Filter {
    /// A filter of an expression and a text, both optional. The text is looked for in body, attributes, ids and error,
    /// whatever its case.
    ///
    /// # Errors
    /// What is wrong with the expression.
    pub fn new(expression: Option<&str>, text: Option<&str>, say: Say) -> Result<Self, Syntax> {
        Ok(Self {
            say,
            expression: expression.unwrap_or_default().to_owned(),
            jq: expression.map(compile).transpose()?,
            text: text.map(str::to_lowercase).filter(|text| !text.is_empty()),
        })
    }

    /// Whether everything passes.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.jq.is_none() && self.text.is_none()
    }

    /// Whether a message passes.
    #[must_use]
    pub fn passes(&self, entry: &DeadLetter) -> bool {
        self.text.as_deref().is_none_or(|text| self.says(entry, text))
            && self.jq.as_ref().is_none_or(|jq| holds(jq, &self.seen(entry)))
    }

    /// The indices of the messages that pass.
    #[must_use]
    pub fn chosen(&self, entries: &[DeadLetter]) -> Vec<usize> {
        let passing = entries.iter().enumerate().filter(|(_, entry)| self.passes(entry));
        passing.map(|(place, _)| place).collect()
    }

    /// Fields of the expression that no message has: a possible reason why nothing passes.
    #[must_use]
    pub fn untold(&self, entries: &[DeadLetter]) -> Vec<&'static str> {
        let asked = UNTOLD.into_iter().filter(|name| {
            let named = format!(".{name}");
            let mut ends = self.expression.match_indices(&named).map(|(at, _)| at + named.len());
            ends.any(|end| !self.expression[end..].starts_with(|c: char| c.is_alphanumeric() || c == '_'))
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

fn compile(expression: &str) -> Result<jaq_core::Filter<JustLut<Val>>, Syntax> {
    let bad = |why: Phrase| Syntax::Unusable {
        expression: expression.to_owned(),
        why,
    };
    let definitions = jaq_core::defs().chain(jaq_std::defs()).chain(jaq_json::defs());
    let functions = jaq_core::funs().chain(jaq_std::funs()).chain(jaq_json::funs());
    let arena = Arena::default();
    let program = File {
        code: expression,
        path: (),
    };
    let modules = Loader::new(definitions).load(&arena, program).map_err(|errors| {
        let error = errors.into_iter().next().map(|(_, error)| error);
        bad(error.and_then(syntax).map(Into::into).unwrap_or_default())
    })?;
    Compiler::default()
        .with_funs(functions)
        .compile(modules)
        .map_err(|errors| {
            let unknown = errors.into_iter().flat_map(|(_, errors)| errors);
            let names = unknown.map(|(name, _)| name.to_owned()).collect();
            bad(Syntax::NotKnown { names }.into())
        })
}

/// What is wrong with an expression.
fn syntax(error: jaq_core::load::Error<&str>) -> Option<Syntax> {
    use jaq_core::load::Error;
    let expected = |what: &str, found: &str| match (what, found.split_whitespace().next()) {
        ("nothing", Some(word)) => Syntax::ExpectedEnd { found: word.to_owned() },
        (what, Some(word)) => Syntax::Expected {
            what: what.to_owned(),
            found: word.to_owned(),
        },
        (what, None) => Syntax::TooEarly { what: what.to_owned() },
    };
    match error {
        Error::Io(errors) => errors
            .into_iter()
            .next()
            .map(|(path, _)| Syntax::Unreadable { path: path.to_owned() }),
        Error::Lex(errors) => errors
            .into_iter()
            .next()
            .map(|(what, found)| expected(what.as_str(), found)),
        Error::Parse(errors) => errors
            .into_iter()
            .next()
            .map(|(what, found)| expected(what.as_str(), found)),
    }
}

fn holds(jq: &jaq_core::Filter<JustLut<Val>>, seen: &str) -> bool {
    let Ok(input) = read::parse_single(seen.as_bytes()) else {
        return false;
    };
    let context = Ctx::<JustLut<Val>>::new(&jq.lut, Vars::new([]));
    let first = jq.id.run((context, input)).map(unwrap_valr).next();
    matches!(first, Some(Ok(value)) if !matches!(value, Val::Null | Val::Bool(false)))
}

impl Filter {
    /// The input of the expression for a message, as JSON.
    fn seen(&self, entry: &DeadLetter) -> String {
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
