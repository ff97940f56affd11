//! Who may name whom. The packages' manifests keep the SDK, the runtime and the terminal out of the core, and the core out of
//! the simulated account; within a package, rooms import only rooms beneath them. And one place alone writes to AWS.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The rooms of each package, the lowest floor first. A room may import those before it on the list, and none after.
const FLOORS: [(&str, &str); 3] = [
    (
        "crates/core/src",
        "domain layout logs dead_letters permissions forecast redrive store doctor journey samples",
    ),
    (
        "crates/sim/src",
        "time value duration text call behaviour world wire account scenario services connector server",
    ),
    (
        "src",
        "domain layout logs dead_letters permissions forecast store doctor journey samples words signals console sim aws config driver pollers redrive dlq ui cli fuzzing",
    ),
];

/// The sources beneath a folder of this repository, tests left out, with their paths from there and without their comments.
fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut folders = vec![root.clone()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of sources") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let text = fs::read_to_string(&path).expect("a source");
                let code: Vec<&str> = text
                    .lines()
                    .map(|line| line.split("//").next().unwrap_or_default())
                    .collect();
                files.push((
                    path.strip_prefix(&root).expect("beneath it").to_owned(),
                    code.join("\n"),
                ));
            }
        }
    }
    files.retain(|(path, _)| !path.iter().any(|part| part == "tests" || part == "tests.rs"));
    assert!(files.len() > 20, "only {} files found", files.len());
    files
}

/// A use tree's paths: `a::{b, c::d}` is `a::b` and `a::c::d`.
fn paths(tree: &str) -> Vec<String> {
    let Some((before, rest)) = tree.split_once('{') else {
        return vec![tree.to_owned()];
    };
    let inner = rest.rsplit_once('}').map_or(rest, |(inner, _)| inner);
    let mut depth = 0;
    let branches = inner.split(|sign| {
        depth += i32::from(sign == '{') - i32::from(sign == '}');
        sign == ',' && depth == 0
    });
    let filled = branches.filter(|branch| !branch.is_empty());
    filled.flat_map(|branch| paths(&format!("{before}{branch}"))).collect()
}

/// The modules a file lies in: `ui/chain/mod.rs` is `ui`, `chain`.
fn module(path: &Path) -> Vec<String> {
    let mut parts: Vec<String> = path
        .with_extension("")
        .iter()
        .map(|part| part.to_string_lossy().into_owned())
        .collect();
    parts.pop_if(|last| ["mod", "lib", "main"].contains(&last.as_str()));
    parts
}

/// The rooms that a file's code names, by `crate::` or by `super::`.
fn named(path: &Path, code: &str) -> BTreeSet<String> {
    let of_use = code.split("use ").skip(1).filter_map(|rest| rest.split_once(';'));
    let tree = |tree: &str| paths(&tree.split_whitespace().collect::<String>());
    let mut named: Vec<String> = of_use.flat_map(|(used, _)| tree(used)).collect();
    for start in ["crate::", "super::"] {
        let inline = code
            .match_indices(start)
            .filter(|(at, _)| !code[..*at].ends_with("::"))
            .map(|(at, _)| &code[at..]);
        let end = |rest: &str| rest.find(|sign: char| !sign.is_alphanumeric() && !"_:".contains(sign));
        named.extend(inline.map(|rest| rest[..end(rest).unwrap_or(rest.len())].to_owned()));
    }
    let here = module(path);
    let room = |path: String| {
        let mut parts = path.split("::").peekable();
        let up = std::iter::from_fn(|| parts.next_if(|part| *part == "super")).count();
        match up {
            0 => (parts.next() == Some("crate"))
                .then(|| parts.next().map(str::to_owned))
                .flatten(),
            // `super` of a file in the package's root, and so on up: the next part is a room.
            _ if up >= here.len() => parts.next().map(str::to_owned),
            _ => here.first().cloned(),
        }
    };
    let rooms = named.into_iter().filter_map(room);
    rooms.filter(|room| !room.is_empty()).collect()
}

#[test]
fn rooms_import_only_what_lies_beneath_them() {
    for (package, floors) in FLOORS {
        let floors: Vec<&str> = floors.split(' ').collect();
        let floor = |room: &str| floors.iter().position(|other| *other == room);
        for (path, code) in sources(package) {
            let Some(own) = module(&path).first().cloned() else {
                continue;
            };
            let own_floor = floor(&own).unwrap_or_else(|| panic!("{package}/{own} is a room without a floor"));
            for other in named(&path, &code) {
                let above = floor(&other).is_some_and(|floor| floor > own_floor);
                assert!(
                    !above,
                    "{package}/{} names {other}, which stands above {own}",
                    path.display()
                );
            }
        }
    }
}

#[test]
fn what_leads_out_of_a_room_is_seen() {
    let rooms = |path: &str, code: &str| named(Path::new(path), code).into_iter().collect::<Vec<_>>().join(" ");
    assert_eq!(
        rooms("logs/run.rs", "use crate::{store, domain::{NodeId, Clock}};"),
        "domain store"
    );
    assert_eq!(rooms("logs/run.rs", "let now = super::super::store::now();"), "store");
    assert_eq!(rooms("logs/run.rs", "use super::line::Line;"), "logs");
    assert_eq!(rooms("driver.rs", "fn f() -> super::ui::App {}"), "ui");
}

#[test]
fn only_aws_names_an_sdk_type() {
    for (path, code) in sources("src").into_iter().filter(|(path, _)| !path.starts_with("aws")) {
        let sdk = ["aws_sdk_", "aws_config::"]
            .into_iter()
            .find(|word| code.contains(word));
        assert_eq!(sdk, None, "{}", path.display());
    }
}

#[test]
fn only_the_screen_draws() {
    for (path, code) in sources("src").into_iter().filter(|(path, _)| !path.starts_with("ui")) {
        let drawn = ["ratatui::", "crossterm::"]
            .into_iter()
            .find(|word| code.contains(word));
        assert_eq!(drawn, None, "{}", path.display());
    }
}

/// The SDK's names of what changes something, as far as any room could use them.
const CHANGING: [&str; 18] = [
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

#[test]
fn only_one_place_changes_an_account() {
    for (path, code) in sources("src/aws") {
        let changing = CHANGING.into_iter().find(|word| code.contains(word));
        if !path.starts_with("act") {
            assert_eq!(changing, None, "{}", path.display());
            continue;
        }
        for call in code.split("pub async fn ").skip(1) {
            let head = call.split('{').next().unwrap_or_default();
            let changes = CHANGING.iter().any(|word| call.contains(word));
            assert!(!changes || head.contains("MayWrite"), "{}: {head}", path.display());
        }
    }
}
