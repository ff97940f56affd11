mod keys;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use jiff::SignedDuration;
use serde_json::json;

use super::*;
use crate::domain::phrase::Phrases as _;

/// Every phrase that the packages declare.
fn all() -> Vec<Phrase> {
    let edges = [
        crate::aws::Error::each(),
        crate::pollers::unread::Unread::each(),
        crate::cli::unread::Unread::each(),
        crate::config::origin::Origin::each(),
        crate::config::wrong::Wrong::each(),
        crate::config::wrong::Hint::each(),
        crate::ui::text::edge_text::Says::each(),
        crate::ui::text::edge_text::By::each(),
        crate::ui::app::notice::Notice::each(),
        crate::ui::panes::dead_letters::state::message::Label::each(),
        crate::ui::panes::dead_letters::state::message::Fact::each(),
        crate::ui::text::commands::Note::each(),
        crate::dlq::Waiting::each(),
        crate::dlq::Confirm::each(),
        crate::dlq::DlqError::each(),
        crate::dlq::Said::each(),
        crate::dlq::Trouble::each(),
        crate::redrive::journal::JournalError::each(),
        crate::redrive::targets::NameError::each(),
        crate::redrive::targets::NoMove::each(),
        crate::ui::terminal::editor::EditError::each(),
        crate::ui::terminal::Report::each(),
        crate::ui::text::schedule::Schedule::each(),
    ]
    .concat();
    let sifting = crate::ui::panes::dead_letters::state::sift::Sifting::each();
    [
        pitagora_core::phrases(),
        crate::dlq::check::words::phrases(),
        edges,
        sifting,
    ]
    .concat()
}

/// What is wrong with a phrase and those within it.
fn wrong(words: &Words, phrase: &Phrase) -> Vec<String> {
    if phrase.room == "phrase" {
        return Vec::new();
    }
    let told = phrase.args.iter().map(|(name, arg)| (&**name, words.told(arg)));
    let (text, errors) = words.catalogue.try_fill(&phrase.key(), told);
    let mut wrong: Vec<String> = errors
        .iter()
        .map(|error| format!("{}: {error}", phrase.key()))
        .collect();
    if text.trim().is_empty() || text.contains('{') || text.contains("  ") {
        wrong.push(format!("{}: {text:?}", phrase.key()));
    }
    wrong
}

#[test]
fn every_phrase_has_its_words_with_all_arguments() {
    let words = Words::utc();
    let wrong: BTreeSet<String> = all().iter().flat_map(|one| wrong(&words, one)).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The sources in some folders.
fn files(folders: &[PathBuf]) -> Vec<PathBuf> {
    let (mut folders, mut files) = (folders.to_vec(), Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                files.push(path);
            }
        }
    }
    files
}

/// An enum that no list of samples names would never be read by the test above.
#[test]
fn every_declared_phrase_is_among_the_samples() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut declared = BTreeSet::new();
    for path in files(&[root.join("crates/core/src"), root.join("src")]) {
        if !path.ends_with("domain/phrase.rs") {
            let text = fs::read_to_string(&path).expect("a source");
            let lines = text
                .lines()
                .filter(|line| line.contains(" enum ") && line.ends_with("\" {"));
            declared.extend(lines.filter_map(|line| Some(line.split('"').nth(1)?.to_owned())));
        }
    }
    // The rules of the doctor are named by their own enum.
    declared.insert("rule".to_owned());
    let sampled: BTreeSet<String> = all().iter().map(|one| one.room.clone().into_owned()).collect();
    assert_eq!(sampled, declared);
}

#[test]
fn numbers_lengths_and_times_have_one_spelling() {
    let words = Words::utc();
    let told = |arg: Arg| words.told(&arg).into_text();
    assert_eq!(told(Arg::Count(1_234_567)), "1,234,567");
    assert_eq!(told(Arg::Count(123)), "123");
    assert_eq!(told(Arg::Span(SignedDuration::from_hours(95))), "3 d 23 h");
    assert_eq!(told(Arg::List(vec![Arg::Count(1), Arg::Text("a".into())])), "1, a");
    let at = Timestamp::UNIX_EPOCH;
    assert_eq!(told(Arg::At(at)), "00:00:00 UTC");
    assert_eq!(told(Arg::Between(at, at)), "00:00:00–00:00:00 UTC");
    let tokyo = Words::new(TimeZone::fixed(jiff::tz::offset(9)));
    assert_eq!(tokyo.told(&Arg::Date(at)).into_text(), "1970-01-01 09:00:00");
    assert_eq!(tokyo.told(&Arg::Between(at, at)).into_text(), "09:00:00–09:00:00");
}

#[test]
fn a_document_has_the_sentence_and_its_code() {
    let words = Words::utc();
    let phrase = |code: &'static str| Phrase::new("permissions", code, Vec::new());
    let document = json!({
        "why": phrase("gone"),
        "all": [phrase("gone"), phrase("mapping-off")],
        "both": Phrase::clauses([phrase("gone"), phrase("mapping-off")]),
        "other": {"n": 1},
    });
    assert_eq!(
        spelled(&words, document),
        json!({
            "why": "it does not exist",
            "why_code": "gone",
            "all": ["it does not exist", "its event source mapping is disabled"],
            "all_code": ["gone", "mapping_off"],
            "both": "it does not exist; its event source mapping is disabled",
            "both_code": "gone",
            "other": {"n": 1},
        })
    );
}
