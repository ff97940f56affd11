//! The screen as a picture in a file: SVG, and PNG in builds with the feature `screenshots`.

#[cfg(feature = "screenshots")]
pub mod png;
pub mod svg;

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use ratatui::buffer::Buffer;

use crate::config::private;

/// Writes what is on screen into a folder, for its owner alone, under the time of day: the name of the file, the PNG's where one
/// was made.
///
/// # Errors
/// If the file cannot be written.
pub fn save(buffer: &Buffer, folder: &Path, now: Timestamp, zone: &TimeZone) -> io::Result<PathBuf> {
    let picture = svg::svg(buffer);
    let time = now.to_zoned(zone.clone()).strftime("%Y%m%d-%H%M%S").to_string();
    let path = written(folder, &format!("pitagora-{time}"), "svg", picture.as_bytes())?;
    #[cfg(feature = "screenshots")]
    if let Some(png) = as_png(&picture) {
        let stem = path
            .file_stem()
            .map(|stem| stem.to_string_lossy().into_owned())
            .unwrap_or_default();
        return written(folder, &stem, "png", &png);
    }
    Ok(path)
}

/// In pixels, where the fonts are there.
#[cfg(feature = "screenshots")]
fn as_png(picture: &str) -> Option<Vec<u8>> {
    let drawn = png::Fonts::find().and_then(|fonts| fonts.png(picture));
    drawn
        .inspect_err(|error| tracing::warn!(%error, "no PNG was drawn"))
        .ok()
}

/// A file that is not there yet: its name is counted on where others have it.
fn written(folder: &Path, stem: &str, ending: &str, content: &[u8]) -> io::Result<PathBuf> {
    for n in 1..100 {
        let name = if n == 1 {
            format!("{stem}.{ending}")
        } else {
            format!("{stem}-{n}.{ending}")
        };
        let path = folder.join(name);
        match private::create(&path) {
            Ok(mut file) => {
                file.write_all(content)?;
                return Ok(path);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use ratatui::layout::Rect;

    use super::*;

    #[test]
    fn two_pictures_of_one_second_are_two_files_for_their_owner_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let buffer = Buffer::empty(Rect::new(0, 0, 4, 1));
        let now = "2026-11-30T14:03:27Z".parse().expect("a time");
        let save = || save(&buffer, folder.path(), now, &TimeZone::UTC).expect("written");
        let (one, other) = (save(), save());
        assert_ne!(one, other);
        assert!(folder.path().join("pitagora-20261130-140327.svg").exists());
        let mode = one.metadata().expect("a file").permissions().mode() & 0o777;
        assert_eq!(mode, 0o600);
    }
}
