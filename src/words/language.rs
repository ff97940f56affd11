//! The languages of the screen.

/// A language in which the screen speaks. JSON documents and the command line are English in any case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// `en`.
    #[default]
    English,
    /// `ja`.
    Japanese,
}

/// A name that is no language of the screen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown language {name:?}: expected en or ja")]
pub struct UnknownLanguage {
    name: String,
}

impl Language {
    /// Both.
    pub const ALL: [Self; 2] = [Self::English, Self::Japanese];

    /// Its name on the command line and in the configuration file.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Japanese => "ja",
        }
    }

    /// What the environment says, with the variable that decided; `None` if none is set. As in gettext `LC_ALL` wins over
    /// `LC_MESSAGES`, and that over `LANG`.
    pub fn decided(var: impl Fn(&str) -> Option<String>) -> (Self, Option<&'static str>) {
        let set = |name: &str| var(name).filter(|value| !value.is_empty());
        let mut variables = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter();
        let Some((name, locale)) = variables.find_map(|name| Some((name, set(name)?))) else {
            return (Self::English, None);
        };
        let spoken = locale.split(['_', '.', '@']).next().unwrap_or_default();
        let is_japanese = spoken.eq_ignore_ascii_case("ja");
        (if is_japanese { Self::Japanese } else { Self::English }, Some(name))
    }
}

impl std::str::FromStr for Language {
    type Err = UnknownLanguage;

    fn from_str(name: &str) -> Result<Self, UnknownLanguage> {
        let found = Self::ALL.into_iter().find(|language| language.name() == name);
        found.ok_or_else(|| UnknownLanguage { name: name.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decided(pairs: &[(&str, &str)]) -> (Language, Option<&'static str>) {
        Language::decided(|name| {
            let found = pairs.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_language_follows_the_locale() {
        assert_eq!(decided(&[("LANG", "ja_JP.UTF-8")]), (Language::Japanese, Some("LANG")));
        assert_eq!(decided(&[("LANG", "ja")]).0, Language::Japanese);
        assert_eq!(
            decided(&[("LANG", "jam_JM.UTF-8")]).0,
            Language::English,
            "Jamaican Creole"
        );
        let both = [("LANG", "ja_JP.UTF-8"), ("LC_ALL", "C.UTF-8")];
        assert_eq!(decided(&both), (Language::English, Some("LC_ALL")));
        assert_eq!(decided(&[]), (Language::English, None));
    }
}
