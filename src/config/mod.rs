//! The configuration file: one small TOML file in the XDG place. A wrong key is an error with its line.

mod bytes;
pub mod origin;
pub mod private;
pub mod source;
pub mod wrong;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy as _;
use serde::Deserialize;
use toml::Spanned;

use origin::Origin;
use source::{Source, SourceError};
use wrong::Wrong;

/// What a user may choose once for all. Flags and environment variables win.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a table of settings")]
pub struct Config {
    /// The AWS profile.
    pub profile: Option<Spanned<String>>,
    /// The region.
    pub region: Option<Spanned<String>>,
    /// The theme's name.
    pub theme: Option<Spanned<String>>,
    /// `true`: no character outside ASCII is drawn.
    pub ascii: Option<bool>,
    /// `true`: times in UTC; else in local time.
    pub utc: Option<bool>,
    /// `false`: the mouse is the terminal's, so that text can be selected.
    pub mouse: Option<bool>,
    /// Names (glob patterns) that are never drawn.
    pub hidden: Vec<Spanned<String>>,
    /// The part of the account to show.
    pub scope: Scope,
    /// A file of key bindings laid over the default ones; `keys.toml` beside this file where none is named.
    pub keys: Option<Spanned<PathBuf>>,
    /// What is special about an account, by its number.
    pub accounts: BTreeMap<Spanned<String>, Account>,
    /// What may be kept in memory.
    pub memory: Memory,
    /// The file, for errors that are only found later.
    #[serde(skip)]
    source: Source,
}

/// The part of the account to show by default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a table such as { stack = \"orders\" }")]
pub struct Scope {
    /// A `CloudFormation` stack.
    pub stack: Option<Spanned<String>>,
    /// A tag: `key=value`.
    pub tag: Option<Spanned<String>>,
    /// Names (glob patterns).
    pub only: Vec<Spanned<String>>,
}

/// What may be kept in memory.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a table such as { logs = \"128MiB\" }")]
pub struct Memory {
    /// Log lines, with what is kept of each beside its text: `64MiB`.
    pub logs: Option<Spanned<String>>,
}

/// What is special about an account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(
    deny_unknown_fields,
    default,
    expecting = "a table such as { name = \"shop\", read_only = true }"
)]
pub struct Account {
    /// What it is called on screen.
    pub name: Option<String>,
    /// Whether acts must be confirmed by typing a name.
    pub production: bool,
    /// Whether nothing may be written.
    pub read_only: bool,
}

/// Why a file cannot be used, in one sentence.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// It cannot be read.
    #[error("Could not read the configuration file {path} ({why}): check --config.")]
    Unreadable {
        /// Which.
        path: String,
        /// Why.
        why: String,
    },
    /// It says something that is not understood.
    #[error("{0}.")]
    SourceError(#[from] SourceError),
}

impl Config {
    /// Reads the file that is named, or the one in its usual place if there is one.
    pub fn load(named: Option<&Path>) -> Result<Self, ConfigError> {
        let path = match named {
            Some(path) => path.to_owned(),
            None => match usual_place() {
                Some(path) if path.exists() => path,
                _ => return Ok(Self::default()),
            },
        };
        let text = std::fs::read_to_string(&path).map_err(|error| ConfigError::Unreadable {
            path: path.display().to_string(),
            why: error.to_string(),
        })?;
        Self::parse(&text, &path.display().to_string())
    }

    /// Reads a text; `path` is for the error.
    pub fn parse(text: &str, path: &str) -> Result<Self, ConfigError> {
        let source = Source::new(path, text);
        let config: Self = toml::from_str(text).map_err(|error| source.unreadable(&error))?;
        for number in config.accounts.keys() {
            let name = number.get_ref();
            if name.len() != 12 || !name.bytes().all(|byte| byte.is_ascii_digit()) {
                let why = Wrong::Account { name: name.clone() };
                return Err(source.wrong(Some(number.span()), why).into());
            }
        }
        if let Some(tag) = &config.scope.tag {
            tag_parts(tag.get_ref()).map_err(|why| source.wrong(Some(tag.span()), said(why)))?;
        }
        if let Some(logs) = &config.memory.logs {
            bytes::parse(logs.get_ref()).map_err(|why| source.wrong(Some(logs.span()), said(why)))?;
        }
        let named = [
            ("profile", &config.profile),
            ("region", &config.region),
            ("stack", &config.scope.stack),
        ];
        for (key, value) in named {
            if let Some(value) = value.as_ref().filter(|value| value.get_ref().trim().is_empty()) {
                let why = Wrong::Empty { key };
                return Err(source.wrong(Some(value.span()), why).into());
            }
        }
        for pattern in config.hidden.iter().chain(&config.scope.only) {
            if let Err(error) = globset::Glob::new(pattern.get_ref()) {
                let why = Wrong::Pattern {
                    pattern: pattern.get_ref().clone(),
                    why: error.kind().to_string(),
                };
                return Err(source.wrong(Some(pattern.span()), why).into());
            }
        }
        Ok(Self { source, ..config })
    }

