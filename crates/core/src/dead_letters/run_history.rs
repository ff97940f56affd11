//! What logs and metrics can add to a message. The caller decides what is read.

use jiff::Timestamp;

use crate::domain::{Invocation, NodeId, RunError};

/// An answer of something that may not have been read.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer<T> {
    /// It was read, and there it is.
    Yes(T),
    /// It was read, and nothing of that is in it.
    No,
    /// It was not read (far enough): nothing can be said.
    Unread,
}

impl<T> Answer<T> {
    /// What was found.
    #[must_use]
    pub fn yes(self) -> Option<T> {
        match self {
            Self::Yes(found) => Some(found),
            Self::No | Self::Unread => None,
        }
    }
}

/// A failed invocation of a function that reads a queue, with the messages that its lines name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedBatch {
    /// When it began.
    pub start: Timestamp,
    /// The messages that its lines name: those of its batch, or some of them.
    pub message_ids: Vec<String>,
    /// What it said. Comes from others.
    pub error: RunError,
}

/// A source of past invocations. Every question may stay unanswered.
pub trait RunHistory {
    /// The last invocation of this request in the function's log.
    fn run(&self, function: &NodeId, request_id: &str) -> Answer<Invocation>;

    /// The last invocation whose lines name this queue message. Most functions do not log it: its absence proves nothing.
    fn run_of_message(&self, function: &NodeId, message_id: &str) -> Option<Invocation>;

    /// The errors of failed invocations that started within an interval: each once, the most frequent first.
    fn errors(&self, function: &NodeId, from: Timestamp, to: Timestamp) -> Answer<Vec<RunError>>;

    /// The failed invocations that began between two moments.
    fn failed_batches(&self, _function: &NodeId, _from: Timestamp, _to: Timestamp) -> Answer<Vec<FailedBatch>> {
        Answer::Unread
    }

    /// The number of invocations that started within an interval.
    fn starts(&self, function: &NodeId, from: Timestamp, to: Timestamp) -> Answer<u64>;

    /// How many invocations of the function were throttled between two moments.
    fn throttles(&self, function: &NodeId, from: Timestamp, to: Timestamp) -> Answer<u64>;
}

/// Has read nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoHistory;

impl RunHistory for NoHistory {
    fn run(&self, _: &NodeId, _: &str) -> Answer<Invocation> {
        Answer::Unread
    }

    fn run_of_message(&self, _: &NodeId, _: &str) -> Option<Invocation> {
        None
    }

    fn errors(&self, _: &NodeId, _: Timestamp, _: Timestamp) -> Answer<Vec<RunError>> {
        Answer::Unread
    }

    fn starts(&self, _: &NodeId, _: Timestamp, _: Timestamp) -> Answer<u64> {
        Answer::Unread
    }

    fn throttles(&self, _: &NodeId, _: Timestamp, _: Timestamp) -> Answer<u64> {
        Answer::Unread
    }
}
