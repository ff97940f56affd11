//! What the start screen says first: what is lost, what alarms, what changed, what stands still.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::HOUR;
use super::health::keeps_failures;
use super::series::sum;
use super::snapshot::{Answers, Change, Compared, Health, Series, Topology, Vitals};
use crate::domain::{Alarm, Arn, Detail, EdgeKind, Metric, NodeId, Point, Subject};

const DAY: SignedDuration = SignedDuration::from_hours(24);
/// A metric is a few minutes late; one that is older says nothing of now.
const LATE: SignedDuration = SignedDuration::from_mins(10);

/// Folds what was read of the account into the first lines of the screen.
#[must_use]
pub fn answers(
    metrics: &BTreeMap<(Subject, Metric), Series>,
    alarms: &[Alarm],
    topology: &Topology,
    vitals: &BTreeMap<NodeId, Vitals>,
    now: Timestamp,
) -> Answers {
    let mut lost: Option<Compared> = None;
    let mut lost_by = Vec::new();
    let mut lost_at = None;
    let mut perhaps_lost = 0.0;
    let losses = metrics.iter().filter(|((subject, metric), _)| {
        // AWS/Lambda sums over the account; SNS and EventBridge only count by topic and rule.
        metric.means_lost() && (*subject == Subject::Account) == (metric.source().0 == "AWS/Lambda")
    });
    let mut by_way: BTreeMap<&'static str, f64> = BTreeMap::new();
    for ((_, metric), series) in losses {
        let mut one = compared(series, now);
        if *metric == Metric::AsyncEventsDropped {
            // AWS counts an event as dropped also when it went to a dead-letter queue or destination before.
            let drops = drops(metrics, topology, now);
            perhaps_lost = (one.hour - drops.kept - drops.lost).max(0.0);
            one.hour = drops.lost.min(one.hour);
            // What was kept yesterday was not read.
            one.yesterday = one
                .yesterday
                .filter(|yesterday| *yesterday == 0.0 || !keeps_any(topology));
        }
        let all = lost.get_or_insert_default();
        all.hour += one.hour;
        if one.hour > 0.0 {
            all.last = all.last.max(one.last);
        }
        all.yesterday = match (all.yesterday, one.yesterday) {
            (Some(a), Some(b)) => Some(a + b),
            (a, b) => a.or(b),
        };
        lost_at = lost_at.max(series.read_at);
        if one.hour > 0.0 {
            *by_way.entry(way(*metric)).or_default() += one.hour;
        }
    }
    for (way, count) in by_way {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
        lost_by.push((way.to_owned(), count as u64));
    }
    let account = |metric| {
        metrics
            .get(&(Subject::Account, metric))
            .map(|series| compared(series, now))
    };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
    let perhaps_lost = perhaps_lost as u64;
    Answers {
        lost,
        perhaps_lost,
        lost_by,
        lost_at,
        errors: account(Metric::Errors),
        throttles: account(Metric::Throttles),
        errors_at: metrics
            .get(&(Subject::Account, Metric::Errors))
            .and_then(|series| series.read_at),
        alarms: alarms.to_vec(),
        changes: changes(topology, vitals, now),
        silent: silent(topology, vitals, now),
    }
}

/// Dropped events of the last hour, as far as it is known of their functions what becomes of them.
struct Drops {
    /// Of functions with a dead-letter queue or an `OnFailure` destination.
    kept: f64,
    /// Of functions without.
    lost: f64,
}

fn drops(metrics: &BTreeMap<(Subject, Metric), Series>, topology: &Topology, now: Timestamp) -> Drops {
    let keepers: BTreeSet<&NodeId> = topology
        .edges
        .iter()
        .filter(|edge| keeps_failures(edge))
        .map(|edge| &edge.key.from)
        .collect();
    let mut drops = Drops { kept: 0.0, lost: 0.0 };
    for (id, node) in &topology.nodes {
        let Some(series) = metrics.get(&(Subject::Node(id.clone()), Metric::AsyncEventsDropped)) else {
            continue;
        };
        let count = compared(series, now).hour;
        if keepers.contains(id) {
            drops.kept += count;
        } else if !node.detail.is_none() && topology.complete {
            // Where something could not be read, a dead-letter setting may be what is missing.
            drops.lost += count;
        }
    }
    drops
}

