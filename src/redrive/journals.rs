//! The journals of a folder that are about one queue.

use std::fs;
use std::path::{Path, PathBuf};

use super::record::Header;
use super::replay::Replay;
use crate::domain::NodeId;

/// The journals about this queue at this endpoint whose header is `wanted`, in the order of their names. A journal that
/// cannot be read is skipped: resuming it reports why.
pub(super) fn of_queue(
    folder: &Path,
    queue: &NodeId,
    endpoint: Option<&str>,
    wanted: impl Fn(&Header) -> bool,
) -> Vec<(PathBuf, Replay)> {
    let Ok(files) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let files = files.filter_map(|file| Some(file.ok()?.path()));
    let mut files: Vec<PathBuf> = files
        .filter(|path| path.extension().is_some_and(|ending| ending == "jsonl"))
        .collect();
    files.sort();
    let read = |path: PathBuf| {
        let text = fs::read(&path).ok()?;
        // The header decides whether to read the rest.
        let head = text.split_inclusive(|byte| *byte == b'\n').next()?;
        let header = Replay::read(head).ok()?.header;
        let is_meant = header.queue == *queue && header.endpoint.as_deref() == endpoint && wanted(&header);
        let replay = is_meant.then(|| Replay::read(&text).ok()).flatten()?;
        Some((path, replay))
    };
    files.into_iter().filter_map(read).collect()
}
