//! The one table of key bindings: what a key does, and what footer and help say of it.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use serde::{Deserialize, Serialize};
use toml::Spanned;

/// What a key can do. In the table these are in kebab case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the table says what each does, in words")]
pub enum Command {
    Left,
    Down,
    Up,
    Right,
    PageDown,
    PageUp,
    ScrollDown,
    ScrollUp,
    Open,
    Close,
    Find,
    Focus,
    Collapse,
    NextTrouble,
    PreviousTrouble,
    Freeze,
    Guesses,
    Tidy,
    Troubles,
    Unknown,
    Info,
    Retries,
    Logs,
    Runs,
    DeadLetters,
    Mark,
    MarkRange,
    MarkAll,
    Sort,
    Jq,
    Export,
    Edit,
    PutBack,
    DeleteLetters,
    ReadAgain,
    Form,
    Progress,
    More,
    AllAtOnce,
    Engine,
    Target,
    Anyway,
    StopRun,
    Enlarge,
    Top,
    End,
    Everything,
    Aggregate,
    Only,
    Wider,
    Closer,
    GoToNode,
    ThisRequest,
    Level,
    Wrap,
    Live,
    Further,
    NextLink,
    PreviousLink,
    Copy,
    Mouse,
    Theme,
    Zone,
    Help,
    Palette,
    Quit,
    Suspend,
    Redraw,
    DropMarble,
    Break,
    Mend,
    Throttle,
    DenyPermission,
    ExpireCredentials,
    SlowNetwork,
    #[serde(rename = "answer-500")]
    Answer500,
    Faster,
    Slower,
    Pause,
    Step,
    NextStep,
}

impl Command {
    /// Its name in the table.
    #[must_use]
    pub fn word(self) -> String {
        serde_json::to_value(self)
            .ok()
            .and_then(|value| value.as_str().map(str::to_owned))
            .unwrap_or_default()
    }
}

/// Where a key means something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// Everywhere.
    Always,
    /// In the chain.
    Chain,
    /// In whatever is open beneath the chain.
    Pane,
    /// In the retries.
    Retries,
    /// In the logs.
    Logs,
    /// In the tables of runs.
    Runs,
    /// In the dead letters.
    Letters,
    /// In a window that asks.
    Dialog,
    /// While typing an answer.
    Answer,
    /// In a list, in the help.
    List,
    /// While typing what to find.
    Find,
    /// While looking for a command.
    Palette,
    /// In the chain, while it is a demonstration.
    Demo,
}

impl Place {
    const ALL: [Self; 13] = [
        Self::Always,
        Self::Chain,
        Self::Pane,
        Self::Retries,
        Self::Logs,
        Self::Runs,
        Self::Letters,
        Self::Dialog,
        Self::Answer,
        Self::List,
        Self::Find,
        Self::Palette,
        Self::Demo,
    ];

    fn word(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::Chain => "chain",
            Self::Pane => "pane",
            Self::Retries => "retries",
            Self::Logs => "logs",
            Self::Runs => "runs",
            Self::Letters => "letters",
            Self::Dialog => "dialog",
            Self::Answer => "answer",
            Self::List => "list",
            Self::Find => "find",
            Self::Palette => "palette",
            Self::Demo => "demo",
        }
    }

    /// Whether both can be asked for the same key.
    fn meets(self, other: Self) -> bool {
        self == other
            || self == Self::Always
            || other == Self::Always
            || match self {
                Self::Chain => other == Self::Demo,
                Self::Pane => matches!(
                    other,
                    Self::Retries | Self::Logs | Self::Runs | Self::Letters | Self::Demo
                ),
                Self::Retries | Self::Logs | Self::Runs => matches!(other, Self::Pane | Self::Demo),
                // Here the demo's keys give way.
                Self::Letters => other == Self::Pane,
                Self::Demo => matches!(
                    other,
                    Self::Chain | Self::Pane | Self::Retries | Self::Logs | Self::Runs
                ),
                _ => false,
            }
    }
}

/// A key with its modifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Chord {
    code: KeyCode,
    modifiers: KeyModifiers,
}

impl Chord {
    /// What was pressed. Shift is part of a character, not beside it.
    #[must_use]
    pub fn of(event: &KeyEvent) -> Self {
        let mut modifiers = event.modifiers & (KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SHIFT);
        if matches!(event.code, KeyCode::Char(_) | KeyCode::BackTab) {
            modifiers -= KeyModifiers::SHIFT;
        }
        Self {
            code: event.code,
            modifiers,
        }
    }

