//! A scenario, played and read whole.

use std::sync::Arc;

use aws_smithy_runtime_api::client::http::SharedHttpClient;
use jiff::{SignedDuration, Timestamp};
use pitagora::aws::{Options, Session};
use pitagora::domain::{Clock, Detail, Interest};
use pitagora::journey::{Held, Keys};
use pitagora::pollers::stepped::{Lockstep, Rhythm};
use pitagora::sim::account::{Account, Home};
use pitagora::sim::connector::InProcess;
use pitagora::sim::scenario::{self, Scenario};
use pitagora::sim::world::ground_truth::Entry;
use pitagora::store::{Snapshot, Store};

/// A moment to begin at: any will do.
const START: i64 = 1_780_000_020_000;
/// Account time moves on in steps of so many milliseconds.
const STEP_MS: u32 = 20_000;
const STEP: SignedDuration = SignedDuration::from_secs(20);
const RHYTHM: Rhythm = Rhythm {
    survey: SignedDuration::from_secs(600),
    seen: SignedDuration::ZERO,
    metrics: SignedDuration::from_secs(600),
    at_once: 32,
    speed: 1.0,
};

/// Whether functions print.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Voice {
    /// As the scenario has it.
    Loud,
    /// Nothing; and one event a minute comes in.
    Silent,
}

/// What happened, and what is held of it.
pub struct Played {
    /// What happened.
    pub truth: Vec<Entry>,
    /// What is known at the end.
    pub snapshot: Arc<Snapshot>,
    /// Links of what began from here on are held against the truth.
    pub from: Timestamp,
    /// Up to here.
    pub until: Timestamp,
    /// Whether functions printed.
    pub voice: Voice,
}

impl Played {
    /// What journeys are looked for in.
    pub fn held<'a>(&'a self, keys: &'a Keys) -> Held<'a> {
        let snapshot = &self.snapshot;
        Held {
            now: snapshot.as_of.expect("a look"),
            logs: &snapshot.logs,
            runs: &snapshot.invocations,
            deliveries: &snapshot.deliveries.deliveries,
            letters: &[],
            nodes: &snapshot.topology.nodes,
            edges: &snapshot.topology.edges,
            keys,
        }
    }
}

fn scenario(name: &str, voice: Voice) -> Scenario {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let text = std::fs::read_to_string(folder.join(format!("{name}.toml"))).expect("a scenario");
    let mut table: toml::Table = toml::from_str(&text).expect("TOML");
    // What the account did before would have no truth.
    table.remove("history");
    if voice == Voice::Silent {
        silence(&mut table);
    }
    mark(&mut table);
    let text = table.to_string();
    Scenario::parse(&text).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Every event that comes in bears a mark in place of its number.
fn mark(table: &mut toml::Table) {
    fn each(value: &mut toml::Value) {
        match value {
            toml::Value::String(text) if !text.contains("ev{n}x") => *text = text.replace("{n}", "ev{n}x"),
            toml::Value::Array(all) => all.iter_mut().for_each(each),
            toml::Value::Table(table) => table.iter_mut().for_each(|(_, value)| each(value)),
            _ => {}
        }
    }
    if let Some(traffic) = table.get_mut("traffic") {
        each(traffic);
    }
}

fn silence(table: &mut toml::Table) {
    let functions = table
        .get_mut("function")
        .and_then(toml::Value::as_array_mut)
        .expect("functions");
    for function in functions {
        let Some(does) = function.get_mut("does").and_then(toml::Value::as_table_mut) else {
            continue;
        };
        does.remove("print");
        if let Some(steps) = does.get_mut("steps").and_then(toml::Value::as_array_mut) {
            steps.retain(|step| step.get("print").is_none());
        }
    }
    let traffic = table
        .get_mut("traffic")
        .and_then(toml::Value::as_array_mut)
        .expect("traffic");
    for traffic in traffic {
        let traffic = traffic.as_table_mut().expect("a table");
        traffic.insert("every".to_owned(), "50s..70s".into());
        traffic.remove("burst");
    }
}

/// Plays a scenario for so many seconds of account time, which stands still while the pollers ask.
pub fn play(name: &str, seconds: i64, voice: Voice) -> Played {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(read(name, seconds, voice))
}

async fn read(name: &str, seconds: i64, voice: Voice) -> Played {
    assert!(scenario::built_in("pitagora").is_some(), "the demo is there");
    let mut world = scenario(name, voice).build(START, None).expect("an account");
    world.keep_chronicle();
    let home = Home {
        account: world.account.clone(),
        region: world.region.clone(),
    };
    let region = home.region.clone();
    let account = Account::paused(world, home, START, 1.0);
    let clock = Clock::at(time(START));
    let session = Session::connect(Options {
        region: Some(region),
        http_client: Some(SharedHttpClient::new(InProcess::new(Arc::clone(&account)))),
        clock: Some(clock.clone()),
        simulated: true,
        budgets: Some(10_000),
        ..Options::default()
    });
    let session = session.await.expect("a connection");
    let mut pollers = Lockstep::new(session, clock.clone(), RHYTHM);
    let mut store = Store::new();
    let mut interest = Interest::default();
    let (mut now, end) = (START, START + seconds * 1_000);
    while now < end {
        for observation in pollers.look(&interest).await.expect("the account can be read") {
            store.apply(observation);
        }
        if interest.logs.functions.is_empty() {
            let snapshot = store.snapshot();
            let functions = snapshot
                .topology
                .nodes
                .values()
                .filter(|node| matches!(node.detail, Detail::Function(_)));
            interest.logs.functions = functions.map(|node| node.id.clone()).collect();
            interest.logs.since = Some(time(START));
            interest.visible = snapshot.topology.nodes.keys().cloned().collect();
        }
        account.step(STEP_MS);
        now += i64::from(STEP_MS);
        clock.set(time(now));
    }
    for observation in pollers.look(&interest).await.expect("the account can be read") {
        store.apply(observation);
    }
    Played {
        truth: account.with(|world| world.chronicle().to_vec()),
        snapshot: store.snapshot(),
        from: time(START),
        until: time(end) - STEP * 3,
        voice,
    }
}

fn time(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).expect("a time")
}
