//! A person's expression runs in a child of the finished program: whatever it does, the answer is a sentence, in time, and the
//! program that asked goes on.

use std::io::{Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures::StreamExt as _;
use pitagora::dead_letters::Filter;
use pitagora::dlq::DlqContents;
use pitagora::dlq::jq::{Jq, Sifted};
use pitagora::domain::phrase::Phrase;
use pitagora::ui::testing::dead_letters::desk;
use pitagora::ui::testing::{noon, orders};

/// What an endless one takes here.
const TIME: Duration = Duration::from_secs(2);
/// For a child that starts and dies on a machine that builds beside this.
const GRACE: Duration = Duration::from_secs(20);

fn jq() -> Jq {
    Jq {
        program: PathBuf::from(env!("CARGO_BIN_EXE_pitagora")),
        time: TIME,
        ..Jq::default()
    }
}

/// Twelve messages.
fn letters() -> Arc<DlqContents> {
    let desk = desk(&orders(noon()), 10);
    desk.letters.into_values().next().expect("a queue")
}

async fn run(jq: &Jq, expression: &str) -> Result<Sifted, Phrase> {
    let filter = Filter::new(Some(expression), None, Phrase::key);
    jq.sift(&filter, &letters().entries, |_| {}).await
}

/// The code of what is said, `7 of 12`, or `none: ` and why the first failed.
fn said(outcome: Result<Sifted, Phrase>) -> String {
    match outcome {
        Ok(sifted) if sifted.failed > 0 => format!("{} failed", sifted.failed),
        Ok(sifted) => format!("{} of 12", sifted.chosen.len()),
        Err(why) if why.is("jq", "unusable") => match why.args.iter().find(|(name, _)| name == "why") {
            Some((_, pitagora::domain::phrase::Arg::Phrase(why))) => why.code.clone().into_owned(),
            other => panic!("{other:?}"),
        },
        Err(why) => why.code.into_owned(),
    }
}

/// Expressions and what is said of them; `|` where more than one answer is right, since a system may end it one way or
/// another.
fn corpus() -> Vec<(String, &'static str)> {
    let deep = |open: &str, close: &str| format!("{}1{}", open.repeat(200_000), close.repeat(200_000));
    let mut all: Vec<(String, &'static str)> = [
        // That never end.
        ("def f: f; f", "too-slow"),
        ("until(false; .)", "too-slow"),
        ("last(repeat(1))", "too-slow"),
        ("reduce range(1e15) as $n (0; . + 1)", "too-slow"),
        ("repeat(1) | empty", "too-slow"),
        ("first(range(0; 1; 0) | select(. > 0))", "too-slow"),
        ("[range(9e18)] | length", "too-much-memory|too-slow"),
        // That take all memory.
        ("[repeat(1)]", "too-much-memory|too-slow"),
        ("reduce range(60) as $n (\"a\"; . + .)", "too-much-memory|too-slow"),
        ("\"abcdefgh\" * 1000000000 | length", "too-much-memory"),
        (
            "\"abcdefgh\" * 9000000000000000000 | length",
            "too-much-memory|ended|12 failed",
        ),
        ("reduce range(60) as $n ([1]; . + .)", "too-much-memory|too-slow"),
        (
            "[limit(1e10; repeat(\"abcdefgh\" | . + .))]",
            "too-much-memory|too-slow",
        ),
        // That are too deep.
        ("def f: 1 + f; f", "too-deep|too-much-memory|too-slow"),
        ("def f: [f]; f", "too-deep|too-much-memory|too-slow"),
        ("def f(g): f(g | g); f(.)", "too-deep|too-much-memory|too-slow"),
        (
            "reduce range(1e6) as $n (1; [.]) | tojson",
            "too-deep|too-much-memory|too-slow",
        ),
        ("\"[\" * 1e6 | fromjson", "12 failed|too-deep|too-slow"),
        // That ask for what is outside.
        ("halt", "withheld"),
        ("halt(3)", "withheld"),
        ("halt_error", "withheld"),
        ("halt_error(1)", "withheld"),
        ("input", "withheld"),
        ("[inputs]", "withheld"),
        ("input_filename", "withheld"),
        ("debug", "withheld"),
        ("debug(\"x\")", "withheld"),
        ("stderr", "withheld"),
        ("env", "withheld"),
        ("env.AWS_SECRET_ACCESS_KEY", "withheld"),
        ("$ENV", "withheld"),
        ("$ENV.AWS_SECRET_ACCESS_KEY | length > 0", "withheld"),
        ("import \"a\" as a; true", "module"),
        ("import \"/etc/passwd\" as $a; $a", "module"),
        ("include \"/etc/passwd\"; true", "module"),
        ("nothing_of_that_name", "not-known"),
        ("$__loc__", "not-known"),
        // That are none.
        ("][", "expected"),
        (".a[", "too-early"),
        ("\"open", "too-early"),
        // That are odd, and come to an end.
        ("error", "12 failed"),
        ("error(\"\\u001b[2J\")", "12 failed"),
        (".body.detail.id | test(\"x\")", "12 failed"),
        ("empty", "0 of 12"),
        ("true, (def f: f; f)", "12 of 12"),
        ("limit(1; repeat(true))", "12 of 12"),
        ("(\"a\" * 1000 | test(\"(a*)*b\"))", "0 of 12"),
        ("1e1000 > 1", "12 of 12"),
        (".body.detail.id > 7", "4 of 12"),
    ]
    .map(|(expression, right)| (expression.to_owned(), right))
    .into();
    all.push((deep("(", ")"), "too-deep|too-early|expected|too-slow"));
    all.push((deep("[", "]"), "too-deep|too-early|expected|too-slow"));
    all.push((deep("-", ""), "too-deep|expected|too-slow"));
    all.push((deep("{a:", "}"), "too-deep|too-early|expected|too-slow"));
    all.push((vec!["1"; 300_000].join("|"), "too-deep|12 of 12|too-slow"));
    all.push((vec!["1"; 300_000].join("+"), "too-deep|12 of 12|too-slow"));
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_an_expression_does_the_answer_is_a_sentence_in_time() {
    let corpus = corpus();
    assert!(corpus.len() > 40);
    let jq = jq();
    let asked = corpus.iter().map(|(expression, right)| {
        let jq = &jq;
        async move {
            let began = Instant::now();
            let said = said(run(jq, expression).await);
            (expression, right, said, began.elapsed())
        }
    });
    let answers: Vec<_> = futures::stream::iter(asked).buffer_unordered(2).collect().await;
    let mut wrong = Vec::new();
    for (expression, right, said, took) in answers {
        let short: String = expression.chars().take(50).collect();
        println!("{took:>10.2?}  {said:<18} {short}");
        if !right.split('|').any(|right| right == said) || took > TIME + GRACE {
            wrong.push(format!("{short}: {said} after {took:?}, not {right}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(
        said(run(&jq, ".body.detail.id > 7").await),
        "4 of 12",
        "the next one is answered"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_is_watched_where_the_system_does_not_hold_the_child_to_it() {
    let jq = Jq {
        enforced: false,
        memory: 64 << 20,
        time: Duration::from_mins(1),
        ..jq()
    };
    let began = Instant::now();
    assert_eq!(said(run(&jq, "[repeat(1)]").await), "too-much-memory");
    assert!(began.elapsed() < GRACE, "{:?}", began.elapsed());
    assert_eq!(said(run(&jq, ".body.detail.id > 7").await), "4 of 12");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sentence_names_the_message_that_an_expression_did_not_come_to_an_end_on() {
    let expression = "if .body.detail.id == 7 then until(false; .) else true end";
    let why = run(&jq(), expression).await.expect_err("endless");
    let at = why
        .args
        .iter()
        .find(|(name, _)| name == "at")
        .map(|(_, at)| format!("{at:?}"));
    assert!(at.is_some_and(|at| at.contains("00000007-1111")), "{why:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_no_more_kills_the_child() {
    let folder = tempfile::tempdir().expect("a folder");
    let (script, pid) = (folder.path().join("endless"), folder.path().join("pid"));
    let text = format!(
        "#!/bin/sh\nenv > {0}.env\necho $$ > {0}\nwhile :; do :; done\n",
        pid.display()
    );
    std::fs::write(&script, text).expect("written");
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o700)).expect("its mode");
    let jq = Jq {
        program: script,
        time: Duration::from_mins(10),
        ..jq()
    };
    let waiting = tokio::spawn(async move { run(&jq, "true").await });
    let process = loop {
        match std::fs::read_to_string(&pid)
            .ok()
            .and_then(|text| text.trim().parse::<u32>().ok())
        {
            Some(process) => break process,
            None => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    };
    let lives = || {
        Command::new("kill")
            .args(["-0", &process.to_string()])
            .stderr(Stdio::null())
            .status()
            .expect("kill")
            .success()
    };
    assert!(lives());
    waiting.abort();
    let began = Instant::now();
    while lives() {
        assert!(began.elapsed() < GRACE, "it lives");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let env = std::fs::read_to_string(format!("{}.env", pid.display())).expect("written");
    let names: Vec<&str> = env.lines().filter_map(|line| line.split('=').next()).collect();
    // These are the shell's own.
    assert!(
        names.iter().all(|name| ["PWD", "OLDPWD", "SHLVL", "_"].contains(name)),
        "{env}"
    );
}

/// A frame of the pipe.
fn frame(text: &str) -> Vec<u8> {
    let length = u32::try_from(text.len()).expect("short");
    [&length.to_le_bytes()[..], text.as_bytes()].concat()
}

#[cfg(target_os = "linux")]
#[test]
fn the_child_has_its_limits_and_ends_alone_if_nobody_is_there_to_kill_it() {
    use std::os::unix::process::ExitStatusExt as _;

    let mut command = Command::new(env!("CARGO_BIN_EXE_pitagora"));
    command
        .arg("jq-child")
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    let mut to = child.stdin.take().expect("a pipe");
    to.write_all(&frame(
        r#"{"expression":"until(false; .)","memory":536870912,"seconds":1}"#,
    ))
    .expect("it reads");
    to.write_all(&frame("{}")).expect("it reads");
    let mut said = [0; 3];
    child
        .stdout
        .as_mut()
        .expect("a pipe")
        .read_exact(&mut said)
        .expect("it answers");
    assert_eq!(&said, b"ok\n");
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", child.id())).expect("its limits");
    let limit = |name: &str| {
        limits
            .lines()
            .find_map(|line| line.strip_prefix(name))
            .map(str::trim)
            .unwrap_or_default()
    };
    assert!(limit("Max core file size").starts_with("0 "), "{limits}");
    assert!(limit("Max address space").starts_with("536870912 "), "{limits}");
    let ended = child.wait().expect("it ends");
    // It was told to take a second of CPU time, and took it: SIGXCPU or SIGKILL.
    assert!(matches!(ended.signal(), Some(9 | 24)), "{ended:?}");
    assert!(!ended.core_dumped());
}

#[tokio::test(flavor = "multi_thread")]
async fn progress_is_told_message_by_message() {
    let (letters, count) = (letters(), AtomicUsize::new(0));
    let filter = Filter::new(Some("true"), Some("shop"), Phrase::key);
    let told = |n| assert_eq!(count.fetch_add(1, Ordering::Relaxed) + 1, n);
    let sifted = jq().sift(&filter, &letters.entries, told).await.expect("an answer");
    assert_eq!(sifted.chosen.len(), count.load(Ordering::Relaxed));
    assert!(!sifted.chosen.is_empty());
}
