//! Records of a stream: a failed batch is retried, and blocks its shard until it succeeds, its retries are used up, or it
//! is too old. AWS does not publish the waits between attempts, so there is no countdown except to the deadline.
//!
//! Log lines do not name the shard: there is one row per mapping for all its shards.

use jiff::{SignedDuration, Timestamp};

mod aged;
mod halves;
mod partial;
mod rhythm;
mod rules;
mod spent;

use super::function_context::{FunctionContext, begun};
use super::policy::{MEMORY, STREAM_QUIET, plus};
use super::words::{Records, Said, Shard, SpentBy};
use crate::domain::delivery::{Certainty, Delivery, End, Fate, Outlook, Pattern, Prediction};
use crate::domain::phrase::Phrase;
use crate::domain::{Edge, EdgePolicy, Invocation, Metric, RunOutcome};
use aged::Arrived;
use rules::{Kind, Rules};

/// Attempts listed of a blocked shard; all are counted.
const LISTED: usize = 50;
/// The first waits are shorter than this, as far as was seen.
const FIRST_WAIT: SignedDuration = SignedDuration::from_secs(5);
/// Lines show within so long, as a rule.
const SHOWN: SignedDuration = SignedDuration::from_secs(15);
/// Longest wait of a record before its first attempt, due to batching.
const AGE_SLACK: SignedDuration = SignedDuration::from_secs(10);

pub(super) fn deliveries(place: &FunctionContext, runs: &[&Invocation]) -> Vec<Delivery> {
    let Some(edge) = place.triggers.stream.first().copied() else {
        return Vec::new();
    };
    let none = EdgePolicy::default();
    let policy = edge.policies.first().unwrap_or(&none);
    let rules = Rules::of(place, edge, policy);
    let (spent, rest) = spent::split(place, policy, &rules, runs);
    let (aged, rest) = aged::split(place, edge, &rules, rest);
    let gone = aged.as_ref().and_then(|aged| aged.came_in(&rules));
    let aged = aged.and_then(|aged| aged.row(place, edge, &rules));
    // With one of them alone, it is the row of the mapping.
    if let ([_], None, Some(1), 0, false) = (
        &spent[..],
        &aged,
        rules.readers_of_attempts(),
        halves::halvings(policy),
        rest.iter().any(|run| run.outcome.is_failure()),
    ) {
        return blocked(place, edge, policy, runs, gone).into_iter().collect();
    }
    let open = blocked(place, edge, policy, rest, gone);
    let ended = spent.iter().filter_map(|spent| spent::row(place, edge, &rules, spent));
    ended.chain(aged).chain(open).collect()
}

/// A row with these attempts, and nothing said of what comes.
fn row_of(place: &FunctionContext, edge: &Edge, failed: &[&Invocation]) -> Delivery {
    Delivery {
        source: (place.triggers.stream.len() == 1).then(|| edge.key.from.clone()),
        attempts: (1_u32..)
            .zip(failed)
            .skip(failed.len().saturating_sub(LISTED))
            .map(|(n, run)| place.attempt(n, run))
            .collect(),
        ..Delivery::new(
            format!("shard of {} for {}", edge.key.from, place.id),
            place.id.clone(),
            Pattern::Stream,
        )
    }
}

/// The row of the current batch, or of all failed invocations that cannot be distinguished. Records that arrived before
/// `gone` no longer exist.
fn blocked(
    place: &FunctionContext,
    edge: &Edge,
    policy: &EdgePolicy,
    runs: &[&Invocation],
    gone: Option<Timestamp>,
) -> Option<Delivery> {
    let rules = Rules::of(place, edge, policy);
    // Of one lane all that failed before its last success is over.
    let is_one_lane = rules.readers == Some(1) && spent::is_plain(place, policy, &rules);
    let turns = if is_one_lane {
        halves::turns(place, runs, halves::halvings(policy))
    } else {
        Vec::new()
    };
    let turn = turns.iter().rfind(|turn| turn.fails());
    let runs = turn.map_or(runs, |turn| &runs[turn.to - turn.runs.len()..]);
    let failed = episode(place, runs);
    if failed.is_empty() {
        return partial::delivery(place, edge, policy, runs);
    }
    let story = Story::of(place, (edge, policy), (runs, &failed), turn, gone)?;
    let (tries, quiet_from) = (story.tries, story.quiet_from);
    let limit = story.limit();
    let mut row = row_of(place, edge, &failed);
    // Then their numbers are no attempts of one.
    row.estimate = tries > limit;
    row.others_pass = story.others_lanes_pass();
    let silent = story.is_silent(&failed, quiet_from);
    if let Some(passed) = story.is_over(runs, quiet_from, silent) {
        row.end = Some(story.end(quiet_from, passed));
        row.notes = story.notes(false);
    } else {
        row.outlook = Some(story.outlook());
        row.notes = story.notes(!silent);
        if silent {
            let said = Shard::Silent {
                since: quiet_from,
                records: story.records_kept(),
                complete_to: place.log.complete_to,
            };
            row.waits = Some(said.into());
        } else if edge.enabled {
            row.waits = Some(Shard::NoWaitsPublished.into());
            row.next = Some(Prediction {
                earliest: quiet_from,
                latest: None,
                // Of several batches that cannot be distinguished, none has more than all attempts.
                attempt: tries.saturating_add(1).min(limit),
                rule: if story.is_row {
                    Shard::SameBatch
                } else {
                    Shard::SomeBatch
                }
                .into(),
                conditions: Vec::new(),
            });
        } else {
            row.waits = Some(Said::MappingOff.into());
        }
    }
    Some(row)
}

