//! Letters in a file, whole or not at all, that only its owner can read.

use std::collections::BTreeSet;
use std::path::Path;

use super::{DlqContents, DlqError};
use crate::dead_letters::DeadLetter;
use crate::dead_letters::export::exported;
use crate::redrive::atomic_file::write_atomic;
use crate::words::document;

/// Writes these letters of a reading to a file that is not there yet.
///
/// # Errors
/// Nothing was written then.
pub fn to_new_file(letters: &DlqContents, ids: &[String], path: &Path) -> Result<(), DlqError> {
    if std::fs::symlink_metadata(path).is_ok() {
        return Err(DlqError::Exists(path.to_owned()));
    }
    let wanted: BTreeSet<&str> = ids.iter().map(String::as_str).collect();
    let meant = letters.entries.iter();
    write(meant.filter(|entry| wanted.contains(&*entry.letter.message_id)), path)
}

/// Writes letters as JSON lines.
///
/// # Errors
/// Nothing was written then.
pub fn write<'a>(entries: impl Iterator<Item = &'a DeadLetter>, path: &Path) -> Result<(), DlqError> {
    let written = write_atomic(path, |file| {
        for entry in entries {
            serde_json::to_writer(&mut *file, &document(&exported(entry))?)?;
            file.write_all(b"\n")?;
        }
        Ok(())
    });
    written.map_err(|why| DlqError::Unwritten {
        path: path.to_owned(),
        why,
    })
}
