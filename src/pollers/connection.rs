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
}

impl Default for Link {
    fn default() -> Self {
        Self {
            state: watch::Sender::new(State::Open),
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
            loop {
                if let Error::Expired { code } = &error {
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
