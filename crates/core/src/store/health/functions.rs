//! A function that is never invoked, cannot start, fails, is throttled, or whose mapping fails.

use std::collections::BTreeSet;

use jiff::SignedDuration;

use super::words::{Holds, Next, What, Why};
use super::{FRESH, Held, IN_ROW, LATELY, View, whole};
use crate::domain::phrase::Exact;
use crate::domain::{Edge, EdgeKind, Evidence, Metric, Missing, NodeId};
use crate::store::lately;
use crate::store::retried::Retried;
use crate::store::series::recent;
use crate::store::snapshot::{Kind, Runs, Severity, Trouble};

/// AWS (metrics): a metric is up to 3 minutes late.
const LATE: i64 = 5;

pub(super) fn nothing_may_run(view: &View<'_>) -> Option<Trouble> {
    if view.function()?.reserved_concurrency != Some(0) {
        return None;
    }
    let trouble = |severity| Trouble {
        why: Why::ReservedZero.into(),
        next: Next::SetReserved.into(),
        ..view.trouble(severity, What::ReservedZero)
    };
    Some(if is_started(view) {
        Trouble {
            kind: Kind::Unreached,
            ..trouble(Severity::Failing)
        }
    } else {
        Trouble {
            next: Next::NothingStartsIt.into(),
            ..trouble(Severity::Warning)
        }
    })
}

/// Whether something starts the function: by configuration, or as was seen in the last hour.
fn is_started(view: &View<'_>) -> bool {
    let starts = |edge: &&&Edge| {
        let by_event = matches!(edge.key.kind, EdgeKind::Trigger | EdgeKind::Destination);
        by_event && edge.enabled && edge.evidence != Evidence::Permitted
    };
    let seen = |metric: &Metric| {
        let series = view.vitals.metrics.get(metric);
        series.is_some_and(|series| recent(&series.points, view.read.metrics, 60) > 0.0)
    };
    view.neighbours.into(&view.node.id).iter().any(|edge| starts(&edge))
        || [Metric::Invocations, Metric::Throttles, Metric::AsyncEventsDropped]
            .iter()
            .any(seen)
}

/// How many events retries saved in the last hour, where none was lost and each that failed lately was saved or probably
/// will be.
fn saved_by_retries(view: &View<'_>) -> Option<u64> {
    if view.losses.of(&view.node.id).next().is_some() {
        return None;
    }
    let runs = view.invocations.get(&view.node.id)?;
    Retried::of(runs.iter().map(AsRef::as_ref), view.read.logs).saves_all(FRESH, view.read.logs)
}

/// How many messages or batches that fail now were saved as often as they failed so far, where that holds for all of them.
fn saved_at_source(view: &View<'_>) -> Option<u64> {
    let mut of_it = view.coming.iter().filter(|one| one.of == view.node.id).peekable();
    of_it.peek()?;
    of_it.map(|one| Some(one.saved).filter(|saved| *saved > 0)).sum()
}

/// Whether dead letters of its events arrived while its throttles were unknown: throttled attempts leave no log line, so
/// successful invocations do not prove that it is OK.
#[must_use]
pub fn is_unexplained(view: &View<'_>) -> bool {
    if view.function().is_none() {
        return false;
    }
    let read_at = view
        .vitals
        .metrics
        .get(&Metric::Throttles)
        .and_then(|series| series.read_at);
    let known_to = read_at.map(|at| at - SignedDuration::from_mins(LATE));
    dead_letters(view)
        .iter()
        .any(|(_, held)| held.total > 0 && known_to.is_none_or(|known| held.grown_at.is_some_and(|at| at > known)))
}

pub(super) fn function_cannot_start(view: &View<'_>) -> Option<Trouble> {
    let function = view.function()?;
    let state = function.status.state.as_deref()?;
    // AWS (functions): an inactive function wakes up when it is invoked, and a pending one becomes ready.
    if matches!(state, "Active" | "Inactive" | "Pending") {
        return None;
    }
    let state = state.to_owned();
    let reported = function.status.reason.clone().map(|text| Why::Reported { text });
    if state != "Failed" {
        return Some(Trouble {
            why: reported.map(Into::into).unwrap_or_default(),
            next: Next::StateUndocumented.into(),
            ..view.trouble(Severity::Warning, What::State { state })
        });
    }
    Some(Trouble {
        kind: Kind::Unreached,
        why: reported.unwrap_or(Why::State { state }).into(),
        next: Next::DeployAgain.into(),
        ..view.trouble(Severity::Failing, What::StateFailed)
    })
}

