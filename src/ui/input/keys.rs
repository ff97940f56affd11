//! The table of key bindings, from which footer, palette and help are made.

mod chord;
mod file;

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::config::source::{Source, SourceError};
use crate::config::wrong::Wrong;
use crate::words::Words;

pub use chord::Chord;

/// The rows of a page in a list.
pub const PAGE: usize = 10;

/// A command of a key; in kebab case in the table. An alias is its name in older tables.
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
    #[serde(alias = "next-trouble")]
    NextIssue,
    #[serde(alias = "previous-trouble")]
    PreviousIssue,
    Freeze,
    #[serde(alias = "guesses")]
    InferredEdges,
    #[serde(alias = "tidy")]
    Relayout,
    Zoom,
    #[serde(alias = "troubles")]
    Issues,
    Unknown,
    Info,
    Retries,
    Logs,
    #[serde(alias = "runs")]
    Invocations,
    DeadLetters,
    Mark,
    MarkRange,
    MarkAll,
    Sort,
    Jq,
    Export,
    Edit,
    #[serde(alias = "put-back")]
    Redrive,
    #[serde(alias = "delete-letters")]
    DeleteMessages,
    ReadAgain,
    #[serde(alias = "form")]
    BodyForm,
    Progress,
    More,
    AllAtOnce,
    Engine,
    Target,
    Elsewhere,
    #[serde(alias = "anyway")]
    InvokeAnyway,
    #[serde(alias = "stop-run")]
    Stop,
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
    #[serde(alias = "further")]
    ReadFurther,
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
    #[serde(alias = "drop-marble")]
    DropEvent,
    Break,
    #[serde(alias = "mend")]
    Fix,
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
        crate::domain::text::word(self)
    }

    /// The row that a movement leads to; `None` if the command is no movement.
    #[must_use]
    pub fn row_from(self, at: usize) -> Option<usize> {
        Some(match self {
            Self::Down => at + 1,
            Self::Up => at.saturating_sub(1),
            Self::PageDown => at + PAGE,
            Self::PageUp => at.saturating_sub(PAGE),
            Self::Top => 0,
            Self::End => usize::MAX,
            _ => return None,
        })
    }
}

/// The context of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Context {
    /// Everywhere.
    Always,
    /// In the chain.
    Chain,
    /// In the pane below the chain.
    Pane,
    /// In the retries.
    Retries,
    /// In the logs.
    Logs,
    /// In the tables of invocations.
    #[serde(alias = "runs")]
    Invocations,
    /// In the dead letters.
    #[serde(alias = "letters")]
    DeadLetters,
    /// In a dialog.
    Dialog,
    /// While typing an answer.
    Answer,
    /// In a list or the help.
    List,
    /// In find.
    Find,
    /// In the command palette.
    Palette,
    /// In the chain of a demo.
    Demo,
}

impl Context {
    /// All contexts, in the order of the table.
    pub const ALL: [Self; 13] = [
        Self::Always,
        Self::Chain,
        Self::Pane,
        Self::Retries,
        Self::Logs,
        Self::Invocations,
        Self::DeadLetters,
        Self::Dialog,
        Self::Answer,
        Self::List,
        Self::Find,
        Self::Palette,
        Self::Demo,
    ];

    /// Its name in the table.
    #[must_use]
    pub fn word(self) -> String {
        crate::domain::text::word(self)
    }

    /// Whether both contexts can be active for the same key.
    fn meets(self, other: Self) -> bool {
        self == other
            || self == Self::Always
            || other == Self::Always
            || match self {
                Self::Chain => other == Self::Demo,
                Self::Pane => matches!(
                    other,
                    Self::Retries | Self::Logs | Self::Invocations | Self::DeadLetters | Self::Demo
                ),
                Self::Retries | Self::Logs | Self::Invocations => matches!(other, Self::Pane | Self::Demo),
                // Here the demo's keys give way.
                Self::DeadLetters => other == Self::Pane,
                Self::Demo => matches!(
                    other,
                    Self::Chain | Self::Pane | Self::Retries | Self::Logs | Self::Invocations
                ),
                _ => false,
            }
    }
}

