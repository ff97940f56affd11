//! The lines of the graph.

use serde::{Deserialize, Serialize};

use super::NodeId;

/// What an edge says. The words are those of the JSON contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EdgeKind {
    /// What starts what; a topic that feeds a queue included.
    Trigger,
    /// A function's `OnSuccess` or `OnFailure`.
    Destination,
    /// From where delivery or run failed, to where the event lands.
    DeadLetter,
    /// What a function calls.
    Writes,
}

/// How an edge is known. Later is weaker; of two the stronger stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// The service itself says so.
    Configured,
    /// Traces or logs show it.
    Observed,
    /// The user's file says so.
    Declared,
    /// Only a resource policy says so: it may, which does not mean that it does.
    Permitted,
    /// An environment variable names it.
    Guessed,
}

impl Evidence {
    /// Whether the edge is drawn as a solid line.
    #[must_use]
    pub fn is_solid(self) -> bool {
        matches!(self, Self::Configured | Self::Observed | Self::Declared)
    }

    /// In a word, as in the JSON contract.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Configured => "configured",
            Self::Observed => "observed",
            Self::Declared => "declared",
            Self::Permitted => "permitted",
            Self::Guessed => "guessed",
        }
    }
}

impl EdgeKind {
    /// In a word, as in the JSON contract.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Trigger => "trigger",
            Self::Destination => "destination",
            Self::DeadLetter => "dead_letter",
            Self::Writes => "writes",
        }
    }
}

/// What makes two edges the same edge.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EdgeKey {
    /// Where it starts.
    pub from: NodeId,
    /// Where it ends.
    pub to: NodeId,
    /// What it says.
    pub kind: EdgeKind,
    /// The alias or version of the function at its end (or at its start, for what a function sends).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub qualifier: Option<String>,
}

/// One edge, with how it is known and by which rules events travel along it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Edge {
    /// Its identity.
    #[serde(flatten)]
    pub key: EdgeKey,
    /// How it is known.
    pub evidence: Evidence,
    /// Whether events pass: false for a disabled mapping, rule or schedule.
    pub enabled: bool,
    /// What lies between its ends and is no node of its own: `default bus` from a bucket to a rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via: Option<String>,
    /// By which rules; several where several notifications or targets join the same two ends.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<EdgePolicy>,
}

impl Edge {
    /// An enabled edge without a policy.
    #[must_use]
    pub fn new(from: NodeId, to: NodeId, kind: EdgeKind, evidence: Evidence) -> Self {
        Self {
            key: EdgeKey {
                from,
                to,
                kind,
                qualifier: None,
            },
            evidence,
            enabled: true,
            via: None,
            policies: Vec::new(),
        }
    }

    /// With the alias or version meant.
    #[must_use]
    pub fn qualified(mut self, qualifier: Option<String>) -> Self {
        self.key.qualifier = qualifier;
        self
    }

    /// With its policy, where that says anything.
    #[must_use]
    pub fn with(mut self, policy: EdgePolicy) -> Self {
        if policy != EdgePolicy::default() {
            self.policies.push(policy);
        }
        self
    }

    /// By way of what.
    #[must_use]
    pub fn via(mut self, via: &str) -> Self {
        self.via = Some(via.to_owned());
        self
    }

    /// Enabled or not.
    #[must_use]
    pub fn enabled(mut self, enabled: bool) -> Self {
        self.enabled = enabled;
        self
    }

    /// Whether what fails asynchronously to the end is kept at the other end: a function's dead-letter queue or `OnFailure`
    /// destination. A mapping's `OnFailure` is for what it polls, and keeps none of these.
    #[must_use]
    pub fn keeps_failures(&self) -> bool {
        let policy = |holds: fn(&EdgePolicy) -> bool| self.policies.iter().any(holds);
        match self.key.kind {
            EdgeKind::DeadLetter => policy(|policy| policy.retried_by.as_deref() == Some("lambda")),
            EdgeKind::Destination => policy(|policy| policy.condition.as_deref() == Some("OnFailure")),
            EdgeKind::Trigger | EdgeKind::Writes => false,
        }
    }

