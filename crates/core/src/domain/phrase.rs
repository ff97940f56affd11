//! Sentences as data: a code with its arguments. The words are in a catalogue outside the core, so that tests compare data
//! and a second language is a second catalogue.

use std::borrow::Cow;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::NodeId;

/// A sentence or clause as data. Made from the enum of its module, which [`phrases!`](macro@crate::phrases) declares; empty
/// by default.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Phrase {
    /// The module, as in the catalogue: `forecast`.
    #[serde(rename = "$phrase")]
    pub room: Cow<'static, str>,
    /// The code, unique in its module: `retries-used-up`.
    pub code: Cow<'static, str>,
    /// The arguments by name.
    pub args: Vec<(Cow<'static, str>, Arg)>,
}

/// An argument of a phrase.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Arg {
    /// Absent; the catalogue sees `none`.
    None,
    /// A condition; the catalogue sees `yes` or `no`.
    Flag(bool),
    /// A name or a text from outside.
    Text(String),
    /// A count, which selects the plural.
    Count(u64),
    /// A duration, printed in at most two units.
    Span(SignedDuration),
    /// A configured duration, printed exactly.
    Exact(SignedDuration),
    /// A time of day.
    At(Timestamp),
    /// A date and time.
    Date(Timestamp),
    /// An interval between two times of day.
    Between(Timestamp, Timestamp),
    /// A phrase within a phrase.
    Phrase(Box<Phrase>),
    /// Several, separated by commas.
    List(Vec<Arg>),
    /// Several clauses, separated by semicolons.
    Clauses(Vec<Phrase>),
}

impl Phrase {
    /// A phrase of a module.
    #[must_use]
    pub fn new(room: &'static str, code: &'static str, args: Vec<(&'static str, Arg)>) -> Self {
        Self {
            room: room.into(),
            code: code.into(),
            args: args.into_iter().map(|(name, arg)| (name.into(), arg)).collect(),
        }
    }

    /// Its key in the catalogue: `forecast-retries-used-up`.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{}-{}", self.room, self.code)
    }

    /// Whether it has this code, whatever its arguments.
    #[must_use]
    pub fn is(&self, room: &str, code: &str) -> bool {
        self.room == room && self.code == code
    }

    /// Whether it is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.code.is_empty()
    }

    /// Several clauses as one; empty ones are left out.
    #[must_use]
    pub fn clauses(all: impl IntoIterator<Item = Self>) -> Self {
        let mut all: Vec<Self> = all.into_iter().filter(|one| !one.is_empty()).collect();
        if all.len() < 2 {
            return all.pop().unwrap_or_default();
        }
        Self::new("phrase", "clauses", vec![("all", Arg::Clauses(all))])
    }
}

/// A configured duration, printed exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exact(pub SignedDuration);

impl Exact {
    /// A duration in seconds.
    #[must_use]
    pub fn secs(seconds: i64) -> Self {
        Self(SignedDuration::from_secs(seconds))
    }
}

/// A time that may be on another day than the reader's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Date(pub Timestamp);

/// A type of argument, with samples for the test of the catalogue.
pub trait Argument: Sized + Into<Arg> {
    /// Values that differ in wording: one and several, present and absent.
    fn samples() -> Vec<Self>;
}

/// The phrases of an enum.
pub trait Phrases {
    /// Each variant, with each sample of its arguments at least once.
    fn each() -> Vec<Phrase>;
}

macro_rules! arguments {
    ($($ty:ty: $from:expr, [$($sample:expr),*];)*) => { $(
        impl From<$ty> for Arg {
            fn from(value: $ty) -> Self {
                let from: fn($ty) -> Self = $from;
                from(value)
            }
        }

        impl Argument for $ty {
            fn samples() -> Vec<Self> {
                vec![$($sample),*]
            }
        }
    )* };
}

arguments! {
    bool: Self::Flag, [false, true];
    u16: |n| Self::Count(n.into()), [1, 2];
    u32: |n| Self::Count(n.into()), [1, 2];
    u64: Self::Count, [1, 2];
    usize: |n| Self::Count(n as u64), [1, 2];
    String: Self::Text, ["a-name".into()];
    NodeId: |id| Self::Text(id.short_name().into()), [NodeId::from("arn:aws:sqs:us-east-1:123456789012:q")];
    SignedDuration: Self::Span, [SignedDuration::from_secs(90)];
    Exact: |Exact(span)| Self::Exact(span), [Exact::secs(345_600)];
    Timestamp: Self::At, [Timestamp::UNIX_EPOCH];
    Date: |Date(at)| Self::Date(at), [Date(Timestamp::UNIX_EPOCH)];
    Phrase: |phrase| Self::Phrase(Box::new(phrase)), [Phrase::new("phrase", "sample", vec![("text", Arg::Text("a phrase".into()))])];
}

impl From<&str> for Arg {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl Argument for &'static str {
    fn samples() -> Vec<Self> {
        vec!["a-name"]
    }
}

impl<T: Argument> From<Option<T>> for Arg {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::None, Into::into)
    }
}

