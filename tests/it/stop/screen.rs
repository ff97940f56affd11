//! The dashboard on a terminal that goes away, or that takes no more output.

use std::path::Path;
use std::time::Duration;

use rustix::process::Signal;
use rustix::termios::{Action, LocalModes, tcflow, tcgetattr};

use super::{ALL, Bench};
use crate::bench::REGION;
use crate::pty::Pty;

const SIZE: (u16, u16) = (140, 40);
/// Soon enough for a person, on a machine that is busy.
const SOON: Duration = Duration::from_secs(10);

impl Bench {
    fn dashboard(&self) -> Pty {
        let keys = [("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")];
        let screen = Pty::with(&["--endpoint-url", &self.served.url, "--region", REGION], SIZE, &keys);
        screen.wait_for(&format!("dlq {ALL:>8}"));
        screen
    }

    /// In the midst of a reading.
    async fn reading(&self) -> Pty {
        let mut screen = self.dashboard();
        self.slow_receives();
        screen.press("d");
        screen.wait_for("Enter says what reading does, and asks");
        screen.press("\r");
        screen.wait_for("SQS cannot peek: reading counts as a receive");
        screen.press("\r");
        self.until_held().await;
        screen
    }

    /// With one message that went first, while the rest waits.
    fn redriving(&self) -> Pty {
        let mut screen = self.dashboard();
        screen.press("d");
        screen.wait_for("Enter says what reading does, and asks");
        screen.press("\r");
        screen.wait_for("SQS cannot peek: reading counts as a receive");
        screen.press("\r");
        screen.wait_for(&format!("{ALL} visible again"));
        screen.press("*R");
        screen.wait_for("preview, nothing sent yet");
        screen.press("\r");
        screen.wait_for("type dlq to redrive:");
        screen.press("dlq\r");
        screen.wait_for(&format!("canary sent, {} waiting", ALL - 1));
        screen
    }
}

/// What is kept of a panic.
fn panics(home: &Path) -> Vec<String> {
    let reports = std::fs::read_dir(home.join(".local/state/pitagora"));
    let reports = reports.into_iter().flatten().flatten();
    let reports = reports.filter(|file| file.file_name().to_string_lossy().starts_with("panic"));
    reports
        .map(|file| std::fs::read_to_string(file.path()).unwrap_or_default())
        .collect()
}

fn audit(screen: &Pty) -> String {
    std::fs::read_to_string(screen.home().join(".local/state/pitagora/audit.jsonl")).unwrap_or_default()
}

/// Whether what is typed is shown, and handed on by the line, as a shell wants it.
fn is_cooked(screen: &Pty) -> bool {
    let modes = tcgetattr(screen.tty()).expect("modes").local_modes;
    modes.contains(LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_that_goes_away_while_it_reads_leaves_nothing_hidden() {
    let bench = Bench::new().await;
    let mut screen = bench.reading().await;
    screen.hang_up();
    let (code, _) = screen.end();
    assert_eq!(code, 129);
    assert_eq!(bench.counts("dlq").await, (ALL, 0));
    assert_eq!(panics(screen.home()), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_that_goes_away_while_it_redrives_leaves_nothing_hidden() {
    let bench = Bench::new().await;
    let mut screen = bench.redriving();
    screen.hang_up();
    let (code, _) = screen.end();
    assert_eq!(code, 129);
    // What went first fails, and comes back.
    bench
        .until("all are visible", ["dlq", "work"], |[dlq, work]| {
            dlq == (ALL, 0) && work == (0, 0)
        })
        .await;
    assert!(audit(&screen).contains(r#""stage":"ended""#), "{}", audit(&screen));
    assert_eq!(panics(screen.home()), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_that_takes_no_more_output_holds_up_no_signal() {
    for signal in [Signal::TERM, Signal::HUP, Signal::INT] {
        let bench = Bench::new().await;
        let mut screen = bench.reading().await;
        screen.look_away();
        // So that there is something to draw.
        screen.press("jjjj");
        screen.signal(signal);
        let (code, took) = screen.end();
        assert_eq!(code, 128 + signal.as_raw().cast_unsigned());
        assert!(took < SOON, "{signal:?} after {took:?}");
        assert_eq!(bench.counts("dlq").await, (ALL, 0), "{signal:?}");
        assert!(is_cooked(&screen), "{signal:?}");
        screen.look();
        screen.wait("the shell's screen", |_| !screen.is_alternate());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn flow_control_holds_up_no_signal() {
    let bench = Bench::new().await;
    let mut screen = bench.redriving();
    tcflow(screen.tty(), Action::OOff).expect("a terminal");
    screen.press("jjjj");
    screen.signal(Signal::TERM);
    let (code, took) = screen.end();
    assert_eq!(code, 143);
    assert!(took < SOON, "after {took:?}");
    assert!(audit(&screen).contains(r#""stage":"ended""#), "{}", audit(&screen));
    screen.wait("the shell's screen", |_| !screen.is_alternate());
    assert!(is_cooked(&screen));
}

/// On their own they would end the program, and leave the terminal to nobody.
#[test]
fn whatever_ends_it_gives_the_terminal_back() {
    let signals = [
        Signal::QUIT,
        Signal::USR1,
        Signal::USR2,
        Signal::ALARM,
        Signal::XCPU,
        Signal::VTALARM,
        Signal::PROF,
    ];
    for signal in signals {
        let mut screen = Pty::start(&["demo"], SIZE);
        screen.wait_for("orders-in");
        assert!(screen.is_alternate() && !is_cooked(&screen));
        screen.signal(signal);
        let (code, _) = screen.end();
        assert_eq!(code, 128 + signal.as_raw().cast_unsigned());
        screen.wait("the shell's screen", |_| !screen.is_alternate());
        assert!(is_cooked(&screen), "{signal:?}");
    }
}

#[test]
fn a_terminal_without_bounds_is_drawn_in_part() {
    let mut screen = Pty::start(&["demo"], (u16::MAX, u16::MAX));
    screen.wait_for("orders-in");
    screen.press("q");
    assert_eq!(screen.end().0, 0);
}
