//! `schemas/*.json`, held against the readers that decide: the files of this repository are valid, every key that a reader
//! knows is in the schema with its type, and one that it does not know is in neither.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use pitagora::config::Config;
use pitagora::sim::scenario::Scenario;
use pitagora::ui::Depth;
use pitagora::ui::input::keys::Keys;
use pitagora::ui::theme::{ROLES, Role, Themes};
use serde_json::Value;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn schema(name: &str) -> Value {
    let text = fs::read_to_string(root().join("schemas").join(format!("{name}.json"))).expect("a schema");
    serde_json::from_str(&text).expect("JSON")
}

/// A schema with a reference in place of itself, followed.
fn followed<'a>(root: &'a Value, node: &'a Value) -> &'a Value {
    match node["$ref"].as_str() {
        Some(to) => root
            .pointer(to.trim_start_matches('#'))
            .unwrap_or_else(|| panic!("{to} leads nowhere")),
        None => node,
    }
}

/// What is wrong with a value, by the part of JSON Schema that the schemas use; a keyword that is not known here panics.
fn wrong(root: &Value, node: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
    let node = followed(root, node);
    let mut say = |why: String| found.push(format!("{at}: {why}"));
    for (keyword, wanted) in node.as_object().expect("a schema is an object") {
        let list = || wanted.as_array().expect("a list");
        match keyword.as_str() {
            "type" => {
                let is = match wanted.as_str().expect("a type") {
                    "object" => value.is_object(),
                    "array" => value.is_array(),
                    "string" => value.is_string(),
                    "boolean" => value.is_boolean(),
                    "integer" => value.is_i64() || value.is_u64(),
                    "number" => value.is_number(),
                    other => panic!("type {other}"),
                };
                if !is {
                    say(format!("{value} is no {wanted}"));
                }
            }
            "enum" if !list().contains(value) => say(format!("{value} is none of {wanted}")),
            "pattern" => {
                let pattern = regex::Regex::new(wanted.as_str().expect("a pattern")).expect("a pattern");
                if value.as_str().is_some_and(|text| !pattern.is_match(text)) {
                    say(format!("{value} does not match {pattern}"));
                }
            }
            "minimum" if value.as_f64() < wanted.as_f64() => say(format!("{value} is less than {wanted}")),
            "maximum" if value.as_f64() > wanted.as_f64() => say(format!("{value} is more than {wanted}")),
            "required" => {
                let lacks = |name: &&Value| value.get(name.as_str().unwrap_or_default()).is_none();
                list()
                    .iter()
                    .filter(lacks)
                    .for_each(|name| say(format!("{name} is missing")));
            }
            "minProperties" | "maxProperties" if value.as_object().map(|all| all.len() as u64) != wanted.as_u64() => {
                say(format!("{value} has not {wanted} members"));
            }
            "anyOf" => {
                let fits = |one: &Value| {
                    let mut found = Vec::new();
                    wrong(root, one, value, at, &mut found);
                    found.is_empty()
                };
                if !list().iter().any(fits) {
                    say(format!("{value} is none of these"));
                }
            }
            other => assert!(KEPT.contains(&other), "{other} at {at}"),
        }
    }
    wrong_within(root, node, value, at, found);
}

/// Keywords that were held, that hold members, or that say nothing of a value.
const KEPT: [&str; 14] = [
    "$schema",
    "$id",
    "$defs",
    "title",
    "description",
    "properties",
    "additionalProperties",
    "items",
    "propertyNames",
    "enum",
    "minimum",
    "maximum",
    "minProperties",
    "maxProperties",
];

/// What is wrong with the members of a value.
fn wrong_within(root: &Value, node: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
    for (name, member) in value.as_object().into_iter().flatten() {
        let at = format!("{at}.{name}");
        match (node["properties"].get(name), &node["additionalProperties"]) {
            (Some(known), _) => wrong(root, known, member, &at, found),
            (None, Value::Bool(false)) => found.push(format!("{at}: unknown")),
            (None, Value::Null) => {}
            (None, others) => wrong(root, others, member, &at, found),
        }
        if node["propertyNames"].is_object() {
            wrong(root, &node["propertyNames"], &name.clone().into(), &at, found);
        }
    }
    for (n, item) in value.as_array().into_iter().flatten().enumerate() {
        if node["items"].is_object() {
            wrong(root, &node["items"], item, &format!("{at}[{n}]"), found);
        }
    }
}

