//! One simulated account through two doors: what the product's own calls see in process they also see over a socket, and
//! troubles reach them as the errors that they are (those that are not tried again, so that no test waits).

use std::fmt::Debug;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use pitagora::aws::{Options, Session};
use pitagora::domain::{CallCount, Clock, Detail, Interest, Metric, NodeKind, Source};
use pitagora::driver;
use pitagora::pollers::{POLLERS, Pace, ScopeFilter, Watch};
use pitagora::sim::account::{Account, Motion};
use pitagora::sim::world::World;
use pitagora::store::Store;
use pitagora::store::snapshot::{Cost, Snapshot, Vitals};
use pitagora::ui::app::update::Msg;
use pitagora::ui::testing::Stage;
use pitagora::ui::{Settings, testing};
use tokio::sync::{mpsc, watch};

use crate::bench::{self, Served, built_in, connect, in_process, over_a_socket, program};

/// The default scenario so long after it is first seen; its clock stands still.
fn account(after_ms: u32) -> Arc<Account<World>> {
    let account = bench::account(&built_in("pitagora"), 60.0);
    account.set_motion(Motion::Paused);
    account.step(after_ms);
    account
}

/// What the survey of an account asks for, as text.
async fn seen(session: &Session) -> Vec<(&'static str, String)> {
    fn text<T: Debug, E: Debug>(result: Result<T, E>) -> String {
        format!("{:#?}", result.expect("an answer"))
    }
    let mut functions = Vec::new();
    let listed = session.functions(|page| functions.extend(page)).await;
    listed.expect("an answer");
    let urls = session.queue_urls().await.expect("an answer");
    let names: Vec<_> = urls.iter().filter_map(|url| url.rsplit('/').next()).collect();
    let mut all = vec![
        ("functions", format!("{functions:#?}")),
        ("queues", format!("{names:?}")),
        ("mappings", text(session.mappings().await)),
        ("topics", text(session.topics().await)),
        ("subscriptions", text(session.subscriptions().await)),
        ("buckets", text(session.buckets().await)),
        ("buses", text(session.buses().await)),
        ("rules", text(session.rules("default").await)),
        ("schedules", text(session.schedules().await)),
        ("pipes", text(session.pipes().await)),
        ("alarms", text(session.alarms().await)),
    ];
    for bucket in session.buckets().await.expect("an answer") {
        all.push(("notifications", text(session.notifications(&bucket).await)));
    }
    all
}

/// Serves an account, and looks at it from within and from without.
async fn through_both_doors<F, L>(account: &Arc<Account<World>>, look: L)
where
    F: Future<Output = ()>,
    L: FnOnce(Session, Session) -> F,
{
    let served = Served::new(account).await;
    let inside = connect(in_process(account)).await;
    let options = Options {
        clock: Some(Clock::told()),
        ..over_a_socket(&served.url)
    };
    look(inside, connect(options).await).await;
    served.end().await;
}

#[tokio::test]
async fn the_same_account_through_both_doors() {
    let account = account(600_000);
    through_both_doors(&account, |inside, outside| both_see_the_same(&account, inside, outside)).await;
}

async fn both_see_the_same(account: &Account<World>, inside: Session, outside: Session) {
    let (one, other) = (seen(&inside).await, seen(&outside).await);
    for ((what, inside), (_, outside)) in one.iter().zip(&other) {
        assert_eq!(inside, outside, "{what}");
        assert!(
            *what == "pipes" || *what == "alarms" || *what == "schedules" || inside.len() > 4,
            "{what} is empty"
        );
    }
    for session in [&inside, &outside] {
        let told = session.clock().expect("a clock").now();
        let now = Timestamp::from_millisecond(account.now_ms()).expect("a time");
        assert_eq!(told, now, "the account's time reaches the product's clock");
    }
}

/// Longer than this no poller is waited for.
const PATIENCE: Duration = Duration::from_mins(1);

/// What the product's pollers make of an account that stands still, all of which is in sight. What is not in sight is read
/// less wholly where the service can choose lines.
async fn watched(session: &Session) -> Arc<Snapshot> {
    let chain = polled(session, &[], Interest::default(), |snapshot| snapshot.topology.complete).await;
    let all = Interest {
        visible: chain.topology.nodes.keys().cloned().collect(),
        ..Interest::default()
    };
    polled(session, POLLERS, all, is_known).await
}

