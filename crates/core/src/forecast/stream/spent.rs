//! Batches whose retries are used up: the next failing invocation of the shard belongs to the next batch.
//!
//! AWS (streams): a batch has one attempt and then `MaximumRetryAttempts` retries; then it is skipped. Each lane of each shard
//! processes one batch at a time. So with `n` retries and `k` lanes, each lane can have failed `n` times on a batch that
//! still has attempts left, and each successful invocation can be of a batch that failed `n` times before: whatever failed
//! beyond that was the last attempt of some batch. With one lane that is the plain count. A batch can fail once more each
//! time it is bisected; for one lane [`halves`](super::halves) and [`rhythm`](super::rhythm) know more, for several only
//! the latter.

use super::halves::{self, Turn};
use super::rules::{Kind, Rules};
use super::{rhythm, row_of};
use crate::domain::delivery::{Certainty, Delivery, End, Pattern};
use crate::domain::phrase::Phrase;
use crate::domain::{Edge, EdgePolicy, Invocation};
use crate::forecast::function_context::{FunctionContext, begun};
use crate::forecast::policy::{MEMORY, STREAM_QUIET, plus};
use crate::forecast::words::{Shard, SpentBy};

/// Failed invocations of batches without retries left.
pub(super) struct Spent<'a> {
    failed: Vec<&'a Invocation>,
    /// At least so many batches, or single records.
    count: u64,
    known_by: By,
}

/// How it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    /// More attempts failed than so many batches at a time have without using one's up.
    Count { at_a_time: usize },
    /// More failed than bisecting and retries explain.
    Halves,
    /// The same rhythm repeatedly.
    Rhythm,
    /// Others succeeded sooner than a retry comes, repeatedly.
    PassedOver,
}

/// How many batches fail at a time, and how often each can without being given up.
struct Limits {
    /// `None` if how many shards there are was not read.
    readers: Option<usize>,
    retries: usize,
    halvings: usize,
}

/// Whether all invocations come from the mapping: nothing else triggers the function, and no successful invocation returns
/// its batch.
pub(super) fn is_plain(place: &FunctionContext, policy: &EdgePolicy, rules: &Rules) -> bool {
    matches!(rules.kind, Kind::Table | Kind::Kinesis)
        && policy.batching.partial_response != Some(true)
        && place.triggers.only() == Some(Pattern::Stream)
        && place.triggers.stream.len() == 1
        && place.triggers.stream[0].policies.len() <= 1
}

/// The failed invocations of each batch without retries left, and the invocations after the last of them. If several
/// batches are processed at a time, those that prove that one more is skipped, whichever belonged to it.
pub(super) fn split<'r, 'a>(
    place: &FunctionContext,
    policy: &EdgePolicy,
    rules: &Rules,
    runs: &'r [&'a Invocation],
) -> (Vec<Spent<'a>>, &'r [&'a Invocation]) {
    let nothing = (Vec::new(), runs);
    let halvings = halves::halvings(policy);
    // Bisecting uses no retry, so a failed invocation need not belong to a batch that is skipped.
    let readers = if halvings == 0 {
        rules.readers_of_attempts()
    } else {
        rules.readers
    };
    let whole = |n: u32| usize::try_from(n).ok();
    let Some(retries) = rules.retries.and_then(whole).filter(|_| is_plain(place, policy, rules)) else {
        return nothing;
    };
    let limits = Limits {
        readers: readers.and_then(whole),
        retries,
        halvings,
    };
    let at_once = retries + halvings == 0;
    if !at_once && place.input.throttled_within(place.id, MEMORY) {
        return nothing;
    }
    let (spent, rest) = match limits.readers {
        Some(1) if !at_once && super::overlap(place, runs) => return nothing,
        Some(1) if halvings > 0 => by_turns(place, &limits, runs),
        Some(readers) => counted_off(place, &limits, readers, runs),
        None => nothing,
    };
    let (alike, known_by) = match limits.readers {
        Some(1) if halvings > 0 => (rhythm::passed_over(place, runs, retries), By::PassedOver),
        readers if readers != Some(1) && halvings == 0 => (rhythm::given_up(place, runs, retries), By::Rhythm),
        _ => (Vec::new(), By::Rhythm),
    };
    // Whatever the count proved is of one of these.
    let counted: u64 = spent.iter().map(|spent| spent.count).sum();
    if u64::try_from(alike.len()).is_ok_and(|alike| alike > counted)
        && let Some(last) = alike.last().and_then(|row| row.last())
    {
        let to = runs.iter().position(|run| std::ptr::eq(*run, *last));
        let rest = &runs[to.map_or(0, |to| to + 1)..];
        let spent = alike.into_iter().map(|failed| Spent {
            failed,
            count: 1,
            known_by,
        });
        return (recent(place, spent.collect()), rest);
    }
    (recent(place, spent), rest)
}

/// All known ones are counted, so that the assignment does not depend on the time; only the newest are reported.
fn recent<'a>(place: &FunctionContext, mut spent: Vec<Spent<'a>>) -> Vec<Spent<'a>> {
    spent.retain(|one| {
        let last = one.failed.last().and_then(|run| begun(run));
        last.is_some_and(|at| place.now().duration_since(at) <= place.input.memory)
    });
    spent
}

