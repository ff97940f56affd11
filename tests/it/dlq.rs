//! The commands of dead letters as somebody runs them: what they hold they give back when they are stopped, they say so
//! when somebody else holds the letters, they look at the target before and after, and they count what bounces.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, ChildStderr, Command, Stdio};

use pitagora::aws::Session;
use pitagora::domain::{MayWrite, NodeId};
use pitagora::redrive::journal::Journal;
use pitagora::redrive::queue_client::Remote;
use serde_json::Value;

use crate::bench::{Served, account, connect, counts, over_a_socket, parsed, program};

/// Account seconds in a second: receives and visibilities take seconds.
const SPEED: f64 = 20.0;

/// Orders that always fail, once each, and end in `dlq`.
const FAILING: &str = r#"
title = "letters that bounce"

[[queue]]
name = "work"
visibility = "30s"
dlq = "dlq"
max_receives = 1

[[queue]]
name = "dlq"

[[queue]]
name = "elsewhere"

[[mapping]]
from = "queue:work"
to = "f"
batch = 1

[[function]]
name = "f"
does = { work = "50ms", fails = [{ on = "bad", error = "ValueError: bad" }] }

[[queue]]
name = "asleep"

[[mapping]]
from = "queue:asleep"
to = "f"
disabled = true

[[traffic]]
every = "EVERY"
from = "1ms"
until = "UNTIL"
does = { send_message = { queue = "work", body = '{"order": "bad {n}"}' } }
"#;

/// A served account, and a home for what the commands keep.
struct Bench {
    served: Served,
    session: Session,
    home: tempfile::TempDir,
}

impl Bench {
    /// With a letter each so often, for so long.
    async fn new(every: &str, until: &str) -> Self {
        Self::of(FAILING, every, until).await
    }

    /// Of another account.
    async fn of(scenario: &str, every: &str, until: &str) -> Self {
        let text = scenario.replace("EVERY", every).replace("UNTIL", until);
        let account = account(&parsed(&text), SPEED);
        account.step(180_000);
        let served = Served::new(&account).await;
        Self {
            session: connect(over_a_socket(&served.url)).await,
            served,
            home: tempfile::tempdir().expect("a home"),
        }
    }

    /// Visible messages of a queue, and those in flight.
    async fn counts(&self, queue: &str) -> (u64, u64) {
        counts(&self.session, queue).await
    }

    fn start(&self, args: &[&str]) -> Run {
        let mut command = program(&self.served.url, self.home.path());
        command
            .arg("dlq")
            .args(args)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().expect("it starts");
        Run {
            said: BufReader::new(child.stderr.take().expect("a pipe")),
            heard: String::new(),
            child,
        }
    }
}

/// A command that runs.
struct Run {
    child: Child,
    said: BufReader<ChildStderr>,
    heard: String,
}

impl Run {
    /// Reads what it says until it has said this. A question has no end of line.
    fn hear(&mut self, words: &str) {
        while !self.heard.contains(words) {
            let bytes = self.said.fill_buf().expect("a pipe");
            assert!(!bytes.is_empty(), "it ended without {words:?}:\n{}", self.heard);
            let count = bytes.len();
            self.heard.push_str(&String::from_utf8_lossy(bytes));
            self.said.consume(count);
        }
    }

    fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([name, &self.child.id().to_string()]).status();
        assert!(sent.is_ok_and(|status| status.success()), "the signal is sent");
    }

    /// Its exit code, what it printed, and all it said.
    fn end(mut self) -> (i32, String, String) {
        let mut out = String::new();
        self.said.read_to_string(&mut self.heard).expect("a pipe");
        let mut stdout = self.child.stdout.take().expect("a pipe");
        stdout.read_to_string(&mut out).expect("a pipe");
        let code = self.child.wait().expect("it ends").code();
        (code.expect("no signal ended it"), out, self.heard)
    }

    fn journal(&self) -> String {
        let line = self
            .heard
            .lines()
            .find_map(|line| line.strip_prefix("pitagora: journal: "));
        line.expect("it names its journal first").to_owned()
    }
}

