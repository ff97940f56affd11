//! What every poller is given, and says through.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use super::connection::Link;
use super::emit::Emitter;
use super::intervals::Pace;
use super::targets::Targets;
use crate::aws::{Error, Session};
use crate::domain::{Fact, Interest, Source, Unknown};
use crate::pollers::unread::Unread;

/// What every poller is given.
#[derive(Clone)]
pub struct Shared {
    /// The connection.
    pub session: Session,
    /// The way to the store.
    pub emit: Emitter,
    /// The connection's state.
    pub link: Link,
    /// How often.
    pub pace: Pace,
    /// What is on screen.
    pub interest: watch::Receiver<Interest>,
    /// What there is.
    pub targets: watch::Receiver<Targets>,
    pub(super) error: Arc<Mutex<Option<Unknown>>>,
}

impl Shared {
    /// Says that this source cannot be read; once for the same error.
    pub async fn fails(&self, what: Unread, error: &Error) {
        self.link.report(error);
        self.say(Some(error.unknown(what))).await;
    }

    /// Says that this source can be read.
    pub async fn works(&self) {
        self.say(None).await;
    }

    pub(super) async fn say(&self, error: Option<Unknown>) {
        let changed = {
            let mut said = self.error.lock().unwrap_or_else(PoisonError::into_inner);
            let changed = *said != error;
            said.clone_from(&error);
            changed
        };
        if changed {
            self.emit.send(Fact::SourceState { error }).await;
        }
    }

    /// Waits, but not if the selection changes.
    pub async fn pause_or_look(&self, pause: Duration) {
        let mut interest = self.interest.clone();
        let selected = interest.borrow_and_update().selected.clone();
        let looked = async {
            // A dropped sender means that the interest will not change.
            if interest
                .wait_for(|now| now.selected.is_some() && now.selected != selected)
                .await
                .is_err()
            {
                std::future::pending::<()>().await;
            }
            // Walking through the graph is not looking at each node.
            tokio::time::sleep(Duration::from_secs(2)).await;
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = looked => {}
        }
    }

    pub(super) fn of(&self, source: Source) -> Self {
        Self {
            emit: self.emit.of(source),
            error: Arc::default(),
            ..self.clone()
        }
    }
}
