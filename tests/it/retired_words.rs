//! One language: words that are no longer used, with their replacements, in everything that a person can read: the catalogue,
//! the key table, the screens of the snapshots, the help of every command, README, docs, changelog, and the demos' captions.
//!
//! A word that has a good use somewhere is listed in [`KEPT`] with its reason.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Retired words and what to write instead. Whole words, in any case; a space matches any whitespace.
const RETIRED: [(&str, &str); 38] = [
    ("letter", "message"),
    ("letters", "messages"),
    ("put back", "redrive"),
    ("puts back", "redrives"),
    ("putting back", "redriving"),
    ("mend", "fix"),
    ("mends", "fixes"),
    ("mended", "fixed"),
    ("give back", "make visible again"),
    ("gives back", "makes visible again"),
    ("given back", "made visible again"),
    ("giving back", "making visible again"),
    ("needs a look", "is an issue"),
    ("need a look", "are issues"),
    ("worth a look", "is a warning"),
    ("look at its log", "open logs"),
    ("try again", "retry"),
    ("tries again", "retries"),
    ("tried again", "retried"),
    ("trying again", "retrying"),
    ("no try", "no attempt"),
    ("first try", "first attempt"),
    ("tries", "attempts"),
    ("well", "OK, healthy or succeeded"),
    ("gone in", "expires in"),
    ("stands still", "is blocked, stalled or stopped"),
    ("stand still", "are blocked, stalled or stopped"),
    ("graver", "INFO+"),
    ("tell", "say, show or notify"),
    ("tells", "says, shows or notifies"),
    ("told", "said, shown or known"),
    ("nothing where", "None if"),
    ("hidden for", "visibility timeout"),
    ("kept for", "retention"),
    ("guessed", "inferred"),
    ("halved", "bisected"),
    ("has gone", "was deleted, or has expired"),
    ("as you like", "at your option"),
];

/// Uses of these words that stay, and why.
const KEPT: [(&str, &str); 4] = [
    ("dead letter", "the name of a message in a dead-letter queue"),
    ("dead letters", "the name of messages in a dead-letter queue"),
    ("as well", "plain English"),
    ("capital letter", "a letter of the alphabet"),
];

/// Words that screens still have: each leaves this list once no snapshot has it.
const ON_SCREENS: [&str; 1] = ["stands still"];

/// What a person can read, with the name of its source.
fn texts() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &Path| fs::read_to_string(path).expect("a text");
    let mut texts: Vec<(PathBuf, String)> = Vec::new();
    for path in beneath(&root.join("src/words")) {
        texts.push((path.clone(), catalogue(&read(&path))));
    }
    let keys = root.join("src/ui/keys.toml");
    texts.push((keys.clone(), read(&keys)));
    for path in beneath(&root.join("src")) {
        if path.extension().is_some_and(|ending| ending == "snap") {
            // Between the first two lines of hyphens there are names of the test.
            let text = read(&path).splitn(3, "---\n").last().unwrap_or_default().to_owned();
            texts.push((path, text));
        }
    }
    let pages = ["README.md", "README.ja.md", "CHANGELOG.md", "CONTRIBUTING.md"];
    for path in pages
        .map(|page| root.join(page))
        .into_iter()
        .chain(beneath(&root.join("docs")))
    {
        if path.extension().is_some_and(|ending| ending == "md") {
            texts.push((path.clone(), markdown(&read(&path))));
        }
    }
    for path in beneath(&root.join("tests/scenarios")) {
        texts.push((path.clone(), scenario(&read(&path))));
    }
    let named = texts.into_iter().map(|(path, text)| {
        let name = path.strip_prefix(root).unwrap_or(&path);
        (name.display().to_string(), text)
    });
    named.chain(helps()).collect()
}

/// All files beneath a folder.
fn beneath(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(beneath(&path));
        } else {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// The sentences of a catalogue, without comments, keys and variables. Nothing of the code around it.
fn catalogue(text: &str) -> String {
    let mut sentences = String::new();
    for line in text.lines() {
        let is_sentence =
            line.starts_with(' ') || line.starts_with(|c: char| c.is_ascii_lowercase()) && line.contains(" =");
        if !is_sentence || text.contains("fn ") {
            continue;
        }
        let words = line.split_once(" =").map_or(line, |(_, words)| words).split(' ');
        let words = words.filter(|word| !word.starts_with('$') && !word.starts_with('['));
        sentences.extend(words.flat_map(|word| [word, " "]));
    }
    sentences
}

/// The prose of a page: code and the targets of links are names, which the contract fixes.
fn markdown(text: &str) -> String {
    let mut prose = String::new();
    for (n, block) in text.split("```").enumerate() {
        if n % 2 == 0 {
            let spans = block.split('`').enumerate().filter(|(n, _)| n % 2 == 0);
            spans.for_each(|(_, span)| prose.push_str(span));
        }
    }
    let mut pieces = prose.split("](");
    let mut linked = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        linked.push_str(piece.split_once(')').map_or(piece, |(_, rest)| rest));
    }
    linked
}

