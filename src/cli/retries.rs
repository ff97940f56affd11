//! `pitagora retries`: each event on its way, with its attempts, the window of the next one, and where it ends.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::ops::ControlFlow;
use std::process::ExitCode;

use clap::Args;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::headless::{Attention, Need, attend, matched};
use super::{DONE, Format, Globals, PARTLY, USAGE, refuse};
use crate::config::Config;
use crate::domain::condition;
use crate::domain::delivery::{Attempt, Deliveries, Delivery, End, Outlook, Prediction, Throttled, Unobservable};
use crate::domain::duration::{duration, span};
use crate::domain::text::{plain, plain_json};
use crate::domain::{Arn, NodeId, Unknown};
use crate::store::Snapshot;

/// What is asked for.
#[derive(Args, Debug)]
pub(super) struct Retries {
    /// How far back the logs are read
    #[arg(long, default_value = "15m", value_name = "TIME", value_parser = duration)]
    since: SignedDuration,
    /// Go on, and print each event again when something of it changes
    #[arg(long)]
    follow: bool,
    /// How; what follows prints JSON lines
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Runs the subcommand.
pub(super) async fn run(globals: &Globals, config: &Config, asked: Retries) -> ExitCode {
    let attention = Attention::Logs {
        since: asked.since,
        endless: asked.follow,
    };
    let mut printed = Printed::default();
    let followed = attend(globals, config, Need::Deliveries, attention, |snapshot, known| {
        if !asked.follow {
            return if known {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            };
        }
        // Before the account is known, a run may be taken for one of another kind.
        if !known {
            return ControlFlow::Continue(());
        }
        let text = printed.changes(snapshot, &asked);
        if text.is_empty() || write(&text) {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    })
    .await;
    let snapshot = match followed {
        Ok(snapshot) => snapshot,
        Err(code) => return code,
    };
    if let Err(code) = matched(&snapshot, globals, config) {
        return code;
    }
    let unread = unread_since(&snapshot, asked.since);
    let unknown: Vec<&Unknown> = snapshot.unread().into_iter().chain(&unread).collect();
    if !asked.follow {
        let text = match asked.format {
            Format::Json => plain_json(&format!("{:#}\n", document(&snapshot, asked.since, &unknown))),
            Format::Text => whole(&snapshot, asked.since, &unread),
        };
        // Whoever reads may have read enough.
        let _ = write(&text);
    }
    for entry in &unknown {
        eprintln!("pitagora: unknown: {}: {}.", plain(&entry.what), plain(&entry.why));
    }
    let partly = !unknown.is_empty() && !asked.follow;
    ExitCode::from(if partly { PARTLY } else { DONE })
}

/// Prints to stdout; false where nobody reads it any more.
fn write(text: &str) -> bool {
    use std::io::Write as _;
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => true,
        Err(error) => {
            if error.kind() != std::io::ErrorKind::BrokenPipe {
                let _ = refuse(USAGE, &format!("The retries could not be written ({error})."));
            }
            false
        }
    }
}

/// What is of interest: open, or touched since then.
fn recent<'a>(deliveries: &'a Deliveries, now: Option<Timestamp>, since: SignedDuration) -> Vec<&'a Delivery> {
    let touched = |row: &Delivery| {
        let attempts = row.attempts.iter().flat_map(|attempt| [attempt.start, attempt.end]);
        attempts.flatten().chain(row.end.as_ref().and_then(|end| end.at)).max()
    };
    let is_recent = |row: &&'a Delivery| {
        row.end.is_none()
            || touched(row)
                .zip(now)
                .is_none_or(|(at, now)| now.duration_since(at) <= since)
    };
    deliveries.deliveries.iter().filter(is_recent).collect()
}

/// What was printed, so that only what changed is printed again.
#[derive(Default)]
struct Printed {
    /// Of each event, and whether it had ended.
    events: HashMap<(NodeId, String), (String, bool)>,
    throttled: HashMap<NodeId, u64>,
    unobservable: HashMap<NodeId, String>,
}

impl Printed {
    fn changes(&mut self, snapshot: &Snapshot, asked: &Retries) -> String {
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

    /// What stood open and is there no longer: nothing waits any more, or it is told in another row.
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
                let what = "nothing waits there any more, or another row tells of it";
                let event = event(snapshot, &id);
                format!("{}  {event}\n  gone  {what}\n", name(snapshot, &function))
            };
            say(text, format, json, words);
        }
    }
}

/// Adds a line of JSON, or words.
fn say(text: &mut String, format: Format, json: impl Fn() -> Value, words: impl Fn() -> String) {
    match format {
        Format::Json => {
            let _ = writeln!(text, "{}", plain_json(&json().to_string()));
        }
        Format::Text => text.push_str(&words()),
    }
}

/// What makes a row worth printing again: not the words, which tell of how far the log is read.
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

