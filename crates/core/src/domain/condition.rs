//! What must hold for a predicted window to be kept, where it is not known to hold: as data.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::NodeId;
use super::phrase::{Exact, Phrase};
use crate::phrases;

/// One thing that must hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Condition {
    /// It was invoked asynchronously: only then does Lambda retry it.
    InvokedAsynchronously {
        /// What else may have invoked it, and waits for the answer; empty where no caller is known.
        not_by: Vec<NodeId>,
    },
    /// Its last attempt failed: no line tells how it ended.
    LastAttemptFailed,
    /// An invocation that succeeded made the message visible again. AWS: partial batch responses are in no line.
    GivenBack,
    /// The message has receives left.
    ReceivesLeft,
    /// Its wait ends within the maximum event age.
    WithinMaximumAge {
        /// `MaximumEventAgeInSeconds`.
        seconds: i64,
    },
    /// The queue's retention does not end before.
    WithinRetention {
        /// `MessageRetentionPeriod`, seconds.
        seconds: i64,
    },
    /// It is not throttled then. AWS: a throttled event waits longer, up to 5 minutes a time.
    NotThrottled {
        /// The metric `Throttles` of the last 15 minutes, at least.
        throttles: u64,
        /// When the metric was read.
        read_at: Option<Timestamp>,
    },
    /// A slot of its reserved concurrency is free then: as many ran at once as are reserved.
    ConcurrencyFree {
        /// Reserved concurrency.
        reserved: u32,
    },
    /// Lambda's internal queue is not long then: other attempts of the function came later than their windows, or events
    /// are older than their retries make them. AWS: where that queue is long, the retry interval grows.
    ShortBacklog {
        /// The metric `AsyncEventAge`, seconds, where that tells it.
        age_s: Option<i64>,
    },
    /// The alias has no asynchronous configuration of its own and AWS's defaults hold. AWS does not document whether such
    /// an alias takes that of `$LATEST`.
    AliasDefaults {
        /// The alias.
        alias: String,
    },
    /// It was sent to this alias or version, which tries longest, and not to another that leads to what ran and whose
    /// configuration differs. No line names what was invoked.
    InvokedBy {
        /// The alias or version; `$LATEST` where none was named.
        qualifier: String,
        /// The others it may have been.
        not: Vec<String>,
    },
}

phrases! {
    /// A condition as a clause that follows "only if".
    pub enum OnlyIf in "condition" {
        Asynchronous,
        AsynchronousNotBy { callers: Vec<String> },
        LastAttemptFailed,
        Returned,
        ReceivesLeft,
        WithinMaximumAge { age: Exact },
        WithinRetention { retention: Exact },
        NotThrottled { throttles: u64 },
        ConcurrencyFree { reserved: u32 },
        ShortBacklog { age: Option<SignedDuration> },
        AliasDefaults { alias: String },
        InvokedBy { qualifier: String, others: Vec<String> },
        And { first: Phrase, second: Phrase },
    }
}

phrases! {
    /// A condition in a word or two, for a row that has no room for a clause.
    pub enum InShort in "condition-short" {
        Asynchronous,
        Failed,
        Returned,
        ReceivesLeft,
        WithinAge,
        WithinRetention,
        NotThrottled,
        NoBacklog,
        AliasDefaults,
        Qualifier,
    }
}

impl Condition {
    /// As a clause that follows "only if", with names for nodes as `name` gives them.
    #[must_use]
    pub fn said(&self, name: &dyn Fn(&NodeId) -> String) -> OnlyIf {
        match self {
            Self::InvokedAsynchronously { not_by } if not_by.is_empty() => OnlyIf::Asynchronous,
            Self::InvokedAsynchronously { not_by } => OnlyIf::AsynchronousNotBy {
                callers: not_by.iter().map(name).collect(),
            },
            Self::LastAttemptFailed => OnlyIf::LastAttemptFailed,
            Self::GivenBack => OnlyIf::Returned,
            Self::ReceivesLeft => OnlyIf::ReceivesLeft,
            Self::WithinMaximumAge { seconds } => OnlyIf::WithinMaximumAge {
                age: Exact::secs(*seconds),
            },
            Self::WithinRetention { seconds } => OnlyIf::WithinRetention {
                retention: Exact::secs(*seconds),
            },
            Self::NotThrottled { throttles, .. } => OnlyIf::NotThrottled { throttles: *throttles },
            Self::ConcurrencyFree { reserved } => OnlyIf::ConcurrencyFree { reserved: *reserved },
            Self::ShortBacklog { age_s } => OnlyIf::ShortBacklog {
                age: age_s.map(SignedDuration::from_secs),
            },
            Self::AliasDefaults { alias } => OnlyIf::AliasDefaults { alias: alias.clone() },
            Self::InvokedBy { qualifier, not } => OnlyIf::InvokedBy {
                qualifier: qualifier.clone(),
                others: not.clone(),
            },
        }
    }

    /// Whether only the time hangs on it: what is throttled is retried all the same, only later.
    #[must_use]
    pub fn is_of_time(&self) -> bool {
        matches!(
            self,
            Self::NotThrottled { .. } | Self::ConcurrencyFree { .. } | Self::ShortBacklog { .. }
        )
    }

    /// In a word or two.
    #[must_use]
    pub fn in_short(&self) -> InShort {
        match self {
            Self::InvokedAsynchronously { .. } => InShort::Asynchronous,
            Self::LastAttemptFailed => InShort::Failed,
            Self::GivenBack => InShort::Returned,
            Self::ReceivesLeft => InShort::ReceivesLeft,
            Self::WithinMaximumAge { .. } => InShort::WithinAge,
            Self::WithinRetention { .. } => InShort::WithinRetention,
            Self::NotThrottled { .. } | Self::ConcurrencyFree { .. } => InShort::NotThrottled,
            Self::ShortBacklog { .. } => InShort::NoBacklog,
            Self::AliasDefaults { .. } => InShort::AliasDefaults,
            Self::InvokedBy { .. } => InShort::Qualifier,
        }
    }
}

/// All of them as one clause that follows "only if"; `None` if there is none.
#[must_use]
pub fn all(conditions: &[Condition], name: &dyn Fn(&NodeId) -> String) -> Option<Phrase> {
    let said = conditions.iter().map(|one| Phrase::from(one.said(name)));
    said.reduce(|first, second| OnlyIf::And { first, second }.into())
}
