//! What is asked before something is done.

use std::path::PathBuf;

use crate::domain::NodeId;

/// A window over the pane.
#[derive(Clone, Debug, PartialEq)]
pub enum Dialog {
    /// What reading does; yes reads.
    Notice {
        /// The queue.
        queue: NodeId,
        /// Messages at most.
        max: usize,
    },
    /// What would be put back where; yes does it.
    Plan {
        /// Lines scrolled.
        scroll: usize,
    },
    /// How far the messages are that go back.
    Run {
        /// Lines scrolled.
        scroll: usize,
    },
    /// What an edit changed; yes keeps it.
    Diff {
        /// The letter.
        id: String,
        /// The new body.
        body: String,
        /// Lines scrolled.
        scroll: usize,
    },
}

/// What is typed.
#[derive(Clone, Debug, PartialEq)]
pub enum Question {
    /// What letters must hold somewhere.
    Text,
    /// A `jq` condition.
    Jq,
    /// Into which file the letters are written.
    Export,
    /// Into which file the letters are written before they are deleted.
    DeleteTo,
    /// The queue's name, before letters are deleted.
    DeleteName(PathBuf),
    /// The named override: a queue is read although something speaks against it.
    ReadAnyway {
        /// The queue.
        queue: NodeId,
        /// Messages at most.
        max: usize,
    },
    /// A queue or function that takes the letters in place of where each came from.
    Elsewhere,
    /// The queue's name, before letters are put back.
    GoName {
        /// Without a message that goes first alone.
        at_once: bool,
    },
}

/// The words that read a queue although something speaks against it.
pub const READ_ANYWAY: &str = "read anyway";

impl Question {
    /// What is asked, in words; `queue` is the queue's name.
    #[must_use]
    pub fn words(&self, queue: &str) -> String {
        match self {
            Self::Text => "only letters with this text:".to_owned(),
            Self::Jq => "only letters on which this jq condition holds:".to_owned(),
            Self::Export => "write the letters to this file:".to_owned(),
            Self::DeleteTo => "first write the letters to this file:".to_owned(),
            Self::DeleteName(_) => format!("type {queue} to delete these letters for good:"),
            Self::ReadAnyway { .. } => format!("type \"{READ_ANYWAY}\" to read it all the same:"),
            Self::Elsewhere => "send to this queue or function (nothing: where each came from):".to_owned(),
            Self::GoName { .. } => format!("type {queue} to redrive:"),
        }
    }

    /// Whether each letter typed counts at once.
    #[must_use]
    pub fn is_live(&self) -> bool {
        matches!(self, Self::Text)
    }
}
