//! Is the cause fixed? What would kill messages again if they were redriven now: the check before a redrive, which the
//! screen's dialog and the command line share.
//!
//! [`check`] is one pure function over data: the snapshot (configuration, invocations, depths) and the [`Evidence`] that
//! was read for this redrive (metrics of the functions behind the targets, what is known of the messages). Its answer is
//! data as well: [`Reason`]s against a redrive, [`Gap`]s where nothing can be said, [`Note`]s beside them. [`words`] turns
//! them into sentences.
//!
//! It never says more than was read: no reason is no proof that the cause is fixed, and what could not be read is
//! [`Verdict::Unknown`], never passed.

mod denied;
pub mod died;
pub mod evidence;
mod functions;
mod past;
mod targets;
#[cfg(test)]
mod tests;
pub mod words;

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

pub use died::Died;
pub use evidence::{Counts, Evidence};
pub use past::{Limit, Past, Unread};

use super::queues::functions_behind;
use crate::domain::{Detail, NodeId};
use crate::redrive::route::Target;
use crate::store::snapshot::Snapshot;

/// How far back counts say something of now.
pub const LATELY: SignedDuration = SignedDuration::from_mins(15);
/// AWS: metrics come 1 to 3 minutes late, so that a newer silence proves nothing.
pub const LATE: SignedDuration = SignedDuration::from_mins(5);

/// Why messages would fail again.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "reason")]
pub enum Reason {
    /// Invocations were throttled. From a queue each throttled receive counts, so that messages die without having run.
    Throttled {
        /// The function.
        function: NodeId,
        /// Throttled invocations in that time.
        times: u64,
        /// Seconds looked back: [`LATELY`], or an hour while the limit is still in the way.
        within_s: i64,
        /// The minute of the last one.
        last: Timestamp,
        /// Reserved concurrency as it is now, where some is set.
        reserved: Option<u32>,
    },
    /// Reserved concurrency is 0: nothing runs.
    ConcurrencyZero {
        /// The function.
        function: NodeId,
    },
    /// Its mappings ask for more concurrent invocations than the function reserves, and the messages are many enough.
    ConcurrencyLow {
        /// The function.
        function: NodeId,
        /// Reserved concurrency.
        reserved: u32,
        /// Concurrent invocations that the mappings may ask for.
        wanted: u32,
        /// Batches that the messages make.
        batches: u64,
    },
    /// No mapping of the target queue is enabled: messages would wait there until they expire.
    MappingDisabled {
        /// The function.
        function: NodeId,
        /// The queue.
        queue: NodeId,
        /// The state that the service reports.
        state: String,
    },
    /// The mapping says that it lacks a permission or cannot assume its role.
    MappingRefused {
        /// The function.
        function: NodeId,
        /// The queue.
        queue: NodeId,
        /// `LastProcessingResult`. Comes from the service.
        result: String,
    },
    /// The function's state refuses invocations.
    StateRefuses {
        /// The function.
        function: NodeId,
        /// The state (`Failed`, …).
        state: String,
        /// Why, where the service says so.
        why: Option<String>,
    },
    /// The target is named by the configuration and was not found.
    Missing {
        /// It.
        target: NodeId,
    },
    /// A policy does not let the source reach the target.
    Denied(Denied),
    /// The filter of a mapping does not match messages, so that it would delete them.
    FilteredOut {
        /// The function.
        function: NodeId,
        /// The queue.
        queue: NodeId,
        /// Messages of the dead-letter queue that it does not match.
        messages: u64,
    },
    /// Invocations fail, and nothing was changed since.
    Failing {
        /// The function.
        function: NodeId,
        /// Failed invocations in [`LATELY`]; 0 if the last one is older.
        failed: u64,
        /// All invocations in [`LATELY`].
        of: u64,
        /// When the last one failed; `None` if only the metric tells.
        last: Option<Timestamp>,
        /// Invocations that failed one after the other, the last one included, as far as known; 0 if the last one did not.
        in_row: u64,
        /// The last change, where only what ran after it is counted.
        since: Option<Timestamp>,
        /// What it said; empty if only the metric tells. Comes from others.
        error: String,
    },
    /// Invocations succeed and give messages back (`batchItemFailures`): no error is counted, and messages die all the
    /// same.
    PartialFailures {
        /// The function.
        function: NodeId,
        /// The queue.
        queue: NodeId,
        /// Messages of the dead-letter queue that died so.
        messages: u64,
    },
    /// Messages died lately, all their attempts after the last change of what processes them.
    StillDying {
        /// The dead-letter queue.
        queue: NodeId,
        /// Messages that came in [`LATELY`].
        messages: u64,
        /// When the last one came, about.
        last: Timestamp,
        /// The last change; `None` if none is known.
        changed: Option<Timestamp>,
    },
    /// The target's own dead-letter queue grew lately.
    OwnQueueGrew {
        /// The target.
        target: NodeId,
        /// Its dead-letter queue.
        queue: NodeId,
        /// Messages more.
        by: u64,
    },
}