/// For one lane with bisected batches.
fn by_turns<'r, 'a>(
    place: &FunctionContext,
    limits: &Limits,
    runs: &'r [&'a Invocation],
) -> (Vec<Spent<'a>>, &'r [&'a Invocation]) {
    let (mut all, mut rest, mut from) = (Vec::new(), 0, 0);
    for turn in halves::turns(place, runs, limits.halvings) {
        let Turn { to, .. } = turn;
        match turn.least_lost(limits.retries, limits.halvings) {
            Some(0) => {}
            Some(count) => {
                let failed = turn.runs.iter().copied().filter(|run| run.outcome.is_failure());
                all.push(Spent {
                    failed: failed.collect(),
                    count,
                    known_by: By::Halves,
                });
                rest = to;
            }
            None => {
                let (mut spent, after) = counted_off(place, limits, 1, turn.runs);
                if !spent.is_empty() {
                    rest = from + turn.runs.len() - after.len();
                    all.append(&mut spent);
                }
            }
        }
        from = to;
    }
    (all, &runs[rest..])
}

fn counted_off<'r, 'a>(
    place: &FunctionContext,
    limits: &Limits,
    readers: usize,
    runs: &'r [&'a Invocation],
) -> (Vec<Spent<'a>>, &'r [&'a Invocation]) {
    let mut batches = Vec::new();
    let mut rest = runs;
    let mut open: Vec<&Invocation> = Vec::new();
    let mut last: Option<&Invocation> = None;
    // A first half can fail, its first half too, and so on to a record that has all its retries.
    let most = limits.retries + limits.halvings;
    // Failed invocations beyond those that successful ones account for; this many belong to one batch more than can have
    // attempts left.
    let mut score = 0_usize;
    let enough = most.saturating_mul(readers).saturating_add(1);
    for (n, run) in runs.iter().enumerate() {
        if !run.outcome.is_failure() {
            // A batch succeeded, or the invocations belong to several shards.
            score = score.saturating_sub(most);
            if score == 0 {
                open.clear();
            }
            continue;
        }
        let follows = last.is_none_or(|last| {
            let pause = STREAM_QUIET + place.timeout();
            (readers > 1 || limits.halvings > 0 || last.message_ids == run.message_ids)
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
            score = score.saturating_sub(most.saturating_add(1));
            let known_by = if limits.halvings > 0 {
                By::Halves
            } else {
                By::Count { at_a_time: readers }
            };
            batches.push(Spent {
                failed: std::mem::take(&mut open),
                count: 1,
                known_by,
            });
            rest = &runs[n + 1..];
        }
    }
    (batches, rest)
}

/// The row of batches that have no retry left.
pub(super) fn row(place: &FunctionContext, edge: &Edge, rules: &Rules, spent: &Spent) -> Option<Delivery> {
    let Spent {
        failed,
        count: gone,
        known_by,
    } = spent;
    let (first, last) = (failed.first()?, failed.last()?);
    let at = place.ended(last).map_or(begun(first)?, |ended| ended.latest);
    let several = failed.len() > 1;
    let (by, note) = match *known_by {
        By::Count { at_a_time: 1 } => (SpentBy::One, several.then_some(Shard::CountedOff)),
        By::Count { at_a_time } => (SpentBy::OneOf { at_a_time }, Some(Shard::AttemptsUnknown)),
        By::Halves => (SpentBy::Halves { records: *gone }, Some(Shard::HalvesUnknown)),
        By::Rhythm => (SpentBy::Rhythm, Some(Shard::ByRhythm)),
        By::PassedOver => (SpentBy::PassedOver, Some(Shard::HalvesUnknown)),
    };
    let why = Shard::Spent {
        attempts: failed.len(),
        by,
        keeper: rules.keeper(place),
    };
    let notes = std::iter::once(Shard::NotLogged).chain(note);
    Some(Delivery {
        id: format!(
            "batch of {} for {}, first {}",
            edge.key.from, place.id, first.request_id
        ),
        end: Some(End {
            at: Some(at),
            to: rules.kept_by.cloned(),
            ..End::new(rules.skipped(), Certainty::Inferred, why)
        }),
        count: *gone,
        estimate: !matches!(known_by, By::Count { at_a_time: 1 } | By::Rhythm),
        notes: notes.map(Phrase::from).collect(),
        ..row_of(place, edge, failed)
    })
}
