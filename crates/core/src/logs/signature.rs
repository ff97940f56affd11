//! Errors that are the same but for their numbers and ids, counted together.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;

use crate::domain::{Invocation, NodeId, RunError};

/// Longest signature, in characters.
const LONGEST: usize = 160;

/// Errors with one signature.
#[derive(Clone, Debug)]
pub struct ErrorGroup {
    /// What they have in common; from outside: may hold anything.
    pub signature: String,
    /// The number of invocations that failed with it.
    pub count: usize,
    /// When it was first seen: the invocation's end, or its start if the end was not seen.
    pub first: Option<Timestamp>,
    /// When it was last seen.
    pub last: Option<Timestamp>,
    /// The functions that failed with it.
    pub functions: BTreeSet<NodeId>,
    /// The latest invocation that failed with it.
    pub example: Arc<Invocation>,
}

/// An error with its numbers and ids taken out: `KeyError: order # of <id>`.
#[must_use]
pub fn signature(error: &RunError) -> String {
    let mut out = String::new();
    let kind = error.kind.as_deref().filter(|kind| !kind.is_empty());
    if let Some(kind) = kind {
        out.push_str(kind);
        if !error.message.is_empty() {
            out.push_str(": ");
        }
    }
    let mut left = LONGEST.saturating_sub(out.chars().count());
    let mut rest = error.message.trim();
    while let Some(first) = rest.chars().next() {
        let end = |is: fn(char) -> bool| rest.find(|c| !is(c)).unwrap_or(rest.len());
        let (piece, next) = if is_of_word(first) {
            let (word, next) = rest.split_at(end(is_of_word));
            (without_ids(word), next)
        } else if first.is_whitespace() {
            (" ".to_owned(), &rest[end(char::is_whitespace)..])
        } else {
            let (one, next) = rest.split_at(first.len_utf8());
            (one.to_owned(), next)
        };
        let length = piece.chars().count();
        if length > left {
            out.extend(piece.chars().take(left));
            break;
        }
        left -= length;
        out.push_str(&piece);
        rest = next;
    }
    out
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.')
}

/// A word whose ids and numbers are taken out: `order-4711` is `order-#`, a UUID or a long hexadecimal number `<id>`.
fn without_ids(word: &str) -> String {
    if !word.contains(char::is_numeric) {
        return word.to_owned();
    }
    let parts = word.split(['-', '_', '.']);
    let is_hex = |part: &str| part.bytes().all(|byte| byte.is_ascii_hexdigit());
    let has_digit = |part: &str| part.bytes().any(|byte| byte.is_ascii_digit());
    // A UUID, a hash, an ARN's random end.
    let is_uuid = word.len() == 36 && parts.clone().count() == 5 && parts.clone().all(is_hex);
    if is_uuid {
        return "<id>".to_owned();
    }
    let mut out = String::new();
    let mut at = 0;
    for part in parts {
        let is_mixed = has_digit(part) && part.len() >= 8 && part.bytes().any(|byte| byte.is_ascii_alphabetic());
        if is_mixed && (is_hex(part) || part.len() >= 16) {
            out.push_str("<id>");
        } else {
            push_without_numbers(&mut out, part);
        }
        at += part.len();
        // The separator, one byte, is kept; that of a decimal fraction goes with its number.
        if let Some(separator) = word.get(at..=at) {
            let fraction = separator == "." && out.ends_with('#');
            let next_is_digit = word.as_bytes().get(at + 1).is_some_and(u8::is_ascii_digit);
            if !(fraction && next_is_digit) {
                out.push_str(separator);
            }
            at += 1;
        }
    }
    out
}

/// Replaces each sequence of digits by `#`; adjacent ones become one.
fn push_without_numbers(out: &mut String, part: &str) {
    for c in part.chars() {
        if !c.is_numeric() {
            out.push(c);
        } else if !out.ends_with('#') {
            out.push('#');
        }
    }
}

/// The failed invocations by the signature of their errors, the most frequent first.
#[must_use]
pub fn group<'a>(runs: impl IntoIterator<Item = &'a Arc<Invocation>>) -> Vec<ErrorGroup> {
    let mut groups: BTreeMap<String, ErrorGroup> = BTreeMap::new();
    for run in runs {
        let Some(error) = run.error.as_ref().filter(|_| run.outcome.is_failure()) else {
            continue;
        };
        let at = run.end.or(run.start);
        let signature = signature(error);
        let group = groups.entry(signature).or_insert_with_key(|signature| ErrorGroup {
            signature: signature.clone(),
            count: 0,
            first: at,
            last: at,
            functions: BTreeSet::new(),
            example: Arc::clone(run),
        });
        group.count += 1;
        group.first = [group.first, at].into_iter().flatten().min();
        if at > group.last {
            group.last = at;
            group.example = Arc::clone(run);
        }
        group.functions.insert(run.function.clone());
    }
    let mut groups: Vec<_> = groups.into_values().collect();
    groups.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| b.last.cmp(&a.last)));
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{RunOutcome, RunReport};

    fn of(kind: Option<&str>, message: &str) -> String {
        signature(&RunError {
            kind: kind.map(str::to_owned),
            message: message.to_owned(),
        })
    }

    #[test]
    fn numbers_and_ids_are_taken_out() {
        let cases = [
            (Some("KeyError"), "'action'", "KeyError: 'action'"),
            (
                Some("ValueError"),
                "order 4711 of 5f1c0000-0000-4000-8000-000000000001 is bad",
                "ValueError: order # of <id> is bad",
            ),
            (None, "timed out after 31.01 s", "timed out after # s"),
            (
                None,
                "order-4711 and  order-4712\n\tfailed",
                "order-# and order-# failed",
            ),
            (None, "connect ECONNREFUSED 10.0.3.17:5432", "connect ECONNREFUSED #:#"),
            (None, "etag 9f86d081884c7d659a2feaa0c55ad015", "etag <id>"),
            (None, "at 0x7f3c2a, line 12", "at #x#f#c#a, line #"),
            (Some("E"), "", "E"),
            (None, "注文 １２ が不正", "注文 # が不正"),
        ];
        for (kind, message, expected) in cases {
            assert_eq!(of(kind, message), expected, "{message}");
        }
        assert_eq!(of(None, &"x ".repeat(1000)).chars().count(), LONGEST);
    }

    fn run(n: i64, function: &str, message: &str) -> Arc<Invocation> {
        Arc::new(Invocation {
            function: function.into(),
            request_id: n.to_string(),
            attempt: 1,
            stream: "a".into(),
            start: None,
            end: Timestamp::from_second(n).ok(),
            outcome: if message.is_empty() {
                RunOutcome::Ok
            } else {
                RunOutcome::Error
            },
            error: (!message.is_empty()).then(|| RunError {
                kind: None,
                message: message.to_owned(),
            }),
            report: RunReport::default(),
            xray: None,
            version: None,
            message_ids: Vec::new(),
        })
    }

    #[test]
    fn the_most_frequent_comes_first() {
        let runs = [
            run(1, "f", "rare"),
            run(3, "g", "order 3"),
            run(2, "f", "order 2"),
            run(4, "f", ""),
        ];
        let groups = group(&runs);
        let short: Vec<_> = groups
            .iter()
            .map(|group| (group.signature.as_str(), group.count))
            .collect();
        assert_eq!(short, [("order #", 2), ("rare", 1)]);
        let first = &groups[0];
        assert_eq!(first.functions.len(), 2);
        assert_eq!(
            (first.first, first.last, first.example.request_id.as_str()),
            (Timestamp::from_second(2).ok(), Timestamp::from_second(3).ok(), "3")
        );
    }
}
