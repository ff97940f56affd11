//! What would be put back where: the dry run.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::dialog::{cells, keys, say, window};
use crate::desk::Desk;
use crate::desk::state::Planned;
use crate::domain::{Metric, NodeId};
use crate::redrive::plan::To;
use crate::redrive::shape::Shape;
use crate::redrive::way::{Target, Way};
use crate::store::snapshot::Snapshot;
use crate::ui::app::App;
use crate::ui::keys::Command;
use crate::ui::letters::letter::short;
use crate::ui::look::Look;
use crate::ui::text::{counted, period};
use crate::ui::theme::Role;
use crate::ui::widgets::rows::Row;

pub(super) fn render(
    buffer: &mut Buffer,
    screen: Rect,
    scroll: usize,
    desk: &Desk,
    app: &App,
    snapshot: &Snapshot,
    look: &Look,
) {
    let Some(planned) = &desk.planned else {
        let rows = vec![Row::new().then(look, Role::Muted, "looking up where each letter belongs")];
        let keys = keys(app, look, &[(Command::Close, "back")]);
        return window(buffer, screen, "Put back", rows, 0, keys, look);
    };
    let rows = lines(planned, desk, snapshot, look, cells(screen));
    let title = format!("Put back from {}: nothing was sent yet", look.name(&planned.name, 40));
    let mut all = Vec::new();
    if desk.closed.is_none() {
        if planned.is_move_task() {
            all.push((Command::Open, "let SQS move them"));
        } else if planned.goes() > 1 {
            all.extend([(Command::Open, "send one first"), (Command::AllAtOnce, "all at once")]);
        } else if planned.goes() == 1 {
            all.push((Command::Open, "send it"));
        }
    }
    if planned.against_move_task.is_none() {
        let other = if planned.is_move_task() {
            "this program's engine"
        } else {
            "SQS's engine"
        };
        all.push((Command::Engine, other));
    }
    if !planned.candidates.is_empty() {
        all.push((Command::Target, "choose the target"));
    }
    all.push((Command::Elsewhere, "elsewhere"));
    if planned.unguarded || planned.wish.invoke_anyway {
        let word = if planned.wish.invoke_anyway {
            "do not invoke"
        } else {
            "invoke all the same"
        };
        all.push((Command::Anyway, word));
    }
    all.push((Command::Close, "no"));
    window(buffer, screen, &title, rows, scroll, keys(app, look, &all), look);
}

fn lines(planned: &Planned, desk: &Desk, snapshot: &Snapshot, look: &Look, cells: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    if let Some(why) = &desk.closed {
        say(&mut rows, look, Role::Warning, why, cells);
        rows.push(Row::new());
    }
    engine(&mut rows, planned, look, cells);
    if !planned.is_move_task() {
        for (n, way) in planned.plan.ways.iter().enumerate() {
            let going = planned.plan.steps.iter().filter(|step| step.way == Ok(n));
            let edited = going
                .clone()
                .filter(|step| planned.wish.edits.contains_key(&step.message_id))
                .count();
            let edited = if edited > 0 {
                format!(", {edited} edited")
            } else {
                String::new()
            };
            let text = format!(
                "{} {} {} to {}, {}{edited}",
                look.glyphs.arrows[3],
                going.clone().count(),
                if going.count() == 1 { "letter" } else { "letters" },
                target(way),
                form(way)
            );
            say(&mut rows, look, Role::Strong, &text, cells);
        }
        staying(&mut rows, planned, look, cells);
        let cannot = planned.plan.staying().next().is_some();
        if cannot && planned.wish.to == To::Origin {
            let text = "a queue or function of your choice takes them too: press the key for elsewhere";
            say(&mut rows, look, Role::Muted, text, cells);
        }
    }
    let warnings: BTreeMap<&str, usize> =
        planned
            .plan
            .steps
            .iter()
            .filter_map(|step| step.warning)
            .fold(BTreeMap::new(), |mut all, warning| {
                *all.entry(warning).or_default() += 1;
                all
            });
    for (warning, n) in warnings {
        say(&mut rows, look, Role::Warning, &format!("{n}: {warning}"), cells);
    }
    for what in &planned.unread {
        say(&mut rows, look, Role::Unknown, what, cells);
    }
    if !planned.candidates.is_empty() {
        let names: Vec<&str> = planned.candidates.iter().map(|id| short(id.as_str())).collect();
        let text = match &planned.wish.choice {
            Some(choice) => format!("of {}, {} was chosen", names.join(", "), short(choice.as_str())),
            None => format!(
                "which of {} a letter is for, nothing tells: choose, or it stays",
                names.join(", ")
            ),
        };
        say(&mut rows, look, Role::Warning, &text, cells);
    }
    rows.push(Row::new());
    rows.push(Row::new().then(look, Role::Title, "Has the cause gone?"));
    causes(&mut rows, &planned.functions, snapshot, look, cells);
    if let Some(after) = planned.bounce_after_s {
        let text = format!(
            "a letter that fails again can be back here {} after it was sent",
            period(after)
        );
        say(&mut rows, look, Role::Muted, &text, cells);
    }
    if let Some(why) = planned.confirm {
        rows.push(Row::new());
        let text = format!("{why}: the queue's name is to be typed");
        say(&mut rows, look, Role::Warning, &text, cells);
    }
    rows
}

