//! Reads a queue once, and understands what it read.

use std::sync::Arc;

use super::event::DlqEvent;
use super::find::guard;
use super::hidden::Waiter;
use super::peek::{End, Scan, SqsMailbox, drive};
use super::queues::{chain, url};
use super::{DlqContents, DlqError, DlqService};
use crate::dead_letters::run_history::NoHistory;
use crate::dead_letters::{DeadLetterQueue, dead_letter};
use crate::pollers::trace::Traces;
use crate::store::snapshot::Topology;

impl DlqService {
    /// Reads at most `max` messages and gives them back; `anyway`, although something speaks against it. If somebody else
    /// holds all of them, it `waits` until they are visible again.
    ///
    /// # Errors
    /// If the queue must not or cannot be read: nothing was received.
    pub async fn read(
        &self,
        queue: DeadLetterQueue,
        (max, anyway, waits): (usize, bool, bool),
        topology: &Topology,
    ) -> Result<DlqContents, DlqError> {
        let right = self.right()?;
        guard(&queue, topology, anyway)?;
        self.tell(DlqEvent::Receiving(Box::new(queue.clone())));
        let mailbox = SqsMailbox {
            session: self.session(),
            right,
            queue: queue.id.clone(),
            url: url(&queue),
        };
        let count = |n| self.tell(DlqEvent::Count(n));
        let (mut waiter, mut receives) = (Waiter::new(self, url(&queue), waits), 0);
        let mut reading = loop {
            let reading = drive(&mailbox, Scan::new(max), &self.stop, count).await;
            receives += reading.receives;
            let is_empty = reading.letters.is_empty() && reading.end == End::Empty;
            if !is_empty || !waiter.again(|hidden| self.tell(DlqEvent::Hidden(hidden))).await {
                break reading;
            }
        };
        if reading.letters.is_empty() && self.is_stopped() {
            reading.end = End::Stopped;
        }
        let letters: Vec<_> = std::mem::take(&mut reading.letters).into_iter().map(Arc::new).collect();
        let chain = chain(topology);
        let read_at = self.clock().now();
        let first = Arc::new(DlqContents {
            number: 0,
            entries: dead_letter::entries(letters.iter().cloned(), &queue, chain, &NoHistory),
            read_at,
            receives,
            repeated: reading.repeated,
            given_back: reading.given_back,
            left: reading.left,
            end: reading.end,
            unread: Vec::new(),
            history: Arc::new(self.history(&queue.id, read_at).await),
            queue,
        });
        self.tell(DlqEvent::GivenBack(Arc::clone(&first)));
        // A stop does not wait for logs.
        let traces = tokio::select! {
            traces = Traces::of(self.session(), chain, &first.entries, read_at) => Some(traces),
            () = self.stop.cancelled() => None,
        };
        let mut contents = Arc::unwrap_or_clone(first);
        if let Some(traces) = traces {
            contents.entries = dead_letter::entries(letters, &contents.queue, chain, &traces);
            contents.unread = traces.unread;
        }
        Ok(contents)
    }
}
