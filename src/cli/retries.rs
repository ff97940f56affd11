//! `pitagora retries`: each event on its way, with its attempts, the window of the next one, and where it ends.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::ops::ControlFlow;
use std::process::ExitCode;

use clap::Args;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::headless::{Attention, Need, attend, matched};
use super::{DONE, Format, Globals, PARTLY, USAGE, refuse};
use crate::config::Config;
use crate::domain::delivery::{Attempt, Deliveries, Delivery, End, Outlook, Prediction};
use crate::domain::text::{plain, plain_json};
use crate::domain::{Arn, NodeId};
use crate::store::Snapshot;

/// What is asked for.
#[derive(Args, Debug)]
pub(super) struct Retries {
    /// How far back the logs are read
    #[arg(long, default_value = "15m", value_name = "TIME", value_parser = span)]
    since: SignedDuration,
    /// Go on, and print each event again when something of it changes
    #[arg(long)]
    follow: bool,
    /// How; what follows prints JSON lines
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

fn span(text: &str) -> Result<SignedDuration, String> {
    text.parse::<SignedDuration>()
        .ok()
        .filter(SignedDuration::is_positive)
        .ok_or_else(|| format!("{text:?} is no length of time: try 15m, 2h or 1d"))
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
    if !asked.follow {
        let text = match asked.format {
            Format::Json => plain_json(&format!("{:#}\n", document(&snapshot, asked.since))),
            Format::Text => whole(&snapshot, asked.since),
        };
        // Whoever reads may have read enough.
        let _ = write(&text);
    }
    let unknown = snapshot.unread();
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

/// What was printed of each event, so that only what changed is printed again.
#[derive(Default)]
struct Printed(HashMap<(NodeId, String), String>);

impl Printed {
    fn changes(&mut self, snapshot: &Snapshot, asked: &Retries) -> String {
        let mut text = String::new();
        for row in recent(&snapshot.deliveries, snapshot.as_of, asked.since) {
            let essence = essence(row);
            let key = (row.function.clone(), row.id.clone());
            if self.0.get(&key) == Some(&essence) {
                continue;
            }
            self.0.insert(key, essence);
            match asked.format {
                Format::Json => {
                    let _ = writeln!(text, "{}", plain_json(&delivery_json(row).to_string()));
                }
                Format::Text => text.push_str(&paragraph(snapshot, row)),
            }
        }
        text
    }
}

/// What makes a row worth printing again: not the words, which tell of how far the log is read.
fn essence(row: &Delivery) -> String {
    let next = row.next.as_ref().map(|next| (next.latest, next.attempt));
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
        row.waits.is_some(),
        row.count
    ])
    .to_string()
}

/// The document of the contract.
fn document(snapshot: &Snapshot, since: SignedDuration) -> Value {
    let deliveries = &snapshot.deliveries;
    json!({
        "deliveries": recent(deliveries, snapshot.as_of, since).into_iter().map(delivery_json).collect::<Vec<_>>(),
        "unobservable": deliveries.unobservable,
        "throttled": deliveries.throttled.iter().map(|throttled| json!({
            "function": throttled.function,
            "at_least": throttled.count,
            "read_at": time(Some(throttled.read_at)),
        })).collect::<Vec<_>>(),
        "unknown": snapshot.unread(),
    })
}