    /// Where a setting stands in the file, by its keys: `["scope", "stack"]`. `None` if the file does not have it.
    #[must_use]
    pub fn origin(&self, keys: &[&str]) -> Option<Origin> {
        let line = self.source.line_of(keys)?;
        Some(Origin::File {
            path: self.source.path.clone(),
            line: line as u64,
        })
    }

    /// The theme that is chosen here.
    #[must_use]
    pub fn theme(&self) -> Option<&str> {
        self.theme.as_ref().map(|theme| theme.get_ref().as_str())
    }

    /// The profile that is chosen here.
    #[must_use]
    pub fn profile(&self) -> Option<&str> {
        self.profile.as_ref().map(|profile| profile.get_ref().as_str())
    }

    /// The region that is chosen here.
    #[must_use]
    pub fn region(&self) -> Option<&str> {
        self.region.as_ref().map(|region| region.get_ref().as_str())
    }

    /// Bytes of log lines that may be held.
    #[must_use]
    pub fn lines(&self) -> usize {
        let said = self.memory.logs.as_ref();
        said.and_then(|said| bytes::parse(said.get_ref()).ok())
            .unwrap_or(crate::store::logs::MOST_BYTES)
    }

    /// The patterns of names that are not drawn.
    #[must_use]
    pub fn hidden(&self) -> Vec<String> {
        self.hidden.iter().map(|pattern| pattern.get_ref().clone()).collect()
    }

    /// The file of key bindings that is named here: beside this file, unless its path is whole.
    #[must_use]
    pub fn keys(&self) -> Option<PathBuf> {
        let named = self.keys.as_ref()?.get_ref();
        let folder = Path::new(&self.source.path).parent().unwrap_or(Path::new(""));
        Some(folder.join(named))
    }

    /// An error at the line where the profile is chosen.
    #[must_use]
    pub fn wrong_profile(&self, why: Wrong) -> ConfigError {
        self.source.wrong(self.profile.as_ref().map(Spanned::span), why).into()
    }

    /// An error at the line where the key bindings are named.
    #[must_use]
    pub fn wrong_keys(&self, why: Wrong) -> ConfigError {
        self.source.wrong(self.keys.as_ref().map(Spanned::span), why).into()
    }

    /// An error at the line where the theme is chosen.
    #[must_use]
    pub fn wrong_theme(&self, why: Wrong) -> ConfigError {
        self.source.wrong(self.theme.as_ref().map(Spanned::span), why).into()
    }

    /// The settings of an account.
    #[must_use]
    pub fn account(&self, number: &str) -> Account {
        let said = self.accounts.iter().find(|(known, _)| known.get_ref() == number);
        said.map(|(_, account)| account.clone()).unwrap_or_default()
    }
}

impl Scope {
    /// The stack that is chosen here.
    #[must_use]
    pub fn stack(&self) -> Option<&str> {
        self.stack.as_ref().map(|stack| stack.get_ref().as_str())
    }

    /// The tag that is chosen here.
    #[must_use]
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_ref().map(|tag| tag.get_ref().as_str())
    }

    /// The patterns that are given here.
    #[must_use]
    pub fn only(&self) -> Vec<String> {
        self.only.iter().map(|pattern| pattern.get_ref().clone()).collect()
    }
}

/// Key and value of a tag as it is written on the command line and in the file, `KEY=VALUE`; else what is wrong.
pub fn tag_parts(tag: &str) -> Result<(&str, &str), InvalidTag> {
    tag.split_once('=')
        .filter(|(key, _)| !key.is_empty())
        .ok_or_else(|| InvalidTag(tag.to_owned()))
}

/// A tag without a key or a value. Prints as a sentence without its stop.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("invalid tag {0:?}: expected KEY=VALUE, such as team=shop")]
pub struct InvalidTag(String);

/// `~/.config/pitagora/config.toml`, or its XDG place.
#[must_use]
pub fn usual_place() -> Option<PathBuf> {
    Some(
        etcetera::choose_base_strategy()
            .ok()?
            .config_dir()
            .join("pitagora")
            .join("config.toml"),
    )
}

/// Key bindings of one's own, where none are named.
#[must_use]
pub fn keys_file() -> Option<PathBuf> {
    Some(
        etcetera::choose_base_strategy()
            .ok()?
            .config_dir()
            .join("pitagora")
            .join("keys.toml"),
    )
}

/// Where themes of one's own lie.
#[must_use]
pub fn theme_dir() -> Option<PathBuf> {
    Some(
        etcetera::choose_base_strategy()
            .ok()?
            .config_dir()
            .join("pitagora")
            .join("themes"),
    )
}

/// Where what can be made anew is kept.
#[must_use]
pub fn cache_dir() -> Option<PathBuf> {
    Some(etcetera::choose_base_strategy().ok()?.cache_dir().join("pitagora"))
}

