//! Lines of `key=value`, as Go's loggers write them.

use serde_json::{Map, Value};

use super::{Reading, json};

/// What such a line begins with.
const FIRST: [&str; 5] = ["time=", "ts=", "level=", "lvl=", "msg="];

/// A text of nothing but pairs; `None` if it is none.
pub(super) fn read(text: &str) -> Option<Reading> {
    if !FIRST.iter().any(|first| text.starts_with(first)) {
        return None;
    }
    let mut members = Map::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (key, after) = rest.split_once('=')?;
        if key.is_empty() || key.contains(char::is_whitespace) {
            return None;
        }
        let (word, after) = word(after)?;
        members.insert(key.to_owned(), Value::String(word));
        rest = after.trim_start();
    }
    Some(json::of(&members))
}

/// A value, in quotes or up to the next space, and what follows.
fn word(text: &str) -> Option<(String, &str)> {
    if !text.starts_with('"') {
        let end = text.find(char::is_whitespace).unwrap_or(text.len());
        return Some((text[..end].to_owned(), &text[end..]));
    }
    let mut reader = serde_json::Deserializer::from_str(text).into_iter::<String>();
    let word = reader.next()?.ok()?;
    Some((word, &text[reader.byte_offset()..]))
}