/// A source that may not reach its target: the verdict of a resource policy or a role, made where policies are read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Denied {
    /// Who delivers.
    pub source: NodeId,
    /// What is not reached.
    pub target: NodeId,
    /// Why, as a phrase: `no statement in its policy allows …`.
    pub why: String,
}

/// What could not be looked at, so that nothing can be said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "what")]
pub enum Gap {
    /// What a function is now: whether its state and its reserved concurrency let anything run is unknown.
    Function {
        /// The function.
        function: NodeId,
        /// Why, with the missing permission.
        why: String,
    },
    /// The event source mappings: what reads the queue is unknown.
    Mappings {
        /// The queue.
        queue: NodeId,
    },
    /// A function's metrics: whether it is throttled is unknown.
    Metrics {
        /// The function.
        function: NodeId,
        /// Why, with the missing permission.
        why: String,
    },
    /// A function's log: whether its invocations fail is unknown.
    Log {
        /// The function.
        function: NodeId,
        /// Why, with the missing permission.
        why: String,
    },
    /// No invocation is known to have failed or succeeded since the messages died, and nothing was deployed.
    Unproved {
        /// The function.
        function: NodeId,
        /// When the last message died, about, where that is known.
        died: Option<Timestamp>,
        /// How much of its log was not read that may tell of one.
        unread: Option<Unread>,
    },
    /// A mapping deletes what its filter does not match, and whether it matches these messages is unknown.
    Filtered {
        /// The function.
        function: NodeId,
        /// The queue.
        queue: NodeId,
    },
    /// Nothing is known that would take the messages.
    NoTarget,
}

/// What is known beside it, and decides nothing.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "note")]
pub enum Note {
    /// It was invoked lately, and no invocation failed.
    Succeeds {
        /// The function.
        function: NodeId,
        /// Invocations in [`LATELY`], those before the last change left out.
        invocations: u64,
        /// The last success.
        last: Timestamp,
        /// The last change, where only what ran after it is counted.
        since: Option<Timestamp>,
        /// From when on its log was read, where that is known.
        read_since: Option<Timestamp>,
    },
    /// It was not invoked since it was changed: the cause may be fixed or not.
    NotInvoked {
        /// The function.
        function: NodeId,
        /// When it was changed after its last failure, where it was.
        changed: Option<Timestamp>,
    },
    /// Invocations fail with errors other than those of the messages.
    OtherErrors {
        /// The function.
        function: NodeId,
        /// Failed invocations in [`LATELY`].
        failed: u64,
        /// What the last one said. Comes from others.
        error: String,
    },
    /// Messages were given back by invocations that succeed (`batchItemFailures`), and the function was changed since. That
    /// others succeed proves nothing of them.
    PartialFailuresBefore {
        /// The function.
        function: NodeId,
        /// The queue.
        queue: NodeId,
        /// Messages of the dead-letter queue that died so.
        messages: u64,
    },
    /// Messages failed while other invocations succeeded: that others succeed since then proves nothing of them.
    FailedAlone {
        /// The function.
        function: NodeId,
        /// Messages that failed so.
        messages: u64,
    },
    /// It was throttled, its limit is no longer in the way, and nothing has proved yet that it now runs.
    LimitRaised {
        /// The function.
        function: NodeId,
        /// Throttled invocations, as far as metrics were read.
        times: u64,
        /// The minute of the last one; `None` if only messages tell of it.
        last: Option<Timestamp>,
        /// Reserved concurrency as it is now; `None` if none is reserved.
        reserved: Option<u32>,
        /// Concurrent invocations that may be asked for, where that is known.
        wanted: Option<u32>,
    },
    /// It was throttled, and is no longer.
    ThrottledBefore {
        /// The function.
        function: NodeId,
        /// Throttled invocations in [`LATELY`].
        times: u64,
        /// The minute of the last one.
        last: Timestamp,
    },
    /// More concurrent invocations may be asked for than are reserved, and it is sent at a limited rate.
    ConcurrencyTight {
        /// The function.
        function: NodeId,
        /// Reserved concurrency.
        reserved: u32,
    },
    /// No function of the chain reads the target queue: what becomes of the messages there is unknown.
    NobodyReads {
        /// The queue.
        queue: NodeId,
    },
    /// The link on which messages died is still cut: a redrive goes around it, and new messages die as before.
    CutLink(Denied),
    /// One failing message makes its whole batch fail.
    WholeBatches {
        /// The function.
        function: NodeId,
        /// The queue.
        queue: NodeId,
        /// Messages in a batch at most.
        batch: u32,
    },
}