/// The document of the contract.
fn document(snapshot: &Snapshot, since: SignedDuration, unknown: &[&Unknown]) -> Value {
    let deliveries = &snapshot.deliveries;
    json!({
        "deliveries": recent(deliveries, snapshot.as_of, since).into_iter().map(|row| delivery_json(snapshot, row)).collect::<Vec<_>>(),
        "unobservable": deliveries.unobservable,
        "throttled": deliveries.throttled.iter().map(throttled_json).collect::<Vec<_>>(),
        "unknown": unknown,
    })
}

/// The logs that were not read so far back.
fn unread_since(snapshot: &Snapshot, since: SignedDuration) -> Vec<Unknown> {
    let Some(since) = snapshot.as_of.and_then(|now| now.checked_sub(since).ok()) else {
        return Vec::new();
    };
    let groups = snapshot.logs.groups.values();
    let unread = groups.filter_map(|group| group.unread_since(since));
    let forgotten = snapshot.invocations.iter().filter_map(|(function, runs)| {
        let before = runs.forgotten_before().filter(|before| *before > since)?;
        Some(Unknown {
            what: format!(
                "invocations of {} before {}",
                name(snapshot, function),
                before.strftime("%F %T UTC")
            ),
            why: "there are more of them than are kept: choose a later --since".to_owned(),
        })
    });
    unread.chain(forgotten).collect()
}

fn throttled_json(throttled: &Throttled) -> Value {
    json!({
        "function": throttled.function,
        "at_least": throttled.count,
        "read_at": time(Some(throttled.read_at)),
    })
}

fn delivery_json(snapshot: &Snapshot, row: &Delivery) -> Value {
    json!({
        "id": row.id,
        "function": row.function,
        "source": row.source,
        "pattern": row.pattern,
        "attempts": row.attempts.iter().map(attempt_json).collect::<Vec<_>>(),
        "next": row.next.as_ref().map(|next| next_json(snapshot, next)),
        "end": row.end.as_ref().map(end_json),
        "outlook": row.outlook.as_ref().map(outlook_json),
        "waits": row.waits,
        "missed": row.missed.map(|missed| json!({
            "earliest": time(Some(missed.earliest)),
            "latest": time(Some(missed.latest)),
            "complete_to": time(Some(missed.complete_to)),
        })),
        "overdue": row.overdue.map(|due| json!({
            "earliest": time(Some(due.earliest)),
            "latest": time(Some(due.latest)),
            "attempt": due.attempt,
            "complete_to": time(due.complete_to),
        })),
        "count": row.count,
        "estimate": row.estimate,
        "notes": row.notes,
    })
}

fn attempt_json(attempt: &Attempt) -> Value {
    json!({
        "n": attempt.n,
        "start": time(attempt.start),
        "end": time(attempt.end),
        "outcome": attempt.outcome,
        "evidence": attempt.evidence,
        "request_id": attempt.request_id,
        "error": attempt.error,
    })
}

fn next_json(snapshot: &Snapshot, next: &Prediction) -> Value {
    json!({
        "earliest": time(Some(next.earliest)),
        "latest": time(next.latest),
        "attempt": next.attempt,
        "evidence": "predicted",
        "rule": next.rule,
        // What must hold besides, in words; `condition` is the same as data. Both null where the window stands by itself.
        "only_if": condition::all(&next.conditions, &|id| name(snapshot, id)),
        "condition": (!next.conditions.is_empty()).then_some(&next.conditions),
    })
}

fn end_json(end: &End) -> Value {
    json!({
        "fate": end.fate,
        "at": time(end.at),
        "not_before": time(end.not_before),
        "to": end.to,
        "evidence": end.evidence,
        "why": end.why,
    })
}

fn outlook_json(outlook: &Outlook) -> Value {
    json!({
        "fate": outlook.fate,
        "to": outlook.to,
        "earliest": time(outlook.earliest),
        "latest": time(outlook.latest),
        "attempts_left": outlook.attempts_left,
        "evidence": "predicted",
        "rule": outlook.rule,
    })
}

/// RFC 3339 with milliseconds.
fn time(at: Option<Timestamp>) -> Option<String> {
    at.map(|at| at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string())
}

fn whole(snapshot: &Snapshot, since: SignedDuration, unread: &[Unknown]) -> String {
    let deliveries = &snapshot.deliveries;
    let rows = recent(deliveries, snapshot.as_of, since);
    let mut text: String = rows.iter().map(|row| paragraph(snapshot, row)).collect();
    if rows.is_empty() {
        let back = span(since.as_secs());
        let but = match (deliveries.unobservable.is_empty(), unread.is_empty()) {
            (true, true) => "",
            (true, false) => " Not all logs were read so far back.",
            (false, _) => " Not all functions can be observed:",
        };
        let _ = writeln!(
            text,
            "Nothing was tried again or failed, as far as the logs of the last {back} tell (--since goes further back).{but}"
        );
    }
    for throttled in &deliveries.throttled {
        text.push_str(&throttled_words(snapshot, throttled));
    }
    for entry in &deliveries.unobservable {
        text.push_str(&unobservable_words(snapshot, entry));
    }
    text
}

