//! What the screen is told before it starts.

use std::path::PathBuf;

use jiff::tz::TimeZone;

use crate::ui::text::commands::Aim;

/// How many colours the terminal has. Each step down is chosen on purpose by the theme, not left to the terminal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// `NO_COLOR`, or a terminal without any: modifiers and shapes carry everything.
    Mono,
    /// The sixteen of ANSI.
    Ansi,
    /// The 256 of xterm.
    Indexed,
    /// 24 bits.
    #[default]
    True,
}

impl Depth {
    /// What the environment says: `NO_COLOR` (any value but the empty one), `COLORTERM`, `TERM`.
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

/// Which characters the terminal can show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Charset {
    /// Box drawing, blocks, arrows, λ.
    #[default]
    Utf8,
    /// What every terminal has.
    Ascii,
}

impl Charset {
    /// What the environment says: ASCII on `TERM=linux` and `dumb`, or where the locale is not UTF-8.
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

/// Whose time the screen tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Zone {
    /// The reader's.
    #[default]
    Local,
    /// The one in AWS's logs.
    Utc,
}

/// Everything that the command line and the configuration file decide about the screen.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What the header calls the account: its alias, a profile's name, a scenario's title.
    pub title: Option<String>,
    /// The theme to start with.
    pub theme: String,
    /// Where the user's own themes lie.
    pub themes_dir: Option<PathBuf>,
    /// The user's key bindings: the text, and the path that errors name.
    pub keys: Option<(String, PathBuf)>,
    /// Which characters.
    pub charset: Charset,
    /// How many colours.
    pub depth: Depth,
    /// Whether the mouse is taken from the start.
    pub mouse: bool,
    /// Whether nothing may be changed in the account.
    pub read_only: bool,
    /// Which time to start with.
    pub zone: Zone,
    /// What "local" means.
    pub local: TimeZone,
    /// Globs of names that are not drawn.
    pub hidden: Vec<String>,
    /// What was asked for with `--stack`, `--tag` and `--only`, in words.
    pub scope: Vec<String>,
    /// Where the report of a panic is written.
    pub reports: PathBuf,
    /// Whom commands for the AWS CLI aim at; nothing where the account lives in this program alone.
    pub aim: Option<Aim>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            title: None,
            theme: "dark".to_owned(),
            themes_dir: None,
            keys: None,
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
    /// With colours, characters and time zone as the environment says.
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
