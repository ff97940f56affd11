//! Keys of the user's own: what an order is called in the lines of the functions.

use regex::Regex;

/// Longest value that counts, in bytes.
const LONGEST: usize = 256;
/// Keys at most.
const MOST: usize = 32;
/// Bytes of a compiled expression at most.
const SIZE: usize = 1 << 20;

/// The keys that many functions log without being asked: Powertools for AWS Lambda, common middleware.
const USUAL: [&str; 4] = ["correlation_id", "correlationId", "x-correlation-id", "traceparent"];

/// A key cannot be read.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum KeysError {
    /// It is empty, or has characters that no member of JSON has.
    #[error(
        "invalid key \"{0}\": expected a member such as order_id or detail.id, or a regular expression with (?P<name>…)"
    )]
    Key(String),
    /// There are more than 32.
    #[error("more than 32 keys")]
    TooMany,
}

/// What to look for in lines.
#[derive(Clone, Debug, Default)]
pub struct Keys {
    all: Vec<(String, Regex)>,
}

impl Keys {
    /// The keys that are known without being configured.
    #[must_use]
    pub fn usual() -> Self {
        Self::new(&[]).unwrap_or_default()
    }

    /// These keys and the usual ones: members of JSON (`order_id`, `detail.id`) or regular expressions with one named group
    /// (`order (?P<order>[0-9]+)`).
    ///
    /// # Errors
    /// If one cannot be read, or there are too many.
    pub fn new(keys: &[String]) -> Result<Self, KeysError> {
        if keys.len() > MOST {
            return Err(KeysError::TooMany);
        }
        let usual = USUAL.iter().map(|key| (*key).to_owned());
        let mut all: Vec<(String, Regex)> = Vec::new();
        for key in keys.iter().cloned().chain(usual) {
            let wrong = || KeysError::Key(key.clone());
            let (name, expression) = match named_group(&key) {
                Some(name) => (name.to_owned(), key.clone()),
                None => (key.clone(), member(&key).ok_or_else(wrong)?),
            };
            let regex = regex::RegexBuilder::new(&expression).size_limit(SIZE).build();
            let regex = regex.map_err(|_| wrong())?;
            if !all.iter().any(|(known, _)| *known == name) {
                all.push((name, regex));
            }
        }
        Ok(Self { all })
    }

    /// The keys and values that a line names.
    pub fn values<'a>(&'a self, text: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.all.iter().flat_map(move |(name, regex)| {
            let values = regex.captures_iter(text).take(super::facts::MOST_IDS);
            values.filter_map(|found| {
                let value = found.name(name).or_else(|| found.get(1))?.as_str();
                let is_value =
                    !value.is_empty() && value.len() <= LONGEST && !matches!(value, "null" | "None" | "undefined");
                is_value.then_some((name.as_str(), value))
            })
        })
    }
}

/// The name of the only named group of an expression.
fn named_group(key: &str) -> Option<&str> {
    let at = key
        .find("(?P<")
        .map(|at| at + 4)
        .or_else(|| key.find("(?<").map(|at| at + 3))?;
    key[at..].split_once('>').map(|(name, _)| name)
}

/// An expression for a member of JSON, as loggers write it: `"order_id":"4711"`, `order_id=4711`, `'order_id': 4711`. Of a
/// path the members before the last must stand before it in the line.
fn member(key: &str) -> Option<String> {
    let parts: Vec<&str> = key.split('.').collect();
    let is_name = |part: &&str| {
        !part.is_empty()
            && part
                .chars()
                .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '$' | '@' | ':'))
    };
    if key.len() > LONGEST || !parts.iter().all(|part| is_name(part)) {
        return None;
    }
    let (last, outer) = parts.split_last()?;
    let outer: String = outer
        .iter()
        .map(|part| format!(r#"["'\\]{}["'\\]+\s*:[^\n]*?"#, regex::escape(part)))
        .collect();
    let last = regex::escape(last);
    Some(format!(
        r#"{outer}(?:^|[^A-Za-z0-9_.-]){last}[\\"']*\s*[:=]\s*[\\"']*([^\\"'\s,;}}\])]+)"#
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(keys: &[&str], line: &str) -> Vec<(String, String)> {
        let keys: Vec<String> = keys.iter().map(|key| (*key).to_owned()).collect();
        let keys = Keys::new(&keys).expect("keys");
        keys.values(line)
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect()
    }

    #[test]
    fn keys_are_read_as_loggers_write_them() {
        for line in [
            r#"{"level":"INFO","order_id":"4711"}"#,
            r#"{"level":"INFO","message":"{\"order_id\":\"4711\"}"}"#,
            "{'order_id': '4711', 'x': 1}",
            "{ order_id: '4711' }",
            "saved order_id=4711 amount=3",
            r#"{"order_id":4711}"#,
        ] {
            assert_eq!(
                values(&["order_id"], line),
                [("order_id".into(), "4711".into())],
                "{line}"
            );
        }
        for line in [
            "reorder_id=4711",
            "order_id",
            r#"{"order_id":null}"#,
            r#"{"order_id":""}"#,
        ] {
            assert_eq!(values(&["order_id"], line), [], "{line}");
        }
    }

    #[test]
    fn paths_and_expressions_and_the_usual_ones() {
        let line = r#"{"id":"x","detail-type":"t","detail":{"item":"y","id":"A-17"}}"#;
        assert_eq!(values(&["detail.id"], line), [("detail.id".into(), "A-17".into())]);
        let line = "processing order 4711 now";
        assert_eq!(
            values(&["order (?P<order>[0-9]+)"], line),
            [("order".into(), "4711".into())]
        );
        let line = r#"{"correlation_id":"abc-123-def"}"#;
        assert_eq!(values(&[], line), [("correlation_id".into(), "abc-123-def".into())]);
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for key in ["", "a b", "order (", "(?P<x>[", "a..b"] {
            assert!(Keys::new(&[key.to_owned()]).is_err(), "{key}");
        }
        assert_eq!(Keys::new(&vec!["k".to_owned(); 33]).err(), Some(KeysError::TooMany));
    }
}