impl Note {
    /// Whether one message must go first, and prove that the cause is fixed.
    #[must_use]
    pub fn wants_canary(&self) -> bool {
        matches!(
            self,
            Self::LimitRaised { .. }
                | Self::FailedAlone { .. }
                | Self::PartialFailuresBefore { .. }
                | Self::NotInvoked { changed: Some(_), .. }
        )
    }
}

/// What comes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Nothing speaks against a redrive.
    Passed,
    /// The cause may be fixed and nothing has proved it yet: one message goes first, and proves it or does not. In JSON
    /// this is `unknown` with `canary_first`.
    #[serde(rename = "unknown")]
    Unproven,
    /// Something could not be looked at.
    Unknown,
    /// Something would kill messages again.
    Failed,
}

/// The check before a redrive.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Check {
    /// What speaks against it, the surest first.
    pub reasons: Vec<Reason>,
    /// What could not be looked at.
    pub gaps: Vec<Gap>,
    /// What else is known.
    pub notes: Vec<Note>,
}

impl Check {
    /// What comes of it.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        if !self.reasons.is_empty() {
            Verdict::Failed
        } else if !self.gaps.is_empty() {
            Verdict::Unknown
        } else if self.notes.iter().any(Note::wants_canary) {
            Verdict::Unproven
        } else {
            Verdict::Passed
        }
    }

    /// Whether messages may go without a person's word, all of them or at least one that goes first.
    #[must_use]
    pub fn passes(&self) -> bool {
        matches!(self.verdict(), Verdict::Passed | Verdict::Unproven)
    }
}

/// All that the check looks at.
struct Case<'a> {
    targets: &'a [Target],
    evidence: &'a Evidence,
    snapshot: &'a Snapshot,
    now: Timestamp,
}

/// Whether what killed the messages would kill them again, if they went to these targets now.
#[must_use]
pub fn check(targets: &[Target], evidence: &Evidence, snapshot: &Snapshot, now: Timestamp) -> Check {
    let case = Case {
        targets,
        evidence,
        snapshot,
        now,
    };
    let mut found = Check::default();
    case.missing(&mut found);
    for function in functions_of(targets, snapshot) {
        case.function(&function, &mut found);
    }
    case.queues(&mut found);
    case.denied(&mut found);
    if targets.is_empty() && !evidence.died.is_empty() {
        found.gaps.push(Gap::NoTarget);
    }
    found
}

/// The functions that run with what is sent to these targets.
#[must_use]
pub fn functions_of(targets: &[Target], snapshot: &Snapshot) -> BTreeSet<NodeId> {
    let arns: Vec<String> = targets.iter().map(|target| target.arn().to_owned()).collect();
    functions_behind(&arns, &snapshot.topology)
}

impl Case<'_> {
    /// When a function's code or configuration was changed last: the later of what the survey found and what it says now.
    /// Where an alias or version is invoked, that of this version: what is deployed to others changes nothing for it.
    fn modified(&self, function: &NodeId) -> Option<Timestamp> {
        if self.evidence.versions.contains_key(function) {
            return self.evidence.now.get(function).and_then(|now| now.modified);
        }
        let surveyed = match self.snapshot.topology.nodes.get(function).map(|node| &node.detail) {
            Some(Detail::Function(function)) => function.last_modified,
            _ => None,
        };
        surveyed.max(self.evidence.now.get(function).and_then(|now| now.modified))
    }

    /// Reserved concurrency: as it is now where that was read, else as the survey found it.
    fn reserved(&self, function: &NodeId) -> Option<u32> {
        if let Some(now) = self.evidence.now.get(function) {
            return now.reserved;
        }
        match self.snapshot.topology.nodes.get(function).map(|node| &node.detail) {
            Some(Detail::Function(function)) => function.reserved_concurrency,
            _ => None,
        }
    }

    /// Sum of the minutes of [`LATELY`].
    fn lately(&self, points: &[crate::domain::Point]) -> u64 {
        self.since(points, self.now.checked_sub(LATELY).unwrap_or(Timestamp::MIN))
    }

    #[expect(clippy::unused_self, reason = "reads as the others do")]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "sums of counts")]
    fn since(&self, points: &[crate::domain::Point], from: Timestamp) -> u64 {
        let late = points.iter().filter(|point| point.at >= from);
        late.map(|point| point.value).sum::<f64>().round() as u64
    }
}
