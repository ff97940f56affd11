//! Redrives messages, or deletes them: the engines, as the task drives them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::sync::mpsc::{Receiver, UnboundedSender};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::error::DlqError;
use super::office::{DlqContext, DlqEvent};
use super::read::url;
use super::state::{DlqContents, Planned};
use crate::aws::Session;
use crate::dead_letters::peek::MOST;
use crate::domain::{Clock, Handled, MayWrite, MoveTask, NodeId, Received};
use crate::redrive::audit::{Act, AuditError};
use crate::redrive::driver::{Control, drive};
use crate::redrive::edits;
use crate::redrive::engine::Engine;
use crate::redrive::fingerprint::of_letter;
use crate::redrive::journal::Journal;
use crate::redrive::plan::To;
use crate::redrive::progress::{Left, Progress, Summary};
use crate::redrive::queue_client::Remote;
use crate::redrive::receive_all::gather;
use crate::redrive::record::{Header, VERSION};
use crate::redrive::replay::Replay;
use crate::redrive::settings::Settings;

/// How often SQS is asked how far its task is. Wall time.
const ASK: Duration = Duration::from_secs(1);

/// The own engine's run, begun: its journal is on the disk, nothing was received.
pub(super) struct Client {
    remote: Remote,
    session: Session,
    audit: Option<PathBuf>,
    journal: Journal,
    replay: Replay,
    edits: BTreeMap<String, crate::redrive::route::Edit>,
    stays: Vec<Left>,
}

impl Client {
    /// Writes the journal's header.
    ///
    /// # Errors
    /// Nothing was sent then.
    pub(super) fn begin(
        right: MayWrite,
        planned: &Planned,
        letters: &DlqContents,
        at_once: bool,
        office: &DlqContext,
    ) -> Result<Self, DlqError> {
        let (queue, session) = (&letters.queue, &office.session);
        let clock = session.clock().unwrap_or(Clock::System);
        let settings = settings(&clock, at_once);
        let path = journal_path(office.journals.as_deref(), &queue.name, &clock)?;
        let header = Header {
            pitagora_redrive: VERSION,
            started: clock.now(),
            who: session.identity.clone(),
            scope: session.scope.clone(),
            endpoint: session.endpoint().map(str::to_owned),
            queue: queue.id.clone(),
            url: url(queue),
            depth: queue.messages().unwrap_or(0).max(planned.plan.chosen.len() as u64),
            settings,
            ways: planned.plan.ways.clone(),
            grows: None,
            chosen: planned.plan.chosen.clone(),
        };
        let goes = planned.plan.chosen.iter().filter(|chosen| chosen.edited);
        let edits = goes.filter_map(|chosen| Some((chosen.id.clone(), planned.wish.edits.get(&chosen.id)?.clone())));
        let edits: BTreeMap<_, _> = edits.collect();
        edits::keep(&path, &edits).map_err(DlqError::Edits)?;
        let journal = Journal::create(&path, &header).inspect_err(|_| {
            // Nothing began, so that there is nothing to go on with.
            let _ = edits::forget(&path);
        })?;
        let stays = planned.plan.staying().map(|(id, why)| Left {
            message_id: id.to_owned(),
            why: why.to_string(),
        });
        Ok(Self {
            remote: Remote::new(session.clone(), right, queue.id.clone(), url(queue)),
            session: session.clone(),
            audit: office.audit.clone(),
            replay: Replay::new(header),
            edits,
            stays: stays.collect(),
            journal,
        })
    }

    pub(super) fn journal(&self) -> PathBuf {
        self.journal.path().to_owned()
    }

    /// Goes to the end. Answers with what came of it, with the file of its audit line or why there is none, and with the
    /// messages that the queue has then.
    pub(super) async fn run(
        self,
        words: Receiver<Control>,
        progress: watch::Sender<Progress>,
    ) -> (Summary, Result<PathBuf, AuditError>, Option<u64>) {
        let clock = self.remote.clock();
        let now = clock.now().as_millisecond();
        let path = self.journal();
        let act = Act::of_run(&self.session.identity, "redrive", &self.replay.header, 0, &path);
        // That it could not be written is told at the end, where the other line is.
        drop(act.begins(self.audit.as_deref(), clock.now()));
        // What is chosen is found by the engine itself, by id and fingerprint.
        let (engine, first) = Engine::start(&self.replay, &self.edits, Vec::new(), now);
        let mut summary = drive(self.remote.clone(), self.journal, engine, first, words, progress).await;
        let edited = |left: &Left| self.edits.contains_key(&left.message_id);
        if !summary.left.iter().any(edited)
            && let Err(error) = edits::forget(&path)
        {
            tracing::warn!(%error, "the edits of a run that is over could not be removed");
        }
        summary.left.extend(self.stays);
        let audit = act.ends(self.audit.as_deref(), clock.now(), summary.sent);
        // What is there now did not come back: what is there beyond it later may have.
        let rest = self.remote.count().await.ok();
        (summary, audit, rest)
    }
}

fn settings(clock: &Clock, at_once: bool) -> Settings {
    let usual = Settings::at_speed(clock.speed());
    Settings {
        canary: if at_once { 0 } else { usual.canary },
        ..usual
    }
}

