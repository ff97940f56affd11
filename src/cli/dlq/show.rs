//! `pitagora dlq show`: the messages of one queue, grouped by error.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::super::failure::{Exit, Failure};
use super::super::{Format, Globals, console};
use super::list::word;
use super::read::{Read, read};
use super::{Body, Which};
use crate::config::Config;
use crate::dead_letters::dead_letter::{DeadLetter, groups};
use crate::dead_letters::decode::render::{hex, pretty};
use crate::dead_letters::decode::{LayerBody, unwrap};
use crate::dead_letters::export::{error_text, exported};
use crate::dead_letters::peek::End;
use crate::domain::NodeId;
use crate::domain::duration::span;
use crate::domain::phrase::Phrase;
use crate::domain::text::{plain, plain_json};
use crate::redrive::history::Fate;
use crate::words::{Words, spelled};

/// Lines of a body in hexadecimal: 16 KB.
const HEX_LINES: usize = 1_024;

/// Runs the subcommand.
pub(super) async fn run(
    globals: &Globals,
    config: &Config,
    which: &Which,
    format: Format,
    body: Option<Body>,
) -> Result<Exit, Failure> {
    let read = Box::pin(read(globals, config, which)).await?;
    let chosen: Vec<DeadLetter> = read.chosen().cloned().collect();
    let text = match format {
        Format::Json => plain_json(&format!("{:#}\n", spelled(&Words::utc(), document(&read, &chosen)))),
        Format::Text => text(&read, &chosen, body),
    };
    console::print("the messages", &text)?;
    Ok(Exit::partly_if(read.is_partial()))
}

/// The messages still to be redriven: without those that an earlier redrive has sent.
fn open(read: &Read, chosen: &[DeadLetter]) -> Vec<DeadLetter> {
    let sent = |entry: &&DeadLetter| matches!(read.all.fate(entry), Some(Fate::Sent(_)));
    chosen.iter().filter(|entry| !sent(entry)).cloned().collect()
}

/// A message in the JSON of the contract, with what an earlier redrive did with it.
fn message(read: &Read, entry: &DeadLetter) -> Value {
    let mut message = serde_json::to_value(exported(entry)).unwrap_or_default();
    let redriven = read.all.fate(entry).map(|fate| {
        let (state, run) = match fate {
            Fate::Sent(run) => ("sent", run),
            Fate::Back(run) => ("came_back", run),
        };
        json!({"state": state, "at": run.at, "journal": run.journal.display().to_string()})
    });
    if let (Value::Object(fields), Some(redriven)) = (&mut message, redriven) {
        fields.insert("redriven".to_owned(), redriven);
    }
    message
}

fn document(read: &Read, all: &[DeadLetter]) -> Value {
    let chosen = &open(read, all)[..];
    let groups: Vec<Value> = groups(chosen)
        .iter()
        .map(|group| {
            let ids = group.members.iter().filter_map(|place| chosen.get(*place));
            json!({
                "signature": &*group.signature, "origin": group.origin, "functions": group.functions,
                "capacity": group.capacity, "count": group.members.len(), "first": group.first, "last": group.last,
                "message_ids": ids.map(|entry| &entry.letter.message_id).collect::<Vec<_>>(),
            })
        })
        .collect();
    let left = read.all.left.iter();
    let left: Vec<Value> = left
        .map(|left| json!({"message_id": left.message_id, "why": left.why, "until": left.until}))
        .collect();
    json!({
        "queue": read.all.queue.id,
        "name": read.all.queue.name,
        "read": read.all.entries.len(),
        "receives": read.all.receives,
        "repeated": read.all.repeated,
        "given_back": read.all.given_back,
        "left": left,
        "end": match &read.all.end {
            End::Empty => "empty",
            End::Full => "max",
            End::Large => "memory",
            End::Stopped => "stopped",
            End::Failed(_) => "failed",
        },
        "groups": groups,
        "messages": all.iter().map(|entry| message(read, entry)).collect::<Vec<_>>(),
        "unknown": read.all.unread,
    })
}

