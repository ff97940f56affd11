//! Files and folders for their owner alone: what the program writes tells of an account, and dead letters hold what customers
//! sent. Nothing is written through a link, and a file is there whole or not at all.

use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, FileType, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::{DirBuilderExt as _, FileTypeExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags};
use rustix::io::Errno;

/// What stands where a regular file is wanted. Prints as a part of a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoFile {
    /// Whoever writes through it writes elsewhere.
    #[error("a symbolic link")]
    Link,
    /// A directory.
    #[error("a folder")]
    Folder,
    /// It keeps nothing.
    #[error("a named pipe")]
    Pipe,
    /// It keeps nothing, or is a disk.
    #[error("a device")]
    Device,
    /// Anything else.
    #[error("something else")]
    Other,
}

impl NoFile {
    /// What a thing is that is no regular file; `None` for one that is.
    #[must_use]
    pub fn of(kind: FileType) -> Option<Self> {
        match kind {
            _ if kind.is_file() => None,
            _ if kind.is_symlink() => Some(Self::Link),
            _ if kind.is_dir() => Some(Self::Folder),
            _ if kind.is_fifo() => Some(Self::Pipe),
            _ if kind.is_block_device() || kind.is_char_device() => Some(Self::Device),
            _ => Some(Self::Other),
        }
    }

    fn refuse(kind: FileType) -> io::Result<()> {
        Self::of(kind).map_or(Ok(()), |what| Err(io::Error::new(io::ErrorKind::InvalidInput, what)))
    }
}

/// Makes a folder and those above it, as far as they are missing, with mode 0700.
///
/// # Errors
/// If one cannot be made.
pub fn folder(path: &Path) -> io::Result<()> {
    if path.as_os_str().is_empty() {
        return Ok(());
    }
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Makes the folder of a file.
///
/// # Errors
/// If it cannot be made.
pub fn folder_of(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), folder)
}

/// A new file with mode 0600.
///
/// # Errors
/// If something of that name is there, were it a link that leads nowhere.
pub fn create(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

/// A file to be written on at its end, made where it is missing, with mode 0600 also where an earlier version was less strict.
///
/// # Errors
/// If what is there is no regular file.
pub fn append(path: &Path) -> io::Result<File> {
    open(OpenOptions::new().append(true).create(true), path)
}

/// A file that is there, to be read and written on.
///
/// # Errors
/// If there is none, or it is no regular file.
pub fn reopen(path: &Path) -> io::Result<File> {
    open(OpenOptions::new().read(true).write(true), path)
}

fn open(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    // Said in words where it can be; what changes in between is found by the flags: a pipe nobody reads is not waited for.
    if let Ok(there) = fs::symlink_metadata(path) {
        NoFile::refuse(there.file_type())?;
    }
    let flags = libc::O_NOFOLLOW | libc::O_NONBLOCK;
    let file = options.mode(0o600).custom_flags(flags).open(path)?;
    let there = file.metadata()?;
    NoFile::refuse(there.file_type())?;
    if there.permissions().mode() & 0o077 != 0 {
        file.set_permissions(fs::Permissions::from_mode(0o600))?;
    }
    Ok(file)
}

/// Writes a file that is not there yet, or that is empty: whole, to the disk, or not at all.
///
/// # Errors
/// If something else is there, or the disk fails: nothing was written.
pub fn write_new(path: &Path, content: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let has_place = is_placeholder(path)?;
    write_beside(path, content, |beside| {
        if has_place {
            fs::rename(beside, path)
        } else {
            rename_new(beside, path)
        }
    })
}

/// Writes a file of the program's own in place of the one that is there: whole, to the disk, or not at all. What has its name
/// is replaced, never written through.
///
/// # Errors
/// If it could not be written: an existing file is unchanged.
pub fn write_over(path: &Path, content: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    write_beside(path, content, |beside| fs::rename(beside, path))
}

/// Whether an empty file is there, which `mktemp` makes to keep a name. False if nothing is.
fn is_placeholder(path: &Path) -> io::Result<bool> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
        Ok(there) => {
            NoFile::refuse(there.file_type())?;
            if there.len() > 0 {
                return Err(io::ErrorKind::AlreadyExists.into());
            }
            Ok(true)
        }
    }
}

fn write_beside(
    path: &Path,
    content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    publish: impl FnOnce(&Path) -> io::Result<()>,
) -> io::Result<()> {
    let (beside, file) = beside(path)?;
    let written = filled(file, content).and_then(|()| publish(&beside));
    if written.is_err() {
        // What is half written helps nobody; that it stays is not worth a second error.
        let _ = fs::remove_file(&beside);
    }
    written?;
    sync_folder(path)
}

