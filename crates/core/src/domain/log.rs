//! Log lines, as returned by an endpoint and as passed on, and how far a group was read.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::NodeId;

/// One log event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// The event's timestamp.
    pub at: Timestamp,
    /// The log stream: one sandbox of the function.
    pub stream: String,
    /// The text. Untrusted.
    pub text: String,
}

/// One event as an endpoint returned it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// CloudWatch's ID; some endpoints have none.
    pub id: Option<String>,
    /// The ingestion time, if the endpoint returns it.
    pub ingested: Option<Timestamp>,
    /// The line.
    pub line: Line,
}

/// One page of a response.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// The events, in any order.
    pub events: Vec<Event>,
    /// The token of the next page.
    pub token: Option<String>,
    /// Whether the page is full: there may be more even without a token.
    pub full: bool,
}

/// The result of reading a log group once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogRead {
    /// The group.
    pub group: String,
    /// The functions in sight that write to it.
    pub functions: Vec<NodeId>,
    /// Whether others write to it, too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shared: bool,
    /// Its new lines: each is passed on once, and may be older than earlier ones.
    pub lines: Vec<Line>,
    /// For the first of these lines, which may have been passed on before: the number of equal lines up to it in this
    /// reading. A line is new if fewer equal ones are in the buffer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nth: Vec<u32>,
    /// How many of them arrived behind the complete mark.
    pub late: u64,
    /// Milliseconds so far of which the endpoint returned only a part, without a token for the rest.
    pub cut: u64,
    /// Whether the group does not exist: a function that was never invoked has none.
    #[serde(default)]
    pub missing: bool,
    /// How far the group is read; `None` while a reading is in progress.
    pub reach: Option<Reach>,
}

/// How far a group was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reach {
    /// Start of the interval that was read.
    pub since: Timestamp,
    /// End of the interval that was read.
    pub read_to: Timestamp,
    /// The complete mark: no earlier line is expected any more, because two readings agreed and the observed lateness has
    /// passed.
    pub complete_to: Option<Timestamp>,
    /// Earlier lines are usually all there: the recent lateness of this group has passed. `None` if unknown.
    #[serde(default)]
    pub settled_to: Option<Timestamp>,
    /// The time from which every line was read; `None` if only lines that mark invocations were.
    pub whole_since: Option<Timestamp>,
}

/// The state of a live tail session, a preview of a group's lines. AWS (apis): $0.01 per minute beyond 1,800 free minutes per
/// month.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TailState {
    /// Not started.
    #[default]
    Off,
    /// Running.
    On,
    /// It could not be started, or ended; polling continues.
    Failed {
        /// Why.
        why: String,
    },
}

/// The level of a log line. Later is more severe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Every step.
    Trace,
    /// Details for debugging.
    Debug,
    /// Normal operation.
    Info,
    /// Something unexpected.
    Warn,
    /// Something failed.
    Error,
    /// The program cannot continue.
    Fatal,
}

impl Level {
    /// Parses a level as runtimes and log libraries write it, ignoring case: Python's, Node's, Java's (`severe`), .NET's
    /// (`trce`, `dbug`, `fail`, `crit`), Ruby's, Rust's, syslog's (`notice`, `err`).
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        // Most frequent first.
        const WORDS: [(&str, Level); 22] = [
            ("info", Level::Info),
            ("error", Level::Error),
            ("warn", Level::Warn),
            ("warning", Level::Warn),
            ("debug", Level::Debug),
            ("trace", Level::Trace),
            ("fatal", Level::Fatal),
            ("critical", Level::Fatal),
            ("information", Level::Info),
            ("notice", Level::Info),
            ("err", Level::Error),
            ("fail", Level::Error),
            ("severe", Level::Error),
            ("crit", Level::Fatal),
            ("alert", Level::Fatal),
            ("emergency", Level::Fatal),
            ("dbug", Level::Debug),
            ("dbg", Level::Debug),
            ("fine", Level::Debug),
            ("trce", Level::Trace),
            ("finer", Level::Trace),
            ("finest", Level::Trace),
        ];
        if !(3..=11).contains(&word.len()) {
            return None;
        }
        WORDS
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(word))
            .map(|(_, level)| *level)
    }

    /// Its name in the JSON contract.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Trace => "trace",
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
            Self::Fatal => "fatal",
        }
    }
}
