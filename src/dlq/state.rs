//! The state of dead letters for the screen.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;

use super::check::{Check, Evidence, check};
use super::command::RedriveRequest;
use super::error::Confirm;
use super::hidden::Hidden;
use crate::dead_letters::peek::{End, Left};
use crate::dead_letters::{DeadLetter, DeadLetterQueue};
use crate::domain::phrase::Phrase;
use crate::domain::{MoveTask, NodeId};
use crate::redrive::course::{Course, EngineKind};
use crate::redrive::history::{Fate, History};
use crate::redrive::plan::{Plan, To};
use crate::redrive::progress::{Phase, Progress, Summary};
use crate::redrive::record::Growth;
use crate::redrive::route::Target;
use crate::redrive::targets::NoMove;
use crate::store::snapshot::Snapshot;

/// What was read, what is planned and what is under way. Cheap to clone: messages are shared.
#[derive(Clone, Debug, Default)]
pub struct DlqState {
    /// Why nothing may be received or sent, where that is so.
    pub closed: Option<Phrase>,
    /// What was read, by queue.
    pub letters: BTreeMap<NodeId, Arc<DlqContents>>,
    /// The reading under way.
    pub reading: Option<Reading>,
    /// The plan shown for confirmation.
    pub planned: Option<Arc<Planned>>,
    /// What is done, or was done last.
    pub run: Option<Run>,
    /// The last thing that was said.
    pub said: Option<Notice>,
    /// Messages that were redriven since they were read, by queue: they are not offered again.
    pub gone: BTreeMap<NodeId, Arc<Gone>>,
}

/// Messages of one queue that were redriven since they were read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gone {
    /// Their ids.
    pub ids: BTreeSet<String>,
    /// When the redrive began.
    pub since: Option<Timestamp>,
    /// Messages that the queue had when the redrive was over, by its own count. `None` while it goes on, or if it did not
    /// show.
    pub stays: Option<u64>,
}

/// A sentence to the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Counts sentences: the same one twice is two.
    pub number: u64,
    /// What happened.
    pub what: Phrase,
}

/// A reading under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Of which queue.
    pub queue: NodeId,
    /// Messages read so far.
    pub count: usize,
    /// Messages read at most.
    pub max: usize,
    /// Messages are being looked up in logs and metrics: all are visible again.
    pub tracing: bool,
    /// Somebody else holds all messages: they are waited for.
    pub hidden: Option<Hidden>,
}

/// The messages of one queue, as one reading found them.
#[derive(Clone, Debug)]
pub struct DlqContents {
    /// The number of the reading: equal numbers mean equal messages.
    pub number: u64,
    /// The queue as it was then.
    pub queue: DeadLetterQueue,
    /// All messages, analysed, in the order of receiving.
    pub entries: Vec<DeadLetter>,
    /// When the reading ended.
    pub read_at: Timestamp,
    /// Receives made.
    pub receives: u32,
    /// Messages that came once more during the reading.
    pub repeated: usize,
    /// Messages that are visible again.
    pub given_back: usize,
    /// Messages that are not.
    pub left: Vec<Left>,
    /// Why it ended.
    pub end: End,
    /// What could not be looked up, each a sentence without its stop.
    pub unread: Vec<String>,
    /// What earlier redrives did with messages of this queue, by their journals.
    pub history: Arc<History>,
}

impl DlqContents {
    /// What an earlier redrive did with one of them.
    #[must_use]
    pub fn fate(&self, entry: &DeadLetter) -> Option<Fate> {
        self.history.fate(&entry.letter, entry.provenance.request_id.as_deref())
    }

    /// The least and the greatest receive count, this reading included.
    #[must_use]
    pub fn receive_counts(&self) -> Option<(u32, u32)> {
        let counts = || self.entries.iter().map(|entry| entry.letter.receive_count());
        counts().min().zip(counts().max())
    }

    /// Whether everything that could be received was.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.end == End::Empty && !self.queue.is_fifo()
    }

    /// Messages that were in flight before the reading began, as the queue counts them: another redrive or reader holds
    /// them.
    #[must_use]
    pub fn held_elsewhere(&self) -> u64 {
        self.queue.known.map_or(0, |known| known.in_flight)
    }

    /// A message by its id.
    #[must_use]
    pub fn entry(&self, message_id: &str) -> Option<&DeadLetter> {
        self.entries.iter().find(|entry| entry.letter.message_id == message_id)
    }
}

/// What would be done.
#[derive(Clone, Debug, PartialEq)]
pub struct Planned {
    /// What was asked for.
    pub wish: RedriveRequest,
    /// The queue's name. Comes from others.
    pub name: String,
    /// Its URL.
    pub url: String,
    /// Each message: where to and in which shape, or why it stays.
    pub plan: Plan,
    /// Why SQS itself cannot move them; `None` if it can.
    pub against_move_task: Option<NoMove>,
    /// What will be invoked.
    pub invoked: Invoked,
    /// Seconds after which a message that fails again can be back here first.
    pub bounce_after_s: Option<i64>,
    /// Why the queue's name is to be typed, where it is.
    pub confirm: Option<Confirm>,
    /// What could not be read, each a sentence without its stop.
    pub unread: Vec<String>,
    /// What was read to see whether the cause is fixed.
    pub evidence: Evidence,
    /// Whether the queue is a FIFO queue.
    pub fifo: bool,
    /// Messages in the queue when it was read, by its own count.
    pub depth: u64,
    /// The queues that SQS moves messages back to.
    pub sources: Vec<Target>,
    /// Where journals lie.
    pub journals: Option<PathBuf>,
}

