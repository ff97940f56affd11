//! The one task that reads and puts back: it has the session and the right to write.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::check::{Evidence, functions_of};
use super::office::{DlqContext, DlqEvent};
use super::plan::planned;
use super::state::{DlqContents, DlqState, Gone, Notice, Planned, Reading, RunKind};
use super::{Command, DlqError, RedriveRequest, gone, read, run};
use crate::domain::{Clock, MayWrite, MoveTask, NodeId};
use crate::redrive::audit::AuditError;
use crate::redrive::driver::Control;
use crate::redrive::plan::Targets;
use crate::redrive::progress::{Progress, Summary};
use crate::redrive::targets::inputs;
use crate::redrive::unfinished_runs::earlier;
use crate::store::snapshot::Snapshot;

/// How often evidence is read again while somebody looks at what would be done. AWS: metrics are of whole minutes.
const AGAIN: Duration = Duration::from_secs(30);

/// The two lanes between the screen and the task.
#[derive(Debug)]
pub struct DeskHandle {
    /// What is to be done.
    pub commands: mpsc::Sender<Command>,
    /// What the screen knows of dead letters.
    pub state: watch::Receiver<Arc<DlqState>>,
}

/// What work left behind.
pub(super) enum Done {
    Read(Box<Result<DlqContents, DlqError>>),
    Planned(Box<Planned>),
    /// What was read again for what would be done, and for which.
    Evidence(Arc<Planned>, Box<Evidence>),
    Said(String),
    Ran(Summary, Result<PathBuf, AuditError>, Option<u64>),
    Moved(Result<(MoveTask, Result<PathBuf, AuditError>), DlqError>),
    Gone(NodeId, Gone),
}

/// Does what is asked until `stop` is cancelled, and then until nothing is under way: what is held is given back first.
pub async fn attend(
    office: DlqContext,
    snapshots: watch::Receiver<Arc<Snapshot>>,
    mut commands: mpsc::Receiver<Command>,
    publish: watch::Sender<Arc<DlqState>>,
    stop: CancellationToken,
) {
    let (notes, mut told) = mpsc::unbounded_channel();
    let (_, progress) = watch::channel(Progress::default());
    let mut task = Task {
        desk: DlqState {
            closed: office.right.err().map(|why| why.to_string()),
            ..DlqState::default()
        },
        clock: office.session.clock().unwrap_or(Clock::System),
        office,
        snapshots: snapshots.clone(),
        notes,
        work: JoinSet::new(),
        stop_reading: None,
        waiting: None,
        words: None,
        progress,
        runs_before: (0, 0),
        readings: 0,
        rereading: false,
    };
    let mut news = snapshots;
    publish.send_replace(Arc::new(task.desk.clone()));
    let (mut stopping, mut asked, mut fed) = (false, true, true);
    loop {
        let again = task.again();
        tokio::select! {
            biased;
            Some(done) = task.work.join_next(), if !task.work.is_empty() => match done {
                Ok(done) => task.done(done),
                Err(error) => std::panic::resume_unwind(error.into_panic()),
            },
            () = stop.cancelled(), if !stopping => {
                stopping = true;
                task.stop();
            }
            command = commands.recv(), if asked && !stopping => match command {
                Some(command) => task.take(command),
                None => asked = false,
            },
            Some(note) = told.recv() => task.note(note),
            () = tokio::time::sleep(again), if task.desk.planned.is_some() && !task.rereading && !stopping => {
                task.read_again();
            }
            Ok(()) = task.progress.changed(), if task.words.is_some() => task.advance(),
            changed = news.changed(), if fed && task.words.is_some() => match changed {
                Ok(()) => {
                    news.mark_unchanged();
                    task.look_at_the_target();
                }
                Err(_) => fed = false,
            },
        }
        publish.send_replace(Arc::new(task.desk.clone()));
        if stopping && task.work.is_empty() {
            return;
        }
    }
}

