//! A thread that writes where perhaps nobody reads.
//!
//! Who has something to say leaves it with the [`Feed`] and goes on. The thread takes from there what is newest, and waits in
//! its place until somebody reads it.

use std::fs::File;
use std::io::{self, ErrorKind, Write as _};
use std::os::fd::AsFd;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, poll};
use tokio::sync::oneshot;

/// Written at once: as much as a pipe takes whole, so that it is seen when somebody reads.
const PIECE: usize = 4_096;
/// How often somebody who waits looks whether it is still worth it.
const LOOK: Duration = Duration::from_millis(50);

/// What is to be written. It must be bounded: nobody waits until there is room.
pub trait Feed: Send + 'static {
    /// The bytes to write next; nothing if there are none for now.
    fn next(&mut self) -> Option<Vec<u8>>;
}

/// Where it is left.
#[derive(Debug)]
pub struct Outlet<F> {
    shared: Arc<Shared<F>>,
}

#[derive(Debug)]
struct Shared<F> {
    state: Mutex<State<F>>,
    /// Something is to be written.
    more: Condvar,
    /// Something was written.
    written: Condvar,
}

#[derive(Debug)]
struct State<F> {
    feed: F,
    /// Something was left, or is being written.
    busy: bool,
    /// When bytes were taken last, or were to be written first.
    moved: Instant,
    ended: Option<ErrorKind>,
}

impl<F: Feed> Outlet<F> {
    /// Writes to this file, which may be a pipe or a terminal, until that fails; answers also with what tells of that.
    pub fn new(to: impl AsFd, feed: F) -> (Self, oneshot::Receiver<io::Error>) {
        let shared = Arc::new(Shared {
            state: Mutex::new(State {
                feed,
                busy: false,
                moved: Instant::now(),
                ended: None,
            }),
            more: Condvar::new(),
            written: Condvar::new(),
        });
        let (failed, fails) = oneshot::channel();
        let writer = Writer(Arc::clone(&shared));
        let started = to.as_fd().try_clone_to_owned().and_then(|file| {
            let write = move || {
                let error = writer.run(&mut File::from(file));
                // Nobody may want to know.
                let _ = failed.send(error);
            };
            std::thread::Builder::new().name("output".to_owned()).spawn(write)
        });
        if let Err(error) = started {
            shared.lock().ended = Some(error.kind());
        }
        (Self { shared }, fails)
    }

    /// Leaves something with the feed.
    pub fn feed<T>(&self, leave: impl FnOnce(&mut F) -> T) -> T {
        let mut state = self.shared.lock();
        if !state.busy {
            state.busy = true;
            state.moved = Instant::now();
        }
        let left = leave(&mut state.feed);
        drop(state);
        self.shared.more.notify_one();
        left
    }

    /// Waits until all is written, as long as that is worth it: `worth` hears for how long nothing has moved. False where it
    /// was not.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn drained(&self, mut worth: impl FnMut(Duration) -> bool) -> Result<bool, ErrorKind> {
        let mut state = self.shared.lock();
        while state.busy {
            if let Some(error) = state.ended {
                return Err(error);
            }
            if !worth(state.moved.elapsed()) {
                return Ok(false);
            }
            let waited = self.shared.written.wait_timeout(state, LOOK);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        state.ended.map_or(Ok(true), Err)
    }
}

