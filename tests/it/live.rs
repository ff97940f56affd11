//! Live tails of a simulated account, in process and over a socket: a preview that polling has the last word on, and
//! polling alone where no live tail can be had.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use aws_smithy_runtime_api::client::http::SharedHttpClient;
use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use pitagora::aws::{Options, Session};
use pitagora::domain::log::TailState;
use pitagora::domain::{Clock, Interest, LogInterest, Source};
use pitagora::driver;
use pitagora::logs::GroupLog;
use pitagora::pollers::{Pace, ScopeFilter, Watch};
use pitagora::sim::account::{Account, Home};
use pitagora::sim::connector::InProcess;
use pitagora::sim::scenario;
use pitagora::sim::server::{Reach, Server};
use pitagora::sim::world::World;
use pitagora::store::{Snapshot, Store};
use pitagora::ui::app::update::Msg;
use pitagora::ui::testing::Stage;
use pitagora::ui::{Settings, testing};
use serde_json::{Value, json};
use tokio::sync::watch::{Receiver, Sender};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;

const GROUP: &str = "/made/by/hand";
const START_MS: i64 = 1_767_225_600_000;
/// Longer than this nothing is waited for.
const PATIENCE: Duration = Duration::from_secs(40);
const NO_POLLING: &str = "logs:FilterLogEvents=AccessDenied";
const NO_TAIL: &str = "logs:StartLiveTail=AccessDenied";

/// An account with one group, its pollers, and what the store makes of them.
struct Watched {
    account: Arc<Account<World>>,
    session: Session,
    attend: Sender<Interest>,
    snapshots: Receiver<Arc<Snapshot>>,
    tasks: Vec<JoinHandle<()>>,
    _stop: oneshot::Sender<()>,
}

impl Drop for Watched {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

/// Which way the calls go.
#[derive(Clone, Copy, Debug)]
enum Door {
    InProcess,
    Socket,
}

impl Watched {
    async fn through(door: Door, rules: &[&str], interest: LogInterest) -> Self {
        let scenario = scenario::built_in("empty").expect("a scenario").expect("it reads");
        let world = scenario.build(START_MS, Some("eu-west-1")).expect("it builds");
        let home = Home {
            account: world.account.clone(),
            region: world.region.clone(),
        };
        let account = Account::new(world, home, START_MS, 1.0);
        let binding = Server::bind(Arc::clone(&account), ([127, 0, 0, 1], 0).into(), Reach::Loopback);
        let server = binding.await.expect("a free port");
        let url = format!("http://{}", server.address().expect("bound"));
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = tokio::spawn(async move {
            let stopped = async {
                let _ = stopped.await;
            };
            server.run(stopped).await.expect("it serves");
        });
        let (http_client, endpoint_url) = match door {
            Door::InProcess => (Some(SharedHttpClient::new(InProcess::new(Arc::clone(&account)))), None),
            Door::Socket => (None, Some(url)),
        };
        let session = Session::connect(Options {
            region: Some("eu-west-1".to_owned()),
            http_client,
            endpoint_url,
            clock: Some(Clock::told()),
            simulated: true,
            ..Options::default()
        });
        let session = session.await.expect("connects");
        let (sender, observations) = mpsc::channel(1_024);
        let (publish, snapshots) = watch::channel(Arc::new(Snapshot::default()));
        let (attend, interest) = watch::channel(Interest {
            logs: interest,
            ..Interest::default()
        });
        let clock = session.clock().expect("a clock");
        let store = driver::drive(Store::new(), observations, publish, clock.clone());
        let watch = Watch::new(
            session.clone(),
            clock,
            ScopeFilter::default(),
            Pace::DEMO,
            interest,
            sender,
        );
        // A thread of its own; it ends with the store.
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime").block_on(watch.run(&[Source::Logs]));
        });
        let this = Self {
            account,
            session,
            attend,
            snapshots,
            tasks: vec![serving, tokio::spawn(async move { drop(store.await) })],
            _stop: stop,
        };
        this.call("CreateLogGroup", json!({ "logGroupName": GROUP })).await;
        for stream in ["one", "two"] {
            let stream = json!({ "logGroupName": GROUP, "logStreamName": stream });
            this.call("CreateLogStream", stream).await;
        }
        this.trouble(rules);
        this
    }

    fn trouble(&self, rules: &[&str]) {
        let rules = rules.iter().map(|rule| rule.parse().expect("a rule"));
        self.account.set_rules(rules.collect());
    }

    /// What somebody else does in the account.
    async fn call(&self, operation: &str, input: Value) {
        let request = http::Request::builder()
            .method("POST")
            .uri("https://logs.eu-west-1.amazonaws.com/")
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", format!("Logs_20140328.{operation}"))
            .body(Bytes::from(input.to_string()))
            .expect("a request");
        let answer = self.account.handle(request).await;
        let status = answer.map(|answer| answer.status().as_u16());
        assert_eq!(status.ok(), Some(200), "{operation}");
    }

    async fn write(&self, stream: &str, lines: &[String]) {
        let now = self.account.now_ms();
        let events: Vec<Value> = lines
            .iter()
            .map(|line| json!({ "timestamp": now, "message": line }))
            .collect();
        let put = json!({ "logGroupName": GROUP, "logStreamName": stream, "logEvents": events });
        self.call("PutLogEvents", put).await;
    }

    /// Waits until the group is as it should be.
    async fn until(&mut self, what: &str, is: impl Fn(&GroupLog) -> bool) -> Arc<GroupLog> {
        let found = self
            .snapshots
            .wait_for(|snapshot| snapshot.logs.groups.get(GROUP).is_some_and(|group| is(group)));
        let found = tokio::time::timeout(PATIENCE, found).await;
        let found = found.map(|snapshot| Arc::clone(&snapshot.expect("the store lives").logs.groups[GROUP]));
        found.unwrap_or_else(|_| panic!("{what}: {:#?}", self.snapshots.borrow().logs.groups.get(GROUP)))
    }

    /// The log pane as it is drawn now, with a live tail asked for.
    fn screen(&self) -> String {
        let now = Timestamp::from_millisecond(self.account.now_ms()).expect("a time");
        let mut stage = Stage::new(Settings::default(), &testing::Account::new(now), (160, 30)).expect("a screen");
        stage.snapshot = Snapshot::clone(&self.snapshots.borrow());
        stage.tell(Msg::Snapshot);
        stage.press("L l");
        stage.text()
    }
}

