//! Stop means stop, whatever became of who reads what is said: pipes whose reader is gone or does not read, terminals that
//! are gone or take no more output. What was held is visible again, and nothing is lost.

mod pipes;
mod screen;

use std::sync::Arc;
use std::time::{Duration, Instant};

use pitagora::aws::Session;
use pitagora::sim::account::Account;
use pitagora::sim::world::World;

use crate::bench::{self, Served, account, connect, over_a_socket, parsed};

/// Longer than this nothing is waited for: a machine that builds beside this is slow.
const PATIENCE: Duration = Duration::from_mins(1);
/// Account seconds in a second.
const SPEED: f64 = 20.0;
/// Messages in the queue.
const ALL: u64 = 90;

/// Messages that failed, a function that goes on failing and says so, and a queue from which nobody takes anything.
const SCENARIO: &str = r#"
title = "work that is stopped"

[[queue]]
name = "work"
visibility = "30s"
dlq = "dlq"
max_receives = 1

[[queue]]
name = "dlq"

[[queue]]
name = "asleep"

[[mapping]]
from = "queue:work"
to = "f"
batch = 1

[[mapping]]
from = "queue:asleep"
to = "f"
disabled = true

[[function]]
name = "f"
does = { work = "50ms", fails = [{ on = "bad", error = "ValueError: bad" }] }

[[function]]
name = "talks"
retries = 2
does = { work = "50ms", print = ["INFO a line that says what happens, and goes on for a while"], fails = [{ error = "ValueError: bad" }] }

[[traffic]]
every = "2s"
does = { invoke = { function = "talks", payload = '{"n": {n}}' } }

[[traffic]]
every = "100ms"
from = "1ms"
until = "9s"
does = { send_message = { queue = "work", body = '{"order": "bad {n}"}' } }
"#;

/// A served account, and a home for what the program keeps.
struct Bench {
    account: Arc<Account<World>>,
    served: Served,
    session: Session,
    home: tempfile::TempDir,
}

impl Bench {
    async fn new() -> Self {
        let account = account(&parsed(SCENARIO), SPEED);
        account.step(120_000);
        let served = Served::new(&account).await;
        let session = connect(over_a_socket(&served.url)).await;
        let bench = Self {
            session,
            account,
            served,
            home: tempfile::tempdir().expect("a home"),
        };
        assert_eq!(bench.counts("dlq").await, (ALL, 0));
        bench
    }

    /// From now on each receive takes so long that a reading is stopped in its midst.
    fn slow_receives(&self) {
        let rule = "sqs:ReceiveMessage=400ms".parse().expect("a rule");
        self.account.set_rules(vec![rule]);
    }

    /// Visible messages of a queue, and those that somebody holds.
    async fn counts(&self, queue: &str) -> (u64, u64) {
        bench::counts(&self.session, queue).await
    }

    /// Waits until this holds of the counts of two queues.
    async fn until(&self, what: &str, queues: [&str; 2], holds: impl Fn([(u64, u64); 2]) -> bool) {
        let began = Instant::now();
        loop {
            let counts = [self.counts(queues[0]).await, self.counts(queues[1]).await];
            if holds(counts) {
                return;
            }
            assert!(began.elapsed() < PATIENCE, "{what}: {queues:?} have {counts:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits until some messages are in hand.
    async fn until_held(&self) {
        self.until("some are held", ["dlq", "asleep"], |[dlq, _]| dlq.1 > 0)
            .await;
    }

    /// Waits until one message has gone first, and the rest is in hand.
    async fn until_one_went_first(&self) {
        let one = |[dlq, asleep]: [(u64, u64); 2]| dlq == (0, ALL - 1) && asleep == (1, 0);
        self.until("one goes first", ["dlq", "asleep"], one).await;
    }
}
