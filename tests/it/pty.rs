//! The finished program in a pseudo-terminal: keys go in, and one waits for what a person would see.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::num::NonZero;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::fs::OFlags;
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// Longer than this nothing is waited for: a machine that builds beside this is slow.
const PATIENCE: Duration = Duration::from_mins(2);

/// A program that runs, and its screen.
pub struct Pty {
    child: Box<dyn Child + Send + Sync>,
    terminal: Arc<Terminal>,
    reading: Option<JoinHandle<()>>,
    keys: Option<Box<dyn Write + Send>>,
    /// The program's end of the terminal.
    tty: Option<File>,
    started: Instant,
    home: TempDir,
}

/// The end of the terminal at which somebody looks.
struct Terminal {
    screen: Mutex<vt100::Parser>,
    attention: Mutex<Attention>,
    turns: Condvar,
}

/// Whether somebody looks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Attention {
    Reads,
    /// Somebody is to read no more.
    Stops,
    /// Nobody reads.
    Stopped,
    /// The terminal is gone.
    Gone,
}

impl Drop for Pty {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        *lock(&self.terminal.attention) = Attention::Gone;
        self.terminal.turns.notify_all();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Terminal {
    /// Reads as long as it is to. The terminal lives as long as this.
    fn read(&self, mut reader: Box<dyn Read + Send>, master: Box<dyn MasterPty + Send>) {
        let mut bytes = vec![0; 65_536];
        while let Ok(count @ 1..) = reader.read(&mut bytes) {
            lock(&self.screen).process(&bytes[..count]);
            let mut attention = lock(&self.attention);
            while *attention != Attention::Reads {
                if *attention == Attention::Gone {
                    drop(master);
                    return;
                }
                *attention = Attention::Stopped;
                self.turns.notify_all();
                attention = self.turns.wait(attention).unwrap_or_else(PoisonError::into_inner);
            }
        }
    }
}

impl Pty {
    /// Starts the program with these arguments in a terminal of that many columns and rows, with an empty home and without
    /// any AWS settings.
    pub fn start(arguments: &[&str], size: (u16, u16)) -> Self {
        Self::with(arguments, size, &[])
    }

    /// As [`start`](Self::start), with more variables in its environment.
    pub fn with(arguments: &[&str], (cols, rows): (u16, u16), more: &[(&str, &str)]) -> Self {
        let size = PtySize {
            rows,
            cols,
            pixel_width: 0,
            pixel_height: 0,
        };
        let pair = native_pty_system().openpty(size).expect("a pseudo-terminal");
        let home = tempfile::tempdir().expect("a directory");
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_pitagora"));
        command.args(arguments);
        command.env_clear();
        command.env("HOME", home.path());
        let usual = [
            ("TERM", "xterm-256color"),
            ("LANG", "C.UTF-8"),
            ("TZ", "UTC"),
            ("PATH", "/usr/bin:/bin"),
        ];
        for (name, value) in usual.iter().chain(more) {
            command.env(name, value);
        }
        let tty = pair.master.tty_name().expect("a name");
        let tty = OpenOptions::new()
            .read(true)
            .write(true)
            .custom_flags((OFlags::NOCTTY | OFlags::NONBLOCK).bits().cast_signed())
            .open(tty)
            .expect("a terminal");
        let started = Instant::now();
        let child = pair.slave.spawn_command(command).expect("it starts");
        drop(pair.slave);
        let cells = |n| NonZero::new(n).expect("some cells");
        let terminal = Arc::new(Terminal {
            // What is drawn on a terminal without bounds is not looked at.
            screen: Mutex::new(vt100::Parser::new(cells(rows.min(500)), cells(cols.min(500)), 0)),
            attention: Mutex::new(Attention::Reads),
            turns: Condvar::new(),
        });
        let reader = pair.master.try_clone_reader().expect("a reader");
        let keys = pair.master.take_writer().expect("a writer");
        let looked = Arc::clone(&terminal);
        let reading = std::thread::spawn(move || looked.read(reader, pair.master));
        Self {
            child,
            terminal,
            reading: Some(reading),
            keys: Some(keys),
            tty: Some(tty),
            started,
            home,
        }
    }

    /// Its home directory.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// What stands on the screen.
    pub fn text(&self) -> String {
        lock(&self.terminal.screen).screen().contents()
    }

    /// Whether the screen is that of a program, and not the one with the shell.
    pub fn is_alternate(&self) -> bool {
        lock(&self.terminal.screen).screen().alternate_screen()
    }

    /// The program's end of the terminal. Writing to it does not wait.
    pub fn tty(&self) -> &File {
        self.tty.as_ref().expect("a terminal")
    }

    /// Looks away: the terminal takes no more output.
    pub fn look_away(&self) {
        self.attend(Attention::Stops);
        let mut attention = lock(&self.terminal.attention);
        while *attention != Attention::Stopped {
            let (now, timed) = self
                .terminal
                .turns
                .wait_timeout(attention, PATIENCE)
                .unwrap_or_else(PoisonError::into_inner);
            assert!(!timed.timed_out(), "somebody reads on");
            attention = now;
        }
        drop(attention);
        // What nobody reads fills all there is.
        loop {
            match self.tty().write(&[0; 4_096]) {
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) => panic!("{error}"),
            }
        }
    }

    /// Looks again.
    pub fn look(&self) {
        self.attend(Attention::Reads);
    }

    /// Takes the terminal away, as a connection that drops does.
    pub fn hang_up(&mut self) {
        self.attend(Attention::Gone);
        self.tty = None;
        self.keys = None;
        self.reading.take().expect("a terminal").join().expect("no panic");
    }

    /// Whoever waits for something to read gets a sign that shows nothing.
    fn attend(&self, attention: Attention) {
        *lock(&self.terminal.attention) = attention;
        self.terminal.turns.notify_all();
        // It takes no sign where it is full: then nobody waits for one.
        let _ = self.tty().write(&[0]);
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) {
        let pid = self.child.process_id().expect("it runs");
        let pid = Pid::from_raw(pid.cast_signed()).expect("a process");
        kill_process(pid, signal).expect("it hears");
    }

    /// Waits for its end; answers with its exit code, and how long that took.
    pub fn end(&mut self) -> (u32, Duration) {
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("a child") {
                assert_eq!(status.signal(), None, "it ends by itself");
                return (status.exit_code(), began.elapsed());
            }
            assert!(began.elapsed() < PATIENCE, "it does not end:\n{}", self.text());
            // A look, not a wait for a moment.
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Presses keys.
    pub fn press(&mut self, keys: &str) {
        let hand = self.keys.as_mut().expect("a terminal");
        hand.write_all(keys.as_bytes()).expect("it reads keys");
        hand.flush().expect("it reads keys");
    }

    /// Waits until the screen is as it should be; says how long after the start that was.
    pub fn wait(&self, what: &str, is_so: impl Fn(&str) -> bool) -> Duration {
        let began = Instant::now();
        loop {
            let text = self.text();
            if is_so(&text) {
                return self.started.elapsed();
            }
            assert!(began.elapsed() < PATIENCE, "{what} was not seen:\n{text}");
            // A look, not a wait for a moment: what ends it is what is seen.
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits for these words.
    pub fn wait_for(&self, words: &str) -> Duration {
        self.wait(words, |text| text.contains(words))
    }
}