fn delivery_json(row: &Delivery) -> Value {
    json!({
        "id": row.id,
        "function": row.function,
        "source": row.source,
        "pattern": row.pattern,
        "attempts": row.attempts.iter().map(attempt_json).collect::<Vec<_>>(),
        "next": row.next.as_ref().map(next_json),
        "end": row.end.as_ref().map(end_json),
        "outlook": row.outlook.as_ref().map(outlook_json),
        "waits": row.waits,
        "missed": row.missed.map(|missed| json!({
            "earliest": time(Some(missed.earliest)),
            "latest": time(Some(missed.latest)),
            "complete_to": time(Some(missed.complete_to)),
        })),
        "count": row.count,
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

fn next_json(next: &Prediction) -> Value {
    json!({
        "earliest": time(Some(next.earliest)),
        "latest": time(next.latest),
        "attempt": next.attempt,
        "evidence": "predicted",
        "rule": next.rule,
        "only_if": next.only_if,
    })
}

fn end_json(end: &End) -> Value {
    json!({
        "fate": end.fate,
        "at": time(end.at),
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

fn whole(snapshot: &Snapshot, since: SignedDuration) -> String {
    let deliveries = &snapshot.deliveries;
    let rows = recent(deliveries, snapshot.as_of, since);
    let mut text: String = rows.iter().map(|row| paragraph(snapshot, row)).collect();
    if rows.is_empty() {
        text.push_str("Nothing was tried again or failed, as far as the logs tell.\n");
    }
    for throttled in &deliveries.throttled {
        let _ = writeln!(
            text,
            "{}: at least {} throttled (metric, read {})",
            name(snapshot, &throttled.function),
            throttled.count,
            clock(Some(throttled.read_at))
        );
    }
    for entry in &deliveries.unobservable {
        let _ = writeln!(
            text,
            "{}: attempts not observable: {}",
            name(snapshot, &entry.function),
            plain(&entry.why)
        );
    }
    text
}

fn name(snapshot: &Snapshot, id: &NodeId) -> String {
    let node = snapshot.topology.nodes.get(id);
    let name = node.map_or_else(
        || Arn::parse(id.as_str()).map_or(id.as_str(), |arn| arn.name()),
        |node| &node.name,
    );
    plain(name).into_owned()
}

fn clock(at: Option<Timestamp>) -> String {
    at.map_or_else(|| "?".to_owned(), |at| at.strftime("%H:%M:%S").to_string())
}

/// One event: what was seen, then what comes.
fn paragraph(snapshot: &Snapshot, row: &Delivery) -> String {
    let mut text = name(snapshot, &row.function);
    let id: String = row.id.chars().take(60).collect();
    let _ = write!(text, "  {}", plain(&id));
    if let Some(source) = &row.source {
        let _ = write!(text, "  from {}", name(snapshot, source));
    }
    if row.count > 1 {
        let _ = write!(text, "  × {}", row.count);
    }
    text.push('\n');
    for attempt in &row.attempts {
        let _ = write!(
            text,
            "  {:>3}  {}  {}",
            attempt.n,
            clock(attempt.start),
            word(&json!(attempt.outcome))
        );
        if let Some(error) = &attempt.error {
            let kind = error
                .kind
                .as_deref()
                .map(|kind| format!("{kind}: "))
                .unwrap_or_default();
            let message: String = error.message.chars().take(100).collect();
            let _ = write!(text, "  {}", plain(&format!("{kind}{message}")));
        }
        text.push('\n');
    }
    if let Some(next) = &row.next {
        let latest = next
            .latest
            .map(|latest| format!("–{}", clock(Some(latest))))
            .unwrap_or_default();
        let only_if = next
            .only_if
            .as_ref()
            .map(|only| format!(", if {only}"))
            .unwrap_or_default();
        let _ = writeln!(
            text,
            "  next  {}{latest} UTC: {}{}",
            clock(Some(next.earliest)),
            plain(&next.rule),
            plain(&only_if)
        );
    }
    if let Some(waits) = &row.waits {
        let _ = writeln!(text, "  waits  {}", plain(waits));
    }
    if let Some(outlook) = &row.outlook {
        let _ = writeln!(text, "  then  {}: {}", word(&json!(outlook.fate)), plain(&outlook.rule));
    }
    if let Some(end) = &row.end {
        let _ = writeln!(
            text,
            "  end  {} {}: {}",
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
    fn lengths_of_time_are_read() {
        assert_eq!(span("15m"), Ok(SignedDuration::from_mins(15)));
        assert_eq!(span("2h"), Ok(SignedDuration::from_hours(2)));
        assert!(span("soon").is_err() && span("-3m").is_err());
    }
}
