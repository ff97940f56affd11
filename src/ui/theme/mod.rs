//! Themes: the styles of roles over a palette, from TOML.
//!
//! A theme names its colours once (`[palette]`) and gives every role a style made of them (`[roles]`). It may inherit
//! from another and change a few. An unknown role, colour or key is an error with its line: a theme never falls back
//! silently.

mod colour;
pub mod glyphs;
pub mod render_context;
mod role;

use std::collections::BTreeMap;
use std::path::Path;

use ratatui::style::{Color, Modifier, Style};
use serde::Deserialize;
use toml::Spanned;

use colour::{ANSI, ansi, hex, nearest_of_256};
pub use role::{ROLES, Role};

use crate::config::source::{Source, SourceError};
use crate::config::wrong::{Hint, Wrong};
use crate::ui::settings::Depth;
use crate::words::Words;

/// Why a theme cannot be used.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ThemeError {
    /// The file is not a theme.
    #[error(transparent)]
    SourceError(#[from] SourceError),
    /// No theme has the chosen name, or its file cannot be read.
    #[error("{}", Words::utc().say(&.0.clone().into()))]
    Unusable(Wrong),
}

/// A theme for one depth of colour.
#[derive(Clone, Debug)]
pub struct Theme {
    /// Its name.
    pub name: String,
    styles: BTreeMap<Role, Style>,
}

impl Theme {
    /// Parses a theme, which may inherit from a built-in one.
    ///
    /// # Errors
    /// If the text is invalid, or a role is missing.
    pub fn parse(name: &str, text: &str, depth: Depth) -> Result<Self, ThemeError> {
        let mut texts = built_in();
        texts.push((name.to_owned(), Source::new(format!("/themes/{name}.toml"), text)));
        build(name, &texts, depth)
    }

    /// The style of a role.
    #[must_use]
    pub fn style(&self, role: Role) -> Style {
        self.styles.get(&role).copied().unwrap_or_default()
    }
}

/// All themes: built-in ones and the user's.
#[derive(Clone, Debug)]
pub struct Themes {
    whole: Vec<Theme>,
    /// Errors of invalid files: they matter only to a person who chooses one of them.
    broken: Vec<ThemeError>,
}

const BUILT_IN: [(&str, &str); 3] = [
    ("dark", include_str!("../../../themes/dark.toml")),
    ("light", include_str!("../../../themes/light.toml")),
    ("sixteen", include_str!("../../../themes/sixteen.toml")),
];

impl Themes {
    /// Loads the built-in themes and those in `directory` (`NAME.toml`, which replaces a built-in theme of that name). Only the
    /// chosen one must be valid.
    pub fn load(directory: Option<&Path>, depth: Depth, chosen: &str) -> Result<Self, ThemeError> {
        let mut texts = built_in();
        let mut themes = Self {
            whole: Vec::new(),
            broken: Vec::new(),
        };
        for (name, text) in directory.map(read_directory).transpose()?.unwrap_or_default() {
            match (text, texts.iter_mut().find(|(known, _)| *known == name)) {
                (Ok(text), Some(slot)) => slot.1 = text,
                (Ok(text), None) => texts.push((name, text)),
                (Err(error), _) if name == chosen => return Err(error),
                (Err(error), _) => themes.broken.push(error),
            }
        }
        for (name, _) in &texts {
            match build(name, &texts, depth) {
                Ok(theme) => themes.whole.push(theme),
                Err(error) if name == chosen => return Err(error),
                Err(error) => themes.broken.push(error),
            }
        }
        Ok(themes)
    }

    /// The index of a theme by its name.
    pub fn find(&self, name: &str) -> Result<usize, ThemeError> {
        self.whole.iter().position(|theme| theme.name == name).ok_or_else(|| {
            let known: Vec<&str> = self.whole.iter().map(|theme| theme.name.as_str()).collect();
            ThemeError::Unusable(Wrong::NoTheme {
                name: name.to_owned(),
                hint: Hint::of(name, &known),
            })
        })
    }

    /// The errors of the themes that cannot be used.
    #[must_use]
    pub fn broken(&self) -> &[ThemeError] {
        &self.broken
    }

    /// The theme at an index, cyclically.
    #[must_use]
    pub fn get(&self, at: usize) -> &Theme {
        &self.whole[at % self.whole.len()]
    }
}

/// The texts of the themes by their names.
type Texts = Vec<(String, Source)>;

fn built_in() -> Texts {
    let themes = BUILT_IN.iter();
    themes
        .map(|(name, text)| {
            (
                (*name).to_owned(),
                Source::new(format!("the theme {name} inside the program"), *text),
            )
        })
        .collect()
}

