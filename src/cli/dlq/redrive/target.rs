//! The functions that run with what is redriven: whether they fail again.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::super::super::headless::Live;
use crate::desk::queues::{functions_behind, runs_since};
use crate::domain::NodeId;

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
