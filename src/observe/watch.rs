//! Starts the pollers, and starts one again that died.

use std::panic::AssertUnwindSafe;
use std::sync::Mutex;
use std::time::Duration;

use futures::FutureExt as _;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::cache::Cache;
use super::emit::Emitter;
use super::link::Link;
use super::scope_filter::ScopeFilter;
use super::survey::Survey;
use super::targets::Targets;
use super::{alarms, logs, metrics, queues};
use crate::aws::{Error, Session};
use crate::domain::{Clock, Fact, Interest, Observation, Source, Unknown};

/// How often things are read, in wall time.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Between the end of one survey and the start of the next; longer where a survey takes longer.
    pub survey: Duration,
    /// The selected node.
    pub focus: Duration,
    /// What is on screen.
    pub seen: Duration,
    /// What is not.
    pub unseen: Duration,
    /// Account-wide metrics and alarms.
    pub metrics: Duration,
    /// Metrics that may be asked for in an hour: each costs.
    pub metrics_per_hour: f64,
    /// Surveys that carry on with what is known of buckets, after one that reads them: each reading costs.
    pub surveys_between_buckets: u32,
}

impl Pace {
    /// For an account that costs money.
    pub const AWS: Self = Self {
        survey: Duration::from_mins(1),
        focus: Duration::from_secs(2),
        seen: Duration::from_secs(5),
        unseen: Duration::from_mins(1),
        metrics: Duration::from_mins(1),
        // At $0.01 a thousand that is $0.024. A test holds that everything together stays under $0.05 an hour, also in the
        // ten minutes in which what was saved up is spent.
        metrics_per_hour: 2_400.0,
        surveys_between_buckets: 9,
    };

    /// For the account of a session: one that tells its own time is simulated, and costs nothing.
    #[must_use]
    pub fn of(session: &Session) -> Self {
        if session.clock().is_some_and(|clock| clock.is_simulated()) {
            Self::DEMO
        } else {
            Self::AWS
        }
    }

    /// For a simulated account, whose time may run faster.
    pub const DEMO: Self = Self {
        survey: Duration::from_secs(10),
        focus: Duration::from_millis(700),
        seen: Duration::from_secs(1),
        unseen: Duration::from_secs(5),
        metrics: Duration::from_secs(5),
        // The account's sums in every round, and as much again for what moved and what is looked at.
        metrics_per_hour: 7_200.0,
        surveys_between_buckets: 0,
    };
}

/// All pollers that run beside the surveys.
pub const POLLERS: &[Source] = &[Source::Queues, Source::Logs, Source::Metrics, Source::Alarms];

/// What every poller is given.
#[derive(Clone)]
pub struct Shared {
    /// The connection.
    pub session: Session,
    /// The way to the store.
    pub emit: Emitter,
    /// The connection's state.
    pub link: Link,
    /// How often.
    pub pace: Pace,
    /// What somebody looks at.
    pub interest: watch::Receiver<Interest>,
    /// What there is.
    pub targets: watch::Receiver<Targets>,
    error: std::sync::Arc<Mutex<Option<Unknown>>>,
}

impl Shared {
    /// Says that this source cannot be read; once for the same error.
    pub async fn fails(&self, what: &str, error: &Error) {
        self.link.report(error);
        self.say(Some(error.unknown(what))).await;
    }

    /// Says that this source can be read.
    pub async fn works(&self) {
        self.say(None).await;
    }

    async fn say(&self, error: Option<Unknown>) {
        let changed = {
            let mut said = self.error.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            let changed = *said != error;
            said.clone_from(&error);
            changed
        };
        if changed {
            self.emit.send(Fact::SourceState { error }).await;
        }
    }

    /// Waits, but not on while somebody selects something else.
    pub async fn pause_or_look(&self, pause: Duration) {
        let mut interest = self.interest.clone();
        let selected = interest.borrow_and_update().selected.clone();
        let looked = async {
            // A sender that is gone means that nobody will look elsewhere.
            if interest
                .wait_for(|now| now.selected.is_some() && now.selected != selected)
                .await
                .is_err()
            {
                std::future::pending::<()>().await;
            }
            // Walking through the graph is not looking at each node.
            tokio::time::sleep(Duration::from_secs(2)).await;
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = looked => {}
        }
    }

    fn of(&self, source: Source) -> Self {
        Self {
            emit: self.emit.of(source),
            error: std::sync::Arc::default(),
            ..self.clone()
        }
    }
}

/// The pollers of one account and region.
pub struct Watch {
    session: Session,
    clock: Clock,
    filter: ScopeFilter,
    pace: Pace,
    interest: watch::Receiver<Interest>,
    sender: mpsc::Sender<Observation>,
    cache: Option<Cache>,
}

