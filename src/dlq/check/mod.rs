//! Is the cause fixed? The check before a redrive, shared by the screen and the command line: what would make messages fail
//! again.
//!
//! [`check`] is one pure function over data: the snapshot (configuration, invocations, depths) and the [`Evidence`] that
//! was read for this redrive (metrics of the functions behind the targets, what is known of the messages). Its result is
//! data: [`Reason`]s against a redrive, [`Gap`]s where that is unknown, and [`Note`]s. [`words`] turns them into phrases.
//!
//! It never claims more than was read: the absence of reasons is no proof that the cause is fixed, and what could not be
//! read is [`Verdict::Unknown`], never passed.

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
pub use words::{Gap, Note, Reason};

use super::queues::functions_behind;
use crate::domain::{Detail, NodeId};
use crate::redrive::route::Target;
use crate::store::snapshot::Snapshot;

/// How far back counts say something of now. The catalogue names it: "in the last 15 min".
pub const LATELY: SignedDuration = SignedDuration::from_mins(15);
/// AWS (metrics): metrics come 1 to 3 minutes late, so that a newer silence proves nothing.
pub const LATE: SignedDuration = SignedDuration::from_mins(5);

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
    /// Something could not be read.
    Unknown,
    /// Something would kill messages again.
    Failed,
}

/// The check before a redrive.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Check {
    /// What speaks against it, the surest first.
    pub reasons: Vec<Reason>,
    /// What could not be read.
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

/// The input of the check.
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

/// The functions invoked with what is sent to these targets.
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