/// Whether two of the invocations overlap: a batch has one attempt at a time.
fn overlap(place: &FunctionContext, failed: &[&Invocation]) -> bool {
    failed.windows(2).any(|pair| {
        let ended = place.ended(pair[0]).map(|ended| ended.earliest);
        ended.is_some_and(|ended| begun(pair[1]).is_some_and(|next| next < ended))
    })
}

/// The failed invocations of the current episode: with pauses as between attempts of one batch.
fn episode<'a>(place: &FunctionContext, runs: &[&'a Invocation]) -> Vec<&'a Invocation> {
    let mut row: Vec<&Invocation> = Vec::new();
    let mut next: Option<Timestamp> = None;
    // One that ended, and whose lines can be read both ways, proves nothing.
    let vanished = |run: &Invocation| run.outcome == RunOutcome::Unknown && run.end.is_none();
    let bad = |run: &&&'a Invocation| run.outcome.is_failure() || vanished(run);
    for run in runs.iter().rev().filter(bad) {
        let Some(start) = begun(run) else { continue };
        let pause = STREAM_QUIET + place.timeout();
        let recent = place.now().duration_since(start) <= place.input.memory || next.is_some();
        if !recent || next.is_some_and(|next| next.duration_since(start) > pause) {
            break;
        }
        next = Some(start);
        row.push(run);
    }
    row.reverse();
    row
}

struct Story<'p, 'a> {
    place: &'p FunctionContext<'a>,
    edge: &'p Edge,
    policy: &'p EdgePolicy,
    rules: Rules<'a>,
    since: Timestamp,
    /// When the last of them ended.
    quiet_from: Timestamp,
    tries: u32,
    /// How often a batch can be bisected.
    halvings: usize,
    /// Their turn, if the mapping processes one batch at a time.
    turn: Option<&'p halves::Turn<'p, 'a>>,
    /// Whether they can belong to one batch: no more than its attempts, and no two at a time.
    is_row: bool,
    /// Whether other batches passed meanwhile.
    others_pass: bool,
    /// Records that arrived before this time no longer exist.
    gone: Option<Timestamp>,
}

impl<'p, 'a> Story<'p, 'a> {
    fn of(
        place: &'p FunctionContext<'a>,
        (edge, policy): (&'p Edge, &'p EdgePolicy),
        (runs, failed): (&[&Invocation], &[&Invocation]),
        turn: Option<&'p halves::Turn<'p, 'a>>,
        gone: Option<Timestamp>,
    ) -> Option<Self> {
        let (first, last) = (failed.first()?, failed.last()?);
        let since = begun(first)?;
        // A successful invocation between two failed ones is of another shard, another lane or another half of the batch.
        let is_between = |run: &&&Invocation| begun(run).is_some_and(|at| at > since && Some(at) < begun(last));
        let others_pass = runs.iter().filter(is_between).any(|run| run.outcome == RunOutcome::Ok);
        let story = Self {
            place,
            edge,
            policy,
            rules: Rules::of(place, edge, policy),
            since,
            quiet_from: place.ended(last).map_or(since, |ended| ended.latest),
            tries: u32::try_from(failed.len()).unwrap_or(u32::MAX),
            halvings: halves::halvings(policy),
            turn,
            is_row: false,
            others_pass,
            gone,
        };
        let is_row = story.tries <= story.limit() && !overlap(place, failed);
        Some(Self { is_row, ..story })
    }

