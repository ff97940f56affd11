//! A message of a dead-letter queue as received: body byte for byte, all attributes.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::NodeId;

/// The value of a message attribute.
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

/// A message as received, without the receipt handle, which belongs to the receive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueMessage {
    /// The queue that contains it.
    pub queue: NodeId,
    /// The message ID. AWS (sqs): kept when SQS moves a message, new for every send.
    pub message_id: String,
    /// The body as received.
    pub body: Arc<str>,
    /// Message attributes by name.
    pub attributes: BTreeMap<String, MessageAttribute>,
    /// System attributes by the names of the API (`SentTimestamp`, `ApproximateReceiveCount`, `MessageGroupId`,
    /// `AWSTraceHeader`, `DeadLetterQueueSourceArn`, …).
    pub system: BTreeMap<String, String>,
    /// When it was received.
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

    /// When it was sent. AWS (dead-letters): a message that SQS moved from a standard queue keeps its original enqueue time; one from a
    /// FIFO queue gets a new one.
    #[must_use]
    pub fn sent(&self) -> Option<Timestamp> {
        self.time("SentTimestamp")
    }

    /// The receive count, including this reading.
    #[must_use]
    pub fn receive_count(&self) -> u32 {
        let count = self.system.get("ApproximateReceiveCount");
        count.and_then(|count| count.parse().ok()).unwrap_or(0)
    }

    /// Bytes of memory that it takes, approximately: its texts, and what holds them together.
    #[must_use]
    pub fn bytes(&self) -> usize {
        const ITSELF: usize = 1_000;
        const ENTRY: usize = 64;
        let attributes = self.attributes.iter();
        let attributes: usize = attributes.map(|(name, value)| ENTRY + name.len() + value.size()).sum();
        let system = self.system.iter();
        let system: usize = system.map(|(name, value)| ENTRY + name.len() + value.len()).sum();
        ITSELF + self.body.len() + attributes + system
    }

    /// The queue that SQS moved it from; `None` if it was sent here (by Lambda, SNS, EventBridge, …).
    #[must_use]
    pub fn moved_from(&self) -> Option<&str> {
        self.system.get("DeadLetterQueueSourceArn").map(String::as_str)
    }

    /// The message group ID, of FIFO and fair queues.
    #[must_use]
    pub fn group(&self) -> Option<&str> {
        self.system.get("MessageGroupId").map(String::as_str)
    }

    /// When it expires.
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

    /// The size in bytes that counts towards SQS's limit of 1 MiB per batch. AWS (sqs): body, and names, types and values of
    /// attributes.
    #[must_use]
    pub fn size(&self) -> usize {
        let of = |(name, attribute): (&String, &MessageAttribute)| name.len() + attribute.size();
        self.body.len() + self.attributes.iter().map(of).sum::<usize>()
    }
}

/// The service that wrote a message to a dead-letter queue. The names are those of the JSON contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// SQS, after `maxReceiveCount` receives.
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
    /// Unknown.
    Unknown,
}
