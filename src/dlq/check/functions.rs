//! What speaks against a function: its state, its concurrency, its throttles, its failing invocations.

use jiff::{SignedDuration, Timestamp};

use super::died::kind;
use super::past::joined;
use super::{Case, Check, Counts, Died, Gap, LATE, LATELY, Note, Reason};
use crate::domain::{Detail, Metric, NodeId, Point};
use crate::store::snapshot::Runs;

/// A minute's count is of somewhere in that minute.
const MINUTE: SignedDuration = SignedDuration::from_secs(60);
/// How far back throttles count while their limit is still in the way.
const HOUR: SignedDuration = SignedDuration::from_hours(1);
/// States in which AWS takes no invocation, or none that succeeds. What each refuses is not documented; `Inactive` and
/// `Pending` come back by themselves.
const REFUSING: [&str; 5] = [
    "Failed",
    "ActiveNonInvocable",
    "Deactivating",
    "Deactivated",
    "Deleting",
];

impl Case<'_> {
    /// Everything about one function that will run.
    pub(super) fn function(&self, id: &NodeId, found: &mut Check) {
        if self.evidence.gone.contains(id) {
            found.reasons.push(Reason::Missing { target: id.clone() });
            return;
        }
        if let Some(why) = self.evidence.unread.get(id) {
            found.gaps.push(Gap::Function {
                function: id.clone(),
                why: why.clone(),
            });
        }
        self.state(id, found);
        if self.reserved(id) == Some(0) {
            found.reasons.push(Reason::ConcurrencyZero { function: id.clone() });
        }
        let counts = self.counts(id, found);
        let relieved = self.throttles(id, counts.as_ref(), found);
        self.invocations(id, (counts.as_ref(), relieved), found);
    }

    /// Its invocations: what the snapshot has of the last minutes, and what was read further back. Where one version is
    /// invoked, only what was read of that one.
    pub(super) fn runs(&self, id: &NodeId) -> Option<Runs> {
        let now = self.snapshot.vitals.get(id).and_then(|vitals| vitals.runs.as_ref());
        let now = now.filter(|_| !self.evidence.versions.contains_key(id));
        let past = self.evidence.past.get(id).map(|past| &past.runs);
        let mut runs = match (now, past) {
            (Some(now), Some(past)) => joined(now, past),
            (one, other) => one.or(other)?.clone(),
        };
        if self.is_durable(id) {
            runs.last_success = None;
        }
        Some(runs)
    }

    /// What was read of its metrics for this check, else what the snapshot has of them.
    pub(super) fn counts(&self, id: &NodeId, found: &mut Check) -> Option<Counts> {
        let why = match self.evidence.counts.get(id) {
            Some(Ok(counts)) => return Some(counts.clone()),
            Some(Err(why)) => why.to_string(),
            None => {
                let metrics = self.snapshot.vitals.get(id).map(|vitals| &vitals.metrics);
                let of = |metric| {
                    metrics
                        .and_then(|all| all.get(&metric))
                        .map(|series| series.points.to_vec())
                };
                if let Some(throttles) = of(Metric::Throttles) {
                    return Some(Counts {
                        invocations: of(Metric::Invocations).unwrap_or_default(),
                        errors: of(Metric::Errors).unwrap_or_default(),
                        throttles,
                        duration_ms: of(Metric::DurationP99).unwrap_or_default(),
                    });
                }
                "not read yet".to_owned()
            }
        };
        found.gaps.push(Gap::Metrics {
            function: id.clone(),
            why,
        });
        None
    }

    /// Throttles that speak against it; where they no longer do, what was throttled.
    fn throttles(&self, id: &NodeId, counts: Option<&Counts>, found: &mut Check) -> Option<Relieved> {
        let counts = counts?;
        let reserved = self.reserved(id);
        // A limit that is still in the way throttles again with the next burst; one that was taken off or raised does not.
        let in_the_way = reserved.is_some_and(|reserved| self.wanted(id).is_none_or(|wanted| reserved < wanted));
        let window = if in_the_way { HOUR } else { LATELY };
        let from = self.now.checked_sub(window).unwrap_or(Timestamp::MIN);
        let times = self.since(&counts.throttles, from);
        let last = last(&counts.throttles);
        if reserved == Some(0) {
            // Reported already: invocations are switched off.
            return None;
        }
        if let Some(last) = last.filter(|_| times > 0)
            && in_the_way
        {
            found.reasons.push(Reason::Throttled {
                function: id.clone(),
                times,
                within_s: window.as_secs().unsigned_abs(),
                last,
                reserved,
            });
            return None;
        }
        let by_message = |died: &Died| died.throttled && died.function.as_ref().is_none_or(|function| function == id);
        if in_the_way || (last.is_none() && !self.evidence.died.iter().any(by_message)) {
            return None;
        }
        let times = self.since(&counts.throttles, Timestamp::MIN);
        Some(Relieved { times, last })
    }

    fn invocations(&self, id: &NodeId, (counts, relieved): (Option<&Counts>, Option<Relieved>), found: &mut Check) {
        let changed = self.modified(id);
        let denied = self.snapshot.logs.of(id).find_map(|group| group.unread.clone());
        let runs = self.runs(id).filter(|_| denied.is_none());
        let by_metric = counts.map_or(0, |counts| self.errors_since(&counts.errors, changed));
        let Some(runs) = runs else {
            found.gaps.push(Gap::Log {
                function: id.clone(),
                why: denied.unwrap_or_else(|| "not read in time".to_owned()),
            });
            self.only_metric(id, counts, by_metric, found);
            return;
        };
        let since = self.deployed_lately(changed);
        let (failed, of) = (self.counted(&runs.failures, since), self.counted(&runs.starts, since));
        let after = |at: Timestamp| changed.is_none_or(|changed| at > changed);
        let unfixed = runs.last_error.as_ref().filter(|(at, _)| after(*at));
        match unfixed {
            Some((at, error)) if runs.failed_in_row > 0 || (failed > 0 && self.is_theirs(id, error)) => {
                found.reasons.push(Reason::Failing {
                    function: id.clone(),
                    failed,
                    of: of.max(failed),
                    last: Some(*at),
                    in_row: u64::from(runs.failed_in_row),
                    since,
                    error: error.clone(),
                });
            }
            Some((_, error)) if failed > 0 => found.notes.push(Note::OtherErrors {
                function: id.clone(),
                failed,
                error: error.clone(),
            }),
            _ if by_metric > 0 && failed == 0 => self.only_metric(id, counts, by_metric, found),
            _ => self.nothing_failed(id, (&runs, counts, relieved), changed, found),
        }
    }

    /// The last change, if within [`LATELY`]: earlier invocations prove nothing about now.
    fn deployed_lately(&self, changed: Option<Timestamp>) -> Option<Timestamp> {
        let from = self.now.checked_sub(LATELY).unwrap_or(Timestamp::MIN);
        changed.filter(|changed| *changed > from && *changed <= self.now)
    }

    /// Sum of the minutes of [`LATELY`] that began after the last change.
    fn counted(&self, points: &[Point], since: Option<Timestamp>) -> u64 {
        since.map_or_else(|| self.lately(points), |since| self.since(points, since))
    }

    /// What was throttled, and no longer is.
    fn lifted(&self, id: &NodeId, relieved: Option<Relieved>, raised: Option<Relieved>, found: &mut Check) {
        if let Some(Relieved { times, last }) = raised {
            found.notes.push(Note::LimitRaised {
                function: id.clone(),
                times,
                last,
                reserved: self.reserved(id),
                wanted: self.wanted(id),
            });
        } else if let Some(Relieved {
            times,
            last: Some(last),
        }) = relieved
            && self.now.duration_since(last) <= LATELY
        {
            found.notes.push(Note::ThrottledBefore {
                function: id.clone(),
                times,
                last,
            });
        }
    }

    /// No failure of the last minutes speaks against it. That alone proves nothing: a function that always fails is silent
    /// as soon as its messages are dead. A success after the last failure does, and a deployment is the usual fix.
    fn nothing_failed(
        &self,
        id: &NodeId,
        (runs, counts, relieved): (&Runs, Option<&Counts>, Option<Relieved>),
        changed: Option<Timestamp>,
        found: &mut Check,
    ) {
        let metric = counts.and_then(|counts| last(&counts.errors));
        let error = runs.last_error.as_ref();
        let failed = error.map(|(at, _)| *at).max(metric);
        // For a message of unknown history, its enqueue time proves nothing about this function.
        let died = self.died_last(|died| match &died.function {
            Some(function) => function == id,
            None => died.source.is_some(),
        });
        let proves = |at: &Timestamp| {
            error.is_none_or(|(failed, _)| at > failed)
                && metric.is_none_or(|failed| *at >= failed)
                && died.is_none_or(|died| *at >= died)
        };
        let success = runs.last_success.filter(proves);
        // Metrics are of all versions together.
        let is_told = !self.is_durable(id) && !self.evidence.versions.contains_key(id);
        let by_metric = || counts.filter(|_| is_told).and_then(succeeded);
        let success = success.or_else(|| by_metric().filter(proves).filter(|at| Some(*at) > failed));
        // Messages with another error: a later deployment may still be their fix.
        let before = failed.max(died).or_else(|| self.died_last(|_| true));
        let fix = changed.filter(|changed| before.is_some_and(|before| before < *changed));
        // Invocations between throttled ones ran under the old limit.
        let is_after = |at: Timestamp, throttled: Timestamp| at.duration_since(throttled) >= LATE;
        let raised = relieved.filter(|relieved| {
            let success = success.filter(|at| relieved.last.is_none_or(|last| is_after(*at, last)));
            success.is_none()
        });
        self.lifted(id, relieved, raised, found);
        if let Some(last) = success.filter(|at| fix.is_none_or(|fix| *at > fix)) {
            let alone = self.failed_alone(id, runs, counts);
            if alone > 0 {
                found.notes.push(Note::FailedAlone {
                    function: id.clone(),
                    messages: alone,
                });
            }
            let since = self.deployed_lately(changed).filter(|since| *since < last);
            found.notes.push(Note::Succeeds {
                function: id.clone(),
                invocations: self.counted(&runs.starts, since),
                last,
                since,
                read_since: runs.read_since,
            });
        } else if fix.is_some() {
            found.notes.push(Note::NotInvoked {
                function: id.clone(),
                changed: fix,
            });
        } else if let Some(last) = failed.filter(|failed| changed.is_none_or(|changed| changed < *failed)) {
            let in_row = counts.map_or(0, failed_in_row).max(u64::from(runs.failed_in_row));
            found.reasons.push(Reason::Failing {
                function: id.clone(),
                failed: 0,
                of: self.lately(&runs.starts),
                last: Some(last),
                in_row,
                since: None,
                error: error
                    .filter(|(at, _)| changed.is_none_or(|changed| changed < *at))
                    .map(|(_, error)| error.clone())
                    .unwrap_or_default(),
            });
        } else if raised.is_none() {
            found.gaps.push(Gap::Unproved {
                function: id.clone(),
                died,
                unread: self.evidence.past.get(id).and_then(|past| past.unread.clone()),
            });
        }
    }

    /// Messages whose attempts failed while others succeeded: not an outage that is over by now. If all invocations failed
    /// meanwhile, a later success counts for them.
    fn failed_alone(&self, id: &NodeId, runs: &Runs, counts: Option<&Counts>) -> u64 {
        let alone = |died: &&Died| {
            let (Some(first), Some(at)) = (died.first, died.at) else {
                return false;
            };
            let of_log = runs.read_since.is_some_and(|since| since <= first);
            let logged = of_log.then_some((&runs.starts, &runs.failures));
            // The metric counts a failure in the minute in which its invocation began.
            let counted = counts.map(|counts| (&counts.invocations, &counts.errors));
            [counted, logged]
                .into_iter()
                .flatten()
                .any(|(all, failed)| others_succeeded(all, failed, (first, at)))
        };
        let mut died = self.evidence.died.iter().filter(|died| !died.throttled);
        let of_it = |died: &&Died| match &died.function {
            Some(function) => function == id,
            None => died.source.is_some(),
        };
        let alone = died.by_ref().filter(of_it).filter(alone).count();
        u64::try_from(alone).unwrap_or(u64::MAX)
    }

    /// AWS (functions): an invocation of a durable function succeeds also while its execution waits.
    fn is_durable(&self, id: &NodeId) -> bool {
        let node = self.snapshot.topology.nodes.get(id);
        node.is_some_and(|node| matches!(&node.detail, Detail::Function(function) if function.durable))
    }

    /// Approximately when the last of these messages went to the DLQ.
    fn died_last(&self, of: impl Fn(&Died) -> bool) -> Option<Timestamp> {
        let died = self.evidence.died.iter().filter(|died| of(died));
        died.filter_map(|died| died.at.or(died.first)).max()
    }

    /// Errors of the last minutes whose invocations began after the last change.
    fn errors_since(&self, errors: &[Point], changed: Option<Timestamp>) -> u64 {
        let from = self.now.checked_sub(LATELY).unwrap_or(Timestamp::MIN);
        self.since(errors, changed.map_or(from, |changed| from.max(changed)))
    }

    /// The metric counts a failure, but the log has none.
    fn only_metric(&self, id: &NodeId, counts: Option<&Counts>, failed: u64, found: &mut Check) {
        if let Some(counts) = counts.filter(|_| failed > 0) {
            found.reasons.push(Reason::Failing {
                function: id.clone(),
                failed,
                of: self
                    .counted(&counts.invocations, self.deployed_lately(self.modified(id)))
                    .max(failed),
                last: None,
                in_row: 0,
                since: self.deployed_lately(self.modified(id)),
                error: String::new(),
            });
        }
    }

    /// Whether an error is that of messages in the queue. An unknown one may be any.
    fn is_theirs(&self, function: &NodeId, error: &str) -> bool {
        let error = kind(error);
        let theirs = self.evidence.died.iter();
        let mut theirs = theirs
            .filter(|died| died.function.as_ref().is_none_or(|id| id == function))
            .map(|died| died.error.as_deref())
            .peekable();
        theirs.peek().is_none() || theirs.any(|known| known.is_none_or(|known| known == error))
    }

    /// A state that refuses invocations, as it is now where that was read.
    fn state(&self, id: &NodeId, found: &mut Check) {
        let (state, why) = match (self.evidence.now.get(id), self.snapshot.topology.nodes.get(id)) {
            (Some(now), _) => (now.state.clone(), now.state_reason.clone()),
            (None, Some(node)) => match &node.detail {
                Detail::Function(function) => (function.status.state.clone(), function.status.reason.clone()),
                _ => return,
            },
            (None, None) => return,
        };
        if let Some(state) = state.filter(|state| REFUSING.contains(&state.as_str())) {
            found.reasons.push(Reason::StateRefuses {
                function: id.clone(),
                state,
                why,
            });
        }
    }
}

