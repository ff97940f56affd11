//! Depths of queues: each reading compared with the one before, and messages that must have expired.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::coming::{self, Coming};
use super::counted::{self, Counted};
use super::deliveries::DepthGrowth;
use super::expiry::{Facts, Ran};
use super::healed::{self, Empties};
use super::losses::whole;
use super::oldest::{self, Reached};
use super::series::{Minutes, minute};
use super::snapshot::{Depth, Reading, Topology};
use super::{HOUR, Store, unread};
use crate::domain::delivery::{Deliveries, Fate};
use crate::domain::{Detail, EdgeKind, Metric, NodeId, NodeKind, Point, Subject};
use crate::forecast::policy::plus;
use crate::logs::invocations::Runs;

/// Usual lateness of lines, for a log that was read only once.
const LINES_LATE: SignedDuration = SignedDuration::from_mins(5);

/// A queue's counts over time.
#[derive(Default)]
pub(super) struct QueueRecord {
    pub now: Option<Reading<Depth>>,
    pub history: Minutes,
    /// Since when it has not been empty, where it was seen empty.
    pub filled_since: Option<Timestamp>,
    /// When it held more than before.
    pub grown: DepthGrowth,
    /// When it was found empty.
    pub empties: Empties,
}

impl Store {
    pub(super) fn depth(&mut self, at: Timestamp, queue: &NodeId, depth: Depth) {
        let record = self.depths.entry(queue.clone()).or_default();
        let reading = Reading { value: depth, at };
        self.ends.expiry.read(queue, at, depth.total());
        record.grown.note(record.now, reading);
        let before = record.now.replace(reading).map(|reading| reading.value);
        #[expect(clippy::cast_precision_loss, reason = "a count for a sparkline")]
        record.history.set(at, depth.total() as f64);
        if depth.total() == 0 {
            record.empties.note(at);
        }
        record.filled_since = match before.map(Depth::total) {
            _ if depth.total() == 0 => None,
            Some(0) => Some(at),
            // It was filled when it was first read: since when is not known.
            _ => record.filled_since,
        };
        if let Some(before) = before {
            let arrived = depth.total().saturating_sub(before.total());
            if arrived > 0 {
                self.traffic.arrived(&self.chain.topology(), queue, arrived, at);
                self.ends.delivered.arrived(queue, at);
                self.changed.pulses = true;
            }
        }
        self.changed.vitals = true;
        self.deliveries.touch();
    }

    /// Enters the messages that queues have deleted unread by now.
    pub(super) fn expired(
        &mut self,
        topology: &Topology,
        invocations: &BTreeMap<NodeId, Arc<Runs>>,
        deliveries: &Deliveries,
        now: Timestamp,
    ) {
        let ran = |function: &NodeId| {
            let runs = invocations.get(function)?;
            let reach = self.deliveries.reach_of(function)?;
            let is_hidden = deliveries.unobservable.iter().any(|entry| entry.function == *function);
            Some(Ran {
                runs,
                read_since: Some(reach.since),
                complete_to: reach.complete_to.filter(|_| !is_hidden),
                lines_to: reach
                    .complete_to
                    .max(Some(plus(reach.read_to, -LINES_LATE)))
                    .filter(|_| !is_hidden),
            })
        };
        let grown = |queue: &NodeId, since| {
            let record = self.depths.get(queue)?;
            record.now?;
            Some(record.grown.since(since))
        };
        let gone = self.ends.expiry.settle(&Facts {
            now,
            topology,
            ran: &ran,
            grown: &grown,
        });
        for one in gone {
            self.ends.ledger.expired(&one.of, one.at, one.count);
        }
        let queues = topology.nodes.values().filter(|node| node.kind == NodeKind::Sqs);
        for queue in queues.map(|node| &node.id) {
            let reached = self.reached(topology, queue, now);
            // What a mapping read before is followed by its depth from the first reading on, and counted there.
            let is_followed = topology.from(queue).any(|edge| edge.key.kind == EdgeKind::Trigger);
            let first = self.ends.expiry.first_read(queue).filter(|_| is_followed);
            let untold = |at: &&Timestamp| first.is_none_or(|first| minute(**at) < minute(first));
            if reached.certain {
                for at in reached.times.iter().filter(untold) {
                    self.ends.ledger.reached(queue, *at);
                }
            }
        }
    }

    /// Messages that expired within the last hour, by the age of the oldest message.
    fn reached(&self, topology: &Topology, queue: &NodeId, now: Timestamp) -> Reached {
        let series = self
            .metrics
            .get(&(Subject::Node(queue.clone()), Metric::OldestMessageAge));
        let since = now.checked_sub(HOUR).unwrap_or(Timestamp::MIN);
        // What came in before the mapping was switched off may have been read.
        let since = unread::off_since(topology, queue).map_or(since, |off| off.max(since));
        let points = series.map_or(&[][..], |series| &series.points);
        let points = &points[points.partition_point(|point| point.at < since)..];
        oldest::reached(topology, queue, points, now)
    }

    /// The age of a queue's oldest message, as last read.
    pub(super) fn oldest(&self, queue: &NodeId) -> Option<Point> {
        let subject = Subject::Node(queue.clone());
        let series = self.metrics.get(&(subject, Metric::OldestMessageAge))?;
        series.points.last().copied()
    }

