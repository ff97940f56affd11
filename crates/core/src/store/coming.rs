//! The loss that is coming: events that fail now and will be lost if they keep failing, while they can still be saved.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::counted::Counted;
use super::losses::{Keepers, Kept, Losses};
use super::retried::{Retried, is_expected};
use super::short::stream_retention;
use super::snapshot::{Series, Topology};
use crate::domain::delivery::{AttemptOutcome, Deliveries, Delivery, Fate, Pattern};
use crate::domain::{Edge, EdgeKind, Metric, Missing, NodeId, Subject};
use crate::logs::Runs;

/// This many invocations that were not retried when due cannot be chance.
const UNRETRIED: u64 = 3;

/// Why nothing will keep the event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// The function has no dead-letter queue and no on-failure destination.
    NoDeadLetterQueue,
    /// Its dead-letter queue does not exist.
    KeeperGone,
    /// Its on-failure destination does not exist.
    DestinationGone,
    /// What is set to keep it is a topic without a subscription.
    KeeperUnheard,
    /// The queue's retention ends before the message is moved to its dead-letter queue.
    RetentionBeforeDeadLetter,
    /// The queue has no dead-letter queue: the message is received again until its retention ends.
    QueueRetention,
    /// The stream's retention ends first, and nothing is written anywhere.
    StreamRetention,
    /// The mapping gives up, and it has no on-failure destination.
    NoDestination,
    /// The mapping skips the record at its maximum age, and it has no on-failure destination.
    RecordAge,
    /// The mappings of the queue are off, and its retention ends.
    NobodyReads,
    /// A dead-letter queue's own retention ends.
    DeadLetterRetention,
    /// The mappings of the stream are off, and its retention ends.
    StreamUnread,
    /// Successful invocations return messages to a queue without a dead-letter queue.
    Returned,
    /// A queue is read, and so slowly that its oldest message reached the retention.
    ReadTooSlowly,
}

impl Cause {
    /// Whether no metric counts such losses: then it is not known that one to come is the first.
    #[must_use]
    pub fn is_uncounted(self) -> bool {
        !matches!(
            self,
            Self::NoDeadLetterQueue | Self::KeeperGone | Self::DestinationGone | Self::KeeperUnheard
        )
    }
}

/// Events that fail now and will be lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coming {
    /// The function that fails; the queue that nothing reads.
    pub of: NodeId,
    /// The queue or stream that will delete them, where one does.
    pub source: Option<NodeId>,
    /// Why.
    pub cause: Cause,
    /// The configured dead-letter queue or destination that does not exist, or is a topic without a subscription.
    pub gone: Option<NodeId>,
    /// How many.
    pub count: u64,
    /// When the first of them is lost: not before; `None` if AWS publishes no rule.
    pub earliest: Option<Timestamp>,
    /// When that one is lost: not after.
    pub latest: Option<Timestamp>,
    /// Whether it holds only under a condition that is not known to be met.
    pub conditional: bool,
    /// Whether its last moment has passed, and it is not yet known whether it was lost or saved.
    pub past: bool,
    /// How many may be lost by now, where that is known.
    pub by_now: Option<u64>,
    /// Whether other batches succeed meanwhile, and it is unknown which attempts belonged to this one.
    pub others_pass: bool,
    /// How many of the function's events were lost for certain in the last hour: not the first one is counted down then.
    pub lost: u64,
    /// How many of its events that failed as often were saved by a retry in the last hour, and none was lost: then the next
    /// retry will probably save this one too. 0 where that cannot be expected.
    pub saved: u64,
}

impl Coming {
    /// One event of which nothing but this is known.
    #[must_use]
    pub fn new(of: NodeId, source: Option<NodeId>, cause: Cause) -> Self {
        Self {
            of,
            source,
            cause,
            gone: None,
            count: 1,
            earliest: None,
            latest: None,
            conditional: false,
            past: false,
            by_now: None,
            others_pass: false,
            lost: 0,
            saved: 0,
        }
    }
}

