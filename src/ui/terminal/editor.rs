//! A text is edited in the editor that the person uses for everything else.

use std::fs;
use std::io::{self, Write as _};
use std::path::PathBuf;

use tokio::process::Command;

use crate::config::private;
use crate::signals::{Ending, Signal, Signals};

pitagora_core::phrases! {
    /// Why nothing came back from the editor. Each prints as a sentence without its full stop; nothing changed then.
    pub enum EditError in "editor" {
        NoFile { why: String },
        NotStarted { why: String },
        Unread { why: String },
        /// The editor says that it failed.
        Failed { status: String },
        /// The end of the editor is unknown.
        Lost { why: String },
    }
}

/// What came of it.
pub(crate) enum Edited {
    /// The text as it is now, or why there is none.
    Back(Result<String, EditError>),
    /// A signal ended it, and the program with it.
    Ended(Ending),
}

/// Lets a text be edited; the terminal must have been given back.
///
/// The text lies in a file that only its owner can read, and that is removed afterwards: dead letters hold what customers
/// sent.
pub(crate) async fn edit(text: String, signals: &mut Signals) -> Edited {
    match attempt(&text, signals).await {
        Ok(ended) => ended,
        Err(why) => Edited::Back(Err(why)),
    }
}

async fn attempt(text: &str, signals: &mut Signals) -> Result<Edited, EditError> {
    let draft = Draft::write(text).map_err(|why| EditError::NoFile { why: why.to_string() })?;
    let editor = editor();
    // Through the shell, as other programs do it: the variable may hold arguments.
    let mut child = Command::new("sh")
        .args(["-c", &format!("exec {editor} \"$1\""), "sh"])
        .arg(&draft.0)
        .kill_on_drop(true)
        .spawn()
        .map_err(|why| EditError::NotStarted { why: why.to_string() })?;
    let ended = loop {
        tokio::select! {
            ended = child.wait() => break ended,
            signal = signals.next() => match signal {
                // What is typed in the editor is for the editor.
                Signal::End(Ending::Interrupt | Ending::Quit) | Signal::Stop | Signal::Continue | Signal::Resize => {}
                Signal::End(ending) => return Ok(Edited::Ended(ending)),
            },
        }
    };
    match ended {
        Ok(status) if status.success() => {
            let text = fs::read_to_string(&draft.0).map_err(|why| EditError::Unread { why: why.to_string() })?;
            Ok(Edited::Back(Ok(text)))
        }
        Ok(status) => Err(EditError::Failed {
            status: status.to_string(),
        }),
        Err(error) => Err(EditError::Lost { why: error.to_string() }),
    }
}

fn editor() -> String {
    chosen(|name| std::env::var(name).ok()).0
}

/// The editor, and the variable that names it.
pub(crate) fn chosen(var: impl Fn(&str) -> Option<String>) -> (String, Option<&'static str>) {
    let set = |name| var(name).filter(|value| !value.trim().is_empty());
    let named = ["VISUAL", "EDITOR"]
        .into_iter()
        .find_map(|name| Some((set(name)?, Some(name))));
    named.unwrap_or_else(|| ("vi".to_owned(), None))
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
        private::create(&path)?.write_all(text.as_bytes())?;
        Ok(Self(path))
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // Where it cannot be removed it stays for its owner alone.
        let _ = fs::remove_file(&self.0);
    }
}