/// The TOML files beneath a folder.
fn files(folder: &str) -> Vec<PathBuf> {
    let mut folders = vec![root().join(folder)];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "toml") {
                files.push(path);
            }
        }
    }
    files
}

fn holds(name: &str, text: &str, of: &str) {
    let schema = schema(name);
    let mut value: Value = toml::from_str(text).unwrap_or_else(|error| panic!("{of}: {error}"));
    // What a test expects of a scenario stands beside it in the same file.
    for expected in [
        "back",
        "expect",
        "forget",
        "forget_queue",
        "letter",
        "redrive",
        "row",
        "run",
        "subscribe",
    ]
    .into_iter()
    .filter(|_| name == "scenario")
    {
        value.as_object_mut().and_then(|all| all.remove(expected));
    }
    let mut found = Vec::new();
    wrong(&schema, &schema, &value, of, &mut found);
    assert!(found.is_empty(), "{found:#?}");
}

/// The blocks of a page that are TOML.
fn examples(page: &str) -> Vec<String> {
    let text = fs::read_to_string(root().join("docs").join(page)).expect("a page");
    let blocks = text.split("```toml\n").skip(1);
    blocks
        .filter_map(|block| Some(block.split_once("```")?.0.to_owned()))
        .collect()
}

#[test]
fn every_file_of_this_repository_is_valid() {
    let mut scenarios = files("tests/scenarios");
    scenarios.extend(files("crates/sim/tests/scenarios"));
    scenarios.extend(["benches/survey/thousand.toml", "tests/clients/orders.toml"].map(|path| root().join(path)));
    assert!(scenarios.len() > 60, "{} scenarios", scenarios.len());
    for path in scenarios {
        let text = fs::read_to_string(&path).expect("a scenario");
        // A file of behaviours for functions that a client creates is no scenario.
        if !text.contains("[[behaviour]]") {
            holds("scenario", &text, &path.display().to_string());
        }
    }
    for path in files("themes") {
        holds(
            "theme",
            &fs::read_to_string(&path).expect("a theme"),
            &path.display().to_string(),
        );
    }
    let keys = root().join("src/ui/keys.toml");
    holds(
        "keys",
        &fs::read_to_string(&keys).expect("the keys"),
        "src/ui/keys.toml",
    );
    for (page, schema) in [
        ("themes.md", "theme"),
        ("keys.md", "keys"),
        ("configuration.md", "config"),
    ] {
        let examples = examples(page);
        assert!(!examples.is_empty(), "{page} has an example");
        for example in examples {
            holds(schema, &example, page);
        }
    }
}

/// Why the reader of a kind of file refuses a text; `None` if it takes it.
fn refused(name: &str, text: &str) -> Option<String> {
    match name {
        "config" => Config::parse(text, "f").err().map(|error| error.to_string()),
        "scenario" => Scenario::parse(text).err().map(|error| error.to_string()),
        "keys" => Keys::load(Some((text, Path::new("f"))))
            .err()
            .map(|error| error.to_string()),
        _ => {
            let directory = tempfile::tempdir().expect("a directory");
            fs::write(directory.path().join("mine.toml"), text).expect("written");
            let loaded = Themes::load(Some(directory.path()), Depth::True, "mine");
            loaded.err().map(|error| error.to_string())
        }
    }
}

/// A table of a schema: the way to it, with `[]` after what is a list.
type Table = (Vec<String>, Value);

/// Every table that a schema describes.
fn tables(schema: &Value) -> Vec<Table> {
    let mut todo: Vec<Table> = vec![(Vec::new(), schema.clone())];
    let mut done = Vec::new();
    while let Some((way, node)) = todo.pop() {
        let node = followed(schema, &node);
        let deeper = |step: &str| way.iter().cloned().chain([step.to_owned()]).collect::<Vec<_>>();
        match node["type"].as_str() {
            Some("object") => {
                for (name, member) in node["properties"].as_object().into_iter().flatten() {
                    todo.push((deeper(name), member.clone()));
                }
                if node["additionalProperties"].is_object() {
                    todo.push((deeper("111122223333"), node["additionalProperties"].clone()));
                } else {
                    done.push((way, node.clone()));
                }
            }
            Some("array") => {
                let mut way = way.clone();
                if let Some(last) = way.last_mut() {
                    last.push_str("[]");
                }
                todo.push((way, node["items"].clone()));
            }
            _ => {}
        }
    }
    done
}

