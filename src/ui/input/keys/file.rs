//! Reads a file of key bindings; errors speak in the terms of the file.

use serde::Deserialize as _;
use serde::de::value::{Error, StrDeserializer};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Binding, Chord, Command, Context, TABLE};
use crate::config::source::{Source, SourceError};
use crate::config::wrong::{Hint, Wrong};

/// The fields of an entry.
const FIELDS: [&str; 4] = ["on", "run", "desc", "hint"];

/// All entries, in the order of the file.
pub(super) fn read(source: &Source) -> Result<Vec<Binding>, SourceError> {
    let table = DeTable::parse(&source.text).map_err(|error| source.unreadable(&error))?;
    let mut places: Vec<_> = table.get_ref().iter().collect();
    places.sort_by_key(|(name, _)| name.span().start);
    let mut bindings = Vec::new();
    for (name, rows) in places {
        let word = name.get_ref();
        let place = Context::deserialize(StrDeserializer::<Error>::new(word)).map_err(|_| {
            let known = Context::ALL.map(Context::word);
            let hint = Hint::of(word, &known.each_ref().map(String::as_str));
            let context = word.to_string();
            source.wrong(Some(name.span()), Wrong::NoContext { context, hint })
        })?;
        let rows = rows.get_ref().as_array().ok_or_else(|| {
            let context = word.to_string();
            source.wrong(Some(name.span()), Wrong::NotAList { context })
        })?;
        for row in rows {
            bindings.push(binding(source, place, row)?);
        }
    }
    Ok(bindings)
}

fn binding(source: &Source, place: Context, row: &Spanned<DeValue>) -> Result<Binding, SourceError> {
    let wrong = |why: Wrong| source.wrong(Some(row.span()), why);
    let entry = row.get_ref().as_table().ok_or_else(|| wrong(Wrong::NotAnEntry))?;
    if let Some(name) = entry.keys().find(|name| !FIELDS.contains(&&**name.get_ref())) {
        let (field, hint) = (name.get_ref().to_string(), Hint::of(name.get_ref(), &FIELDS));
        return Err(source.wrong(Some(name.span()), Wrong::UnknownField { field, hint }));
    }
    let said = |field: &str| {
        let lacks = || {
            let field = field.to_owned();
            wrong(Wrong::FieldMissing { field })
        };
        entry.get(field).ok_or_else(lacks)
    };
    let words = |field: &str| entry.get(field).map(|value| text(source, value, field)).transpose();
    let on = match said("on")?.get_ref() {
        DeValue::Array(keys) => keys.iter().map(|key| chord(source, key)).collect::<Result<_, _>>()?,
        // One key needs no list.
        _ => vec![chord(source, said("on")?)?],
    };
    let run = said("run")?;
    Ok(Binding {
        place,
        on,
        run: command(source, run)?,
        desc: words("desc")?.unwrap_or_default(),
        hint: words("hint")?,
        line: source.line(run.span().start),
        is_built_in: false,
    })
}

fn text(source: &Source, value: &Spanned<DeValue>, field: &str) -> Result<String, SourceError> {
    let text = value.get_ref().as_str().map(str::to_owned);
    text.ok_or_else(|| {
        let field = field.to_owned();
        source.wrong(Some(value.span()), Wrong::NotText { field })
    })
}

fn chord(source: &Source, key: &Spanned<DeValue>) -> Result<Chord, SourceError> {
    let wrong = |why: Wrong| source.wrong(Some(key.span()), why);
    let name = key.get_ref().as_str().ok_or_else(|| wrong(Wrong::KeyNotText))?;
    Chord::parse(name).ok_or_else(|| {
        let key = name.to_owned();
        wrong(Wrong::NoKey { key })
    })
}

fn command(source: &Source, value: &Spanned<DeValue>) -> Result<Command, SourceError> {
    let name = text(source, value, "run")?;
    Command::deserialize(StrDeserializer::<Error>::new(&name)).map_err(|_| {
        let (hint, command) = (Hint::of(&name, &commands()), name.clone());
        source.wrong(Some(value.span()), Wrong::NoCommand { command, hint })
    })
}

/// The names of all commands: each has a key in the table inside the program.
fn commands() -> Vec<&'static str> {
    let runs = TABLE.lines().filter_map(|line| line.strip_prefix("run = \""));
    let mut names: Vec<_> = runs.filter_map(|rest| rest.strip_suffix('"')).collect();
    names.sort_unstable();
    names.dedup();
    names
}