fn asked(live: bool) -> LogInterest {
    LogInterest {
        groups: BTreeSet::from([GROUP.to_owned()]),
        live,
        ..LogInterest::default()
    }
}

fn texts(lines: &pitagora::logs::buffer::Lines) -> Vec<String> {
    let lines = lines
        .segments()
        .iter()
        .flat_map(|segment| (0..segment.len()).map(|n| segment.line(n).text.to_owned()));
    let mut lines: Vec<String> = lines.collect();
    lines.sort();
    lines
}

fn numbered(what: &str, count: usize) -> Vec<String> {
    (0..count).map(|n| format!("{what} {n:04}")).collect()
}

async fn shows_a_preview_that_polling_has_the_last_word_on(door: Door) {
    let mut watched = Watched::through(door, &[NO_POLLING], asked(true)).await;
    watched.until("a live tail", |group| group.tail == TailState::On).await;
    assert!(watched.session.calls().dollars > 0.0, "its price is counted");

    // Two equal lines, and one whose stream is gone before polling comes to it.
    let told = vec!["twin".to_owned(), "twin".to_owned(), "alone".to_owned()];
    watched.write("one", &told).await;
    watched.write("two", &["gone".to_owned()]).await;
    let group = watched.until("previews", |group| group.preview.len() == 4).await;
    assert_eq!(texts(&group.preview), ["alone", "gone", "twin", "twin"]);
    assert!(group.lines.is_empty() && !group.sampled);
    let screen = watched.screen();
    assert!(
        screen.contains("live, $0.01/min") && screen.contains("alone"),
        "{screen}"
    );

    // More than 500 a second is only a sample.
    watched.write("one", &numbered("many", 1_200)).await;
    watched.until("a sample", |group| group.sampled).await;
    let screen = watched.screen();
    assert!(screen.contains("live, sampled"), "{screen}");

    let gone = json!({ "logGroupName": GROUP, "logStreamName": "two" });
    watched.call("DeleteLogStream", gone).await;
    watched.trouble(&[]);
    let group = watched.until("polling", |group| group.lines.len() == 1_203).await;
    assert_eq!(
        texts(&group.preview),
        ["gone"],
        "none twice; and what may still come is kept"
    );
    let mut expected = told;
    expected.extend(numbered("many", 1_200));
    expected.sort();
    assert_eq!(texts(&group.lines), expected);

    // Behind the complete mark polling denies what it has not brought.
    watched.account.step(600_000);
    let group = watched
        .until("nothing that polling denies", |group| group.preview.is_empty())
        .await;
    assert_eq!(group.lines.len(), 1_203);

    // Nobody wants it any more.
    watched.attend.send_modify(|interest| interest.logs = asked(false));
    watched
        .until("no live tail", |group| group.tail == TailState::Off)
        .await;
}

