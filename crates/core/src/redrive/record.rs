//! The journal's format: one JSON line a record, after a header that is whole or not there.
//!
//! It holds no bodies (edits are beside it): ids, fingerprints, receipt handles and what became of each message.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::route::Route;
use super::settings::Settings;
use crate::domain::phrase::Phrase;
use crate::domain::{NodeId, Scope};

/// The format's number; another one is refused.
pub const VERSION: u32 = 1;

/// A message selected for the redrive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chosen {
    /// Its message ID in the dead-letter queue.
    pub id: String,
    /// The fingerprint of body and attributes as they were read.
    pub hash: String,
    /// Which of the header's ways it goes.
    pub way: usize,
    /// Its message group: where the target keeps order, nothing of a group goes before what comes before it here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Its body was edited; the edit is beside the journal and is required to send it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub edited: bool,
}

/// What is known before the first message is touched.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// [`VERSION`].
    pub pitagora_redrive: u32,
    /// When it began, in account time.
    pub started: Timestamp,
    /// The ARN of whose credentials were used.
    pub who: String,
    /// Account and region.
    pub scope: Scope,
    /// The endpoint in place of AWS.
    pub endpoint: Option<String>,
    /// The queue.
    pub queue: NodeId,
    /// Its URL.
    pub url: String,
    /// Messages in the queue at the start, by its own count.
    pub depth: u64,
    /// How it goes.
    pub settings: Settings,
    /// Where messages go.
    pub ways: Vec<Route>,
    /// Messages are added as they come into sight, up to those that were sent before the start: a FIFO queue shows only
    /// the head of each group.
    pub grows: Option<Growth>,
    /// The messages, in their order.
    pub chosen: Vec<Chosen>,
}

/// How messages are chosen that could not be seen at the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Growth {
    /// Each goes back to the queue that SQS moved it from; others stay.
    Back,
    /// All go the first way.
    First,
}

/// What was meant, before it was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// The message.
    pub id: String,
    /// The ARN of what it is sent to.
    pub to: String,
    /// The fingerprint of what is sent.
    pub hash: String,
    /// The deduplication id it is sent with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dedup: Option<String>,
    /// When, in account time; `None` in journals of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Record {
    /// Messages came in hand: id and receipt handle.
    Held(Vec<(String, String)>),
    /// Messages that came into sight later.
    Chosen(Vec<Chosen>),
    /// Is about to be sent. Durable before the send.
    Intent(Vec<Intent>),
    /// The target has it: id, and its id there. Durable before the delete.
    Sent(Vec<(String, String)>),
    /// The target does not have it: id, and why.
    Refused(Vec<(String, Why)>),
    /// Unknown outcome: message ID, and why.
    Unknown(Vec<(String, Why)>),
    /// Deleted from the dead-letter queue.
    Gone(Vec<String>),
    /// Stays, and why.
    Left(Vec<(String, Why)>),
    /// The redrive ended by itself; `true` if every selected message was sent and deleted.
    End(bool),
}

/// Why something was not done, for people who read the file. Written in words and not read back, because nothing depends on
/// it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Why(pub Phrase);

impl<'de> Deserialize<'de> for Why {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        serde::de::IgnoredAny::deserialize(from).map(|_| Self::default())
    }
}

/// A record as the line that is written.
#[must_use]
pub fn line<T: Serialize>(record: &T) -> String {
    // These types hold nothing that JSON could not say: texts, numbers, lists.
    let mut line = serde_json::to_string(record).unwrap_or_default();
    line.push('\n');
    line
}
