//! What is made of a journal that is not as it was written.

use proptest::prelude::*;

use super::*;
use crate::domain::Scope;
use crate::redrive::record::{Intent, line};
use crate::redrive::settings::Settings;

/// A journal of the first version of the format, as that version left it: one message re-invoked.
const VERSION_1: &str = include_str!("../../../tests/fixtures/redrive/version-1.jsonl");

/// The lines of a run over two messages that was killed: one is gone, and one may have been sent.
fn lines() -> Vec<String> {
    let chosen = |id: &str| Chosen {
        id: id.to_owned(),
        hash: "0f".repeat(16),
        way: 0,
        group: None,
        edited: false,
    };
    let header = Header {
        pitagora_redrive: VERSION,
        started: Timestamp::UNIX_EPOCH,
        who: "arn:aws:iam::123456789012:user/me".to_owned(),
        scope: Scope {
            partition: "aws".into(),
            account: "123456789012".into(),
            region: "eu-west-1".into(),
        },
        endpoint: None,
        queue: "dlq".into(),
        url: "https://sqs.eu-west-1.amazonaws.com/123456789012/dlq".to_owned(),
        depth: 2,
        settings: Settings::default(),
        ways: Vec::new(),
        grows: None,
        chosen: ["m-0", "m-1"].map(chosen).to_vec(),
    };
    let intent = |id: &str| Intent {
        id: id.to_owned(),
        to: "q".to_owned(),
        hash: "1e".repeat(16),
        dedup: None,
        at: None,
    };
    let records = [
        Record::Held(vec![
            ("m-0".to_owned(), "a".to_owned()),
            ("m-1".to_owned(), "b".to_owned()),
        ]),
        Record::Intent(vec![intent("m-0")]),
        Record::Sent(vec![("m-0".to_owned(), "new".to_owned())]),
        Record::Gone(vec!["m-0".to_owned()]),
        Record::Intent(vec![intent("m-1")]),
    ];
    std::iter::once(line(&header)).chain(records.iter().map(line)).collect()
}

fn is_of(replay: &Replay, text: &str) -> bool {
    let known = [&replay.entries["m-0"], &replay.entries["m-1"]];
    known[0].gone && known[0].sent.is_some() && known[1].open && replay.whole == text.len()
}

#[test]
fn a_journal_reads_back_as_it_was_written() {
    let text = lines().concat();
    let replay = Replay::read(text.as_bytes()).expect("a journal");
    assert!(is_of(&replay, &text), "{replay:#?}");
    for line in text.lines() {
        let value: serde_json::Value = serde_json::from_str(line).expect("each line is JSON");
        assert!(value["sum"].is_string());
    }
}

#[test]
fn any_bit_that_turns_over_is_found_with_its_line() {
    let lines = lines();
    let text = lines.concat().into_bytes();
    let mut line = 1;
    for at in 0..text.len() {
        for bit in 0..8 {
            let mut damaged = text.clone();
            damaged[at] ^= 1 << bit;
            let refused = Replay::read(&damaged).expect_err("a bit turned over");
            assert_eq!(refused, Unusable::Damaged { line }, "byte {at}, bit {bit}");
        }
        line += usize::from(text[at] == b'\n');
    }
    // A journal that has only its header ends there: without that end it is none.
    let head = lines[0].as_bytes();
    for at in 0..head.len() {
        let mut damaged = head.to_vec();
        damaged[at] ^= 1;
        let refused = Replay::read(&damaged).expect_err("a bit turned over");
        let expected = if at + 1 == head.len() {
            Unusable::NoHeader
        } else {
            Unusable::Damaged { line: 1 }
        };
        assert_eq!(refused, expected, "byte {at}");
    }
}

#[test]
fn wherever_a_kill_tears_it_the_whole_lines_stay() {
    let lines = lines();
    let text = lines.concat();
    for end in lines[0].len()..text.len() {
        let replay = Replay::read(&text.as_bytes()[..end]).expect("torn");
        let whole = text[..end].rfind('\n').map_or(0, |at| at + 1);
        assert_eq!(replay.whole, whole, "torn after {end} bytes");
    }
    let zeros = [text.as_bytes(), &[0; 64]].concat();
    let replay = Replay::read(&zeros).expect("the file had grown, and nothing was written yet");
    assert!(is_of(&replay, &text));
}

proptest! {
    #[test]
    fn what_is_changed_is_refused_or_torn(at in 0_usize..2_000, with in proptest::collection::vec(any::<u8>(), 0..4), out in 0_usize..4) {
        let lines = lines();
        let text = lines.concat().into_bytes();
        let at = at % text.len();
        let out = out.min(text.len() - at);
        let mut changed = text.clone();
        changed.splice(at..at + out, with);
        match Replay::read(&changed) {
            Ok(replay) => prop_assert!(text.starts_with(&changed[..replay.whole])),
            Err(Unusable::Damaged { line }) => {
                let before = text[..at].split(|byte| *byte == b'\n').count();
                prop_assert!((before..=before + 1).contains(&line), "line {line}, changed in {before}");
            }
            Err(Unusable::NoHeader | Unusable::Version { .. }) => prop_assert!(at < lines[0].len()),
        }
    }
}

#[test]
fn a_journal_of_the_first_version_reads_and_is_written_on() {
    let replay = Replay::read(VERSION_1.as_bytes()).expect("a journal");
    assert!(replay.done && replay.whole == VERSION_1.len());
    assert!(replay.entries.values().all(|entry| entry.gone && entry.sent.is_some()));
    // Killed after its intent, and gone on with by this version.
    let mut killed: String = VERSION_1.split_inclusive('\n').take(3).collect();
    let id = replay.order[0].clone();
    let open = Replay::read(format!("{killed}{{\"sent\":[[\"{id}").as_bytes()).expect("a torn end");
    assert!(open.entries[&id].open && open.whole == killed.len());
    killed += &line(&Record::Sent(vec![(id.clone(), "new".to_owned())]));
    killed += &line(&Record::Gone(vec![id.clone()]));
    let went_on = Replay::read(killed.as_bytes()).expect("both kinds of lines");
    assert!(went_on.entries[&id].gone && !went_on.entries[&id].open);
    let damaged = killed.replace("\"gone\"", "\"gonf\"") + &line(&Record::End(true));
    assert_eq!(
        Replay::read(damaged.as_bytes()).err(),
        Some(Unusable::Damaged { line: 5 })
    );
}
