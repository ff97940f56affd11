//! The retry rules of an invocation's event. Log lines do not name the source of an event, so the rules follow from the
//! function's triggers; if these are of several kinds, from the invocations themselves.
//!
//! - The same request ID twice: asynchronous. AWS (async): nothing else keeps the ID.
//! - A message ID in the lines: the queue.
//! - One kind of trigger: that one.
//! - Several, or none known (anybody may call a function): it is followed as asynchronous with every prediction marked
//!   "only if", and when the log is complete past the window without a retry, it was a call whose caller got the error.

use std::collections::{BTreeMap, HashSet};

use super::function_context::{FunctionContext, heard, is_cut};
use super::policy::async_retry;
use super::triggers::Triggers;
use crate::domain::delivery::Pattern;
use crate::domain::{Condition, Invocation, NodeId};

/// The invocations of a function by their retry rules, as far as they need a row; each list in order of time.
#[derive(Default)]
pub(super) struct Sorted<'a> {
    /// Attempts of one event each, in their order.
    pub asynchronous: Vec<Tries<'a>>,
    pub queue: Vec<&'a Invocation>,
    pub stream: Vec<&'a Invocation>,
    pub request: Vec<&'a Invocation>,
}

/// The attempts of one event that was, or may have been, asynchronous.
pub(super) struct Tries<'a> {
    pub runs: Vec<&'a Invocation>,
    /// What must be so for it to be asynchronous, where that is not sure.
    pub only_if: Option<Condition>,
}

pub(super) fn sort_out<'a>(place: &FunctionContext<'a>) -> Sorted<'a> {
    let mut sorted = Sorted::default();
    let only = place.triggers.only();
    match only {
        // Successful invocations count, too: partial batch responses, and shards that move on.
        Some(Pattern::Queue) => sorted.queue = in_order(place.log.runs.iter().copied()),
        Some(Pattern::Stream) => sorted.stream = in_order(place.log.runs.iter().copied()),
        Some(Pattern::RequestResponse) => {
            sorted.request = in_order(place.log.runs.iter().copied().filter(|run| is_worth_a_row(place, run)));
        }
        Some(Pattern::Asynchronous) => sorted.asynchronous = joined(place, None),
        Some(Pattern::SourceDelivery) | None => several(place, &mut sorted),
    }
    sorted
}

/// Several kinds of triggers, or none that is known.
fn several<'a>(place: &FunctionContext<'a>, sorted: &mut Sorted<'a>) {
    let triggers = &place.triggers;
    if !triggers.queue.is_empty() {
        sorted.queue = in_order(place.log.runs.iter().copied().filter(|run| !run.message_ids.is_empty()));
    }
    sorted.asynchronous = joined(place, Some(&doubt(place)));
    if triggers_wait_for_nothing(triggers) && retries_all(place, &sorted.asynchronous) {
        // Its callers invoke it asynchronously.
        for tries in &mut sorted.asynchronous {
            tries.only_if = None;
        }
    }
    if triggers.asynchronous.is_empty() && triggers.either.is_empty() {
        // Nothing calls it asynchronously, as far as is known: what has one invocation only is the queue's, the stream's or
        // a caller's.
        let (sure, rest): (Vec<_>, Vec<_>) = std::mem::take(&mut sorted.asynchronous)
            .into_iter()
            .partition(|tries| tries.only_if.is_none() || triggers_are_unknown(triggers));
        sorted.asynchronous = sure;
        let single = rest.into_iter().flat_map(|tries| tries.runs);
        if !triggers.queue.is_empty() {
            sorted.queue.extend(single);
            sorted.queue = in_order(sorted.queue.drain(..));
        } else if !triggers.stream.is_empty() {
            sorted.stream = in_order(single);
        } else {
            sorted.request = in_order(single);
        }
    }
}

/// Whether nothing is known to call it that waits for its answer.
fn triggers_wait_for_nothing(triggers: &Triggers) -> bool {
    triggers.request.is_empty() && triggers.queue.is_empty() && triggers.stream.is_empty()
}

/// Whether events that failed came again with the same id, and none stayed away in its time.
fn retries_all(place: &FunctionContext, all: &[Tries]) -> bool {
    let stayed_away = |tries: &Tries| {
        let ended = tries
            .runs
            .last()
            .filter(|run| run.outcome.is_failure())
            .and_then(|run| place.ended(run));
        let window = ended.and_then(|ended| async_retry(1, ended));
        tries.runs.len() == 1 && window.is_some_and(|window| place.missed(window).is_some())
    };
    all.iter().any(|tries| tries.runs.len() > 1) && !all.iter().any(stayed_away)
}

fn triggers_are_unknown(triggers: &Triggers) -> bool {
    triggers.queue.is_empty() && triggers.stream.is_empty() && triggers.request.is_empty()
}

/// What would have to be so.
fn doubt(place: &FunctionContext) -> Condition {
    let triggers = &place.triggers;
    let others = triggers.request.iter().chain(&triggers.queue).chain(&triggers.stream);
    let mut not_by: Vec<NodeId> = others.map(|edge| edge.key.from.clone()).collect();
    not_by.sort_by_key(|id| place.input.name(id).to_owned());
    not_by.dedup();
    Condition::InvokedAsynchronously { not_by }
}

fn in_order<'a>(runs: impl Iterator<Item = &'a Invocation>) -> Vec<&'a Invocation> {
    // One of which neither start nor end was read yet comes after those heard of before it.
    let mut latest = None;
    let mut runs: Vec<_> = runs
        .map(|run| {
            let at = heard(run).or(latest);
            latest = latest.max(at);
            (at, run)
        })
        .collect();
    // Stable, so that what began in the same millisecond stays in the order in which it was seen.
    runs.sort_by_key(|(at, _)| *at);
    runs.into_iter().map(|(_, run)| run).collect()
}

/// Whether an invocation needs a row: it failed, it was a retry, or it should have ended.
fn is_worth_a_row(place: &FunctionContext, run: &Invocation) -> bool {
    use crate::domain::RunOutcome::{Ok, Running};
    run.attempt > 1 || !(run.outcome == Ok || is_cut(run) || (run.outcome == Running && !place.is_long(run)))
}

/// Invocations grouped by request ID, as far as they need a row. `doubt` is the condition if a single invocation proves
/// nothing.
fn joined<'a>(place: &FunctionContext<'a>, doubt: Option<&Condition>) -> Vec<Tries<'a>> {
    let named: HashSet<&str> = place
        .log
        .runs
        .iter()
        .filter(|run| is_worth_a_row(place, run) && (doubt.is_none() || run.message_ids.is_empty()))
        .map(|run| run.request_id.as_str())
        .collect();
    if named.is_empty() {
        return Vec::new();
    }
    let mut by_id: BTreeMap<&str, Vec<&Invocation>> = BTreeMap::new();
    for run in &place.log.runs {
        if named.contains(run.request_id.as_str()) {
            by_id.entry(&run.request_id).or_default().push(run);
        }
    }
    by_id
        .into_values()
        .map(|runs| Tries {
            only_if: doubt.filter(|_| runs.len() == 1).cloned(),
            runs: in_order(runs.into_iter()),
        })
        .collect()
}
