//! Where an event went: the invocations that handled it, joined across every hop, with how each link is known.
//!
//! A link joins two invocations of neighbouring functions. It is *carried* where both name the same thing, *traced* where both
//! belong to one X-Ray trace, *inferred* where no other invocation can have been it, and a *candidate* where several can: these
//! are never mixed up. A key of the user's own groups invocations (*correlated*) and joins none.
//!
//! - A name alone joins nothing: both ends must say of what the id is, and the chain must have a way between them.
//! - What could have reached both ends from further up without passing the first is no link between the two.
//! - An id that two invocations may have sent makes two candidates.

mod facts;
mod fold;
mod guess;
mod join;
mod keys;
pub mod standing;
mod ways;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::delivery::{Certainty, Delivery};
use crate::domain::{Edge, Invocation, Node, NodeId, QueueMessage};
use crate::logs::{Logs, Runs};

pub use fold::{all, follow, links};
pub use keys::{Keys, KeysError};
pub use ways::{Way, Ways};

/// How a link is known, strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Link {
    /// Both ends name the same thing.
    Carried,
    /// Both ends belong to the same X-Ray trace.
    Traced,
    /// Both ends name the same value of a key of the user's own.
    Correlated,
    /// No id in common, but only one invocation can have been it.
    Inferred,
    /// One of several that can have been it.
    Candidate,
}

impl Link {
    /// Its name in the JSON contract.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Carried => "carried",
            Self::Traced => "traced",
            Self::Correlated => "correlated",
            Self::Inferred => "inferred",
            Self::Candidate => "candidate",
        }
    }

    /// Whether it was seen, or follows from what was seen.
    #[must_use]
    pub const fn evidence(self) -> Certainty {
        match self {
            Self::Carried | Self::Traced | Self::Correlated => Certainty::Observed,
            Self::Inferred | Self::Candidate => Certainty::Inferred,
        }
    }
}

/// By what two ends are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// The request ID of one of the two invocations.
    RequestId,
    /// The ID of a message of a queue.
    MessageId,
    /// The ID of a message of a topic.
    NotificationId,
    /// The ID of an event of EventBridge.
    EventId,
    /// The sequence number of a record of Kinesis.
    SequenceNumber,
    /// An object's key: one invocation wrote it, and each function read it once.
    ObjectKey,
    /// The X-Ray trace.
    Trace,
    /// The time: no other invocation can have been it.
    OnlyOne,
    /// The time: several invocations can have been it.
    OneOfSeveral,
}

impl By {
    /// Its name in the JSON contract.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::RequestId => "request_id",
            Self::MessageId => "message_id",
            Self::NotificationId => "notification_id",
            Self::EventId => "event_id",
            Self::SequenceNumber => "sequence_number",
            Self::ObjectKey => "object_key",
            Self::Trace => "trace",
            Self::OnlyOne => "only_one",
            Self::OneOfSeveral => "one_of_several",
        }
    }
}

/// A link between two invocations, by their places in [`Journey::hops`] or in a list of invocations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joint {
    /// The earlier.
    pub from: usize,
    /// The later.
    pub to: usize,
    /// How it is known.
    pub link: Link,
    /// By what.
    pub by: By,
    /// The id that both name; `None` where time alone joins them.
    pub id: Option<Arc<str>>,
    /// The resources between the two, in order; empty for a direct invocation.
    pub through: Vec<NodeId>,
}

/// One event on its way through one function: its attempts.
#[derive(Clone, Debug, PartialEq)]
pub struct Hop {
    /// The function.
    pub function: NodeId,
    /// Its attempts, first to last; at least one.
    pub attempts: Vec<Arc<Invocation>>,
    /// Messages of a queue that the invocations name: the event travelled with the others.
    pub batch: Vec<String>,
    /// What is known of its retries, and what comes next.
    pub delivery: Option<Arc<Delivery>>,
    /// The message in a dead-letter queue that it ended as, where that was read.
    pub dead: Option<Dead>,
}

impl Hop {
    /// When its first attempt began.
    #[must_use]
    pub fn begin(&self) -> Option<Timestamp> {
        self.attempts.first().and_then(|run| run.start.or(run.end))
    }

    /// When its last attempt ended; `None` while it runs.
    #[must_use]
    pub fn end(&self) -> Option<Timestamp> {
        self.attempts.last().and_then(|run| run.end)
    }
}

/// A dead letter that was read, joined to an invocation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dead {
    /// The queue.
    pub queue: NodeId,
    /// The message.
    pub message_id: String,
    /// By what it is joined: the request or the message that it names.
    pub by: By,
}

/// One event and what became of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Journey {
    /// What was asked for.
    pub id: String,
    /// In order of time.
    pub hops: Vec<Hop>,
    /// Links between the hops.
    pub joints: Vec<Joint>,
    /// Hops that name what was asked for.
    pub named: Vec<usize>,
    /// Invocations that name the same value of a key of the user's own, by key and value: a group, no link.
    pub correlated: Vec<Correlated>,
    /// What bounded it, if anything did.
    pub cut: Option<Cut>,
}

/// Invocations that name the same value of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correlated {
    /// The key, as configured.
    pub key: String,
    /// The value.
    pub value: String,
    /// Functions and request IDs of invocations that name it, beside those of the journey.
    pub others: Vec<(NodeId, String)>,
}

/// Why a journey may be longer than it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// More invocations name its ids than are followed.
    Invocations,
    /// What was asked for stands in so many invocations that it is no id of one event.
    Common,
}

/// What is held of an account, to look for journeys in.
#[derive(Clone, Copy, Debug)]
pub struct Held<'a> {
    /// Account time.
    pub now: Timestamp,
    /// The lines.
    pub logs: &'a Logs,
    /// The invocations of each function.
    pub runs: &'a BTreeMap<NodeId, Arc<Runs>>,
    /// What is known of retries.
    pub deliveries: &'a [Delivery],
    /// Messages of dead-letter queues that were read.
    pub letters: &'a [Arc<QueueMessage>],
    /// The chain's nodes.
    pub nodes: &'a BTreeMap<NodeId, Arc<Node>>,
    /// The chain's edges.
    pub edges: &'a [Arc<Edge>],
    /// Keys of the user's own.
    pub keys: &'a Keys,
}
