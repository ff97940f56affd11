//! Log lines read a second: a mix of text lines, one of JSON lines, and the fold of both into runs.

use std::fmt::Write as _;
use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use jiff::Timestamp;
use pitagora::domain::NodeId;
use pitagora::logs::{Invocations, parse};

/// Runs of each mix, twelve lines a run.
const RUNS: u32 = 1_000;

fn id(n: u32) -> String {
    format!("{n:08x}-0000-4aaa-8bbb-123456789abc")
}

/// Words of about a hundred bytes.
fn words(n: u32) -> String {
    format!("order {n} of customer 4711 was read, its three items are in stock, and the parcel leaves tomorrow")
}

/// What a Python function writes: one run in ten fails.
fn text() -> Vec<String> {
    let mut lines = Vec::new();
    for n in 0..RUNS {
        let id = id(n);
        lines.push(format!("START RequestId: {id} Version: $LATEST\n"));
        for line in 0..5 {
            lines.push(format!("[INFO]\t2026-01-01T00:00:00.000Z\t{id}\t{}\n", words(line)));
            lines.push(format!("{}\n", words(line)));
        }
        if n % 10 == 0 {
            lines.push(
                "[ERROR] KeyError: 'action'\rTraceback (most recent call last):\r\u{a0}\u{a0}File \"x\"\n".into(),
            );
        }
        lines.push(format!("END RequestId: {id}\n"));
        lines.push(format!(
            "REPORT RequestId: {id}\tDuration: 3.01 ms\tBilled Duration: 4 ms\tMemory Size: 128 MB\tMax Memory Used: 36 MB\t\n"
        ));
    }
    lines
}

/// What a Node function writes in the JSON format.
fn json() -> Vec<String> {
    let mut lines = Vec::new();
    for n in 0..RUNS {
        let id = id(n);
        let event = |kind: &str, more: &str| {
            format!(
                r#"{{"time":"2026-01-01T00:00:00.000Z","type":"platform.{kind}","record":{{"requestId":"{id}"{more}}}}}"#
            )
        };
        lines.push(event("start", r#","version":"$LATEST""#));
        for line in 0..10 {
            let mut text = String::new();
            let _ = write!(
                text,
                r#"{{"timestamp":"2026-01-01T00:00:00.000Z","level":"INFO","requestId":"{id}","message":"{}"}}"#,
                words(line)
            );
            lines.push(text);
        }
        lines.push(event(
            "report",
            r#","metrics":{"durationMs":12.3,"billedDurationMs":13,"memorySizeMB":128,"maxMemoryUsedMB":66},"status":"success""#,
        ));
    }
    lines
}

fn read(c: &mut Criterion) {
    for (name, lines) in [("text", text()), ("json", json())] {
        let mut group = c.benchmark_group("logs");
        group.throughput(Throughput::Elements(lines.len() as u64));
        group.bench_function(format!("parse {name}"), |b| {
            b.iter(|| {
                for line in &lines {
                    black_box(parse(black_box(line)));
                }
            });
        });
        let function: NodeId = "arn:aws:lambda:eu-west-1:111122223333:function:work".into();
        group.bench_function(format!("parse and fold {name}"), |b| {
            b.iter_batched(
                Invocations::default,
                |mut all| {
                    for (ms, line) in (0..).zip(&lines) {
                        let at = Timestamp::from_millisecond(1_700_000_000_000 + ms).unwrap_or_default();
                        all.take(&function, "2026/01/01/[$LATEST]5f1c", at, line);
                        // As often as a screen is drawn while lines stream in.
                        if ms % 500 == 0 {
                            all.refresh();
                        }
                    }
                    all.refresh();
                    all
                },
                BatchSize::LargeInput,
            );
        });
        group.finish();
    }
}

criterion_group!(benches, read);
criterion_main!(benches);
