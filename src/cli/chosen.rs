//! Which of flag, environment and configuration file decides on a setting: said once, for the connection, the screen and
//! `pitagora config`.

use super::Globals;
use crate::config::Config;
use crate::config::origin::{Chosen, Origin};
use crate::ui::{Charset, Settings, Zone};
use crate::words::Language;

/// The environment. A variable that is set to nothing is `Some("")`.
pub(super) type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The environment of this process.
pub(super) fn environment(name: &str) -> Option<String> {
    std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
}

/// A value of the configuration file, if it has one.
fn in_file<T>(config: &Config, keys: &[&str], value: Option<T>) -> Option<Chosen<T>> {
    Some(Chosen::new(value?, config.origin(keys).unwrap_or(Origin::Default)))
}

fn some<T>(chosen: Chosen<T>) -> Chosen<Option<T>> {
    Chosen::new(Some(chosen.value), chosen.origin)
}

fn flag(value: Option<&String>, flag: &str) -> Option<Chosen<Option<String>>> {
    Some(Chosen::new(Some(value?.clone()), Origin::flag(flag)))
}

/// A variable that is set, to whatever.
fn variable(name: &str, env: Environment) -> Option<Chosen<Option<String>>> {
    let value = env(name)?;
    Some(Chosen::new(
        Some(value).filter(|value| !value.is_empty()),
        Origin::environment(name),
    ))
}

/// The AWS profile. Keys in the environment go before a profile that nobody named with `--profile`.
pub(super) fn profile(globals: &Globals, config: &Config, env: Environment) -> Chosen<Option<String>> {
    let keys = || variable("AWS_ACCESS_KEY_ID", env).map(|keys| Chosen::new(None, keys.origin));
    let full = |chosen: &Chosen<_>| env_value(&chosen.origin, env).is_some_and(|value| !value.is_empty());
    flag(globals.profile.as_ref(), "--profile")
        .or_else(|| keys().filter(full))
        .or_else(|| variable("AWS_PROFILE", env))
        .or_else(keys)
        .or_else(|| in_file(config, &["profile"], config.profile().map(str::to_owned)).map(some))
        .unwrap_or(Chosen::new(None, Origin::Sdk))
}

fn env_value(origin: &Origin, env: Environment) -> Option<String> {
    match origin {
        Origin::Environment { variable } => env(variable),
        _ => None,
    }
}

/// The region.
pub(super) fn region(globals: &Globals, config: &Config, env: Environment) -> Chosen<Option<String>> {
    flag(globals.region.as_ref(), "--region")
        .or_else(|| variable("AWS_REGION", env))
        .or_else(|| in_file(config, &["region"], config.region().map(str::to_owned)).map(some))
        .or_else(|| variable("AWS_DEFAULT_REGION", env))
        .unwrap_or(Chosen::new(None, Origin::Sdk))
}

/// Where calls go in place of AWS.
pub(super) fn endpoint(globals: &Globals, env: Environment) -> Chosen<Option<String>> {
    flag(globals.endpoint_url.as_ref(), "--endpoint-url")
        .or_else(|| variable("AWS_ENDPOINT_URL", env).filter(|chosen| chosen.value.is_some()))
        .unwrap_or(Chosen::new(None, Origin::Sdk))
}

/// The stack whose resources are looked at.
pub(super) fn stack(globals: &Globals, config: &Config) -> Chosen<Option<String>> {
    flag(globals.stack.as_ref(), "--stack")
        .or_else(|| in_file(config, &["scope", "stack"], config.scope.stack().map(str::to_owned)).map(some))
        .unwrap_or(Chosen::new(None, Origin::Default))
}

/// The tag of what is looked at, `KEY=VALUE`.
pub(super) fn tag(globals: &Globals, config: &Config) -> Chosen<Option<String>> {
    flag(globals.tag.as_ref(), "--tag")
        .or_else(|| in_file(config, &["scope", "tag"], config.scope.tag().map(str::to_owned)).map(some))
        .unwrap_or(Chosen::new(None, Origin::Default))
}

/// The names that are looked at, as patterns; none: all.
pub(super) fn only(globals: &Globals, config: &Config) -> Chosen<Vec<String>> {
    if !globals.only.is_empty() {
        return Chosen::new(globals.only.clone(), Origin::flag("--only"));
    }
    let only = Some(config.scope.only()).filter(|only| !only.is_empty());
    in_file(config, &["scope", "only"], only).unwrap_or(Chosen::new(Vec::new(), Origin::Default))
}

/// The theme's name.
pub(super) fn theme(globals: &Globals, config: &Config) -> Chosen<String> {
    if let Some(theme) = &globals.theme {
        return Chosen::new(theme.clone(), Origin::flag("--theme"));
    }
    let theme = config.theme().map(str::to_owned);
    in_file(config, &["theme"], theme).unwrap_or_else(|| Chosen::new(Settings::default().theme, Origin::Default))
}

/// In which language the screen speaks: one that needs other characters than ASCII only where they are drawn.
pub(super) fn language(globals: &Globals, config: &Config, env: Environment) -> Chosen<Language> {
    if let Some(language) = globals.lang {
        return Chosen::new(language, Origin::flag("--lang"));
    }
    in_file(config, &["lang"], config.language()).unwrap_or_else(|| {
        let (language, variable) = Language::decided(env);
        let origin = variable.map_or(Origin::Default, Origin::environment);
        match charset(config, env).value {
            Charset::Utf8 => Chosen::new(language, origin),
            Charset::Ascii => Chosen::new(Language::English, origin),
        }
    })
}

