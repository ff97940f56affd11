//! Commands without a screen: they discover afresh, wait until that is complete, and say on stderr how far it is.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::failure::Failure;
use super::patience::{Patience, patience};
use super::unread::Unread;
use super::{Globals, connect, console, stop};
use crate::aws::Session;
use crate::config::Config;
use crate::dlq::Live;
use crate::domain::{Clock, Connection, Detail, Interest, Metric, NodeId, RunOutcome, Source, Unknown};
use crate::driver;
use crate::pollers::metrics::{FUNCTIONS_AT_ONCE, LOSSES_AT_ONCE, QUEUES_AT_ONCE};
use crate::pollers::{POLLERS, Pace, Want, Watch};
use crate::store::losses::is_counted;
use crate::store::snapshot::Vitals;
use crate::store::{Snapshot, Store};

/// So long the logs of functions that failed are waited for, when all else is known.
const FAILURES: Duration = Duration::from_secs(30);

/// What a command needs to know before it prints.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    /// The chain.
    Chain,
    /// The chain, and how each link is.
    Vitals,
    /// The chain, how each link is, and each event on its way.
    Deliveries,
}

/// What is looked at closely meanwhile.
#[derive(Clone, Copy)]
pub(super) enum Attention {
    /// Nothing in particular.
    None,
    /// The functions of which an invocation failed: their logs are read until they tell what became of its event.
    Failures,
    /// The logs of all functions, whole, as far back as this, and all queues.
    Logs {
        /// How far back.
        since: SignedDuration,
        /// Whether until the user ends it.
        endless: bool,
    },
}

impl Attention {
    fn is_endless(self) -> bool {
        matches!(self, Self::Logs { endless: true, .. })
    }

    /// How far back it looks.
    fn span(self) -> SignedDuration {
        match self {
            Self::None | Self::Failures => SignedDuration::ZERO,
            Self::Logs { since, .. } => since,
        }
    }

    /// Looks at what has been found so far.
    fn pay(self, snapshot: &Snapshot, attend: &watch::Sender<Interest>) {
        if let Self::Failures = self {
            attend.send_if_modified(|interest| {
                let more = untold(snapshot)
                    .into_iter()
                    .filter(|id| interest.visible.insert((*id).clone()));
                more.count() > 0
            });
        }
        let (Self::Logs { since, .. }, Some(now)) = (self, snapshot.as_of) else {
            return;
        };
        let nodes = snapshot.topology.nodes.values();
        let functions = nodes.filter(|node| matches!(node.detail, Detail::Function(_)));
        let functions: BTreeSet<NodeId> = functions.map(|node| node.id.clone()).collect();
        attend.send_if_modified(|interest| {
            let more = interest.logs.functions != functions;
            if more {
                // From when on is said once: else each new function would begin all logs anew.
                interest.logs.since = interest.logs.since.or_else(|| now.checked_sub(since).ok());
                interest.logs.functions = functions;
                interest.visible = snapshot.topology.nodes.keys().cloned().collect();
            }
            more
        });
    }
}

/// What a command looked at.
pub(super) struct Looked {
    snapshot: Arc<Snapshot>,
    /// What was waited for in vain.
    left: Vec<Unknown>,
}

impl std::ops::Deref for Looked {
    type Target = Snapshot;

    fn deref(&self) -> &Snapshot {
        &self.snapshot
    }
}

impl Looked {
    /// All that could not be read, and all that was waited for in vain. A command that answers with less than was asked says
    /// each of them, and exits with 3.
    pub(super) fn unknown(&self) -> Vec<&Unknown> {
        self.snapshot.unread().into_iter().chain(&self.left).collect()
    }
}

/// Looks at the account until what is needed is known.
pub(super) async fn look(globals: &Globals, config: &Config, need: Need) -> Result<Looked, Failure> {
    look_for(globals, config, need, Want::Everything).await
}

