//! The calls of a survey of 1,000 functions, and the seconds that AWS's limits make of them: the first survey, a later one, and
//! those of one queue and one pipeline. No clock is read: what is counted is the same on every machine.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use aws_smithy_runtime_api::client::http::SharedHttpClient;
use pitagora::aws::{Options, Session};
use pitagora::domain::{Clock, Interest};
use pitagora::driver;
use pitagora::pollers::{Pace, ScopeFilter, Want, Watch};
use pitagora::sim::account::{Account, Home};
use pitagora::sim::connector::InProcess;
use pitagora::sim::scenario::Scenario;
use pitagora::store::{Snapshot, Store};
use tokio::sync::{mpsc, watch};

const REGION: &str = "eu-west-1";
const START_MS: i64 = 1_767_225_600_000;

/// Calls a second, by how an action begins. AWS (apis): Lambda's as published, the others as little as they are known to be.
const LIMITS: [(&str, u64); 8] = [
    ("lambda:GetPolicy", 15),
    ("lambda:GetFunctionRecursionConfig", 15),
    ("lambda:GetFunction", 100),
    ("lambda:", 15),
    ("logs:DescribeSubscriptionFilters", 5),
    ("sns:", 30),
    ("events:", 50),
    ("", 50),
];

fn limit(action: &str) -> (&'static str, u64) {
    let of = |(start, _): &&(&str, u64)| action.starts_with(start);
    LIMITS.iter().find(of).copied().unwrap_or(("", 50))
}

/// The calls of the last of so many surveys.
async fn calls(scenario: &Scenario, want: Want, only: &[&str], surveys: u32) -> (Arc<Snapshot>, BTreeMap<String, u64>) {
    let world = scenario.build(START_MS, Some(REGION)).expect("it builds");
    let home = Home {
        account: world.account.clone(),
        region: world.region.clone(),
    };
    let account = Account::new(world, home, START_MS, 1.0);
    let session = Session::connect(Options {
        http_client: Some(SharedHttpClient::new(InProcess::new(account))),
        clock: Some(Clock::told()),
        region: Some(REGION.to_owned()),
        simulated: true,
        budgets: Some(100_000),
        ..Options::default()
    });
    let session = session.await.expect("connects");
    let clock = session.clock().unwrap_or(Clock::System);
    let (sender, observations) = mpsc::channel(4_096);
    let (publish, mut snapshots) = watch::channel(Arc::new(Snapshot::default()));
    let (_attend, interest) = watch::channel(Interest::default());
    let only: Vec<String> = only.iter().map(|&only| only.to_owned()).collect();
    let filter = ScopeFilter::only(&only).expect("patterns");
    let pace = Pace {
        // Long enough that none begins while the last one is told of.
        survey: Duration::from_secs(if surveys > 1 { 10 } else { 3_600 }),
        ..Pace::AWS
    };
    let store = tokio::spawn(driver::drive(Store::new(), observations, publish, clock.clone()));
    let watch = Watch::new(session.clone(), clock, filter, pace, interest, sender).of(want);
    let watching = tokio::spawn(async move { watch.run(&[]).await });
    let (mut at, mut before) = (None, BTreeMap::new());
    for _ in 0..surveys {
        before = session.calls().by_api;
        while snapshots.borrow_and_update().topology.surveyed_at == at {
            snapshots.changed().await.expect("the store runs");
        }
        at = snapshots.borrow().topology.surveyed_at;
    }
    let mut calls = session.calls().by_api;
    watching.abort();
    store.abort();
    for (action, calls) in &mut calls {
        *calls -= before.get(action).copied().unwrap_or(0);
    }
    calls.retain(|_, calls| *calls > 0);
    let snapshot = Arc::clone(&snapshots.borrow());
    (snapshot, calls)
}

fn main() {
    // `cargo test --benches` asks only whether it runs.
    let is_test = !std::env::args().any(|word| word == "--bench");
    let text = include_str!("survey/thousand.toml");
    let text = if is_test {
        text.replace("times = 250", "times = 30")
    } else {
        text.to_owned()
    };
    let scenario = Scenario::parse(&text).expect("a scenario");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    for (title, want, only, surveys) in [
        ("the first survey", Want::Everything, &[][..], 1),
        ("a later survey", Want::Everything, &[], 2),
        ("one queue", Want::Named(vec!["work-dlq-7".to_owned()]), &[], 1),
        ("one pipeline", Want::Functions, &["*-7"], 1),
        ("one function's log", Want::Logs, &[], 1),
    ] {
        let (snapshot, calls) = runtime.block_on(calls(&scenario, want, only, surveys));
        let topology = &snapshot.topology;
        let mut shared: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
        for (action, calls) in &calls {
            let (budget, rate) = limit(action);
            shared.entry(budget).or_insert((0, rate)).0 += calls;
        }
        // A second's worth may come at once, and the budgets are spent beside each other.
        let seconds = shared
            .values()
            .map(|(calls, rate)| calls.saturating_sub(*rate).div_ceil(*rate));
        println!(
            "{title}: {} calls, {} s at AWS's limits; {} nodes, {} edges, complete: {}",
            calls.values().sum::<u64>(),
            seconds.max().unwrap_or(0),
            topology.nodes.len(),
            topology.edges.len(),
            topology.complete
        );
        for (action, calls) in calls {
            println!("{calls:>7}  {action}");
        }
    }
}
