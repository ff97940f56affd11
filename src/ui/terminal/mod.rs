//! The terminal, taken and given back: on every way out, a panic included, it is as it was.

pub(super) mod editor;
pub mod signals;

use std::io::{self, BufWriter, Stdout, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::ThreadId;

use crossterm::clipboard::CopyToClipboard;
use crossterm::event::{DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture};
use crossterm::terminal::{
    BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode,
    enable_raw_mode,
};
use crossterm::{cursor, execute, queue};
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use ratatui::{Frame, Terminal};

use crate::config::private;

/// Whether the terminal is ours, so that a panic anywhere knows whether there is something to give back.
static TAKEN: AtomicBool = AtomicBool::new(false);
/// The thread that draws. A panic there is the end; one elsewhere (a poller, which is started again) must not touch the
/// screen.
static DRAWS: Mutex<Option<ThreadId>> = Mutex::new(None);
/// Where the report of a panic lies that was not the end.
static SURVIVED: Mutex<Option<String>> = Mutex::new(None);

/// A terminal in raw mode on its alternate screen, until this is dropped.
#[derive(Debug)]
pub struct Screen {
    terminal: Terminal<CrosstermBackend<BufWriter<Stdout>>>,
    mouse: bool,
}

impl Screen {
    /// Takes the terminal.
    pub fn enter(mouse: bool) -> io::Result<Self> {
        *lock(&DRAWS) = Some(std::thread::current().id());
        take(mouse)?;
        let backend = CrosstermBackend::new(BufWriter::with_capacity(1 << 16, io::stdout()));
        match Terminal::new(backend) {
            Ok(terminal) => Ok(Self { terminal, mouse }),
            Err(error) => {
                give_back();
                Err(error)
            }
        }
    }

    /// Columns and rows.
    pub fn size(&self) -> io::Result<(u16, u16)> {
        self.terminal.size().map(|size| (size.width, size.height))
    }

    /// Draws a frame, all of it at once where the terminal can.
    pub fn draw<T>(&mut self, render: impl FnOnce(&mut Frame) -> T) -> io::Result<Option<T>> {
        let mut result = None;
        queue!(self.terminal.backend_mut(), BeginSynchronizedUpdate)?;
        self.terminal.draw(|frame| result = Some(render(frame)))?;
        execute!(self.terminal.backend_mut(), EndSynchronizedUpdate)?;
        Ok(result)
    }

    /// Takes the mouse, or leaves it to the terminal.
    pub fn set_mouse(&mut self, mouse: bool) -> io::Result<()> {
        self.mouse = mouse;
        let out = self.terminal.backend_mut();
        if mouse {
            execute!(out, EnableMouseCapture)
        } else {
            execute!(out, DisableMouseCapture)
        }
    }

    /// Puts a text into the clipboard, by OSC 52: also through ssh, where the terminal allows it.
    pub fn copy(&mut self, text: &str) -> io::Result<()> {
        execute!(self.terminal.backend_mut(), CopyToClipboard::to_clipboard_from(text))
    }

    /// Makes the next drawing a whole one.
    pub fn forget(&mut self) -> io::Result<()> {
        // Not `clear`: that asks the terminal where its cursor is, and the answer would go to the stream of events.
        let size = self.terminal.size()?;
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
        take(self.mouse)?;
        self.forget()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

fn take(mouse: bool) -> io::Result<()> {
    enable_raw_mode()?;
    TAKEN.store(true, Ordering::SeqCst);
    let mut out = io::stdout();
    let taken = execute!(out, EnterAlternateScreen, EnableBracketedPaste, cursor::Hide);
    let taken = taken.and_then(|()| {
        if mouse {
            execute!(out, EnableMouseCapture)
        } else {
            Ok(())
        }
    });
    if taken.is_err() {
        give_back();
    }
    taken
}

/// Makes the terminal what it was. May be called from anywhere, and more than once.
pub fn give_back() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        let mut out = io::stdout();
        // Where the terminal is gone there is nobody left to tell.
        let _ = execute!(
            out,
            EndSynchronizedUpdate,
            DisableMouseCapture,
            DisableBracketedPaste,
            LeaveAlternateScreen,
            cursor::Show
        );
        let _ = disable_raw_mode();
        let _ = out.flush();
    }
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
/// says where; the hook that was there before comes last. A panic elsewhere, while the screen goes on, leaves its report
/// and is told on the screen.
pub fn tell_panics(directory: PathBuf) {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if !TAKEN.load(Ordering::SeqCst) {
            before(info);
            return;
        }
        let told = match report(&directory, info) {
            Ok(path) => format!("the report is in {}", path.display()),
            Err(error) => format!("no report could be written: {error}"),
        };
        if *lock(&DRAWS) == Some(std::thread::current().id()) {
            give_back();
            // Not `eprintln`, which panics where nobody listens any more.
            let _ = writeln!(io::stderr(), "pitagora broke down. The terminal is yours again; {told}");
            before(info);
        } else {
            *lock(&SURVIVED) = Some(told);
        }
    }));
}

/// What a panic elsewhere left to tell, once.
#[must_use]
pub fn survived() -> Option<String> {
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
        assert!(!TAKEN.load(Ordering::SeqCst));
        give_back();
        give_back();
    }
}
