//! One simulated account through two doors: what the product's own calls see in process they also see over a socket, and
//! troubles reach them as the errors that they are (those that are not tried again, so that no test waits).

use std::fmt::Debug;
use std::sync::Arc;

use aws_smithy_runtime_api::client::http::SharedHttpClient;
use jiff::Timestamp;
use pitagora::aws::{Options, Session};
use pitagora::domain::Clock;
use pitagora::sim::account::{Account, Home, Motion};
use pitagora::sim::connector::InProcess;
use pitagora::sim::scenario;
use pitagora::sim::server::{Reach, Server};
use pitagora::sim::world::World;
use tokio::sync::oneshot;

const START_MS: i64 = 1_767_225_600_000;

fn account() -> Arc<Account<World>> {
    let scenario = scenario::built_in("pitagora")
        .expect("the default scenario")
        .expect("it reads");
    let world = scenario.build(START_MS, Some("eu-west-1")).expect("it builds");
    let home = Home {
        account: world.account.clone(),
        region: world.region.clone(),
    };
    let account = Account::new(world, home, START_MS, 60.0);
    account.set_motion(Motion::Paused);
    account.step(600_000);
    account
}

fn in_process(account: &Arc<Account<World>>) -> Options {
    Options {
        region: Some("eu-west-1".to_owned()),
        http_client: Some(SharedHttpClient::new(InProcess::new(Arc::clone(account)))),
        clock: Some(Clock::told()),
        simulated: true,
        ..Options::default()
    }
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

#[tokio::test]
async fn the_same_account_through_both_doors() {
    let account = account();
    let server = Server::bind(Arc::clone(&account), ([127, 0, 0, 1], 0).into(), Reach::Loopback)
        .await
        .expect("a free port");
    let url = format!("http://{}", server.address().expect("bound"));
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(server.run(async {
        let _ = stopped.await;
    }));

    let inside = Session::connect(in_process(&account)).await.expect("connects");
    let options = Options {
        http_client: None,
        endpoint_url: Some(url),
        ..in_process(&account)
    };
    let outside = Session::connect(options).await.expect("connects");
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
    stop.send(()).expect("it serves");
    serving.await.expect("no panic").expect("no error");
}

#[tokio::test]
async fn troubles_are_the_errors_that_they_are() {
    let account = account();
    let session = Session::connect(in_process(&account)).await.expect("connects");
    for (rule, wanted) in [("sqs:ListQueues=AccessDenied", "Denied"), ("*=expired", "Expired")] {
        account.set_rules(vec![rule.parse().expect("a rule")]);
        let error = session.queue_urls().await.expect_err(rule);
        assert!(format!("{error:?}").contains(wanted), "{rule}: {error:?}");
    }
    account.set_rules(Vec::new());
    assert!(session.queue_urls().await.is_ok());
}
