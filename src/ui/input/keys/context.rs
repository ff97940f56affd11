//! Where a key means something.

use serde::{Deserialize, Serialize};

/// Where a key means something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Context {
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
    /// In the tables of invocations.
    #[serde(alias = "runs")]
    Invocations,
    /// In a table.
    Table,
    /// In the dead letters.
    #[serde(alias = "letters")]
    DeadLetters,
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
    /// On the stage of a demonstration: before all others.
    Stage,
}

impl Context {
    /// All contexts, in the order of the table.
    pub const ALL: [Self; 15] = [
        Self::Always,
        Self::Chain,
        Self::Pane,
        Self::Retries,
        Self::Logs,
        Self::Invocations,
        Self::Table,
        Self::DeadLetters,
        Self::Dialog,
        Self::Answer,
        Self::List,
        Self::Find,
        Self::Palette,
        Self::Demo,
        Self::Stage,
    ];

    /// Its name in the table.
    #[must_use]
    pub fn word(self) -> String {
        crate::domain::text::word(self)
    }

    /// Whether both can be asked for the same key.
    pub(super) fn meets(self, other: Self) -> bool {
        self == other
            || self == Self::Always
            || other == Self::Always
            || match self {
                Self::Chain => other == Self::Demo,
                Self::Pane => matches!(
                    other,
                    Self::Retries | Self::Logs | Self::Invocations | Self::Table | Self::DeadLetters | Self::Demo
                ),
                Self::Retries | Self::Logs | Self::Invocations | Self::Table => {
                    matches!(other, Self::Pane | Self::Demo)
                }
                // Here the demo's keys give way.
                Self::DeadLetters => other == Self::Pane,
                Self::Demo => matches!(
                    other,
                    Self::Chain | Self::Pane | Self::Retries | Self::Logs | Self::Invocations | Self::Table
                ),
                _ => false,
            }
    }
}