/// Where what must not be lost is kept: the journals of what was redriven.
#[must_use]
pub fn data_dir() -> Option<PathBuf> {
    Some(etcetera::choose_base_strategy().ok()?.data_dir().join("pitagora"))
}

/// Where reports and logs of the program itself are kept.
#[must_use]
pub fn state_dir() -> Option<PathBuf> {
    let strategy = etcetera::choose_base_strategy().ok()?;
    Some(
        strategy
            .state_dir()
            .unwrap_or_else(|| strategy.data_dir())
            .join("pitagora"),
    )
}

/// An error in its own words.
fn said(error: impl std::fmt::Display) -> Wrong {
    let why = error.to_string();
    Wrong::Said { why }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_key_is_an_error_with_its_line() {
        let error = Config::parse("theme = \"dark\"\n\ncolour = 1\n", "c.toml")
            .expect_err("a wrong key")
            .to_string();
        assert!(
            error.starts_with("c.toml:3: unknown key \"colour\": expected one of profile, region"),
            "{error}"
        );
        let error = Config::parse("them = \"dark\"\n", "c.toml")
            .expect_err("a wrong key")
            .to_string();
        assert_eq!(error, "c.toml:1: unknown key \"them\": the nearest is \"theme\".");
        let error = Config::parse("[accounts.1]\nreadonly = true\n", "c.toml")
            .expect_err("a wrong key")
            .to_string();
        assert!(
            error.starts_with("c.toml:2: unknown key \"readonly\": the nearest is \"read_only\""),
            "{error}"
        );
    }

    #[test]
    fn a_value_that_cannot_be_meant_is_an_error_with_its_line() {
        let wrong = |text: &str| Config::parse(text, "c.toml").expect_err(text).to_string();
        let error = wrong("theme = \"dark\"\n[accounts.shop]\nread_only = true\n");
        assert!(error.starts_with("c.toml:2: invalid account ID \"shop\""), "{error}");
        let error = wrong("[scope]\ntag = \"team\"\n");
        assert!(
            error.starts_with("c.toml:2: invalid tag \"team\": expected KEY=VALUE"),
            "{error}"
        );
        for (text, why) in [
            (
                "utc = true\nhidden = [\"ok\",\n\"a[\"]\n",
                "c.toml:3: invalid pattern \"a[\"",
            ),
            ("[scope]\nonly = [\"{\"]\n", "c.toml:2: invalid pattern \"{\""),
            ("\nregion = \"\"\n", "c.toml:2: `region` is empty"),
            ("profile = \" \"\n", "c.toml:1: `profile` is empty"),
            ("[scope]\n\nstack = \"\"\n", "c.toml:3: `stack` is empty"),
            ("\nkeys = 7\n", "c.toml:2: invalid type"),
            (
                "\nhidden = \"x\"\n",
                "c.toml:2: invalid type: string \"x\", expected a list such as [\"a\", \"b\"]",
            ),
            (
                "[accounts.111122223333]\n\nproduction = \"yes\"\n",
                "c.toml:3: invalid type",
            ),
        ] {
            let error = wrong(text);
            assert!(error.starts_with(why), "{error}");
        }
        let error = wrong("[accounts]\n111122223333 = \"shop\"\n");
        assert!(error.contains("expected a table such as"), "{error}");
        let config = Config::parse("\n\ntheme = \"nope\"\n", "c.toml").expect("a name is a name");
        assert_eq!(
            config.wrong_theme(Wrong::OwnParent { name: "nope".into() }).to_string(),
            "c.toml:3: \"nope\" inherits from itself."
        );
    }

    #[test]
    fn keys_lie_beside_the_file_that_names_them() {
        let config = Config::parse("utc = true\nkeys = \"mine.toml\"\n", "/etc/pitagora/c.toml").expect("a file");
        assert_eq!(config.keys(), Some(PathBuf::from("/etc/pitagora/mine.toml")));
        assert_eq!(
            config.wrong_keys(Wrong::NotAnEntry).to_string(),
            "/etc/pitagora/c.toml:2: a key is an entry with on = [\"x\"] and run = \"quit\"."
        );
        let config = Config::parse("keys = \"/k.toml\"\n", "c.toml").expect("a file");
        assert_eq!(config.keys(), Some(PathBuf::from("/k.toml")));
    }

    #[test]
    fn everything_reads() {
        let text = r#"
            profile = "dev"
            region = "eu-west-1"
            theme = "light"
            ascii = true
            utc = true
            mouse = false
            keys = "keys.toml"
            hidden = ["*-canary"]
            [scope]
            only = ["orders-*"]
            [accounts.111122223333]
            name = "shop"
            production = true
            read_only = true
        "#;
        let config = Config::parse(text, "c.toml").expect("a configuration");
        assert_eq!(config.account("111122223333").name.as_deref(), Some("shop"));
        assert!(!config.account("0").read_only);
    }
}
