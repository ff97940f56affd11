//! Where events ended up, from the contents of queues: dead letters that were read name their event; a dead-letter queue
//! that grew shows that one more arrived, but not which one unless it has a single source.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use jiff::{SignedDuration, Timestamp};

use super::input::{Growth, Input};
use super::policy::{MEMORY, Window, plus};
use super::words::Said;
use crate::domain::delivery::{AttemptOutcome, Certainty, Delivery, End, Fate, Pattern};
use crate::domain::{Edge, EdgeKind, NodeId, QueueMessage};

/// AWS (sqs): a queue's counts may lag by a minute, so a growth may belong to what ended that much before.
const LAG: SignedDuration = SignedDuration::from_secs(90);
/// Lines show within so long, as a rule.
const READ: SignedDuration = SignedDuration::from_secs(15);

pub(super) fn land(input: &Input, rows: &mut [Delivery]) {
    letters(input, rows);
    grown(input, rows);
}

/// Applies dead letters that were read, which override everything else.
fn letters(input: &Input, rows: &mut [Delivery]) {
    if input.letters.is_empty() {
        return;
    }
    let mut by_id: HashMap<String, &QueueMessage> = HashMap::new();
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
        close(row);
        let at = if row.pattern == Pattern::Asynchronous {
            letter.sent()
        } else {
            None
        };
        let fate = if record { Fate::Destination } else { Fate::DeadLetter };
        let queue = input.name(&letter.queue).to_owned();
        let why = Said::LiesIn { queue };
        row.end = Some(End {
            at: at.or(row.end.as_ref().and_then(|end| end.at)),
            to: Some(letter.queue.clone()),
            ..End::new(fate, Certainty::Observed, why)
        });
        if row.pattern == Pattern::Queue {
            let receives = letter.receive_count();
            row.notes.push(Said::ReceiveCount { receives }.into());
        }
    }
}

/// The request that a destination's record is of.
fn request_of_record(letter: &QueueMessage) -> Option<String> {
    // Bodies are of any size and form: only one that looks like a record is read as one.
    if !letter.body.contains("\"requestContext\"") {
        return None;
    }
    let record: serde_json::Value = serde_json::from_str(&letter.body).ok()?;
    record["requestContext"]["requestId"].as_str().map(str::to_owned)
}

/// Dead-letter queues with more messages than are known to have ended there.
fn grown(input: &Input, rows: &mut [Delivery]) {
    let mut feeders: BTreeMap<&NodeId, Vec<&Edge>> = BTreeMap::new();
    for edge in input.edges {
        feeders.entry(&edge.key.to).or_default().push(edge);
    }
    for (queue, depth) in &input.depths {
        let edges = feeders.get(queue).map_or(&[][..], Vec::as_slice);
        let Some(from) = only_feeder(edges) else { continue };
        // Throttled events end up there, too, without a log line.
        let stopped = |id: &NodeId| {
            input.throttled_within(id, MEMORY) || input.function(id).is_some_and(|f| f.reserved_concurrency == Some(0))
        };
        let readers = || {
            rows.iter()
                .filter(|row| row.source.as_ref() == Some(from))
                .map(|row| &row.function)
        };
        if stopped(from) || readers().any(stopped) {
            continue;
        }
        let fate = if edges.iter().any(|edge| edge.key.kind == EdgeKind::DeadLetter) {
            Fate::DeadLetter
        } else {
            Fate::Destination
        };
        explain(input, rows, &Way { from, queue, fate }, depth.grown);
    }
}

/// The node that alone leaves what failed in a queue, where nothing else is sent there.
fn only_feeder<'a>(edges: &[&'a Edge]) -> Option<&'a NodeId> {
    let first = &edges.first()?.key.from;
    let takes_failures = |edge: &Edge| match edge.key.kind {
        EdgeKind::DeadLetter => true,
        EdgeKind::Destination => edge
            .policies
            .iter()
            .all(|policy| policy.condition.as_deref() != Some("OnSuccess")),
        _ => false,
    };
    edges
        .iter()
        .all(|edge| edge.key.from == *first && takes_failures(edge))
        .then_some(first)
}

/// Where what fails is left.
struct Way<'a> {
    from: &'a NodeId,
    queue: &'a NodeId,
    fate: Fate,
}

/// What may have ended in a queue, and when.
struct Candidate {
    place: usize,
    window: Window,
    /// Whether nothing is left to it but to end there.
    due: bool,
}

