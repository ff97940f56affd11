//! Bisected batches on a lane that processes one at a time: the least number of records that can have been lost.
//!
//! AWS (streams): with `BisectBatchOnFunctionError` a batch that fails is split in two and each half is retried separately, which
//! uses no retry. A single record is retried until `MaximumRetryAttempts` is used up. So between two idle times of the
//! lane, its invocations belong to whole batches, the first half before the second. Of all possible assignments, the one
//! with the fewest losses counts.

use jiff::SignedDuration;

use crate::domain::{EdgePolicy, Invocation, RunOutcome};
use crate::forecast::function_context::{FunctionContext, begun};
use crate::forecast::policy::{STREAM_QUIET, plus};

/// AWS (streams): the largest batch of a stream.
const MOST_RECORDS: u32 = 10_000;
/// After a success nothing has to be waited for: Lambda holds the other half. AWS asks a shard at least once a second.
const OTHER_HALF: SignedDuration = SignedDuration::from_secs(5);
/// AWS (streams): a sandbox starts within this time, or its start is retried.
const START: SignedDuration = SignedDuration::from_secs(10);
/// Invocations of one turn that are looked through: the time it takes grows with their cube.
const MOST: usize = 48;

/// How often a batch of a mapping can be bisected until one record is left.
pub(super) fn halvings(policy: &EdgePolicy) -> usize {
    if policy.batching.bisect != Some(true) {
        return 0;
    }
    let records = policy.batching.size.unwrap_or(MOST_RECORDS).max(1);
    usize::try_from(records.next_power_of_two().ilog2()).unwrap_or(0)
}

/// The invocations of one lane up to a moment at which it had nothing to do.
pub(super) struct Turn<'r, 'a> {
    pub runs: &'r [&'a Invocation],
    /// Where the next one begins.
    pub to: usize,
    /// Whether nothing of it is left to retry; otherwise it continues, or its outcome is unknown.
    pub is_over: bool,
}

impl Turn<'_, '_> {
    /// Whether any of it failed.
    pub fn fails(&self) -> bool {
        self.runs.iter().any(|run| run.outcome.is_failure())
    }

    /// Failed attempts that followed each other, the most; and those that no success followed.
    pub fn in_row(&self) -> (usize, usize) {
        let (mut most, mut last) = (0, 0);
        for run in self.runs {
            last = if run.outcome.is_failure() { last + 1 } else { 0 };
            most = most.max(last);
        }
        (most, last)
    }

    /// The fewest records that can have been lost, where its end is known.
    pub fn least_lost(&self, retries: usize, halvings: usize) -> Option<u64> {
        if !self.is_over || self.in_row().0 <= retries {
            return self.is_over.then_some(0);
        }
        let failed: Vec<bool> = self.runs.iter().map(|run| run.outcome.is_failure()).collect();
        (failed.len() <= MOST).then(|| least_lost(&failed, retries, halvings))
    }
}

/// The turns of a lane, in their order.
pub(super) fn turns<'r, 'a>(place: &FunctionContext, runs: &'r [&'a Invocation], halvings: usize) -> Vec<Turn<'r, 'a>> {
    let mut all = Vec::new();
    let mut from = 0;
    for n in 0..runs.len() {
        let Some(is_over) = ends_turn(place, runs[n], runs.get(n + 1).copied(), halvings) else {
            continue;
        };
        all.push(Turn {
            runs: &runs[from..=n],
            to: n + 1,
            is_over,
        });
        from = n + 1;
    }
    if from < runs.len() {
        all.push(Turn {
            runs: &runs[from..],
            to: runs.len(),
            is_over: false,
        });
    }
    all
}

/// Whether a turn ends with this invocation, because nothing is left to retry or that is unknown.
fn ends_turn(place: &FunctionContext, run: &Invocation, next: Option<&Invocation>, halvings: usize) -> Option<bool> {
    let is_ok = run.outcome == RunOutcome::Ok;
    let Some(ended) = place.ended(run).filter(|_| is_ok || run.outcome.is_failure()) else {
        return Some(false);
    };
    let Some(next) = next else {
        let by = plus(ended.latest, OTHER_HALF + START);
        let is_over = halvings == 0 || place.log.complete_to.is_some_and(|to| to >= by);
        return (is_ok && is_over).then_some(true);
    };
    let Some(begins) = begun(next) else { return Some(false) };
    if begins < ended.earliest {
        return Some(false);
    }
    let pause = begins.duration_since(ended.latest) - init(next);
    if is_ok {
        return (halvings == 0 || pause > OTHER_HALF).then_some(true);
    }
    // No batch waits so long for its next attempt.
    (pause > STREAM_QUIET + place.timeout()).then_some(false)
}

/// How long its sandbox took to start.
pub(super) fn init(run: &Invocation) -> SignedDuration {
    SignedDuration::from_micros(run.report.init_us.and_then(|us| i64::try_from(us).ok()).unwrap_or(0))
}

