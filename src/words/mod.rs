//! What the core says as data, in words. The sentences stand in a catalogue a language, `en/*.ftl` and `ja/*.ftl` ([Fluent]): a
//! message a phrase, under `room-code`, its numbers as variables. Numbers, lengths and times are printed here, in the reader's
//! zone. What is not translated yet is said in English.
//!
//! [Fluent]: https://projectfluent.org

mod catalogue;
pub mod journey;
mod json;
mod language;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::domain::duration::{exact, span};
use crate::domain::phrase::{Arg, Phrase};
use catalogue::{Catalogue, english, japanese};
pub use json::{document, spelled};
pub use language::{Language, UnknownLanguage};

/// A text of the catalogue with its arguments, for types with `words`: `say!(look, KEY, n = lines.len())`. The key is a
/// literal, or a `match` whose arms are: a test holds all of them against the catalogue.
macro_rules! say {
    ($look:expr, $key:expr $(, $name:ident = $value:expr)* $(,)?) => {
        $look.words.with($key, &[$((stringify!($name), $crate::domain::phrase::Arg::from($value))),*])
    };
}
pub(crate) use say;

/// A time of day.
const CLOCK: &str = "%H:%M:%S";

/// The words of one reader: a language and a time zone. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Words {
    language: Language,
    catalogue: &'static Catalogue,
    /// The zone of the columns beside which a sentence stands; `None` where no zone is theirs: then each time says UTC.
    zone: Option<TimeZone>,
}

impl Words {
    /// Words for a screen, with times in its zone.
    #[must_use]
    pub fn new(zone: TimeZone) -> Self {
        Self {
            zone: Some(zone),
            ..Self::utc()
        }
    }

    /// The same in a language.
    #[must_use]
    pub fn speaking(self, language: Language) -> Self {
        let catalogue = match language {
            Language::English => english(),
            Language::Japanese => japanese(),
        };
        Self {
            language,
            catalogue,
            ..self
        }
    }

    /// For documents and the command line: times in UTC, which say so.
    #[must_use]
    pub fn utc() -> Self {
        Self {
            language: Language::English,
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
        self.catalogue.has(key) || english().has(key)
    }

    /// The word or two that stand for a text where room is scarce: its attribute `hint`.
    #[must_use]
    pub fn hint(&self, key: &str) -> Option<String> {
        self.catalogue_of(key).hint(key)
    }

    /// The catalogue that has a text: what is not translated yet is said in English.
    fn catalogue_of(&self, key: &str) -> &'static Catalogue {
        if self.catalogue.has(key) {
            self.catalogue
        } else {
            english()
        }
    }

    fn fill<'a>(&self, key: &str, args: impl IntoIterator<Item = (&'a str, &'a Arg)>) -> String {
        let told = args.into_iter().map(|(name, arg)| (name, self.told(arg)));
        self.catalogue_of(key).fill(key, told)
    }

    fn told(&self, arg: &Arg) -> Told {
        Told::Text(match arg {
            Arg::Count(n) => return Told::Count(*n),
            Arg::None => "none".to_owned(),
            Arg::List(all) if all.is_empty() => "none".to_owned(),
            Arg::Flag(flag) => if *flag { "yes" } else { "no" }.to_owned(),
            Arg::Text(text) => text.clone(),
            Arg::Span(length) => self.units(span(length.as_secs())),
            Arg::Exact(length) => self.units(exact(length.as_secs())),
            Arg::At(at) => self.time(*at, CLOCK),
            Arg::Date(at) => self.time(*at, "%F %T"),
            Arg::Between(from, to) => match &self.zone {
                Some(_) => format!("{}–{}", self.time(*from, CLOCK), self.time(*to, CLOCK)),
                None => format!("{}–{}", from.strftime(CLOCK), self.time(*to, CLOCK)),
            },
            Arg::Phrase(phrase) => self.say(phrase),
            Arg::List(all) => {
                let sign = match self.language {
                    Language::English => ", ",
                    Language::Japanese => "、",
                };
                let all: Vec<String> = all.iter().map(|one| self.told(one).into_text()).collect();
                all.join(sign)
            }
            Arg::Clauses(all) => {
                let all: Vec<String> = all.iter().map(|one| self.say(one)).collect();
                all.join("; ")
            }
        })
    }

    fn time(&self, at: Timestamp, format: &str) -> String {
        match &self.zone {
            Some(zone) => at.to_zoned(zone.clone()).strftime(format).to_string(),
            None => format!("{} UTC", at.strftime(format)),
        }
    }

    /// A length with the units of the language: `2 h 5 min`, `2 時間 5 分`.
    fn units(&self, length: String) -> String {
        if self.language == Language::English {
            return length;
        }
        let parts = length.split(' ').map(|part| match part {
            "s" => "秒",
            "min" => "分",
            "h" => "時間",
            "d" => "日",
            number => number,
        });
        parts.collect::<Vec<_>>().join(" ")
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
