//! Batches whose retries are used up: the next failing run of the shard is of the next batch.
//!
//! AWS: a batch is tried once and then as often as the mapping's `MaximumRetryAttempts` says; then it is skipped. Each lane of
//! each shard tries one batch at a time. So with `n` retries and `k` lanes, each lane can have failed `n` times on a batch that
//! still has attempts left, and each good run can be of a batch that failed `n` times before: whatever failed beyond that was
//! the last attempt of some batch. With one lane that is the plain count.

use super::row_of;
use super::rules::{Kind, Rules};
use crate::domain::delivery::{Certainty, Delivery, End, Fate, Pattern};
use crate::domain::{Edge, EdgePolicy, Invocation};
use crate::forecast::function_context::{FunctionContext, begun};
use crate::forecast::policy::{MEMORY, STREAM_QUIET, plus};
use crate::forecast::words::count;

/// The failing runs of each batch that has none left to it, and the runs after the last of them. Where several batches are
/// tried at a time, those that prove one more to be given up, whichever of them were of it.
pub(super) fn split<'r, 'a>(
    place: &FunctionContext,
    policy: &EdgePolicy,
    rules: &Rules,
    runs: &'r [&'a Invocation],
) -> (Vec<Vec<&'a Invocation>>, &'r [&'a Invocation]) {
    let nothing = (Vec::new(), runs);
    let retries = rules.retries.and_then(|retries| usize::try_from(retries).ok());
    let readers = rules.readers_of_attempts().and_then(|n| usize::try_from(n).ok());
    let (Some(retries), Some(readers)) = (retries, readers) else {
        return nothing;
    };
    // Halves use no retry up; a good run may have given its batch back.
    let is_plain = matches!(rules.kind, Kind::Table | Kind::Kinesis)
        && policy.batching.bisect != Some(true)
        && policy.batching.partial_response != Some(true);
    let is_alone = place.triggers.only() == Some(Pattern::Stream)
        && place.triggers.stream.len() == 1
        && place.triggers.stream[0].policies.len() <= 1;
    let is_serial = retries == 0
        || ((readers > 1 || !super::overlap(place, runs)) && !place.input.throttled_within(place.id, MEMORY));
    if !(is_plain && is_alone && is_serial) {
        return nothing;
    }
    let mut batches = Vec::new();
    let mut rest = runs;
    let mut open: Vec<&Invocation> = Vec::new();
    let mut last: Option<&Invocation> = None;
    // Failed runs beyond those that good ones account for; so many are of one batch more than can have attempts left.
    let mut score = 0_usize;
    let enough = retries.saturating_mul(readers).saturating_add(1);
    for (n, run) in runs.iter().enumerate() {
        if !run.outcome.is_failure() {
            // A batch passed, or the runs are of several shards.
            score = score.saturating_sub(retries);
            if score == 0 {
                open.clear();
            }
            continue;
        }
        let follows = last.is_none_or(|last| {
            let pause = STREAM_QUIET + place.timeout();
            (readers > 1 || last.message_ids == run.message_ids)
                && place
                    .ended(last)
                    .is_some_and(|ended| begun(run).is_some_and(|next| next <= plus(ended.latest, pause)))
        });
        if !follows {
            open.clear();
            score = 0;
        }
        open.push(run);
        score += 1;
        last = Some(run);
        if score >= enough {
            score = score.saturating_sub(retries.saturating_add(1));
            // All that are known are counted off, so that they are told apart alike however late it is.
            let is_recent = begun(run).is_some_and(|at| place.now().duration_since(at) <= place.input.memory);
            let batch = std::mem::take(&mut open);
            batches.extend(is_recent.then_some(batch));
            rest = &runs[n + 1..];
        }
    }
    (batches, rest)
}

/// The row of a batch that has no retry left.
pub(super) fn row(place: &FunctionContext, edge: &Edge, rules: &Rules, failed: &[&Invocation]) -> Option<Delivery> {
    let (first, last) = (failed.first()?, failed.last()?);
    let at = place.ended(last).map_or(begun(first)?, |ended| ended.latest);
    let readers = rules.readers_of_attempts().unwrap_or(1);
    let tries = count(u64::try_from(failed.len()).unwrap_or(u64::MAX), "attempt");
    let spent = if readers > 1 {
        format!("{tries} failed, so many that of {readers} batches at a time one has no retry left")
    } else {
        format!("{tries} failed, and no retry is left")
    };
    let (fate, why) = match rules.kept_by {
        Some(queue) => (
            Fate::DeadLetter,
            format!(
                "{spent}: {} holds where the batch lies, not what it held",
                place.input.name(queue)
            ),
        ),
        None => (
            Fate::Dropped,
            format!("{spent}: the batch is skipped, and nothing keeps it"),
        ),
    };
    let mut notes = vec!["no line names the shard".to_owned()];
    if readers > 1 {
        notes.push("which of the attempts were of that batch is not known".to_owned());
    } else if failed.len() > 1 {
        notes.push("counted off: taken to be the attempts of one batch, one after the other".to_owned());
    }
    Some(Delivery {
        id: format!(
            "batch of {} for {}, first {}",
            edge.key.from, place.id, first.request_id
        ),
        end: Some(End {
            fate,
            at: Some(at),
            not_before: None,
            to: rules.kept_by.cloned(),
            evidence: Certainty::Inferred,
            why,
        }),
        estimate: readers > 1,
        notes,
        ..row_of(place, edge, failed)
    })
}
