//! The pane below the chain.

use super::dead_letters::state::DeadLettersPane;
use super::logs::state::LogPane;
use super::retries::state::Retries;
use super::runs::state::RunsPane;
use super::tables::state::TablePane;
use crate::ui::app::screen_layout::Share;
use crate::ui::input::keys::Context;

/// The pane below the chain.
#[derive(Clone, Debug, Default)]
pub enum Pane {
    /// Issues; keys move in the chain.
    #[default]
    Issues,
    /// Retries.
    Retries(Retries),
    /// Logs.
    Logs(Box<LogPane>),
    /// Invocations, and errors by type.
    Runs(Box<RunsPane>),
    /// A table of functions, queues, …
    Table(Box<TablePane>),
    /// Dead letters.
    DeadLetters(Box<DeadLettersPane>),
}

impl Pane {
    /// The context of its keys.
    #[must_use]
    pub fn places(&self) -> &'static [Context] {
        match self {
            Self::Issues => &[Context::Chain],
            Self::Retries(_) => &[Context::Pane, Context::Retries],
            Self::Logs(_) => &[Context::Pane, Context::Logs],
            Self::Runs(_) => &[Context::Pane, Context::Invocations],
            Self::Table(_) => &[Context::Pane, Context::Table],
            Self::DeadLetters(state) if state.dialog.is_some() => &[Context::Dialog],
            Self::DeadLetters(_) => &[Context::DeadLetters, Context::Pane],
        }
    }

    /// Whether it has keys of its own.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !matches!(self, Self::Issues)
    }

    /// The share of the screen that it needs; `retried` if there are retries to summarize.
    #[must_use]
    pub fn share(&self, enlarged: bool, retried: bool) -> Share {
        match self {
            Self::Issues if retried => Share::Glance,
            Self::Issues => Share::Small,
            _ if enlarged => Share::Whole,
            Self::Retries(_) | Self::Logs(_) | Self::Runs(_) | Self::Table(_) | Self::DeadLetters(_) => Share::Half,
        }
    }
}
