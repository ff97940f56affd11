//! What was lost: counted once, and never taken back while it is of the last hour.
//!
//! AWS has a metric for each way of losing an event, and none counts losses alone: `AsyncEventsDropped`, `FailedInvocations`,
//! `NumberOfNotificationsFailed` and `InvocationDroppedCount` count what a dead-letter queue took as well. So a count proves a
//! loss only where nothing was there to keep the event, and that is asked when the count is first seen: a dead-letter queue
//! that was added since does not bring the event back. Metrics are best effort: a missing value proves nothing.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::HOUR;
use super::coming::is_given_up_by_age;
use super::series::{minute, start_of};
use super::snapshot::{Series, Topology};
use crate::domain::delivery::{Deliveries, Fate, Pattern};
use crate::domain::{Arn, EdgeKind, Metric, Node, NodeId, NodeKind, Point, Subject};

/// What became of an event after it was given up is counted in the same minute or a few later.
const SLACK_MINUTES: i64 = 5;

/// Series of one answer are read within so long, in account time that may run fast.
const TOGETHER: SignedDuration = SignedDuration::from_mins(5);

/// The API that tells of a function's destinations.
const DESTINATIONS: &str = "lambda:ListFunctionEventInvokeConfigs";
/// The API that tells of a function's dead-letter queue.
const FUNCTIONS: &str = "lambda:ListFunctions";
/// The API that tells of a rule's targets and their dead-letter queues.
const TARGETS: &str = "events:ListTargetsByRule";

/// How an event was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Way {
    /// A function failed to the end, and it has no dead-letter queue and no on-failure destination.
    Dropped,
    /// The dead-letter queue of a function, rule, topic or schedule could not be written.
    DeadLetterUnwritten,
    /// The record for a function's on-failure destination could not be written.
    DestinationUnreached,
    /// A rule, a topic or a schedule could not hand it over, and no dead-letter queue took it.
    NotHandedOver,
    /// A queue or a stream deleted it before it was processed.
    Expired,
    /// A stream's mapping skipped its batch when the retries were used up, and it has no on-failure destination.
    Skipped,
    /// A stream's mapping skipped it at its maximum record age, and it has no on-failure destination.
    TooOld,
}

/// Events lost in the last hour, as far as it is certain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// Whose: a function, rule, topic or schedule group; `None` if only the account's sum tells.
    pub of: Option<NodeId>,
    /// How.
    pub way: Way,
    /// How many.
    pub count: u64,
    /// The minute, or the moment where a log tells it, of the last of them.
    pub last: Option<Timestamp>,
    /// Whether metrics count all of them: else the log tells of some, and the metrics come minutes later.
    pub counted: bool,
}

/// Why a count may be of events that were kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Doubt {
    /// Whether a dead-letter queue or destination kept them could not be read.
    KeepingUnread,
    /// Only the account's sum tells of them: not read of any function yet, or of one that was not found.
    NoFunction,
    /// AWS: with an HTTP or HTTPS subscription, each failed attempt counts, not each message.
    Attempts,
}

/// Events given up in the last hour that may have been kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsure {
    /// Whose.
    pub of: Option<NodeId>,
    /// How many, at the most.
    pub count: u64,
    /// The metric that counts them, as AWS calls it.
    pub metric: &'static str,
    /// Why.
    pub doubt: Doubt,
}

/// What is known of losses at one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Losses {
    /// The certain ones: the most first.
    pub certain: Vec<Loss>,
    /// The others.
    pub unsure: Vec<Unsure>,
    /// Rules, topics and schedule groups whose loss metric was not read yet.
    pub unread: Vec<NodeId>,
}

/// Whether what a function gives up is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// In a dead-letter queue, at a destination, or both.
    Yes,
    /// Nothing keeps it.
    No,
    /// What would tell was not read.
    Unknown,
}

/// Who keeps what: the chain's edges, looked through once.
#[derive(Debug)]
pub struct Keepers<'a> {
    topology: &'a Topology,
    functions: BTreeSet<&'a NodeId>,
    /// Rules, topics and schedule groups with a dead-letter queue for any of their targets.
    sources: BTreeSet<NodeId>,
}

