//! The demonstration's own folder: what a redrive writes of an account that ends with the program lies nowhere else.

use std::fs::{self, DirBuilder};
use std::io::{self, ErrorKind};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

/// A temporary folder that nobody else can read.
pub(super) struct Papers {
    folder: PathBuf,
}

impl Papers {
    /// Makes it.
    ///
    /// # Errors
    /// If there is no place for temporary files.
    pub(super) fn make() -> io::Result<Self> {
        let (all, own) = (std::env::temp_dir(), std::process::id());
        let mut number = 0_u32;
        loop {
            let folder = all.join(format!("pitagora-demo-{own}-{number}"));
            // One that is there already may be somebody else's.
            match DirBuilder::new().mode(0o700).create(&folder) {
                Ok(()) => return Ok(Self { folder }),
                Err(error) if error.kind() == ErrorKind::AlreadyExists && number < 1_000 => number += 1,
                Err(error) => return Err(error),
            }
        }
    }

    /// Where it is.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The folder of the journals.
    pub(super) fn journals(&self) -> PathBuf {
        self.folder.join("redrive")
    }

    /// The file of audit lines.
    pub(super) fn audit(&self) -> PathBuf {
        self.folder.join("audit.jsonl")
    }
}

impl Drop for Papers {
    /// Without its account a journal is of no use. The report of a panic stays, and the folder with it.
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(self.journals());
        let _ = fs::remove_file(self.audit());
        let _ = fs::remove_dir(&self.folder);
    }
}
