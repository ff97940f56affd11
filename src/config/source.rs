//! A file that a person wrote, and where in it something is wrong: `FILE:LINE: why`, the same for settings, themes and keys.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

use super::wrong::{Hint, Wrong};
use crate::words::Words;

/// A file as it was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// Where it is, as errors name it.
    pub path: String,
    /// What it says.
    pub text: String,
}

/// What is wrong in a file, and where. Without a full stop: it may be a part of a sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}:{line}: {}", Words::utc().say(&why.clone().into()))]
pub struct SourceError {
    /// The file.
    pub path: String,
    /// Counted from one.
    pub line: usize,
    /// What is wrong with it.
    pub why: Wrong,
}

impl Source {
    /// A file and what it says.
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            text: text.into(),
        }
    }

    /// The line of a byte, counted from one.
    #[must_use]
    pub fn line(&self, at: usize) -> usize {
        self.text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
    }

    /// The line in which a key stands, found by the keys of the tables around it. `None` if it is not there.
    #[must_use]
    pub fn line_of(&self, keys: &[&str]) -> Option<usize> {
        let (last, around) = keys.split_last()?;
        let root = DeTable::parse(&self.text).ok()?;
        let mut table = root.get_ref();
        for key in around {
            table = table
                .get(*key)
                .map(toml::Spanned::get_ref)
                .and_then(DeValue::as_table)?;
        }
        let (key, _) = table.get_key_value(*last)?;
        Some(self.line(key.span().start))
    }

    /// What is wrong at a place; without one, in the file as a whole.
    pub fn wrong(&self, at: Option<Range<usize>>, why: Wrong) -> SourceError {
        SourceError {
            path: self.path.clone(),
            line: self.line(at.map_or(0, |at| at.start)),
            why,
        }
    }

    /// What the reader of TOML found wrong. It speaks of types as programs do.
    #[must_use]
    pub fn unreadable(&self, error: &toml::de::Error) -> SourceError {
        let mut why = error.message().trim().replace('\n', " ");
        if let Some((word, known)) = unknown_word(&why) {
            let (key, hint) = (word.to_owned(), Hint::of(word, &known));
            return self.wrong(error.span(), Wrong::UnknownKey { key, hint });
        }
        for (theirs, ours) in [
            ("a sequence", "a list such as [\"a\", \"b\"]"),
            ("path string", "the path of a file"),
            ("a boolean", "true or false"),
        ] {
            why = why.replace(&format!("expected {theirs}"), &format!("expected {ours}"));
        }
        self.wrong(error.span(), Wrong::Said { why })
    }
}

/// The key that the reader of TOML does not know, and those that it would.
fn unknown_word(message: &str) -> Option<(&str, Vec<&str>)> {
    let (word, rest) = message.strip_prefix("unknown field `")?.split_once('`')?;
    let known = rest.split('`').skip(1).step_by(2).collect();
    Some((word, known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_line_of_the_file() {
        let source = Source::new("c.toml", "one\ntwo\n\nfour");
        assert_eq!(source.wrong(None, Wrong::KeyNotText).line, 1);
        assert_eq!(source.wrong(Some(4..5), Wrong::KeyNotText).line, 2);
        assert_eq!(source.wrong(Some(9..10), Wrong::KeyNotText).line, 4);
        assert_eq!(source.line(1_000), 4, "beyond its end");
    }

    #[test]
    fn a_key_has_its_line() {
        let source = Source::new("c.toml", "one = 1\n[a]\n\nb.c = 2\nd = { e = 3 }\n");
        for (keys, line) in [
            (&["one"][..], Some(1)),
            (&["a", "b", "c"], Some(4)),
            (&["a", "d", "e"], Some(5)),
            (&["a", "b", "x"], None),
            (&["one", "x"], None),
        ] {
            assert_eq!(source.line_of(keys), line, "{keys:?}");
        }
    }

    #[test]
    fn an_unknown_key_is_told_with_those_that_are() {
        let message = "unknown field `colour`, expected one of `theme`, `utc`";
        assert_eq!(unknown_word(message), Some(("colour", vec!["theme", "utc"])));
        let message = "unknown field `x`, expected `logs`";
        assert_eq!(unknown_word(message), Some(("x", vec!["logs"])));
        assert_eq!(unknown_word("invalid type: integer `7`, expected a string"), None);
    }
}
