//! Message move tasks: move a dead-letter queue's messages to their source queues, at a rate.

use super::queue::Message;
use super::{Happening, World, arn};
use crate::call::Fault;

/// System-optimised: AWS moves up to 500 messages a second.
const FASTEST: i64 = 500;
/// A cancelled task moves on for so long: AWS's cancel is lazy (measured: 2 moved at the cancel, 8 at the end).
const LAZY_MS: i64 = 1200;

/// How far a task is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are AWS's")]
pub enum MoveStatus {
    Running,
    Completed,
    Cancelling,
    Cancelled,
    Failed,
}

impl MoveStatus {
    /// AWS's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Running => "RUNNING",
            Self::Completed => "COMPLETED",
            Self::Cancelling => "CANCELLING",
            Self::Cancelled => "CANCELLED",
            Self::Failed => "FAILED",
        }
    }

    /// Whether messages still move.
    #[must_use]
    pub const fn is_active(self) -> bool {
        matches!(self, Self::Running | Self::Cancelling)
    }
}

/// A move task.
#[derive(Clone, Debug)]
pub struct MoveTask {
    /// The queue's name.
    pub source: String,
    /// The destination's ARN; `None`: each message's original queue.
    pub destination: Option<String>,
    /// Messages a second, as asked.
    pub rate: Option<i64>,
    /// How far it is.
    pub status: MoveStatus,
    /// Messages moved.
    pub moved: i64,
    /// Messages that were there at its start.
    pub to_move: i64,
    /// When it began.
    pub started: i64,
    /// Why it failed.
    pub failure: Option<String>,
    /// When a cancelled one stops.
    stops: Option<i64>,
}

impl World {
    /// Begins to move a queue's messages; the task's number comes back.
    pub(crate) fn start_move(&mut self, source: &str, destination: Option<String>, rate: Option<i64>) -> u64 {
        let now = self.clock.now;
        let to_move = self.messaging.queues.get_mut(source).map_or(0, |queue| {
            queue.settle(now);
            queue.visible()
        });
        let task = MoveTask {
            source: source.to_owned(),
            destination,
            rate,
            status: MoveStatus::Running,
            moved: 0,
            to_move: i64::try_from(to_move).unwrap_or(i64::MAX),
            started: now,
            failure: None,
            stops: None,
        };
        let id = self.next_id();
        self.messaging.moves.insert(id, task);
        self.later(now + 200, Happening::Move(id));
        id
    }

    /// Asks a task to stop.
    pub(crate) fn cancel_move(&mut self, id: u64) {
        let stops = self.clock.now + LAZY_MS;
        if let Some(task) = self.messaging.moves.get_mut(&id) {
            task.status = MoveStatus::Cancelling;
            task.stops = Some(stops);
        }
    }

    pub(super) fn step_move(&mut self, id: u64) {
        let now = self.clock.now;
        let Some(task) = self.messaging.moves.get(&id).cloned() else {
            return;
        };
        if !task.status.is_active() {
            return;
        }
        let status = if task.stops.is_some_and(|stops| now >= stops) {
            Some((MoveStatus::Cancelled, None))
        } else if task.moved >= task.to_move {
            Some((MoveStatus::Completed, None))
        } else {
            match self.move_one(&task) {
                Ok(true) => None,
                Ok(false) => Some((MoveStatus::Completed, None)),
                Err(fault) => Some((MoveStatus::Failed, Some(fault.code))),
            }
        };
        let Some(task) = self.messaging.moves.get_mut(&id) else {
            return;
        };
        if let Some((status, failure)) = status {
            task.status = status;
            task.failure = failure;
        } else {
            task.moved += 1;
            let every = 1000 / task.rate.unwrap_or(FASTEST).clamp(1, FASTEST);
            self.later(now + every, Happening::Move(id));
        }
    }

    /// Moves the first message. AWS (move-tasks): it becomes a new one, with a new id, a new send time and no receives.
    fn move_one(&mut self, task: &MoveTask) -> Result<bool, Fault> {
        let now = self.clock.now;
        let missing = || Fault::bad("AWS.SimpleQueueService.NonExistentQueue", "");
        let Some(queue) = self.messaging.queues.get_mut(&task.source) else {
            return Err(missing());
        };
        queue.settle(now);
        let Some(first) = queue.peek_first() else {
            return Ok(false);
        };
        let origin = first.moved_from.clone();
        let Some(destination) = task.destination.clone().or(origin) else {
            return Err(Fault::bad("CouldNotDetermineMessageSource", ""));
        };
        let target = arn::name(&destination).to_owned();
        if !self.messaging.queues.contains_key(&target) {
            return Err(missing());
        }
        let taken = self
            .messaging
            .queues
            .get_mut(&task.source)
            .and_then(|queue| queue.take_first(now));
        let Some(Message { letter, .. }) = taken else {
            return Ok(false);
        };
        let id = self.next_uuid("message");
        if let Some(queue) = self.messaging.queues.get_mut(&target) {
            queue.send(id, letter, now);
        }
        self.wake_pollers(&target);
        Ok(true)
    }
}
