//! Batches of several shards that are given up one like the other: as many attempts as a batch has, each after a longer wait,
//! then none, time and again.
//!
//! No line names the shard, and where good invocations come in between, each may be of the batch that failed before. That one
//! batch was saved and another failed, together as often as one has attempts and in the rhythm of one, can happen by chance; again
//! and again it does not.
//!
//! Where one batch is tried at a time and halved when it fails, good invocations close behind may be of other halves. Lambda waits
//! before it tries a batch again, and does not know beforehand what will succeed: what succeeds at once, time and again, is of
//! another batch, and the one that failed just before was given up.

use jiff::SignedDuration;

use super::{FIRST_WAIT, halves};
use crate::domain::{Invocation, RunOutcome};
use crate::forecast::function_context::{FunctionContext, begun};
use crate::forecast::policy::plus;

/// A wait that is longer than the one before, by so much at least.
const LONGER: f64 = 1.3;
/// No wait is shorter than this part of the one before.
const NOT_SHORTER: f64 = 0.9;
/// Rows of attempts that follow each other and are alike, before that is no chance.
const ROWS: usize = 3;
/// Waits in them that were longer than those before.
const LONGER_WAITS: usize = 6;
/// Seconds that every wait of a row takes at least, where that something comes at once is to be told from them.
const A_WAIT: f64 = 0.5;
/// What comes after so small a part of the shortest wait of a row comes at once.
const AT_ONCE: f64 = 0.1;

/// The attempts of each batch that was given up, as far as rows that are alike prove it. What is proved stays so, whatever comes
/// later.
pub(super) fn given_up<'a>(
    place: &FunctionContext,
    runs: &[&'a Invocation],
    retries: usize,
) -> Vec<Vec<&'a Invocation>> {
    let mut proved: Vec<Vec<&Invocation>> = Vec::new();
    let mut alike: Vec<Vec<&Invocation>> = Vec::new();
    let (mut rows_alike, mut longer) = (0, 0);
    for (n, row) in rows(place, runs).into_iter().enumerate() {
        let rhythm = longer_waits(place, &row).filter(|_| row.len() == retries + 1);
        let Some(waits) = rhythm else {
            // The first may have begun before the log was read.
            if n > 0 {
                alike.clear();
                (rows_alike, longer) = (0, 0);
            }
            continue;
        };
        alike.push(row);
        (rows_alike, longer) = (rows_alike + 1, longer + waits);
        if rows_alike >= ROWS && longer >= LONGER_WAITS {
            proved.append(&mut alike);
        }
    }
    proved
}

/// The attempts of each record that was given up by a lane whose batches are halved, as far as rows that are alike prove it: more
/// of them failed than it has retries, each after a wait, and then the lane went on at once.
pub(super) fn passed_over<'a>(
    place: &FunctionContext,
    runs: &[&'a Invocation],
    retries: usize,
) -> Vec<Vec<&'a Invocation>> {
    let mut proved: Vec<Vec<&Invocation>> = Vec::new();
    let mut alike: Vec<Vec<&Invocation>> = Vec::new();
    let (mut rows_alike, mut row) = (0, Vec::new());
    for run in runs {
        if run.outcome.is_failure() {
            row.push(*run);
            continue;
        }
        if row.is_empty() {
            continue;
        }
        let row = std::mem::take(&mut row);
        if row.len() <= retries || !is_passed_over(place, &row, run) {
            alike.clear();
            rows_alike = 0;
            continue;
        }
        alike.push(row);
        rows_alike += 1;
        if rows_alike >= ROWS {
            proved.append(&mut alike);
        }
    }
    proved
}

/// Whether a run that succeeded came too soon to be of what failed before it.
fn is_passed_over(place: &FunctionContext, row: &[&Invocation], next: &Invocation) -> bool {
    let wait = |from: &Invocation, to: &Invocation| {
        let (ended, begins) = (place.ended(from)?, begun(to)?);
        let from_end = begins.duration_since(ended.earliest).as_secs_f64();
        let at_least = begins.duration_since(ended.latest) - halves::init(to);
        Some((at_least.as_secs_f64(), from_end))
    };
    let waits: Option<Vec<f64>> = row.windows(2).map(|pair| Some(wait(pair[0], pair[1])?.0)).collect();
    let Some(shortest) = waits.and_then(|waits| waits.into_iter().reduce(f64::min)) else {
        return false;
    };
    let follows = row.last().and_then(|last| Some(wait(last, next)?.1));
    next.outcome == RunOutcome::Ok
        && shortest >= A_WAIT
        && longer_waits(place, row).is_some()
        && follows.is_some_and(|follows| (0.0..=shortest * AT_ONCE).contains(&follows))
}

/// Failed runs with no such pause between them that another attempt of the same batch would have come before its end; without the
/// last ones, as long as more of them may come.
fn rows<'a>(place: &FunctionContext, runs: &[&'a Invocation]) -> Vec<Vec<&'a Invocation>> {
    let mut all: Vec<Vec<&Invocation>> = Vec::new();
    let mut longest = SignedDuration::ZERO;
    let mut last = None;
    for run in runs.iter().filter(|run| run.outcome.is_failure()) {
        let (Some(begins), Some(ended)) = (begun(run), place.ended(run)) else {
            // What is not known of one says nothing of all.
            return Vec::new();
        };
        let pause = last.map(|last| begins.duration_since(last));
        let pause = pause.filter(|pause| *pause <= longest * 2 + FIRST_WAIT);
        if let (Some(pause), Some(row)) = (pause, all.last_mut()) {
            row.push(run);
            longest = longest.max(pause);
        } else {
            all.push(vec![run]);
            longest = SignedDuration::ZERO;
        }
        last = Some(ended.latest);
    }
    let by = last.map(|last| plus(last, longest * 2 + FIRST_WAIT + place.timeout()));
    let is_over = by.is_some_and(|by| place.log.complete_to.is_some_and(|to| to > by));
    if !is_over {
        all.pop();
    }
    all
}

/// How many waits of a row were longer than the one before; `None` if any was shorter, or two attempts ran at once.
fn longer_waits(place: &FunctionContext, row: &[&Invocation]) -> Option<usize> {
    let waits = row.windows(2).map(|pair| {
        let wait = begun(pair[1])?.duration_since(place.ended(pair[0])?.latest);
        (!wait.is_negative()).then(|| wait.as_secs_f64())
    });
    let waits: Vec<f64> = waits.collect::<Option<_>>()?;
    let mut longer = 0;
    for pair in waits.windows(2) {
        if pair[1] < pair[0] * NOT_SHORTER {
            return None;
        }
        longer += usize::from(pair[1] > pair[0] * LONGER);
    }
    Some(longer)
}