/// The fewest records that can have been lost where the invocations of whole batches failed or succeeded in this order.
fn least_lost(failed: &[bool], retries: usize, halvings: usize) -> u64 {
    let n = failed.len();
    let streak = |from: usize| failed[from..].iter().take_while(|failed| **failed).count();
    let mut single = vec![vec![None::<u64>; n + 1]; n];
    for (from, ends) in single.iter_mut().enumerate() {
        let row = streak(from);
        // AWS (streams): one attempt, and the retries; then it is given up.
        if row > retries {
            ends[from + retries + 1] = Some(1);
        } else if from + row < n {
            ends[from + row + 1] = Some(0);
        }
    }
    let least = |a: Option<u64>, b: Option<u64>| a.into_iter().chain(b).min();
    // Assignments for a batch that can be bisected no more, once, twice …
    let mut batch = single.clone();
    for _ in 0..halvings.min(n) {
        let half = batch.clone();
        for from in (0..n).filter(|from| failed[*from]) {
            for (middle, second) in half.iter().enumerate().skip(from + 2) {
                let Some(first) = half[from + 1][middle] else { continue };
                for (to, all) in batch[from].iter_mut().enumerate() {
                    *all = least(*all, second[to].map(|second| first + second));
                }
            }
        }
    }
    let mut lost = vec![None; n + 1];
    lost[0] = Some(0);
    for from in 0..n {
        let Some(before) = lost[from] else { continue };
        for to in from + 1..=n {
            let all = batch[from][to].map(|own: u64| before + own);
            lost[to] = least(lost[to], all);
        }
    }
    lost[n].unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    /// `x` failed, `.` succeeded.
    fn lost(word: &str, retries: usize, halvings: usize) -> u64 {
        let failed: Vec<bool> = word.chars().map(|one| one == 'x').collect();
        least_lost(&failed, retries, halvings)
    }

    #[test]
    fn a_batch_that_is_not_halved_is_lost_after_its_retries() {
        assert_eq!(lost("xx.", 2, 0), 0);
        assert_eq!(lost("xxx.", 2, 0), 1);
        assert_eq!(lost("xxx.xxx.", 2, 0), 2);
    }

    /// A half is always followed by the other one.
    #[test]
    fn what_failed_and_was_no_half_is_a_record() {
        assert_eq!(lost("xxx.", 2, 4), 1, "no other half came");
        assert_eq!(lost("xxx..", 2, 4), 0, "two records, one of them failed twice");
        assert_eq!(lost("xxxx..", 2, 4), 1);
        assert_eq!(lost("xxxx...", 2, 4), 0, "halved twice");
        assert_eq!(lost("xxxxx....", 2, 2), 1, "four records are halved twice at the most");
        assert_eq!(lost("xxxxxx..", 4, 2), 1);
        assert_eq!(lost("xxxxx.", 4, 2), 1);
    }

    #[test]
    fn where_it_can_be_otherwise_nothing_is_lost() {
        assert_eq!(lost("x.x.", 1, 1), 0);
        assert_eq!(lost("xx.xx..", 2, 2), 0);
        assert_eq!(lost("xxxxxx", 2, 0), 2);
    }

    #[test]
    fn a_batch_of_so_many_records_is_halved_so_often() {
        let of = |batch_size, bisect| {
            let mut policy = EdgePolicy::default();
            (policy.batching.size, policy.batching.bisect) = (batch_size, bisect);
            halvings(&policy)
        };
        let on = Some(true);
        assert_eq!([1, 2, 3, 4, 5, 10, 100].map(|n| of(Some(n), on)), [0, 1, 2, 2, 3, 4, 7]);
        assert_eq!((of(None, on), of(Some(10), None)), (14, 0));
    }

    /// A lane that is handed batches whose records fail so often each: the story of its invocations, and how many records are
    /// given up.
    fn played(batches: &[Vec<usize>], retries: usize) -> (Vec<bool>, u64) {
        let (mut story, mut lost) = (Vec::new(), 0);
        let mut work: Vec<Vec<usize>> = batches.iter().rev().cloned().collect();
        let mut attempts = 0;
        while let Some(mut batch) = work.pop() {
            let fails = batch.iter().any(|left| *left > 0);
            story.push(fails);
            // Each invocation gets as far as the first record that fails.
            if let Some(left) = batch.iter_mut().find(|left| **left > 0) {
                *left -= 1;
            }
            if fails && batch.len() > 1 {
                let second = batch.split_off(batch.len() / 2);
                work.extend([second, batch]);
                attempts = 0;
            } else if fails && attempts < retries {
                attempts += 1;
                work.push(batch);
            } else {
                lost += u64::from(fails);
                attempts = 0;
            }
        }
        (story, lost)
    }

    proptest! {
        #[test]
        fn never_more_are_called_lost_than_are(
            batches in vec(vec(prop_oneof![3 => Just(0_usize), 2 => 0_usize..6], 1..=8), 1..4),
            retries in 0_usize..4,
        ) {
            let (story, lost) = played(&batches, retries);
            prop_assert!(least_lost(&story, retries, 3) <= lost, "{story:?}");
        }
    }
}