impl<F> Shared<F> {
    fn lock(&self) -> MutexGuard<'_, State<F>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The thread's end of it.
struct Writer<F>(Arc<Shared<F>>);

impl<F: Feed> Writer<F> {
    fn run(&self, file: &mut File) -> io::Error {
        let mut state = self.0.lock();
        loop {
            let Some(bytes) = state.feed.next() else {
                state.busy = false;
                self.0.written.notify_all();
                state = self.0.more.wait(state).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            drop(state);
            let mut rest = &bytes[..];
            while !rest.is_empty() {
                match piece(file, rest) {
                    Ok(count) => rest = &rest[count..],
                    Err(error) => {
                        self.0.lock().ended = Some(error.kind());
                        return error;
                    }
                }
                self.0.lock().moved = Instant::now();
            }
            state = self.0.lock();
        }
    }
}

/// Wakes everybody who waits, even if the feed panics.
impl<F> Drop for Writer<F> {
    fn drop(&mut self) {
        self.0.lock().ended.get_or_insert(ErrorKind::Other);
        self.0.written.notify_all();
    }
}

/// Writes the first of these bytes; says how many.
fn piece(file: &mut File, bytes: &[u8]) -> io::Result<usize> {
    match file.write(&bytes[..bytes.len().min(PIECE)]) {
        Ok(0) => Err(ErrorKind::WriteZero.into()),
        Ok(count) => Ok(count),
        Err(error) if error.kind() == ErrorKind::Interrupted => Ok(0),
        // Whoever shares the file with us has set it so: `node` its pipes.
        Err(error) if error.kind() == ErrorKind::WouldBlock => {
            poll(&mut [PollFd::new(&*file, PollFlags::OUT)], None)?;
            Ok(0)
        }
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::io::{PipeReader, Read as _};

    use super::*;

    /// The newest text, which takes the place of one that was not written yet.
    #[derive(Default)]
    struct Newest(Option<String>);

    impl Feed for Newest {
        fn next(&mut self) -> Option<Vec<u8>> {
            self.0.take().map(String::into_bytes)
        }
    }

    fn outlet() -> (PipeReader, Outlet<Newest>, oneshot::Receiver<io::Error>) {
        let (reader, writer) = io::pipe().expect("a pipe");
        let (outlet, failed) = Outlet::new(writer, Newest::default());
        (reader, outlet, failed)
    }

    /// More than any pipe holds.
    fn much() -> String {
        "x".repeat(1 << 21)
    }

    #[test]
    fn what_is_left_is_written() {
        let (mut reader, outlet, _failed) = outlet();
        outlet.feed(|feed| feed.0 = Some("one".to_owned()));
        assert_eq!(outlet.drained(|_| true), Ok(true));
        let mut read = [0; 3];
        reader.read_exact(&mut read).expect("three bytes");
        assert_eq!(&read, b"one");
    }

    #[test]
    fn nobody_who_does_not_read_is_waited_for_longer_than_is_worth_it() {
        let (_reader, outlet, _failed) = outlet();
        outlet.feed(|feed| feed.0 = Some(much()));
        let patience = Duration::from_millis(1);
        assert_eq!(outlet.drained(|idle| idle < patience), Ok(false));
        // And whoever has more to say goes on at once.
        outlet.feed(|feed| feed.0 = Some("an older one".to_owned()));
        outlet.feed(|feed| feed.0 = Some("the newest".to_owned()));
    }

    #[test]
    fn once_somebody_reads_again_the_newest_is_written() {
        let (mut reader, outlet, _failed) = outlet();
        outlet.feed(|feed| feed.0 = Some(much()));
        assert_eq!(outlet.drained(|idle| idle < Duration::from_millis(1)), Ok(false));
        outlet.feed(|feed| feed.0 = Some("an older one".to_owned()));
        outlet.feed(|feed| feed.0 = Some("the newest".to_owned()));
        let all = much() + "the newest";
        let mut read = vec![0; all.len()];
        reader.read_exact(&mut read).expect("all of it");
        assert_eq!(read, all.as_bytes());
        assert_eq!(outlet.drained(|_| true), Ok(true));
    }

    #[test]
    fn a_reader_who_is_gone_is_told_of() {
        let (reader, outlet, failed) = outlet();
        drop(reader);
        outlet.feed(|feed| feed.0 = Some("one".to_owned()));
        assert_eq!(outlet.drained(|_| true), Err(ErrorKind::BrokenPipe));
        let error = failed.blocking_recv().expect("an error");
        assert_eq!(error.kind(), ErrorKind::BrokenPipe);
    }

    #[test]
    fn where_nothing_is_left_nothing_is_waited_for() {
        let (_reader, outlet, _failed) = outlet();
        assert_eq!(outlet.drained(|_| false), Ok(true));
    }
}
