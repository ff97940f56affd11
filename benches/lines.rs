//! Log lines parsed, folded and held a second, memory per line, and search over a million lines.

use std::collections::BTreeMap;
use std::sync::Arc;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use jiff::Timestamp;
use pitagora::domain::log::{Line, LogRead, Reach};
use pitagora::domain::{Fact, NodeId, Observation, Scope, Source};
use pitagora::logs::{Filter, Logs, Pattern, Search};
use pitagora::store::Store;

const GROUPS: usize = 10;
/// A look's lines: a page.
const PAGE: usize = 10_000;
const MILLION: usize = 1_000_000;

fn at(ms: usize) -> Timestamp {
    Timestamp::from_millisecond(1_700_000_000_000 + i64::try_from(ms).unwrap_or(0)).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// The lines of a function that says eight things of about 100 bytes in each run.
fn text(n: usize) -> String {
    let id = format!("{:08x}-0000-4000-8000-000000000000", n / 10);
    match n % 10 {
        0 => format!("START RequestId: {id} Version: $LATEST"),
        9 => format!(
            "REPORT RequestId: {id}\tDuration: 12.34 ms\tBilled Duration: 13 ms\tMemory Size: 128 MB\tMax Memory Used: 36 MB\t"
        ),
        5 if n.is_multiple_of(1_000) => format!("[ERROR]\t2026-01-01T00:00:00.000Z\t{id}\tcould not reserve order {n}"),
        _ => format!("[INFO]\t2026-01-01T00:00:00.000Z\t{id}\torder {n:>8} has been seen"),
    }
}

fn page(number: usize) -> Observation {
    let group = number % GROUPS;
    let lines = (0..PAGE).map(|n| Line {
        at: at(number * PAGE + n),
        // Four sandboxes, each with one run at a time.
        stream: format!("2026/01/01/[$LATEST]{}", n / 10 % 4),
        text: text(number * PAGE + n),
    });
    let read = LogRead {
        group: format!("/aws/lambda/f{group}"),
        functions: vec![NodeId::from(format!(
            "arn:aws:lambda:eu-west-1:111122223333:function:f{group}"
        ))],
        lines: lines.collect(),
        reach: Some(Reach {
            since: at(0),
            read_to: at(number * PAGE + PAGE),
            complete_to: None,
            settled_to: None,
            whole_since: Some(at(0)),
        }),
        ..LogRead::default()
    };
    Observation {
        at: at(number * PAGE + PAGE),
        scope: Scope {
            partition: "aws".into(),
            account: "111122223333".into(),
            region: "eu-west-1".into(),
        },
        source: Source::Logs,
        what: Fact::Lines(read),
    }
}

/// A million lines, as the store holds them.
fn million() -> Arc<Logs> {
    let mut store = Store::new();
    for number in 0..MILLION / PAGE {
        store.apply(page(number));
    }
    Arc::clone(&store.snapshot().logs)
}

fn holding(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("lines");
    group.throughput(Throughput::Elements(PAGE as u64));
    group.bench_function("parse, fold and hold 10,000 lines", |bencher| {
        bencher.iter_batched(
            || (Store::new(), page(0)),
            |(mut store, page)| {
                store.apply(page);
                store
            },
            BatchSize::LargeInput,
        );
    });
    group.finish();
}

fn searching(criterion: &mut Criterion) {
    let logs = million();
    println!(
        "a million lines: {} held, {} dropped, {} bytes, {:.1} a line",
        logs.len(),
        logs.dropped(),
        logs.bytes,
        f64::from(u32::try_from(logs.bytes).unwrap_or(u32::MAX)) / f64::from(u32::try_from(logs.len()).unwrap_or(1))
    );
    let mut group = criterion.benchmark_group("search a million lines");
    group.sample_size(10);
    let patterns = BTreeMap::from([
        ("a word", "could not reserve"),
        ("a word in any case", "ERROR|exception"),
        ("a class", "order +[0-9]+99 has"),
    ]);
    for (name, pattern) in patterns {
        let Ok(pattern) = Pattern::new(pattern) else { continue };
        let filter = Filter {
            pattern: Some(pattern),
            ..Filter::default()
        };
        group.bench_function(name, |bencher| {
            bencher.iter(|| Search::new(filter.clone()).view(&logs).len());
        });
    }
    group.finish();
}

criterion_group!(benches, holding, searching);
criterion_main!(benches);
