//! How far the letters are that go back, and what came of it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::dialog::{cells, keys, say, window};
use crate::desk::Desk;
use crate::desk::state::{By, Run};
use crate::redrive::progress::{Phase, Progress, Summary};
use crate::ui::app::App;
use crate::ui::keys::Command;
use crate::ui::letters::letter::short as short_name;
use crate::ui::look::Look;
use crate::ui::settings::Charset;
use crate::ui::text::{number, span};
use crate::ui::theme::Role;
use crate::ui::widgets::rows::Row;

/// Messages named one by one.
const NAMED: usize = 50;

/// A run in a few words.
pub(super) fn short(run: &Run) -> String {
    match &run.by {
        By::Client { progress, .. } => match progress.phase {
            Phase::Waiting => format!(
                "{} of {} put back; the rest waits for you",
                progress.sent, progress.chosen
            ),
            _ => format!("putting back: {} of {}", progress.deleted, progress.chosen),
        },
        By::MoveTask { task, .. } => match task {
            Some(task) => format!("SQS moves: about {}", task.moved),
            None => "SQS moves".to_owned(),
        },
    }
}

pub(super) fn render(buffer: &mut Buffer, screen: Rect, scroll: usize, desk: &Desk, app: &App, look: &Look) {
    let Some(run) = &desk.run else {
        let text = desk.said.as_ref().map_or("it begins", |said| said.text.as_str());
        let mut rows = Vec::new();
        say(&mut rows, look, Role::Muted, text, cells(screen));
        let keys = keys(app, look, &[(Command::Close, "back")]);
        return window(buffer, screen, "Put back", rows, 0, keys, look);
    };
    let cells = cells(screen);
    let mut rows = Vec::new();
    let mut all = Vec::new();
    match &run.by {
        By::Client {
            progress,
            journal,
            summary,
            audit,
        } => {
            client(&mut rows, run, progress, look, cells);
            if let Some(summary) = summary {
                over(&mut rows, summary, look, cells);
            } else if progress.phase == Phase::Waiting {
                all.push((Command::Open, "the rest may follow"));
            }
            rows.push(Row::new());
            say(
                &mut rows,
                look,
                Role::Muted,
                &format!("journal: {}", journal.display()),
                cells,
            );
            if let Some(audit) = audit {
                say(
                    &mut rows,
                    look,
                    Role::Muted,
                    &format!("audit line: {}", audit.display()),
                    cells,
                );
            }
        }
        By::MoveTask { task, over, audit } => {
            let text = match task {
                Some(task) => {
                    let of = task.to_move.map_or_else(String::new, |n| format!(" of about {n}"));
                    format!("SQS moves: about {}{of}, {}; its counts lag", task.moved, task.status)
                }
                None => "SQS was asked to move the queue".to_owned(),
            };
            say(&mut rows, look, Role::Strong, &text, cells);
            if let Some(failure) = task.as_ref().and_then(|task| task.failure.as_ref()) {
                say(&mut rows, look, Role::Failing, &format!("it failed: {failure}"), cells);
            }
            if run.stopping && !over {
                let text = "asked to stop: SQS does so lazily, and goes on with what it has in hand";
                say(&mut rows, look, Role::Warning, text, cells);
            }
            if let Some(audit) = audit {
                say(
                    &mut rows,
                    look,
                    Role::Muted,
                    &format!("audit line: {}", audit.display()),
                    cells,
                );
            }
        }
    }
    if !run.is_over() && !run.stopping {
        all.push((Command::StopRun, "stop"));
    }
    all.push((Command::Close, "back"));
    let title = format!("Put back from {}", look.name(&run.name, 40));
    window(buffer, screen, &title, rows, scroll, keys(app, look, &all), look);
}

