//! Roles: what each part of the screen is, independent of its look.

use serde::Serialize;

/// The role of a style; in kebab case in a theme's `[roles]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Plain text, and the background behind everything.
    Text,
    /// Secondary text.
    Muted,
    /// Text that matters least.
    Faint,
    /// What is read first among equals.
    Strong,
    /// The name pitagora.
    Product,
    /// The frame of a pane.
    Frame,
    /// The title in a frame.
    Title,
    /// A key, in the footer and the help.
    Key,
    /// The badge READ-ONLY.
    Badge,
    /// Status OK.
    Well,
    /// Status Warning.
    Warning,
    /// Status Failing.
    Failing,
    /// Status Lost.
    Loss,
    /// Status Disabled.
    Off,
    /// Status Unknown: not read.
    Unknown,
    /// The border of a box whose status is OK.
    Box,
    /// The background of the selected box.
    Selected,
    /// A configured edge.
    Line,
    /// An inferred edge, or one allowed by policy only.
    LineGuess,
    /// An edge to a dead-letter queue.
    LineDead,
    /// An edge whose source has a growing backlog.
    LineBacking,
    /// The edges of the selected box.
    LineSelected,
    /// Traffic just now.
    Marble,
    /// Older traffic.
    MarbleOld,
    /// The event that was dropped by hand.
    MarbleOwn,
    /// A sparkline.
    Spark,
    /// Characters that match a search.
    Match,
    /// The chosen row of a list.
    Cursor,
    /// Notices: copied, frozen.
    Notice,
    /// Values that may be outdated.
    Stale,
    /// What is inferred.
    Inferred,
    /// What is predicted.
    Predicted,
    /// The caption of the demo.
    Caption,
}

/// All roles.
pub const ROLES: [Role; 33] = [
    Role::Text,
    Role::Muted,
    Role::Faint,
    Role::Strong,
    Role::Product,
    Role::Frame,
    Role::Title,
    Role::Key,
    Role::Badge,
    Role::Well,
    Role::Warning,
    Role::Failing,
    Role::Loss,
    Role::Off,
    Role::Unknown,
    Role::Box,
    Role::Selected,
    Role::Line,
    Role::LineGuess,
    Role::LineDead,
    Role::LineBacking,
    Role::LineSelected,
    Role::Marble,
    Role::MarbleOld,
    Role::MarbleOwn,
    Role::Spark,
    Role::Match,
    Role::Cursor,
    Role::Notice,
    Role::Stale,
    Role::Inferred,
    Role::Predicted,
    Role::Caption,
];

impl Role {
    /// Its name in a theme.
    #[must_use]
    pub fn word(self) -> String {
        crate::domain::text::word(self)
    }
}
