//! Arguments and results of calls that change the account: received messages, messages to send, and the outcome of each.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{MessageAttribute, QueueMessage};

/// Most messages per batch. AWS (sqs): 10.
pub const BATCH: usize = 10;
/// Most bytes per batch. AWS (sqs): 1 MiB for all its messages together.
pub const BATCH_BYTES: usize = 1 << 20;

/// A received message, in flight until its visibility timeout ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// The message.
    pub letter: QueueMessage,
    /// The receipt handle. AWS (sqs): deleting with an older one succeeds and deletes nothing.
    pub handle: String,
}

/// A message to send: everything that SQS lets a sender set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outgoing {
    /// The body, byte for byte; for a function, the event.
    pub body: Arc<str>,
    /// Message attributes, at most 10.
    #[serde(default)]
    pub attributes: BTreeMap<String, MessageAttribute>,
    /// `AWSTraceHeader`, the only system attribute that a sender may set.
    #[serde(default)]
    pub trace: Option<String>,
    /// `MessageGroupId`: FIFO, and fair standard queues.
    #[serde(default)]
    pub group: Option<String>,
    /// `MessageDeduplicationId`: FIFO only.
    #[serde(default)]
    pub dedup: Option<String>,
}

impl Outgoing {
    /// The size in bytes that counts towards SQS's limit of 1 MiB per batch. AWS (sqs): body, and names, types and values of
    /// attributes.
    #[must_use]
    pub fn size(&self) -> usize {
        let attributes = self.attributes.iter();
        self.body.len()
            + attributes
                .map(|(name, attribute)| name.len() + attribute.size())
                .sum::<usize>()
    }
}

/// The outcome of sending one message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sending {
    /// The target has it: it returned an ID and the right MD5.
    Sent {
        /// The target's ID: a message ID, or an invocation's request ID.
        id: String,
    },
    /// The target certainly does not have it, but may accept it later.
    Later {
        /// Why, as a sentence without its full stop.
        why: String,
    },
    /// The target certainly does not have it, and will not accept it unchanged.
    Refused {
        /// Why, as a sentence without its full stop.
        why: String,
    },
    /// The target accepts nothing from this caller: permission, credentials, or the target does not exist.
    Blocked {
        /// Why, as a sentence without its full stop.
        why: String,
    },
    /// Whether the target has it is unknown: no response, a server error, or a response that does not name it.
    Unknown {
        /// Why, as a sentence without its full stop.
        why: String,
    },
}

/// The outcome for one entry of a batch that deletes messages or changes their visibility.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Handled {
    /// The service reported success, which it also does for a delete with an old receipt handle.
    Done,
    /// It failed; without a response it may have succeeded.
    Failed {
        /// Why, as a sentence without its full stop.
        why: String,
    },
}

/// Why a queue did not respond, as a sentence without its full stop.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NoAnswer(pub String);

/// A message move task of SQS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MoveTask {
    /// `RUNNING`, `COMPLETED`, `CANCELLING`, `CANCELLED`, `FAILED`.
    pub status: String,
    /// The handle for cancelling; AWS returns it only while the task is running.
    pub handle: Option<String>,
    /// Messages moved so far. AWS (sqs): approximate, and counts lag.
    pub moved: u64,
    /// Messages to move, counted at the start. AWS (sqs): approximate.
    pub to_move: Option<u64>,
    /// Most messages per second; `None` if SQS decides.
    pub rate: Option<u32>,
    /// The target queue; `None` if each message returns to its source queue.
    pub destination: Option<String>,
    /// Why it failed (`AWS.SimpleQueueService.NonExistentQueue`, …).
    pub failure: Option<String>,
    /// When it started.
    pub started: Option<Timestamp>,
}
