//! Pages of `docs/` that say what the code says, held to it.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use pitagora::ui::input::keys::{Context, Keys};
use serde_json::Value;

fn page(name: &str) -> (PathBuf, String) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name);
    let text = fs::read_to_string(&path).expect("a page");
    (path, text)
}

/// The table of keys as the page has it, a heading for each context.
fn key_tables() -> String {
    let keys = Keys::load(None).expect("the built-in table");
    let mut text = String::new();
    for context in Context::ALL {
        let word = context.word();
        let _ = write!(text, "## `{word}`\n\n| key | command | what it does |\n|---|---|---|\n");
        for binding in keys.of(context) {
            let on: Vec<String> = binding
                .on
                .iter()
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

#[test]
fn the_page_of_keys_is_the_table_of_the_program() {
    const WRITE: &str = "WRITE_KEYS";
    let (path, text) = page("keys.md");
    let at = text.find("\n## ").map_or(text.len(), |at| at + 1);
    let wanted = format!("{}{}\n", &text[..at], key_tables().trim_end());
    if std::env::var_os(WRITE).is_some() {
        fs::write(path, wanted).expect("written");
    } else {
        assert!(
            text == wanted,
            "docs/keys.md is not the table: {WRITE}=1 cargo test --test it page_of_keys writes it"
        );
    }
}

#[test]
fn the_page_of_themes_has_every_role_in_the_words_of_the_schema() {
    let (_, text) = page("themes.md");
    let schema: Value = serde_json::from_str(include_str!("../../schemas/theme.json")).expect("JSON");
    let roles = schema["properties"]["roles"]["properties"].as_object().expect("roles");
    for (role, style) in roles {
        let row = format!("| `{role}` | {} |\n", style["description"].as_str().expect("words"));
        assert!(text.contains(&row), "{row}");
    }
}