pub(super) fn failing_runs(view: &View<'_>) -> Option<Trouble> {
    let none = Runs::default();
    let runs = view.vitals.runs.as_ref().unwrap_or(&none);
    let (in_row, lately) = (runs.failed_in_row, runs.lately);
    let Some((at, error)) = runs.last_error.as_ref().filter(|_| lately.failed > 0) else {
        return failing_by_metric(view, runs).or_else(|| failed_last(view, runs));
    };
    if in_row == 0 && lately.is_fixed() {
        return failing_by_metric(view, runs);
    }
    let (failed, of) = lately.share(in_row);
    // One that failed among many that succeeded is no outage: the box would change its colour with each.
    // Nor is one of which each event fails once: half of its invocations succeed.
    let is_outage = in_row >= IN_ROW || (in_row > 0 && failed * 2 > of);
    // One that fails at first and is saved each time is none either.
    let saved = saved_by_retries(view).or_else(|| saved_at_source(view));
    let is_outage = is_outage && saved.is_none();
    Some(Trouble {
        kind: Kind::Fails,
        // Where some succeed in between, it is not known when that began.
        since: runs.failing_since.filter(|_| is_outage),
        longer: is_outage && runs.failing_longer,
        last: Some(*at),
        why: Why::Reported { text: error.clone() }.into(),
        next: match saved {
            Some(count) => Next::SavedSoFar { count },
            None => after_the_last_attempt(view),
        }
        .into(),
        ..view.trouble(
            if is_outage {
                Severity::Failing
            } else {
                Severity::Warning
            },
            What::Failed { failed, of },
        )
    })
}

/// The last invocations failed a while ago, and none followed: whether it is fixed is unknown.
fn failed_last(view: &View<'_>, runs: &Runs) -> Option<Trouble> {
    let in_row = lately::failed_last(runs, view.read.logs)?;
    let (at, error) = runs.last_error.as_ref()?;
    let deployed = view.function()?.last_modified.is_some_and(|deployed| deployed > *at);
    Some(Trouble {
        kind: Kind::Fails,
        last: Some(*at),
        why: Why::Reported { text: error.clone() }.into(),
        next: if deployed {
            Next::DeployedSince
        } else {
            Next::NothingSince
        }
        .into(),
        ..view.trouble(
            Severity::Warning,
            What::Failed {
                failed: in_row,
                of: in_row,
            },
        )
    })
}

/// Failures shown only by the metric, if the log has none or was not read. What the metric counts later than the log is
/// newer than the metric.
fn failing_by_metric(view: &View<'_>, runs: &Runs) -> Option<Trouble> {
    let errors = view.lately(Metric::Errors);
    let logged = recent(&runs.failures, view.read.metrics, LATELY + LATE);
    if errors <= logged {
        return None;
    }
    let of = view.lately(Metric::Invocations);
    // Without a log, the metric is the only evidence.
    let log_tells = runs.last_start.is_some();
    let fails = !log_tells && errors >= f64::from(IN_ROW) && errors * 2.0 >= of;
    let severity = if fails { Severity::Failing } else { Severity::Warning };
    Some(Trouble {
        kind: Kind::Fails,
        why: Why::Errors.into(),
        next: after_the_last_attempt(view).into(),
        ..view.trouble(
            severity,
            What::FailedLately {
                failed: whole(errors),
                of: (of >= errors).then(|| whole(of)),
                within: Exact::secs(LATELY * 60),
            },
        )
    })
}

/// Where events go after the last attempt, if that is the same for all known triggers. AWS (async): an alias follows its own
/// configuration and the dead-letter queue of its version, not those of `$LATEST`.
fn after_the_last_attempt(view: &View<'_>) -> Next {
    let mut places = invoked(view).into_iter().map(|qualifier| keeper_of(view, qualifier));
    let first = places.next().flatten();
    let same = |other: Option<&Edge>| other.map(place) == first.map(place);
    let Some(edge) = first.filter(|_| places.all(same)) else {
        return Next::OpenLogs;
    };
    let name = edge.key.to.clone();
    let is_gone = Missing::cuts(&view.topology.missing, &edge.key);
    if !is_gone && view.topology.is_unheard(&edge.key.to) == Some(true) {
        return Next::TopicUnheard { name };
    }
    match (edge.key.kind == EdgeKind::DeadLetter, is_gone) {
        (true, false) => Next::ToDlq { name },
        (true, true) => Next::DlqGone { name },
        (false, false) => Next::ToDestination { name },
        (false, true) => Next::DestinationGone { name },
    }
}

fn place(edge: &Edge) -> (EdgeKind, &NodeId) {
    (edge.key.kind, &edge.key.to)
}

