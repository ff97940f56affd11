//! The pollers in lockstep with a simulated account whose time is stopped while they read: for tests and reproducible
//! screenshots.
//!
//! The survey, the reading of log groups, the choice of metrics and the calls are those of the product. Only waiting is
//! replaced: nothing depends on wall time, and calls are sequential, so the same account read at the same times gives the
//! same observations in the same order.

use std::collections::{BTreeMap, VecDeque};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::{mpsc, watch};

use super::ScopeFilter;
use super::connection::Link;
use super::emit::Emitter;
use super::intervals::Pace;
use super::logs::group::Group;
use super::metrics;
use super::rounds::{Rounds, of_account};
use super::survey::{Carried, Survey};
use super::targets::Targets;
use crate::aws::cloudwatch::Query;
use crate::aws::{Error, Session, api};
use crate::domain::log::{LogRead, Page};
use crate::domain::{CallCount, Clock, Connection, Fact, Interest, NodeId, Observation, Point, Source};

/// How often things are read, in account time.
#[derive(Clone, Copy, Debug)]
pub struct Rhythm {
    /// Between two surveys.
    pub survey: SignedDuration,
    /// A queue or a log group.
    pub seen: SignedDuration,
    /// Metrics and alarms.
    pub metrics: SignedDuration,
    /// Most queues and log groups read per step: the others follow in the next.
    pub at_once: usize,
    /// Account seconds per second of wall time, for the reported rate of calls.
    pub speed: f64,
}

impl Rhythm {
    /// The product's intervals for what is on screen, at the account's speed.
    #[must_use]
    pub fn of(pace: &Pace, speed: f64) -> Self {
        let account = |watch: std::time::Duration| {
            SignedDuration::try_from_secs_f64(watch.as_secs_f64() * speed).unwrap_or(SignedDuration::MAX)
        };
        Self {
            survey: account(pace.survey),
            seen: account(pace.seen),
            metrics: account(pace.metrics),
            at_once: usize::MAX,
            speed,
        }
    }
}

/// The pace of calls is that of the last so many seconds of the watch, and what they cost that of so many, as the meter
/// has it.
const PACE_S: f64 = 10.0;
const COST_S: f64 = 600.0;

/// The pollers of one account.
pub struct Lockstep {
    session: Session,
    emit: Emitter,
    observations: mpsc::Receiver<Observation>,
    clock: Clock,
    rhythm: Rhythm,
    targets: Targets,
    groups: BTreeMap<String, Group>,
    /// When each queue, each log group, the account and its metrics were last read.
    queues_read: BTreeMap<NodeId, Timestamp>,
    logs_read: BTreeMap<String, Timestamp>,
    surveyed: Option<Timestamp>,
    measured: Option<Timestamp>,
    /// How the rounds of metrics went so far.
    rounds: Rounds,
    /// When so many calls had been made, for so much.
    calls: VecDeque<(Timestamp, CallCount)>,
}

/// Most facts of one step: nothing receives them meanwhile.
const FACTS: usize = 65_536;

impl Lockstep {
    /// Pollers that have read nothing yet. `clock` is the account's time, stopped while they read.
    #[must_use]
    pub fn new(session: Session, clock: Clock, rhythm: Rhythm) -> Self {
        let (sender, observations) = mpsc::channel(FACTS);
        let emit = Emitter::new(sender, clock.clone(), session.scope.clone(), Source::Session);
        Self {
            session,
            emit,
            observations,
            clock,
            rhythm,
            targets: Targets::default(),
            groups: BTreeMap::new(),
            queues_read: BTreeMap::new(),
            logs_read: BTreeMap::new(),
            surveyed: None,
            measured: None,
            rounds: Rounds::default(),
            calls: VecDeque::new(),
        }
    }

    /// What the survey found.
    #[must_use]
    pub fn targets(&self) -> &Targets {
        &self.targets
    }

    /// Reads what is due at this account time. Returns the observations in order.
    pub async fn look(&mut self, interest: &Interest) -> Result<Vec<Observation>, Error> {
        let now = self.clock.now();
        let is_due = |last: Option<Timestamp>, every| last.is_none_or(|last| now.duration_since(last) >= every);
        if self.surveyed.is_none() {
            self.emit.send(Fact::Connection(Connection::Open)).await;
        }
        if is_due(self.surveyed, self.rhythm.survey) {
            self.surveyed = Some(now);
            self.survey().await;
        }
        let groups = self.targets.functions.values().cloned();
        for group in next(groups, &self.logs_read, now, &self.rhythm) {
            self.read_log(&group).await?;
            self.logs_read.insert(group, now);
        }
        let queues = self.targets.queues.keys().cloned();
        for queue in next(queues, &self.queues_read, now, &self.rhythm) {
            self.read_queue(&queue).await?;
            self.queues_read.insert(queue, now);
        }
        if is_due(self.measured, self.rhythm.metrics) {
            self.measured = Some(now);
            self.read_metrics(interest).await?;
            let alarms = self.session.alarms().await?;
            self.emit.of(Source::Alarms).send(Fact::Alarms(alarms)).await;
        }
        self.count(now).await;
        self.emit.send(Fact::Reached).await;
        let mut seen = Vec::with_capacity(self.observations.len());
        while let Ok(observation) = self.observations.try_recv() {
            seen.push(observation);
        }
        Ok(seen)
    }