fn client(rows: &mut Vec<Row>, run: &Run, progress: &Progress, look: &Look, cells: usize) {
    let names: Vec<&str> = run.to.iter().map(|arn| short_name(arn)).collect();
    let text = format!(
        "{} of {} put back to {}",
        progress.sent,
        progress.chosen,
        names.join(", ")
    );
    say(rows, look, Role::Strong, &text, cells);
    rows.push(bar(progress, cells.min(60), look));
    let pace = match (progress.phase, progress.seconds_left()) {
        // Nothing goes: the time that passes is no pace.
        (Phase::Waiting, _) => String::new(),
        (Phase::Moving, Some(s)) if s > 0 => {
            let left = span(i64::try_from(s).unwrap_or(i64::MAX));
            format!("{} a second, {left} left, ", number(progress.per_second()))
        }
        _ => format!("{} a second, ", number(progress.per_second())),
    };
    let word = match progress.phase {
        Phase::Canary => "the first one goes",
        Phase::Waiting => "the first one has gone; the rest waits for you",
        Phase::Moving => "all go",
        Phase::Closing => "the queue is asked whether all have gone",
        Phase::Over => "over",
    };
    let text = format!("{word}: {pace}{} gone from the queue", progress.deleted);
    say(rows, look, Role::Text, &text, cells);
    let (all, failed) = progress.runs;
    if progress.sent_at.is_some() {
        let role = if failed > 0 { Role::Failing } else { Role::Text };
        let bounce = run.bounce_at().map_or_else(
            || "when one that fails again can be back here is not known".to_owned(),
            |at| {
                format!(
                    "one that fails again can be back here from {}",
                    look.time_of_day(at, true)
                )
            },
        );
        let text = format!("{bounce}; target since: {all} runs, {failed} failed");
        say(rows, look, role, &text, cells);
    }
    if progress.unknown > 0 {
        let text = format!("{} sends got no answer: they may be there twice", progress.unknown);
        say(rows, look, Role::Warning, &text, cells);
    }
    if let Some(trouble) = &progress.trouble {
        say(rows, look, Role::Warning, trouble, cells);
    }
    if run.stopping && !run.is_over() {
        let text = "stopping: what is under way is brought to its end, the rest is given back";
        say(rows, look, Role::Warning, text, cells);
    }
}

fn bar(progress: &Progress, cells: usize, look: &Look) -> Row {
    let (full, begun, empty) = match look.glyphs.charset {
        Charset::Utf8 => ("█", "▒", "░"),
        Charset::Ascii => ("#", "+", "."),
    };
    let of = |n: usize| n * cells / progress.chosen.max(1);
    let done = of(progress.deleted).min(cells);
    let sent = of(progress.sent).clamp(done, cells);
    Row::new()
        .then(look, Role::Well, full.repeat(done))
        .then(look, Role::Marble, begun.repeat(sent - done))
        .then(look, Role::Faint, empty.repeat(cells - sent))
}

fn over(rows: &mut Vec<Row>, summary: &Summary, look: &Look, cells: usize) {
    rows.push(Row::new());
    let (role, text) = if summary.is_complete() {
        let text = format!(
            "done: all {} are at their target and gone from the queue",
            summary.chosen
        );
        (Role::Well, text)
    } else {
        let text = format!(
            "{} chosen, {} sent, {} deleted, {} stayed",
            summary.chosen,
            summary.sent,
            summary.deleted,
            summary.left.len()
        );
        (Role::Warning, text)
    };
    say(rows, look, role, &text, cells);
    for left in summary.left.iter().take(NAMED) {
        say(
            rows,
            look,
            Role::Warning,
            &format!("stayed: {}: {}", left.message_id, left.why),
            cells,
        );
    }
    for id in summary.maybe_twice.iter().take(NAMED) {
        say(
            rows,
            look,
            Role::Warning,
            &format!("may be at its target twice: {id}"),
            cells,
        );
    }
    if let Some(why) = &summary.journal_trouble {
        let text = format!(
            "the journal could not be written ({why}): make room, and go on with `pitagora dlq redrive --resume`"
        );
        say(rows, look, Role::Failing, &text, cells);
    }
    if let Some(more) = summary.unsettled_count {
        let text = format!("the queue counts {more} more than stayed: others came in, or somebody holds them");
        say(rows, look, Role::Warning, &text, cells);
    }
}