async fn polled(
    session: &Session,
    pollers: &[Source],
    interest: Interest,
    is_known: fn(&Snapshot) -> bool,
) -> Arc<Snapshot> {
    let clock = session.clock().expect("a clock");
    let (sender, observations) = mpsc::channel(4_096);
    let (publish, mut snapshots) = watch::channel(Arc::new(Snapshot::default()));
    let last = snapshots.clone();
    let (_attend, interest) = watch::channel(interest);
    let filter = ScopeFilter::only(&[]).expect("everything");
    let store = tokio::spawn(driver::drive(Store::new(), observations, publish, clock.clone()));
    let watch = Watch::new(session.clone(), clock, filter, Pace::DEMO, interest, sender);
    tokio::select! {
        () = watch.run(pollers) => panic!("the pollers ended"),
        known = snapshots.wait_for(|snapshot| is_known(snapshot)) => drop(known.expect("the store lives")),
        () = tokio::time::sleep(PATIENCE) => panic!("not all was read:\n{:#?}", last.borrow().vitals),
    }
    let mut store = store.await.expect("the store lives");
    store.finish();
    store.snapshot()
}

fn is_known(snapshot: &Snapshot) -> bool {
    let vitals = |id| snapshot.vitals.get(id);
    let is_read = |source| {
        snapshot
            .sources
            .get(&source)
            .is_some_and(|state| state.read_at.is_some())
    };
    // What is asked last of all.
    let ages = |vitals: &Vitals| vitals.metrics.contains_key(&Metric::IteratorAge);
    snapshot.topology.complete
        && is_read(Source::Alarms)
        && snapshot.vitals.values().any(ages)
        && snapshot.topology.nodes.iter().all(|(id, node)| match &node.detail {
            Detail::Function(_) => vitals(id).is_some_and(|vitals| {
                let is_measured = |metric| vitals.metrics.contains_key(metric);
                vitals.runs.as_ref().is_some_and(|runs| runs.read_to.is_some())
                    && [Metric::Errors, Metric::Throttles, Metric::AsyncEventsDropped]
                        .iter()
                        .all(is_measured)
            }),
            Detail::Queue(_) => vitals(id).is_some_and(|vitals| vitals.depth.is_some()),
            // What rules and topics lose is asked for a round later than they are found.
            _ if matches!(node.kind, NodeKind::Sns | NodeKind::Eventbridge) && node.resource().is_none() => {
                vitals(id).is_some_and(|vitals| !vitals.metrics.is_empty())
            }
            _ => true,
        })
}

/// The screen of a snapshot at a moment. What the calls cost is the connection's own.
fn screen(snapshot: &Snapshot, now: Timestamp, keys: &str) -> String {
    let mut nothing = testing::Account::new(now);
    // The chain that is told next is another one, whatever it counts.
    nothing.topology.revision = 0;
    let mut stage = Stage::new(Settings::default(), &nothing, (220, 50)).expect("a screen");
    stage.snapshot = Snapshot {
        cost: Cost {
            calls: Arc::new(CallCount::default()),
            ..snapshot.cost.clone()
        },
        ..snapshot.clone()
    };
    stage.tell(Msg::Snapshot);
    stage.press(keys);
    stage.text()
}

#[tokio::test]
async fn the_product_shows_the_same_through_both_doors() {
    // The worker is broken, and an order that could not be read waits for its next try.
    let account = account(200_000);
    through_both_doors(&account, |inside, outside| {
        both_show_the_same(&account, inside, outside)
    })
    .await;
}

