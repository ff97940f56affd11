//! What the pollers saw: the only input of the store, and the only content of a recording.

use std::collections::BTreeSet;
use std::fmt;

use super::phrase::Phrase;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::log::{Line, LogRead, TailState};
use super::{Alarm, CallCount, Connection, Edge, Metric, Missing, Node, NodeId, Point, Scope, Subject};

/// One thing seen, where and when, in account time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Observation {
    /// Account time at which it was seen.
    pub at: Timestamp,
    /// Where.
    pub scope: Scope,
    /// Which poller saw it.
    pub source: Source,
    /// What was seen.
    pub what: Fact,
}

/// The pollers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Finds the chain.
    Topology,
    /// Queue depths.
    Queues,
    /// CloudWatch metrics.
    Metrics,
    /// Lines of the functions' logs.
    Logs,
    /// Alarms.
    Alarms,
    /// The connection itself, the meter, the clock.
    Session,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Topology => "chain",
            Self::Queues => "queue depths",
            Self::Metrics => "metrics",
            Self::Logs => "logs",
            Self::Alarms => "alarms",
            Self::Session => "session",
        })
    }
}

/// Whose answer a part of the topology is: `lambda:ListFunctions`, or `lambda:GetPolicy orders-in`. A later answer of
/// the same part replaces the earlier one, so that what is gone from it is gone from the chain.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Part {
    /// The API asked, as IAM names the action.
    pub api: String,
    /// The resource asked about; empty for a listing.
    pub of: String,
}

impl Part {
    /// The answer of `api` about `of`.
    #[must_use]
    pub fn new(api: impl Into<String>, of: impl Into<String>) -> Self {
        Self {
            api: api.into(),
            of: of.into(),
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.of.is_empty() {
            f.write_str(&self.api)
        } else {
            write!(f, "{} {}", self.api, self.of)
        }
    }
}

/// Something that could not be read: never the same as "there is none".
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Unknown {
    /// What is not known, with the API that would tell.
    pub what: Phrase,
    /// Why, with the missing action where permission is missing.
    pub why: Phrase,
}

/// One part as it was known earlier.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recollection {
    /// Whose answer it was.
    pub part: Part,
    /// The nodes it named.
    pub nodes: Vec<Node>,
    /// The edges it proved.
    pub edges: Vec<Edge>,
}

/// What was seen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    /// The state of the connection changed.
    Connection(Connection),
    /// One part of the topology was read whole: it replaces what this part said before.
    Found {
        /// Whose answer it is.
        part: Part,
        /// The nodes it names.
        nodes: Vec<Node>,
        /// The edges it proves.
        edges: Vec<Edge>,
    },
    /// One part could not be read: what it said before stays, marked unknown.
    Unread {
        /// Whose answer is missing.
        part: Part,
        /// What that leaves unknown.
        unknown: Unknown,
    },
    /// How far a survey is: calls done, and known to be needed so far.
    Progress {
        /// Answers had.
        done: u32,
        /// Answers needed, as far as is known yet.
        total: u32,
    },
    /// What configurations name and does not exist, all of it: what the survey before said of it is replaced.
    Missing(BTreeSet<Missing>),
    /// Only what somebody asked for is surveyed, and what that names: who else leads to it is not known.
    Narrowed,
    /// A survey ended, and these parts are all there are: what another part said is gone.
    Surveyed {
        /// The parts of this survey.
        parts: BTreeSet<Part>,
        /// APIs whose listing could not be read whole: what they said earlier stays.
        unread: BTreeSet<String>,
    },
    /// What an earlier run of the program knew, to draw until a survey has ended.
    Recalled {
        /// When that was surveyed.
        at: Timestamp,
        /// Its parts.
        found: Vec<Recollection>,
    },
    /// A queue's depth, from its attributes. AWS: approximate, may lag by a minute.
    Depth {
        /// The queue.
        queue: NodeId,
        /// Messages that can be received.
        visible: u64,
        /// Messages received and not yet deleted.
        in_flight: u64,
        /// Messages not yet to be received.
        delayed: u64,
    },
    /// One-minute values of a metric; they replace those of the same minutes.
    Metric {
        /// Of what.
        subject: Subject,
        /// Which.
        metric: Metric,
        /// In time order.
        points: Vec<Point>,
    },
    /// A log group was looked at.
    Lines(LogRead),
    /// A log group could not be read: what it said before stays.
    LinesUnread {
        /// The group.
        group: String,
        /// The functions that write to it.
        functions: Vec<NodeId>,
        /// Why, with the missing action where permission is missing.
        why: String,
    },
    /// Lines that a live tail showed. Polling brings each of them once more.
    Preview {
        /// The group.
        group: String,
        /// The lines.
        lines: Vec<Line>,
        /// Whether they are only a sample. AWS: above 500 lines a second.
        sampled: bool,
    },
    /// The live tail of these groups, and of no others.
    Tail {
        /// The groups.
        groups: BTreeSet<String>,
        /// How it is.
        state: TailState,
    },
    /// All alarms that are in ALARM.
    Alarms(Vec<Alarm>),
    /// The meter.
    Calls(CallCount),
    /// A poller could read again, or could not.
    SourceState {
        /// What failed, or nothing where it works.
        error: Option<Unknown>,
    },
    /// Time passed: a deadline that the store announced was reached.
    Reached,
}
