//! The connection to the account, and the cost of its calls.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The state of the connection, as shown in the header.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum Connection {
    /// No response yet.
    #[default]
    Opening,
    /// Calls succeed.
    Open,
    /// AWS rejects the credentials as expired or invalid. Polling resumes by itself once they are renewed.
    Expired {
        /// What to do, in one sentence.
        advice: String,
    },
    /// There is no response at all.
    Unreachable {
        /// The cause, in one sentence.
        why: String,
    },
    /// Responses are errors, or cannot be read.
    Failing {
        /// The response, in one sentence.
        why: String,
    },
}

impl Connection {
    /// Whether nothing has gone wrong so far.
    #[must_use]
    pub fn is_up(&self) -> bool {
        matches!(self, Self::Opening | Self::Open)
    }
}

/// Calls made so far, by API (`lambda:ListFunctions`), and what they cost.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CallCount {
    /// The number of calls of each API.
    pub by_api: BTreeMap<String, u64>,
    /// The number of all calls.
    pub total: u64,
    /// Calls per second over the last ten seconds.
    pub per_second: f64,
    /// US dollars per hour at the rate of the last minutes.
    pub dollars_per_hour: f64,
    /// US dollars since the start.
    pub dollars: f64,
}
