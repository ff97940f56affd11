//! What there is to say of a redrive: how it goes, and why a message stayed.

use crate::phrases;

phrases! {
    /// How a redrive goes, a line each. Names come from others.
    pub enum CourseLine in "course" {
        Client,
        MoveTask,
        Messages { messages: u64, to: Vec<String> },
        NoTarget { messages: u64 },
        NoCanary,
        Alone,
        Canary { messages: u64, by_client: bool, proves: bool },
        JournaledAll { place: Option<String> },
        JournaledCanary { place: Option<String> },
        JournaledNothing,
        Pace { rate: Option<u32>, ordered: bool },
    }
}

phrases! {
    /// Why a message stayed, or was not sent yet.
    pub enum Stays in "stays" {
        /// An error text from outside.
        Answer { why: String },
        Unnamed,
        Unanswered,
        Unknown,
        EditLost,
        Stopped,
        StoppedAtCanary,
        TaskEnded { status: String, failure: Option<String> },
        TargetFails { failed: u64, all: u64 },
        JournalFailed { why: String },
        SentJournalFailed { why: String },
        NotInHand,
        GroupStopped,
        NotSeenAgain,
        AnotherMessage,
        NotDeleted,
        DeleteUncertain,
        Unconfirmed,
        OrderLost,
    }
}
