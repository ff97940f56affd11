//! The state of the connection, shared by the pollers: when one is refused all wait, and one renews.

use std::time::Duration;

use tokio::sync::watch;

use super::emit::Emitter;
use crate::aws::{Error, Session};
use crate::domain::{Connection, Fact};

/// How often a refused or broken connection is retried.
const RENEW_EVERY: Duration = Duration::from_secs(5);

#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    Open,
    /// A call was rejected or had no response: to be checked.
    Doubtful(Error),
}

/// The state of the connection, which pollers check before a call and report failures to. Cheap to clone.
#[derive(Clone)]
pub struct Link {
    state: watch::Sender<State>,
    /// How often credentials that were refused have been renewed.
    renewals: watch::Sender<u64>,
}

impl Default for Link {
    fn default() -> Self {
        Self {
            state: watch::Sender::new(State::Open),
            renewals: watch::Sender::new(0),
        }
    }
}

impl Link {
    /// Waits until the connection is good, as far as is known.
    pub async fn ready(&self) {
        let mut state = self.state.subscribe();
        // The sender is held by self, so that this cannot fail.
        let _ = state.wait_for(|state| *state == State::Open).await;
    }

    /// How often credentials that were refused have been renewed so far.
    #[must_use]
    pub fn renewals(&self) -> u64 {
        *self.renewals.borrow()
    }

    /// Whether credentials are refused, or were since this many renewals.
    #[must_use]
    pub fn was_refused(&self, renewals: u64) -> bool {
        let is_refused = matches!(&*self.state.borrow(), State::Doubtful(Error::Expired { .. }));
        is_refused || self.renewals() != renewals
    }

    /// Waits until they were renewed more often than this: what was refused meanwhile can be asked again.
    pub async fn renewed_since(&self, before: u64) {
        let mut renewals = self.renewals.subscribe();
        // The sender is held by self, so that this cannot fail.
        let _ = renewals.wait_for(|now| *now != before).await;
    }

    /// Shows what went wrong. Only what concerns the whole connection closes it.
    pub fn report(&self, error: &Error) {
        if matches!(error, Error::Expired { .. } | Error::Unreachable { .. }) {
            self.state.send_if_modified(|state| {
                let was_open = *state == State::Open;
                if was_open {
                    *state = State::Doubtful(error.clone());
                }
                was_open
            });
        }
    }

    /// Maintains the connection: reports its state, and retries until it works.
    pub async fn keep(&self, session: &Session, emit: &Emitter) {
        emit.send(Fact::Connection(Connection::Open)).await;
        let mut state = self.state.subscribe();
        loop {
            let doubt = match state.wait_for(|state| *state != State::Open).await {
                Ok(state) => state.clone(),
                Err(_) => return,
            };
            let State::Doubtful(mut error) = doubt else { continue };
            // One API without an answer is not the whole connection: only the renewal shows.
            let mut said: Option<Connection> = None;
            let mut was_refused = false;
            loop {
                if let Error::Expired { code } = &error {
                    was_refused = true;
                    let advice = format!("{code}: {}", session.renewal_advice().await);
                    say(emit, &mut said, Connection::Expired { advice }).await;
                }
                match session.renew().await {
                    Ok(()) => break,
                    Err(again) => {
                        if let Some(state) = refusal(&again) {
                            say(emit, &mut said, state).await;
                        }
                        error = again;
                    }
                }
                tokio::time::sleep(RENEW_EVERY).await;
            }
            if said.is_some() {
                emit.send(Fact::Connection(Connection::Open)).await;
            }
            self.state.send_replace(State::Open);
            if was_refused {
                self.renewals.send_modify(|count| *count += 1);
            }
        }
    }
}

/// What an answer to "who am I" says of the whole connection, where the credentials are not the reason.
fn refusal(error: &Error) -> Option<Connection> {
    match error {
        Error::Expired { .. } => None,
        Error::Unreachable { why, .. } => Some(Connection::Unreachable { why: why.clone() }),
        other => Some(Connection::Failing { why: other.to_string() }),
    }
}

async fn say(emit: &Emitter, said: &mut Option<Connection>, connection: Connection) {
    if said.as_ref() != Some(&connection) {
        emit.send(Fact::Connection(connection.clone())).await;
        *said = Some(connection);
    }
}
