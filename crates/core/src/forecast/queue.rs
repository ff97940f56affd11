//! Messages of a queue: a failed one is received again after its visibility timeout, with a new request ID; after
//! `maxReceiveCount` receives, the next poll moves it to the dead-letter queue.
//!
//! Invocations are connected to messages by message IDs in log lines. Without those, there is one row per function for all
//! failures, as an estimate.

mod chains;
mod estimate;
mod feed;
mod message;

use std::collections::HashMap;

use super::function_context::FunctionContext;
use super::words::Receive;
use crate::domain::Invocation;
use crate::domain::delivery::{Delivery, Unobservable};
pub(super) use estimate::without_runs;
use feed::{Feed, Named};

/// A function that fails on messages of queues whose attributes were not read: when they return is unknown.
pub(super) fn without_rules(place: &FunctionContext) -> Option<Unobservable> {
    let queues = place.triggers.queue.iter();
    let queues: Vec<String> = queues.map(|edge| place.input.name(&edge.key.from).to_owned()).collect();
    let fails = place.log.runs.iter().any(|run| run.outcome.is_failure());
    if queues.is_empty() || !fails || Feed::of(place).is_some() {
        return None;
    }
    Some(Unobservable {
        function: place.id.clone(),
        why: Receive::AttributesUnread { queues }.into(),
    })
}

/// The messages that a function failed on or received more than once.
pub(super) fn deliveries(place: &FunctionContext, runs: &[&Invocation]) -> Vec<Delivery> {
    let Some(mut feed) = Feed::of(place) else {
        return Vec::new();
    };
    let mut by_message: HashMap<&str, Vec<&Invocation>> = HashMap::new();
    for run in runs {
        for id in &run.message_ids {
            let runs = by_message.entry(id).or_default();
            // One invocation may name a message in several lines.
            if !runs
                .iter()
                .any(|known| known.request_id == run.request_id && known.attempt == run.attempt)
            {
                runs.push(run);
            }
        }
    }
    // No message is received more often than its queue allows: what the lines name is something else, and of the other ids
    // nothing is known either.
    let most = feed.limit.map_or(usize::MAX, |limit| limit as usize);
    if by_message.values().any(|runs| runs.len() > most) {
        feed.named = Named::Others;
        by_message.clear();
    }
    let mut rows: Vec<Delivery> = by_message
        .iter()
        .filter(|(_, runs)| message::is_worth_a_row(place, runs))
        .map(|(id, runs)| message::delivery(place, &feed, id, runs))
        .collect();
    rows.extend(estimate::delivery(place, &feed, runs));
    rows
}
