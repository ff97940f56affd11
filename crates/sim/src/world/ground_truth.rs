//! What happens to each event, as the world itself knows it: the truth that predictions are held against. Kept only where
//! a test asks for it, because it grows without end.

use std::sync::Arc;

use serde_json::Value as Json;

use super::World;
use super::invocation::{Cause, Ending, Run};

/// Which event.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Event {
    /// An asynchronous one, by its request.
    Asynchronous(String),
    /// A message, by its queue's name and its id.
    Message(String, String),
    /// A batch of a shard: the mapping's UUID, the shard, the lane, and the place of its first record.
    Batch(String, usize, usize, u64),
    /// A synchronous call, by its request.
    Call(String),
}

/// What happens to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// An invocation with it starts, with the time of its START line.
    Begins {
        /// The function's name.
        function: String,
        /// What the handler gets.
        with: Arc<Json>,
    },
    /// An invocation with it ends.
    Ends {
        /// Whether it succeeded.
        well: bool,
    },
    /// Nothing more happens to it.
    Lands(Landing),
}

/// Where an event ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Landing {
    /// It was processed.
    Processed,
    /// In a dead-letter queue or topic.
    DeadLetter,
    /// In a destination.
    Destination,
    /// Nowhere: its attempts were used up.
    Dropped,
    /// Nowhere: it was too old.
    TooOld,
    /// With the caller, who got the error.
    Caller,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Account time in milliseconds.
    pub at: i64,
    /// Which event.
    pub event: Event,
    /// What.
    pub what: What,
}

impl World {
    /// Keeps what happens from now on.
    pub fn keep_chronicle(&mut self) {
        self.records.chronicle.get_or_insert_default();
    }

    /// What happened since it is kept.
    #[must_use]
    pub fn chronicle(&self) -> &[Entry] {
        self.records.chronicle.as_deref().unwrap_or_default()
    }

    /// Writes down where an event ends.
    pub(super) fn note_landing(&mut self, event: Event, landing: Landing) {
        self.note(event, What::Lands(landing));
    }

    fn note(&mut self, event: Event, what: What) {
        let at = self.clock.now;
        if let Some(chronicle) = &mut self.records.chronicle {
            chronicle.push(Entry { at, event, what });
        }
    }

    pub(super) fn note_begin(&mut self, run: &Run) {
        if self.records.chronicle.is_none() {
            return;
        }
        for event in self.events_of(run) {
            let (function, with) = (run.function.clone(), Arc::clone(&run.event));
            self.note(event, What::Begins { function, with });
        }
    }

    pub(super) fn note_end(&mut self, run: &Run, ending: &Ending) {
        if self.records.chronicle.is_none() {
            return;
        }
        let well = matches!(ending, Ending::Returned(_));
        for event in self.events_of(run) {
            let call = matches!(event, Event::Call(_));
            self.note(event.clone(), What::Ends { well });
            if call {
                let landing = if well { Landing::Processed } else { Landing::Caller };
                self.note_landing(event, landing);
            }
        }
    }

    fn events_of(&self, run: &Run) -> Vec<Event> {
        match &run.cause {
            Cause::Async(_) => vec![Event::Asynchronous(run.request.clone())],
            Cause::Batch(batch) => self
                .lambda
                .batches
                .get(batch)
                .map(|batch| {
                    let event = |(_, _, id): &(u64, u32, String)| Event::Message(batch.queue.clone(), id.clone());
                    batch.messages.iter().map(event).collect()
                })
                .unwrap_or_default(),
            Cause::Shard { mapping, shard, lane } => self.batch_event(mapping, *shard, *lane).into_iter().collect(),
            Cause::Call(_) | Cause::Parent(_) | Cause::Api(_) | Cause::Pool(..) | Cause::Task(_) | Cause::Nobody => {
                vec![Event::Call(run.request.clone())]
            }
        }
    }
}
