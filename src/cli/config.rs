//! `pitagora config`: every setting with its value, and who decided on it.

use std::fmt::Write as _;
use std::path::PathBuf;

use serde::Serialize;
use serde_json::{Value, json};

use super::chosen::{self, Environment, environment};
use super::console;
use super::failure::{Exit, Failure};
use super::{Format, Globals};
use crate::config::origin::{Chosen, Origin};
use crate::config::{self, Config};
use crate::domain::phrase::Phrase;
use crate::domain::text::plain;
use crate::ui::{self, Charset, Depth, Zone};
use crate::words::Words;

/// One setting as it holds.
#[derive(Debug, Serialize)]
struct Row {
    /// By the keys of the file, with dots; else by what it is.
    name: String,
    value: Value,
    #[serde(flatten)]
    origin: Origin,
}

/// A file or folder of this program.
#[derive(Debug, Serialize)]
struct Place {
    name: &'static str,
    path: PathBuf,
    exists: bool,
}

/// Runs the subcommand.
pub(super) fn run(globals: &Globals, config: &Config, format: Format) -> Result<Exit, Failure> {
    let (rows, places) = (rows(globals, config, &environment), places(globals, config));
    let text = match format {
        Format::Json => format!("{:#}\n", json!({ "settings": rows, "files": places })),
        Format::Text => text(&rows, &places),
    };
    console::print("The settings", &text)?;
    Ok(Exit::Done)
}

/// Every setting that there is, whether somebody decided on it or not.
fn rows(globals: &Globals, config: &Config, env: Environment) -> Vec<Row> {
    let zone = chosen::zone(config);
    let charset = chosen::charset(config, env);
    let (depth, depth_by) = Depth::decided(env);
    let (editor, editor_by) = ui::editor_chosen(env);
    let in_file = |keys: &[&str]| config.origin(keys).unwrap_or(Origin::Default);
    let mut rows = vec![
        row("profile", chosen::profile(globals, config, env)),
        row("region", chosen::region(globals, config, env)),
        row("endpoint-url", chosen::endpoint(globals, env)),
        row("scope.stack", chosen::stack(globals, config)),
        row("scope.tag", chosen::tag(globals, config)),
        row("scope.only", chosen::only(globals, config)),
        row(
            "read-only",
            Chosen::new(
                globals.read_only,
                if globals.read_only {
                    Origin::flag("--read-only")
                } else {
                    Origin::Default
                },
            ),
        ),
        row("theme", chosen::theme(globals, config)),
        row("ascii", Chosen::new(charset.value == Charset::Ascii, charset.origin)),
        row("colors", Chosen::new(depth.name(), Origin::environment(depth_by))),
        row("utc", Chosen::new(zone.value == Zone::Utc, zone.origin)),
        row("mouse", chosen::mouse(config)),
        row("hidden", Chosen::new(config.hidden(), in_file(&["hidden"]))),
        row("edge", Chosen::new(config.declared().len(), in_file(&["edge"]))),
        row("keys", Chosen::new(keys(config), in_file(&["keys"]))),
        row(
            "memory.logs",
            Chosen::new(ui::text::bytes(config.lines()), in_file(&["memory", "logs"])),
        ),
        row(
            "editor",
            Chosen::new(editor, editor_by.map_or(Origin::Default, Origin::environment)),
        ),
        row("log", variable("PITAGORA_LOG", env)),
    ];
    for number in config.accounts.keys() {
        let number = number.get_ref();
        let account = config.account(number);
        for (key, value) in [
            ("name", json!(account.name)),
            ("production", json!(account.production)),
            ("read_only", json!(account.read_only)),
        ] {
            let origin = in_file(&["accounts", number, key]);
            rows.push(row(&format!("accounts.{number}.{key}"), Chosen::new(value, origin)));
        }
    }
    rows
}

fn row(name: &str, chosen: Chosen<impl Serialize>) -> Row {
    Row {
        name: name.to_owned(),
        value: json!(chosen.value),
        origin: chosen.origin,
    }
}

/// What only the environment can decide.
fn variable(name: &str, env: Environment) -> Chosen<Option<String>> {
    match env(name).filter(|value| !value.is_empty()) {
        Some(value) => Chosen::new(Some(value), Origin::environment(name)),
        None => Chosen::new(None, Origin::Default),
    }
}

