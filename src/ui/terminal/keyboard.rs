//! The thread that reads what is typed, so that a terminal that is gone, or that sends half a key, holds up nobody.

use std::io::{self, PipeWriter};
use std::time::Duration;

use crossterm::event::{self, Event};
use rustix::event::{PollFd, PollFlags, poll};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::time::timeout;

/// Longer than this a thread that is to end is not waited for: the terminal has sent half a key.
const LAST: Duration = Duration::from_millis(200);
/// How long what lies there already is read for. Not zero: then nothing is read.
const AT_ONCE: Duration = Duration::from_millis(1);

/// What is typed, until this is dropped.
#[derive(Debug)]
pub(crate) struct Keyboard {
    typed: UnboundedReceiver<io::Result<Event>>,
    /// The thread ends when this is closed.
    goes_on: Option<PipeWriter>,
}

impl Keyboard {
    /// Reads from the terminal on stdin.
    pub(crate) fn new() -> io::Result<Self> {
        let (ends, goes_on) = io::pipe()?;
        let (sender, typed) = mpsc::unbounded_channel();
        let read = move || {
            // Nobody listens any more where the screen has ended.
            if let Err(error) = read(&ends, &sender) {
                let _ = sender.send(Err(error));
            }
        };
        std::thread::Builder::new().name("keyboard".to_owned()).spawn(read)?;
        let goes_on = Some(goes_on);
        Ok(Self { typed, goes_on })
    }

    /// The next input event; `None` once the terminal is gone.
    pub(crate) async fn next(&mut self) -> Option<io::Result<Event>> {
        self.typed.recv().await
    }

    /// Leaves the terminal to somebody else. What was typed for the screen is forgotten.
    pub(crate) async fn leave(mut self) {
        self.goes_on = None;
        let ended = async { while self.typed.recv().await.is_some() {} };
        // Whoever reads from now on shares the terminal with a thread that waits for the rest of a key.
        let _ = timeout(LAST, ended).await;
    }
}

/// Reads until the other end of `ends` is closed, or the terminal is gone.
fn read(ends: &io::PipeReader, typed: &UnboundedSender<io::Result<Event>>) -> io::Result<()> {
    let stdin = io::stdin();
    loop {
        let mut either = [PollFd::new(&stdin, PollFlags::IN), PollFd::new(ends, PollFlags::IN)];
        match poll(&mut either, None) {
            Ok(_) => {}
            Err(rustix::io::Errno::INTR) => continue,
            Err(error) => return Err(error.into()),
        }
        let [stdin, ends] = either.map(|one| one.revents());
        if !ends.is_empty() || stdin.intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL) {
            return Ok(());
        }
        while event::poll(AT_ONCE)? {
            if typed.send(event::read()).is_err() {
                return Ok(());
            }
        }
    }
}
