//! The check in words: what, the number, then what to do. Each is a sentence without its stop; names come from others.

use jiff::Timestamp;

use super::{Check, Gap, LATELY, Limit, Note, Reason, Unread, Verdict};
use crate::domain::duration::span;

/// A reason against a redrive.
#[must_use]
#[expect(clippy::too_many_lines, reason = "one sentence for each reason")]
pub fn reason(reason: &Reason, now: Timestamp) -> String {
    let ago = |at: Timestamp| format!("{} ago", span(now.duration_since(at).as_secs().max(0)));
    let window = span(LATELY.as_secs());
    match reason {
        Reason::Throttled {
            function,
            times,
            within_s,
            last,
            reserved,
        } => {
            let window = span(*within_s);
            let (limit, cure) = match reserved {
                Some(n) => (
                    format!(" (reserved concurrency {n})"),
                    "raise it, or the messages come back without having run",
                ),
                None => (
                    " (no reserved concurrency: the account's is used up)".to_owned(),
                    "messages may come back without having run",
                ),
            };
            format!(
                "{}: throttled {} in the last {window}, the last time {}{limit}: {cure}",
                function.short_name(),
                times_of(*times),
                ago(*last)
            )
        }
        Reason::ConcurrencyZero { function } => format!(
            "{}: reserved concurrency is 0, so every invocation is throttled: set it above 0",
            function.short_name()
        ),
        Reason::ConcurrencyLow {
            function,
            reserved,
            wanted,
            batches,
        } => format!(
            "{}: reserved concurrency {reserved}, and its mapping asks for {wanted} at once (the messages are {batches} \
             batches): expect throttling, and each throttled receive counts. Raise it, or limit the redrive with --rate",
            function.short_name()
        ),
        Reason::MappingDisabled { function, queue, state } => format!(
            "{}: its event source mapping on {} is {}: messages would wait there until they expire. Enable it",
            function.short_name(),
            queue.short_name(),
            state.to_lowercase()
        ),
        Reason::MappingRefused {
            function,
            queue,
            result,
        } => format!(
            "{}: its event source mapping on {} reports a missing permission: LastProcessingResult \"{result}\"",
            function.short_name(),
            queue.short_name()
        ),
        Reason::StateRefuses { function, state, why } => {
            let why = why.as_ref().map_or_else(String::new, |why| format!(" ({why})"));
            format!(
                "{}: the function is in state {state}{why}: deploy it again",
                function.short_name()
            )
        }
        Reason::Missing { target } => format!("{} does not exist", target.short_name()),
        Reason::Denied(denied) => format!(
            "{} cannot reach {}: {}",
            denied.source.short_name(),
            denied.target.short_name(),
            denied.why
        ),
        Reason::Failing {
            function,
            failed,
            of,
            last,
            in_row,
            since,
            error,
        } => {
            let name = function.short_name();
            let window = since.map_or_else(
                || format!("in the last {window}"),
                |at| format!("since it was deployed {}", ago(at)),
            );
            let error = if error.is_empty() {
                String::new()
            } else {
                format!(": {error}")
            };
            match last {
                None => format!(
                    "{name}: {failed} of {of} invocations failed {window} (metric Errors; the log tells of none)"
                ),
                Some(at) if *failed == 0 => {
                    format!(
                        "{name}: {} {}{} nothing was deployed since{error}",
                        if *in_row > 1 {
                            format!("its last {in_row} invocations failed, the last one")
                        } else {
                            "its last invocation failed".to_owned()
                        },
                        ago(*at),
                        if *in_row > 1 { ", and" } else { " and" }
                    )
                }
                Some(at) => format!(
                    "{name}: {failed} of {of} invocations failed {window}, the last one {}{error}",
                    ago(*at)
                ),
            }
        }
        Reason::FilteredOut {
            function,
            queue,
            messages,
        } => format!(
            "{}: the filter of its event source mapping on {} does not match {}, so that it would delete them: change the \
             filter, or choose a target with --to",
            function.short_name(),
            queue.short_name(),
            messages_of(*messages)
        ),
        Reason::PartialFailures {
            function,
            queue,
            messages,
        } => format!(
            "{}: {} from {} died although no invocation failed: it succeeds and returns them as batchItemFailures. \
             Its log may say why",
            function.short_name(),
            messages_of(*messages),
            queue.short_name()
        ),
        Reason::StillDying {
            queue,
            messages,
            last,
            changed,
        } => {
            let changed = changed.map_or_else(
                || "no change of its function is known".to_owned(),
                |at| format!("the last deployment or mapping change was {}", ago(at)),
            );
            format!(
                "{}: {} came in within the last {window}, the last one about {}; {changed}, before their first attempt",
                queue.short_name(),
                messages_of(*messages),
                ago(*last)
            )
        }
        Reason::OwnQueueGrew { target, queue, by } => format!(
            "{}: its own dead-letter queue {} got {} in the last {window}",
            target.short_name(),
            queue.short_name(),
            messages_of(*by)
        ),
    }
}

