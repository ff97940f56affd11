//! Who asks for one thing waits for one thing, and a large account is asked no more than it must be.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::process::{Command, Stdio};
use std::sync::Arc;

use pitagora::aws::{Options, Session};
use pitagora::dead_letters::read_guard::{Refusal, refusals};
use pitagora::dead_letters::{DeadLetterQueue, queues};
use pitagora::dlq::queues::chain;
use pitagora::domain::{Clock, Detail, Interest, MayWrite, NodeId, Origin, Outgoing, Sending};
use pitagora::driver;
use pitagora::pollers::{Pace, ScopeFilter, Want, Watch};
use pitagora::sim::account::Account;
use pitagora::sim::world::World;
use pitagora::store::{Snapshot, Store};
use tokio::sync::{mpsc, watch};

use super::bench::{Served, account, connect, counts, in_process, over_a_socket, parsed, program};

/// So many pipelines of four functions each.
const PIPELINES: usize = 40;

/// An account of many teams: each has a topic, a rule, four functions, queues and what they leave in them.
fn large() -> Arc<Account<World>> {
    let text = format!(
        r#"
title = "Many pipelines"
seed = 17

[[function]]
name = "talks-to-itself"
on_success = "function:talks-to-itself"

[[repeat]]
times = {PIPELINES}
[[repeat.topic]]
name = "orders-{{i}}"
subscribe = [{{ to = "queue:work-{{i}}" }}, {{ to = "function:notify-{{i}}", dlq = "undelivered-{{i}}" }}]
[[repeat.queue]]
name = "work-{{i}}"
dlq = "work-dlq-{{i}}"
max_receives = 3
[[repeat.queue]]
name = "work-dlq-{{i}}"
[[repeat.queue]]
name = "failed-{{i}}"
[[repeat.queue]]
name = "undelivered-{{i}}"
[[repeat.queue]]
name = "given-up-{{i}}"
[[repeat.rule]]
name = "nightly-{{i}}"
schedule = "rate(1 day)"
target = [{{ to = "function:intake-{{i}}", dlq = "failed-{{i}}" }}]
[[repeat.function]]
name = "intake-{{i}}"
dlq = "failed-{{i}}"
[[repeat.function]]
name = "work-{{i}}"
[[repeat.function]]
name = "audit-{{i}}"
on_failure = "queue:given-up-{{i}}"
[[repeat.function]]
name = "notify-{{i}}"
[[repeat.mapping]]
from = "queue:work-{{i}}"
to = "function:work-{{i}}"
"#
    );
    account(&parsed(&text), 1.0)
}

/// What was found, and how often each action was called for it.
struct Surveyed {
    snapshot: Arc<Snapshot>,
    calls: BTreeMap<String, u64>,
    session: Session,
}

impl Surveyed {
    fn calls(&self, action: &str) -> u64 {
        self.calls.get(action).copied().unwrap_or(0)
    }

    fn has(&self, name: &str) -> bool {
        self.snapshot.topology.nodes.values().any(|node| node.name == name)
    }

    fn queue(&self, name: &str) -> DeadLetterQueue {
        let id = NodeId::from(self.session.scope.arn("sqs", name));
        queues::queue(chain(&self.snapshot.topology), &id, None)
    }

    fn feeders(&self, name: &str) -> Vec<(Origin, String)> {
        let queue = self.queue(name);
        let feeders = queue.fed_by.iter();
        let mut feeders: Vec<_> = feeders
            .map(|one| (one.origin, one.id.short_name().to_owned()))
            .collect();
        feeders.sort();
        feeders
    }

    /// The calls of what an account of any size is asked for one by one.
    fn one_by_one(&self) -> String {
        let mut told = String::new();
        for (action, calls) in &self.calls {
            let is_list = action.contains(":List") && !action.ends_with("InvokeConfigs");
            if !is_list && *calls > 12 {
                let _ = writeln!(told, "{action} {calls}");
            }
        }
        told
    }
}