impl<T: Argument> Argument for Option<T> {
    fn samples() -> Vec<Self> {
        T::samples().into_iter().map(Some).chain([None]).collect()
    }
}

impl<T: Argument> From<Vec<T>> for Arg {
    fn from(values: Vec<T>) -> Self {
        Self::List(values.into_iter().map(Into::into).collect())
    }
}

impl<T: Argument> Argument for Vec<T> {
    fn samples() -> Vec<Self> {
        vec![T::samples()]
    }
}

/// Declares the phrases of a module: an enum whose variants carry the arguments. Each variant becomes a [`Phrase`] with the
/// variant's name in kebab case as its code; its words are in the catalogue under `module-code`, with the fields as
/// variables.
///
/// ```
/// use pitagora_core::domain::phrase::Phrase;
///
/// pitagora_core::phrases! {
///     /// Issues of a queue.
///     pub enum Why in "queue" {
///         Grows { by: u64 },
///         Empty,
///     }
/// }
/// assert_eq!(Phrase::from(Why::Grows { by: 3 }).key(), "queue-grows");
/// ```
#[macro_export]
macro_rules! phrases {
    ($(#[$meta:meta])* $vis:vis enum $name:ident in $room:literal {
        $($(#[$about:meta])* $variant:ident $({ $($field:ident: $ty:ty),* $(,)? })?),* $(,)?
    }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, ::strum::IntoStaticStr)]
        #[strum(serialize_all = "kebab-case")]
        #[allow(missing_docs, reason = "the catalogue has what each variant says, and shows its fields in use")]
        $vis enum $name { $($(#[$about])* $variant $({ $($field: $ty),* })?),* }

        impl From<$name> for $crate::domain::phrase::Phrase {
            fn from(said: $name) -> Self {
                let code: &'static str = (&said).into();
                let args = match said {
                    $($name::$variant $({ $($field),* })? => vec![$($((stringify!($field), $field.into())),*)?]),*
                };
                Self::new($room, code, args)
            }
        }

        impl PartialEq<$name> for $crate::domain::phrase::Phrase {
            fn eq(&self, said: &$name) -> bool {
                let said = Self::from(said.clone());
                *self == said
            }
        }

        impl From<$name> for $crate::domain::phrase::Arg {
            fn from(said: $name) -> Self {
                Self::Phrase(Box::new(said.into()))
            }
        }

        impl $crate::domain::phrase::Phrases for $name {
            fn each() -> Vec<$crate::domain::phrase::Phrase> {
                let mut all = Vec::new();
                $({
                    $($(let $field = <$ty as $crate::domain::phrase::Argument>::samples();)*)?
                    let most = 1_usize $($(.max($field.len()))*)?;
                    for n in 0..most {
                        $($(let $field = $field[n % $field.len()].clone();)*)?
                        let _ = n;
                        all.push($name::$variant $({ $($field),* })?.into());
                    }
                })*
                all
            }
        }

        impl $crate::domain::phrase::Argument for $name {
            fn samples() -> Vec<Self> {
                let mut all = Vec::new();
                $({
                    $($(let $field = <$ty as $crate::domain::phrase::Argument>::samples().remove(0);)*)?
                    all.push($name::$variant $({ $($field),* })?);
                })*
                all
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    crate::phrases! {
        /// What a queue may say.
        enum Why in "queue" {
            GrewBy { count: u64, of: Option<NodeId> },
            IsEmpty,
        }
    }

    #[test]
    fn a_variant_is_a_phrase_with_its_fields_by_name() {
        let grew = Phrase::from(Why::GrewBy { count: 3, of: None });
        assert_eq!(grew.key(), "queue-grew-by");
        assert!(grew.is("queue", "grew-by"));
        assert_eq!(grew, Why::GrewBy { count: 3, of: None });
        assert_ne!(grew, Why::GrewBy { count: 4, of: None });
        assert_eq!(grew.args, [("count".into(), Arg::Count(3)), ("of".into(), Arg::None)]);
    }

    #[test]
    fn samples_have_every_variant_and_every_form_of_an_argument() {
        let all = Why::each();
        let counts: Vec<&Arg> = all
            .iter()
            .filter_map(|one| one.args.first())
            .map(|(_, arg)| arg)
            .collect();
        assert_eq!(counts, [&Arg::Count(1), &Arg::Count(2)]);
        assert_eq!(all.last().map(Phrase::key).as_deref(), Some("queue-is-empty"));
    }

    #[test]
    fn a_phrase_survives_its_journey_through_json() {
        for one in Why::each() {
            let text = serde_json::to_string(&one).expect("JSON");
            assert_eq!(serde_json::from_str::<Phrase>(&text).expect("a phrase"), one);
        }
    }

    #[test]
    fn clauses_are_one_phrase() {
        let empty = || Phrase::from(Why::IsEmpty);
        assert!(Phrase::clauses([]).is_empty());
        assert_eq!(Phrase::clauses([Phrase::default(), empty()]), empty());
        assert_eq!(Phrase::clauses([empty(), empty()]).key(), "phrase-clauses");
    }
}
