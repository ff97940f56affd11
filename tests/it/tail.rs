//! 50,000 lines over 40 groups, read through a server that delivers late, out of order, twice, in full pages without a
//! token, and that throttles: what the store holds at the end is what was written. The account's time moves with the
//! calls, so that nothing waits for it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use jiff::{SignedDuration, Timestamp};
use pitagora::aws::{Options, Session};
use pitagora::domain::{Clock, Interest, LogInterest, Source};
use pitagora::driver;
use pitagora::logs::View;
use pitagora::pollers::{Pace, ScopeFilter, Watch};
use pitagora::store::{Snapshot, Store};
use serde_json::{Value, json};
use tokio::sync::{mpsc, watch};

const GROUPS: usize = 40;
const LINES: usize = 50_000;
/// The group that holds nearly half of all lines, on pages that are cut without a token.
const BUSY: usize = 1;
const START_MS: i64 = 1_767_225_600_000;
/// Lines are written in so many milliseconds.
const WRITTEN_MS: i64 = 500_000;
/// Account time that passes with each call.
const CALL_MS: i64 = 3_000;
/// The latest line comes so late: the mark, which keeps 90 s at least, must learn to keep farther behind.
const LATEST_MS: i64 = 115_000;

/// A line as it was written: time, stream, text; and when it can be read.
struct Written {
    at: i64,
    stream: String,
    text: String,
    shows: i64,
}

/// The same numbers each time.
fn mix(n: usize) -> usize {
    let mut x = n as u64 ^ 0x9e37_79b9_7f4a_7c15;
    for _ in 0..3 {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
    }
    usize::try_from(x >> 16).unwrap_or(0)
}

fn millis(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(0)
}

/// Every group's lines, in time order.
fn written() -> Vec<Vec<Written>> {
    let mut groups: Vec<Vec<Written>> = (0..GROUPS).map(|_| Vec::new()).collect();
    for n in 0..LINES {
        let group = if n % 2 == 0 { BUSY } else { mix(n) % GROUPS };
        let at = START_MS + millis(n) * WRITTEN_MS / millis(LINES);
        let late = match mix(n) % 1_000 {
            0 => LATEST_MS - millis(mix(n + 1) % 10_000),
            1..50 => millis(mix(n + 2) % 60_000),
            _ => millis(mix(n + 3) % 5_000),
        };
        let line = |shows| Written {
            at,
            stream: format!("stream-{}", n % 3),
            text: format!("order {} of many", mix(n) % 50),
            shows,
        };
        groups[group].push(line(at + late));
        // Two equal lines in one millisecond are two.
        if n % 97 == 0 {
            groups[group].push(line(at + late));
        }
    }
    groups
}

#[derive(Clone, Debug)]
struct Endpoint(Arc<State>);

#[derive(Debug)]
struct State {
    groups: Vec<Vec<Written>>,
    clock: Clock,
    calls: AtomicU64,
    throttled: AtomicU64,
    repeated: AtomicU64,
    cut: AtomicU64,
}