impl<'a> Keepers<'a> {
    /// Of a chain.
    #[must_use]
    pub fn of(topology: &'a Topology) -> Self {
        let edges = topology.edges.iter();
        let functions = edges
            .clone()
            .filter(|edge| edge.keeps_failures())
            .map(|edge| &edge.key.from);
        let sources = edges
            .filter(|edge| edge.key.kind == EdgeKind::DeadLetter)
            .map(|edge| group_of(&edge.key.from).unwrap_or_else(|| edge.key.from.clone()));
        Self {
            topology,
            functions: functions.collect(),
            sources: sources.collect(),
        }
    }

    /// Whether what a function fails to the end with, invoked asynchronously, is kept.
    #[must_use]
    pub fn function(&self, id: &NodeId) -> Kept {
        let topology = self.topology;
        let node = topology.nodes.get(id);
        if self.functions.contains(id) {
            Kept::Yes
        } else if node.is_none_or(|node| node.detail.is_none())
            || !is_surveyed(topology)
            || topology.is_unread(DESTINATIONS, id)
            || topology.is_unread(FUNCTIONS, id)
        {
            Kept::Unknown
        } else {
            Kept::No
        }
    }
}

/// Whether a survey ended: before, a dead-letter queue may not have been told of yet.
fn is_surveyed(topology: &Topology) -> bool {
    topology.surveyed_at.is_some() && !topology.cached
}

/// The schedule group of a schedule, by its ARN.
#[must_use]
pub fn group_of(schedule: &NodeId) -> Option<NodeId> {
    let (head, rest) = schedule.as_str().split_once(":schedule/")?;
    Some(NodeId::from(format!(
        "{head}:schedule-group/{}",
        rest.split_once('/')?.0
    )))
}

/// The metrics of one service that tell of losses together.
struct Trio {
    /// Given up: kept ones included.
    failed: Metric,
    /// Of those, kept.
    kept: Metric,
    /// Of those, neither kept.
    lost: Metric,
}

const TRIOS: [Trio; 3] = [
    Trio {
        failed: Metric::RuleFailures,
        kept: Metric::RuleDeadLettered,
        lost: Metric::RuleEventsLost,
    },
    Trio {
        failed: Metric::NotificationsFailed,
        kept: Metric::NotificationsRedriven,
        lost: Metric::NotificationsLost,
    },
    Trio {
        failed: Metric::SchedulesDropped,
        kept: Metric::SchedulesDeadLettered,
        lost: Metric::SchedulesLost,
    },
];

type Read = BTreeMap<(Subject, Metric), Series>;

/// All losses of the last hour that are certain, by the minute.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    lost: BTreeMap<(NodeId, Way), BTreeMap<i64, f64>>,
    /// When something was last seen to keep what a node gives up: what was given up before may be there.
    kept_at: BTreeMap<NodeId, Timestamp>,
}

impl Ledger {
    /// Enters what the metrics tell, with the configuration as it is known now.
    pub fn enter(&mut self, read: &Read, keepers: &Keepers<'_>, now: Timestamp) {
        for ((subject, metric), series) in read {
            let Subject::Node(id) = subject else { continue };
            match metric {
                Metric::DeadLetterErrors => self.note(id, Way::DeadLetterUnwritten, &series.points),
                Metric::DestinationDeliveryFailures => self.note(id, Way::DestinationUnreached, &series.points),
                Metric::AsyncEventsDropped => match keepers.function(id) {
                    Kept::No => self.note_unkept(id, Way::Dropped, &series.points),
                    Kept::Yes => drop(self.kept_at.insert(id.clone(), now)),
                    Kept::Unknown => {}
                },
                _ => {}
            }
        }
        for trio in &TRIOS {
            let told = read.keys().filter_map(|(subject, metric)| match subject {
                Subject::Node(id) if *metric == trio.failed || *metric == trio.lost => Some(id),
                _ => None,
            });
            let told: BTreeSet<&NodeId> = told.collect();
            for id in told {
                self.trio(trio, id, read, keepers, now);
            }
        }
        let oldest = minute(now) - 60;
        for minutes in self.lost.values_mut() {
            minutes.retain(|minute, _| *minute > oldest);
        }
        self.lost.retain(|_, minutes| !minutes.is_empty());
    }

