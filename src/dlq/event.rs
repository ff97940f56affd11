//! Events of work in progress.

use std::io;
use std::sync::Arc;

use super::hidden::Hidden;
use super::proof::{Proof, Unproved};
use super::state::DlqContents;
use crate::aws::Error;
use crate::dead_letters::DeadLetterQueue;
use crate::domain::MoveTask;
use crate::redrive::audit::AuditError;
use crate::redrive::progress::{Progress, Summary};

/// Events of work in progress.
#[derive(Debug)]
pub enum DlqEvent {
    /// The queue is received from now on.
    Receiving(Box<DeadLetterQueue>),
    /// Somebody else holds all messages: they are waited for.
    Hidden(Hidden),
    /// Messages read so far.
    Count(usize),
    /// All messages are visible again. Logs and metrics are now searched for what the messages leave open.
    GivenBack(Arc<DlqContents>),
    /// How far the own engine is.
    Progress(Progress),
    /// What goes first before SQS moves the rest has come to its end.
    First(Summary),
    /// So many went first, and the rest waits for a person's word.
    Waiting(usize),
    /// An invocation of the target is waited for: `alone` if no rest waits behind it.
    Proving {
        /// Nothing waits behind it.
        alone: bool,
    },
    /// What came of that.
    Proved {
        /// Nothing waits behind it.
        alone: bool,
        /// What proves that the cause is fixed, or why nothing does.
        proof: Result<Proof, Unproved>,
    },
    /// New invocations of the target since the redrive began, and how many of them failed.
    TargetRuns {
        /// All.
        all: u64,
        /// Failed.
        failed: u64,
    },
    /// SQS was asked to move the rest.
    MoveStarted,
    /// How far SQS is.
    Moving(MoveTask),
    /// Something went wrong beside it, and the work goes on.
    Trouble(Trouble),
}

/// What went wrong beside the work. Each prints as a sentence without its stop.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// A line is missing in the audit file.
    #[error("could not write to the audit file ({0})")]
    Audit(AuditError),
    /// Bodies of deleted messages remain beside the journal.
    #[error("could not remove the edits beside the journal ({0})")]
    Edits(io::Error),
    /// SQS goes on.
    #[error("could not cancel the move task ({0})")]
    NotCancelled(Error),
    /// SQS's task ended badly.
    #[error("the move task failed: {0}")]
    TaskFailed(String),
    /// Whether messages stayed is unknown.
    #[error("whether the queue is empty now is unknown ({0})")]
    Uncounted(Error),
    /// More came in while SQS moved.
    #[error("the queue has {0} messages: SQS moved all that were there at the start, so these arrived meanwhile")]
    CameIn(u64),
}
