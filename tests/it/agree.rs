//! One account at one moment, told three ways: by the command that looks once, by the one that follows, and by what the
//! screen is drawn from. The account's time stands still while they look, and moves on between.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use pitagora::aws::Options;
use pitagora::domain::delivery::{Delivery, Fate, Pattern};
use pitagora::domain::{Clock, Interest, LogInterest};
use pitagora::driver;
use pitagora::pollers::{POLLERS, Pace, ScopeFilter, Watch};
use pitagora::sim::account::{Account, Motion};
use pitagora::sim::world::World;
use pitagora::store::Store;
use pitagora::store::snapshot::Snapshot;
use serde_json::Value;
use tokio::sync::{mpsc, watch};

use crate::bench::{self, START_MS, Served, built_in, connect, over_a_socket, program};

/// Longer than this nobody is waited for.
const PATIENCE: Duration = Duration::from_mins(2);
const BEFORE: &str = "15m";

/// What is said of an event, as far as all must say the same.
#[derive(Clone, Debug, PartialEq)]
struct Said {
    attempts: usize,
    /// The next window, from and to.
    next: Option<(String, Option<String>)>,
    is_overdue: bool,
    /// Nothing is left to it but to be moved.
    used_up: bool,
    end: Option<String>,
}

type Told = BTreeMap<(String, String), Said>;

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn key(row: &Value) -> (String, String) {
    let of = |name: &str| text(&row[name]).expect("it has one");
    (of("function"), of("id"))
}

fn said(row: &Value) -> Said {
    let next = &row["next"];
    Said {
        attempts: row["attempts"].as_array().map_or(0, Vec::len),
        next: text(&next["earliest"]).map(|earliest| (earliest, text(&next["latest"]))),
        is_overdue: row["overdue"].is_object(),
        used_up: row["outlook"]["attempts_left"] == 0,
        end: text(&row["end"]["fate"]),
    }
}

fn of_snapshot(snapshot: &Snapshot) -> Told {
    let time = |at: Timestamp| at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string();
    let fate = |fate: Fate| text(&serde_json::json!(fate)).expect("a word");
    let said = |row: &Delivery| Said {
        attempts: row.attempts.len(),
        next: row
            .next
            .as_ref()
            .map(|next| (time(next.earliest), next.latest.map(time))),
        is_overdue: row.overdue.is_some(),
        used_up: row
            .outlook
            .as_ref()
            .is_some_and(|outlook| outlook.attempts_left == Some(0)),
        end: row.end.as_ref().map(|end| fate(end.fate)),
    };
    let rows = snapshot.deliveries.deliveries.iter();
    rows.map(|row| ((row.function.to_string(), row.id.clone()), said(row)))
        .collect()
}

/// Whether two say the same. Who has watched a dead-letter queue grow may know where an event ended of which another can
/// only say that nobody can tell, or that nothing is left to it but to be moved there.
fn agree(one: &Told, other: &Told) -> Result<(), String> {
    for key in one.keys().chain(other.keys()) {
        let (Some(a), Some(b)) = (one.get(key), other.get(key)) else {
            return Err(format!("{key:?}: {:?} and {:?}", one.get(key), other.get(key)));
        };
        let unknown = |said: &Said| said.end.as_deref() == Some("unknown");
        let moves =
            |one: &Said, other: &Said| one.end.is_none() && one.used_up && other.end.as_deref() == Some("dead_letter");
        let ended = a.end.is_some() && b.end.is_some();
        let ends = a.end == b.end || (ended && (unknown(a) || unknown(b))) || moves(a, b) || moves(b, a);
        if !ends || (&a.next, a.is_overdue, a.attempts) != (&b.next, b.is_overdue, b.attempts) {
            return Err(format!("{key:?}: {a:?} and {b:?}"));
        }
    }
    Ok(())
}

fn account(name: &str) -> Arc<Account<World>> {
    let account = bench::account(&built_in(name), 1.0);
    account.set_motion(Motion::Paused);
    account
}

fn retries(url: &str, more: &[&str]) -> Command {
    let mut command = program(url, &std::env::temp_dir().join("pitagora-agree"));
    command
        .args(["retries", "--since", BEFORE, "--format", "json"])
        .args(more)
        .stderr(Stdio::null());
    command
}

fn once(url: &str) -> Told {
    let out = retries(url, &[]).output().expect("it runs");
    let document: Value = serde_json::from_slice(&out.stdout).expect("a document");
    let rows = document["deliveries"].as_array().expect("rows");
    rows.iter().map(|row| (key(row), said(row))).collect()
}

/// Follows in a process of its own; what it last said of each event is kept.
struct Follower {
    child: Child,
    told: Arc<Mutex<Told>>,
}

