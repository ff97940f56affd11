//! Where commands write: documents to stdout, sentences and progress to stderr.
//!
//! Nothing here can panic, as `println!` and `eprintln!` do when nobody listens any more: what cannot be said on stderr is
//! dropped, and a reader of stdout that went away ends the command quietly, as with any other tool.

use std::fmt::Display;
use std::io::{self, ErrorKind, IsTerminal as _, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use super::failure::Failure;
use crate::domain::Unknown;
use crate::domain::text::plain;
use crate::words::Words;

/// Back to the start of the line, which is cleared.
const CLEAR: &str = "\r\x1b[K";

/// Whether a progress line is on the terminal.
static IN_PROGRESS: AtomicBool = AtomicBool::new(false);

/// Says a sentence on stderr.
pub(super) fn say(sentence: impl Display) {
    clear();
    whisper(&mut io::stderr(), &format!("pitagora: {sentence}\n"));
}

/// Says a sentence on a line of its own: a terminal shows `^C` on the one before.
pub(super) fn say_below(sentence: impl Display) {
    clear();
    whisper(&mut io::stderr(), &format!("\npitagora: {sentence}\n"));
}

/// Asks on stderr, and leaves the line open for the answer.
pub(super) fn ask(question: impl Display) {
    clear();
    whisper(&mut io::stderr(), &format!("pitagora: {question}"));
}

/// Says on stderr what is unknown, and why.
pub(super) fn say_unknown(unknown: &[&Unknown]) {
    let words = Words::utc();
    for Unknown { what, why } in unknown {
        let (what, why) = (words.say(what), words.say(why));
        say(format_args!("unknown: {}: {}.", plain(&what), plain(&why)));
    }
}

/// Writes over the progress line, if stderr is a terminal.
pub(super) fn progress(text: impl Display) {
    if io::stderr().is_terminal() {
        IN_PROGRESS.store(true, Ordering::Relaxed);
        whisper(&mut io::stderr(), &format!("{CLEAR}{text}"));
    }
}

/// Takes the progress line away.
pub(super) fn clear() {
    if IN_PROGRESS.swap(false, Ordering::Relaxed) {
        whisper(&mut io::stderr(), CLEAR);
    }
}

/// Prints a text to stdout. False if nobody reads it any more.
///
/// # Errors
///
/// If it could not be written for any other reason; `what` names it there, as in "The graph".
pub(super) fn print(what: &str, text: &str) -> Result<bool, Failure> {
    clear();
    write(&mut io::stdout().lock(), what, text)
}

fn whisper(to: &mut impl Write, text: &str) {
    // Nobody is left to be told that nobody listens.
    let _ = to.write_all(text.as_bytes()).and_then(|()| to.flush());
}

fn write(to: &mut impl Write, what: &str, text: &str) -> Result<bool, Failure> {
    match to.write_all(text.as_bytes()).and_then(|()| to.flush()) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(Failure::usage(format_args!(
            "{what} could not be written ({error}): check where stdout leads."
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
        assert_eq!(write(&mut writer, "The graph", "text"), Ok(false));
        whisper(&mut writer, "text");
    }

    #[test]
    fn what_cannot_be_written_is_told_and_what_cannot_be_said_is_dropped() {
        let failed = write(&mut Deaf(ErrorKind::StorageFull), "The graph", "text").expect_err("no room");
        assert_eq!(
            failed.to_string(),
            "The graph could not be written (no storage space): check where stdout leads."
        );
        for kind in [ErrorKind::StorageFull, ErrorKind::BrokenPipe] {
            whisper(&mut Deaf(kind), "text");
        }
        assert_eq!(write(&mut Vec::new(), "The graph", "text"), Ok(true));
    }
}
