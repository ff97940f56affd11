//! The first lines of the start screen: losses, alarms, deployments, what is stalled.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::HOUR;
use super::coming::Coming;
use super::losses::Losses;
use super::series::sum;
use super::snapshot::{Change, Compared, Health, Overview, Runs, Series, Topology, Vitals};
use crate::domain::phrase::Phrase;
use crate::domain::{Alarm, Detail, Edge, EdgeKind, Metric, NodeId, NodeKind, Point, Subject};
use crate::phrases;

const DAY: SignedDuration = SignedDuration::from_hours(24);
/// A change that precedes the first error by more than this is not blamed.
const BLAMED: SignedDuration = SignedDuration::from_mins(30);
/// A metric is a few minutes late; one that is older says nothing of now.
const LATE: SignedDuration = SignedDuration::from_mins(10);

phrases! {
    /// What changed.
    pub enum Changed in "change" {
        Deployed,
        Mapping { state: String },
    }
}

phrases! {
    /// What is stalled although nothing fails, to follow its name.
    pub enum Silent in "silent" {
        MappingDisabled { source: NodeId },
        MappingProblem { source: NodeId, problem: String },
        Disabled { kind: &'static str },
        ReservedZero,
        AtReserved { reserved: u32 },
    }
}

/// What was folded of the account.
pub struct Folded<'a> {
    /// Metrics read.
    pub metrics: &'a BTreeMap<(Subject, Metric), Series>,
    /// Alarms in ALARM.
    pub alarms: &'a [Alarm],
    /// The chain.
    pub topology: &'a Topology,
    /// How each node is.
    pub vitals: &'a BTreeMap<NodeId, Vitals>,
    /// What was lost.
    pub losses: Losses,
    /// What will be.
    pub coming: Vec<Coming>,
}

/// Folds what was read of the account into the first lines of the screen.
#[must_use]
pub fn answers(folded: Folded<'_>, now: Timestamp) -> Overview {
    let Folded {
        metrics,
        alarms,
        topology,
        vitals,
        losses,
        coming,
    } = folded;
    let account = |metric| metrics.get(&(Subject::Account, metric));
    let lost_at = LOSSES.iter().filter_map(|metric| account(*metric)?.read_at).min();
    let all_read = LOSSES.iter().all(|metric| account(*metric).is_some());
    Overview {
        lost: (all_read || !losses.certain.is_empty()).then(|| Compared {
            #[expect(clippy::cast_precision_loss, reason = "events of an hour")]
            hour: losses.count() as f64,
            yesterday: yesterday(metrics, topology, now),
            last: losses.certain.iter().filter_map(|loss| loss.last).max(),
        }),
        losses,
        coming,
        dead_letters: dead_letters(topology, vitals),
        lost_at,
        errors: account(Metric::Errors).map(|series| compared(series, now)),
        throttles: account(Metric::Throttles).map(|series| compared(series, now)),
        errors_at: account(Metric::Errors).and_then(|series| series.read_at),
        alarms: alarms.to_vec(),
        changes: changes(topology, vitals, now),
        silent: silent(topology, vitals, now),
    }
}

/// The account's sums of what functions lose.
const LOSSES: [Metric; 3] = [
    Metric::AsyncEventsDropped,
    Metric::DeadLetterErrors,
    Metric::DestinationDeliveryFailures,
];

/// Losses of functions in the same hour yesterday; `None` if they were not read, or some may have been kept.
fn yesterday(metrics: &BTreeMap<(Subject, Metric), Series>, topology: &Topology, now: Timestamp) -> Option<f64> {
    let of = |metric| compared(metrics.get(&(Subject::Account, metric))?, now).yesterday;
    let dropped = of(Metric::AsyncEventsDropped);
    if dropped.is_some_and(|dropped| dropped > 0.0) && topology.edges.iter().any(|edge| edge.keeps_failures()) {
        return None;
    }
    LOSSES.iter().filter_map(|metric| of(*metric)).reduce(|a, b| a + b)
}

/// The number of messages in dead-letter queues that get nothing else.
fn dead_letters(topology: &Topology, vitals: &BTreeMap<NodeId, Vitals>) -> Option<u64> {
    let takes_failures = |edge: &Edge| edge.key.kind == EdgeKind::DeadLetter || edge.keeps_failures();
    let mut only: BTreeMap<&NodeId, bool> = BTreeMap::new();
    for edge in &topology.edges {
        let is_queue = topology
            .nodes
            .get(&edge.key.to)
            .is_some_and(|node| node.kind == NodeKind::Sqs);
        if is_queue {
            *only.entry(&edge.key.to).or_insert(true) &= takes_failures(edge);
        }
    }
    let queues: Vec<&NodeId> = only.into_iter().filter(|(_, only)| *only).map(|(id, _)| id).collect();
    let depths = queues.iter().map(|id| Some(vitals.get(*id)?.depth?.value.total()));
    depths.sum::<Option<u64>>().filter(|_| !queues.is_empty())
}

