//! Messages that expire unread: those in a queue at one time have expired a retention later, if no invocation succeeded
//! meanwhile. No log line and no metric shows them.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::before::{self, Before};
use super::short::queue_too_short;
use super::snapshot::Topology;
use crate::domain::{Detail, Edge, EdgeKind, EdgePolicy, Invocation, Node, NodeId, NodeKind};
use crate::forecast::policy::plus;
use crate::logs::invocations::Runs;

/// AWS (sqs): a queue's counts are right within a minute; a log's times and the queue's may differ a little.
const LAG: SignedDuration = SignedDuration::from_secs(90);
/// AWS (sqs): no invocation takes longer.
const LONGEST: SignedDuration = SignedDuration::from_mins(15);
/// Invocations are looked through so often.
const PAUSE: SignedDuration = SignedDuration::from_secs(10);
/// A moment that could not be judged so long after its time is given up for a newer one.
const UNJUDGED: SignedDuration = SignedDuration::from_hours(1);

/// What waited in a queue at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Held {
    at: Timestamp,
    count: u64,
}

#[derive(Debug)]
struct Record {
    /// What is followed until its retention is over.
    followed: Held,
    last: Held,
    /// The first reading since which the queue was never found empty.
    filled: Option<Timestamp>,
    /// When it was last checked whether something was processed.
    judged: Option<Timestamp>,
    /// Since when nothing was.
    stuck_since: Option<Timestamp>,
    /// When it was first read.
    first: Timestamp,
    /// Up to when earlier expiries were derived from the log.
    before: Option<Timestamp>,
}

/// Contents of every queue, followed until they must have expired.
#[derive(Debug, Default)]
pub(super) struct Expiry(BTreeMap<NodeId, Record>);

/// Messages that wait in a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Waiting {
    pub count: u64,
    /// It was found filled at every reading since.
    pub filled_since: Timestamp,
    /// No reading found it empty.
    pub never_empty: bool,
    /// Messages in the queue at that time are not yet accounted for.
    pub followed_since: Timestamp,
    /// Since when nothing was processed or moved, as far as known.
    pub stuck_since: Option<Timestamp>,
}

/// Expired messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Gone {
    /// The only function that read the queue and failed, else the queue.
    pub of: NodeId,
    /// By when at the latest.
    pub at: Timestamp,
    /// At least so many.
    pub count: u64,
}

/// What is known of a function's invocations.
pub(super) struct Ran<'a> {
    /// In order of time.
    pub runs: &'a Runs,
    /// From when on every line was read.
    pub read_since: Option<Timestamp>,
    /// The log is complete through this time; `None` if unknown, or if its lines do not show every invocation.
    pub complete_to: Option<Timestamp>,
    /// Up to here no line is missing as a rule, likewise.
    pub lines_to: Option<Timestamp>,
}

/// What else decides.
pub(super) struct Facts<'a> {
    pub now: Timestamp,
    pub topology: &'a Topology,
    /// What is known of the function's invocations; `None` if nothing.
    pub ran: &'a dyn Fn(&NodeId) -> Option<Ran<'a>>,
    /// By how much a queue grew since then; `None` if it is not read.
    pub grown: &'a dyn Fn(&NodeId, Timestamp) -> Option<u64>,
}

/// What became of the messages that are followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// Too early, or the log is not read that far.
    Pending,
    /// Some may have been processed or moved.
    PerhapsProcessed,
    /// So many at least were deleted.
    Deleted(u64),
}

impl Expiry {
    /// Takes in a reading of a queue's depth: all its messages.
    pub fn read(&mut self, queue: &NodeId, at: Timestamp, count: u64) {
        let now = Held { at, count };
        let record = self.0.entry(queue.clone()).or_insert(Record {
            followed: now,
            last: now,
            filled: None,
            judged: None,
            stuck_since: None,
            first: at,
            before: None,
        });
        record.last = now;
        record.filled = (count > 0).then(|| record.filled.unwrap_or(at));
        if record.followed.count == 0 {
            record.followed = now;
        }
    }

    /// How many messages wait in a queue; since when it was found filled at every reading; and a later moment from which on
    /// they are followed.
    pub fn waiting(&self, queue: &NodeId) -> Option<Waiting> {
        let record = self.0.get(queue)?;
        Some(Waiting {
            count: record.last.count,
            filled_since: record.filled?,
            never_empty: record.filled == Some(record.first),
            followed_since: record.followed.at.max(record.filled?),
            stuck_since: record
                .stuck_since
                .max(record.filled)
                .filter(|_| record.stuck_since.is_some()),
        })
    }

    /// When a queue's depth was first read.
    pub fn first_read(&self, queue: &NodeId) -> Option<Timestamp> {
        Some(self.0.get(queue)?.first)
    }

    /// Messages that expired before the queues were first read, as far as the logs show.
    fn before(&mut self, facts: &Facts<'_>) -> Vec<Gone> {
        let moved: BTreeMap<NodeId, u64> = self
            .0
            .iter()
            .map(|(id, record)| (id.clone(), record.last.count))
            .collect();
        let mut all = Vec::new();
        for (queue, record) in &mut self.0 {
            // By then everything that was no longer there at the first reading is accounted for.
            if facts.now.duration_since(record.first) > UNJUDGED {
                continue;
            }
            let before = Before {
                topology: facts.topology,
                queue,
                told_to: record.before,
                first_read: record.first,
                moved: &|dead| moved.get(dead).copied(),
            };
            let gone = before::gone(&before, facts.ran);
            record.before = gone.iter().map(|one| one.at).max().max(record.before);
            all.extend(gone.into_iter().filter(|one| one.count > 0));
        }
        all
    }

