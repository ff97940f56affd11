//! Runs a redrive: with the client engine, or with a move task of SQS after the canary, new or resumed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use tokio::sync::{mpsc, watch};

use super::error::Trouble;
use super::event::DlqEvent;
use super::live::Live;
use super::move_task::MoveAll;
use super::proof;
use super::state::Planned;
use super::target::TargetWatch;
use super::{DlqError, DlqService};
use crate::domain::{MoveTask, Received};
use crate::redrive::audit::Act;
use crate::redrive::course::Course;
use crate::redrive::driver::drive;
use crate::redrive::edits;
use crate::redrive::effect::{Command, Event};
use crate::redrive::engine::Engine;
use crate::redrive::journal::Journal;
use crate::redrive::plan::To;
use crate::redrive::progress::{Left, Phase, Progress, Summary};
use crate::redrive::queue_client::Remote;
use crate::redrive::record::{Growth, Header, VERSION};
use crate::redrive::replay::{Entry, Replay};
use crate::redrive::route::{Edit, Route, Target};
use crate::redrive::settings::{OnUnknown, Settings};
use crate::redrive::transform::Transform;

/// How a redrive begins.
pub struct Start<'a> {
    /// What is done.
    pub planned: &'a Planned,
    /// How it goes, as it was said.
    pub course: &'a Course,
    /// How the own engine goes; what goes first is the course's.
    pub settings: Settings,
    /// Where the journal will lie.
    pub journal: PathBuf,
    /// When it began.
    pub started: Timestamp,
}

/// A redrive that is ready: its journal is on disk, nothing was sent.
pub struct Run {
    service: DlqService,
    /// The part of the client engine: all, or the canary; `None` if SQS moves all.
    own: Option<Own>,
    /// What SQS moves then.
    rest: Option<MoveAll>,
    target: TargetWatch,
    /// Whether the canary must prove that the cause is fixed, because nobody confirms.
    proves: bool,
    /// Nothing waits behind what goes.
    alone: bool,
}

/// What came of a redrive.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Of what the own engine did.
    pub own: Summary,
    /// Of SQS's task, where there was one.
    pub moved: Option<Result<MoveTask, DlqError>>,
    /// The audit file.
    pub audit: Option<PathBuf>,
    /// What went alone was to prove that the cause is fixed, and did not.
    pub unproved: bool,
}

/// The own engine's part.
struct Own {
    remote: Remote,
    journal: Journal,
    replay: Replay,
    edits: BTreeMap<String, Edit>,
    held: Vec<(Received, i64)>,
    stays: Vec<Left>,
    what: &'static str,
    /// Canary size of a resumed redrive; a new one has it in its header.
    canary: usize,
}

impl DlqService {
    /// Writes the journal's header.
    ///
    /// # Errors
    /// If it could not start: nothing was sent.
    pub fn start(&self, start: &Start<'_>, live: Live) -> Result<Run, DlqError> {
        let planned = start.planned;
        let remote = self.remote(&planned.wish.queue, &planned.url)?;
        let header = self.header(start);
        let own = if planned.is_move_task() && header.chosen.is_empty() {
            None
        } else {
            Some(Own::create(remote.clone(), header, planned, &start.journal)?)
        };
        let rest = planned.is_move_task().then(|| MoveAll {
            queue: planned.wish.queue.clone(),
            to: planned.wish.to.clone(),
            rate: start.course.rate,
            chosen: planned.messages(),
            targets: start.course.to.clone(),
        });
        Ok(Run {
            own,
            target: self.watch(live, remote, &planned.plan.targets()),
            proves: start.course.canary_proves,
            alone: rest.is_none() && start.course.canary == 0,
            rest,
            service: self.clone(),
        })
    }

    /// The journal's header: of all that goes, or of what goes first where SQS moves the rest.
    fn header(&self, start: &Start<'_>) -> Header {
        let (planned, session) = (start.planned, self.session());
        let mut header = Header {
            pitagora_redrive: VERSION,
            started: start.started,
            who: session.identity.clone(),
            scope: session.scope.clone(),
            endpoint: session.endpoint().map(str::to_owned),
            queue: planned.wish.queue.clone(),
            url: planned.url.clone(),
            depth: planned.depth.max(planned.goes() as u64),
            settings: Settings {
                canary: start.course.canary,
                ..start.settings.clone()
            },
            ways: ways(planned),
            grows: planned.wish.grows,
            chosen: planned.plan.chosen.clone(),
        };
        if planned.is_move_task() {
            header.chosen.truncate(start.course.canary);
            header.settings.canary = 0;
        }
        header
    }

