//! A function's own lines: their level and request ID, as the loggers of each runtime write them.
//!
//! | runtime | form |
//! |---|---|
//! | Python | `[INFO]⇥time⇥request⇥words` |
//! | Node | `time⇥request⇥INFO⇥words`; the runtime's own: `time⇥request⇥ERROR⇥Invoke Error ⇥{"errorType":…}` |
//! | .NET | `time⇥request⇥fail⇥words`, an exception's stack behind it |
//! | Java (log4j2's AWS pattern) | `time request INFO words`, or with the level before the request |
//! | Ruby | `E, [time #8] ERROR -- : words` |
//! | Rust (tracing) | `time ERROR Lambda runtime invoke{requestId="…"}: target: words` |
//! | Go (slog), custom | `time=… level=ERROR msg=…`, `ERROR words`, `[error] words`, `WARN: words` |

use super::exception::{is_type, kind_and_message};
use super::json::failure::error;
use super::scan::{id_word, time};
use super::{Level, Parsed, Said, Weight, dotnet, go, python, rust};

/// Any line that nothing else knew.
pub fn parse(text: &str) -> Parsed<'_> {
    let plain = Parsed::new(Said::Plain);
    let Some(first) = text.bytes().next() else {
        return plain;
    };
    match first {
        b'[' => bracketed(text),
        b'0'..=b'9' => timed(text),
        // Rust's tracing pads the level.
        b' ' if !text.starts_with("   ") => {
            let text = text.trim_start();
            if text.starts_with(|first: char| first.is_ascii_digit()) {
                timed(text)
            } else {
                levelled(text).unwrap_or(plain)
            }
        }
        b't' | b'l' => logfmt(text),
        b'A'..=b'Z' | b'a'..=b'z' => worded(text),
        _ => plain,
    }
}

/// `[INFO]⇥time⇥request⇥words`, `[2020-01-31 22:12:58] ERROR words`.
fn bracketed(text: &str) -> Parsed<'_> {
    let plain = Parsed::new(Said::Plain);
    let Some((inner, rest)) = text[1..].split_once(']').filter(|(inner, _)| inner.len() <= 40) else {
        return plain;
    };
    let Some(level) = Level::parse(inner.trim()) else {
        let found = time(inner).and_then(|_| leading_level(rest.trim_start()));
        return plain.at(found.map(|(level, _)| level));
    };
    let mut request_id = None;
    let mut said = Said::Plain;
    if let Some((_, rest)) = rest.strip_prefix('\t').and_then(time)
        && let Some((id, words)) = id_word(rest)
    {
        request_id = Some(id);
        if level >= Level::Error {
            said = python::logged(words.trim_start()).unwrap_or(Said::Plain);
        }
    }
    Parsed::new(said).of(request_id).at(level)
}

/// A line that begins with a time.
fn timed(text: &str) -> Parsed<'_> {
    let Some((_, rest)) = time(text) else {
        return worded(text);
    };
    if let Some((id, rest)) = id_word(rest) {
        let rest = rest.trim_start();
        let Some((level, words)) = leading_level(rest) else {
            return unlevelled(rest).of(Some(id));
        };
        let said = if level >= Level::Error {
            thrown(words)
        } else {
            Said::Plain
        };
        return Parsed::new(said).of(Some(id)).at(level);
    }
    let Some((level, rest)) = leading_level(rest) else {
        // `time undefined ERROR words`: Node outside an invocation.
        let outside = rest
            .strip_prefix("undefined\t")
            .or_else(|| rest.strip_prefix("-\t"))
            .and_then(leading_level);
        return match outside {
            Some((level, words)) if level >= Level::Error => Parsed::new(thrown(words)).at(level),
            other => Parsed::new(Said::Plain).at(other.map(|(level, _)| level)),
        };
    };
    behind_level(level, rest)
}

/// What stands behind the level, and perhaps before that a time.
fn behind_level(level: Level, rest: &str) -> Parsed<'_> {
    let request_id = id_word(rest).map(|(id, _)| id).or_else(|| rust::request(rest));
    let said = if level >= Level::Error {
        rust::failed(rest).unwrap_or(Said::Plain)
    } else {
        Said::Plain
    };
    Parsed::new(said).of(request_id).at(level)
}

/// A line that begins with its level.
fn levelled(text: &str) -> Option<Parsed<'_>> {
    let (level, rest) = leading_level(text)?;
    Some(behind_level(level, rest))
}

/// Node's words before it wrote levels; its runtime printed the error that it reported.
fn unlevelled(words: &str) -> Parsed<'_> {
    let error = words.starts_with('{').then(|| error(words)).flatten();
    let Some(failure) = error else {
        return Parsed::new(Said::Plain);
    };
    let said = Said::Exception {
        failure,
        weight: Weight::LastWord,
    };
    Parsed::new(said).at(Level::Error)
}

