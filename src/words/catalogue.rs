//! The catalogue of one language.

use std::fmt;
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentError, FluentResource, FluentValue};
use unic_langid::langid;

use super::{Told, grouped};

/// The sentences of one language by their keys.
pub(super) struct Catalogue(FluentBundle<FluentResource>);

impl fmt::Debug for Catalogue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Catalogue").field(&self.0.locales).finish()
    }
}

macro_rules! texts {
    ($($room:literal)*) => { &[$(include_str!(concat!("en/", $room, ".ftl"))),*] };
}

/// A file a room.
pub(super) const ENGLISH: &[&str] = texts![
    "aws"
    "boxes"
    "check"
    "cli"
    "condition"
    "cures"
    "details"
    "dialogs"
    "dead_letters"
    "dlq"
    "dlq_said"
    "doctor"
    "edge"
    "file"
    "forecast"
    "health"
    "help"
    "hidden"
    "keys"
    "info"
    "journal"
    "logs"
    "logs_pane"
    "notice"
    "overview"
    "permissions"
    "redrive"
    "retries"
    "screen"
    "settings"
    "sifting"
    "target"
    "unread"
];

/// English.
pub(super) fn english() -> &'static Catalogue {
    static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
        let mut bundle = FluentBundle::new_concurrent(vec![langid!("en")]);
        // Marks of direction around what is filled in would count as cells, and never reach a terminal.
        bundle.set_use_isolating(false);
        bundle.set_formatter(Some(|value, _| match value {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "made from a u64")]
            FluentValue::Number(number) => Some(grouped(number.value as u64)),
            _ => None,
        }));
        for text in ENGLISH {
            // A test reads each file: what cannot be parsed is left out here.
            let resource = FluentResource::try_new((*text).to_owned()).unwrap_or_else(|(partial, _)| partial);
            bundle.add_resource_overriding(resource);
        }
        Catalogue(bundle)
    });
    &CATALOGUE
}

impl Catalogue {
    /// Whether there is a text for a key.
    pub(super) fn has(&self, key: &str) -> bool {
        self.0.has_message(key)
    }

    /// The attribute `hint` of a key.
    pub(super) fn hint(&self, key: &str) -> Option<String> {
        let hint = self.0.get_message(key)?.get_attribute("hint")?.value();
        Some(self.0.format_pattern(hint, None, &mut Vec::new()).into_owned())
    }

    /// The text of a key with its variables; the key itself if there is none.
    pub(super) fn fill<'a>(&self, key: &str, args: impl Iterator<Item = (&'a str, Told)>) -> String {
        self.try_fill(key, args).0
    }

    /// The same, with what is wrong with it.
    pub(super) fn try_fill<'a>(
        &self,
        key: &str,
        args: impl Iterator<Item = (&'a str, Told)>,
    ) -> (String, Vec<FluentError>) {
        let mut errors = Vec::new();
        let Some(pattern) = self.0.get_message(key).and_then(|message| message.value()) else {
            errors.push(FluentError::ResolverError(
                fluent_bundle::resolver::ResolverError::NoValue(key.to_owned()),
            ));
            return (key.to_owned(), errors);
        };
        let mut filled = FluentArgs::new();
        for (name, told) in args {
            filled.set(
                name.to_owned(),
                match told {
                    Told::Count(n) => FluentValue::from(n),
                    Told::Text(text) => FluentValue::from(text),
                },
            );
        }
        let text = self.0.format_pattern(pattern, Some(&filled), &mut errors);
        (text.into_owned(), errors)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_file_is_fluent_and_no_key_stands_twice() {
        let mut keys = BTreeSet::new();
        for text in ENGLISH {
            let resource = FluentResource::try_new((*text).to_owned());
            let resource = resource.map_err(|(_, errors)| errors).expect("Fluent");
            assert!(resource.entries().count() > 0);
            for line in text
                .lines()
                .filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()))
            {
                let key = line.split(' ').next().expect("a key");
                assert!(keys.insert(key), "{key} stands twice");
            }
        }
    }
}
