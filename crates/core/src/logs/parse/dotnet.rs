//! Exceptions as .NET prints them.
//!
//! An exception has the frames from where it was thrown to where it was caught. One that left the handler was caught by the
//! runtime, so frames of the runtime are at the end of its stack; one that the function caught has none (aws-lambda-dotnet,
//! `LambdaBootstrap.InvokeOnceAsync`). A truncated stack shows neither.

use super::Weight;
use super::exception::kind_and_message;
use super::scan::first_line;
use super::{Failure, Said, short};

/// What the frames of the runtime look like, of the several that there were.
const OF_RUNTIME: [&str; 4] = [
    "at Amazon.Lambda.RuntimeSupport.",
    "at lambda_method",
    "at AWSLambda.Internal.Bootstrap.",
    "at LambdaRuntimeSupport",
];

/// Whether a stack goes down to the runtime.
fn reaches_runtime(stack: &str) -> bool {
    OF_RUNTIME.iter().any(|frame| stack.contains(frame))
}

/// What stands behind `time⇥request⇥fail⇥`: `System.Exception: no`, then its stack. A class without its namespace is none
/// of .NET's, but an error that Node printed with `console.error`.
pub(super) fn failed(words: &str) -> Option<Said<'_>> {
    let first = first_line(words);
    let stack = words[first.len()..].trim_start();
    if !(stack.starts_with("at ") || stack.starts_with("---> ")) {
        return None;
    }
    let failure = kind_and_message(first);
    let weight = match &failure.kind {
        Some(kind) if !kind.contains('.') => Weight::Logged,
        // A logger's own words come before the exception's line.
        None => Weight::Logged,
        Some(_) if reaches_runtime(stack) => Weight::Uncaught,
        Some(_) => Weight::LastWord,
    };
    Some(Said::Exception { failure, weight })
}

/// `no stock: InvalidOperationException`, then the stack: the runtimes before .NET 6.
pub(super) fn of_old_runtime(text: &str) -> Option<Said<'_>> {
    let first = first_line(text);
    let stack = &text[first.len()..];
    let (message, kind) = first.trim_end().rsplit_once(": ")?;
    let is_class = kind.ends_with("Exception") && kind.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (is_class && stack.contains("at lambda_method(")).then(|| Said::Exception {
        failure: Failure {
            kind: Some(kind.into()),
            message: short(message).into(),
        },
        weight: Weight::Uncaught,
    })
}

/// `Unhandled exception. System.Exception: no`, of a process that ends. If it is the runtime, the service reports it, too;
/// alone, it is from a process that the function started.
pub(super) fn unhandled(text: &str) -> Option<Said<'_>> {
    let rest = text.strip_prefix("Unhandled exception. ")?;
    Some(Said::Exception {
        failure: kind_and_message(first_line(rest)),
        weight: Weight::Printed,
    })
}