#[tokio::test]
async fn a_preview_in_process() {
    shows_a_preview_that_polling_has_the_last_word_on(Door::InProcess).await;
}

#[tokio::test]
async fn a_preview_over_a_socket() {
    shows_a_preview_that_polling_has_the_last_word_on(Door::Socket).await;
}

#[tokio::test]
async fn without_a_live_tail_polling_goes_on_and_the_pane_says_why() {
    let mut watched = Watched::through(Door::InProcess, &[NO_TAIL], asked(true)).await;
    let is_refused =
        |group: &GroupLog| matches!(&group.tail, TailState::Failed { why } if why.contains("logs:StartLiveTail"));
    watched.until("a reason", is_refused).await;
    watched.write("one", &["polled".to_owned()]).await;
    let group = watched.until("polling", |group| group.lines.len() == 1).await;
    assert!(group.preview.is_empty());
    let screen = watched.screen();
    assert!(
        screen.contains("no live tail: access denied") && screen.contains("polled"),
        "{screen}"
    );
}

#[tokio::test]
async fn a_live_tail_that_ends_falls_back_to_polling() {
    let mut watched = Watched::through(Door::InProcess, &[], asked(true)).await;
    watched.until("a live tail", |group| group.tail == TailState::On).await;
    // AWS (apis): a session lasts three hours.
    watched.account.step(4 * 3_600_000);
    let ended = |group: &GroupLog| matches!(group.tail, TailState::Failed { .. });
    let group = watched.until("its end", ended).await;
    let TailState::Failed { why } = &group.tail else { return };
    assert!(why.contains("three hours"), "{why}");
    watched.write("one", &["polled".to_owned()]).await;
    let group = watched.until("polling", |group| group.lines.len() == 1).await;
    assert!(group.preview.is_empty());
}

#[tokio::test]
async fn lines_from_before_the_first_look_are_fetched_when_they_are_asked_for() {
    let mut watched = Watched::through(Door::InProcess, &[NO_TAIL], asked(false)).await;
    let hour = 3_600_000;
    watched.write("one", &numbered("old", 30)).await;
    watched.account.step(2 * hour);
    watched.write("one", &["new".to_owned()]).await;
    watched
        .until("the last quarter of an hour", |group| group.lines.len() == 1)
        .await;
    let complete = |group: &GroupLog| group.reach.is_some_and(|reach| reach.complete_to.is_some());
    watched.until("a mark", complete).await;

    let now = Timestamp::from_millisecond(watched.account.now_ms()).expect("a time");
    let since = now - SignedDuration::from_hours(3);
    watched.attend.send_modify(|interest| {
        interest.logs.since = Some(since);
    });
    let reaches = |group: &GroupLog| group.reach.is_some_and(|reach| reach.since == since);
    let group = watched.until("three hours", reaches).await;
    let mut expected = numbered("old", 30);
    expected.insert(0, "new".to_owned());
    assert_eq!(texts(&group.lines), expected, "each once");
    assert_eq!(group.late, 0, "what is asked for later does not come late");
    watched.write("one", &["newer".to_owned()]).await;
    watched.until("what is new", |group| group.lines.len() == 32).await;
}
