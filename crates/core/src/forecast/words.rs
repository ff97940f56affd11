//! Times and counts in the sentences that a person reads.

use jiff::{SignedDuration, Timestamp};

use super::policy::Window;

/// `01:12:03`, in UTC: the sentences are made where nobody knows the reader's zone, so they say which one it is.
pub(super) fn clock(at: Timestamp) -> String {
    at.strftime("%H:%M:%S").to_string()
}

/// `01:12:03–01:12:20 UTC`.
pub(super) fn between(window: Window) -> String {
    format!("{}–{} UTC", clock(window.earliest), clock(window.latest))
}

/// `30 s`, `2 min`, `6 h`.
pub(super) fn span(span: SignedDuration) -> String {
    let seconds = span.as_secs();
    match seconds {
        s if s < 120 => format!("{s} s"),
        s if s < 7_200 => format!("{} min", s / 60),
        s if s < 172_800 => format!("{} h", s / 3_600),
        s => format!("{} days", s / 86_400),
    }
}

/// `1 attempt`, `3 attempts`.
pub(super) fn count(n: u64, what: &str) -> String {
    if n == 1 {
        format!("1 {what}")
    } else {
        format!("{n} {what}s")
    }
}