    /// Messages that expired since the last call.
    pub fn settle(&mut self, facts: &Facts<'_>) -> Vec<Gone> {
        let mut gone = self.before(facts);
        for (id, record) in &mut self.0 {
            let Some((node, retention)) = queue_of(facts.topology, id) else {
                continue;
            };
            if record.followed.count == 0 {
                continue;
            }
            let by = plus(record.followed.at, retention);
            let is_over = facts.now >= plus(by, LAG);
            if !is_over && record.judged.is_some_and(|at| facts.now < plus(at, PAUSE)) {
                continue;
            }
            record.judged = Some(facts.now);
            let verdict = verdict(node, record.followed, by, facts);
            record.stuck_since = match verdict {
                Verdict::PerhapsProcessed => None,
                Verdict::Pending | Verdict::Deleted(_) => record.stuck_since.or(Some(record.followed.at)),
            };
            match verdict {
                Verdict::Pending if facts.now.duration_since(by) < UNJUDGED => continue,
                Verdict::Pending | Verdict::PerhapsProcessed => {}
                Verdict::Deleted(count) => gone.extend((count > 0).then(|| Gone {
                    of: only_reader(facts.topology, id).unwrap_or_else(|| id.clone()),
                    at: by,
                    count,
                })),
            }
            record.followed = record.last;
        }
        gone
    }
}

fn queue_of<'a>(topology: &'a Topology, id: &NodeId) -> Option<(&'a Node, SignedDuration)> {
    let node = topology.nodes.get(id)?;
    let Detail::Queue(queue) = &node.detail else {
        return None;
    };
    (queue.retention_s > 0).then(|| (&**node, SignedDuration::from_secs(queue.retention_s.into())))
}

fn verdict(node: &Node, held: Held, by: Timestamp, facts: &Facts<'_>) -> Verdict {
    let out: Vec<&Edge> = facts.topology.from(&node.id).map(AsRef::as_ref).collect();
    let counted_from = plus(held.at, -LAG);
    let mut triggers = out.iter().filter(|edge| edge.key.kind == EdgeKind::Trigger).peekable();
    if triggers.peek().is_none() {
        return Verdict::PerhapsProcessed;
    }
    let mut verdict = Verdict::Deleted(held.count);
    let mut any_reads = false;
    for edge in triggers {
        if was_off(edge, counted_from) {
            continue;
        }
        any_reads = true;
        match of_reader(edge, (counted_from, by), facts) {
            Verdict::PerhapsProcessed => return Verdict::PerhapsProcessed,
            Verdict::Pending => verdict = Verdict::Pending,
            Verdict::Deleted(_) => {}
        }
    }
    if facts.now < plus(by, LAG) {
        return Verdict::Pending;
    }
    let dead = out.iter().find(|edge| edge.key.kind == EdgeKind::DeadLetter);
    match (verdict, dead) {
        (Verdict::Deleted(count), Some(dead)) if any_reads => {
            let moved = (facts.grown)(&dead.key.to, held.at);
            match moved.filter(|_| queue_too_short(node, &out, facts.topology).is_some()) {
                Some(moved) => Verdict::Deleted(count.saturating_sub(moved)),
                None => Verdict::PerhapsProcessed,
            }
        }
        (verdict, _) => verdict,
    }
}

/// Whether a mapping is off, and was from then on.
pub(super) fn was_off(edge: &Edge, since: Timestamp) -> bool {
    let changed = |policy: &EdgePolicy| policy.status.last_modified.is_some_and(|at| at <= since);
    !edge.enabled && !edge.policies.is_empty() && edge.policies.iter().all(changed)
}

/// What one consumer may have done to the messages in this time.
fn of_reader(edge: &Edge, (from, by): (Timestamp, Timestamp), facts: &Facts<'_>) -> Verdict {
    let is_function = facts
        .topology
        .nodes
        .get(&edge.key.to)
        .is_some_and(|node| node.kind == NodeKind::Lambda);
    // AWS (patterns): what a mapping's filter does not let through is deleted, and nothing is invoked.
    let filters = edge.policies.iter().any(|policy| !policy.filter.patterns.is_empty());
    let Some(ran) = (facts.ran)(&edge.key.to).filter(|_| is_function && !filters) else {
        return Verdict::PerhapsProcessed;
    };
    // An invocation that may have succeeded may have processed them, or some of them.
    let may_have_processed = |run: &Arc<Invocation>| {
        let ended = run.end.or_else(|| Some(plus(run.start?, LONGEST)));
        let ends_after = ended.is_none_or(|end| end >= from);
        let begins_before = run.start.is_none_or(|start| start <= by);
        !run.outcome.is_failure() && ends_after && begins_before
    };
    let is_read = ran.read_since.is_some_and(|since| since <= from);
    if !is_read || ran.runs.iter().rev().any(may_have_processed) {
        Verdict::PerhapsProcessed
    } else if ran.complete_to.is_some_and(|complete| complete >= by) {
        Verdict::Deleted(0)
    } else {
        Verdict::Pending
    }
}

/// The function that alone reads a queue.
fn only_reader(topology: &Topology, queue: &NodeId) -> Option<NodeId> {
    let mut readers = topology
        .from(queue)
        .filter(|edge| edge.key.kind == EdgeKind::Trigger && edge.enabled);
    let first = readers.next()?;
    readers.next().is_none().then(|| first.key.to.clone())
}
