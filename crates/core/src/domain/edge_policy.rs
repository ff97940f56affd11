//! By which rules events travel along an edge.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The rules of one edge, as far as its service has them. Nothing means "not set" or "not of this kind of edge". In JSON
/// the fields of all groups lie side by side.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct EdgePolicy {
    /// The mapping's UUID, the notification's or target's id, the subscription's ARN.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What the service reports of it.
    #[serde(flatten)]
    pub status: EdgeStatus,
    /// How many records come in one run.
    #[serde(flatten)]
    pub batching: Batching,
    /// Which events travel along it.
    #[serde(flatten)]
    pub filter: EdgeFilter,
    /// Whose lost deliveries a topic's dead letters are: the name of the subscriber.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subscriber: Option<String>,
    /// A rate, cron or at expression.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schedule: Option<String>,
    /// The time zone in which the expression is meant (`Europe/Berlin`); UTC where none is given. Only schedules have one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// Who tries again what fails, and how long.
    #[serde(flatten)]
    pub retries: RetryPolicy,
    /// The stream that it reads.
    #[serde(flatten)]
    pub stream: StreamSource,
    /// How much runs at the same time.
    #[serde(flatten)]
    pub concurrency: Concurrency,
    /// Whether a subscription's message comes without its envelope.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raw_delivery: Option<bool>,
    /// `OnSuccess` or `OnFailure`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
    /// The ARN of the role that a rule's target is invoked with: its permissions decide, not the target's policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// The environment variable that a guess was made from (its name, never its value).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variable: Option<String>,
}

/// What the service reports of an edge.
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

/// How many records a mapping hands to one run, and what becomes of a batch that fails.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Batching {
    /// Records at most in one run.
    #[serde(rename = "batch_size", skip_serializing_if = "Option::is_none")]
    pub size: Option<u32>,
    /// Seconds records are gathered at most.
    #[serde(rename = "batching_window_s", skip_serializing_if = "Option::is_none")]
    pub window_s: Option<u32>,
    /// Whether only the failed items of a batch come again (`ReportBatchItemFailures`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partial_response: Option<bool>,
    /// Whether a failing batch is halved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bisect: Option<bool>,
}

/// Which events of its source an edge carries.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct EdgeFilter {
    /// Filter patterns, event patterns, prefixes and suffixes, in words.
    #[serde(rename = "filters", skip_serializing_if = "Vec::is_empty")]
    pub patterns: Vec<String>,
    /// Where an SNS filter looks: `MessageAttributes` or `MessageBody`.
    #[serde(rename = "filter_scope", skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// What of its source is read, in words: a cluster's topics, a broker's queues, a database's collection.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reads: Vec<String>,
    /// Event names (`s3:ObjectCreated:*`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<String>,
}

/// Who tries again what fails, how often and how long.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RetryPolicy {
    /// Retries after the first try; -1 without end.
    #[serde(rename = "max_retries", skip_serializing_if = "Option::is_none")]
    pub max: Option<i64>,
    /// Seconds after which an event is given up; -1 never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_age_s: Option<i64>,
    /// Receives before the dead-letter queue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receive_limit: Option<u32>,
    /// Who tries again when it fails: `lambda`, `mapping`, `sns`, `eventbridge`, `scheduler`, `sqs`, `caller`.
    #[serde(rename = "retried_by", skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

/// The stream that a mapping or pipe reads, and from where.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct StreamSource {
    /// Seconds for which a stream keeps its records, where that was read. AWS: 24 h unless more is paid for.
    #[serde(rename = "source_retention_s", skip_serializing_if = "Option::is_none")]
    pub retention_s: Option<u32>,
    /// Open shards of the stream, where that was read: each is read by itself, one batch at a time in each lane.
    #[serde(rename = "source_shards", skip_serializing_if = "Option::is_none")]
    pub shards: Option<u32>,
    /// `TRIM_HORIZON`, `LATEST`, `AT_TIMESTAMP`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub starting_position: Option<String>,
}

/// How much of one source runs at the same time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Concurrency {
    /// Batches of one shard at the same time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parallelization: Option<u32>,
    /// Runs of one queue at the same time.
    #[serde(rename = "maximum_concurrency", skip_serializing_if = "Option::is_none")]
    pub maximum: Option<u32>,
}

impl EdgePolicy {
    /// A policy that says only who tries again when it fails.
    #[must_use]
    pub fn retried_by(who: &str) -> Self {
        let mut policy = Self::default();
        policy.retries.by = Some(who.to_owned());
        policy
    }

    /// What a mapping's last processing result says where it is no good one. AWS: `PROBLEM: Function call failed`.
    #[must_use]
    pub fn problem(&self) -> Option<&str> {
        let result = self.status.last_result.as_deref()?;
        let lower = result.to_ascii_lowercase();
        let is_bad = lower.starts_with("problem") || lower.contains("error") || lower.contains("failed");
        is_bad.then_some(result)
    }
}