    /// Whether they can only belong to one batch, retried as a whole.
    fn is_whole(&self) -> bool {
        !self.others_pass && self.halvings == 0 && self.place.triggers.stream.len() == 1
    }

    /// Whether all failed invocations are attempts of one batch, as far as known.
    fn is_countable(&self) -> bool {
        // Where the shards were not read, several lanes of one are known all the same.
        let several = self
            .rules
            .readers
            .or(self.policy.concurrency.parallelization)
            .unwrap_or(1)
            > 1;
        !several && self.is_row && self.is_whole()
    }

    /// Whether as many failed as one batch has attempts, if several batches may be processed at a time: they may belong to
    /// one or to several.
    fn perhaps_spent(&self) -> bool {
        let is_last = self.tries == self.limit();
        self.rules.readers_of_attempts() != Some(1) && self.is_row && self.is_whole() && is_last
    }

    /// How many attempts a batch has.
    fn limit(&self) -> u32 {
        self.rules.retries.map_or(u32::MAX, |retries| retries.saturating_add(1))
    }

    fn left(&self) -> Option<u32> {
        let retries = self.rules.retries.filter(|_| self.is_countable())?;
        Some(retries.saturating_add(1).saturating_sub(self.tries))
    }

    /// Records at the mapping's on-failure destination.
    fn records_kept(&self) -> Option<Records> {
        let queue = self.rules.kept_by?;
        let depth = self.place.input.depths.get(queue)?;
        let records = depth.visible + depth.in_flight + depth.delayed;
        (records > 0).then(|| Records::Holds {
            queue: self.place.input.name(queue).to_owned(),
            records,
        })
    }

    /// The iterator's age, and when it was measured.
    fn age(&self) -> Option<(Timestamp, SignedDuration)> {
        let last = self.place.input.measured(self.place.id, Metric::IteratorAge)?.last()?;
        Some((
            last.at,
            SignedDuration::from_secs_f64((last.value / 1000.0).clamp(0.0, 1e9)),
        ))
    }

    /// About when the oldest record that waits came into the stream.
    fn arrived(&self) -> Arrived {
        aged::arrived(self.place, self.since, self.others_pass, self.gone)
    }

    /// Whether no retry is left for sure: more batches at a time share the attempts out among them.
    fn is_spent(&self) -> bool {
        self.left() == Some(0) && self.rules.readers_of_attempts() == Some(1)
    }

    fn notes(&self, stands: bool) -> Vec<Phrase> {
        let mut notes = vec![Shard::OneRow];
        if stands {
            let waits = match (self.rules.kind, self.policy.concurrency.parallelization) {
                (Kind::Mq, _) => Shard::BatchRetried,
                (_, Some(lanes)) if lanes > 1 => Shard::LaneWaits { lanes },
                (Kind::Kafka, _) => Shard::PartitionWaits,
                _ => Shard::ShardWaits,
            };
            notes.insert(0, waits);
        }
        if let Some((_, age)) = self.age().filter(|_| stands) {
            let expiry = self.rules.expiry();
            let expires_in = expiry.map(|expiry| (expiry - age).max(SignedDuration::ZERO));
            notes.push(Shard::IteratorAge { age, expires_in });
        }
        if self.halvings > 0 {
            notes.push(Shard::Bisected);
        }
        if self.left() == Some(0) && !self.is_spent() {
            notes.push(Shard::AsManyAsOneHas);
        }
        if self.others_lanes_pass() {
            notes.push(Shard::OthersPassed);
        }
        notes.into_iter().map(Phrase::from).collect()
    }

    /// Whether the shard has moved on, and if so, whether the batch surely passed: a successful invocation came after it;
    /// it is silent, and the iterator's age is less than that of what is blocked; or it was quiet for longer than any wait,
    /// and the log is complete to there.
    fn is_over(&self, runs: &[&Invocation], quiet_from: Timestamp, silent: bool) -> Option<bool> {
        if !self.edge.enabled {
            return None;
        }
        if self.is_spent() || silent && self.is_kept_of_a_lane() {
            return Some(false);
        }
        // With bisected batches, a successful invocation proves nothing for the others.
        if self.halvings > 0 && self.turn.is_some_and(|turn| turn.is_over) {
            return Some(false);
        }
        // In another shard it says nothing, and behind the age of the batch it is of the next one.
        let in_time = |at: Timestamp| {
            let expiry = self.rules.expiry();
            at > quiet_from && expiry.is_none_or(|expiry| at < plus(self.arrived().at.earliest, expiry))
        };
        let passed = self.is_countable()
            && self.rules.readers == Some(1)
            && runs
                .last()
                .is_some_and(|run| run.outcome == RunOutcome::Ok && begun(run).is_some_and(in_time));
        let by = plus(quiet_from, STREAM_QUIET + self.place.timeout());
        let quiet = self.place.log.complete_to.is_some_and(|complete| complete > by);
        // AWS (streams): the iterator age is the maximum of all shards in that minute.
        let age = self.age().filter(|_| silent);
        let fell = age.is_some_and(|(at, age)| at > quiet_from && plus(at, -age) > plus(self.since, AGE_SLACK));
        (passed || quiet || fell).then_some(passed)
    }

