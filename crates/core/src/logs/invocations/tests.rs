use super::*;
use crate::domain::{Invocation, RunOutcome, RunReport};

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(1_700_000_000_000 + ms).expect("a time")
}

fn function() -> NodeId {
    "arn:aws:lambda:eu-west-1:111122223333:function:work".into()
}

/// A request id from a number.
fn id(n: u32) -> String {
    format!("{n:08x}-0000-4aaa-8bbb-123456789abc")
}

fn start(n: u32) -> String {
    format!("START RequestId: {} Version: $LATEST\n", id(n))
}

fn end(n: u32) -> String {
    format!("END RequestId: {}\n", id(n))
}

fn report(n: u32, more: &str) -> String {
    format!(
        "REPORT RequestId: {}\tDuration: 3.01 ms\tBilled Duration: 4 ms\tMemory Size: 128 MB\tMax Memory Used: 36 MB\t{more}\n",
        id(n)
    )
}

const PYTHON: &str =
    "[ERROR] KeyError: 'action'\rTraceback (most recent call last):\r\u{a0}\u{a0}File \"/var/task/x.py\"";

/// Lines of one stream, a second apart.
fn told(lines: &[&str]) -> Vec<Arc<Invocation>> {
    let lines: Vec<(i64, &str, &str)> = (0..).zip(lines).map(|(n, line)| (n * 1000, "a", *line)).collect();
    folded(&lines)
}

/// Lines with their times in ms and their streams, in the order in which they come.
fn folded(lines: &[(i64, &str, &str)]) -> Vec<Arc<Invocation>> {
    let mut all = Invocations::default();
    for (ms, stream, text) in lines {
        all.take(&function(), stream, at(*ms), text);
    }
    all.refresh();
    all.runs(&function()).iter().cloned().collect()
}

fn outcomes(lines: &[&str]) -> Vec<RunOutcome> {
    told(lines).iter().map(|run| run.outcome).collect()
}

fn said(run: &Invocation) -> (Option<&str>, &str) {
    let error = run.error.as_ref().expect("an error");
    (error.kind.as_deref(), error.message.as_str())
}

#[test]
fn a_run_has_the_figures_of_its_report() {
    let runs = told(&[
        &start(1),
        "hello",
        &end(1),
        &report(
            1,
            "Init Duration: 110.10 ms\t\nXRAY TraceId: 1-5f\tSegmentId: 6\tSampled: true\t",
        ),
    ]);
    let expected = Invocation {
        function: function(),
        request_id: id(1),
        attempt: 1,
        stream: "a".into(),
        start: Some(at(0)),
        end: Some(at(2000)),
        outcome: RunOutcome::Ok,
        error: None,
        report: RunReport {
            duration_us: Some(3010),
            billed_ms: Some(4),
            memory_mb: Some(128),
            max_memory_mb: Some(36),
            init_us: Some(110_100),
        },
        xray: Some("1-5f".into()),
        version: Some("$LATEST".into()),
        message_ids: Vec::new(),
    };
    assert_eq!(runs, [Arc::new(expected)]);
}

#[test]
fn ends_are_told_apart() {
    let timeout = format!(
        "2023-10-20T16:28:17.840Z {} Task timed out after 31.01 seconds\n\n",
        id(1)
    );
    let runs = told(&[&start(1), &timeout, &end(1), &report(1, "")]);
    assert_eq!(runs[0].outcome, RunOutcome::Timeout);
    assert_eq!(said(&runs[0]), (Some("Sandbox.Timedout"), "timed out after 31.01 s"));

    let exit = format!(
        "RequestId: {} Error: Runtime exited with error: exit status 1\nRuntime.ExitError\n",
        id(1)
    );
    let crash = [
        &start(1),
        exit.as_str(),
        &end(1),
        &report(1, "Status: error\tError Type: Runtime.ExitError"),
    ];
    let runs = told(&crash);
    assert_eq!(runs[0].outcome, RunOutcome::Crash);
    assert_eq!(
        said(&runs[0]),
        (Some("Runtime.ExitError"), "Runtime exited with error: exit status 1")
    );

    let killed = format!(
        "RequestId: {} Error: Runtime exited with error: signal: killed\nRuntime.ExitError\n",
        id(1)
    );
    assert_eq!(outcomes(&[&start(1), &killed, &end(1)]), [RunOutcome::OutOfMemory]);

    // Newer functions write no line at all, but a status (DataBiosphere/azul#8140).
    assert_eq!(
        outcomes(&[&start(1), &end(1), &report(1, "Status: timeout")]),
        [RunOutcome::Timeout]
    );

    let runs = told(&[&start(1), PYTHON, &end(1), &report(1, "")]);
    assert_eq!(runs[0].outcome, RunOutcome::Error);
    assert_eq!(said(&runs[0]), (Some("KeyError"), "'action'"));

    assert_eq!(outcomes(&[&start(1), "working"]), [RunOutcome::Running]);
}

