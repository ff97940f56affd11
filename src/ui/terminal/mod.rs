//! The terminal, taken and given back: on every way out, a panic included, it is as it was.
//!
//! A thread of its own writes to it: a terminal that takes no more output holds up nobody.

mod canvas;
pub(crate) mod editor;
pub(super) mod keyboard;
mod picture;

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::ThreadId;
use std::time::Duration;

use crossterm::terminal::{disable_raw_mode, enable_raw_mode};
use ratatui::layout::{Rect, Size};
use ratatui::{Frame, Terminal};
use rustix::termios::{Action, QueueSelector, tcflow, tcflush};
use tokio::sync::oneshot;

use crate::config::private;
use crate::console;
use crate::console::outlet::Outlet;
use crate::words::Words;
use canvas::Canvas;
use picture::{Mouse, Picture};

/// So long a terminal that takes nothing is waited for before it is given back as it is.
const LAST: Duration = Duration::from_millis(250);

/// The terminal while it is ours, so that whoever ends the program knows whether there is something to give back.
static TAKEN: Mutex<Option<Arc<Outlet<Picture>>>> = Mutex::new(None);
/// The thread that draws. A panic there is the end; one elsewhere (a poller, which is started again) must not touch the
/// screen.
static DRAWS: Mutex<Option<ThreadId>> = Mutex::new(None);
/// Where the report of a panic lies that was not the end.
static SURVIVED: Mutex<Option<Report>> = Mutex::new(None);

pitagora_core::phrases! {
    /// Where the report of a panic is.
    pub enum Report in "panic" {
        Written { path: String },
        Unwritten { why: String },
    }
}

/// A terminal in raw mode on its alternate screen, until this is dropped.
#[derive(Debug)]
pub struct Screen {
    terminal: Terminal<Canvas>,
    outlet: Arc<Outlet<Picture>>,
    fails: oneshot::Receiver<io::Error>,
    mouse: Mouse,
}

impl Screen {
    /// Takes the terminal.
    pub fn enter(mouse: bool) -> io::Result<Self> {
        *lock(&DRAWS) = Some(std::thread::current().id());
        let terminal = Terminal::new(Canvas::default())?;
        let (outlet, fails) = Outlet::new(io::stdout(), Picture::default());
        let screen = Self {
            terminal,
            outlet: Arc::new(outlet),
            fails,
            mouse: whose(mouse),
        };
        screen.take()?;
        Ok(screen)
    }

    /// Columns and rows.
    pub fn size(&self) -> io::Result<(u16, u16)> {
        canvas::size().map(|Size { width, height }| (width, height))
    }

    /// Draws a frame. The terminal gets it when it has taken the one before, unless there is a newer one by then.
    pub fn draw<T>(&mut self, render: impl FnOnce(&mut Frame) -> T) -> io::Result<Option<T>> {
        let mut result = None;
        let drawn = self.terminal.draw(|frame| result = Some(render(frame)))?;
        let frame = drawn.buffer.clone();
        if std::mem::take(&mut self.terminal.backend_mut().is_new) {
            self.outlet.feed(|picture| picture.show(frame));
        }
        Ok(result)
    }

    /// Comes when the terminal cannot be written to any more.
    pub async fn fails(&mut self) -> io::Error {
        let error = (&mut self.fails).await;
        error.unwrap_or_else(|_| io::Error::other("the thread that draws broke down"))
    }

    /// Takes the mouse, or leaves it to the terminal.
    pub fn set_mouse(&mut self, mouse: bool) {
        self.mouse = whose(mouse);
        self.outlet.feed(|picture| picture.wanted = Some(self.mouse));
    }

    /// Puts a text into the clipboard, by OSC 52: also through ssh, where the terminal allows it.
    pub fn copy(&mut self, text: &str) {
        self.outlet.feed(|picture| picture.copied = Some(text.to_owned()));
    }

    /// Makes the next drawing a whole one.
    pub fn forget(&mut self) -> io::Result<()> {
        // Not `clear`: that asks the terminal where its cursor is, and the answer would go to the stream of events.
        let size = canvas::size()?;
        self.outlet.feed(Picture::forget);
        self.terminal.resize(Rect::new(0, 0, size.width, size.height))
    }

