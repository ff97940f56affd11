//! Events of work in progress.

use std::sync::Arc;

use super::error::Trouble;
use super::hidden::Hidden;
use super::proof::{Proof, Unproved};
use super::state::DlqContents;
use crate::dead_letters::DeadLetterQueue;
use crate::domain::MoveTask;
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
