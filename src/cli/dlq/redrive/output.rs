//! Prints the outcome of a redrive, or its plan.

use std::fmt::Write as _;
use std::path::Path;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::super::failure::{Exit, Failure};
use super::super::super::{Format, console};
use super::begin::Begun;
use super::check;
use crate::domain::phrase::Phrase;
use crate::domain::text::{plain, plain_json};
use crate::redrive::course::EngineKind;
use crate::redrive::progress::Summary;
use crate::redrive::route::{Route, Target};
use crate::redrive::transform::Transform;
use crate::words::{Words, spelled};

/// Prints the outcome. Exit code 0 only if every selected message was sent and deleted.
pub(super) fn outcome(
    format: Format,
    summary: &Summary,
    engine: EngineKind,
    journal: Option<&Path>,
    bounced: Option<u64>,
    begun: Option<(&Begun, Timestamp)>,
) -> Result<Exit, Failure> {
    let engine = engine.word();
    let text = match format {
        Format::Json => {
            let mut document = json!({
                "chosen": summary.chosen,
                "sent": summary.sent,
                "deleted": summary.deleted,
                "unknown": summary.unknown,
                "left": summary.left,
                "journal": journal.map(|path| path.display().to_string()),
                "engine": engine,
                "maybe_twice": summary.maybe_twice,
            });
            if let (Some(bounced), Value::Object(document)) = (bounced, &mut document) {
                document.insert("bounced".to_owned(), bounced.into());
            }
            if let (Some((begun, at)), Value::Object(document)) = (begun, &mut document) {
                document.insert(
                    "plan".to_owned(),
                    serde_json::to_value(&begun.course).unwrap_or_default(),
                );
                document.insert("check".to_owned(), check::document(&begun.check, at));
            }
            plain_json(&format!("{:#}\n", spelled(&Words::utc(), document)))
        }
        Format::Text => words(summary, engine, bounced),
    };
    for id in &summary.maybe_twice {
        console::say(format_args!("{} may have arrived twice.", plain(id)));
    }
    if let Some(why) = &summary.journal_trouble {
        console::say(format_args!(
            "could not write the journal ({}): free some space, then continue with --resume.",
            plain(why)
        ));
    }
    if let Some(more) = summary.unsettled_count {
        console::say(format_args!(
            "the queue counts {more} more messages than stayed: new ones arrived, or another consumer has them in flight."
        ));
    }
    console::print("the outcome", &text)?;
    Ok(Exit::partly_if(!summary.is_complete()))
}

fn words(summary: &Summary, engine: &str, bounced: Option<u64>) -> String {
    let mut text = format!(
        "{} chosen, {} sent, {} deleted, {} sends unknown, {} left (engine: {engine})\n",
        summary.chosen,
        summary.sent,
        summary.deleted,
        summary.unknown,
        summary.left.len()
    );
    for left in &summary.left {
        let why = with_remedy(&left.why, left.remedy.as_ref());
        let _ = writeln!(text, "left: {}: {why}.", plain(&left.message_id));
    }
    if let Some(bounced) = bounced {
        let or_new = if bounced > 0 { ", or are new" } else { "" };
        let _ = writeln!(text, "{bounced} came back during the watch{or_new}");
    }
    text
}

/// Prints the plan, message by message where they were read.
pub(super) fn plan(format: Format, queue: &str, begun: &Begun, now: Timestamp) -> Result<Exit, Failure> {
    let (plan, course) = (&begun.planned.plan, &begun.course);
    let text = match format {
        Format::Json => {
            let steps: Vec<Value> = plan
                .steps
                .iter()
                .map(|step| match &step.way {
                    Ok(way) => json!({
                        "message_id": step.message_id, "to": plan.ways[*way].target.arn(),
                        "as": form(&plan.ways[*way]), "warning": step.warning,
                    }),
                    Err(why) => {
                        let (stays, remedy) = (Phrase::from(why.clone()), why.remedy().map(Phrase::from));
                        json!({ "message_id": step.message_id, "stays": stays, "remedy": remedy })
                    }
                })
                .collect();
            let document = json!({
                "dry_run": true, "queue": queue, "engine": course.engine, "messages": course.messages, "steps": steps,
                "plan": course, "check": check::document(&begun.check, now),
            });
            plain_json(&format!("{:#}\n", spelled(&Words::utc(), document)))
        }
        Format::Text => {
            let (mut text, say) = (String::new(), Words::utc());
            for step in &plan.steps {
                let id = plain(&step.message_id);
                let _ = match &step.way {
                    Ok(way) => {
                        let way = &plan.ways[*way];
                        let warning = step.warning.as_ref();
                        let warning = warning.map_or_else(String::new, |why| format!(" ({})", say.say(why)));
                        writeln!(text, "{id}  →  {}, {}{warning}", plain(way.target.arn()), form(way))
                    }
                    Err(why) => {
                        let remedy = why.remedy().map(Phrase::from);
                        let why = with_remedy(&why.clone().into(), remedy.as_ref());
                        writeln!(text, "{id}  stays: {why}")
                    }
                };
            }
            let lines = course.lines().into_iter().map(|line| say.say(&line.into()));
            for line in lines.chain(check::lines(&begun.check, now)) {
                let _ = writeln!(text, "{}", plain(&line));
            }
            let goes = course.messages;
            let about = if course.engine == EngineKind::MoveTask {
                "about "
            } else {
                ""
            };
            let stays = plan.staying().count();
            let _ = writeln!(
                text,
                "{about}{goes} would go, {stays} would stay (engine: {})",
                course.engine.word()
            );
            text
        }
    };
    console::print("the plan", &text)?;
    Ok(Exit::Done)
}

/// Why a message stays, with the option that sends it anyway.
fn with_remedy(why: &Phrase, remedy: Option<&Phrase>) -> String {
    let words = Words::utc();
    let remedy = remedy.map_or_else(String::new, |remedy| format!(": {}", words.say(remedy)));
    plain(&format!("{}{remedy}", words.say(why))).into_owned()
}

/// The form in which a message is sent, in words.
fn form(way: &Route) -> &'static str {
    match (&way.target, &way.shape) {
        (_, Transform::Same) => "unchanged",
        (Target::Event { .. } | Target::Run { .. }, Transform::Event { .. }) => "invoked with the event that failed",
        (_, Transform::Event { .. }) => "the event that failed",
        (_, Transform::Batch) => "invoked synchronously with its records, read again from the shard",
        (_, Transform::Notification { .. }) => "invoked with the SNS notification",
        (_, Transform::Input { .. }) => "the target's input",
    }
}