async fn surveyed(account: &Arc<Account<World>>, want: Want, only: &[&str], surveys: u32) -> Surveyed {
    let session = connect(Options {
        budgets: Some(100_000),
        ..in_process(account)
    })
    .await;
    let clock = session.clock().unwrap_or(Clock::System);
    let (sender, observations) = mpsc::channel(4_096);
    let (publish, mut snapshots) = watch::channel(Arc::new(Snapshot::default()));
    let (_attend, interest) = watch::channel(Interest::default());
    let only: Vec<String> = only.iter().map(|&only| only.to_owned()).collect();
    let filter = ScopeFilter::only(&only).expect("patterns");
    let pace = Pace {
        // Long enough that none begins while the last one is told of.
        survey: std::time::Duration::from_secs(2),
        ..Pace::AWS
    };
    let watch = Watch::new(session.clone(), clock.clone(), filter, pace, interest, sender).of(want);
    let store = tokio::spawn(driver::drive(Store::new(), observations, publish, clock));
    let watching = tokio::spawn(async move { watch.run(&[]).await });
    let mut ended = 0;
    let mut at = None;
    let mut before = BTreeMap::new();
    while ended < surveys {
        before = session.calls().by_api;
        while snapshots.borrow_and_update().topology.surveyed_at == at {
            snapshots.changed().await.expect("the store runs");
        }
        at = snapshots.borrow().topology.surveyed_at;
        ended += 1;
    }
    let snapshot = Arc::clone(&snapshots.borrow());
    let mut calls = session.calls().by_api;
    for (action, calls) in &mut calls {
        *calls -= before.get(action).copied().unwrap_or(0);
    }
    watching.abort();
    store.abort();
    Surveyed {
        snapshot,
        calls,
        session,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_for_one_queue_asks_for_what_feeds_it_alone() {
    let account = large();
    let near = async |queue: &str| surveyed(&account, Want::Named(vec![queue.to_owned()]), &[], 1).await;
    let work = near("work-dlq-7").await;
    assert!(work.snapshot.topology.narrowed && work.snapshot.topology.complete);
    assert_eq!(work.feeders("work-dlq-7"), [(Origin::SqsRedrive, "work-7".to_owned())]);
    assert_eq!(work.one_by_one(), "", "{:#?}", work.calls);
    assert_eq!(work.calls("lambda:GetPolicy"), 0);
    let topology = &work.snapshot.topology;
    let reader = topology
        .nodes
        .values()
        .find(|node| node.name == "work-7")
        .expect("its reader");
    assert!(matches!(reader.detail, Detail::Function(_) | Detail::Queue(_)));
    let source = topology.nodes.values().filter(|node| node.name == "work-7");
    assert_eq!(
        source.count(),
        2,
        "the queue that is read, and the function that reads it"
    );

    let failed = near("failed-3").await;
    let both = [
        (Origin::LambdaAsync, "intake-3".to_owned()),
        (Origin::Eventbridge, "nightly-3".to_owned()),
    ];
    assert_eq!(failed.feeders("failed-3"), both);
    assert_eq!(failed.one_by_one(), "", "{:#?}", failed.calls);
    let undelivered = near("undelivered-5").await;
    assert_eq!(
        undelivered.feeders("undelivered-5"),
        [(Origin::Sns, "orders-5".to_owned())]
    );
    assert_eq!(undelivered.one_by_one(), "", "{:#?}", undelivered.calls);
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_neither_permits_nor_refuses() {
    let account = large();
    // Nothing lists who has a queue for its destination: what the near survey does not find is not known.
    let near = surveyed(&account, Want::Named(vec!["given-up-2".to_owned()]), &[], 1).await;
    assert!(near.snapshot.topology.narrowed);
    assert_eq!(near.feeders("given-up-2"), []);
    assert_eq!(
        refusals(&near.queue("given-up-2")),
        [Refusal::Ordinary],
        "which whoever reads it does not take for an answer"
    );
    assert!(
        near.has("audit-2"),
        "the function itself is known, whose record will name it"
    );
    let whole = surveyed(&account, Want::Everything, &[], 1).await;
    assert!(!whole.snapshot.topology.narrowed);
    assert_eq!(
        whole.feeders("given-up-2"),
        [(Origin::Destination, "audit-2".to_owned())]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_for_functions_asks_for_their_queues_and_no_others() {
    let account = large();
    let near = surveyed(&account, Want::Functions, &["*-7"], 1).await;
    assert_eq!(near.one_by_one(), "", "{:#?}", near.calls);
    assert_eq!(
        near.feeders("given-up-7"),
        [(Origin::Destination, "audit-7".to_owned())]
    );
    assert_eq!(near.feeders("work-dlq-7"), [(Origin::SqsRedrive, "work-7".to_owned())]);
    assert!(near.has("notify-7") && !near.has("notify-8"));
    let logs = surveyed(&account, Want::Logs, &[], 1).await;
    let asked: Vec<&str> = logs.calls.keys().map(String::as_str).collect();
    let listings = [
        "lambda:ListFunctions",
        "logs:DescribeLogGroups",
        "sts:GetCallerIdentity",
    ];
    assert_eq!(asked, listings);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_small_account_is_asked_whole_so_that_silence_says_something() {
    let small = account(
        &parsed("title = \"Small\"\nseed = 1\n[[queue]]\nname = \"work\"\n[[function]]\nname = \"f\"\n"),
        1.0,
    );
    let near = surveyed(&small, Want::Named(vec!["work".to_owned()]), &[], 1).await;
    assert!(!near.snapshot.topology.narrowed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_account_is_asked_only_what_may_tell_something() {
    let account = large();
    let whole = surveyed(&account, Want::Everything, &[], 1).await;
    assert!(
        whole.snapshot.topology.complete,
        "{:?}",
        whole.snapshot.topology.unknown
    );
    let functions = u64::try_from(PIPELINES * 4 + 1).expect("few");
    for action in [
        "lambda:GetPolicy",
        "lambda:ListFunctionEventInvokeConfigs",
        "lambda:GetFunction",
    ] {
        assert_eq!(whole.calls(action), functions, "{action}");
    }
    for action in [
        "lambda:ListAliases",
        "lambda:ListFunctionUrlConfigs",
        "logs:DescribeSubscriptionFilters",
    ] {
        assert_eq!(whole.calls(action), 0, "{action}");
    }
    // One function is in a circle.
    assert_eq!(whole.calls("lambda:GetFunctionRecursionConfig"), 1);
    assert_eq!(whole.calls("cloudwatch:ListMetrics"), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_later_survey_asks_again_in_turns_and_forgets_nothing() {
    let account = large();
    let first = surveyed(&account, Want::Everything, &[], 1).await;
    let later = surveyed(&account, Want::Everything, &[], 3).await;
    let all = u64::try_from(PIPELINES * 4 + 1).expect("few");
    for action in ["lambda:GetPolicy", "lambda:GetFunction", "sqs:GetQueueAttributes"] {
        let calls = later.calls(action);
        assert!(calls < all * 3 / 4, "{action}: {calls}");
    }
    let names = |surveyed: &Surveyed| {
        let edges = surveyed.snapshot.topology.edges.iter();
        edges.map(|edge| format!("{:?}", edge.key)).collect::<Vec<_>>()
    };
    assert_eq!(names(&first), names(&later));
    assert!(later.snapshot.topology.complete);
}

/// What a function reads decides what becomes of its messages, although only the function was asked for.
#[tokio::test(flavor = "multi_thread")]
async fn the_queue_of_a_function_in_scope_is_known_with_its_dead_letter_queue() {
    let text = r#"
title = "Queues next to functions"
[[repeat]]
times = 30
[[repeat.queue]]
name = "mail-{i}"
dlq = "undelivered-{i}"
[[repeat.queue]]
name = "undelivered-{i}"
[[repeat.function]]
name = "sender-{i}"
[[repeat.mapping]]
from = "queue:mail-{i}"
to = "sender-{i}"
"#;
    let account = account(&parsed(text), 1.0);
    for want in [Want::Functions, Want::Everything] {
        let surveyed = surveyed(&account, want.clone(), &["sender-7"], 1).await;
        let id = |name: &str| NodeId::from(surveyed.session.scope.arn("sqs", name));
        let topology = &surveyed.snapshot.topology;
        let detail = |name: &str| topology.nodes.get(&id(name)).map(|node| &node.detail);
        for name in ["mail-7", "undelivered-7"] {
            assert!(matches!(detail(name), Some(Detail::Queue(_))), "{want:?}: {name}");
        }
        let moves = topology
            .from(&id("mail-7"))
            .any(|edge| edge.key.to == id("undelivered-7"));
        assert!(moves, "{want:?}");
        assert!(detail("mail-8").is_none(), "{want:?}: it is next to nothing in scope");
    }
}

/// A journal names the queue and the targets: a redrive that is resumed asks about these, as a new one does.
#[tokio::test(flavor = "multi_thread")]
async fn who_resumes_a_redrive_waits_for_its_queue_and_targets_alone() {
    let account = large();
    // One of these is made for each function of a whole survey.
    account.set_rules(vec!["lambda:GetPolicy=3600s".parse().expect("a rule")]);
    let served = Served::new(&account).await;
    let session = connect(over_a_socket(&served.url)).await;
    let home = tempfile::tempdir().expect("a home");
    let url = session.queue_url("work-dlq-7").await.expect("a queue");
    let right = MayWrite::unless(false).expect("nothing is read-only");
    let bodies = (0..4).map(|n| Outgoing {
        body: format!("{{\"order\": {n}}}").into(),
        ..Outgoing::default()
    });
    let sent = session.send(right, &url, &bodies.collect::<Vec<_>>()).await;
    assert!(sent.iter().all(|one| matches!(one, Sending::Sent { .. })), "{sent:?}");
    let redrive = |more: &[&str]| {
        let mut command = program(&served.url, home.path());
        command.args(["dlq", "redrive", "--yes", "--no-canary", "--ignore-check", "--no-wait"]);
        command.args(more).stdin(Stdio::null()).stderr(Stdio::piped());
        command.spawn().expect("it starts")
    };
    let journal = home.path().join("journal.jsonl");
    let journal = journal.to_str().expect("a path");
    let stopped = redrive(&[
        "work-dlq-7",
        "--to=failed-3",
        "--engine=client",
        "--rate=1",
        "--journal",
        journal,
    ]);
    while counts(&session, "failed-3").await.0 == 0 {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let asked = Command::new("kill").args(["-TERM", &stopped.id().to_string()]).status();
    assert!(asked.is_ok_and(|status| status.success()));
    stopped.wait_with_output().expect("it ends");
    let resumed = redrive(&["--resume", journal]).wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&resumed.stderr);
    assert_eq!(resumed.status.code(), Some(0), "{said}");
    assert!(!said.contains("unknown: "), "{said}");
    assert_eq!(counts(&session, "failed-3").await, (4, 0), "{said}");
    served.end().await;
}
