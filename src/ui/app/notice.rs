//! What the program says in the last line, until the next key.

use jiff::SignedDuration;

use crate::domain::phrase::Phrase;
use crate::redrive::targets::NoMove;
use crate::ui::terminal::Report;
use crate::ui::text::commands::Note;

pitagora_core::phrases! {
    /// One thing said.
    pub enum Notice in "notice" {
        /// A phrase of another room.
        Told { what: Phrase },
        NotYet { why: Phrase },
        NoIssues,
        NoIssuesShown,
        InferredEdges { shown: bool },
        Theme { name: String },
        Mouse { ours: bool },
        OnlyThrough { name: String },
        Copied { command: String },
        NotCopied { why: Note },
        NoPattern { why: String },
        PartOfId,
        NoAttempt,
        Restarted { report: Report },

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
        NoMoveTask { why: NoMove },
    }
}
