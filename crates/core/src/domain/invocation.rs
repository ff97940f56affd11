//! One run of a function, as the lines of its log tell it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::NodeId;

/// How a run ended, as far as its lines say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunOutcome {
    /// It started, and nothing said yet that it ended.
    #[default]
    Running,
    /// It ended, and no line tells of a failure.
    Ok,
    /// The handler failed: an exception, a rejected promise, a panic that the runtime caught.
    Error,
    /// Lambda stopped it at the function's timeout.
    Timeout,
    /// Lambda killed it: it had used up its memory.
    OutOfMemory,
    /// The process ended by itself in the middle of a run.
    Crash,
    /// The sandbox could not be started: the handler never ran.
    InitFailure,
    /// It started, and neither its end nor a failure was seen although timeout and the log's lateness have passed.
    Unknown,
}

impl RunOutcome {
    /// Whether it ended, and not well.
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

/// What a failed run said.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RunError {
    /// The error's type, where the line names one (`KeyError`, `Runtime.ExitError`, `Sandbox.Timedout`).
    pub kind: Option<String>,
    /// Its message, shortened. Comes from others: may hold anything.
    pub message: String,
}

/// What a run took, as its REPORT line says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunReport {
    /// Microseconds it ran.
    pub duration_us: Option<u64>,
    /// Milliseconds billed.
    pub billed_ms: Option<u64>,
    /// MB it may use.
    pub memory_mb: Option<u32>,
    /// MB it used at most.
    pub max_memory_mb: Option<u32>,
    /// Microseconds its sandbox took to start; nothing where it was warm.
    pub init_us: Option<u64>,
}

/// One run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Invocation {
    /// Of which function.
    pub function: NodeId,
    /// AWS: the retries of an asynchronous event keep their request id; of queues and streams each try has a new one.
    pub request_id: String,
    /// The n-th run of this request id that was seen, from 1.
    pub attempt: u32,
    /// The log stream: one sandbox of the function.
    pub stream: String,
    /// When it started, by its START line; nothing where that was not seen.
    pub start: Option<Timestamp>,
    /// When it ended, by its END or REPORT line.
    pub end: Option<Timestamp>,
    /// How it ended.
    pub outcome: RunOutcome,
    /// What it said, where it failed.
    pub error: Option<RunError>,
    /// What it took, as its REPORT line says.
    #[serde(flatten)]
    pub report: RunReport,
    /// The X-Ray trace.
    pub xray: Option<String>,
    /// The version that ran (`$LATEST`, `7`).
    pub version: Option<String>,
    /// Ids of queue messages that its lines name: where the function logs them, a receive can be joined to its message.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub message_ids: Vec<String>,
}
