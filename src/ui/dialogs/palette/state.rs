//! The palette: every command that has a key now, found by its name or description. Its only source is the key table.

use super::found;
pub use super::found::{Found, Rank};
use crate::ui::input::keys::{Command, Context, Keys};

/// The state of the palette.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Palette {
    /// The query.
    pub query: String,
    /// All commands in the order of the table, those of the footer first.
    pub all: Vec<Entry>,
    /// The matches as indices into all commands, best first.
    pub matches: Vec<usize>,
    /// The index of the chosen match.
    pub at: usize,
}

/// A command of the palette.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The command.
    pub run: Command,
    /// Its name in the table of keys.
    pub name: String,
    /// Its description.
    pub desc: String,
    /// Its keys.
    pub keys: String,
    /// Whether the footer shows it.
    pub is_usual: bool,
}

impl Entry {
    /// The match of a query; `None` if it does not match.
    #[must_use]
    pub fn find(&self, query: &str) -> Option<Found> {
        found::find(&self.name, &self.desc, query)
    }
}

impl Palette {
    /// The palette of all commands in these contexts, each once.
    #[must_use]
    pub fn new(keys: &Keys, places: &[Context]) -> Self {
        let mut all: Vec<Entry> = Vec::new();
        // What holds everywhere is what one looks for last.
        let (everywhere, here): (Vec<Context>, Vec<Context>) =
            places.iter().partition(|place| **place == Context::Always);
        for binding in here.iter().chain(&everywhere).flat_map(|place| keys.of(*place)) {
            if binding.run == Command::Palette {
                continue;
            }
            // A key that means something else in a nearer place is not this one's.
            let on = binding
                .on
                .iter()
                .filter(|key| keys.run(places, **key) == Some(binding.run));
            let on: Vec<String> = on.map(ToString::to_string).collect();
            match all.iter_mut().find(|entry| entry.run == binding.run) {
                Some(known) => known.keys = [known.keys.as_str(), &on.join(" ")].join(" ").trim().into(),
                None => all.push(Entry {
                    run: binding.run,
                    name: binding.run.word(),
                    desc: binding.desc.clone(),
                    keys: on.join(" "),
                    is_usual: binding.hint.is_some(),
                }),
            }
        }
        all.sort_by_key(|entry| !entry.is_usual);
        let mut palette = Self { all, ..Self::default() };
        palette.narrow();
        palette
    }

    /// Updates the matches.
    pub fn narrow(&mut self) {
        let entries = self.all.iter().enumerate();
        let mut found: Vec<_> = entries
            .filter_map(|(at, entry)| Some((entry.find(&self.query)?.rank, at)))
            .collect();
        found.sort_unstable();
        self.matches = found.into_iter().map(|(_, at)| at).collect();
        self.at = 0;
    }

    /// Moves the choice by `rows`, cyclically.
    pub fn go(&mut self, step: isize) {
        let rows = self.matches.len();
        if rows > 0 {
            self.at = (self.at + rows).saturating_add_signed(step) % rows;
        }
    }

    /// The chosen command.
    #[must_use]
    pub fn chosen(&self) -> Option<Command> {
        self.matches.get(self.at).map(|at| self.all[*at].run)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Language;

    fn palette(places: &[Context], query: &str) -> Palette {
        let mut palette = Palette::new(&Keys::load(None, Language::English).expect("a table"), places);
        query.clone_into(&mut palette.query);
        palette.narrow();
        palette
    }

    #[test]
    fn each_command_of_a_place_stands_there_once_with_all_its_keys() {
        let keys = Keys::load(None, Language::English).expect("a table");
        for places in [
            vec![Context::Always, Context::Chain],
            vec![Context::Always, Context::Chain, Context::Demo],
            vec![Context::Always, Context::DeadLetters, Context::Pane, Context::Demo],
            vec![Context::Always, Context::Pane, Context::Logs],
        ] {
            let palette = palette(&places, "");
            for binding in places.iter().flat_map(|place| keys.of(*place)) {
                let entries = palette.all.iter().filter(|entry| entry.run == binding.run).count();
                assert_eq!(entries, usize::from(binding.run != Command::Palette), "{binding:?}");
            }
            assert_eq!(palette.matches.len(), palette.all.len());
        }
        let quit = palette(&[Context::Always, Context::Chain], "quit");
        assert_eq!(quit.all[quit.matches[0]].keys, "q Ctrl-c");
    }

    #[test]
    fn a_key_that_means_something_else_here_is_not_shown() {
        // In the dead letters `Space` marks; the demo's key gives way, its command stays.
        let places = [Context::Always, Context::DeadLetters, Context::Pane, Context::Demo];
        let dropped = palette(&places, "drop");
        let entry = &dropped.all[dropped.matches[0]];
        assert_eq!((entry.run, entry.keys.as_str()), (Command::DropEvent, ""));
    }

    #[test]
    fn a_part_of_the_name_or_of_the_words_finds_it() {
        let chosen = |query| palette(&[Context::Always, Context::Chain, Context::Demo], query).chosen();
        assert_eq!(
            chosen("thro"),
            Some(Command::Throttle),
            "and not what is shown through a box"
        );
        assert_eq!(chosen("next is"), Some(Command::NextIssue));
        assert_eq!(chosen(""), Some(Command::Open), "what the footer says first");
        assert_eq!(chosen("concurrency"), Some(Command::Throttle));
        assert_eq!(chosen("dead"), Some(Command::DeadLetters));
        assert_eq!(chosen("letters"), Some(Command::DeadLetters), "a part of its name");
        assert_eq!(chosen("expcred"), Some(Command::ExpireCredentials));
        assert_eq!(chosen("zzz"), None);
    }

    #[test]
    fn what_aws_calls_a_thing_finds_it() {
        let found = |place, query| !palette(&[Context::Always, place], query).matches.is_empty();
        for term in [
            "redrive",
            "visibility",
            "batch",
            "retention",
            "DLQ",
            "logs",
            "copy",
            "retries",
        ] {
            assert!(found(Context::Chain, term), "{term}");
        }
        for term in ["redrive", "receive", "visibility", "retention", "jq", "delete", "logs"] {
            assert!(found(Context::DeadLetters, term), "{term}");
        }
    }

    #[test]
    fn letters_that_are_scattered_over_the_words_find_nothing() {
        let found = |query| {
            let palette = palette(&[Context::Always, Context::Chain, Context::Demo], query);
            let names = palette.matches.iter().map(|at| palette.all[*at].name.clone());
            names.collect::<Vec<_>>()
        };
        assert_eq!(found("quit"), ["quit"]);
        assert_eq!(found("retr"), ["retries"]);
        assert_eq!(found("tme"), [""; 0]);
        assert_eq!(found("logs"), ["logs"]);
    }
}
