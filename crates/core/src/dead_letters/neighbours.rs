//! Messages of one batch that went to the DLQ together: which of them fails, and which are healthy neighbours, as far as
//! the logs of the failed invocations show.
//!
//! AWS (sqs-mappings): without `ReportBatchItemFailures` one failing message makes its whole batch visible again, so healthy messages use
//! up their receives together with it. Bodies are not used as evidence.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;

use super::origin::tried;
use super::run_history::{FailedBatch, RunHistory};
use super::words::{Evidence, Fault};
use super::{Chain, DeadLetter};
use crate::domain::{NodeId, Origin};

/// AWS (sqs-mappings): a queue mapping's batch size where none is set.
const BATCH: u32 = 10;

/// A message's part in the failed batches that it was in. Inferred from logs, never observed: functions log what they like.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "role")]
pub enum Part {
    /// Failed invocations name it, and no other message: it is one that fails.
    Failing,
    /// Each failed invocation it was in has another message that fails.
    Neighbour {
        /// Those messages.
        of: Vec<String>,
    },
    /// It was in failed batches with others, and which of them fails is unknown.
    OneOf {
        /// The messages that were in them.
        others: Vec<String>,
    },
}

/// Determines the roles of all messages that were in failed batches.
pub fn tell(entries: &mut [DeadLetter], chain: Chain<'_>, witness: &dyn RunHistory) {
    let mut batches: BTreeMap<(NodeId, NodeId), Vec<usize>> = BTreeMap::new();
    for (place, entry) in entries.iter().enumerate() {
        let found = &entry.provenance;
        let by_sqs = found.origin == Origin::SqsRedrive && found.capacity.is_none();
        if let (true, Some(queue), Some(function)) = (by_sqs, &found.source, found.function.function()) {
            batches
                .entry((queue.clone(), function.clone()))
                .or_default()
                .push(place);
        }
    }
    for ((queue, function), places) in batches {
        let Some(size) = whole_batches(chain, &queue, &function) else {
            continue;
        };
        let spans: Vec<Option<(Timestamp, Timestamp)>> = places
            .iter()
            .map(|place| tried(&entries[*place].letter, &entries[*place].provenance, chain))
            .collect();
        let from = spans.iter().flatten().map(|(from, _)| *from).min();
        let to = spans.iter().flatten().map(|(_, to)| *to).max();
        let Some((from, to)) = from.zip(to) else { continue };
        let failed = witness.failed_batches(&function, from, to).yes().unwrap_or_default();
        let failing = failing(&failed);
        for (place, span) in places.into_iter().zip(spans) {
            let entry = &mut entries[place];
            let id = entry.letter.message_id.clone();
            let Some(part) = part(&id, span, &failed, &failing) else {
                continue;
            };
            let function = function.clone();
            entry.provenance.shows(match &part {
                Part::Failing => Evidence::NamedAlone { function },
                Part::Neighbour { of } => Evidence::DiedBeside {
                    function,
                    messages: of.clone(),
                },
                Part::OneOf { others } => Evidence::DiedAmong {
                    function,
                    others: others.len() as u64,
                },
            });
            entry.provenance.shows(Evidence::WholeBatch { size });
            let fault = match &part {
                Part::Neighbour { .. } => Some(Fault::Neighbour),
                Part::OneOf { .. } => Some(Fault::OneOfBatch {
                    fault: (*entry.signature).clone(),
                }),
                Part::Failing => None,
            };
            if let Some(fault) = fault {
                entry.signature = Arc::new(fault.into());
            }
            entry.part = Some(part);
        }
    }
}

/// The batch size of a mapping whose batches fail as a whole; `None` if single messages may fail, or a batch is one message.
fn whole_batches(chain: Chain<'_>, queue: &NodeId, function: &NodeId) -> Option<u32> {
    let mut edges = chain.edges.iter();
    let edge = edges.find(|edge| edge.key.from == *queue && edge.key.to == *function)?;
    let partial = edge
        .policies
        .iter()
        .any(|policy| policy.batching.partial_response == Some(true));
    let size = edge
        .policies
        .iter()
        .find_map(|policy| policy.batching.size)
        .unwrap_or(BATCH);
    (!partial && size > 1).then_some(size)
}

/// Messages that fail by themselves: an error names one, or a failed invocation names no other.
fn failing(failed: &[FailedBatch]) -> BTreeSet<&str> {
    let mut found = BTreeSet::new();
    for batch in failed {
        let ids = &batch.message_ids;
        let named: Vec<&String> = ids
            .iter()
            .filter(|id| batch.error.message.contains(id.as_str()))
            .collect();
        match (named.as_slice(), ids.as_slice()) {
            ([one], _) => drop(found.insert(one.as_str())),
            ([], [one]) => drop(found.insert(one.as_str())),
            _ => {}
        }
    }
    found
}