/// What a redrive invokes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Invoked {
    /// The functions or subscribers among which a person must choose.
    pub candidates: Vec<NodeId>,
    /// The functions that will run with these messages.
    pub functions: Vec<NodeId>,
    /// Functions that keep nothing of what fails again, so that their messages stay.
    pub unguarded: bool,
}

impl Planned {
    /// How it would go, or goes: so many first.
    #[must_use]
    pub fn course(&self, first: usize) -> Course {
        Course::new(self.engine(), self.fifo, &self.targets(), self.messages())
            .first(first)
            .journal(self.journals.clone())
            .rate(self.wish.rate)
    }

    /// Who moves the messages.
    #[must_use]
    pub fn engine(&self) -> EngineKind {
        if self.is_move_task() {
            EngineKind::MoveTask
        } else {
            EngineKind::Client
        }
    }

    /// Messages that would go, as far as is known: SQS moves more than was read, and a FIFO queue shows more later.
    #[must_use]
    pub fn messages(&self) -> u64 {
        let goes = self.goes() as u64;
        if self.is_move_task() || self.wish.grows.is_some() {
            self.depth.max(goes)
        } else {
            goes
        }
    }

    /// What takes the messages.
    #[must_use]
    pub fn targets(&self) -> Vec<Target> {
        let mut targets = self.plan.targets();
        match &self.wish.to {
            To::Origin if self.is_move_task() || self.wish.grows == Some(Growth::Back) => {
                let more = self.sources.iter().filter(|source| !targets.contains(source));
                let more: Vec<Target> = more.cloned().collect();
                targets.extend(more);
            }
            To::Named(target) if targets.is_empty() => targets.push(target.clone()),
            _ => {}
        }
        targets
    }

    /// Whether what killed the messages would kill them again, as far as is known now.
    #[must_use]
    pub fn check(&self, snapshot: &Snapshot, now: Timestamp) -> Check {
        check(&self.looked_at(), &self.evidence, snapshot, now)
    }

    /// What the check is about: what takes the messages, or what would if it were asked for where nothing goes.
    #[must_use]
    pub fn looked_at(&self) -> Vec<Target> {
        let mut targets = self.targets();
        if targets.is_empty() {
            targets.clone_from(&self.plan.guarded);
        }
        targets
    }

    /// Whether SQS itself is to move them.
    #[must_use]
    pub fn is_move_task(&self) -> bool {
        self.wish.move_task && self.against_move_task.is_none()
    }

    /// Messages that would go.
    #[must_use]
    pub fn goes(&self) -> usize {
        self.plan.chosen.len()
    }
}

/// A redrive in progress or finished.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// From which queue.
    pub queue: NodeId,
    /// Its name. Comes from others.
    pub name: String,
    /// The ARNs of the targets.
    pub to: Vec<String>,
    /// When it began.
    pub started: Timestamp,
    /// What the own engine does: all, or what goes first where SQS moves the rest; `None` if SQS moves all.
    pub own: Option<OwnPart>,
    /// How far SQS is, as it last said.
    pub task: Option<MoveTask>,
    /// It has ended.
    pub over: bool,
    /// Where the line about it is, once it is over.
    pub audit: Option<PathBuf>,
    /// When a message that fails again can be back here first; counted from the last one sent.
    pub bounce_after_s: Option<i64>,
    /// Whether a stop was requested.
    pub stopping: bool,
    /// How it goes, as it was said before.
    pub course: Course,
}

/// The part of the client engine in a redrive.
#[derive(Clone, Debug, PartialEq)]
pub struct OwnPart {
    /// How far it is.
    pub progress: Progress,
    /// Its journal.
    pub journal: PathBuf,
    /// What came of it, once it has ended.
    pub summary: Option<Summary>,
}

impl Run {
    /// Whether SQS itself moves the messages, or the rest of them.
    #[must_use]
    pub fn is_sqs(&self) -> bool {
        self.course.engine == EngineKind::MoveTask
    }

    /// Whether the canary was sent and the rest waits for a person's word.
    #[must_use]
    pub fn waits(&self) -> bool {
        let is_waiting = |own: &OwnPart| {
            if self.is_sqs() {
                own.summary.is_some() && self.task.is_none()
            } else {
                own.summary.is_none() && own.progress.phase == Phase::Waiting
            }
        };
        !self.over && self.own.as_ref().is_some_and(is_waiting)
    }

    /// How far the own engine is with all, or with what goes first.
    #[must_use]
    pub fn progress(&self) -> Option<&Progress> {
        self.own.as_ref().map(|own| &own.progress)
    }

    /// When a message that fails again can be back first.
    #[must_use]
    pub fn bounce_at(&self) -> Option<Timestamp> {
        let progress = self.progress()?;
        let after = self.bounce_after_s?.checked_mul(1_000)?;
        Timestamp::from_millisecond(progress.sent_at?.checked_add(after)?).ok()
    }
}
