//! What the program writes is for its owner's eyes, goes nowhere but into regular files, and holds no body, no key and no escape
//! sequence of anybody else.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use pitagora::sim::account::Rule;
use serde_json::Value;

use crate::bench::{Served, account, connect, counts, over_a_socket, parsed, program};

/// A customer's words, in a message that died.
const BODY: &str = "card 4111-1111-1111-1111";
const KEY_ID: &str = "AKIAQ7EXAMPLE7KEYID7";
const TOKEN: &str = "session-token-of-somebody";

const SCENARIO: &str = r#"
title = "one dead letter"

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
does = { work = "50ms", fails = [{ on = "card", error = "ValueError: declined" }] }

[[traffic]]
every = "1s"
from = "1ms"
until = "3s"
does = { send_message = { queue = "work", body = '{"pay": "card 4111-1111-1111-1111", "n": {n}}' } }
"#;

/// A served account with dead letters, and a home for what the program keeps.
struct Bench {
    served: Served,
    home: tempfile::TempDir,
}

impl Bench {
    async fn new(rules: &[&str]) -> Self {
        let account = account(&parsed(SCENARIO), 20.0);
        account.step(180_000);
        let rules = rules.iter().map(|rule| rule.parse::<Rule>().expect("a rule"));
        account.set_rules(rules.collect());
        Self {
            served: Served::new(&account).await,
            home: tempfile::tempdir().expect("a home"),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    async fn run(&self, words: &[&str], environment: &[(&str, &str)]) -> Output {
        let mut command = program(&self.served.url, self.home.path());
        command.args(words).envs(environment.iter().copied());
        ended(command).await
    }
}

async fn ended(mut command: Command) -> Output {
    let output = tokio::task::spawn_blocking(move || command.output());
    output.await.expect("no panic").expect("it runs")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Everything beneath a folder.
fn all_beneath(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(all_beneath(&path));
        }
        found.push(path);
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_holds_no_body_no_key_and_no_token_at_its_most_verbose() {
    let bench = Bench::new(&["cloudwatch:*=AccessDenied", "logs:*=500@30%"]).await;
    let secrets = [
        ("AWS_ACCESS_KEY_ID", KEY_ID),
        ("AWS_SESSION_TOKEN", TOKEN),
        ("PITAGORA_LOG", "trace"),
        // What other programs of this ecosystem read is not read here.
        ("RUST_LOG", "trace"),
    ];
    let shown = bench.run(&["dlq", "show", "dlq", "--body", "raw"], &secrets).await;
    assert!(
        String::from_utf8_lossy(&shown.stdout).contains(BODY),
        "{}",
        said(&shown)
    );
    let redrive = [
        "dlq",
        "redrive",
        "dlq",
        "--to",
        "elsewhere",
        "--engine=client",
        "--no-canary",
        "--ignore-check",
        "--yes",
    ];
    let redriven = bench.run(&redrive, &secrets).await;
    assert_eq!(redriven.status.code(), Some(0), "{}", said(&redriven));
    let log = fs::read_to_string(bench.path("state/pitagora/pitagora.log")).expect("a log");
    assert!(
        log.contains("sqs:ReceiveMessage") && log.contains("call failed"),
        "its own lines: {log}"
    );
    for secret in ["4111", KEY_ID, TOKEN, "Credential=", "aws_smithy", "hyper"] {
        assert!(!log.contains(secret), "{secret} stands in the log");
    }
    // The body goes to whoever asked for it, and into no file of the program's; a key nowhere.
    for path in all_beneath(bench.home.path()).iter().filter(|path| path.is_file()) {
        let text = String::from_utf8_lossy(&fs::read(path).expect("a file")).into_owned();
        for secret in ["4111", KEY_ID, TOKEN] {
            assert!(!text.contains(secret), "{secret} stands in {}", path.display());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_level_of_the_log_is_an_error_that_names_them() {
    let bench = Bench::new(&[]).await;
    for wrong in ["debug,trace", "aws_sdk_sqs=trace", "verbose"] {
        let output = bench.run(&["graph"], &[("PITAGORA_LOG", wrong)]).await;
        assert_eq!(output.status.code(), Some(2));
        let expected =
            format!("pitagora: PITAGORA_LOG is {wrong:?}: set it to one of error, warn, info, debug, trace.\n");
        assert_eq!(said(&output), expected);
    }
    assert!(!bench.path("state").exists(), "nothing was written");
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_is_written_is_for_its_owner_alone() {
    let bench = Bench::new(&[]).await;
    let export = bench.path("out.jsonl");
    let export = export.to_str().expect("a path");
    for words in [
        &["dlq", "export", "dlq", "--to", export][..],
        &[
            "dlq",
            "redrive",
            "dlq",
            "--to",
            "elsewhere",
            "--engine=client",
            "--no-canary",
            "--ignore-check",
            "--yes",
        ],
    ] {
        let output = bench.run(words, &[("PITAGORA_LOG", "trace")]).await;
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    }
    let written = all_beneath(bench.home.path());
    let names: Vec<_> = written.iter().filter_map(|path| path.file_name()?.to_str()).collect();
    for name in ["out.jsonl", "pitagora.log", "audit.jsonl"] {
        assert!(names.contains(&name), "{name} is not among {names:?}");
    }
    for path in written {
        let mode = fs::metadata(&path).expect("is there").permissions().mode() & 0o777;
        let expected = if path.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(mode, expected, "{}: {mode:o}", path.display());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_goes_into_a_regular_file_or_nowhere() {
    let bench = Bench::new(&[]).await;
    let session = connect(over_a_socket(&bench.served.url)).await;
    let before = counts(&session, "dlq").await;
    fs::write(bench.path("theirs"), "theirs").expect("a file");
    symlink(bench.path("theirs"), bench.path("link")).expect("a link");
    symlink(bench.path("nowhere"), bench.path("dangling")).expect("a link");
    fs::create_dir(bench.path("below")).expect("a folder");
    let made = Command::new("mkfifo").arg(bench.path("pipe")).status();
    assert!(made.is_ok_and(|status| status.success()));
    for (name, why) in [
        ("theirs", "exists and is not overwritten"),
        ("link", "is a symbolic link, not a regular file: choose another file"),
        ("dangling", "is a symbolic link"),
        ("below", "is a folder"),
        ("pipe", "is a named pipe"),
    ] {
        let to = bench.path(name);
        let output = bench
            .run(&["dlq", "export", "dlq", "--to", to.to_str().expect("a path")], &[])
            .await;
        assert_eq!(output.status.code(), Some(2), "{name}: {}", said(&output));
        assert!(said(&output).contains(why), "{name}: {}", said(&output));
    }
    assert_eq!(fs::read_to_string(bench.path("theirs")).expect("a file"), "theirs");
    assert!(!bench.path("nowhere").exists());
    assert_eq!(counts(&session, "dlq").await, before, "nothing was received");
    let kept = bench.path("kept");
    fs::write(&kept, "").expect("a name that is kept");
    let output = bench
        .run(&["dlq", "export", "dlq", "--to", kept.to_str().expect("a path")], &[])
        .await;
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let text = fs::read_to_string(&kept).expect("an export");
    let first: Value = serde_json::from_str(text.lines().next().expect("a line")).expect("JSON");
    assert!(first.to_string().contains(BODY));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_in_a_file_is_said_without_its_escape_sequences() {
    let home = tempfile::tempdir().expect("a home");
    let red = "\u{1b}[31m";
    let at = |name: &str, text: &str| {
        let path = home.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(&path, text).expect("written");
        path.to_str().expect("a path").to_owned()
    };
    let config = at("c.toml", "\"\\u001b[31mcolour\\u202e\\u00ad\" = 1\n");
    let raw = at("raw.toml", &format!("theme = \"{red}dark\"\n"));
    let theme = at("theme.toml", "theme = \"\\u001b[31mdark\\u0007\"\n");
    at("config/pitagora/themes/mine.toml", "inherits = \"\\u001b[31mdark\"\n");
    let mine = at("mine.toml", "theme = \"mine\"\n");
    let keys = at("keys.toml", "\"\\u001b[31mx\" = \"\\u001b]0;owned\\u0007\"\n");
    let keyed = at("keyed.toml", &format!("keys = \"{keys}\"\n"));
    let scenario = at(
        "s.toml",
        "title = \"x\"\n[[queue]]\nname = \"\\u001b[31mq\"\n\"\\u009b31m\" = 1\n",
    );
    let profile = at("p.toml", "profile = \"\\u001b[31mnobody\"\nregion = \"\\u001b[31mr\"\n");
    for words in [
        &["graph", "--config", &config][..],
        &["graph", "--config", &raw],
        &["graph", "--config", &theme],
        &["graph", "--config", &mine],
        &["graph", "--config", &keyed],
        &["graph", "--config", &profile],
        &["graph", "--config", &format!("{}/{red}.toml", home.path().display())],
        &["demo", &scenario, "--serve", "127.0.0.1:0"],
        &["demo", red, "--serve", "127.0.0.1:0"],
        &["graph", "--only", &format!("{red}[")],
    ] {
        let mut command = program("http://127.0.0.1:9", home.path());
        command.args(words);
        let output = ended(command).await;
        let text = said(&output);
        assert!(matches!(output.status.code(), Some(2 | 4)), "{words:?}: {text}");
        assert!(
            text.starts_with("pitagora: ") || text.starts_with("error: "),
            "{words:?}: {text:?}"
        );
        let is_harmless = |c: char| c == '\n' || !(c.is_control() || "\u{202e}\u{ad}".contains(c));
        assert!(text.chars().all(is_harmless), "{words:?}: {text:?}");
    }
}
