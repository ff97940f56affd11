//! Dead letters as a list: grouped by error, in a selectable order.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;

use super::neighbours::{self, Part};
use super::origin::provenance;
use super::words::Fault;
use super::{Chain, DeadLetterQueue, Expiry, Provenance, RunHistory};
use crate::domain::phrase::Phrase;
use crate::domain::{NodeId, Origin, QueueMessage};
use crate::logs::signature::signature;

/// A message in a DLQ, with what is known of it.
#[derive(Clone, Debug, PartialEq)]
pub struct DeadLetter {
    /// As it was read.
    pub letter: Arc<QueueMessage>,
    /// Where it comes from.
    pub provenance: Provenance,
    /// The error, a [`Fault`]: equal for messages of the same fault.
    pub signature: Arc<Phrase>,
    /// When it expires.
    pub expires: Option<Expiry>,
    /// Its role in the failed batches that it was in, if logs show it.
    pub part: Option<Part>,
}

impl DeadLetter {
    /// Analyses a message.
    #[must_use]
    pub fn new(letter: Arc<QueueMessage>, queue: &DeadLetterQueue, chain: Chain<'_>, witness: &dyn RunHistory) -> Self {
        let provenance = provenance(&letter, queue, chain, witness);
        let sent = letter.sent();
        Self {
            expires: sent.zip(queue.retention()).map(|(sent, kept)| Expiry::of(sent, kept)),
            signature: Arc::new(fault(&provenance).into()),
            provenance,
            letter,
            part: None,
        }
    }

    /// The short names of the functions it may be about.
    #[must_use]
    pub fn functions(&self) -> Vec<&str> {
        self.provenance.suspects().iter().map(NodeId::short_name).collect()
    }
}

/// Analyses all messages of one queue. Messages of the same fault share its text.
#[must_use]
pub fn entries(
    letters: impl IntoIterator<Item = Arc<QueueMessage>>,
    queue: &DeadLetterQueue,
    chain: Chain<'_>,
    witness: &dyn RunHistory,
) -> Vec<DeadLetter> {
    let mut faults: BTreeSet<Arc<Phrase>> = BTreeSet::new();
    let letters = letters.into_iter().map(|letter| {
        let mut entry = DeadLetter::new(letter, queue, chain, witness);
        match faults.get(&entry.signature) {
            Some(known) => entry.signature = Arc::clone(known),
            None => drop(faults.insert(Arc::clone(&entry.signature))),
        }
        entry
    });
    let mut entries: Vec<DeadLetter> = letters.collect();
    neighbours::tell(&mut entries, chain, witness);
    entries
}

/// What went wrong, equal for equal faults.
fn fault(provenance: &Provenance) -> Fault {
    match (&provenance.error, &provenance.condition) {
        _ if provenance.capacity.is_some() => Fault::Capacity,
        (Some(error), _) => Fault::Error { text: signature(error) },
        (None, Some(condition)) => Fault::Condition {
            condition: condition.clone(),
        },
        (None, None) => Fault::Unknown,
    }
}

/// Messages with the same fault, origin and function.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// What went wrong.
    pub signature: Arc<Phrase>,
    /// Who wrote them.
    pub origin: Origin,
    /// The function, or all that it may be.
    pub functions: Vec<NodeId>,
    /// Whether the fault is one of capacity and not of the messages.
    pub capacity: bool,
    /// When the first was sent.
    pub first: Option<Timestamp>,
    /// When the last was sent.
    pub last: Option<Timestamp>,
    /// Which entries, by their places in the list.
    pub members: Vec<usize>,
}

/// The groups of a list, largest first.
#[must_use]
pub fn groups(entries: &[DeadLetter]) -> Vec<Group> {
    let mut found: BTreeMap<(Origin, Vec<NodeId>, Arc<Phrase>), Group> = BTreeMap::new();
    for (place, entry) in entries.iter().enumerate() {
        let suspects = entry.provenance.suspects().to_vec();
        let key = (entry.provenance.origin, suspects.clone(), Arc::clone(&entry.signature));
        let group = found.entry(key).or_insert_with(|| Group {
            signature: Arc::clone(&entry.signature),
            origin: entry.provenance.origin,
            functions: suspects,
            capacity: entry.provenance.capacity.is_some(),
            first: None,
            last: None,
            members: Vec::new(),
        });
        let sent = entry.letter.sent();
        group.first = group.first.into_iter().chain(sent).min();
        group.last = group.last.max(sent);
        group.members.push(place);
    }
    let mut groups: Vec<Group> = found.into_values().collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.members.len()));
    groups
}

/// By what a list is ordered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// The first to expire first.
    #[default]
    Expiry,
    /// Oldest first.
    Age,
    /// By who wrote it.
    Origin,
    /// By the function's name.
    Function,
    /// By what went wrong.
    Fault,
    /// Most often received first.
    Receives,
    /// Largest first.
    Size,
}

impl Order {
    /// Which of two comes first.
    #[must_use]
    pub fn compare(self, a: &DeadLetter, b: &DeadLetter) -> Ordering {
        // What is not known comes last.
        let gone = |entry: &DeadLetter| entry.expires.map_or(Timestamp::MAX, |expiry| expiry.at);
        let sent = |entry: &DeadLetter| entry.letter.sent().unwrap_or(Timestamp::MAX);
        match self {
            Self::Expiry => gone(a).cmp(&gone(b)),
            Self::Age => sent(a).cmp(&sent(b)),
            Self::Origin => a.provenance.origin.cmp(&b.provenance.origin),
            Self::Function => a.functions().cmp(&b.functions()),
            Self::Fault => a.signature.cmp(&b.signature),
            Self::Receives => b.letter.receive_count().cmp(&a.letter.receive_count()),
            Self::Size => b.letter.size().cmp(&a.letter.size()),
        }
    }
}

/// Orders a list; equals stay as they are.
pub fn sort(entries: &mut [DeadLetter], order: Order) {
    entries.sort_by(|a, b| order.compare(a, b));
}
