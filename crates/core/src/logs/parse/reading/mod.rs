//! An event as a person reads it: the message and what is said beside it, without the time, the request, the level and the
//! function, which stand in columns of their own.
//!
//! Lines of text lose what a runtime or a logger writes in front of the words. Lines of JSON become `message key=value`, in the
//! order in which they were written; what is left out can be seen when the event is expanded.

mod json;
mod logfmt;
#[cfg(test)]
mod tests;

use super::scan::{first_line, id_word, time};
use super::{Said, paint, parse};
use crate::domain::log::Level;

/// Longest value of a field, in characters.
const VALUE: usize = 120;

/// What an event says, in one line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// The words.
    pub message: String,
    /// What is said beside them, by name.
    pub fields: Vec<(String, String)>,
    /// Whether there is a stack or further lines, which are seen when it is expanded.
    pub more: bool,
}

/// Whether a line only marks the start or the end of a sandbox or an invocation: where the line of its report stands for the whole
/// invocation, it says nothing more.
#[must_use]
pub fn is_mark(text: &str) -> bool {
    let may_be = match text.as_bytes().first() {
        Some(b'S' | b'E' | b'I' | b'X') => true,
        Some(b'{') => text.contains("\"platform."),
        _ => false,
    };
    may_be
        && matches!(
            parse(text).said,
            Said::InitStart | Said::Start { .. } | Said::End { .. } | Said::Trace { .. }
        )
}

/// Reads one event's text.
#[must_use]
pub fn read(text: &str) -> Reading {
    let text = paint::unpainted(text.trim_start_matches('\u{feff}').trim_end());
    let words = after_head(&text);
    if let Some(reading) = json::read(words).or_else(|| logfmt::read(words)) {
        return reading;
    }
    let first = first_line(words);
    Reading {
        message: first.replace('\u{a0}', " ").trim().to_owned(),
        fields: Vec::new(),
        more: words[first.len()..].contains(|c: char| !c.is_whitespace()),
    }
}

/// What follows the times, request ids and levels in front of a line; all of it where nothing does.
fn after_head(text: &str) -> &str {
    let mut rest = text.trim_start();
    let mut has_head = false;
    while let Some(after) = one_of_head(rest, has_head) {
        rest = after.trim_start_matches([' ', '\t', '|']);
        has_head = true;
    }
    // A dash or a colon between head and words belongs to neither.
    let bare = if has_head {
        rest.strip_prefix("- ")
            .or_else(|| rest.strip_prefix(": "))
            .unwrap_or(rest)
            .trim_start()
    } else {
        rest
    };
    if bare.is_empty() { text.trim_start() } else { bare }
}

/// One part of the head, and what follows it.
fn one_of_head(text: &str, has_head: bool) -> Option<&str> {
    if let Some((_, rest)) = time(text).or_else(|| time(text.strip_prefix('[')?)) {
        return Some(rest.strip_prefix(']').unwrap_or(rest));
    }
    let named = text.strip_prefix("RequestId: ").unwrap_or(text);
    let bare = named.strip_prefix(['<', '[', '(']).unwrap_or(named);
    if let Some((_, rest)) = id_word(bare) {
        return Some(rest.strip_prefix(['>', ']', ')', ':']).unwrap_or(rest));
    }
    // Node writes so where no invocation is under way.
    if let Some(rest) = text.strip_prefix("undefined\t").filter(|_| has_head) {
        return Some(rest);
    }
    level(text, has_head)
}

/// A level in front of a line: in brackets, in capitals, or after another part of the head.
fn level(text: &str, has_head: bool) -> Option<&str> {
    let in_brackets = text.strip_prefix('[');
    let word = in_brackets.unwrap_or(text);
    let end = word.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(word.len());
    let (word, rest) = word.split_at(end);
    Level::parse(word)?;
    if in_brackets.is_some() {
        return rest.strip_prefix(']');
    }
    let is_capital = word.bytes().all(|byte| byte.is_ascii_uppercase());
    // .NET's; `Error: …` is a message.
    let is_small = word.bytes().all(|byte| byte.is_ascii_lowercase());
    let ends = rest.is_empty() || rest.starts_with([' ', '\t', ':', '|']);
    (ends && (is_capital || has_head && is_small)).then(|| rest.strip_prefix(':').unwrap_or(rest))
}

/// A value as it stands in a line: in quotes where it has spaces.
fn value(text: &str) -> String {
    let mut short: String = text.chars().take(VALUE).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    let is_plain = |c: char| !c.is_whitespace() && c != '"' && c != '=';
    if !short.is_empty() && short.chars().all(is_plain) {
        return short;
    }
    let escaped = short.replace('"', "\\\"").replace(['\n', '\r', '\t'], " ");
    format!("\"{escaped}\"")
}
