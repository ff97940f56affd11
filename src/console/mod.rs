//! Output of commands: documents go to stdout, sentences and progress to stderr. Escape sequences in quoted text never reach
//! the terminal.
//!
//! Nothing here panics on a closed pipe, as `println!` and `eprintln!` do: what cannot be written to stderr is dropped, and a
//! closed stdout ends the command quietly, as with any other tool. Threads write, and no sentence waits for its reader: a
//! redrive goes on, and can be stopped, although nobody reads what it says.

mod lines;
pub mod outlet;

use std::fmt::Display;
use std::io::{self, ErrorKind, IsTerminal as _};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use lines::{Documents, Lines};
use outlet::Outlet;

use crate::domain::Unknown;
use crate::domain::text::{plain, plain_lines};
use crate::signals;
use crate::words::Words;

/// How long to wait for a reader who takes nothing, once a signal is ending the program.
const LAST: Duration = Duration::from_millis(300);

static STDERR: LazyLock<Outlet<Lines>> = LazyLock::new(|| Outlet::new(io::stderr(), Lines::default()).0);
static STDOUT: LazyLock<Outlet<Documents>> = LazyLock::new(|| Outlet::new(io::stdout(), Documents::default()).0);
/// Set once the program ends without waiting for readers.
static HURRIED: AtomicBool = AtomicBool::new(false);

/// Why a document was not printed, as a sentence.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum PrintError {
    /// Writing to stdout failed.
    #[error("Could not write {what} to stdout: {why}.")]
    Unwritten {
        /// The document, such as "the graph".
        what: String,
        /// The system's reason.
        why: ErrorKind,
    },
    /// A signal is ending the program, and nobody reads stdout.
    #[error("Stopped while nobody was reading stdout: not all of {what} was printed.")]
    Stopped {
        /// The document, such as "the graph".
        what: String,
    },
}

/// Prints a sentence on stderr.
pub fn say(sentence: impl Display) {
    let text = format!("pitagora: {}\n", harmless(sentence));
    STDERR.feed(|lines| lines.say(&text));
}

/// Prints a sentence on a new line: a terminal shows `^C` on the current one.
pub fn say_below(sentence: impl Display) {
    let text = format!("\npitagora: {}\n", harmless(sentence));
    STDERR.feed(|lines| lines.say(&text));
}

/// Prints a question on stderr without a line break, for the answer.
pub fn ask(question: impl Display) {
    let text = format!("pitagora: {}", harmless(question));
    STDERR.feed(|lines| lines.say(&text));
}

/// Prints on stderr what is unknown, and why.
pub fn say_unknown(unknown: &[&Unknown]) {
    let words = Words::utc();
    for Unknown { what, why } in unknown {
        let (what, why) = (words.say(what), words.say(why));
        say(format_args!("unknown: {}: {}.", plain(&what), plain(&why)));
    }
}

/// Says what was not read for want of a permission that the chain is complete without.
pub fn say_optional(optional: &[Unknown]) {
    let words = Words::utc();
    for Unknown { what, why } in optional {
        let (what, why) = (words.say(what), words.say(why));
        say(format_args!("optional: {}: {}.", plain(&what), plain(&why)));
    }
}

/// Replaces the progress line, if stderr is a terminal.
pub fn progress(text: impl Display) {
    if io::stderr().is_terminal() {
        let text = plain(&text.to_string()).into_owned();
        STDERR.feed(|lines| lines.progress(text));
    }
}

/// Removes the progress line.
pub fn clear() {
    STDERR.feed(Lines::clear);
}

/// Prints a document to stdout, after all sentences so far. `false` if the reader has closed the pipe.
///
/// # Errors
/// If it could not be written for another reason, or a signal ends the program while nobody reads; `what` names the document,
/// such as "the graph".
pub fn print(what: &str, text: &str) -> Result<bool, PrintError> {
    clear();
    // A closed stderr does not keep the document from being printed.
    let _ = STDERR.drained(is_worth_it);
    write(&STDOUT, what, text, is_worth_it)
}

fn harmless(sentence: impl Display) -> String {
    plain_lines(&sentence.to_string()).into_owned()
}

fn write(
    to: &Outlet<Documents>,
    what: &str,
    text: &str,
    is_worth_it: impl FnMut(Duration) -> bool,
) -> Result<bool, PrintError> {
    to.feed(|documents| documents.0.extend_from_slice(text.as_bytes()));
    let what = what.to_owned();
    match to.drained(is_worth_it) {
        Ok(true) => Ok(true),
        Ok(false) => Err(PrintError::Stopped { what }),
        Err(ErrorKind::BrokenPipe) => Ok(false),
        Err(why) => Err(PrintError::Unwritten { what, why }),
    }
}

/// Whether to go on waiting for a reader: a slow one is waited for until the program is ending.
fn is_worth_it(idle: Duration) -> bool {
    idle < LAST || !(HURRIED.load(Ordering::Relaxed) || signals::obeyed().is_some())
}

/// From now on, does not wait for readers who take nothing.
pub fn hurry() {
    HURRIED.store(true, Ordering::Relaxed);
}

/// Waits until everything is written. The last thing the program does.
pub fn finish() {
    // There is nowhere left to report a closed stderr.
    let _ = STDERR.drained(is_worth_it);
}

#[cfg(test)]
mod tests {
    use std::fs::OpenOptions;

    use super::*;

    #[test]
    fn a_closed_pipe_ends_quietly() {
        let (reader, writer) = io::pipe().expect("a pipe");
        drop(reader);
        let outlet = Outlet::new(writer, Documents::default()).0;
        assert_eq!(write(&outlet, "the graph", "text", |_| true), Ok(false));
        assert_eq!(write(&outlet, "the graph", "more", |_| true), Ok(false));
    }

    #[test]
    fn what_cannot_be_written_is_told() {
        let full = OpenOptions::new().write(true).open("/dev/full").expect("a full device");
        let outlet = Outlet::new(full, Documents::default()).0;
        let failed = write(&outlet, "the graph", "text", |_| true).expect_err("no room");
        assert_eq!(
            failed.to_string(),
            "Could not write the graph to stdout: no storage space."
        );
    }

    #[test]
    fn a_reader_who_does_not_read_is_not_waited_for_when_it_is_to_end() {
        let (_reader, writer) = io::pipe().expect("a pipe");
        let outlet = Outlet::new(writer, Documents::default()).0;
        let failed = write(&outlet, "the graph", &"x".repeat(1 << 21), |_| false).expect_err("nobody reads");
        assert_eq!(
            failed.to_string(),
            "Stopped while nobody was reading stdout: not all of the graph was printed."
        );
    }
}
