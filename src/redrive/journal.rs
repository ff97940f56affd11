//! The journal on disk: a header that is whole or not there, records that are durable before they are answered for.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;

use tokio::sync::mpsc::UnboundedSender;

use super::effect::{Event, Ticket};
use super::record::{self, Header, Record};
use super::replay::{Replay, Unusable};
use crate::config::private;
use crate::words::document;

pitagora_core::phrases! {
    /// Why a journal cannot be used.
    pub enum JournalError in "journal" {
        Exists { path: String },
        Unwritten { path: String, why: String },
        Unread { path: String, why: String },
        Missing { path: String },
        /// Another process has the file open.
        InUse { path: String },
        /// The file is not a journal, or is damaged.
        Unusable { path: String, why: Unusable },
    }
}
crate::words::spoken!(JournalError);

/// A journal that is open for writing. One process has it at a time.
#[derive(Debug)]
pub struct Journal {
    file: File,
    path: PathBuf,
}

impl Journal {
    /// Makes a new one. The header is written beside it, made durable, and then given its name: whole or not at all.
    pub fn create(path: &Path, header: &Header) -> Result<Self, JournalError> {
        let name = || path.display().to_string();
        let failed = |why: io::Error| match why.kind() {
            io::ErrorKind::AlreadyExists => JournalError::Exists { path: name() },
            _ => JournalError::Unwritten {
                path: name(),
                why: why.to_string(),
            },
        };
        if std::fs::symlink_metadata(path).is_ok() {
            return Err(JournalError::Exists { path: name() });
        }
        private::folder_of(path).map_err(failed)?;
        let (beside, file) = private::beside(path).map_err(failed)?;
        let made = make((&beside, file), path, &record::line(header));
        if made.is_err() {
            // Half a file is of no use to anybody.
            let _ = std::fs::remove_file(&beside);
        }
        Ok(Self {
            file: made.map_err(failed)?,
            path: path.to_owned(),
        })
    }

    /// Opens one to go on with it. A torn end is cut off.
    pub fn open(path: &Path) -> Result<(Self, Replay), JournalError> {
        let name = || path.display().to_string();
        let failed = |why: io::Error| match why.kind() {
            io::ErrorKind::NotFound => JournalError::Missing { path: name() },
            _ => JournalError::Unread {
                path: name(),
                why: why.to_string(),
            },
        };
        let mut file = private::reopen(path).map_err(failed)?;
        if file.try_lock().is_err() {
            return Err(JournalError::InUse { path: name() });
        }
        let mut text = Vec::new();
        file.read_to_end(&mut text).map_err(failed)?;
        let replay = Replay::read(&text).map_err(|why| JournalError::Unusable { path: name(), why })?;
        file.set_len(replay.whole as u64).map_err(failed)?;
        file.seek(SeekFrom::End(0)).map_err(failed)?;
        file.sync_all().map_err(failed)?;
        let path = path.to_owned();
        Ok((Self { file, path }, replay))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Hands it to a thread of its own, which answers on `events` once records are durable. Many records that come while
    /// the disk is busy are made durable together.
    #[must_use]
    pub fn writer(self, events: UnboundedSender<Event>) -> Writer {
        let (sender, receiver) = mpsc::channel();
        let thread = thread::spawn(move || write(self.file, &receiver, &events));
        Writer {
            sender: Some(sender),
            thread: Some(thread),
        }
    }
}

fn make((beside, mut file): (&Path, File), path: &Path, header: &str) -> io::Result<File> {
    file.try_lock().map_err(io::Error::other)?;
    file.write_all(header.as_bytes())?;
    file.sync_all()?;
    private::rename_new(beside, path)?;
    private::sync_folder(path)?;
    Ok(file)
}

/// The thread that writes. Dropping it waits until all is written.
#[derive(Debug)]
pub struct Writer {
    sender: Option<mpsc::Sender<(Option<Ticket>, Vec<Record>)>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Writer {
    /// Writes records; with a ticket, makes them durable and says so.
    pub fn write(&self, ticket: Option<Ticket>, records: Vec<Record>) {
        if let Some(sender) = &self.sender {
            // The thread ends only with this writer.
            let _ = sender.send((ticket, records));
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.sender.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// A record as it is written: why something stayed is text, as in the journals of earlier versions.
fn line(record: &Record) -> String {
    match record {
        Record::Refused(_) | Record::Unknown(_) | Record::Left(_) => {
            document(record).map_or_else(|_| record::line(record), |written| record::line(&written))
        }
        _ => record::line(record),
    }
}

fn write(mut file: File, work: &mpsc::Receiver<(Option<Ticket>, Vec<Record>)>, events: &UnboundedSender<Event>) {
    // After a failed write the end of the file is unknown: nothing more is promised.
    let mut broken: Option<String> = None;
    while let Ok(first) = work.recv() {
        let mut tickets = Vec::new();
        let mut text = String::new();
        for (ticket, records) in std::iter::once(first).chain(work.try_iter()) {
            tickets.extend(ticket);
            text.extend(records.iter().map(line));
        }
        if broken.is_none() {
            let written = file.write_all(text.as_bytes());
            let durable = written.and_then(|()| if tickets.is_empty() { Ok(()) } else { file.sync_data() });
            broken = durable.err().map(|error| error.to_string());
        }
        for ticket in tickets {
            let event = match &broken {
                None => Event::Journaled(ticket),
                Some(why) => Event::JournalFailed(ticket, why.clone()),
            };
            // The receiver is dropped once the redrive is over.
            let _ = events.send(event);
        }
    }
    let _ = file.sync_all();
}

#[cfg(test)]
mod tests {
    use super::super::words::Stays;
    use super::*;
    use crate::redrive::record::Why;

    #[test]
    fn why_a_message_stayed_is_written_as_text() {
        let left = |why: Stays| Record::Left(vec![("m-1".to_owned(), Why(why.into()))]);
        let stopped = line(&left(Stays::Stopped));
        assert!(
            stopped.starts_with("{\"left\":[[\"m-1\",\"the run was stopped\"]],\"sum\":\""),
            "{stopped}"
        );
        let written = line(&left(Stays::TargetFails { failed: 3, all: 5 }));
        let reads = record::read(written.trim_end().as_bytes());
        assert!(reads.is_ok(), "it reads as those of earlier versions do");
        let earlier = r#"{"refused":[["m-1","the target's function does not exist"]]}"#;
        assert!(record::read(earlier.as_bytes()).is_ok());
    }
}
