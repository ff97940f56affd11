//! The error that Go's runtime logs when it reports one: JSON, through the standard logger, and with that through whatever
//! took the standard logger over.
//!
//! aws-lambda-go, `reportFailure`: `log.Printf("%s", payload)`. By itself that is `2023/10/20 16:28:17 {"errorMessage":…}`.
//! `slog.SetDefault`, zap's and logrus's redirects give it their own form, at level INFO.

use std::borrow::Cow;

use super::json::failure::error;
use super::logger::leading_level;
use super::platform::is_kind;
use super::scan::{first_line, time};
use super::{Failure, Said, Weight, short};

/// How the error begins, as Go marshals it.
const HEAD: &str = "{\"errorMessage\":";

/// The error in a text that is nothing else.
pub(super) fn payload(text: &str) -> Option<Failure<'_>> {
    let is = text.starts_with(HEAD) && text.contains(",\"errorType\":");
    // The service's own types are of an answer that another function gave.
    let of_service = |failure: &Failure<'_>| failure.kind.as_deref().is_some_and(is_kind);
    error(text).filter(|failure| is && !of_service(failure))
}

/// A line of the standard logger, or of one that took it over and writes text: a time, then perhaps a level and the place
/// in the code.
pub(super) fn logged(text: &str) -> Option<Said<'_>> {
    let (_, rest) = time(text)?;
    let rest = leading_level(rest).map_or(rest, |(_, rest)| rest);
    let rest = without_place(rest);
    let failure = payload(rest)?;
    Some(Said::Exception {
        failure,
        weight: Weight::Uncaught,
    })
}

/// Without `invoke_loop.go:106: `, or `lambda/invoke_loop.go:106⇥`.
fn without_place(text: &str) -> &str {
    let Some(end) = text.find(HEAD).filter(|end| *end < 120) else {
        return text;
    };
    let place = text[..end].trim();
    let is_place = place.contains(".go:") && !place.contains(' ');
    if is_place { &text[end..] } else { text }
}

/// `level=INFO msg="{\"errorMessage\":…}"`.
pub(super) fn in_logfmt(text: &str) -> Option<Said<'static>> {
    const FIELD: &str = "msg=\"";
    let start = text.find("msg=\"{\\\"errorMessage\\\":")? + FIELD.len() - 1;
    let mut quoted = serde_json::Deserializer::from_str(&text[start..]).into_iter::<String>();
    let inner = quoted.next()?.ok()?;
    let failure = payload(&inner)?.into_owned();
    Some(Said::Exception {
        failure,
        weight: Weight::Uncaught,
    })
}

/// The same as the words of a line of JSON. AWS (logs): in the JSON format the service wraps what is no JSON itself, at level INFO,
/// with the time that the standard logger writes before it (aws/aws-lambda-go#533).
pub(super) fn in_words<'a>(words: &Cow<'a, str>) -> Option<Said<'a>> {
    let failure = match words {
        Cow::Borrowed(words) => timed_payload(words)?,
        Cow::Owned(words) => timed_payload(words)?.into_owned(),
    };
    Some(Said::Exception {
        failure,
        weight: Weight::Uncaught,
    })
}

fn timed_payload(text: &str) -> Option<Failure<'_>> {
    payload(text).or_else(|| payload(time(text)?.1))
}

/// `panic: no`, of a process that ends. If it is the runtime, the service reports it, too; alone, it is from a process that
/// the function started.
pub(super) fn panic(text: &str) -> Option<Said<'_>> {
    let message = first_line(text).strip_prefix("panic: ")?;
    Some(Said::Exception {
        failure: Failure {
            kind: Some("panic".into()),
            message: short(message).into(),
        },
        weight: Weight::Printed,
    })
}
