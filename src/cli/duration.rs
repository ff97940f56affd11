//! Durations as they are typed: one spelling for every command.

use jiff::{SignedDuration, Span, SpanRelativeTo};

/// A text that is no duration longer than nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("invalid duration {text:?}: expected 90s, 15m, 2h or 1d")]
pub(super) struct InvalidDuration {
    text: String,
}

/// Reads `90s`, `15m`, `2h`, `1d` or `1h30m`; a day has 24 hours.
///
/// # Errors
///
/// If the text is no such duration, or is not positive.
pub(super) fn duration(text: &str) -> Result<SignedDuration, InvalidDuration> {
    let span = text.parse::<Span>().ok();
    let relative = SpanRelativeTo::days_are_24_hours();
    let duration = span.and_then(|span| span.to_duration(relative).ok());
    duration
        .filter(SignedDuration::is_positive)
        .ok_or_else(|| InvalidDuration { text: text.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_from_days_to_seconds() {
        for (text, seconds) in [
            ("90s", 90),
            ("15m", 900),
            ("2h", 7_200),
            ("1d", 86_400),
            ("2d", 172_800),
            ("1h30m", 5_400),
            ("1d12h", 129_600),
        ] {
            assert_eq!(duration(text).map(|span| span.as_secs()), Ok(seconds), "{text}");
        }
    }

    #[test]
    fn what_is_no_duration_is_refused_with_what_is_expected() {
        for text in ["", "15", "-5m", "0s", "soon", "1x"] {
            assert!(duration(text).is_err(), "{text}");
        }
        assert_eq!(
            duration("1x").expect_err("no unit").to_string(),
            "invalid duration \"1x\": expected 90s, 15m, 2h or 1d"
        );
    }
}
