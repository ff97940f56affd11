//! The pollers of the product, in lockstep with account time: the survey, the windows over logs and the calls are its own;
//! only their waiting is replaced, because account time stands still here until the next step.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use pitagora::aws::Session;
use pitagora::aws::cloudwatch::Query;
use pitagora::domain::log::{LogRead, Reach};
use pitagora::domain::{Clock, Fact, Metric, NodeId, Observation, Source, Subject};
use pitagora::logs::window::{Seen, Window};
use pitagora::observe::ScopeFilter;
use pitagora::observe::emit::Emitter;
use pitagora::observe::link::Link;
use pitagora::observe::survey::Survey;
use pitagora::observe::targets::Targets;
use pitagora::store::{Snapshot, Store};
use tokio::sync::{mpsc, watch};

use super::play::STEP_MS;

/// Surveys half as often as the product, which costs most of the time of a test; metrics as the product.
const SURVEY_MS: i64 = 120_000;
const METRICS_MS: i64 = 60_000;
/// Log groups and queues asked at a step: in a larger account each has its turn later.
const AT_ONCE: usize = 16;
/// The first look goes back so far.
const FIRST_LOOK: SignedDuration = SignedDuration::from_mins(15);
/// Read for each function.
const METRICS: [Metric; 3] = [Metric::Throttles, Metric::AsyncEventsDropped, Metric::Errors];

#[derive(Default)]
struct Group {
    seen: Seen,
    window: Option<Window>,
}

pub struct Pollers {
    session: Session,
    clock: Clock,
    store: Store,
    targets: Targets,
    groups: BTreeMap<String, Group>,
    turn: usize,
    /// When the survey and the metrics were last read, milliseconds after the beginning.
    surveyed: Option<i64>,
    measured: Option<i64>,
}

impl Pollers {
    pub fn new(session: Session, clock: Clock) -> Self {
        Self {
            session,
            clock,
            store: Store::new(),
            targets: Targets::default(),
            groups: BTreeMap::new(),
            turn: 0,
            surveyed: None,
            measured: None,
        }
    }

    /// How long it takes until each group has had its turn.
    pub fn round_ms(&self) -> i64 {
        let steps = self.targets.functions.len().div_ceil(AT_ONCE);
        i64::from(STEP_MS) * i64::try_from(steps + 1).expect("few")
    }

    /// One look at what is due, and what is known then.
    pub async fn look(&mut self, ms: i64) -> Arc<Snapshot> {
        if self.surveyed.is_none_or(|before| ms - before >= SURVEY_MS) {
            self.surveyed = Some(ms);
            self.survey().await;
        }
        let groups: Vec<String> = self.targets.functions.values().cloned().collect();
        for name in turn(&groups, self.turn) {
            self.read_log(&name).await;
        }
        let queues: Vec<(NodeId, String)> = self.targets.queues.clone().into_iter().collect();
        for (queue, url) in turn(&queues, self.turn) {
            let read = self.session.queue(&url).await.expect("a queue");
            let (visible, in_flight, delayed) = read.depth;
            let fact = Fact::Depth {
                queue,
                visible,
                in_flight,
                delayed,
            };
            self.tell(Source::Queues, fact);
        }
        if self.measured.is_none_or(|before| ms - before >= METRICS_MS) {
            self.measured = Some(ms);
            self.read_metrics().await;
        }
        self.turn += 1;
        self.tell(Source::Session, Fact::Reached);
        self.store.snapshot()
    }

    /// The pictures that come of time alone until `end`, as the store's driver has them made.
    pub fn pass(&mut self, end: Timestamp) -> Vec<(Timestamp, Arc<Snapshot>)> {
        let mut all = Vec::new();
        while let Some(at) = self.store.next_deadline().filter(|at| *at < end) {
            // Never sooner than the driver would.
            let at = at.max(all.last().map_or(self.clock.now(), |(at, _)| *at) + SignedDuration::from_millis(500));
            self.store.apply(Observation {
                at,
                scope: self.session.scope.clone(),
                source: Source::Session,
                what: Fact::Reached,
            });
            all.push((at, self.store.snapshot()));
        }
        all
    }

    fn tell(&mut self, source: Source, what: Fact) {
        self.store.apply(Observation {
            at: self.clock.now(),
            scope: self.session.scope.clone(),
            source,
            what,
        });
    }

    async fn survey(&mut self) {
        let (sender, mut observations) = mpsc::channel(65_536);
        let emit = Emitter::new(sender, self.clock.clone(), self.session.scope.clone(), Source::Topology);
        let (targets, _seen) = watch::channel(Targets::default());
        let filter = ScopeFilter::only(&[]).expect("everything");
        let surveyed = Survey::new(&self.session, &emit, &Link::default(), &filter, true)
            .run(&targets)
            .await;
        assert!(surveyed.whole, "the account can be read");
        self.targets = surveyed.targets;
        while let Ok(observation) = observations.try_recv() {
            self.store.apply(observation);
        }
    }

    async fn read_log(&mut self, name: &str) {
        let now = self.clock.now();
        let functions: Vec<NodeId> = self
            .targets
            .functions
            .iter()
            .filter(|(_, group)| *group == name)
            .map(|(id, _)| id.clone())
            .collect();
        let group = self.groups.entry(name.to_owned()).or_default();
        let window = group.window.get_or_insert_with(|| Window::new(now - FIRST_LOOK));
        let mut read = LogRead {
            group: name.to_owned(),
            functions,
            ..LogRead::default()
        };
        loop {
            let ask = window.ask(now);
            let (from, to) = (ask.from, ask.to);
            // A function that never ran has no group: nothing was written.
            let answer = self
                .session
                .log_page(name, (from, to), ask.token.as_deref(), false)
                .await;
            let brought = window.answer(&mut group.seen, answer.unwrap_or_default(), now);
            read.lines.extend(brought.lines);
            if brought.done {
                break;
            }
        }
        group.seen.forget_before(window.oldest());
        read.reach = window.read_to().map(|read_to| Reach {
            since: window.since(),
            read_to,
            complete_to: window.complete_to(),
            whole_since: Some(window.since()),
        });
        self.tell(Source::Logs, Fact::Lines(read));
    }

    async fn read_metrics(&mut self) {
        let mut queries = Vec::new();
        for id in self.targets.functions.keys() {
            let age = self.targets.stream_readers.contains(id).then_some(Metric::IteratorAge);
            queries.extend(METRICS.into_iter().chain(age).map(|metric| Query {
                subject: Subject::Node(id.clone()),
                metric,
            }));
        }
        let now = self.clock.now();
        let series = self
            .session
            .metrics(&queries, now - SignedDuration::from_hours(1), now)
            .await
            .expect("metrics");
        for (Query { subject, metric }, points) in series {
            let fact = Fact::Metric {
                subject,
                metric,
                points,
            };
            self.tell(Source::Metrics, fact);
        }
    }
}

/// Those whose turn it is.
fn turn<T: Clone>(all: &[T], n: usize) -> Vec<T> {
    let turns = all.len().div_ceil(AT_ONCE).max(1);
    all.chunks(AT_ONCE).nth(n % turns).unwrap_or_default().to_vec()
}
