//! The way of an observation to the store.

use tokio::sync::mpsc;

use crate::domain::{Clock, Fact, Observation, Scope, Source};

/// Stamps facts with time, scope and source, and sends them. Cheap to clone.
#[derive(Clone)]
pub struct Emitter {
    sender: mpsc::Sender<Observation>,
    clock: Clock,
    scope: Scope,
    source: Source,
}

impl Emitter {
    /// An emitter for one source.
    #[must_use]
    pub fn new(sender: mpsc::Sender<Observation>, clock: Clock, scope: Scope, source: Source) -> Self {
        Self {
            sender,
            clock,
            scope,
            source,
        }
    }

    /// The same way for another source.
    #[must_use]
    pub fn of(&self, source: Source) -> Self {
        Self { source, ..self.clone() }
    }

    /// Sends one fact. Waits if the store is behind; if the store has ended, the program is ending.
    pub async fn send(&self, what: Fact) {
        let observation = Observation {
            at: self.clock.now(),
            scope: self.scope.clone(),
            source: self.source,
            what,
        };
        // The store ends only with the program.
        let _ = self.sender.send(observation).await;
    }

    /// The account's clock.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Whether the store has ended.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.sender.is_closed()
    }
}
