//! A text is edited in the editor that the person uses for everything else.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use tokio::process::Command;

use super::signals::{Signal, Signals};

/// What came of it.
pub(super) enum Edited {
    /// The text as it is now, or why there is none.
    Back(Result<String, String>),
    /// A signal ended it, and the program with it.
    Ended(Signal),
}

/// Lets a text be edited; the terminal must have been given back. Errors are sentences: nothing changed then.
///
/// The text lies in a file that only its owner can read, and that is removed afterwards: dead letters hold what customers
/// sent.
pub(super) async fn edit(text: String, signals: &mut Signals) -> Edited {
    match attempt(&text, signals).await {
        Ok(ended) => ended,
        Err(why) => Edited::Back(Err(why)),
    }
}

async fn attempt(text: &str, signals: &mut Signals) -> Result<Edited, String> {
    let draft = Draft::write(text).map_err(|error| format!("no file for the editor could be written ({error})"))?;
    let editor = editor();
    // Through the shell, as other programs do it: the variable may hold arguments.
    let mut child = Command::new("sh")
        .args(["-c", &format!("exec {editor} \"$1\""), "sh"])
        .arg(&draft.0)
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| format!("the editor could not be started ({error}): set EDITOR"))?;
    let ended = loop {
        tokio::select! {
            ended = child.wait() => break ended,
            // Ctrl-C in the editor is for the editor.
            signal = signals.next() => if matches!(signal, Signal::Terminate | Signal::HangUp) {
                return Ok(Edited::Ended(signal));
            },
        }
    };
    match ended {
        Ok(status) if status.success() => {
            let text = fs::read_to_string(&draft.0);
            let text = text.map_err(|error| format!("the edited letter could not be read ({error})"))?;
            Ok(Edited::Back(Ok(text)))
        }
        Ok(status) => Err(format!("the editor ended with {status}: nothing was changed")),
        Err(error) => Err(format!("the editor did not end well ({error}): nothing was changed")),
    }
}

fn editor() -> String {
    let set = |name| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
    set("VISUAL")
        .or_else(|| set("EDITOR"))
        .unwrap_or_else(|| "vi".to_owned())
}

/// A file that is gone when this is dropped.
struct Draft(PathBuf);

impl Draft {
    fn write(text: &str) -> io::Result<Self> {
        let unique = format!(
            "pitagora-letter-{}-{}.json",
            std::process::id(),
            jiff::Timestamp::now().as_nanosecond()
        );
        let path = std::env::temp_dir().join(unique);
        private(&path)?.write_all(text.as_bytes())?;
        Ok(Self(path))
    }
}

fn private(path: &Path) -> io::Result<fs::File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

impl Drop for Draft {
    fn drop(&mut self) {
        // Where it cannot be removed it stays for its owner alone.
        let _ = fs::remove_file(&self.0);
    }
}
