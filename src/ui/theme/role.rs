//! What each part of the screen is, whatever it looks like.

use serde::Serialize;

/// What a style is for. The names in a theme's `[roles]` are these in kebab case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Plain text, and the ground behind everything.
    Text,
    /// What is read second.
    Muted,
    /// What is hardly read at all.
    Faint,
    /// What is read first among equals.
    Strong,
    /// The name of the product.
    Product,
    /// The frame of a pane.
    Frame,
    /// The title in a frame.
    Title,
    /// A key, in the footer and the help.
    Key,
    /// The badge that says read-only.
    Badge,
    /// Well.
    Well,
    /// Worth a look.
    Warning,
    /// Failing now.
    Failing,
    /// Lost for good.
    Loss,
    /// Off on purpose.
    Off,
    /// Not read.
    Unknown,
    /// The border of a box that is well.
    Box,
    /// The box that is selected: its ground.
    Selected,
    /// A configured edge.
    Line,
    /// A guessed or only permitted edge.
    LineGuess,
    /// An edge to a dead-letter queue.
    LineDead,
    /// An edge whose source is backing up.
    LineBacking,
    /// The edges of the selected node.
    LineSelected,
    /// Traffic just now.
    Marble,
    /// Traffic of a while ago.
    MarbleOld,
    /// A sparkline.
    Spark,
    /// Letters that match what is looked for.
    Match,
    /// The chosen row of a list.
    Cursor,
    /// What the program says: copied, frozen.
    Notice,
    /// Values that may no longer be true.
    Stale,
    /// What follows from something that was observed.
    Inferred,
    /// What AWS will do, if it does what it does.
    Predicted,
    /// The caption of a demonstration.
    Caption,
}

/// All roles.
pub const ROLES: [Role; 32] = [
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
