//! What later attempts made good of a queue's messages and a stream's batches: what fails at first and passes each time is
//! no loss to come.
//!
//! Few log lines name a message, and none names a shard, so it follows from what cannot be otherwise: a queue that was
//! found empty has no earlier failed message, and a shard that processes one batch at a time continues only when its batch
//! succeeded or was skipped.

mod returns;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::HOUR;
use super::coming::{Cause, Coming, failed};
use super::losses::Losses;
use super::snapshot::Topology;
use crate::domain::delivery::{Deliveries, Delivery, Fate, Pattern};
use crate::domain::{Detail, Edge, EdgeKind, EdgePolicy, Invocation, NodeId, RunOutcome};
use crate::logs::Runs;

/// So many that were saved are no chance.
const SEEN: u64 = 3;
/// AWS (sqs): a queue's counts are right within a minute.
const LAG: SignedDuration = SignedDuration::from_secs(60);
/// What fails now is expected to be saved for so long, or for some visibility timeouts; then its queue would have been found
/// empty, if it were.
const GRACE: SignedDuration = SignedDuration::from_mins(5);
/// Pauses between the attempts of a batch are shorter, as far as was seen.
const QUIET: SignedDuration = SignedDuration::from_mins(2);
/// Moments remembered of a queue, one a half minute at most.
const EMPTIES: usize = 128;
const EVERY: SignedDuration = SignedDuration::from_secs(30);

/// When a queue was found empty, in the last hour.
#[derive(Debug, Default)]
pub(super) struct Empties(VecDeque<Timestamp>);

impl Empties {
    /// It was found empty: of a row of such readings the last counts, as long as they are close together.
    pub fn note(&mut self, at: Timestamp) {
        let mut newest = self.0.iter().rev();
        if let (Some(last), Some(before)) = (newest.next(), newest.next())
            && last.duration_since(*before) < EVERY
        {
            self.0.pop_back();
        }
        self.0.push_back(at);
        while self.0.len() > EMPTIES || self.0.front().is_some_and(|old| at.duration_since(*old) > HOUR) {
            self.0.pop_front();
        }
    }

    fn all(&self) -> impl DoubleEndedIterator<Item = Timestamp> {
        self.0.iter().copied()
    }
}

/// What is known where attempts may have made good what failed.
pub(super) struct Facts<'a> {
    pub topology: &'a Topology,
    pub deliveries: &'a Deliveries,
    pub losses: &'a Losses,
    pub invocations: &'a BTreeMap<NodeId, Arc<Runs>>,
    /// When a queue was found empty.
    pub empties: &'a dyn Fn(&NodeId) -> Option<&'a Empties>,
    /// Whether a function was throttled in the last hour, or may have been.
    pub throttled: &'a dyn Fn(&NodeId) -> bool,
    pub now: Timestamp,
}

/// What is to be said of a loss to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// There is no sign that a retry will succeed.
    Stands,
    /// So many that failed as often were saved.
    Saved(u64),
    /// The failed event no longer exists.
    Gone,
}

/// Removes events that can no longer be lost, and marks those that will probably be saved.
pub(super) fn heal(all: &mut Vec<Coming>, facts: &Facts<'_>) {
    all.retain_mut(|one| match verdict(one, facts) {
        Verdict::Stands => true,
        Verdict::Gone => false,
        Verdict::Saved(saved) => {
            one.saved = saved;
            one.conditional = true;
            one.past = false;
            true
        }
    });
}

fn verdict(one: &Coming, facts: &Facts<'_>) -> Verdict {
    let Some(source) = &one.source else {
        return Verdict::Stands;
    };
    if one.lost > 0 || facts.losses.of(source).next().is_some() {
        return Verdict::Stands;
    }
    match one.cause {
        Cause::QueueRetention | Cause::RetentionBeforeDeadLetter => {
            let told = by_depth(one, source, facts).or_else(|| returns::verdict(one, source, facts));
            told.unwrap_or_else(|| by_rows(one, source, facts))
        }
        Cause::StreamRetention | Cause::NoDestination | Cause::RecordAge => by_shard(one, source, facts),
        Cause::KeeperGone | Cause::DestinationGone | Cause::KeeperUnheard
            if one.source.as_ref().is_some_and(|source| is_stream(source, facts)) =>
        {
            by_shard(one, source, facts)
        }
        Cause::NoDeadLetterQueue
        | Cause::KeeperGone
        | Cause::DestinationGone
        | Cause::KeeperUnheard
        | Cause::NobodyReads
        | Cause::DeadLetterRetention
        | Cause::ReadTooSlowly
        | Cause::Returned
        | Cause::StreamUnread => Verdict::Stands,
    }
}

