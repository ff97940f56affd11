//! Exceptions and crashes as runtimes print them in the text format; the runtime is recognised by the start of a line.

use super::json::failure::error;
use super::scan::first_line;
use super::{Failure, Level, Parsed, Said, Weight, dotnet, frameworks, go, java, python, rust, short};

impl<'a> Failure<'a> {
    /// What the last line of a stack says: `KeyError: 'action'`.
    #[must_use]
    pub fn of_line(line: &'a str) -> Self {
        kind_and_message(line)
    }
}

/// A line with an exception, recognised by its form.
pub(super) fn parse(text: &str) -> Option<Parsed<'_>> {
    let first = *text.as_bytes().first()?;
    // An id is what bref's lines begin with.
    if first.is_ascii_hexdigit()
        && let Some(parsed) = frameworks::bref(text)
    {
        return Some(parsed);
    }
    let said = match first {
        b'[' => python::error(text),
        b'T' => python::traceback(text),
        b't' => rust::panic(text),
        b'p' => go::panic(text),
        b'0'..=b'9' => {
            if let Some(parsed) = frameworks::timed(text) {
                return Some(parsed);
            }
            go::logged(text)
        }
        b'E' | b'C' => ruby(text),
        b'I' => {
            if let Some(parsed) = frameworks::micronaut(text) {
                return Some(parsed);
            }
            ruby(text)
        }
        b'F' | b'<' => node_heap(text),
        b'U' => dotnet::unhandled(text),
        _ => None,
    };
    // Java's begins with the message, which may begin with anything.
    let said = said
        .or_else(|| {
            let failure = java::uncaught(text)?;
            let weight = Weight::Uncaught;
            Some(Said::Exception { failure, weight })
        })
        .or_else(|| dotnet::of_old_runtime(text))?;
    Some(Parsed::new(said).at(Level::Error))
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

/// Ruby's runtime: a line of words, then the error's JSON, in the same event or in the next (`LambdaLogger.log_error`).
fn ruby(text: &str) -> Option<Said<'_>> {
    const WORDS: [&str; 2] = ["Error raised from handler method", "Critical exception from handler"];
    const LOADING: &str = "Init error when loading handler ";
    let first = first_line(text);
    let rest = if first.starts_with(LOADING) {
        &text[first.len()..]
    } else {
        WORDS.iter().find_map(|words| text.strip_prefix(*words))?
    };
    let rest = rest.trim_start();
    // Words of the function may begin so.
    if !rest.is_empty() && !rest.starts_with('{') {
        return None;
    }
    let failure = error(rest).unwrap_or_else(|| Failure {
        kind: None,
        message: short(first).into(),
    });
    Some(Said::Exception {
        failure,
        weight: Weight::Uncaught,
    })
}

/// V8 gives up when its heap is full; the process ends by a signal after that.
fn node_heap(text: &str) -> Option<Said<'_>> {
    let first = text
        .lines()
        .find(|line| line.contains("JavaScript heap out of memory"))?;
    Some(Said::HeapFull(Failure {
        kind: None,
        message: short(first).into(),
    }))
}
