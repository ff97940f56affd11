//! What is open over the chain.

use crate::domain::NodeId;
use crate::ui::dialogs::palette::state::Palette;
use crate::ui::panes::dead_letters::state::Question;

/// What is open over the chain.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Mode {
    /// Nothing: keys move in the chain.
    #[default]
    Chain,
    /// Typing what to find.
    Find(Find),
    /// Looking for a command.
    Palette(Palette),
    /// Typing what lines must match.
    Pattern(String),
    /// The help, scrolled so far.
    Help(u16),
    /// A list.
    List(List),
    /// Typing an answer.
    Answer(Question, String),
}

/// What is looked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Find {
    /// What was typed.
    pub query: String,
    /// The nodes whose name matches, best first.
    pub matches: Vec<NodeId>,
    /// Which of them is chosen.
    pub at: usize,
    /// What was selected before.
    pub before: Option<NodeId>,
}

/// A list over the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct List {
    /// Of what.
    pub of: ListOf,
    /// The chosen row, or the first one shown where none is chosen.
    pub at: usize,
}

/// What is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListOf {
    /// What needs a look, worst first.
    Issues,
    /// What could not be read.
    Unknown,
    /// What is shown, what was read when, what it costs.
    Info,
}

/// The open details.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Details {
    /// Rows scrolled.
    pub scroll: u16,
    /// The chosen link: first those that reach the node, then those that leave it.
    pub link: usize,
}
