//! What earlier redrives of a queue did, by their journals: which messages were sent but are still in the dead-letter
//! queue, and which came back.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};

use super::journals::of_queue;
use super::record::Header;
use super::replay::Replay;
use crate::domain::{NodeId, QueueMessage};

/// AWS (sqs): SQS keeps a message for 14 days at most, so that nothing older can be there.
const KEPT: SignedDuration = SignedDuration::from_hours(14 * 24);

/// A redrive that sent a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redriven {
    /// Its journal.
    pub journal: PathBuf,
    /// When the message was sent; when the redrive began where its journal is of an earlier version.
    pub at: Timestamp,
}

/// What earlier redrives of one queue did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// Messages sent but not deleted, by their IDs in the dead-letter queue.
    sent: HashMap<String, Redriven>,
    /// Messages by their ids at the target.
    new_ids: HashMap<String, Redriven>,
}

/// What an earlier redrive did with a message that is in the dead-letter queue.
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
        let may_be_there = |header: &Header| now.duration_since(header.started) < KEPT;
        for (path, replay) in of_queue(folder, queue, endpoint, may_be_there) {
            history.add(&replay, &path);
        }
        history
    }

    /// Adds the content of a journal.
    pub fn add(&mut self, replay: &Replay, journal: &Path) {
        for (id, entry) in &replay.entries {
            let Some(new) = &entry.sent else { continue };
            let redriven = Redriven {
                journal: journal.to_owned(),
                at: entry.meant_at.unwrap_or(replay.header.started),
            };
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
    pub fn fate(&self, message: &QueueMessage, request: Option<&str>) -> Option<Fate> {
        let sent = self.sent.get(&message.message_id);
        // AWS (dead-letters): a message that was sent later is another one.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Scope;
    use crate::redrive::record::{Chosen, Intent, Record, VERSION, line};
    use crate::redrive::settings::Settings;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_767_225_600 + seconds).expect("a time")
    }

    fn message(id: &str, sent: i64) -> QueueMessage {
        QueueMessage {
            queue: "dlq".into(),
            message_id: id.to_owned(),
            body: "{}".into(),
            attributes: std::collections::BTreeMap::new(),
            system: [("SentTimestamp".to_owned(), at(sent).as_millisecond().to_string())].into(),
            read_at: at(1_000),
        }
    }

    /// Three messages: one gone, one sent and not deleted, one not sent.
    fn journal() -> String {
        let chosen = |id: &str| Chosen {
            id: id.to_owned(),
            hash: String::new(),
            way: 0,
            group: None,
            edited: false,
        };
        let header = Header {
            pitagora_redrive: VERSION,
            started: at(100),
            who: String::new(),
            scope: Scope {
                partition: "aws".into(),
                account: "1".into(),
                region: "r".into(),
            },
            endpoint: None,
            queue: "dlq".into(),
            url: String::new(),
            depth: 3,
            settings: Settings::default(),
            ways: Vec::new(),
            grows: None,
            chosen: ["gone", "sent", "stays"].map(chosen).to_vec(),
        };
        let sent = |id: &str, new: &str| Record::Sent(vec![(id.to_owned(), new.to_owned())]);
        // Sent long after the redrive began: the rest waited for a person's word.
        let intent = Record::Intent(vec![Intent {
            id: "sent".to_owned(),
            to: String::new(),
            hash: String::new(),
            dedup: None,
            at: Some(at(140)),
        }]);
        let gone = Record::Gone(vec!["gone".to_owned()]);
        line(&header) + &line(&sent("gone", "new-1")) + &line(&intent) + &line(&sent("sent", "new-2")) + &line(&gone)
    }

    #[test]
    fn what_was_sent_and_what_came_back_is_told_from_journals() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("a.jsonl"), journal()).expect("written");
        std::fs::write(folder.path().join("b.jsonl"), "no journal\n").expect("written");
        let read = |endpoint, now| History::read(folder.path(), &NodeId::from("dlq"), endpoint, now);
        let history = read(None, at(500));
        let redriven = |s| Redriven {
            journal: folder.path().join("a.jsonl"),
            at: at(s),
        };
        let sent = Some(Fate::Sent(redriven(140)));
        let back = Some(Fate::Back(redriven(100)));
        assert_eq!(history.fate(&message("sent", 0), None), sent);
        assert_eq!(
            history.fate(&message("sent", 200), None),
            None,
            "sent later: another one"
        );
        assert_eq!(history.fate(&message("stays", 0), None), None);
        assert_eq!(
            history.fate(&message("new-1", 200), None),
            back,
            "with the id that it had at its target"
        );
        assert_eq!(
            history.fate(&message("other", 200), Some("new-2")),
            Some(Fate::Back(redriven(140))),
            "an event keeps its request"
        );
        assert_eq!(history.unfinished().0, 1);
        assert_eq!(read(Some("http://other"), at(500)), History::default());
        assert_eq!(
            read(None, at(15 * 86_400)),
            History::default(),
            "nothing of it can be there"
        );
    }
}
