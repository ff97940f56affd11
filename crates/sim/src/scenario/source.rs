//! Where in a scenario's text a mistake stands.

use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Error;
use super::wording::reword;

/// A mistake in one part of a scenario.
#[derive(Debug)]
pub(super) struct Mistake {
    place: Place,
    why: String,
}

/// What of the part is wrong.
#[derive(Debug)]
enum Place {
    /// The value of this key.
    Key(&'static str),
    /// This text, with or without the kind before it.
    Text(String),
}

impl Mistake {
    /// The value of a key is wrong.
    pub(super) fn key(key: &'static str, why: impl Into<String>) -> Self {
        Self {
            place: Place::Key(key),
            why: why.into(),
        }
    }

    /// A text is wrong.
    pub(super) fn text(text: &str, why: impl Into<String>) -> Self {
        Self {
            place: Place::Text(text.to_owned()),
            why: why.into(),
        }
    }
}

/// The text of a scenario. It is read again where a mistake is found: only then anybody asks for lines.
#[derive(Clone, Debug, Default)]
pub(super) struct Source(Arc<str>);

impl Source {
    pub(super) fn new(text: &str) -> Self {
        Self(text.into())
    }

    fn wrong(&self, span: Option<Range<usize>>, why: String) -> Error {
        let line = span.map_or(1, |span| {
            self.0[..span.start.min(self.0.len())].matches('\n').count() + 1
        });
        Error { line, why }
    }

    /// What the TOML reader refused.
    pub(super) fn unreadable(&self, error: &toml::de::Error) -> Error {
        self.wrong(error.span(), reword(error.message()))
    }

    /// The value of a key at the top is wrong.
    pub(super) fn at_top(&self, key: &str, why: impl Into<String>) -> Error {
        let root = DeTable::parse(&self.0).ok();
        let span = root.and_then(|root| Some(root.get_ref().get_key_value(key)?.0.span()));
        self.wrong(span, why.into())
    }

    /// The `n`-th part of a kind is wrong. They are counted as they are there: first those at the top, then the repeated
    /// ones, round by round.
    pub(super) fn in_part(&self, kind: &str, n: usize, mistake: Mistake) -> Error {
        let root = DeTable::parse(&self.0).ok();
        let span = root.and_then(|root| {
            let (part, round) = nth(root.get_ref(), kind, n)?;
            Some(find(part, round, &mistake.place).unwrap_or_else(|| part.span()))
        });
        self.wrong(span, mistake.why)
    }
}

type Part<'a, 'i> = &'a Spanned<DeValue<'i>>;

/// The `n`-th part of a kind, and which round of its repetition it is.
fn nth<'a, 'i>(root: &'a DeTable<'i>, kind: &str, n: usize) -> Option<(Part<'a, 'i>, u32)> {
    let parts = |table: &'a DeTable<'i>, kind: &str| {
        let list = table.get(kind).and_then(|value| value.get_ref().as_array());
        list.into_iter().flat_map(|list| list.iter())
    };
    let own = parts(root, kind).map(|part| (part, 0));
    let tables = parts(root, "repeat").filter_map(|repeat| repeat.get_ref().as_table());
    let repeated = tables.flat_map(|table| {
        let times = table.get("times").and_then(|times| times.get_ref().as_integer());
        let times = times.and_then(|times| times.as_str().parse().ok()).unwrap_or(0);
        (1..=times).flat_map(move |round| parts(table, kind).map(move |part| (part, round)))
    });
    own.chain(repeated).nth(n)
}

/// Where a key or a text first stands in a part.
fn find(part: Part, round: u32, place: &Place) -> Option<Range<usize>> {
    match part.get_ref() {
        DeValue::String(text) => {
            let Place::Text(named) = place else { return None };
            let text = text.replace("{i}", &round.to_string());
            let bare = named.split_once(':').map_or(named.as_str(), |(_, name)| name);
            (text == *named || text == bare).then(|| part.span())
        }
        DeValue::Array(list) => list.iter().find_map(|value| find(value, round, place)),
        DeValue::Table(table) => {
            let found = table.iter().filter_map(|(key, value)| match place {
                Place::Key(name) if key.get_ref() == name => Some(key.span()),
                _ => find(value, round, place),
            });
            // A table does not keep the order in which it was written.
            found.min_by_key(|span| span.start)
        }
        _ => None,
    }
}