fn throttled_words(snapshot: &Snapshot, throttled: &Throttled) -> String {
    let name = name(snapshot, &throttled.function);
    let age = snapshot
        .as_of
        .map(|now| now.duration_since(throttled.read_at).as_secs());
    let age = match age {
        Some(seconds) if seconds >= 60 => format!("{} old", span(seconds)),
        _ => "fresh".to_owned(),
    };
    format!(
        "{name}: at least {} throttled in the last hour (metric, {age})\n",
        throttled.count
    )
}

fn unobservable_words(snapshot: &Snapshot, entry: &Unobservable) -> String {
    let name = name(snapshot, &entry.function);
    format!("{name}: attempts not observable: {}\n", plain(&entry.why))
}

fn name(snapshot: &Snapshot, id: &NodeId) -> String {
    let node = snapshot.topology.nodes.get(id);
    let name = node.map_or_else(|| id.short_name(), |node| &node.name);
    plain(name).into_owned()
}

/// What an event is called: its id, or the words that stand for several, with names for ARNs. What is cut says so.
fn event(snapshot: &Snapshot, id: &str) -> String {
    const LONGEST: usize = 80;
    let words = id.split(' ').map(|word| match Arn::parse(word) {
        Some(_) => name(snapshot, &NodeId::from(word.to_owned())),
        None => word.to_owned(),
    });
    let words: Vec<String> = words.collect();
    plain(&short(&words.join(" "), LONGEST)).into_owned()
}

/// Its first so many characters; where something is missing, the last says so.
fn short(text: &str, longest: usize) -> String {
    if text.chars().count() <= longest {
        return text.to_owned();
    }
    text.chars().take(longest - 1).chain(['…']).collect()
}

fn clock(at: Option<Timestamp>) -> String {
    at.map_or_else(|| "?".to_owned(), |at| at.strftime("%H:%M:%S").to_string())
}

/// One event: what was seen, then what comes.
fn paragraph(snapshot: &Snapshot, row: &Delivery) -> String {
    let mut text = name(snapshot, &row.function);
    let _ = write!(text, "  {}", event(snapshot, &row.id));
    if let Some(source) = &row.source {
        let _ = write!(text, "  from {}", name(snapshot, source));
    }
    if row.count > 1 {
        let _ = write!(text, "  × {}", row.count);
    }
    text.push('\n');
    for attempt in &row.attempts {
        // Runs that may be of different messages are no tries of one.
        let n = if row.estimate {
            "run".to_owned()
        } else {
            attempt.n.to_string()
        };
        let _ = write!(
            text,
            "  {n:>3}  {}  {}",
            clock(attempt.start),
            word(&json!(attempt.outcome))
        );
        if let Some(error) = &attempt.error {
            let kind = error
                .kind
                .as_deref()
                .map(|kind| format!("{kind}: "))
                .unwrap_or_default();
            let _ = write!(text, "  {}", plain(&format!("{kind}{}", short(&error.message, 100))));
        }
        text.push('\n');
    }
    if let Some(next) = &row.next {
        let when = match next.latest {
            Some(latest) => format!("{}–{} UTC", clock(Some(next.earliest)), clock(Some(latest))),
            None => format!("not before {} UTC, no countdown", clock(Some(next.earliest))),
        };
        let only_if = condition::all(&next.conditions, &|id| name(snapshot, id))
            .map(|only| format!(", only if {only}"))
            .unwrap_or_default();
        let _ = writeln!(text, "  next  {when}: {}{}", plain(&next.rule), plain(&only_if));
    }
    if let Some(waits) = &row.waits {
        let _ = writeln!(text, "  waits  {}", plain(waits));
    }
    if let Some(outlook) = &row.outlook {
        let _ = writeln!(text, "  then  {}: {}", word(&json!(outlook.fate)), plain(&outlook.rule));
    }
    if let Some(end) = &row.end {
        let from = end
            .not_before
            .map(|at| format!("{}–", clock(Some(at))))
            .unwrap_or_default();
        let _ = writeln!(
            text,
            "  end  {from}{} {}: {}",
            clock(end.at),
            word(&json!(end.fate)),
            plain(&end.why)
        );
    }
    for note in &row.notes {
        let _ = writeln!(text, "  note  {}", plain(note));
    }
    text
}

/// A word of the contract, for a reader.
fn word(value: &Value) -> String {
    value.as_str().unwrap_or_default().replace('_', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_milliseconds() {
        let at = Timestamp::from_millisecond(1_780_000_000_500).expect("a time");
        assert_eq!(time(Some(at)).as_deref(), Some("2026-05-28T20:26:40.500Z"));
        let whole = Timestamp::from_second(1_780_000_000).expect("a time");
        assert_eq!(time(Some(whole)).as_deref(), Some("2026-05-28T20:26:40.000Z"));
    }

    #[test]
    fn an_event_is_called_by_names_and_what_is_cut_says_so() {
        let snapshot = Snapshot::default();
        let id = "shard of arn:aws:kinesis:eu-west-1:111122223333:stream/clicks for arn:aws:lambda:eu-west-1:111122223333:function:reader";
        assert_eq!(event(&snapshot, id), "shard of clicks for reader");
        assert_eq!(event(&snapshot, &"x".repeat(100)).chars().last(), Some('…'));
    }
}
