//! Asynchronous events: Lambda retries a failed one after about 1 and 2 minutes, with the same request ID, until its
//! retries or its maximum age are used up.

mod policy;
mod story;
mod unseen;

use super::classify::Tries;
use super::function_context::{FunctionContext, begun};
use super::policy::ASYNC_WAITS;
use super::words::Async;
use crate::domain::delivery::{AttemptOutcome, Certainty, Delivery, End, Fate, Pattern};
use crate::domain::{Invocation, NodeId};
use policy::Policy;
use story::Story;
pub(super) use unseen::dropped_unseen;

/// One event, from its attempts.
pub(super) fn delivery(place: &FunctionContext, tries: &Tries) -> Delivery {
    let first = first_number(place, &tries.runs);
    let attempts: Vec<_> = (first.unwrap_or(1)..)
        .zip(&tries.runs)
        .map(|(n, run)| place.attempt(n, run))
        .collect();
    let id = tries.runs.first().map(|run| run.request_id.clone()).unwrap_or_default();
    let mut row = Delivery {
        source: source(place, tries),
        attempts,
        ..Delivery::new(id, place.id.clone(), Pattern::Asynchronous)
    };
    if let Some(done) = row
        .attempts
        .iter()
        .position(|attempt| attempt.outcome == AttemptOutcome::Ok)
    {
        succeeded(&mut row, done);
        if place.config.durable
            && let Some(end) = &mut row.end
        {
            end.fate = Fate::Unknown;
            end.evidence = Certainty::Inferred;
            end.why = Async::Durable.into();
        }
        return row;
    }
    let (Some(last), Some(run)) = (row.attempts.last().cloned(), tries.runs.last()) else {
        return row;
    };
    let story = Story {
        place,
        policy: Policy::of(place, &tries.runs),
        tries,
        run,
        first,
        failures: last.n,
    };
    if last.outcome == AttemptOutcome::Running {
        story.running(&mut row);
    } else {
        story.failed(&mut row, last.outcome == AttemptOutcome::Unknown);
    }
    row
}

fn succeeded(row: &mut Delivery, done: usize) {
    let good = &row.attempts[done];
    let later = row.attempts.len() - done - 1;
    row.end = Some(End {
        at: good.end.or(good.start),
        ..End::new(
            Fate::Succeeded,
            Certainty::Observed,
            Async::Succeeded { attempt: good.n },
        )
    });
    if later > 0 {
        // AWS (async): an asynchronous event may be delivered more than once.
        row.notes.push(Async::Duplicates { starts: later }.into());
    }
}

/// Where it came from, where only one source can have sent it.
fn source(place: &FunctionContext, tries: &Tries) -> Option<NodeId> {
    let triggers = &place.triggers;
    match (&triggers.asynchronous[..], &triggers.either[..]) {
        _ if tries.only_if.is_some() => None,
        ([only], []) | ([], [only]) => Some(only.key.from.clone()),
        _ => None,
    }
}

/// The number of the first attempt that was seen; `None` if there may be earlier ones before the part of the log that was
/// read.
fn first_number(place: &FunctionContext, runs: &[&Invocation]) -> Option<u32> {
    let (Some(from), Some(start)) = (place.log.from, runs.first().and_then(|run| begun(run))) else {
        return Some(1);
    };
    let [one, two] = ASYNC_WAITS;
    if start.duration_since(from) > (two + two / 4) + place.timeout() {
        return Some(1);
    }
    // Of two attempts, the pause between them decides: only the first pause is that short. A longer one may be the second,
    // or the first of an event that was throttled or waited in a long queue.
    let (ended, next) = (place.ended(runs[0])?, begun(runs.get(1)?)?);
    let pause = next.duration_since(ended.earliest);
    (pause <= (one + two) / 2).then_some(1)
}
