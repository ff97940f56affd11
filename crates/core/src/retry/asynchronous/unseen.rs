//! Events that ended without a line of their end.

use super::policy::{Policy, Reason};
use crate::domain::delivery::{Delivery, End, Fate, Known, Pattern};
use crate::domain::{Edge, Metric};
use crate::retry::input::Input;
use crate::retry::policy::MEMORY;
use crate::retry::words::{count, span};

/// Events that ended without a line: throttled until they were too old, or refused. Only a metric counts them.
pub(in crate::retry) fn dropped_unseen(input: &Input, rows: &[Delivery]) -> Vec<Delivery> {
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
        let policy = Policy::of_latest(config, &out);
        let (fate, to) = policy.fate(if off { Reason::Off } else { Reason::Age });
        let why = if off {
            "its reserved concurrency is 0".to_owned()
        } else {
            format!("throttled until past their maximum age of {}", span(policy.max_age))
        };
        found.push(Delivery {
            id: format!("dropped {id}"),
            function: (*id).clone(),
            source: None,
            pattern: Pattern::Asynchronous,
            attempts: Vec::new(),
            next: None,
            waits: None,
            missed: None,
            overdue: None,
            outlook: None,
            end: Some(End {
                fate,
                at: Some(last.at),
                not_before: None,
                to,
                evidence: Known::Observed,
                why: format!(
                    "{} ended without a line in the log (metric AsyncEventsDropped): {why}; {}",
                    count(unseen, "event"),
                    policy.lands(input)
                ),
            }),
            count: unseen,
            estimate: false,
            notes: Vec::new(),
        });
    }
    found
}
