//! Why something that was asked for was not done.

use std::io;
use std::path::PathBuf;

use crate::aws::Error;
use crate::config::private::NoFile;
use crate::dead_letters::read_guard::{self, Refusal};
use crate::domain::ReadOnly;
use crate::domain::text::plain;
use crate::redrive::journal::JournalError;
use crate::words::Words;

const AWS_ITSELF: &str = "AWS itself, without --endpoint-url";

/// Why it was not done. Each prints as one or more whole sentences.
#[derive(Debug, thiserror::Error)]
pub enum DlqError {
    /// Nothing is received and nothing sent here.
    #[error(transparent)]
    ReadOnly(#[from] ReadOnly),
    /// Nothing has this name, URL or ARN.
    #[error("No queue {} in this account and region: see `pitagora dlq list`.", plain(.0))]
    NoQueue(String),
    /// The attributes of the queue that was named cannot be read.
    #[error("Could not read the attributes of queue {} ({why}).", plain(queue))]
    AttributesUnread {
        /// As it was named.
        queue: String,
        /// Why.
        why: Error,
    },
    /// No survey has seen the queue's attributes.
    #[error("The attributes of {queue} have not been read yet: retry in a moment.")]
    NotSurveyed {
        /// The queue's name.
        queue: String,
    },
    /// The queue's attributes cannot be read.
    #[error("Could not read {queue} ({why}): nothing was received.")]
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
    #[error("{} exists and is not overwritten: choose another file.", .0.display())]
    Exists(PathBuf),
    /// Only a regular file is written.
    #[error("{} is {what}, not a regular file: choose another file.", .path.display())]
    NoFile {
        /// Which.
        path: PathBuf,
        /// What it is.
        what: NoFile,
    },
    /// The file of messages was not written.
    #[error("Could not write {} ({why}): no file was created.", path.display())]
    Unwritten {
        /// Which.
        path: PathBuf,
        /// Why.
        why: io::Error,
    },
    /// There is no place for journals.
    #[error("No home directory for the journal: set HOME.")]
    NoHome,
    /// Edited bodies were not kept.
    #[error("Could not save the edits beside the journal ({0}): nothing was sent. Check the disk.")]
    Edits(io::Error),
    /// Edited bodies cannot be read.
    #[error("Could not read the edits beside the journal ({0}): nothing was sent.")]
    EditsUnread(io::Error),
    /// The journal belongs to another account.
    #[error(
        "The journal belongs to account {} in {}: use that profile and region.",
        plain(account),
        plain(region)
    )]
    OtherAccount {
        /// Its number.
        account: String,
        /// Its region.
        region: String,
    },
    /// The journal belongs to another endpoint, or to AWS.
    #[error("The journal belongs to another endpoint: resume it at {}.", plain(.0.as_deref().unwrap_or(AWS_ITSELF)))]
    OtherEndpoint(Option<String>),
    /// There is no journal.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// SQS started no task.
    #[error("Could not start the move task ({0}): use the client engine.")]
    MoveRefused(Error),
    /// SQS did not return the handle of the move task.
    #[error("Could not read the progress of the move task ({0}); SQS keeps moving messages.")]
    MoveUnread(Error),
    /// SQS names no task.
    #[error("SQS did not return the handle of the move task that it started: check the queue.")]
    MoveUnnamed,
}

fn whys(queue: &str, against: &[Refusal]) -> String {
    Words::utc().say(&read_guard::against(against, queue))
}
