//! Invocations that print the lines of others.

use super::*;
use crate::domain::{Invocation, RunOutcome};

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(1_700_000_000_000 + ms).expect("a time")
}

fn function() -> NodeId {
    "arn:aws:lambda:eu-west-1:111122223333:function:work".into()
}

fn id(n: u32) -> String {
    format!("{n:08x}-0000-4aaa-8bbb-123456789abc")
}

fn start(n: u32) -> String {
    format!("START RequestId: {} Version: $LATEST", id(n))
}

fn end(n: u32) -> String {
    format!("END RequestId: {}", id(n))
}

fn report(n: u32) -> String {
    format!("REPORT RequestId: {}\tDuration: 3.01 ms\tBilled Duration: 4 ms", id(n))
}

fn crash(n: u32) -> String {
    format!(
        "RequestId: {} Error: Runtime exited with error: exit status 1\nRuntime.ExitError",
        id(n)
    )
}

/// An invocation as its lines show it.
fn run(n: u32) -> Vec<String> {
    vec![start(n), crash(n), end(n), report(n)]
}

/// Lines of one stream, each read by itself, so many milliseconds apart.
struct Told {
    all: Invocations,
    ms: i64,
}

impl Told {
    fn new() -> Self {
        Self {
            all: Invocations::default(),
            ms: 0,
        }
    }

    fn lines(&mut self, lines: impl IntoIterator<Item = impl AsRef<str>>) -> &mut Self {
        for line in lines {
            self.ms += 100;
            self.line(self.ms, line.as_ref());
        }
        self
    }

    fn line(&mut self, ms: i64, line: &str) {
        self.all.take(&function(), "a", at(ms), line);
        self.all.refresh();
    }

    fn runs(&mut self) -> Vec<(String, RunOutcome)> {
        let runs = self.all.runs(&function());
        let told = |run: &Arc<Invocation>| (run.request_id.clone(), run.outcome);
        runs.iter().map(told).collect()
    }
}

#[test]
fn runs_that_a_run_printed_are_taken_back_when_its_end_shows_that_it_ran_all_along() {
    let mut told = Told::new();
    // More of them than are folded again when a line comes.
    for n in 2..10 {
        told.lines(run(n));
    }
    assert_eq!(told.runs().len(), 8);
    told.lines(["shipped".to_owned(), end(1), report(1)]);
    assert_eq!(told.runs(), [(id(1), RunOutcome::Unknown)]);
    // What comes then is real again.
    told.lines(run(11));
    assert_eq!(told.runs()[1], (id(11), RunOutcome::Crash));
}

#[test]
fn runs_longer_ago_than_any_run_lasts_are_not_taken_back() {
    let mut told = Told::new();
    told.lines(run(2));
    told.ms += 17 * 60 * 1000;
    told.lines([end(1), report(1)]);
    assert_eq!(told.runs(), [(id(2), RunOutcome::Crash), (id(1), RunOutcome::Unknown)]);
}

#[test]
fn an_end_that_comes_late_hides_no_run_meanwhile() {
    let mut told = Told::new();
    told.line(0, &start(1));
    told.line(100, &start(2));
    told.line(150, &crash(2));
    assert_eq!(told.runs()[1], (id(2), RunOutcome::Crash));
    told.line(200, &end(2));
    told.line(50, &end(1));
    assert_eq!(told.runs(), [(id(1), RunOutcome::Ok), (id(2), RunOutcome::Crash)]);
}

#[test]
fn a_function_that_was_seen_to_print_runs_is_known_to_while_it_runs() {
    let mut told = Told::new();
    told.lines([start(1)]).lines(run(2)).lines([end(1), report(1)]);
    assert_eq!(told.runs(), [(id(1), RunOutcome::Ok)]);
    told.lines([start(3)]).lines(run(4));
    assert_eq!(told.runs(), [(id(1), RunOutcome::Ok), (id(3), RunOutcome::Running)]);
    // Where no end of it comes, it was lost, and what came behind it is what it seemed to be.
    let (to, timeout) = (at(told.ms + 60_000), SignedDuration::from_secs(3));
    told.all.settle(&function(), to, timeout);
    told.all.refresh();
    let runs = told.runs();
    assert_eq!(
        runs[1..],
        [(id(3), RunOutcome::Unknown), (id(4), RunOutcome::Crash)],
        "{runs:?}"
    );
}

#[test]
fn the_format_that_a_stream_begins_with_is_the_services() {
    let json = |kind: &str, n: u32| {
        format!(
            r#"{{"time":"x","type":"platform.{kind}","record":{{"requestId":"{}","status":"error"}}}}"#,
            id(n)
        )
    };
    let mut told = Told::new();
    told.lines([start(1), json("start", 2), json("report", 2), end(1), report(1)]);
    assert_eq!(told.runs(), [(id(1), RunOutcome::Ok)]);
    let mut told = Told::new();
    told.lines([json("start", 1)]).lines(run(2)).lines([json("report", 1)]);
    assert_eq!(told.runs(), [(id(1), RunOutcome::Error)]);
    // A line of the other format that is read late, and came first.
    let mut told = Told::new();
    told.line(100, &json("report", 2));
    told.line(200, &end(1));
    told.line(50, &start(1));
    assert_eq!(told.runs(), [(id(1), RunOutcome::Ok)]);
}

#[test]
fn words_may_be_read_after_a_failure_that_they_came_before() {
    const PYTHON: &str = "[ERROR] KeyError: 'a'\rTraceback (most recent call last):\r\u{a0}\u{a0}File \"x\"";
    for (after, expected) in [(1, RunOutcome::Error), (500, RunOutcome::Unknown)] {
        let mut told = Told::new();
        told.line(0, &start(1));
        told.line(10, PYTHON);
        told.line(10 + after, "got order 7");
        told.line(1_000, &end(1));
        told.line(1_001, &report(1));
        assert_eq!(told.runs(), [(id(1), expected)], "{after} ms");
    }
}