fn is_stream(source: &NodeId, facts: &Facts<'_>) -> bool {
    let node = facts.topology.nodes.get(source);
    node.is_some_and(|node| !matches!(node.detail, Detail::Queue(_)))
}

/// A queue's failed attempts, held against when it was found empty.
fn by_depth(one: &Coming, queue: &NodeId, facts: &Facts<'_>) -> Option<Verdict> {
    let Detail::Queue(detail) = &facts.topology.nodes.get(queue)?.detail else {
        return None;
    };
    let empties = (facts.empties)(queue)?;
    let retention = SignedDuration::from_secs(detail.retention_s.into());
    let visibility = SignedDuration::from_secs(detail.visibility_timeout_s.into());
    let runs = facts.invocations.get(&one.of)?;
    let ends = runs.iter().filter(|run| run.outcome.is_failure());
    let ends = ends.filter_map(|run| run.end.or(run.start));
    let recent: Vec<Timestamp> = ends.filter(|at| facts.now.duration_since(*at) <= HOUR).collect();
    if recent.is_empty() {
        return None;
    }
    let grace = GRACE.max(visibility * 4 + LAG);
    match emptied(&recent, empties, retention) {
        (_, None) => Some(Verdict::Gone),
        // Attempts are no events: that they are all made good is all that is known.
        (saved, Some(open)) if saved >= SEEN && facts.now.duration_since(open) <= grace => Some(Verdict::Gone),
        _ => None,
    }
}

/// The number of these failed attempts whose message certainly succeeded later, and the first of those that may still be
/// retried. A message that failed between two times at which the queue was empty, less than a retention apart, arrived after
/// the first and cannot have expired by the second.
fn emptied(failed: &[Timestamp], empties: &Empties, retention: SignedDuration) -> (u64, Option<Timestamp>) {
    let Some(last) = empties.all().next_back() else {
        return (0, failed.iter().min().copied());
    };
    let is_closed = |at: &&Timestamp| last.duration_since(**at) >= LAG;
    let made_good = |at: &&Timestamp| {
        let before = empties.all().rev().find(|empty| empty <= *at);
        let after = empties.all().find(|empty| empty.duration_since(**at) >= LAG);
        after.is_some_and(|after| match before {
            Some(before) => after.duration_since(before) + LAG < retention,
            None => after.duration_since(**at) <= HOUR && retention > HOUR * 2,
        })
    };
    let saved = failed.iter().filter(made_good).count() as u64;
    let open = failed.iter().filter(|at| !is_closed(at)).min();
    (saved, open.copied())
}

/// Messages that lines name: those that failed as often, and passed in the end.
fn by_rows(one: &Coming, source: &NodeId, facts: &Facts<'_>) -> Verdict {
    let rows = facts.deliveries.deliveries.iter();
    let own = rows
        .filter(|row| row.pattern == Pattern::Queue && row.function == one.of && row.source.as_ref() == Some(source));
    let (ended, open): (Vec<&Delivery>, Vec<&Delivery>) = own.partition(|row| row.end.is_some());
    let Some(most) = open.iter().map(|row| failed(row)).max() else {
        return Verdict::Stands;
    };
    if open.iter().any(|row| row.estimate) {
        return Verdict::Stands;
    }
    let is_saved = |row: &&&Delivery| {
        let fate = row.end.as_ref().map(|end| end.fate);
        !row.estimate && fate == Some(Fate::Succeeded) && failed(row) >= most
    };
    enough(ended.iter().filter(is_saved).count() as u64)
}

