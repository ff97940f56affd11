//! A scenario, played and watched.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use aws_smithy_runtime_api::client::http::SharedHttpClient;
use jiff::Timestamp;
use pitagora::aws::{Options, Session};
use pitagora::domain::Clock;
use pitagora::domain::delivery::Deliveries;
use pitagora::sim::account::{Account, Home};
use pitagora::sim::connector::InProcess;
use pitagora::sim::scenario::{self, Scenario};
use pitagora::sim::world::ground_truth::Entry;
use pitagora::store::Snapshot;
use pitagora::store::snapshot::Overview;

use super::alias::Caller;
use super::watched::Watched;

/// A moment to begin at: any will do, this one is a whole minute.
const START: i64 = 1_780_000_020_000;
/// Account time moves on in steps of so many milliseconds.
pub const STEP_MS: u32 = 4_000;

/// What happened, and what was said before.
pub struct Played {
    /// The scenario.
    pub name: String,
    /// What happened since the account was first seen.
    pub truth: Vec<Entry>,
    /// What was published, and when.
    pub told: Vec<(i64, Arc<Deliveries>)>,
    /// What the first lines of the screen said, whenever that changed.
    pub answers: Vec<(i64, Arc<Overview>)>,
    /// What the script said, and what the first look after it saw.
    pub captions: Vec<(String, Arc<Snapshot>)>,
    /// When it ended.
    pub until: i64,
    /// After so long a line that was written has been read.
    pub blind_ms: i64,
}

fn scenario(name: &str) -> Scenario {
    if let Some(built_in) = scenario::built_in(name) {
        return built_in.unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    // What AWS documents of retries is held by the simulated account's own tests; here its scenarios are forecast.
    let package = if name.starts_with("retry-rules/") {
        "crates/sim"
    } else {
        ""
    };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join(package)
        .join("tests/scenarios");
    let text = fs::read_to_string(folder.join(format!("{name}.toml"))).expect("a scenario");
    let mut table: toml::Table = toml::from_str(&text).expect("TOML");
    // What a row expects of the world is held by the world's own tests.
    for key in ["row", "run", "expect"] {
        table.remove(key);
    }
    Scenario::parse(&table.to_string()).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Plays a scenario for so many seconds of account time, which stands still while the pollers ask.
pub fn play(name: &str, seconds: i64) -> Played {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(watch_it(name, seconds))
}

async fn watch_it(name: &str, seconds: i64) -> Played {
    let mut world = scenario(name).build(START, None).expect("an account");
    world.keep_chronicle();
    let lines_late = world.lateness.logs.high;
    let home = Home {
        account: world.account.clone(),
        region: world.region.clone(),
    };
    let region = home.region.clone();
    let account = Account::paused(world, home, START, 1.0);
    let mut caller = match name {
        "forecasts/alias" => Some(Caller::new(&account, &region).await),
        _ => None,
    };
    let clock = Clock::at(time(START));
    let session = Session::connect(Options {
        region: Some(region),
        http_client: Some(SharedHttpClient::new(InProcess::new(Arc::clone(&account)))),
        clock: Some(clock.clone()),
        simulated: true,
        // The limiter waits by the wall's clock, which stands nearly still here.
        budgets: Some(10_000),
        ..Options::default()
    })
    .await
    .expect("a connection");
    let mut pollers = Watched::new(session, clock.clone());
    let mut told = Vec::new();
    let mut answers: Vec<(i64, Arc<Overview>)> = Vec::new();
    let mut captions: Vec<(String, Arc<Snapshot>)> = Vec::new();
    let (mut now, end) = (START, START + seconds * 1_000);
    let mut blind_ms = 0;
    while now < end {
        let snapshot = pollers.look().await;
        blind_ms = blind_ms.max(pollers.round_ms() + lines_late);
        note(&mut told, now, &snapshot);
        answers.push((now, Arc::clone(&snapshot.answers)));
        let caption = account.with(|world| world.caption().map(|(_, text)| text.en.clone()));
        captions.extend(
            caption
                .filter(|said| captions.last().is_none_or(|(before, _)| before != said))
                .map(|said| (said, snapshot)),
        );
        if let Some(caller) = &mut caller {
            caller.call((now - START) / 1_000).await;
        }
        account.step(STEP_MS);
        now += i64::from(STEP_MS);
        for (at, snapshot) in pollers.pass(time(now)) {
            note(&mut told, at.as_millisecond(), &snapshot);
            answers.push((at.as_millisecond(), Arc::clone(&snapshot.answers)));
        }
        clock.set(time(now));
    }
    Played {
        name: name.to_owned(),
        truth: account.with(|world| world.chronicle().to_vec()),
        told,
        answers,
        captions,
        until: end,
        blind_ms,
    }
}

fn note(told: &mut Vec<(i64, Arc<Deliveries>)>, at: i64, snapshot: &Snapshot) {
    let known = told
        .last()
        .is_some_and(|(_, before)| Arc::ptr_eq(before, &snapshot.deliveries));
    if !known {
        told.push((at, Arc::clone(&snapshot.deliveries)));
    }
}

fn time(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).expect("a time")
}
