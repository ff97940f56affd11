//! What there is to say of a setting.

use jiff::SignedDuration;
use strum::IntoEnumIterator as _;

use super::Rule;
use crate::domain::NodeId;
use crate::domain::phrase::{Exact, Phrase, Phrases as _};
use crate::phrases;

phrases! {
    /// What a setting puts at risk, to follow the name of its node.
    pub enum What in "hint" {
        VisibilityTooShort { visibility: Exact, timeout: Exact, function: NodeId },
        FewReceives { receives: u32 },
        NoAlarm,
        AlarmMissesMoves { alarm: String },
        NothingKept { qualifier: Option<String> },
        StalePermission { source: NodeId },
        WholeBatch { size: u32, queue: NodeId },
        ReservedBelowMaximum { reserved: u32, maximum: u32, queues: Vec<NodeId> },
        ReservedBelowPollers { reserved: u32, queue: NodeId },
    }
}

phrases! {
    /// What follows from a setting.
    pub enum Proof in "proof" {
        ReceivedWhileRunning,
        ThrottledUntilVisible,
        ThrottleCounts { receives: u32 },
        Unnoticed { retention: Exact },
        MovesNotSent { some: bool },
        DroppedAfter { attempts: u32, sources: Vec<NodeId>, more: usize },
        NameIsFree,
        SourceGone,
        OneFailsAll { dlq: Option<NodeId> },
        ThrottlesUseReceives,
        StartsWithFive { pollers: u32 },
    }
}

phrases! {
    /// What helps.
    pub enum Cure in "cure" {
        VisibilityTimeout { least: Exact },
        MaxReceiveCount { least: u32 },
        AlarmOnDepth,
        AddDestination,
        RemovePermission { statement: Option<String> },
        PartialBatchResponse,
        LowerMaximum { maximum: u32 },
        RaiseReserved { reserved: u32 },
        MaximumConcurrency { maximum: u32 },
        AddPermission,
        AddStatement,
        Create { name: NodeId },
        NotFifo,
        Enable,
    }
}

phrases! {
    /// What no rule could judge.
    pub enum Unjudged in "unjudged" {
        Roles { count: usize },
        Versions { count: usize },
        AlarmsUnread,
        AlarmsSearch,
    }
}

phrases! {
    /// Why an event is lost, if a chain breaks now.
    pub enum Dies in "dies" {
        Dropped { attempts: u32 },
        ReservedZero,
        KeptBy { queue: NodeId, retention: Exact },
        QueueRetention { retention: Exact },
        RetentionBeforeDlq { retention: Exact },
        MovedTo { queue: NodeId, retention: Exact },
        StreamRetention { retention: Exact, assumed: bool },
        MaximumAge { age: Exact },
        GivenUp { by: Sender, within: Exact },
    }
}

phrases! {
    /// Who gives a delivery up.
    pub enum Sender in "sender" {
        Eventbridge,
        Sns,
        Scheduler,
    }
}

phrases! {
    /// Why it is not known when an event is lost.
    pub enum Unclear in "unclear" {
        KeepingUnread,
        KeeperUnread { name: NodeId },
        QueueUnread,
        RetriesUnpublished { retries: u32, within: Option<SignedDuration> },
        Broker,
        TopicRetention,
        Undocumented,
    }
}

/// A rule in one sentence.
impl From<Rule> for Phrase {
    fn from(rule: Rule) -> Self {
        Self::new("rule", rule.id(), Vec::new())
    }
}

/// Samples of every phrase.
#[must_use]
pub fn each() -> Vec<Phrase> {
    [
        What::each(),
        Proof::each(),
        Cure::each(),
        Unjudged::each(),
        Dies::each(),
        Sender::each(),
        Unclear::each(),
        Rule::iter().map(Into::into).collect(),
    ]
    .concat()
}