impl Watch {
    /// Pollers that are about to run.
    #[must_use]
    pub fn new(
        session: Session,
        clock: Clock,
        filter: ScopeFilter,
        pace: Pace,
        interest: watch::Receiver<Interest>,
        sender: mpsc::Sender<Observation>,
    ) -> Self {
        Self {
            session,
            clock,
            filter,
            pace,
            interest,
            sender,
            cache: None,
        }
    }

    /// With the last known chain, to start from and to keep.
    #[must_use]
    pub fn with_cache(self, cache: Option<Cache>) -> Self {
        Self { cache, ..self }
    }

    /// Runs until the store is gone, with surveys and the pollers named.
    pub async fn run(mut self, pollers: &[Source]) {
        let (targets, seen) = watch::channel(Targets::default());
        let shared = self.shared(seen);
        let mut tasks = JoinSet::new();
        for source in pollers {
            let shared = shared.of(*source);
            tasks.spawn(supervise(*source, shared));
        }
        let session = self.session.clone();
        let (link, emit) = (shared.link.clone(), shared.emit.of(Source::Session));
        let meter = emit.clone();
        tasks.spawn({
            let session = session.clone();
            async move { link.keep(&session, &emit).await }
        });
        tasks.spawn(async move {
            loop {
                meter.send(Fact::Calls(session.calls())).await;
                tokio::time::sleep(Duration::from_secs(2)).await;
            }
        });
        let cache = self.cache.take();
        tokio::select! {
            () = self.surveys(&shared, &targets, cache) => {}
            () = self.sender.closed() => {}
        }
        tasks.shutdown().await;
    }

    async fn surveys(&self, shared: &Shared, targets: &watch::Sender<Targets>, mut cache: Option<Cache>) {
        let shared = shared.of(Source::Topology);
        if let Some(recalled) = cache.as_mut().and_then(|cache| cache.recall(&self.filter)) {
            shared.emit.send(recalled).await;
        }
        let mut round: u32 = 0;
        loop {
            shared.link.ready().await;
            let started = Instant::now();
            let read_buckets = round.is_multiple_of(self.pace.surveys_between_buckets + 1);
            let survey = Survey::new(&self.session, &shared.emit, &shared.link, &self.filter, read_buckets);
            let surveyed = Box::pin(survey.run(targets)).await;
            // A narrower look would forget the rest.
            if let Some(cache) = cache.as_mut().filter(|_| self.filter.is_all()) {
                let at = self.clock.now();
                if let Err(error) = tokio::task::block_in_place(|| cache.keep(&surveyed, at)) {
                    tracing::warn!(%error, "the chain could not be kept for the next start");
                }
            }
            round = if surveyed.whole { round.wrapping_add(1) } else { 0 };
            // A large account is surveyed half of the time at the most.
            tokio::time::sleep(self.pace.survey.max(started.elapsed())).await;
        }
    }

    fn shared(&self, targets: watch::Receiver<Targets>) -> Shared {
        Shared {
            emit: Emitter::new(
                self.sender.clone(),
                self.clock.clone(),
                self.session.scope.clone(),
                Source::Topology,
            ),
            session: self.session.clone(),
            link: Link::default(),
            pace: self.pace,
            interest: self.interest.clone(),
            targets,
            error: std::sync::Arc::default(),
        }
    }
}

async fn poll(source: Source, shared: &Shared) -> Result<(), Error> {
    match source {
        Source::Queues => queues::run(shared).await,
        Source::Logs => logs::run(shared).await,
        Source::Metrics => metrics::run(shared).await,
        Source::Alarms => alarms::run(shared).await,
        Source::Topology | Source::Session => Ok(()),
    }
}

/// Runs one poller, and again with growing pauses when it dies: a warning on screen, never a blank.
async fn supervise(source: Source, shared: Shared) {
    let mut pause = Duration::from_secs(1);
    loop {
        let started = Instant::now();
        // A panic was reported by the hook already; what the poller held is its own and goes with it.
        let ended = AssertUnwindSafe(poll(source, &shared)).catch_unwind().await;
        let why = match ended {
            Ok(Ok(())) => return,
            Ok(Err(error)) => error.to_string(),
            Err(_) => "it stopped unexpectedly".to_owned(),
        };
        let unknown = Unknown {
            what: format!("{source}: the poller was started again"),
            why,
        };
        shared.say(Some(unknown)).await;
        tokio::time::sleep(pause).await;
        pause = if started.elapsed() > Duration::from_mins(5) {
            Duration::from_secs(1)
        } else {
            (pause * 2).min(Duration::from_mins(1))
        };
    }
}
