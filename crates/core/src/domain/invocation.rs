//! One invocation of a function, as its log lines show it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::NodeId;

/// The outcome of an invocation, as far as its log lines show it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunOutcome {
    /// It started, and no line of its end was seen yet.
    #[default]
    Running,
    /// It ended, without a line of a failure.
    Ok,
    /// The handler failed: an exception, a rejected promise, a panic that the runtime caught.
    Error,
    /// It timed out.
    Timeout,
    /// Lambda killed it: out of memory.
    OutOfMemory,
    /// The process exited during the invocation.
    Crash,
    /// The sandbox could not be started: the handler was not called.
    InitFailure,
    /// It started, but neither its end nor a failure was seen, although timeout and log lateness have passed.
    Unknown,
}

impl RunOutcome {
    /// Whether it failed.
    #[must_use]
    pub fn is_failure(self) -> bool {
        matches!(
            self,
            Self::Error | Self::Timeout | Self::OutOfMemory | Self::Crash | Self::InitFailure
        )
    }

    /// Whether it ended.
    #[must_use]
    pub fn has_ended(self) -> bool {
        self == Self::Ok || self.is_failure()
    }
}

/// The error of a failed invocation.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RunError {
    /// The error type, if the line names one (`KeyError`, `Runtime.ExitError`, `Sandbox.Timedout`).
    pub kind: Option<String>,
    /// Its message, truncated. Untrusted text.
    pub message: String,
}

/// The numbers of a REPORT line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunReport {
    /// Duration in microseconds.
    pub duration_us: Option<u64>,
    /// Billed duration in milliseconds.
    pub billed_ms: Option<u64>,
    /// Memory size in MB.
    pub memory_mb: Option<u32>,
    /// Maximum memory used in MB.
    pub max_memory_mb: Option<u32>,
    /// Init duration of a cold start in microseconds; `None` if warm.
    pub init_us: Option<u64>,
}

/// One invocation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Invocation {
    /// The function.
    pub function: NodeId,
    /// AWS (sqs): retries of an asynchronous event keep their request ID; each attempt of a queue or stream has a new one.
    pub request_id: String,
    /// The attempt number of this request ID, as far as seen, from 1.
    pub attempt: u32,
    /// The log stream: one sandbox of the function.
    pub stream: String,
    /// When it started, by its START line; `None` if that was not seen.
    pub start: Option<Timestamp>,
    /// When it ended, by its END or REPORT line.
    pub end: Option<Timestamp>,
    /// Its outcome.
    pub outcome: RunOutcome,
    /// The error, if it failed.
    pub error: Option<RunError>,
    /// The numbers of its REPORT line.
    #[serde(flatten)]
    pub report: RunReport,
    /// The X-Ray trace.
    pub xray: Option<String>,
    /// The version that was invoked (`$LATEST`, `7`).
    pub version: Option<String>,
    /// IDs of queue messages in its log lines: they connect a receive with its message.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub message_ids: Vec<String>,
}
