//! Schedule expressions of `EventBridge`: their words, and the next start.

use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

pitagora_core::phrases! {
    /// When a schedule starts its targets.
    pub enum Schedule in "schedule" {
        Minutes { n: u64 },
        Hours { n: u64 },
        Days { n: u64 },
        /// A cron expression or a time without its parentheses; anything else as it is.
        As { expression: String },
    }
}

/// A schedule expression as a phrase: "every 5 min" for `rate(5 minutes)`.
#[must_use]
pub fn said(expression: &str) -> Schedule {
    if let Some((n, unit)) = rate(expression) {
        let n = n.unsigned_abs();
        return match unit {
            Unit::Minutes => Schedule::Minutes { n },
            Unit::Hours => Schedule::Hours { n },
            Unit::Days => Schedule::Days { n },
        };
    }
    let inner = inner(expression, "cron").or_else(|| inner(expression, "at"));
    let expression = inner.unwrap_or(expression).to_owned();
    Schedule::As { expression }
}

/// The next start after `now`, in the schedule's zone or in UTC, which rules use. A rate has an interval only: its next start
/// is counted from `last`. `None` if that is unknown.
#[must_use]
pub fn next(expression: &str, zone: Option<&str>, last: Option<Timestamp>, now: Timestamp) -> Option<Timestamp> {
    if let Some((n, unit)) = rate(expression) {
        let minutes = n * match unit {
            Unit::Minutes => 1,
            Unit::Hours => 60,
            Unit::Days => 1_440,
        };
        let (last, period) = (last?, minutes * 60);
        let passed = now.duration_since(last).as_secs();
        let rounds = passed.div_euclid(period) + 1;
        // A rate that missed several rounds is not running: nothing is foretold.
        return (rounds <= 2).then(|| last + SignedDuration::from_secs(rounds * period));
    }
    let zone = match zone {
        Some(name) => TimeZone::get(name).ok()?,
        None => TimeZone::UTC,
    };
    if let Some(moment) = inner(expression, "at") {
        let once: DateTime = moment.parse().ok()?;
        return Some(once.to_zoned(zone).ok()?.timestamp()).filter(|at| *at > now);
    }
    Cron::parse(inner(expression, "cron")?)?.next(now, &zone)
}

fn inner<'a>(expression: &'a str, name: &str) -> Option<&'a str> {
    expression.strip_prefix(name)?.strip_prefix('(')?.strip_suffix(')')
}

#[derive(Clone, Copy)]
enum Unit {
    Minutes,
    Hours,
    Days,
}

fn rate(expression: &str) -> Option<(i64, Unit)> {
    let (n, unit) = inner(expression, "rate")?.trim().split_once(' ')?;
    let unit = match unit.trim() {
        "minute" | "minutes" => Unit::Minutes,
        "hour" | "hours" => Unit::Hours,
        "day" | "days" => Unit::Days,
        _ => return None,
    };
    Some((n.parse().ok().filter(|n| (1..=100_000).contains(n))?, unit))
}

/// AWS (patterns): minutes, hours, day of month, month, day of week (1 is Sunday), year.
struct Cron {
    minutes: Vec<i16>,
    hours: Vec<i16>,
    days: Days,
    months: Vec<i16>,
    weekdays: Weekdays,
    years: Vec<i16>,
}

enum Days {
    Any,
    /// `L`.
    Last,
    /// `15W`: Monday to Friday, as near to that day as its month allows.
    NearestWeekday(i8),
    These(Vec<i16>),
}

enum Weekdays {
    Any,
    /// `3#2`, the second Tuesday of the month; and `6L`, its last Friday, as -1.
    Nth(i8, Weekday),
    These(Vec<i16>),
}

const MONTHS: [&str; 12] = [
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
];
const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

impl Cron {
    fn parse(text: &str) -> Option<Self> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minutes, hours, days, months, weekdays, years] = fields[..] else {
            return None;
        };
        Some(Self {
            minutes: values(minutes, (0, 59), &[])?,
            hours: values(hours, (0, 23), &[])?,
            days: match (days, days.strip_suffix('W')) {
                ("*" | "?", _) => Days::Any,
                ("L", _) => Days::Last,
                // Of a day that not every month has nobody says which one is near.
                (_, Some(day)) => Days::NearestWeekday(day.parse().ok().filter(|day| (1..=28).contains(day))?),
                _ => Days::These(values(days, (1, 31), &[])?),
            },
            months: values(months, (1, 12), &MONTHS)?,
            weekdays: Weekdays::parse(weekdays)?,
            years: values(years, (1970, 2199), &[])?,
        })
    }

    fn holds(&self, date: Date) -> bool {
        self.years.contains(&date.year())
            && self.months.contains(&i16::from(date.month()))
            && match &self.days {
                Days::Any => true,
                Days::Last => date.day() == date.days_in_month(),
                Days::NearestWeekday(day) => nearest_weekday(date, *day) == Some(date),
                Days::These(days) => days.contains(&i16::from(date.day())),
            }
            && match &self.weekdays {
                Weekdays::Any => true,
                Weekdays::Nth(nth, weekday) => date.nth_weekday_of_month(*nth, *weekday).ok() == Some(date),
                Weekdays::These(weekdays) => weekdays.contains(&i16::from(date.weekday().to_sunday_one_offset())),
            }
    }

    fn next(&self, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        /// Four years hold every date that comes at all, but for a leap day at the turn of some centuries.
        const DAYS: i32 = 4 * 366;
        let today = now.to_zoned(zone.clone()).date();
        (0..DAYS)
            .filter_map(|days| today.checked_add(days.days()).ok())
            .filter(|date| self.holds(*date))
            .find_map(|date| {
                let hours = self.hours.iter().filter_map(|hour| i8::try_from(*hour).ok());
                let minutes = || self.minutes.iter().filter_map(|minute| i8::try_from(*minute).ok());
                let times = hours.flat_map(|hour| minutes().map(move |minute| date.at(hour, minute, 0, 0)));
                times
                    .filter_map(|time| Some(time.to_zoned(zone.clone()).ok()?.timestamp()))
                    .find(|at| *at > now)
            })
    }
}

