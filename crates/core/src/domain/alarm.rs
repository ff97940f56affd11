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
