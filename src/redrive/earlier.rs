//! What runs that did not end may have sent already, as their journals tell: another text of the same message must not
//! follow it.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::ledger::Ledger;
use super::plan::Earlier;
use crate::domain::NodeId;

/// Messages of a queue that a target has, or may have, though they were not deleted. A journal that cannot be read says
/// nothing: whoever goes on with it hears why.
#[must_use]
pub fn earlier(folder: &Path, queue: &NodeId, endpoint: Option<&str>) -> HashMap<String, Earlier> {
    let mut found = HashMap::new();
    let Ok(files) = fs::read_dir(folder) else {
        return found;
    };
    let files = files.filter_map(|file| Some(file.ok()?.path()));
    let mut files: Vec<PathBuf> = files
        .filter(|path| path.extension().is_some_and(|ending| ending == "jsonl"))
        .collect();
    files.sort();
    for path in files {
        let Some(ledger) = fs::read(&path).ok().and_then(|text| unfinished(&text, queue, endpoint)) else {
            continue;
        };
        for (id, entry) in ledger.entries {
            let may_be_there = entry.open || entry.unknown > 0 || entry.sent.is_some();
            if let Some(hash) = entry.meant.filter(|_| may_be_there && !entry.gone) {
                let journal = path.clone();
                let started: Timestamp = ledger.header.started;
                let sent = entry.sent.is_some();
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

fn unfinished(text: &[u8], queue: &NodeId, endpoint: Option<&str>) -> Option<Ledger> {
    // The header alone tells whether the rest is worth reading.
    let head = text.split_inclusive(|byte| *byte == b'\n').next()?;
    let header = Ledger::read(head).ok()?.header;
    if header.queue != *queue || header.endpoint.as_deref() != endpoint {
        return None;
    }
    Ledger::read(text).ok().filter(|ledger| !ledger.done)
}