impl Weekdays {
    fn parse(text: &str) -> Option<Self> {
        let some = |text: &str| values(text, (1, 7), &WEEKDAYS);
        let one = |text: &str| match some(text)?[..] {
            [only] => Weekday::from_sunday_one_offset(i8::try_from(only).ok()?).ok(),
            _ => None,
        };
        Some(match (text, text.split_once('#'), text.strip_suffix('L')) {
            ("*" | "?", ..) => Self::Any,
            ("L", ..) => Self::These(some("SAT")?),
            (_, Some((weekday, nth)), _) => {
                Self::Nth(nth.parse().ok().filter(|nth| (1..=5).contains(nth))?, one(weekday)?)
            }
            (_, _, Some(weekday)) => Self::Nth(-1, one(weekday)?),
            _ => Self::These(some(text)?),
        })
    }
}

/// The weekday of the month of `date` that is nearest to its `day`.
fn nearest_weekday(date: Date, day: i8) -> Option<Date> {
    let wanted = date.with().day(day).build().ok()?;
    let off = match wanted.weekday() {
        Weekday::Saturday if day == 1 => 2,
        Weekday::Saturday => -1,
        Weekday::Sunday if day == wanted.days_in_month() => -2,
        Weekday::Sunday => 1,
        _ => 0,
    };
    wanted.checked_add(off.days()).ok()
}

/// The values of one field, in order.
fn values(field: &str, (low, high): (i16, i16), names: &[&str]) -> Option<Vec<i16>> {
    let one = |text: &str| -> Option<i16> {
        let place = names.iter().position(|name| name.eq_ignore_ascii_case(text));
        let value = match place {
            Some(place) => i16::try_from(place).ok()? + low,
            None => text.parse().ok()?,
        };
        (low..=high).contains(&value).then_some(value)
    };
    let mut found = Vec::new();
    for part in field.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, Some(step.parse::<usize>().ok().filter(|step| *step > 0)?)),
            None => (part, None),
        };
        let (from, to) = match range.split_once('-') {
            _ if range == "*" || range == "?" => (low, high),
            Some((from, to)) => (one(from)?, one(to)?),
            None if step.is_some() => (one(range)?, high),
            None => (one(range)?, one(range)?),
        };
        found.extend((from..=to).step_by(step.unwrap_or(1)));
    }
    found.sort_unstable();
    found.dedup();
    (!found.is_empty()).then_some(found)
}

#[cfg(test)]
mod tests {
    use croner::parser::CronParser;
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    // A Monday.
    const NOW: &str = "2026-11-23T10:00:30Z";

    fn cron(expression: &str) -> Option<String> {
        next(&format!("cron({expression})"), None, None, at(NOW)).map(|at| at.to_string())
    }

    #[test]
    fn expressions_are_said_as_people_say_them() {
        assert_eq!(said("rate(5 minutes)"), Schedule::Minutes { n: 5 });
        assert_eq!(said("rate(1 hour)"), Schedule::Hours { n: 1 });
        let plain = |expression: &str| Schedule::As {
            expression: expression.to_owned(),
        };
        assert_eq!(said("cron(0 12 * * ? *)"), plain("0 12 * * ? *"));
        assert_eq!(said("rate(soon)"), plain("rate(soon)"));
    }

    #[test]
    fn the_next_time_of_a_cron_expression_is_known() {
        assert_eq!(cron("0 12 * * ? *").as_deref(), Some("2026-11-23T12:00:00Z"));
        assert_eq!(cron("0/15 * * * ? *").as_deref(), Some("2026-11-23T10:15:00Z"));
        assert_eq!(cron("0 10 * * ? *").as_deref(), Some("2026-11-24T10:00:00Z"));
        assert_eq!(cron("30 8 ? * MON-FRI *").as_deref(), Some("2026-11-24T08:30:00Z"));
        assert_eq!(
            cron("0 0 ? * 1 *").as_deref(),
            Some("2026-11-29T00:00:00Z"),
            "1 is Sunday"
        );
        assert_eq!(cron("0 18 L * ? *").as_deref(), Some("2026-11-30T18:00:00Z"));
        assert_eq!(cron("5,10 9-17 1 JAN,JUN ? *").as_deref(), Some("2027-01-01T09:05:00Z"));
        assert_eq!(cron("0 0 29 2 ? *").as_deref(), Some("2028-02-29T00:00:00Z"));
    }