fn text(read: &Read, all: &[DeadLetter], body: Option<Body>) -> String {
    let (mut text, words) = (String::new(), Words::utc());
    let chosen = &open(read, all)[..];
    for group in groups(chosen) {
        let functions: Vec<&str> = group.functions.iter().map(NodeId::short_name).collect();
        let functions = match functions.as_slice() {
            [] => "function unknown".to_owned(),
            [only] => (*only).to_owned(),
            several => format!("one of {}", several.join(", ")),
        };
        let _ = writeln!(
            text,
            "{} × {}  {}  {}",
            group.members.len(),
            plain(&words.say(&group.signature)),
            plain(&functions),
            word(group.origin)
        );
        let members = group.members.iter().filter_map(|place| chosen.get(*place));
        for (n, entry) in members.enumerate() {
            if n == 0 {
                let evidence = Phrase::clauses(entry.provenance.evidence.iter().cloned());
                let _ = writeln!(text, "    {}", plain(&words.say(&evidence)));
                if let Some(why) = &entry.provenance.capacity {
                    let _ = writeln!(text, "    capacity: {}", plain(&words.say(why)));
                }
            }
            let _ = writeln!(text, "  {}", plain(&line(entry)));
            if let Some(Fate::Back(run)) = read.all.fate(entry) {
                let _ = writeln!(
                    text,
                    "    came back: redriven at {} ({})",
                    run.at,
                    plain(&run.journal.display().to_string())
                );
            }
            if let Some(how) = body {
                lay_open(&mut text, entry, how);
            }
        }
    }
    for entry in all {
        if let Some(Fate::Sent(run)) = read.all.fate(entry) {
            let _ = writeln!(
                text,
                "{}  already redriven at {} but not deleted: finish with pitagora dlq redrive --resume {}",
                plain(&entry.letter.message_id),
                run.at,
                plain(&run.journal.display().to_string())
            );
        }
    }
    text
}

fn line(entry: &DeadLetter) -> String {
    let letter = &entry.letter;
    let since = |at: jiff::Timestamp| span(letter.read_at.duration_since(at).as_secs().max(0));
    let age = letter
        .sent()
        .map_or_else(|| "age ?".to_owned(), |sent| format!("sent {} ago", since(sent)));
    let expires_in = entry.expires.map_or_else(
        || "expiry ?".to_owned(),
        |expiry| {
            format!(
                "expires in {}",
                span(expiry.at.duration_since(letter.read_at).as_secs().max(0))
            )
        },
    );
    let error = entry.provenance.error.as_ref().map(error_text).unwrap_or_default();
    let received = letter.receive_count();
    format!(
        "{}  {age}  {expires_in}  received {} → {received}  {} bytes  {error}",
        letter.message_id,
        received.saturating_sub(1),
        letter.size()
    )
}

fn lay_open(text: &mut String, entry: &DeadLetter, how: Body) {
    let body = &*entry.letter.body;
    match how {
        Body::Raw => push(text, 3, body),
        Body::Hex => hex(body.as_bytes(), HEX_LINES)
            .iter()
            .for_each(|line| push(text, 3, line)),
        Body::Pretty => {
            for (depth, layer) in unwrap(body).walk() {
                let packed = layer.packed.join(", ");
                let packed = if packed.is_empty() {
                    packed
                } else {
                    format!(" ({packed})")
                };
                push(
                    text,
                    depth + 3,
                    &format!("{} {}{packed}", layer.at, Words::utc().say(&layer.what.into())),
                );
                let shown = match &layer.held {
                    LayerBody::Json(json) => pretty(json),
                    LayerBody::Text(text) => text.clone(),
                    LayerBody::Bytes(bytes) => hex(bytes, HEX_LINES).join("\n"),
                };
                push(text, depth + 3, &shown);
                if let Some(why) = layer.cut {
                    push(text, depth + 3, &format!("… {}", Words::utc().say(&why.into())));
                }
            }
        }
    }
}

/// Appends lines, indented, without control characters.
fn push(text: &mut String, depth: usize, lines: &str) {
    for line in lines.lines() {
        let _ = writeln!(
            text,
            "{:indent$}{}",
            "",
            plain(line.trim_start_matches('\r')),
            indent = depth * 2
        );
    }
}