/// Joins growths of a queue to what may have ended there: each, in the order in which they came, to what was due first.
/// So the same growth belongs to the same event however much is seen later.
fn explain(input: &Input, rows: &mut [Delivery], way: &Way, grown: &[Growth]) {
    let mut due: Vec<Candidate> = rows
        .iter()
        .enumerate()
        .filter_map(|(place, row)| candidate(input, (place, row), way))
        .collect();
    // What is due by its deadline; then what is open, the newest first.
    due.sort_by_key(|one| {
        let order = if one.due {
            (one.window.latest, Reverse(Timestamp::MAX))
        } else {
            (Timestamp::MAX, Reverse(one.window.earliest))
        };
        (!one.due, order, rows[one.place].id.clone())
    });
    let log = input.logs.iter().find(|log| log.function == way.from);
    for growth in grown {
        // Until the log is read past it, the invocation that explains it may not have been seen.
        let seen = log.is_none_or(|log| {
            let read = log.read_to.is_some_and(|read| read >= plus(growth.until, READ));
            read || log.complete_to.is_some_and(|complete| complete >= growth.until)
        });
        let mut left = growth.by;
        while left > 0 {
            let fits = |one: &Candidate| {
                // One message is not the end of all events in a row.
                let row = &rows[one.place];
                let whole = !row.estimate || row.end.is_some() || growth.by >= row.count;
                let began = one.window.earliest <= growth.until && (one.due || seen);
                whole && began && one.window.latest > plus(growth.after, -LAG)
            };
            let Some(at) = due.iter().position(fits) else { break };
            let Candidate { place, window, .. } = due.remove(at);
            left = lands(input, &mut rows[place], way, growth, window, left);
        }
    }
}

/// Whether a row may have ended in a queue.
fn candidate(input: &Input, (place, row): (usize, &Delivery), way: &Way) -> Option<Candidate> {
    let Way { from, queue, .. } = *way;
    let last = row.attempts.last();
    let since = last.and_then(|last| last.end.or(last.start));
    if let Some(end) = &row.end {
        // A shard that moved on, messages that did not come again: whether they were given up is in no line.
        let unknown = end.fate == Fate::Unknown
            && (row.function == *from || row.source.as_ref() == Some(from))
            && matches!(row.pattern, Pattern::Stream | Pattern::Queue);
        if end.to.as_ref() != Some(queue) && !unknown {
            return None;
        }
        let until = end.at.unwrap_or(input.now);
        let window = Window {
            earliest: end.not_before.or(end.at).or(since)?,
            latest: if unknown { input.now } else { until },
        };
        return Some(Candidate {
            place,
            window,
            due: true,
        });
    }
    if row.function != *from && row.source.as_ref() != Some(from) {
        return None;
    }
    last.filter(|last| {
        !matches!(
            last.outcome,
            AttemptOutcome::Running | AttemptOutcome::Pending | AttemptOutcome::Ok
        )
    })?;
    let left = row.outlook.as_ref().and_then(|outlook| outlook.attempts_left);
    let due = left == Some(0);
    // The receives of a message are counted: with some left it was not moved.
    if row.pattern == Pattern::Queue && left.is_some_and(|left| left > 0) && row.missed.is_none() {
        return None;
    }
    let times = row.outlook.as_ref().filter(|_| due);
    let window = Window {
        earliest: times.and_then(|times| times.earliest).or(since)?,
        latest: times.and_then(|times| times.latest).unwrap_or(input.now),
    };
    Some(Candidate { place, window, due })
}

/// Ends a row with a growth of its dead-letter queue; returns the rest of the growth.
fn lands(input: &Input, row: &mut Delivery, way: &Way, growth: &Growth, window: Window, left: u64) -> u64 {
    let (queue, by) = (input.name(way.queue).to_owned(), growth.by);
    let grew = Window {
        earliest: growth.after,
        latest: growth.until,
    };
    // What stands for several is over only when none of them may come again.
    if row.count > 1 && row.next.is_some() {
        let window = grew;
        row.notes.push(Said::Grew { queue, by, window }.into());
        return 0;
    }
    if row.end.as_ref().is_none_or(|end| end.evidence == Certainty::Inferred) {
        close(row);
        let why = Said::GrewFedBy {
            queue,
            by,
            window: grew,
            feeder: input.name(way.from).to_owned(),
        };
        row.end = Some(End {
            at: Some(growth.until.min(window.latest).max(window.earliest)),
            to: Some(way.queue.clone()),
            ..End::new(way.fate, Certainty::Inferred, why)
        });
    }
    left.saturating_sub(row.count)
}

/// Nothing is expected of it any more.
fn close(row: &mut Delivery) {
    row.next = None;
    row.waits = None;
    row.outlook = None;
    row.overdue = None;
}
