//! Edited bodies of a redrive, kept beside its journal until their messages are deleted: a resumed redrive uses the edit
//! and never the original, and a mistake can be undone. Readable by the owner only.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::route::Edit;
use crate::config::private;

fn beside(journal: &Path) -> PathBuf {
    let mut name = OsString::from(journal.as_os_str());
    name.push(".edits");
    name.into()
}

/// Keeps them before the journal begins. Where there are none there is no file.
pub fn keep(journal: &Path, edits: &BTreeMap<String, Edit>) -> io::Result<()> {
    if edits.is_empty() {
        return Ok(());
    }
    private::folder_of(journal)?;
    private::write_over(&beside(journal), |file| Ok(serde_json::to_writer(file, edits)?))
}

/// Reads the edits of a resumed journal.
pub fn read(journal: &Path) -> io::Result<BTreeMap<String, Edit>> {
    match fs::read(beside(journal)) {
        Ok(text) => Ok(serde_json::from_slice(&text)?),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(BTreeMap::new()),
        Err(error) => Err(error),
    }
}

/// Removes the edits: their messages are deleted, or nothing was started.
pub fn forget(journal: &Path) -> io::Result<()> {
    match fs::remove_file(beside(journal)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_kept_for_the_owner_and_forgotten() {
        let folder = tempfile::tempdir().expect("a folder");
        let journal = folder.path().join("deep/run.jsonl");
        let edit = Edit {
            original: "old \u{3000}".into(),
            body: "new".into(),
        };
        let edits = BTreeMap::from([("m".to_owned(), edit)]);
        keep(&journal, &edits).expect("kept");
        assert_eq!(read(&journal).expect("read"), edits);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = fs::metadata(beside(&journal)).expect("a file").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        forget(&journal).expect("forgotten");
        forget(&journal).expect("nothing to forget");
        assert_eq!(read(&journal).expect("read"), BTreeMap::new());
        keep(&journal, &BTreeMap::new()).expect("nothing to keep");
        assert!(!beside(&journal).exists());
    }
}
