//! What is open over the chain.

use crate::domain::NodeId;
use crate::ui::dialogs::palette::state::Palette;
use crate::ui::panes::dead_letters::state::Question;

/// The dialog or prompt that is open over the chain.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Mode {
    /// None: keys move in the chain.
    #[default]
    Chain,
    /// The prompt of find.
    Find(Find),
    /// The command palette.
    Palette(Palette),
    /// The prompt for the pattern that log lines must match.
    Pattern(String),
    /// The help, with the rows scrolled.
    Help(u16),
    /// A list.
    List(List),
    /// Choosing what to copy: the place in the list.
    Copy(usize),
    /// Choosing a theme: the place of the one that was used before.
    Themes(usize),
    /// Typing an answer.
    Answer(Question, String),
}

/// The state of find.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Find {
    /// The query.
    pub query: String,
    /// The matching nodes, best first.
    pub matches: Vec<NodeId>,
    /// The index of the chosen match.
    pub at: usize,
    /// The node selected before find was opened.
    pub before: Option<NodeId>,
}

/// A list over the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct List {
    /// Its contents.
    pub of: ListOf,
    /// The chosen row; the first visible one if no row can be chosen.
    pub at: usize,
}

/// The contents of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListOf {
    /// The issues, worst first.
    Issues,
    /// What is unknown.
    Unknown,
    /// What is shown, when each part was read, and what it costs.
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
