//! Losses: counted once, and never withdrawn within the last hour.
//!
//! AWS has a metric for each way of losing an event, and none counts losses alone: `AsyncEventsDropped`,
//! `FailedInvocations`, `NumberOfNotificationsFailed` and `InvocationDroppedCount` also count events sent to a dead-letter
//! queue. So a count proves a loss only if nothing kept the event, which is checked when the count is first seen: a
//! dead-letter queue added later does not bring the event back. Metrics are best effort: a missing value proves nothing.

mod attributed;
mod counts;
mod keepers;
mod unmatched;
mod unread;

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::HOUR;
use super::coming::is_given_up_by_age;
use super::counted::Counted;
use super::series::{minute, start_of};
use super::snapshot::Series;
use crate::domain::delivery::{Deliveries, Fate, Pattern};
use crate::domain::{Metric, NodeId, Point, Subject};
pub(super) use attributed::is_written_by;
pub(super) use counts::whole;
use counts::{hour, read_to, until};
use keepers::is_surveyed;
pub use keepers::{Keepers, Kept, group_of};
use unmatched::unmatched;
use unread::unread;
pub use unread::{counts_losses, is_counted};

/// AWS (metrics): what a metric counts may come so late. A count of the account that no function's explains by then is of none of them.
const LATE: SignedDuration = SignedDuration::from_mins(10);

/// Series of one answer are read within so long, in account time that may run fast.
const TOGETHER: SignedDuration = SignedDuration::from_mins(5);

/// The API that returns a rule's targets and their dead-letter queues.
const TARGETS: &str = "events:ListTargetsByRule";

/// How an event was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Way {
    /// The last attempt failed, and the function has no dead-letter queue and no on-failure destination.
    Dropped,
    /// The dead-letter queue of a function, rule, topic or schedule could not be written.
    DeadLetterUnwritten,
    /// The record for a function's on-failure destination could not be written.
    DestinationUnreached,
    /// A rule, a topic or a schedule could not deliver it, and no dead-letter queue got it.
    NotHandedOver,
    /// A queue or a stream deleted it before it was processed.
    Expired,
    /// Successful invocations returned it to a queue without a dead-letter queue until its retention ended.
    Returned,
    /// A stream's mapping skipped its batch when the retries were used up, and it has no on-failure destination.
    Skipped,
    /// A stream's mapping skipped it at its maximum record age, and it has no on-failure destination.
    TooOld,
}

/// Events lost in the last hour, as far as it is certain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// The function, rule, topic or schedule group; `None` if only the account's sum is known.
    pub of: Option<NodeId>,
    /// How.
    pub way: Way,
    /// How many.
    pub count: u64,
    /// The minute of the last of them, or the time if a log shows it.
    pub last: Option<Timestamp>,
    /// Whether a metric counts any of them: otherwise only the log does, and metrics follow minutes later.
    pub counted: bool,
    /// Whether there may be more: a batch contains several records, expiry is not counted by a metric, and if dead-letter
    /// queues keep some of it, the metrics of both are late.
    pub at_least: bool,
    /// Whether they went to a topic without a subscription.
    pub unheard: bool,
}

/// Why a count may be of events that were kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Doubt {
    /// Whether a dead-letter queue or destination kept them could not be read.
    KeepingUnread,
    /// Only in the account's sum: not yet read per function, or of an unknown function.
    NoFunction,
    /// AWS (losses): with an HTTP or HTTPS subscription, each failed attempt counts, not each message.
    Attempts,
}

/// Events given up in the last hour that may have been kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsure {
    /// Whose.
    pub of: Option<NodeId>,
    /// The upper bound.
    pub count: u64,
    /// The metric that counts them, as AWS calls it.
    pub metric: &'static str,
    /// Why.
    pub doubt: Doubt,
}

/// What is known of losses at one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Losses {
    /// The certain ones: the most first, by hundreds, ten thousands and so on.
    pub certain: Vec<Loss>,
    /// The others.
    pub unsure: Vec<Unsure>,
    /// Rules, topics and schedule groups whose loss metric was not read yet.
    pub unread: Vec<NodeId>,
}

