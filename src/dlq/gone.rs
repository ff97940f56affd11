//! Messages that were redriven since they were read, by a journal or the end of a move task.

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;

use super::state::{DlqContents, DlqState, Gone};
use crate::domain::NodeId;
use crate::redrive::replay::Replay;

/// From a journal. `rest`: messages in the queue, if nothing more will be sent.
pub(super) fn of_journal(journal: &Path, rest: Option<u64>) -> Gone {
    let replay = std::fs::read(journal).ok().and_then(|text| Replay::read(&text).ok());
    let Some(replay) = replay else { return Gone::default() };
    let went = replay.entries.iter().filter(|(_, entry)| entry.sent.is_some());
    Gone {
        ids: went.map(|(id, _)| id.clone()).collect(),
        since: Some(replay.header.started),
        stays: rest,
    }
}

/// SQS has moved all that was read.
pub(super) fn all(letters: &DlqContents, started: Timestamp) -> Gone {
    let ids = letters.entries.iter().map(|entry| entry.letter.message_id.clone());
    Gone {
        ids: ids.collect(),
        since: Some(started),
        // Others may have come in meanwhile: SQS does not say what it left.
        stays: None,
    }
}

/// Merges them: a redriven message stays redriven.
pub(super) fn merge(desk: &mut DlqState, queue: NodeId, more: Gone) {
    let known = desk.gone.entry(queue).or_default();
    let known = Arc::make_mut(known);
    known.ids.extend(more.ids);
    known.since = more.since.or(known.since);
    known.stays = more.stays.or(known.stays);
}
