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
    /// The preview of a redrive; yes starts it.
    Plan {
        /// Lines scrolled.
        scroll: usize,
    },
    /// The progress of a redrive.
    Run {
        /// Lines scrolled.
        scroll: usize,
    },
    /// What an edit changed; yes keeps it.
    Diff {
        /// The message.
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
    /// What messages must contain.
    Text,
    /// A `jq` condition.
    Jq,
    /// Into which file the messages are exported.
    Export,
    /// Into which file the messages are exported before they are deleted.
    DeleteTo,
    /// The queue's name, before messages are deleted.
    DeleteName(PathBuf),
    /// The named override: a queue is read although something speaks against it.
    ReadAnyway {
        /// The queue.
        queue: NodeId,
        /// Messages at most.
        max: usize,
    },
    /// A queue or function that takes the messages in place of where each came from.
    Elsewhere,
    /// The queue's name, before messages are redriven.
    GoName {
        /// Without a canary.
        at_once: bool,
    },
}

/// The words that read a queue although something speaks against it.
pub const READ_ANYWAY: &str = "read anyway";

impl Question {
    /// Whether each letter typed counts at once.
    #[must_use]
    pub fn is_live(&self) -> bool {
        matches!(self, Self::Text)
    }
}
