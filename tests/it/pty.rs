//! The finished program in a pseudo-terminal: keys go in, and one waits for what a person would see.

use std::io::{Read as _, Write};
use std::num::NonZero;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, PtySize, native_pty_system};
use tempfile::TempDir;

/// Longer than this nothing is waited for: a machine that builds beside this is slow.
const PATIENCE: Duration = Duration::from_mins(2);

/// A program that runs, and its screen.
pub struct Pty {
    child: Box<dyn Child + Send + Sync>,
    screen: Arc<Mutex<vt100::Parser>>,
    keys: Box<dyn Write + Send>,
    started: Instant,
    home: TempDir,
}

impl Drop for Pty {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
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
        let started = Instant::now();
        let child = pair.slave.spawn_command(command).expect("it starts");
        drop(pair.slave);
        let cells = |n| NonZero::new(n).expect("some cells");
        let screen = Arc::new(Mutex::new(vt100::Parser::new(cells(rows), cells(cols), 0)));
        let mut reader = pair.master.try_clone_reader().expect("a reader");
        let keys = pair.master.take_writer().expect("a writer");
        let seen = Arc::clone(&screen);
        std::thread::spawn(move || {
            // The terminal lives as long as somebody reads from it.
            let _master = pair.master;
            let mut bytes = vec![0; 65_536];
            while let Ok(count @ 1..) = reader.read(&mut bytes) {
                let mut parser = seen.lock().unwrap_or_else(PoisonError::into_inner);
                parser.process(&bytes[..count]);
            }
        });
        Self {
            child,
            screen,
            keys,
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
        let parser = self.screen.lock().unwrap_or_else(PoisonError::into_inner);
        parser.screen().contents()
    }

    /// Presses keys.
    pub fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).expect("it reads keys");
        self.keys.flush().expect("it reads keys");
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
