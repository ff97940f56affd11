//! The service for dead letters of screen and command line: read, plan, start, resume, stop.
//!
//! It emits [`DlqEvent`]s: the screen publishes them in its state, the command line prints them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio_util::sync::CancellationToken;

use super::error::Trouble;
use super::event::DlqEvent;
use crate::aws::Session;
use crate::config;
use crate::domain::{Clock, MayWrite, NodeId, ReadOnly};
use crate::redrive::audit::Act;
use crate::redrive::history::History;
use crate::redrive::queue_client::Remote;
use crate::redrive::settings::Settings;

/// What it works with.
pub struct DlqContext {
    /// The connection.
    pub session: Session,
    /// The right to write; the reason where there is none.
    pub right: Result<MayWrite, ReadOnly>,
    /// Whether acts must be confirmed by typing a name.
    pub production: bool,
    /// The folder of the journals; `None` if there is no home directory.
    pub journals: Option<PathBuf>,
    /// The file with one line for each act.
    pub audit: Option<PathBuf>,
}

impl DlqContext {
    /// Journals and audit lines lie where the configuration has them.
    #[must_use]
    pub fn new(session: Session, right: Result<MayWrite, ReadOnly>, production: bool) -> Self {
        Self {
            session,
            right,
            production,
            journals: config::data_dir().map(|folder| folder.join("redrive")),
            audit: config::state_dir().map(|folder| folder.join("audit.jsonl")),
        }
    }
}

/// Reads dead letters and redrives them. Cheap to clone.
#[derive(Clone)]
pub struct DlqService {
    pub(super) context: Arc<DlqContext>,
    events: UnboundedSender<DlqEvent>,
    pub(super) stop: CancellationToken,
}

impl DlqService {
    /// Creates a service and the receiver of its events.
    #[must_use]
    pub fn new(context: DlqContext) -> (Self, UnboundedReceiver<DlqEvent>) {
        let (events, told) = mpsc::unbounded_channel();
        let service = Self {
            context: Arc::new(context),
            events,
            stop: CancellationToken::new(),
        };
        (service, told)
    }

    /// The same for the next thing to do: what stopped the one before does not stop it.
    #[must_use]
    pub fn anew(&self) -> Self {
        Self {
            stop: CancellationToken::new(),
            ..self.clone()
        }
    }

    /// Stops the work in progress: messages in hand are made visible again, started sends are finished, nothing new starts.
    pub fn stop(&self) {
        self.stop.cancel();
    }

    /// Whether a stop was requested.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.stop.is_cancelled()
    }

    /// Completes once a stop is requested.
    pub async fn stopped(&self) {
        self.stop.cancelled().await;
    }

    /// The same as a token.
    #[must_use]
    pub fn stop_token(&self) -> &CancellationToken {
        &self.stop
    }

    /// Whether acts must be confirmed by typing a name.
    #[must_use]
    pub fn is_production(&self) -> bool {
        self.context.production
    }

    /// The folder of the journals; `None` if there is no home directory.
    #[must_use]
    pub fn journals(&self) -> Option<&Path> {
        self.context.journals.as_deref()
    }

    /// The right to write.
    ///
    /// # Errors
    /// If the account is read-only.
    pub fn right(&self) -> Result<MayWrite, ReadOnly> {
        self.context.right
    }

    /// The connection.
    #[must_use]
    pub fn session(&self) -> &Session {
        &self.context.session
    }

    /// Account time.
    #[must_use]
    pub fn clock(&self) -> Clock {
        self.session().clock().unwrap_or(Clock::System)
    }

    /// Default settings of the client engine for this account.
    #[must_use]
    pub fn settings(&self) -> Settings {
        Settings::at_speed(self.clock().speed())
    }

    /// A client for receiving from and deleting in a queue.
    ///
    /// # Errors
    /// If the account is read-only.
    pub fn remote(&self, queue: &NodeId, url: &str) -> Result<Remote, ReadOnly> {
        let session = self.session().clone();
        Ok(Remote::new(session, self.right()?, queue.clone(), url.to_owned()))
    }

    /// What earlier redrives of a queue did, by their journals.
    pub async fn history(&self, queue: &NodeId, now: Timestamp) -> History {
        let queue = queue.clone();
        self.of_journals(move |folder, endpoint| History::read(folder, &queue, endpoint, now))
            .await
    }

    /// The contents of journals; the default if there are none. Reading them takes time.
    pub(super) async fn of_journals<T: Default + Send + 'static>(
        &self,
        read: impl FnOnce(&Path, Option<&str>) -> T + Send + 'static,
    ) -> T {
        let Some(folder) = self.context.journals.clone() else {
            return T::default();
        };
        let endpoint = self.session().endpoint().map(str::to_owned);
        let read = tokio::task::spawn_blocking(move || read(&folder, endpoint.as_deref()));
        read.await.unwrap_or_default()
    }

    /// Notes in the audit file that an act begins, or ended with so many messages. Answers with the file; that it failed is
    /// reported, and changes nothing.
    pub(super) fn note(&self, act: &Act, messages: Option<usize>) -> Option<PathBuf> {
        act.note(self.context.audit.as_deref(), self.clock().now(), messages)
            .map_err(|why| {
                let why = why.to_string();
                self.tell(DlqEvent::Trouble(Trouble::Audit { why }));
            })
            .ok()
    }

    pub(super) fn tell(&self, event: DlqEvent) {
        // The receiver is dropped only when the program ends.
        let _ = self.events.send(event);
    }
}