async fn both_show_the_same(account: &Account<World>, inside: Session, outside: Session) {
    // A marble passes only where the link was known when the line was read: which came first is a matter of moments.
    let at_rest = |snapshot: Arc<Snapshot>| Snapshot {
        pulses: Arc::default(),
        ..(*snapshot).clone()
    };
    let (one, other) = (at_rest(watched(&inside).await), at_rest(watched(&outside).await));
    let served_at = outside.endpoint().expect("an endpoint");
    let sections = |snapshot: &Snapshot| {
        // A queue's URL names the door.
        let here = |text: String| text.replace(served_at, "https://sqs.eu-west-1.amazonaws.com");
        [
            ("nodes", here(format!("{:#?}", snapshot.topology.nodes))),
            ("edges", here(format!("{:#?}", snapshot.topology.edges))),
            ("loops", format!("{:?}", snapshot.topology.loops)),
            ("unread", format!("{:?}", snapshot.unread())),
            ("vitals", format!("{:#?}", snapshot.vitals)),
            ("troubles", format!("{:#?}", snapshot.troubles)),
            ("answers", format!("{:#?}", snapshot.answers)),
            ("deliveries", format!("{:#?}", snapshot.deliveries)),
        ]
    };
    for ((what, inside), (_, outside)) in sections(&one).into_iter().zip(sections(&other)) {
        let first = inside
            .lines()
            .zip(outside.lines())
            .position(|(one, other)| one != other);
        assert!(
            inside == outside,
            "{what} differ from line {first:?}:\n{inside}\n{outside}"
        );
    }
    assert!(
        one.topology.nodes.len() > 10 && !one.troubles.is_empty(),
        "there is something to compare"
    );
    assert!(
        one.deliveries.deliveries.iter().any(|delivery| delivery.next.is_some()),
        "something is counted down"
    );
    let now = Timestamp::from_millisecond(account.now_ms()).expect("a time");
    for keys in ["", "r"] {
        assert_eq!(screen(&one, now, keys), screen(&other, now, keys), "keys: {keys:?}");
    }

    account.set_motion(Motion::Running);
    for session in [&inside, &outside] {
        session.alarms().await.expect("an answer");
        let clock = session.clock().expect("a clock");
        assert_eq!(clock.speed().to_string(), "60");
        // What is counted down is counted by this clock: it is right until the next poll tells it anew.
        tokio::time::sleep(Pace::DEMO.seen).await;
        let off = (clock.now().as_millisecond() - account.now_ms()).unsigned_abs();
        assert!(
            u128::from(off) < 60 * Pace::DEMO.seen.as_millis(),
            "{off} ms off after a second at speed 60"
        );
    }
}

#[tokio::test]
async fn troubles_are_the_errors_that_they_are() {
    let account = account(600_000);
    let session = connect(in_process(&account)).await;
    for (rule, wanted) in [("sqs:ListQueues=AccessDenied", "Denied"), ("*=expired", "Expired")] {
        account.set_rules(vec![rule.parse().expect("a rule")]);
        let error = session.queue_urls().await.expect_err(rule);
        assert!(format!("{error:?}").contains(wanted), "{rule}: {error:?}");
    }
    account.set_rules(Vec::new());
    assert!(session.queue_urls().await.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_touches_the_scope_by_a_guess_alone_is_in_sight() {
    let account = account(600_000);
    let served = Served::new(&account).await;
    let home = tempfile::tempdir().expect("a directory");
    // What it writes to is known by its environment alone; and so is who writes to it.
    for (only, edge) in [
        ("orders-work", ["orders-work", "orders-done"]),
        ("orders-done", ["orders-work", "orders-done"]),
    ] {
        let mut command = program(&served.url, home.path());
        command.args(["graph", "--format", "json", "--only", only]);
        let out = tokio::task::spawn_blocking(move || command.output()).await;
        let out = out.expect("no panic").expect("it runs");
        let graph: serde_json::Value = serde_json::from_slice(&out.stdout).expect("a document");
        let name = |id: &serde_json::Value| {
            let nodes = graph["nodes"].as_array().into_iter().flatten();
            let node = nodes.clone().find(|node| node["id"] == *id).expect("a node");
            node["name"].as_str().expect("a name").to_owned()
        };
        let guessed = graph["edges"].as_array().into_iter().flatten();
        let guessed: Vec<[String; 2]> = guessed
            .filter(|edge| edge["evidence"] == "guessed")
            .map(|edge| [name(&edge["from"]), name(&edge["to"])])
            .collect();
        assert_eq!(guessed, [edge.map(str::to_owned)], "--only {only}");
    }
    served.end().await;
}
