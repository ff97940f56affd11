//! The one task that reads and redrives: it has the session and the right to write.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::check::Evidence;
use super::error::Said;
use super::run::Outcome;
use super::state::{DlqContents, DlqState, Gone, Notice, Planned, Reading};
use super::{Command, DlqContext, DlqError, DlqEvent, DlqService, RedriveRequest, export, gone};
use crate::domain::NodeId;
use crate::domain::phrase::Phrase;
use crate::redrive::effect;
use crate::store::snapshot::Snapshot;

/// Interval of reading evidence again while a plan is shown. AWS (metrics): metrics have minute resolution.
const AGAIN: Duration = Duration::from_secs(30);

/// The two lanes between the screen and the task.
#[derive(Debug)]
pub struct DlqHandle {
    /// What is to be done.
    pub commands: mpsc::Sender<Command>,
    /// The state for the screen.
    pub state: watch::Receiver<Arc<DlqState>>,
}

/// What work left behind.
pub(super) enum Done {
    Read(Box<Result<DlqContents, DlqError>>),
    Planned(Box<Planned>),
    /// What was read again for what would be done, and for which.
    Evidence(Arc<Planned>, Box<Evidence>),
    Said(Phrase),
    /// With the messages that the queue has then.
    Ran(Box<Outcome>, Option<u64>),
    Gone(NodeId, Gone),
}

/// Runs commands until `stop` is cancelled, and then until nothing is in progress: messages in hand are made visible again
/// first.
pub async fn attend(
    context: DlqContext,
    snapshots: watch::Receiver<Arc<Snapshot>>,
    mut commands: mpsc::Receiver<Command>,
    publish: watch::Sender<Arc<DlqState>>,
    stop: CancellationToken,
) {
    let (service, mut told) = DlqService::new(context);
    let mut task = Task {
        desk: DlqState {
            closed: service.right().err().map(|why| DlqError::from(why).into()),
            ..DlqState::default()
        },
        service,
        snapshots,
        work: JoinSet::new(),
        under_way: None,
        controls: None,
        readings: 0,
        rereading: false,
    };
    publish.send_replace(Arc::new(task.desk.clone()));
    let (mut stopping, mut asked) = (false, true);
    loop {
        let again = task.again();
        tokio::select! {
            biased;
            // Events of the work were emitted before it was done.
            Some(event) = told.recv() => task.take_in(event),
            Some(done) = task.work.join_next(), if !task.work.is_empty() => match done {
                Ok(done) => task.done(done),
                Err(error) => std::panic::resume_unwind(error.into_panic()),
            },
            () = stop.cancelled(), if !stopping => {
                stopping = true;
                task.stop();
            }
            command = commands.recv(), if asked && !stopping => match command {
                Some(command) => task.handle(command),
                None => asked = false,
            },
            () = tokio::time::sleep(again), if task.desk.planned.is_some() && !task.rereading && !stopping => {
                task.read_again();
            }
        }
        publish.send_replace(Arc::new(task.desk.clone()));
        if stopping && task.work.is_empty() {
            return;
        }
    }
}

pub(super) struct Task {
    pub(super) service: DlqService,
    pub(super) desk: DlqState,
    pub(super) snapshots: watch::Receiver<Arc<Snapshot>>,
    pub(super) work: JoinSet<Done>,
    /// The reading or the run under way.
    pub(super) under_way: Option<DlqService>,
    /// What the person says to the run under way.
    pub(super) controls: Option<mpsc::Sender<effect::Command>>,
    readings: u64,
    /// Evidence for what would be done is being read again.
    rereading: bool,
}

impl Task {
    pub(super) fn say(&mut self, what: impl Into<Phrase>) {
        self.desk.said = Some(Notice {
            number: self.desk.said.as_ref().map_or(1, |said| said.number + 1),
            what: what.into(),
        });
    }

    fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.snapshots.borrow())
    }

    fn handle(&mut self, command: Command) {
        match command {
            Command::StopReading => {
                if let Some(service) = self.under_way.as_ref().filter(|_| self.desk.reading.is_some()) {
                    service.stop();
                }
            }
            Command::GoOn => self.go_on(),
            Command::Stop => self.stop_run(),
            Command::Drop => self.desk.planned = None,
            Command::Plan(wish) => self.plan(wish),
            Command::Export { queue, ids, path } => self.export(&queue, ids, path),
            Command::Read { .. } | Command::Go { .. } | Command::Delete { .. } if self.is_busy() => {
                self.say(Said::Busy);
            }
            Command::Read { queue, max, anyway } => self.read(queue, max, anyway),
            Command::Go { at_once } => self.go(at_once),
            Command::Delete { queue, ids, path } => self.delete(&queue, ids, path),
        }
    }

    fn is_busy(&self) -> bool {
        self.desk.reading.is_some() || self.desk.run.as_ref().is_some_and(|run| !run.over)
    }

    fn letters(&mut self, queue: &NodeId) -> Option<Arc<DlqContents>> {
        let letters = self.desk.letters.get(queue).cloned();
        if letters.is_none() {
            self.say(Said::NotRead);
        }
        letters
    }

    fn read(&mut self, queue: NodeId, max: usize, anyway: bool) {
        if let Err(why) = self.service.right() {
            return self.say(DlqError::from(why));
        }
        self.readings += 1;
        self.desk.reading = Some(Reading {
            queue: queue.clone(),
            count: 0,
            max,
            tracing: false,
            hidden: None,
        });
        let (service, number) = (self.service.anew(), self.readings);
        self.under_way = Some(service.clone());
        let topology = Arc::clone(&self.snapshot().topology);
        self.work.spawn(async move {
            let read = async {
                let queue = service.queue(&topology, &queue).await?;
                let contents = service.read(queue, (max, anyway, true), &topology).await?;
                Ok(DlqContents { number, ..contents })
            };
            Done::Read(Box::new(read.await))
        });
    }

    fn plan(&mut self, wish: RedriveRequest) {
        let Some(letters) = self.letters(&wish.queue) else {
            return;
        };
        let (service, snapshot) = (self.service.clone(), self.snapshot());
        self.work
            .spawn(async move { Done::Planned(Box::new(service.plan(wish, &letters, &snapshot).await)) });
    }

    /// How long until the evidence for an open dialog is read again.
    fn again(&self) -> Duration {
        Duration::from_secs_f64((AGAIN.as_secs_f64() / self.service.clock().speed().max(1.0)).max(1.0))
    }

    /// Reads evidence again while a plan is shown: metrics are minutes late.
    fn read_again(&mut self) {
        let Some(planned) = self.desk.planned.clone() else {
            return;
        };
        self.rereading = true;
        let (service, snapshot) = (self.service.clone(), self.snapshot());
        self.work.spawn(async move {
            let mut evidence = planned.evidence.clone();
            let (session, now) = (service.session(), service.clock().now());
            evidence.read_again(session, &snapshot, now).await;
            Done::Evidence(planned, Box::new(evidence))
        });
    }

    fn export(&mut self, queue: &NodeId, ids: Vec<String>, path: PathBuf) {
        let Some(letters) = self.letters(queue) else { return };
        self.work.spawn_blocking(move || {
            Done::Said(match export::to_new_file(&letters, &ids, &path) {
                Ok(()) => Said::Exported {
                    count: ids.len(),
                    path: path.display().to_string(),
                }
                .into(),
                Err(why) => why.into(),
            })
        });
    }

    fn delete(&mut self, queue: &NodeId, ids: Vec<String>, path: PathBuf) {
        let Some(letters) = self.letters(queue) else { return };
        let service = self.service.anew();
        self.work.spawn(async move {
            Done::Said(match service.delete(&letters, &ids, &path).await {
                Ok(deleted) => deleted.into(),
                Err(why) => Said::NotDeleted { why }.into(),
            })
        });
    }

    fn stop(&mut self) {
        if let Some(service) = &self.under_way {
            service.stop();
        }
        self.stop_run();
    }

    fn take_in(&mut self, event: DlqEvent) {
        match event {
            DlqEvent::Count(count) => {
                if let Some(reading) = &mut self.desk.reading {
                    reading.count = count;
                    reading.hidden = reading.hidden.filter(|_| count == 0);
                }
            }
            DlqEvent::Hidden(hidden) => {
                if let Some(reading) = &mut self.desk.reading {
                    reading.hidden = Some(hidden);
                }
            }
            DlqEvent::GivenBack(_) => {
                if let Some(reading) = &mut self.desk.reading {
                    reading.tracing = true;
                }
            }
            DlqEvent::Progress(now) => {
                if let Some(own) = self.own() {
                    own.progress = now;
                }
            }
            DlqEvent::First(summary) => {
                if let Some(own) = self.own() {
                    own.summary = Some(summary);
                }
            }
            DlqEvent::Waiting(_) => self.look_what_is_gone(None),
            DlqEvent::Moving(now) => {
                if let Some(run) = &mut self.desk.run {
                    run.task = Some(now);
                }
            }
            DlqEvent::Trouble(why) => self.say(why),
            // The state shows these by itself.
            DlqEvent::Receiving(_)
            | DlqEvent::Proving { .. }
            | DlqEvent::Proved { .. }
            | DlqEvent::TargetRuns { .. }
            | DlqEvent::MoveStarted => {}
        }
    }

    fn done(&mut self, done: Done) {
        match done {
            Done::Read(outcome) => {
                self.desk.reading = None;
                self.under_way = None;
                match *outcome {
                    Ok(letters) => {
                        // Redriven messages are not among them; the history shows those sent but not deleted.
                        self.desk.gone.remove(&letters.queue.id);
                        self.desk.letters.insert(letters.queue.id.clone(), Arc::new(letters));
                    }
                    Err(why) => self.say(why),
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
            Done::Ran(outcome, rest) => self.ran(*outcome, rest),
        }
    }
}