#[test]
fn a_sandbox_that_does_not_start_fails_the_run() {
    let runs = told(&[
        "INIT_START Runtime Version: python:3.13.v57\tRuntime Version ARN: arn:x",
        "[ERROR] Runtime.ImportModuleError: Unable to import module 'x': No module named 'y'\rTraceback (most recent call last):",
        "INIT_REPORT Init Duration: 250.21 ms\tPhase: init\tStatus: error\tError Type: Runtime.ImportModuleError",
        &start(1),
        &end(1),
        &report(1, "Status: error\tError Type: Runtime.ImportModuleError"),
        &start(2),
        &end(2),
        &report(2, ""),
    ]);
    assert_eq!(runs[0].outcome, RunOutcome::InitFailure);
    assert_eq!(
        said(&runs[0]),
        (
            Some("Runtime.ImportModuleError"),
            "Unable to import module 'x': No module named 'y'"
        )
    );
    assert_eq!(runs[1].outcome, RunOutcome::Ok);

    // The start within the invocation took too long.
    let timeout = format!("2023-10-20T16:28:17.840Z {} Task timed out after 3.00 seconds", id(1));
    let runs = outcomes(&[
        "INIT_REPORT Init Duration: 9999.81 ms\tPhase: init\tStatus: timeout",
        &start(1),
        "INIT_REPORT Init Duration: 3000.81 ms\tPhase: invoke\tStatus: timeout",
        &timeout,
        &end(1),
    ]);
    assert_eq!(runs, [RunOutcome::InitFailure]);

    // The second start succeeded, and then the handler failed.
    let runs = outcomes(&[
        "INIT_REPORT Init Duration: 9999.81 ms\tPhase: init\tStatus: timeout",
        &start(1),
        PYTHON,
        &end(1),
    ]);
    assert_eq!(runs, [RunOutcome::Error]);
}

#[test]
fn the_nth_start_of_a_request_is_its_nth_attempt() {
    let (first, second, third) = (start(1), end(1), report(1, ""));
    let lines = [
        // The third attempt is read first.
        (197_000, "b", first.as_str()),
        (0, "a", &first),
        (10, "a", PYTHON),
        (20, "a", &second),
        (20, "a", &third),
        (66_000, "a", &first),
        (66_020, "a", &second),
    ];
    let runs = folded(&lines);
    let seen: Vec<_> = runs
        .iter()
        .map(|run| (run.attempt, run.stream.as_str(), run.outcome))
        .collect();
    assert_eq!(
        seen,
        [
            (1, "a", RunOutcome::Error),
            (2, "a", RunOutcome::Ok),
            (3, "b", RunOutcome::Running)
        ]
    );
}

#[test]
fn the_end_of_a_later_attempt_whose_start_comes_late_is_not_the_first_ones() {
    let first = [(0, start(1)), (100, end(1)), (101, report(1, ""))];
    let second = [(66_000, end(1)), (66_001, report(1, ""))];
    let lines: Vec<(i64, &str, &str)> = first
        .iter()
        .chain(&second)
        .map(|(ms, text)| (*ms, "a", text.as_str()))
        .collect();
    let early = folded(&lines);
    assert_eq!(early[0].end, Some(at(100)), "{early:?}");
    let began = start(1);
    let mut lines = lines;
    lines.push((65_900, "a", &began));
    let runs = folded(&lines);
    let times: Vec<_> = runs.iter().map(|run| (run.attempt, run.start, run.end)).collect();
    assert_eq!(
        times,
        [(1, Some(at(0)), Some(at(100))), (2, Some(at(65_900)), Some(at(66_000)))]
    );
}

#[test]
fn a_line_without_an_id_is_of_the_run_in_its_own_stream() {
    let (a, b) = (start(1), start(2));
    let (end_a, end_b) = (end(1), end(2));
    let runs = folded(&[
        (0, "a", &a),
        (1, "b", &b),
        (2, "a", PYTHON),
        (3, "b", &end_b),
        (4, "a", &end_a),
    ]);
    assert_eq!((runs[0].outcome, runs[1].outcome), (RunOutcome::Error, RunOutcome::Ok));
}

