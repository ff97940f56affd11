//! Background jobs for expressions and patterns: no key waits for them, and a job that is no longer needed is stopped.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::task::JoinSet;

use super::app::App;
use super::app::update::Msg;
use super::panes::dead_letters::state::sift;
use super::panes::logs::search::{self, Stop};
use super::panes::state::Pane;
use crate::dlq::jq::Jq;
use crate::logs::View;

/// The running jobs.
pub(super) struct Jobs {
    jq: Jq,
    sifting: JoinSet<(sift::Job, sift::Outcome)>,
    searching: JoinSet<Option<(search::Job, View)>>,
    /// Stops the running search.
    stop: Stop,
    marking: JoinSet<()>,
}

impl Jobs {
    pub(super) fn new() -> Self {
        Self {
            jq: Jq::default(),
            sifting: JoinSet::new(),
            searching: JoinSet::new(),
            stop: Stop::default(),
            marking: JoinSet::new(),
        }
    }

    /// Starts filtering in place of the previous job.
    pub(super) fn sift(&mut self, job: sift::Job) {
        self.sifting.abort_all();
        self.sifting.spawn(job.run(self.jq.clone()));
    }

    /// Starts a search in place of the previous one.
    pub(super) fn search(&mut self, job: search::Job) {
        self.stop.store(true, Ordering::Relaxed);
        self.stop = Arc::clone(job.stop());
        self.searching.spawn_blocking(move || job.run());
    }

    /// Starts to search for the matches that a drawing missed.
    pub(super) fn mark(&mut self, app: &App) {
        let Pane::Logs(state) = &app.panes.below else { return };
        if let Some(marks) = state.marks.as_ref().filter(|marks| marks.begin()) {
            let marks = Arc::clone(marks);
            self.marking.spawn_blocking(move || marks.work());
        }
    }

    /// Stops the jobs that the screen no longer needs.
    pub(super) fn keep(&mut self, app: &App) {
        let (is_sifting, is_searching) = match &app.panes.below {
            Pane::DeadLetters(state) => (state.list.sifting.is_some(), false),
            Pane::Logs(state) => (false, state.searching.is_some()),
            _ => (false, false),
        };
        if !is_sifting {
            self.sifting.abort_all();
        }
        if !is_searching {
            self.stop.store(true, Ordering::Relaxed);
        }
    }

    /// Whether a job is running whose progress is on screen.
    pub(super) fn is_busy(&self) -> bool {
        !self.sifting.is_empty()
    }

    /// Waits for the next result; `None` if no job is running.
    pub(super) async fn next(&mut self) -> Option<Msg> {
        // One that was stopped, or broke down, has nothing to say.
        loop {
            tokio::select! {
                Some(sifted) = self.sifting.join_next() => if let Ok((job, outcome)) = sifted {
                    return Some(Msg::Sifted(job, outcome));
                },
                Some(found) = self.searching.join_next() => if let Ok(Some((job, view))) = found {
                    return Some(Msg::Searched(job, view));
                },
                Some(_) = self.marking.join_next() => return Some(Msg::Marked),
                else => return None,
            }
        }
    }
}
