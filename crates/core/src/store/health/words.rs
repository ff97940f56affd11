//! What there is to say of a node's health.

use jiff::SignedDuration;

use crate::domain::NodeId;
use crate::domain::phrase::{Exact, Phrase};
use crate::permissions::Does;
use crate::phrases;

phrases! {
    /// What is wrong with a node, to follow its name.
    pub enum What in "trouble" {
        EventsLost { count: u64, at_least: bool, reasons: Vec<Because> },
        GroupLost { group: NodeId },
        MaybeDropped { count: u64 },
        AttemptsFailed { count: u64 },
        Saved { count: u64, unit: Unit },
        MaybeLostByNow { count: Option<u64> },
        MaybeLost,
        LostIfFailing,
        FirstLost,
        FirstLostWithin,
        Lost,
        LostWithin,
        ReservedZero,
        StateFailed,
        State { state: String },
        Failed { failed: u32, of: u32 },
        FailedLately { failed: u64, of: Option<u64>, within: Exact },
        Throttled { times: u64, within: Exact, reserved: Option<u32>, holds: Vec<Holds> },
        MappingProblem,
        PartialFailures { count: u64, queue: NodeId, within: SignedDuration },
        DeadLetters { count: u64 },
        MaybeDeadLetters { count: u64 },
        RetentionBeforeDlq,
        LosesFailing,
        RetentionShorter { source: NodeId },
        RetentionNoLonger { source: NodeId },
        NobodyReads { count: u64 },
        BacksUp { count: u64 },
        RefusedByDlq { queue: NodeId },
        ReadsLate { age: SignedDuration },
        RetentionBeforeMaximumAge,
        Missing,
        Alarm { name: String },
        DoesNotRead { source: NodeId },
        Disabled { kind: &'static str },
        SeemsToFeedItself { rate: Rate },
        FedByItsOwnLog { rate: Option<Rate> },
        MayFeedItself,
    }
}

phrases! {
    /// Why events are lost, in a few words.
    pub enum Because in "lost" {
        Cannot { does: Does },
        CannotAndMore { does: Does, more: usize },
        ReservedZero,
        Throttled,
        NoDlq,
        NoSubscription,
        TopicUnheard { topic: NodeId },
        DlqNotWritten,
        DlqGone { name: NodeId },
        DestinationNotReached,
        DestinationGone { name: NodeId },
        Expired,
        ExpiredIn { queue: NodeId },
        ItemsExpired,
        ItemsExpiredIn { queue: NodeId },
        RetriesUsedUp,
        MaximumAgePassed,
    }
}

phrases! {
    /// Why nothing will keep an event, in a few words.
    pub enum Reason in "coming" {
        NoDlq,
        DlqGone { name: Option<NodeId> },
        DestinationGone { name: Option<NodeId> },
        TopicUnheard { topic: Option<NodeId> },
        RetentionBeforeDlq { source: Option<NodeId> },
        QueueRetention { source: Option<NodeId> },
        StreamRetention { source: Option<NodeId> },
        NoDestination,
        RecordAge,
        Unread { source: Option<NodeId> },
        DlqRetention,
        ReadTooSlowly,
        ItemsReturned { source: Option<NodeId> },
    }
}

phrases! {
    /// What a dead-letter queue holds.
    pub enum Holds in "holds" {
        DeadLetters { queue: NodeId, count: u64 },
    }
}

phrases! {
    /// How busy a loop is, and what it costs.
    pub enum Rate in "rate" {
        Invocations { per_minute: u64, price: String },
    }
}

phrases! {
    /// How trouble is known.
    pub enum Why in "evidence" {
        Reported { text: String },
        Metric { metric: &'static str },
        LogAheadOfMetric,
        ExpiredWhileFailing,
        ExpiredByDepth,
        ExpiredUnread { retention: SignedDuration },
        ExpiredWaiting { retention: SignedDuration },
        ReturnedItems,
        SkipsBatch,
        SkipsAtMaximumAge,
        NotDelivered { metric: &'static str, to: Vec<NodeId> },
        Unreachable { metric: &'static str, to: Vec<NodeId> },
        NotInvoked { metric: &'static str, topic: bool, target: NodeId },
        OneOf { metric: &'static str, topic: bool, targets: Vec<NodeId> },
        DlqUnwritten { metric: &'static str },
        DlqsUnwritable { metric: &'static str, queues: Vec<NodeId> },
        UnreachableAndUnwritable { metric: &'static str, to: Vec<NodeId>, queues: Vec<NodeId> },
        GroupMetric { metric: &'static str, probably: Option<NodeId>, among: Vec<NodeId> },
        AccountMetric { metric: &'static str },
        CountedByGroup,
        KeepingUnread { metric: &'static str },
        SubscriptionsUnread { metric: &'static str },
        CountsAttempts { metric: &'static str },
        LastRetry { reason: Reason },
        OthersSucceed,
        MessagesWait { count: u64 },
        EventsFail { count: u64 },
        ReservedZero,
        State { state: String },
        Errors,
        Throttles,
        ReportedItems,
        From { queues: Vec<String> },
        FromPerhaps { queues: Vec<String> },
        Receives { retention: SignedDuration, visibility: SignedDuration, receives: u32 },
        Retentions { here: SignedDuration, there: SignedDuration },
        MappingDisabled,
        Disabled,
        Grew { from: u64, to: u64, within: Exact },
        RedriveAllowPolicy { queue: NodeId, permission: String, receives: Option<u32> },
        IteratorAge,
        StreamSettings { stream: NodeId, retention: SignedDuration, max_age: SignedDuration, assumed: bool },
        Ring { names: String },
        Guessed { variable: String },
        OneByOne { count: usize, within: Exact },
        Rising { from: usize, to: usize },
        RateNow { rate: Rate },
        PriceEstimated,
    }
}

phrases! {
    /// What happens next, or what to do.
    pub enum Next in "next" {
        AllowedNow { topic: bool },
        CheckPermission { topic: bool },
        CheckRole,
        CheckRoles,
        CheckKeepersOfSchedules,
        CreateTarget { name: String },
        ThenAddDlq { topic: bool },
        ThenAddDlqs,
        ThenLetDlqWrite { name: NodeId, advice: Phrase },
        CheckFunctionRole,
        CheckQueuePolicy,
        CheckDestination,
        CreateDlq { name: NodeId },
        CreateDestination { name: NodeId },
        CheckKeepers,
        FixAndKeep,
        FixAndSubscribe { topic: NodeId },
        RaiseReserved,
        Throttled,
        FixOrRaiseRetention,
        EmptyAndRaiseRetention,
        EnableOrRaiseRetention,
        FixAndAddDestination,
        AllowEventInvokeConfigs,
        AllowTopicAttributes,
        AddDlqToSubscriptions,
        FirstAttempt { add: Keeper },
        AddDlqBefore,
        SetOneThatExists,
        SubscribeBefore,
        RaiseQueueRetention,
        RaiseChangeStreamRetention,
        LimitRetries,
        AddDestinationBefore,
        EnableBefore,
        RedriveBefore,
        ReadFaster,
        EnableOrDelete,
        SetReserved,
        NothingStartsIt,
        StateUndocumented,
        DeployAgain,
        SavedSoFar { count: u64 },
        DeployedSince,
        NothingSince,
        ToDlq { name: NodeId },
        ToDestination { name: NodeId },
        DlqGone { name: NodeId },
        DestinationGone { name: NodeId },
        TopicUnheard { name: NodeId },
        OpenLogs,
        RaiseBeforeRedrive,
        RaiseConcurrency,
        FixWhatItNames,
        ItsOwnLog,
        FixItems { queue: Option<NodeId> },
        ExpiresAfter { retention: Option<SignedDuration>, from_arrival: bool },
        QueueSettings { failing: bool },
        RaiseDlqRetention,
        WaitsUntilEnabled,
        ReadersTooSlow,
        AllowSource { queue: NodeId },
        Retention,
        MaximumAge { kept: bool, after: SignedDuration, left: Option<SignedDuration> },
        StreamRetention { after: SignedDuration, assumed: bool, left: Option<SignedDuration>, disables: bool },
        LowerMaximumAge,
        SentInVain,
        NotReadUntilEnabled,
        StartsNothing,
        Undetected { through: String, function: String },
        LoopAllowed,
        LoopStopped,
        MessagesExpire { retention: SignedDuration },
        MessagesWait,
        RecordsWait,
        WaitingLost,
        ToItsDlq { queue: NodeId },
        AllLost { what: Sent, unwritable: Option<NodeId>, no_dlq: bool },
        SentLost,
        OwnKey,
        ChangeStatement { statement: String },
    }
}

phrases! {
    /// What becomes of all that is sent along a link.
    pub enum Sent in "sent" {
        Notifications,
        LogEvents,
        Events,
    }
}

phrases! {
    /// What retries saved.
    pub enum Unit in "unit" {
        Events,
        Messages,
        Records,
        Batches,
    }
}

phrases! {
    /// What would keep what fails to the end.
    pub enum Keeper in "keeper" {
        Dlq,
        Destination,
        ChangeStream,
    }
}

phrases! {
    /// What has losses without being a node of the chain.
    pub enum Elsewhere in "elsewhere" {
        /// AWS counts the schedules of a group together.
        ScheduleGroup { group: String },
    }
}
