//! SQS itself moves a whole queue.

use std::path::PathBuf;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::error::Trouble;
use super::event::DlqEvent;
use super::state::Planned;
use super::{DlqError, DlqService};
use crate::domain::phrase::Phrase;
use crate::domain::{MayWrite, MoveTask, NodeId, ReadOnly};
use crate::redrive::audit::Act;
use crate::redrive::plan::To;
use crate::redrive::progress::{Left, Summary};
use crate::redrive::receive_all::{gather, give_back};
use crate::redrive::words::Stays;

/// How often SQS is asked how far its task is. Wall time.
const ASK: Duration = Duration::from_secs(1);
/// Messages named that stayed.
const NAMED: usize = 100;

/// What SQS is to move.
pub(super) struct MoveAll {
    pub(super) queue: NodeId,
    pub(super) to: To,
    /// Messages a second at most.
    pub(super) rate: Option<u32>,
    /// Messages, as far as is known.
    pub(super) chosen: u64,
    /// The ARNs of what takes them.
    pub(super) targets: Vec<String>,
}

impl DlqService {
    /// Lets SQS move the queue and stays with its task to the end. Answers also with the file of the audit line.
    pub(super) async fn move_all(
        &self,
        all: MoveAll,
        moved_before: usize,
    ) -> (Result<MoveTask, DlqError>, Option<PathBuf>) {
        let (right, handle) = match self.start_move(&all).await {
            Ok(started) => started,
            Err(why) => return (Err(why), None),
        };
        self.tell(DlqEvent::MoveStarted);
        let act = Act {
            who: self.session().identity.clone(),
            what: "move-task",
            chosen: usize::try_from(all.chosen).unwrap_or(usize::MAX),
            moved_before,
            from: all.queue.to_string(),
            to: all.targets,
            journal: None,
        };
        self.note(&act, None);
        let moved = self.follow(right, &all.queue, &handle).await;
        let count = |task: &MoveTask| usize::try_from(task.moved).unwrap_or(usize::MAX);
        let audit = moved.as_ref().ok().and_then(|task| self.note(&act, Some(count(task))));
        (moved, audit)
    }

    async fn start_move(&self, all: &MoveAll) -> Result<(MayWrite, String), DlqError> {
        let right = self.right()?;
        let destination = match &all.to {
            To::Origin => None,
            To::Named(target) => Some(target.arn()),
        };
        let started = self
            .session()
            .start_move(right, all.queue.as_str(), destination, all.rate);
        Ok((right, started.await.map_err(|why| DlqError::MoveRefused { why })?))
    }

    /// Stays until the task has ended.
    async fn follow(&self, right: MayWrite, queue: &NodeId, handle: &str) -> Result<MoveTask, DlqError> {
        let mut asked_to_stop = false;
        loop {
            let tasks = self
                .session()
                .moves(queue.as_str())
                .await
                .map_err(|why| DlqError::MoveUnread { why })?;
            let task = tasks.into_iter().next().ok_or(DlqError::MoveUnnamed)?;
            self.tell(DlqEvent::Moving(task.clone()));
            if !matches!(task.status.as_str(), "RUNNING" | "CANCELLING") {
                return Ok(task);
            }
            if self.is_stopped() && !asked_to_stop {
                asked_to_stop = true;
                if let Err(why) = self.session().cancel_move(right, handle).await {
                    self.tell(DlqEvent::Trouble(Trouble::NotCancelled { why }));
                }
            }
            tokio::select! {
                () = tokio::time::sleep(ASK) => {}
                () = self.stop.cancelled(), if !asked_to_stop => {}
            }
        }
    }

    /// What came of a task and of what went first. A task that says that it is done is believed once the queue counts nothing
    /// any more; what stayed is named.
    ///
    /// # Errors
    /// If the account is read-only.
    pub async fn sum_up(&self, planned: &Planned, task: &MoveTask, first: Summary) -> Result<Summary, ReadOnly> {
        let remote = self.remote(&planned.wish.queue, &planned.url)?;
        let moved = usize::try_from(task.moved).unwrap_or(usize::MAX);
        let depth = planned.depth.saturating_sub(u64::try_from(first.deleted).unwrap_or(0));
        let mut left = Vec::new();
        if let Some(failure) = &task.failure {
            let why = failure.clone();
            self.tell(DlqEvent::Trouble(Trouble::TaskFailed { why }));
        }
        let (rest, unseen) = match remote.count().await {
            Ok(rest) => (rest, false),
            Err(why) => {
                self.tell(DlqEvent::Trouble(Trouble::Uncounted { why }));
                (1, true)
            }
        };
        let asked_for = task.to_move.unwrap_or(depth).max(depth);
        if rest > 0 && task.status == "COMPLETED" && task.moved >= asked_for && !unseen {
            self.tell(DlqEvent::Trouble(Trouble::CameIn { count: rest }));
        } else if rest > 0 || task.status != "COMPLETED" {
            let found = gather(&remote, rest, NAMED, 10, &CancellationToken::new(), |_| {}).await;
            give_back(&remote, &found.held).await;
            let why = Phrase::from(Stays::TaskEnded {
                status: task.status.clone(),
                failure: task.failure.clone(),
            });
            left.extend(found.held.into_iter().map(|(held, _)| Left {
                message_id: held.letter.message_id,
                why: why.clone(),
                remedy: None,
            }));
        }
        let chosen = usize::try_from(task.to_move.unwrap_or(depth).max(task.moved)).unwrap_or(usize::MAX);
        Ok(Summary {
            chosen: chosen + first.chosen,
            sent: moved + first.sent,
            deleted: moved + first.deleted,
            left,
            unseen,
            ..first
        })
    }
}
