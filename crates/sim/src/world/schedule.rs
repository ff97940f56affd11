//! Schedule expressions: `rate(5 minutes)`, `cron(0 12 * * ? *)`, and the Scheduler's `at(…)`.

use std::collections::BTreeSet;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

/// When something fires.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expression {
    /// Every so many milliseconds.
    Rate(i64),
    /// At the minutes that match.
    Cron(Box<Cron>),
    /// Once.
    At(DateTime),
}

/// The fields of a cron expression, each the set of values that match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cron {
    minutes: BTreeSet<i16>,
    hours: BTreeSet<i16>,
    days: Days,
    months: BTreeSet<i16>,
    years: Option<BTreeSet<i16>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Days {
    Month(BTreeSet<i16>),
    Last,
    /// Sunday is 1, as AWS counts.
    Week(BTreeSet<i16>),
    /// The n-th such day of the month: `6#3`.
    Nth(i16, i16),
}

const MONTHS: [&str; 12] = [
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
];
const DAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

impl Expression {
    /// Reads an expression. `None`: not a valid one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, rest) = text.split_once('(')?;
        let inner = rest.strip_suffix(')')?;
        match kind {
            "rate" => {
                let (number, unit) = inner.split_once(' ')?;
                let number: i64 = number.parse().ok().filter(|n| *n > 0)?;
                let unit_ms = match (unit, number) {
                    ("minute" | "minutes", _) => 60_000,
                    ("hour" | "hours", _) => 3_600_000,
                    ("day" | "days", _) => 86_400_000,
                    _ => return None,
                };
                number.checked_mul(unit_ms).map(Self::Rate)
            }
            "cron" => Cron::parse(inner).map(|cron| Self::Cron(Box::new(cron))),
            // A date alone is no time.
            "at" if inner.contains('T') => inner.parse().ok().map(Self::At),
            _ => None,
        }
    }

    /// Whether a rule takes its unit. AWS (patterns): one minute, two minutes; the Scheduler takes both of both.
    #[must_use]
    pub fn counts_in_grammar(text: &str) -> bool {
        let Some(inner) = text.strip_prefix("rate(").and_then(|rest| rest.strip_suffix(')')) else {
            return true;
        };
        inner.starts_with("1 ") != inner.ends_with('s')
    }

    /// The next time after `now` (milliseconds since 1970) in a time zone. A rate counts from `since`.
    #[must_use]
    pub fn next(&self, now: i64, since: i64, zone: &str) -> Option<i64> {
        match self {
            Self::Rate(every) => Some(since + ((now - since).div_euclid(*every) + 1) * every),
            Self::At(when) => {
                let at = when.to_zoned(time_zone(zone)?).ok()?.timestamp().as_millisecond();
                (at > now).then_some(at)
            }
            Self::Cron(cron) => cron.next(now, &time_zone(zone)?),
        }
    }
}

/// The time zone, UTC by default. Zones need the system's time zone data; `None` if it lacks the zone.
fn time_zone(zone: &str) -> Option<TimeZone> {
    if zone.is_empty() || zone == "UTC" {
        Some(TimeZone::UTC)
    } else {
        TimeZone::get(zone).ok()
    }
}

impl Cron {
    fn parse(text: &str) -> Option<Self> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        let &[minutes, hours, day, month, weekday, year] = fields.as_slice() else {
            return None;
        };
        // One of the two fields for days must be a question mark.
        let days = match (day, weekday) {
            ("L", "?") => Days::Last,
            (day, "?") if day != "?" => Days::Month(field(day, 1, 31, &[])?),
            ("?", weekday) if weekday != "?" => match weekday.split_once('#') {
                Some((name, nth)) => Days::Nth(number(name, 1, &DAYS)?, nth.parse().ok()?),
                None => Days::Week(field(weekday, 1, 7, &DAYS)?),
            },
            _ => return None,
        };
        Some(Self {
            minutes: field(minutes, 0, 59, &[])?,
            hours: field(hours, 0, 23, &[])?,
            days,
            months: field(month, 1, 12, &MONTHS)?,
            years: if year == "*" {
                None
            } else {
                Some(field(year, 1970, 2199, &[])?)
            },
        })
    }

    fn next(&self, now: i64, zone: &TimeZone) -> Option<i64> {
        let from = Timestamp::from_millisecond(now).ok()?.to_zoned(zone.clone()).datetime();
        let mut day = from.date();
        // Eight years hold every rule that repeats at all, a 29 February included.
        for n in 0..366 * 8 {
            if n > 0 {
                day = day.tomorrow().ok()?;
            }
            if !self.on(day) {
                continue;
            }
            for hour in &self.hours {
                for minute in &self.minutes {
                    let hour = i8::try_from(*hour).ok()?;
                    let minute = i8::try_from(*minute).ok()?;
                    let at = day.at(hour, minute, 0, 0);
                    if at <= from {
                        continue;
                    }
                    let at = at.to_zoned(zone.clone()).ok()?.timestamp().as_millisecond();
                    if at > now {
                        return Some(at);
                    }
                }
            }
        }
        None
    }

    fn on(&self, day: jiff::civil::Date) -> bool {
        let weekday = i16::from(day.weekday().to_sunday_one_offset());
        self.months.contains(&i16::from(day.month()))
            && self.years.as_ref().is_none_or(|years| years.contains(&day.year()))
            && match &self.days {
                Days::Month(days) => days.contains(&i16::from(day.day())),
                Days::Last => day.checked_add(1.day()).is_ok_and(|next| next.day() == 1),
                Days::Week(days) => days.contains(&weekday),
                Days::Nth(wanted, nth) => weekday == *wanted && (i16::from(day.day()) - 1) / 7 + 1 == *nth,
            }
    }
}