fn keeps_any(topology: &Topology) -> bool {
    topology.edges.iter().any(|edge| keeps_failures(edge))
}

fn way(metric: Metric) -> &'static str {
    match metric {
        Metric::AsyncEventsDropped => "async drops",
        Metric::DeadLetterErrors => "dead letters not written",
        Metric::DestinationDeliveryFailures => "destinations not reached",
        Metric::NotificationsLost => "SNS dead letters not written",
        Metric::RuleEventsLost => "rule dead letters not written",
        other => other.source().1,
    }
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
    // What fails now and then is not said to fail since one of its runs.
    let failing = |id: &NodeId| {
        let vitals = vitals.get(id).filter(|vitals| vitals.health == Health::Failing);
        vitals.and_then(|vitals| vitals.runs.as_ref()?.failing_since)
    };
    let mut changes = Vec::new();
    for (id, node) in &topology.nodes {
        if let Detail::Function(function) = &node.detail
            && let Some(at) = function.last_modified.filter(recent)
        {
            changes.push(Change {
                node: id.clone(),
                at,
                what: "code or configuration changed".into(),
                errors_since: failing(id).filter(|since| *since >= at),
            });
        }
    }
    for edge in topology.edges.iter().filter(|edge| edge.key.kind == EdgeKind::Trigger) {
        for policy in &edge.policies {
            if let (Some(at), Some(state)) = (policy.last_modified.filter(recent), &policy.state) {
                changes.push(Change {
                    node: edge.key.to.clone(),
                    at,
                    what: format!("mapping changed, now {}", state.to_lowercase()),
                    errors_since: failing(&edge.key.to).filter(|since| *since >= at),
                });
            }
        }
    }
    // What began to fail after a change comes first: it is what one looks for.
    changes.sort_by(|a, b| {
        b.errors_since
            .is_some()
            .cmp(&a.errors_since.is_some())
            .then(b.at.cmp(&a.at))
            .then(a.node.cmp(&b.node))
    });
    changes
}

/// What stands still although nothing fails, each node once.
fn silent(topology: &Topology, vitals: &BTreeMap<NodeId, Vitals>, now: Timestamp) -> Vec<(NodeId, String)> {
    let mut silent: BTreeMap<&NodeId, Vec<String>> = BTreeMap::new();
    let mut say = |id, what: String| {
        let said: &mut Vec<String> = silent.entry(id).or_default();
        if !said.contains(&what) {
            said.push(what);
        }
    };
    for edge in topology.edges.iter().filter(|edge| edge.key.kind == EdgeKind::Trigger) {
        let from = Arn::parse(edge.key.from.as_str()).map_or(edge.key.from.as_str(), |arn| arn.name());
        if !edge.enabled && edge.policies.iter().any(|policy| policy.state.is_some()) {
            say(&edge.key.to, format!("does not read {from}: mapping off"));
        } else if let Some(problem) = edge.policies.iter().find_map(|policy| policy.problem()) {
            say(&edge.key.to, format!("reads {from}, but: {problem}"));
        }
    }
    for (id, node) in &topology.nodes {
        if vitals.get(id).is_some_and(|vitals| vitals.health == Health::Off) {
            say(id, format!("stands still: {} off", node.label()));
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
                say(id, "stands still: reserved concurrency 0".to_owned());
            } else if used >= f64::from(reserved) {
                say(id, format!("has its concurrency used up: {reserved}"));
            }
        }
    }
    silent
        .into_iter()
        .map(|(id, said)| (id.clone(), said.join("; ")))
        .collect()
}