fn enough(saved: u64) -> Verdict {
    if saved >= SEEN {
        Verdict::Saved(saved)
    } else {
        Verdict::Stands
    }
}

/// The verdict on a stream, by the batches after the failed ones.
fn by_shard(one: &Coming, source: &NodeId, facts: &Facts<'_>) -> Verdict {
    let into = facts.topology.edges.iter().map(AsRef::as_ref);
    let triggers: Vec<&Edge> = into
        .filter(|edge| edge.key.kind == EdgeKind::Trigger && edge.key.to == one.of)
        .collect();
    // What else starts the function succeeds or fails in the same log.
    let ([edge], Some(runs)) = (&triggers[..], facts.invocations.get(&one.of)) else {
        return Verdict::Stands;
    };
    let [policy] = &edge.policies[..] else {
        return Verdict::Stands;
    };
    if edge.key.from != *source || policy.batching.partial_response == Some(true) {
        return Verdict::Stands;
    }
    let streaks = Streaks::of(runs.iter().map(AsRef::as_ref), policy, facts.now);
    match streaks.open {
        0 => Verdict::Gone,
        open => enough(streaks.saved.range(open..).map(|(_, count)| count).sum()),
    }
}

/// Failed attempts that followed each other, by how they ended.
#[derive(Debug, Default, PartialEq, Eq)]
struct Streaks {
    /// How many batches passed, by their failed attempts.
    saved: BTreeMap<u32, u64>,
    /// Failed attempts without a sign that their batch succeeded.
    open: u32,
}

