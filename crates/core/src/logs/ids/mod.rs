//! Ids that lines name, found by their shape alone: UUIDs, X-Ray traces, sequence numbers of streams, ARNs.
//!
//! AWS (logs): request ids, and the ids of messages, notifications and events are UUIDs; a trace is `1-` and 8 and 24 hexadecimal
//! digits; a sequence number of Kinesis has 56 digits, one of DynamoDB Streams 21 or more. What has no shape of its own
//! (`4711`, an object's key) is found by its text.

mod index;
mod role;

use std::ops::Range;
use std::sync::LazyLock;

use memchr::memmem::Finder;

pub use index::Index;
pub use role::{Role, Said, object_keys, role, said};

/// Length of a UUID.
const UUID: usize = 36;
/// Length of a trace's id.
const TRACE: usize = 35;
/// Digits of the shortest and of the longest sequence number. A number of nanoseconds has 19.
const DIGITS: std::ops::RangeInclusive<usize> = 21..=64;
/// Longest ARN that counts, in bytes.
const LONGEST_ARN: usize = 512;
/// Ids found in one line; what it names beyond these is found by its text.
pub const MOST: usize = 64;

/// The shape of an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Shape {
    /// `5f1c0000-0000-4000-8000-000000000001`.
    Uuid,
    /// `1-66bc8205-21f8b5190da519d22b2b0533`.
    Trace,
    /// `49590338271490256608559692538361571095921575989136588898`.
    Sequence,
    /// `arn:aws:lambda:eu-west-1:111122223333:function:work`.
    Arn,
}

impl Shape {
    /// The shape of a whole text; `None` if it has none of them.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let mut found = None;
        scan(text, &mut |range, shape| {
            if range.len() == text.len() {
                found = Some(shape);
            }
        });
        found
    }
}

static ARN: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"arn:"));

/// Calls `found` for each id of a text. Those of one shape come in order.
pub fn scan(text: &str, found: &mut dyn FnMut(Range<usize>, Shape)) {
    dashed(text.as_bytes(), found);
    sequences(text.as_bytes(), found);
    arns(text, found);
}

/// The ids of a text, at most [`MOST`], each once.
#[must_use]
pub fn ids(text: &str) -> Vec<(Range<usize>, Shape)> {
    let mut all: Vec<(Range<usize>, Shape)> = Vec::new();
    scan(text, &mut |range, shape| {
        if all.len() < MOST && !all.iter().any(|(known, _)| text[known.clone()] == text[range.clone()]) {
            all.push((range, shape));
        }
    });
    all
}

/// Whether a byte goes on with a word or an id.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
}

fn stands_alone(bytes: &[u8], range: &Range<usize>) -> bool {
    let before = range.start.checked_sub(1).map(|at| bytes[at]);
    let after = bytes.get(range.end).copied();
    // `\n` in a text that was quoted ends in a letter.
    let escape = before == Some(b'n') && range.start >= 2 && bytes[range.start - 2] == b'\\';
    !(before.is_some_and(is_word) && !escape) && !after.is_some_and(is_word)
}

fn dashed(bytes: &[u8], found: &mut dyn FnMut(Range<usize>, Shape)) {
    let mut from = 0;
    for at in memchr::memchr_iter(b'-', bytes) {
        if at < from {
            continue;
        }
        let Some((range, shape)) = uuid(bytes, at).or_else(|| trace(bytes, at)) else {
            continue;
        };
        if stands_alone(bytes, &range) {
            from = range.end;
            found(range, shape);
        }
    }
}

/// A UUID whose first hyphen is here.
fn uuid(bytes: &[u8], at: usize) -> Option<(Range<usize>, Shape)> {
    let start = at.checked_sub(8)?;
    let text = bytes.get(start..start + UUID)?;
    if text[13] != b'-' || text[18] != b'-' || text[23] != b'-' {
        return None;
    }
    let is_hex = |part: Range<usize>| text[part].iter().all(u8::is_ascii_hexdigit);
    (is_hex(0..8) && is_hex(9..13) && is_hex(14..18) && is_hex(19..23) && is_hex(24..UUID))
        .then_some((start..start + UUID, Shape::Uuid))
}

/// A trace whose first hyphen is here.
fn trace(bytes: &[u8], at: usize) -> Option<(Range<usize>, Shape)> {
    let start = at.checked_sub(1)?;
    let text = bytes.get(start..start + TRACE)?;
    if text[0] != b'1' || text[10] != b'-' {
        return None;
    }
    let is_hex = |part: Range<usize>| text[part].iter().all(u8::is_ascii_hexdigit);
    (is_hex(2..10) && is_hex(11..TRACE)).then_some((start..start + TRACE, Shape::Trace))
}

/// Rows of digits: a row of 21 cannot pass between looks at every 20th byte.
fn sequences(bytes: &[u8], found: &mut dyn FnMut(Range<usize>, Shape)) {
    let step = DIGITS.start() - 1;
    let mut at = step.saturating_sub(1);
    while at < bytes.len() {
        if !bytes[at].is_ascii_digit() {
            at += step;
            continue;
        }
        let before = bytes[..at]
            .iter()
            .rev()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        let after = bytes[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let range = at - before..at + after;
        let wide = range.end + step;
        if DIGITS.contains(&range.len()) && stands_alone(bytes, &range) {
            found(range, Shape::Sequence);
        }
        at = wide.max(at + 1) - 1;
    }
}

fn arns(text: &str, found: &mut dyn FnMut(Range<usize>, Shape)) {
    let mut at = 0;
    while let Some(start) = ARN.find(&text.as_bytes()[at..]).map(|start| at + start) {
        at = start + "arn:".len();
        let rest = text.as_bytes()[at..].iter();
        let length = rest
            .take_while(|byte| byte.is_ascii_alphanumeric() || b":/-_.$+=@*".contains(byte))
            .count();
        if length > LONGEST_ARN {
            at += length;
            continue;
        }
        let mut end = at + length;
        // A full stop or colon ends the sentence, not the ARN.
        while end > at && matches!(text.as_bytes()[end - 1], b'.' | b':') {
            end -= 1;
        }
        let colons = memchr::memchr_iter(b':', &text.as_bytes()[at..end]).count();
        let alone = start == 0 || !is_word(text.as_bytes()[start - 1]);
        if alone && colons >= 4 {
            found(start..end, Shape::Arn);
            at = end;
        }
    }
}

#[cfg(test)]
mod tests;
