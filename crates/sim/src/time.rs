//! Moments as text and numbers, the ways the formats write them. Milliseconds since 1970 inside.

use jiff::Timestamp;
use jiff::fmt::rfc2822;

/// From seconds with a fraction. `None` for what no calendar reaches.
#[must_use]
pub fn from_seconds(seconds: f64) -> Option<i64> {
    #[expect(clippy::cast_possible_truncation, reason = "bounded by the check")]
    (seconds.is_finite() && seconds.abs() < 2.0e11).then(|| (seconds * 1000.0).round() as i64)
}

/// Seconds as a JSON number: whole where there are no milliseconds, as AWS writes them.
#[must_use]
pub fn to_seconds(ms: i64) -> serde_json::Value {
    if ms % 1000 == 0 {
        return serde_json::Value::from(ms / 1000);
    }
    #[expect(clippy::cast_precision_loss, reason = "exact up to the year 287396")]
    serde_json::Value::from(ms as f64 / 1000.0)
}

/// From ISO 8601 (`2026-01-02T03:04:05.678Z`), or the HTTP date form.
#[must_use]
pub fn from_iso(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at.as_millisecond());
    }
    rfc2822::parse(text).ok().map(|at| at.timestamp().as_millisecond())
}

/// ISO 8601 with milliseconds, in UTC: `2026-01-02T03:04:05.678Z`.
#[must_use]
pub fn to_iso(ms: i64) -> String {
    format!("{:.3}", clamped(ms))
}

/// The form of the HTTP headers `Date` and `Last-Modified`: `Fri, 02 Jan 2026 03:04:05 GMT`.
#[must_use]
pub fn to_http_date(ms: i64) -> String {
    clamped(ms).strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

fn clamped(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_and_reads_each_form() {
        let ms = 1_767_323_045_678;
        assert_eq!(to_iso(ms), "2026-01-02T03:04:05.678Z");
        assert_eq!(to_iso(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(from_iso(&to_iso(ms)), Some(ms));
        assert_eq!(to_http_date(ms), "Fri, 02 Jan 2026 03:04:05 GMT");
        assert_eq!(from_iso(&to_http_date(ms)), Some(1_767_323_045_000));
        assert_eq!(from_seconds(f64::NAN), None);
        assert_eq!(to_seconds(ms).to_string(), "1767323045.678");
    }
}