/// One row of the table.
#[derive(Clone, Debug)]
pub struct Binding {
    /// Its context.
    pub place: Context,
    /// Its keys.
    pub on: Vec<Chord>,
    /// The command.
    pub run: Command,
    /// The description; empty for the one of the catalogue.
    pub desc: String,
    /// One or two words for the footer.
    pub hint: Option<String>,
    /// Its line in the file, counted from 1.
    line: usize,
    /// Whether it is from the built-in table.
    is_built_in: bool,
}

/// The key table.
#[derive(Clone, Debug)]
pub struct Keys {
    bindings: Vec<Binding>,
}

const TABLE: &str = include_str!("../keys.toml");

impl Keys {
    /// Loads the built-in table and the user's over it: an entry of the user's replaces those with the same command in the same
    /// context.
    pub fn load(patch: Option<(&str, &Path)>) -> Result<Self, SourceError> {
        let mut source = Source::new("the keys inside the program", TABLE);
        let mut bindings = file::read(&source)?;
        let words = Words::utc();
        for binding in &mut bindings {
            binding.is_built_in = true;
            let (place, run) = (binding.place.word(), binding.run.word());
            let own = format!("key-{place}-{run}");
            let key = if words.has(&own) { own } else { format!("key-{run}") };
            binding.desc = words.text(&key);
            binding.hint = words.hint(&key);
        }
        if let Some((text, path)) = patch {
            source = Source::new(path.display().to_string(), text);
            for mut row in file::read(&source)? {
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
                    return Err(conflict(&source.path, *key, one, other));
                }
            }
        }
        Ok(Self { bindings })
    }

    /// The command of a key in a context.
    #[must_use]
    pub fn run(&self, places: &[Context], chord: Chord) -> Option<Command> {
        // What is said first of a place wins: the demo's keys give way where both hold.
        places.iter().find_map(|place| {
            let found = self.of(*place).find(|binding| binding.on.contains(&chord));
            found.map(|binding| binding.run)
        })
    }

    /// All rows.
    #[cfg(test)]
    pub(crate) fn all(&self) -> &[Binding] {
        &self.bindings
    }

    /// The rows of a context, in the order of the table.
    pub fn of(&self, place: Context) -> impl Iterator<Item = &Binding> {
        self.bindings.iter().filter(move |binding| binding.place == place)
    }
}

