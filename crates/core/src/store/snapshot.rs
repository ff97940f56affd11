//! What the screen and the headless commands read: one immutable picture of everything known, in sections that are
//! shared by pointer, so that publishing copies only what changed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::arrivals::Arrivals;
use super::coming::{Cause, Coming};
use super::lately::Lately;
use super::losses::Losses;
use super::memory::Kept;
use super::no_loss::Unseen;
pub use super::trouble::{Kind, Severity, Trouble};
use crate::domain::delivery::Deliveries;
use crate::domain::phrase::Phrase;
use crate::domain::{
    Alarm, CallCount, Connection, Detail, Edge, EdgeKey, Evidence, Metric, Missing, Node, NodeId, Part, Point, Scope,
    Source, Unknown, Watches, is_unheard,
};
use crate::logs::{self, Logs};
use crate::permissions::Arrival;

/// Everything known at one moment.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// Counts publications; equal numbers mean equal snapshots.
    pub version: u64,
    /// The scope; `None` before the first observation.
    pub scope: Option<Arc<Scope>>,
    /// Account time of the last observation.
    pub as_of: Option<Timestamp>,
    /// The state of the connection.
    pub connection: Arc<Connection>,
    /// The chain.
    pub topology: Arc<Topology>,
    /// The vital signs of each node that has any.
    pub vitals: Arc<BTreeMap<NodeId, Vitals>>,
    /// What needs a look, worst first.
    pub troubles: Arc<Vec<Trouble>>,
    /// Links that cannot deliver, and those of which that is not known.
    pub arrivals: Arc<Arrivals>,
    /// What the start screen says before anything else.
    pub answers: Arc<Overview>,
    /// Traffic of the last minute, oldest first: what marbles stand for.
    pub pulses: Arc<Vec<Pulse>>,
    /// Every event on its way, as far as logs and counts show.
    pub deliveries: Arc<Deliveries>,
    /// The lines of logs, and how far each group is known.
    pub logs: Arc<Logs>,
    /// The invocations of each function that had any.
    pub invocations: Arc<BTreeMap<NodeId, Arc<logs::Runs>>>,
    /// When each poller last read, and what it could not read.
    pub sources: Arc<BTreeMap<Source, SourceState>>,
    /// What looking costs.
    pub cost: Cost,
}

/// The chain as known.
#[derive(Clone, Debug, Default)]
pub struct Topology {
    /// Counts changes; equal numbers mean equal chains (ages and progress aside).
    pub revision: u64,
    /// Every function, and every resource on an edge.
    pub nodes: BTreeMap<NodeId, Arc<Node>>,
    /// In the order of their keys.
    pub edges: Vec<Arc<Edge>>,
    /// Strongly connected components over triggers, destinations and writes, of two nodes or of one that feeds itself.
    pub loops: Vec<Vec<NodeId>>,
    /// What could not be read.
    pub unknown: Vec<Unknown>,
    /// Whose answers are missing: what each would have said of one resource is not known.
    pub unread: BTreeSet<Part>,
    /// What configurations name and does not exist, as the last survey concluded.
    pub missing: Arc<BTreeSet<Missing>>,
    /// The sources that policies of functions name and that do not exist, likewise.
    pub gone_sources: Arc<BTreeSet<NodeId>>,
    /// What alarms of any state watch; `None` if it was not read.
    pub watches: Option<Arc<Watches>>,
    /// Whether a whole survey has ended since the start, with nothing unread.
    pub complete: bool,
    /// When the last whole survey ended; that of the cache where none has ended yet.
    pub surveyed_at: Option<Timestamp>,
    /// Whether all of it comes from the cache still.
    pub cached: bool,
    /// Whether only what was asked for was surveyed, and what that names: a missing link proves nothing.
    pub narrowed: bool,
    /// A survey under way: answers had, answers needed as far as is known.
    pub progress: Option<(u32, u32)>,
    /// What configuration alone says of whether events can arrive, for each link that it says anything of.
    pub arrivals: Arc<BTreeMap<EdgeKey, Arrival>>,
}

/// From this many calls of a survey on, a note says that deployments share Lambda's limit: the survey takes longer than
/// half a minute.
const MANY_CALLS: u32 = 1_000;

impl Topology {
    /// Whether the survey under way takes a noticeable share of the account's control-plane calls. AWS (apis): 15 a second of Lambda's,
    /// deployments included.
    #[must_use]
    pub fn shares_calls(&self) -> bool {
        self.progress.is_some_and(|(_, total)| total >= MANY_CALLS)
    }
}

/// What looking at the account costs.
#[derive(Clone, Debug, Default)]
pub struct Cost {
    /// Calls and what they cost.
    pub calls: Arc<CallCount>,
    /// How much is kept in memory, kind by kind.
    pub memory: Arc<Vec<Kept>>,
}