    /// From its name in the table: `j`, `N`, `ctrl-c`, `shift-tab`, `pgdn`, `f1`.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let mut rest = name;
        let mut modifiers = KeyModifiers::NONE;
        while let Some((word, tail)) = rest
            .split_once('-')
            .filter(|(word, tail)| !word.is_empty() && !tail.is_empty())
        {
            modifiers |= match word {
                "ctrl" => KeyModifiers::CONTROL,
                "alt" => KeyModifiers::ALT,
                "shift" => KeyModifiers::SHIFT,
                _ => return None,
            };
            rest = tail;
        }
        let mut letters = rest.chars();
        let code = match (letters.next(), letters.next()) {
            (Some(c), None) => KeyCode::Char(c),
            _ => match rest {
                "left" => KeyCode::Left,
                "right" => KeyCode::Right,
                "up" => KeyCode::Up,
                "down" => KeyCode::Down,
                "enter" => KeyCode::Enter,
                "esc" => KeyCode::Esc,
                "tab" if modifiers.contains(KeyModifiers::SHIFT) => {
                    modifiers -= KeyModifiers::SHIFT;
                    KeyCode::BackTab
                }
                "tab" => KeyCode::Tab,
                "space" => KeyCode::Char(' '),
                "backspace" => KeyCode::Backspace,
                "delete" => KeyCode::Delete,
                "home" => KeyCode::Home,
                "end" => KeyCode::End,
                "pgup" => KeyCode::PageUp,
                "pgdn" => KeyCode::PageDown,
                _ => KeyCode::F(rest.strip_prefix('f')?.parse().ok().filter(|n| (1..=12).contains(n))?),
            },
        };
        Some(Self { code, modifiers })
    }
}

impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (modifier, word) in [
            (KeyModifiers::CONTROL, "Ctrl-"),
            (KeyModifiers::ALT, "Alt-"),
            (KeyModifiers::SHIFT, "Shift-"),
        ] {
            if self.modifiers.contains(modifier) {
                f.write_str(word)?;
            }
        }
        match self.code {
            KeyCode::Char(' ') => f.write_str("Space"),
            KeyCode::Char(c) => write!(f, "{c}"),
            KeyCode::F(n) => write!(f, "F{n}"),
            KeyCode::Enter => f.write_str("Enter"),
            KeyCode::Esc => f.write_str("Esc"),
            KeyCode::BackTab => f.write_str("Shift-Tab"),
            KeyCode::PageUp => f.write_str("PgUp"),
            KeyCode::PageDown => f.write_str("PgDn"),
            other => write!(f, "{other:?}"),
        }
    }
}

/// One row of the table.
#[derive(Clone, Debug)]
pub struct Binding {
    /// Where it holds.
    pub place: Place,
    /// Its keys.
    pub on: Vec<Chord>,
    /// What they do.
    pub run: Command,
    /// In words.
    pub desc: String,
    /// In one or two words, for the footer.
    pub hint: Option<String>,
    origin: String,
}

/// The table.
#[derive(Clone, Debug)]
pub struct Keys {
    bindings: Vec<Binding>,
}

/// A table that cannot be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeysError {
    /// The text is no table of keys.
    #[error("{path}, line {line}: {why}")]
    Wrong {
        /// The file.
        path: String,
        /// Counted from one.
        line: usize,
        /// What is wrong with it.
        why: String,
    },
    /// One key would do two things.
    #[error("the key {key} means both \"{one}\" ({at_one}) and \"{other}\" ({at_other})")]
    Conflict {
        /// The key.
        key: String,
        /// What it does.
        one: String,
        /// Where that is said.
        at_one: String,
        /// What else it does.
        other: String,
        /// Where that is said.
        at_other: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    on: Vec<Spanned<String>>,
    run: Spanned<Command>,
    desc: Option<String>,
    hint: Option<String>,
}

const TABLE: &str = include_str!("keys.toml");

impl Keys {
    /// The table inside the program, with the user's on top: an entry of theirs takes the place of those that do the
    /// same in the same place.
    pub fn load(patch: Option<(&str, &Path)>) -> Result<Self, KeysError> {
        let mut bindings = read(TABLE, "the built-in table")?;
        if let Some((text, path)) = patch {
            let theirs = read(text, &path.display().to_string())?;
            for mut row in theirs {
                let same = |known: &Binding| known.place == row.place && known.run == row.run;
                if let Some(at) = bindings.iter().position(same) {
                    let old = &bindings[at];
                    if row.desc.is_empty() {
                        row.desc.clone_from(&old.desc);
                    }
                    row.hint = row.hint.or_else(|| old.hint.clone());
                    bindings[at] = row;
                } else {
                    bindings.push(row);
                }
            }
        }
        for (at, one) in bindings.iter().enumerate() {
            for other in bindings[at + 1..].iter().filter(|other| one.place.meets(other.place)) {
                if let Some(key) = one.on.iter().find(|key| other.on.contains(key)) {
                    return Err(KeysError::Conflict {
                        key: key.to_string(),
                        one: one.desc.clone(),
                        at_one: one.origin.clone(),
                        other: other.desc.clone(),
                        at_other: other.origin.clone(),
                    });
                }
            }
        }
        Ok(Self { bindings })
    }

    /// What a key does in a place.
    #[must_use]
    pub fn run(&self, places: &[Place], chord: Chord) -> Option<Command> {
        // What is said first of a place wins: the demo's keys give way where both hold.
        places.iter().find_map(|place| {
            let found = self.of(*place).find(|binding| binding.on.contains(&chord));
            found.map(|binding| binding.run)
        })
    }

