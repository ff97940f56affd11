//! The layers of a body: SNS in SQS, S3 events, EventBridge envelopes, Kinesis and Logs payloads (base64, gzip),
//! destination records, JSON in strings, DynamoDB images. Bounded in depth and size, and never a failure: what cannot be
//! opened stays as it is.

mod dynamo;
mod read;
pub mod render;

use serde_json::Value;

pub use read::unwrap;

/// Layers within layers at most.
pub const DEPTH: usize = 12;
/// Most layers of one message: a batch may contain thousands of records.
pub const LAYERS: usize = 2_000;
/// Most bytes of all layers of a message together: a small gzip may contain gigabytes.
pub const BYTES: usize = 8 * 1024 * 1024;

crate::phrases! {
    /// What a layer is.
    #[derive(Copy, Hash)]
    pub enum What in "layer" {
        /// Plain text.
        Text,
        /// Bytes that are no text.
        Bytes,
        /// JSON of an unknown format.
        Json,
        /// A topic's envelope.
        Notification,
        /// Records of SNS, as a function gets them.
        TopicEvent,
        /// Records of SQS, as a function gets them.
        QueueEvent,
        /// Records of S3.
        BucketEvent,
        /// An event in EventBridge's envelope.
        BusEvent,
        /// The record of an asynchronous invocation's end.
        Destination,
        /// The record of a batch that was given up.
        Batch,
        /// Records of Kinesis.
        StreamEvent,
        /// Records of a table's stream.
        TableEvent,
        /// An item of a table, without its types.
        Item,
        /// What CloudWatch Logs sends to a subscriber.
        LogsEvent,
        /// Log events, unpacked.
        LogLines,
    }
}

crate::phrases! {
    /// Why no more layers are decoded.
    #[derive(Copy)]
    pub enum Cut in "cut" {
        TooDeep,
        TooMany,
        TooLarge,
    }
}

impl What {
    fn of(value: &Value) -> Self {
        let has = |name: &str| value.get(name).is_some();
        if has("TopicArn") && has("Message") {
            return Self::Notification;
        }
        if has("KinesisBatchInfo") || has("DDBStreamBatchInfo") || has("KafkaBatchInfo") {
            return Self::Batch;
        }
        if has("requestContext") && (has("requestPayload") || has("responseContext")) {
            return Self::Destination;
        }
        if has("detail-type") && has("detail") {
            return Self::BusEvent;
        }
        if has("awslogs") {
            return Self::LogsEvent;
        }
        if has("logEvents") && has("logGroup") {
            return Self::LogLines;
        }
        let first = &value["Records"][0];
        let source = first["eventSource"].as_str().or_else(|| first["EventSource"].as_str());
        match source {
            Some("aws:s3") => Self::BucketEvent,
            Some("aws:sns") => Self::TopicEvent,
            Some("aws:sqs") => Self::QueueEvent,
            Some("aws:kinesis") => Self::StreamEvent,
            Some("aws:dynamodb") => Self::TableEvent,
            _ => Self::Json,
        }
    }
}

/// What a layer holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LayerBody {
    /// A JSON text, as it was written.
    Json(String),
    /// A text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

/// One layer of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer {
    /// Its path in the enclosing layer (`.Message`, `.Records[0].kinesis.data`); empty for the body itself.
    pub at: String,
    /// What it is.
    pub what: What,
    /// How it was packed there (`base64`, `gzip`), in the order of unpacking.
    pub packed: Vec<&'static str>,
    /// What it holds.
    pub held: LayerBody,
    /// The layers inside.
    pub inside: Vec<Layer>,
    /// Why no more was decoded, if a limit was reached.
    pub cut: Option<Cut>,
}

impl Layer {
    /// The innermost layer along the first way in.
    #[must_use]
    pub fn core(&self) -> &Self {
        self.inside.first().map_or(self, Self::core)
    }

    /// This layer and all inside, outermost first, with their depth.
    #[must_use]
    pub fn walk(&self) -> Vec<(usize, &Self)> {
        let mut all = Vec::new();
        let mut open = vec![(0, self)];
        while let Some((depth, layer)) = open.pop() {
            all.push((depth, layer));
            open.extend(layer.inside.iter().rev().map(|inner| (depth + 1, inner)));
        }
        all
    }
}
