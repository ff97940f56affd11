//! Lines that extensions write into a function's log. They come after the handler has ended as well, so they must not be
//! mistaken for the function continuing after a failure.

use super::{Parsed, Said};

/// What the lines of common extensions begin with.
const HEADS: [&str; 19] = [
    "DD_EXTENSION |",
    "DD_EXTENSION\t",
    "EXTENSION\t",
    "TELEMETRY\tName:",
    "LOGS\tName:",
    "[NR_EXT]",
    "[AWS Parameters and Secrets Lambda Extension]",
    "[AWS AppConfig",
    "[appconfig agent]",
    "[extension",
    "[Extension",
    "[lambda-extension",
    "[LAMBDA_INSIGHTS",
    "[cloudwatch_lambda_agent",
    "[sentry-lambda-extension]",
    "[Dynatrace]",
    "[Lumigo]",
    "#LUMIGO#",
    "AWS_LAMBDA_EXTENSION",
];

/// A line of an extension, recognised by its start.
pub(super) fn parse(text: &str) -> Option<Parsed<'_>> {
    let may_be = matches!(text.as_bytes().first()?, b'D' | b'E' | b'T' | b'L' | b'[' | b'#' | b'A');
    let is = may_be && HEADS.iter().any(|head| text.starts_with(head));
    is.then(|| {
        let level = super::logger::parse(text).level;
        Parsed::new(Said::Service).at(level)
    })
}
