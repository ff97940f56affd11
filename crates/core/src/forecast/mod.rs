//! What AWS will do next with a failed event: pure, from observations and the policies of its links.
//!
//! ```text
//!  topology ─▶ triggers ─▶ which pattern a run belongs to
//!  runs ─────▶ asynchronous │ queue │ stream │ request     what was seen, joined to deliveries
//!  policy ───▶ windows                                      when the next try comes, and where the event ends
//!  depths, letters, metrics ─▶ outcomes, source             what lies where in the end
//! ```
//!
//! Observations override predictions: a window that passed without its attempt is reported, and what comes next is unknown
//! from then on. The numbers and their sources are in [`policy`].

mod asynchronous;
mod classify;
mod function_context;
mod input;
mod order;
mod outcomes;
mod overdue;
pub mod policy;
mod pressure;
mod queue;
mod request;
mod source;
pub mod sources;
mod stream;
mod triggers;
pub mod words;

#[cfg(test)]
mod tests;

pub use input::{Depths, Growth, Input, Log, Measured};
pub use order::next_change;

use std::collections::BTreeMap;

use crate::domain::delivery::{Deliveries, Delivery, Throttled};
use crate::domain::{Edge, EdgeKind, Metric, NodeId};
use function_context::FunctionContext;
use triggers::Triggers;

/// All deliveries: observed, inferred and predicted. Reads each invocation once; only those that failed, were retried or
/// have not ended cost more.
#[must_use]
pub fn deliveries(input: &Input) -> Deliveries {
    let around = Around::of(input);
    let mut rows: Vec<Delivery> = Vec::new();
    let mut unobservable = input.unobservable.to_vec();
    for log in &input.logs {
        // Invocations without a START show no attempts.
        let hidden = log.runs.iter().all(|run| run.start.is_none())
            && input.unobservable.iter().any(|entry| entry.function == *log.function);
        let Some(place) = around.place(input, log).filter(|_| !hidden) else {
            continue;
        };
        rows.extend(of_function(&place));
        unobservable.extend(queue::without_rules(&place));
    }
    rows.extend(queue::without_runs(input));
    rows.extend(asynchronous::dropped_unseen(input, &rows));
    rows.extend(source::failures(input));
    outcomes::land(input, &mut rows);
    order::forget(&mut rows, input.now, input.memory);
    order::sort(&mut rows, input.now);
    overdue::pass(input, &mut rows);
    Deliveries {
        deliveries: rows,
        unobservable,
        throttled: throttled(input),
        forgotten: 0,
    }
}

/// The deliveries through one function.
fn of_function(place: &FunctionContext) -> Vec<Delivery> {
    let sorted = classify::sort_out(place);
    let mut rows: Vec<Delivery> = Vec::new();
    rows.extend(
        sorted
            .asynchronous
            .iter()
            .map(|tries| asynchronous::delivery(place, tries)),
    );
    rows.extend(queue::deliveries(place, &sorted.queue));
    rows.extend(stream::deliveries(place, &sorted.stream));
    rows.extend(sorted.request.iter().map(|run| request::delivery(place, run)));
    rows
}

/// Edges by what they touch, found once for all functions.
struct Around<'a> {
    to: BTreeMap<&'a NodeId, Vec<&'a Edge>>,
    from: BTreeMap<&'a NodeId, Vec<&'a Edge>>,
}

impl<'a> Around<'a> {
    fn of(input: &Input<'a>) -> Self {
        let mut around = Self {
            to: BTreeMap::new(),
            from: BTreeMap::new(),
        };
        for edge in input.edges {
            around.to.entry(&edge.key.to).or_default().push(edge);
            around.from.entry(&edge.key.from).or_default().push(edge);
        }
        around
    }

    fn place<'b>(&self, input: &'b Input<'a>, log: &'b Log<'a>) -> Option<FunctionContext<'b>>
    where
        'a: 'b,
    {
        let config = input.function(log.function)?;
        let incoming = self.to.get(log.function).map_or(&[][..], Vec::as_slice);
        Some(FunctionContext {
            id: log.function,
            config,
            triggers: Triggers::of(input, incoming),
            out: self.from.get(log.function).cloned().unwrap_or_default(),
            log,
            input,
            pressure: std::cell::OnceCell::new(),
        })
    }
}

/// Throttled attempts leave no log line; a metric counts them.
fn throttled(input: &Input) -> Vec<Throttled> {
    let mut all = Vec::new();
    for ((function, metric), measured) in &input.metrics {
        if *metric != Metric::Throttles {
            continue;
        }
        let count = measured.total(input.now, policy::MEMORY);
        if let (true, Some(read_at)) = (count > 0, measured.read_at) {
            all.push(Throttled {
                function: (*function).clone(),
                count,
                read_at,
            });
        }
    }
    all
}

/// Whether an edge is the `DeadLetterConfig` of a function.
fn is_dead_letter_of_function(edge: &Edge) -> bool {
    edge.key.kind == EdgeKind::DeadLetter
        && edge
            .policies
            .iter()
            .any(|policy| policy.retries.by.as_deref() == Some("lambda"))
}
