//! Records that exceeded the maximum age while no invocation succeeded: they are lost, whatever their shard.
//!
//! A failed batch contains records that arrived before it. If every later invocation failed, none of them succeeded, in
//! whatever shard or lane and however the batch was bisected: once the maximum age has passed, the mapping has skipped them
//! or the stream has deleted them. The iterator age may show records that arrived even earlier.

use jiff::{SignedDuration, Timestamp};

use super::rules::{Age, Rules};
use super::{AGE_SLACK, LISTED, row_of};
use crate::domain::delivery::{Certainty, Delivery, End, Fate, Pattern};
use crate::domain::phrase::Exact;
use crate::domain::{Edge, Invocation, Metric};
use crate::forecast::function_context::{FunctionContext, begun};
use crate::forecast::policy::{MEMORY, Window, plus};
use crate::forecast::words::Shard;

/// AWS (metrics): a metric's value is of any moment of its minute.
const MINUTE: SignedDuration = SignedDuration::from_mins(1);
/// An attempt this far beyond the assumed maximum age shows that the limit is different.
const BEYOND: SignedDuration = SignedDuration::from_mins(3);

/// Records of one mapping lost by their age.
pub(super) struct Aged<'a> {
    /// The latest times at which records were lost, at least one each; of the last hour, in order of time.
    pub gone: Vec<Timestamp>,
    /// The listed failed invocations with them.
    failed: Vec<&'a Invocation>,
    tries: usize,
}

