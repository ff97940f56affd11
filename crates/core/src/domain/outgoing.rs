//! What a change of the account takes and answers: messages in hand, messages to send, and what became of each.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{MessageAttribute, QueueMessage};

/// Messages in one batch. AWS: at most 10.
pub const BATCH: usize = 10;
/// Bytes in one batch. AWS: 1 MiB for all its messages together.
pub const BATCH_BYTES: usize = 1 << 20;

/// A message that a receive gave, hidden from others until its visibility ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// The message.
    pub letter: QueueMessage,
    /// The handle of this receive. AWS: the delete with an older one succeeds and deletes nothing.
    pub handle: String,
}

/// What is sent: everything that SQS lets a sender set, and nothing else.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outgoing {
    /// The body, byte for byte; for a function the event.
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
    /// Bytes that count against SQS's limit of 1 MiB a batch. AWS: body, and names, types and values of attributes.
    #[must_use]
    pub fn size(&self) -> usize {
        let attributes = self.attributes.iter();
        self.body.len()
            + attributes
                .map(|(name, attribute)| name.len() + attribute.size())
                .sum::<usize>()
    }
}

/// What became of one message that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sending {
    /// The target has it: its id there, and its MD5 was what it must be.
    Sent {
        /// The target's id: a message id, or an invocation's request id.
        id: String,
    },
    /// The target certainly does not have it, and may take it later.
    Later {
        /// Why, as a sentence without its stop.
        why: String,
    },
    /// The target certainly does not have it, and will not take it as it is.
    Refused {
        /// Why, as a sentence without its stop.
        why: String,
    },
    /// The target takes nothing from this caller: permission, credentials, or no such target.
    Blocked {
        /// Why, as a sentence without its stop.
        why: String,
    },
    /// Nobody knows: no answer, a server's own failure, or an answer that does not name it.
    Unknown {
        /// Why, as a sentence without its stop.
        why: String,
    },
}

/// What became of one entry of a batch that deletes or hides messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Handled {
    /// The service said that it did it. A delete with an old handle says so too.
    Done,
    /// It did not, and says why; without an answer it may have.
    Failed {
        /// Why, as a sentence without its stop.
        why: String,
    },
}

/// Why a queue did not answer, in the words of whoever asked it: a sentence without its stop.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NoAnswer(pub String);

/// A task by which SQS itself moves a queue's messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MoveTask {
    /// `RUNNING`, `COMPLETED`, `CANCELLING`, `CANCELLED`, `FAILED`.
    pub status: String,
    /// For cancelling; AWS gives it only while the task runs.
    pub handle: Option<String>,
    /// Messages moved so far. AWS: approximate, and counts lag.
    pub moved: u64,
    /// Messages there were to move when it started. AWS: approximate.
    pub to_move: Option<u64>,
    /// Messages a second at most; nothing where SQS chooses.
    pub rate: Option<u32>,
    /// Where they go; nothing where each goes back to where it came from.
    pub destination: Option<String>,
    /// Why it failed (`AWS.SimpleQueueService.NonExistentQueue`, …).
    pub failure: Option<String>,
    /// When it started.
    pub started: Option<Timestamp>,
}
