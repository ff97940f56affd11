//! What the core says as data, in words. The sentences stand in one catalogue, `en/*.ftl` ([Fluent]): a message a phrase,
//! under `room-code`, its numbers as variables. Numbers, lengths and times are printed here, in the reader's zone.
//!
//! [Fluent]: https://projectfluent.org

mod catalogue;
mod json;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::domain::duration::{exact, span};
use crate::domain::phrase::{Arg, Phrase};
use catalogue::{Catalogue, english};
pub use json::{document, spelled};

/// A text of the catalogue with its arguments, for types with `words`: `say!(look, KEY, n = lines.len())`. The key is a
/// literal, or a `match` whose arms are: a test holds all of them against the catalogue.
macro_rules! say {
    ($look:expr, $key:expr $(, $name:ident = $value:expr)* $(,)?) => {
        $look.words.with($key, &[$((stringify!($name), $crate::domain::phrase::Arg::from($value))),*])
    };
}
pub(crate) use say;

/// Makes an enum of phrases an error that prints its sentence, with times in UTC.
macro_rules! spoken {
    ($error:ty) => {
        impl ::std::fmt::Display for $error {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(&$crate::words::Words::utc().say(&self.clone().into()))
            }
        }

        impl ::std::error::Error for $error {}
    };
}
pub(crate) use spoken;

/// A time of day.
const CLOCK: &str = "%H:%M:%S";

/// The words of one reader: a language and a time zone. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Words {
    catalogue: &'static Catalogue,
    /// The zone of the columns beside which a sentence stands; `None` where no zone is theirs: then each time says UTC.
    zone: Option<TimeZone>,
}

impl Words {
    /// Words for a screen, with times in its zone.
    #[must_use]
    pub fn new(zone: TimeZone) -> Self {
        Self {
            catalogue: english(),
            zone: Some(zone),
        }
    }

    /// For documents and the command line: times in UTC, which say so.
    #[must_use]
    pub fn utc() -> Self {
        Self {
            catalogue: english(),
            zone: None,
        }
    }

    /// A phrase in words. Texts from outside are in it as they came: what goes to a terminal is made plain there.
    #[must_use]
    pub fn say(&self, phrase: &Phrase) -> String {
        if phrase.is_empty() {
            return String::new();
        }
        // Clauses have no words of their own.
        if phrase.room == "phrase" {
            return phrase
                .args
                .first()
                .map(|(_, arg)| self.told(arg).into_text())
                .unwrap_or_default();
        }
        self.fill(&phrase.key(), phrase.args.iter().map(|(name, arg)| (&**name, arg)))
    }

    /// A text that needs no argument, by its key.
    #[must_use]
    pub fn text(&self, key: &str) -> String {
        self.fill(key, [])
    }

    /// A text with arguments, by its key.
    #[must_use]
    pub fn with(&self, key: &str, args: &[(&str, Arg)]) -> String {
        self.fill(key, args.iter().map(|(name, arg)| (*name, arg)))
    }

    /// Whether there is a text for a key.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.catalogue.has(key)
    }

    /// The word or two that stand for a text where room is scarce: its attribute `hint`.
    #[must_use]
    pub fn hint(&self, key: &str) -> Option<String> {
        self.catalogue.hint(key)
    }

    fn fill<'a>(&self, key: &str, args: impl IntoIterator<Item = (&'a str, &'a Arg)>) -> String {
        let told = args.into_iter().map(|(name, arg)| (name, self.told(arg)));
        self.catalogue.fill(key, told)
    }

    fn told(&self, arg: &Arg) -> Told {
        Told::Text(match arg {
            Arg::Count(n) => return Told::Count(*n),
            Arg::None => "none".to_owned(),
            Arg::List(all) if all.is_empty() => "none".to_owned(),
            Arg::Flag(flag) => if *flag { "yes" } else { "no" }.to_owned(),
            Arg::Text(text) => text.clone(),
            Arg::Span(length) => span(length.as_secs()),
            Arg::Exact(length) => exact(length.as_secs()),
            Arg::At(at) => self.time(*at, CLOCK),
            Arg::Date(at) => self.time(*at, "%F %T"),
            Arg::Between(from, to) => match &self.zone {
                Some(_) => format!("{}–{}", self.time(*from, CLOCK), self.time(*to, CLOCK)),
                None => format!("{}–{}", from.strftime(CLOCK), self.time(*to, CLOCK)),
            },
            Arg::Phrase(phrase) => self.say(phrase),
            Arg::List(all) => self.joined(all.iter().map(|one| self.told(one).into_text()), ", "),
            Arg::Clauses(all) => self.joined(all.iter().map(|one| self.say(one)), "; "),
        })
    }

    fn time(&self, at: Timestamp, format: &str) -> String {
        match &self.zone {
            Some(zone) => at.to_zoned(zone.clone()).strftime(format).to_string(),
            None => format!("{} UTC", at.strftime(format)),
        }
    }

    #[expect(clippy::unused_self, reason = "another language sets them apart by other signs")]
    fn joined(&self, all: impl Iterator<Item = String>, sign: &str) -> String {
        all.collect::<Vec<_>>().join(sign)
    }
}

/// An argument as the catalogue takes it.
enum Told {
    /// Chooses the plural.
    Count(u64),
    /// Stands as it is.
    Text(String),
}

impl Told {
    fn into_text(self) -> String {
        match self {
            Self::Count(n) => grouped(n),
            Self::Text(text) => text,
        }
    }
}

/// `12,345`.
fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests;
