//! Events of each runtime, from `tests/fixtures/logs`, and the same with damage.

use jiff::Timestamp;
use proptest::prelude::*;
use serde::Deserialize;

use super::parse::{Failure, Said, Weight, parse};
use super::{Invocations, Parsed};
use crate::domain::{Invocation, NodeId};

#[derive(Deserialize)]
struct Fixture {
    case: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    /// Where the lines are from.
    source: String,
    /// Events of one stream, and what the parser makes of each.
    lines: Vec<(String, String)>,
    /// The outcome of the first invocation.
    run: Option<String>,
}

fn cases() -> Vec<Case> {
    const FILES: [&str; 8] = [
        include_str!("../../tests/fixtures/logs/python.toml"),
        include_str!("../../tests/fixtures/logs/node.toml"),
        include_str!("../../tests/fixtures/logs/java.toml"),
        include_str!("../../tests/fixtures/logs/go.toml"),
        include_str!("../../tests/fixtures/logs/dotnet.toml"),
        include_str!("../../tests/fixtures/logs/rust.toml"),
        include_str!("../../tests/fixtures/logs/ruby.toml"),
        include_str!("../../tests/fixtures/logs/custom.toml"),
    ];
    let read = |file| toml::from_str::<Fixture>(file).expect("a fixture").case;
    FILES.into_iter().flat_map(read).collect()
}

/// What a line says, in the words of the fixtures.
fn told(parsed: &Parsed<'_>) -> String {
    let failure = |failure: &Failure<'_>| match &failure.kind {
        Some(kind) if failure.message.is_empty() => kind.to_string(),
        Some(kind) => format!("{kind}: {}", failure.message),
        None => failure.message.to_string(),
    };
    let mut words = match &parsed.said {
        Said::InitStart => "init start".to_owned(),
        Said::InitReport(report) => format!("init report {report:?}"),
        Said::Start { .. } => "start".to_owned(),
        Said::End { status, error_type } => {
            let status = status.map(|status| format!(" {status:?}")).unwrap_or_default();
            let kind = error_type.as_ref().map(|kind| format!(" {kind}")).unwrap_or_default();
            format!("end{status}{kind}")
        }
        Said::Report(report) => {
            let mut parts = Vec::new();
            parts.extend(report.duration_us.map(|us| format!("{us} us")));
            parts.extend(report.billed_ms.map(|ms| format!("billed {ms} ms")));
            let memory = report.max_memory_mb.zip(report.memory_mb);
            parts.extend(memory.map(|(used, may)| format!("{used} of {may} MB")));
            parts.extend(report.init_us.map(|us| format!("init {us} us")));
            parts.extend(report.status.map(|status| {
                let kind = report.error_type.as_ref().map(|kind| format!(" {kind}"));
                format!("{status:?}{}", kind.unwrap_or_default())
            }));
            parts.extend(report.xray.as_ref().map(|xray| format!("trace {xray}")));
            format!("report {}", parts.join(", "))
        }
        Said::Timeout { after_us } => format!("timeout {after_us} us"),
        Said::Crash(said) => format!("crash {}", failure(said)),
        Said::OutOfMemory(said) => format!("out of memory {}", failure(said)),
        Said::HeapFull(said) => format!("heap full {}", failure(said)),
        Said::Exception { failure: said, weight } => {
            let weight = match weight {
                Weight::Logged => "logged",
                Weight::Printed => "printed",
                Weight::LastWord => "last word",
                Weight::Uncaught => "uncaught",
            };
            format!("{weight} {}", failure(said))
        }
        Said::TracebackHead => "traceback head".to_owned(),
        Said::Trace { xray } => format!("trace {xray}"),
        Said::Service => "service".to_owned(),
        Said::Plain => "plain".to_owned(),
    };
    if let Some(level) = parsed.level {
        words = words + " " + level.word();
    }
    if let Some(id) = &parsed.request_id {
        words = words + " #" + id;
    }
    if parsed.json {
        words += " json";
    }
    words
}

fn function() -> NodeId {
    "arn:aws:lambda:eu-west-1:111122223333:function:work".into()
}

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(1_700_000_000_000 + ms).expect("a time")
}

/// The outcome of an invocation, in the words of the fixtures.
fn ended(run: &Invocation) -> String {
    let outcome = serde_json::to_value(run.outcome).expect("an outcome");
    let outcome = outcome.as_str().unwrap_or_default().to_owned();
    match &run.error {
        Some(error) => match &error.kind {
            Some(kind) => format!("{outcome} {kind}: {}", error.message),
            None => format!("{outcome} {}", error.message),
        },
        None => outcome,
    }
}