    #[test]
    fn the_last_the_nearest_and_the_nth_are_known() {
        assert_eq!(
            cron("15 10 ? * 6L *").as_deref(),
            Some("2026-11-27T10:15:00Z"),
            "the last Friday"
        );
        assert_eq!(
            cron("0 9 ? * 3#2 *").as_deref(),
            Some("2026-12-08T09:00:00Z"),
            "the second Tuesday"
        );
        assert_eq!(cron("0 9 ? * MON#5 *").as_deref(), Some("2026-11-30T09:00:00Z"));
        assert_eq!(
            cron("0 9 ? * L *").as_deref(),
            Some("2026-11-28T09:00:00Z"),
            "the week ends on Saturday"
        );
        assert_eq!(
            cron("0 9 6W 12 ? *").as_deref(),
            Some("2026-12-07T09:00:00Z"),
            "a Sunday gives way to Monday"
        );
        assert_eq!(cron("0 9 5W 12 ? *").as_deref(), Some("2026-12-04T09:00:00Z"));
        assert_eq!(
            cron("0 9 1W 5 ? *").as_deref(),
            Some("2027-05-03T09:00:00Z"),
            "and never leaves the month"
        );
        assert_eq!(cron("0 9 28W 2 ? 2027").as_deref(), Some("2027-02-26T09:00:00Z"));
    }

    proptest! {
        /// Croner is another reading of the same expressions, with seconds first and Sunday as 1.
        #[test]
        fn another_reader_finds_the_same_next_time(
            minutes in "[*]|[0-5]?[0-9]|[0-9]/15|5,10|10-20/3",
            hours in "[*]|1?[0-9]|0/6|9-17",
            day in prop_oneof![
                "([*]|L|[1-9]|2[0-9]|3[01]|1,15|([1-9]|1[0-9]|2[0-8])W) ([*]|[1-9]|1[0-2]|JAN,JUN|2-4) [?]",
                "[?] ([*]|[1-9]|FEB) ([1-7]|[1-7]L|[1-7]#[1-5]|MON-FRI|TUE#[1-4]|SUN,SAT|2-6)",
            ],
            seconds in 0_i64..4 * 365 * 86_400,
        ) {
            let now = at(NOW) + SignedDuration::from_secs(seconds);
            let expression = format!("{minutes} {hours} {day} *");
            let theirs = CronParser::builder().sloppy_ranges(true).alternative_weekdays(true).build();
            let theirs = theirs.parse(&format!("0 {expression}")).expect("an expression");
            let theirs = theirs.find_next_occurrence(&now.to_zoned(TimeZone::UTC), false).map(|next| next.timestamp());
            let ours = next(&format!("cron({expression})"), None, None, now);
            prop_assert_eq!(ours, theirs.ok().filter(|at| at.duration_since(now).as_hours() < 4 * 365 * 24), "{}", expression);
        }
    }

    #[test]
    fn what_is_not_known_is_not_foretold() {
        for expression in [
            "0 0 ? * 6#6 *",
            "0 0 ? * 2-6L *",
            "0 0 31W * ? *",
            "0 0 1,15W * ? *",
            "0 0 * *",
            "a b c d e f",
            "0 0 1 1 ? 2020",
            "61 0 * * ? *",
        ] {
            assert_eq!(cron(expression), None, "{expression}");
        }
        assert_eq!(next("rate(5 minutes)", None, None, at(NOW)), None);
        assert_eq!(next("at(2026-11-23T10:00:00)", None, None, at(NOW)), None, "it is over");
        assert_eq!(next("cron(0 12 * * ? *)", Some("Middle/Earth"), None, at(NOW)), None);
        assert_eq!(
            next("rate(5 minutes)", None, Some(at("2026-11-23T08:00:00Z")), at(NOW)),
            None,
            "it stands still"
        );
    }

    #[test]
    fn a_schedule_goes_by_its_own_zone_and_may_start_once() {
        let next = |expression, zone| next(expression, zone, None, at(NOW)).map(|at| at.to_string());
        assert_eq!(
            next("cron(0 12 * * ? *)", Some("Asia/Tokyo")).as_deref(),
            Some("2026-11-24T03:00:00Z")
        );
        assert_eq!(
            next("at(2026-11-23T12:30:00)", Some("Europe/Berlin")).as_deref(),
            Some("2026-11-23T11:30:00Z")
        );
        assert_eq!(
            next("at(2026-11-23T12:30:00)", None).as_deref(),
            Some("2026-11-23T12:30:00Z")
        );
    }

    #[test]
    fn a_rate_goes_on_from_the_last_time() {
        let next = next("rate(5 minutes)", None, Some(at("2026-11-23T09:57:00Z")), at(NOW));
        assert_eq!(next, Some(at("2026-11-23T10:02:00Z")));
    }
}
