//! The functions that run with what is redriven: whether they fail again.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::super::super::headless::Live;
use crate::dlq::check::LATELY;
use crate::dlq::queues::{functions_behind, runs_since};
use crate::domain::{Detail, NodeId};

/// The targets of a run, looked at while it goes.
pub(super) struct Target {
    live: Live,
    /// The ARNs of what takes the messages.
    to: Vec<String>,
    started: Timestamp,
    /// Runs in the minutes of the run that were there before it began.
    before: (u64, u64),
    told: (u64, u64),
}

impl Target {
    pub(super) fn new(live: Live, to: Vec<String>, started: Timestamp) -> Self {
        Self {
            live,
            to,
            started,
            before: (0, 0),
            told: (0, 0),
        }
    }

    /// The functions behind the targets. Their logs are read first and often from now on.
    fn functions(&self) -> BTreeSet<NodeId> {
        let functions = functions_behind(&self.to, &self.live.now().topology);
        self.live.look_at(&functions);
        functions
    }

    /// The run begins: what its functions did so far is not its doing.
    pub(super) fn begin(&mut self, now: Timestamp) {
        self.started = now;
        self.before = runs_since(&self.functions(), self.started, &self.live.now());
    }

    /// Waits for something new in the account.
    pub(super) async fn news(&mut self) {
        self.live.more().await;
    }

    /// Whether an invocation that began since the run and ended since then succeeded, and how many failed.
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
            let gathered = gathered.flat_map(|edge| edge.policies.iter().filter_map(|policy| policy.batching_window_s));
            let timeout = match topology.nodes.get(&id).map(|node| &node.detail) {
                Some(Detail::Function(function)) => function.timeout_s,
                _ => 0,
            };
            i64::from(timeout) + i64::from(gathered.max().unwrap_or(0))
        });
        SignedDuration::from_secs(timeouts.max().unwrap_or(0))
    }

    /// Waits until its functions have run again; answers with all new runs, and how many of them failed.
    pub(super) async fn more_runs(&mut self) -> (u64, u64) {
        loop {
            self.live.more().await;
            let (all, failed) = runs_since(&self.functions(), self.started, &self.live.now());
            let runs = (all.saturating_sub(self.before.0), failed.saturating_sub(self.before.1));
            if runs != self.told {
                self.told = runs;
                return runs;
            }
        }
    }
}
