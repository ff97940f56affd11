//! The configuration file: one small TOML file in the XDG place. A wrong key is an error with its line.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy as _;
use serde::Deserialize;
use toml::Spanned;

/// What a user may choose once for all. Flags and environment variables win.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a table of settings")]
pub struct Config {
    /// The AWS profile.
    pub profile: Option<String>,
    /// The region.
    pub region: Option<String>,
    /// The theme's name.
    pub theme: Option<Spanned<String>>,
    /// `true`: no character outside ASCII is drawn.
    pub ascii: Option<bool>,
    /// `true`: times in UTC; else in local time.
    pub utc: Option<bool>,
    /// `false`: the mouse is the terminal's, so that text can be selected.
    pub mouse: Option<bool>,
    /// Names (glob patterns) that are never drawn.
    pub hidden: Vec<String>,
    /// What is looked at.
    pub scope: Scope,
    /// A file of key bindings laid over the default ones; `keys.toml` beside this file where none is named.
    pub keys: Option<PathBuf>,
    /// What is special about an account, by its number.
    pub accounts: BTreeMap<Spanned<String>, Account>,
    /// The file, for errors that are only found later.
    #[serde(skip)]
    source: Source,
}

/// A configuration file as it was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Source {
    path: String,
    text: String,
}

impl Source {
    fn wrong(&self, span: Option<Range<usize>>, why: impl Into<String>) -> ConfigError {
        let line = span.map_or(1, |span| {
            self.text[..span.start.min(self.text.len())].matches('\n').count() + 1
        });
        let path = self.path.clone();
        ConfigError::Wrong {
            path,
            line,
            why: why.into(),
        }
    }
}

/// What is looked at when no flag says it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a table such as { stack = \"orders\" }")]
pub struct Scope {
    /// A CloudFormation stack.
    pub stack: Option<String>,
    /// A tag: `key=value`.
    pub tag: Option<Spanned<String>>,
    /// Names (glob patterns).
    pub only: Vec<String>,
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
    #[error("The configuration file {path} could not be read ({why}): check --config.")]
    Unreadable {
        /// Which.
        path: String,
        /// Why.
        why: String,
    },
    /// It says something that is not understood.
    #[error("{path}:{line}: {why}.")]
    Wrong {
        /// Which.
        path: String,
        /// From 1.
        line: usize,
        /// What is wrong.
        why: String,
    },
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
        let source = Source {
            path: path.to_owned(),
            text: text.to_owned(),
        };
        let config: Self = toml::from_str(text)
            .map_err(|error| source.wrong(error.span(), error.message().trim().replace('\n', " ")))?;
        for number in config.accounts.keys() {
            let name = number.get_ref();
            if name.len() != 12 || !name.bytes().all(|byte| byte.is_ascii_digit()) {
                let why =
                    format!("{name:?} is no account number: write its twelve digits, as in [accounts.111122223333]");
                return Err(source.wrong(Some(number.span()), why));
            }
        }
        if let Some(tag) = &config.scope.tag {
            tag_parts(tag.get_ref()).map_err(|why| source.wrong(Some(tag.span()), why))?;
        }
        Ok(Self { source, ..config })
    }

    /// The theme that is chosen here.
    #[must_use]
    pub fn theme(&self) -> Option<&str> {
        self.theme.as_ref().map(|theme| theme.get_ref().as_str())
    }

    /// An error at the line where the theme is chosen.
    #[must_use]
    pub fn wrong_theme(&self, why: &str) -> ConfigError {
        self.source.wrong(self.theme.as_ref().map(Spanned::span), why)
    }

    /// What is said of an account.
    #[must_use]
    pub fn account(&self, number: &str) -> Account {
        let said = self.accounts.iter().find(|(known, _)| known.get_ref() == number);
        said.map(|(_, account)| account.clone()).unwrap_or_default()
    }
}

/// Key and value of a tag as it is written on the command line and in the file, `KEY=VALUE`; else what is wrong.
pub fn tag_parts(tag: &str) -> Result<(&str, &str), String> {
    tag.split_once('=')
        .filter(|(key, _)| !key.is_empty())
        .ok_or_else(|| format!("the tag {tag:?} is not KEY=VALUE, as in team=shop"))
}

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

/// Where what must not be lost is kept: the journals of what was put back.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_key_is_an_error_with_its_line() {
        let error = Config::parse("theme = \"dark\"\n\ncolour = 1\n", "c.toml")
            .expect_err("a wrong key")
            .to_string();
        assert!(error.starts_with("c.toml:3: unknown field `colour`"), "{error}");
        let error = Config::parse("[accounts.1]\nreadonly = true\n", "c.toml")
            .expect_err("a wrong key")
            .to_string();
        assert!(error.starts_with("c.toml:2: unknown field `readonly`"), "{error}");
    }

    #[test]
    fn a_value_that_cannot_be_meant_is_an_error_with_its_line() {
        let wrong = |text: &str| Config::parse(text, "c.toml").expect_err(text).to_string();
        let error = wrong("theme = \"dark\"\n[accounts.shop]\nread_only = true\n");
        assert!(error.starts_with("c.toml:2: \"shop\" is no account number"), "{error}");
        let error = wrong("[scope]\ntag = \"team\"\n");
        assert!(
            error.starts_with("c.toml:2: the tag \"team\" is not KEY=VALUE"),
            "{error}"
        );
        let error = wrong("[accounts]\n111122223333 = \"shop\"\n");
        assert!(error.contains("expected a table such as"), "{error}");
        let config = Config::parse("\n\ntheme = \"nope\"\n", "c.toml").expect("a name is a name");
        assert_eq!(
            config.wrong_theme("there is no such theme").to_string(),
            "c.toml:3: there is no such theme."
        );
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
