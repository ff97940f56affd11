//! Events that ended without a line of their end.

use jiff::Timestamp;

use super::policy::{Policy, Reason};
use crate::domain::delivery::{Certainty, Delivery, End, Fate, Pattern};
use crate::domain::phrase::Exact;
use crate::domain::{Edge, Metric, NodeId};
use crate::forecast::input::Input;
use crate::forecast::policy::MEMORY;
use crate::forecast::words::{Async, DroppedBy};

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
        let (from, max_age) = (read_from(input, id), Exact(policy.max_age));
        let by = match from {
            _ if off => DroppedBy::Off,
            // Their attempts may be before the part of the log that was read.
            Some(_) => DroppedBy::FailedOrThrottled { max_age },
            None => DroppedBy::Throttled { max_age },
        };
        let why = Async::DroppedUnseen {
            events: unseen,
            from,
            by,
            lands: policy.landed(input),
        };
        found.push(Delivery {
            end: Some(End {
                at: Some(last.at),
                to,
                ..End::new(fate, Certainty::Observed, why)
            }),
            count: unseen,
            ..Delivery::new(format!("dropped {id}"), (*id).clone(), Pattern::Asynchronous)
        });
    }
    found
}

/// The time from which a function's log was read, if events that a metric counts may be older.
fn read_from(input: &Input, function: &NodeId) -> Option<Timestamp> {
    let log = input.logs.iter().find(|log| log.function == function);
    let from = log.and_then(|log| log.from);
    from.filter(|from| input.now.duration_since(*from) < MEMORY)
}
