//! Why a window may not be kept although AWS's waits are known: throttles, and a long queue. AWS (async): a throttled event waits
//! 1 s, doubled up to 5 minutes, and where Lambda's internal queue is long the retry interval grows.

use std::collections::{HashMap, HashSet};

use jiff::{SignedDuration, Timestamp};

use super::function_context::{FunctionContext, begun};
use super::policy::{ASYNC_WAITS, MEMORY, async_retry};
use crate::domain::{Condition, Invocation, Metric, Point};

/// Metrics are minutes late, and throttled events are retried for minutes.
pub(super) const SHOWS: SignedDuration = SignedDuration::from_mins(15);
/// A retry this much later than its window was held up.
const LATE: SignedDuration = SignedDuration::from_secs(2);
/// An event age this much beyond that of two failed attempts and their waits means a long queue.
const OLD: SignedDuration = SignedDuration::from_secs(60);

/// What holds events of a function up, as far as was seen.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Pressure {
    /// Throttles counted, and when they were read.
    throttles: Option<(u64, Option<Timestamp>)>,
    /// The first minute of the last hour in which a throttle was counted.
    since: Option<Timestamp>,
    /// Reserved concurrency, if all of it was in use.
    reached: Option<u32>,
    /// The maximum event age, if retries do not explain it.
    age_s: Option<i64>,
    /// Since when retries have come after their windows; `None` if none did.
    late: Option<Timestamp>,
}

impl Pressure {
    pub fn of(place: &FunctionContext) -> Self {
        let now = place.now();
        let measured = place.input.measured(place.id, Metric::Throttles);
        let throttles = measured.map(|measured| (measured.total(now, SHOWS), measured.read_at));
        let reserved = place.config.reserved_concurrency.filter(|reserved| *reserved > 0);
        Self {
            throttles: throttles.filter(|(count, _)| *count > 0),
            since: measured.and_then(|measured| {
                let counted = |point: &&Point| point.value > 0.0 && now.duration_since(point.at) <= MEMORY;
                measured.points.iter().find(counted).map(|point| point.at)
            }),
            reached: reserved.filter(|reserved| peak(place) >= *reserved),
            age_s: age(place),
            late: late(place),
        }
    }

    /// Whether the function is throttled, as far as known: by the metric, or because all reserved concurrency is in use.
    pub fn is_throttled(&self) -> bool {
        self.throttles.is_some() || self.late.is_some()
    }

    /// The earliest time since which it may be throttled, by the metric; `None` if unknown.
    pub fn since(&self) -> Option<Timestamp> {
        self.since.into_iter().chain(self.late).min()
    }

    /// What must hold for a window to be kept.
    pub fn conditions(&self, asynchronous: bool) -> Vec<Condition> {
        let mut all = Vec::new();
        if let Some((throttles, read_at)) = self.throttles {
            all.push(Condition::NotThrottled { throttles, read_at });
        } else if let Some(reserved) = self.reached {
            all.push(Condition::ConcurrencyFree { reserved });
        }
        if asynchronous && (self.late.is_some() || self.age_s.is_some()) {
            all.push(Condition::ShortBacklog { age_s: self.age_s });
        }
        all
    }
}

/// The most concurrent invocations lately.
fn peak(place: &FunctionContext) -> u32 {
    let now = place.now();
    let mut changes: Vec<(Timestamp, i32)> = Vec::new();
    for run in &place.log.runs {
        let Some(start) = begun(run).filter(|start| now.duration_since(*start) <= SHOWS) else {
            continue;
        };
        let end = place.ended(run).map_or(start, |ended| ended.latest);
        changes.push((start, 1));
        changes.push((end.max(start), -1));
    }
    // An invocation that ends when another starts may have overlapped with it, given the clocks' precision.
    changes.sort_by_key(|(at, by)| (*at, -by));
    let mut running = 0;
    let mut most = 0;
    for (_, by) in changes {
        running += by;
        most = most.max(running);
    }
    u32::try_from(most).unwrap_or(0)
}

/// The maximum recent event age in seconds, if it is far above what waits explain.
fn age(place: &FunctionContext) -> Option<i64> {
    let measured = place.input.measured(place.id, Metric::AsyncEventAge)?;
    let waits: SignedDuration = ASYNC_WAITS
        .iter()
        .fold(SignedDuration::ZERO, |sum, wait| sum + *wait + *wait / 8);
    let explained = waits + place.timeout() * 2 + OLD;
    let recent = measured
        .points
        .iter()
        .filter(|point| place.now().duration_since(point.at) <= SHOWS);
    #[expect(clippy::cast_possible_truncation, reason = "at most 6 hours")]
    let oldest = recent.map(|point| (point.value / 1000.0) as i64).max()?;
    (oldest > explained.as_secs()).then_some(oldest)
}

/// Since when attempts of the same request come later than their windows, lately.
fn late(place: &FunctionContext) -> Option<Timestamp> {
    let repeated = place.log.runs.iter().filter(|run| run.attempt > 1);
    let repeated: HashSet<&str> = repeated.map(|run| run.request_id.as_str()).collect();
    if repeated.is_empty() {
        return None;
    }
    let mut before: HashMap<&str, (u32, &Invocation)> = HashMap::new();
    for run in place
        .log
        .runs
        .iter()
        .filter(|run| repeated.contains(run.request_id.as_str()))
    {
        let seen = before.insert(&run.request_id, (1, run));
        let Some((n, earlier)) = seen else { continue };
        before.insert(&run.request_id, (n + 1, run));
        let Some(start) = begun(run).filter(|start| place.now().duration_since(*start) <= SHOWS) else {
            continue;
        };
        // What was read of it may begin with its second attempt, whose wait is the longer one.
        let longest = if n == 1 && place.log.from.is_some() { 2 } else { n };
        let window = place.ended(earlier).and_then(|ended| async_retry(longest, ended));
        if let Some(window) = window.filter(|window| earlier.outcome.is_failure() && start > window.latest + LATE) {
            return Some(window.earliest);
        }
    }
    None
}