    /// The rows of a place, in the table's order.
    pub fn of(&self, place: Place) -> impl Iterator<Item = &Binding> {
        self.bindings.iter().filter(move |binding| binding.place == place)
    }
}

fn read(text: &str, path: &str) -> Result<Vec<Binding>, KeysError> {
    let wrong = |at: usize, why: String| KeysError::Wrong {
        path: path.to_owned(),
        line: text.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count() + 1,
        why,
    };
    let tables: BTreeMap<Spanned<String>, Vec<Row>> = toml::from_str(text)
        .map_err(|e| wrong(e.span().map_or(0, |span| span.start), e.message().trim().to_owned()))?;
    let mut bindings = Vec::new();
    let mut tables: Vec<_> = tables.into_iter().collect();
    tables.sort_by_key(|(name, _)| name.span().start);
    for (name, rows) in tables {
        let place = Place::ALL
            .into_iter()
            .find(|place| place.word() == name.get_ref())
            .ok_or_else(|| {
                wrong(
                    name.span().start,
                    format!(
                        "there are no keys for \"{}\", only for {}",
                        name.get_ref(),
                        Place::ALL.map(Place::word).join(", ")
                    ),
                )
            })?;
        for row in rows {
            let on = row
                .on
                .iter()
                .map(|key| {
                    Chord::parse(key.get_ref())
                        .ok_or_else(|| wrong(key.span().start, format!("there is no key \"{}\"", key.get_ref())))
                })
                .collect::<Result<_, _>>()?;
            let line = text
                .as_bytes()
                .iter()
                .take(row.run.span().start)
                .filter(|byte| **byte == b'\n')
                .count()
                + 1;
            bindings.push(Binding {
                place,
                on,
                run: row.run.into_inner(),
                desc: row.desc.unwrap_or_default(),
                hint: row.hint,
                origin: format!("{path}, line {line}"),
            });
        }
    }
    Ok(bindings)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patched(text: &str) -> Result<Keys, String> {
        Keys::load(Some((text, Path::new("keys.toml")))).map_err(|error| error.to_string())
    }

    #[test]
    fn the_built_in_table_is_without_conflict_and_says_what_everything_does() {
        let keys = Keys::load(None).expect("a table");
        assert!(
            keys.bindings
                .iter()
                .all(|binding| !binding.desc.is_empty() && !binding.on.is_empty())
        );
    }

    #[test]
    fn a_key_of_ones_own_takes_the_place_of_the_old_ones() {
        let keys = patched("[[chain]]\non = [\"x\"]\nrun = \"quit\"\n").expect("a table");
        let run = |name| keys.run(&[Place::Chain], Chord::parse(name).expect("a key"));
        assert_eq!(run("x"), Some(Command::Quit));
        assert_eq!(run("q"), None);
        assert_eq!(
            keys.of(Place::Chain)
                .find(|b| b.run == Command::Quit)
                .map(|b| b.desc.as_str()),
            Some("quit")
        );
    }

    #[test]
    fn a_conflict_names_both() {
        let error = patched("[[chain]]\non = [\"f\"]\nrun = \"quit\"\n").expect_err("a conflict");
        assert!(
            error.starts_with("the key f means both \"show only the chain through"),
            "{error}"
        );
        assert!(error.ends_with("and \"quit\" (keys.toml, line 3)"), "{error}");
        assert!(
            patched("[[demo]]\non = [\"n\"]\nrun = \"break\"\n").is_err(),
            "the demo's keys hold in the chain"
        );
    }

    #[test]
    fn what_is_wrong_is_an_error_with_its_line() {
        let error = |text| patched(text).expect_err("wrong");
        assert_eq!(
            error("[[chain]]\non = [\"hyper-x\"]\nrun = \"quit\"\n"),
            "keys.toml, line 2: there is no key \"hyper-x\""
        );
        assert!(
            error("[[chain]]\non = [\"x\"]\nrun = \"qiut\"\n").starts_with("keys.toml, line 3: unknown variant `qiut`")
        );
        assert!(error("[[chian]]\non = [\"x\"]\nrun = \"quit\"\n").starts_with("keys.toml, line 1: there are no keys"));
    }

    #[test]
    fn keys_are_named_as_people_write_them() {
        for (name, shown) in [
            ("ctrl-c", "Ctrl-c"),
            ("shift-tab", "Shift-Tab"),
            ("-", "-"),
            ("N", "N"),
            ("space", "Space"),
            ("f1", "F1"),
            ("pgdn", "PgDn"),
        ] {
            assert_eq!(Chord::parse(name).expect("a key").to_string(), shown);
        }
        assert_eq!(Chord::parse("f99"), None);
        let shifted = KeyEvent::new(KeyCode::Char('N'), KeyModifiers::SHIFT);
        assert_eq!(Some(Chord::of(&shifted)), Chord::parse("N"));
    }
}
