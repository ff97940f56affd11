//! Why something that was asked for was not done, and what is said of work on dead letters.

use crate::aws::Error;
use crate::domain::ReadOnly;
use crate::domain::phrase::Phrase;
use crate::redrive::journal::JournalError;

pitagora_core::phrases! {
    /// Why it was not done. Each prints as one or more whole sentences.
    pub enum DlqError in "dlq-error" {
        /// Nothing is received and nothing sent here.
        ReadOnly,
        /// Nothing has this name, URL or ARN.
        NoQueue { queue: String },
        AttributesUnread { queue: String, why: Error },
        /// No survey has seen the queue's attributes.
        NotSurveyed { queue: String },
        Unread { queue: String, why: Error },
        /// Reading the queue would do harm: what speaks against it.
        Guarded { against: Phrase },
        /// No file is written over.
        Exists { path: String },
        /// Only a regular file is written.
        NoFile { path: String, what: String },
        Unwritten { path: String, why: String },
        /// There is no folder for journals.
        NoHome,
        Edits { why: String },
        EditsUnread { why: String },
        /// The journal belongs to another account.
        OtherAccount { account: String, region: String },
        /// The journal belongs to another endpoint, or to AWS itself.
        OtherEndpoint { endpoint: Option<String> },
        Journal { why: JournalError },
        MoveRefused { why: Error },
        MoveUnread { why: Error },
        /// SQS did not return the handle of the move task.
        MoveUnnamed,
    }
}
crate::words::spoken!(DlqError);

impl From<ReadOnly> for DlqError {
    fn from(_: ReadOnly) -> Self {
        Self::ReadOnly
    }
}

impl From<JournalError> for DlqError {
    fn from(why: JournalError) -> Self {
        Self::Journal { why }
    }
}

pitagora_core::phrases! {
    /// What went wrong beside the work, which goes on. Each prints as a sentence.
    pub enum Trouble in "dlq-trouble" {
        /// A line is missing in the audit file.
        Audit { why: String },
        /// Bodies of deleted messages remain beside the journal.
        Edits { why: String },
        NotCancelled { why: Error },
        TaskFailed { why: String },
        /// Whether messages stayed is unknown.
        Uncounted { why: Error },
        /// More arrived while SQS moved.
        CameIn { count: u64 },
    }
}
crate::words::spoken!(Trouble);

pitagora_core::phrases! {
    /// What is said on screen of work on dead letters.
    pub enum Said in "dlq-said" {
        NothingGoes,
        Busy,
        NotRead,
        Exported { count: usize, path: String },
        /// `missing` of the `wanted` were not deleted; `stuck` others could not be made visible again. The messages are also
        /// in the file `path`.
        Deleted { gone: usize, wanted: usize, missing: usize, queue: String, stuck: usize, path: String },
        NotDeleted { why: DlqError },
    }
}

pitagora_core::phrases! {
    /// Why the queue's name is to be typed before a redrive.
    #[derive(Copy)]
    pub enum Confirm in "dlq-confirm" {
        Production,
        /// More than ten messages.
        Many,
    }
}
