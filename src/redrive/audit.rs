//! One line for each act, kept for good.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use jiff::Timestamp;
use serde::Serialize;

/// Who did what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Act<'a> {
    /// When, in account time.
    pub at: Timestamp,
    /// The ARN of whose credentials were used.
    pub who: &'a str,
    /// `redrive`, `resume`, `move-task`, ….
    pub what: &'a str,
    /// How many messages were moved.
    pub messages: usize,
    /// The queue.
    pub from: &'a str,
    /// Where to, as ARNs.
    pub to: Vec<&'a str>,
    /// The journal, where there is one.
    pub journal: Option<&'a Path>,
}

/// Adds a line to the file, which only its owner may read.
pub fn write(file: &Path, act: &Act<'_>) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut line = serde_json::to_string(act)?;
    line.push('\n');
    let mut file = OpenOptions::new().append(true).create(true).mode(0o600).open(file)?;
    // In one write: lines of two processes do not mix.
    file.write_all(line.as_bytes())?;
    file.sync_data()
}
