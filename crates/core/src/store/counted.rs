//! What a queue's own counts tell: messages that were sent to it, and that are neither deleted nor there any more, have expired;
//! and messages that successful invocations return (`ReportBatchItemFailures`), which no log line and no metric of a function
//! shows: the queue counts more receives than deletes.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::HOUR;
use super::coming::{Cause, Coming};
use super::expiry::Waiting;
use super::losses::whole;
use super::short::queue_too_short;
use super::snapshot::{Series, Topology};
use crate::domain::{Detail, Edge, EdgeKind, Metric, NodeId, NodeKind, Queue, Subject};
use crate::forecast::policy::plus;
use crate::logs::Runs;

/// AWS (metrics): a count comes so late.
const LATE: SignedDuration = SignedDuration::from_mins(3);
/// A message is deleted within so long after it was received, or the time that its function has.
const DELETED: SignedDuration = SignedDuration::from_mins(5);
/// AWS (sqs): a queue's depth is right within a minute, and only one reading a minute is remembered.
const AROUND: SignedDuration = SignedDuration::from_mins(2);
/// Series of one answer are read within so long, in account time that may run fast.
const TOGETHER: SignedDuration = SignedDuration::from_mins(5);
/// What was never found empty for so long, or for some visibility timeouts, holds messages that go on coming back.
const FILLED: SignedDuration = SignedDuration::from_mins(5);

type Read = BTreeMap<(Subject, Metric), Series>;

/// What the counts of a queue tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// The only function that reads the queue.
    pub reader: NodeId,
    /// The queue.
    pub queue: NodeId,
    /// Receives of the last hour that no delete followed, at least.
    pub receives: u64,
    /// Whether its responses returned them: no invocation failed, and nothing else takes them out.
    pub are_returned: bool,
    /// Messages that are neither deleted nor there any more, at least: their retention ended.
    pub expired: u64,
    /// Whether nothing can have expired that is not among them.
    is_whole: bool,
    /// Up to when that was counted.
    pub to: Timestamp,
    /// How long the queue keeps a message.
    pub retention: SignedDuration,
    /// How long a receive hides one.
    visibility: SignedDuration,
}

/// What decides.
pub(super) struct Facts<'a> {
    pub topology: &'a Topology,
    pub metrics: &'a Read,
    pub invocations: &'a BTreeMap<NodeId, Arc<Runs>>,
    /// The most that a queue held between two moments; `None` if it was not read then.
    pub held: &'a dyn Fn(&NodeId, Timestamp, Timestamp) -> Option<u64>,
    pub now: Timestamp,
}

/// What the counts tell of every queue of which they were read.
pub(super) fn counted(facts: &Facts<'_>) -> Vec<Counted> {
    let queues = facts.metrics.keys().filter_map(|(subject, metric)| match subject {
        Subject::Node(id) if *metric == Metric::MessagesDeleted => Some(id),
        _ => None,
    });
    queues.filter_map(|queue| of_queue(queue, facts)).collect()
}

fn of_queue(id: &NodeId, facts: &Facts<'_>) -> Option<Counted> {
    let node = facts.topology.nodes.get(id)?;
    let Detail::Queue(queue) = &node.detail else {
        return None;
    };
    let reader = only_reader(id, facts.topology)?;
    let Detail::Function(function) = &facts.topology.nodes.get(&reader.key.to)?.detail else {
        return None;
    };
    let out: Vec<&Edge> = facts.topology.from(id).map(AsRef::as_ref).collect();
    let dead = out.iter().find(|edge| edge.key.kind == EdgeKind::DeadLetter);
    if dead.is_some() {
        queue_too_short(node, &out, facts.topology)?;
    }
    let counts = Counts::of(id, facts)?;
    let takes = DELETED.max(SignedDuration::from_secs(function.timeout_s.into()) + LATE);
    let to = counts.read_at;
    let complete = plus(to, -DELETED);
    // What was moved to the dead-letter queue is there, as a rule.
    let held = |from, to| {
        let moved = dead.map_or(Some(0), |dead| (facts.held)(&dead.key.to, from, to));
        Some((facts.held)(id, from, to)? + moved?)
    };
    let held = Held {
        then: held(plus(complete, -AROUND), plus(complete, AROUND)),
        now: held(complete, facts.now)?,
    };
    let receives = counts.unfollowed((plus(to, -takes), complete), held);
    Some(Counted {
        reader: reader.key.to.clone(),
        queue: id.clone(),
        receives,
        are_returned: dead.is_none() && is_partial(reader) && !may_have_failed(&reader.key.to, facts),
        // A purge takes out what was never received, too.
        expired: counts.expired((plus(to, -takes), complete), held, queue).min(receives),
        is_whole: held.then.is_some() && tells_expiry(queue),
        to,
        retention: SignedDuration::from_secs(queue.retention_s.into()),
        visibility: SignedDuration::from_secs(queue.visibility_timeout_s.into()),
    })
    .filter(|counted| counted.receives > 0)
}

/// The mapping by which one function alone reads a queue that holds no dead letters, all of its messages.
fn only_reader<'a>(queue: &NodeId, topology: &'a Topology) -> Option<&'a Edge> {
    if topology.to(queue).any(|edge| edge.key.kind == EdgeKind::DeadLetter) {
        return None;
    }
    let readers = topology.from(queue).map(AsRef::as_ref);
    let mut readers = readers.filter(|edge: &&Edge| edge.key.kind == EdgeKind::Trigger);
    let reader = readers
        .next()
        .filter(|edge| edge.enabled && !edge.policies.is_empty())?;
    let is_unfiltered = reader.policies.iter().all(|policy| policy.filter.patterns.is_empty());
    let is_function = topology.nodes.get(&reader.key.to)?.kind == NodeKind::Lambda;
    (readers.next().is_none() && is_unfiltered && is_function).then_some(reader)
}

