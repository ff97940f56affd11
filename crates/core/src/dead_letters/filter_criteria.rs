//! Whether an event source mapping's filters let a message of SQS through. What they do not match, the mapping deletes.
//!
//! AWS (patterns): "Control which events Lambda sends to your function" and "Using event filtering with an Amazon SQS event source".
//! Only what is certain is answered; conditions that are not known here leave it unknown.

use serde_json::{Map, Value};

/// An answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passes {
    /// A filter matches it.
    Yes,
    /// No filter matches it.
    No,
    /// Nothing certain can be said.
    Unknown,
}

impl Passes {
    fn of(certain: bool) -> Self {
        if certain { Self::Yes } else { Self::No }
    }

    fn any(all: impl IntoIterator<Item = Self>) -> Self {
        all.into_iter().fold(Self::No, |one, other| match (one, other) {
            (Self::Yes, _) | (_, Self::Yes) => Self::Yes,
            (Self::Unknown, _) | (_, Self::Unknown) => Self::Unknown,
            _ => Self::No,
        })
    }

    fn all(all: impl IntoIterator<Item = Self>) -> Self {
        all.into_iter().fold(Self::Yes, |one, other| match (one, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Unknown, _) | (_, Self::Unknown) => Self::Unknown,
            _ => Self::Yes,
        })
    }
}

/// Whether one of a mapping's filters (JSON texts) matches a message with this body. Filters on anything but the body are
/// not judged.
#[must_use]
pub fn passes(filters: &[String], body: &str) -> Passes {
    if filters.is_empty() {
        return Passes::Yes;
    }
    Passes::any(filters.iter().map(|filter| one(filter, body)))
}

fn one(filter: &str, body: &str) -> Passes {
    let Ok(Value::Object(pattern)) = serde_json::from_str(filter) else {
        return Passes::Unknown;
    };
    let parsed = serde_json::from_str::<Value>(body);
    Passes::all(
        pattern
            .iter()
            .map(|(key, pattern)| match (key.as_str(), pattern, &parsed) {
                ("body", Value::Object(pattern), Ok(Value::Object(data))) => object(pattern, data),
                // AWS (patterns): text in place of JSON, and JSON in place of text, is dropped.
                ("body", Value::Object(_), Err(_)) | ("body", Value::Array(_), Ok(Value::Object(_))) => Passes::No,
                ("body", Value::Array(conditions), Err(_)) => leaf(conditions, Some(&Value::String(body.to_owned()))),
                _ => Passes::Unknown,
            }),
    )
}

fn object(pattern: &Map<String, Value>, data: &Map<String, Value>) -> Passes {
    Passes::all(pattern.iter().map(|(key, pattern)| match (pattern, data.get(key)) {
        _ if key == "$or" => Passes::Unknown,
        (Value::Object(inner), Some(Value::Object(data))) => object(inner, data),
        (Value::Object(_), Some(Value::Array(_)) | None) => Passes::Unknown,
        (Value::Object(_), Some(_)) => Passes::No,
        (Value::Array(conditions), data) => leaf(conditions, data),
        _ => Passes::Unknown,
    }))
}

/// AWS (patterns): one condition is enough; of a list in the message one element is.
fn leaf(conditions: &[Value], data: Option<&Value>) -> Passes {
    Passes::any(conditions.iter().map(|condition| match data {
        Some(Value::Array(_) | Value::Object(_)) if matches!(condition, Value::Object(_)) => Passes::Unknown,
        Some(Value::Array(all)) => Passes::any(all.iter().map(|one| is(condition, Some(one)))),
        data => is(condition, data),
    }))
}

fn is(condition: &Value, data: Option<&Value>) -> Passes {
    match (condition, data) {
        (Value::Object(conditions), data) => match conditions.iter().next() {
            Some((name, value)) if conditions.len() == 1 => named(name, value, data),
            _ => Passes::Unknown,
        },
        (Value::Array(_), _) => Passes::Unknown,
        // How a number is written may count.
        (Value::Number(one), Some(Value::Number(other))) if one != other && one.as_f64() == other.as_f64() => {
            Passes::Unknown
        }
        (value, Some(data)) => Passes::of(value == data),
        (_, None) => Passes::No,
    }
}