impl Streaks {
    fn of<'a>(runs: impl Iterator<Item = &'a Invocation>, policy: &EdgePolicy, now: Timestamp) -> Self {
        let mut ended: Vec<(Timestamp, bool)> = runs
            .filter(|run| run.outcome != RunOutcome::Running)
            .filter_map(|run| Some((run.end.or(run.start)?, run.outcome == RunOutcome::Ok)))
            .filter(|(at, _)| now.duration_since(*at) <= HOUR)
            .collect();
        ended.sort_unstable();
        let lanes = policy.concurrency.parallelization.unwrap_or(1).max(1);
        let is_one_at_a_time = policy.stream.shards == Some(1) && lanes == 1 && policy.batching.bisect != Some(true);
        let limit = policy.retries.max.and_then(|retries| u32::try_from(retries).ok());
        let age = policy
            .retries
            .max_age_s
            .filter(|age| *age > 0)
            .map(SignedDuration::from_secs);
        let mut streaks = Self::default();
        let mut first: Option<Timestamp> = None;
        let mut last: Option<Timestamp> = None;
        for (at, is_ok) in ended {
            // Several at a time: only a pause shows that none is retried any more.
            let is_quiet = last.is_some_and(|last| at.duration_since(last) > QUIET);
            let passed = if is_one_at_a_time {
                is_ok
            } else {
                is_quiet && limit.is_none()
            };
            if passed && streaks.open > 0 {
                let is_young = |age: SignedDuration| {
                    let took = first.zip(last).map(|(first, last)| last.duration_since(first));
                    took.is_some_and(|took| took * 2 < age)
                };
                // After the last attempt that it has, or past its age, it was given up.
                let has_more = limit.is_none_or(|limit| streaks.open <= limit);
                if has_more && age.is_none_or(is_young) {
                    *streaks.saved.entry(streaks.open).or_default() += 1;
                }
                streaks.open = 0;
                first = None;
            }
            if !is_ok {
                streaks.open += 1;
                first = first.or(Some(at));
                last = Some(at);
            }
        }
        streaks
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{RetryPolicy, RunReport, StreamSource};

    fn at(s: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + s).expect("a time")
    }

    fn empties(times: &[i64]) -> Empties {
        Empties(times.iter().map(|s| at(*s)).collect())
    }

    fn times(seconds: &[i64]) -> Vec<Timestamp> {
        seconds.iter().map(|s| at(*s)).collect()
    }

    const FOUR_DAYS: SignedDuration = SignedDuration::from_hours(96);

    #[test]
    fn what_failed_before_a_queue_was_empty_is_there_no_more() {
        let failed = times(&[0, 20, 40, 60]);
        assert_eq!(emptied(&failed, &empties(&[5, 125]), FOUR_DAYS), (4, None));
        // The counts of a queue lag by a minute.
        assert_eq!(emptied(&failed, &empties(&[5, 85]), FOUR_DAYS), (2, Some(at(40))));
        assert_eq!(emptied(&failed, &empties(&[]), FOUR_DAYS), (0, Some(at(0))));
    }

    #[test]
    fn a_queue_that_is_empty_because_its_messages_expired_proves_nothing() {
        let minute = SignedDuration::from_mins(1);
        let failed = times(&[0, 20, 40, 60]);
        assert_eq!(emptied(&failed, &empties(&[-5, 125]), minute), (0, None));
        assert_eq!(emptied(&failed, &empties(&[-5, 125]), minute * 3), (0, None));
        assert_eq!(emptied(&failed, &empties(&[-5, 125]), minute * 4), (4, None));
    }

    #[test]
    fn of_many_empty_readings_few_are_remembered() {
        let mut all = Empties::default();
        (0..7_200).for_each(|s| all.note(at(s)));
        assert!(all.0.len() <= EMPTIES, "{}", all.0.len());
        assert_eq!(all.0.back(), Some(&at(7_199)));
        let pauses = all.0.iter().zip(all.0.iter().skip(1));
        assert!(pauses.clone().all(|(a, b)| b.duration_since(*a) <= EVERY * 2));
    }

    /// Attempts ten seconds apart: `x` failed, `.` succeeded, a space is two minutes and a half.
    fn streaks(story: &str, policy: &EdgePolicy) -> (Vec<(u32, u64)>, u32) {
        let mut now = 0;
        let mut runs = Vec::new();
        for one in story.chars() {
            now += if one == ' ' { 150 } else { 10 };
            let outcome = match one {
                'x' => RunOutcome::Error,
                '.' => RunOutcome::Ok,
                _ => continue,
            };
            runs.push(Invocation {
                function: NodeId::from("f"),
                request_id: format!("r{now}"),
                attempt: 1,
                stream: "s".into(),
                start: Some(at(now)),
                end: Some(at(now)),
                outcome,
                error: None,
                report: RunReport::default(),
                xray: None,
                version: None,
                message_ids: Vec::new(),
            });
        }
        let found = Streaks::of(runs.iter(), policy, at(now));
        (found.saved.into_iter().collect(), found.open)
    }

    fn one_shard(retries: Option<i64>) -> EdgePolicy {
        EdgePolicy {
            stream: StreamSource {
                shards: Some(1),
                ..StreamSource::default()
            },
            retries: RetryPolicy {
                max: retries,
                ..RetryPolicy::default()
            },
            ..EdgePolicy::default()
        }
    }

    #[test]
    fn a_shard_goes_on_when_its_batch_passed() {
        assert_eq!(streaks("xx.xx.xx.", &one_shard(None)), (vec![(2, 3)], 0));
        assert_eq!(streaks("xx.xx.xx.x", &one_shard(Some(5))), (vec![(2, 3)], 1));
    }

    #[test]
    fn or_when_it_was_given_up() {
        assert_eq!(streaks("xxx.xxx.xx.", &one_shard(Some(2))), (vec![(2, 1)], 0));
        let aged = EdgePolicy {
            retries: RetryPolicy {
                max_age_s: Some(60),
                ..one_shard(None).retries
            },
            ..one_shard(None)
        };
        assert_eq!(streaks("xxxxxxx.xx.", &aged), (vec![(2, 1)], 0));
    }

    #[test]
    fn of_several_shards_only_a_pause_tells() {
        let several = EdgePolicy {
            stream: StreamSource {
                shards: Some(2),
                ..StreamSource::default()
            },
            ..EdgePolicy::default()
        };
        assert_eq!(streaks("x.x.x.", &several), (vec![], 3));
        assert_eq!(streaks("xx. x. x", &several), (vec![(1, 1), (2, 1)], 1));
    }
}
