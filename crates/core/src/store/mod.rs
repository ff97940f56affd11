//! The fold: observations in, snapshots out. Nothing here waits, reads a clock or does I/O.

mod alarms;
pub mod arrivals;
mod before;
pub mod causes;
pub mod chain;
pub mod coming;
mod counted;
mod deliveries;
mod depths;
mod expiry;
mod healed;
pub mod health;
pub mod issues;
pub mod lately;
pub mod logs;
pub mod loops;
pub mod losses;
pub mod mappings;
pub mod memory;
pub mod no_loss;
mod oldest;
mod open;
pub mod overview;
pub mod retried;
pub mod runs;
pub mod series;
pub mod short;
pub mod snapshot;
pub mod traffic;
mod trouble;
mod unread;
mod vitals;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::domain::delivery::Deliveries;
use crate::domain::log::LogRead;
use crate::domain::{Alarm, CallCount, Connection, Fact, Metric, NodeId, Observation, Point, Scope, Source, Subject};
use chain::Chain;
use deliveries::{DeliveryState, Folded};
use depths::QueueRecord;
use expiry::Expiry;
use logs::LogState;
use losses::{Keepers, Ledger};
use mappings::Mappings;
use memory::{Kept, Kind};
use runs::{RunStats, Seen};
use series::AllSeries;
pub use snapshot::Snapshot;
use snapshot::{Cost, Depth, Overview, Pulse, SourceState, Topology, Trouble, Vitals};
use traffic::Traffic;

/// How long what was counted stays of interest.
pub const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// Everything observed so far, folded.
#[derive(Default)]
pub struct Store {
    access: Access,
    as_of: Option<Timestamp>,
    chain: Chain,
    runs: BTreeMap<NodeId, RunStats>,
    depths: BTreeMap<NodeId, QueueRecord>,
    mappings: Mappings,
    metrics: AllSeries,
    alarms: Vec<Alarm>,
    traffic: Traffic,
    logs: LogState,
    deliveries: DeliveryState,
    ends: Ends,
    changed: Changed,
    last: Arc<Snapshot>,
}

/// Where the account is, and how it is reached.
#[derive(Default)]
struct Access {
    scope: Option<Arc<Scope>>,
    /// By which profile, where it is by one: commands to copy name it.
    profile: Option<String>,
    connection: Arc<Connection>,
    sources: Arc<BTreeMap<Source, SourceState>>,
    calls: Arc<CallCount>,
}

/// How events ended.
#[derive(Default)]
struct Ends {
    delivered: arrivals::Deliveries,
    ledger: Ledger,
    expiry: Expiry,
}

/// Which sections of the snapshot must be made anew.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "one for each section")]
struct Changed {
    topology: bool,
    vitals: bool,
    pulses: bool,
    any: bool,
}

impl Store {
    /// A store that knows nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Remembers deliveries that ended for so long, where that is more than an hour.
    #[must_use]
    pub fn remembering(mut self, span: SignedDuration) -> Self {
        self.deliveries.memory = span;
        self
    }

    /// Keeps log lines of at most `budget` bytes.
    #[must_use]
    pub fn keeping_lines(mut self, bytes: usize) -> Self {
        self.logs.keep(bytes);
        self
    }

    /// Knows the profile that leads to its account.
    #[must_use]
    pub fn of_profile(mut self, profile: Option<String>) -> Self {
        self.access.profile = profile;
        self
    }

    /// Folds one observation in.
    pub fn apply(&mut self, observation: Observation) {
        let Observation {
            at,
            scope,
            source,
            what,
        } = observation;
        if self.access.scope.as_deref() != Some(&scope) {
            let scope = Arc::new(scope);
            self.chain.set_scope(&scope);
            self.access.scope = Some(scope);
        }
        self.as_of = Some(self.as_of.map_or(at, |before| before.max(at)));
        self.changed.any = true;
        if !matches!(
            what,
            Fact::SourceState { .. }
                | Fact::Reached
                | Fact::Unread { .. }
                | Fact::LinesUnread { .. }
                | Fact::Tail { .. }
                | Fact::Connection(_)
        ) {
            self.source(source).read_at = Some(at);
        }
        self.fold(at, source, what);
    }

