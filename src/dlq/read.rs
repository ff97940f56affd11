//! Reads a queue once, and understands what it read.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::mpsc::UnboundedSender;
use tokio_util::sync::CancellationToken;

use super::error::DlqError;
use super::office::DlqEvent;
use super::queues::chain;
use super::state::DlqContents;
use crate::aws::Session;
use crate::dead_letters::export::exported;
use crate::dead_letters::read_guard::refusals;
use crate::dead_letters::run_history::NoHistory;
use crate::dead_letters::{DeadLetter, DeadLetterQueue, QueueCounts, dead_letter, queues};
use crate::dlq::peek::{Scan, SqsMailbox, drive};
use crate::domain::{Clock, MayWrite, NodeId};
use crate::pollers::trace::Traces;
use crate::redrive::atomic_file::write_atomic;
use crate::redrive::history::History;
use crate::store::snapshot::Topology;

/// What is to be read.
pub(super) struct Task {
    pub(super) session: Session,
    pub(super) right: MayWrite,
    pub(super) topology: Arc<Topology>,
    pub(super) queue: NodeId,
    pub(super) max: usize,
    pub(super) anyway: bool,
    /// Which reading this is.
    pub(super) number: u64,
    /// Where the journals of earlier redrives lie.
    pub(super) journals: Option<PathBuf>,
}

impl Task {
    /// Does it.
    ///
    /// # Errors
    /// Nothing was received then.
    pub(super) async fn run(
        self,
        stop: CancellationToken,
        notes: UnboundedSender<DlqEvent>,
    ) -> Result<DlqContents, DlqError> {
        let queue = now(&self.session, &self.topology, &self.queue).await?;
        let against = refusals(&queue);
        if !self.anyway && !against.is_empty() {
            let queue = queue.name;
            return Err(DlqError::Guarded { queue, against });
        }
        let mailbox = SqsMailbox {
            session: &self.session,
            right: self.right,
            queue: queue.id.clone(),
            url: url(&queue),
        };
        let told = notes.clone();
        // Whoever listens is gone only when the program ends.
        let count = move |n| drop(told.send(DlqEvent::Count(n)));
        let mut reading = drive(&mailbox, Scan::new(self.max), &stop, count).await;
        drop(notes.send(DlqEvent::Tracing));
        let chain = chain(&self.topology);
        let letters: Vec<_> = std::mem::take(&mut reading.letters).into_iter().map(Arc::new).collect();
        let mut entries = dead_letter::entries(letters.iter().cloned(), &queue, chain, &NoHistory);
        let read_at = self.session.clock().unwrap_or(Clock::System).now();
        let mut unread = Vec::new();
        // Somebody who wants it to end does not wait for logs.
        let traces = tokio::select! {
            traces = Traces::of(&self.session, chain, &entries, read_at) => Some(traces),
            () = stop.cancelled() => None,
        };
        if let Some(traces) = traces {
            entries = dead_letter::entries(letters, &queue, chain, &traces);
            unread = traces.unread;
        }
        let history = self.history(&queue.id, read_at).await;
        Ok(DlqContents {
            history: Arc::new(history),
            number: self.number,
            entries,
            read_at,
            receives: reading.receives,
            repeated: reading.repeated,
            given_back: reading.given_back,
            left: reading.left,
            end: reading.end,
            unread,
            queue,
        })
    }
}

impl Task {
    async fn history(&self, queue: &NodeId, now: Timestamp) -> History {
        let Some(folder) = self.journals.clone() else {
            return History::default();
        };
        let (queue, endpoint) = (queue.clone(), self.session.endpoint().map(str::to_owned));
        let read = move || History::read(&folder, &queue, endpoint.as_deref(), now);
        tokio::task::spawn_blocking(read).await.unwrap_or_default()
    }
}

/// The queue with its attributes as they are now. Receives nothing.
pub(super) async fn now(session: &Session, topology: &Topology, id: &NodeId) -> Result<DeadLetterQueue, DlqError> {
    let known = queues::queue(chain(topology), id, None);
    let url = url(&known);
    if url.is_empty() {
        return Err(DlqError::NotSurveyed { queue: known.name });
    }
    let queue = known.name;
    let seen = session.queue(&url).await;
    let seen = seen.map_err(|why| DlqError::Unread { queue, why })?;
    let (visible, in_flight, delayed) = seen.depth;
    let counted = QueueCounts {
        visible,
        in_flight,
        delayed,
        at: session.clock().unwrap_or(Clock::System).now(),
    };
    Ok(DeadLetterQueue {
        moves_on_to: seen.dead_letter.map(NodeId::from),
        detail: Some(seen.detail),
        ..queues::queue(chain(topology), id, Some(counted))
    })
}

pub(super) fn url(queue: &DeadLetterQueue) -> String {
    queue
        .detail
        .as_ref()
        .map_or_else(String::new, |detail| detail.url.clone())
}

/// Writes letters to a file that was not there, whole or not at all.
pub(super) fn export<'a>(entries: impl Iterator<Item = &'a DeadLetter>, path: &Path) -> Result<(), DlqError> {
    if std::fs::symlink_metadata(path).is_ok() {
        return Err(DlqError::Exists(path.to_owned()));
    }
    write_atomic(path, |file| {
        for entry in entries {
            serde_json::to_writer(&mut *file, &exported(entry))?;
            file.write_all(b"\n")?;
        }
        Ok(())
    })
    .map_err(|why| DlqError::Unwritten {
        path: path.to_owned(),
        why,
    })
}
