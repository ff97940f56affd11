//! What a sender gives to a queue or topic.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;

use super::lineage::Lineage;

/// A message attribute: its type (`String`, `Number.int`, `Binary.png`) and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// `String`, `Number` or `Binary`, with a custom label after a dot.
    pub kind: String,
    /// The value.
    pub value: AttributeValue,
}

impl Attribute {
    /// A text attribute.
    #[must_use]
    pub fn text(value: impl Into<String>) -> Self {
        Self {
            kind: "String".to_owned(),
            value: AttributeValue::Text(value.into()),
        }
    }

    /// A number.
    #[must_use]
    pub fn number(value: i64) -> Self {
        Self {
            kind: "Number".to_owned(),
            value: AttributeValue::Text(value.to_string()),
        }
    }

    /// The text; empty for bytes.
    #[must_use]
    pub fn as_text(&self) -> &str {
        match &self.value {
            AttributeValue::Text(text) => text,
            AttributeValue::Bytes(_) => "",
        }
    }
}

/// Text (also of numbers) or bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttributeValue {
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Bytes),
}

/// Attributes by name, in the order of their names, as AWS returns them.
pub type Attributes = BTreeMap<String, Attribute>;

/// What a sender gives.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Letter {
    /// The body.
    pub body: Arc<str>,
    /// Message attributes.
    pub attributes: Attributes,
    /// The `AWSTraceHeader` system attribute.
    pub trace: Option<String>,
    /// The message group: FIFO, and fair queues.
    pub group: Option<String>,
    /// The deduplication id: FIFO only.
    pub dedup: Option<String>,
    /// A delay of its own.
    pub delay_ms: Option<i64>,
    /// The chain of requests that it is part of, for loop detection.
    pub lineage: Lineage,
    /// Who sent it: `SenderId`.
    pub sender: Option<String>,
}

impl Letter {
    /// A message with only this body.
    #[must_use]
    pub fn of(body: impl Into<Arc<str>>) -> Self {
        Self {
            body: body.into(),
            ..Self::default()
        }
    }
}
