//! Letters of a FIFO queue, put back by the own engine on a simulated account: the order within a group is kept; a run that is
//! repeated within five minutes, by somebody who has no journal of the first, sends nothing twice; and an edit arrives, once.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use pitagora::aws::Session;
use pitagora::domain::{MayWrite, NodeId, QueueMessage, Received};
use pitagora::redrive::driver::drive;
use pitagora::redrive::engine::Engine;
use pitagora::redrive::fingerprint::of_letter;
use pitagora::redrive::journal::Journal;
use pitagora::redrive::progress::{Progress, Summary};
use pitagora::redrive::queue_client::Remote;
use pitagora::redrive::receive_all::gather;
use pitagora::redrive::record::{Chosen, Growth, Header, VERSION};
use pitagora::redrive::replay::Replay;
use pitagora::redrive::route::{Edit, Route, Target};
use pitagora::redrive::settings::Settings;
use pitagora::redrive::transform::Transform;
use pitagora::sim::account::{Account, Motion, Rule, Share, Trouble};
use pitagora::sim::world::World;
use serde_json::{Value, json};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use crate::bench::{account, connect, in_process, parsed};
use crate::dead_letter_origins::back::sqs;

/// Account seconds in a second.
const SPEED: f64 = 20.0;
/// Seconds for which a run hides what it holds.
const HIDDEN_S: u32 = 60;
const MESSAGES: usize = 24;
const GROUPS: usize = 4;
/// AWS (sqs): a deduplication id is remembered for five minutes.
const REMEMBERED_MS: i64 = 300_000;

const SCENARIO: &str = r#"
title = "groups that wait for their turn"

[[queue]]
name = "work.fifo"
dlq = "dlq.fifo"

[[queue]]
name = "dlq.fifo"

[[queue]]
name = "target.fifo"
"#;

struct Bench {
    account: Arc<Account<World>>,
    session: Session,
    right: MayWrite,
    folder: tempfile::TempDir,
    runs: u32,
}

fn group(n: usize) -> String {
    format!("g{}", n % GROUPS)
}

impl Bench {
    async fn new() -> Self {
        let account = account(&parsed(SCENARIO), SPEED);
        account.set_motion(Motion::Paused);
        let session = connect(in_process(&account)).await;
        let bench = Self {
            account,
            session,
            right: MayWrite::unless(false).expect("it may"),
            folder: tempfile::tempdir().expect("a folder"),
            runs: 0,
        };
        for n in 0..MESSAGES {
            let message = json!({
                "QueueUrl": bench.url("dlq.fifo"), "MessageBody": format!("message {n}"), "MessageGroupId": group(n),
                "MessageDeduplicationId": format!("first life {n}"),
            });
            sqs(&bench.account, "SendMessage", message).await;
        }
        // What was there before a run began is what it sets out for.
        bench.account.step(1_000);
        bench
    }

    fn url(&self, name: &str) -> String {
        let account = self.account.with(|world| world.account.clone());
        format!("https://sqs.eu-west-1.amazonaws.com/{account}/{name}")
    }

    fn arn(&self, name: &str) -> String {
        self.account.with(|world| world.queue_arn(name))
    }

    fn header(&self, started: jiff::Timestamp, held: &[(Received, i64)], edits: &BTreeMap<String, Edit>) -> Header {
        let chosen = |letter: &QueueMessage| Chosen {
            id: letter.message_id.clone(),
            hash: of_letter(letter),
            way: 0,
            group: letter.group().map(str::to_owned),
            edited: edits.contains_key(&letter.message_id),
        };
        Header {
            pitagora_redrive: VERSION,
            started,
            who: self.session.identity.clone(),
            scope: self.session.scope.clone(),
            endpoint: None,
            queue: NodeId::from(self.arn("dlq.fifo")),
            url: self.url("dlq.fifo"),
            depth: MESSAGES as u64,
            settings: Settings {
                canary: 0,
                visibility_s: HIDDEN_S,
                ..Settings::default()
            },
            ways: vec![Route {
                target: Target::Queue {
                    arn: self.arn("target.fifo"),
                    url: self.url("target.fifo"),
                    fifo: true,
                },
                shape: Transform::Same,
            }],
            grows: Some(Growth::First),
            chosen: held.iter().map(|(held, _)| chosen(&held.letter)).collect(),
        }
    }

