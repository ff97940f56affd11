//! Dialogs and questions before anything is done.

use std::path::PathBuf;

use crate::domain::NodeId;

/// A dialog over the pane.
#[derive(Clone, Debug, PartialEq)]
pub enum Dialog {
    /// What reading does; confirming reads.
    Notice {
        /// The queue.
        queue: NodeId,
        /// The most messages to read.
        max: usize,
    },
    /// The preview of a redrive; confirming starts it.
    Plan {
        /// Lines scrolled.
        scroll: usize,
    },
    /// The progress of a redrive.
    Run {
        /// Lines scrolled.
        scroll: usize,
    },
    /// The difference of an edit; confirming keeps it.
    Diff {
        /// The message.
        id: String,
        /// The new body.
        body: String,
        /// Lines scrolled.
        scroll: usize,
    },
}

/// A question whose answer is typed.
#[derive(Clone, Debug, PartialEq)]
pub enum Question {
    /// The text that messages must contain.
    Text,
    /// A `jq` condition.
    Jq,
    /// The file to export messages to.
    Export,
    /// The file to export messages to before they are deleted.
    DeleteTo,
    /// The queue's name, to confirm a deletion.
    DeleteName(PathBuf),
    /// The words that override the reasons against reading a queue.
    ReadAnyway {
        /// The queue.
        queue: NodeId,
        /// The most messages to read.
        max: usize,
    },
    /// A queue or function to send messages to instead of their sources.
    Elsewhere,
    /// The queue's name, to confirm a redrive.
    GoName {
        /// Whether to send without a canary.
        at_once: bool,
    },
}

/// The words that override the reasons against reading a queue.
pub const READ_ANYWAY: &str = "read anyway";

impl Question {
    /// Whether the answer applies while it is typed.
    #[must_use]
    pub fn is_live(&self) -> bool {
        matches!(self, Self::Text)
    }

    /// Whether it is asked in a window. What filters the list is typed beneath it.
    #[must_use]
    pub fn is_of_a_window(&self) -> bool {
        !matches!(self, Self::Text | Self::Jq)
    }
}
