//! Reads a queue once, and understands what it read.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::event::DlqEvent;
use super::find::guard;
use super::hidden::Waiter;
use super::peek::{End, Reading, Scan, SqsMailbox, drive};
use super::queues::{chain, url};
use super::{DlqContents, DlqError, DlqService};
use crate::dead_letters::run_history::NoHistory;
use crate::dead_letters::{DeadLetterQueue, dead_letter};
use crate::pollers::trace::Traces;
use crate::store::snapshot::Topology;

impl DlqService {
    /// Reads at most `max` messages and gives them back; `anyway`, although something speaks against it. If somebody else
    /// holds some, it `waits` until they are visible again, and reads all of them then.
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
        let tell = |hidden| self.tell(DlqEvent::Hidden(hidden));
        let mut reading = loop {
            let reading = drive(&mailbox, Scan::new(max), &self.stop, count).await;
            receives += reading.receives;
            let is_empty = reading.letters.is_empty() && reading.end == End::Empty;
            if !is_empty || !waiter.again(0, tell).await {
                break reading;
            }
        };
        let left_out = queue
            .messages()
            .unwrap_or(0)
            .saturating_sub(reading.letters.len() as u64);
        let is_short = !reading.letters.is_empty() && reading.end == End::Empty && left_out > 0;
        if is_short && waiter.until_visible(left_out, tell).await {
            // Nothing is kept from others while it waits, so that what was read is read once more.
            let again = drive(&mailbox, Scan::new(max), &self.stop, count).await;
            receives += again.receives;
            reading = and(reading, again);
        }
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

/// Two readings, one after the other. Where the second came to its end, what it did not find is gone.
fn and(first: Reading, mut second: Reading) -> Reading {
    if matches!(second.end, End::Stopped | End::Failed(_)) {
        let found: BTreeSet<&str> = second.letters.iter().map(|one| one.message_id.as_str()).collect();
        let more = first.letters.into_iter();
        let more: Vec<_> = more.filter(|one| !found.contains(one.message_id.as_str())).collect();
        second.letters.extend(more);
    }
    second.repeated += first.repeated;
    second.left.extend(first.left);
    second
}
