//! Texts that are said to people, in one language or two.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// A text in English, and in Japanese where it was written. In a scenario file: `"…"`, or `{ en = "…", ja = "…" }`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    /// English.
    pub en: String,
    /// Japanese.
    pub ja: Option<String>,
}

impl Text {
    /// In a language by its name: `ja` where that was written, else English.
    #[must_use]
    pub fn said_in(&self, language: &str) -> &str {
        match &self.ja {
            Some(ja) if language == "ja" => ja,
            _ => &self.en,
        }
    }

    /// Whether nothing is said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.en.is_empty()
    }
}

impl From<&str> for Text {
    fn from(en: &str) -> Self {
        Self {
            en: en.to_owned(),
            ja: None,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Both {
    en: String,
    ja: Option<String>,
}

struct Read;

impl<'de> Visitor<'de> for Read {
    type Value = Text;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a string, or a table such as { en = \"…\", ja = \"…\" }")
    }

    fn visit_str<E>(self, text: &str) -> Result<Text, E> {
        Ok(text.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Text, A::Error> {
        let Both { en, ja } = Both::deserialize(MapAccessDeserializer::new(map))?;
        Ok(Text { en, ja })
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Said {
        text: Text,
    }

    fn read(text: &str) -> Result<Text, String> {
        let said: Result<Said, _> = toml::from_str(text);
        said.map(|said| said.text).map_err(|error| error.message().to_owned())
    }

    #[test]
    fn a_plain_text_is_english() {
        assert_eq!(read("text = \"An order\""), Ok("An order".into()));
        let both = read("text = { en = \"An order\", ja = \"注文\" }").expect("both");
        assert_eq!((both.en.as_str(), both.ja.as_deref()), ("An order", Some("注文")));
        assert_eq!((both.said_in("ja"), both.said_in("en")), ("注文", "An order"));
        assert_eq!(Text::from("An order").said_in("ja"), "An order");
        assert!(read("text = { ja = \"注文\" }").is_err_and(|why| why.contains("`en`")));
        assert!(read("text = { en = \"a\", jp = \"注文\" }").is_err_and(|why| why.contains("`jp`")));
        assert!(read("text = 5").is_err_and(|why| why.contains("a string, or a table")));
    }
}
