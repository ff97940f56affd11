//! Dead letters as somebody meets them at night, on the finished program's screen: read, grouped, filtered, three of them
//! marked, one edited, a look at what would happen, one sent first, then the rest, and a line for the books.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::pty::Pty;

const SIZE: (u16, u16) = (160, 44);

/// Four orders fail in one way, two in another; then the function is mended.
const SCENARIO: &str = r#"
title = "Six orders that failed"
speed = 10.0
lateness.logs = "200ms"

[[queue]]
name = "dlq"

[[function]]
name = "f"
retries = 0
dlq = "dlq"
does = { work = "50ms" }

[[script]]
at = "2s"
break = "f"
does = { invoke = { function = "f", payload = '{"order": 1}' } }

[[script]]
at = "4s"
does = { invoke = { function = "f", payload = '{"order": 2}' } }

[[script]]
at = "6s"
does = { invoke = { function = "f", payload = '{"order": 3}' } }

[[script]]
at = "8s"
does = { invoke = { function = "f", payload = '{"order": 4}' } }

[[script]]
at = "10s"
hang = "f"
does = { invoke = { function = "f", payload = '{"order": 5}' } }

[[script]]
at = "12s"
does = { invoke = { function = "f", payload = '{"order": 6}' } }

[[script]]
at = "30s"
fix = "f"
caption = "The function is fixed."
"#;

/// What the person types into the editor, as a program.
const EDITOR: &str =
    "#!/bin/sh\nsed 's/order/mended order/' \"$1\" > \"$1.new\" && cat \"$1.new\" > \"$1\" && rm \"$1.new\"\n";

/// The box of the queue in the chain.
fn queue_with(count: usize) -> String {
    format!("│ dlq        {count} │")
}

fn written(folder: &Path, name: &str, text: &str, mode: u32) -> String {
    let path = folder.join(name);
    fs::write(&path, text).expect("written");
    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("its mode");
    path.to_string_lossy().into_owned()
}