    fn trio(&mut self, trio: &Trio, id: &NodeId, read: &Read, keepers: &Keepers<'_>, now: Timestamp) {
        let series = |metric| read.get(&(Subject::Node(id.clone()), metric));
        if let Some(lost) = series(trio.lost) {
            self.note(id, Way::DeadLetterUnwritten, &lost.points);
        }
        let has_queue = keepers.sources.contains(id);
        if has_queue {
            self.kept_at.insert(id.clone(), now);
        }
        let Some(failed) = series(trio.failed) else { return };
        // Both are asked together wherever something may keep them.
        let together = |kept: &&Series| match (kept.read_at, failed.read_at) {
            (Some(kept), Some(failed)) => failed.duration_since(kept).abs() <= TOGETHER,
            _ => false,
        };
        if let Some(kept) = series(trio.kept).filter(together) {
            let to = kept.read_at.min(failed.read_at).unwrap_or(now);
            self.note(id, Way::NotHandedOver, &unmatched(&failed.points, &kept.points, to));
        } else if !has_queue && is_surveyed(keepers.topology) && !keepers.topology.is_unread(TARGETS, id) {
            self.note_unkept(id, Way::NotHandedOver, &failed.points);
        }
    }

    /// Enters counts of which nothing can have been kept since something was last there to keep it.
    fn note_unkept(&mut self, id: &NodeId, way: Way, points: &[Point]) {
        let since = self.kept_at.get(id).copied();
        let after = |point: &&Point| since.is_none_or(|since| point.at > since);
        let points: Vec<Point> = points.iter().filter(after).copied().collect();
        self.note(id, way, &points);
    }

    fn note(&mut self, id: &NodeId, way: Way, points: &[Point]) {
        for point in points.iter().filter(|point| point.value > 0.0) {
            let minutes = self.lost.entry((id.clone(), way)).or_default();
            let known = minutes.entry(minute(point.at)).or_default();
            *known = known.max(point.value);
        }
    }

    /// Everything that is known of losses now.
    pub fn told(&self, read: &Read, keepers: &Keepers<'_>, deliveries: &Deliveries, now: Timestamp) -> Losses {
        let mut losses = Losses {
            unread: unread(read, keepers.topology),
            ..Losses::default()
        };
        for ((id, way), minutes) in &self.lost {
            let hour: Vec<_> = minutes.range(minute(now) - 59..=minute(now)).collect();
            let count = hour.iter().map(|(_, value)| **value).sum();
            losses.add(
                Some(id),
                *way,
                whole(count),
                hour.last().map(|(minute, _)| start_of(**minute)),
            );
        }
        let surplus = losses.by_log(keepers, deliveries, now);
        losses.of_account(read, keepers, surplus, now);
        losses.attempts(read, now);
        losses.certain.sort_by(|a, b| {
            b.count
                .cmp(&a.count)
                .then_with(|| a.of.cmp(&b.of))
                .then(a.way.cmp(&b.way))
        });
        losses
    }
}

