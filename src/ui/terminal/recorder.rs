//! A recording of what the terminal is shown, for asciinema: [asciicast v2].
//!
//! [asciicast v2]: https://docs.asciinema.org/manual/asciicast/v2/

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::config::private;

/// A recording under way. It has the frames alone: nothing that goes to the clipboard, and no keys.
#[derive(Debug)]
pub struct Recorder {
    file: Option<BufWriter<File>>,
    began: Instant,
    size: Option<(u16, u16)>,
}

impl Recorder {
    /// A new file, for its owner alone.
    ///
    /// # Errors
    /// If something of that name is there, or it cannot be made.
    pub fn create(path: &Path) -> io::Result<Self> {
        Ok(Self {
            file: Some(BufWriter::new(private::create(path)?)),
            began: Instant::now(),
            size: None,
        })
    }

    /// Takes a frame down: the bytes that draw it on a screen of that size.
    pub(super) fn frame(&mut self, size: (u16, u16), bytes: &[u8]) {
        let time = self.began.elapsed();
        let text = self.events(size, time, bytes);
        if let Some(file) = &mut self.file
            && let Err(error) = file.write_all(text.as_bytes()).and_then(|()| file.flush())
        {
            // The screen goes on without it.
            tracing::warn!(%error, "the recording ended");
            self.file = None;
        }
    }

    fn events(&mut self, size: (u16, u16), time: Duration, bytes: &[u8]) -> String {
        let (width, height) = size;
        let seconds = (time.as_secs_f64() * 1_000.0).round() / 1_000.0;
        let mut text = String::new();
        match self.size.replace(size) {
            None => {
                let header = json!({"version": 2, "width": width, "height": height, "env": {"TERM": "xterm-256color"}});
                let _ = write!(text, "{header}\n{}\n", json!([0.0, "o", "\u{1b}[?25l"]));
            }
            Some(before) if before != size => {
                let _ = writeln!(text, "{}", json!([seconds, "r", format!("{width}x{height}")]));
            }
            Some(_) => {}
        }
        let _ = writeln!(text, "{}", json!([seconds, "o", String::from_utf8_lossy(bytes)]));
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recording_has_a_header_and_an_event_a_frame() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("run.cast");
        let mut recorder = Recorder::create(&path).expect("a new file");
        recorder.frame((80, 24), "\u{1b}[Hチェーン".as_bytes());
        recorder.frame((80, 24), b"more");
        recorder.frame((120, 40), b"larger");
        let text = std::fs::read_to_string(&path).expect("a recording");
        let lines: Vec<serde_json::Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect();
        assert_eq!((&lines[0]["version"], &lines[0]["width"]), (&json!(2), &json!(80)));
        let kinds: Vec<&str> = lines[1..].iter().filter_map(|event| event[1].as_str()).collect();
        assert_eq!(kinds, ["o", "o", "o", "r", "o"]);
        assert_eq!(lines[2][2], "\u{1b}[Hチェーン");
        assert_eq!(lines[4][2], "120x40");
        assert!(Recorder::create(&path).is_err(), "nothing is written over");
    }
}