impl Snapshot {
    /// Whether nothing can be read any more although the account answers: depths, log lines and metrics all fail.
    #[must_use]
    pub fn is_blind(&self) -> bool {
        [Source::Queues, Source::Logs, Source::Metrics].iter().all(|source| {
            let state = self.sources.get(source);
            state.is_some_and(|state| state.error.is_some())
        })
    }

    /// Whether some function's log was neither read nor refused yet.
    #[must_use]
    pub fn is_reading_logs(&self) -> bool {
        if self.topology.nodes.is_empty() && !self.topology.complete {
            return true;
        }
        self.unread_logs() > 0
    }

    /// How many functions there are whose log was neither read nor refused yet.
    #[must_use]
    pub fn unread_logs(&self) -> usize {
        let groups = self.topology.nodes.values().filter_map(|node| match &node.detail {
            Detail::Function(function) if logs::blind_spots::why_not(function).is_none() => {
                Some(function.logging.group.as_str())
            }
            _ => None,
        });
        let is_known = |group: &str| {
            let group = self.logs.groups.get(group);
            group.is_some_and(|group| group.reach.is_some() || group.unread.is_some())
        };
        groups.filter(|group| !is_known(group)).count()
    }

    /// All that could not be read: of the chain, and by the pollers.
    #[must_use]
    pub fn unread(&self) -> Vec<&Unknown> {
        let mut all: Vec<&Unknown> = self.topology.unknown.iter().collect();
        for unknown in self.sources.values().filter_map(|state| state.error.as_ref()) {
            if !all.contains(&unknown) {
                all.push(unknown);
            }
        }
        all
    }

    /// What depends on a role or key that is not read: never fine, but nothing that a permission of the reader's own would
    /// show.
    #[must_use]
    pub fn unproved(&self) -> Vec<Unknown> {
        self.arrivals.unproved(&self.topology)
    }

    /// Why something that was not found may exist: a call is still to be made, or failed. `None` if everything was read.
    #[must_use]
    pub fn not_known(&self) -> Option<Unseen> {
        let losses = self.answers.losses.unread.len();
        match self.unread().len() {
            0 if !self.topology.complete => Some(Unseen::Chain),
            0 if losses > 0 => Some(Unseen::Losses { count: losses }),
            0 => None,
            n => Some(Unseen::Refused { count: n }),
        }
    }
}

impl Topology {
    /// Whether what an API says of a resource is known to be missing: its own answer, or the whole listing.
    #[must_use]
    pub fn is_unread(&self, api: &str, of: &NodeId) -> bool {
        [of.as_str(), ""]
            .iter()
            .any(|of| self.unread.contains(&Part::new(api, *of)))
    }

    /// Whether what is published to a node goes nowhere: a topic without a subscription. `None` where that was not read.
    #[must_use]
    pub fn is_unheard(&self, id: &NodeId) -> Option<bool> {
        is_unheard(
            id,
            self.nodes.get(id).map(AsRef::as_ref),
            self.edges.iter().map(AsRef::as_ref),
        )
    }

    /// The timeout of a function, if known.
    #[must_use]
    pub fn timeout(&self, function: &NodeId) -> Option<SignedDuration> {
        match &self.nodes.get(function)?.detail {
            Detail::Function(function) => Some(SignedDuration::from_secs(function.timeout_s.into())),
            _ => None,
        }
    }

    /// The edges that leave a node.
    pub fn from(&self, id: &NodeId) -> impl Iterator<Item = &Arc<Edge>> {
        self.edges.iter().filter(move |edge| edge.key.from == *id)
    }

    /// The edges that reach a node.
    pub fn to(&self, id: &NodeId) -> impl Iterator<Item = &Arc<Edge>> {
        self.edges.iter().filter(move |edge| edge.key.to == *id)
    }
}

/// A value and when it was read.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reading<T> {
    /// What was read.
    pub value: T,
    /// Account time of reading it.
    pub at: Timestamp,
}

/// A queue's counts. AWS (sqs): approximate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Depth {
    /// Messages that can be received.
    pub visible: u64,
    /// Messages received and not yet deleted.
    pub in_flight: u64,
    /// Messages not yet to be received.
    pub delayed: u64,
}

impl Depth {
    /// All messages in the queue.
    #[must_use]
    pub fn total(self) -> u64 {
        self.visible + self.in_flight + self.delayed
    }
}

/// One-minute values of the last hour.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    /// In time order; a minute without value is absent. Shared by pointer: every picture of everything has them.
    pub points: Arc<Vec<Point>>,
    /// When the series was last read.
    pub read_at: Option<Timestamp>,
}

/// How a node is, at one look. Later is worse.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// Nothing was read of it: never drawn as OK.
    #[default]
    Unknown,
    /// Disabled on purpose.
    Off,
    /// Read, and nothing is wrong.
    Well,
    /// Warning: a growing backlog, throttling, waiting dead letters.
    Warning,
    /// Failing now, or losing events.
    Failing,
}

