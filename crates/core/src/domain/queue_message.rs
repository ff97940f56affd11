//! A message of a dead-letter queue, as it was read: body byte for byte, all its attributes.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::NodeId;

/// What a message attribute holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttributeValue {
    /// `String` and `Number`, and types derived from them.
    Text(String),
    /// `Binary`, and types derived from it.
    Binary(Vec<u8>),
}

/// A message attribute. Custom types (`Number.float`) are kept as they are.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct MessageAttribute {
    /// `DataType`.
    pub data_type: String,
    /// Its value.
    pub value: AttributeValue,
}

/// One message as a receive gave it, without the receipt handle, which is of the receive and not of the message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueMessage {
    /// The queue it lies in.
    pub queue: NodeId,
    /// SQS's id. AWS: kept when SQS itself moves a message, new for everything that is sent.
    pub message_id: String,
    /// The body as it came.
    pub body: Arc<str>,
    /// What senders attached, by name.
    pub attributes: BTreeMap<String, MessageAttribute>,
    /// What SQS tells of it, by the names of the API (`SentTimestamp`, `ApproximateReceiveCount`, `MessageGroupId`,
    /// `AWSTraceHeader`, `DeadLetterQueueSourceArn`, …).
    pub system: BTreeMap<String, String>,
    /// When it was read.
    pub read_at: Timestamp,
}

impl MessageAttribute {
    /// Bytes of type and value, as SQS counts them.
    #[must_use]
    pub fn size(&self) -> usize {
        let value = match &self.value {
            AttributeValue::Text(text) => text.len(),
            AttributeValue::Binary(bytes) => bytes.len(),
        };
        self.data_type.len() + value
    }
}

impl QueueMessage {
    fn time(&self, name: &str) -> Option<Timestamp> {
        Timestamp::from_millisecond(self.system.get(name)?.parse().ok()?).ok()
    }

    /// When it was sent. AWS: a standard queue keeps the time of the first sending when it moves a message to its
    /// dead-letter queue; FIFO starts anew.
    #[must_use]
    pub fn sent(&self) -> Option<Timestamp> {
        self.time("SentTimestamp")
    }

    /// How often it was received, this reading included.
    #[must_use]
    pub fn receive_count(&self) -> u32 {
        let count = self.system.get("ApproximateReceiveCount");
        count.and_then(|count| count.parse().ok()).unwrap_or(0)
    }

    /// The queue that SQS moved it from; nothing where somebody sent it here (Lambda, SNS, EventBridge, …).
    #[must_use]
    pub fn moved_from(&self) -> Option<&str> {
        self.system.get("DeadLetterQueueSourceArn").map(String::as_str)
    }

    /// The group, of FIFO queues and of fair standard ones.
    #[must_use]
    pub fn group(&self) -> Option<&str> {
        self.system.get("MessageGroupId").map(String::as_str)
    }

    /// When its queue forgets it.
    #[must_use]
    pub fn expires(&self, retention: SignedDuration) -> Option<Timestamp> {
        self.sent()?.checked_add(retention).ok()
    }

    /// A message attribute's text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        match &self.attributes.get(name)?.value {
            AttributeValue::Text(text) => Some(text),
            AttributeValue::Binary(_) => None,
        }
    }

    /// Bytes that count against SQS's limit of 1 MiB a batch. AWS: body, and names, types and values of attributes.
    #[must_use]
    pub fn size(&self) -> usize {
        let of = |(name, attribute): (&String, &MessageAttribute)| name.len() + attribute.size();
        self.body.len() + self.attributes.iter().map(of).sum::<usize>()
    }
}

/// What wrote a message into a dead-letter queue. The words are those of the JSON contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// SQS moved it when its receives were used up.
    SqsRedrive,
    /// A function's dead-letter config, for an asynchronous event.
    LambdaAsync,
    /// A function's `OnFailure` (or `OnSuccess`) destination.
    Destination,
    /// A stream mapping's `OnFailure`.
    Stream,
    /// A subscription's redrive policy.
    Sns,
    /// A rule's target.
    Eventbridge,
    /// A schedule.
    Scheduler,
    /// A pipe.
    Pipe,
    /// Nothing tells.
    Unknown,
}
