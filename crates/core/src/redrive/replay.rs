//! Reads a journal: how far the redrive got.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;

use super::record::{Chosen, Header, Record, Sum, VERSION, WITHOUT_CHECKSUMS, check, goes_on_after_its_end, read};

/// How far one message came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// Its fingerprint and way.
    pub hash: String,
    /// Which of the header's ways it goes.
    pub way: usize,
    /// Its message group.
    pub group: Option<String>,
    /// Another text goes in its place.
    pub edited: bool,
    /// The fingerprint of what was sent last, or was about to be.
    pub meant: Option<String>,
    /// An intent without an outcome: it may have been sent.
    pub open: bool,
    /// Sends with an unknown outcome, the open one not counted.
    pub unknown: u32,
    /// When it was sent last, or was about to be; `None` in journals of earlier versions.
    pub meant_at: Option<Timestamp>,
    /// Its id at the target.
    pub sent: Option<String>,
    /// Deleted from the dead-letter queue.
    pub gone: bool,
    /// The last receipt handle that the redrive had of it.
    pub handle: Option<String>,
}

/// A journal's content.
#[derive(Clone, Debug, PartialEq)]
pub struct Replay {
    /// Its header.
    pub header: Header,
    /// Messages in their order.
    pub order: Vec<String>,
    /// How far each came.
    pub entries: HashMap<String, Entry>,
    /// Handles of messages that the redrive held without having chosen them.
    pub others: BTreeMap<String, String>,
    /// Whether it ended by itself with everything sent and deleted.
    pub done: bool,
    /// Number of complete bytes. What follows was not durable, so nothing was done because of it.
    pub whole: usize,
}

crate::phrases! {
    /// Why a journal cannot be used.
    pub enum Unusable in "unusable" {
        /// It does not begin as one.
        NoHeader,
        /// It was written by another version.
        Version { format: u32 },
        /// A line is not as it was written: what it said may be what keeps a message from being sent twice.
        Damaged { line: usize },
    }
}

impl Replay {
    /// The account of one that has only just begun.
    #[must_use]
    pub fn new(header: Header) -> Self {
        let mut replay = Self {
            header,
            order: Vec::new(),
            entries: HashMap::new(),
            others: BTreeMap::new(),
            done: false,
            whole: 0,
        };
        for chosen in replay.header.chosen.clone() {
            replay.choose(chosen);
        }
        replay
    }

    /// Reads a journal. A torn end is left out: it was not durable, and a kill leaves one. Anything else that is not as it was
    /// written is no end.
    ///
    /// # Errors
    /// If it is no journal, or damaged; [`Unusable::Damaged`] names the line, counted from one.
    pub fn read(text: &[u8]) -> Result<Self, Unusable> {
        let mut lines = Lines { text, at: 0 };
        let head = lines.next().ok_or(Unusable::NoHeader)?;
        let sum = check(head);
        if sum == Sum::Wrong {
            return Err(Unusable::Damaged { line: 1 });
        }
        let is_meant = head.starts_with(b"{\"pitagora_redrive\":");
        let damaged = if is_meant {
            Unusable::Damaged { line: 1 }
        } else {
            Unusable::NoHeader
        };
        let value: serde_json::Value = serde_json::from_slice(head).map_err(|_| damaged.clone())?;
        let version = value.get("pitagora_redrive").and_then(serde_json::Value::as_u64);
        let version = u32::try_from(version.ok_or_else(|| damaged.clone())?).unwrap_or(u32::MAX);
        match (version, sum) {
            (VERSION, Sum::Right) | (WITHOUT_CHECKSUMS, Sum::None) => {}
            (VERSION, _) => return Err(Unusable::Damaged { line: 1 }),
            (format, _) => return Err(Unusable::Version { format }),
        }
        let header: Header = serde_json::from_value(value).map_err(|_| damaged)?;
        let mut replay = Self::new(header);
        replay.whole = lines.at;
        let mut number = 1;
        while let Some(line) = lines.next() {
            number += 1;
            let is_as_written = version == WITHOUT_CHECKSUMS || check(line) == Sum::Right;
            let Some(record) = read(line).ok().filter(|_| is_as_written) else {
                // Lines of the format before do not tell a torn end from damage unless more follows.
                let mut rest = std::iter::from_fn(|| lines.next());
                if version == WITHOUT_CHECKSUMS && !rest.any(|line| read(line).is_ok()) {
                    return Ok(replay);
                }
                return Err(Unusable::Damaged { line: number });
            };
            replay.apply(record);
            replay.whole = lines.at;
        }
        if goes_on_after_its_end(text.get(replay.whole..).unwrap_or_default()) {
            return Err(Unusable::Damaged { line: number + 1 });
        }
        Ok(replay)
    }

    /// Sends with an unknown outcome: a duplicate at the target comes from one of them.
    #[must_use]
    pub fn unknown(&self) -> u64 {
        self.entries
            .values()
            .map(|entry| u64::from(entry.unknown) + u64::from(entry.open))
            .sum()
    }

    fn choose(&mut self, chosen: Chosen) {
        let entry = Entry {
            hash: chosen.hash,
            way: chosen.way,
            group: chosen.group,
            edited: chosen.edited,
            ..Entry::default()
        };
        if self.entries.insert(chosen.id.clone(), entry).is_none() {
            self.order.push(chosen.id);
        }
    }

    fn apply(&mut self, record: Record) {
        let entries = &mut self.entries;
        match record {
            Record::Chosen(all) => all.into_iter().for_each(|chosen| self.choose(chosen)),
            Record::Held(all) => {
                for (id, handle) in all {
                    match entries.get_mut(&id) {
                        Some(entry) => entry.handle = Some(handle),
                        None => {
                            self.others.insert(id, handle);
                        }
                    }
                }
            }
            Record::Intent(all) => {
                for intent in all {
                    if let Some(entry) = entries.get_mut(&intent.id) {
                        // A second intent follows an outcome; if that line is missing, the outcome is unknown.
                        entry.unknown += u32::from(std::mem::replace(&mut entry.open, true));
                        entry.meant = Some(intent.hash);
                        entry.meant_at = intent.at;
                    }
                }
            }
            Record::Sent(all) => {
                for (id, new) in all {
                    if let Some(entry) = entries.get_mut(&id) {
                        entry.open = false;
                        entry.sent = Some(new);
                    }
                }
            }
            Record::Refused(all) => {
                for (id, _) in all {
                    if let Some(entry) = entries.get_mut(&id) {
                        entry.open = false;
                    }
                }
            }
            Record::Unknown(all) => {
                for (id, _) in all {
                    if let Some(entry) = entries.get_mut(&id) {
                        entry.open = false;
                        entry.unknown += 1;
                    }
                }
            }
            Record::Gone(all) => {
                for id in all {
                    if let Some(entry) = entries.get_mut(&id) {
                        entry.gone = true;
                    }
                }
            }
            // A resumed redrive retries it.
            Record::Left(_) => {}
            Record::End(done) => self.done = done,
        }
    }
}

/// Lines that end: the last one without its end is not whole.
struct Lines<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Iterator for Lines<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.text.get(self.at..)?;
        let end = rest.iter().position(|byte| *byte == b'\n')?;
        self.at += end + 1;
        rest.get(..end)
    }
}