/// The aliases and versions by which it is triggered; `None` for the function itself.
fn invoked<'v>(view: &View<'v>) -> BTreeSet<Option<&'v str>> {
    let into = view.neighbours.into(&view.node.id).iter();
    let triggers = into.filter(|edge| matches!(edge.key.kind, EdgeKind::Trigger | EdgeKind::Destination));
    let qualifier = |edge: &&'v Edge| edge.key.qualifier.as_deref().filter(|name| *name != "$LATEST");
    let named: BTreeSet<_> = triggers.map(qualifier).collect();
    if named.is_empty() {
        BTreeSet::from([None])
    } else {
        named
    }
}

/// Where events of an alias or version go after the last attempt: its dead-letter queue before its destination.
fn keeper_of<'v>(view: &View<'v>, qualifier: Option<&str>) -> Option<&'v Edge> {
    let out = view.neighbours.out(&view.node.id).iter().copied();
    out.filter(|edge| edge.keeps_failures() && edge.key.qualifier.as_deref() == qualifier)
        .min_by_key(|edge| {
            let is_gone = Missing::cuts(&view.topology.missing, &edge.key);
            let is_unheard = view.topology.is_unheard(&edge.key.to) == Some(true);
            (is_gone || is_unheard, edge.key.kind != EdgeKind::DeadLetter)
        })
}

/// Throttles of the last minutes, and what they have cost: the messages of a throttled function use their receives up, and
/// its events their age, without an invocation that fails.
pub(super) fn throttled(view: &View<'_>) -> Option<Trouble> {
    let function = view.function()?;
    let series = view.vitals.metrics.get(&Metric::Throttles);
    let within = |minutes| series.map_or(0.0, |series| recent(&series.points, view.read.metrics, minutes));
    let dead = dead_letters(view);
    let holds: u64 = dead.iter().map(|(_, held)| held.total).sum();
    let grew = dead.iter().any(|(_, held)| held.grown > 0);
    // Dead letters and throttles may be up to an hour old.
    let minutes = [LATELY, FRESH.as_secs() / 60, 60]
        .into_iter()
        .find(|minutes| within(*minutes) > 0.0)?;
    if minutes > LATELY && holds == 0 {
        return None;
    }
    let throttles = within(minutes);
    // One that was not throttled for minutes may have been given its concurrency: what it cost stays worth a warning.
    let fails = grew && minutes == LATELY;
    let last = series.and_then(|series| series.points.iter().rev().find(|point| point.value > 0.0));
    Some(Trouble {
        last: last.map(|point| point.at).filter(|_| minutes > LATELY),
        why: Why::Throttles.into(),
        next: if holds > 0 {
            Next::RaiseBeforeRedrive
        } else {
            Next::RaiseConcurrency
        }
        .into(),
        ..view.trouble(
            if fails { Severity::Failing } else { Severity::Warning },
            What::Throttled {
                times: whole(throttles),
                within: Exact::secs(minutes * 60),
                reserved: function.reserved_concurrency,
                holds: dead.into_iter().filter_map(holding).collect(),
            },
        )
    })
}

fn holding((queue, held): (&NodeId, Held)) -> Option<Holds> {
    (held.total > 0).then(|| Holds::DeadLetters {
        queue: queue.clone(),
        count: held.total,
    })
}

/// The dead-letter queues that may get this function's events: those of its source queues, and its own.
fn dead_letters<'v>(view: &View<'v>) -> Vec<(&'v NodeId, Held)> {
    let into = view.neighbours.into(&view.node.id).iter();
    let queues = into
        .filter(|edge| edge.key.kind == EdgeKind::Trigger && edge.enabled)
        .map(|edge| &edge.key.from);
    let mut found: Vec<(&NodeId, Held)> = queues
        .chain([&view.node.id])
        .flat_map(|from| view.neighbours.out(from))
        .filter(|edge| edge.key.kind == EdgeKind::DeadLetter)
        .filter_map(|edge| Some((&edge.key.to, *view.queues.get(&edge.key.to)?)))
        .collect();
    found.sort_by_key(|(id, _)| *id);
    found.dedup_by_key(|(id, _)| *id);
    found
}

pub(super) fn mapping_fails(view: &View<'_>) -> Option<Trouble> {
    view.neighbours
        .into(&view.node.id)
        .iter()
        // A disabled mapping no longer polls: its last result is old.
        .filter(|edge| edge.enabled)
        .flat_map(|edge| &edge.policies)
        .find_map(|policy| {
            let text = policy.problem()?.to_owned();
            let of_invocations = text.ends_with("Function call failed");
            Some(Trouble {
                kind: if of_invocations { Kind::Fails } else { Kind::Other },
                why: Why::Reported { text }.into(),
                since: view.mappings.failing_since(policy),
                next: Next::FixWhatItNames.into(),
                ..view.trouble(Severity::Warning, What::MappingProblem)
            })
        })
}