/// The files of a directory by theme name, each with its text or an error.
type Files = Vec<(String, Result<Source, ThemeError>)>;

fn read_directory(directory: &Path) -> Result<Files, ThemeError> {
    let unreadable = |path: &Path, error: &std::io::Error| {
        ThemeError::Unusable(Wrong::ThemeUnread {
            path: path.display().to_string(),
            why: error.to_string(),
        })
    };
    let entries = match std::fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(unreadable(directory, &error)),
    };
    let mut found = Vec::new();
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
        if path.extension().is_some_and(|e| e == "toml") {
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let text = std::fs::read_to_string(&path).map_err(|error| unreadable(&path, &error));
            found.push((name, text.map(|text| Source::new(path.display().to_string(), text))));
        }
    }
    found.sort_by(|(one, _), (other, _)| one.cmp(other));
    Ok(found)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a theme with [palette] and [roles]")]
struct File {
    inherits: Option<Spanned<String>>,
    #[serde(default)]
    palette: BTreeMap<String, Spanned<Ink>>,
    #[serde(default)]
    roles: BTreeMap<Spanned<String>, Spanned<RoleStyle>>,
}

/// A colour of the palette: 24 bits, and its substitute among the sixteen.
#[derive(Clone, Deserialize)]
#[serde(
    deny_unknown_fields,
    expecting = "a colour such as { rgb = \"#1a2b3c\", ansi = \"blue\" }"
)]
struct Ink {
    rgb: Option<String>,
    ansi: String,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a style such as { fg = \"red\", bold = true }")]
#[expect(clippy::struct_excessive_bools, reason = "they are the keys of the file")]
struct RoleStyle {
    fg: Option<String>,
    bg: Option<String>,
    #[serde(default)]
    bold: bool,
    #[serde(default)]
    dim: bool,
    #[serde(default)]
    italic: bool,
    #[serde(default)]
    underlined: bool,
    #[serde(default)]
    reversed: bool,
    /// Modifiers without colour, which replace the others.
    mono: Option<Vec<Mono>>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Mono {
    Bold,
    Dim,
    Italic,
    Underlined,
    Reversed,
}

/// Palette and roles along the chain of inheritance, each with its place in a file.
#[derive(Default)]
struct Gathered<'a> {
    palette: BTreeMap<String, (Ink, Place<'a>)>,
    roles: BTreeMap<Role, (RoleStyle, Place<'a>)>,
}

/// Where in a theme something was said.
#[derive(Clone, Copy)]
struct Place<'a> {
    source: &'a Source,
    at: usize,
}

impl Place<'_> {
    fn wrong(self, why: Wrong) -> ThemeError {
        self.source.wrong(Some(self.at..self.at), why).into()
    }
}

fn build(name: &str, texts: &[(String, Source)], depth: Depth) -> Result<Theme, ThemeError> {
    let mut gathered = Gathered::default();
    let source = gather(name, texts, &mut gathered, &mut Vec::new())?;
    let inks = gathered
        .palette
        .iter()
        .map(|(name, (ink, place))| Ok((name.as_str(), ink.at(depth, *place)?)))
        .collect::<Result<BTreeMap<_, _>, ThemeError>>()?;
    let mut styles = BTreeMap::new();
    for role in ROLES {
        let (look, place) = gathered.roles.get(&role).ok_or_else(|| {
            let role = role.word();
            source.wrong(None, Wrong::RoleMissing { role })
        })?;
        styles.insert(role, look.style(&inks, depth, *place)?);
    }
    Ok(Theme {
        name: name.to_owned(),
        styles,
    })
}

fn gather<'a>(
    name: &str,
    texts: &'a [(String, Source)],
    into: &mut Gathered<'a>,
    line: &mut Vec<String>,
) -> Result<&'a Source, ThemeError> {
    let known: Vec<&str> = texts.iter().map(|(name, _)| name.as_str()).collect();
    let Some((_, source)) = texts.iter().find(|(known, _)| known == name) else {
        return Err(ThemeError::Unusable(Wrong::NoTheme {
            name: name.to_owned(),
            hint: Hint::of(name, &known),
        }));
    };
    let place = |at: usize| Place { source, at };
    let file: File = toml::from_str(&source.text).map_err(|error| source.unreadable(&error))?;
    line.push(name.to_owned());
    if let Some(parent) = &file.inherits {
        let (name, place) = (parent.get_ref(), place(parent.span().start));
        if line.contains(name) {
            return Err(place.wrong(Wrong::OwnParent { name: name.clone() }));
        }
        if !known.contains(&name.as_str()) {
            let hint = Hint::of(name, &known);
            return Err(place.wrong(Wrong::Parent {
                name: name.clone(),
                hint,
            }));
        }
        gather(name, texts, into, line)?;
    }
    for (key, ink) in file.palette {
        let at = ink.span().start;
        into.palette.insert(key, (ink.into_inner(), place(at)));
    }
    for (key, look) in file.roles {
        let place = place(key.span().start);
        let role = role(key.get_ref(), &place)?;
        into.roles.insert(role, (look.into_inner(), place));
    }
    Ok(source)
}

