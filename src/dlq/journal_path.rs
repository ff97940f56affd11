//! Where files about a queue lie.

use std::path::PathBuf;

use jiff::Timestamp;

use super::{DlqError, DlqService};

/// A queue's name as a part of a file's.
#[must_use]
pub fn file_name(queue: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    queue.chars().map(|c| if is_plain(c) { c } else { '_' }).collect()
}

/// A file for messages of a queue, in the current directory.
#[must_use]
pub fn letters_file(queue: &str, now: Timestamp) -> String {
    format!("{}-{}.jsonl", file_name(queue), now.strftime("%Y%m%dT%H%M%S"))
}

impl DlqService {
    /// The journal of a redrive that starts now.
    ///
    /// # Errors
    /// If there is no home directory.
    pub fn journal_path(&self, queue: &str) -> Result<PathBuf, DlqError> {
        let folder = self.context.journals.as_ref().ok_or(DlqError::NoHome)?;
        let time = self.clock().now().strftime("%Y%m%dT%H%M%S%.3f").to_string();
        Ok(folder.join(format!("{}-{time}.jsonl", file_name(queue))))
    }
}
