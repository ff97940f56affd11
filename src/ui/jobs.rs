//! What runs beside the screen for a person's expression or pattern: no key waits for it, and what nobody wants any more is
//! stopped.

use tokio::task::JoinSet;

use super::app::App;
use super::app::update::Msg;
use super::panes::dead_letters::state::sift;
use super::panes::state::Pane;
use crate::dlq::jq::Jq;

/// What is under way.
pub(super) struct Jobs {
    jq: Jq,
    sifting: JoinSet<(sift::Job, sift::Outcome)>,
}

impl Jobs {
    pub(super) fn new() -> Self {
        Self {
            jq: Jq::default(),
            sifting: JoinSet::new(),
        }
    }

    /// Begins a filtering; the one before is not wanted any more.
    pub(super) fn sift(&mut self, job: sift::Job) {
        self.sifting.abort_all();
        self.sifting.spawn(job.run(self.jq.clone()));
    }

    /// Stops what the screen does not wait for.
    pub(super) fn keep(&mut self, app: &App) {
        let is_sifting = matches!(&app.panes.below, Pane::Letters(state) if state.list.sifting.is_some());
        if !is_sifting {
            self.sifting.abort_all();
        }
    }

    /// Whether something is under way whose progress is on screen.
    pub(super) fn is_busy(&self) -> bool {
        !self.sifting.is_empty()
    }

    /// What is done next. `None` if nothing is under way.
    pub(super) async fn next(&mut self) -> Option<Msg> {
        loop {
            // One that was stopped, or broke down, has nothing to say.
            if let Ok((job, outcome)) = self.sifting.join_next().await? {
                return Some(Msg::Sifted(job, outcome));
            }
        }
    }
}
