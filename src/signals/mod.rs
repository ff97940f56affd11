//! The one place that hears signals.
//!
//! A thread of its own hears them and acts on them, so that they are obeyed whatever the rest of the program waits for: an
//! answer, a reader that does not read, a terminal that takes no more output.

mod ignored;
mod insistence;

use std::future::poll_fn;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::Poll;
use std::time::Instant;

use rustix::process::Signal as Number;
use tokio::runtime;
use tokio::signal::unix::{Signal as Stream, SignalKind, signal};
use tokio::sync::mpsc::{self, UnboundedReceiver};

use insistence::Insistence;

/// A signal that asks the program to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ending {
    /// SIGHUP: the terminal is gone.
    HangUp,
    /// SIGINT: Ctrl-C.
    Interrupt,
    /// SIGQUIT: Ctrl-\.
    Quit,
    /// SIGUSR1.
    User1,
    /// SIGUSR2.
    User2,
    /// SIGALRM.
    Alarm,
    /// SIGTERM.
    Terminate,
    /// SIGVTALRM.
    VirtualAlarm,
    /// SIGPROF.
    Profile,
    /// SIGXCPU: the limit of `ulimit -t` is reached; it comes once a second from then on.
    CpuTime,
}

impl Ending {
    /// Each of them. What else ends a program cannot be caught, or says that the program itself is broken.
    pub const ALL: [Self; 10] = [
        Self::HangUp,
        Self::Interrupt,
        Self::Quit,
        Self::User1,
        Self::User2,
        Self::Alarm,
        Self::Terminate,
        Self::VirtualAlarm,
        Self::Profile,
        Self::CpuTime,
    ];

    const fn raw(self) -> Number {
        match self {
            Self::HangUp => Number::HUP,
            Self::Interrupt => Number::INT,
            Self::Quit => Number::QUIT,
            Self::User1 => Number::USR1,
            Self::User2 => Number::USR2,
            Self::Alarm => Number::ALARM,
            Self::Terminate => Number::TERM,
            Self::VirtualAlarm => Number::VTALARM,
            Self::Profile => Number::PROF,
            Self::CpuTime => Number::XCPU,
        }
    }

    /// The number that this system gives it.
    #[must_use]
    pub fn number(self) -> u8 {
        u8::try_from(self.raw().as_raw()).unwrap_or_default()
    }
}

/// A signal that is heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// The program is to end.
    End(Ending),
    /// SIGTSTP: it is to stop for a while.
    Stop,
    /// SIGCONT: it goes on.
    Continue,
    /// SIGWINCH: the terminal has another size.
    Resize,
}

/// What a screen hears beside what ends it.
const OF_SCREENS: [(Signal, Number); 3] = [
    (Signal::Stop, Number::TSTP),
    (Signal::Continue, Number::CONT),
    (Signal::Resize, Number::WINCH),
];

/// The first signal that was obeyed.
static OBEYED: OnceLock<Ending> = OnceLock::new();

/// The signal by which the program ends; nothing as long as it goes on.
#[must_use]
pub fn obeyed() -> Option<Ending> {
    OBEYED.get().copied()
}

/// Ends by this signal from now on: a further Ctrl-C ends the program at once, and nobody who does not read is waited for.
pub fn obey(ending: Ending) {
    // Whichever came first stays.
    let _ = OBEYED.set(ending);
}

/// Hears what ends a command. The first signal runs `first`; `at_once` runs when somebody insists, and must not return
/// before the program has ended.
///
/// # Errors
/// Signals cannot be heard: they end the program as they end any other.
pub fn of_command(
    first: impl FnOnce(Ending) + Send + 'static,
    at_once: impl Fn(Ending) + Send + 'static,
) -> io::Result<()> {
    let mut first = Some(first);
    let tell = move |signal| {
        if let (Signal::End(ending), Some(first)) = (signal, first.take()) {
            first(ending);
        }
    };
    // Nobody takes what is told: each is obeyed when it is heard.
    start(Vec::new(), Arc::default(), true, tell, at_once)
}

/// Signals as a screen takes them, one after the other.
#[derive(Debug)]
pub struct Signals {
    heard: UnboundedReceiver<Signal>,
    taken: Arc<AtomicUsize>,
}

/// Hears what concerns a program with a screen, which obeys by [`obey`]. `at_once` runs when somebody insists, or says again
/// what the screen did not even take; it must not return before the program has ended.
///
/// # Errors
/// Signals cannot be heard: they end the program as they end any other.
pub fn of_screen(at_once: impl Fn(Ending) + Send + 'static) -> io::Result<Signals> {
    let (sender, heard) = mpsc::unbounded_channel();
    let taken = Arc::new(AtomicUsize::new(0));
    let tell = move |signal| {
        // Nobody takes it any more where the screen has ended.
        let _ = sender.send(signal);
    };
    start(OF_SCREENS.to_vec(), Arc::clone(&taken), false, tell, at_once)?;
    Ok(Signals { heard, taken })
}

impl Signals {
    /// The next one.
    pub async fn next(&mut self) -> Signal {
        let Some(signal) = self.heard.recv().await else {
            return std::future::pending().await;
        };
        self.taken.fetch_add(1, Ordering::SeqCst);
        signal
    }
}

/// From when this returns on, signals do nothing by themselves.
fn start(
    more: Vec<(Signal, Number)>,
    taken: Arc<AtomicUsize>,
    obeys: bool,
    mut tell: impl FnMut(Signal) + Send + 'static,
    at_once: impl Fn(Ending) + Send + 'static,
) -> io::Result<()> {
    let runtime = runtime::Builder::new_current_thread().enable_io().build()?;
    // Who ignores one from the start wants that: `nohup`, a job in the background of a script.
    let ignored = ignored::at_start();
    let ending = Ending::ALL.into_iter().filter(|ending| !ignored.contains(*ending));
    let ending = ending.map(|ending| (Signal::End(ending), ending.raw()));
    let mut streams: Vec<(Signal, Stream)> = {
        let _runtime = runtime.enter();
        ending
            .chain(more)
            .map(|(what, number)| Ok((what, signal(SignalKind::from_raw(number.as_raw()))?)))
            .collect::<io::Result<_>>()?
    };
    let hear = async move {
        let (mut insistence, mut told) = (Insistence::default(), 0);
        loop {
            let signal = next(&mut streams).await;
            if let Signal::End(ending) = signal {
                if obeyed().is_none() && taken.load(Ordering::SeqCst) == told {
                    // What was taken and not obeyed was for somebody else, such as the editor.
                    insistence = Insistence::default();
                }
                if obeys {
                    obey(ending);
                }
                if insistence.insists(ending, Instant::now()) {
                    at_once(ending);
                }
            }
            told += 1;
            tell(signal);
        }
    };
    std::thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || runtime.block_on(hear))?;
    Ok(())
}

async fn next(streams: &mut [(Signal, Stream)]) -> Signal {
    poll_fn(|context| {
        let heard = streams
            .iter_mut()
            .find_map(|(signal, stream)| stream.poll_recv(context).is_ready().then_some(*signal));
        heard.map_or(Poll::Pending, Poll::Ready)
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_those_of_posix_where_posix_has_them() {
        let numbers = [
            Ending::HangUp,
            Ending::Interrupt,
            Ending::Quit,
            Ending::Alarm,
            Ending::Terminate,
        ];
        assert_eq!(numbers.map(Ending::number), [1, 2, 3, 14, 15]);
        assert!(Ending::ALL.iter().all(|ending| ending.number() > 0));
    }
}
