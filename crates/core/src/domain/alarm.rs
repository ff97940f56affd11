//! CloudWatch alarms that concern a node.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::NodeId;

/// An alarm in state ALARM.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alarm {
    /// Its name. Comes from others.
    pub name: String,
    /// The node its metric is of, where one can be told.
    pub node: Option<NodeId>,
    /// Since when it is in ALARM.
    pub since: Option<Timestamp>,
    /// Why, in CloudWatch's words.
    pub reason: String,
}
