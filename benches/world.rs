//! What the simulated account takes: a million queued messages, 500 functions, and 10,000 log lines a second.

use std::hint::black_box;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use pitagora::sim::call::{Call, Service};
use pitagora::sim::scenario::{self, Scenario};
use pitagora::sim::services::dispatch;
use pitagora::sim::value::{Map, Value};
use pitagora::sim::world::World;
use pitagora::sim::world::queue::{Letter, Queue};

/// A moment to begin at.
const START: i64 = 1_780_000_020_000;

fn scenario_of(text: &str) -> World {
    let scenario = Scenario::parse(text).expect("the scenario parses");
    scenario.build(START, None).expect("it builds")
}

fn call(service: Service, op: &str, members: &[(&str, Value)]) -> Call {
    let input: Map = members.iter().map(|(name, value)| (*name, value.clone())).collect();
    Call::new(service, op, Value::Map(input))
}

fn million() -> Queue {
    let mut queue = Queue::new("q", START);
    for n in 0..1_000_000 {
        queue.send(
            format!("{n:036}"),
            Letter::of("an order of some hundred bytes, say"),
            START,
        );
    }
    queue
}

/// Receiving and deleting 10 of a million messages, and counting the rest.
fn queues(c: &mut Criterion) {
    let mut queue = million();
    let mut now = START;
    c.bench_function("world: receive, delete and send 10 of a million messages", |b| {
        b.iter(|| {
            now += 1;
            let found = queue.receive(10, 30_000, Some(3), now);
            for place in found.places {
                queue.delete(place, 1);
            }
            for n in 0..10 {
                queue.send(format!("{n:036}"), Letter::of("again"), now);
            }
            black_box(queue.visible())
        });
    });
}

/// 500 functions that write some 10,000 log lines each second: five lines an invocation, 2,000 invocations.
const CROWD: &str = r#"
seed = 1
[[repeat]]
times = 500
[[repeat.function]]
name = "f-{i}"
does = { work = "20ms..80ms", print = ["INFO one", "INFO two"] }
[[repeat.traffic]]
every = "240ms..260ms"
does = { invoke = { function = "f-{i}" } }
"#;

/// A second of the crowd, and a page of its logs.
fn crowd(c: &mut Criterion) {
    let mut world = scenario_of(CROWD);
    let mut now = START + 5000;
    world.advance_to(now);
    c.bench_function("world: a second with 500 functions and 10,000 log lines", |b| {
        b.iter(|| {
            now += 1000;
            world.advance_to(now);
        });
    });
    let page = call(
        Service::Logs,
        "FilterLogEvents",
        &[("logGroupName", "/aws/lambda/f-7".into())],
    );
    c.bench_function("world: a page of log events", |b| {
        b.iter(|| black_box(dispatch(&mut world, &page)));
    });
    let list = call(Service::Lambda, "ListFunctions", &[]);
    c.bench_function("world: a page of 50 functions", |b| {
        b.iter(|| black_box(dispatch(&mut world, &list)));
    });
}

/// From nothing to the account that the demo shows first, its history included.
fn start(c: &mut Criterion) {
    let mut group = c.benchmark_group("world: build");
    group.sample_size(10);
    for name in ["pitagora", "storm"] {
        group.bench_function(name, |b| {
            b.iter_batched(
                || scenario::built_in(name).expect("it is there").expect("it parses"),
                |scenario| black_box(scenario.build(START, None).expect("it builds")),
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();
}

criterion_group!(benches, queues, crowd, start);
criterion_main!(benches);
