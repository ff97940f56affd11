//! Starts the pollers, and restarts them after a crash.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures::FutureExt as _;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::cache::Cache;
use super::connection::Link;
use super::context::Shared;
use super::emit::Emitter;
use super::intervals::Pace;
use super::scope_filter::ScopeFilter;
use super::survey::{Carried, Survey, Want};
use super::targets::Targets;
use super::{alarms, logs, metrics, queues};
use crate::aws::{Error, Session};
use crate::domain::phrase::Phrase;
use crate::domain::{Clock, Fact, Interest, Observation, Source, Unknown};
use crate::pollers::unread::Unread;

/// All pollers that run beside the surveys.
pub const POLLERS: &[Source] = &[Source::Queues, Source::Logs, Source::Metrics, Source::Alarms];

/// The pollers of one account and region.
pub struct Watch {
    session: Session,
    clock: Clock,
    filter: ScopeFilter,
    pace: Pace,
    interest: watch::Receiver<Interest>,
    sender: mpsc::Sender<Observation>,
    cache: Option<Cache>,
    want: Want,
    worst_first: bool,
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
            want: Want::Everything,
            worst_first: false,
        }
    }

    /// With the last known chain, to start from and to keep.
    #[must_use]
    pub fn with_cache(self, cache: Option<Cache>) -> Self {
        Self { cache, ..self }
    }

    /// Surveys only what was asked for.
    #[must_use]
    pub fn of(self, want: Want) -> Self {
        Self { want, ..self }
    }

    /// Runs surveys and the named pollers until the store has ended.
    pub async fn run(mut self, pollers: &[Source]) {
        self.worst_first = pollers.contains(&Source::Metrics);
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
        let mut carried = Carried::default();
        loop {
            shared.link.ready().await;
            let started = Instant::now();
            let read_buckets = round.is_multiple_of(self.pace.surveys_between_buckets + 1);
            let (link, filter) = (&shared.link, &self.filter);
            let again = self.pace.log_groups_again;
            let survey = Survey::new(&self.session, &shared.emit, link, filter, read_buckets, again, carried);
            let survey = survey.of(self.want.clone()).worst_first(self.worst_first);
            let surveyed = Box::pin(survey.run(targets)).await;
            // A narrower look would forget the rest.
            if let Some(cache) = cache.as_mut().filter(|_| self.filter.is_all()) {
                let at = self.clock.now();
                if let Err(error) = tokio::task::block_in_place(|| cache.keep(&surveyed, at)) {
                    tracing::warn!(%error, "could not cache the chain");
                }
            }
            round = if surveyed.whole { round.wrapping_add(1) } else { 0 };
            carried = surveyed.carried.with(surveyed.memory);
            // A large account is surveyed half of the time at most.
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

/// Runs one poller, and restarts it after a crash with growing pauses: a warning on screen, never a blank.
async fn supervise(source: Source, shared: Shared) {
    let mut pause = Duration::from_secs(1);
    loop {
        let started = Instant::now();
        // A panic was reported by the hook already; what the poller held is its own and goes with it.
        let ended = AssertUnwindSafe(poll(source, &shared)).catch_unwind().await;
        let why = match ended {
            Ok(Ok(())) => return,
            Ok(Err(error)) => Phrase::from(error),
            Err(_) => Unread::Crashed.into(),
        };
        let what = Unread::Restarted {
            source: source.to_string(),
        };
        let unknown = Unknown { what: what.into(), why };
        shared.say(Some(unknown)).await;
        tokio::time::sleep(pause).await;
        pause = if started.elapsed() > Duration::from_mins(5) {
            Duration::from_secs(1)
        } else {
            (pause * 2).min(Duration::from_mins(1))
        };
    }
}
