//! The account over a world of one queue: long polls, streams, trouble and the clock, in virtual time.

use std::task::Poll;

use futures::FutureExt as _;
use http_body_util::BodyExt as _;

use super::*;
use crate::call::Service;
use crate::value::{list, map};

/// A queue whose messages become visible at a time of their own.
#[derive(Debug, Default)]
struct Queue {
    now: i64,
    visible_at: Vec<i64>,
    hung_up: Vec<u64>,
}

impl Backend for Queue {
    fn advance_to(&mut self, ms: i64) {
        assert!(ms >= self.now, "time runs back");
        self.now = ms;
    }

    fn next_event(&self) -> Option<i64> {
        self.visible_at.iter().copied().filter(|at| *at > self.now).min()
    }

    fn dispatch(&mut self, call: &Call) -> Reply {
        match call.op.as_str() {
            "SendMessage" => {
                self.visible_at
                    .push(self.now + call.int("DelaySeconds").unwrap_or(0) * 1000);
                Reply::Done(Ok(Answer::of(map! { "MessageId" => call.serial })))
            }
            "ReceiveMessage" => {
                if let Some(i) = self.visible_at.iter().position(|at| *at <= self.now) {
                    self.visible_at.remove(i);
                    return Reply::Done(Ok(Answer::of(
                        map! { "Messages" => list![map! { "MessageId" => "m" }] },
                    )));
                }
                let until_ms = call
                    .received_ms
                    .saturating_add(call.int("WaitTimeSeconds").unwrap_or(0) * 1000);
                if self.now >= until_ms {
                    Reply::Done(Ok(Answer::empty()))
                } else {
                    Reply::Wait { until_ms }
                }
            }
            "StartLiveTail" => {
                let n = call.resume.as_ref().and_then(Value::int).unwrap_or(0);
                let events = vec![("sessionUpdate".to_owned(), map! { "n" => n })];
                Reply::Stream {
                    events,
                    resume: Value::Int(n + 1),
                    next_ms: (n < 2).then_some(self.now + 1000),
                }
            }
            op => Fault::unknown_operation(call.service, op).into(),
        }
    }

    fn hang_up(&mut self, serial: u64) {
        self.hung_up.push(serial);
    }
}

fn account() -> Arc<Account<Queue>> {
    let home = Home {
        account: "123456789012".to_owned(),
        region: "us-east-1".to_owned(),
    };
    Account::paused(Queue::default(), home, 1_000_000, 1.0)
}

fn request(target: &str, body: &'static str) -> Request<Bytes> {
    let request = Request::builder()
        .method("POST")
        .uri("/")
        .header("x-amz-target", target);
    request
        .header("content-type", "application/x-amz-json-1.0")
        .body(Bytes::from_static(body.as_bytes()))
        .expect("a request")
}

async fn text(response: Response<Body>) -> String {
    let bytes = response.into_body().collect().await.expect("a body").to_bytes();
    String::from_utf8_lossy(&bytes).into_owned()
}

