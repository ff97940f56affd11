//! Findings of the check as phrases: each variant has its words in the catalogue. Names and errors are untrusted text.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::{Check, LATELY, Limit, Unread, Verdict};
use crate::domain::NodeId;
use crate::domain::phrase::{Arg, Argument, Phrase, Phrases as _};

pitagora_core::phrases! {
    /// Why messages would fail again.
    #[derive(Serialize)]
    #[serde(rename_all = "snake_case", tag = "reason")]
    pub enum Reason in "check" {
        /// Invocations were throttled, the last one in the minute of `last`, within [`LATELY`] or, while the limit is still in
        /// the way, an hour. From a queue each throttled receive counts, so that messages die without an invocation.
        /// `reserved` is the concurrency as it is now, where some is set.
        Throttled { function: NodeId, times: u64, within_s: u64, last: Timestamp, reserved: Option<u32> },
        /// Reserved concurrency is 0: nothing is invoked.
        ConcurrencyZero { function: NodeId },
        /// Its mappings may ask for more concurrent invocations than the function reserves, and the messages are many enough.
        ConcurrencyLow { function: NodeId, reserved: u32, wanted: u32, batches: u64 },
        /// No mapping of the target queue is enabled: messages would wait there until they expire.
        MappingDisabled { function: NodeId, queue: NodeId, state: String },
        /// The mapping says that it lacks a permission or cannot assume its role; `result` is its `LastProcessingResult`.
        MappingRefused { function: NodeId, queue: NodeId, result: String },
        /// The function's state refuses invocations.
        StateRefuses { function: NodeId, state: String, why: Option<String> },
        /// The target is named by the configuration and was not found.
        Missing { target: NodeId },
        /// A resource policy or a role does not let the source reach the target.
        Denied { source: NodeId, target: NodeId, why: Phrase },
        /// The filter of a mapping does not match messages, so that it would delete them.
        FilteredOut { function: NodeId, queue: NodeId, messages: u64 },
        /// Invocations fail, and nothing was changed since: of those in [`LATELY`], or since the last change in it.
        /// `failed` is 0 if the last failure is older, `last` absent and `error` empty if only the metric shows. `in_row`
        /// failed one after the other, the last one included; it is 0 if the last one did not fail.
        Failing {
            function: NodeId, failed: u64, of: u64, last: Option<Timestamp>, in_row: u64, since: Option<Timestamp>, error: String,
        },
        /// Invocations succeed and return messages as failed (`batchItemFailures`): no error is counted, and messages die all
        /// the same.
        PartialFailures { function: NodeId, queue: NodeId, messages: u64 },
        /// Messages arrived in the DLQ within [`LATELY`], the last one at about `last`, with all attempts after the last
        /// change of their function.
        StillDying { queue: NodeId, messages: u64, last: Timestamp, changed: Option<Timestamp> },
        /// The target's own dead-letter queue grew lately.
        OwnQueueGrew { target: NodeId, queue: NodeId, by: u64 },
    }
}

pitagora_core::phrases! {
    /// What could not be read, so that it is unknown.
    #[derive(Serialize)]
    #[serde(rename_all = "snake_case", tag = "what")]
    pub enum Gap in "check-gap" {
        /// What a function is now: whether its state and its reserved concurrency let anything be invoked.
        Function { function: NodeId, why: String },
        /// The event source mappings: what reads the queue.
        Mappings { queue: NodeId },
        /// A function's metrics: whether it is throttled.
        Metrics { function: NodeId, why: String },
        /// A function's log: whether its invocations fail.
        Log { function: NodeId, why: String },
        /// No invocation is known to have failed or succeeded since the last message went to the DLQ, and nothing was
        /// deployed. `unread`: which part of the log, which may have one, was not read.
        Unproved { function: NodeId, died: Option<Timestamp>, unread: Option<Unread> },
        /// A mapping deletes what its filter does not match, and whether it matches these messages is unknown.
        Filtered { function: NodeId, queue: NodeId },
        /// Nothing is known that would take the messages.
        NoTarget,
    }
}

