//! Times and counts in the sentences that a person reads.

use jiff::{SignedDuration, Timestamp};

use super::policy::Window;
use crate::domain::duration;

/// `01:12:03`, in UTC: the sentences are made where nobody knows the reader's zone, so they say which one it is.
pub(super) fn clock(at: Timestamp) -> String {
    at.strftime("%H:%M:%S").to_string()
}

/// `01:12:03–01:12:20 UTC`.
pub(super) fn between(window: Window) -> String {
    format!("{}–{} UTC", clock(window.earliest), clock(window.latest))
}

/// A length of time in words.
pub(super) fn span(span: SignedDuration) -> String {
    duration::span(span.as_secs())
}

/// `1 attempt`, `3 attempts`.
pub(super) fn count(n: u64, what: &str) -> String {
    if n == 1 {
        format!("1 {what}")
    } else {
        format!("{n} {what}s")
    }
}