impl Follower {
    fn start(url: &str) -> Self {
        let mut child = retries(url, &["--follow"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("it runs");
        let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let told = Arc::new(Mutex::new(Told::new()));
        let keep = Arc::clone(&told);
        thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let row: Value = serde_json::from_str(&line).expect("a line of JSON");
                if row["id"].is_null() {
                    // Throttles, and what cannot be observed.
                    continue;
                }
                let mut told = keep.lock().expect("no panic");
                if row["gone"] == true {
                    told.remove(&key(&row));
                } else {
                    told.insert(key(&row), said(&row));
                }
            }
        });
        Self { child, told }
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the screen is drawn from: the pollers that it has, with all in sight and all logs read.
async fn watch_it(url: String, publish: watch::Sender<Arc<Snapshot>>) {
    let options = Options {
        clock: Some(Clock::told()),
        ..over_a_socket(&url)
    };
    let session = connect(options).await;
    let clock = session.clock().expect("a clock");
    let (sender, observations) = mpsc::channel(4_096);
    let (attend, interest) = watch::channel(Interest::default());
    let filter = ScopeFilter::only(&[]).expect("everything");
    let mut seen = publish.subscribe();
    let since = Timestamp::from_millisecond(START_MS).expect("a time") - jiff::SignedDuration::from_mins(15);
    tokio::spawn(async move {
        while let Ok(()) = seen.changed().await {
            let nodes = seen.borrow_and_update().topology.nodes.keys().cloned().collect();
            let logs = LogInterest {
                functions: nodes,
                since: Some(since),
                ..LogInterest::default()
            };
            let visible = logs.functions.clone();
            attend.send_if_modified(|interest| {
                let is_new = interest.visible != visible;
                (interest.logs, interest.visible) = (logs, visible);
                is_new
            });
        }
    });
    tokio::spawn(driver::drive(Store::new(), observations, publish, clock.clone()));
    Watch::new(session, clock, filter, Pace::DEMO, interest, sender)
        .run(POLLERS)
        .await;
}

/// Moves time on, second by second of the account, so that no reading falls asleep over it.
fn move_to(account: &Account<World>, seconds: i64) {
    let to = START_MS + seconds * 1_000;
    while account.now_ms() < to {
        let left = u32::try_from(to - account.now_ms()).expect("forwards");
        account.step(left.min(1_000));
    }
}

/// Waits until the one that follows and the screen say the same, for as long as a look of theirs takes.
async fn alike(once: &Told, followed: &Mutex<Told>, screen: &watch::Receiver<Arc<Snapshot>>) -> Result<(), String> {
    const LOOK: Duration = Duration::from_secs(4);
    // What ended long ago the one that looks once leaves out.
    let known = |told: &Told| -> Told {
        let open = told
            .iter()
            .filter(|(key, said)| said.end.is_none() || once.contains_key(*key));
        open.map(|(key, said)| (key.clone(), said.clone())).collect()
    };
    let began = Instant::now();
    loop {
        let followed = known(&followed.lock().expect("no panic"));
        let screen = known(&of_snapshot(&screen.borrow().clone()));
        let followed = agree(once, &followed).map_err(|why| format!("once and followed: {why}"));
        let screen = agree(once, &screen).map_err(|why| format!("once and the screen: {why}"));
        let both = followed.and(screen);
        if both.is_ok() || began.elapsed() > LOOK {
            return both;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn told_alike(name: &str, moments: &[i64]) {
    let account = account(name);
    move_to(&account, moments[0]);
    let served = Served::new(&account).await;
    let url = served.url.clone();
    let (publish, seen) = watch::channel(Arc::new(Snapshot::default()));
    tokio::select! {
        () = watch_it(url.clone(), publish) => panic!("{name}: the pollers ended"),
        () = compare(name, moments, &account, &url, seen) => {}
    }
    served.end().await;
}

async fn compare(
    name: &str,
    moments: &[i64],
    account: &Account<World>,
    url: &str,
    seen: watch::Receiver<Arc<Snapshot>>,
) {
    let follower = Follower::start(url);
    let mut compared = 0;
    for moment in moments {
        move_to(account, *moment);
        let began = Instant::now();
        loop {
            let from = url.to_owned();
            let once = tokio::task::spawn_blocking(move || once(&from))
                .await
                .expect("no panic");
            compared += once.len();
            let Err(why) = alike(&once, &follower.told, &seen).await else {
                break;
            };
            assert!(began.elapsed() < PATIENCE, "{name} after {moment} s: {why}");
            // The deliveries are made anew once in a second of the account's time at the most.
            account.step(1_100);
        }
    }
    assert!(compared > 0, "{name}: there is something to compare");
    let pattern = |pattern: Pattern| {
        seen.borrow()
            .deliveries
            .deliveries
            .iter()
            .any(|row| row.pattern == pattern)
    };
    assert!(
        pattern(Pattern::Queue) || pattern(Pattern::Stream) || pattern(Pattern::Asynchronous),
        "{name}: something is tried again"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn four_patterns() {
    told_alike("four-patterns", &[50, 120, 300]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_of_a_batch() {
    told_alike("poison", &[60, 240]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shard_that_stands_still_and_moves_on() {
    told_alike("shard-stall", &[90, 320, 600]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_whole_chain() {
    told_alike("pitagora", &[120, 240, 300, 360]).await;
}