fn role(name: &str, place: &Place) -> Result<Role, ThemeError> {
    ROLES.into_iter().find(|role| role.word() == name).ok_or_else(|| {
        let words = ROLES.map(Role::word);
        let hint = Hint::of(name, &words.each_ref().map(String::as_str));
        let role = name.to_owned();
        place.wrong(Wrong::NoRole { role, hint })
    })
}

impl Ink {
    fn at(&self, depth: Depth, place: Place) -> Result<Option<Color>, ThemeError> {
        let ansi = ansi(&self.ansi).ok_or_else(|| {
            place.wrong(Wrong::NotAnsi {
                colour: self.ansi.clone(),
                hint: Hint::of(&self.ansi, &ANSI.map(|(name, _)| name)),
            })
        })?;
        let rgb = match &self.rgb {
            Some(text) => {
                let wrong = || place.wrong(Wrong::NotRgb { colour: text.clone() });
                Some(hex(text).ok_or_else(wrong)?)
            }
            None => None,
        };
        Ok(match (depth, rgb) {
            (Depth::Mono, _) => None,
            (Depth::True, Some((r, g, b))) => Some(Color::Rgb(r, g, b)),
            (Depth::Indexed, Some(rgb)) => Some(Color::Indexed(nearest_of_256(rgb))),
            _ => Some(ansi),
        })
    }
}

impl RoleStyle {
    fn style(&self, inks: &BTreeMap<&str, Option<Color>>, depth: Depth, place: Place) -> Result<Style, ThemeError> {
        let ink = |name: &String| {
            inks.get(name.as_str()).copied().ok_or_else(|| {
                let known: Vec<&str> = inks.keys().copied().collect();
                let (colour, hint) = (name.clone(), Hint::of(name, &known));
                place.wrong(Wrong::NotInPalette { colour, hint })
            })
        };
        let mut style = Style::new();
        style.fg = self.fg.as_ref().map(ink).transpose()?.flatten();
        style.bg = self.bg.as_ref().map(ink).transpose()?.flatten();
        let flags = [
            (self.bold, Modifier::BOLD),
            (self.dim, Modifier::DIM),
            (self.italic, Modifier::ITALIC),
            (self.underlined, Modifier::UNDERLINED),
            (self.reversed, Modifier::REVERSED),
        ];
        let mut modifiers = Modifier::empty();
        match &self.mono {
            Some(mono) if depth == Depth::Mono => {
                for modifier in mono {
                    modifiers |= match modifier {
                        Mono::Bold => Modifier::BOLD,
                        Mono::Dim => Modifier::DIM,
                        Mono::Italic => Modifier::ITALIC,
                        Mono::Underlined => Modifier::UNDERLINED,
                        Mono::Reversed => Modifier::REVERSED,
                    };
                }
            }
            _ => {
                for (_, modifier) in flags.into_iter().filter(|(set, _)| *set) {
                    modifiers |= modifier;
                }
            }
        }
        Ok(style.add_modifier(modifiers))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: &str, text: &str) -> Result<Theme, String> {
        Theme::parse(name, text, Depth::True).map_err(|error| error.to_string())
    }

    #[test]
    fn every_built_in_theme_knows_every_role_in_every_depth() {
        for depth in [Depth::Mono, Depth::Ansi, Depth::Indexed, Depth::True] {
            Themes::load(None, depth, "dark").expect("themes inside the program are whole");
        }
    }

    #[test]
    fn a_theme_changes_what_it_names_and_inherits_the_rest() {
        let text = "inherits = \"dark\"\n[palette]\npink = { rgb = \"#ff00aa\", ansi = \"light-magenta\" }\n[roles]\nmarble = { fg = \"pink\" }\n";
        let theme = with("mine", text).expect("a theme");
        let dark = Themes::load(None, Depth::True, "dark").expect("themes");
        assert_eq!(theme.style(Role::Marble).fg, Some(Color::Rgb(255, 0, 170)));
        assert_eq!(theme.style(Role::Failing), dark.get(0).style(Role::Failing));
    }

