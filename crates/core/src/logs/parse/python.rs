//! Exceptions as Python prints them, in the text format.
//!
//! AWS (logs): the runtime writes one event, `[ERROR] KeyError: 'action'`, `Traceback (most recent call last):` and the frames;
//! its lines are joined by carriage returns or line feeds and indented by no-break spaces, and it does not repeat the
//! exception at the end (aws-lambda-python-runtime-interface-client, `log_error`). A logger that was given `[%(levelname)s]
//! %(message)s` ends with the exception's own line, as Python formats a traceback. If that was truncated, and the lines are
//! joined and indented in the usual way, both readings are possible.

use super::exception::kind_and_message;
use super::scan::{first_line, last_line};
use super::{Failure, Said, Weight, short};

/// What a Python traceback begins with.
pub(super) const TRACEBACK: &str = "Traceback (most recent call last):";

/// `[ERROR] …` of the runtime or of a logger.
pub(super) fn error(text: &str) -> Option<Said<'_>> {
    let rest = text.strip_prefix("[ERROR] ")?;
    let Some(head) = traceback_at(rest) else {
        // Older runtimes log a handler that could not be loaded without a traceback.
        let failure = kind_and_message(first_line(rest));
        let of_runtime = failure.kind.as_deref().is_some_and(|kind| kind.starts_with("Runtime."));
        return of_runtime.then_some(Said::Exception {
            failure,
            weight: Weight::Uncaught,
        });
    };
    // A message of several lines is in one piece before the traceback.
    let failure = named(first_line(&rest[..head]));
    let frames = &rest[head + TRACEBACK.len()..];
    let tells_again = !frames.trim().is_empty() && !is_indented(last_line(frames));
    let joined_by_returns = rest.as_bytes()[head - 1] == b'\r';
    let of_runtime = joined_by_returns
        || frames.contains('\u{a0}')
        || failure.kind.as_deref().is_some_and(|kind| kind.starts_with("Runtime."));
    let weight = match failure.kind {
        _ if tells_again => Weight::Logged,
        _ if of_runtime => Weight::Uncaught,
        Some(_) => Weight::LastWord,
        None => Weight::Logged,
    };
    Some(Said::Exception { failure, weight })
}

/// The type and the message that the runtime writes. A class of Python may be named in any script.
fn named(line: &str) -> Failure<'_> {
    let failure = kind_and_message(line);
    let word = |kind: &str| {
        !kind.is_empty()
            && kind
                .chars()
                .all(|part| part.is_alphanumeric() || part == '_' || part == '.')
    };
    match line.split_once(": ") {
        Some((kind, message)) if failure.kind.is_none() && word(kind) => Failure {
            kind: Some(kind.into()),
            message: short(message).into(),
        },
        _ => failure,
    }
}

/// Where a traceback begins, at the head of a line.
fn traceback_at(text: &str) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + text[from..].find(TRACEBACK)?;
        if at > 0 && matches!(text.as_bytes()[at - 1], b'\n' | b'\r') {
            return Some(at);
        }
        from = at + TRACEBACK.len();
    }
}

fn is_indented(line: &str) -> bool {
    line.starts_with([' ', '\u{a0}', '\t'])
}

/// Whether a frame of a traceback is in the file that calls the handler. A traceback starts where the exception was caught,
/// so such a frame means that it had left the handler. AWS's runtime omits its own frame; other endpoints' runtimes print
/// it.
pub fn is_of_runtime(frame: &str) -> bool {
    const FILES: [&str; 2] = ["/bootstrap.py\", line ", "/_worker.py\", line "];
    let frame = frame.trim_start();
    frame.starts_with("File \"") && FILES.iter().any(|file| frame.contains(file)) && !frame.contains("\"/var/task/")
}

/// A traceback in one event, or its head alone, whose frames follow as events.
pub(super) fn traceback(text: &str) -> Option<Said<'_>> {
    let rest = text.strip_prefix(TRACEBACK)?;
    if rest.is_empty() {
        return Some(Said::TracebackHead);
    }
    let last = last_line(rest);
    let failure = if is_indented(last) {
        Failure::default()
    } else {
        kind_and_message(last)
    };
    let weight = if rest.split(['\n', '\r']).any(is_of_runtime) {
        Weight::Uncaught
    } else {
        Weight::Printed
    };
    Some(Said::Exception { failure, weight })
}

/// What a logger wrote of an exception that the function had caught: its words, then the traceback.
pub(super) fn logged(words: &str) -> Option<Said<'_>> {
    words.contains(TRACEBACK).then(|| Said::Exception {
        failure: Failure {
            kind: None,
            message: short(first_line(words)).into(),
        },
        weight: Weight::Logged,
    })
}
