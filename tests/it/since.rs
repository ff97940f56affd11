//! `--since` is honoured, also where the first look at a log goes back less far, and whose a line is does not hang on the
//! scope.

use std::process::Output;

use serde_json::Value;

use crate::bench::{self, Served, parsed, program};

/// A function that failed once a minute for forty minutes.
const FAILING: &str = r#"
title = "since"
history = "40m"

[[function]]
name = "work"
[function.does]
work = "10ms"
fails = [{ error = "ValueError: x" }]

[[traffic]]
every = "60s"
from = "0s"
does = { invoke = { function = "work", payload = '{"n":{n}}', mode = "async" } }
"#;

fn run(url: &str, args: &[&str]) -> Output {
    let mut command = program(url, &std::env::temp_dir().join("pitagora-since"));
    command.args(args).output().expect("it runs")
}

fn starts(url: &str, since: &str) -> usize {
    let out = run(url, &["logs", "work", "--since", since, "--grep", "START Req"]);
    String::from_utf8_lossy(&out.stdout).matches("START").count()
}

fn events(url: &str, since: &str) -> usize {
    let out = run(url, &["retries", "--since", since, "--format", "json"]);
    let document: Value = serde_json::from_slice(&out.stdout).expect("a document");
    document["deliveries"].as_array().expect("rows").len()
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_and_events_are_read_as_far_back_as_was_asked() {
    let account = bench::account(&parsed(FAILING), 1.0);
    let served = Served::new(&account).await;
    let url = served.url.clone();
    let told = tokio::task::spawn_blocking(move || {
        [
            [starts(&url, "15m"), starts(&url, "1h"), starts(&url, "1d")],
            [events(&url, "15m"), events(&url, "1h"), events(&url, "1d")],
        ]
    });
    let [[quarter, hour, day], [few, more, all]] = told.await.expect("no panic");
    assert!(
        quarter < 60 && 90 < hour && hour.abs_diff(day) <= 3,
        "{quarter}, {hour}, {day}"
    );
    assert!(few < 25 && 35 < more && more.abs_diff(all) <= 1, "{few}, {more}, {all}");
    served.end().await;
}