    /// Gives the terminal back, stops the program, and takes the terminal again when it goes on.
    pub fn suspend(&mut self, who: Stop) -> io::Result<()> {
        give_back();
        who.stop();
        self.resume()
    }

    /// Gives the terminal to somebody else, and takes it again when they are done.
    pub async fn lend<T>(&mut self, work: impl AsyncFnOnce() -> T) -> io::Result<T> {
        give_back();
        let outcome = work().await;
        self.resume()?;
        Ok(outcome)
    }

    /// Takes the terminal again after somebody else may have changed it.
    pub fn resume(&mut self) -> io::Result<()> {
        self.take()?;
        self.forget()
    }

    fn take(&self) -> io::Result<()> {
        enable_raw_mode()?;
        *lock(&TAKEN) = Some(Arc::clone(&self.outlet));
        self.outlet.feed(|picture| picture.wanted = Some(self.mouse));
        Ok(())
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

fn whose(mouse: bool) -> Mouse {
    if mouse { Mouse::Ours } else { Mouse::Theirs }
}

/// Makes the terminal what it was, as far as it takes what must be written for that. May be called from anywhere, and more
/// than once.
pub fn give_back() {
    let Some(outlet) = lock(&TAKEN).take() else { return };
    outlet.feed(Picture::leave);
    let is_given = || outlet.drained(|idle| idle < LAST) != Ok(false);
    if !is_given() {
        // What waits there was for our screen. Nobody is left to be told where even this fails.
        let _ = tcflush(io::stdout(), QueueSelector::OFlush);
        let _ = tcflow(io::stdout(), Action::OOn);
        is_given();
    }
    let _ = disable_raw_mode();
}

/// Who is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// All that the terminal would stop on Ctrl-Z: `cargo run` too, so that the shell gets its prompt.
    Group,
    /// This process alone, which somebody sent SIGTSTP.
    Process,
}

impl Stop {
    /// Stops, until SIGCONT. Through the shell's `kill`, which every system has: there is no safe way to raise a
    /// signal in the standard library.
    fn stop(self) {
        if cfg!(unix) {
            let target = match self {
                Self::Group => "0".to_owned(),
                Self::Process => std::process::id().to_string(),
            };
            let child = std::process::Command::new("sh")
                .args(["-c", "kill -s STOP \"$1\"", "sh", &target])
                .spawn();
            if let Ok(mut child) = child {
                let _ = child.wait();
            }
        }
    }
}

/// Sees to it that a panic of the screen gives the terminal back before it is told, leaves a report in `directory`, and
/// says where. A panic elsewhere, while the screen goes on, leaves its report
/// and is told on the screen.
pub fn tell_panics(directory: PathBuf) {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if lock(&TAKEN).is_none() {
            before(info);
            return;
        }
        let told = match report(&directory, info) {
            Ok(path) => Report::Written {
                path: path.display().to_string(),
            },
            Err(error) => Report::Unwritten { why: error.to_string() },
        };
        if *lock(&DRAWS) == Some(std::thread::current().id()) {
            give_back();
            // Not the hook of before, which waits for ever where nobody reads.
            console::hurry();
            let told = Words::utc().say(&told.into());
            console::say(format_args!("crashed, and gave the terminal back; {told}. {info}"));
            console::finish();
        } else {
            *lock(&SURVIVED) = Some(told);
        }
    }));
}

/// What a panic elsewhere left to tell, once.
#[must_use]
pub fn survived() -> Option<Report> {
    lock(&SURVIVED).take()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn report(directory: &std::path::Path, info: &std::panic::PanicHookInfo) -> io::Result<PathBuf> {
    private::folder(directory)?;
    let path = directory.join(format!("panic-{}.txt", jiff::Timestamp::now().as_millisecond()));
    let trace = std::backtrace::Backtrace::force_capture();
    let version = env!("CARGO_PKG_VERSION");
    let now = jiff::Timestamp::now();
    write!(
        private::create(&path)?,
        "pitagora {version}, {now}\n\n{info}\n\n{trace}\n"
    )?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_given_back_that_was_not_taken() {
        assert!(lock(&TAKEN).is_none());
        give_back();
        give_back();
    }
}