const TO_ELSEWHERE: [&str; 6] = ["redrive", "dlq", "--yes", "--to", "elsewhere", "--engine=client"];
/// To a queue whose mapping is disabled: what goes first is invoked by nobody, and the rest waits for it.
const TO_ASLEEP: [&str; 7] = [
    "redrive",
    "dlq",
    "--yes",
    "--to",
    "asleep",
    "--engine=client",
    "--ignore-check",
];
/// What is said while the rest waits.
const WAITS: &str = "canary sent: the rest is sent";

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_stopped_gives_back_what_it_holds_and_keeps_its_journal() {
    for signal in ["-TERM", "-INT"] {
        let bench = Bench::new("1s", "10s").await;
        let (all, _) = bench.counts("dlq").await;
        assert!(all >= 5, "{all}");
        let mut run = bench.start(&[&TO_ASLEEP[..], &["--canary=2", "--format=json"]].concat());
        run.hear(WAITS);
        assert_eq!(bench.counts("dlq").await, (0, all - 2), "the rest is in hand");
        run.signal(signal);
        let journal = run.journal();
        let (code, out, said) = run.end();
        let out: Value = serde_json::from_str(&out).expect("an outcome");
        assert_eq!(code, 3, "{said}");
        assert!(said.contains("stopping: finishing messages in progress"), "{said}");
        assert_eq!((&out["sent"], &out["deleted"]), (&Value::from(2), &Value::from(2)));
        assert_eq!(out["left"].as_array().map(Vec::len), usize::try_from(all - 2).ok());
        assert_eq!(bench.counts("dlq").await, (all - 2, 0), "all are visible again");
        let (journal, ledger) = Journal::open(journal.as_ref()).expect("whole");
        assert!(!ledger.done && ledger.unknown() == 0);
        drop(journal);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_runs_at_once_the_second_says_who_holds_the_letters() {
    let bench = Bench::new("1s", "6s").await;
    let (all, _) = bench.counts("dlq").await;
    let mut first = bench.start(&[&TO_ASLEEP[..], &["--canary=1"]].concat());
    first.hear(WAITS);
    let (code, out, said) = bench.start(&[&TO_ELSEWHERE[..], &["--no-wait"]].concat()).end();
    assert_eq!((code, out.as_str()), (3, ""), "{said}");
    assert!(
        said.contains(&format!("about {} messages are in flight", all - 1)),
        "{said}"
    );
    assert!(
        said.contains("all its messages are in flight at another consumer"),
        "{said}"
    );
    first.signal("-TERM");
    let (code, _, said) = first.end();
    assert_eq!(code, 3, "{said}");
    assert_eq!(bench.counts("asleep").await, (1, 0));
    // Nobody reads it: that its target has it is all that can be known, and the rest follows.
    let (code, _, said) = bench.start(&TO_ELSEWHERE).end();
    assert_eq!(code, 0, "{said}");
    assert!(
        said.contains("no function of this chain is known to read it: sending the rest"),
        "{said}"
    );
    assert_eq!(bench.counts("elsewhere").await, (all - 1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_that_somebody_else_holds_are_waited_for_and_the_run_goes_on_by_itself() {
    let bench = Bench::new("1s", "6s").await;
    let (all, _) = bench.counts("dlq").await;
    let mut first = bench.start(&[&TO_ASLEEP[..], &["--canary=1"]].concat());
    first.hear(WAITS);
    let waits = format!("about {} messages are in flight at another consumer", all - 1);
    let mut shows = bench.start(&["show", "dlq", "--format=json"]);
    let mut stopped = bench.start(&TO_ELSEWHERE);
    for run in [&mut shows, &mut stopped] {
        run.hear(&waits);
        run.hear("Expected to be visible again by ");
    }
    // A signal ends the waiting.
    stopped.signal("-TERM");
    let (code, out, said) = stopped.end();
    assert_eq!((code, out.as_str()), (3, ""), "{said}");
    assert!(said.contains("nothing was sent"), "{said}");
    first.signal("-TERM");
    let (code, _, said) = first.end();
    assert_eq!(code, 3, "{said}");
    let (code, out, said) = shows.end();
    let out: Value = serde_json::from_str(&out).expect("a document");
    assert_eq!((code, &out["read"]), (0, &Value::from(all - 1)), "{said}");
    // The same for a redrive.
    let mut reader = bench.start(&[&TO_ASLEEP[..], &["--canary=1"]].concat());
    reader.hear(WAITS);
    let mut waiting = bench.start(&TO_ELSEWHERE);
    waiting.hear("Expected to be visible again by ");
    reader.signal("-TERM");
    reader.end();
    let (code, _, said) = waiting.end();
    assert_eq!(code, 0, "{said}");
    assert_eq!(bench.counts("elsewhere").await, (all - 2, 0), "{said}");
    assert_eq!(bench.counts("dlq").await, (0, 0), "{said}");
}

/// Somebody else holds some of the messages, and a run finds the others.
#[tokio::test(flavor = "multi_thread")]
async fn messages_of_which_somebody_else_holds_some_are_waited_for() {
    let bench = Bench::new("1s", "6s").await;
    let (all, _) = bench.counts("dlq").await;
    let url = bench.session.queue_url("dlq").await.expect("a queue");
    let right = MayWrite::unless(false).expect("nothing is read-only");
    let id = NodeId::from(bench.session.scope.arn("sqs", "dlq"));
    let remote = Remote::new(bench.session.clone(), right, id, url);
    let hold = async || {
        let held = remote.receive(2, 36_000, 0).await.expect("an answer");
        held.into_iter().map(|one| one.handle).collect::<Vec<_>>()
    };
    let handles = hold().await;
    assert_eq!(bench.counts("dlq").await, (all - 2, 2));
    let waits = "about 2 messages are in flight at another consumer";
    // Who does not wait leaves them out, says until when, and does not end well.
    let (code, _, said) = bench.start(&["show", "dlq", "--no-wait"]).end();
    assert_eq!(code, 3, "{said}");
    let (code, _, said) = bench
        .start(&["redrive", "dlq", "--dry-run", "--engine=client", "--no-wait"])
        .end();
    assert_eq!(code, 0, "{said}");
    assert!(said.contains(waits) && said.contains("visible again by"), "{said}");
    // A signal ends the waiting: what is in hand is visible again, and what was read is shown.
    let mut stopped = bench.start(&TO_ELSEWHERE);
    stopped.hear("Expected to be visible again by ");
    assert_eq!(bench.counts("dlq").await, (0, all), "the others are in hand");
    stopped.signal("-TERM");
    let (code, out, said) = stopped.end();
    assert_eq!((code, out.as_str()), (3, ""), "{said}");
    assert_eq!(bench.counts("dlq").await, (all - 2, 2), "{said}");
    let mut stopped = bench.start(&["show", "dlq", "--format=json"]);
    stopped.hear("Expected to be visible again by ");
    assert_eq!(bench.counts("dlq").await, (all - 2, 2), "none is kept while it waits");
    stopped.signal("-INT");
    let (code, out, said) = stopped.end();
    let out: Value = serde_json::from_str(&out).expect("a document");
    assert_eq!((code, &out["read"]), (3, &Value::from(all - 2)), "{said}");
    // Both go on by themselves.
    let mut shows = bench.start(&["show", "dlq", "--format=json"]);
    shows.hear(waits);
    remote.hide(&handles, 0).await;
    let (code, out, said) = shows.end();
    let out: Value = serde_json::from_str(&out).expect("a document");
    assert_eq!((code, &out["read"]), (0, &Value::from(all)), "{said}");
    assert!(!said.contains("they were not read"), "{said}");
    let handles = hold().await;
    let mut redrives = bench.start(&TO_ELSEWHERE);
    redrives.hear(waits);
    remote.hide(&handles, 0).await;
    let (code, _, said) = redrives.end();
    assert_eq!(code, 0, "{said}");
    assert_eq!(bench.counts("elsewhere").await, (all, 0), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_bounces_is_counted_and_the_cause_is_said_to_be_there() {
    let bench = Bench::new("1s", "4s").await;
    let (all, _) = bench.counts("dlq").await;
    let run = bench.start(&[
        "redrive",
        "dlq",
        "--yes",
        "--engine=client",
        "--ignore-check",
        "--no-canary",
        "--watch=180s",
        "--format=json",
    ]);
    let (code, out, said) = run.end();
    assert_eq!(code, 0, "{said}");
    let out: Value = serde_json::from_str(&out).expect("an outcome");
    assert_eq!(
        (&out["deleted"], &out["bounced"]),
        (&Value::from(all), &Value::from(all)),
        "{said}"
    );
    assert!(
        said.contains("is the cause fixed? no: messages would fail again"),
        "{said}"
    );
    assert!(
        said.contains(" invocations failed since it was deployed ") && said.contains("ValueError: bad"),
        "{said}"
    );
    assert!(said.contains("back after 30 s at the earliest"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_stops_at_its_share_of_new_errors() {
    let bench = Bench::new("100ms", "30s").await;
    let (all, _) = bench.counts("dlq").await;
    assert!(all > 200, "{all}");
    let how = [
        "redrive",
        "dlq",
        "--yes",
        "--engine=client",
        "--ignore-check",
        "--no-canary",
        "--rate=1",
        "--stop-at=0.5",
        "--format=json",
    ];
    let (code, out, said) = bench.start(&how).end();
    assert_eq!(code, 3, "{said}");
    let out: Value = serde_json::from_str(&out).expect("an outcome");
    let why = out["left"][0]["why"].as_str().unwrap_or_default();
    assert!(why.starts_with("the target fails again ("), "{why}\n{said}");
    let left = out["left"].as_array().map_or(0, Vec::len) as u64;
    assert_eq!(out["deleted"].as_u64(), Some(all - left), "what was sent is gone");
    assert!(said.contains("new invocations of the target failed"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_that_fails_stops_a_run_that_nobody_watches() {
    let bench = Bench::new("1s", "4s").await;
    let (all, _) = bench.counts("dlq").await;
    let (code, out, said) = bench.start(&["redrive", "dlq", "--yes"]).end();
    assert_eq!((code, out.as_str()), (3, ""), "{said}");
    assert!(
        said.contains("The cause is not fixed: f: ") && said.contains("ValueError: bad"),
        "{said}"
    );
    assert!(
        said.contains("Nothing was sent.") && said.contains("--ignore-check"),
        "{said}"
    );
    assert_eq!(bench.counts("dlq").await, (all, 0), "all are visible again");
    let (code, out, said) = bench.start(&["redrive", "dlq", "--dry-run", "--format=json"]).end();
    assert_eq!(code, 0, "{said}");
    let out: Value = serde_json::from_str(&out).expect("a plan");
    assert_eq!(out["check"]["verdict"], "failed");
    assert_eq!(out["check"]["reasons"][0]["reason"], "failing");
    assert_eq!(
        (&out["plan"]["engine"], &out["plan"]["canary"]),
        (&"client".into(), &1.into())
    );
}

/// Orders that failed while their function was broken; then it was deployed anew.
fn fixed() -> String {
    let deployed = "\n[[script]]\nat = \"100s\"\nfix = \"f\"\n";
    FAILING.replace("fails = [{ on = \"bad\", error = \"ValueError: bad\" }]", "")
        + "\n[[script]]\nat = \"0s\"\nbreak = \"f\"\n"
        + deployed
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_the_canary_sqs_moves_the_rest_and_what_the_dry_run_says_is_done() {
    let bench = Bench::of(&fixed(), "1s", "6s").await;
    let (all, _) = bench.counts("dlq").await;
    let how = [
        "redrive",
        "dlq",
        "--engine=move-task",
        "--canary=1",
        "--yes",
        "--format=json",
    ];
    let (code, out, said) = bench.start(&[&how[..], &["--dry-run"]].concat()).end();
    assert_eq!(code, 0, "{said}");
    let dry: Value = serde_json::from_str(&out).expect("a plan");
    assert_eq!(dry["plan"]["journaled"], "canary");
    let mut run = bench.start(&how);
    run.hear(WAITS);
    assert_eq!(bench.counts("dlq").await.0, all - 1, "the rest is there, and visible");
    let journal = run.journal();
    let (code, out, said) = run.end();
    assert_eq!(code, 0, "{said}");
    let out: Value = serde_json::from_str(&out).expect("an outcome");
    assert_eq!(out["plan"], dry["plan"]);
    assert_eq!(
        (&out["sent"], &out["deleted"], &out["chosen"]),
        (&all.into(), &all.into(), &all.into())
    );
    assert_eq!(out["journal"], journal.as_str());
    let (_, ledger) = Journal::open(journal.as_ref()).expect("whole");
    assert!(ledger.done && ledger.order.len() == 1, "the canary alone is journaled");
    assert_eq!(bench.counts("dlq").await, (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_stops_behind_the_canary_keeps_the_rest() {
    let bench = Bench::new("1s", "6s").await;
    let (all, _) = bench.counts("dlq").await;
    let how = [
        "redrive",
        "dlq",
        "--engine=move-task",
        "--canary=1",
        "--yes",
        "--to=asleep",
        "--ignore-check",
        "--format=json",
    ];
    let mut run = bench.start(&how);
    run.hear(WAITS);
    run.signal("-INT");
    let (code, out, said) = run.end();
    assert_eq!(code, 3, "{said}");
    let out: Value = serde_json::from_str(&out).expect("an outcome");
    assert_eq!(out["left"].as_array().map(Vec::len), usize::try_from(all - 1).ok());
    assert_eq!(bench.counts("dlq").await, (all - 1, 0));
}

/// Nobody watches, and the function was deployed since: one message goes first, and what comes of it decides.
#[tokio::test(flavor = "multi_thread")]
async fn without_a_person_the_canary_proves_the_fix() {
    let bench = Bench::of(&fixed(), "1s", "6s").await;
    let (all, _) = bench.counts("dlq").await;
    let (code, out, said) = bench.start(&["redrive", "dlq", "--yes", "--format=json"]).end();
    assert_eq!(code, 0, "{said}");
    let out: Value = serde_json::from_str(&out).expect("an outcome");
    assert_eq!(
        (
            &out["check"]["verdict"],
            &out["check"]["canary_first"],
            &out["plan"]["canary"]
        ),
        (&"unknown".into(), &true.into(), &1.into())
    );
    assert_eq!((&out["sent"], &out["deleted"]), (&all.into(), &all.into()));
    assert!(
        said.contains("an invocation of the target succeeded: sending the rest"),
        "{said}"
    );
    assert_eq!(bench.counts("dlq").await, (0, 0));
}

/// What was deployed does not fix it: the canary is all that dies again.
#[tokio::test(flavor = "multi_thread")]
async fn without_a_person_the_rest_stays_where_the_canary_fails() {
    let deployed = "\n[[script]]\nat = \"0s\"\nbreak = \"f\"\n\n[[script]]\nat = \"100s\"\nfix = \"f\"\n";
    let deployed = FAILING.to_owned() + deployed;
    let bench = Bench::of(&deployed, "1s", "6s").await;
    let (all, _) = bench.counts("dlq").await;
    let (code, out, said) = bench.start(&["redrive", "dlq", "--yes", "--format=json"]).end();
    assert_eq!(code, 3, "{said}");
    let out: Value = serde_json::from_str(&out).expect("an outcome");
    assert_eq!(out["sent"], 1, "{said}");
    assert_eq!(out["left"].as_array().map(Vec::len), usize::try_from(all - 1).ok());
    assert!(said.contains("the canary did not prove the fix"), "{said}");
    // Asked for without a canary, nothing is to prove it.
    let how = ["redrive", "dlq", "--yes", "--no-canary"];
    let (code, _, said) = bench.start(&how).end();
    assert_eq!(code, 3, "{said}");
    assert!(said.contains("Nothing was sent."), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nothing_may_be_written_nothing_is_received_and_nothing_sent() {
    let bench = Bench::new("1s", "3s").await;
    let before = bench.counts("dlq").await;
    for how in [&["show", "dlq"][..], &TO_ELSEWHERE, &["redrive", "dlq", "--dry-run"]] {
        let (code, out, said) = bench.start(&[how, &["--read-only"]].concat()).end();
        assert_eq!((code, out.as_str()), (2, ""), "{said}");
    }
    assert_eq!(
        (bench.counts("dlq").await, bench.counts("elsewhere").await),
        (before, (0, 0))
    );
}

/// An expression that never comes to an end.
const ENDLESS: &str = "def f: f; f";

#[tokio::test(flavor = "multi_thread")]
async fn an_expression_that_does_not_end_is_a_sentence_and_hides_no_message() {
    let bench = Bench::new("1s", "6s").await;
    let (all, _) = bench.counts("dlq").await;
    for args in [
        &["show", "dlq", "--where", ENDLESS][..],
        &["redrive", "dlq", "--dry-run", "--engine=client", "--where", ENDLESS],
        &["redrive", "dlq", "--yes", "--to=elsewhere", "--where", ENDLESS],
    ] {
        let (code, out, said) = bench.start(args).end();
        assert_eq!((code, out.as_str()), (2, ""), "{said}");
        assert!(
            said.contains("`def f: f; f` took longer than 5 s (at message "),
            "{said}"
        );
        assert_eq!(bench.counts("dlq").await, (all, 0), "all are visible again: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_ends_an_expression_and_makes_all_visible_again() {
    let bench = Bench::new("1s", "6s").await;
    let (all, _) = bench.counts("dlq").await;
    let run = bench.start(&["redrive", "dlq", "--dry-run", "--engine=client", "--where", ENDLESS]);
    while bench.counts("dlq").await.1 < all {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    run.signal("-INT");
    let (code, _, said) = run.end();
    assert_eq!(code, 3, "{said}");
    assert!(!said.contains("took longer"), "{said}");
    assert_eq!(bench.counts("dlq").await, (all, 0), "all are visible again: {said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expression_that_asks_for_the_environment_is_refused_before_anything_is_received() {
    let bench = Bench::new("1s", "4s").await;
    let (all, _) = bench.counts("dlq").await;
    for asks in [
        "env",
        "$ENV",
        "halt",
        "halt_error",
        "input",
        "debug",
        "import \"a\" as a; true",
    ] {
        let (code, out, said) = bench.start(&["show", "dlq", "--where", asks]).end();
        assert_eq!((code, out.as_str()), (2, ""), "{said}");
        assert!(said.contains("available here"), "{said}");
    }
    assert_eq!(bench.counts("dlq").await, (all, 0));
}
