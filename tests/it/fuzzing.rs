//! The readers of bytes from outside, over a corpus and over what becomes of it when bytes are changed, cut or doubled. A
//! target of `fuzz/` that found something leaves it in `fuzz/corpus`, where this reads it too.

use std::fs;
use std::path::{Path, PathBuf};

use pitagora::fuzzing::BODIES;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, TestRunner};

fn files(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, into);
        } else {
            into.push(path);
        }
    }
}

/// What a reader is begun with: `fuzz/corpus/NAME`, and the files of its kind in this repository.
fn corpus(name: &str) -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = Vec::new();
    files(&root.join("fuzz/corpus").join(name), &mut paths);
    match name {
        "scenario" => files(&root.join("tests/scenarios"), &mut paths),
        "theme" => files(&root.join("themes"), &mut paths),
        "keys" => paths.push(root.join("src/ui/keys.toml")),
        "journal" => files(&root.join("crates/core/tests/fixtures/redrive"), &mut paths),
        "log_line" => files(&root.join("crates/core/tests/fixtures/logs"), &mut paths),
        _ => {}
    }
    paths.iter().map(|path| fs::read(path).expect("a file")).collect()
}

/// What happens to a file by chance.
#[derive(Clone, Debug)]
enum Change {
    Set(Index, u8),
    Insert(Index, Vec<u8>),
    Cut(Index, Index),
    Double(Index, Index),
}

fn change() -> impl Strategy<Value = Change> {
    let index = any::<Index>;
    prop_oneof![
        (index(), any::<u8>()).prop_map(|(at, byte)| Change::Set(at, byte)),
        (index(), prop::collection::vec(any::<u8>(), 1..8)).prop_map(|(at, bytes)| Change::Insert(at, bytes)),
        (index(), index()).prop_map(|(from, to)| Change::Cut(from, to)),
        (index(), index()).prop_map(|(from, to)| Change::Double(from, to)),
    ]
}

fn changed(mut bytes: Vec<u8>, changes: &[Change]) -> Vec<u8> {
    for change in changes {
        let size = bytes.len() + 1;
        let range = |from: &Index, to: &Index| {
            let (from, to) = (from.index(size), to.index(size));
            from.min(to)..from.max(to)
        };
        match change {
            Change::Set(at, byte) => {
                if let Some(old) = bytes.get_mut(at.index(size)) {
                    *old = *byte;
                }
            }
            Change::Insert(at, more) => {
                let at = at.index(size);
                bytes.splice(at..at, more.iter().copied());
            }
            Change::Cut(from, to) => drop(bytes.drain(range(from, to))),
            Change::Double(from, to) => {
                let range = range(from, to);
                let more = bytes[range.clone()].to_vec();
                bytes.splice(range.start..range.start, more);
            }
        }
    }
    bytes
}

#[test]
fn every_reader_takes_its_corpus_and_what_becomes_of_it() {
    for (name, body) in BODIES {
        let corpus = corpus(name);
        assert!(!corpus.is_empty(), "{name} has a corpus");
        for bytes in &corpus {
            body(bytes);
        }
        let seeds = prop::sample::select(corpus);
        let inputs = (seeds, prop::collection::vec(change(), 1..6)).prop_map(|(seed, changes)| changed(seed, &changes));
        let mut runner = TestRunner::new(Config {
            cases: 200,
            failure_persistence: None,
            ..Config::default()
        });
        let held = runner.run(&inputs, |bytes| {
            body(&bytes);
            Ok(())
        });
        held.unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

#[test]
fn every_reader_takes_any_bytes() {
    for (name, body) in BODIES {
        let mut runner = TestRunner::new(Config {
            cases: 500,
            failure_persistence: None,
            ..Config::default()
        });
        let held = runner.run(&prop::collection::vec(any::<u8>(), 0..400), |bytes| {
            body(&bytes);
            Ok(())
        });
        held.unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

#[test]
fn every_reader_has_a_target_for_cargo_fuzz() {
    let manifest = include_str!("../../fuzz/Cargo.toml");
    for (name, _) in BODIES {
        let target = format!("name = \"{name}\"\npath = \"fuzz_targets/{name}.rs\"");
        assert!(manifest.contains(&target), "{name}");
        let text =
            fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("fuzz/fuzz_targets/{name}.rs")));
        assert!(
            text.expect("a target")
                .contains(&format!("pitagora::fuzzing::{name}(data)")),
            "{name}"
        );
    }
}