fn compared(series: &Series, now: Timestamp) -> Compared {
    let hour_ago = now.checked_sub(HOUR).unwrap_or(Timestamp::MIN);
    let day_ago = now.checked_sub(DAY).unwrap_or(Timestamp::MIN);
    let day_and_hour = day_ago.checked_sub(HOUR).unwrap_or(Timestamp::MIN);
    // AWS writes no zeros: yesterday counts as read where the reading reached back so far and anything is there.
    let reaches = series.points.first().is_some_and(|point| point.at <= day_ago);
    let counted = |point: &&Point| point.value > 0.0 && point.at > hour_ago && point.at <= now;
    Compared {
        last: series.points.iter().rev().find(counted).map(|point| point.at),
        hour: sum(&series.points, hour_ago, now),
        yesterday: reaches.then(|| sum(&series.points, day_and_hour, day_ago)),
    }
}

fn changes(topology: &Topology, vitals: &BTreeMap<NodeId, Vitals>, now: Timestamp) -> Vec<Change> {
    let recent = |at: &Timestamp| *at <= now && now.duration_since(*at) < DAY;
    let blamed = |id: &NodeId, at: Timestamp| {
        // What fails now and then is not said to fail since one of its invocations.
        let vitals = vitals.get(id).filter(|vitals| vitals.health == Health::Failing)?;
        first_error_after(vitals.runs.as_ref()?, at)
    };
    let mut changes = Vec::new();
    for (id, node) in &topology.nodes {
        if let Detail::Function(function) = &node.detail
            && let Some(at) = function.last_modified.filter(recent)
        {
            changes.push(Change {
                node: id.clone(),
                at,
                what: Changed::Deployed.into(),
                errors_since: blamed(id, at),
            });
        }
    }
    for edge in topology.edges.iter().filter(|edge| edge.key.kind == EdgeKind::Trigger) {
        for policy in &edge.policies {
            if let (Some(at), Some(state)) = (policy.status.last_modified.filter(recent), &policy.status.state) {
                changes.push(Change {
                    node: edge.key.to.clone(),
                    at,
                    what: Changed::Mapping {
                        state: state.to_lowercase(),
                    }
                    .into(),
                    errors_since: blamed(&edge.key.to, at),
                });
            }
        }
    }
    // Changes followed by failures come first.
    changes.sort_by(|a, b| {
        b.errors_since
            .is_some()
            .cmp(&a.errors_since.is_some())
            .then(b.at.cmp(&a.at))
            .then(a.node.cmp(&b.node))
    });
    changes
}

/// When errors began, where a change can be blamed for them: it precedes the first of them, by minutes, and that it is the
/// first is known, by an invocation that succeeded before, or by a log that was read from before the change on.
fn first_error_after(runs: &Runs, change: Timestamp) -> Option<Timestamp> {
    let since = runs.failing_since.filter(|_| !runs.failing_longer)?;
    let is_first = runs.last_success.is_some_and(|success| success < since)
        || runs.read_since.is_some_and(|read_since| read_since <= change);
    // What failed now and then before goes on to do so.
    let minute = SignedDuration::from_mins(1);
    let earlier = |point: &&Point| point.at + minute <= since && since.duration_since(point.at) <= BLAMED;
    let is_first = is_first && runs.failures.iter().filter(earlier).all(|point| point.value == 0.0);
    let before = since.duration_since(change);
    (is_first && !before.is_negative() && before <= BLAMED).then_some(since)
}

/// What is stalled although nothing fails, each node once.
fn silent(topology: &Topology, vitals: &BTreeMap<NodeId, Vitals>, now: Timestamp) -> Vec<(NodeId, Phrase)> {
    let mut silent: BTreeMap<&NodeId, Vec<Phrase>> = BTreeMap::new();
    let mut say = |id, what: Silent| {
        let said: &mut Vec<Phrase> = silent.entry(id).or_default();
        let what = what.into();
        if !said.contains(&what) {
            said.push(what);
        }
    };
    for edge in topology.edges.iter().filter(|edge| edge.key.kind == EdgeKind::Trigger) {
        let source = edge.key.from.clone();
        if !edge.enabled && edge.policies.iter().any(|policy| policy.status.state.is_some()) {
            say(&edge.key.to, Silent::MappingDisabled { source });
        } else if let Some(problem) = edge.policies.iter().find_map(|policy| policy.problem()) {
            say(
                &edge.key.to,
                Silent::MappingProblem {
                    source,
                    problem: problem.to_owned(),
                },
            );
        }
    }
    for (id, node) in &topology.nodes {
        if vitals.get(id).is_some_and(|vitals| vitals.health == Health::Off) {
            say(id, Silent::Disabled { kind: node.label() });
        }
        if let Detail::Function(function) = &node.detail
            && let Some(reserved) = function.reserved_concurrency
        {
            let used = vitals
                .get(id)
                .and_then(|v| v.metrics.get(&Metric::ConcurrentExecutions))
                .and_then(|series| series.points.last())
                .filter(|point| now.duration_since(point.at) < LATE)
                .map_or(0.0, |point| point.value);
            if reserved == 0 {
                say(id, Silent::ReservedZero);
            } else if used >= f64::from(reserved) {
                say(id, Silent::AtReserved { reserved });
            }
        }
    }
    silent
        .into_iter()
        .map(|(id, said)| (id.clone(), Phrase::clauses(said)))
        .collect()
}
