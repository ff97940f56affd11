//! One message on its way.

use crate::domain::Received;
use crate::domain::phrase::Phrase;
use crate::redrive::route::Edit;

/// How far a message is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Not sent.
    Waiting,
    /// The intent is on its way to the disk, or the message to its target.
    Sending,
    /// The target has it; that is on its way to the disk.
    Noting,
    /// The target has it, durably: may be deleted.
    Sent,
    /// Being deleted.
    Deleting,
    /// Deleted with a receipt handle that may have been old: deleted, unless it is received again.
    MaybeGone,
    /// Deleted.
    Gone,
    /// Stays.
    Left(Phrase),
}

/// A message in hand.
#[derive(Clone, Debug)]
pub(super) struct Lease {
    pub(super) held: Received,
    /// When others may see it again, in account milliseconds.
    pub(super) until: i64,
    /// Seconds for which it was hidden last; each time twice as long.
    pub(super) hidden_s: u32,
    /// Whether a longer hiding is under way.
    pub(super) hiding: bool,
}

/// A message selected for the redrive.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) id: String,
    pub(super) hash: String,
    pub(super) way: usize,
    pub(super) edit: Option<Edit>,
    pub(super) state: State,
    pub(super) hand: Option<Lease>,
    /// Its id at the target.
    pub(super) new_id: Option<String>,
    /// Sends and deletes that did not succeed, one after the other.
    pub(super) tries: u32,
    /// Sends with an unknown outcome.
    pub(super) unknown: u32,
    /// The lane it waits in: a FIFO group.
    pub(super) lane: Option<String>,
}

impl Item {
    pub(super) fn new(id: String, hash: String, way: usize, lane: Option<String>) -> Self {
        Self {
            id,
            hash,
            way,
            edit: None,
            state: State::Waiting,
            hand: None,
            new_id: None,
            tries: 0,
            unknown: 0,
            lane,
        }
    }

    /// Whether nothing more is to be done with it.
    pub(super) fn is_settled(&self) -> bool {
        matches!(self.state, State::Gone | State::MaybeGone | State::Left(_))
    }

    /// Whether the target has it for certain.
    pub(super) fn is_sent(&self) -> bool {
        self.new_id.is_some()
    }
}