    /// A run of its own, with a journal of its own. It is killed once so many are sent, or goes to its end. `edited` gives the
    /// new text of a message by its old one.
    async fn run(
        &mut self,
        edited: impl Fn(&str) -> Option<&'static str>,
        killed_at: Option<usize>,
    ) -> Option<Summary> {
        self.runs += 1;
        let remote = Remote::new(
            self.session.clone(),
            self.right,
            NodeId::from(self.arn("dlq.fifo")),
            self.url("dlq.fifo"),
        );
        self.account.set_motion(Motion::Running);
        let started = remote.clock().now();
        let gathered = gather(
            &remote,
            Vec::new(),
            (MESSAGES as u64, 1_000),
            HIDDEN_S,
            &CancellationToken::new(),
        )
        .await;
        assert!(gathered.trouble.is_none(), "{:?}", gathered.trouble);
        let edits: BTreeMap<String, Edit> = gathered
            .held
            .iter()
            .filter_map(|(held, _)| {
                let original = Arc::clone(&held.letter.body);
                let body = edited(&original)?.into();
                Some((held.letter.message_id.clone(), Edit { original, body }))
            })
            .collect();
        let header = self.header(started, &gathered.held, &edits);
        let path = self.folder.path().join(format!("journal-{}", self.runs));
        let journal = Journal::create(&path, &header).expect("a journal");
        let now = remote.clock().now().as_millisecond();
        let (machine, first) = Engine::start(&Replay::new(header), &edits, gathered.held, now);
        let (_say, words) = mpsc::channel(1);
        let (tell, mut progress) = watch::channel(Progress::default());
        // A runtime of its own: once it is gone, no call of a killed run is left that could still get through.
        let process = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let running = process.spawn(drive(remote, journal, machine, first, words, tell));
        let summary = match killed_at {
            Some(sent) => {
                let enough = progress.wait_for(|progress| progress.sent >= sent);
                let enough = tokio::time::timeout(Duration::from_mins(1), enough).await;
                enough.expect("so many are sent").expect("it runs");
                None
            }
            None => Some(running.await.expect("no panic")),
        };
        tokio::task::spawn_blocking(|| drop(process)).await.expect("it ends");
        self.account.set_motion(Motion::Paused);
        summary
    }

    /// What nobody deletes stays, as after a kill between the send and the delete.
    fn deletes_fail(&self, fail: bool) {
        let rule = Rule {
            service: None,
            op: "DeleteMessage*".to_owned(),
            trouble: Trouble::Broken,
            share: Share::ALL,
        };
        self.account.set_rules(if fail { vec![rule] } else { Vec::new() });
    }

    /// All that the target has, in its order: group and text.
    async fn arrived(&self) -> Vec<(String, String)> {
        let mut all = Vec::new();
        loop {
            let ask = json!({
                "QueueUrl": self.url("target.fifo"), "MaxNumberOfMessages": 10, "AttributeNames": ["All"],
            });
            let got = sqs(&self.account, "ReceiveMessage", ask).await;
            let Some(messages) = got["Messages"].as_array().filter(|messages| !messages.is_empty()) else {
                return all;
            };
            for message in messages {
                let text = |value: &Value| value.as_str().expect("a text").to_owned();
                all.push((text(&message["Attributes"]["MessageGroupId"]), text(&message["Body"])));
                let gone = json!({ "QueueUrl": self.url("target.fifo"), "ReceiptHandle": message["ReceiptHandle"] });
                sqs(&self.account, "DeleteMessage", gone).await;
            }
        }
    }
}

/// The texts of a group as they went into the dead-letter queue.
fn of_group(group_id: &str) -> Vec<String> {
    let of_group = (0..MESSAGES).filter(|n| group(*n) == group_id);
    of_group.map(|n| format!("message {n}")).collect()
}

fn by_group(arrived: Vec<(String, String)>) -> BTreeMap<String, Vec<String>> {
    let mut groups: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (group, text) in arrived {
        groups.entry(group).or_default().push(text);
    }
    groups
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_repeated_within_five_minutes_keeps_the_order_and_sends_nothing_twice() {
    let mut bench = Bench::new().await;
    bench.deletes_fail(true);
    let began = bench.account.now_ms();
    bench.run(|_| None, Some(MESSAGES / 3)).await;
    bench.deletes_fail(false);
    bench.account.step(HIDDEN_S * 1_000);
    let summary = bench.run(|_| None, None).await.expect("an end");
    let took = bench.account.now_ms() - began;
    assert!(took < REMEMBERED_MS, "no proof: {took} ms lay between");
    assert!(summary.is_complete(), "{summary:?}");
    assert_eq!(
        (summary.sent, summary.deleted),
        (MESSAGES, MESSAGES),
        "it knows nothing of the first"
    );
    let groups = by_group(bench.arrived().await);
    assert_eq!(groups.len(), GROUPS);
    for (group, texts) in groups {
        assert_eq!(texts, of_group(&group), "{group}: once each, in their order");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edit_arrives_once_whatever_was_sent_before() {
    let edited = |text: &str| (text == "message 0").then_some("message 0, mended");
    for edited_before in [false, true] {
        let mut bench = Bench::new().await;
        bench.deletes_fail(true);
        let began = bench.account.now_ms();
        bench
            .run(|text| edited(text).filter(|_| edited_before), Some(GROUPS))
            .await;
        bench.deletes_fail(false);
        bench.account.step(HIDDEN_S * 1_000);
        let summary = bench.run(edited, None).await.expect("an end");
        let took = bench.account.now_ms() - began;
        assert!(took < REMEMBERED_MS, "no proof: {took} ms lay between");
        assert!(summary.is_complete(), "{summary:?}");
        let texts = by_group(bench.arrived().await).remove("g0").expect("a group");
        let count = |wanted: &str| texts.iter().filter(|text| *text == wanted).count();
        assert_eq!(
            count("message 0, mended"),
            1,
            "the edit is not taken for what was sent before: {texts:?}"
        );
        let original = usize::from(!edited_before);
        assert_eq!(count("message 0"), original, "only the first run sent it: {texts:?}");
        assert_eq!(texts.len(), MESSAGES / GROUPS + original, "{texts:?}");
    }
}