impl Losses {
    /// How many are certain.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.certain.iter().map(|loss| loss.count).sum()
    }

    /// Those of one node.
    pub fn of<'a>(&'a self, id: &'a NodeId) -> impl Iterator<Item = &'a Loss> {
        self.certain.iter().filter(move |loss| loss.of.as_ref() == Some(id))
    }

    fn add(&mut self, of: Option<&NodeId>, way: Way, count: u64, last: Option<Timestamp>) {
        if count > 0 {
            self.certain.push(Loss {
                of: of.cloned(),
                way,
                count,
                last,
                counted: true,
            });
        }
    }

    /// Events of which the log tells that they are gone. Answers with those that no metric counts yet as dropped.
    fn by_log(&mut self, keepers: &Keepers<'_>, deliveries: &Deliveries, now: Timestamp) -> u64 {
        let mut seen: BTreeMap<(&NodeId, Way), (u64, Option<Timestamp>)> = BTreeMap::new();
        for row in &deliveries.deliveries {
            let Some(end) = row.end.as_ref().filter(|_| !row.attempts.is_empty()) else {
                continue;
            };
            let way = match (row.pattern, end.fate) {
                (Pattern::Asynchronous, Fate::Dropped | Fate::Expired) => Way::Dropped,
                (Pattern::Stream, Fate::Dropped) => Way::Skipped,
                (Pattern::Stream, Fate::Expired) if is_given_up_by_age(row, keepers.topology) => Way::TooOld,
                (Pattern::Queue | Pattern::Stream, Fate::Dropped | Fate::Expired) => Way::Expired,
                _ => continue,
            };
            if end.at.is_some_and(|at| now.duration_since(at) > HOUR) {
                continue;
            }
            let one = seen.entry((&row.function, way)).or_default();
            one.0 += row.count.max(1);
            one.1 = one.1.max(end.at);
        }
        let mut surplus = 0;
        for ((id, way), (count, last)) in seen {
            if way == Way::Dropped && keepers.function(id) == Kept::Unknown {
                self.unsure.push(Unsure {
                    of: Some(id.clone()),
                    count,
                    metric: Metric::AsyncEventsDropped.source().1,
                    doubt: Doubt::KeepingUnread,
                });
                continue;
            }
            let known = self
                .certain
                .iter_mut()
                .find(|loss| loss.of.as_ref() == Some(id) && loss.way == way);
            let counted = known.as_ref().map_or(0, |known| known.count);
            if way == Way::Dropped {
                surplus += count.saturating_sub(counted);
            }
            if let Some(known) = known {
                known.counted = counted >= count;
                known.count = counted.max(count);
                known.last = known.last.max(last);
            } else {
                self.certain.push(Loss {
                    of: Some(id.clone()),
                    way,
                    count,
                    last,
                    counted: false,
                });
            }
        }
        surplus
    }

    /// What the account's sums count beyond what is known of single functions.
    fn of_account(&mut self, read: &Read, keepers: &Keepers<'_>, surplus: u64, now: Timestamp) {
        for (metric, way) in [
            (Metric::DeadLetterErrors, Way::DeadLetterUnwritten),
            (Metric::DestinationDeliveryFailures, Way::DestinationUnreached),
        ] {
            let named = self
                .certain
                .iter()
                .filter(|loss| loss.way == way)
                .map(|loss| loss.count)
                .sum();
            let (sum, last) = hour(read.get(&(Subject::Account, metric)), now);
            self.add(None, way, sum.saturating_sub(named), last);
        }
        let dropped = Metric::AsyncEventsDropped;
        let mut told = 0;
        for ((subject, metric), series) in read {
            let (Subject::Node(id), true) = (subject, *metric == dropped) else {
                continue;
            };
            let (count, _) = hour(Some(series), now);
            told += count;
            if count > 0 && keepers.function(id) == Kept::Unknown && self.of(id).next().is_none() {
                self.unsure.retain(|unsure| unsure.of.as_ref() != Some(id));
                self.unsure.push(Unsure {
                    of: Some(id.clone()),
                    count,
                    metric: dropped.source().1,
                    doubt: Doubt::KeepingUnread,
                });
            }
        }
        let (sum, _) = hour(read.get(&(Subject::Account, dropped)), now);
        let rest = sum.saturating_sub(told + surplus);
        if rest > 0 {
            self.unsure.push(Unsure {
                of: None,
                count: rest,
                metric: dropped.source().1,
                doubt: Doubt::NoFunction,
            });
        }
    }

    /// Topics that count attempts.
    fn attempts(&mut self, read: &Read, now: Timestamp) {
        for ((subject, metric), series) in read {
            let (Subject::Node(id), Metric::NotificationAttemptsFailed) = (subject, metric) else {
                continue;
            };
            let (count, _) = hour(Some(series), now);
            if count > 0 && self.of(id).next().is_none() {
                self.unsure.push(Unsure {
                    of: Some(id.clone()),
                    count,
                    metric: metric.source().1,
                    doubt: Doubt::Attempts,
                });
            }
        }
    }
}

/// Whether the metrics of such a node tell what it loses.
#[must_use]
pub fn counts_losses(node: &Node) -> bool {
    match node.kind {
        NodeKind::Sns => true,
        NodeKind::Eventbridge => Arn::parse(node.id.as_str()).is_some_and(|arn| arn.resource.starts_with("rule/")),
        _ => false,
    }
}