    fn fold(&mut self, at: Timestamp, source: Source, what: Fact) {
        match what {
            Fact::Connection(connection) => self.access.connection = Arc::new(connection),
            Fact::Calls(calls) => self.access.calls = Arc::new(calls),
            Fact::SourceState { error } => {
                self.source(source).error = error;
                // What cannot be read is not OK.
                self.changed.vitals = true;
            }
            Fact::Alarms(alarms) => {
                self.alarms = alarms;
                self.changed.vitals = true;
            }
            Fact::Depth {
                queue,
                visible,
                in_flight,
                delayed,
            } => {
                self.depth(
                    at,
                    &queue,
                    Depth {
                        visible,
                        in_flight,
                        delayed,
                    },
                );
            }
            Fact::Metric {
                subject,
                metric,
                points,
            } => {
                self.deliveries.touch();
                self.metrics.lay_over((subject, metric), points, at);
                self.changed.vitals = true;
            }
            Fact::Lines(read) => self.lines(at, read),
            Fact::LinesUnread { group, functions, why } => {
                self.logs.unread(&group, functions, why);
                self.deliveries.touch();
                self.changed.vitals = true;
            }
            Fact::Preview { group, lines, sampled } => self.logs.preview(&group, lines, sampled),
            Fact::Tail { groups, state } => self.logs.tail(&groups, &state),
            Fact::Reached => {
                self.changed.vitals = true;
                self.changed.pulses |= self.traffic.expire(at);
                self.deliveries.reached(at);
            }
            fact @ (Fact::Found { .. }
            | Fact::Unread { .. }
            | Fact::Progress { .. }
            | Fact::Missing(_)
            | Fact::GoneSources(_)
            | Fact::Watches(_)
            | Fact::Narrowed
            | Fact::Surveyed { .. }
            | Fact::Recalled { .. }) => {
                self.changed.topology = true;
                self.deliveries.touch();
                self.changed.vitals = true;
                if let Fact::Found { edges, .. } = &fact {
                    self.mappings.see(at, edges);
                }
                self.chain.apply(at, fact);
            }
        }
    }

    fn source(&mut self, source: Source) -> &mut SourceState {
        Arc::make_mut(&mut self.access.sources).entry(source).or_default()
    }

    fn lines(&mut self, at: Timestamp, read: LogRead) {
        self.deliveries.read(&read);
        let topology = self.chain.topology();
        let mut seen: BTreeMap<NodeId, Seen> = BTreeMap::new();
        for change in self.logs.read(&read, |function| topology.timeout(function)) {
            if let Some(run) = change.after.as_ref().or(change.before.as_ref()) {
                let known = self.runs.len();
                let tally = self.runs.entry(run.function.clone()).or_default();
                tally.share(known);
                tally.change(&change, seen.entry(run.function.clone()).or_default());
            }
        }
        if let Some(reach) = read.reach {
            for function in read.functions {
                let seen = seen.entry(function.clone()).or_default();
                self.runs.entry(function).or_default().read(&reach, at, seen);
            }
        }
        for (function, seen) in &seen {
            self.traffic.runs(&topology, function, seen, at);
            if let Some(last) = seen.arrived.iter().max() {
                self.ends.delivered.arrived(function, *last);
            }
        }
        self.changed.vitals = true;
        self.changed.pulses = true;
    }

