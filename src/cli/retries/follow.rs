//! `retries --follow`: each event is printed again when it changes.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

use serde_json::{Value, json};

use super::super::Format;
use super::json::{delivery_json, throttled_json};
use super::{Retries, event, name, paragraph, recent, throttled_words, unobservable_words};
use crate::domain::NodeId;
use crate::domain::delivery::Delivery;
use crate::domain::phrase::Phrase;
use crate::domain::text::plain_json;
use crate::store::Snapshot;
use crate::words::{Words, spelled};

/// What was printed already.
#[derive(Default)]
pub(super) struct Printed {
    /// The essence of each event, and whether it had ended.
    events: HashMap<(NodeId, String), (String, bool)>,
    throttled: HashMap<NodeId, u64>,
    unobservable: HashMap<NodeId, Phrase>,
}

impl Printed {
    /// The text of what changed in a snapshot.
    pub(super) fn changes(&mut self, snapshot: &Snapshot, asked: &Retries) -> String {
        let mut text = String::new();
        let rows = recent(&snapshot.deliveries, snapshot.as_of, asked.since);
        let mut open = HashSet::new();
        for row in rows {
            let essence = essence(row);
            let key = (row.function.clone(), row.id.clone());
            if row.end.is_none() {
                open.insert(key.clone());
            }
            if self.events.get(&key).is_some_and(|(before, _)| *before == essence) {
                continue;
            }
            self.events.insert(key, (essence, row.end.is_some()));
            say(
                &mut text,
                asked.format,
                || delivery_json(snapshot, row),
                || paragraph(snapshot, row),
            );
        }
        self.gone(snapshot, &open, asked.format, &mut text);
        for one in &snapshot.deliveries.throttled {
            if self.throttled.insert(one.function.clone(), one.count) != Some(one.count) {
                let json = || json!({ "throttled": throttled_json(one) });
                say(&mut text, asked.format, json, || throttled_words(snapshot, one));
            }
        }
        for one in &snapshot.deliveries.unobservable {
            if self.unobservable.insert(one.function.clone(), one.why.clone()).as_ref() != Some(&one.why) {
                let json = || json!({ "unobservable": one });
                say(&mut text, asked.format, json, || unobservable_words(snapshot, one));
            }
        }
        text
    }

    /// Reports events that were open and are no longer listed: nothing is pending, or another row covers them.
    fn gone(&mut self, snapshot: &Snapshot, open: &HashSet<(NodeId, String)>, format: Format, text: &mut String) {
        let is_gone = |(key, (_, ended)): (&(NodeId, String), &(String, bool))| {
            (!ended && !open.contains(key)).then(|| key.clone())
        };
        let mut gone: Vec<_> = self.events.iter().filter_map(is_gone).collect();
        gone.sort();
        for key in gone {
            self.events.remove(&key);
            let (function, id) = key;
            let json = || json!({ "function": function, "id": id, "gone": true });
            let words = || {
                let what = "nothing is pending any more, or another row covers it";
                let event = event(snapshot, &id);
                format!("{}  {event}\n  gone  {what}\n", name(snapshot, &function))
            };
            say(text, format, json, words);
        }
    }
}

/// Appends a line of JSON, or words.
fn say(text: &mut String, format: Format, json: impl Fn() -> Value, words: impl Fn() -> String) {
    match format {
        Format::Json => {
            let _ = writeln!(text, "{}", plain_json(&spelled(&Words::utc(), json()).to_string()));
        }
        Format::Text => text.push_str(&words()),
    }
}

/// The part of a row whose change is worth printing again: not the words, which change as the log is read.
fn essence(row: &Delivery) -> String {
    let next = row
        .next
        .as_ref()
        .map(|next| (next.latest, next.attempt, next.conditions.is_empty()));
    let outlook = row
        .outlook
        .as_ref()
        .map(|outlook| (outlook.fate, &outlook.to, outlook.attempts_left));
    let end = row.end.as_ref().map(|end| (end.fate, &end.to, end.evidence));
    json!([
        row.attempts,
        next,
        outlook,
        end,
        row.missed.is_some(),
        row.overdue.map(|due| due.attempt),
        row.waits.is_some(),
        row.count
    ])
    .to_string()
}
