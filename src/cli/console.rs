//! Output of commands: documents go to stdout, sentences and progress to stderr.
//!
//! Nothing here panics on a closed pipe, as `println!` and `eprintln!` do: what cannot be written to stderr is dropped, and
//! a closed stdout ends the command quietly, as with any other tool. Escape sequences in quoted text never reach the
//! terminal.

use std::fmt::Display;
use std::io::{self, ErrorKind, IsTerminal as _, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use super::failure::Failure;
use crate::domain::Unknown;
use crate::domain::text::{plain, plain_lines};
use crate::words::Words;

/// Returns to the start of the line and clears it.
const CLEAR: &str = "\r\x1b[K";

/// Whether a progress line is on the terminal.
static IN_PROGRESS: AtomicBool = AtomicBool::new(false);

/// Prints a sentence on stderr.
pub(super) fn say(sentence: impl Display) {
    clear();
    whisper(&mut io::stderr(), &format!("pitagora: {}\n", harmless(sentence)));
}

/// Prints a sentence on a new line: a terminal shows `^C` on the current one.
pub(super) fn say_below(sentence: impl Display) {
    clear();
    whisper(&mut io::stderr(), &format!("\npitagora: {}\n", harmless(sentence)));
}

/// Prints a question on stderr without a line break, for the answer.
pub(super) fn ask(question: impl Display) {
    clear();
    whisper(&mut io::stderr(), &format!("pitagora: {}", harmless(question)));
}

/// Prints on stderr what is unknown, and why.
pub(super) fn say_unknown(unknown: &[&Unknown]) {
    let words = Words::utc();
    for Unknown { what, why } in unknown {
        let (what, why) = (words.say(what), words.say(why));
        say(format_args!("unknown: {}: {}.", plain(&what), plain(&why)));
    }
}

/// Replaces the progress line, if stderr is a terminal.
pub(super) fn progress(text: impl Display) {
    if io::stderr().is_terminal() {
        IN_PROGRESS.store(true, Ordering::Relaxed);
        whisper(&mut io::stderr(), &format!("{CLEAR}{}", plain(&text.to_string())));
    }
}

/// Removes the progress line.
pub(super) fn clear() {
    if IN_PROGRESS.swap(false, Ordering::Relaxed) {
        whisper(&mut io::stderr(), CLEAR);
    }
}

/// Prints a document to stdout. `false` if the reader has closed the pipe.
///
/// # Errors
///
/// If it could not be written for another reason; `what` names the document, such as "the graph".
pub(super) fn print(what: &str, text: &str) -> Result<bool, Failure> {
    clear();
    write(&mut io::stdout().lock(), what, text)
}

fn harmless(sentence: impl Display) -> String {
    plain_lines(&sentence.to_string()).into_owned()
}

fn whisper(to: &mut impl Write, text: &str) {
    // There is nowhere left to report a closed stderr.
    let _ = to.write_all(text.as_bytes()).and_then(|()| to.flush());
}

fn write(to: &mut impl Write, what: &str, text: &str) -> Result<bool, Failure> {
    match to.write_all(text.as_bytes()).and_then(|()| to.flush()) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(Failure::usage(format_args!(
            "Could not write {what} to stdout: {error}."
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fails at every write.
    struct Deaf(ErrorKind);

    impl Write for Deaf {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Err(self.0.into())
        }
    }

    #[test]
    fn a_closed_pipe_ends_quietly() {
        let (reader, mut writer) = io::pipe().expect("a pipe");
        drop(reader);
        assert_eq!(write(&mut writer, "the graph", "text"), Ok(false));
        whisper(&mut writer, "text");
    }

    #[test]
    fn a_failed_write_to_stdout_is_reported_and_one_to_stderr_is_dropped() {
        let failed = write(&mut Deaf(ErrorKind::StorageFull), "the graph", "text").expect_err("no room");
        assert_eq!(
            failed.to_string(),
            "Could not write the graph to stdout: no storage space."
        );
        for kind in [ErrorKind::StorageFull, ErrorKind::BrokenPipe] {
            whisper(&mut Deaf(kind), "text");
        }
        assert_eq!(write(&mut Vec::new(), "the graph", "text"), Ok(true));
    }
}
