//! The rules by which events travel along an edge.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The rules of one edge. `None` means "not set" or "not applicable". In JSON the fields of all groups are flattened.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct EdgePolicy {
    /// The mapping's UUID, the notification's or target's ID, or the subscription's ARN.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The state that the service reports.
    #[serde(flatten)]
    pub status: EdgeStatus,
    /// Batch size and window.
    #[serde(flatten)]
    pub batching: Batching,
    /// The events that travel along it.
    #[serde(flatten)]
    pub filter: EdgeFilter,
    /// The name of the subscriber whose failed deliveries a subscription's DLQ gets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subscriber: Option<String>,
    /// A rate, cron or at expression.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schedule: Option<String>,
    /// The time zone of the expression (`Europe/Berlin`); `None` is UTC. Only schedules have one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// Who retries failures, how often and how long.
    #[serde(flatten)]
    pub retries: RetryPolicy,
    /// The stream that is read.
    #[serde(flatten)]
    pub stream: StreamSource,
    /// Concurrency limits.
    #[serde(flatten)]
    pub concurrency: Concurrency,
    /// Whether a subscription delivers raw messages, without the SNS envelope.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raw_delivery: Option<bool>,
    /// `OnSuccess` or `OnFailure`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
    /// The ARN of the role that a rule's target is invoked with: its permissions decide, not the target's policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// What a state machine does if its task fails.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task: Option<TaskRules>,
    /// The condition keys on which it depends whether the function's role allows it; empty if it does, or if that was not read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conditional: Vec<String>,
    /// The environment variable from which the edge was inferred (its name, never its value).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variable: Option<String>,
}

/// What a state machine does if one of its tasks fails. AWS (delivery): the first entry of `Retry` whose errors fit decides, then
/// the first one of `Catch`; without either the execution fails.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TaskRules {
    /// The name of the state.
    pub state: String,
    /// Its entries of `Retry`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub retries: Vec<TaskRetry>,
    /// The errors that its entries of `Catch` take.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub catches: Vec<String>,
}

/// One entry of a task's `Retry`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaskRetry {
    /// The errors that it is for (`ErrorEquals`).
    pub errors: Vec<String>,
    /// Attempts after the first one (`MaxAttempts`). AWS (delivery): 3 by default.
    pub max: u32,
    /// The wait before the first of them in seconds (`IntervalSeconds`). AWS (delivery): 1 by default.
    pub interval_s: u32,
    /// By how much the wait grows each time (`BackoffRate`). AWS (delivery): 2 by default.
    pub backoff: f64,
}

impl TaskRules {
    /// Retries after an error that the function's own code raised.
    #[must_use]
    pub fn handler_retries(&self) -> u32 {
        let of_service = |error: &String| error.starts_with("Lambda.") || error == "States.Timeout";
        let own = self.retries.iter().find(|retry| !retry.errors.iter().all(of_service));
        own.map_or(0, |retry| retry.max)
    }
}

/// The state of an edge that the service reports.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct EdgeStatus {
    /// The state the service reports (`Enabled`, `Disabled`, `Creating`, …).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// A mapping's `LastProcessingResult`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_result: Option<String>,
    /// When the mapping last changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_modified: Option<Timestamp>,
}

/// How an event source mapping batches records, and what happens to a failed batch.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Batching {
    /// Batch size: the most records per invocation.
    #[serde(rename = "batch_size", skip_serializing_if = "Option::is_none")]
    pub size: Option<u32>,
    /// Batching window in seconds.
    #[serde(rename = "batching_window_s", skip_serializing_if = "Option::is_none")]
    pub window_s: Option<u32>,
    /// Whether only the failed items of a batch are retried (`ReportBatchItemFailures`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partial_response: Option<bool>,
    /// Whether a failed batch is split in two (`BisectBatchOnFunctionError`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bisect: Option<bool>,
}

/// The events of its source that an edge carries.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct EdgeFilter {
    /// Filter patterns, event patterns, prefixes and suffixes, in words.
    #[serde(rename = "filters", skip_serializing_if = "Vec::is_empty")]
    pub patterns: Vec<String>,
    /// The scope of an SNS filter: `MessageAttributes` or `MessageBody`.
    #[serde(rename = "filter_scope", skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// The part of the source that is read: a cluster's topics, a broker's queues, a database's collection.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reads: Vec<String>,
    /// Event names (`s3:ObjectCreated:*`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<String>,
}

/// Who retries failures, how often and how long.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RetryPolicy {
    /// Retries after the first attempt; -1 is unlimited.
    #[serde(rename = "max_retries", skip_serializing_if = "Option::is_none")]
    pub max: Option<i64>,
    /// Maximum event or record age in seconds; -1 is unlimited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_age_s: Option<i64>,
    /// `maxReceiveCount` of the queue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receive_limit: Option<u32>,
    /// Who retries: `lambda`, `mapping`, `sns`, `eventbridge`, `scheduler`, `sqs`, `caller`.
    #[serde(rename = "retried_by", skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

/// The stream that a mapping or pipe reads, and its starting position.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct StreamSource {
    /// Retention of the stream in seconds; `None` if it was not read. AWS (streams): 24 h by default.
    #[serde(rename = "source_retention_s", skip_serializing_if = "Option::is_none")]
    pub retention_s: Option<u32>,
    /// Open shards of the stream; `None` if that was not read. Each shard is read separately, one batch at a time per lane.
    #[serde(rename = "source_shards", skip_serializing_if = "Option::is_none")]
    pub shards: Option<u32>,
    /// `TRIM_HORIZON`, `LATEST`, `AT_TIMESTAMP`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub starting_position: Option<String>,
}

/// Concurrency limits of one source.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Concurrency {
    /// Concurrent batches per shard (`ParallelizationFactor`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parallelization: Option<u32>,
    /// Concurrent invocations per queue (`MaximumConcurrency`).
    #[serde(rename = "maximum_concurrency", skip_serializing_if = "Option::is_none")]
    pub maximum: Option<u32>,
}

impl EdgePolicy {
    /// A policy that says only who retries.
    #[must_use]
    pub fn retried_by(who: &str) -> Self {
        let mut policy = Self::default();
        policy.retries.by = Some(who.to_owned());
        policy
    }

    /// A mapping's last processing result if it is a problem. AWS (sqs-mappings): `PROBLEM: Function call failed`.
    #[must_use]
    pub fn problem(&self) -> Option<&str> {
        let result = self.status.last_result.as_deref()?;
        let lower = result.to_ascii_lowercase();
        let is_bad = lower.starts_with("problem") || lower.contains("error") || lower.contains("failed");
        is_bad.then_some(result)
    }
}