#[test]
fn each_line_is_read_as_its_fixture_says() {
    let mut wrong = Vec::new();
    for case in cases() {
        for (text, expected) in &case.lines {
            let found = told(&parse(text));
            if &found != expected {
                wrong.push(format!(
                    "{text:?} of {}\n  is      {found}\n  not {expected}",
                    case.source
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_run_ends_as_its_fixture_says() {
    let mut wrong = Vec::new();
    for case in cases() {
        let Some(expected) = &case.run else { continue };
        let mut all = Invocations::default();
        for (n, (text, _)) in (0..).zip(&case.lines) {
            all.take(&function(), "a", at(n * 50), text);
        }
        all.refresh();
        let runs = all.runs(&function());
        let found = runs.iter().next().map_or_else(|| "no run".to_owned(), |run| ended(run));
        if &found != expected {
            wrong.push(format!("{}\n  is      {found}\n  not {expected}", case.source));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn lines_that_were_cut_do_not_break() {
    for case in cases() {
        for (text, _) in &case.lines {
            for (end, _) in text.char_indices() {
                let _ = parse(&text[..end]);
                let _ = parse(&text[end..]);
            }
        }
    }
}

#[test]
fn a_json_line_that_was_cut_keeps_what_came_before() {
    let parsed = parse(r#"{"level":"ERROR","requestId":"5f1c0000-0000-4000-8000-000000000001","message":"a long on"#);
    assert_eq!(told(&parsed), "plain error #5f1c0000-0000-4000-8000-000000000001 json");
}

#[test]
fn bytes_that_were_no_text_are_carried_through() {
    let line =
        "[ERROR] ValueError: caf\u{fffd}\u{fffd} \u{a0}\u{202e}\rTraceback (most recent call last):\r\u{a0}\u{a0}x";
    assert_eq!(
        told(&parse(line)),
        "uncaught ValueError: caf\u{fffd}\u{fffd} \u{a0}\u{202e} error"
    );
}

#[test]
fn a_line_of_a_megabyte_is_still_a_line() {
    let long = "x".repeat(1 << 20);
    for line in [
        long.clone(),
        format!("[ERROR] {long}: {long}\rTraceback (most recent call last):"),
        format!(r#"{{"level":"ERROR","message":"{long}""#),
        format!("{}{}", "{\"message\":".repeat(1 << 16), long),
        format!("START RequestId: {long}"),
        format!(
            "REPORT RequestId: 5f1c0000-0000-4000-8000-000000000001\t{}",
            "Status: ".repeat(1 << 16)
        ),
        "messageId".repeat(1 << 16),
        "[".repeat(1 << 20),
        "2026-01-01T00:00".repeat(1 << 16),
        "\u{1b}[0m".repeat(1 << 18),
    ] {
        let parsed = parse(&line);
        let message = match &parsed.said {
            Said::Exception { failure, .. } | Said::Crash(failure) => failure.message.len(),
            _ => 0,
        };
        assert!(message <= 4 * super::parse::MESSAGE);
    }
}

/// Parts that lines are made of, to be put together in ways that no runtime would.
fn part() -> impl Strategy<Value = String> {
    let known = [
        "START RequestId: ",
        "END RequestId: ",
        "REPORT RequestId: ",
        "RequestId: ",
        "5f1c0000-0000-4000-8000-000000000001",
        " Version: ",
        " Error: ",
        "Runtime exited with error: ",
        "\nRuntime.ExitError",
        " Task timed out after ",
        " seconds",
        "Duration: ",
        "3.01 ms",
        "99999999999999999999 ms",
        "Memory Size: 128 MB",
        "Status: ",
        "timeout",
        "\t",
        "\n",
        "\r",
        "\u{a0}",
        "\u{fffd}",
        "[ERROR] ",
        "[",
        "]",
        "{",
        "}",
        "\"errorType\":",
        "\"errorMessage\":",
        "\"requestId\":\"5f1c0000-0000-4000-8000-000000000001\"",
        "\"record\":{",
        "\"type\":\"platform.report\",",
        "\"level\":1e400,",
        "\"metrics\":{\"durationMs\":-1e308}",
        "Traceback (most recent call last):",
        "2026-01-01T00:00:00.000Z",
        "ERROR",
        "Invoke Error",
        "thread 'main' panicked at ",
        "panic: ",
        "messageId",
        ": java.lang.Error\njava.lang.Error",
        "\u{1b}[31m",
        "level=",
        "E, [",
        "INIT_REPORT ",
        "Phase: invoke",
        "注文",
    ];
    prop_oneof![
        6 => proptest::sample::select(known.to_vec()).prop_map(str::to_owned),
        1 => ".{0,20}",
    ]
}

proptest! {
    #[test]
    fn no_text_breaks_the_parser(parts in proptest::collection::vec(part(), 0..12)) {
        let text = parts.concat();
        let _ = told(&parse(&text));
        let _ = super::parse::names::message_ids(&text).count();
    }

    #[test]
    fn no_lines_break_the_runs(
        lines in proptest::collection::vec((0..50_i64, 0..3_u8, proptest::collection::vec(part(), 0..6)), 0..60),
        step in 1..10_usize,
    ) {
        let mut all = Invocations::default();
        for (n, (ms, stream, parts)) in lines.iter().enumerate() {
            all.take(&function(), &stream.to_string(), at(*ms), &parts.concat());
            if n % step == 0 {
                all.refresh();
            }
        }
        all.refresh();
        for run in all.runs(&function()).iter() {
            prop_assert!(run.attempt >= 1);
        }
    }
}
