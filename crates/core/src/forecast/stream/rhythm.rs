//! Batches of several shards whose retries are used up in the same pattern: as many attempts as a batch has, each after a
//! longer wait, then none, repeatedly.
//!
//! Log lines do not name the shard, and a successful invocation in between may belong to the batch that failed before. That
//! one batch succeeded and another failed, together as often and in the rhythm of a single batch, can happen by chance, but
//! not again and again.
//!
//! If batches are bisected, successful invocations right afterwards may belong to other halves. Lambda waits before it
//! retries a batch, so an immediate success belongs to another batch; if that happens repeatedly, the retries of the one
//! that failed before were used up.

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
/// Least seconds of every wait in a row, so that an immediate invocation can be distinguished.
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

/// The attempts of each record whose retries are used up, on a lane with bisected batches, as far as similar rows prove it:
/// more failed attempts than retries, each after a wait, and then the lane continued at once.
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

/// Whether a successful invocation came too soon to be a retry of the failed one before it.
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

/// Failed invocations without a pause in which another attempt of the same batch would have come; without the last ones
/// while more may follow.
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

/// How many waits of a row were longer than the one before; `None` if any was shorter, or two attempts overlapped.
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
