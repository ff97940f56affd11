//! `pitagora retries`: each event being retried, with its attempts, the window of the next one, and where it ends.

mod follow;
mod json;

use std::fmt::Write as _;
use std::ops::ControlFlow;

use clap::Args;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use follow::Printed;
use json::document;

use super::connect::scope_words;
use super::failure::{Exit, Failure};
use super::headless::{Attention, Need, attend, matched};
use super::unread::Unread;
use super::{Format, Globals, console};
use crate::config::Config;
use crate::domain::condition;
use crate::domain::delivery::{Deliveries, Delivery, Throttled, Unobservable};
use crate::domain::duration::{duration, span};
use crate::domain::phrase::{Date, Phrase};
use crate::domain::text::{plain, plain_json};
use crate::domain::{Arn, NodeId, Unknown};
use crate::pollers::Want;
use crate::store::Snapshot;
use crate::words::Words;

/// Options of `pitagora retries`.
#[derive(Args, Debug)]
pub(super) struct Retries {
    /// How far back to read logs (90s, 15m, 2h, 1d)
    #[arg(long, default_value = "15m", value_name = "TIME", value_parser = duration)]
    since: SignedDuration,
    /// Keep running and print each event again when it changes
    #[arg(long)]
    follow: bool,
    /// Output format; with --follow, json prints JSON lines
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Runs the subcommand.
pub(super) async fn run(globals: &Globals, config: &Config, asked: Retries) -> Result<Exit, Failure> {
    let attention = Attention::Logs {
        since: asked.since,
        endless: asked.follow,
    };
    let mut printed = Printed::default();
    let mut failed = None;
    let want = if scope_words(globals, config).is_empty() {
        Want::Everything
    } else {
        Want::Functions
    };
    let snapshot = attend(
        globals,
        config,
        (Need::Deliveries, want),
        attention,
        |snapshot, known| {
            if !asked.follow {
                return if known {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                };
            }
            // Before the account is known, an invocation may be taken for one of another kind.
            if !known {
                return ControlFlow::Continue(());
            }
            let text = printed.changes(snapshot, &asked);
            match write(&text) {
                Ok(true) => return ControlFlow::Continue(()),
                Ok(false) => {}
                Err(failure) => failed = Some(failure),
            }
            ControlFlow::Break(())
        },
    )
    .await?;
    if let Some(failure) = failed {
        return Err(failure);
    }
    matched(&snapshot, globals, config)?;
    let unread = unread_since(&snapshot, asked.since);
    let unknown: Vec<&Unknown> = snapshot.unknown().into_iter().chain(&unread).collect();
    if !asked.follow {
        write(&match asked.format {
            Format::Json => plain_json(&format!("{:#}\n", document(&snapshot, asked.since, &unknown))),
            Format::Text => whole(&snapshot, asked.since, &unread),
        })?;
    }
    console::say_unknown(&unknown);
    Ok(if asked.follow {
        Exit::of_endless()
    } else {
        Exit::partly_if(!unknown.is_empty())
    })
}

/// Prints to stdout; `false` if the reader has closed the pipe.
fn write(text: &str) -> Result<bool, Failure> {
    if text.is_empty() {
        return Ok(true);
    }
    Ok(console::print("the retries", text)?)
}

/// Deliveries that are open, or changed since then.
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

/// Logs that were not read that far back.
fn unread_since(snapshot: &Snapshot, since: SignedDuration) -> Vec<Unknown> {
    let Some(since) = snapshot.as_of.and_then(|now| now.checked_sub(since).ok()) else {
        return Vec::new();
    };
    let groups = snapshot.logs.groups.values();
    let unread = groups.filter_map(|group| group.unread_since(since));
    let forgotten = snapshot.invocations.iter().filter_map(|(function, runs)| {
        let before = runs.forgotten_before().filter(|before| *before > since)?;
        Some(Unknown {
            what: Unread::Invocations {
                function: name(snapshot, function).to_owned(),
                before: Date(before),
            }
            .into(),
            why: Unread::InvocationsForgotten.into(),
        })
    });
    unread.chain(forgotten).collect()
}

fn whole(snapshot: &Snapshot, since: SignedDuration, unread: &[Unknown]) -> String {
    let deliveries = &snapshot.deliveries;
    let rows = recent(deliveries, snapshot.as_of, since);
    let mut text: String = rows.iter().map(|row| paragraph(snapshot, row)).collect();
    if rows.is_empty() {
        let back = span(since.as_secs());
        let but = match (deliveries.unobservable.is_empty(), unread.is_empty()) {
            (true, true) => "",
            (true, false) => " Not all logs were read that far back.",
            (false, _) => " Not all functions can be observed:",
        };
        let _ = writeln!(
            text,
            "No failures or retries in the logs of the last {back} (--since reads further back).{but}"
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
    format!("{name}: attempts not observable: {}\n", said(&entry.why))
}

fn name(snapshot: &Snapshot, id: &NodeId) -> String {
    let node = snapshot.topology.nodes.get(id);
    let name = node.map_or_else(|| id.short_name(), |node| &node.name);
    plain(name).into_owned()
}

/// The name of an event: its ID, or a description of several, with names in place of ARNs; truncated with `…`.
fn event(snapshot: &Snapshot, id: &str) -> String {
    const LONGEST: usize = 80;
    let words = id.split(' ').map(|word| match Arn::parse(word) {
        Some(_) => name(snapshot, &NodeId::from(word.to_owned())),
        None => word.to_owned(),
    });
    let words: Vec<String> = words.collect();
    plain(&short(&words.join(" "), LONGEST)).into_owned()
}

/// The first `longest` characters, the last one `…` if the text is longer.
fn short(text: &str, longest: usize) -> String {
    if text.chars().count() <= longest {
        return text.to_owned();
    }
    text.chars().take(longest - 1).chain(['…']).collect()
}

fn clock(at: Option<Timestamp>) -> String {
    at.map_or_else(|| "?".to_owned(), |at| at.strftime("%H:%M:%S").to_string())
}

/// One event: its attempts, then what comes next.
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
        // Invocations that may belong to different messages have no attempt number.
        let n = if row.estimate {
            "-".to_owned()
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
            .map(|only| format!(", only if {}", said(&only)))
            .unwrap_or_default();
        let _ = writeln!(text, "  next  {when}: {}{only_if}", said(&next.rule));
    }
    if let Some(waits) = &row.waits {
        let _ = writeln!(text, "  waits  {}", said(waits));
    }
    if let Some(outlook) = &row.outlook {
        let _ = writeln!(text, "  then  {}: {}", word(&json!(outlook.fate)), said(&outlook.rule));
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
            said(&end.why)
        );
    }
    for note in &row.notes {
        let _ = writeln!(text, "  note  {}", said(note));
    }
    text
}

/// A phrase in words, for a terminal.
fn said(phrase: &Phrase) -> String {
    plain(&Words::utc().say(phrase)).into_owned()
}

/// A value of the JSON contract, for reading.
fn word(value: &Value) -> String {
    value.as_str().unwrap_or_default().replace('_', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_called_by_names_and_what_is_cut_says_so() {
        let snapshot = Snapshot::default();
        let id = "shard of arn:aws:kinesis:eu-west-1:111122223333:stream/clicks for arn:aws:lambda:eu-west-1:111122223333:function:reader";
        assert_eq!(event(&snapshot, id), "shard of clicks for reader");
        assert_eq!(event(&snapshot, &"x".repeat(100)).chars().last(), Some('…'));
    }
}
