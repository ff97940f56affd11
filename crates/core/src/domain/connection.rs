//! How the account can be reached, and what reaching it costs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The state of the connection, as the header tells it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum Connection {
    /// No answer yet.
    #[default]
    Opening,
    /// Answers come.
    Open,
    /// The credentials are refused as expired or invalid. It goes on by itself when they are renewed.
    Expired {
        /// What to do, in one sentence.
        advice: String,
    },
    /// No answer comes at all.
    Unreachable {
        /// What was tried, in one sentence.
        why: String,
    },
    /// Somebody answers, but not as the account does: with errors, or with what cannot be read.
    Failing {
        /// What was answered, in one sentence.
        why: String,
    },
}

impl Connection {
    /// Whether answers come, or may: nothing went wrong so far.
    #[must_use]
    pub fn is_up(&self) -> bool {
        matches!(self, Self::Opening | Self::Open)
    }
}

/// Calls made so far, by API (`lambda:ListFunctions`), and what they cost.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CallCount {
    /// How often each API was called.
    pub by_api: BTreeMap<String, u64>,
    /// All calls.
    pub total: u64,
    /// Calls a second over the last ten seconds.
    pub per_second: f64,
    /// US dollars an hour at the pace of the last minutes.
    pub dollars_per_hour: f64,
    /// US dollars since the start.
    pub dollars: f64,
}
