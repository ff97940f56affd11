//! What is open beneath the chain.

use super::dead_letters::state::DeadLettersPane;
use super::logs::state::LogPane;
use super::retries::state::Retries;
use super::runs::state::RunsPane;
use crate::ui::app::screen_layout::Share;
use crate::ui::input::keys::Context;

/// What lies beneath the chain.
#[derive(Clone, Debug, Default)]
pub enum Pane {
    /// What needs a look; keys move in the chain.
    #[default]
    Issues,
    /// Every event that is tried again.
    Retries(Retries),
    /// Lines of logs.
    Logs(Box<LogPane>),
    /// Runs, and errors that are alike.
    Runs(Box<RunsPane>),
    /// Dead letters.
    DeadLetters(Box<DeadLettersPane>),
}

impl Pane {
    /// Where its keys are.
    #[must_use]
    pub fn places(&self) -> &'static [Context] {
        match self {
            Self::Issues => &[Context::Chain],
            Self::Retries(_) => &[Context::Pane, Context::Retries],
            Self::Logs(_) => &[Context::Pane, Context::Logs],
            Self::Runs(_) => &[Context::Pane, Context::Invocations],
            Self::DeadLetters(state) if state.dialog.is_some() => &[Context::Dialog],
            Self::DeadLetters(_) => &[Context::DeadLetters, Context::Pane],
        }
    }

    /// Whether it is a pane with keys of its own.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !matches!(self, Self::Issues)
    }

    /// How much of the screen it wants; `retried` says whether there is something to glance at.
    #[must_use]
    pub fn share(&self, enlarged: bool, retried: bool) -> Share {
        match self {
            Self::Issues if retried => Share::Glance,
            Self::Issues => Share::Small,
            _ if enlarged => Share::Whole,
            Self::Retries(_) | Self::Logs(_) | Self::Runs(_) | Self::DeadLetters(_) => Share::Half,
        }
    }
}
