//! Partial batch responses of a stream: the invocation succeeds, and its response returns the batch from the first failed
//! record on. No log line shows it; the mapping's last result and the iterator age do, a minute or two later.

use jiff::{SignedDuration, Timestamp};

use super::rules::Rules;
use crate::domain::delivery::{Delivery, Pattern, Prediction};
use crate::domain::{Edge, EdgePolicy, Invocation, Metric, RunOutcome};
use crate::forecast::function_context::{FunctionContext, begun};
use crate::forecast::policy::{MEMORY, Window, plus};
use crate::forecast::words::Shard;

/// Attempts listed; more say nothing more.
const LISTED: usize = 50;
/// As long as the arrival time by iterator age moves less than this, the same record is being retried. AWS (streams): a value may be
/// from the first or last second of its minute.
const STANDS: SignedDuration = SignedDuration::from_secs(65);
/// Values of the age that must agree on it.
const AGREE: usize = 3;
/// A metric is minutes late; one that is older says nothing of now.
const FRESH: SignedDuration = SignedDuration::from_mins(5);

/// A row for batches that successful invocations seem to return; `None` if there is no sign of it.
pub(super) fn delivery(
    place: &FunctionContext,
    edge: &Edge,
    policy: &EdgePolicy,
    runs: &[&Invocation],
) -> Option<Delivery> {
    if policy.batching.partial_response != Some(true) || !edge.enabled {
        return None;
    }
    let stands_since = stands_since(place);
    let told_by = match (policy.problem(), stands_since) {
        (Some(result), _) => Shard::MappingSays {
            result: result.to_owned(),
        },
        (None, Some(_)) => Shard::AgeRises,
        (None, None) => return None,
    };
    let recent = |run: &&&Invocation| {
        let at = begun(run);
        run.outcome == RunOutcome::Ok && at.is_some_and(|at| place.now().duration_since(at) <= MEMORY)
    };
    let since = stands_since.unwrap_or(Timestamp::MIN);
    let tried: Vec<&Invocation> = runs
        .iter()
        .filter(recent)
        .filter(|run| begun(run) >= Some(since))
        .copied()
        .collect();
    let last = begun(tried.last()?)?;
    let rules = Rules::of(place, edge, policy);
    let listed = tried.len().saturating_sub(LISTED);
    let single = place.triggers.stream.len() == 1;
    Some(Delivery {
        source: single.then(|| edge.key.from.clone()),
        attempts: (1_u32..)
            .zip(&tried)
            .skip(listed)
            .map(|(n, run)| place.attempt(n, run))
            .collect(),
        next: Some(Prediction {
            earliest: last,
            latest: None,
            attempt: u32::try_from(tried.len() + 1).unwrap_or(u32::MAX),
            rule: Shard::FromFirstFailed.into(),
            conditions: vec![crate::domain::Condition::GivenBack],
        }),
        waits: Some(Shard::NoWaitsPublished.into()),
        outlook: Some(rules.outlook(place, Window::at(stands_since.unwrap_or(last)), None)),
        estimate: true,
        notes: vec![told_by.into(), Shard::PartialNotLogged.into()],
        ..Delivery::new(
            format!("given back to {} by {}", edge.key.from, place.id),
            place.id.clone(),
            Pattern::Stream,
        )
    })
}

/// When the record being retried arrived, by the iterator age.
fn stands_since(place: &FunctionContext) -> Option<Timestamp> {
    let measured = place.input.measured(place.id, Metric::IteratorAge)?;
    let last = measured.last()?;
    if place.now().duration_since(last.at) > FRESH {
        return None;
    }
    let age = |value: f64| SignedDuration::from_secs_f64((value / 1000.0).clamp(0.0, 1e9));
    let mut arrivals = measured
        .points
        .iter()
        .rev()
        .map(|point| plus(point.at, -age(point.value)));
    let first = arrivals.next()?;
    let agree = arrivals
        .take(AGREE - 1)
        .filter(|other| (*other).duration_since(first).abs() <= STANDS);
    let rises = last.value >= 60_000.0 * 2.0;
    (rises && agree.count() == AGREE - 1).then_some(first)
}
