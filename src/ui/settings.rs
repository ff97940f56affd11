//! The settings of the screen.

use std::path::PathBuf;

use jiff::tz::TimeZone;

use crate::ui::text::commands::Aim;
use crate::words::Language;

/// The depth of colour of the terminal. The theme decides what each lower depth looks like, not the terminal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// No colours (`NO_COLOR`, or a terminal without any): modifiers and shapes only.
    Mono,
    /// 16 colours.
    Ansi,
    /// 256 colours.
    Indexed,
    /// 24-bit colours.
    #[default]
    True,
}

impl Depth {
    /// The depth by the environment: `NO_COLOR` (any value but the empty one), `COLORTERM`, `TERM`.
    #[must_use]
    pub fn from_env(var: impl Fn(&str) -> Option<String>) -> Self {
        Self::decided(var).0
    }

    /// The same, with the variable that decided.
    pub fn decided(var: impl Fn(&str) -> Option<String>) -> (Self, &'static str) {
        let set = |name: &str| var(name).filter(|value| !value.is_empty());
        if set("NO_COLOR").is_some() {
            return (Self::Mono, "NO_COLOR");
        }
        if set("COLORTERM").is_some_and(|value| value == "truecolor" || value == "24bit") {
            return (Self::True, "COLORTERM");
        }
        let depth = match set("TERM").unwrap_or_default().as_str() {
            "" | "dumb" => Self::Mono,
            term if term.contains("direct") => Self::True,
            term if term.contains("256") => Self::Indexed,
            _ => Self::Ansi,
        };
        (depth, "TERM")
    }

    /// Its name in `pitagora config`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mono => "none",
            Self::Ansi => "16",
            Self::Indexed => "256",
            Self::True => "24bit",
        }
    }
}

/// The charset of the terminal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Charset {
    /// Box drawing, blocks, arrows, λ.
    #[default]
    Utf8,
    /// ASCII.
    Ascii,
}

impl Charset {
    /// The charset by the environment: ASCII on `TERM=linux` and `dumb`, or if the locale is not UTF-8.
    #[must_use]
    pub fn from_env(var: impl Fn(&str) -> Option<String>) -> Self {
        Self::decided(var).0
    }

    /// The same, with the variable that decided; `None` if none is set.
    pub fn decided(var: impl Fn(&str) -> Option<String>) -> (Self, Option<&'static str>) {
        let set = |name: &str| var(name).filter(|value| !value.is_empty());
        if matches!(set("TERM").as_deref(), Some("linux" | "dumb")) {
            return (Self::Ascii, Some("TERM"));
        }
        let variables = ["LC_ALL", "LC_CTYPE", "LANG"];
        match variables.into_iter().find_map(|name| Some((name, set(name)?))) {
            Some((name, locale)) => {
                let locale = locale.to_ascii_lowercase();
                let is_utf8 = locale.contains("utf-8") || locale.contains("utf8");
                (if is_utf8 { Self::Utf8 } else { Self::Ascii }, Some(name))
            }
            // macOS and Windows terminals set none and speak UTF-8.
            None if cfg!(any(target_os = "macos", windows)) => (Self::Utf8, None),
            None => (Self::Ascii, None),
        }
    }
}

/// The time zone of the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Zone {
    /// The reader's zone.
    #[default]
    Local,
    /// UTC, as in AWS's logs.
    Utc,
}

/// The settings of the screen from the command line, configuration and environment.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The account's name in the header: its alias, a profile, or a scenario's title.
    pub title: Option<String>,
    /// The theme to start with.
    pub theme: String,
    /// The directory of the user's themes.
    pub themes_dir: Option<PathBuf>,
    /// The user's key bindings: the text, and the path that errors name.
    pub keys: Option<(String, PathBuf)>,
    /// The file of an asciinema recording of the screen.
    pub record: Option<PathBuf>,
    /// Whether a demonstration begins on a stage.
    pub presenter: bool,
    /// In which language it speaks.
    pub language: Language,
    /// The charset.
    pub charset: Charset,
    /// The depth of colour.
    pub depth: Depth,
    /// Whether the mouse is captured at the start.
    pub mouse: bool,
    /// Whether nothing may be changed in the account.
    pub read_only: bool,
    /// The zone to start with.
    pub zone: Zone,
    /// The local time zone.
    pub local: TimeZone,
    /// Globs of names that are not drawn.
    pub hidden: Vec<String>,
    /// The scope of `--stack`, `--tag` and `--only` in words.
    pub scope: Vec<String>,
    /// The directory of panic reports.
    pub reports: PathBuf,
    /// The target of commands for the AWS CLI; `None` if the account exists only within this program.
    pub aim: Option<Aim>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            title: None,
            theme: "dark".to_owned(),
            themes_dir: None,
            keys: None,
            record: None,
            presenter: false,
            language: Language::English,
            charset: Charset::Utf8,
            depth: Depth::True,
            mouse: true,
            read_only: false,
            zone: Zone::Local,
            local: TimeZone::UTC,
            hidden: Vec::new(),
            scope: Vec::new(),
            reports: std::env::temp_dir(),
            aim: Some(Aim::default()),
        }
    }
}

impl Settings {
    /// The defaults with colours, charset and time zone from the environment.
    #[must_use]
    pub fn from_env() -> Self {
        let var = |name: &str| std::env::var(name).ok();
        Self {
            charset: Charset::from_env(var),
            depth: Depth::from_env(var),
            local: TimeZone::system(),
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(pairs: &'static [(&str, &str)]) -> impl Fn(&str) -> Option<String> {
        |name| {
            pairs
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        }
    }

    #[test]
    fn colours_follow_the_environment() {
        assert_eq!(
            Depth::from_env(env(&[("COLORTERM", "truecolor"), ("NO_COLOR", "1")])),
            Depth::Mono
        );
        assert_eq!(
            Depth::from_env(env(&[("COLORTERM", "truecolor"), ("NO_COLOR", "")])),
            Depth::True
        );
        assert_eq!(Depth::from_env(env(&[("TERM", "xterm-256color")])), Depth::Indexed);
        assert_eq!(Depth::from_env(env(&[("TERM", "linux")])), Depth::Ansi);
        assert_eq!(Depth::from_env(env(&[("TERM", "dumb")])), Depth::Mono);
    }

    #[test]
    fn characters_follow_the_locale_and_the_terminal() {
        assert_eq!(Charset::from_env(env(&[("LANG", "ja_JP.UTF-8")])), Charset::Utf8);
        assert_eq!(
            Charset::from_env(env(&[("LANG", "ja_JP.UTF-8"), ("LC_ALL", "C")])),
            Charset::Ascii
        );
        assert_eq!(
            Charset::from_env(env(&[("LANG", "C.utf8"), ("TERM", "linux")])),
            Charset::Ascii
        );
    }
}
