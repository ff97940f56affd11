//! Lengths of time and sizes as people write them in scenarios: `"120ms"`, `"80ms..200ms"`, `"5m"`, `"12MB"`.

use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, Visitor};

/// A length of time, or a range of lengths, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The shortest.
    pub low: i64,
    /// The longest; the same where it is one length.
    pub high: i64,
}

impl Span {
    /// One length.
    #[must_use]
    pub const fn ms(ms: i64) -> Self {
        Self { low: ms, high: ms }
    }

    /// A range.
    #[must_use]
    pub const fn range(low: i64, high: i64) -> Self {
        Self { low, high }
    }

    /// From `"120ms"`, `"2s"`, `"5m"`, `"6h"`, `"4d"`, or two of them with `..` between.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text.split_once("..") {
            None => length(text).map(Self::ms),
            Some((low, high)) => {
                let (low, high) = (length(low)?, length(high)?);
                (low <= high).then_some(Self { low, high })
            }
        }
    }
}

/// One length, in milliseconds.
fn length(text: &str) -> Option<i64> {
    let text = text.trim();
    let digits = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let factor = match unit.trim() {
        "ms" => 1.0,
        "s" => 1000.0,
        "m" | "min" => 60_000.0,
        "h" => 3_600_000.0,
        "d" => 86_400_000.0,
        _ => return None,
    };
    let ms = number.parse::<f64>().ok()? * factor;
    #[expect(clippy::cast_possible_truncation, reason = "bounded by the check")]
    (ms < 1.0e14).then_some(ms.round() as i64)
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = Span;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a length of time such as \"120ms\", \"5m\" or \"80ms..200ms\"")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Span, E> {
                let reversed = text.split_once("..").filter(|(from, to)| {
                    let (from, to) = (length(from), length(to));
                    from.zip(to).is_some_and(|(from, to)| from > to)
                });
                if reversed.is_some() {
                    return Err(E::custom(format!(
                        "{text:?} begins with the longer time: turn the two round"
                    )));
                }
                Span::parse(text).ok_or_else(|| E::invalid_value(de::Unexpected::Str(text), &self))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

/// A length of time that is no range, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Length(pub i64);

impl Length {
    /// Whole seconds, rounded down.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0 / 1000
    }
}

impl<'de> Deserialize<'de> for Length {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let span = Span::deserialize(deserializer)?;
        if span.low == span.high {
            Ok(Self(span.low))
        } else {
            Err(de::Error::custom("one length of time, not a range"))
        }
    }
}

/// A size in megabytes, written `"12MB"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Megabytes(pub u32);

impl<'de> Deserialize<'de> for Megabytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let number = text.trim().strip_suffix("MB").and_then(|n| n.trim().parse().ok());
        number
            .map(Self)
            .ok_or_else(|| de::Error::custom("a size such as \"12MB\""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_lengths_and_ranges() {
        assert_eq!(Span::parse("120ms"), Some(Span::ms(120)));
        assert_eq!(Span::parse("0.5s..2m"), Some(Span::range(500, 120_000)));
        for bad in ["", "12", "s", "3 weeks", "2s..1s", "1s..", "-1s"] {
            assert_eq!(Span::parse(bad), None, "{bad}");
        }
    }
}
