//! Every event on its way, derived from invocations, depths, metrics and policies, and when it is derived again.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::HOUR;
use super::snapshot::{Depth, Reading, Series, Topology};
use crate::domain::delivery::Deliveries;
use crate::domain::log::{LogRead, Reach};
use crate::domain::{Detail, Invocation, Metric, NodeId, RunOutcome, Subject};
use crate::forecast::{self, Depths, Growth, Input, Log, Measured};
use crate::logs::invocations::Runs;
use crate::logs::{Logs, blind_spots};

/// Made at most so often: a busy log must not cost more than a quiet one.
const PAUSE: SignedDuration = SignedDuration::from_secs(1);
/// Bytes that they may take; those that ended longest ago are not listed where it is not enough.
pub(super) const BUDGET: usize = 8 * 1024 * 1024;
/// Growths kept of each queue.
const GROWTHS: usize = 64;

/// What the model counts with.
const METRICS: [Metric; 7] = [
    Metric::Throttles,
    Metric::AsyncEventAge,
    Metric::AsyncEventsDropped,
    Metric::IteratorAge,
    Metric::RuleFailures,
    Metric::NotificationsFailed,
    Metric::NotificationsLost,
];

/// How far each log is known, and when the deliveries were last made of what was folded.
#[derive(Default)]
pub(super) struct DeliveryState {
    /// How far back ended deliveries are requested, if further than by default.
    pub memory: SignedDuration,
    reach: BTreeMap<NodeId, Reach>,
    stale: bool,
    made_at: Option<Timestamp>,
    /// When a window opens or passes.
    next_change: Option<Timestamp>,
}

/// What else the store has folded.
pub(super) struct Folded<'a> {
    pub topology: &'a Topology,
    pub depths: Vec<(&'a NodeId, Reading<Depth>, &'a DepthGrowth)>,
    pub metrics: &'a BTreeMap<(Subject, Metric), Series>,
    pub logs: Arc<Logs>,
    pub runs: Arc<BTreeMap<NodeId, Arc<Runs>>>,
}

/// What readings of a queue showed: when it held more than before, and when something was in flight.
#[derive(Default)]
pub(super) struct DepthGrowth {
    growths: VecDeque<Growth>,
    in_flight_seen: Option<Timestamp>,
}

impl DepthGrowth {
    /// Compares a reading with the one before.
    pub fn note(&mut self, before: Option<Reading<Depth>>, now: Reading<Depth>) {
        if now.value.in_flight > 0 {
            self.in_flight_seen = Some(now.at);
        }
        let Some(before) = before else { return };
        let by = now.value.total().saturating_sub(before.value.total());
        if by > 0 {
            self.growths.push_back(Growth {
                after: before.at,
                until: now.at,
                by,
            });
        }
        while self.growths.len() > GROWTHS
            || self
                .growths
                .front()
                .is_some_and(|old| now.at.duration_since(old.until) > HOUR)
        {
            self.growths.pop_front();
        }
        self.growths.make_contiguous();
    }

    /// By how much it grew after this moment.
    pub fn since(&self, at: Timestamp) -> u64 {
        self.growths
            .iter()
            .filter(|growth| growth.until > at)
            .map(|growth| growth.by)
            .sum()
    }

    /// By how much it grew up to this moment, in the last hour.
    pub fn until(&self, at: Timestamp) -> u64 {
        let before = self.growths.iter().filter(|growth| growth.until <= at);
        before.map(|growth| growth.by).sum()
    }

    /// When it was last seen to have grown.
    pub fn last(&self) -> Option<Timestamp> {
        self.growths.back().map(|growth| growth.until)
    }

    fn all(&self) -> &[Growth] {
        self.growths.as_slices().0
    }
}

impl DeliveryState {
    /// Applies the result of reading a log group.
    pub fn read(&mut self, read: &LogRead) {
        for function in &read.functions {
            if let Some(reach) = read.reach {
                self.reach.insert(function.clone(), reach);
            }
        }
        self.stale = true;
    }

    /// Marks another input of the model as changed.
    pub fn touch(&mut self) {
        self.stale = true;
    }

    /// Time passed.
    pub fn reached(&mut self, at: Timestamp) {
        self.stale |= self.next_change.is_some_and(|change| change <= at);
    }

    /// When it will be made anew although nothing is observed.
    pub fn next_deadline(&self) -> Option<Timestamp> {
        if self.stale {
            return self.made_at.and_then(|at| at.checked_add(PAUSE).ok());
        }
        self.next_change
    }

    /// Whether it is to be made now. A last picture is made whatever the pause.
    pub fn is_due(&self, now: Timestamp, last: bool) -> bool {
        let rested = self.made_at.is_none_or(|at| now.duration_since(at) >= PAUSE);
        self.stale && (rested || last)
    }