/// Which characters are drawn. The file can take away what the terminal can show, and add nothing to it.
pub(super) fn charset(config: &Config, env: Environment) -> Chosen<Charset> {
    let ascii = config.ascii.filter(|ascii| *ascii).map(|_| Charset::Ascii);
    in_file(config, &["ascii"], ascii).unwrap_or_else(|| {
        let (charset, variable) = Charset::decided(env);
        Chosen::new(charset, variable.map_or(Origin::Default, Origin::environment))
    })
}

/// Whether the mouse is taken from the start.
pub(super) fn mouse(config: &Config) -> Chosen<bool> {
    in_file(config, &["mouse"], config.mouse).unwrap_or_else(|| Chosen::new(Settings::default().mouse, Origin::Default))
}

/// Whose time is told.
pub(super) fn zone(config: &Config) -> Chosen<Zone> {
    let zone = config.utc.map(|utc| if utc { Zone::Utc } else { Zone::Local });
    in_file(config, &["utc"], zone).unwrap_or(Chosen::new(Zone::default(), Origin::Default))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(text: &str) -> Config {
        Config::parse(text, "c.toml").expect("a configuration")
    }

    fn env<'a>(pairs: &'a [(&str, &str)]) -> impl Fn(&str) -> Option<String> + 'a {
        |name| {
            let found = pairs.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        }
    }

    fn line(line: u64) -> Origin {
        Origin::File {
            path: "c.toml".to_owned(),
            line,
        }
    }

    #[test]
    fn a_flag_wins_over_the_environment_and_that_over_the_file() {
        let config = config("utc = true\nregion = \"eu-west-1\"\nprofile = \"dev\"\n");
        let globals = Globals {
            region: Some("us-east-2".to_owned()),
            ..Globals::default()
        };
        let none = Globals::default();
        let set = env(&[("AWS_REGION", "eu-north-1"), ("AWS_PROFILE", "ops")]);
        let chosen = region(&globals, &config, &set);
        assert_eq!(chosen.origin, Origin::flag("--region"));
        assert_eq!(chosen.for_sdk().as_deref(), Some("us-east-2"));
        let chosen = region(&none, &config, &set);
        assert_eq!(
            chosen,
            Chosen::new(Some("eu-north-1".to_owned()), Origin::environment("AWS_REGION"))
        );
        assert_eq!(chosen.for_sdk(), None, "the SDK reads the environment itself");
        let chosen = region(&none, &config, &env(&[]));
        assert_eq!(chosen, Chosen::new(Some("eu-west-1".to_owned()), line(2)));
        assert_eq!(chosen.for_sdk().as_deref(), Some("eu-west-1"));
        assert_eq!(region(&none, &Config::default(), &env(&[])).origin, Origin::Sdk);
        assert_eq!(profile(&none, &config, &set).origin, Origin::environment("AWS_PROFILE"));
        assert_eq!(profile(&none, &config, &env(&[])).origin, line(3));
    }

    #[test]
    fn keys_in_the_environment_go_before_a_profile_and_their_value_is_never_told() {
        let config = config("profile = \"dev\"\n");
        let both = env(&[("AWS_ACCESS_KEY_ID", "AKIA"), ("AWS_PROFILE", "ops")]);
        let chosen = profile(&Globals::default(), &config, &both);
        assert_eq!(chosen, Chosen::new(None, Origin::environment("AWS_ACCESS_KEY_ID")));
        let empty = env(&[("AWS_ACCESS_KEY_ID", ""), ("AWS_PROFILE", "ops")]);
        let chosen = profile(&Globals::default(), &config, &empty);
        assert_eq!(
            chosen,
            Chosen::new(Some("ops".to_owned()), Origin::environment("AWS_PROFILE"))
        );
    }

    #[test]
    fn the_language_is_chosen_by_flag_file_and_locale() {
        let flag = Globals {
            lang: Some(Language::English),
            ..Globals::default()
        };
        let (none, in_file) = (Globals::default(), config("lang = \"ja\"\n"));
        let (utf8, linux) = (
            env(&[("LANG", "ja_JP.UTF-8")]),
            env(&[("LANG", "ja_JP.UTF-8"), ("TERM", "linux")]),
        );
        assert_eq!(
            language(&flag, &in_file, &utf8),
            Chosen::new(Language::English, Origin::flag("--lang"))
        );
        assert_eq!(
            language(&none, &in_file, &env(&[])),
            Chosen::new(Language::Japanese, line(1))
        );
        let chosen = language(&none, &Config::default(), &utf8);
        assert_eq!(chosen, Chosen::new(Language::Japanese, Origin::environment("LANG")));
        let chosen = language(&none, &Config::default(), &linux);
        assert_eq!(chosen.value, Language::English, "that terminal shows ASCII alone");
    }

    #[test]
    fn the_file_can_only_take_characters_away() {
        let utf8 = env(&[("LANG", "ja_JP.UTF-8")]);
        let console = env(&[("LANG", "ja_JP.UTF-8"), ("TERM", "linux")]);
        assert_eq!(
            charset(&config("ascii = true\n"), &utf8),
            Chosen::new(Charset::Ascii, line(1))
        );
        let said_no = config("ascii = false\n");
        assert_eq!(
            charset(&said_no, &console),
            Chosen::new(Charset::Ascii, Origin::environment("TERM"))
        );
        assert_eq!(charset(&said_no, &utf8).origin, Origin::environment("LANG"));
    }
}
