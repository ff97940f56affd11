//! Parsing and printing of durations: one spelling everywhere.

use jiff::{SignedDuration, Span, SpanRelativeTo};

/// A text that is not a positive duration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("invalid duration {text:?}: expected 90s, 15m, 2h or 1d")]
pub struct InvalidDuration {
    text: String,
}

/// Parses `90s`, `15m`, `2h`, `1d` or `1h30m`; a day has 24 hours.
///
/// # Errors
///
/// If the text is no such duration, or is not positive.
pub fn duration(text: &str) -> Result<SignedDuration, InvalidDuration> {
    let span = text.parse::<Span>().ok();
    let relative = SpanRelativeTo::days_are_24_hours();
    let duration = span.and_then(|span| span.to_duration(relative).ok());
    duration
        .filter(SignedDuration::is_positive)
        .ok_or_else(|| InvalidDuration { text: text.to_owned() })
}

/// Formats seconds as `90 s`, `15 min`, `2 h` or `3 d 23 h`: at most two units, the rest is omitted.
#[must_use]
pub fn span(seconds: i64) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds % 86_400 / 3_600, seconds % 3_600 / 60);
    match (days, hours, minutes) {
        _ if seconds < 120 && seconds != 60 => format!("{seconds} s"),
        (0, 0, m) => format!("{m} min"),
        (0, h, 0) => format!("{h} h"),
        (0, h, m) => format!("{h} h {m} min"),
        (d, 0, _) => format!("{d} d"),
        (d, h, _) => format!("{d} d {h} h"),
    }
}

/// Formats a configured duration exactly, in its largest whole unit: `30 s`, `5 min`, `6 h`, `4 d`.
#[must_use]
pub fn exact(seconds: i64) -> String {
    match seconds {
        s if s >= 86_400 && s % 86_400 == 0 => format!("{} d", s / 86_400),
        s if s >= 3_600 && s % 3_600 == 0 => format!("{} h", s / 3_600),
        s if s >= 60 && s % 60 == 0 => format!("{} min", s / 60),
        s => format!("{s} s"),
    }
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

    #[test]
    fn durations_are_printed_in_two_units_at_most() {
        let hour = 3_600;
        for (seconds, words) in [
            (-5, "-5 s"),
            (0, "0 s"),
            (60, "1 min"),
            (90, "90 s"),
            (119, "119 s"),
            (120, "2 min"),
            (hour - 1, "59 min"),
            (2 * hour, "2 h"),
            (hour + 30 * 60, "1 h 30 min"),
            (24 * hour, "1 d"),
            (95 * hour + 59 * 60, "3 d 23 h"),
            (14 * 24 * hour, "14 d"),
        ] {
            assert_eq!(span(seconds), words);
        }
    }

    #[test]
    fn what_is_configured_is_printed_whole() {
        assert_eq!(
            [30, 90, 130, 300, 21_600, 345_600].map(exact),
            ["30 s", "90 s", "130 s", "5 min", "6 h", "4 d"]
        );
    }
}
