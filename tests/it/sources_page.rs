//! `docs/sources.md`, generated from the table by which the forecast knows sources; and the permissions that find them.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use pitagora::domain::delivery::Pattern;
use pitagora::domain::phrase::Phrase;
use pitagora::forecast::sources::{Block, SOURCES};
use pitagora::words::Words;

fn table() -> String {
    let words = Words::utc();
    let mut text = String::from(
        "| source | pattern | retries | limits | failures land in | discovered by |\n|---|---|---|---|---|---|\n",
    );
    for facts in &SOURCES {
        let say = |phrase: Phrase| words.say(&phrase);
        let pattern = match facts.pattern {
            Some(Pattern::Asynchronous) => "asynchronous",
            Some(Pattern::Queue) => "queue",
            Some(Pattern::Stream) => "stream",
            Some(Pattern::RequestResponse) => "request",
            Some(Pattern::SourceDelivery) => "delivery",
            None => "either",
        };
        let found: Vec<String> = facts.found_by.iter().map(|action| format!("`{action}`")).collect();
        let optional = if facts.block == Block::More { " (optional)" } else { "" };
        writeln!(
            text,
            "| `{}` | {pattern} | {} | {} | {} | {}{optional} |",
            facts.kind.word(),
            say(facts.retries.clone().into()),
            say(facts.limits.clone().into()),
            say(facts.lands.clone().into()),
            found.join(", "),
        )
        .expect("a text");
    }
    text
}

#[test]
fn the_page_of_sources_is_the_table_of_the_program() {
    const WRITE: &str = "WRITE_SOURCES";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/sources.md");
    let text = fs::read_to_string(&path).expect("a page");
    let (head, _) = text.split_once("| source |").expect("a table");
    let wanted = format!("{head}{}", table());
    if std::env::var_os(WRITE).is_some() {
        fs::write(path, wanted).expect("written");
        return;
    }
    assert!(
        text == wanted,
        "docs/sources.md: the table has changed: `{WRITE}=1 cargo test --test it page_of_sources` writes what is held to it"
    );
}

/// Every action by which a source is found is in a block of the policy that people are asked for.
#[test]
fn every_action_that_finds_a_source_is_in_its_block_of_the_policy() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/permissions.md");
    let text = fs::read_to_string(path).expect("a page");
    let blocks: Vec<&str> = text.split("\"Sid\": ").skip(1).collect();
    assert_eq!(blocks.len(), 3, "chain, more sources, roles");
    for facts in &SOURCES {
        let block = match facts.block {
            Block::Chain => blocks[0],
            Block::More => blocks[1],
        };
        for action in facts.found_by {
            assert!(block.contains(&format!("\"{action}\"")), "{action}");
        }
    }
}
