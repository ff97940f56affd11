//! What is wrong with a node: how bad, of what kind, and what to say of it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::NodeId;
use crate::domain::phrase::Phrase;

/// How bad a trouble is. Later is worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Good to know.
    Notice,
    /// Worth a look.
    Warning,
    /// Something fails now.
    Failing,
    /// Events are lost for good.
    Loss,
}

/// Kinds of issues: the order within a severity, and which ones are grouped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Nothing arrives, and nothing keeps what does not.
    Unreached,
    /// Nothing is delivered, and a dead-letter queue keeps it.
    Diverted,
    /// Events fail now and will be lost.
    LossToCome,
    /// Invocations fail, or a stream's reader falls behind for it: where events are lost, it is why.
    Fails,
    /// Any other.
    #[default]
    Other,
    /// It is named by a configuration and does not exist.
    Missing,
    /// Messages wait in a dead-letter queue.
    DeadLetters,
    /// A queue's retention ends before a failing message is moved: if its consumer fails, a coming loss as well.
    ForgetsBeforeDeadLetter,
    /// A dead-letter queue's retention is shorter than that of its source.
    KeptShorter,
    /// A dead-letter queue's retention is no longer than that of its source.
    KeptNoLonger,
    /// A stream may delete a record before its mapping gives it up.
    ForgetsBeforeMaximumAge,
    /// An event source mapping is disabled.
    MappingOff,
    /// A rule, schedule or pipe is disabled.
    Off,
    /// A chain may feed itself.
    MayFeedItself,
    /// What its group lost may be of this schedule: told of the group.
    OfGroup,
}

impl Kind {
    /// Where it stands among those of its severity: what cannot arrive at all before what can still be saved, and that
    /// before all others.
    #[must_use]
    pub fn rank(self) -> u8 {
        match self {
            Self::Unreached => 0,
            // While its reader fails, it deletes message after message.
            Self::ForgetsBeforeDeadLetter => 1,
            Self::LossToCome => 2,
            _ => 3,
        }
    }
}

/// One link that needs a look: a row of `pitagora status`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trouble {
    /// The node.
    pub id: NodeId,
    /// How bad.
    pub severity: Severity,
    /// What kind it is.
    #[serde(skip)]
    pub kind: Kind,
    /// The other end of the link that it is about: what is said of both ends has one cause.
    #[serde(skip)]
    pub link: Option<NodeId>,
    /// What is wrong.
    pub what: Phrase,
    /// Since when, where that is known.
    pub since: Option<Timestamp>,
    /// Whether that is only as far back as is known: it lasts longer than since then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub longer: bool,
    /// When it happened last, where that is known: "16/16 failed, last 40 s ago".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Timestamp>,
    /// When it comes, where it is still to come: what is lost then can be saved before. Of events that are lost, when the next
    /// one will be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
    /// How it is known.
    pub why: Phrase,
    /// What happens next, or what to do.
    pub next: Phrase,
}

impl Trouble {
    /// An issue with its sentence only.
    #[must_use]
    pub fn of(id: NodeId, severity: Severity, what: impl Into<Phrase>) -> Self {
        Self {
            id,
            severity,
            kind: Kind::default(),
            link: None,
            what: what.into(),
            since: None,
            longer: false,
            last: None,
            due: None,
            why: Phrase::default(),
            next: Phrase::default(),
        }
    }
}
