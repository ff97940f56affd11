//! Deletes messages after writing them to a file.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use tokio_util::sync::CancellationToken;

use super::error::Said;
use super::queues::url;
use super::{DlqContents, DlqError, DlqService, export};
use crate::dead_letters::peek::MOST;
use crate::domain::outgoing::BATCH;
use crate::domain::{Handled, Received};
use crate::redrive::audit::Act;
use crate::redrive::fingerprint::of_letter;
use crate::redrive::receive_all::{gather, give_back};

impl DlqService {
    /// Writes messages to a new file, receives the queue, deletes the selected messages if they are unchanged, and makes
    /// the rest visible again.
    ///
    /// # Errors
    /// If the messages could not be saved or received: nothing was deleted.
    pub async fn delete(&self, letters: &DlqContents, ids: &[String], path: &Path) -> Result<Said, DlqError> {
        let queue = &letters.queue;
        let remote = self.remote(&queue.id, &url(queue))?;
        export::to_new_file(letters, ids, path)?;
        let ids: BTreeSet<&str> = ids.iter().map(String::as_str).collect();
        let wanted = letters.entries.iter().map(|entry| &entry.letter);
        let wanted: BTreeMap<&str, String> = wanted
            .filter(|letter| ids.contains(&*letter.message_id))
            .map(|letter| (letter.message_id.as_str(), of_letter(letter)))
            .collect();
        let depth = queue.messages().unwrap_or(0);
        let visibility_s = self.settings().visibility_s;
        let gathered = gather(&remote, depth, MOST, visibility_s, &CancellationToken::new(), |_| {}).await;
        let is_meant = |held: &Received| wanted.get(held.letter.message_id.as_str()) == Some(&of_letter(&held.letter));
        let (meant, others): (Vec<_>, Vec<_>) = gathered.held.into_iter().partition(|(held, _)| is_meant(held));
        let act = Act {
            who: self.session().identity.clone(),
            what: "delete",
            chosen: ids.len(),
            moved_before: 0,
            from: queue.id.to_string(),
            to: Vec::new(),
            journal: None,
        };
        self.note(&act, None);
        let mut gone = 0;
        for batch in meant.chunks(BATCH) {
            let handles: Vec<String> = batch.iter().map(|(held, _)| held.handle.clone()).collect();
            let outcomes = remote.delete(&handles).await;
            gone += outcomes.iter().filter(|outcome| **outcome == Handled::Done).count();
        }
        let stuck = give_back(&remote, &others).await;
        self.note(&act, Some(gone));
        Ok(Said::Deleted {
            gone,
            wanted: ids.len(),
            missing: ids.len().saturating_sub(gone),
            queue: queue.name.clone(),
            stuck,
            path: path.display().to_string(),
        })
    }
}
