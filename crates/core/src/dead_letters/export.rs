//! One message as JSON, by the contract of `dlq export`: fields are added, never renamed.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::Serialize;

use super::DeadLetter;
use super::neighbours::Part;
use crate::domain::phrase::Phrase;
use crate::domain::{AttributeValue, MessageAttribute, NodeId, Origin, RunError};

/// A message as written by `dlq export` and printed by `dlq show`, phrases not yet in words.
#[derive(Clone, Debug, Serialize)]
pub struct Exported<'a> {
    /// The message.
    #[serde(flatten)]
    pub message: Message<'a>,
    /// Who wrote it.
    pub origin: Origin,
    /// The function's ARN; null where it is none, or not certain.
    pub function: Option<&'a NodeId>,
    /// What went wrong.
    pub error: Option<String>,
    /// When it was first sent.
    pub sent: Option<Timestamp>,
    /// When it expires.
    pub expires: Option<Timestamp>,
    /// The functions it may be about, where that is not certain.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub functions: &'a [NodeId],
    /// The queue it lay in.
    pub queue: &'a NodeId,
    /// What is known of its death.
    #[serde(flatten)]
    pub death: Death<'a>,
    /// Its role in the failed batches that it was in, inferred from logs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch: Option<&'a Part>,
    /// The receive count, including this reading.
    pub receive_count: u32,
    /// When it was read.
    pub read_at: Timestamp,
}

/// What came.
#[derive(Clone, Debug, Serialize)]
pub struct Message<'a> {
    /// SQS's id.
    pub message_id: &'a str,
    /// As it came.
    pub body: &'a str,
    /// System attributes.
    pub attributes: &'a BTreeMap<String, String>,
    /// The message attributes.
    pub message_attributes: BTreeMap<&'a str, Attached<'a>>,
}

/// Its source, and why it is in the DLQ.
#[derive(Clone, Debug, Serialize)]
pub struct Death<'a> {
    /// The queue, function, topic, rule, schedule, stream or pipe it comes from.
    pub source: Option<&'a NodeId>,
    /// What could not be reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<&'a str>,
    /// The request that failed.
    pub request_id: Option<&'a str>,
    /// Why it was given up, in the service's word.
    pub condition: Option<&'a Phrase>,
    /// The error without numbers and IDs.
    pub signature: &'a Phrase,
    /// Why the function was never invoked, where capacity was missing.
    pub capacity: Option<&'a Phrase>,
    /// How all this is known.
    pub evidence: &'a [Phrase],
}

/// A message attribute; one of the two values is there.
#[derive(Clone, Debug, Serialize)]
pub struct Attached<'a> {
    /// `DataType`.
    pub data_type: &'a str,
    /// The text of a `String` or `Number`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub string_value: Option<&'a str>,
    /// The bytes of a `Binary`, in base64.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub binary_value: Option<String>,
}

impl<'a> Attached<'a> {
    fn of(attribute: &'a MessageAttribute) -> Self {
        let (string_value, binary_value) = match &attribute.value {
            AttributeValue::Text(text) => (Some(text.as_str()), None),
            AttributeValue::Binary(bytes) => (None, Some(STANDARD.encode(bytes))),
        };
        Self {
            data_type: &attribute.data_type,
            string_value,
            binary_value,
        }
    }
}

/// The JSON of a message.
#[must_use]
pub fn exported(entry: &DeadLetter) -> Exported<'_> {
    let (letter, found) = (&*entry.letter, &entry.provenance);
    let function = found.function.function();
    let attached = letter.attributes.iter();
    Exported {
        message: Message {
            message_id: &letter.message_id,
            body: &letter.body,
            attributes: &letter.system,
            message_attributes: attached.map(|(name, of)| (name.as_str(), Attached::of(of))).collect(),
        },
        origin: found.origin,
        function,
        error: found.error.as_ref().map(error_text),
        sent: letter.sent(),
        expires: entry.expires.map(|expiry| expiry.at),
        functions: if function.is_some() { &[] } else { found.suspects() },
        queue: &letter.queue,
        death: Death {
            source: found.source.as_ref(),
            target: found.target.as_deref(),
            request_id: found.request_id.as_deref(),
            condition: found.condition.as_ref(),
            signature: &entry.signature,
            capacity: found.capacity.as_ref(),
            evidence: &found.evidence,
        },
        batch: entry.part.as_ref(),
        receive_count: letter.receive_count(),
        read_at: letter.read_at,
    }
}

/// `KeyError: 'price'`; the kind is not said twice.
#[must_use]
pub fn error_text(error: &RunError) -> String {
    match &error.kind {
        Some(kind) if *kind != error.message && !error.message.starts_with(kind.as_str()) => {
            format!("{kind}: {}", error.message)
        }
        _ => error.message.clone(),
    }
}
