//! Exceptions and crashes as runtimes print them, in the text format.
//!
//! Python's runtime: `[ERROR] KeyError: 'action'\rTraceback (most recent call last):\r…`, one event, lines joined by
//! carriage returns and indented by no-break spaces. Java's: `message: class`, then `class: message` and the stack.
//! Go's: the error's JSON behind a time. Ruby's: `Error raised from handler method`, then the error's JSON.

use std::borrow::Cow;

use super::json::failure::error;
use super::scan::{first_line, last_line, time};
use super::{Failure, Level, Parsed, Said, Weight, short};

/// What a Python traceback begins with.
pub(super) const TRACEBACK: &str = "Traceback (most recent call last):";

impl<'a> Failure<'a> {
    /// What the last line of a stack says: `KeyError: 'action'`.
    #[must_use]
    pub fn of_line(line: &'a str) -> Self {
        kind_and_message(line)
    }

    /// The same with texts of its own.
    #[must_use]
    pub fn into_owned<'b>(self) -> Failure<'b> {
        Failure {
            kind: self.kind.map(|kind| Cow::Owned(kind.into_owned())),
            message: Cow::Owned(self.message.into_owned()),
        }
    }
}

/// A line that tells of an exception by its form.
pub(super) fn parse(text: &str) -> Option<Parsed<'_>> {
    let said = match text.as_bytes().first()? {
        b'[' => python(text),
        b'T' => traceback(text),
        b't' => rust_panic(text),
        b'p' => go_panic(text),
        b'0'..=b'9' => go(text),
        b'E' | b'C' | b'I' => ruby(text),
        b'F' | b'<' => node_heap(text),
        b'U' => dotnet(text),
        _ => None,
    };
    // Java's begins with the message, which may begin with anything.
    let said = said.or_else(|| {
        let failure = java(text)?;
        let weight = Weight::Uncaught;
        Some(Said::Exception { failure, weight })
    })?;
    Some(Parsed::new(said).at(Level::Error))
}

fn said(failure: Failure<'_>, weight: Weight) -> Said<'_> {
    Said::Exception { failure, weight }
}

/// `KeyError: 'action'` in two. A type is one word, with dots or colons within.
pub(super) fn kind_and_message(line: &str) -> Failure<'_> {
    let line = line.trim();
    let cut = line.find(": ").or_else(|| line.strip_suffix(':').map(str::len));
    let named = cut.map(|cut| (&line[..cut], line[cut + 1..].trim_start()));
    match named {
        Some((kind, message)) if is_type(kind) => Failure {
            kind: Some(kind.into()),
            message: short(message).into(),
        },
        None if is_type(line) && line.bytes().any(|byte| byte.is_ascii_uppercase()) => Failure {
            kind: Some(line.into()),
            message: "".into(),
        },
        _ => Failure {
            kind: None,
            message: short(line).into(),
        },
    }
}

/// Whether a word can be the type of an error: `KeyError`, `java.lang.RuntimeException`, `errors.errorString`.
pub(super) fn is_type(word: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._$:<>+`*-".contains(&byte);
    (1..=160).contains(&word.len())
        && word
            .bytes()
            .next()
            .is_some_and(|first| first.is_ascii_alphabetic() || first == b'_' || first == b'*')
        && word.bytes().all(allowed)
}

fn python(text: &str) -> Option<Said<'_>> {
    let rest = text.strip_prefix("[ERROR] ")?;
    let head = rest.find(TRACEBACK)?;
    // A message of several lines is in one piece before the traceback.
    Some(said(kind_and_message(first_line(&rest[..head])), Weight::Uncaught))
}

/// A traceback in one event, or its head alone, whose frames follow as events.
fn traceback(text: &str) -> Option<Said<'_>> {
    let rest = text.strip_prefix(TRACEBACK)?;
    if rest.is_empty() {
        return Some(Said::TracebackHead);
    }
    let last = last_line(rest);
    let is_cut = last.starts_with([' ', '\u{a0}', '\t']);
    let failure = if is_cut {
        Failure::default()
    } else {
        kind_and_message(last)
    };
    Some(said(failure, Weight::LastWord))
}

/// `thread 'main' panicked at src/main.rs:8:5:`, the message behind it or on the next line.
fn rust_panic(text: &str) -> Option<Said<'_>> {
    let first = first_line(text);
    let (_, at) = text
        .strip_prefix("thread '")
        .and_then(|_| first.split_once(" panicked at "))?;
    let rest = text[first.len()..].trim_start();
    let message = if rest.is_empty() { at } else { first_line(rest) };
    let failure = Failure {
        kind: Some("panic".into()),
        message: short(message.trim_end_matches(':')).into(),
    };
    Some(said(failure, Weight::LastWord))
}

fn go_panic(text: &str) -> Option<Said<'_>> {
    let message = first_line(text).strip_prefix("panic: ")?;
    let failure = Failure {
        kind: Some("panic".into()),
        message: short(message).into(),
    };
    Some(said(failure, Weight::LastWord))
}

/// Go's runtime logs the error that it reports: `2023/10/20 16:28:17 {"errorMessage":"no","errorType":"errorString"}`.
fn go(text: &str) -> Option<Said<'_>> {
    let (_, rest) = time(text)?;
    if !rest.starts_with("{\"errorMessage\":") {
        return None;
    }
    Some(said(error(rest)?, Weight::Uncaught))
}

fn ruby(text: &str) -> Option<Said<'_>> {
    const WORDS: [&str; 3] = [
        "Error raised from handler method",
        "Critical exception from handler",
        "Init error when loading handler",
    ];
    let rest = WORDS.iter().find_map(|words| text.strip_prefix(*words))?;
    let failure = error(rest.trim_start()).unwrap_or_else(|| Failure {
        kind: None,
        message: short(first_line(text)).into(),
    });
    Some(said(failure, Weight::Uncaught))
}

/// V8 gives up when its heap is full; the process ends by a signal after that.
fn node_heap(text: &str) -> Option<Said<'_>> {
    let first = text
        .lines()
        .find(|line| line.contains("JavaScript heap out of memory"))?;
    Some(Said::OutOfMemory(Failure {
        kind: None,
        message: short(first).into(),
    }))
}

/// `Unhandled exception. System.Exception: no`, of a .NET process that ends.
fn dotnet(text: &str) -> Option<Said<'_>> {
    let rest = text.strip_prefix("Unhandled exception. ")?;
    Some(said(kind_and_message(first_line(rest)), Weight::LastWord))
}

/// `no: java.lang.RuntimeException`, `java.lang.RuntimeException: no`, and the stack: in that order only the runtime
/// writes it.
pub(super) fn java(text: &str) -> Option<Failure<'_>> {
    let cut = memchr::memchr2(b'\n', b'\r', text.as_bytes())?;
    let (first, rest) = (&text[..cut], text[cut + 1..].trim_start_matches('\n'));
    let (message, kind) = first.rsplit_once(": ")?;
    let kind = kind.trim_end();
    let is_class = is_type(kind) && kind.contains('.');
    let told_again = rest
        .strip_prefix(kind)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '\n', '\r']));
    (is_class && told_again).then(|| Failure {
        kind: Some(kind.into()),
        message: short(message).into(),
    })
}