/// A file with one line in the table at the end of a way.
fn file(way: &[String], line: &str) -> String {
    let inner = way
        .iter()
        .rev()
        .fold(line.to_owned(), |inner, step| match step.strip_suffix("[]") {
            Some(name) => format!("{name} = [{{ {inner} }}]"),
            None => format!("{step} = {{ {inner} }}"),
        });
    format!("{inner}\n")
}

const NOBODYS: &str = "zzzzqqqq";

#[test]
fn a_schema_has_the_keys_of_its_reader_and_no_other() {
    for name in ["config", "keys", "scenario", "theme"] {
        let schema = schema(name);
        let tables = tables(&schema);
        for (way, node) in &tables {
            let text = file(way, &format!("{NOBODYS} = {{}}"));
            let why = refused(name, &text).unwrap_or_else(|| panic!("{name}: {text} is refused"));
            let (_, known) = why
                .rsplit_once(": there are ")
                .or_else(|| why.rsplit_once(": expected one of "))
                .unwrap_or_else(|| panic!("{name}: {text} {why}"));
            let known: BTreeSet<&str> = known.trim_end_matches('.').split(", ").collect();
            let members = node["properties"].as_object().into_iter().flatten();
            let members: BTreeSet<&str> = members.map(|(name, _)| name.as_str()).collect();
            assert_eq!(known, members, "{name}: {way:?}");
        }
        assert!(tables.len() >= 2, "{name} has tables");
    }
}

/// A value of a type: it need not be one that makes sense.
fn sample(schema: &Value, node: &Value) -> Option<&'static str> {
    let node = followed(schema, node);
    Some(match node["type"].as_str()? {
        "string" => "\"1s\"",
        "integer" => "1",
        "number" => "1.5",
        "boolean" => "true",
        "array" => "[]",
        _ => return None,
    })
}

#[test]
fn a_schema_has_the_types_of_its_reader() {
    for name in ["config", "scenario", "theme"] {
        let schema = schema(name);
        for (way, node) in tables(&schema) {
            for (key, member) in node["properties"].as_object().into_iter().flatten() {
                let Some(right) = sample(&schema, member) else { continue };
                let is_kind = |why: &str| why.contains("invalid type") || why.contains("wrong kind of value");
                let why = refused(name, &file(&way, &format!("{key} = {right}"))).unwrap_or_default();
                assert!(!is_kind(&why), "{name}: {way:?} {key} = {right}: {why}");
                let wrong = if right == "true" { "[]" } else { "true" };
                let why = refused(name, &file(&way, &format!("{key} = {wrong}"))).unwrap_or_default();
                assert!(is_kind(&why), "{name}: {way:?} {key} = {wrong}: {why}");
            }
        }
    }
}

#[test]
fn commands_colours_and_roles_are_those_of_the_program() {
    let keys = schema("keys");
    let words = |node: &Value| -> BTreeSet<String> {
        let all = node.as_array().into_iter().flatten();
        all.filter_map(|one| Some(one.as_str()?.to_owned())).collect()
    };
    let why = refused("keys", &format!("chain = [{{ on = \"x\", run = \"{NOBODYS}\" }}]\n")).expect("refused");
    let (_, known) = why.split_once("expected one of ").expect("all commands");
    let known: BTreeSet<String> = known.split(", ").map(str::to_owned).collect();
    assert_eq!(words(&keys["$defs"]["binding"]["properties"]["run"]["enum"]), known);
    let theme = schema("theme");
    let why = refused(
        "theme",
        &format!("inherits = \"dark\"\npalette.x = {{ ansi = \"{NOBODYS}\" }}\n"),
    )
    .expect("refused");
    let (_, known) = why.split_once("expected one of ").expect("all colours");
    let known: BTreeSet<String> = known.split(", ").map(str::to_owned).collect();
    assert_eq!(words(&theme["$defs"]["colour"]["properties"]["ansi"]["enum"]), known);
    let roles: Vec<String> = ROLES.map(Role::word).into();
    let described = theme["properties"]["roles"]["properties"].as_object().expect("roles");
    assert!(described.keys().eq(&roles), "in the order of the program");
}
