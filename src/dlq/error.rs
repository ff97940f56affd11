//! Why something that was asked for was not done.

use std::io;
use std::path::PathBuf;

use crate::aws::Error;
use crate::dead_letters::read_guard::Refusal;
use crate::redrive::journal::JournalError;

/// Why it was not done. Each prints as one or more whole sentences.
#[derive(Debug, thiserror::Error)]
pub enum DlqError {
    /// No survey has seen the queue's attributes.
    #[error("The attributes of {queue} were not read yet: try again in a moment.")]
    NotSurveyed {
        /// The queue's name.
        queue: String,
    },
    /// The queue's attributes cannot be read.
    #[error("{queue} could not be read ({why}): nothing was received.")]
    Unread {
        /// The queue's name.
        queue: String,
        /// Why.
        why: Error,
    },
    /// Reading the queue would do harm.
    #[error("{}: nothing was read.", whys(queue, against))]
    Guarded {
        /// The queue's name.
        queue: String,
        /// What speaks against it; at least one.
        against: Vec<Refusal>,
    },
    /// No file is written over.
    #[error("{} is there already and is not written over: choose another file.", .0.display())]
    Exists(PathBuf),
    /// The file of letters was not written.
    #[error("The letters could not be written to {} ({why}): nothing was.", path.display())]
    Unwritten {
        /// Which.
        path: PathBuf,
        /// Why.
        why: io::Error,
    },
    /// There is no place for journals.
    #[error("There is no home directory for the journal: set HOME.")]
    NoHome,
    /// Edited bodies were not kept.
    #[error("The edits could not be kept beside the journal ({0}): nothing was sent. Check the disk.")]
    Edits(io::Error),
    /// There is no journal.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// SQS started no task.
    #[error("SQS did not start to move the messages ({0}): choose the other engine.")]
    MoveRefused(Error),
    /// SQS does not tell of the task that it started.
    #[error("How far SQS is cannot be read ({0}); it goes on moving.")]
    MoveUnread(Error),
    /// SQS names no task.
    #[error("SQS does not name the task that it started: look at the queue.")]
    MoveUnnamed,
}

fn whys(queue: &str, against: &[Refusal]) -> String {
    let whys: Vec<String> = against.iter().map(|one| one.why(queue)).collect();
    whys.join("; ")
}
