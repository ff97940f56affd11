//! What earlier redrives of a queue did, as their journals tell: which messages a target has although they still lie in the
//! dead-letter queue, and which of the messages there came back.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};

use super::ledger::Ledger;
use crate::domain::{DeadLetter, NodeId};

/// AWS: SQS keeps a message for 14 days at most, so that nothing older can be there.
const KEPT: SignedDuration = SignedDuration::from_hours(14 * 24);

/// A redrive that sent a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redriven {
    /// Its journal.
    pub journal: PathBuf,
    /// When it began.
    pub at: Timestamp,
}

/// What earlier redrives of one queue did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// Messages that their target has, and that were not deleted, by their ids in the dead-letter queue.
    sent: HashMap<String, Redriven>,
    /// Messages by their ids at the target.
    new_ids: HashMap<String, Redriven>,
}

/// What an earlier redrive did with a message that lies in the dead-letter queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Its target has it: it was sent, and not deleted here.
    Sent(Redriven),
    /// It was redriven, failed again, and came back.
    Back(Redriven),
}

impl History {
    /// Reads the journals of a folder that are about this queue at this endpoint. A journal that cannot be read says
    /// nothing.
    #[must_use]
    pub fn read(folder: &Path, queue: &NodeId, endpoint: Option<&str>, now: Timestamp) -> Self {
        let mut history = Self::default();
        let Ok(files) = fs::read_dir(folder) else {
            return history;
        };
        let files = files.filter_map(|file| Some(file.ok()?.path()));
        let mut files: Vec<PathBuf> = files
            .filter(|path| path.extension().is_some_and(|ending| ending == "jsonl"))
            .collect();
        files.sort();
        for path in files {
            let Some(text) = fs::read(&path).ok() else { continue };
            // The header alone tells whether the rest is worth reading.
            let head = text.split_inclusive(|byte| *byte == b'\n').next().unwrap_or_default();
            let of_queue = Ledger::read(head).is_ok_and(|ledger| {
                let header = &ledger.header;
                header.queue == *queue
                    && header.endpoint.as_deref() == endpoint
                    && now.duration_since(header.started) < KEPT
            });
            if let Some(ledger) = of_queue.then(|| Ledger::read(&text).ok()).flatten() {
                history.add(&ledger, &path);
            }
        }
        history
    }

    /// Takes in what one journal tells.
    pub fn add(&mut self, ledger: &Ledger, journal: &Path) {
        let redriven = Redriven {
            journal: journal.to_owned(),
            at: ledger.header.started,
        };
        for (id, entry) in &ledger.entries {
            let Some(new) = &entry.sent else { continue };
            if entry.gone {
                self.sent.remove(id);
            } else {
                self.sent.insert(id.clone(), redriven.clone());
            }
            if !new.is_empty() {
                self.new_ids.insert(new.clone(), redriven.clone());
            }
        }
    }

    /// What an earlier redrive did with a message; `None` if none did. `request` is the request that failed, where the
    /// message names one: an asynchronous event has no other id at its target.
    #[must_use]
    pub fn fate(&self, message: &DeadLetter, request: Option<&str>) -> Option<Fate> {
        let sent = self.sent.get(&message.message_id);
        // AWS: a message that was sent later is another one.
        if let Some(sent) = sent.filter(|run| message.sent().is_none_or(|sent| sent <= run.at)) {
            return Some(Fate::Sent(sent.clone()));
        }
        let back = self.new_ids.get(&message.message_id);
        let back = back.or_else(|| self.new_ids.get(request?));
        back.cloned().map(Fate::Back)
    }

    /// Messages that their targets have and that were not deleted: how many, and the journals to go on with.
    #[must_use]
    pub fn unfinished(&self) -> (usize, Vec<&Path>) {
        let mut journals: Vec<&Path> = self.sent.values().map(|run| run.journal.as_path()).collect();
        journals.sort_unstable();
        journals.dedup();
        (self.sent.len(), journals)
    }
}
