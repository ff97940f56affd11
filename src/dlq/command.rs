//! What the screen asks of the task.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::domain::NodeId;
use crate::redrive::plan::To;
use crate::redrive::record::Growth;
use crate::redrive::route::Edit;

/// One thing to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Read a queue once.
    Read {
        /// Which.
        queue: NodeId,
        /// Messages at most.
        max: usize,
        /// Although something speaks against it.
        anyway: bool,
    },
    /// Stop reading, and make messages in hand visible again.
    StopReading,
    /// Write messages to a file of JSON lines that only its owner can read.
    Export {
        /// Which queue's.
        queue: NodeId,
        /// Their ids.
        ids: Vec<String>,
        /// The file.
        path: PathBuf,
    },
    /// Say what would be done; nothing is sent.
    Plan(RedriveRequest),
    /// Forget what would be done.
    Drop,
    /// Do what was planned.
    Go {
        /// Without a message that goes first alone.
        at_once: bool,
    },
    /// Send the rest after the canary.
    GoOn,
    /// Send nothing new, finish messages in progress, make the rest visible again.
    Stop,
    /// Delete messages after writing them to a file.
    Delete {
        /// Which queue's.
        queue: NodeId,
        /// Their ids.
        ids: Vec<String>,
        /// The file.
        path: PathBuf,
    },
}

/// What the user wants redriven, and how.
#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "they are switches of a dialog and of the command line"
)]
pub struct RedriveRequest {
    /// The queue.
    pub queue: NodeId,
    /// The ids of the messages.
    pub ids: Vec<String>,
    /// Whether these are all that were read.
    pub all: bool,
    /// Where to.
    pub to: To,
    /// The function or subscriber, for messages with several candidates.
    pub choice: Option<NodeId>,
    /// Edited bodies by message ID.
    pub edits: BTreeMap<String, Edit>,
    /// Whether functions are invoked that keep nothing of an event that fails again.
    pub invoke_anyway: bool,
    /// Whether SQS itself is to move them, where it can.
    pub move_task: bool,
    /// Whether to move messages even if earlier redrives have sent some of them.
    pub move_again: bool,
    /// Messages a second at most.
    pub rate: Option<u32>,
    /// How messages are added that come into sight later.
    pub grows: Option<Growth>,
}

impl RedriveRequest {
    /// These messages to their sources.
    #[must_use]
    pub fn of(queue: NodeId, ids: Vec<String>, all: bool, edits: BTreeMap<String, Edit>) -> Self {
        Self {
            queue,
            ids,
            all,
            to: To::Origin,
            choice: None,
            edits,
            invoke_anyway: false,
            move_task: false,
            move_again: false,
            rate: None,
            grows: None,
        }
    }
}