/// Node's and .NET's words at level error.
fn thrown(words: &str) -> Said<'_> {
    of_node(words).or_else(|| dotnet::failed(words)).unwrap_or(Said::Plain)
}

/// Node's runtime: a label, a tab, and the error's JSON (aws-lambda-nodejs-runtime-interface-client, `logError`). A
/// function's own words may begin with the label, but `console.error` prints no JSON of an error behind it.
fn of_node(words: &str) -> Option<Said<'_>> {
    const LABELS: [&str; 4] = [
        "Invoke Error",
        "Uncaught Exception",
        "Unhandled Promise Rejection",
        "Init Error",
    ];
    let rest = LABELS.iter().find_map(|label| words.strip_prefix(*label))?;
    let json = rest.trim_start();
    // `console.error("Invoke Error", JSON.stringify(error))` puts a space between the two.
    let apart = &rest[..rest.len() - json.len()];
    if apart == " " {
        return None;
    }
    let failure = error(json).filter(|_| json.starts_with('{'))?;
    Some(Said::Exception {
        failure,
        weight: Weight::Uncaught,
    })
}

/// The level that a text begins with, and what follows: `ERROR words`, `fail⇥words`, `INFO  words`, `WARN: words`.
pub(super) fn leading_level(text: &str) -> Option<(Level, &str)> {
    let end = text
        .bytes()
        .position(|byte| !byte.is_ascii_alphabetic())
        .unwrap_or(text.len());
    if !(3..=11).contains(&end) {
        return None;
    }
    let level = Level::parse(&text[..end])?;
    let rest = text[end..].trim_start_matches(':');
    (rest.is_empty() || rest.starts_with([' ', '\t', '\u{1b}', '\r', '\n']))
        .then(|| (level, rest.trim_start_matches([' ', '\t'])))
}

/// `time=… level=ERROR msg=…`, `level=error msg=…`.
fn logfmt(text: &str) -> Parsed<'_> {
    let head = text.get(..text.len().min(120)).unwrap_or(text);
    let Some(start) = head.find("level=") else {
        return worded(text);
    };
    let word = head[start + "level=".len()..].trim_start_matches('"');
    let end = word
        .bytes()
        .position(|byte| !byte.is_ascii_alphabetic())
        .unwrap_or(word.len());
    let said = go::in_logfmt(text).unwrap_or(Said::Plain);
    let level = Level::parse(&word[..end]);
    let level = if said == Said::Plain {
        level
    } else {
        level.max(Some(Level::Error))
    };
    Parsed::new(said).at(level)
}

/// A line that begins with a word: `ERROR words`, `error: words`, `E, [time #8] ERROR -- : words`, `KeyError: words`.
fn worded(text: &str) -> Parsed<'_> {
    let plain = Parsed::new(Said::Plain);
    if text.as_bytes().get(1) == Some(&b',') {
        let ruby = text
            .split_once("] ")
            .filter(|(head, _)| head.len() < 64)
            .and_then(|(_, rest)| leading_level(rest.trim_start()));
        return plain.at(ruby.map(|(level, _)| level));
    }
    let end = text
        .bytes()
        .position(|byte| !byte.is_ascii_alphabetic())
        .unwrap_or(text.len());
    let word = &text[..end];
    // In small letters it may be the beginning of a sentence.
    let marked = text[end..].starts_with([':', '\t', ']', '|']);
    let is_loud = word.bytes().all(|byte| byte.is_ascii_uppercase());
    let level = (marked || is_loud).then(|| Level::parse(word)).flatten();
    if level.is_some() {
        // Rust's tracing without times.
        let rust = is_loud.then(|| levelled(text)).flatten();
        return rust
            .filter(|parsed| parsed.request_id.is_some() || parsed.said != Said::Plain)
            .unwrap_or(plain.at(level));
    }
    printed(text).unwrap_or(plain)
}

/// An exception that a custom runtime or .NET printed with its stack, in one event.
fn printed(text: &str) -> Option<Parsed<'_>> {
    let end = memchr::memchr2(b'\n', b'\r', text.as_bytes())?;
    let stack = text[end..].trim_start();
    if !stack.starts_with("at ") {
        return None;
    }
    let failure = kind_and_message(&text[..end]);
    // Java's stacks are indented by a tab; its runtime reports a failure in another form.
    let of_java = text[end..].trim_start_matches(['\r', '\n']).starts_with("\tat ")
        && failure.kind.as_deref().is_some_and(|kind| kind.contains('.'));
    let weight = if of_java { Weight::Printed } else { Weight::LastWord };
    failure.kind.as_deref().is_some_and(is_type).then(|| {
        let said = Said::Exception { failure, weight };
        Parsed::new(said).at(Level::Error)
    })
}