#[test]
fn an_error_line_that_comes_late_turns_the_run_into_a_failure() {
    let mut all = Invocations::default();
    for (ms, text) in [
        (0, start(1)),
        (20, end(1)),
        (20, report(1, "")),
        (30, start(2)),
        (40, end(2)),
    ] {
        all.take(&function(), "a", at(ms), &text);
    }
    let changes = all.refresh();
    assert!(changes.iter().all(|change| change.before.is_none()), "{changes:?}");
    assert_eq!(changes.len(), 2);
    all.take(&function(), "a", at(10), PYTHON);
    let changes = all.refresh();
    let [
        Change {
            before: Some(before),
            after: Some(after),
        },
    ] = changes.as_slice()
    else {
        panic!("{changes:?}");
    };
    assert_eq!((before.outcome, after.outcome), (RunOutcome::Ok, RunOutcome::Error));
    assert_eq!(after.request_id, id(1));
    assert!(all.refresh().is_empty());
}

#[test]
fn a_start_that_comes_late_claims_its_lines() {
    let mut all = Invocations::default();
    all.take(&function(), "a", at(10), PYTHON);
    all.take(&function(), "a", at(20), &end(1));
    all.refresh();
    let runs = all.runs(&function());
    assert_eq!(
        runs.iter().map(|run| (run.start, run.outcome)).collect::<Vec<_>>(),
        [(None, RunOutcome::Error)]
    );
    assert!(runs.owner("a", at(10), None).is_none());
    all.take(&function(), "a", at(0), &start(1));
    all.refresh();
    let runs = all.runs(&function());
    assert_eq!(
        runs.iter().map(|run| (run.start, run.outcome)).collect::<Vec<_>>(),
        [(Some(at(0)), RunOutcome::Error)]
    );
    let owner = runs.owner("a", at(10), None).expect("an owner");
    assert_eq!((owner.request_id.as_str(), owner.attempt), (id(1).as_str(), 1));
    assert!(runs.owner("b", at(10), None).is_none());
    assert!(runs.owner("a", at(30), None).is_none(), "it had ended");
}

#[test]
fn a_printed_traceback_leaves_open_how_a_run_ended_only_where_it_is_the_last_word_and_the_endpoint_is_not_aws() {
    let traceback = [
        "Traceback (most recent call last):",
        "  File \"x\", line 1",
        "    raise",
        "RuntimeError: no",
    ];
    let [a, b, c, d] = traceback;
    assert_eq!(
        outcomes(&[&start(1), a, b, c, d, &end(1)]),
        [RunOutcome::Unknown],
        "who wrote its report is not known yet"
    );
    // AWS's runtime would have written it in another form.
    let own = report(1, "");
    assert_eq!(outcomes(&[&start(1), a, b, c, d, &end(1), &own]), [RunOutcome::Ok]);
    let other = own.replace("3.01 ms", "3 ms");
    assert_eq!(
        outcomes(&[&start(1), a, b, c, d, &end(1), &other]),
        [RunOutcome::Unknown]
    );
    assert_eq!(outcomes(&[&start(1), a, b, c, d, "went on", &end(1)]), [RunOutcome::Ok]);
    assert_eq!(outcomes(&[&start(1), "x", &end(1)]), [RunOutcome::Ok]);
    // ministack gives all lines of an invocation one time.
    let lines: Vec<String> = [&start(1), a, b, c, d, &end(1), &start(2), &end(2)]
        .map(str::to_owned)
        .to_vec();
    let same: Vec<(i64, &str, &str)> = lines.iter().map(|line| (0, "a", line.as_str())).collect();
    let runs = folded(&same);
    assert_eq!(
        (runs[0].outcome, runs[1].outcome),
        (RunOutcome::Unknown, RunOutcome::Ok)
    );
}

