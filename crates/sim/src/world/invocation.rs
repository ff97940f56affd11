//! An invocation: its cause, its course, its outcome.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::function::Language;
use super::lineage::Lineage;
use crate::behaviour::Behaviour;

/// An error as a runtime reports it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failed {
    /// `errorType`.
    pub kind: String,
    /// `errorMessage`.
    pub message: String,
    /// `stackTrace`, `stack` or `trace`.
    pub trace: Vec<String>,
}

impl Failed {
    /// An error with a stack as this runtime would give it.
    #[must_use]
    pub fn new(language: Language, kind: &str, message: &str) -> Self {
        let trace = match language {
            Language::Python => vec![format!(
                "  File \"/var/task/index.py\", line 12, in handler\n    raise {kind}(message)\n"
            )],
            Language::Node => vec![
                format!("{kind}: {message}"),
                "    at Runtime.handler (file:///var/task/index.mjs:12:9)".to_owned(),
                "    at Runtime.handleOnceNonStreaming (file:///var/runtime/index.mjs:1173:29)".to_owned(),
            ],
            Language::Java => vec!["at example.Handler.handleRequest(Handler.java:12)".to_owned()],
            _ => Vec::new(),
        };
        Self {
            kind: kind.to_owned(),
            message: message.to_owned(),
            trace,
        }
    }

    /// The error's JSON as a caller, a destination or a dead letter gets it.
    #[must_use]
    pub fn payload(&self, language: Language, request: &str) -> Json {
        match language {
            Language::Python => json!({"errorMessage": self.message, "errorType": self.kind, "requestId": request,
                "stackTrace": self.trace}),
            Language::Node => json!({"errorType": self.kind, "errorMessage": self.message, "trace": self.trace}),
            _ => json!({"errorMessage": self.message, "errorType": self.kind}),
        }
    }
}

/// The cause of an invocation, which gets its outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// A client that waits for the answer: the call's serial.
    Call(u64),
    /// Another invocation that waits.
    Parent(u64),
    /// A request at an API: its id and route, for the API's metrics.
    Api(String),
    /// A user pool: the sign-in and its attempt.
    Pool(u64, u32),
    /// A state machine's task: the execution.
    Task(u64),
    /// None.
    Nobody,
    /// The asynchronous queue.
    Async(u64),
    /// A queue's poller.
    Batch(u64),
    /// A shard's reader.
    Shard {
        /// The mapping's UUID.
        mapping: String,
        /// Which shard.
        shard: usize,
        /// Which lane.
        lane: usize,
    },
}

/// A wish to run a function.
#[derive(Clone, Debug)]
pub struct Ask {
    /// The function's name.
    pub function: String,
    /// An alias or a version; empty for `$LATEST`.
    pub qualifier: String,
    /// The event, JSON text.
    pub payload: Arc<str>,
    /// Who waits.
    pub cause: Cause,
    /// The request id of an earlier attempt. AWS (async): asynchronous retries keep it.
    pub request: Option<String>,
    /// The chain of requests so far.
    pub lineage: Lineage,
    /// Which attempt at this event it is, from 1.
    pub attempt: u32,
}

/// Why a function was not run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such function.
    NotFound,
    /// As many run as may.
    Throttled,
    /// Its reserved concurrency is 0.
    Off,
    /// The Lambda API does not answer for it.
    Unreachable,
    /// It was invoked about 16 times in this chain of requests.
    Recursive,
}

/// How an invocation ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// With a response, JSON text.
    Returned(Arc<str>),
    /// With an error of the handler.
    Raised(Failed),
    /// It was stopped at its timeout.
    TimedOut,
    /// The process went away.
    Crashed,
    /// The process was killed for its memory.
    OutOfMemory,
}

impl Ending {
    /// The status of the JSON format's report.
    #[must_use]
    pub const fn status(&self) -> &'static str {
        match self {
            Self::Returned(_) => "success",
            Self::Raised(_) => "error",
            Self::TimedOut => "timeout",
            Self::Crashed | Self::OutOfMemory => "failure",
        }
    }

    /// The error's type, if it is one.
    #[must_use]
    pub fn error_type(&self) -> Option<&str> {
        match self {
            Self::Returned(_) => None,
            Self::Raised(error) => Some(&error.kind),
            Self::TimedOut => Some("Sandbox.Timedout"),
            Self::Crashed | Self::OutOfMemory => Some("Runtime.ExitError"),
        }
    }

    /// How the process exited.
    pub(super) const fn exit_text(&self) -> &'static str {
        match self {
            Self::OutOfMemory => "Runtime exited with error: signal: killed",
            _ => "Runtime exited with error: exit status 1",
        }
    }
}

/// An invocation's end as a caller sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The request id.
    pub request: String,
    /// How it ended.
    pub ending: Ending,
    /// The response, or the error's JSON.
    pub payload: Arc<str>,
    /// `$LATEST` or a version.
    pub version: String,
    /// The invocation's own log lines, for `LogType=Tail`.
    pub tail: String,
}

/// A client that waits for an answer.
#[derive(Clone, Debug, Default)]
pub struct Waiting {
    /// The answer, when it is there.
    pub outcome: Option<Outcome>,
}

/// A running invocation.
#[derive(Clone, Debug)]
pub struct Run {
    pub(super) function: String,
    pub(super) qualifier: String,
    pub(super) request: String,
    pub(super) version: String,
    pub(super) cause: Cause,
    pub(super) lineage: Lineage,
    pub(super) attempt: u32,
    pub(super) event: Arc<Json>,
    pub(super) behaviour: Option<Arc<Behaviour>>,
    /// The function's count of invocations when this one began: for draws.
    pub(super) number: u64,
    pub(super) sandbox: u64,
    pub(super) timing: Timing,
    pub(super) course: Course,
    pub(super) log: RunLog,
}

/// When an invocation does what. Moments are milliseconds since 1970.
#[derive(Clone, Copy, Debug)]
pub(super) struct Timing {
    pub(super) accepted: i64,
    /// `None` while the sandbox starts.
    pub(super) begun: Option<i64>,
    pub(super) init_ms: Option<i64>,
    pub(super) work_ms: i64,
    pub(super) timeout_ms: i64,
    /// When it goes on; another moment's event is not meant for it.
    pub(super) wake: i64,
}

/// What an invocation is going to do.
#[derive(Clone, Debug, Default)]
pub(super) struct Course {
    /// Its steps: the number of each, and for which record.
    pub(super) actions: VecDeque<(usize, Option<usize>)>,
    /// How it ends, where that is settled already.
    pub(super) planned: Option<Ending>,
    pub(super) failed_records: Vec<usize>,
    /// The ids that services answered to its last sending, by record.
    pub(super) sent: BTreeMap<Option<usize>, String>,
}

/// Where an invocation logs.
#[derive(Clone, Debug)]
pub(super) struct RunLog {
    pub(super) group: String,
    pub(super) stream: Arc<str>,
    /// Its own lines, for `LogType=Tail`.
    pub(super) tail: String,
}
