//! Where events landed, from what lies in queues: read dead letters name their event; a dead-letter queue that grew
//! tells that one more came, and which one follows only where a single node feeds it.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::{SignedDuration, Timestamp};

use super::input::{Growth, Input};
use super::policy::{MEMORY, plus};
use super::words::{clock, count};
use crate::domain::delivery::{AttemptOutcome, Delivery, End, Fate, Known, Pattern};
use crate::domain::{DeadLetter, Edge, EdgeKind, NodeId};

/// AWS: a queue's counts may lag by a minute, so a growth may belong to what ended that much before.
const LAG: SignedDuration = SignedDuration::from_secs(90);

pub(super) fn land(input: &Input, rows: &mut [Delivery]) {
    letters(input, rows);
    grown(input, rows);
}

/// A letter that was read overrules everything else.
fn letters(input: &Input, rows: &mut [Delivery]) {
    if input.letters.is_empty() {
        return;
    }
    let mut by_id: HashMap<String, &DeadLetter> = HashMap::new();
    for letter in &input.letters {
        let id = match letter
            .text("RequestID")
            .map(str::to_owned)
            .or_else(|| request_of_record(letter))
        {
            Some(request) => request,
            None => letter.message_id.clone(),
        };
        by_id.insert(id, letter);
    }
    for row in rows.iter_mut().filter(|row| row.pattern != Pattern::SourceDelivery) {
        let Some(letter) = by_id.get(&row.id) else { continue };
        let record = letter.text("RequestID").is_none() && letter.moved_from().is_none();
        row.next = None;
        row.waits = None;
        row.outlook = None;
        let at = if row.pattern == Pattern::Asynchronous {
            letter.sent()
        } else {
            None
        };
        row.end = Some(End {
            fate: if record { Fate::Destination } else { Fate::DeadLetter },
            at: at.or(row.end.as_ref().and_then(|end| end.at)),
            to: Some(letter.queue.clone()),
            evidence: Known::Observed,
            why: format!("it lies in {}", input.name(&letter.queue)),
        });
        if row.pattern == Pattern::Queue {
            row.notes.push(format!(
                "the dead letter counts {}, readings of it included",
                count(letter.receive_count().into(), "receive")
            ));
        }
    }
}

/// The request that a destination's record is of.
fn request_of_record(letter: &DeadLetter) -> Option<String> {
    // Bodies are of any size and form: only one that looks like a record is read as one.
    if !letter.body.contains("\"requestContext\"") {
        return None;
    }
    let record: serde_json::Value = serde_json::from_str(&letter.body).ok()?;
    record["requestContext"]["requestId"].as_str().map(str::to_owned)
}

/// Dead-letter queues that hold more than what is known to have ended there.
fn grown(input: &Input, rows: &mut [Delivery]) {
    let mut feeders: BTreeMap<&NodeId, Vec<&Edge>> = BTreeMap::new();
    for edge in input.edges {
        feeders.entry(&edge.key.to).or_default().push(edge);
    }
    for (queue, depth) in &input.depths {
        let edges = feeders.get(queue).map_or(&[][..], Vec::as_slice);
        let Some(from) = only_feeder(edges) else { continue };
        // Throttled events land there too, and no line tells of them.
        if input.throttled_within(from, MEMORY)
            || input.function(from).is_some_and(|f| f.reserved_concurrency == Some(0))
        {
            continue;
        }
        let mut explained = HashSet::new();
        for growth in depth.grown {
            explain(input, rows, from, queue, growth, &mut explained);
        }
    }
}

/// The node that alone leaves what failed in a queue, where nothing else is sent there.
fn only_feeder<'a>(edges: &[&'a Edge]) -> Option<&'a NodeId> {
    let first = &edges.first()?.key.from;
    edges
        .iter()
        .all(|edge| edge.key.from == *first && matches!(edge.key.kind, EdgeKind::DeadLetter | EdgeKind::Destination))
        .then_some(first)
}

fn explain(
    input: &Input,
    rows: &mut [Delivery],
    from: &NodeId,
    queue: &NodeId,
    growth: &Growth,
    explained: &mut HashSet<usize>,
) {
    let mut left = growth.by;
    for (place, row) in rows.iter().enumerate() {
        let Some(end) = row.end.as_ref().filter(|end| end.to.as_ref() == Some(queue)) else {
            continue;
        };
        let fits = end
            .at
            .is_none_or(|at| at > plus(growth.after, -LAG) && at <= plus(growth.until, LAG));
        if left > 0 && fits && explained.insert(place) {
            left = left.saturating_sub(row.count);
        }
    }
    if left == 0 {
        return;
    }
    let mut open: Vec<(bool, Timestamp, usize)> = rows
        .iter()
        .enumerate()
        .filter(|(_, row)| row.end.is_none() && (row.function == *from || row.source.as_ref() == Some(from)))
        .filter_map(|(place, row)| {
            let last = row.attempts.last().filter(|last| {
                !matches!(
                    last.outcome,
                    AttemptOutcome::Running | AttemptOutcome::Pending | AttemptOutcome::Ok
                )
            })?;
            let at = last.end.or(last.start).filter(|at| *at <= growth.until)?;
            let used_up = row
                .outlook
                .as_ref()
                .is_some_and(|outlook| outlook.attempts_left == Some(0));
            Some((used_up, at, place))
        })
        .collect();
    // First those whose attempts are used up, then the newest.
    open.sort_by(|a, b| b.cmp(a));
    for (_, _, place) in open {
        if left == 0 {
            return;
        }
        let row = &mut rows[place];
        let says = format!(
            "{} grew by {} between {} and {} UTC",
            input.name(queue),
            growth.by,
            clock(growth.after),
            clock(growth.until)
        );
        // What stands for several is over only when none of them may come again.
        if row.count > 1 && row.next.is_some() {
            row.notes.push(says);
            left = 0;
            continue;
        }
        left = left.saturating_sub(row.count);
        row.next = None;
        row.waits = None;
        row.outlook = None;
        row.end = Some(End {
            fate: Fate::DeadLetter,
            at: Some(growth.until),
            to: Some(queue.clone()),
            evidence: Known::Inferred,
            why: format!("{says}, and only {} feeds it", input.name(from)),
        });
        explained.insert(place);
    }
}