/// What else is known where losses are expected.
pub struct Told<'a> {
    /// The chain.
    pub topology: &'a Topology,
    /// Who keeps what is given up.
    pub keepers: &'a Keepers<'a>,
    /// What is lost.
    pub losses: &'a Losses,
    /// The invocations of each function.
    pub invocations: &'a BTreeMap<NodeId, Arc<Runs>>,
    /// The metrics read.
    pub metrics: &'a Metrics,
    /// What the counts of queues tell.
    pub counted: &'a [Counted],
}

type Metrics = BTreeMap<(Subject, Metric), Series>;

/// The losses to come of deliveries that fail now.
#[must_use]
pub(super) fn coming(deliveries: &Deliveries, told: &Told<'_>, now: Timestamp) -> Vec<Coming> {
    let mut found: BTreeMap<(&NodeId, Option<&NodeId>, Cause), Coming> = BTreeMap::new();
    let mut retried: BTreeMap<&NodeId, Retried> = BTreeMap::new();
    for row in &deliveries.deliveries {
        let Some(mut one) = of_row(row, told.topology, told.keepers, now) else {
            continue;
        };
        one.lost = told.losses.of(&row.function).map(|loss| loss.count).sum();
        let retried = retried.entry(&row.function).or_insert_with(|| {
            let runs = told.invocations.get(&row.function).map(|runs| runs.iter());
            Retried::of(runs.into_iter().flatten().map(AsRef::as_ref), now)
        });
        if row.pattern == Pattern::Asynchronous && is_a_call(row, retried, told.metrics, now) {
            continue;
        }
        let unkept = matches!(one.cause, Cause::NoDeadLetterQueue | Cause::KeeperUnheard);
        if unkept && row.pattern == Pattern::Asynchronous && one.lost == 0 && !(one.past && is_long_overdue(row, now)) {
            one.saved = retried.saved_after(failed(row)).unwrap_or(0);
            one.conditional |= one.saved > 0;
            one.past &= one.saved == 0;
        }
        let key = (&row.function, row.source.as_ref(), one.cause);
        match found.get_mut(&key) {
            Some(known) => {
                known.count += one.count;
                let sooner = sooner(&one) < sooner(known);
                if sooner {
                    let count = known.count;
                    *known = Coming { count, ..one };
                }
            }
            None => drop(found.insert(key, one)),
        }
    }
    found.into_values().collect()
}

/// Sorts: those that are certain before those that hang on a condition, and of these the first of a function before those
/// after it, the soonest first. The first one's moment stays as it is until it comes, and after it the order is that of
/// names: it does not change from look to look.
pub(super) fn sort(all: &mut [Coming]) {
    all.sort_by(|a, b| order(a).cmp(&order(b)).then_with(|| a.of.cmp(&b.of)));
}

/// Whether the caller is unknown, and earlier failures were not retried when due: their callers got the error, and so does
/// this one's. If Lambda delayed or dropped events, a retry may come late or never.
fn is_a_call(row: &Delivery, retried: &Retried, metrics: &Metrics, now: Timestamp) -> bool {
    let is_open = row.outlook.as_ref().is_some_and(|outlook| outlook.conditional);
    let series = |metric| metrics.get(&(Subject::Node(row.function.clone()), metric));
    let counts = |series: &Series| series.points.iter().any(|point| point.value > 0.0);
    let is_held_up = [Metric::Throttles, Metric::AsyncEventsDropped]
        .into_iter()
        .any(|metric| series(metric).is_some_and(counts));
    // AWS (metrics): the age of each asynchronous event that is invoked is counted.
    let none_came = series(Metric::AsyncEventAge).is_some_and(|series| series.read_at.is_some() && !counts(series));
    let enough = if none_came { 1 } else { UNRETRIED };
    row.attempts.len() == 1 && is_open && !is_held_up && retried.never_retried(now) >= enough
}

/// Whether the retry of an event would have been read by now, if it came.
fn is_long_overdue(row: &Delivery, now: Timestamp) -> bool {
    let last = row.attempts.last().and_then(|attempt| attempt.end.or(attempt.start));
    last.is_none_or(|ended| !is_expected(failed(row), ended, now))
}

