//! What the task works with, and what its work tells.

use std::path::PathBuf;

use crate::aws::Session;
use crate::config;
use crate::domain::{MayWrite, MoveTask, ReadOnly};

/// What the task works with.
pub struct DlqContext {
    /// The connection.
    pub session: Session,
    /// The right to write; the reason where there is none.
    pub right: Result<MayWrite, ReadOnly>,
    /// Whether acts must be confirmed by typing a name.
    pub production: bool,
    /// The folder of the journals; nothing where there is no home directory.
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

/// What work under way tells.
#[derive(Debug)]
pub(super) enum DlqEvent {
    /// Messages read so far.
    Count(usize),
    /// All were given back; logs and metrics are searched.
    Tracing,
    /// How far SQS is.
    Moving(MoveTask),
    /// A sentence.
    Say(String),
}
