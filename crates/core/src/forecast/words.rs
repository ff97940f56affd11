//! What there is to say of an event that failed, as data.

use jiff::{SignedDuration, Timestamp};

use super::policy::Window;
use crate::domain::phrase::{Arg, Argument, Exact, Phrase, Phrases as _};
use crate::phrases;

phrases! {
    /// Of an event, by whatever rules it is retried.
    pub enum Said in "forecast" {
        WasDue { window: Window, complete_to: Option<Timestamp>, only_if: Option<Phrase> },
        MappingOff,
        Ambiguous,
        Succeeded,
        CallerGotError,
        CallerGotUnknown,
        CallerGetsError,
        LiesIn { queue: String },
        ReceiveCount { receives: u32 },
        Grew { queue: String, by: u64, window: Window },
        GrewFedBy { queue: String, by: u64, window: Window, feeder: String },
        NotDelivered { events: u64, metric: &'static str, lands: Lands },
        TargetRetries { target: String, retries: u64 },
    }
}

phrases! {
    /// Where an event ends, to end a sentence about it.
    pub enum Lands in "lands" {
        In { queue: String },
        AllIn { queue: String },
        InBoth { queue: String, destination: String },
        Dropped,
        Missing { queue: String },
        MissingByNow { queue: String },
        Unheard { topic: String },
        UnheardByNow { topic: String },
        QualifierUnknown,
        VersionUnread { alias: String },
        AliasUndocumented { alias: String },
        DroppedBySource,
        OneOf { queues: Vec<String> },
    }
}

phrases! {
    /// Of an event in Lambda's own queue. A `doubt` is what must be so for it to be one.
    pub enum Async in "async" {
        Succeeded { attempt: u32 },
        Durable,
        Duplicates { starts: usize },
        EndUnknown,
        MoreThanAws,
        Retry { wait: Exact, attempt: u32 },
        RetryUnclear,
        NoOtherCame,
        EarlierUnread,
        AttemptUnknown,
        WasDueAttemptUnknown { window: Window, complete_to: Option<Timestamp> },
        Left { doubt: Option<Phrase>, left: u32, lands: Lands },
        AfterLast { doubt: Option<Phrase>, lands: Lands },
        AtAge { max_age: Exact, lands: Lands },
        NoneAfter { complete_to: Timestamp, doubt: Option<Phrase>, lands: Lands },
        UsedUp { attempts: u32, lands: Lands },
        TooOld { attempts: u32, max_age: Exact, lands: Lands },
        Off { lands: Lands },
        Perhaps { doubt: Phrase, why: Phrase },
        Refused { window: Window },
        WasRefused { window: Window, complete_to: Option<Timestamp> },
        NotSeen { window: Window, complete_to: Timestamp },
        NotSeenCaller { window: Window, complete_to: Timestamp },
        NotSeenTooOld { window: Window, complete_to: Timestamp, max_age: Exact, lands: Lands },
        NotSeenDropped { window: Window, complete_to: Timestamp, dropped: u64, doubt: Option<Phrase>, lands: Lands },
        HeldUp { window: Window, by: HeldUp, doubt: Option<Phrase>, pause: SignedDuration, max_age: Exact },
        HeldUpTooOld { window: Window, by: HeldUp, max_age: Exact, doubt: Option<Phrase>, lands: Lands },
        DroppedUnseen { events: u64, from: Option<Timestamp>, by: DroppedBy, lands: Lands },
    }
}

phrases! {
    /// Why an attempt may be late.
    pub enum HeldUp in "held-up" {
        Throttled,
        ConcurrencyReached { reserved: u32 },
        Backlog,
    }
}

phrases! {
    /// Why Lambda gave up events that no log line is about.
    pub enum DroppedBy in "dropped-by" {
        Off,
        FailedOrThrottled { max_age: Exact },
        Throttled { max_age: Exact },
    }
}

phrases! {
    /// Of messages of a queue.
    pub enum Receive in "receive" {
        AttributesUnread { queues: Vec<String> },
        Estimate,
        EstimateOtherIds,
        EstimateByDepth,
        Seen { receives: usize, limit: u32 },
        Fifo,
        Succeeded { receive: u32 },
        Duplicates { receives: usize },
        StartUnknown,
        Again { visibility: Exact },
        ThrottledHidden,
        ThrottledCounts,
        Expires { retention: Exact, by: Timestamp },
        Expired { receives: u32, retention: Exact },
        ExpiresFirst { retention: Exact, receives: u32, dlq: Option<String> },
        ExpiresInTheEnd,
        ExpiresWithoutDlq,
        Moves { receives: u32, dlq: Option<String> },
        MovesThrottled { receives: u32 },
        UsedUp { window: Window },
        WasUsedUp { window: Window, complete_to: Option<Timestamp> },
        Moved { receives: u32, dlq: String, holds: u64 },
        NoneAfterLast { receives: u32 },
        NotSeenAfterLast { receives: u32, complete_to: Timestamp },
        PassedOrMoved,
        DidNotReturn,
        NotSeen { window: Window, complete_to: Timestamp },
    }
}

phrases! {
    /// Of a batch of a stream. A `keeper` is where its mapping leaves what it gave up.
    pub enum Shard in "shard" {
        OneRow,
        NotLogged,
        BatchRetried,
        LaneWaits { lanes: u32 },
        PartitionWaits,
        ShardWaits,
        IteratorAge { age: SignedDuration, expires_in: Option<SignedDuration> },
        Bisected,
        AsManyAsOneHas,
        OthersPassed,
        SameBatch,
        SomeBatch,
        NoWaitsPublished,
        Silent { since: Timestamp, records: Option<Records>, complete_to: Option<Timestamp> },
        Spent { attempts: usize, by: SpentBy, keeper: Option<String> },
        AttemptsUnknown,
        HalvesUnknown,
        ByRhythm,
        CountedOff,
        MovedOn,
        MovedOnUnknown { records: Option<Records> },
        TooOld { attempts: usize, age: Exact, keeper: Option<String> },
        Expired { attempts: usize, retention: Exact },
        ExpiredOrKept { attempts: usize, retention: Exact, keeper: String },
        AtLeast,
        TooOldBy { by: Timestamp },
        FromFirstFailed,
        MappingSays { result: String },
        AgeRises,
        PartialNotLogged,
        Broker,
        Retries { retries: u32, own_limit: bool, until: Option<Until>, keeper: Option<String> },
        UntilOld { age: Exact, keeper: Option<String> },
        UntilExpired { until: Until },
        UntilDisabled { until: Until },
        UntilUnread,
    }
}

phrases! {
    /// How it is known that retries are used up.
    pub enum SpentBy in "spent-by" {
        One,
        OneOf { at_a_time: usize },
        Halves { records: u64 },
        Rhythm,
        PassedOver,
    }
}

phrases! {
    /// What ends a batch by its age.
    pub enum Until in "until" {
        Age { age: Exact },
        Retention { retention: Exact },
        DefaultRetention { retention: Exact },
        DefaultRetentionOfSevenDays { retention: Exact },
    }
}

phrases! {
    /// Records at a mapping's on-failure destination.
    pub enum Records in "records" {
        Holds { queue: String, records: u64 },
    }
}

impl From<Window> for Arg {
    fn from(window: Window) -> Self {
        Self::Between(window.earliest, window.latest)
    }
}

impl Argument for Window {
    fn samples() -> Vec<Self> {
        vec![Self::at(Timestamp::UNIX_EPOCH)]
    }
}

/// A sample of each.
#[must_use]
pub(crate) fn each() -> Vec<Phrase> {
    [
        Said::each(),
        Lands::each(),
        Async::each(),
        HeldUp::each(),
        DroppedBy::each(),
        Receive::each(),
        Shard::each(),
        SpentBy::each(),
        Until::each(),
        Records::each(),
    ]
    .concat()
}