#[test]
fn three_letters_are_put_back_one_first_and_one_of_them_edited() {
    let folder = tempfile::tempdir().expect("a folder");
    let scenario = written(folder.path(), "orders.toml", SCENARIO, 0o600);
    let editor = written(folder.path(), "editor", EDITOR, 0o700);
    let mut screen = Pty::with(&["demo", &scenario], SIZE, &[("EDITOR", &editor)]);
    screen.wait_for("The function is fixed.");
    screen.wait_for(&queue_with(6));

    // Nothing is read before it was said what reading does.
    screen.press("d");
    screen.wait_for("Enter says what reading does, and asks");
    screen.press("\r");
    screen.wait_for("the receive count of each message read in dlq goes up by 1");
    screen.press("\r");
    screen.wait_for("receive count 0 → 1, 6 visible again");

    // In groups by what went wrong.
    screen.wait_for("4 × broken on purpose");
    screen.wait_for("2 × RequestId: <id> Error: Task timed out after # seconds");
    // Only some of them.
    screen.press("|.body.order <= 4\r");
    screen.wait("two are left out", |text| {
        text.contains("4 of 6 messages") && !text.contains("timed out after # seconds")
    });
    // Three, the first row being the group's.
    screen.press("j   ");
    screen.wait_for("3 marked");
    // The last of them is not as it should be.
    screen.press("ke");
    screen.wait_for("Edited: nothing sent yet");
    screen.wait("what changes", |text| {
        text.contains(r#"- {"order": 3}"#) && text.contains(r#"+ {"mended order": 3}"#)
    });
    screen.press("\r");
    screen.wait_for("3 marked · 1 edited");

    // What would happen.
    let audit = screen.home().join(".local/state/pitagora/audit.jsonl");
    screen.press("b");
    screen.wait_for("Redrive from dlq: preview, nothing sent yet");
    screen.wait_for("3 messages to function f, invoked with the event that failed, 1 edited");
    assert!(
        screen.text().contains(&queue_with(6)) && !audit.exists(),
        "nothing was done"
    );

    // One first, and a look at what came of it.
    screen.press("\r");
    screen.wait_for("1 of 3 redriven to f");
    screen.wait_for("canary sent, 2 waiting");
    screen.wait_for("target since then: 1 invocation, 0 failed");
    let line = fs::read_to_string(&audit).expect("a line");
    assert!(
        line.contains(r#""stage":"began""#) && line.lines().count() == 1,
        "it is not over: {line}"
    );
    screen.press("\r");
    screen.wait_for("3 of 3 redriven to f");
    screen.wait_for("done: 3 sent, 3 deleted");
    screen.wait_for("audit log: ");
    screen.wait_for(&queue_with(3));

    let line = fs::read_to_string(&audit).expect("a line");
    let line = line.lines().nth(1).expect("a line at the end");
    for part in [
        r#""stage":"ended""#,
        r#""what":"redrive""#,
        r#""messages":3"#,
        ":dlq\"",
        ":function:f\"",
    ] {
        assert!(line.contains(part), "{part}: {line}");
    }
    let mode = fs::metadata(&audit).expect("a file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "for its owner alone");
}

/// Messages of a throttled function: no invocation failed, and they would die again.
#[test]
fn the_dialog_names_throttling_and_one_key_does_not_send_into_it() {
    let folder = tempfile::tempdir().expect("a folder");
    // The limit stays: however slow this machine is, it is not lifted before the screen was looked at.
    let text = include_str!("../scenarios/throttle.toml").replace("fix = \"print\"", "");
    let scenario = written(folder.path(), "throttled.toml", &text, 0o600);
    let mut screen = Pty::start(&["demo", &scenario, "--speed", "20"], SIZE);
    screen.wait("dead letters", |text| text.contains("prints-dlq  3"));
    screen.press("d");
    screen.wait_for("Enter says what reading does, and asks");
    screen.press("\r");
    screen.wait_for("SQS cannot peek: reading counts as a receive");
    screen.press("\r");
    screen.wait_for("34 visible again");
    screen.press("*b");
    screen.wait_for("Is the cause fixed? no: messages would fail again");
    // At first the low limit may be all that speaks against it: metrics come minutes late. The open dialog tells what they
    // count once they are there.
    screen.wait_for("reserved concurrency 1");
    screen.wait("throttles that were counted", |text| {
        text.contains("print: throttled ") && text.contains(" times in the last 1 h, the last time ")
    });
    screen.press("\r");
    screen.wait_for("type prints-dlq to redrive:");
    screen.press("yes\r");
    screen.wait_for("that is not the queue's name: nothing was sent");
}

/// Children of this test that run expressions.
#[cfg(target_os = "linux")]
fn expressions_at_work() -> usize {
    let processes = fs::read_dir("/proc").expect("processes").flatten();
    let is_child = |path: &Path| {
        let line = fs::read(path.join("cmdline")).unwrap_or_default();
        let name = fs::read_to_string(path.join("comm")).unwrap_or_default();
        line.ends_with(b"\0jq-child\0") && !name.is_empty()
    };
    processes.filter(|entry| is_child(&entry.path())).count()
}

/// The screen is alive while an expression is not: keys move, help opens, Esc stops it, and it stops by itself.
#[test]
fn an_endless_expression_does_not_stop_the_screen() {
    let folder = tempfile::tempdir().expect("a folder");
    let scenario = written(folder.path(), "orders.toml", SCENARIO, 0o600);
    let mut screen = Pty::start(&["demo", &scenario], SIZE);
    screen.wait_for(&queue_with(6));
    screen.press("d");
    screen.wait_for("Enter says what reading does, and asks");
    screen.press("\r");
    screen.wait_for("the receive count of each message read in dlq goes up by 1");
    screen.press("\r");
    screen.wait_for("6 visible again");
    screen.press("|");
    screen.wait_for("jq condition");
    screen.press("def f: f; f\r");
    screen.wait_for("filtering: 0 of 6 messages, Esc stops");
    screen.press("?");
    screen.wait_for("╭ Help ");
    screen.press("\u{1b}");
    screen.wait("the list again", |text| {
        text.contains("filtering: 0 of 6") && !text.contains("╭ Help ")
    });
    #[cfg(target_os = "linux")]
    assert!(expressions_at_work() > 0);
    screen.press("\u{1b}");
    screen.wait("it is stopped", |text| !text.contains("filtering:"));
    // Another one is left alone, and ends by itself.
    screen.press("|");
    screen.wait_for("jq condition");
    screen.press("\u{15}until(false; .)\r");
    screen.wait_for("filtering: 0 of 6 messages, Esc stops");
    screen.wait_for("took longer than 5 s");
    screen.press("|\u{15}.body.order > 4\r");
    screen.wait_for("2 of 6 messages");
}