    /// Opens the journal of a redrive that was killed or stopped. `unknown` overrides what to do with messages that may
    /// have been sent.
    ///
    /// # Errors
    /// If it could not start: nothing was sent.
    pub fn resume(&self, path: &Path, unknown: Option<OnUnknown>) -> Result<Resumed, DlqError> {
        let (journal, mut replay) = Journal::open(path)?;
        let header = &mut replay.header;
        if header.scope != self.session().scope {
            return Err(DlqError::OtherAccount {
                account: header.scope.account.clone(),
                region: header.scope.region.clone(),
            });
        }
        if header.endpoint.as_deref() != self.session().endpoint() {
            let endpoint = header.endpoint.clone();
            return Err(DlqError::OtherEndpoint { endpoint });
        }
        header.settings.unknown = unknown.unwrap_or(header.settings.unknown);
        // What was proved then is not known now.
        header.settings.canary = 0;
        let remote = self.remote(&header.queue, &header.url)?;
        let edits = edits::read(path).map_err(|why| DlqError::EditsUnread { why: why.to_string() })?;
        Ok(Resumed(Own {
            remote,
            journal,
            replay,
            edits,
            held: Vec::new(),
            stays: Vec::new(),
            what: "resume",
            canary: 0,
        }))
    }

    fn watch(&self, live: Live, remote: Remote, targets: &[Target]) -> TargetWatch {
        TargetWatch::new(live, self.session().clone(), remote, targets, self.clock().now())
    }

    /// Whether what went first proves that the cause is fixed.
    async fn proved(&self, target: &mut TargetWatch, sent: (Timestamp, usize), alone: bool) -> bool {
        self.tell(DlqEvent::Proving { alone });
        let proof = proof::wait(target, sent, &self.clock(), &self.stop).await;
        let is_proved = proof.is_ok();
        self.tell(DlqEvent::Proved { alone, proof });
        is_proved
    }
}

/// The plan's ways, and those of messages that will come into sight.
fn ways(planned: &Planned) -> Vec<Route> {
    let mut ways = planned.plan.ways.clone();
    let more: &[Target] = match (planned.wish.grows, &planned.wish.to) {
        // Nothing was visible, because another consumer has the first message of each group: later ones take this route.
        (Some(Growth::First), To::Named(target @ Target::Queue { .. })) if ways.is_empty() => {
            std::slice::from_ref(target)
        }
        (Some(Growth::Back), _) => &planned.sources,
        _ => &[],
    };
    for target in more {
        let way = Route {
            target: target.clone(),
            shape: Transform::Same,
        };
        if !ways.contains(&way) {
            ways.push(way);
        }
    }
    ways
}

/// A redrive whose journal was opened again.
pub struct Resumed(Own);

impl Resumed {
    /// Its header.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.0.replay.header
    }

    /// Whether it is finished: nothing is sent any more.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.0.replay.done
    }

    /// Messages that were not sent yet, and those that were.
    #[must_use]
    pub fn counts(&self) -> (usize, usize) {
        let count =
            |is_meant: fn(&Entry) -> bool| self.0.replay.entries.values().filter(|entry| is_meant(entry)).count();
        (
            count(|entry| !entry.gone && entry.sent.is_none()),
            count(|entry| entry.sent.is_some()),
        )
    }

    /// Messages that are still in the dead-letter queue, sent or not.
    #[must_use]
    pub fn not_gone(&self) -> usize {
        self.0.replay.entries.values().filter(|entry| !entry.gone).count()
    }

    /// Goes on: so many first, which `proves` (or the only one does) that the cause is fixed.
    #[must_use]
    pub fn start(self, service: &DlqService, live: Live, (canary, proves): (usize, bool)) -> Run {
        let targets: Vec<Target> = self.header().ways.iter().map(|way| way.target.clone()).collect();
        let alone = canary == 0 && self.counts().0 == 1;
        Run {
            target: service.watch(live, self.0.remote.clone(), &targets),
            proves: proves && (canary > 0 || alone),
            alone,
            own: Some(Own { canary, ..self.0 }),
            rest: None,
            service: service.clone(),
        }
    }
}

impl Run {
    /// With messages in hand, each with the moment at which others may see it again.
    #[must_use]
    pub fn holding(mut self, held: Vec<(Received, i64)>) -> Self {
        if let Some(own) = &mut self.own {
            own.held = held;
        }
        self
    }

    /// The journal, and how many messages it is about; `None` if SQS moves all.
    #[must_use]
    pub fn journal(&self) -> Option<(PathBuf, usize)> {
        let own = self.own.as_ref()?;
        Some((own.journal.path().to_owned(), own.replay.header.chosen.len()))
    }

    /// Runs to the end. `controls` decides whether to send the rest after the canary, unless the canary proves it.
    pub async fn go(mut self, mut controls: mpsc::Receiver<Command>) -> Outcome {
        let mut outcome = Outcome::default();
        let (service, began) = (self.service.clone(), self.service.clock().now());
        let has_first = self.own.is_some();
        if let Some(own) = self.own.take() {
            (outcome.own, outcome.audit) = own.go(&service, (&mut self.target, self.proves), &mut controls).await;
        }
        let Some(rest) = self.rest.take() else {
            let proves = self.alone && self.proves && outcome.own.sent > 0 && !service.is_stopped();
            outcome.unproved = proves && !service.proved(&mut self.target, (began, 1), true).await;
            return outcome;
        };
        if has_first {
            service.tell(DlqEvent::First(outcome.own.clone()));
            // Behind a canary that did not go nothing follows.
            if !outcome.own.is_complete() || !self.follows(outcome.own.sent, began, &mut controls).await {
                return outcome;
            }
        }
        let (moved, audit) = service.move_all(rest, outcome.own.sent).await;
        outcome.moved = Some(moved);
        outcome.audit = audit;
        outcome
    }

