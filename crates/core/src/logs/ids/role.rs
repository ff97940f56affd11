//! What a line says of an id that it names: by the word before it, what the id is of; by the words around it, whether it was
//! sent or received. A word decides nothing alone: both ends of a link must say the same, and the chain must allow it.

use std::ops::Range;

use memchr::memmem;

/// How far before an id its name may begin.
const BEFORE: usize = 48;

/// What an id is of, by its name in the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// A message of a queue or topic: `messageId`, `MessageId`, `message 5f1c…`.
    Message,
    /// An event of a bus: `EventId`, `event 5f1c…`, `id` beside `detail-type`.
    Event,
    /// A request: `requestId`, `aws_request_id`.
    Request,
    /// Nothing says what.
    Bare,
}

/// Whether a line says that what it names was sent or received.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Said {
    /// `sent`, `published`; the answer of a service to a sending.
    Sent,
    /// `received`, `processing`; a record of an event.
    Received,
    /// Neither, or both.
    Open,
}

/// What an id at a place in a line is of.
#[must_use]
pub fn role(text: &str, id: &Range<usize>) -> Role {
    let from = text.ceil_char_boundary(id.start.saturating_sub(BEFORE));
    let before = text[from..id.start].trim_end_matches(['"', '\'', '\\', ':', '=', ' ', '\t', '(', '#', '[', '`']);
    let (rest, last) = word(before);
    let before_last = word(rest.trim_end_matches([' ', '_', '-', '.'])).1;
    let name: String = last.chars().filter(char::is_ascii_alphanumeric).collect();
    let name = name.to_ascii_lowercase();
    let is = |end: &str| name.ends_with(end);
    let alone = name == "id";
    let earlier = before_last.to_ascii_lowercase();
    if is("messageid") || is("msgid") || is("message") || (alone && earlier.ends_with("message")) {
        Role::Message
    } else if is("eventid") || is("event") || (alone && earlier.ends_with("event")) {
        Role::Event
    } else if is("requestid") || (alone && earlier.ends_with("request")) {
        Role::Request
    } else if alone && has(text, "detail-type") {
        Role::Event
    } else {
        Role::Bare
    }
}

/// The last word of a text, and what comes before it.
fn word(text: &str) -> (&str, &str) {
    let length = text
        .bytes()
        .rev()
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
        .count();
    text.split_at(text.len() - length)
}

fn has(text: &str, words: &str) -> bool {
    memmem::find(text.as_bytes(), words.as_bytes()).is_some()
}

/// What services answer to a sending.
const ANSWERS: [&str; 4] = ["MD5OfMessageBody", "FailedEntryCount", "ResponseMetadata", "$metadata"];
/// What records of an event have.
const RECORDS: [&str; 5] = [
    "eceiptHandle",
    "ApproximateReceiveCount",
    "\"Records\"",
    "'Records'",
    "eventSource",
];
/// Words for a sending, and for an arrival.
const SENT: [&str; 9] = [
    "sent ", "Sent ", "sending ", "Sending ", "ublished", "nqueued", "nvoked", "nviada", "wrote ",
];
const RECEIVED: [&str; 5] = ["eceived", "eceiving", "rocessing", "andling ", "onsuming"];

/// Whether a line says that the ids it names were sent or received; `ids` are their places, in order. An answer or a record is
/// about all of them, a word about the next one only: `sent X for Y`.
#[must_use]
pub fn said(text: &str, ids: &[Range<usize>]) -> Vec<Said> {
    let any = |words: &[&str]| words.iter().any(|word| has(text, word));
    let whole = match (any(&ANSWERS), any(&RECORDS)) {
        (true, false) => Some(Said::Sent),
        (false, true) => Some(Said::Received),
        (true, true) => Some(Said::Open),
        (false, false) => None,
    };
    let mut from = 0;
    ids.iter()
        .map(|id| {
            let before = text.as_bytes().get(from.min(id.start)..id.start).unwrap_or_default();
            from = id.end;
            whole.unwrap_or_else(|| nearest(before))
        })
        .collect()
}

/// What the last word before an id says of it.
fn nearest(before: &[u8]) -> Said {
    let last = |words: &[&str]| {
        words
            .iter()
            .filter_map(|word| memmem::rfind(before, word.as_bytes()))
            .max()
    };
    match (last(&SENT), last(&RECEIVED)) {
        (sent, received) if sent > received => Said::Sent,
        (_, Some(_)) => Said::Received,
        _ => Said::Open,
    }
}

/// Longest key. AWS (delivery): 1,024 bytes.
const LONGEST_KEY: usize = 1_024;

/// The keys of a bucket's objects that a line names: `s3://BUCKET/KEY`, `BUCKET/KEY`, and a record's `key` beside its
/// bucket's name.
#[must_use]
pub fn object_keys<'a>(text: &'a str, bucket: &str) -> Vec<&'a str> {
    let mut keys: Vec<&str> = Vec::new();
    if bucket.is_empty() || bucket.len() > 63 {
        return keys;
    }
    let mut add = |key: &'a str| {
        let is_key = !key.is_empty() && key.len() <= LONGEST_KEY;
        if is_key && keys.len() < super::MOST && !keys.contains(&key) {
            keys.push(key);
        }
    };
    let mut is_named = false;
    for at in memmem::find_iter(text.as_bytes(), bucket.as_bytes()) {
        let before = at.checked_sub(1).map(|at| text.as_bytes()[at]);
        let longer = before.is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'));
        let rest = &text[at + bucket.len()..];
        if longer {
            continue;
        }
        match rest.strip_prefix('/') {
            Some(key) => add(until_end(key)),
            None => is_named |= !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.')),
        }
    }
    if is_named {
        for name in ["\"key\"", "'key'", "\"Key\"", "'Key'", "key", "Key"] {
            for at in memmem::find_iter(text.as_bytes(), name.as_bytes()) {
                let whole = at == 0 || !text.as_bytes()[at - 1].is_ascii_alphanumeric();
                let rest = text[at + name.len()..].trim_start();
                if let Some(value) = rest.strip_prefix([':', '=']).filter(|_| whole) {
                    add(value_of(value.trim_start()));
                }
            }
        }
    }
    keys
}

fn value_of(text: &str) -> &str {
    match text.bytes().next() {
        Some(quote @ (b'"' | b'\'')) => {
            let inner = &text[1..];
            let end = memchr::memchr(quote, inner.as_bytes());
            end.map_or("", |end| &inner[..end])
        }
        _ => until_end(text),
    }
}

/// A key as it stands in plain words: up to a space or a quote, without the sentence's own mark.
fn until_end(text: &str) -> &str {
    let end = text
        .find(|c: char| {
            c.is_whitespace() || c.is_control() || matches!(c, '"' | '\'' | ',' | ')' | ']' | '}' | '>' | '`' | '\\')
        })
        .unwrap_or(text.len());
    text[..end].trim_end_matches(['.', ':', ';'])
}