fn part(
    id: &str,
    span: Option<(Timestamp, Timestamp)>,
    failed: &[FailedBatch],
    failing: &BTreeSet<&str>,
) -> Option<Part> {
    if failing.contains(id) {
        return Some(Part::Failing);
    }
    let names = |batch: &&FailedBatch| batch.message_ids.iter().any(|one| one == id);
    let mut own: Vec<&FailedBatch> = failed.iter().filter(names).collect();
    let is_named = !own.is_empty();
    if !is_named {
        // A function that logs only what fails does not name its neighbours: then all that failed meanwhile must be
        // explained by others.
        let (from, to) = span?;
        own = failed
            .iter()
            .filter(|batch| (from..=to).contains(&batch.start))
            .collect();
    }
    let of = |batch: &FailedBatch| -> Vec<String> {
        let ids = batch.message_ids.iter().filter(|one| failing.contains(one.as_str()));
        ids.cloned().collect()
    };
    if !own.is_empty() && own.iter().all(|batch| !of(batch).is_empty()) {
        let of: BTreeSet<String> = own.iter().flat_map(|batch| of(batch)).collect();
        return Some(Part::Neighbour {
            of: of.into_iter().collect(),
        });
    }
    let others: BTreeSet<String> = own
        .iter()
        .filter(|_| is_named)
        .flat_map(|batch| batch.message_ids.iter().filter(|one| *one != id).cloned())
        .collect();
    (!others.is_empty()).then(|| Part::OneOf {
        others: others.into_iter().collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::RunError;

    fn at(s: i64) -> Timestamp {
        Timestamp::from_second(1_767_225_600 + s).expect("a time")
    }

    fn batch(s: i64, ids: &[&str], error: &str) -> FailedBatch {
        FailedBatch {
            start: at(s),
            message_ids: ids.iter().map(|id| (*id).to_owned()).collect(),
            error: RunError {
                kind: None,
                message: error.to_owned(),
            },
        }
    }

    fn told(id: &str, failed: &[FailedBatch]) -> Option<Part> {
        part(id, Some((at(0), at(90))), failed, &failing(failed))
    }

    fn beside(ids: &[&str]) -> Part {
        Part::Neighbour {
            of: ids.iter().map(|id| (*id).to_owned()).collect(),
        }
    }

    #[test]
    fn what_fails_alone_explains_the_batches_it_was_in() {
        let failed = [
            batch(1, &["m-1", "m-2", "m-3"], "boom"),
            batch(31, &["m-2"], "boom"),
            batch(61, &["m-2", "m-3"], "boom"),
        ];
        assert_eq!(told("m-2", &failed), Some(Part::Failing));
        assert_eq!(told("m-1", &failed), Some(beside(&["m-2"])));
        assert_eq!(told("m-3", &failed), Some(beside(&["m-2"])));
    }

    #[test]
    fn an_error_that_names_one_message_tells_which() {
        let failed = [
            batch(1, &["m-1", "m-2"], "no price in m-1"),
            batch(31, &["m-1", "m-2"], "no price in m-1"),
        ];
        assert_eq!(told("m-1", &failed), Some(Part::Failing));
        assert_eq!(told("m-2", &failed), Some(beside(&["m-1"])));
        let both = [batch(1, &["m-1", "m-2"], "m-1 and m-2 are bad")];
        assert_eq!(
            told("m-1", &both),
            Some(Part::OneOf {
                others: vec!["m-2".to_owned()]
            })
        );
    }

    #[test]
    fn where_nothing_tells_them_apart_nothing_is_told_apart() {
        let failed = [batch(1, &["m-1", "m-2"], "boom"), batch(31, &["m-1", "m-2"], "boom")];
        assert!(matches!(told("m-1", &failed), Some(Part::OneOf { .. })));
        assert!(matches!(told("m-2", &failed), Some(Part::OneOf { .. })));
        // One of its batches failed without any message that is known to fail.
        let failed = [
            batch(1, &["m-1"], "boom"),
            batch(31, &["m-1", "m-2"], "boom"),
            batch(61, &["m-2", "m-3"], "boom"),
        ];
        assert!(matches!(told("m-2", &failed), Some(Part::OneOf { .. })));
        assert_eq!(told("m-1", &[]), None);
    }

    #[test]
    fn a_message_that_no_log_names_is_a_neighbour_only_where_all_that_failed_is_explained() {
        let logs_what_fails = [batch(1, &["m-1"], "boom"), batch(31, &["m-1"], "boom")];
        assert_eq!(told("m-9", &logs_what_fails), Some(beside(&["m-1"])));
        let silent = [batch(1, &["m-1"], "boom"), batch(31, &[], "boom")];
        assert_eq!(told("m-9", &silent), None);
        let long_after = [batch(500, &["m-1"], "boom")];
        assert_eq!(told("m-9", &long_after), None);
    }
}