/// Looks at what was asked for until that is known.
pub(super) async fn look_for(globals: &Globals, config: &Config, need: Need, want: Want) -> Result<Looked, Failure> {
    let until_known = |_: &Snapshot, known: bool| {
        if known {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    };
    let attention = match need {
        Need::Vitals => Attention::Failures,
        Need::Chain | Need::Deliveries => Attention::None,
    };
    attend(globals, config, (need, want), attention, until_known).await
}

/// Looks at the account, and shows each picture, with whether all that is needed is known, until it is told to stop or
/// the user stops it. Where it never becomes known, it ends a while after the last that came, and says what is missing.
pub(super) async fn attend(
    globals: &Globals,
    config: &Config,
    (need, want): (Need, Want),
    attention: Attention,
    mut show: impl FnMut(&Snapshot, bool) -> ControlFlow<()>,
) -> Result<Looked, Failure> {
    let session = connect::session(globals, config).await?;
    let pollers: &[Source] = if need == Need::Chain { &[] } else { POLLERS };
    let once = Pace {
        unseen: Duration::from_hours(1),
        ..Pace::of(&session)
    };
    let stop = if attention.is_endless() {
        stop::token()
    } else {
        CancellationToken::new()
    };
    // The sender of interest lives as long as the command.
    let store = Store::new().keeping_lines(config.lines()).remembering(attention.span());
    let (watch, store, attend, mut snapshots) = begin(globals, config, session, once, store).await?;
    let watch = watch.of(want);
    let mut known = false;
    let mut but_failures: Option<Instant> = None;
    let waiting = async {
        let mut patience = Patience::new(Instant::now());
        loop {
            tokio::select! {
                changed = snapshots.changed() => if changed.is_err() { break },
                () = tokio::time::sleep_until(patience.until()), if !attention.is_endless() => break,
            }
            let snapshot = Arc::clone(&snapshots.borrow_and_update());
            progress(&snapshot);
            attention.pay(&snapshot, &attend);
            let was_known = known;
            let since = attend.borrow().logs.since;
            patience.see(&snapshot, since, Instant::now());
            if is_known(&snapshot, need, since) {
                let since = *but_failures.get_or_insert_with(Instant::now);
                known |= need != Need::Vitals || untold(&snapshot).is_empty() || since.elapsed() >= FAILURES;
            }
            if known && !was_known {
                console::clear();
            }
            if show(&snapshot, known).is_break() {
                break;
            }
        }
    };
    tokio::select! {
        () = watch.run(pollers) => {}
        () = waiting => {}
        // What is asked for without end ends well when the user ends it.
        () = stop.cancelled() => {}
    }
    console::clear();
    // The pollers are gone, so that the store has seen all they sent.
    let _ = store.await;
    let snapshot = Arc::clone(&snapshots.borrow());
    let left = if known {
        Vec::new()
    } else {
        left(&snapshot, need, attend.borrow().logs.since)
    };
    Ok(Looked { snapshot, left })
}

/// The pollers about to run, the store that folds what they see, and the two ends that a command holds.
async fn begin(
    globals: &Globals,
    config: &Config,
    session: Session,
    pace: Pace,
    store: Store,
) -> Result<
    (
        Watch,
        JoinHandle<Store>,
        watch::Sender<Interest>,
        watch::Receiver<Arc<Snapshot>>,
    ),
    Failure,
> {
    let filter = connect::filter(globals, config, &session).await?;
    let clock = session.clock().unwrap_or(Clock::System);
    let (sender, observations) = mpsc::channel(4_096);
    let (publish, snapshots) = watch::channel(Arc::new(Snapshot::default()));
    let (attend, interest) = watch::channel(Interest::default());
    let store = store.of_profile(session.profile());
    let watch = Watch::new(session, clock.clone(), filter, pace, interest, sender);
    let store = tokio::spawn(driver::drive(store, observations, publish, clock));
    Ok((watch, store, attend, snapshots))
}

/// Does a command's work while the account is looked at.
pub(super) async fn beside<T>(
    globals: &Globals,
    config: &Config,
    want: Want,
    work: impl AsyncFnOnce(Live) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let session = connect::session(globals, config).await?;
    // Where an account's time runs fast, so does what is looked at.
    let fast = session.clock().is_some_and(|clock| clock.speed() > 1.0);
    let pace = Pace {
        survey: Duration::from_hours(1),
        unseen: Duration::from_hours(1),
        seen: if fast { Pace::DEMO.seen } else { Pace::AWS.seen },
        ..Pace::AWS
    };
    let store = Store::new().keeping_lines(config.lines());
    let (watch, _store, attend, snapshots) = begin(globals, config, session, pace, store).await?;
    let watch = watch.of(want);
    let looking = async {
        watch.run(&[Source::Logs]).await;
        // The work goes on also where nobody looks any more.
        std::future::pending().await
    };
    tokio::select! {
        done = work(Live::new(snapshots, Some(attend))) => done,
        never = looking => never,
    }
}

/// The chain, once it is known. What is missing a while after the last that came stays unknown, and is said.
pub(super) async fn chain(live: &mut Live) -> Arc<Snapshot> {
    let mut patience = Patience::new(Instant::now());
    loop {
        let snapshot = live.now();
        progress(&snapshot);
        if is_known(&snapshot, Need::Chain, None) {
            break;
        }
        patience.see(&snapshot, None, Instant::now());
        tokio::select! {
            is_more = live.changed() => if !is_more { break },
            () = tokio::time::sleep_until(patience.until()) => break,
        }
    }
    console::clear();
    let now = live.now();
    console::say_unknown(&left(&now, Need::Chain, None).iter().collect::<Vec<_>>());
    if now.topology.narrowed {
        // All of it is about what was asked for.
        console::say_unknown(&now.unread());
    }
    now
}

fn is_surveyed(snapshot: &Snapshot) -> bool {
    snapshot.topology.surveyed_at.is_some() && !snapshot.topology.cached
}

/// What of that which is needed was not read to its end.
fn left(snapshot: &Snapshot, need: Need, since: Option<Timestamp>) -> Vec<Unknown> {
    if is_known(snapshot, need, since) {
        return Vec::new();
    }
    let why = match &*snapshot.connection {
        Connection::Expired { advice: why } | Connection::Unreachable { why } | Connection::Failing { why } => {
            let why = why.trim_end_matches('.').to_owned();
            Unread::Connection { why }
        }
        Connection::Opening | Connection::Open => Unread::NoResponse { after: patience() },
    };
    let what = if !is_surveyed(snapshot) {
        let (done, total) = snapshot.topology.progress.unwrap_or_default();
        Unread::Account { done, total }
    } else if need == Need::Chain {
        return Vec::new();
    } else {
        Unread::Observations
    };
    let (what, why) = (what.into(), why.into());
    vec![Unknown { what, why }]
}

fn is_known(snapshot: &Snapshot, need: Need, since: Option<Timestamp>) -> bool {
    let topology = &snapshot.topology;
    if !is_surveyed(snapshot) {
        return false;
    }
    if need == Need::Chain {
        return true;
    }
    let told = || depths_are_known(snapshot) && logs_are_whole(snapshot, since) && failures_are_complete(snapshot);
    if need == Need::Deliveries && !(told() && throttles_are_known(snapshot)) {
        return false;
    }
    let read = |source| {
        snapshot
            .sources
            .get(&source)
            .is_some_and(|state| state.read_at.is_some() || state.error.is_some())
    };
    let logs_fail = snapshot
        .sources
        .get(&Source::Logs)
        .is_some_and(|state| state.error.is_some());
    let logs = logs_fail
        || snapshot.unread_logs() == 0
            && topology
                .nodes
                .values()
                .filter(|node| matches!(node.detail, Detail::Function(_)))
                .all(|node| {
                    snapshot
                        .vitals
                        .get(&node.id)
                        .is_some_and(|vitals| vitals.runs.is_some())
                });
    let loops = logs_fail || loops_are_read(snapshot);
    logs && loops && read(Source::Metrics) && read(Source::Alarms) && losses_are_known(snapshot)
}

/// Whether the logs of the functions of loops were read to their end once: only many invocations show that one runs.
fn loops_are_read(snapshot: &Snapshot) -> bool {
    let members = snapshot.topology.loops.iter().flatten();
    members.filter(|id| id.as_str().contains(":function:")).all(|id| {
        let mut groups = snapshot.logs.of(id);
        groups.any(|group| group.unread.is_some() || group.reach.is_some())
    })
}

/// Whether what rules, topics and schedule groups lose was read of as many as can be afforded at once.
fn losses_are_known(snapshot: &Snapshot) -> bool {
    let state = snapshot.sources.get(&Source::Metrics);
    let fails = state.is_some_and(|state| state.error.is_some());
    let unread = snapshot.answers.losses.unread.len();
    let read = snapshot
        .vitals
        .values()
        .filter(|vitals| vitals.metrics.keys().any(|metric| is_counted(*metric)));
    fails || (unread == 0 || read.count() >= LOSSES_AT_ONCE) && queues_are_known(snapshot)
}

/// Whether the age of the oldest message was read of every queue from which messages may expire, or of as many as can be
/// afforded at once.
fn queues_are_known(snapshot: &Snapshot) -> bool {
    let is_read = |vitals: &&Vitals| vitals.metrics.contains_key(&Metric::OldestMessageAge);
    depths_are_known(snapshot)
        && (snapshot.unread_ages().next().is_none()
            || snapshot.vitals.values().filter(is_read).count() >= QUEUES_AT_ONCE)
}

/// Whether every log was read whole, as far back as was asked: only then lines tell which message a run was of.
fn logs_are_whole(snapshot: &Snapshot, since: Option<Timestamp>) -> bool {
    let since = since.unwrap_or(Timestamp::MAX);
    let functions = snapshot
        .topology
        .nodes
        .values()
        .filter(|node| matches!(node.detail, Detail::Function(_)));
    functions.map(|node| &node.id).all(|id| {
        snapshot
            .logs
            .of(id)
            .any(|group| group.unread.is_some() || group.is_whole_since(since))
    })
}

/// Whether the logs of all functions with a run that failed, or that waits, were read to their end: before that, nothing
/// follows from a line that is not there.
fn failures_are_complete(snapshot: &Snapshot) -> bool {
    let open = snapshot.deliveries.deliveries.iter().filter(|row| row.end.is_none());
    let mut asked: BTreeSet<&NodeId> = open.map(|row| &row.function).collect();
    // Of one whose start lies before what was read, no line tells more.
    let is_cut = |run: &Arc<crate::domain::Invocation>| run.outcome == RunOutcome::Unknown && run.start.is_none();
    let bad = |run: &Arc<crate::domain::Invocation>| run.attempt > 1 || !(run.outcome == RunOutcome::Ok || is_cut(run));
    let failed = snapshot.invocations.iter().filter(|(_, runs)| runs.iter().any(bad));
    asked.extend(failed.map(|(function, _)| function));
    asked.into_iter().all(|id| is_complete(snapshot, id))
}

/// Functions of which an invocation failed, and whose logs do not tell yet what became of its event.
pub(super) fn untold(snapshot: &Snapshot) -> BTreeSet<&NodeId> {
    let failed = snapshot
        .invocations
        .iter()
        .filter(|(_, runs)| runs.iter().any(|run| run.outcome.is_failure()));
    let failed = failed.map(|(function, _)| function);
    failed.filter(|id| !is_complete(snapshot, id)).collect()
}

/// Whether the log of a function was read again until two readings agreed, or cannot be.
fn is_complete(snapshot: &Snapshot, function: &NodeId) -> bool {
    let mut groups = snapshot.logs.of(function).peekable();
    groups.peek().is_none()
        || groups.any(|group| group.unread.is_some() || group.reach.is_some_and(|reach| reach.complete_to.is_some()))
}

/// Whether the throttles of as many functions were read as can be afforded at once: no line tells of them.
fn throttles_are_known(snapshot: &Snapshot) -> bool {
    let fails = snapshot
        .sources
        .get(&Source::Metrics)
        .is_some_and(|state| state.error.is_some());
    let nodes = snapshot.topology.nodes.values();
    let functions = nodes.filter(|node| matches!(node.detail, Detail::Function(_)));
    let (mut all, mut known) = (0, 0);
    for node in functions {
        all += 1;
        let vitals = snapshot.vitals.get(&node.id);
        known += usize::from(vitals.is_some_and(|vitals| vitals.metrics.contains_key(&Metric::Throttles)));
    }
    fails || known >= all.min(FUNCTIONS_AT_ONCE)
}

fn depths_are_known(snapshot: &Snapshot) -> bool {
    let fails = snapshot
        .sources
        .get(&Source::Queues)
        .is_some_and(|state| state.error.is_some());
    let mut queues = snapshot
        .topology
        .nodes
        .values()
        .filter(|node| matches!(node.detail, Detail::Queue(_)));
    fails
        || queues.all(|node| {
            snapshot
                .vitals
                .get(&node.id)
                .is_some_and(|vitals| vitals.depth.is_some())
        })
}

/// A scope that holds nothing is a slip of the hand, not an account in which all is well. Where something could not be
/// read, that is said instead.
pub(super) fn matched(snapshot: &Snapshot, globals: &Globals, config: &Config) -> Result<(), Failure> {
    let scope = connect::scope_words(globals, config);
    if scope.is_empty() || !snapshot.topology.nodes.is_empty() || !snapshot.topology.unknown.is_empty() {
        return Ok(());
    }
    Err(Failure::usage(format_args!(
        "Nothing in this account and region matches {}.",
        scope.join(", ")
    )))
}

/// Says how far the account is read.
fn progress(snapshot: &Snapshot) {
    if let Some((done, total)) = snapshot.topology.progress {
        let nodes = snapshot.topology.nodes.len();
        console::progress(format_args!(
            "reading the account: {done} of {total} calls, {nodes} nodes{}",
            if snapshot.topology.shares_calls() {
                " (deployments share Lambda's 15 calls/s)"
            } else {
                ""
            }
        ));
    }
}