fn named(name: &str, value: &Value, data: Option<&Value>) -> Passes {
    let text = data.and_then(Value::as_str);
    match (name, value, text) {
        ("exists", Value::Bool(wanted), _) => Passes::of(data.is_some() == *wanted),
        ("prefix", Value::String(part), Some(text)) => Passes::of(text.starts_with(part.as_str())),
        ("suffix", Value::String(part), Some(text)) => Passes::of(text.ends_with(part.as_str())),
        ("prefix" | "suffix", Value::String(_), None) => Passes::No,
        ("numeric", Value::Array(ranges), _) => match data.and_then(Value::as_f64) {
            Some(number) => numeric(ranges, number),
            None => Passes::No,
        },
        _ => Passes::Unknown,
    }
}

/// `[">", 0, "<=", 5]`: all must hold.
fn numeric(ranges: &[Value], number: f64) -> Passes {
    let pairs = ranges.chunks(2).map(|pair| match pair {
        [Value::String(sign), limit] => match (sign.as_str(), limit.as_f64()) {
            (">", Some(limit)) => Passes::of(number > limit),
            (">=", Some(limit)) => Passes::of(number >= limit),
            ("<", Some(limit)) => Passes::of(number < limit),
            ("<=", Some(limit)) => Passes::of(number <= limit),
            _ => Passes::Unknown,
        },
        _ => Passes::Unknown,
    });
    Passes::all(pairs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_certain_is_answered() {
        let of = |filter: &str, body: &str| passes(&[filter.to_owned()], body);
        let kind = r#"{"body":{"k":["b","c"]}}"#;
        assert_eq!(of(kind, r#"{"k":"b"}"#), Passes::Yes);
        assert_eq!(of(kind, r#"{"k":["x","c"]}"#), Passes::Yes, "one of a list");
        assert_eq!(of(kind, r#"{"k":"a"}"#), Passes::No);
        assert_eq!(of(kind, r#"{"other":1}"#), Passes::No);
        assert_eq!(of(kind, "b"), Passes::No, "text in place of JSON");
        assert_eq!(of(kind, "[1]"), Passes::Unknown);
        assert_eq!(of(r#"{"body":["b"]}"#, "b"), Passes::Yes);
        assert_eq!(
            of(r#"{"body":["b"]}"#, r#"{"k":"b"}"#),
            Passes::No,
            "JSON in place of text"
        );
        let deep =
            r#"{"body":{"o":{"n":[{"numeric":[">",0,"<=",5]}],"t":[{"prefix":"ab"}]},"gone":[{"exists":false}]}}"#;
        assert_eq!(of(deep, r#"{"o":{"n":5,"t":"abc"}}"#), Passes::Yes);
        assert_eq!(of(deep, r#"{"o":{"n":6,"t":"abc"}}"#), Passes::No);
        assert_eq!(of(deep, r#"{"o":{"n":5,"t":"abc"},"gone":1}"#), Passes::No);
        // Conditions and places that are not judged.
        assert_eq!(
            of(r#"{"body":{"k":[{"wildcard":"a*"}]}}"#, r#"{"k":"ab"}"#),
            Passes::Unknown
        );
        assert_eq!(of(r#"{"messageAttributes":{"k":["v"]}}"#, "x"), Passes::Unknown);
        assert_eq!(of(r#"{"body":{"$or":[{"k":["a"]}]}}"#, r#"{"k":"a"}"#), Passes::Unknown);
        assert_eq!(of("no JSON", "x"), Passes::Unknown);
        let two = [kind.to_owned(), r#"{"body":{"k":["a"]}}"#.to_owned()];
        assert_eq!(passes(&two, r#"{"k":"a"}"#), Passes::Yes, "one filter is enough");
        assert_eq!(passes(&[], "x"), Passes::Yes);
    }
}
