//! The state of the pane of dead letters: the queue, its messages, the open message, and the dialog.

pub mod dialog;
pub mod list;
pub mod message;
pub mod sift;

pub use dialog::{Dialog, Question};
pub use list::{List, Row};
pub use message::MessageView;

use std::sync::Arc;

use crate::dead_letters::{DeadLetterQueue, Use};
use crate::dlq::queues::dead_letter_queues;
use crate::dlq::{DlqContents, DlqState};
use crate::domain::NodeId;
use crate::store::snapshot::Snapshot;

/// The level of the pane.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Inside {
    /// All queues.
    #[default]
    Queues,
    /// The messages of a queue.
    List,
    /// One message.
    Message,
}

/// The state of the pane.
#[derive(Clone, Debug, Default)]
pub struct DeadLettersPane {
    /// The level.
    pub inside: Inside,
    /// The chosen queue.
    pub queue: Option<NodeId>,
    /// The last reading of that queue.
    pub letters: Option<Arc<DlqContents>>,
    /// The list of its messages.
    pub list: List,
    /// The open message.
    pub letter: MessageView,
    /// The dialog over the pane.
    pub dialog: Option<Dialog>,
    /// The requested reading, which is opened once it is finished.
    pub awaited: Option<NodeId>,
}

impl DeadLettersPane {
    /// Updates the pane by a new state of dead letters.
    pub fn update_from(&mut self, desk: &DlqState) {
        let there = self.queue.as_ref().and_then(|queue| desk.letters.get(queue)).cloned();
        let number = |letters: &Option<Arc<DlqContents>>| letters.as_ref().map(|letters| letters.number);
        if number(&there) != number(&self.letters) {
            self.letters = there;
            self.list = List::new(self.letters.as_ref(), std::mem::take(&mut self.list));
            if self.inside == Inside::Message {
                self.inside = Inside::List;
            }
        }
        if let (Some(letters), Some(queue)) = (&self.letters, &self.queue) {
            self.list.strike(desk.gone.get(queue).map(|gone| &**gone), letters);
        }
        if self.awaited.is_some() && self.awaited == self.queue && desk.reading.is_none() {
            self.awaited = None;
            if self.letters.is_some() && self.inside == Inside::Queues {
                self.inside = Inside::List;
            }
        }
    }

    /// Chooses a queue.
    pub fn choose(&mut self, queue: NodeId, desk: &DlqState) {
        if self.queue.as_ref() != Some(&queue) {
            self.queue = Some(queue);
            self.letters = None;
            self.list = List::default();
            self.update_from(desk);
        }
    }

    /// The chosen queue as in the snapshot; the first one if none is chosen.
    #[must_use]
    pub fn chosen(&self, queues: &[DeadLetterQueue]) -> usize {
        let known = self.queue.as_ref();
        known
            .and_then(|id| queues.iter().position(|queue| queue.id == *id))
            .unwrap_or(0)
    }

    /// The messages that a command applies to: the marked ones, else those of the chosen row.
    #[must_use]
    pub fn meant(&self) -> Vec<String> {
        let Some(letters) = &self.letters else {
            return Vec::new();
        };
        if self.inside == Inside::Message {
            let id = self.letter.id.iter();
            return id.filter(|id| !self.list.gone.contains(*id)).cloned().collect();
        }
        self.list.meant(letters)
    }
}

/// All queues, dead-letter queues first: the messages of a work queue need not be dead letters.
#[must_use]
pub fn queues(snapshot: &Snapshot) -> Vec<DeadLetterQueue> {
    let mut all = dead_letter_queues(snapshot);
    all.sort_by_key(|queue| match queue.messages() {
        Some(0) => 2,
        _ if queue.used_as() == Use::WorkQueue => 2,
        None => 1,
        Some(_) => 0,
    });
    all
}