/// The file of key bindings that is read, if one is.
fn keys(config: &Config) -> Option<PathBuf> {
    config
        .keys()
        .or_else(|| config::keys_file().filter(|path| path.exists()))
}

/// Where this program reads and writes.
fn places(globals: &Globals, config: &Config) -> Vec<Place> {
    let all = [
        ("config", globals.config.clone().or_else(config::usual_place)),
        ("keys", config.keys().or_else(config::keys_file)),
        ("themes", config::theme_dir()),
        ("cache", config::cache_dir()),
        ("data", config::data_dir()),
        ("state", config::state_dir()),
    ];
    let known = all.into_iter().filter_map(|(name, path)| Some((name, path?)));
    known
        .map(|(name, path)| Place {
            name,
            exists: path.exists(),
            path,
        })
        .collect()
}

fn text(rows: &[Row], places: &[Place]) -> String {
    let words = Words::utc();
    let value = |value: &Value| match value {
        Value::Null => words.text("settings-unset"),
        Value::String(text) => plain(text).into_owned(),
        Value::Array(all) if all.is_empty() => words.text("settings-unset"),
        Value::Array(all) => {
            let all: Vec<_> = all.iter().filter_map(Value::as_str).map(plain).collect();
            all.join(", ")
        }
        other => other.to_string(),
    };
    let cells: Vec<[String; 3]> = rows
        .iter()
        .map(|row| {
            let origin = plain(&words.say(&Phrase::from(row.origin.clone()))).into_owned();
            [plain(&row.name).into_owned(), value(&row.value), origin]
        })
        .collect();
    let widest = |column: usize| cells.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let (names, values) = (widest(0), widest(1).min(40));
    let mut text = String::new();
    for [name, value, origin] in &cells {
        let _ = writeln!(text, "{name:<names$}  {value:<values$}  {origin}");
    }
    text.push('\n');
    for place in places {
        let path = place.path.display().to_string();
        let path = plain(&path);
        let absent = if place.exists {
            String::new()
        } else {
            format!("  ({})", words.text("settings-file-absent"))
        };
        let _ = writeln!(text, "{:<names$}  {path}{absent}", place.name);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_has_its_value_and_its_origin() {
        let config =
            "theme = \"light\"\n[accounts.111122223333]\nproduction = true\n[scope]\nonly = [\"a-*\", \"b\"]\n";
        let config = Config::parse(config, "c.toml").expect("a configuration");
        let globals = Globals {
            read_only: true,
            ..Globals::default()
        };
        let env = |name: &str| (name == "TERM").then(|| "xterm-256color".to_owned());
        let rows = rows(&globals, &config, &env);
        let text = text(&rows, &[]);
        let said = |name: &str, value: &str, origin: &str| {
            let line = text.lines().find(|line| line.split("  ").next() == Some(name));
            let line = line.unwrap_or_else(|| panic!("{name} in {text}"));
            let cells: Vec<&str> = line
                .split("  ")
                .map(str::trim)
                .filter(|cell| !cell.is_empty())
                .collect();
            assert_eq!(cells, [name, value, origin]);
        };
        said("profile", "not set", "decided by the AWS SDK when it connects");
        said("read-only", "true", "flag --read-only");
        said("theme", "light", "c.toml:1");
        said("colors", "256", "environment TERM");
        said("scope.only", "a-*, b", "c.toml:5");
        said("mouse", "true", "default");
        said("accounts.111122223333.production", "true", "c.toml:3");
        said("accounts.111122223333.read_only", "false", "default");
        let rows = json!(rows);
        assert_eq!(
            rows[7],
            json!({ "name": "theme", "value": "light", "origin": "file", "path": "c.toml", "line": 1 })
        );
        let schema: Value = serde_json::from_str(include_str!("../../schemas/config.json")).expect("a schema");
        let names: Vec<&str> = rows
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|row| row["name"].as_str())
            .collect();
        for key in schema["properties"]
            .as_object()
            .into_iter()
            .flat_map(|keys| keys.keys())
        {
            let is_there = names.iter().any(|name| name.split('.').next() == Some(key));
            assert!(is_there, "{key} is a setting");
        }
    }
}