fn number(text: &str, low: i16, names: &[&str]) -> Option<i16> {
    let found = names.iter().position(|name| text.eq_ignore_ascii_case(name));
    match found {
        Some(at) => Some(low + i16::try_from(at).ok()?),
        None => text.parse().ok(),
    }
}

fn field(text: &str, low: i16, high: i16, names: &[&str]) -> Option<BTreeSet<i16>> {
    let mut values = BTreeSet::new();
    for part in text.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, Some(step.parse::<i16>().ok().filter(|s| *s > 0)?)),
            None => (part, None),
        };
        let (from, to) = match range {
            "*" | "?" => (low, high),
            _ => {
                if let Some((from, to)) = range.split_once('-') {
                    (number(from, low, names)?, number(to, low, names)?)
                } else {
                    let from = number(range, low, names)?;
                    (from, if step.is_some() { high } else { from })
                }
            }
        };
        if from < low || to > high || from > to {
            return None;
        }
        values.extend((from..=to).step_by(usize::try_from(step.unwrap_or(1)).ok()?));
    }
    Some(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(text: &str) -> i64 {
        text.parse::<Timestamp>().expect("a time").as_millisecond()
    }

    #[test]
    fn finds_the_next_time() {
        let now = ms("2026-01-31T12:00:30Z"); // a Saturday
        for (expression, expected) in [
            ("rate(5 minutes)", "2026-01-31T12:05:00Z"),
            ("cron(0 12 * * ? *)", "2026-02-01T12:00:00Z"),
            ("cron(*/15 * ? * MON-FRI *)", "2026-02-02T00:00:00Z"),
            ("cron(0/10 * * * ? *)", "2026-01-31T12:10:00Z"),
            ("cron(0 8 1 * ? *)", "2026-02-01T08:00:00Z"),
            ("cron(0 8 L FEB ? *)", "2026-02-28T08:00:00Z"),
            ("cron(0 8 ? * 6#3 *)", "2026-02-20T08:00:00Z"),
            ("cron(0 8 29 2 ? *)", "2028-02-29T08:00:00Z"),
            ("at(2026-02-03T04:05:06)", "2026-02-03T04:05:06Z"),
        ] {
            let parsed = Expression::parse(expression).expect(expression);
            assert_eq!(
                parsed.next(now, ms("2026-01-31T12:00:00Z"), ""),
                Some(ms(expected)),
                "{expression}"
            );
        }
        // Recorded on AWS.
        for good in [
            "cron(0-15/1 8-8 ? * 2,3,4,5,6,7 *)",
            "cron(30-30 13-13 ? * 2,4,6 *)",
            "cron(1-31/30 1-1 ? * 1,7 *)",
            "cron(0 18 ? * MON-FRI *)",
            "cron(*/15 * * * ? *)",
            "cron(0-59/10 0-23/2 ? * * *)",
        ] {
            assert!(Expression::parse(good).is_some(), "{good}");
        }
        for bad in [
            "cron(0 1 * * * *)",
            "cron(7 20 * * NOT *)",
            "cron(INVALID)",
            "cron(0 dummy ? * MON-FRI *)",
            "cron(71 8 1 * ? *)",
            "cron()",
            "rate(10 seconds)",
            "rate(10 years)",
            "rate()",
            "rate(10)",
            "rate(10 minutess)",
            "rate(foo minutes)",
            "rate(-10 minutes)",
            "rate(10 MINUTES)",
            "rate( 10 minutes )",
            " rate(10 minutes)",
            "at(2021-12-31T23:59:59Z)",
            "at(2021-12-31)",
            "rate(0 minutes)",
            "rate(5 weeks)",
            "cron(* * * *)",
            "cron(61 * * * ? *)",
            "every 5 minutes",
        ] {
            assert_eq!(Expression::parse(bad), None, "{bad}");
        }
        for (rate, taken) in [
            ("1 minute", true),
            ("1 minutes", false),
            ("10 hours", true),
            ("10 day", false),
        ] {
            assert_eq!(Expression::counts_in_grammar(&format!("rate({rate})")), taken, "{rate}");
        }
        assert_eq!(
            Expression::parse("at(2020-01-01T00:00:00)").and_then(|e| e.next(now, 0, "")),
            None
        );
    }
}