/// A new file beside another, with a name that nothing has.
///
/// # Errors
/// If none can be made there.
pub fn beside(path: &Path) -> io::Result<(PathBuf, File)> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    loop {
        let mut beside = OsString::from(".");
        beside.push(name);
        beside.push(format!(".{:016x}.new", fastrand::u64(..)));
        let beside = path.with_file_name(beside);
        match create(&beside) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            made => return made.map(|file| (beside, file)),
        }
    }
}

/// Gives a file its name, where nothing has that name.
///
/// # Errors
/// [`io::ErrorKind::AlreadyExists`] if something has.
pub fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    match rustix::fs::renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        // A file system that cannot say it in one call.
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => match fs::symlink_metadata(to) {
            Ok(_) => Err(io::ErrorKind::AlreadyExists.into()),
            Err(_) => fs::rename(from, to),
        },
        renamed => Ok(renamed?),
    }
}

/// A name is on the disk once its folder is.
///
/// # Errors
/// If the disk refuses.
pub fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new("."))).and_then(|folder| folder.sync_all())
}

fn filled(file: File, content: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut file = BufWriter::new(file);
    content(&mut file)?;
    file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn one(file: &mut dyn Write) -> io::Result<()> {
        file.write_all(b"one\n")
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).expect("is there").permissions().mode() & 0o777
    }

    /// A named pipe of the test's own.
    fn pipe(path: &Path) {
        rustix::fs::mkfifoat(CWD, path, rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR).expect("a pipe");
    }

    #[test]
    fn files_and_folders_are_for_their_owner() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a/b/letters.jsonl");
        folder_of(&path).expect("made");
        folder_of(&path).expect("there already");
        write_new(&path, one).expect("written");
        assert_eq!(fs::read_to_string(&path).expect("a text"), "one\n");
        assert_eq!(mode(&path), 0o600);
        assert_eq!(
            [mode(&folder.path().join("a")), mode(&folder.path().join("a/b"))],
            [0o700; 2]
        );
        write_over(&path, |file| file.write_all(b"two\n")).expect("written over");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("as it was once");
        append(&path)
            .and_then(|mut file| file.write_all(b"three\n"))
            .expect("appended");
        assert_eq!(fs::read_to_string(&path).expect("a text"), "two\nthree\n");
        assert_eq!(mode(&path), 0o600);
    }

    #[test]
    fn nothing_is_written_but_a_regular_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        fs::write(at("theirs"), "theirs").expect("a file");
        symlink(at("theirs"), at("link")).expect("a link");
        symlink(at("nowhere"), at("dangling")).expect("a link");
        fs::create_dir(at("below")).expect("a folder");
        pipe(&at("pipe"));
        let before = fs::read_dir(folder.path()).expect("a folder").count();
        for (name, what) in [
            ("link", NoFile::Link),
            ("dangling", NoFile::Link),
            ("below", NoFile::Folder),
            ("pipe", NoFile::Pipe),
        ] {
            for refused in [
                write_new(&at(name), one),
                append(&at(name)).map(drop),
                reopen(&at(name)).map(drop),
            ] {
                assert_eq!(refused.expect_err(name).to_string(), what.to_string(), "{name}");
            }
            assert_eq!(create(&at(name)).expect_err(name).kind(), io::ErrorKind::AlreadyExists);
        }
        let there = write_new(&at("theirs"), one).expect_err("is there");
        assert_eq!(there.kind(), io::ErrorKind::AlreadyExists);
        let there = rename_new(&at("pipe"), &at("dangling")).expect_err("is there");
        assert_eq!(there.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read_to_string(at("theirs")).expect("a text"), "theirs");
        assert!(!at("nowhere").exists());
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), before);
    }

    #[test]
    fn a_name_that_was_kept_by_an_empty_file_is_used() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("kept");
        fs::write(&path, "").expect("made");
        write_new(&path, one).expect("written");
        assert_eq!(
            (fs::read_to_string(&path).expect("a text"), mode(&path)),
            ("one\n".into(), 0o600)
        );
    }

    #[test]
    fn what_fails_leaves_the_old_and_nothing_beside_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("letters.jsonl");
        fs::write(&path, "old").expect("a file");
        let failed = write_over(&path, |file| {
            file.write_all(b"half")?;
            Err(io::Error::other("full"))
        });
        assert!(failed.is_err());
        assert_eq!(fs::read_to_string(&path).expect("a text"), "old");
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
    }
}
