//! What the pollers observe: the only input of the store, and the only content of a recording.

use std::collections::BTreeSet;
use std::fmt;

use super::phrase::Phrase;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::log::{Line, LogRead, TailState};
use super::{Alarm, CallCount, Connection, Edge, Metric, Missing, Node, NodeId, Point, Scope, Subject};

/// One observation: what, where and when.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Observation {
    /// Account time of the observation.
    pub at: Timestamp,
    /// The account and region.
    pub scope: Scope,
    /// The poller that made it.
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

/// The API response behind a part of the topology: `lambda:ListFunctions`, or `lambda:GetPolicy orders-in`. A later
/// response replaces the earlier one: what is no longer in it is removed from the chain.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Part {
    /// The API, by its IAM action.
    pub api: String,
    /// The resource of the call; empty for a listing.
    pub of: String,
}

impl Part {
    /// The response of `api` for `of`.
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

/// Something that could not be read, which is never the same as "there is none".
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Unknown {
    /// What is unknown, with the API that returns it.
    pub what: Phrase,
    /// Why, with the action to allow if a permission is missing.
    pub why: Phrase,
}

/// One part as known from an earlier session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recollection {
    /// The API response behind it.
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
    /// One part of the topology was read completely: it replaces the earlier one.
    Found {
        /// The API response behind it.
        part: Part,
        /// The nodes it names.
        nodes: Vec<Node>,
        /// The edges it proves.
        edges: Vec<Edge>,
    },
    /// One part could not be read: the earlier one stays, marked unknown.
    Unread {
        /// The API response that is missing.
        part: Part,
        /// What that leaves unknown.
        unknown: Unknown,
        /// Whether the chain counts as complete without it: what only adds to it, and may not be read.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        optional: bool,
    },
    /// Progress of a survey: calls done, and calls known to be needed so far.
    Progress {
        /// Responses received.
        done: u32,
        /// Responses needed, as far as known.
        total: u32,
    },
    /// Everything that configurations name but that does not exist; replaces that of the previous survey.
    Missing(BTreeSet<Missing>),
    /// The survey covers only what was asked for and what that names: other sources are unknown.
    Narrowed,
    /// A survey ended, and these are all its parts: other parts are removed.
    Surveyed {
        /// The parts of this survey.
        parts: BTreeSet<Part>,
        /// APIs whose listing could not be read completely: their earlier parts stay.
        unread: BTreeSet<String>,
    },
    /// The chain from an earlier session, to draw until a survey has ended.
    Recalled {
        /// When it was surveyed.
        at: Timestamp,
        /// Its parts.
        found: Vec<Recollection>,
    },
    /// A queue's depth, from its attributes. AWS (sqs): approximate, may lag by a minute.
    Depth {
        /// The queue.
        queue: NodeId,
        /// Visible messages.
        visible: u64,
        /// Messages in flight.
        in_flight: u64,
        /// Delayed messages.
        delayed: u64,
    },
    /// One-minute values of a metric; they replace values of the same minutes.
    Metric {
        /// The subject.
        subject: Subject,
        /// Which.
        metric: Metric,
        /// The values, in time order.
        points: Vec<Point>,
    },
    /// A log group was read.
    Lines(LogRead),
    /// A log group could not be read: its earlier lines stay.
    LinesUnread {
        /// The group.
        group: String,
        /// The functions that write to it.
        functions: Vec<NodeId>,
        /// Why, with the action to allow if a permission is missing.
        why: String,
    },
    /// Lines of a live tail session. Polling returns each of them once more.
    Preview {
        /// The group.
        group: String,
        /// The lines.
        lines: Vec<Line>,
        /// Whether they are only a sample. AWS (apis): above 500 lines per second.
        sampled: bool,
    },
    /// The state of the live tail session.
    Tail {
        /// The groups.
        groups: BTreeSet<String>,
        /// The state.
        state: TailState,
    },
    /// All alarms that are in ALARM.
    Alarms(Vec<Alarm>),
    /// Calls made and their cost.
    Calls(CallCount),
    /// A poller failed, or recovered.
    SourceState {
        /// What failed; `None` if it recovered.
        error: Option<Unknown>,
    },
    /// Time passed: a deadline that the store announced was reached.
    Reached,
}

impl Fact {
    /// A part that could not be read, and without which the chain is not complete.
    #[must_use]
    pub fn unread(part: Part, unknown: Unknown) -> Self {
        Self::Unread {
            part,
            unknown,
            optional: false,
        }
    }
}
