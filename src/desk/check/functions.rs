//! What speaks against a function: its state, its concurrency, its throttles, its failing invocations.

use jiff::{SignedDuration, Timestamp};

use super::died::kind;
use super::{Case, Check, Counts, Gap, LATE, LATELY, Note, Reason};
use crate::domain::{Detail, Metric, NodeId, Point};
use crate::store::snapshot::Runs;

/// How far back throttles count while their limit is still in the way.
const HOUR: SignedDuration = SignedDuration::from_hours(1);
/// States in which AWS takes no invocation, or none that ends well. What each refuses is not documented; `Inactive` and
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
        self.state(id, found);
        if self.reserved(id) == Some(0) {
            found.reasons.push(Reason::ConcurrencyZero { function: id.clone() });
        }
        let counts = self.counts(id, found);
        self.throttles(id, counts.as_ref(), found);
        self.invocations(id, counts.as_ref(), found);
    }

    /// What was read of its metrics for this check, else what the snapshot has of them.
    pub(super) fn counts(&self, id: &NodeId, found: &mut Check) -> Option<Counts> {
        let why = match self.evidence.counts.get(id) {
            Some(Ok(counts)) => return Some(counts.clone()),
            Some(Err(why)) => why.clone(),
            None => {
                let metrics = self.snapshot.vitals.get(id).map(|vitals| &vitals.metrics);
                let of = |metric| {
                    metrics
                        .and_then(|all| all.get(&metric))
                        .map(|series| series.points.clone())
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

    fn throttles(&self, id: &NodeId, counts: Option<&Counts>, found: &mut Check) {
        let Some(counts) = counts else { return };
        let reserved = self.reserved(id);
        // A limit that is still in the way throttles again with the next burst; one that was taken off or raised does not.
        let in_the_way = reserved.is_some_and(|reserved| self.wanted(id).is_none_or(|wanted| reserved < wanted));
        let window = if in_the_way { HOUR } else { LATELY };
        let from = self.now.checked_sub(window).unwrap_or(Timestamp::MIN);
        let times = self.since(&counts.throttles, from);
        let Some(last) = last(&counts.throttles).filter(|_| times > 0) else {
            return;
        };
        let function = id.clone();
        let goes_on = in_the_way || self.now.duration_since(last) <= LATE;
        if reserved == Some(0) {
            // Said already: nothing runs.
        } else if goes_on {
            found.reasons.push(Reason::Throttled {
                function,
                times,
                within_s: window.as_secs(),
                last,
                reserved,
            });
        } else {
            found.notes.push(Note::ThrottledBefore { function, times, last });
        }
    }

    fn invocations(&self, id: &NodeId, counts: Option<&Counts>, found: &mut Check) {
        let changed = self.modified(id);
        let denied = self.snapshot.logs.of(id).find_map(|group| group.unread.clone());
        let runs = self.snapshot.vitals.get(id).and_then(|vitals| vitals.runs.as_ref());
        let runs = runs.filter(|_| denied.is_none());
        let by_metric = counts.map_or(0, |counts| self.errors_since(&counts.errors, changed));
        let Some(runs) = runs else {
            found.gaps.push(Gap::Log {
                function: id.clone(),
                why: denied.unwrap_or_else(|| "not read in time".to_owned()),
            });
            self.only_metric(id, counts, by_metric, found);
            return;
        };
        let (failed, of) = (self.lately(&runs.failures), self.lately(&runs.starts));
        let after = |at: Timestamp| changed.is_none_or(|changed| at > changed);
        let unfixed = runs.last_error.as_ref().filter(|(at, _)| after(*at));
        match unfixed {
            Some((at, error)) if runs.failed_in_row > 0 || (failed > 0 && self.is_theirs(id, error)) => {
                found.reasons.push(Reason::Failing {
                    function: id.clone(),
                    failed,
                    of: of.max(failed),
                    last: Some(*at),
                    error: error.clone(),
                });
            }
            Some((_, error)) if failed > 0 => found.notes.push(Note::OtherErrors {
                function: id.clone(),
                failed,
                error: error.clone(),
            }),
            _ if by_metric > 0 && failed == 0 => self.only_metric(id, counts, by_metric, found),
            _ => nothing_failed(id, runs, (changed, of), found),
        }
    }

    /// Errors of the last minutes whose invocations began after the last change.
    fn errors_since(&self, errors: &[Point], changed: Option<Timestamp>) -> u64 {
        let from = self.now.checked_sub(LATELY).unwrap_or(Timestamp::MIN);
        self.since(errors, changed.map_or(from, |changed| from.max(changed)))
    }

    /// The log tells of no failure, and the metric does.
    fn only_metric(&self, id: &NodeId, counts: Option<&Counts>, failed: u64, found: &mut Check) {
        if let Some(counts) = counts.filter(|_| failed > 0) {
            found.reasons.push(Reason::Failing {
                function: id.clone(),
                failed,
                of: self.lately(&counts.invocations).max(failed),
                last: None,
                error: String::new(),
            });
        }
    }

    /// Whether an error is one that messages of the queue died of. What is unknown of them may be any.
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
                Detail::Function(function) => (function.state.clone(), function.state_reason.clone()),
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

fn nothing_failed(id: &NodeId, runs: &Runs, (changed, of): (Option<Timestamp>, u64), found: &mut Check) {
    let failed_before = runs.last_error.as_ref().map(|(at, _)| *at);
    let since_change = |at: Timestamp| failed_before.is_none_or(|failed| at > failed);
    match runs.last_success.filter(|at| since_change(*at)) {
        Some(last) if of > 0 => found.notes.push(Note::Succeeds {
            function: id.clone(),
            invocations: of,
            last,
            read_since: runs.read_since,
        }),
        _ => found.notes.push(Note::NotInvoked {
            function: id.clone(),
            changed: changed.filter(|changed| failed_before.is_some_and(|failed| failed < *changed)),
        }),
    }
}

fn last(points: &[Point]) -> Option<Timestamp> {
    let counted = points.iter().filter(|point| point.value > 0.0);
    counted.map(|point| point.at).max()
}