    async fn survey(&mut self) {
        let (targets, _seen) = watch::channel(Targets::default());
        let (emit, filter) = (self.emit.of(Source::Topology), ScopeFilter::default());
        let link = Link::default();
        let survey = Survey::new(
            &self.session,
            &emit,
            &link,
            &filter,
            true,
            usize::MAX,
            Carried::default(),
        );
        let surveyed = Box::pin(survey.run(&targets)).await;
        emit.send(surveyed.told()).await;
        self.targets = surveyed.targets;
    }

    async fn read_log(&mut self, name: &str) -> Result<(), Error> {
        let writers = self.targets.functions.iter().filter(|(_, group)| *group == name);
        let functions: Vec<NodeId> = writers.map(|(id, _)| id.clone()).collect();
        let now = self.clock.now();
        let group = self.groups.entry(name.to_owned()).or_default();
        loop {
            let ask = group.ask(now, true, None).ask;
            let answer = self
                .session
                .log_page(name, (ask.from, ask.to), ask.token.as_deref(), false);
            let (page, missing) = match answer.await {
                Ok(page) => (page, false),
                // A function that was never invoked has no group.
                Err(Error::NotFound) => {
                    group.give_up();
                    group.ask(now, true, None);
                    (Page::default(), true)
                }
                Err(error) => return Err(error),
            };
            let brought = group.answer(page, now);
            if let Some(how) = brought.endless {
                let action = api::FILTER_LOG_EVENTS.action;
                return Err(Error::Endless { action, how });
            }
            let done = brought.done;
            let read = LogRead {
                group: name.to_owned(),
                functions: functions.clone(),
                shared: false,
                lines: brought.lines,
                nth: brought.nth,
                late: brought.late,
                cut: group.cut(),
                missing,
                reach: done.then(|| group.reach()).flatten(),
            };
            self.emit.of(Source::Logs).send(Fact::Lines(read)).await;
            if done {
                return Ok(());
            }
        }
    }

    async fn read_queue(&mut self, id: &NodeId) -> Result<(), Error> {
        let Some(url) = self.targets.queues.get(id) else {
            return Ok(());
        };
        let (visible, in_flight, delayed) = match self.session.queue(url).await {
            Ok(read) => read.depth,
            // Deleted: the survey will notice.
            Err(Error::NotFound) => return Ok(()),
            Err(error) => return Err(error),
        };
        let depth = Fact::Depth {
            queue: id.clone(),
            visible,
            in_flight,
            delayed,
        };
        self.emit.of(Source::Queues).send(depth).await;
        Ok(())
    }

    async fn read_metrics(&mut self, interest: &Interest) -> Result<(), Error> {
        let first = self.rounds.is_first();
        let sums = self
            .ask(&of_account(), if first { metrics::DAY } else { metrics::LATE })
            .await?;
        self.rounds.counted(&sums, &self.targets);
        let queries = self.rounds.asks(interest, &self.targets).concat();
        if !queries.is_empty() {
            let series = self.ask(&queries, metrics::HOUR).await?;
            self.rounds.answered(&series);
            self.tell(series).await;
        }
        self.tell(sums).await;
        self.rounds.end();
        Ok(())
    }

    async fn ask(&self, queries: &[Query], span: SignedDuration) -> Result<Vec<(Query, Vec<Point>)>, Error> {
        let now = self.clock.now();
        self.session.metrics(queries, now - span, now).await
    }

    async fn tell(&self, series: Vec<(Query, Vec<Point>)>) {
        let emit = self.emit.of(Source::Metrics);
        for (Query { subject, metric }, points) in series {
            let fact = Fact::Metric {
                subject,
                metric,
                points,
            };
            emit.send(fact).await;
        }
    }

    /// Says how many calls were made, at which pace by the watch.
    async fn count(&mut self, now: Timestamp) {
        let calls = self.session.calls();
        let watch = |since: Timestamp| now.duration_since(since).as_secs_f64() / self.rhythm.speed;
        while self.calls.front().is_some_and(|(at, _)| watch(*at) > COST_S) {
            self.calls.pop_front();
        }
        let before = |seconds: f64| {
            self.calls
                .iter()
                .find(|(at, _)| watch(*at) <= seconds)
                .map(|(_, calls)| calls)
        };
        #[expect(clippy::cast_precision_loss, reason = "some thousand calls")]
        let per_second = before(PACE_S).map_or(0.0, |before| (calls.total - before.total) as f64 / PACE_S);
        let cost = calls.dollars - before(COST_S).map_or(0.0, |before| before.dollars);
        let told = CallCount {
            per_second,
            dollars_per_hour: cost / COST_S * 3_600.0,
            ..calls
        };
        self.calls.push_back((now, told.clone()));
        self.emit.send(Fact::Calls(told)).await;
    }
}

/// Those that are due, the ones that were read longest ago first.
fn next<K: Clone + Ord>(
    all: impl Iterator<Item = K>,
    read: &BTreeMap<K, Timestamp>,
    now: Timestamp,
    rhythm: &Rhythm,
) -> Vec<K> {
    let mut due: Vec<(Option<Timestamp>, K)> = all
        .map(|key| (read.get(&key).copied(), key))
        .filter(|(last, _)| last.is_none_or(|last| now.duration_since(last) >= rhythm.seen))
        .collect();
    due.sort();
    due.dedup();
    due.into_iter().take(rhythm.at_once).map(|(_, key)| key).collect()
}