fn journal_path(folder: Option<&Path>, queue: &str, clock: &Clock) -> Result<PathBuf, DlqError> {
    let folder = folder.ok_or(DlqError::NoHome)?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let name: String = queue.chars().map(|c| if plain(c) { c } else { '_' }).collect();
    let time = clock.now().strftime("%Y%m%dT%H%M%S%.3f").to_string();
    Ok(folder.join(format!("{name}-{time}.jsonl")))
}

/// SQS moves the whole queue; stays with its task to the end.
pub(super) async fn move_task(
    (session, file): (Session, Option<PathBuf>),
    right: MayWrite,
    (queue, chosen): (NodeId, usize),
    to: To,
    stop: CancellationToken,
    notes: UnboundedSender<DlqEvent>,
) -> Result<(MoveTask, Result<PathBuf, AuditError>), DlqError> {
    let destination = match &to {
        To::Origin => None,
        To::Named(target) => Some(target.arn().to_owned()),
    };
    let started = session.start_move(right, queue.as_str(), destination.as_deref(), None);
    let handle = started.await.map_err(DlqError::MoveRefused)?;
    let clock = session.clock().unwrap_or(Clock::System);
    let act = Act {
        who: session.identity.clone(),
        what: "move-task",
        chosen,
        moved_before: 0,
        from: queue.to_string(),
        to: destination.into_iter().collect(),
        journal: None,
    };
    drop(act.begins(file.as_deref(), clock.now()));
    let mut asked_to_stop = false;
    let task = loop {
        let tasks = session.moves(queue.as_str()).await.map_err(DlqError::MoveUnread)?;
        let task = tasks.into_iter().next().ok_or(DlqError::MoveUnnamed)?;
        drop(notes.send(DlqEvent::Moving(task.clone())));
        if !matches!(task.status.as_str(), "RUNNING" | "CANCELLING") {
            break task;
        }
        if stop.is_cancelled() && !asked_to_stop {
            asked_to_stop = true;
            if let Err(error) = session.cancel_move(right, &handle).await {
                drop(notes.send(DlqEvent::Say(format!("SQS could not be asked to stop ({error})."))));
            }
        }
        tokio::select! {
            () = tokio::time::sleep(ASK) => {}
            () = stop.cancelled(), if !asked_to_stop => {}
        }
    };
    let moved = usize::try_from(task.moved).unwrap_or(usize::MAX);
    let audit = act.ends(file.as_deref(), clock.now(), moved);
    Ok((task, audit))
}

/// Receives the queue, deletes what is meant where it is still the same, and gives back the rest. Answers with a sentence.
pub(super) async fn delete(
    (session, file): (Session, Option<PathBuf>),
    right: MayWrite,
    letters: &DlqContents,
    ids: &BTreeSet<String>,
) -> String {
    let queue = &letters.queue;
    let remote = Remote::new(session.clone(), right, queue.id.clone(), url(queue));
    let wanted = letters.entries.iter().map(|entry| &entry.letter);
    let wanted: BTreeMap<&str, String> = wanted
        .filter(|letter| ids.contains(&letter.message_id))
        .map(|letter| (letter.message_id.as_str(), of_letter(letter)))
        .collect();
    let visibility_s = settings(&remote.clock(), false).visibility_s;
    let gathered = gather(
        &remote,
        queue.messages().unwrap_or(0),
        MOST,
        visibility_s,
        &CancellationToken::new(),
        |_| {},
    )
    .await;
    let is_meant = |held: &Received| wanted.get(held.letter.message_id.as_str()) == Some(&of_letter(&held.letter));
    let (meant, others): (Vec<_>, Vec<_>) = gathered.held.into_iter().partition(|(held, _)| is_meant(held));
    let act = Act {
        who: session.identity.clone(),
        what: "delete",
        chosen: ids.len(),
        moved_before: 0,
        from: queue.id.to_string(),
        to: Vec::new(),
        journal: None,
    };
    drop(act.begins(file.as_deref(), remote.clock().now()));
    let mut deleted = 0;
    for batch in meant.chunks(crate::domain::outgoing::BATCH) {
        let handles: Vec<String> = batch.iter().map(|(held, _)| held.handle.clone()).collect();
        let outcomes = remote.delete(&handles).await;
        deleted += outcomes.iter().filter(|outcome| **outcome == Handled::Done).count();
    }
    let mut stuck = 0;
    for batch in others.chunks(crate::domain::outgoing::BATCH) {
        let handles: Vec<String> = batch.iter().map(|(held, _)| held.handle.clone()).collect();
        let outcomes = remote.hide(&handles, 0).await;
        stuck += outcomes.iter().filter(|outcome| **outcome != Handled::Done).count();
    }
    let audit = act.ends(file.as_deref(), remote.clock().now(), deleted);
    let mut said = format!("{deleted} of {} messages of {} were deleted.", ids.len(), queue.name);
    if deleted < ids.len() {
        said.push_str(" The others were not found again, or were not deleted: read the queue again.");
    }
    if stuck > 0 {
        let _ = write!(said, " {stuck} others come back by themselves.");
    }
    if let Err(why) = audit {
        let _ = write!(said, " The audit line could not be written ({why}).");
    }
    said
}
