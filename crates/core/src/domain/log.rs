//! Lines of logs: as an endpoint gives them, as they are told, and how far a group was read.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::NodeId;

/// One log event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// When it was written, by the event's own time.
    pub at: Timestamp,
    /// The stream it came in: one sandbox of the function.
    pub stream: String,
    /// The text. Comes from others: may hold anything.
    pub text: String,
}

/// One event as an endpoint gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// CloudWatch's id; some endpoints give none.
    pub id: Option<String>,
    /// When it could first be read, where the endpoint says so.
    pub ingested: Option<Timestamp>,
    /// The line.
    pub line: Line,
}

/// One page of an answer.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// The events, in any order.
    pub events: Vec<Event>,
    /// Where to go on.
    pub token: Option<String>,
    /// Whether it holds as much as a page can: without a token there may still be more.
    pub full: bool,
}

/// What one look at a log group brought.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogRead {
    /// The group.
    pub group: String,
    /// The functions that write to it, of those that are looked at.
    pub functions: Vec<NodeId>,
    /// Whether others write to it too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shared: bool,
    /// Its new lines: each is told once, and may be older than others told before.
    pub lines: Vec<Line>,
    /// Of the first of these lines it is not remembered whether they were told before. For each of them: the how manieth
    /// of its equals in this reading it is. It is new where not so many are held.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nth: Vec<u32>,
    /// How many of them came in behind the complete mark.
    pub late: u64,
    /// Milliseconds of which the endpoint gave only a part, and no way to the rest, so far.
    pub cut: u64,
    /// Whether there is no such group: a function that never ran has none.
    #[serde(default)]
    pub missing: bool,
    /// How far the group is read now; nothing while a reading is under way.
    pub reach: Option<Reach>,
}

/// How far a group was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reach {
    /// From when on.
    pub since: Timestamp,
    /// Up to when.
    pub read_to: Timestamp,
    /// Behind this mark nothing is expected any more: two readings agreed, and the lateness seen had passed.
    pub complete_to: Option<Timestamp>,
    /// Behind this mark lines are usually all there: the lateness that lines of this group had lately has passed. Nothing
    /// where that is not known.
    #[serde(default)]
    pub settled_to: Option<Timestamp>,
    /// From when on every line was read; nothing where only the lines are that mark runs.
    pub whole_since: Option<Timestamp>,
}

/// A live tail: a preview of a group's lines. AWS: $0.01 a minute beyond 1,800 free minutes a month.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TailState {
    /// Nobody asked for one.
    #[default]
    Off,
    /// It shows lines.
    On,
    /// It could not be had, or ended; polling goes on by itself.
    Failed {
        /// Why.
        why: String,
    },
}

/// How grave a line says it is. Later is graver.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Every step.
    Trace,
    /// For whoever looks for a fault.
    Debug,
    /// What goes on.
    Info,
    /// Something is odd.
    Warn,
    /// Something failed.
    Error,
    /// The program cannot go on.
    Fatal,
}

impl Level {
    /// Reads a level as runtimes and log libraries write it, in any case: Python's, Node's, Java's (`severe`), .NET's
    /// (`trce`, `dbug`, `fail`, `crit`), Ruby's, Rust's, syslog's (`notice`, `err`).
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        // The frequent ones first.
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

    /// The word of the JSON contract.
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
