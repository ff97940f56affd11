//! The walls between the rooms: who may name whom.

use std::fs;
use std::path::{Path, PathBuf};

fn sources() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![root.clone()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of sources") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let text = fs::read_to_string(&path).expect("a source");
                files.push((path.strip_prefix(&root).expect("beneath src").to_owned(), text));
            }
        }
    }
    assert!(files.len() > 50, "only {} files found", files.len());
    files
}

/// Lines of code (comments left out) of the files in `rooms` that hold one of the words.
fn found(rooms: impl Fn(&Path) -> bool, words: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for (path, text) in sources().into_iter().filter(|(path, _)| rooms(path)) {
        for (number, line) in text.lines().enumerate() {
            let code = line.trim_start();
            if !code.starts_with("//") && words.iter().any(|word| code.contains(word)) {
                found.push(format!("{}:{}: {code}", path.display(), number + 1));
            }
        }
    }
    found
}

fn room(name: &'static str) -> impl Fn(&Path) -> bool {
    move |path| path.starts_with(name) || path == Path::new(&format!("{name}.rs"))
}

#[test]
fn only_aws_names_an_sdk_type() {
    let found = found(|path| !path.starts_with("aws"), &["aws_sdk_", "aws_config::"]);
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn only_one_place_changes_an_account() {
    // The SDK's names of what changes something, as far as any room could use them.
    let changing = [
        ".receive_message()",
        ".change_message_visibility",
        ".send_message",
        ".delete_message",
        ".start_message_move_task()",
        ".cancel_message_move_task()",
        ".purge_queue()",
        ".invoke()",
        ".publish()",
        ".publish_batch()",
        ".put_events()",
        ".put_object()",
        ".put_records()",
        ".update_",
        ".create_",
        ".put_rule()",
        ".put_targets()",
        ".start_execution()",
    ];
    let found = found(
        |path| path.starts_with("aws") && !path.starts_with("aws/act"),
        &changing,
    );
    assert!(found.is_empty(), "{found:#?}");
    let act = sources().into_iter().filter(|(path, _)| path.starts_with("aws/act"));
    let calls = act.flat_map(|(path, text)| {
        let calls = text.split("pub async fn ").skip(1).map(str::to_owned);
        calls.map(move |call| (path.clone(), call)).collect::<Vec<_>>()
    });
    for (path, call) in calls {
        let head = call.split('{').next().unwrap_or_default();
        let changes = changing.iter().any(|word| call.contains(word));
        assert!(!changes || head.contains("MayWrite"), "{}: {head}", path.display());
    }
}

#[test]
fn only_the_screen_draws() {
    let found = found(|path| !path.starts_with("ui"), &["ratatui::", "crossterm::"]);
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn floors_are_kept() {
    // Each room, and those that it may not name.
    let forbidden = [
        ("domain", "aws observe store graph ui cli sim"),
        ("graph", "aws observe store ui cli sim"),
        ("letters", "aws observe store graph ui cli sim"),
        ("logs", "aws observe store graph ui cli sim"),
        ("permissions", "aws observe store graph ui cli sim"),
        ("retry", "aws observe store graph ui cli sim"),
        ("redrive", "observe store graph ui cli sim"),
        ("store", "aws observe graph ui cli sim"),
        ("aws", "observe store graph ui cli sim"),
        ("observe", "store graph ui cli sim"),
        ("desk", "graph ui cli sim"),
        ("ui", "aws observe cli sim"),
        ("sim", "aws observe store graph ui cli permissions retry"),
    ];
    for (name, others) in forbidden {
        let words: Vec<String> = others.split(' ').map(|other| format!("crate::{other}")).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let found = found(room(name), &words);
        assert!(found.is_empty(), "{name}: {found:#?}");
    }
}

#[test]
fn pure_rooms_wait_for_nothing_and_read_no_clock() {
    let pure = |path: &Path| {
        let store = path.starts_with("store") && path != Path::new("store/driver.rs");
        let pure = ["graph", "letters", "logs", "permissions", "retry"];
        let engine = [
            "machine",
            "plan.rs",
            "ledger.rs",
            "record.rs",
            "shape.rs",
            "way.rs",
            "fingerprint.rs",
        ];
        let engine = engine
            .iter()
            .any(|part| path.starts_with(Path::new("redrive").join(part)));
        store || engine || pure.iter().any(|room| path.starts_with(room))
    };
    let found = found(
        pure,
        &[
            "async fn",
            ".await",
            "Timestamp::now",
            "Instant::now",
            "std::fs",
            "tokio::",
        ],
    );
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn main_is_small() {
    let main = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/main.rs")).expect("main.rs");
    assert!(main.lines().count() < 60);
}
