//! Messages as a list.

use std::sync::Arc;

use super::{Made, at, function, letter, queue, with};
use crate::dead_letters::dead_letter::{self, DeadLetter, Order};
use crate::dead_letters::export::exported;
use crate::dead_letters::jq::{Program, Verdict};
use crate::dead_letters::run_history::NoHistory;
use crate::dead_letters::words::Syntax;
use crate::dead_letters::{Filter, queues};
use crate::domain::QueueMessage;
use crate::domain::phrase::Phrase;

fn failed(n: usize, message: &str, sent: i64) -> QueueMessage {
    let mut letter = with(
        letter(&format!(r#"{{"id":{n},"big":12345678901234567890123}}"#)),
        &[("RequestID", "r"), ("ErrorCode", "200"), ("ErrorMessage", message)],
    );
    letter.message_id = format!("m-{n}");
    letter
        .system
        .insert("SentTimestamp".into(), at(sent).as_millisecond().to_string());
    letter
}

fn list() -> Vec<DeadLetter> {
    let made = Made::default()
        .keeps("dlq", 3_600)
        .dead(&function("f"), &queue("dlq"), "lambda", None);
    let queue = queues::queue(made.chain(), &queue("dlq"), None);
    let letters = [
        failed(1, "no order 17", 50),
        failed(2, "no order 18", 10),
        failed(3, "boom", 30),
        failed(4, "no order 19", 20),
    ];
    dead_letter::entries(letters.map(Arc::new), &queue, made.chain(), &NoHistory)
}

/// The places of the messages on which an expression holds.
fn chosen(expression: &str, entries: &[DeadLetter]) -> Vec<usize> {
    let (program, filter) = (
        Program::new(expression).expect(expression),
        Filter::new(None, None, Phrase::key),
    );
    let holds = |at: &usize| program.run(filter.seen(&entries[*at]).as_bytes()) == Verdict::Holds;
    (0..entries.len()).filter(holds).collect()
}

fn ids(entries: &[DeadLetter]) -> Vec<&str> {
    entries.iter().map(|entry| entry.letter.message_id.as_str()).collect()
}

#[test]
fn letters_of_one_fault_are_one_group() {
    let entries = list();
    let groups = dead_letter::groups(&entries);
    let sizes: Vec<_> = groups.iter().map(|group| group.members.clone()).collect();
    assert_eq!(sizes, [vec![0, 1, 3], vec![2]]);
    assert_eq!((groups[0].first, groups[0].last), (Some(at(10)), Some(at(50))));
    assert!(
        Arc::ptr_eq(&entries[0].signature, &entries[3].signature),
        "the text is there once"
    );
}

#[test]
fn what_is_gone_first_comes_first() {
    let mut entries = list();
    dead_letter::sort(&mut entries, Order::Expiry);
    assert_eq!(ids(&entries), ["m-2", "m-4", "m-3", "m-1"]);
    let expiry = entries[0].expires.expect("it was read");
    assert_eq!((expiry.at, expiry.exact), (at(10 + 3_600), true));
}

#[test]
fn an_expression_sees_body_attributes_and_what_is_known() {
    let entries = list();
    let chosen = |expression: &str| chosen(expression, &entries);
    assert_eq!(chosen(".body.id > 2"), [2, 3]);
    assert_eq!(chosen(r#".error | test("order 1[78]")"#), [0, 1]);
    assert_eq!(chosen(r#".attributes.ErrorMessage == "boom""#), [2]);
    assert_eq!(
        chosen(r#".origin == "lambda_async" and (.function | endswith(":f"))"#),
        [0, 1, 2, 3]
    );
    assert_eq!(
        chosen(".body.big == 12345678901234567890123"),
        [0, 1, 2, 3],
        "no digit is lost"
    );
    assert_eq!(chosen(".body.big == 12345678901234567890124"), [] as [usize; 0]);
    assert_eq!(
        chosen(".body.id.nothing"),
        [] as [usize; 0],
        "an error on a letter passes it by"
    );
    assert_eq!(chosen("empty"), [] as [usize; 0]);
}

#[test]
fn what_no_letter_tells_is_named() {
    let entries = list();
    let untold = |expression: &str| Filter::new(Some(expression), None, Phrase::key).untold(&entries);
    assert_eq!(untold(r#".capacity == "x" and .body.id > 2"#), ["capacity"]);
    assert!(untold(".error").is_empty() && untold(".capacity_of_mine").is_empty());
}

#[test]
fn plain_text_is_looked_for_everywhere_whatever_its_case() {
    let entries = list();
    let chosen = |text: &str| {
        let filter = Filter::new(None, Some(text), Phrase::key);
        let places = 0..entries.len();
        places.filter(|at| filter.has_text(&entries[*at])).collect::<Vec<_>>()
    };
    assert_eq!(chosen("BOOM"), [2]);
    assert_eq!(chosen("\"id\":4"), [3]);
    assert_eq!(chosen("m-1"), [0]);
    assert!(Filter::new(None, Some(""), Phrase::key).is_open());
}

#[test]
fn what_is_no_expression_is_said_with_its_fault() {
    let wrong = |bad: &str| {
        let why = Program::new(bad).err().expect(bad);
        match why {
            Syntax::Unusable { expression, why } if expression == bad => why,
            other => panic!("{other:?}"),
        }
    };
    let unknown = "nothing_of_that_name".to_owned();
    let not_known = Syntax::NotKnown {
        names: vec![unknown.clone()],
    };
    assert_eq!(wrong(&unknown), Phrase::from(not_known));
    for (bad, code) in [
        (".body |", "too-early"),
        (".a[", "too-early"),
        ("\"open", "too-early"),
        ("}", "expected"),
        (".a .b c", "expected-end"),
    ] {
        assert!(wrong(bad).is("jq", code), "{bad}: {:?}", wrong(bad));
    }
}

#[test]
fn an_expression_sees_one_message_and_nothing_else() {
    let wrong = |bad: &str| match Program::new(bad).err() {
        Some(Syntax::Unusable { why, .. }) => why,
        other => panic!("{bad}: {other:?}"),
    };
    for name in [
        "$ENV",
        "env",
        "debug",
        "stderr",
        "halt",
        "halt_error",
        "input",
        "inputs",
        "input_filename",
    ] {
        let withheld = Syntax::Withheld { name: name.to_owned() };
        assert_eq!(wrong(name), withheld);
        assert_eq!(wrong(&format!(".body | {name} | true")), withheld);
    }
    for bad in ["halt(3)", "halt_error(1)", "debug(\"a\")"] {
        assert!(wrong(bad).is("jq", "withheld"), "{bad}");
    }
    for bad in [
        "import \"a\" as a; true",
        "include \"/etc/passwd\"; true",
        "import \"a\" as $a; true",
    ] {
        assert!(wrong(bad).is("jq", "module"), "{bad}: {:?}", wrong(bad));
    }
}

#[test]
fn an_error_of_an_expression_is_told_without_the_whole_message() {
    let program = Program::new(".body | error").expect("an expression");
    let seen = format!("{{\"body\":\"{}\"}}", "x".repeat(100_000));
    let Verdict::Error(why) = program.run(seen.as_bytes()) else {
        panic!("no error")
    };
    assert!(why.contains("xxx") && why.chars().count() < 300, "{why}");
}

#[test]
fn an_exported_letter_has_the_members_of_the_contract() {
    let entries = list();
    let json = serde_json::to_value(exported(&entries[2])).expect("JSON");
    for name in [
        "message_id",
        "body",
        "attributes",
        "message_attributes",
        "origin",
        "function",
        "error",
        "sent",
        "expires",
    ] {
        assert!(!json[name].is_null(), "{name}: {json:#}");
    }
    assert_eq!(json["origin"], "lambda_async");
    assert_eq!(json["error"], "boom");
    assert_eq!(json["message_attributes"]["ErrorCode"]["string_value"], "200");
}

#[test]
fn bytes_are_exported_in_base64() {
    let mut entries = list();
    let letter = Arc::make_mut(&mut entries[0].letter);
    let bytes = crate::domain::MessageAttribute {
        data_type: "Binary.png".into(),
        value: crate::domain::AttributeValue::Binary(vec![0, 255]),
    };
    letter.attributes.insert("image".into(), bytes);
    let json = serde_json::to_value(exported(&entries[0])).expect("JSON");
    assert_eq!(json["message_attributes"]["image"]["binary_value"], "AP8=");
    assert_eq!(json["message_attributes"]["image"]["data_type"], "Binary.png");
}