    /// What the counts of queues tell.
    pub(super) fn counted(
        &self,
        topology: &Topology,
        invocations: &BTreeMap<NodeId, Arc<Runs>>,
        now: Timestamp,
    ) -> Vec<Counted> {
        let held = |queue: &NodeId, from: Timestamp, to: Timestamp| {
            let record = self.depths.get(queue)?;
            let history = record.history.points(now).into_iter();
            let history = history.map(|point| (whole(point.value), point.at));
            let last = record.now.map(|now| (now.value.total(), now.at));
            let within = history.chain(last).filter(|(_, at)| *at >= from && *at <= to);
            within.map(|(held, _)| held).max()
        };
        counted::counted(&counted::Facts {
            topology,
            metrics: &self.metrics,
            invocations,
            held: &held,
            now,
        })
    }

    /// All losses to come.
    pub(super) fn coming(&self, deliveries: &Deliveries, told: &coming::Told<'_>, now: Timestamp) -> Vec<Coming> {
        let topology = told.topology;
        let oldest = |queue: &NodeId| self.oldest(queue);
        let waiting = |queue: &NodeId| self.ends.expiry.waiting(queue);
        let mut all = coming::coming(deliveries, told, now);
        let facts = healed::Facts {
            topology,
            deliveries,
            losses: told.losses,
            invocations: told.invocations,
            empties: &|queue| Some(&self.depths.get(queue)?.empties),
            throttled: &|function| {
                let of = |subject| self.metrics.get(&(subject, Metric::Throttles));
                let throttles = of(Subject::Node(function.clone())).or_else(|| of(Subject::Account));
                throttles.is_none_or(|series| series.points.iter().any(|point| point.value > 0.0))
            },
            now,
        };
        healed::heal(&mut all, &facts);
        let none = DepthGrowth::default();
        let known = |queue: &NodeId| unread::Known {
            waiting: self.ends.expiry.waiting(queue),
            oldest: oldest(queue),
            reached: self.reached(topology, queue, now),
            lost: lost(told, queue),
            grown: self.depths.get(queue).map_or(&none, |record| &record.grown),
            arrived: arrived(queue, deliveries, told, now, self.ends.expiry.waiting(queue).is_none()),
        };
        all.extend(unread::coming(topology, known, now));
        all.extend(unread::streams(topology, now));
        // If its messages fail, that is reported instead.
        let mut slow = unread::too_slow(topology, oldest, now);
        slow.retain(|one| !all.iter().any(|other| other.source == one.source));
        for one in &mut slow {
            one.lost = lost(told, &one.of);
        }
        all.extend(slow);
        // If its messages fail, that is reported instead.
        let mut returned = counted::coming(told.counted, waiting, |id| lost(told, id), now);
        returned.retain(|one| !all.iter().any(|other| other.source == one.source));
        all.extend(returned);
        unread::bound(&mut all, topology, waiting, now);
        coming::sort(&mut all);
        all
    }
}

/// How many of a node's events were lost in the last hour.
fn lost(told: &coming::Told<'_>, id: &NodeId) -> u64 {
    told.losses.of(id).map(|loss| loss.count).sum()
}

/// The dead letters of the last hour that came into a queue, as the logs show: events that were sent to it, and the first for
/// which as many attempts failed at one of its sources as a message has.
fn arrived(
    queue: &NodeId,
    deliveries: &Deliveries,
    told: &coming::Told<'_>,
    now: Timestamp,
    is_empty: bool,
) -> Vec<(Timestamp, Option<u64>)> {
    let recent = |at: &Timestamp| now.duration_since(*at) <= HOUR;
    let given_up = deliveries.deliveries.iter().filter_map(|row| {
        let end = row.end.as_ref()?;
        let is_here = matches!(end.fate, Fate::DeadLetter | Fate::Destination) && end.to.as_ref() == Some(queue);
        Some((end.at.filter(|at| is_here && recent(at))?, Some(row.count.max(1))))
    });
    let given_up: Vec<(Timestamp, Option<u64>)> = given_up.collect();
    let sources = told
        .topology
        .to(queue)
        .filter(|edge| edge.key.kind == EdgeKind::DeadLetter);
    let tried = sources.filter_map(|edge| {
        let Detail::Queue(source) = &told.topology.nodes.get(&edge.key.from)?.detail else {
            return None;
        };
        let receives = usize::try_from(source.max_receive_count?).ok()?.max(1);
        let visibility = SignedDuration::from_secs(source.visibility_timeout_s.into());
        let readers = told
            .topology
            .from(&edge.key.from)
            .filter(|edge| edge.key.kind == EdgeKind::Trigger);
        let of_reader = readers.filter_map(|reader| {
            let runs = told.invocations.get(&reader.key.to)?.iter();
            let failed = runs
                .filter(|run| run.outcome.is_failure())
                .filter_map(|run| run.start.or(run.end));
            Some(plus(failed.filter(recent).nth(receives - 1)?, visibility))
        });
        of_reader.min()
    });
    // Nothing in it: then attempts that failed may have been of messages that a later one saved. Those that lines name are
    // counted above.
    let is_told = given_up.iter().map(|(at, _)| *at).min();
    let first = tried
        .filter(|at| !is_empty && is_told.is_none_or(|told| *at < told))
        .min();
    given_up.into_iter().chain(first.map(|at| (at, None))).collect()
}