    /// All deliveries, as they are known now.
    pub fn make(&mut self, now: Timestamp, folded: &Folded) -> Deliveries {
        let functions = folded.topology.nodes.values().filter_map(|node| match &node.detail {
            Detail::Function(function) => Some((&node.id, &**function)),
            _ => None,
        });
        let unobservable = blind_spots::unobservable(functions, &folded.logs);
        let unsure: BTreeMap<&NodeId, Vec<Invocation>> = folded
            .runs
            .iter()
            .map(|(function, runs)| (function, unsure(runs, self.settled_to(function))))
            .collect();
        let input = Input {
            now,
            memory: self.memory.max(HOUR),
            nodes: &folded.topology.nodes,
            edges: &folded.topology.edges,
            missing: &folded.topology.missing,
            logs: folded
                .runs
                .iter()
                .map(|(function, runs)| {
                    let (reach, settled_to) = (self.reach.get(function), self.settled_to(function));
                    let mut unsure = unsure.get(function).into_iter().flatten();
                    let as_known = |run| {
                        let masked = is_unsure(run, settled_to).then(|| unsure.next());
                        masked.flatten().unwrap_or(run)
                    };
                    Log {
                        function,
                        runs: runs.iter().map(AsRef::as_ref).map(as_known).collect(),
                        from: reach.map(|reach| reach.since),
                        read_to: reach.map(|reach| reach.read_to),
                        complete_to: reach.and_then(|reach| reach.complete_to),
                    }
                })
                .collect(),
            depths: folded
                .depths
                .iter()
                .map(|(queue, reading, grown)| (*queue, depths(*reading, grown)))
                .collect(),
            letters: Vec::new(),
            metrics: folded.metrics.iter().filter_map(measured).collect(),
            unobservable: &unobservable,
        };
        let mut made = forecast::deliveries(&input);
        made.fit(BUDGET);
        self.stale = false;
        self.made_at = Some(now);
        self.next_change = forecast::next_change(&made, now);
        made
    }

    /// How far a function's log was read.
    pub fn reach_of(&self, function: &NodeId) -> Option<Reach> {
        self.reach.get(function).copied()
    }

    fn settled_to(&self, function: &NodeId) -> Option<Timestamp> {
        self.reach.get(function)?.settled_to
    }
}

/// Whether an error of a seemingly successful invocation may still arrive, by the lateness of its log.
fn is_unsure(run: &Invocation, settled_to: Option<Timestamp>) -> bool {
    run.outcome == RunOutcome::Ok && settled_to.is_some_and(|mark| run.end > Some(mark))
}

/// Invocations with an uncertain outcome, as running.
fn unsure(runs: &Runs, settled_to: Option<Timestamp>) -> Vec<Invocation> {
    let unsure = runs.iter().filter(|run| is_unsure(run, settled_to));
    unsure
        .map(|run| Invocation {
            outcome: RunOutcome::Running,
            ..(**run).clone()
        })
        .collect()
}

fn depths(reading: Reading<Depth>, grown: &DepthGrowth) -> Depths<'_> {
    let Depth {
        visible,
        in_flight,
        delayed,
    } = reading.value;
    Depths {
        at: reading.at,
        visible,
        in_flight,
        delayed,
        in_flight_seen: grown.in_flight_seen,
        grown: grown.all(),
    }
}

fn measured<'a>(
    ((subject, metric), series): (&'a (Subject, Metric), &'a Series),
) -> Option<((&'a NodeId, Metric), Measured<'a>)> {
    let Subject::Node(id) = subject else { return None };
    let measured = Measured {
        points: &series.points,
        read_at: series.read_at,
    };
    METRICS.contains(metric).then_some(((id, *metric), measured))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logs::Invocations;

    fn at(s: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + s).expect("a time")
    }

    #[test]
    fn a_good_end_is_none_until_an_error_would_have_told_itself() {
        let function = NodeId::from("f");
        let mut book = DeliveryState::default();
        let mut runs = Invocations::default();
        for (second, text) in [
            (
                0,
                "START RequestId: b3a1d2c4-0000-4aaa-8bbb-123456789abc Version: $LATEST",
            ),
            (10, "END RequestId: b3a1d2c4-0000-4aaa-8bbb-123456789abc"),
        ] {
            runs.take(&function, "stream", at(second), text);
        }
        runs.refresh();
        let runs = runs.runs(&function);
        let run = Invocation::clone(runs.iter().next().expect("one run"));
        assert_eq!((run.end, run.outcome), (Some(at(10)), RunOutcome::Ok));
        assert!(!is_unsure(&run, book.settled_to(&function)), "no lateness is known");
        let read = |book: &mut DeliveryState, settled: i64| {
            let reach = Reach {
                since: at(0),
                read_to: at(60),
                complete_to: None,
                settled_to: Some(at(settled)),
                whole_since: None,
            };
            book.read(&LogRead {
                functions: vec![function.clone()],
                reach: Some(reach),
                ..LogRead::default()
            });
        };
        read(&mut book, 9);
        assert!(is_unsure(&run, book.settled_to(&function)));
        let failed = Invocation {
            outcome: RunOutcome::Error,
            ..run.clone()
        };
        assert!(
            !is_unsure(&failed, book.settled_to(&function)),
            "a failure is one at once"
        );
        read(&mut book, 10);
        assert!(!is_unsure(&run, book.settled_to(&function)));
    }
}