/// Statistics of a function's invocations, from its log lines.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Runs {
    /// START lines in each of the last sixty minutes, by minute, oldest first.
    pub starts: Vec<Point>,
    /// Failures likewise.
    pub failures: Vec<Point>,
    /// The last START seen.
    pub last_start: Option<Timestamp>,
    /// The last invocation that succeeded.
    pub last_success: Option<Timestamp>,
    /// The last failure, and what it said.
    pub last_error: Option<(Timestamp, String)>,
    /// When the current series of failures began; `None` if the last invocation succeeded.
    pub failing_since: Option<Timestamp>,
    /// Whether it may have begun before: invocations failed since as far back as is known.
    pub failing_longer: bool,
    /// Failed invocations since the last success.
    pub failed_in_row: u32,
    /// The last invocations of the last minutes.
    pub lately: Lately,
    /// Account time from which on the log was read.
    pub read_since: Option<Timestamp>,
    /// Account time up to which the log was read.
    pub read_to: Option<Timestamp>,
}

/// What is known of one node's present state.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Vitals {
    /// How it is.
    pub health: Health,
    /// Why, in a few words; empty if healthy.
    pub why: Phrase,
    /// Whether a queue fills faster than it is emptied.
    pub backs_up: bool,
    /// Whether dead letters of a function's events arrived while its throttles were unknown: then it is not known to be OK.
    pub unexplained: bool,
    /// A queue's counts.
    pub depth: Option<Reading<Depth>>,
    /// A queue's total over the last hour, by minute, for its sparkline.
    pub depths: Vec<Point>,
    /// Statistics of a function's invocations.
    pub runs: Option<Runs>,
    /// Metrics read.
    pub metrics: BTreeMap<Metric, Series>,
    /// Alarms in ALARM on it.
    pub alarms: Vec<Alarm>,
}

/// A count of the last hour beside the same hour yesterday.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Compared {
    /// The last sixty minutes.
    pub hour: f64,
    /// The same sixty minutes a day earlier, where they were read.
    pub yesterday: Option<f64>,
    /// The minute of the last sixty in which one was counted last.
    pub last: Option<Timestamp>,
}

/// A change of the last 24 hours.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// What changed.
    pub node: NodeId,
    /// When.
    pub at: Timestamp,
    /// In a few words: "deployed" (AWS (functions): `LastModified` is of code or configuration), "mapping changed".
    pub what: Phrase,
    /// When the node's errors began, if within minutes after the change.
    pub errors_since: Option<Timestamp>,
}

/// The top of the start screen.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Overview {
    /// Events lost in the last hour, and in the same hour yesterday; `None` if no metric was read.
    pub lost: Option<Compared>,
    /// Whose they are and how they were lost, what is not certain, and of what nothing was read.
    pub losses: Losses,
    /// What will be lost if it keeps failing, the soonest first.
    pub coming: Vec<Coming>,
    /// Messages in dead-letter queues; `None` if there is none, or one was not read.
    pub dead_letters: Option<u64>,
    /// When the numbers were read.
    pub lost_at: Option<Timestamp>,
    /// Account-wide errors, likewise.
    pub errors: Option<Compared>,
    /// Account-wide throttles.
    pub throttles: Option<Compared>,
    /// When these two were read.
    pub errors_at: Option<Timestamp>,
    /// Alarms in ALARM.
    pub alarms: Vec<Alarm>,
    /// What changed in the last 24 hours, newest first.
    pub changes: Vec<Change>,
    /// What is stalled without errors, and how, in words to follow its name: a disabled mapping or rule, a failing last
    /// processing result, concurrency used up.
    pub silent: Vec<(NodeId, Phrase)>,
}

impl Overview {
    /// Whether events may be lost that neither a metric nor a log line shows yet.
    #[must_use]
    pub fn may_have_lost(&self) -> bool {
        let nothing_known = |one: &Coming| one.cause == Cause::NobodyReads && one.latest.is_none();
        self.coming.iter().any(|one| one.past || nothing_known(one))
    }
}

/// Counted traffic on one edge.
#[derive(Clone, Debug, PartialEq)]
pub struct Pulse {
    /// Grows by one with every pulse: the screen animates those it has not seen.
    pub number: u64,
    /// The edge.
    pub edge: EdgeKey,
    /// How many events.
    pub count: u64,
    /// When they passed, in account time.
    pub at: Timestamp,
    /// `Observed` where a log line or a count of this edge's own end says so, else the evidence of the inference.
    pub evidence: Evidence,
    /// Several edges end where this was seen, and which of them it took is not known: only the last cells, where they
    /// have joined, may show it.
    pub shared: bool,
}

/// The latest state of a poller.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SourceState {
    /// When it last read something.
    pub read_at: Option<Timestamp>,
    /// What it cannot read now.
    pub error: Option<Unknown>,
}
