//! Batches whose retries are used up: the next failing run of the shard is of the next batch.
//!
//! AWS: a batch is tried once and then as often as the mapping's `MaximumRetryAttempts` says; then it is skipped. With no
//! retries each failing run is a batch of its own, of whatever shard or lane. With retries, runs are counted off as long as
//! they look like those of one shard; where they do not, nothing is said here.

use super::rules::{Kind, Rules};
use crate::domain::delivery::Pattern;
use crate::domain::{EdgePolicy, Invocation};
use crate::retry::place::{Place, begun};
use crate::retry::policy::{MEMORY, STREAM_QUIET, plus};

/// The failing runs of each batch that has none left to it, and the runs after the last of them.
pub(super) fn split<'r, 'a>(
    place: &Place,
    policy: &EdgePolicy,
    rules: &Rules,
    runs: &'r [&'a Invocation],
) -> (Vec<Vec<&'a Invocation>>, &'r [&'a Invocation]) {
    let nothing = (Vec::new(), runs);
    let Some(limit) = rules
        .retries
        .and_then(|retries| usize::try_from(retries).ok()?.checked_add(1))
    else {
        return nothing;
    };
    // Halves use no retry up; a good run may have given its batch back.
    let is_plain = matches!(rules.kind, Kind::Table | Kind::Kinesis)
        && policy.bisect != Some(true)
        && policy.partial_response != Some(true);
    let is_alone = place.triggers.only() == Some(Pattern::Stream)
        && place.triggers.stream.len() == 1
        && place.triggers.stream[0].policies.len() <= 1;
    let is_serial = limit == 1
        || (policy.parallelization.unwrap_or(1) <= 1
            && !super::overlap(place, runs)
            && !place.input.throttled_within(place.id, MEMORY));
    if !(is_plain && is_alone && is_serial) {
        return nothing;
    }
    let mut batches = Vec::new();
    let mut rest = runs;
    let mut open: Vec<&Invocation> = Vec::new();
    for (n, run) in runs.iter().enumerate() {
        let follows = open.last().is_none_or(|last| {
            let pause = STREAM_QUIET + place.timeout();
            last.message_ids == run.message_ids
                && place
                    .ended(last)
                    .is_some_and(|ended| begun(run).is_some_and(|next| next <= plus(ended.latest, pause)))
        });
        // A good run between two failing ones: the batch passed, or the runs are of several shards.
        if !run.outcome.is_failure() || !follows {
            open.clear();
        }
        if run.outcome.is_failure() {
            open.push(run);
        }
        if open.len() == limit {
            // All that are known are counted off, so that they are told apart alike however late it is.
            let is_recent = begun(run).is_some_and(|at| place.now().duration_since(at) <= MEMORY);
            let batch = std::mem::take(&mut open);
            batches.extend(is_recent.then_some(batch));
            rest = &runs[n + 1..];
        }
    }
    (batches, rest)
}
