//! What the program says in the last line, until the next key.

use jiff::SignedDuration;

use crate::domain::phrase::Phrase;
use crate::ui::text::commands::Note;

pitagora_core::phrases! {
    /// One thing said.
    pub enum Notice in "notice" {
        Told { text: String },
        NotYet { why: Phrase },
        NoIssues,
        NoIssuesShown,
        InferredEdges { shown: bool },
        Theme { name: String },
        Mouse { ours: bool },
        OnlyThrough { name: String },
        Copied { command: String },
        Saved { file: String },
        NotSaved { why: String },
        NotCopied { why: Note },
        NoConsole,
        SimulatedConsole,
        NoPattern { why: String },
        PartOfId,
        NoAttempt,
        Restarted { told: String },

        NoFunction,
        NoAnswer,
        Broken { name: String },
        Fixed { name: String },
        Throttled { name: String },
        NotThrottled { name: String },
        NextStep { later: SignedDuration },
        LastStep,
        Full { held: String, budget: String },

        ReadOnlyHere,
        OpenFirst,
        Reading { count: usize },
        Filtering,
        NotRead,
        NoMessage,
        FunctionUnknown,
        OneToEdit,
        BeingRedriven,
        Unchanged,
        EditKept,
        EditUndone,
        EditDropped,
        NoFile,
        NotDeleted,
        NotSent,
        NothingGoes,
        AlreadyRedriven,
        NotRedriven,
        NoChoice,
        NoMoveTask { why: String },
    }
}

/// A sentence of another room, or from outside.
impl From<String> for Notice {
    fn from(text: String) -> Self {
        Self::Told { text }
    }
}
