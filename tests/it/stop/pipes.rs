//! Commands whose stdout and stderr lead to a reader who is gone, or who does not read.

use std::io::{self, ErrorKind, PipeReader, PipeWriter, Read as _, Write as _};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::{OFlags, fcntl_setfl};
use rustix::process::{Pid, Signal, kill_process};
use rustix::time::Timespec;

use super::{ALL, Bench, PATIENCE};
use crate::bench::program;

/// Who reads at the other end of a pipe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reader {
    /// Nobody any more.
    Gone,
    /// Somebody who does not read; the pipe is full.
    Idle,
    /// The test, once it has ended.
    There,
}

use Reader::{Gone, Idle, There};

/// A command that runs.
struct Run {
    child: Child,
    out: Option<PipeReader>,
    said: Option<PipeReader>,
}

fn pipe(reader: Reader) -> (Option<PipeReader>, PipeWriter) {
    let (read, mut write) = io::pipe().expect("a pipe");
    if reader == Gone {
        return (None, write);
    }
    if reader == Idle {
        fcntl_setfl(&write, OFlags::NONBLOCK).expect("a pipe");
        loop {
            match write.write(&[b'.'; 1_024]) {
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => panic!("{error}"),
            }
        }
        fcntl_setfl(&write, OFlags::empty()).expect("a pipe");
    }
    (Some(read), write)
}

impl Bench {
    fn start(&self, args: &[&str], (out, said): (Reader, Reader)) -> Run {
        let (out, to_out) = pipe(out);
        let (said, to_said) = pipe(said);
        let mut command = program(&self.served.url, self.home.path());
        command.args(args).stdin(Stdio::null()).stdout(to_out).stderr(to_said);
        Run {
            child: command.spawn().expect("it starts"),
            out,
            said,
        }
    }
}

impl Run {
    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("it hears");
    }

    /// Waits for its end; answers with its exit code.
    fn end(&mut self) -> i32 {
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("a child") {
                return status.code().expect("it ends by itself");
            }
            if began.elapsed() > PATIENCE {
                let _ = self.child.kill();
                panic!("it does not end");
            }
            // A look, not a wait for a moment.
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// What it said, to a reader who was there.
    fn said(&mut self) -> String {
        let mut said = String::new();
        self.said
            .take()
            .expect("a reader")
            .read_to_string(&mut said)
            .expect("a text");
        said
    }
}

/// How each of these ends a reading that is under way.
const CASES: [(Signal, (Reader, Reader)); 6] = [
    (Signal::TERM, (Gone, Gone)),
    (Signal::HUP, (There, Gone)),
    (Signal::INT, (There, Idle)),
    (Signal::HUP, (Idle, Idle)),
    (Signal::TERM, (Idle, There)),
    (Signal::HUP, (There, There)),
];

