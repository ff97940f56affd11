//! The keys that the code names, held against the catalogue by reading the sources: a typo fails here.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::ui::input::keys::Keys;
use crate::words::catalogue::{ENGLISH, JAPANESE};

/// What a `say!` of the sources names.
struct Call {
    keys: Vec<String>,
    args: BTreeSet<String>,
}

/// A text's parts between commas that stand in no brackets and no string.
fn parts(text: &str) -> Vec<&str> {
    let (mut parts, mut from, mut depth, mut quoted, mut escaped) = (Vec::new(), 0, 0_i32, false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' if !text[..at].ends_with('\'') => quoted = !quoted,
            _ if quoted => {}
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&text[from..at]);
                from = at + 1;
            }
            _ => {}
        }
        if depth < 0 {
            parts.push(&text[from..at]);
            return parts;
        }
    }
    parts
}

/// The strings in a text.
fn strings(text: &str) -> impl Iterator<Item = &str> {
    text.split('"').skip(1).step_by(2)
}

fn calls(source: &str) -> Vec<Call> {
    let calls = source.split("say!(").skip(1).map(parts);
    let named = |part: &&str| Some(part.split_once('=')?.0.trim().to_owned());
    calls
        .map(|parts| Call {
            keys: strings(parts[1]).map(str::to_owned).collect(),
            args: parts[2..].iter().filter_map(named).collect(),
        })
        .collect()
}

/// The texts of the catalogue, by their keys.
fn messages() -> BTreeMap<&'static str, String> {
    texts(ENGLISH)
}

fn texts(files: &[&'static str]) -> BTreeMap<&'static str, String> {
    let mut messages: BTreeMap<&str, String> = BTreeMap::new();
    let mut key = "";
    for line in files.iter().flat_map(|text| text.lines()) {
        if let Some((begun, text)) = line
            .split_once(" =")
            .filter(|_| line.starts_with(|c: char| c.is_ascii_lowercase()))
        {
            key = begun;
            messages.insert(key, text.to_owned());
        } else if let Some(text) = messages.get_mut(key).filter(|_| line.starts_with(' ')) {
            text.push_str(line);
        }
    }
    messages
}

/// The variables of a text, and those of the texts within it.
fn variables(messages: &BTreeMap<&str, String>, key: &str) -> BTreeSet<String> {
    let text = &messages[key];
    let name = |rest: &str| {
        let end = rest
            .find(|c: char| !c.is_ascii_lowercase() && c != '_')
            .unwrap_or(rest.len());
        rest[..end].to_owned()
    };
    let own = text.split('$').skip(1).map(name).filter(|name| !name.is_empty());
    own.chain(within(messages, key).iter().flat_map(|key| variables(messages, key)))
        .collect()
}

/// The texts that are named within one.
fn within<'a>(messages: &BTreeMap<&'a str, String>, key: &str) -> Vec<&'a str> {
    let named = messages[key]
        .split("{ ")
        .skip(1)
        .filter_map(|rest| rest.split(' ').next());
    named
        .filter_map(|name| Some(*messages.get_key_value(name)?.0))
        .collect()
}

/// What is compiled into the program: no tests.
fn sources() -> Vec<String> {
    let mut sources = Vec::new();
    for path in super::files(&[Path::new(env!("CARGO_MANIFEST_DIR")).join("src")]) {
        let is_test = |part: &std::ffi::OsStr| part == "tests" || part == "testing" || part == "tests.rs";
        if !path.iter().any(is_test) {
            let text = fs::read_to_string(path).expect("a source");
            let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
            let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
            sources.push(code.collect::<Vec<_>>().join("\n"));
        }
    }
    sources
}

#[test]
fn every_key_that_is_said_is_in_the_catalogue_with_its_arguments() {
    let messages = messages();
    let mut wrong = Vec::new();
    for call in sources().iter().flat_map(|source| calls(source)) {
        let (known, missing): (Vec<&String>, Vec<&String>) =
            call.keys.iter().partition(|key| messages.contains_key(key.as_str()));
        wrong.extend(missing.iter().map(|key| format!("{key}: not in the catalogue")));
        let wanted: BTreeSet<String> = known.iter().flat_map(|key| variables(&messages, key)).collect();
        if missing.is_empty() && wanted != call.args {
            wrong.push(format!("{:?} has {wanted:?}, and is given {:?}", call.keys, call.args));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The variables that a text shows; the others choose among its forms.
fn shown(messages: &BTreeMap<&str, String>, key: &str) -> BTreeSet<String> {
    let own = messages[key].split("{ $").skip(1).filter_map(|rest| {
        let (name, _) = rest.split_once(" }")?;
        name.chars()
            .all(|c| c.is_ascii_lowercase() || c == '_')
            .then(|| name.to_owned())
    });
    own.chain(within(messages, key).iter().flat_map(|key| shown(messages, key)))
        .collect()
}

/// What the command line alone says, in English: the report of `doctor`.
const PRINTED: [&str; 10] = [
    "cure-",
    "dies-",
    "doctor-",
    "hint-",
    "proof-",
    "rule-",
    "sender-",
    "unclear-",
    "unjudged-",
    "unread-",
];

#[test]
fn every_text_is_there_in_japanese_with_the_same_arguments() {
    let (english, japanese) = (messages(), texts(JAPANESE));
    let mut wrong: Vec<String> = Vec::new();
    let is_printed = |key: &str| PRINTED.iter().any(|room| key.starts_with(room));
    let missing = english
        .keys()
        .filter(|key| !japanese.contains_key(*key) && !is_printed(key));
    wrong.extend(missing.map(|key| format!("{key}: not translated")));
    for key in japanese.keys() {
        if !english.contains_key(key) {
            wrong.push(format!("{key}: there is no such text in English"));
            continue;
        }
        let (known, given) = (variables(&english, key), variables(&japanese, key));
        let left_out = &shown(&english, key) - &shown(&japanese, key);
        if !given.is_subset(&known) || !left_out.is_empty() {
            wrong.push(format!(
                "{key}: English has {known:?}, Japanese {given:?}, and does not show {left_out:?}"
            ));
        }
        if english[key].contains(".hint") != japanese[key].contains(".hint") {
            wrong.push(format!("{key}: one of both has a hint"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_text_of_the_catalogue_is_said() {
    let messages = messages();
    let sources = sources();
    let mut said: BTreeSet<String> = all().iter().map(Phrase::key).collect();
    said.extend(sources.iter().flat_map(|source| strings(source)).map(str::to_owned));
    for binding in Keys::load(None, Language::English).expect("the keys").all() {
        let (place, run) = (binding.place.word(), binding.run.word());
        said.extend([
            format!("key-{place}-{run}"),
            format!("key-{run}"),
            format!("help-keys-{place}"),
        ]);
    }
    let inner: Vec<&str> = messages.keys().flat_map(|key| within(&messages, key)).collect();
    let unsaid: Vec<&&str> = messages
        .keys()
        .filter(|key| !said.contains(**key) && !inner.contains(*key))
        .collect();
    assert!(unsaid.is_empty(), "{unsaid:#?}");
}
