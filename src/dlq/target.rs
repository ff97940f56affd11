//! The functions invoked with redriven messages: whether they fail again.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::check::LATELY;
use super::earliest_return;
use super::live::Live;
use super::queues::{functions_behind, runs_since};
use crate::aws::Session;
use crate::domain::{Detail, EdgeKind, NodeId, Queue};
use crate::redrive::queue_client::Remote;
use crate::redrive::route::Target;

/// Messages in the target queues.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lies {
    /// Visible or delayed.
    pub(super) waiting: u64,
    /// Received and not deleted.
    pub(super) in_flight: u64,
}

/// The targets of a redrive, watched while it runs.
pub(super) struct TargetWatch {
    live: Live,
    session: Session,
    /// The dead-letter queue.
    from: Remote,
    /// The fewest messages that it had since the redrive began.
    fewest: Option<u64>,
    /// Whether each of what goes is an invocation that is waited for.
    answers: bool,
    /// The ARNs of what takes the messages.
    to: Vec<String>,
    started: Timestamp,
    /// Invocations before the redrive, within its first minute.
    before: (u64, u64),
    told: (u64, u64),
}

impl TargetWatch {
    /// Starts the watch: earlier invocations do not count.
    pub(super) fn new(live: Live, session: Session, from: Remote, to: &[Target], now: Timestamp) -> Self {
        let mut watch = Self {
            live,
            session,
            from,
            fewest: None,
            answers: !to.is_empty() && to.iter().all(|target| matches!(target, Target::Run { .. })),
            to: to.iter().map(|target| target.arn().to_owned()).collect(),
            started: now,
            before: (0, 0),
            told: (0, 0),
        };
        watch.before = watch.runs();
        watch
    }

    /// Invocations of its functions in the minutes since it started, and how many of them failed.
    fn runs(&self) -> (u64, u64) {
        runs_since(&self.functions(), self.started, &self.live.now())
    }

    /// The functions behind the targets. Their logs are read first and often from now on.
    fn functions(&self) -> BTreeSet<NodeId> {
        let functions = functions_behind(&self.to, &self.live.now().topology);
        self.live.look_at(&functions);
        functions
    }

    /// Whether the answers to the sends say how the invocations ended.
    pub(super) fn answers(&self) -> bool {
        self.answers
    }

    /// Whether any function is known to be invoked with what is sent.
    pub(super) fn are_known(&self) -> bool {
        !self.functions().is_empty()
    }

    /// Whether an invocation that succeeds may give its messages back.
    pub(super) fn gives_back(&self) -> bool {
        let topology = &self.live.now().topology;
        let mut edges = topology.edges.iter().filter(|edge| edge.key.kind == EdgeKind::Trigger);
        edges.any(|edge| {
            let is_read = self.to.iter().any(|arn| arn == edge.key.from.as_str());
            is_read
                && edge
                    .policies
                    .iter()
                    .any(|policy| policy.batching.partial_response == Some(true))
        })
    }

    /// The target queues.
    fn queues(&self) -> Vec<Queue> {
        let topology = &self.live.now().topology;
        let nodes = self
            .to
            .iter()
            .filter_map(|arn| topology.nodes.get(&NodeId::from(arn.as_str())));
        let queues = nodes.filter_map(|node| match &node.detail {
            Detail::Queue(queue) => Some((**queue).clone()),
            _ => None,
        });
        queues.collect()
    }

    /// How long a message is not received after it was sent.
    pub(super) fn delay(&self) -> SignedDuration {
        let delays = self.queues().into_iter().map(|queue| queue.delay_s);
        SignedDuration::from_secs(delays.max().unwrap_or(0).into())
    }

    /// Longest time from a receive to being back in the dead-letter queue; `None` if unknown.
    pub(super) fn bounce(&self) -> Option<SignedDuration> {
        let topology = &self.live.now().topology;
        let queues = self.to.iter().map(|arn| NodeId::from(arn.as_str()));
        queues.filter_map(|id| earliest_return::queue(&id, topology)).max()
    }

    /// What is in the target queues; `None` if that could not be read.
    pub(super) async fn lies(&self) -> Option<Lies> {
        let mut lies = Lies {
            waiting: 0,
            in_flight: 0,
        };
        for queue in self.queues() {
            let (visible, in_flight, delayed) = self.session.queue(&queue.url).await.ok()?.depth;
            lies.waiting += visible + delayed;
            lies.in_flight += in_flight;
        }
        Some(lies)
    }

    /// Additional messages in the dead-letter queue above the minimum since the redrive started. AWS (sqs): counts lag, so
    /// deleted messages are counted for a while.
    pub(super) async fn back(&mut self) -> u64 {
        let Ok(now) = self.from.count().await else { return 0 };
        let fewest = self.fewest.map_or(now, |fewest| fewest.min(now));
        self.fewest = Some(fewest);
        now - fewest
    }

    /// Waits for something new in the account.
    pub(super) async fn news(&mut self) {
        self.live.more().await;
    }

    /// Whether an invocation that began since the redrive and ended since then succeeded, and how many failed.
    pub(super) fn since(&self, then: Timestamp) -> (bool, u64) {
        let (functions, snapshot) = (self.functions(), self.live.now());
        let (all, failed) = runs_since(&functions, self.started, &snapshot);
        let mut runs = functions.iter().filter_map(|id| snapshot.vitals.get(id)?.runs.as_ref());
        let succeeded = runs.any(|runs| runs.last_success.is_some_and(|at| at >= then));
        (succeeded && all > self.before.0, failed.saturating_sub(self.before.1))
    }

    /// Whether its functions were invoked by others in the minutes before it began.
    pub(super) fn is_busy(&self) -> bool {
        let snapshot = self.live.now();
        let before = self.started.checked_sub(LATELY).unwrap_or(self.started);
        runs_since(&self.functions(), before, &snapshot).0 > runs_since(&self.functions(), self.started, &snapshot).0
    }

    /// How long one of its functions may take, and how long batches are gathered for it.
    pub(super) fn takes(&self) -> SignedDuration {
        let snapshot = self.live.now();
        let topology = &snapshot.topology;
        let timeouts = self.functions().into_iter().map(|id| {
            let gathered = topology.edges.iter().filter(|edge| edge.key.to == id);
            let gathered = gathered.flat_map(|edge| edge.policies.iter().filter_map(|policy| policy.batching.window_s));
            let timeout = match topology.nodes.get(&id).map(|node| &node.detail) {
                Some(Detail::Function(function)) => function.timeout_s,
                _ => 0,
            };
            i64::from(timeout) + i64::from(gathered.max().unwrap_or(0))
        });
        SignedDuration::from_secs(timeouts.max().unwrap_or(0))
    }

    /// Waits for new invocations of its functions; returns their number, and how many of them failed.
    pub(super) async fn more_runs(&mut self) -> (u64, u64) {
        loop {
            self.live.more().await;
            let (all, failed) = self.runs();
            let runs = (all.saturating_sub(self.before.0), failed.saturating_sub(self.before.1));
            if runs != self.told {
                self.told = runs;
                return runs;
            }
        }
    }
}