/// Title, description and captions of a scenario.
fn scenario(text: &str) -> String {
    let value: toml::Table = toml::from_str(text).expect("TOML");
    let of = |table: &toml::Table| {
        let english = |value: &toml::Value| value.get("en").unwrap_or(value).as_str().map(str::to_owned);
        let texts = ["title", "description", "caption"].map(|key| table.get(key).and_then(english));
        texts.into_iter().flatten().collect::<Vec<_>>()
    };
    let script = value.get("script").and_then(toml::Value::as_array);
    let steps = script
        .into_iter()
        .flatten()
        .filter_map(toml::Value::as_table)
        .flat_map(of);
    of(&value).into_iter().chain(steps).collect::<Vec<_>>().join("\n")
}

/// The help of every command, and of the commands within it, as the help itself lists them.
fn helps() -> Vec<(String, String)> {
    let mut helps: Vec<(String, String)> = Vec::new();
    let mut commands = vec![String::new()];
    while let Some(command) = commands.pop() {
        let mut program = Command::new(env!("CARGO_BIN_EXE_pitagora"));
        let asked = program.args(command.split_whitespace()).arg("--help");
        let output = asked.output().expect("it runs");
        assert!(output.status.success(), "{command} --help");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let listed = text.lines().skip_while(|line| *line != "Commands:").skip(1);
        let names = listed
            .take_while(|line| !line.is_empty())
            .filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
        let within = names.filter(|name| !name.is_empty() && *name != "help");
        commands.extend(within.map(|name| format!("{command} {name}").trim().to_owned()));
        helps.push((format!("pitagora {command} --help"), text));
    }
    for known in ["config", "completions", "man", "dlq redrive"] {
        let name = format!("pitagora {known} --help");
        assert!(helps.iter().any(|(help, _)| *help == name), "{known} is not listed");
    }
    helps
}

/// A text as its words in lower case, with signs between them as words of their own.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut last = ' ';
    for c in text.chars() {
        let joins = |c: char| c.is_alphanumeric() || c == '-' || c == '_' || c == '\'';
        match words.last_mut() {
            Some(word) if joins(c) && joins(last) => word.extend(c.to_lowercase()),
            _ if !c.is_whitespace() => words.push(c.to_lowercase().collect()),
            _ => {}
        }
        last = c;
    }
    words
}

/// Where a phrase is in these words.
fn places<'a>(words: &'a [String], phrase: &'a [String]) -> impl Iterator<Item = usize> + 'a {
    let windows = words.windows(phrase.len()).enumerate();
    windows
        .filter(move |(_, window)| *window == phrase)
        .map(|(place, _)| place)
}

#[test]
fn nothing_that_a_person_reads_has_a_retired_word() {
    let mut found = Vec::new();
    for (name, text) in texts() {
        let mut words = words(&text);
        for (kept, _) in KEPT {
            let kept = self::words(kept);
            let at: Vec<usize> = places(&words, &kept).collect();
            for place in at {
                words[place..place + kept.len()].fill("·".to_owned());
            }
        }
        for (retired, instead) in RETIRED {
            if std::path::Path::new(&name).extension().is_some_and(|e| e == "snap") && ON_SCREENS.contains(&retired) {
                continue;
            }
            for place in places(&words, &self::words(retired)) {
                let around = &words[place.saturating_sub(6)..(place + 8).min(words.len())];
                found.push(format!(
                    "{name}: {retired:?} (write {instead:?}): … {} …",
                    around.join(" ")
                ));
            }
        }
    }
    assert!(found.is_empty(), "{} retired words:\n{}", found.len(), found.join("\n"));
}

#[test]
fn retired_words_are_found_whole_and_across_lines() {
    let text = words("Put\nback the mended letters, Letterhead and dead-letter.");
    let count = |phrase: &str| places(&text, &words(phrase)).count();
    assert_eq!(
        ["put back", "mended", "letters", "letter", "mend"].map(count),
        [1, 1, 1, 0, 0]
    );
}
