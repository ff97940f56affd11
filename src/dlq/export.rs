//! Exports messages to a file, completely or not at all, readable by its owner only.

use std::collections::BTreeSet;
use std::path::Path;

use super::{DlqContents, DlqError};
use crate::config::private::{self, NoFile};
use crate::dead_letters::DeadLetter;
use crate::dead_letters::export::exported;
use crate::words::document;

/// Whether a file may be written there: nothing is written over, and nothing but a regular file is written. Asked before anything
/// is received, since an export may be the only copy of what is in it.
///
/// # Errors
/// If the file exists, or is not a regular file.
pub fn target(path: &Path) -> Result<(), DlqError> {
    let Ok(there) = std::fs::symlink_metadata(path) else {
        return Ok(());
    };
    match NoFile::of(there.file_type()) {
        Some(what) => Err(DlqError::NoFile {
            path: path.display().to_string(),
            what: what.to_string(),
        }),
        None if there.len() > 0 => Err(DlqError::Exists {
            path: path.display().to_string(),
        }),
        None => Ok(()),
    }
}

/// Writes these messages of a reading to a new file.
///
/// # Errors
/// If it could not be written completely: then nothing was.
pub fn to_new_file(letters: &DlqContents, ids: &[String], path: &Path) -> Result<(), DlqError> {
    target(path)?;
    let wanted: BTreeSet<&str> = ids.iter().map(String::as_str).collect();
    let meant = letters.entries.iter();
    write(meant.filter(|entry| wanted.contains(&*entry.letter.message_id)), path)
}

/// Writes messages as JSON lines.
///
/// # Errors
/// If it could not be written completely: then nothing was.
pub fn write<'a>(entries: impl Iterator<Item = &'a DeadLetter>, path: &Path) -> Result<(), DlqError> {
    let written = private::write_new(path, |file| {
        for entry in entries {
            serde_json::to_writer(&mut *file, &document(&exported(entry))?)?;
            file.write_all(b"\n")?;
        }
        Ok(())
    });
    written.map_err(|why| {
        // What came to be there since it was asked.
        target(path).err().unwrap_or_else(|| DlqError::Unwritten {
            path: path.display().to_string(),
            why: why.to_string(),
        })
    })
}
