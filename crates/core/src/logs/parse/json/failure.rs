//! Errors that are objects.

use std::borrow::Cow;

use super::fields::{Fields, Value, read};
use crate::logs::parse::{Failure, shortened};

/// The error that a runtime reports to the service, which some print too: `{"errorMessage":…,"errorType":…}`.
pub fn error(text: &str) -> Option<Failure<'_>> {
    failure(&read(text))
}

/// The error that an object describes.
pub(super) fn failure<'a>(error: &Fields<'a>) -> Option<Failure<'a>> {
    let kind = error.error_type.text();
    let message = error.error_message.text().or_else(|| error.message.text());
    // A name alone is any object's.
    if error.error_message == Value::None && error.stack == Value::None {
        return None;
    }
    // Ruby's runtime wraps the class: `Function<TypeError>`.
    let kind = kind.map(
        |kind| match kind.strip_prefix("Function<").and_then(|kind| kind.strip_suffix('>')) {
            Some(inner) => Cow::Owned(inner.to_owned()),
            None => kind,
        },
    );
    Some(Failure {
        kind: kind.filter(|kind| !kind.is_empty()),
        message: shortened(message.unwrap_or_default()),
    })
}
