//! Request and response: one attempt, and an error goes to whoever called.

use super::function_context::FunctionContext;
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
        AttemptOutcome::Ok => Some((Fate::Succeeded, Certainty::Observed, "its run ended well")),
        AttemptOutcome::Error | AttemptOutcome::Timeout => Some((
            Fate::Unknown,
            Certainty::Inferred,
            "the error went to the caller, and nobody but the caller tries again",
        )),
        AttemptOutcome::Unknown => Some((
            Fate::Unknown,
            Certainty::Inferred,
            "no line tells how it ended, and nobody but the caller tries again",
        )),
        _ => None,
    };
    let running = end.is_none();
    Delivery {
        id: run.request_id.clone(),
        function: place.id.clone(),
        source,
        pattern: Pattern::RequestResponse,
        attempts: vec![attempt],
        next: None,
        waits: None,
        missed: None,
        overdue: None,
        outlook: running.then(|| Outlook {
            fate: Fate::Unknown,
            to: None,
            earliest: None,
            latest: None,
            attempts_left: Some(0),
            rule: "an error goes to the caller, and nobody but the caller tries again".to_owned(),
        }),
        end: end.map(|(fate, evidence, why)| End {
            fate,
            at: ended,
            not_before: None,
            to: None,
            evidence,
            why: why.to_owned(),
        }),
        count: 1,
        estimate: false,
        others_pass: false,
        notes: Vec::new(),
    }
}
