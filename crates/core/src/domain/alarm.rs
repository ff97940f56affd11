//! CloudWatch alarms.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::NodeId;

/// An alarm in state ALARM.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alarm {
    /// Its name. Untrusted text.
    pub name: String,
    /// The node of its metric; `None` if unknown.
    pub node: Option<NodeId>,
    /// When it entered ALARM.
    pub since: Option<Timestamp>,
    /// CloudWatch's reason for the state.
    pub reason: String,
}

/// What the alarms of an account watch, whatever their state.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watches {
    /// One for each metric of a queue that an alarm is computed from.
    pub queues: Vec<Watch>,
    /// Whether an alarm finds its queues by a search or query: which ones is not known then.
    pub searches: bool,
}

/// A metric of a queue that an alarm is computed from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Watch {
    /// The queue.
    pub queue: NodeId,
    /// The name of the metric: `ApproximateNumberOfMessagesVisible`.
    pub metric: String,
    /// The name of the alarm. Untrusted text.
    pub alarm: String,
}
