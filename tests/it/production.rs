//! An account that is marked as production is written to on a person's word alone, also by a run that is gone on with.

use std::fs;
use std::path::PathBuf;
use std::process::Stdio;

use pitagora::redrive::journal::Journal;

use crate::bench::{Served, account, connect, counts, over_a_socket, parsed, program};

const SCENARIO: &str = r#"
title = "a shop"

[[queue]]
name = "dlq"

[[queue]]
name = "elsewhere"

[[queue]]
name = "work"
dlq = "dlq"
max_receives = 1
visibility = "1s"

[[mapping]]
from = "queue:work"
to = "f"
batch = 1

[[function]]
name = "f"
does = { work = "50ms", fails = [{ on = "bad", error = "ValueError: bad" }] }

[[traffic]]
every = "1s"
from = "1ms"
until = "3s"
does = { send_message = { queue = "work", body = '{"order": "bad {n}"}' } }
"#;

const REDRIVE: [&str; 7] = [
    "redrive",
    "dlq",
    "--to",
    "elsewhere",
    "--engine=client",
    "--no-canary",
    "--ignore-check",
];

struct Shop {
    served: Served,
    home: tempfile::TempDir,
    number: String,
}

impl Shop {
    async fn new() -> Self {
        let account = account(&parsed(SCENARIO), 20.0);
        account.step(60_000);
        let shop = Self {
            served: Served::new(&account).await,
            home: tempfile::tempdir().expect("a home"),
            number: "123456789012".to_owned(),
        };
        let folder = shop.home.path().join("config/pitagora");
        fs::create_dir_all(&folder).expect("a folder");
        let text = format!(
            "[accounts.{}]\nname = \"shop-production\"\nproduction = true\n",
            shop.number
        );
        fs::write(folder.join("config.toml"), text).expect("a configuration");
        shop
    }

    async fn counts(&self, queue: &str) -> (u64, u64) {
        counts(&connect(over_a_socket(&self.served.url)).await, queue).await
    }

    /// Its exit code, and what it said.
    async fn dlq(&self, words: &[&str]) -> (Option<i32>, String) {
        let mut command = program(&self.served.url, self.home.path());
        command.arg("dlq").args(words).stdin(Stdio::null());
        let output = tokio::task::spawn_blocking(move || command.output());
        let output = output.await.expect("no panic").expect("it runs");
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn production_is_named_where_nothing_is_asked() {
    let shop = Shop::new().await;
    let before = shop.counts("dlq").await;
    assert_eq!(before, (3, 0));
    for (yes, why) in [
        (
            "--yes",
            "Account shop-production (123456789012) is marked as production: name it, as in --yes=shop-production.",
        ),
        (
            "--yes=",
            "is marked as production: name it, as in --yes=shop-production.",
        ),
        (
            "--yes=shop",
            "--yes=shop names another account: this is shop-production (123456789012).",
        ),
        (
            "--yes=123456789013",
            "names another account: this is shop-production (123456789012).",
        ),
    ] {
        let (code, said) = shop.dlq(&[&REDRIVE[..], &[yes]].concat()).await;
        assert_eq!(code, Some(2), "{yes}: {said}");
        assert!(said.contains(why), "{yes}: {said}");
    }
    let (code, said) = shop.dlq(&REDRIVE).await;
    assert_eq!(code, Some(2), "there is no terminal to ask on: {said}");
    assert_eq!(
        (shop.counts("dlq").await, shop.counts("elsewhere").await),
        (before, (0, 0))
    );
    let (code, said) = shop.dlq(&[&REDRIVE[..], &["--yes", "--dry-run"]].concat()).await;
    assert_eq!(code, Some(0), "a dry run sends nothing: {said}");
    let (code, said) = shop.dlq(&[&REDRIVE[..], &["--yes=shop-production"]].concat()).await;
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(shop.counts("elsewhere").await, (3, 0));
}

/// A journal whose run was killed after so many of its lines.
fn killed(shop: &Shop, name: &str, lines: usize) -> PathBuf {
    let whole = fs::read_to_string(shop.home.path().join("whole")).expect("a journal");
    let path = shop.home.path().join(name);
    let kept: String = whole.split_inclusive('\n').take(lines).collect();
    fs::write(&path, kept).expect("written");
    path
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_gone_on_with_asks_again() {
    let shop = Shop::new().await;
    let whole = shop.home.path().join("whole");
    let journal = format!("--journal={}", whole.display());
    let (code, said) = shop
        .dlq(&[&REDRIVE[..], &["--yes=123456789012", &journal]].concat())
        .await;
    assert_eq!(code, Some(0), "{said}");
    let lines: Vec<String> = fs::read_to_string(&whole)
        .expect("a journal")
        .lines()
        .map(str::to_owned)
        .collect();
    let sent = lines
        .iter()
        .position(|line| line.starts_with("{\"sent\""))
        .expect("sent");
    // Before anything was sent; and where all was sent, and only to be deleted.
    for (name, kept) in [("begun", 1), ("sent", sent + 1)] {
        let path = killed(&shop, name, kept);
        let resume = format!("--resume={}", path.display());
        for (words, why) in [
            (&["redrive", &resume][..], "stdin is not a terminal"),
            (&["redrive", &resume, "--yes"], "is marked as production: name it"),
            (&["redrive", &resume, "--yes=shop"], "names another account"),
        ] {
            let (code, said) = shop.dlq(words).await;
            assert_eq!(code, Some(2), "{words:?}: {said}");
            assert!(said.contains(why), "{words:?}: {said}");
            let after = fs::read_to_string(&path).expect("a journal");
            assert_eq!(after.lines().count(), kept, "nothing was done");
        }
        let (_, said) = shop
            .dlq(&["redrive", &resume, "--ignore-check", "--yes=shop-production"])
            .await;
        let (_, replay) = Journal::open(&path).expect("whole");
        assert!(replay.order.len() == 3, "{said}");
        assert!(!said.contains("marked as production"), "{said}");
    }
    // A finished one asks nothing: nothing is done.
    let resume = format!("--resume={}", whole.display());
    let (code, said) = shop.dlq(&["redrive", &resume]).await;
    assert_eq!(code, Some(0), "{said}");
}