#[tokio::test]
async fn a_long_poll_ends_with_a_message_sent_meanwhile() {
    let account = account();
    let mut poll = Box::pin(account.handle(request("AmazonSQS.ReceiveMessage", r#"{"WaitTimeSeconds":20}"#)));
    assert!(matches!(futures::poll!(&mut poll), Poll::Pending));
    account
        .handle(request("AmazonSQS.SendMessage", "{}"))
        .await
        .expect("an answer");
    let answer = text(poll.await.expect("an answer")).await;
    assert!(answer.contains("MessageId"), "{answer}");
}

#[tokio::test]
async fn a_long_poll_ends_when_the_clock_reaches_a_delayed_message_or_its_end() {
    let account = account();
    account
        .handle(request("AmazonSQS.SendMessage", r#"{"DelaySeconds":5}"#))
        .await
        .expect("an answer");
    let mut poll = Box::pin(account.handle(request("AmazonSQS.ReceiveMessage", r#"{"WaitTimeSeconds":20}"#)));
    assert!(matches!(futures::poll!(&mut poll), Poll::Pending));
    account.step(4_999);
    assert!(matches!(futures::poll!(&mut poll), Poll::Pending));
    account.step(1);
    assert!(text(poll.await.expect("an answer")).await.contains("MessageId"));
    let mut empty = Box::pin(account.handle(request("AmazonSQS.ReceiveMessage", r#"{"WaitTimeSeconds":20}"#)));
    assert!(matches!(futures::poll!(&mut empty), Poll::Pending));
    account.step(20_000);
    assert_eq!(text(empty.await.expect("an answer")).await, "{}");
}

#[tokio::test]
async fn a_client_that_goes_away_is_forgotten() {
    let account = account();
    let mut poll = Box::pin(account.handle(request("AmazonSQS.ReceiveMessage", r#"{"WaitTimeSeconds":20}"#)));
    assert!(matches!(futures::poll!(&mut poll), Poll::Pending));
    assert!(matches!(futures::poll!(&mut poll), Poll::Pending));
    assert!(account.with(|queue| queue.hung_up.is_empty()), "it still waits");
    assert_eq!(account.waiting(), 1);
    drop(poll);
    assert_eq!(account.waiting(), 0);
    assert_eq!(account.with(|queue| queue.hung_up.clone()), [1]);
}

#[tokio::test]
async fn a_running_clock_ends_a_long_poll_in_wall_time() {
    let account = account();
    account.set_motion(Motion::Running);
    account.set_speed(3600.0);
    let answer = account
        .handle(request("AmazonSQS.ReceiveMessage", r#"{"WaitTimeSeconds":20}"#))
        .await;
    assert_eq!(text(answer.expect("an answer")).await, "{}");
    assert!(account.now_ms() >= 1_020_000);
}

#[tokio::test]
async fn stopping_ends_whoever_waits() {
    let account = account();
    let mut poll = Box::pin(account.handle(request("AmazonSQS.ReceiveMessage", r#"{"WaitTimeSeconds":20}"#)));
    assert!(matches!(futures::poll!(&mut poll), Poll::Pending));
    let tail = account
        .handle(request("Logs_20140328.StartLiveTail", "{}"))
        .await
        .expect("an answer");
    account.stop();
    assert_eq!(text(poll.await.expect("an answer")).await, "{}");
    assert!(text(tail).await.contains("sessionUpdate"));
}

#[tokio::test]
async fn a_stream_goes_on_until_it_ends() {
    let account = account();
    account.set_motion(Motion::Running);
    account.set_speed(3600.0);
    let tail = account
        .handle(request("Logs_20140328.StartLiveTail", "{}"))
        .await
        .expect("an answer");
    assert_eq!(tail.headers()["content-type"], "application/vnd.amazon.eventstream");
    let all = text(tail).await;
    assert!(all.contains("initial-response"), "{all}");
    assert!(
        ["{\"n\":0}", "{\"n\":1}", "{\"n\":2}"]
            .iter()
            .all(|event| all.contains(event)),
        "{all}"
    );
}

#[tokio::test]
async fn trouble_strikes_whom_it_names() {
    let account = account();
    account.set_rules(vec![
        "sqs:Receive*=AccessDenied".parse().expect("a rule"),
        "logs=drop".parse().expect("a rule"),
    ]);
    let denied = account
        .handle(request("AmazonSQS.ReceiveMessage", "{}"))
        .await
        .expect("an answer");
    assert_eq!(denied.status(), 403);
    assert!(text(denied).await.contains("AccessDeniedException"));
    assert_eq!(
        account
            .handle(request("AmazonSQS.SendMessage", "{}"))
            .await
            .map(|r| r.status().as_u16())
            .ok(),
        Some(200)
    );
    assert!(
        account
            .handle(request("Logs_20140328.DescribeLogGroups", "{}"))
            .await
            .is_err()
    );
    account.set_rules(vec![Rule::all(Trouble::Expired)]);
    let expired = account
        .handle(request("AmazonSQS.SendMessage", "{}"))
        .await
        .expect("an answer");
    assert!(text(expired).await.contains("ExpiredTokenException"));
}

#[tokio::test]
async fn every_answer_tells_the_time_and_has_an_id() {
    let account = account();
    let answer = account.handle(request("AmazonSQS.Nope", "{")).await.expect("an answer");
    assert_eq!(answer.headers()[CLOCK_HEADER], "1000000;speed=0");
    let id = answer.headers()["x-amzn-requestid"].to_str().expect("text").to_owned();
    assert_eq!((id.len(), id.as_bytes()[14]), (36, b'4'));
    account.set_motion(Motion::Running);
    account.set_speed(60.0);
    let answer = account
        .handle(request("AmazonSQS.SendMessage", "{}"))
        .await
        .expect("an answer");
    assert!(
        answer.headers()[CLOCK_HEADER]
            .to_str()
            .is_ok_and(|value| value.ends_with(";speed=60"))
    );
    assert_ne!(answer.headers()["x-amzn-requestid"], id.as_str());
}

#[tokio::test]
async fn a_driven_world_keeps_up_while_nobody_asks() {
    let account = account();
    account
        .handle(request("AmazonSQS.SendMessage", r#"{"DelaySeconds":5}"#))
        .await
        .expect("an answer");
    let mut driving = Box::pin(Arc::clone(&account).drive());
    assert!(matches!(futures::poll!(&mut driving), Poll::Pending));
    account.step(7_000);
    assert!(matches!(futures::poll!(&mut driving), Poll::Pending));
    assert_eq!(account.lock().world.now, 1_007_000);
    account.stop();
    driving.await;
}

#[tokio::test]
async fn a_call_without_wait_is_answered_at_once() {
    let account = account();
    let done = account.handle(request("AmazonSQS.ReceiveMessage", "{}")).now_or_never();
    assert!(done.is_some_and(|answer| answer.is_ok()));
    assert_eq!(account.with(|queue| queue.now), 1_000_000);
    assert_eq!(Service::Sqs.prefix(), "sqs");
}

#[test]
fn a_world_too_slow_for_its_speed_holds_the_clock_back_and_never_turns_it_back() {
    use std::cell::Cell;
    let start = Instant::now();
    let busy = Queue {
        visible_at: (1..100_000).map(|n| n * 10).collect(),
        ..Queue::default()
    };
    let mut state = state::State::new(busy, Clock::new(0, start, 100.0), 0);
    // Ten seconds went by, a thousand in the account; each slice takes the world ten milliseconds.
    let spent = Cell::new(0);
    let wall = start + Duration::from_secs(10);
    assert_eq!(state.now(wall), 1_000_000);
    state.catch_up(wall, || {
        spent.set(spent.get() + 10);
        Duration::from_millis(spent.get())
    });
    let reached = state.world.now;
    assert!(
        (1..10_000).contains(&reached),
        "it stops when its time is up: {reached}"
    );
    assert_eq!(state.now(wall), 1_000_000, "what was told stays told");
    let later = wall + Duration::from_millis(60);
    assert_eq!(state.now(later), 1_000_000, "and the clock waits for the world");
    state.catch_up(later, || Duration::ZERO);
    assert_eq!(state.world.now, 1_000_000, "a machine with time to spare gets there");
    // A step is taken whole, whatever it takes.
    state.step(later, 5_000_000);
    state.catch_up(later, || Duration::from_secs(9));
    assert!(state.world.now >= 5_000_000, "{}", state.world.now);
}

/// Holds too much, or not.
struct Full(Arc<std::sync::atomic::AtomicBool>);

impl Backend for Full {
    fn advance_to(&mut self, _: i64) {}

    fn next_event(&self) -> Option<i64> {
        None
    }

    fn dispatch(&mut self, _: &Call) -> Reply {
        Reply::Done(Ok(Answer::empty()))
    }

    fn is_full(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    fn hang_up(&mut self, _: u64) {}
}

#[test]
fn time_slows_while_the_world_holds_too_much() {
    let full = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let home = Home {
        account: "123456789012".to_owned(),
        region: "us-east-1".to_owned(),
    };
    let account = Account::new(Full(Arc::clone(&full)), home, 0, 3600.0);
    let speeds = || {
        account.with(|_| ());
        (account.speed().to_bits(), account.kept_speed().to_bits())
    };
    let (fast, slow) = (3600.0_f64.to_bits(), SLOWED.to_bits());
    assert_eq!(speeds(), (fast, fast));
    full.store(true, Ordering::Relaxed);
    assert_eq!(speeds(), (slow, fast));
    full.store(false, Ordering::Relaxed);
    assert_eq!(speeds(), (fast, fast));
}
