//! Synchronous invocations: one attempt, and an error is returned to the caller.

use super::function_context::FunctionContext;
use super::words::Said;
use crate::domain::Invocation;
use crate::domain::delivery::{AttemptOutcome, Certainty, Delivery, End, Fate, Outlook, Pattern};

pub(super) fn delivery(place: &FunctionContext, run: &Invocation) -> Delivery {
    let attempt = place.attempt(1, run);
    let source = match &place.triggers.request[..] {
        [only] if place.triggers.either.is_empty() => Some(only.key.from.clone()),
        _ => None,
    };
    let ended = attempt.end.or(attempt.start);
    let end = match attempt.outcome {
        AttemptOutcome::Ok => Some((Fate::Succeeded, Certainty::Observed, Said::Succeeded)),
        AttemptOutcome::Error | AttemptOutcome::Timeout => {
            Some((Fate::Unknown, Certainty::Inferred, Said::CallerGotError))
        }
        AttemptOutcome::Unknown => Some((Fate::Unknown, Certainty::Inferred, Said::CallerGotUnknown)),
        _ => None,
    };
    let running = end.is_none();
    Delivery {
        source,
        attempts: vec![attempt],
        outlook: running.then(|| Outlook {
            attempts_left: Some(0),
            ..Outlook::new(Fate::Unknown, Said::CallerGetsError)
        }),
        end: end.map(|(fate, evidence, why)| End {
            at: ended,
            ..End::new(fate, evidence, why)
        }),
        ..Delivery::new(&run.request_id, place.id.clone(), Pattern::RequestResponse)
    }
}