/// Whether a successful invocation may return messages.
fn is_partial(reader: &Edge) -> bool {
    let mut policies = reader.policies.iter();
    policies.all(|policy| policy.batching.partial_response == Some(true))
}

/// What a queue held, at most.
#[derive(Clone, Copy)]
struct Held {
    /// When its counts became complete, if it was read then.
    then: Option<u64>,
    /// Since then.
    now: u64,
}

/// Whether the counts of an hour tell what expires in a queue. A FIFO queue's counts of sent messages may hold duplicates, and
/// what is kept longer did not expire in the hour.
fn tells_expiry(queue: &Queue) -> bool {
    let retention = SignedDuration::from_secs(queue.retention_s.into());
    !queue.fifo && !retention.is_zero() && retention + LATE <= HOUR - DELETED
}

/// Whether an invocation failed or was throttled in the last hour, or that was not read: then its messages come back for that.
fn may_have_failed(function: &NodeId, facts: &Facts<'_>) -> bool {
    let since = plus(facts.now, -HOUR);
    let counts = |metric| {
        let series = facts.metrics.get(&(Subject::Node(function.clone()), metric));
        series.is_none_or(|series| series.points.iter().any(|point| point.value > 0.0 && point.at > since))
    };
    let runs = facts.invocations.get(function);
    let failed = runs.is_some_and(|runs| runs.iter().any(|run| run.outcome.is_failure()));
    failed || counts(Metric::Errors) || counts(Metric::Throttles)
}

/// A queue's counts of the last hour.
struct Counts<'a> {
    sent: &'a Series,
    received: &'a Series,
    deleted: &'a Series,
    read_at: Timestamp,
    since: Timestamp,
}

impl<'a> Counts<'a> {
    fn of(queue: &NodeId, facts: &Facts<'a>) -> Option<Self> {
        let series = |metric| facts.metrics.get(&(Subject::Node(queue.clone()), metric));
        let (sent, received) = (series(Metric::MessagesSent)?, series(Metric::MessagesReceived)?);
        let deleted = series(Metric::MessagesDeleted)?;
        let read = [sent.read_at?, received.read_at?, deleted.read_at?];
        let (first, last) = (read.iter().min().copied()?, read.iter().max().copied()?);
        (last.duration_since(first) <= TOGETHER).then_some(Self {
            sent,
            received,
            deleted,
            read_at: first,
            since: plus(first, -HOUR),
        })
    }

    fn sum(&self, series: &Series, to: Timestamp) -> f64 {
        let points = series
            .points
            .iter()
            .filter(|point| point.at > self.since && point.at <= to);
        points.map(|point| point.value).sum()
    }

    /// Receives that no delete followed, at least. What was received is deleted a while later, or is in the queue until then.
    fn unfollowed(&self, (before, complete): (Timestamp, Timestamp), held: Held) -> u64 {
        let late = self.sum(self.received, before) - self.sum(self.deleted, self.read_at);
        whole(late.max(self.left(self.received, complete, held.then)))
    }

    /// Of what was counted up to a moment, what is neither deleted by then nor was in the queue then.
    fn left(&self, series: &Series, complete: Timestamp, held: Option<u64>) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "a count of messages")]
        let left = held.map(|held| self.sum(series, complete) - self.sum(self.deleted, complete) - held as f64);
        left.unwrap_or(0.0)
    }

    /// Messages that are neither deleted nor in the queue, at least. Where it was not read what the queue held when the counts
    /// became complete, what was deleted since, counted yet or not, may have been there.
    fn expired(&self, (before, complete): (Timestamp, Timestamp), held: Held, queue: &Queue) -> u64 {
        if !tells_expiry(queue) {
            return 0;
        }
        let of_hour = self.deleted.points.iter().filter(|point| point.at > self.since);
        let most = of_hour.map(|point| point.value).fold(0.0, f64::max);
        #[expect(clippy::cast_precision_loss, reason = "counts of messages, and minutes")]
        let (held_now, minutes) = (held.now as f64, (LATE.as_mins() + 1) as f64);
        let late = self.sum(self.sent, before) - self.sum(self.deleted, self.read_at) - most * minutes - held_now;
        whole(late.max(self.left(self.sent, complete, held.then)))
    }
}

/// The loss to come of what goes on coming back: a message may be among them that fails each time.
pub(super) fn coming(
    counted: &[Counted],
    waiting: impl Fn(&NodeId) -> Option<Waiting>,
    lost: impl Fn(&NodeId) -> u64,
    now: Timestamp,
) -> Vec<Coming> {
    let of_one = |one: &Counted| {
        // Found empty since: what was returned passed, or has expired.
        let waits = waiting(&one.queue)?;
        let filled = now.duration_since(waits.filled_since);
        let seen_for = FILLED.max(one.visibility * 4);
        if !waits.never_empty && filled < seen_for {
            return None;
        }
        let by = plus(waits.filled_since, one.retention);
        // What is returned passes in the end: nothing expired meanwhile.
        if by <= now && one.is_whole && one.expired == 0 {
            return None;
        }
        Some(Coming {
            latest: Some(by).filter(|by| *by > now),
            conditional: true,
            past: by <= now,
            lost: lost(&one.reader),
            ..Coming::new(one.reader.clone(), Some(one.queue.clone()), Cause::Returned)
        })
    };
    counted
        .iter()
        .filter(|one| one.are_returned)
        .filter_map(of_one)
        .collect()
}