/// How many attempts of a row failed.
pub(super) fn failed(row: &Delivery) -> u32 {
    let attempts = row.attempts.iter().filter(|attempt| is_failed(attempt.outcome));
    u32::try_from(attempts.count()).unwrap_or(u32::MAX)
}

fn is_failed(outcome: AttemptOutcome) -> bool {
    !matches!(
        outcome,
        AttemptOutcome::Ok | AttemptOutcome::Running | AttemptOutcome::Pending
    )
}

/// The order of functions. The countdown of a function that loses event after event restarts with each, as does that of one
/// whose events are saved: ordered by time, they would swap places all the time.
fn order(one: &Coming) -> (bool, bool, bool, Timestamp) {
    let again = one.lost > 0 || one.saved > 0;
    let (_, past, at) = sooner(one);
    let (past, at) = if again { (false, Timestamp::MIN) } else { (past, at) };
    (one.conditional, again, past, at)
}

/// The loss of a function to report: a certain one before one that may not happen, and one that can still be saved before
/// one that may be lost by now.
fn sooner(one: &Coming) -> (bool, bool, Timestamp) {
    let at = one.earliest.or(one.latest).unwrap_or(Timestamp::MAX);
    (one.conditional, one.past, at)
}

fn of_row(row: &Delivery, topology: &Topology, keepers: &Keepers<'_>, now: Timestamp) -> Option<Coming> {
    let outlook = row.outlook.as_ref().filter(|_| row.end.is_none())?;
    let lost = matches!(outlook.fate, Fate::Dropped | Fate::Expired);
    if !(lost && failed(row) > 0) {
        return None;
    }
    let mut conditional = hangs_on_a_condition(row);
    // An asynchronous event always has a last moment: the model takes it away when it is past.
    let timeless = outlook.earliest.is_none() && outlook.latest.is_none() && row.pattern == Pattern::Asynchronous;
    // A retry would have come by now and proven an asynchronous caller. A single failure without one is not a coming loss.
    if timeless && row.next.is_none() && outlook.conditional {
        return None;
    }
    // It waited while the function was throttled, and is past its maximum age by now: it is no loss to come.
    if timeless && row.missed.is_some() {
        return None;
    }
    let mut past = !conditional && (timeless || outlook.latest.is_some_and(|latest| latest <= now));
    let source = row.source.as_ref();
    let mut gone = None;
    let cause = match (row.pattern, outlook.fate) {
        (Pattern::Asynchronous, _) => {
            conditional |= keepers.function(&row.function) == Kept::Unknown;
            let broken = broken_keeper(row, topology, Edge::keeps_failures);
            gone = broken.as_ref().map(|(id, _)| id.clone());
            broken.map_or(Cause::NoDeadLetterQueue, |(_, cause)| cause)
        }
        (Pattern::Queue, _) => {
            let queue = source.and_then(|id| topology.from(id).find(|edge| edge.key.kind == EdgeKind::DeadLetter));
            if queue.is_some() {
                Cause::RetentionBeforeDeadLetter
            } else {
                Cause::QueueRetention
            }
        }
        (Pattern::Stream, Fate::Expired) => {
            let by_age = is_given_up_by_age(row, topology);
            // How long any other stream keeps its records was not read.
            conditional |= !by_age && !is_retention_read(row, topology);
            // Its last moment is known: the model removes it afterwards. The oldest record may expire sooner.
            let sooner = outlook.earliest.is_some_and(|earliest| earliest <= now);
            past |= !conditional && (outlook.latest.is_none() || sooner);
            if by_age {
                Cause::RecordAge
            } else {
                Cause::StreamRetention
            }
        }
        (Pattern::Stream, _) => {
            // As many failed as one has attempts: of one, or of several.
            conditional |= row.others_pass && outlook.latest.is_none();
            past |= !conditional && outlook.latest.is_none() && may_be_spent(row, topology);
            let broken = broken_keeper(row, topology, |edge| {
                edge.key.kind == EdgeKind::DeadLetter && !edge.keeps_failures()
            });
            gone = broken.as_ref().map(|(id, _)| id.clone());
            broken.map_or(Cause::NoDestination, |(_, cause)| cause)
        }
        (Pattern::RequestResponse | Pattern::SourceDelivery, _) => return None,
    };
    // What may not come at all is not said to come any moment, for ever.
    let ahead = |at: Option<Timestamp>| at.filter(|at| !conditional || *at > now);
    Some(Coming {
        gone,
        count: row.count.max(1),
        earliest: ahead(outlook.earliest),
        latest: ahead(outlook.latest),
        conditional,
        past,
        others_pass: row.others_pass,
        ..Coming::new(row.function.clone(), source.cloned(), cause)
    })
}