    #[test]
    fn what_is_wrong_is_an_error_with_its_file_and_line() {
        for (text, said) in [
            (
                "inherits = \"dark\"\n\n[roles]\nmarbel = { fg = \"red\" }\n",
                "4: unknown role \"marbel\": the nearest is \"marble\"",
            ),
            (
                "inherits = \"dark\"\n[roles]\nmarble = { fg = \"redd\" }\n",
                "3: no colour \"redd\" in the palette: the nearest is \"red\"",
            ),
            (
                "inherits = \"dark\"\n[palette]\nx = { rgb = \"red\", ansi = \"red\" }\n",
                "3: invalid colour \"red\": expected one such as \"#1a2b3c\"",
            ),
            (
                "inherits = \"dark\"\n[palette]\nx = { rgb = \"#+1+2+3\", ansi = \"red\" }\n",
                "3: invalid colour \"#+1+2+3\": expected one such as \"#1a2b3c\"",
            ),
            (
                "inherits = \"dark\"\n[palette]\nx = { ansi = \"blu\" }\n",
                "3: \"blu\" is not one of the sixteen colours: the nearest is \"blue\"",
            ),
            (
                "inherits = \"drak\"\n",
                "1: no theme \"drak\" to inherit from: the nearest is \"dark\"",
            ),
            ("inherits = \"mine\"\n", "1: \"mine\" inherits from itself"),
            (
                "",
                "1: the role \"text\" is missing: give it a style, or write inherits = \"dark\"",
            ),
            (
                "inherits = \"dark\"\n[roles]\nmarble = \"red\"\n",
                "3: invalid type: string \"red\", expected a style such as { fg = \"red\", bold = true }",
            ),
        ] {
            let error = with("mine", text).expect_err(text);
            assert_eq!(error, format!("/themes/mine.toml:{said}"));
        }
        let error = |text| with("mine", text).expect_err("wrong");
        assert!(
            error("inherits = \"dark\"\n[rolls]\n")
                .starts_with("/themes/mine.toml:2: unknown key \"rolls\": the nearest is \"roles\"")
        );
        let all = error("inherits = \"dark\"\n[roles]\nzzz = { fg = \"red\" }\n");
        assert!(all.ends_with("unknown role \"zzz\": expected one of text, muted, faint, strong, product, frame, title, key, badge, well, warning, failing, loss, off, unknown, box, selected, line, line-guess, line-dead, line-backing, line-selected, marble, marble-old, spark, match, cursor, notice, stale, inferred, predicted, caption"), "{all}");
    }

    #[test]
    fn only_the_chosen_theme_must_be_whole() {
        let directory = tempfile::tempdir().expect("a directory");
        std::fs::write(directory.path().join("mine.toml"), "inherits = \"dark\"\n").expect("written");
        std::fs::write(directory.path().join("torn.toml"), "inherits = \n").expect("written");
        std::fs::write(directory.path().join("wild.toml"), [0xff, 0xfe]).expect("written");
        let load = |chosen| Themes::load(Some(directory.path()), Depth::True, chosen);
        let themes = load("mine").expect("the chosen one is whole");
        assert!(themes.find("mine").is_ok());
        let mut broken: Vec<String> = themes.broken().iter().map(ToString::to_string).collect();
        broken.sort();
        assert_eq!(broken.len(), 2, "{broken:?}");
        let torn = format!("{}:1: ", directory.path().join("torn.toml").display());
        assert!(broken[0].starts_with(&torn), "{broken:?}");
        assert!(broken[1].contains("wild.toml could not be read"), "{broken:?}");
        assert!(load("torn").expect_err("chosen").to_string().starts_with(&torn));
        assert!(load("wild").is_err());
    }

    #[test]
    fn colours_step_down_on_purpose() {
        assert_eq!(nearest_of_256((255, 0, 0)), 196);
        assert_eq!(nearest_of_256((118, 118, 118)), 243);
        let mono = Themes::load(None, Depth::Mono, "dark").expect("themes");
        for role in ROLES {
            let style = mono.get(0).style(role);
            assert_eq!((style.fg, style.bg), (None, None), "{role:?}");
        }
        assert!(mono.get(0).style(Role::Failing).add_modifier.contains(Modifier::BOLD));
        assert!(
            mono.get(0)
                .style(Role::Selected)
                .add_modifier
                .contains(Modifier::REVERSED)
        );
    }
}