/// Who moves them, and why.
fn engine(rows: &mut Vec<Row>, planned: &Planned, look: &Look, cells: usize) {
    if planned.is_move_task() {
        let text = "engine: SQS itself (StartMessageMoveTask). It moves the whole queue, also what was not read, each \
                    letter to where it came from, without a journal and without a letter that goes first; it stops only \
                    some time after it is asked to.";
        say(rows, look, Role::Text, text, cells);
        return;
    }
    let why = match planned.against_move_task {
        Some(why) => format!("SQS itself cannot: {why}"),
        None => "SQS itself could move the whole queue, but without a journal".to_owned(),
    };
    let text = format!("engine: this program, letter by letter, with a journal ({why})");
    say(rows, look, Role::Text, &text, cells);
}

fn staying(rows: &mut Vec<Row>, planned: &Planned, look: &Look, cells: usize) {
    let mut why: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (id, reason) in planned.plan.staying() {
        why.entry(reason).or_default().push(id);
    }
    for (reason, ids) in why {
        let reason = reason.split(": --invoke-anyway").next().unwrap_or(reason);
        let reason = reason.split(" with --to").next().unwrap_or(reason);
        let text = format!("{} {} stay: {reason}", look.glyphs.off, ids.len());
        say(rows, look, Role::Warning, &text, cells);
        let named: Vec<&str> = ids.iter().copied().take(5).collect();
        let more = if ids.len() > 5 { ", …" } else { "" };
        say(rows, look, Role::Muted, &format!("  {}{more}", named.join(", ")), cells);
    }
}

/// Whether the functions that will run fail now.
fn causes(rows: &mut Vec<Row>, functions: &[NodeId], snapshot: &Snapshot, look: &Look, cells: usize) {
    if functions.is_empty() {
        let text = "no function is known that will run with these letters: nothing can be said";
        say(rows, look, Role::Unknown, text, cells);
    }
    for id in functions {
        let name = short(id.as_str());
        let runs = snapshot.vitals.get(id).and_then(|vitals| vitals.runs.as_ref());
        let (role, text) = match runs {
            None => (Role::Unknown, format!("{name}: its log was not read")),
            Some(runs) => match (runs.failed_in_row, &runs.last_error, runs.last_success) {
                (n, Some((at, error)), _) if n > 0 => (
                    Role::Failing,
                    format!("{name} still fails: the last {n} runs, {} ago: {error}", look.age(*at)),
                ),
                (_, Some((at, _)), Some(success)) => (
                    Role::Well,
                    format!(
                        "{name} ran well {} ago; its last error is {} old",
                        look.age(success),
                        look.age(*at)
                    ),
                ),
                (_, None, Some(success)) => no_error(id, name, success, snapshot, look),
                _ => (Role::Unknown, format!("{name} has not run lately: nothing can be said")),
            },
        };
        say(rows, look, role, &text, cells);
    }
}

/// No run failed in what was read of the log: how far that goes, and what the metric says of the time before.
fn no_error(id: &NodeId, name: &str, success: Timestamp, snapshot: &Snapshot, look: &Look) -> (Role, String) {
    let vitals = snapshot.vitals.get(id);
    let read = vitals.and_then(|vitals| vitals.runs.as_ref()?.read_since);
    let errors: f64 = vitals
        .and_then(|vitals| vitals.metrics.get(&Metric::Errors))
        .map_or(0.0, |series| {
            let hour_ago = look.now - SignedDuration::from_hours(1);
            let recent = series.points.iter().filter(|point| point.at > hour_ago);
            recent.map(|point| point.value).sum()
        });
    let since = read.map_or_else(String::new, |at| {
        format!(" since {}, where its log was read from", look.time(at))
    });
    let well = format!("{name} ran well {} ago, no run failed{since}", look.age(success));
    if errors >= 1.0 {
        return (
            Role::Warning,
            format!("{well}; {} in the last hour by its metric", counted(errors, "error")),
        );
    }
    (Role::Well, well)
}

/// A target in words.
pub(super) fn target(way: &Way) -> String {
    let name = short(way.target.arn());
    match &way.target {
        Target::Queue { fifo: false, .. } => format!("queue {name}"),
        Target::Queue { fifo: true, .. } => format!("FIFO queue {name}"),
        Target::Event { .. } | Target::Run { .. } => format!("function {name}"),
        Target::Topic { .. } => format!("topic {name}"),
    }
}

/// In which form a letter goes, in words.
fn form(way: &Way) -> &'static str {
    match (&way.target, &way.shape) {
        (_, Shape::Same) => "as it is, with all its attributes",
        (Target::Event { .. } | Target::Run { .. }, Shape::Event { .. }) => "invoked with the event that failed",
        (_, Shape::Batch) => "its records read again from the shard, invoked and waited for",
        (_, Shape::Notification { .. }) => "invoked with the topic's notification",
        (_, Shape::Input { .. }) => "with what the target gets of the event",
        _ => "the event that failed",
    }
}
