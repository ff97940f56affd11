//! Exceptions as Java's runtime writes them.
//!
//! AWS (logs): `message: class`, then what `printStackTrace` prints: `class: message` and the stack
//! (aws-lambda-java-runtime-interface-client, `UserFault.reportableError`). Of an exception without a message the first
//! line is `class: class`, of older runtimes `null: class`. The two lines show the same message: a logger's line that
//! happens to end with a class has its time, level and words before that.

use super::exception::is_type;
use super::{Failure, short};

/// Lines that a message may have: more are not looked through.
const MOST_LINES: usize = 32;
/// What the runtime puts before a message, where it could not load the handler.
const LOADING: [&str; 3] = ["Class not found: ", "Error loading class ", "Error loading method "];

/// An uncaught exception as the runtime reports it, with its stack.
pub(super) fn uncaught(text: &str) -> Option<Failure<'_>> {
    let mut from = 0;
    for _ in 0..MOST_LINES {
        let end = from + memchr::memchr2(b'\n', b'\r', &text.as_bytes()[from..])?;
        let rest = text[end + 1..].trim_start_matches('\n');
        if let Some(failure) = told_twice(&text[..end], rest) {
            return Some(failure);
        }
        from = text.len() - rest.len();
    }
    None
}

/// Longer heads are not remembered.
const LONGEST_HEAD: usize = 1_024;

/// A single line that may be the first of an exception: the next event may continue it, if the endpoint splits events into
/// lines.
pub fn head(text: &str) -> Option<&str> {
    let line = text.trim_end_matches(['\n', '\r']);
    let (_, kind) = line.rsplit_once(": ").filter(|_| line.len() <= LONGEST_HEAD)?;
    let is_head = !line.contains(['\n', '\r']) && kind.contains('.') && is_type(kind.trim_end());
    is_head.then_some(line)
}

/// The exception of such a line and the next event together.
pub fn goes_on<'a>(head: &'a str, text: &str) -> Option<Failure<'a>> {
    told_twice(head, text.trim_end_matches(['\n', '\r']))
}

/// Whether the first line is `message: class`, and the next line repeats it.
fn told_twice<'a>(head: &'a str, rest: &str) -> Option<Failure<'a>> {
    let (message, kind) = head.rsplit_once(": ")?;
    let kind = kind.trim_end();
    if !is_type(kind) || !kind.contains('.') {
        return None;
    }
    let rest = rest.strip_prefix(kind)?;
    let same = match rest.strip_prefix(": ") {
        Some(told) => is_told(message, told),
        None => (rest.is_empty() || rest.starts_with(['\n', '\r'])) && (message == kind || message == "null"),
    };
    same.then(|| Failure {
        kind: Some(kind.into()),
        message: if message == kind { "" } else { short(message) }.into(),
    })
}

/// Whether a message is repeated, unchanged or after the runtime's words about a class that it could not load.
fn is_told(message: &str, told: &str) -> bool {
    if LOADING.iter().any(|words| message.starts_with(words)) {
        return true;
    }
    told.strip_prefix(message)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['\n', '\r']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_told_twice_is_the_runtimes() {
        for (text, expected) in [
            ("no: a.B\na.B: no\n\tat x", Some(("a.B", "no"))),
            ("no: a.B\r\na.B: no\r\n\tat x", Some(("a.B", "no"))),
            ("a.B: a.B\na.B\n\tat x", Some(("a.B", ""))),
            ("null: a.B\na.B\n\tat x", Some(("a.B", "null"))),
            ("one\ntwo: a.B\na.B: one\ntwo\n\tat x", Some(("a.B", "one\ntwo"))),
            (
                "Class not found: x.Y: a.B\na.B: x.Y\n\tat x",
                Some(("a.B", "Class not found: x.Y")),
            ),
            ("2026 ERROR Pay - gone: a.B\na.B\n\tat x", None),
            ("2026 ERROR Pay - gone: a.B\na.B: gone\n\tat x", None),
            ("ERROR no: a.B\na.B: no\n\tat x", None),
            ("no: a.B\na.Beta: no\n", None),
            ("no: B\nB: no\n", None),
            ("no: a.B", None),
        ] {
            let found = uncaught(text);
            let found = found
                .as_ref()
                .map(|found| (found.kind.as_deref().unwrap_or(""), &*found.message));
            assert_eq!(found, expected, "{text:?}");
        }
    }
}