/// Whether as many attempts failed as the mapping allows to one batch.
fn may_be_spent(row: &Delivery, topology: &Topology) -> bool {
    let limits =
        mappings_of(row, topology).flat_map(|edge| edge.policies.iter().filter_map(|policy| policy.retries.max));
    limits
        .filter(|retries| *retries >= 0)
        .any(|retries| i64::from(failed(row)) > retries)
}

/// What a function is to leave what fails in and keeps nothing, and why it does not.
fn broken_keeper(row: &Delivery, topology: &Topology, keeps: fn(&Edge) -> bool) -> Option<(NodeId, Cause)> {
    let mut out = topology.from(&row.function).filter(|edge| keeps(edge));
    out.find_map(|edge| {
        let is_destination = edge.key.kind == EdgeKind::Destination || edge.is_of_mapping();
        let cause = if Missing::cuts(&topology.missing, &edge.key) {
            if is_destination {
                Cause::DestinationGone
            } else {
                Cause::KeeperGone
            }
        } else if topology.is_unheard(&edge.key.to) == Some(true) {
            Cause::KeeperUnheard
        } else {
            return None;
        };
        Some((edge.key.to.clone(), cause))
    })
}

/// Whether the row's outlook holds only if something is so that is not known.
#[must_use]
pub fn hangs_on_a_condition(row: &Delivery) -> bool {
    let outlook = row.outlook.as_ref();
    row.next.as_ref().is_some_and(|next| !next.conditions.is_empty())
        || row.overdue.is_some_and(|due| due.conditional)
        || row.missed.is_some()
        || outlook.is_some_and(|outlook| outlook.conditional)
}

/// The mappings by which a function reads what a row is of.
fn mappings_of<'a>(row: &'a Delivery, topology: &'a Topology) -> impl Iterator<Item = &'a Edge> {
    let edges = row
        .source
        .iter()
        .flat_map(|source| topology.from(source))
        .map(AsRef::as_ref);
    edges.filter(|edge| edge.key.kind == EdgeKind::Trigger && edge.key.to == row.function)
}

/// Whether it is known how long the stream of a row keeps its records.
fn is_retention_read(row: &Delivery, topology: &Topology) -> bool {
    let mut read = mappings_of(row, topology)
        .map(|edge| stream_retention(edge, topology))
        .peekable();
    read.peek().is_some() && read.all(|read| matches!(read, Some((_, false))))
}

/// Whether the mapping of a stream gives a record up before its source deletes it.
pub(super) fn is_given_up_by_age(row: &Delivery, topology: &Topology) -> bool {
    mappings_of(row, topology).any(|edge| {
        let age = edge.policies.iter().filter_map(|policy| policy.retries.max_age_s).max();
        let retention = stream_retention(edge, topology).map(|(retention_s, _)| retention_s);
        age.is_some_and(|age| age > 0 && retention.is_none_or(|retention| age < retention))
    })
}

/// Whether a loss is near enough to be shown in red.
#[must_use]
pub fn is_near(one: &Coming, now: Timestamp) -> bool {
    const NEAR: SignedDuration = SignedDuration::from_hours(1);
    let first = one.earliest.or(one.latest);
    !one.conditional && (one.past || first.is_some_and(|at| at.duration_since(now) <= NEAR))
}