/// The metrics of one service that together count losses.
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
    /// Records the losses in metrics, with the configuration known now.
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
            // Events that could not be written to a dead-letter queue have their own count.
            let unwritten = series(trio.lost).map(|lost| &lost.points[..]).unwrap_or_default();
            let explained: Vec<Point> = kept.points.iter().chain(unwritten).copied().collect();
            self.note(id, Way::NotHandedOver, &unmatched(&failed.points, &explained, to));
        } else if !has_queue && is_surveyed(keepers.topology) && !keepers.topology.is_unread(TARGETS, id) {
            self.note_unkept(id, Way::NotHandedOver, &failed.points);
        }
    }

    /// Enters messages that a queue has deleted unread.
    pub fn expired(&mut self, of: &NodeId, at: Timestamp, count: u64) {
        let minutes = self.lost.entry((of.clone(), Way::Expired)).or_default();
        #[expect(clippy::cast_precision_loss, reason = "a count of messages")]
        let count = count as f64;
        *minutes.entry(minute(at)).or_default() += count;
    }

    /// Records that a message expired: at least one per minute, however often it is reported.
    pub fn reached(&mut self, of: &NodeId, at: Timestamp) {
        let minutes = self.lost.entry((of.clone(), Way::Expired)).or_default();
        let known = minutes.entry(minute(at)).or_default();
        *known = known.max(1.0);
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
    pub fn told(
        &self,
        read: &Read,
        keepers: &Keepers<'_>,
        deliveries: &Deliveries,
        counted: &[Counted],
        now: Timestamp,
    ) -> Losses {
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
        losses.by_counts(counted);
        let surplus = losses.by_log(keepers, deliveries, now);
        losses.of_account(read, keepers, surplus, now);
        losses.attribute(keepers.topology, deliveries);
        losses.attempts(read, now);
        for loss in &mut losses.certain {
            let is_unheard = |of: &NodeId| keepers.is_unheard(of);
            loss.unheard = loss.way == Way::Dropped && loss.of.as_ref().is_some_and(is_unheard);
            loss.at_least = match (loss.way, &loss.of) {
                // The log is read less than an hour back.
                _ if !loss.counted => true,
                (Way::Expired | Way::Returned | Way::Skipped | Way::TooOld, _) => true,
                (Way::NotHandedOver, Some(of)) => keepers.sources.contains(of),
                _ => loss.at_least,
            };
        }
        // By their order of magnitude: two that are about as many would change places all the time.
        let magnitude = |loss: &Loss| loss.count.max(1).ilog(100);
        losses.certain.sort_by(|a, b| {
            // Names come first.
            (a.of.is_none().cmp(&b.of.is_none()))
                .then(magnitude(b).cmp(&magnitude(a)))
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
                at_least: false,
                unheard: false,
            });
        }
    }

    /// Records what expired by the counts of a queue: of what its depth and the log show as well, whichever are more.
    fn by_counts(&mut self, counted: &[Counted]) {
        for one in counted {
            let way = if one.are_returned { Way::Returned } else { Way::Expired };
            let is_it = |loss: &&mut Loss| loss.of.as_ref() == Some(&one.reader) && loss.way == way;
            match self.certain.iter_mut().find(is_it) {
                Some(known) => known.count = known.count.max(one.expired),
                None => self.add(Some(&one.reader), way, one.expired, Some(one.to)),
            }
        }
    }

    /// Records losses shown by the log. Returns the number of those that no metric counts yet.
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
            // What a mapping gave up and could not write to its destination is counted as that: one event, one loss.
            let is_unwritten = |loss: &Loss| loss.of.as_ref() == Some(id) && loss.way == Way::DestinationUnreached;
            let way = match way {
                Way::Skipped | Way::TooOld if self.certain.iter().any(is_unwritten) => Way::DestinationUnreached,
                way => way,
            };
            let known = self
                .certain
                .iter_mut()
                .find(|loss| loss.of.as_ref() == Some(id) && loss.way == way);
            let counted = known.as_ref().map_or(0, |known| known.count);
            if way == Way::Dropped {
                surplus += count.saturating_sub(counted);
            }
            if let Some(known) = known {
                known.count = counted.max(count);
                known.last = known.last.max(last);
            } else {
                self.certain.push(Loss {
                    of: Some(id.clone()),
                    way,
                    count,
                    last,
                    counted: false,
                    at_least: false,
                    unheard: false,
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
            let named = self.certain.iter().filter(|loss| loss.way == way && loss.of.is_some());
            let of_account = read.get(&(Subject::Account, metric));
            let (sum, last) = hour(of_account, now);
            let rest = if named.clone().next().is_none() {
                sum
            } else {
                // Functions are read a little later than the account: until then, the newest probably belong to functions
                // that lost some before, and are not reported twice.
                let to = read_to(read, metric).unwrap_or(now);
                let functions = read
                    .iter()
                    .filter(|((subject, other), _)| *other == metric && matches!(subject, Subject::Node(_)));
                let of_functions: u64 = functions.map(|(_, series)| until(Some(series), to, now)).sum();
                until(of_account, to, now).saturating_sub(of_functions)
            };
            self.add(None, way, rest, last);
        }
        let dropped = Metric::AsyncEventsDropped;
        for ((subject, metric), series) in read {
            let (Subject::Node(id), true) = (subject, *metric == dropped) else {
                continue;
            };
            let (count, _) = hour(Some(series), now);
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
        let rest = self.settled(read, now).map_or(0, |to| {
            let sum = |subject: &Subject| until(read.get(&(subject.clone(), dropped)), to, now);
            let subjects = read
                .keys()
                .filter(|(_, metric)| *metric == dropped)
                .map(|(subject, _)| subject);
            let functions = subjects.filter(|subject| matches!(subject, Subject::Node(_)));
            sum(&Subject::Account).saturating_sub(functions.map(sum).sum::<u64>() + surplus)
        });
        if rest > 0 {
            self.unsure.push(Unsure {
                of: None,
                count: rest,
                metric: dropped.source().1,
                doubt: Doubt::NoFunction,
            });
        }
    }

    /// Up to when a count of the account cannot belong to functions known to drop events, because their late counts have
    /// arrived. `None` if only the log shows a loss: the account's count probably is that one, and is not reported twice.
    fn settled(&self, read: &Read, now: Timestamp) -> Option<Timestamp> {
        let dropped = self.certain.iter().filter(|loss| loss.way == Way::Dropped);
        let named = dropped.filter_map(|loss| loss.of.clone());
        let unsure = self.unsure.iter().filter_map(|unsure| unsure.of.clone());
        let counted = read.iter().filter_map(|((subject, metric), series)| match subject {
            Subject::Node(id) if *metric == Metric::AsyncEventsDropped && hour(Some(series), now).0 > 0 => {
                Some(id.clone())
            }
            _ => None,
        });
        let all = named.chain(unsure).chain(counted);
        let functions = all.filter(|id| id.as_str().contains(":function:"));
        let mut times = functions.map(|id| {
            let series = read.get(&(Subject::Node(id), Metric::AsyncEventsDropped));
            series?.read_at?.checked_sub(LATE).ok()
        });
        times.try_fold(now, |to, at| Some(to.min(at?)))
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
