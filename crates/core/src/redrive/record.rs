//! The journal's format: one JSON line a record, after a header that is whole or not there. Each line ends with a checksum of
//! what stands before it, so that a bit that a disk turned over is found: it could let a message be sent twice.
//!
//! It holds no bodies (edits are beside it): ids, fingerprints, receipt handles and what became of each message.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::route::Route;
use super::settings::Settings;
use crate::domain::phrase::Phrase;
use crate::domain::{NodeId, Scope};

/// The format's number.
pub const VERSION: u32 = 2;
/// The format before lines had checksums, which is still read.
pub const WITHOUT_CHECKSUMS: u32 = 1;

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

/// A record as the line that is written: its last member is the checksum.
#[must_use]
pub fn line<T: Serialize>(record: &T) -> String {
    // These types hold nothing that JSON could not say: texts, numbers, lists. Each is an object with a member.
    let mut line = serde_json::to_string(record).unwrap_or_default();
    line.truncate(line.len().saturating_sub(1));
    let sum = checksum(line.as_bytes());
    line.push_str(MEMBER);
    line.push_str(&sum);
    line.push_str("\"}\n");
    line
}

/// How the member of the checksum begins.
const MEMBER: &str = ",\"sum\":\"";
/// Hexadecimal digits of a checksum.
const DIGITS: usize = 16;
/// Bytes that end a line: the member, its digits, `"}`.
const END: usize = MEMBER.len() + DIGITS + 2;

fn checksum(text: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut digits = String::with_capacity(DIGITS);
    for byte in Sha256::digest(text).iter().take(DIGITS / 2) {
        // A string takes what is written.
        let _ = write!(digits, "{byte:02x}");
    }
    digits
}

/// What the checksum of a line says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sum {
    /// The line is as it was written.
    Right,
    /// It is not.
    Wrong,
    /// It has none, as in the format before.
    None,
}

/// Checks a line, which stands here without its end.
#[must_use]
pub fn check(line: &[u8]) -> Sum {
    let Some((before, end)) = line.len().checked_sub(END).map(|at| line.split_at(at)) else {
        return Sum::None;
    };
    let sum = end
        .strip_prefix(MEMBER.as_bytes())
        .and_then(|end| end.strip_suffix(b"\"}"));
    match sum {
        None => Sum::None,
        Some(sum) if sum == checksum(before).as_bytes() => Sum::Right,
        Some(_) => Sum::Wrong,
    }
}

/// Whether a line that does not end was written to its end: what follows its checksum is no line's beginning.
#[must_use]
pub(super) fn goes_on_after_its_end(line: &[u8]) -> bool {
    let ends = |at: usize| line.get(..at).is_some_and(|line| check(line) == Sum::Right);
    (END..line.len()).any(ends)
}

/// Reads a record.
///
/// # Errors
/// If it is none, or not as it was written.
pub fn read(line: &[u8]) -> Result<Record, Unread> {
    match check(line) {
        Sum::Wrong => Err(Unread),
        Sum::None => serde_json::from_slice(line).map_err(|_| Unread),
        Sum::Right => {
            let mut text = line.get(..line.len() - END).unwrap_or_default().to_vec();
            text.push(b'}');
            serde_json::from_slice(&text).map_err(|_| Unread)
        }
    }
}

/// A line that is no record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no record of a journal")]
pub struct Unread;