    /// The moment at which something changes although nothing is observed; the driver then applies `Reached`.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Timestamp> {
        // Rates are counted by the minute; a marble's traffic is of the last minute.
        let minute = self
            .as_of
            .and_then(|at| at.checked_add(SignedDuration::from_secs(30)).ok());
        [self.traffic.next_expiry(), minute, self.deliveries.next_deadline()]
            .into_iter()
            .flatten()
            .min()
    }

    /// Makes what is otherwise made a moment later: nothing will be observed any more.
    pub fn finish(&mut self) {
        let topology = self.chain.topology();
        let deliveries = self.deliveries(&topology, true);
        self.last = Arc::new(Snapshot {
            deliveries,
            ..Snapshot::clone(&self.last)
        });
        // Their losses also show at the nodes.
        self.changed.vitals = true;
        self.changed.any = true;
    }

    /// Everything known now; sections that did not change are those of the last time.
    pub fn snapshot(&mut self) -> Arc<Snapshot> {
        if !self.changed.any {
            return Arc::clone(&self.last);
        }
        let changed = std::mem::take(&mut self.changed);
        let topology = if changed.topology {
            self.chain.topology()
        } else {
            Arc::clone(&self.last.topology)
        };
        let deliveries = self.deliveries(&topology, false);
        let events_moved = !Arc::ptr_eq(&deliveries, &self.last.deliveries);
        let judged = if changed.vitals || events_moved {
            self.judged(&topology, &deliveries)
        } else {
            Judged {
                vitals: Arc::clone(&self.last.vitals),
                troubles: Arc::clone(&self.last.troubles),
                answers: Arc::clone(&self.last.answers),
                arrivals: Arc::clone(&self.last.arrivals),
            }
        };
        let pulses = if changed.pulses {
            self.pulses()
        } else {
            Arc::clone(&self.last.pulses)
        };
        let memory = same(&self.last.cost.memory, self.memory(&deliveries));
        self.last = Arc::new(Snapshot {
            version: self.last.version + 1,
            scope: self.access.scope.clone(),
            as_of: self.as_of,
            connection: Arc::clone(&self.access.connection),
            topology,
            vitals: judged.vitals,
            troubles: judged.troubles,
            arrivals: judged.arrivals,
            answers: judged.answers,
            pulses,
            deliveries,
            logs: self.logs.publish(),
            invocations: self.logs.publish_runs(),
            sources: Arc::clone(&self.access.sources),
            cost: Cost {
                calls: Arc::clone(&self.access.calls),
                memory,
            },
        });
        Arc::clone(&self.last)
    }

    /// How each node is, what is wrong, and what a person asks first.
    fn judged(&mut self, topology: &Arc<Topology>, deliveries: &Arc<Deliveries>) -> Judged {
        let now = self.as_of.unwrap_or(Timestamp::UNIX_EPOCH);
        if !Arc::ptr_eq(&topology.arrivals, &self.last.topology.arrivals) {
            self.ends.delivered.judged(topology, now);
        }
        let invocations = self.logs.publish_runs();
        let arrivals = self.ends.delivered.arrivals(topology, now);
        let keepers = Keepers::of(topology);
        self.ends.ledger.enter(&self.metrics, &keepers, now);
        self.expired(topology, &invocations, deliveries, now);
        let counted = self.counted(topology, &invocations, now);
        let losses = self
            .ends
            .ledger
            .told(&self.metrics, &keepers, deliveries, &counted, now);
        let told = coming::Told {
            topology,
            keepers: &keepers,
            losses: &losses,
            invocations: &invocations,
            metrics: &self.metrics,
            counted: &counted,
        };
        let coming = self.coming(deliveries, &told, now);
        let (vitals, troubles) = self.vitals(topology, &arrivals, &invocations, &losses, &coming, now);
        let answers = overview::answers(
            overview::Folded {
                metrics: &self.metrics,
                alarms: &self.alarms,
                topology,
                vitals: &vitals,
                losses,
                coming,
            },
            now,
        );
        Judged {
            vitals: same(&self.last.vitals, vitals),
            troubles: same(&self.last.troubles, troubles),
            answers: same(&self.last.answers, answers),
            arrivals: same(&self.last.arrivals, arrivals),
        }
    }

    /// What is kept, kind by kind.
    fn memory(&self, deliveries: &Deliveries) -> Vec<Kept> {
        let (traffic, most_traffic) = self.traffic.bytes();
        let mut all = self.logs.kept().to_vec();
        all.push(Kept {
            kind: Kind::Endings,
            bytes: self.runs.values().map(RunStats::bytes).sum(),
            budget: runs::BUDGET,
            dropped: 0,
        });
        all.push(Kept {
            kind: Kind::Deliveries,
            bytes: deliveries.bytes(),
            budget: deliveries::BUDGET,
            dropped: deliveries.forgotten,
        });
        all.push(self.metrics.kept());
        all.push(Kept {
            kind: Kind::Traffic,
            bytes: traffic,
            budget: most_traffic,
            dropped: 0,
        });
        all
    }

    fn deliveries(&mut self, topology: &Topology, last: bool) -> Arc<Deliveries> {
        let Some(now) = self.as_of.filter(|now| self.deliveries.is_due(*now, last)) else {
            return Arc::clone(&self.last.deliveries);
        };
        let folded = Folded {
            topology,
            depths: self
                .depths
                .iter()
                .filter_map(|(queue, record)| Some((queue, record.now?, &record.grown)))
                .collect(),
            metrics: &self.metrics,
            logs: self.logs.publish(),
            runs: self.logs.publish_runs(),
        };
        same(&self.last.deliveries, self.deliveries.make(now, &folded))
    }

    fn pulses(&self) -> Arc<Vec<Pulse>> {
        // A log that was read without news is no traffic.
        same(&self.last.pulses, self.traffic.pulses().cloned().collect())
    }

    /// Up to when a source could be read: now, unless it fails. What was wrong then is not said to have passed.
    fn seen_to(&self, source: Source, now: Timestamp) -> Timestamp {
        let state = self.access.sources.get(&source).filter(|state| state.error.is_some());
        state.and_then(|state| state.read_at).unwrap_or(now)
    }

    /// One-minute values of a metric of the whole account.
    #[must_use]
    pub fn account_metric(&self, metric: Metric) -> Option<&[Point]> {
        self.metrics
            .get(&(Subject::Account, metric))
            .map(|series| series.points.as_slice())
    }
}

/// The sections that are judged together.
struct Judged {
    vitals: Arc<BTreeMap<NodeId, Vitals>>,
    troubles: Arc<Vec<Trouble>>,
    answers: Arc<Overview>,
    arrivals: Arc<arrivals::Arrivals>,
}

/// The old section where nothing in it changed, so that readers can compare pointers.
fn same<T: PartialEq>(old: &Arc<T>, new: T) -> Arc<T> {
    if **old == new { Arc::clone(old) } else { Arc::new(new) }
}