#[test]
fn requests_that_share_a_stream_are_kept_apart() {
    let json = |kind: &str, n: u32, more: &str| {
        format!(
            r#"{{"time":"x","type":"platform.{kind}","record":{{"requestId":"{}"{more}}}}}"#,
            id(n)
        )
    };
    let (one, two) = (json("start", 1, r#","version":"7""#), json("start", 2, ""));
    let error = format!(
        r#"{{"timestamp":"x","log_level":"ERROR","errorMessage":"no","errorType":"E","requestId":"{}","stackTrace":[]}}"#,
        id(1)
    );
    let ended = json("report", 1, r#","metrics":{"durationMs":12.5},"status":"error""#);
    let good = json("report", 2, r#","metrics":{"durationMs":12.5},"status":"success""#);
    let runs = folded(&[
        (0, "a", &one),
        (1, "a", &two),
        (2, "a", "whose is this?"),
        (3, "a", &error),
        (4, "a", &good),
        (5, "a", &ended),
    ]);
    assert_eq!((runs[0].outcome, runs[1].outcome), (RunOutcome::Error, RunOutcome::Ok));
    assert_eq!(said(&runs[0]), (Some("E"), "no"));
    assert_eq!((runs[0].version.as_deref(), runs[1].end), (Some("7"), Some(at(4))));
    let mut all = Invocations::default();
    for (ms, text) in [(0, &one), (1, &two), (4, &good), (5, &ended)] {
        all.take(&function(), "a", at(ms), text);
    }
    all.refresh();
    let runs = all.runs(&function());
    assert!(runs.owner("a", at(2), None).is_none());
    assert_eq!(
        runs.owner("a", at(2), Some(&id(1))).map(|run| run.request_id.as_str()),
        Some(id(1).as_str())
    );
    assert_eq!(
        runs.owner("a", at(0), None).map(|run| run.request_id.as_str()),
        Some(id(1).as_str())
    );
}

#[test]
fn a_start_without_an_end_is_given_up_after_its_time() {
    let mut all = Invocations::default();
    all.take(&function(), "a", at(0), &start(1));
    all.refresh();
    let timeout = SignedDuration::from_secs(3);
    assert!(all.settle(&function(), at(3000), timeout).is_empty());
    let changes = all.settle(&function(), at(3001), timeout);
    assert_eq!(changes.len(), 1);
    let outcome = |all: &mut Invocations| all.runs(&function()).iter().map(|run| run.outcome).collect::<Vec<_>>();
    assert_eq!(outcome(&mut all), [RunOutcome::Unknown]);
    // Something else of it comes, but not its end.
    all.take(
        &function(),
        "a",
        at(10),
        "message_id=5f1c0000-0000-4000-8000-000000000000",
    );
    all.refresh();
    assert_eq!(outcome(&mut all), [RunOutcome::Unknown]);
    all.take(&function(), "a", at(2000), &end(1));
    all.refresh();
    assert_eq!(outcome(&mut all), [RunOutcome::Ok]);
}

#[test]
fn messages_that_lines_name_are_the_runs() {
    let runs = told(&[
        &start(1),
        r#"{"Records":[{"messageId":"5f1c0000-0000-4000-8000-000000000001"},{"messageId":"5f1c0000-0000-4000-8000-000000000002"}]}"#,
        "message_id=5f1c0000-0000-4000-8000-000000000001 went wrong",
        &end(1),
        "message_id=5f1c0000-0000-4000-8000-000000000003",
    ]);
    assert_eq!(
        runs[0].message_ids,
        [
            "5f1c0000-0000-4000-8000-000000000001",
            "5f1c0000-0000-4000-8000-000000000002"
        ]
    );
}

#[test]
fn memory_is_bounded_and_attempts_go_on() {
    let mut all = Invocations::default();
    all.take(&function(), "a", at(0), &start(0));
    all.take(&function(), "a", at(1), PYTHON);
    all.take(&function(), "a", at(2), &end(0));
    let most = u32::try_from(MOST_EACH).expect("a number");
    for n in 1..most + 10 {
        let ms = i64::from(n) * 10;
        let stream = format!("s{}", n % 7);
        all.take(&function(), &stream, at(ms), &start(n));
        all.take(&function(), &stream, at(ms + 1), "working");
        all.take(&function(), &stream, at(ms + 2), &end(n));
    }
    all.refresh();
    let runs = all.runs(&function());
    assert!(runs.len() <= MOST_EACH && runs.len() > MOST_EACH / 2, "{}", runs.len());
    // A late line of an invocation that was forgotten makes no new one.
    all.take(&function(), "a", at(3), &report(0, ""));
    assert!(all.refresh().is_empty());
    // But its retry is its second attempt.
    let last = i64::from(most) * 10 + 1000;
    all.take(&function(), "b", at(last), &start(0));
    all.refresh();
    let attempt = all
        .runs(&function())
        .attempts(&id(0))
        .map(|run| run.attempt)
        .collect::<Vec<_>>();
    assert_eq!(attempt, [2]);
}

/// A line may be late by seconds: while its START is on its way, an END takes nothing back that ran before in a sandbox whose
/// beginning was read.
#[test]
fn an_end_whose_start_is_late_takes_no_other_run_back() {
    let mut all = Invocations::default();
    let lines: [(i64, &str); 5] = [
        (
            0,
            "INIT_START Runtime Version: python:3.13.v57\tRuntime Version ARN: arn:aws:lambda:eu-west-1::runtime:x",
        ),
        (1, &start(1)),
        (2, PYTHON),
        (3, &end(1)),
        (9, &end(2)),
    ];
    for (ms, text) in lines {
        all.take(&function(), "a", at(ms), text);
        all.refresh();
    }
    let named = |all: &mut Invocations| all.runs(&function()).iter().any(|run| run.request_id == id(1));
    assert!(named(&mut all));
    all.take(&function(), "a", at(8), &start(2));
    all.refresh();
    assert_eq!(all.runs(&function()).len(), 2);
}
