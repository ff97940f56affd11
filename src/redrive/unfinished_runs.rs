//! Messages that unfinished redrives may have sent already, by their journals: the same message must not be sent with
//! another text.

use std::collections::HashMap;
use std::path::Path;

use super::journals::of_queue;
use super::plan::Earlier;
use crate::domain::NodeId;

/// Messages of a queue that a target has, or may have, though they were not deleted.
#[must_use]
pub fn earlier(folder: &Path, queue: &NodeId, endpoint: Option<&str>) -> HashMap<String, Earlier> {
    let mut found = HashMap::new();
    let journals = of_queue(folder, queue, endpoint, |_| true).into_iter();
    for (journal, replay) in journals.filter(|(_, replay)| !replay.done) {
        let started = replay.header.started;
        for (id, entry) in replay.entries {
            let may_be_there = entry.open || entry.unknown > 0 || entry.sent.is_some();
            if let Some(hash) = entry.meant.filter(|_| may_be_there && !entry.gone) {
                let sent = entry.sent.is_some();
                let journal = journal.clone();
                found.insert(
                    id,
                    Earlier {
                        hash,
                        sent,
                        started,
                        journal,
                    },
                );
            }
        }
    }
    found
}
