//! Why a message is in the DLQ: when it was attempted, by which function, and the error.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::dead_letters::export::error_text;
use crate::dead_letters::origin::tried;
use crate::dead_letters::{Chain, DeadLetter};
use crate::domain::{NodeId, Origin, RunError};
use crate::logs::signature::signature;

/// AWS (async): the attempts of an asynchronous event that fails last about 200 s; plus a margin.
const ASYNC: SignedDuration = SignedDuration::from_mins(5);

/// A message of a dead-letter queue, with what is known of its failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Died {
    /// Its id.
    pub message_id: String,
    /// The dead-letter queue.
    pub queue: NodeId,
    /// Its source queue, if SQS moved it.
    pub source: Option<NodeId>,
    /// The function, where it is certain.
    pub function: Option<NodeId>,
    /// No attempt began before this.
    pub first: Option<Timestamp>,
    /// Approximately when it went to the DLQ.
    pub at: Option<Timestamp>,
    /// Whether it was throttled and never invoked.
    pub throttled: bool,
    /// Its body, where it goes back as it is.
    pub body: Option<Arc<str>>,
    /// What went wrong, without numbers and ids, where that is known.
    pub error: Option<String>,
}

impl Died {
    /// From a dead letter.
    #[must_use]
    pub fn of(entry: &DeadLetter, chain: Chain<'_>) -> Self {
        let (letter, found) = (&entry.letter, &entry.provenance);
        let span = tried(letter, found, chain);
        let sent = letter.sent();
        let by_sqs = found.origin == Origin::SqsRedrive;
        Self {
            message_id: letter.message_id.clone(),
            queue: letter.queue.clone(),
            source: found.source.clone().filter(|_| by_sqs),
            function: found.function.function().cloned(),
            first: match span {
                Some((from, _)) => Some(from),
                None if by_sqs => sent,
                None => sent.and_then(|sent| sent.checked_sub(ASYNC).ok()),
            },
            // AWS (dead-letters): a standard queue keeps the time of the first sending: that is no time of death.
            at: span.map(|(_, to)| to).or(sent.filter(|_| !by_sqs)),
            body: by_sqs.then(|| Arc::clone(&letter.body)),
            throttled: found.capacity.is_some(),
            error: found.error.as_ref().map(|error| kind(&error_text(error))),
        }
    }
}

/// An error without its numbers and ids: equal for equal faults, wherever its text comes from.
#[must_use]
pub fn kind(error: &str) -> String {
    signature(&RunError {
        kind: None,
        message: error.to_owned(),
    })
}
