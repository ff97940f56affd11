//! Lines of Rust's runtime, written with `tracing` within the span that it opens around each invocation.
//!
//! aws-lambda-rust-runtime: a handler's error is logged by `lambda_runtime::layers::panic`, as what `Debug` prints of it.
//! A subscriber that leaves the target out, as the runtime's own default does, makes that line look like the function's.

use super::scan::{first_line, id_word};
use super::{Failure, Said, Weight, short};

/// The span's name.
pub(super) const SPAN: &str = "Lambda runtime invoke";
/// What the runtime says, apart from a handler's error itself.
const WORDS: [&str; 4] = [
    "user handler panicked",
    "Request payload deserialization into LambdaEvent<T> failed",
    "Failed to parse raw JSON event received from Lambda",
    "Lambda Runtime server returned an unexpected error",
];

/// The request in the span: `Lambda runtime invoke{requestId="…" xrayTraceId="…"}`, or behind the words.
pub(super) fn request(text: &str) -> Option<&str> {
    let start = text.find("requestId=")?;
    let rest = text[start + "requestId=".len()..].trim_start_matches('"');
    id_word(rest).map(|(id, _)| id)
}

/// What stands behind time and level of a line at level error.
pub(super) fn failed(text: &str) -> Option<Said<'_>> {
    if let Some(said) = of_target(text) {
        return Some(said);
    }
    // The thread may stand before the span.
    let start = text.find(SPAN).filter(|start| *start <= 40)?;
    let after = &text[start + SPAN.len()..];
    let words = if let Some(compact) = after.strip_prefix(": ") {
        compact
    } else {
        after.strip_prefix('{')?.split_once("}: ")?.1
    };
    if let Some(said) = of_target(words) {
        return Some(said);
    }
    let weight = if WORDS.iter().any(|known| words.starts_with(known)) {
        Weight::Uncaught
    } else if has_target(words) {
        return None;
    } else {
        Weight::LastWord
    };
    Some(said(words, weight))
}

/// `lambda_runtime::layers::panic: no stock`.
fn of_target(words: &str) -> Option<Said<'_>> {
    let rest = words.strip_prefix("lambda_runtime")?;
    let (path, words) = rest.split_once(": ")?;
    let is_path = path.is_empty() || path.starts_with("::");
    is_path.then(|| said(words, weight(path)))
}

/// The weight of a line of this part of the runtime.
pub(super) fn weight(path: &str) -> Weight {
    // It could not send a response: the outcome of the invocation is unknown.
    if path.contains("api_client") {
        Weight::LastWord
    } else {
        Weight::Uncaught
    }
}

/// Whether words begin with the name of a module: then the subscriber writes targets, and the runtime's would be there.
fn has_target(words: &str) -> bool {
    words.split_once(": ").is_some_and(|(target, _)| {
        let first = target.bytes().next();
        first.is_some_and(|first| first.is_ascii_lowercase() || first == b'_')
            && target
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b':')
    })
}

fn said(words: &str, weight: Weight) -> Said<'_> {
    Said::Exception {
        failure: Failure {
            kind: None,
            message: short(first_line(words)).into(),
        },
        weight,
    }
}

/// `thread 'main' panicked at src/main.rs:8:5:`, the message behind it or on the next line. The handler runs on the main
/// thread, where the runtime catches a panic; on another thread it may be that the function does.
pub(super) fn panic(text: &str) -> Option<Said<'_>> {
    let first = first_line(text);
    let (thread, at) = text
        .strip_prefix("thread '")
        .and_then(|_| first.split_once(" panicked at "))?;
    let rest = text[first.len()..].trim_start();
    let message = if rest.is_empty() { at } else { first_line(rest) };
    let weight = if thread.starts_with("thread 'main'") {
        Weight::Uncaught
    } else {
        Weight::LastWord
    };
    Some(Said::Exception {
        failure: Failure {
            kind: Some("panic".into()),
            message: short(message.trim_end_matches(':')).into(),
        },
        weight,
    })
}
