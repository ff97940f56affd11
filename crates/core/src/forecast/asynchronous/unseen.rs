//! Events that ended without a line of their end.

use jiff::Timestamp;

use super::policy::{Policy, Reason};
use crate::domain::delivery::{Certainty, Delivery, End, Fate, Pattern};
use crate::domain::{Edge, Metric, NodeId};
use crate::forecast::input::Input;
use crate::forecast::policy::MEMORY;
use crate::forecast::words::{clock, count, span};

/// Events that ended without a line: throttled until they were too old, or refused. Only a metric counts them.
pub(in crate::forecast) fn dropped_unseen(input: &Input, rows: &[Delivery]) -> Vec<Delivery> {
    let mut found = Vec::new();
    for ((id, metric), measured) in &input.metrics {
        let Some(config) = input.function(id).filter(|_| *metric == Metric::AsyncEventsDropped) else {
            continue;
        };
        let off = config.reserved_concurrency == Some(0);
        if !(off || input.throttled_within(id, MEMORY)) {
            continue;
        }
        let told = rows.iter().filter(|row| {
            row.function == **id
                && row.pattern == Pattern::Asynchronous
                && row.end.as_ref().is_some_and(|end| end.fate != Fate::Succeeded)
        });
        let unseen = measured.total(input.now, MEMORY).saturating_sub(told.count() as u64);
        let Some(last) = measured.last().filter(|_| unseen > 0) else {
            continue;
        };
        let out: Vec<&Edge> = input
            .edges
            .iter()
            .map(AsRef::as_ref)
            .filter(|edge| edge.key.from == **id)
            .collect();
        let policy = Policy::of_latest(config, &out, input);
        let (fate, to) = policy.ended(if off { Reason::Off } else { Reason::Age });
        let why = if off {
            "its reserved concurrency is 0".to_owned()
        } else if from(input, id).is_some_and(|from| input.now.duration_since(from) < MEMORY) {
            // Their attempts may lie before what was read.
            format!(
                "their attempts failed, or were throttled until past their maximum age of {}",
                span(policy.max_age)
            )
        } else {
            format!("throttled until past their maximum age of {}", span(policy.max_age))
        };
        found.push(Delivery {
            end: Some(End {
                fate,
                at: Some(last.at),
                not_before: None,
                to,
                evidence: Certainty::Observed,
                why: format!(
                    "{} ended without a line in {} (metric AsyncEventsDropped): {why}; {}",
                    count(unseen, "event"),
                    what_was_read(input, id),
                    policy.landed(input)
                ),
            }),
            count: unseen,
            ..Delivery::new(format!("dropped {id}"), (*id).clone(), Pattern::Asynchronous)
        });
    }
    found
}

/// From when on a function's log was read; nothing where all of it was.
fn from(input: &Input, function: &NodeId) -> Option<Timestamp> {
    let log = input.logs.iter().find(|log| log.function == function);
    log.and_then(|log| log.from)
}

/// The log, or the part of it that was read, to end a sentence: what a metric counts may lie before that.
fn what_was_read(input: &Input, function: &NodeId) -> String {
    match from(input, function).filter(|from| input.now.duration_since(*from) < MEMORY) {
        Some(from) => format!("what was read of the log, from {} UTC on", clock(from)),
        None => "the log".to_owned(),
    }
}