impl std::fmt::Debug for Written {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

impl HttpClient for Endpoint {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Endpoint {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default().to_owned();
        let body = request.body().bytes().unwrap_or_default().to_vec();
        let (status, answer) = if target.ends_with(".FilterLogEvents") {
            let asked = serde_json::from_slice(&body).unwrap_or(Value::Null);
            self.0.filter(&asked)
        } else if String::from_utf8_lossy(&body).contains("GetCallerIdentity") {
            let who = "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult><Arn>arn:aws:iam::111122223333:user/x</Arn><UserId>x</UserId><Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>";
            (200, who.to_owned())
        } else {
            (403, json!({ "__type": "AccessDeniedException" }).to_string())
        };
        let response = http::Response::builder()
            .status(status)
            .header("content-type", "application/x-amz-json-1.1")
            .body(SdkBody::from(answer))
            .expect("a response");
        HttpConnectorFuture::ready(Ok(HttpResponse::try_from(response).expect("a response")))
    }
}

impl State {
    fn filter(&self, asked: &Value) -> (u16, String) {
        let call = self.calls.fetch_add(1, Ordering::Relaxed);
        let now = self.clock.now().as_millisecond() + CALL_MS;
        self.clock.set(Timestamp::from_millisecond(now).expect("a time"));
        if call % 41 == 40 {
            self.throttled.fetch_add(1, Ordering::Relaxed);
            return (400, json!({ "__type": "ThrottlingException" }).to_string());
        }
        let name = asked["logGroupName"].as_str().unwrap_or_default();
        let number: usize = name.rsplit('-').next().and_then(|n| n.parse().ok()).expect("a group");
        let (from, to) = (asked["startTime"].as_i64(), asked["endTime"].as_i64());
        let (from, to) = (from.expect("a start"), to.expect("an end"));
        let limit = usize::try_from(asked["limit"].as_u64().unwrap_or(10_000)).unwrap_or(usize::MAX);
        let has_ids = number.is_multiple_of(2);
        let lines = self.groups[number].iter().enumerate();
        let shown: Vec<Value> = lines
            .filter(|(_, line)| from <= line.at && line.at <= to && line.shows <= now)
            .map(|(n, line)| {
                let mut event = json!({ "timestamp": line.at, "logStreamName": line.stream, "message": line.text });
                if has_ids {
                    event["eventId"] = json!(n.to_string());
                }
                event
            })
            .collect();
        if !has_ids {
            // A full page and not a word of the rest.
            self.cut.fetch_add(u64::from(shown.len() > limit), Ordering::Relaxed);
            let mut page: Vec<Value> = shown.into_iter().take(limit).collect();
            let middle = page.len() / 2;
            page.rotate_left(middle);
            return (200, json!({ "events": page }).to_string());
        }
        // Small pages with a token; every third one is empty, as AWS's may be; an event comes twice.
        let token: usize = asked["nextToken"]
            .as_str()
            .map_or(0, |t| t.parse().expect("its own token"));
        let (place, empty) = (token / 2, token % 2 == 1);
        let mut page: Vec<Value> = if empty {
            Vec::new()
        } else {
            shown.iter().skip(place).take(300).cloned().collect()
        };
        let next = place + page.len();
        let more = next < shown.len();
        if let Some(first) = page.first().cloned() {
            self.repeated.fetch_add(1, Ordering::Relaxed);
            page.push(first);
            page.reverse();
        }
        let next = more.then(|| (next * 2 + usize::from(!empty && call.is_multiple_of(3))).to_string());
        (200, json!({ "events": page, "nextToken": next }).to_string())
    }
}

fn name(group: usize) -> String {
    format!("/made/group-{group}")
}

/// Whether all groups are known whole to behind the last line.
fn is_complete(snapshot: &Snapshot) -> bool {
    let end = Timestamp::from_millisecond(START_MS + WRITTEN_MS).expect("a time");
    (0..GROUPS).all(|n| {
        let log = snapshot.logs.groups.get(name(n).as_str());
        log.and_then(|log| log.reach?.complete_to)
            .is_some_and(|mark| mark >= end)
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_held_at_the_end_is_what_was_written() {
    let clock = Clock::at(Timestamp::from_millisecond(START_MS).expect("a time"));
    let state = Arc::new(State {
        groups: written(),
        clock: clock.clone(),
        calls: AtomicU64::default(),
        throttled: AtomicU64::default(),
        repeated: AtomicU64::default(),
        cut: AtomicU64::default(),
    });
    let session = Session::connect(Options {
        region: Some("eu-west-1".to_owned()),
        http_client: Some(SharedHttpClient::new(Endpoint(Arc::clone(&state)))),
        simulated: true,
        ..Options::default()
    })
    .await
    .expect("a connection");
    let (sender, observations) = mpsc::channel(64);
    let (publish, mut snapshots) = watch::channel(Arc::new(Snapshot::default()));
    let groups: BTreeSet<String> = (0..GROUPS).map(name).collect();
    let (_attend, interest) = watch::channel(Interest {
        logs: LogInterest {
            groups,
            since: clock.now().checked_sub(SignedDuration::from_mins(1)).ok(),
            ..LogInterest::default()
        },
        ..Interest::default()
    });
    // As often as the budget allows: the account's time moves with the calls.
    let pace = Pace {
        focus: Duration::from_millis(1),
        ..Pace::DEMO
    };
    let watch = Watch::new(session, clock.clone(), ScopeFilter::default(), pace, interest, sender);
    let store = tokio::spawn(driver::drive(Store::new(), observations, publish, clock));
    let complete = async {
        while !is_complete(&snapshots.borrow_and_update()) {
            snapshots.changed().await.expect("the store runs");
        }
    };
    let done = tokio::select! {
        () = watch.run(&[Source::Logs]) => false,
        () = complete => true,
        () = tokio::time::sleep(Duration::from_mins(4)) => false,
    };
    assert!(done, "every group was read whole");
    let snapshot = Arc::clone(&snapshots.borrow());
    drop(store);
    let view = View::all(&snapshot.logs);
    is_as_written(&state, &view);

    let late: u64 = snapshot.logs.groups.values().map(|group| group.late).sum();
    let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    println!(
        "{} lines in {} calls: {} throttled, {} events twice, {} pages cut, {late} lines behind the mark",
        view.len(),
        count(&state.calls),
        count(&state.throttled),
        count(&state.repeated),
        count(&state.cut)
    );
    assert!(count(&state.throttled) > 0 && count(&state.repeated) > 0 && count(&state.cut) > 0);
}

/// Each line that was written is held as often as it was written, in the order of time, and no other is.
fn is_as_written(state: &State, view: &View) {
    let mut expected: BTreeMap<(String, i64, String, String), u32> = BTreeMap::new();
    for (n, lines) in state.groups.iter().enumerate() {
        for line in lines {
            let key = (name(n), line.at, line.stream.clone(), line.text.clone());
            *expected.entry(key).or_default() += 1;
        }
    }
    let mut held: BTreeMap<(String, i64, String, String), u32> = BTreeMap::new();
    let mut walk = view.start();
    let mut before = i64::MIN;
    while let Some(shown) = walk.forward() {
        let at = shown.line.at.as_millisecond();
        assert!(before <= at, "in time order");
        before = at;
        let (stream, text) = (shown.line.stream.name.to_string(), shown.line.text.to_owned());
        *held
            .entry((shown.group.name.to_string(), at, stream, text))
            .or_default() += 1;
    }
    let missing: Vec<_> = expected
        .iter()
        .filter(|(key, n)| held.get(*key) != Some(n))
        .take(5)
        .collect();
    assert!(missing.is_empty(), "not as written: {missing:#?}");
    assert_eq!(held.len(), expected.len(), "nothing that was not written");
}