    /// Whether successful invocations in between belong to other shards or lanes, so that failed invocations cannot be
    /// assigned.
    fn others_lanes_pass(&self) -> bool {
        self.others_pass && self.turn.is_none()
    }

    /// Whether as many failed as a batch has attempts, and it is not known whether they were of one.
    fn may_be_spent(&self) -> bool {
        let failed = match self.turn {
            // What succeeded after them may have been of other records.
            Some(turn) => u32::try_from(turn.in_row().0).unwrap_or(u32::MAX),
            None => self.tries,
        };
        !self.is_countable() && self.rules.retries.is_some_and(|retries| failed > retries)
    }

    /// Up to when the retries of what fails now are used up, if it keeps failing: AWS publishes no waits, and none was seen
    /// that was longer than this. `None` if there is no limit, or throttles may hold them up.
    fn spent_by(&self) -> Option<Timestamp> {
        let place = self.place;
        let held_up = place.is_off() || place.input.throttled_within(place.id, MEMORY);
        let retries = self.rules.retries.filter(|_| self.edge.enabled && !held_up)?;
        if place.triggers.stream.len() > 1 {
            return None;
        }
        let most = usize::try_from(retries).ok()?.saturating_add(self.halvings);
        let left = match (self.left(), self.turn) {
            (Some(left), _) => left,
            (None, Some(turn)) => u32::try_from((most + 1).saturating_sub(turn.in_row().1)).ok()?,
            // The last one may have been the first of its batch.
            (None, None) => u32::try_from(most).ok()?,
        };
        let wait = STREAM_QUIET + place.timeout();
        let by = wait.checked_mul(i32::try_from(left).ok()?)?;
        Some(plus(self.quiet_from, by))
    }

    /// Whether an attempt is missing that would have come by now if waits had grown as before.
    fn is_silent(&self, failed: &[&Invocation], quiet_from: Timestamp) -> bool {
        let pauses = failed.windows(2).filter_map(|pair| {
            let ended = self.place.ended(pair[0])?.earliest;
            Some(begun(pair[1])?.duration_since(ended))
        });
        let longest = pauses.max().unwrap_or(SignedDuration::ZERO);
        let by = plus(quiet_from, (longest * 2).max(FIRST_WAIT) + self.place.timeout() + SHOWN);
        self.place.log.read_to.is_some_and(|read| read > by)
    }

    /// Whether the attempts belonged to one batch of a lane: as many as it has, no more, and a record at the on-failure
    /// destination.
    fn is_kept_of_a_lane(&self) -> bool {
        self.perhaps_spent() && self.records_kept().is_some()
    }

    fn end(&self, at: Timestamp, passed: bool) -> End {
        let (fate, why) = if self.is_spent() || !passed && self.is_kept_of_a_lane() {
            let why = Shard::Spent {
                attempts: self.tries as usize,
                by: SpentBy::One,
                keeper: self.rules.keeper(self.place),
            };
            (self.rules.skipped(), why)
        } else if passed {
            (Fate::Succeeded, Shard::MovedOn)
        } else {
            let records = self.records_kept();
            (Fate::Unknown, Shard::MovedOnUnknown { records })
        };
        End {
            at: Some(at),
            to: self.rules.kept_by.filter(|_| fate == Fate::DeadLetter).cloned(),
            ..End::new(fate, Certainty::Inferred, why)
        }
    }

    fn outlook(&self) -> Outlook {
        let arrived = self.arrived();
        let mut outlook = self.rules.outlook(self.place, arrived.at, self.left());
        if arrived.lags && outlook.latest.is_some() {
            outlook.earliest = None;
        }
        if self.may_be_spent() {
            // By now; where others pass meanwhile, perhaps not at all.
            outlook.latest = (!self.others_lanes_pass()).then_some(self.quiet_from);
        } else if let Some(by) = self.spent_by() {
            outlook.latest = Some(outlook.latest.map_or(by, |latest| latest.min(by)));
        }
        outlook
    }
}