/// Throttles of before, whose limit is no longer in the way.
#[derive(Clone, Copy)]
pub(super) struct Relieved {
    /// Throttled invocations, as far as metrics were read.
    times: u64,
    /// The minute of the last one.
    last: Option<Timestamp>,
}

fn last(points: &[Point]) -> Option<Timestamp> {
    let counted = points.iter().filter(|point| point.value > 0.0);
    counted.map(|point| point.at).max()
}

/// Whether more invocations began than failed between the first and the last failure of a span. The minutes of these two
/// count only where they lie side by side: an outage begins and ends within a minute.
fn others_succeeded(all: &[Point], failed: &[Point], (from, to): (Timestamp, Timestamp)) -> bool {
    let from = from.checked_sub(MINUTE).unwrap_or(from);
    let failures = failed
        .iter()
        .filter(|point| point.value > 0.0 && (from..=to).contains(&point.at));
    let minutes: Vec<Timestamp> = failures.map(|point| point.at).collect();
    let (Some(first), Some(last)) = (minutes.iter().min(), minutes.iter().max()) else {
        return false;
    };
    // All invocations close by failed: an outage, with successes at its edges.
    let at = |points: &[Point], minute: Timestamp| {
        let of = points.iter().filter(|point| point.at == minute);
        of.map(|point| point.value).sum::<f64>()
    };
    let mut near = failed
        .iter()
        .filter(|point| *first - MINUTE <= point.at && point.at <= *last + MINUTE);
    let outage = |point: &Point| point.value >= 2.0 && point.value >= at(all, point.at);
    if near.any(outage) {
        return false;
    }
    let apart = last.duration_since(*first) > MINUTE;
    let within = |point: &&Point| {
        if apart {
            *first < point.at && point.at < *last
        } else {
            *first <= point.at && point.at <= *last
        }
    };
    let sum = |points: &[Point]| points.iter().filter(within).map(|point| point.value).sum::<f64>();
    sum(all) > sum(failed)
}

/// The last minute in which more invocations began than failed.
fn succeeded(counts: &Counts) -> Option<Timestamp> {
    let errors_at = |at: Timestamp| {
        let of = counts.errors.iter().filter(|error| error.at == at);
        of.map(|error| error.value).sum::<f64>()
    };
    let minutes = counts.invocations.iter();
    let minutes = minutes.filter(|point| point.value > errors_at(point.at));
    minutes.map(|point| point.at).max()
}

/// Failed invocations since the last minute that had others.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a sum of counts")]
fn failed_in_row(counts: &Counts) -> u64 {
    let well = succeeded(counts);
    let row = counts.errors.iter().filter(|error| Some(error.at) > well);
    row.map(|error| error.value).sum::<f64>().round() as u64
}
