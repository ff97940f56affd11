//! What must hold for a predicted window to be kept, where it is not known to hold: as data, with the words for it made
//! where a person reads them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::NodeId;
use super::duration::span;

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

impl Condition {
    /// In words that follow "only if", with names for nodes as `name` gives them.
    #[must_use]
    pub fn words(&self, name: &dyn Fn(&NodeId) -> String) -> String {
        match self {
            Self::InvokedAsynchronously { not_by } if not_by.is_empty() => {
                "it was invoked asynchronously: its caller is not known".to_owned()
            }
            Self::InvokedAsynchronously { not_by } => {
                let names: Vec<String> = not_by.iter().map(name).collect();
                format!("it was invoked asynchronously, not by {}", names.join(" or "))
            }
            Self::LastAttemptFailed => "its last run failed, which no line tells".to_owned(),
            Self::GivenBack => "the run gave it back (partial batch answers are not in the log)".to_owned(),
            Self::ReceivesLeft => "the message has receives left".to_owned(),
            Self::WithinMaximumAge { seconds } => {
                format!("its wait ends within its maximum age of {}", span(*seconds))
            }
            Self::WithinRetention { seconds } => {
                format!("the queue's retention of {} has not ended by then", span(*seconds))
            }
            Self::NotThrottled { throttles, .. } => {
                format!("it is not throttled then ({throttles} throttled in 15 min)")
            }
            Self::ConcurrencyFree { reserved } => {
                format!("it is not throttled then (at reserved concurrency {reserved})")
            }
            Self::ShortBacklog { age_s: Some(age) } => {
                format!("it is not held up in Lambda's queue (AsyncEventAge {})", span(*age))
            }
            Self::ShortBacklog { age_s: None } => {
                "it is not held up in Lambda's queue (other attempts came late)".to_owned()
            }
            Self::AliasDefaults { alias } => format!(
                "alias {alias} follows AWS's defaults: it has no configuration of its own, and AWS does not document whether it \
                 takes that of $LATEST"
            ),
            Self::InvokedBy { qualifier, not } => format!(
                "it was sent to {qualifier}, not to {}: which of them is in no line, and their configurations differ",
                not.join(" or ")
            ),
        }
    }

    /// Whether only the time hangs on it: what is throttled is tried all the same, only later.
    #[must_use]
    pub fn is_of_time(&self) -> bool {
        matches!(
            self,
            Self::NotThrottled { .. } | Self::ConcurrencyFree { .. } | Self::ShortBacklog { .. }
        )
    }

    /// In a word or two, for a row that has no room for a sentence: `not throttled`.
    #[must_use]
    pub fn in_short(&self) -> &'static str {
        match self {
            Self::InvokedAsynchronously { .. } => "async",
            Self::LastAttemptFailed => "it failed",
            Self::GivenBack => "given back",
            Self::ReceivesLeft => "receives left",
            Self::WithinMaximumAge { .. } => "within its age",
            Self::WithinRetention { .. } => "within retention",
            Self::NotThrottled { .. } | Self::ConcurrencyFree { .. } => "not throttled",
            Self::ShortBacklog { .. } => "no backlog",
            Self::AliasDefaults { .. } => "alias defaults",
            Self::InvokedBy { .. } => "qualifier",
        }
    }
}

/// All of them in words, to follow "only if"; nothing where there is none.
#[must_use]
pub fn all(conditions: &[Condition], name: &dyn Fn(&NodeId) -> String) -> Option<String> {
    let words: Vec<String> = conditions.iter().map(|one| one.words(name)).collect();
    (!words.is_empty()).then(|| words.join(", and "))
}
