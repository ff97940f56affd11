//! The dead letters on screen: which queue, which letters, which one is open, and what is asked before something is done.

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

/// How far in one is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Inside {
    /// All queues.
    #[default]
    Queues,
    /// The letters of one.
    List,
    /// One letter.
    Message,
}

/// The state of the pane.
#[derive(Clone, Debug, Default)]
pub struct DeadLettersPane {
    /// How far in.
    pub inside: Inside,
    /// The chosen queue.
    pub queue: Option<NodeId>,
    /// The letters of that queue, as last read.
    pub letters: Option<Arc<DlqContents>>,
    /// Which of them are shown, and which are marked.
    pub list: List,
    /// The open letter.
    pub letter: MessageView,
    /// What is asked over the pane.
    pub dialog: Option<Dialog>,
    /// The reading that was asked for: it is opened when it is there.
    pub awaited: Option<NodeId>,
}

impl DeadLettersPane {
    /// Takes in what is known of the dead letters now.
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

    /// The chosen queue as the snapshot has it; the first one where none is chosen.
    #[must_use]
    pub fn chosen(&self, queues: &[DeadLetterQueue]) -> usize {
        let known = self.queue.as_ref();
        known
            .and_then(|id| queues.iter().position(|queue| queue.id == *id))
            .unwrap_or(0)
    }

    /// The letters that an act is about: the marked ones, else those of the chosen row.
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

/// The queues there are, those with dead letters first: a work queue's messages need not be any.
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
