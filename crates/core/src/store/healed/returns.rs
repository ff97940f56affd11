//! A queue's messages by its reader's log alone: one that failed comes again when it is visible. Where no attempt failed then,
//! it was processed.

use jiff::{SignedDuration, Timestamp};

use super::{Facts, LAG, SEEN, Verdict};
use crate::domain::{Detail, Edge, EdgeKind, NodeId, RunOutcome};
use crate::store::HOUR;
use crate::store::coming::{Cause, Coming};

/// Lambda receives a message within so long when it is visible again; its log may tell the start of an attempt a little late.
const POLLED: SignedDuration = SignedDuration::from_secs(25);
const EARLY: SignedDuration = SignedDuration::from_secs(2);
/// As a rule so soon.
const PROMPT: SignedDuration = SignedDuration::from_secs(4);

/// A queue that moves nothing, by its reader's log alone: a message that failed comes again when it is visible. Where no attempt
/// failed then, it was processed.
pub(super) fn verdict(one: &Coming, queue: &NodeId, facts: &Facts<'_>) -> Option<Verdict> {
    let Detail::Queue(detail) = &facts.topology.nodes.get(queue)?.detail else {
        return None;
    };
    let out = facts.topology.from(queue).map(AsRef::as_ref);
    let readers: Vec<&Edge> = out.filter(|edge| edge.key.kind == EdgeKind::Trigger).collect();
    let [reader] = &readers[..] else { return None };
    let [policy] = &reader.policies[..] else { return None };
    let waits = policy.batching.window_s.unwrap_or(0) > 0;
    // What waits behind the head of a message group may expire soon after its first attempt.
    let other_rules = one.cause != Cause::QueueRetention || detail.fifo || waits;
    if other_rules || !reader.enabled || (facts.throttled)(&one.of) {
        return None;
    }
    let runs = facts.invocations.get(&one.of)?;
    let starts = runs
        .iter()
        .filter(|run| run.outcome.is_failure() || run.outcome == RunOutcome::Ok);
    let starts = starts.filter_map(|run| Some((run.start?, run.outcome.is_failure())));
    let mut starts: Vec<(Timestamp, bool)> = starts.filter(|(at, _)| facts.now.duration_since(*at) <= HOUR).collect();
    starts.sort_unstable();
    let visibility = SignedDuration::from_secs(detail.visibility_timeout_s.into());
    let retention = SignedDuration::from_secs(detail.retention_s.into());
    let (passed, open) = returned(&starts, (visibility, retention), facts.now);
    let saved = passed.iter().filter(|attempts| Some(**attempts) >= open).count() as u64;
    (saved >= SEEN).then_some(Verdict::Saved(saved))
}

/// Attempts that may have been of one message, each when it was due.
struct Tried {
    first: Timestamp,
    last: Timestamp,
    attempts: u32,
    /// An attempt succeeded as soon as its message was visible again, and none failed then.
    passed: bool,
}

impl Tried {
    /// Whether an attempt began when the message was visible again: as soon as that, or within the longest poll.
    fn is_due(&self, start: Timestamp, visibility: SignedDuration, within: SignedDuration) -> bool {
        let after = start.duration_since(self.last) - visibility;
        after >= -EARLY && after <= within
    }
}

/// How often messages failed that passed then, long before they could expire, and the most that one failed that may come again;
/// by when attempts began, and whether they failed.
fn returned(
    starts: &[(Timestamp, bool)],
    (visibility, retention): (SignedDuration, SignedDuration),
    now: Timestamp,
) -> (Vec<u32>, Option<u32>) {
    let failed = starts.iter().filter(|(_, failed)| *failed).count();
    // Where most succeed at once, a success proves nothing of a message that failed.
    let tells = (starts.len() - failed) <= failed * 2;
    let mut of_one: Vec<Tried> = Vec::new();
    for (start, failed) in starts.iter().copied() {
        let prompt = of_one.iter_mut().find(|one| one.is_due(start, visibility, PROMPT));
        match (failed, prompt) {
            (true, Some(one)) => (one.last, one.attempts, one.passed) = (start, one.attempts + 1, false),
            (true, None) => {
                let mut late = of_one.iter_mut().filter(|one| !one.passed);
                match late.find(|one| one.is_due(start, visibility, POLLED)) {
                    Some(one) => (one.last, one.attempts) = (start, one.attempts + 1),
                    None => of_one.push(Tried {
                        first: start,
                        last: start,
                        attempts: 1,
                        passed: false,
                    }),
                }
            }
            (false, Some(one)) if tells => one.passed = true,
            (false, _) => {}
        }
    }
    let is_over = |one: &Tried| now.duration_since(one.last) > visibility + POLLED + LAG;
    let is_young = |one: &Tried| (one.last.duration_since(one.first) + visibility) * 4 <= retention;
    let passed = of_one
        .iter()
        .filter(|one| (one.passed || is_over(one)) && is_young(one));
    let open = of_one.iter().filter(|one| !one.passed && !is_over(one));
    (
        passed.map(|one| one.attempts).collect(),
        open.map(|one| one.attempts).max(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const FOUR_DAYS: SignedDuration = SignedDuration::from_hours(96);

    fn at(s: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + s).expect("a time")
    }

    fn times(seconds: &[i64]) -> Vec<Timestamp> {
        seconds.iter().map(|s| at(*s)).collect()
    }

    #[test]
    fn what_did_not_fail_again_when_it_was_due_has_passed() {
        let visibility = SignedDuration::from_secs(10);
        let all_failed = |seconds: &[i64]| -> Vec<_> { times(seconds).into_iter().map(|at| (at, true)).collect() };
        let of = |seconds: &[i64], now| returned(&all_failed(seconds), (visibility, FOUR_DAYS), at(now));
        // Each fails once; the last one is due now.
        assert_eq!(of(&[0, 40, 80, 200], 205), (vec![1, 1, 1], Some(1)));
        // One goes on failing.
        assert_eq!(of(&[0, 11, 22, 33, 44], 50), (vec![], Some(5)));
        assert_eq!(of(&[0, 11, 60, 140, 151, 162], 165), (vec![2, 1], Some(3)));
        assert_eq!(of(&[0], 60), (vec![], Some(1)), "its lines may be on their way");
        let soon = (visibility, SignedDuration::from_mins(2));
        assert_eq!(
            returned(&all_failed(&[0, 11, 22, 33]), soon, at(200)),
            (vec![], None),
            "it may have expired"
        );
    }

    #[test]
    fn what_succeeded_as_soon_as_it_was_visible_again_has_passed() {
        let visibility = SignedDuration::from_secs(20);
        let of = |failed: &[i64], passed: &[i64], now| {
            let mut starts: Vec<_> = times(failed).into_iter().map(|at| (at, true)).collect();
            starts.extend(times(passed).into_iter().map(|at| (at, false)));
            starts.sort_unstable();
            returned(&starts, (visibility, FOUR_DAYS), at(now))
        };
        // One comes every fifteen seconds, fails once, and passes when it comes again.
        assert_eq!(of(&[0, 15, 30, 45], &[21, 36, 51], 52), (vec![1, 1, 1], Some(1)));
        // One of them goes on failing.
        let (passed, open) = of(&[0, 15, 21, 30, 42, 45], &[36, 51], 52);
        assert_eq!((passed, open), (vec![1, 1], Some(3)));
        // Where most succeed, the success is of another.
        let many: Vec<i64> = (0..60).collect();
        assert_eq!(of(&[0, 20, 40], &many, 52).1, Some(3));
        assert_eq!(of(&[0, 26], &many, 27), (vec![], Some(2)), "polled late");
    }
}
