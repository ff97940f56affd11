//! Event source mappings: what a poller reads, for which function, and how it takes failures.

use std::collections::BTreeMap;

use super::pattern::Pattern;
use super::reader::Reader;
use super::{Happening, World, arn};
use crate::value::Value;

/// What is polled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// An SQS queue.
    Queue,
    /// A Kinesis stream.
    Kinesis,
    /// A DynamoDB table's stream.
    Table,
    /// Something else (Kafka, MQ, `DocumentDB`): kept, never polled.
    Other,
}

/// Where the reading of a stream begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// With what comes in from now on.
    Latest,
    /// With the oldest record that is kept.
    TrimHorizon,
}

/// How records are gathered into batches, and what a function says of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the members without words are those of AWS's mapping")]
pub struct Batching {
    pub size: usize,
    pub window_ms: i64,
    pub tumbling_s: i64,
    /// `ReportBatchItemFailures`.
    pub reports_items: bool,
}

/// From where and how broadly the source is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Where the reading of a stream begins.
    pub start: Start,
    /// `ParallelizationFactor`.
    pub lanes: usize,
    /// `ScalingConfig.MaximumConcurrency`.
    pub max_concurrency: Option<usize>,
}

/// What becomes of batches that fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failures {
    /// `OnFailure`: an ARN.
    pub destination: Option<String>,
    /// -1: without end.
    pub max_retries: i64,
    /// -1: without end.
    pub max_age_s: i64,
    /// `BisectBatchOnFunctionError`.
    pub bisect: bool,
}

/// What the pollers are doing.
#[derive(Clone, Debug)]
pub struct Polling {
    /// Batches that run.
    pub running: usize,
    /// Batches so far: for draws.
    pub polls: u64,
    /// When the next poll is due.
    pub next_poll: Option<i64>,
    /// When a poll last found something.
    pub last_found: i64,
    /// Readers of the stream by shard and lane.
    pub readers: BTreeMap<(usize, usize), Reader>,
}

/// An event source mapping.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the members without words are those of AWS's mapping")]
pub struct Mapping {
    pub uuid: String,
    pub source_arn: String,
    pub source: Source,
    /// The function's name.
    pub function: String,
    /// An alias or a version; empty for none.
    pub qualifier: String,
    pub enabled: bool,
    /// Texts of the filters, and what they mean. An event passes that matches one.
    pub filters: Vec<(String, Pattern)>,
    pub batching: Batching,
    pub reading: Reading,
    pub failures: Failures,
    pub polling: Polling,
    pub modified: i64,
    /// `LastProcessingResult`.
    pub result: String,
    pub tags: BTreeMap<String, String>,
    /// Members that are only kept and echoed.
    pub echoed: BTreeMap<String, Value>,
}

impl Mapping {
    /// A mapping with AWS's defaults for its source: 10 messages of a queue, 100 records of a stream.
    #[must_use]
    pub fn new(uuid: String, source_arn: &str, function: &str, qualifier: &str, now: i64) -> Self {
        let source = match arn::service(source_arn) {
            "sqs" => Source::Queue,
            "kinesis" => Source::Kinesis,
            "dynamodb" => Source::Table,
            _ => Source::Other,
        };
        Self {
            uuid,
            source_arn: source_arn.to_owned(),
            source,
            function: function.to_owned(),
            qualifier: qualifier.to_owned(),
            enabled: true,
            filters: Vec::new(),
            batching: Batching {
                size: if source == Source::Queue { 10 } else { 100 },
                window_ms: 0,
                tumbling_s: 0,
                reports_items: false,
            },
            reading: Reading {
                start: Start::Latest,
                lanes: 1,
                max_concurrency: None,
            },
            failures: Failures {
                destination: None,
                max_retries: -1,
                max_age_s: -1,
                bisect: false,
            },
            polling: Polling {
                running: 0,
                polls: 0,
                next_poll: None,
                last_found: i64::MIN / 2,
                readers: BTreeMap::new(),
            },
            modified: now,
            result: "No records processed".to_owned(),
            tags: BTreeMap::new(),
            echoed: BTreeMap::new(),
        }
    }

    /// Whether an event passes the filters.
    #[must_use]
    pub fn passes(&self, event: &serde_json::Value) -> bool {
        self.filters.is_empty() || self.filters.iter().any(|(_, pattern)| pattern.matches(event))
    }
}

impl World {
    /// Takes a mapping in, and lets its pollers begin.
    pub(crate) fn add_mapping(&mut self, mapping: Mapping) {
        let uuid = mapping.uuid.clone();
        self.lambda.mappings.insert(uuid.clone(), mapping);
        self.begin_polling(&uuid);
    }

    /// Lets a mapping's pollers go on, after it was made, enabled or changed.
    pub(crate) fn begin_polling(&mut self, uuid: &str) {
        let Some(mapping) = self.lambda.mappings.get(uuid) else {
            return;
        };
        match mapping.source {
            Source::Queue => self.plan_poll(uuid),
            Source::Kinesis | Source::Table => self.open_readers(uuid),
            Source::Other => {}
        }
    }

    /// Lets the pollers of a queue know that it changed.
    pub(crate) fn wake_pollers(&mut self, queue: &str) {
        if self.lambda.mappings.is_empty() {
            return;
        }
        let arn = self.queue_arn(queue);
        let waiting: Vec<String> = self
            .lambda
            .mappings
            .values()
            .filter(|m| m.source == Source::Queue && m.source_arn == arn)
            .map(|m| m.uuid.clone())
            .collect();
        for uuid in waiting {
            self.plan_poll(&uuid);
        }
    }

    /// Sets the next poll down, unless an earlier one is.
    pub(super) fn poll_at(&mut self, uuid: &str, at: i64) {
        let Some(mapping) = self.lambda.mappings.get_mut(uuid) else {
            return;
        };
        if mapping.polling.next_poll.is_none_or(|next| at < next) {
            mapping.polling.next_poll = Some(at);
            self.later(at, Happening::QueuePoll(uuid.to_owned()));
        }
    }
}