pub(super) struct Task {
    pub(super) office: DlqContext,
    pub(super) clock: Clock,
    pub(super) desk: DlqState,
    pub(super) snapshots: watch::Receiver<Arc<Snapshot>>,
    pub(super) notes: mpsc::UnboundedSender<DlqEvent>,
    pub(super) work: JoinSet<Done>,
    /// Ends the reading, or the task of SQS, that is under way.
    pub(super) stop_reading: Option<CancellationToken>,
    /// What SQS is to move once the person says so: its canary has gone first.
    pub(super) waiting: Option<Arc<Planned>>,
    /// To the own engine's run under way.
    pub(super) words: Option<mpsc::Sender<Control>>,
    pub(super) progress: watch::Receiver<Progress>,
    /// Runs of the target, and failed ones, in the minutes of the run before it began.
    pub(super) runs_before: (u64, u64),
    pub(super) readings: u64,
    /// Evidence for what would be done is being read again.
    rereading: bool,
}

impl Task {
    pub(super) fn say(&mut self, text: impl Into<String>) {
        self.desk.said = Some(Notice {
            number: self.desk.said.as_ref().map_or(1, |said| said.number + 1),
            text: text.into(),
        });
    }

    pub(super) fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.snapshots.borrow())
    }

    fn take(&mut self, command: Command) {
        match command {
            Command::StopReading => {
                if let Some(stop) = &self.stop_reading {
                    stop.cancel();
                }
            }
            Command::GoOn => self.go_on(),
            Command::Stop => self.stop_run(),
            Command::Drop => self.desk.planned = None,
            Command::Plan(wish) => self.plan(wish),
            Command::Export { queue, ids, path } => self.export(&queue, ids, path),
            Command::Read { .. } | Command::Go { .. } | Command::Delete { .. } if self.is_busy() => {
                self.say("One thing at a time: wait for the end of what is under way, or stop it.");
            }
            Command::Read { queue, max, anyway } => self.read(queue, max, anyway),
            Command::Go { at_once } => self.go(at_once),
            Command::Delete { queue, ids, path } => self.delete(&queue, ids, path),
        }
    }

    fn is_busy(&self) -> bool {
        self.desk.reading.is_some() || self.desk.run.as_ref().is_some_and(|run| !run.is_over())
    }

    pub(super) fn right(&mut self) -> Option<MayWrite> {
        self.office.right.inspect_err(|why| self.say(why.to_string())).ok()
    }

    pub(super) fn letters(&mut self, queue: &NodeId) -> Option<Arc<DlqContents>> {
        let letters = self.desk.letters.get(queue).cloned();
        if letters.is_none() {
            self.say("The queue was not read yet: nothing was done.");
        }
        letters
    }

    fn read(&mut self, queue: NodeId, max: usize, anyway: bool) {
        let Some(right) = self.right() else { return };
        self.readings += 1;
        let task = read::Task {
            session: self.office.session.clone(),
            right,
            topology: Arc::clone(&self.snapshot().topology),
            queue: queue.clone(),
            max,
            anyway,
            number: self.readings,
            journals: self.office.journals.clone(),
        };
        self.desk.reading = Some(Reading {
            queue,
            count: 0,
            max,
            tracing: false,
        });
        let stop = CancellationToken::new();
        self.stop_reading = Some(stop.clone());
        let notes = self.notes.clone();
        self.work
            .spawn(async move { Done::Read(Box::new(task.run(stop, notes).await)) });
    }

    fn plan(&mut self, wish: RedriveRequest) {
        let Some(letters) = self.letters(&wish.queue) else {
            return;
        };
        let session = self.office.session.clone();
        let snapshot = self.snapshot();
        let production = self.office.production;
        let journals = self.office.journals.clone();
        let (place, clock) = (journals.clone(), self.clock.clone());
        self.work.spawn(async move {
            let mut targets = Targets::default();
            let (queue, endpoint) = (wish.queue.clone(), session.endpoint().map(str::to_owned));
            let earlier = tokio::task::spawn_blocking(move || {
                journals.map(|folder| earlier(&folder, &queue, endpoint.as_deref()))
            });
            targets.earlier = earlier.await.ok().flatten().unwrap_or_default();
            let unread = inputs(&session, &letters.queue, &mut targets).await;
            let mut planned = planned(wish, &letters, &snapshot.topology, targets, production);
            let mut functions = functions_of(&planned.looked_at(), &snapshot);
            functions.extend(planned.functions.iter().cloned());
            planned
                .evidence
                .read(&session, &snapshot, &functions, clock.now())
                .await;
            planned.unread = unread;
            planned.journals = place;
            Done::Planned(Box::new(planned))
        });
    }

    /// How long until the evidence for an open dialog is read again.
    fn again(&self) -> Duration {
        Duration::from_secs_f64((AGAIN.as_secs_f64() / self.clock.speed().max(1.0)).max(1.0))
    }

    /// Somebody looks at what would be done: metrics come minutes late, and what they tell then is shown then.
    fn read_again(&mut self) {
        let Some(planned) = self.desk.planned.clone() else {
            return;
        };
        self.rereading = true;
        let (session, snapshot, clock) = (self.office.session.clone(), self.snapshot(), self.clock.clone());
        self.work.spawn(async move {
            let mut evidence = planned.evidence.clone();
            evidence.read_again(&session, &snapshot, clock.now()).await;
            Done::Evidence(planned, Box::new(evidence))
        });
    }

    fn export(&mut self, queue: &NodeId, ids: Vec<String>, path: PathBuf) {
        let Some(letters) = self.letters(queue) else { return };
        self.work.spawn_blocking(move || {
            Done::Said(match write(&letters, &ids, &path) {
                Ok(()) => format!("{} letters are in {}.", ids.len(), path.display()),
                Err(why) => why.to_string(),
            })
        });
    }

    fn delete(&mut self, queue: &NodeId, ids: Vec<String>, path: PathBuf) {
        let (Some(letters), Some(right)) = (self.letters(queue), self.right()) else {
            return;
        };
        let with = (self.office.session.clone(), self.office.audit.clone());
        self.work.spawn(async move {
            if let Err(why) = write(&letters, &ids, &path) {
                return Done::Said(format!("{why} Nothing was deleted."));
            }
            let wanted: BTreeSet<String> = ids.into_iter().collect();
            let said = run::delete(with, right, &letters, &wanted).await;
            Done::Said(format!("{said} They are kept in {}.", path.display()))
        });
    }

    fn stop(&mut self) {
        if let Some(stop) = &self.stop_reading {
            stop.cancel();
        }
        self.stop_run();
    }

    fn note(&mut self, note: DlqEvent) {
        match note {
            DlqEvent::Count(count) => {
                if let Some(reading) = &mut self.desk.reading {
                    reading.count = count;
                }
            }
            DlqEvent::Tracing => {
                if let Some(reading) = &mut self.desk.reading {
                    reading.tracing = true;
                }
            }
            DlqEvent::Moving(now) => {
                if let Some(RunKind::MoveTask { task, .. }) = self.desk.run.as_mut().map(|run| &mut run.by) {
                    *task = Some(now);
                }
            }
            DlqEvent::Say(text) => self.say(text),
        }
    }

    fn done(&mut self, done: Done) {
        match done {
            Done::Read(outcome) => {
                self.desk.reading = None;
                self.stop_reading = None;
                match *outcome {
                    Ok(letters) => {
                        // What has gone is not among them; what was sent and not deleted their history tells.
                        self.desk.gone.remove(&letters.queue.id);
                        self.desk.letters.insert(letters.queue.id.clone(), Arc::new(letters));
                    }
                    Err(why) => self.say(why.to_string()),
                }
            }
            Done::Planned(planned) => self.desk.planned = Some(Arc::new(*planned)),
            Done::Evidence(of, evidence) => {
                self.rereading = false;
                if self
                    .desk
                    .planned
                    .as_ref()
                    .is_some_and(|planned| Arc::ptr_eq(planned, &of))
                {
                    let mut planned = Planned::clone(&of);
                    planned.evidence = *evidence;
                    self.desk.planned = Some(Arc::new(planned));
                }
            }
            Done::Said(text) => self.say(text),
            Done::Gone(queue, gone) => gone::merge(&mut self.desk, queue, gone),
            Done::Ran(outcome, line, rest) => self.ran(outcome, line, rest),
            Done::Moved(outcome) => self.moved(outcome),
        }
    }
}

fn write(letters: &DlqContents, ids: &[String], path: &std::path::Path) -> Result<(), DlqError> {
    let wanted: BTreeSet<&str> = ids.iter().map(String::as_str).collect();
    let meant = letters.entries.iter();
    read::export(
        meant.filter(|entry| wanted.contains(entry.letter.message_id.as_str())),
        path,
    )
}
