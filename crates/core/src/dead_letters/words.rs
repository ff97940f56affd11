//! Phrases about dead letters: the evidence of their source, the error, and what reading them does.

use crate::domain::NodeId;
use crate::domain::phrase::Phrase;
use crate::phrases;

phrases! {
    /// Evidence of a dead letter's source. Names are untrusted text.
    pub enum Evidence in "evidence" {
        Attributes,
        AttributeNames { attribute: &'static str, id: NodeId },
        Configured { by: NodeId },
        ConfiguredSeveral { functions: u64 },
        NotConfigured { what: Unconfigured },
        OnlySender { id: NodeId },
        LogHas { function: NodeId, request: String },
        NoLogHas { functions: u64, request: String },
        LogsUnread { request: String },
        Ended { function: NodeId },
        StreamBatch { stream: NodeId, function: NodeId },
        KafkaBatch { cluster: NodeId, function: NodeId },
        KafkaRecords { records: Vec<Records> },
        Pipe { pipe: NodeId },
        LeadsTo { from: NodeId, to: NodeId },
        Truncated,
        SourceArn { queue: NodeId },
        OnlyReader { function: NodeId, queue: NodeId },
        LoggedId { function: NodeId },
        OneError { function: NodeId },
        SeveralErrors { function: NodeId },
        Envelope { topic: NodeId },
        Notification { topic: NodeId },
        UnsubscribeLink,
        OnlySubscription,
        SeveralSubscriptions { subscriptions: u64 },
        SubscriptionLeads { to: NodeId },
        Unmarked,
        OneOfSenders { senders: Vec<NodeId> },
        OnlyBare { sender: NodeId },
        NamedAlone { function: NodeId },
        DiedBeside { function: NodeId, messages: Vec<String> },
        DiedAmong { function: NodeId, others: u64 },
        WholeBatch { size: u32 },
    }
}

phrases! {
    /// What a dead letter claims but the configuration does not have.
    pub enum Unconfigured in "unconfigured" {
        Function,
        OnFailure,
        Mapping,
        Target,
        Pipe,
        RedrivePolicy,
        Subscription,
    }
}

phrases! {
    /// Why a function was never invoked: no fault of the message.
    pub enum Capacity in "capacity" {
        ReservedZero { function: NodeId },
        ZeroReservedConcurrency { function: NodeId },
        Throttled { code: String },
        EventAgeExceeded { function: NodeId },
        RecordAgeExceeded { function: NodeId },
        TargetThrottled { text: String },
        NeverStarted { function: NodeId, throttles: u64 },
    }
}

phrases! {
    /// Why a service gave up.
    pub enum Condition in "given-up" {
        /// In its own word.
        Service { word: String },
        Received { times: u32 },
    }
}

phrases! {
    /// What went wrong: equal for equal faults, without numbers and ids.
    pub enum Fault in "fault" {
        Capacity,
        Error { text: String },
        Condition { condition: Phrase },
        Unknown,
        Neighbour,
        OneOfBatch { fault: Phrase },
    }
}

phrases! {
    /// Records of Kafka, by partition and offset.
    pub enum Records in "records" {
        Offset { partition: String, offset: String },
        Offsets { partition: String, first: String, last: String },
        Count { records: u32 },
    }
}

phrases! {
    /// Why the messages of a queue need not be dead letters.
    pub enum Mixed in "mixed" {
        AlsoFed { by: Vec<NodeId> },
        Consumed { by: Vec<NodeId> },
        Paused { by: Vec<NodeId> },
        AlsoFedAndConsumed { from: Vec<NodeId>, by: Vec<NodeId> },
    }
}

phrases! {
    /// What reading a queue does, and why it is refused.
    pub enum Guard in "guard" {
        Ordinary { queue: String },
        MovesOn { queue: String, to: NodeId, after: Option<u32> },
        Consumed { queue: String, by: Vec<NodeId> },
        Paused { queue: String, by: Vec<NodeId> },
        ReadAnyway { against: Phrase },
        Counts { queue: String },
        Hides { most: u64, seconds: u32 },
        Fifo,
    }
}

phrases! {
    /// What is wrong with a `jq` expression.
    pub enum Syntax in "jq" {
        Unusable { expression: String, why: Phrase },
        NotKnown { names: Vec<String> },
        Withheld { name: String },
        Module { path: String },
        Expected { what: String, found: String },
        ExpectedEnd { found: String },
        TooEarly { what: String },
    }
}

phrases! {
    /// Why a `jq` expression chose no messages.
    pub enum Unfiltered in "jq" {
        TooSlow { expression: String, seconds: u64, at: Option<String> },
        TooMuchMemory { expression: String, megabytes: u64, at: Option<String> },
        TooDeep { expression: String, at: Option<String> },
        Ended { expression: String, how: String, at: Option<String> },
        NotStarted { why: String },
        Stopped,
        FailedOn { failed: usize, why: String },
    }
}