/// What ends without its document being read has its signal for a reason; else something is missing.
fn code(signal: Signal, stdout: Reader) -> i32 {
    if stdout == Idle { 128 + signal.as_raw() } else { 3 }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reading_that_is_stopped_gives_back_what_it_holds() {
    for (signal, (out, said)) in CASES {
        let bench = Bench::new().await;
        bench.slow_receives();
        let mut run = bench.start(&["dlq", "show", "dlq", "--max=1000"], (out, said));
        bench.until_held().await;
        run.signal(signal);
        assert_eq!(run.end(), code(signal, out), "{signal:?} {out:?} {said:?}");
        assert_eq!(bench.counts("dlq").await, (ALL, 0), "{signal:?} {out:?} {said:?}");
        if said == There {
            let said = run.said();
            assert!(said.contains("stopping: "), "{said}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_that_is_stopped_gives_back_what_it_holds() {
    for (signal, readers) in [(Signal::HUP, (Gone, Gone)), (Signal::TERM, (Idle, Idle))] {
        let bench = Bench::new().await;
        bench.slow_receives();
        let to = bench.home.path().join("messages.jsonl");
        let to = format!("--to={}", to.display());
        let mut run = bench.start(&["dlq", "export", "dlq", "--max=1000", &to], readers);
        bench.until_held().await;
        run.signal(signal);
        assert_eq!(run.end(), 3, "{signal:?} {readers:?}");
        assert_eq!(bench.counts("dlq").await, (ALL, 0), "{signal:?} {readers:?}");
    }
}

const BY_CLIENT: [&str; 7] = [
    "dlq",
    "redrive",
    "dlq",
    "--yes",
    "--to=asleep",
    "--engine=client",
    "--ignore-check",
];

#[tokio::test(flavor = "multi_thread")]
async fn a_redrive_that_is_stopped_gives_back_what_it_holds() {
    for (signal, (out, said)) in CASES {
        let bench = Bench::new().await;
        let mut run = bench.start(&BY_CLIENT, (out, said));
        bench.until_one_went_first().await;
        run.signal(signal);
        assert_eq!(run.end(), code(signal, out), "{signal:?} {out:?} {said:?}");
        assert_eq!(bench.counts("dlq").await, (ALL - 1, 0), "{signal:?} {out:?} {said:?}");
        assert_eq!(bench.counts("asleep").await, (1, 0), "{signal:?} {out:?} {said:?}");
        let audit = std::fs::read_to_string(bench.home.path().join("state/pitagora/audit.jsonl")).expect("a file");
        assert!(audit.contains(r#""stage":"ended""#), "{audit}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_that_is_stopped_is_cancelled() {
    for (signal, readers) in [(Signal::INT, (Gone, Gone)), (Signal::HUP, (There, Idle))] {
        let bench = Bench::new().await;
        let how = [
            "dlq",
            "redrive",
            "dlq",
            "--yes",
            "--to=asleep",
            "--engine=move-task",
            "--ignore-check",
            "--no-canary",
            "--rate=1",
        ];
        let mut run = bench.start(&how, readers);
        bench
            .until("SQS moves", ["dlq", "asleep"], |[_, asleep]| asleep.0 > 0)
            .await;
        run.signal(signal);
        assert_eq!(run.end(), 3, "{signal:?} {readers:?}");
        let (stayed, moved) = (bench.counts("dlq").await, bench.counts("asleep").await);
        assert!(stayed.0 > 0, "{signal:?} {readers:?}: {stayed:?}");
        assert_eq!(
            (stayed.0 + moved.0, stayed.1 + moved.1),
            (ALL, 0),
            "{signal:?} {readers:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_target_ends_a_redrive_that_nobody_hears() {
    for readers in [(Gone, Gone), (There, Idle)] {
        let bench = Bench::new().await;
        let how = [
            "dlq",
            "redrive",
            "dlq",
            "--yes",
            "--engine=client",
            "--ignore-check",
            "--no-canary",
            "--rate=1",
            "--stop-at=0.5",
            "--format=json",
        ];
        let mut run = bench.start(&how, readers);
        bench.until_held().await;
        bench
            .until("the rest is given back", ["dlq", "work"], |[dlq, _]| dlq.1 == 0)
            .await;
        // Nobody reads on: a signal says that nobody will.
        run.signal(Signal::TERM);
        run.end();
        let journal = std::fs::read_dir(bench.home.path().join("data/pitagora/redrive")).expect("a folder");
        let journal = journal.map(|file| file.expect("a file").path());
        let journal = journal.filter(|path| path.extension().is_some_and(|end| end == "jsonl"));
        let (_, ledger) =
            pitagora::redrive::journal::Journal::open(&journal.last().expect("a journal")).expect("whole");
        let sent = ledger.entries.values().filter(|entry| entry.sent.is_some()).count() as u64;
        assert!(sent > 0 && sent < ALL, "{readers:?}: {sent} of {ALL} were sent");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_insists_ends_it_at_once() {
    let bench = Bench::new().await;
    // What is on its way never comes to its end.
    let mut run = bench.start(&BY_CLIENT, (Idle, Idle));
    bench.until_one_went_first().await;
    let rule = "sqs:ChangeMessageVisibilityBatch=3000s".parse().expect("a rule");
    bench.account.set_rules(vec![rule]);
    run.signal(Signal::INT);
    // A signal that comes at once is the echo of the first: it is sent until it is meant.
    let began = Instant::now();
    while run.child.try_wait().expect("a child").is_none() {
        assert!(began.elapsed() < PATIENCE, "it does not end");
        run.signal(Signal::INT);
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(run.end(), 130);
}

/// A pipe that holds little, of which the test reads the beginning only.
async fn read_a_little(bench: &Bench, how: &[&str], signal: Signal) -> i32 {
    let (mut read, write) = io::pipe().expect("a pipe");
    rustix::pipe::fcntl_setpipe_size(&write, 4_096).expect("a pipe");
    let full = write.try_clone().expect("a pipe");
    let mut command = program(&bench.served.url, bench.home.path());
    command
        .args(how)
        .stdin(Stdio::null())
        .stdout(write)
        .stderr(Stdio::null());
    let mut run = Run {
        child: command.spawn().expect("it starts"),
        out: None,
        said: None,
    };
    drop(command);
    read.read_exact(&mut [0; 1]).expect("a line");
    let began = Instant::now();
    let none = Timespec { tv_sec: 0, tv_nsec: 0 };
    while poll(&mut [PollFd::new(&full, PollFlags::OUT)], Some(&none)).expect("a pipe") > 0 {
        assert!(began.elapsed() < PATIENCE, "it does not say enough");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    run.signal(signal);
    run.end()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_follows_ends_though_nobody_reads_on() {
    let bench = Bench::new().await;
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        for how in [
            &["logs", "talks", "--since=10m", "--follow"][..],
            &["retries", "--since=10m", "--follow", "--format=json"],
        ] {
            let code = read_a_little(&bench, how, signal).await;
            assert_eq!(code, 128 + signal.as_raw(), "{how:?} {signal:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_follows_and_is_read_ends_well_by_ctrl_c_alone() {
    let bench = Bench::new().await;
    for (signal, code) in [(Signal::INT, 0), (Signal::TERM, 143), (Signal::HUP, 129)] {
        let mut run = bench.start(&["logs", "talks", "--since=1m", "--follow"], (There, There));
        let mut out = run.out.take().expect("a reader");
        out.read_exact(&mut [0; 1]).expect("a line");
        // Reads all that comes, so that nothing waits for it.
        let reading = std::thread::spawn(move || io::copy(&mut out, &mut io::sink()));
        run.signal(signal);
        assert_eq!(run.end(), code, "{signal:?}");
        reading.join().expect("no panic").expect("a pipe");
    }
}