/// Records lost by their age, and the invocations after the last of them.
pub(super) fn split<'r, 'a>(
    place: &FunctionContext,
    edge: &Edge,
    rules: &Rules,
    runs: &'r [&'a Invocation],
) -> (Option<Aged<'a>>, &'r [&'a Invocation]) {
    let nothing = (None, runs);
    let (Some(limit), Some(complete_to)) = (limit(place, edge, rules), place.log.complete_to) else {
        return nothing;
    };
    let measured = Ages::of(place);
    if measured.is_beyond(limit) {
        return nothing;
    }
    let mut aged = Aged {
        gone: Vec::new(),
        failed: Vec::new(),
        tries: 0,
    };
    let (mut rest, mut from) = (0, 0);
    let known = complete_to.min(place.now());
    for (n, run) in runs.iter().enumerate() {
        let Some(start) = begun(run) else {
            from = n + 1;
            continue;
        };
        if let Some(by) = measured.gone_by(&runs[from..n], limit, start).filter(|by| *by <= known) {
            aged.take(place, &runs[from..n], by);
            (rest, from) = (n, n);
        }
        // Whatever may have succeeded may have been of the batch that failed before.
        if !run.outcome.is_failure() {
            from = n + 1;
        }
    }
    if let Some(by) = measured.gone_by(&runs[from..], limit, known) {
        aged.take(place, &runs[from..], by);
        rest = runs.len();
    }
    let lost = !aged.gone.is_empty();
    (lost.then_some(aged), &runs[rest..])
}

/// The age at which records are certainly lost; `None` if it, or the mapping of an invocation, is uncertain.
fn limit(place: &FunctionContext, edge: &Edge, rules: &Rules) -> Option<SignedDuration> {
    let is_alone =
        place.triggers.only() == Some(Pattern::Stream) && place.triggers.stream.len() == 1 && edge.policies.len() <= 1;
    let hides_runs = place.input.unobservable.iter().any(|entry| entry.function == *place.id);
    if !is_alone || hides_runs {
        return None;
    }
    match rules.age() {
        // A mapping that is off skips nothing: only when it is on again.
        Age::Mapping(age) if edge.enabled => Some(age),
        Age::Source(age) if rules.is_exact() => Some(age),
        _ => None,
    }
}

/// The iterator age by minute. AWS (streams): the maximum of all shards in that minute.
struct Ages(Vec<(Timestamp, SignedDuration)>);

impl Ages {
    fn of(place: &FunctionContext) -> Self {
        let points = place.input.measured(place.id, Metric::IteratorAge);
        let points = points.into_iter().flat_map(|measured| measured.points);
        let age = |ms: f64| SignedDuration::from_secs_f64((ms / 1000.0).clamp(0.0, 1e9));
        Self(points.map(|point| (point.at, age(point.value))).collect())
    }

    fn is_beyond(&self, limit: SignedDuration) -> bool {
        self.0.iter().any(|(_, age)| *age > limit + BEYOND)
    }

    /// The latest time at which records of these failed invocations are lost, if that is before `until`, when the next
    /// invocation started.
    fn gone_by(&self, failed: &[&Invocation], limit: SignedDuration, until: Timestamp) -> Option<Timestamp> {
        let since = begun(failed.first()?)?;
        let whole = self
            .0
            .iter()
            .filter(|(at, _)| *at >= since && plus(*at, MINUTE) <= until);
        let came_in = whole.map(|(at, age)| plus(*at, MINUTE - *age)).chain([since]).min()?;
        let by = plus(came_in, limit).max(since);
        (by <= until).then_some(by)
    }
}

impl<'a> Aged<'a> {
    fn take(&mut self, place: &FunctionContext, failed: &[&'a Invocation], by: Timestamp) {
        if place.now().duration_since(by) > MEMORY {
            return;
        }
        self.gone.push(by);
        self.tries += failed.len();
        self.failed.extend(failed);
        let more = self.failed.len().saturating_sub(LISTED);
        self.failed.drain(..more);
    }

    /// The row for them.
    pub fn row(&self, place: &FunctionContext, edge: &Edge, rules: &Rules) -> Option<Delivery> {
        let (first, last) = (*self.gone.first()?, *self.gone.last()?);
        let attempts = self.tries;
        let (fate, why) = match (rules.age(), rules.keeper(place)) {
            (Age::Mapping(age), keeper) => {
                let fate = if keeper.is_some() {
                    Fate::DeadLetter
                } else {
                    Fate::Expired
                };
                let age = Exact(age);
                (fate, Shard::TooOld { attempts, age, keeper })
            }
            // With a limit of retries it may have been given up before.
            (Age::Source(age), Some(keeper)) if self.may_be_given_up(rules) => {
                let why = Shard::ExpiredOrKept {
                    attempts,
                    retention: Exact(age),
                    keeper,
                };
                (Fate::Unknown, why)
            }
            (Age::Source(age), _) => {
                let retention = Exact(age);
                (Fate::Expired, Shard::Expired { attempts, retention })
            }
            (Age::Unknown, _) => return None,
        };
        let to = rules.kept_by.filter(|_| fate == Fate::DeadLetter).cloned();
        Some(Delivery {
            id: format!("records of {} too old for {}", edge.key.from, place.id),
            end: Some(End {
                at: Some(last),
                to,
                ..End::new(fate, Certainty::Inferred, why)
            }),
            count: u64::try_from(self.gone.len()).unwrap_or(u64::MAX),
            notes: vec![Shard::AtLeast.into(), Shard::TooOldBy { by: first }.into()],
            ..row_of(place, edge, &self.failed)
        })
    }

    fn may_be_given_up(&self, rules: &Rules) -> bool {
        let limit = rules.retries.and_then(|retries| usize::try_from(retries).ok());
        limit.is_some_and(|limit| self.tries > limit)
    }

    /// Records that arrived before this time are lost.
    pub fn came_in(&self, rules: &Rules) -> Option<Timestamp> {
        Some(plus(*self.gone.last()?, -rules.expiry()?))
    }
}

/// When the oldest record that waits came in.
pub(super) struct Arrived {
    /// By the first failed attempt and the iterator's age.
    pub at: Window,
    /// Whether it was behind before: then it is not known how much older than its last record a batch is.
    pub lags: bool,
}

/// When the oldest waiting record arrived, as far as known; records before `gone` no longer exist, and those at that time
/// are next.
pub(super) fn arrived(
    place: &FunctionContext,
    since: Timestamp,
    others_pass: bool,
    gone: Option<Timestamp>,
) -> Arrived {
    let measured = Ages::of(place).0.pop().filter(|(at, _)| plus(*at, MINUTE) > since);
    // AWS (streams): the age is that of the last record of the batch.
    let by_age = measured.map(|(at, age)| Window::at(plus(at, -age)).after(SignedDuration::ZERO, MINUTE));
    let lags = by_age.is_some_and(|by_age| by_age.latest < plus(since, -AGE_SLACK));
    let earliest = by_age
        .map(|by_age| by_age.earliest)
        .into_iter()
        .chain(gone)
        .fold(since, Timestamp::min);
    // The batch of that minute may have succeeded: then this is another one.
    let latest = by_age
        .filter(|_| !others_pass)
        .map_or(since, |by_age| by_age.latest.min(since));
    Arrived {
        at: Window { earliest, latest },
        lags: lags && gone.is_none(),
    }
}