    /// Whether it is where an event source mapping leaves what it gave up.
    #[must_use]
    pub fn is_of_mapping(&self) -> bool {
        let by_mapping = |policy: &EdgePolicy| policy.retried_by.as_deref() == Some("mapping");
        self.key.kind == EdgeKind::DeadLetter && self.policies.iter().any(by_mapping)
    }

    /// Takes in what another source says of the same edge: the stronger evidence stays, with its word on whether it
    /// is enabled; policies are gathered.
    pub fn merge(&mut self, other: &Self) {
        match other.evidence.cmp(&self.evidence) {
            std::cmp::Ordering::Less => {
                self.evidence = other.evidence;
                self.enabled = other.enabled;
            }
            std::cmp::Ordering::Equal => self.enabled |= other.enabled,
            std::cmp::Ordering::Greater => {}
        }
        if self.via.is_none() {
            self.via.clone_from(&other.via);
        }
        for policy in &other.policies {
            if !self.policies.contains(policy) {
                self.policies.push(policy.clone());
            }
        }
    }
}

impl EdgePolicy {
    /// What a mapping's last processing result says where it is no good one. AWS: `PROBLEM: Function call failed`.
    #[must_use]
    pub fn problem(&self) -> Option<&str> {
        let result = self.last_result.as_deref()?;
        let lower = result.to_ascii_lowercase();
        let is_bad = lower.starts_with("problem") || lower.contains("error") || lower.contains("failed");
        is_bad.then_some(result)
    }
}

/// The rules of one edge, as far as its service has them. Nothing means "not set" or "not of this kind of edge".
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct EdgePolicy {
    /// The mapping's UUID, the notification's or target's id, the subscription's ARN.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The state the service reports (`Enabled`, `Disabled`, `Creating`, …).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// A mapping's `LastProcessingResult`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_result: Option<String>,
    /// When the mapping last changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_modified: Option<jiff::Timestamp>,
    /// Records at most in one run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch_size: Option<u32>,
    /// Seconds records are gathered at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batching_window_s: Option<u32>,
    /// Filter patterns, event patterns, prefixes and suffixes, in words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<String>,
    /// Where an SNS filter looks: `MessageAttributes` or `MessageBody`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter_scope: Option<String>,
    /// What of its source is read, in words: a cluster's topics, a broker's queues, a database's collection.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reads: Vec<String>,
    /// Whose lost deliveries a topic's dead letters are: the name of the subscriber.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subscriber: Option<String>,
    /// Event names (`s3:ObjectCreated:*`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<String>,
    /// A rate, cron or at expression.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schedule: Option<String>,
    /// The time zone in which the expression is meant (`Europe/Berlin`); UTC where none is given. Only schedules have one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// Retries after the first try; -1 without end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_retries: Option<i64>,
    /// Seconds for which a stream keeps its records, where that was read. AWS: 24 h unless more is paid for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_retention_s: Option<u32>,
    /// Open shards of the stream, where that was read: each is read by itself, one batch at a time in each lane.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_shards: Option<u32>,
    /// Seconds after which an event is given up; -1 never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_age_s: Option<i64>,
    /// Receives before the dead-letter queue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receive_limit: Option<u32>,
    /// Who tries again when it fails: `lambda`, `mapping`, `sns`, `eventbridge`, `scheduler`, `sqs`, `caller`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retried_by: Option<String>,
    /// Whether only the failed items of a batch come again (`ReportBatchItemFailures`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partial_response: Option<bool>,
    /// Whether a failing batch is halved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bisect: Option<bool>,
    /// Batches of one shard at the same time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parallelization: Option<u32>,
    /// Runs of one queue at the same time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maximum_concurrency: Option<u32>,
    /// `TRIM_HORIZON`, `LATEST`, `AT_TIMESTAMP`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub starting_position: Option<String>,
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