/// What could not be looked at.
#[must_use]
pub fn gap(gap: &Gap, now: Timestamp) -> String {
    match gap {
        Gap::Function { function, why } => format!(
            "{}: whether anything may run is unknown: its state and reserved concurrency could not be read ({why})",
            function.short_name()
        ),
        Gap::Mappings { queue } => format!(
            "{}: what reads it is unknown: event source mappings could not be read (allow lambda:ListEventSourceMappings)",
            queue.short_name()
        ),
        Gap::Metrics { function, why } => format!(
            "{}: whether it is throttled is unknown: its metrics could not be read ({why})",
            function.short_name()
        ),
        Gap::Log { function, why } => format!(
            "{}: whether its invocations fail is unknown: its log could not be read ({why})",
            function.short_name()
        ),
        Gap::Unproved { function, died, unread } => format!(
            "{}: no invocation is known to have succeeded{}: not proved that the cause is fixed{}",
            function.short_name(),
            if died.is_some() { " since the messages died" } else { "" },
            unread.as_ref().map_or_else(String::new, |unread| not_read(unread, now))
        ),
        Gap::Filtered { function, queue } => format!(
            "{}: its event source mapping on {} has a filter, and SQS messages that it does not match are deleted: whether \
             it matches these is unknown. Compare it with one of them",
            function.short_name(),
            queue.short_name()
        ),
        Gap::NoTarget => "no target is known for any of these messages".to_owned(),
    }
}

/// How much of a log was not read, and why.
fn not_read(unread: &Unread, now: Timestamp) -> String {
    let back = |at: Timestamp| span(now.duration_since(at).as_secs().max(0));
    let why = match &unread.why {
        Limit::Pages(pages) => format!("{pages} pages are read at most"),
        Limit::Seconds(seconds) => format!("it takes longer than {seconds} s"),
        Limit::Failed(why) => why.clone(),
    };
    match unread.since {
        Some(since) => format!(
            ". Its log was read {} back and not {}: {why}",
            back(since),
            back(unread.wanted)
        ),
        None => format!(". Its log was not read {} back: {why}", back(unread.wanted)),
    }
}

/// What decides nothing.
#[must_use]
pub fn note(note: &Note, now: Timestamp) -> String {
    let ago = |at: Timestamp| format!("{} ago", span(now.duration_since(at).as_secs().max(0)));
    let window = span(LATELY.as_secs());
    match note {
        Note::Succeeds { .. } => succeeds(note, now),
        Note::NotInvoked { function, changed } => {
            let name = function.short_name();
            match changed {
                Some(at) => format!(
                    "{name}: not invoked since it was deployed {}: not known to be fixed",
                    ago(*at)
                ),
                None => format!("{name}: not invoked in the last {window}: not known to be fixed"),
            }
        }
        Note::OtherErrors {
            function,
            failed,
            error,
        } => format!(
            "{}: {failed} {} failed in the last {window}, with another error than these messages: {error}",
            function.short_name(),
            if *failed == 1 { "invocation" } else { "invocations" }
        ),
        Note::PartialFailuresBefore {
            function,
            queue,
            messages,
        } => format!(
            "{}: {} from {} died although no invocation failed: it returned them as batchItemFailures. It was changed since; \
             that others succeed does not prove that these will: only a canary proves it",
            function.short_name(),
            messages_of(*messages),
            queue.short_name()
        ),
        Note::FailedAlone { function, messages } => format!(
            "{}: {} failed in minutes in which other invocations succeeded: that others succeed now does not prove that these \
             will: only a canary proves it",
            function.short_name(),
            messages_of(*messages)
        ),
        Note::LimitRaised { .. } => raised(note, now),
        Note::ThrottledBefore { function, times, last } => format!(
            "{}: throttled {} in the last {window}, the last time {}; its limit is no longer in the way",
            function.short_name(),
            times_of(*times),
            ago(*last)
        ),
        Note::ConcurrencyTight { function, reserved } => format!(
            "{}: reserved concurrency {reserved}: a rate that is too high is throttled",
            function.short_name()
        ),
        Note::NobodyReads { queue } => format!(
            "{}: no function of this chain reads it: whether its reader works is not known",
            queue.short_name()
        ),
        Note::CutLink(denied) => format!(
            "{} cannot reach {}: {}. A redrive goes around that; new messages keep failing until it is fixed",
            denied.source.short_name(),
            denied.target.short_name(),
            denied.why
        ),
        Note::WholeBatches { function, queue, batch } => format!(
            "{} on {}: ReportBatchItemFailures off: one failure retries the whole batch (batch size {batch})",
            function.short_name(),
            queue.short_name()
        ),
    }
}

