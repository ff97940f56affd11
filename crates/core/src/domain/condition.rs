//! Conditions of a prediction that are not known to be met, as data.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::NodeId;
use super::phrase::{Exact, Phrase};
use crate::phrases;

/// A condition of a prediction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Condition {
    /// The invocation was asynchronous: only then does Lambda retry it.
    InvokedAsynchronously {
        /// Callers that may have invoked it synchronously instead; empty if none is known.
        not_by: Vec<NodeId>,
    },
    /// The last attempt failed: no log line shows its outcome.
    LastAttemptFailed,
    /// A successful invocation returned the message in its partial batch response. AWS (sqs-mappings): such responses are not logged.
    GivenBack,
    /// The message has receives left.
    ReceivesLeft,
    /// The retry is within the maximum event age.
    WithinMaximumAge {
        /// `MaximumEventAgeInSeconds`.
        seconds: i64,
    },
    /// The queue's retention does not end before.
    WithinRetention {
        /// `MessageRetentionPeriod`, seconds.
        seconds: i64,
    },
    /// The retry is not throttled. AWS (async): a throttled event waits longer, up to 5 minutes each time.
    NotThrottled {
        /// The metric `Throttles` of the last 15 minutes, a lower bound.
        throttles: u64,
        /// When the metric was read.
        read_at: Option<Timestamp>,
    },
    /// Reserved concurrency is available then: lately all of it was in use.
    ConcurrencyFree {
        /// Reserved concurrency.
        reserved: u32,
    },
    /// Lambda's internal queue is short then: lately, attempts of the function came after their windows, or events were
    /// older than their retries explain. AWS (async): the retry interval grows with the queue.
    ShortBacklog {
        /// The metric `AsyncEventAge` in seconds, if that is the evidence.
        age_s: Option<i64>,
    },
    /// The alias has no asynchronous configuration of its own and AWS's defaults hold. AWS does not document whether such
    /// an alias takes that of `$LATEST`.
    AliasDefaults {
        /// The alias.
        alias: String,
    },
    /// The event was sent to this alias or version, which retries longest, and not to another one of the same code with a
    /// different configuration. Log lines do not name the alias.
    InvokedBy {
        /// The alias or version; `$LATEST` if none was named.
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
    /// The condition as a clause that follows "only if"; `name` gives the names of nodes.
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

    /// Whether it affects only the time: a throttled event is retried anyway, only later.
    #[must_use]
    pub fn is_of_time(&self) -> bool {
        matches!(
            self,
            Self::NotThrottled { .. } | Self::ConcurrencyFree { .. } | Self::ShortBacklog { .. }
        )
    }

    /// The condition in a word or two.
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

/// All conditions as one clause that follows "only if"; `None` if there are none.
#[must_use]
pub fn all(conditions: &[Condition], name: &dyn Fn(&NodeId) -> String) -> Option<Phrase> {
    let said = conditions.iter().map(|one| Phrase::from(one.said(name)));
    said.reduce(|first, second| OnlyIf::And { first, second }.into())
}