/// Checks that no key has two commands; the error names the line of the user's file.
fn conflict(path: &str, key: Chord, one: &Binding, other: &Binding) -> SourceError {
    let (theirs, known) = if other.is_built_in { (one, other) } else { (other, one) };
    SourceError {
        path: path.to_owned(),
        line: theirs.line,
        why: Wrong::Taken {
            key: key.to_string(),
            theirs: theirs.desc.clone(),
            known: known.desc.clone(),
            line: (!known.is_built_in).then_some(known.line),
        },
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

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
                .all(|binding| !binding.desc.starts_with("key-") && !binding.on.is_empty())
        );
    }

    #[test]
    fn a_key_of_ones_own_takes_the_place_of_the_old_ones() {
        let keys = patched("[[chain]]\non = [\"x\"]\nrun = \"quit\"\n").expect("a table");
        let run = |name| keys.run(&[Context::Chain], Chord::parse(name).expect("a key"));
        assert_eq!(run("x"), Some(Command::Quit));
        assert_eq!(run("q"), None);
        assert_eq!(
            keys.of(Context::Chain)
                .find(|b| b.run == Command::Quit)
                .map(|b| b.desc.as_str()),
            Some("quit")
        );
    }

    #[test]
    fn a_table_with_older_names_still_works() {
        let keys = patched("[[letters]]\non = \"B\"\nrun = \"put-back\"\n[[runs]]\non = \"x\"\nrun = \"close\"\n");
        let keys = keys.expect("a table");
        let run = |place, name| keys.run(&[place], Chord::parse(name).expect("a key"));
        assert_eq!(run(Context::DeadLetters, "B"), Some(Command::Redrive));
        assert_eq!(run(Context::DeadLetters, "b"), None);
        assert_eq!(run(Context::Invocations, "x"), Some(Command::Close));
    }

    #[test]
    fn a_conflict_names_both() {
        let error = patched("[[chain]]\non = [\"f\"]\nrun = \"quit\"\n").expect_err("a conflict");
        assert_eq!(
            error,
            "keys.toml:3: the key f means \"quit\" here and \"only the chain through the selected box; again: all\" \
             in the built-in table: give one of them another key"
        );
        let error = patched("[[chain]]\non = \"Q\"\nrun = \"quit\"\n[[chain]]\non = \"Q\"\nrun = \"help\"\n")
            .expect_err("a conflict");
        assert!(error.starts_with("keys.toml:"), "{error}");
        assert!(error.contains("\"quit\"") && error.contains(" in line "), "{error}");
        assert!(
            patched("[[demo]]\non = [\"n\"]\nrun = \"break\"\n").is_err(),
            "the demo's keys hold in the chain"
        );
    }

    #[test]
    fn what_is_wrong_is_an_error_with_its_line_in_the_words_of_the_file() {
        for (text, said) in [
            (
                "[[chain]]\non = [\"hyper-x\"]\nrun = \"quit\"\n",
                "keys.toml:2: unknown key \"hyper-x\": write a character, or a name such as \"enter\", \"pgdn\", \"f5\" \
                 or \"ctrl-d\"",
            ),
            (
                "[[chain]]\non = [\"x\"]\nrun = \"qiut\"\n",
                "keys.toml:3: unknown command \"qiut\": the nearest is \"quit\"",
            ),
            (
                "[[chian]]\non = [\"x\"]\nrun = \"quit\"\n",
                "keys.toml:1: no keys for \"chian\": the nearest is \"chain\"",
            ),
            (
                "\n[chain]\non = [\"x\"]\nrun = \"quit\"\n",
                "keys.toml:2: each key needs an entry of its own: write [[chain]], then on = [\"x\"] and run = \"quit\"",
            ),
            (
                "chain = [\"x\"]\n",
                "keys.toml:1: a key is an entry with on = [\"x\"] and run = \"quit\"",
            ),
            (
                "[[chain]]\non = [\"x\"]\n",
                "keys.toml:1: the entry lacks `run`: it needs on = [\"x\"] and run = \"quit\"",
            ),
            (
                "[[chain]]\non = [\"x\"]\nrum = \"quit\"\n",
                "keys.toml:3: unknown field \"rum\" in an entry: the nearest is \"run\"",
            ),
            (
                "[[chain]]\non = [7]\nrun = \"quit\"\n",
                "keys.toml:2: a key must be a text in quotes, such as \"x\" or \"ctrl-d\"",
            ),
            (
                "[[chain]]\non = [\"x\"]\nrun = 7\n",
                "keys.toml:3: `run` must be a text in quotes",
            ),
        ] {
            assert_eq!(patched(text).expect_err(text), said);
        }
        let error = patched("[[chain]]\non = [\"x\"]\nrun = \"zzz\"\n").expect_err("wrong");
        assert!(error.contains("expected one of aggregate, all-at-once, "), "{error}");
        let error = patched("[[chain]]\non = [\n").expect_err("torn");
        assert!(error.starts_with("keys.toml:2: "), "{error}");
    }

    #[test]
    fn every_command_has_a_key() {
        let keys = Keys::load(None).expect("a table");
        let named = keys.bindings.iter().map(|binding| binding.run).collect::<BTreeSet<_>>();
        // The last of them, so that the count is of all.
        assert_eq!(
            named.len(),
            Command::NextStep as usize + 1,
            "the nearest command is sought among these"
        );
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
