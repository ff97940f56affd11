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

    /// Sends one fact. Waits where the store is behind; a store that is gone means that the program ends.
    pub async fn send(&self, what: Fact) {
        let observation = Observation {
            at: self.clock.now(),
            scope: self.scope.clone(),
            source: self.source,
            what,
        };
        // Nobody listens only while the program ends: there is nobody left to tell.
        let _ = self.sender.send(observation).await;
    }

    /// The account's clock.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Whether the store is gone.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.sender.is_closed()
    }
}
