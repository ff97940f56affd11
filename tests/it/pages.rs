//! Pages of `docs/` that say what the code says, held to it.

use pitagora::words::Language;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use pitagora::ui::input::keys::{Context, Keys};
use serde_json::{Value, json};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(name: &str) -> (PathBuf, String) {
    let path = root().join(name);
    let text = fs::read_to_string(&path).expect("a file");
    (path, text)
}

/// The table of keys as the page has it, a heading for each context.
fn key_tables() -> String {
    let keys = Keys::load(None, Language::English).expect("the built-in table");
    let mut text = String::new();
    for context in Context::ALL {
        let word = context.word();
        let _ = write!(text, "## `{word}`\n\n| key | command | what it does |\n|---|---|---|\n");
        for binding in keys.of(context) {
            let keys = binding.keys();
            let on: Vec<String> = keys
                .split(' ')
                .map(|key| format!("`{key}`").replace('|', "\\|"))
                .collect();
            let _ = writeln!(
                text,
                "| {} | `{}` | {} |",
                on.join(" "),
                binding.run.word(),
                binding.desc
            );
        }
        text.push('\n');
    }
    text
}

/// The schema of key bindings, with the contexts and commands that there are.
fn key_schema(old: &str) -> String {
    let mut schema: Value = serde_json::from_str(old).expect("JSON");
    let rows = json!({ "type": "array", "items": { "$ref": "#/$defs/binding" } });
    let contexts = Context::ALL.map(|context| (context.word(), rows.clone()));
    schema["properties"] = Value::Object(contexts.into_iter().collect());
    let keys = Keys::load(None, Language::English).expect("the built-in table");
    let all = Context::ALL.into_iter().flat_map(|context| keys.of(context));
    let commands: BTreeSet<String> = all.map(|binding| binding.run.word()).collect();
    schema["$defs"]["binding"]["properties"]["run"]["enum"] = json!(commands);
    format!("{schema:#}\n")
}

#[test]
fn page_and_schema_of_keys_are_the_table_of_the_program() {
    const WRITE: &str = "WRITE_KEYS";
    let (path, text) = read("docs/keys.md");
    let at = text.find("\n## ").map_or(text.len(), |at| at + 1);
    let wanted = format!("{}{}\n", &text[..at], key_tables().trim_end());
    let (schema_path, schema) = read("schemas/keys.json");
    let wanted_schema = key_schema(&schema);
    if std::env::var_os(WRITE).is_some() {
        fs::write(path, wanted).expect("written");
        fs::write(schema_path, wanted_schema).expect("written");
        return;
    }
    let how =
        format!("the keys have changed: `{WRITE}=1 cargo test --test it page_and_schema` writes what is held to them");
    assert!(text == wanted, "docs/keys.md: {how}");
    assert!(schema == wanted_schema, "schemas/keys.json: {how}");
}

#[test]
fn the_page_of_themes_has_every_role_in_the_words_of_the_schema() {
    let (_, text) = read("docs/themes.md");
    let schema: Value = serde_json::from_str(include_str!("../../schemas/theme.json")).expect("JSON");
    let roles = schema["properties"]["roles"]["properties"].as_object().expect("roles");
    for (role, style) in roles {
        let row = format!("| `{role}` | {} |\n", style["description"].as_str().expect("words"));
        assert!(text.contains(&row), "{row}");
    }
}

/// What stands in comments as a fact about AWS leads to the section that has its source.
#[test]
fn every_mark_of_a_fact_leads_to_a_section() {
    let (_, page) = read("docs/aws-semantics.md");
    let sections: BTreeSet<&str> = page.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    let mark = regex::Regex::new(r"//(?:[/!]? |.*[.;:(] ?)AWS(?: \(([a-z-]+)\))?:(?: |$)").expect("a pattern");
    let mut folders: Vec<PathBuf> = ["src", "crates", "tests", "benches", "examples"]
        .map(|name| root().join(name))
        .into();
    let (mut used, mut wrong) = (BTreeSet::new(), Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let text = fs::read_to_string(&path).expect("a source");
                for (n, line) in text.lines().enumerate() {
                    let Some(found) = mark.captures(line) else { continue };
                    match found.get(1).and_then(|name| sections.get(name.as_str())) {
                        Some(section) => drop(used.insert(*section)),
                        None => wrong.push(format!("{}:{}: {}", path.display(), n + 1, line.trim())),
                    }
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "write `AWS (section): fact`, a section of docs/aws-semantics.md: {wrong:#?}"
    );
    assert_eq!(used, sections, "every section is used");
}
