//! The one task that reads and puts back: it has the session and the right to write.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::office::{Note, Office};
use super::plan::planned;
use super::state::{By, Desk, Letters, Planned, Reading, Run, Said};
use super::{Command, Wish, read, run};
use crate::domain::{Clock, MayWrite, MoveTask, NodeId};
use crate::redrive::driver::Word;
use crate::redrive::earlier::earlier;
use crate::redrive::effect;
use crate::redrive::plan::Targets;
use crate::redrive::progress::{Progress, Summary};
use crate::redrive::targets::inputs;
use crate::store::snapshot::Snapshot;

/// The two lanes between the screen and the desk.
#[derive(Debug)]
pub struct DeskHandle {
    /// What is to be done.
    pub commands: mpsc::Sender<Command>,
    /// What lies on the desk.
    pub state: watch::Receiver<Arc<Desk>>,
}

/// What work left behind.
enum Done {
    Read(Box<Result<Letters, String>>),
    Planned(Box<Planned>),
    Said(String),
    Ran(Summary, Result<PathBuf, String>),
    Moved(Result<(MoveTask, Result<PathBuf, String>), String>),
}

/// Does what is asked until `stop` is cancelled, and then until nothing is under way: what is held is given back first.
pub async fn attend(
    office: Office,
    snapshots: watch::Receiver<Arc<Snapshot>>,
    mut commands: mpsc::Receiver<Command>,
    publish: watch::Sender<Arc<Desk>>,
    stop: CancellationToken,
) {
    let (notes, mut told) = mpsc::unbounded_channel();
    let (_, progress) = watch::channel(Progress::default());
    let mut task = Task {
        desk: Desk {
            closed: office.right.as_ref().err().cloned(),
            ..Desk::default()
        },
        clock: office.session.clock().unwrap_or(Clock::System),
        office,
        snapshots: snapshots.clone(),
        notes,
        work: JoinSet::new(),
        stop_reading: None,
        words: None,
        progress,
        runs_before: (0, 0),
        readings: 0,
    };
    let mut news = snapshots;
    publish.send_replace(Arc::new(task.desk.clone()));
    let (mut stopping, mut asked, mut fed) = (false, true, true);
    loop {
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

struct Task {
    office: Office,
    clock: Clock,
    desk: Desk,
    snapshots: watch::Receiver<Arc<Snapshot>>,
    notes: mpsc::UnboundedSender<Note>,
    work: JoinSet<Done>,
    /// Ends the reading, or the task of SQS, that is under way.
    stop_reading: Option<CancellationToken>,
    /// To the own engine's run under way.
    words: Option<mpsc::Sender<Word>>,
    progress: watch::Receiver<Progress>,
    /// Runs of the target, and failed ones, in the minutes of the run before it began.
    runs_before: (u64, u64),
    readings: u64,
}

impl Task {
    fn say(&mut self, text: impl Into<String>) {
        self.desk.said = Some(Said {
            number: self.desk.said.as_ref().map_or(1, |said| said.number + 1),
            text: text.into(),
        });
    }

    fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.snapshots.borrow())
    }

    fn take(&mut self, command: Command) {
        match command {
            Command::StopReading => {
                if let Some(stop) = &self.stop_reading {
                    stop.cancel();
                }
            }
            Command::GoOn => self.tell(effect::Command::GoOn),
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

    fn right(&mut self) -> Option<MayWrite> {
        match &self.office.right {
            Ok(right) => Some(*right),
            Err(why) => {
                let why = why.clone();
                self.say(why);
                None
            }
        }
    }

    fn letters(&mut self, queue: &NodeId) -> Option<Arc<Letters>> {
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

    fn plan(&mut self, wish: Wish) {
        let Some(letters) = self.letters(&wish.queue) else {
            return;
        };
        let session = self.office.session.clone();
        let topology = Arc::clone(&self.snapshot().topology);
        let production = self.office.production;
        let journals = self.office.journals.clone();
        self.work.spawn(async move {
            let mut targets = Targets::default();
            let (queue, endpoint) = (wish.queue.clone(), session.endpoint().map(str::to_owned));
            let earlier = tokio::task::spawn_blocking(move || {
                journals.map(|folder| earlier(&folder, &queue, endpoint.as_deref()))
            });
            targets.earlier = earlier.await.ok().flatten().unwrap_or_default();
            let unread = inputs(&session, &letters.queue, &mut targets).await;
            let planned = planned(wish, &letters, &topology, targets, production);
            Done::Planned(Box::new(Planned { unread, ..planned }))
        });
    }

    fn export(&mut self, queue: &NodeId, ids: Vec<String>, path: PathBuf) {
        let Some(letters) = self.letters(queue) else { return };
        self.work.spawn_blocking(move || {
            Done::Said(match write(&letters, &ids, &path) {
                Ok(()) => format!("{} letters are in {}.", ids.len(), path.display()),
                Err(why) => why,
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

    fn go(&mut self, at_once: bool) {
        let Some(planned) = self.desk.planned.take() else {
            return;
        };
        let (Some(letters), Some(right)) = (self.letters(&planned.wish.queue), self.right()) else {
            return;
        };
        let run = |by| Run {
            queue: planned.wish.queue.clone(),
            name: planned.name.clone(),
            to: planned
                .plan
                .ways
                .iter()
                .map(|way| way.target.arn().to_owned())
                .collect(),
            started: self.clock.now(),
            by,
            bounce_after_s: planned.bounce_after_s,
            stopping: false,
        };
        if planned.is_move_task() {
            self.desk.run = Some(run(By::MoveTask {
                task: None,
                over: false,
                audit: None,
            }));
            let stop = CancellationToken::new();
            self.stop_reading = Some(stop.clone());
            let with = (self.office.session.clone(), self.office.audit.clone());
            let queue = (planned.wish.queue.clone(), planned.wish.ids.len());
            let (to, notes) = (planned.wish.to.clone(), self.notes.clone());
            self.work
                .spawn(async move { Done::Moved(run::move_task(with, right, queue, to, stop, notes).await) });
            return;
        }
        if planned.goes() == 0 {
            self.say("Nothing would go: nothing was done.");
            return;
        }
        let client = match run::Client::begin(right, &planned, &letters, at_once, &self.office) {
            Ok(client) => client,
            Err(why) => return self.say(why),
        };
        self.desk.run = Some(run(By::Client {
            progress: Progress {
                chosen: planned.goes(),
                ..Progress::default()
            },
            journal: client.journal(),
            summary: None,
            audit: None,
        }));
        let (say, words) = mpsc::channel(8);
        let (tell, progress) = watch::channel(Progress::default());
        self.words = Some(say);
        self.progress = progress;
        self.runs_before = (0, 0);
        self.runs_before = self.runs_of_targets();
        self.work.spawn(async move {
            let (summary, audit) = client.run(words, tell).await;
            Done::Ran(summary, audit)
        });
    }

    fn tell(&mut self, command: effect::Command) {
        if let Some(words) = &self.words {
            // A full lane has a word before this one, which says the same.
            let _ = words.try_send(Word::Command(command));
        }
    }

    fn stop_run(&mut self) {
        if let Some(run) = self.desk.run.as_mut().filter(|run| !run.is_over()) {
            run.stopping = true;
        }
        self.tell(effect::Command::Stop);
        if let Some(stop) = self.stop_reading.as_ref().filter(|_| self.desk.reading.is_none()) {
            stop.cancel();
        }
    }

    fn stop(&mut self) {
        if let Some(stop) = &self.stop_reading {
            stop.cancel();
        }
        self.stop_run();
    }

    fn note(&mut self, note: Note) {
        match note {
            Note::Count(count) => {
                if let Some(reading) = &mut self.desk.reading {
                    reading.count = count;
                }
            }
            Note::Tracing => {
                if let Some(reading) = &mut self.desk.reading {
                    reading.tracing = true;
                }
            }
            Note::Moving(now) => {
                if let Some(By::MoveTask { task, .. }) = self.desk.run.as_mut().map(|run| &mut run.by) {
                    *task = Some(now);
                }
            }
            Note::Say(text) => self.say(text),
        }
    }

    fn advance(&mut self) {
        let now = self.progress.borrow_and_update().clone();
        if let Some(By::Client {
            progress,
            summary: None,
            ..
        }) = self.desk.run.as_mut().map(|run| &mut run.by)
        {
            *progress = now;
        }
    }

    /// Runs of the targets in the minutes since the run began, beyond those that were there before it.
    fn runs_of_targets(&self) -> (u64, u64) {
        let Some(run) = &self.desk.run else { return (0, 0) };
        let snapshot = self.snapshot();
        let targets = super::queues::functions_behind(&run.to, &snapshot.topology);
        let (all, failed) = super::queues::runs_since(&targets, run.started, &snapshot);
        (
            all.saturating_sub(self.runs_before.0),
            failed.saturating_sub(self.runs_before.1),
        )
    }

    fn look_at_the_target(&mut self) {
        let (all, failed) = self.runs_of_targets();
        if let Some(words) = &self.words {
            // The next snapshot says it again.
            let _ = words.try_send(Word::Runs(all, failed));
        }
    }

    fn done(&mut self, done: Done) {
        match done {
            Done::Read(outcome) => {
                self.desk.reading = None;
                self.stop_reading = None;
                match *outcome {
                    Ok(letters) => {
                        self.desk.letters.insert(letters.queue.id.clone(), Arc::new(letters));
                    }
                    Err(why) => self.say(why),
                }
            }
            Done::Planned(planned) => self.desk.planned = Some(Arc::new(*planned)),
            Done::Said(text) => self.say(text),
            Done::Ran(outcome, line) => {
                self.words = None;
                let now = self.progress.borrow().clone();
                if let Err(why) = &line {
                    let why = format!("The line for the audit file could not be written ({why}).");
                    self.say(why);
                }
                if let Some(By::Client {
                    progress,
                    summary,
                    audit,
                    ..
                }) = self.desk.run.as_mut().map(|run| &mut run.by)
                {
                    *progress = now;
                    *summary = Some(outcome);
                    *audit = line.ok();
                }
            }
            Done::Moved(outcome) => {
                self.stop_reading = None;
                let (last, line) = match outcome {
                    Ok((task, line)) => (Some(task), line.ok()),
                    Err(why) => {
                        self.say(why);
                        (None, None)
                    }
                };
                if let Some(By::MoveTask { task, over, audit }) = self.desk.run.as_mut().map(|run| &mut run.by) {
                    *task = last.or(task.take());
                    *over = true;
                    *audit = line;
                }
            }
        }
    }
}

fn write(letters: &Letters, ids: &[String], path: &std::path::Path) -> Result<(), String> {
    let wanted: BTreeSet<&str> = ids.iter().map(String::as_str).collect();
    let meant = letters.entries.iter();
    read::export(
        meant.filter(|entry| wanted.contains(entry.letter.message_id.as_str())),
        path,
    )
}
