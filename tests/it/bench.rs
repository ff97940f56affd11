//! Simulated accounts for tests, and the ways to them: in process, over a socket, by the finished program.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use aws_smithy_runtime_api::client::http::SharedHttpClient;
use pitagora::aws::{Options, Session};
use pitagora::domain::{Clock, Interest};
use pitagora::pollers::Pace;
use pitagora::pollers::stepped::{Lockstep, Rhythm};
use pitagora::sim::account::{Account, Home};
use pitagora::sim::connector::InProcess;
use pitagora::sim::scenario::{self, Scenario};
use pitagora::sim::server::{Reach, Server};
use pitagora::sim::world::World;
use pitagora::store::Store;
use pitagora::store::snapshot::Snapshot;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// When every account begins.
pub const START_MS: i64 = 1_767_225_600_000;
/// Where every account lies.
pub const REGION: &str = "eu-west-1";

/// The account of a scenario, so many of its seconds in a second.
pub fn account(scenario: &Scenario, speed: f64) -> Arc<Account<World>> {
    let world = scenario.build(START_MS, Some(REGION)).expect("it builds");
    let home = Home {
        account: world.account.clone(),
        region: world.region.clone(),
    };
    Account::new(world, home, START_MS, speed)
}

/// A scenario that is a text.
pub fn parsed(text: &str) -> Scenario {
    Scenario::parse(text).expect("a scenario")
}

/// A scenario inside the program.
pub fn built_in(name: &str) -> Scenario {
    scenario::built_in(name).expect("a scenario").expect("it reads")
}

/// How the account is reached without a socket.
pub fn in_process(account: &Arc<Account<World>>) -> Options {
    Options {
        http_client: Some(SharedHttpClient::new(InProcess::new(Arc::clone(account)))),
        clock: Some(Clock::told()),
        ..simulated()
    }
}

/// How a served account is reached.
pub fn over_a_socket(url: &str) -> Options {
    Options {
        endpoint_url: Some(url.to_owned()),
        ..simulated()
    }
}

fn simulated() -> Options {
    Options {
        region: Some(REGION.to_owned()),
        simulated: true,
        ..Options::default()
    }
}

/// A connection.
pub async fn connect(options: Options) -> Session {
    Session::connect(options).await.expect("connects")
}

/// What one survey of an account comes to.
pub async fn surveyed(session: Session) -> Arc<Snapshot> {
    let clock = session.clock().expect("it tells its time");
    let mut pollers = Lockstep::new(session, clock, Rhythm::of(&Pace::DEMO, 1.0));
    let mut store = Store::new();
    let seen = pollers.look(&Interest::default()).await;
    for observation in seen.expect("an account that can be read") {
        store.apply(observation);
    }
    store.snapshot()
}

/// Visible messages of a queue, and those that somebody holds.
pub async fn counts(session: &Session, queue: &str) -> (u64, u64) {
    let url = session.queue_url(queue).await.expect("a queue");
    let (visible, in_flight, _) = session.queue(&url).await.expect("attributes").depth;
    (visible, in_flight)
}

/// An account that listens on a port, until this is dropped.
pub struct Served {
    /// Where.
    pub url: String,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<std::io::Result<()>>,
}

impl Served {
    /// Listens.
    pub async fn new(account: &Arc<Account<World>>) -> Self {
        let server = Server::bind(Arc::clone(account), ([127, 0, 0, 1], 0).into(), Reach::Loopback)
            .await
            .expect("a free port");
        let url = format!("http://{}", server.address().expect("bound"));
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = tokio::spawn(server.run(async {
            let _ = stopped.await;
        }));
        Self { url, stop, serving }
    }

    /// Ends, and fails where serving did.
    pub async fn end(self) {
        let _ = self.stop.send(());
        self.serving.await.expect("no panic").expect("no error");
    }
}

/// The finished program on a served account, with a home of its own and keys of nobody.
pub fn program(url: &str, home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pitagora"));
    command
        .args(["--endpoint-url", url, "--region", REGION])
        .env_remove("AWS_PROFILE")
        .env("HOME", home)
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test");
    for (name, folder) in [
        ("CACHE", "cache"),
        ("CONFIG", "config"),
        ("DATA", "data"),
        ("STATE", "state"),
    ] {
        command.env(format!("XDG_{name}_HOME"), home.join(folder));
    }
    command
}