    /// Whether SQS may move the rest behind so many messages that went first.
    async fn follows(&mut self, sent: usize, began: Timestamp, controls: &mut mpsc::Receiver<Command>) -> bool {
        if self.proves {
            return !self.service.is_stopped() && self.service.proved(&mut self.target, (began, sent), false).await;
        }
        self.service.tell(DlqEvent::Waiting(sent));
        loop {
            tokio::select! {
                biased;
                () = self.service.stop.cancelled() => return false,
                command = controls.recv() => return command == Some(Command::GoOn),
                (all, failed) = self.target.more_runs() => self.service.tell(DlqEvent::TargetRuns { all, failed }),
            }
        }
    }
}

impl Own {
    fn create(remote: Remote, header: Header, planned: &Planned, path: &Path) -> Result<Self, DlqError> {
        let edited = header.chosen.iter().filter(|chosen| chosen.edited);
        let edits = edited.filter_map(|chosen| Some((chosen.id.clone(), planned.wish.edits.get(&chosen.id)?.clone())));
        let edits: BTreeMap<_, _> = edits.collect();
        edits::keep(path, &edits).map_err(|why| DlqError::Edits { why: why.to_string() })?;
        let journal = Journal::create(path, &header).inspect_err(|_| {
            // Nothing began, so that there is nothing to go on with.
            let _ = edits::forget(path);
        })?;
        let stays = planned.plan.staying().filter(|_| !planned.is_move_task());
        let stays = stays.map(|(id, why)| Left::unsendable(id, why));
        Ok(Self {
            remote,
            journal,
            replay: Replay::new(header),
            edits,
            held: Vec::new(),
            stays: stays.collect(),
            what: "redrive",
            canary: 0,
        })
    }

    /// Goes to the end. Answers with what came of it, and with the file of its audit line.
    async fn go(
        self,
        service: &DlqService,
        (target, proves): (&mut TargetWatch, bool),
        controls: &mut mpsc::Receiver<Command>,
    ) -> (Summary, Option<PathBuf>) {
        let (path, now) = (self.journal.path().to_owned(), service.clock().now().as_millisecond());
        // What is chosen and not in hand is found by the engine itself, by id and fingerprint.
        let (mut engine, first) = Engine::start(&self.replay, &self.edits, self.held, now);
        engine.first(self.canary);
        let moved_before = engine.summary().sent;
        let who = &service.session().identity;
        let act = Act::of_run(who, self.what, &self.replay.header, moved_before, &path);
        service.note(&act, None);
        let (say, said) = mpsc::channel(8);
        let (tell, progress) = watch::channel(Progress::default());
        let (mut summary, ()) = tokio::join!(
            drive(self.remote, self.journal, engine, first, said, tell),
            listen(service, progress, say, (target, proves), controls),
        );
        let edited = |left: &Left| self.edits.contains_key(&left.message_id);
        if !summary.left.iter().any(edited)
            && let Err(why) = edits::forget(&path)
        {
            let why = why.to_string();
            service.tell(DlqEvent::Trouble(Trouble::Edits { why }));
        }
        let audit = service.note(&act, Some(summary.sent.saturating_sub(moved_before)));
        summary.left.extend(self.stays);
        (summary, audit)
    }
}

/// Accompanies the engine to its end: publishes progress and forwards commands.
async fn listen(
    service: &DlqService,
    mut progress: watch::Receiver<Progress>,
    say: mpsc::Sender<Event>,
    (target, proves): (&mut TargetWatch, bool),
    controls: &mut mpsc::Receiver<Command>,
) {
    let (mut waited, mut stopped) = (false, false);
    loop {
        let event = tokio::select! {
            changed = progress.changed() => {
                if changed.is_err() {
                    return;
                }
                let now = progress.borrow_and_update().clone();
                let waits = now.phase == Phase::Waiting && !waited && !stopped;
                let (sent_at, sent) = (now.sent_at, now.sent);
                service.tell(DlqEvent::Progress(now));
                if !waits {
                    continue;
                }
                waited = true;
                if !proves {
                    service.tell(DlqEvent::Waiting(sent));
                    continue;
                }
                let sent_at = sent_at.and_then(|at| Timestamp::from_millisecond(at).ok());
                let sent_at = sent_at.unwrap_or_else(|| service.clock().now());
                let follows = service.proved(target, (sent_at, sent), false).await;
                Event::Command(if follows { Command::GoOn } else { Command::Stop })
            }
            () = service.stop.cancelled(), if !stopped => {
                stopped = true;
                Event::Command(Command::Stop)
            }
            Some(command) = controls.recv() => Event::Command(command),
            (all, failed) = target.more_runs() => {
                service.tell(DlqEvent::TargetRuns { all, failed });
                Event::Runs { all, failed }
            }
        };
        // The engine hears nothing any more once it has ended.
        let _ = say.send(event).await;
    }
}
