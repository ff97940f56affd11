//! Observations folded a second, and from an empty store to the first frame's snapshot.

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use jiff::Timestamp;
use pitagora::domain::log::{Line, LogRead};
use pitagora::domain::{
    Detail, Edge, EdgeKind, Evidence, Fact, Function, Logging, Node, NodeId, NodeKind, Observation, Part, Scope, Source,
};
use pitagora::store::Store;

const FUNCTIONS: usize = 500;

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(1_700_000_000_000 + ms).unwrap_or(Timestamp::UNIX_EPOCH)
}

fn seen(ms: i64, what: Fact) -> Observation {
    let scope = Scope {
        partition: "aws".into(),
        account: "111122223333".into(),
        region: "eu-west-1".into(),
    };
    Observation {
        at: at(ms),
        scope,
        source: Source::Topology,
        what,
    }
}

fn id(n: usize) -> NodeId {
    format!("arn:aws:lambda:eu-west-1:111122223333:function:f{n}").into()
}

/// A survey of functions in a row, each part as a survey tells it.
fn survey() -> Vec<Observation> {
    (0..FUNCTIONS)
        .map(|n| {
            let detail = Function {
                logging: Logging::to(format!("/aws/lambda/f{n}")),
                ..Function::default()
            };
            let node = Node {
                id: id(n),
                kind: NodeKind::Lambda,
                name: format!("f{n}"),
                detail: Detail::Function(Box::new(detail)),
            };
            let edge = Edge::new(
                id(n),
                id((n + 1) % FUNCTIONS),
                EdgeKind::Destination,
                Evidence::Configured,
            );
            seen(
                0,
                Fact::Found {
                    part: Part::new("f", n.to_string()),
                    nodes: vec![node],
                    edges: vec![edge],
                },
            )
        })
        .collect()
}

/// A minute of runs: a START and a REPORT for each of so many.
fn runs(count: usize) -> Vec<Observation> {
    (0..count)
        .map(|n| {
            let request_id = format!("{n:08}-0000-4000-8000-000000000000");
            let ms = i64::try_from(n).unwrap_or(0);
            let line = |ms, text: String| Line {
                at: at(ms),
                stream: "s".into(),
                text,
            };
            let status = if n % 50 == 0 { "Status: error" } else { "" };
            let lines = vec![
                line(ms, format!("START RequestId: {request_id} Version: $LATEST")),
                line(
                    ms + 5,
                    format!("REPORT RequestId: {request_id}\tDuration: 5.00 ms\t{status}"),
                ),
            ];
            let read = LogRead {
                group: format!("/aws/lambda/f{}", n % FUNCTIONS),
                functions: vec![id(n % FUNCTIONS)],
                lines,
                ..LogRead::default()
            };
            seen(ms + 10, Fact::Lines(read))
        })
        .collect()
}

fn fold(store: &mut Store, observations: Vec<Observation>) {
    for observation in observations {
        store.apply(observation);
    }
}

fn store(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("store");
    let runs = runs(10_000);
    group.throughput(Throughput::Elements(runs.len() as u64));
    group.bench_function("apply 10,000 observations of runs, 500 functions", |bencher| {
        bencher.iter_batched(
            || {
                let mut store = Store::new();
                fold(&mut store, survey());
                (store, runs.clone())
            },
            |(mut store, runs)| {
                fold(&mut store, runs);
                store
            },
            BatchSize::LargeInput,
        );
    });
    group.throughput(Throughput::Elements(1));
    group.bench_function("from nothing to the first snapshot, 500 functions", |bencher| {
        bencher.iter_batched(
            survey,
            |survey| {
                let mut store = Store::new();
                fold(&mut store, survey);
                store.snapshot()
            },
            BatchSize::LargeInput,
        );
    });
    group.finish();
}

criterion_group!(benches, store);
criterion_main!(benches);