pitagora_core::phrases! {
    /// What is known beside it, and decides nothing.
    #[derive(Serialize)]
    #[serde(rename_all = "snake_case", tag = "note")]
    pub enum Note in "check-note" {
        /// It was invoked within [`LATELY`], or since the last change in it, and no invocation failed. `read_since` is from
        /// when on its log was read, where that is known.
        Succeeds {
            function: NodeId, invocations: u64, last: Timestamp, since: Option<Timestamp>, read_since: Option<Timestamp>,
        },
        /// It was not invoked since it was changed after its last failure, or at all: the cause may be fixed or not.
        NotInvoked { function: NodeId, changed: Option<Timestamp> },
        /// Invocations fail with errors other than those of the messages.
        OtherErrors { function: NodeId, failed: u64, error: String },
        /// Invocations that succeed returned messages as failed (`batchItemFailures`), and the function was changed since. That
        /// others succeed proves nothing of them.
        PartialFailuresBefore { function: NodeId, queue: NodeId, messages: u64 },
        /// Messages failed while other invocations succeeded: that others succeed since then proves nothing of them.
        FailedAlone { function: NodeId, messages: u64 },
        /// It was throttled, its limit is no longer in the way, and nothing has proved yet that it can be invoked. `last`
        /// is absent if only messages report it; `reserved` if none is reserved now; `wanted` if it is not known how many
        /// concurrent invocations may be asked for.
        LimitRaised { function: NodeId, times: u64, last: Option<Timestamp>, reserved: Option<u32>, wanted: Option<u32> },
        /// It was throttled within [`LATELY`], and is no longer.
        ThrottledBefore { function: NodeId, times: u64, last: Timestamp },
        /// More concurrent invocations may be asked for than are reserved, and it is sent at a limited rate.
        ConcurrencyTight { function: NodeId, reserved: u32 },
        /// No function of the chain reads the target queue: what becomes of the messages there is unknown.
        NobodyReads { queue: NodeId },
        /// The link on which messages failed still cannot deliver: a redrive bypasses it, but new messages fail as before.
        CutLink { source: NodeId, target: NodeId, why: Phrase },
        /// One failing message makes its whole batch fail.
        WholeBatches { function: NodeId, queue: NodeId, batch: u32 },
    }
}

pitagora_core::phrases! {
    /// Beside them: how much of a log was not read, and what comes of it all.
    pub enum Said in "check-said" {
        Unread { since: Option<Timestamp>, wanted: Timestamp, why: Stopped },
        Passed,
        Unproven,
        NothingProves,
        Unknown,
        Failed,
    }
}

pitagora_core::phrases! {
    /// Why a log was read no further.
    pub enum Stopped in "check-stopped" {
        Pages { pages: usize },
        Seconds { seconds: u64 },
        Failed { why: String },
    }
}

/// A sample of each.
#[must_use]
pub fn phrases() -> Vec<Phrase> {
    [Reason::each(), Gap::each(), Note::each(), Said::each(), Stopped::each()].concat()
}

impl From<Unread> for Arg {
    fn from(Unread { since, wanted, why }: Unread) -> Self {
        let why = match why {
            Limit::Pages(pages) => Stopped::Pages { pages },
            Limit::Seconds(seconds) => Stopped::Seconds { seconds },
            Limit::Failed(why) => Stopped::Failed { why },
        };
        Said::Unread { since, wanted, why }.into()
    }
}

impl Argument for Unread {
    fn samples() -> Vec<Self> {
        let of = |since| Self {
            since,
            wanted: Timestamp::UNIX_EPOCH,
            why: Limit::Pages(2),
        };
        vec![of(None), of(Some(Timestamp::UNIX_EPOCH))]
    }
}

/// A reason against a redrive.
#[must_use]
pub fn reason(reason: &Reason, now: Timestamp) -> Phrase {
    let mut reason = reason.clone();
    if let Reason::MappingDisabled { state, .. } = &mut reason {
        *state = state.to_lowercase();
    }
    aged(reason.into(), now)
}

/// A gap as a phrase.
#[must_use]
pub fn gap(gap: &Gap, now: Timestamp) -> Phrase {
    aged(gap.clone().into(), now)
}

/// What decides nothing.
#[must_use]
pub fn note(note: &Note, now: Timestamp) -> Phrase {
    let mut note = note.clone();
    if let Note::Succeeds { since, read_since, .. } = &mut note {
        // A log that was read from later on says nothing of the time before.
        *read_since = read_since.filter(|read| now.duration_since(*read) < LATELY);
        if since.is_some() && since >= read_since {
            *read_since = None;
        } else if read_since.is_some() {
            *since = None;
        }
    }
    aged(note.into(), now)
}

/// What comes of it.
#[must_use]
pub fn verdict(check: &Check) -> Phrase {
    match check.verdict() {
        Verdict::Passed => Said::Passed,
        Verdict::Unproven => Said::Unproven,
        Verdict::Unknown if check.gaps.iter().all(|gap| matches!(gap, Gap::Unproved { .. })) => Said::NothingProves,
        Verdict::Unknown => Said::Unknown,
        Verdict::Failed => Said::Failed,
    }
    .into()
}

/// The same with how long ago instead of when: who decides whether to redrive counts back from now.
fn aged(mut phrase: Phrase, now: Timestamp) -> Phrase {
    for (_, arg) in &mut phrase.args {
        match arg {
            Arg::At(at) => *arg = Arg::Span(now.duration_since(*at).max(SignedDuration::ZERO)),
            // A text that is not there.
            Arg::Text(text) if text.is_empty() => *arg = Arg::None,
            Arg::Phrase(inner) => **inner = aged(std::mem::take(inner), now),
            _ => {}
        }
    }
    phrase
}