/// Whether a metric that tells of a rule's, topic's or group's losses was read.
#[must_use]
pub fn is_counted(metric: Metric) -> bool {
    metric == Metric::NotificationAttemptsFailed
        || TRIOS.iter().any(|trio| metric == trio.failed || metric == trio.lost)
}

fn unread(read: &Read, topology: &Topology) -> Vec<NodeId> {
    let counted: BTreeSet<&NodeId> = read
        .iter()
        .filter_map(|((subject, metric), series)| match subject {
            Subject::Node(id) if is_counted(*metric) && series.read_at.is_some() => Some(id),
            _ => None,
        })
        .collect();
    let nodes = topology.nodes.values();
    let single = nodes
        .clone()
        .filter(|node| counts_losses(node))
        .map(|node| node.id.clone());
    let schedules = nodes.filter(|node| node.kind == NodeKind::Schedule);
    let groups: BTreeSet<NodeId> = schedules.filter_map(|node| group_of(&node.id)).collect();
    single.chain(groups).filter(|id| !counted.contains(id)).collect()
}

/// How many a series counts in the last hour, and the last minute that counts.
fn hour(series: Option<&Series>, now: Timestamp) -> (u64, Option<Timestamp>) {
    let Some(series) = series else { return (0, None) };
    let since = now.checked_sub(HOUR).unwrap_or(Timestamp::MIN);
    let points = series
        .points
        .iter()
        .filter(|point| point.at > since && point.at <= now && point.value > 0.0);
    let count = points.clone().map(|point| point.value).sum();
    (whole(count), points.map(|point| point.at).max())
}

fn whole(count: f64) -> u64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
    let count = count.max(0.0).round() as u64;
    count
}

/// What was given up and surely not kept: by the minute, what no count of kept ones in the same minute or the few after it can
/// be of. Both series were read up to `to`; a minute of which a later count may still tell proves nothing.
fn unmatched(failed: &[Point], kept: &[Point], to: Timestamp) -> Vec<Point> {
    let mut left: Vec<Point> = failed.to_vec();
    left.sort_by_key(|point| point.at);
    let mut kept: Vec<Point> = kept.to_vec();
    kept.sort_by_key(|point| point.at);
    // Each is of the oldest that it can be of: so most are matched, and no loss is told that is none.
    for count in kept {
        let mut rest = count.value;
        for point in &mut left {
            let late = minute(count.at) - minute(point.at);
            if (0..=SLACK_MINUTES).contains(&late) {
                let matched = point.value.min(rest);
                point.value -= matched;
                rest -= matched;
            }
        }
    }
    let settled = to
        .checked_sub(SignedDuration::from_mins(SLACK_MINUTES))
        .unwrap_or(Timestamp::MIN);
    left.retain(|point| point.value > 0.0 && point.at <= settled);
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> Timestamp {
        start_of(28_000_000 + minutes)
    }

    fn points(values: &[(i64, f64)]) -> Vec<Point> {
        let point = |(n, value): &(i64, f64)| Point {
            at: at(*n),
            value: *value,
        };
        values.iter().map(point).collect()
    }

    fn lost(failed: &[(i64, f64)], kept: &[(i64, f64)], to: i64) -> f64 {
        unmatched(&points(failed), &points(kept), at(to))
            .iter()
            .map(|point| point.value)
            .sum()
    }

    #[test]
    fn what_is_kept_a_minute_later_is_not_lost() {
        let every = |value| (0..20).map(|n| (n, value)).collect::<Vec<_>>();
        assert!(lost(&every(2.0), &every(2.0), 30) < 0.5);
        // Two fail each minute, one of them has a queue.
        assert!((lost(&every(2.0), &every(1.0), 30) - 20.0).abs() < 0.5);
        assert!(lost(&[(0, 3.0)], &[(1, 2.0), (2, 1.0)], 30) < 0.5);
        assert!(
            (lost(&[(0, 3.0)], &[(9, 3.0)], 30) - 3.0).abs() < 0.5,
            "that is of another"
        );
    }

    #[test]
    fn the_newest_minutes_prove_nothing_while_what_was_kept_may_still_be_counted() {
        assert!(lost(&[(10, 1.0)], &[], 12) < 0.5);
        assert!((lost(&[(10, 1.0)], &[], 15) - 1.0).abs() < 0.5);
    }
}