/// Nothing failed since the last success.
fn succeeds(note: &Note, now: Timestamp) -> String {
    let Note::Succeeds {
        function,
        invocations,
        last,
        since: deployed,
        read_since,
    } = note
    else {
        return String::new();
    };
    let ago = |at: Timestamp| format!("{} ago", span(now.duration_since(at).as_secs().max(0)));
    let window = span(LATELY.as_secs());
    let name = function.short_name();
    // A log that was read from later on says nothing of the time before.
    let read = read_since.filter(|since| now.duration_since(*since) < LATELY);
    let since = match (deployed, read) {
        (Some(at), read) if read.is_none_or(|read| read <= *at) => {
            format!("since it was deployed {}", ago(*at))
        }
        (_, Some(since)) => format!("in {}", span(now.duration_since(since).as_secs().max(0))),
        (_, None) => format!("in the last {window}"),
    };
    if *invocations == 0 {
        return format!("{name}: last success {}, no failure since", ago(*last));
    }
    let n = if *invocations == 1 {
        "1 invocation".to_owned()
    } else {
        format!("{invocations} invocations")
    };
    format!("{name}: {n} {since}, none failed; last success {}", ago(*last))
}

/// A limit that was in the way, and is no longer.
fn raised(note: &Note, now: Timestamp) -> String {
    let Note::LimitRaised {
        function,
        times,
        last,
        reserved,
        wanted,
    } = note
    else {
        return String::new();
    };
    let before = match last {
        Some(at) => format!(
            "throttled {}, the last time {} ago",
            times_of(*times),
            span(now.duration_since(*at).as_secs().max(0))
        ),
        None => "its messages were throttled".to_owned(),
    };
    let limit = match (reserved, wanted) {
        (Some(n), Some(wanted)) => format!("reserved concurrency {n} covers the {wanted} that may be asked for"),
        (Some(n), None) => format!("reserved concurrency is {n}"),
        (None, _) => "none is reserved now (if none was then, the account's was used up)".to_owned(),
    };
    format!(
        "{}: {before}; its limit is no longer in the way: {limit}; not proven yet: only a canary proves it",
        function.short_name()
    )
}

/// The verdict in words.
#[must_use]
pub fn verdict(check: &Check) -> &'static str {
    match check.verdict() {
        Verdict::Passed => "nothing found that speaks against a redrive",
        Verdict::Unproven => "not proven yet: only a canary proves it",
        Verdict::Unknown if check.gaps.iter().all(|gap| matches!(gap, Gap::Unproved { .. })) => {
            "unknown: nothing proves that the cause is fixed"
        }
        Verdict::Unknown => "unknown: not everything could be read",
        Verdict::Failed => "no: messages would fail again",
    }
}

fn times_of(n: u64) -> String {
    match n {
        1 => "once".to_owned(),
        n => format!("{n} times"),
    }
}

fn messages_of(n: u64) -> String {
    match n {
        1 => "1 message".to_owned(),
        n => format!("{n} messages"),
    }
}
