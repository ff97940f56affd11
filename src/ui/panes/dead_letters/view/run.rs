//! The progress of a redrive and its outcome.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::dialog::{cells, keys, say, window};
use crate::dlq::DlqState;
use crate::dlq::state::Run;
use crate::redrive::progress::{Phase, Progress, Summary};
use crate::store::snapshot::Snapshot;
use crate::ui::app::App;
use crate::ui::input::keys::Command;
use crate::ui::panes::dead_letters::state::message::short as short_name;
use crate::ui::settings::Charset;
use crate::ui::text::{number, span};
use crate::ui::theme::Role;
use crate::ui::theme::render_context::RenderContext;
use crate::ui::widgets::rows::Row;
use crate::words::say;

/// The most messages that are named one by one.
const NAMED: usize = 50;
/// AWS (sqs): a queue's counts lag behind what was sent and deleted.
const COUNTS_LAG_MS: i64 = 5_000;

/// The state of a redrive in a few words.
pub(super) fn short(run: &Run, look: &RenderContext) -> String {
    if run.waits() {
        return say!(look, "run-canary-waits", n = remaining(run));
    }
    match (&run.task, run.progress()) {
        (Some(task), _) => say!(look, "run-moved", n = task.moved),
        (None, Some(progress)) => {
            let (n, all) = (progress.deleted, run.course.messages);
            say!(look, "run-redriving", n = n, all = all)
        }
        (None, None) => say!(look, "run-moving"),
    }
}

/// The number of messages waiting behind the canary.
fn remaining(run: &Run) -> u64 {
    let sent = run.progress().map_or(0, |progress| progress.sent);
    run.course.messages.saturating_sub(u64::try_from(sent).unwrap_or(0))
}

pub(super) fn render(
    buffer: &mut Buffer,
    screen: Rect,
    scroll: usize,
    (desk, snapshot): (&DlqState, &Snapshot),
    app: &App,
    look: &RenderContext,
) {
    let Some(run) = &desk.run else {
        let said = desk.said.as_ref().map(|said| look.say(&said.what));
        let text = said.unwrap_or_else(|| say!(look, "run-starting"));
        let mut rows = Vec::new();
        say(&mut rows, look, Role::Muted, &text, cells(screen));
        let keys = keys(app, look, &[(Command::Close, say!(look, "button-back"))]);
        return window(buffer, screen, &say!(look, "button-redrive"), rows, 0, keys, look);
    };
    let cells = cells(screen);
    let mut rows = Vec::new();
    let mut all: Vec<(Command, String)> = Vec::new();
    if run.waits() {
        all.push((Command::Open, say!(look, "button-send-rest", n = remaining(run))));
    }
    match &run.own {
        Some(own) if !run.is_sqs() => {
            client(&mut rows, run, &own.progress, look, cells);
            if let Some(summary) = &own.summary {
                over(&mut rows, summary, look, cells);
            }
        }
        _ => move_task(&mut rows, run, look, cells),
    }
    came_back(&mut rows, run, (desk, snapshot), look, cells);
    rows.push(Row::new());
    if let Some(own) = &run.own {
        let text = say!(look, "run-journal", path = own.journal.display().to_string());
        say(&mut rows, look, Role::Muted, &text, cells);
    }
    if let Some(audit) = &run.audit {
        let text = say!(look, "run-audit", path = audit.display().to_string());
        say(&mut rows, look, Role::Muted, &text, cells);
    }
    if !run.over && !run.stopping {
        all.push((Command::Stop, say!(look, "button-stop")));
    }
    all.push((Command::Close, say!(look, "button-back")));
    let title = say!(look, "run-title", queue = look.name(&run.name, 40));
    window(buffer, screen, &title, rows, scroll, keys(app, look, &all), look);
}

/// The progress of a move task, behind a canary of the client engine if there is one.
fn move_task(rows: &mut Vec<Row>, run: &Run, look: &RenderContext, cells: usize) {
    let (canary, task, ended) = (run.own.as_ref(), run.task.as_ref(), run.over);
    if let Some(canary) = canary {
        client(rows, run, &canary.progress, look, cells);
        if let Some(summary) = canary.summary.as_ref().filter(|summary| !summary.is_complete()) {
            over(rows, summary, look, cells);
        }
    }
    let text = match task {
        Some(task) => {
            let status = task.status.as_str();
            Some(say!(
                look,
                "run-task",
                n = task.moved,
                all = task.to_move,
                status = status
            ))
        }
        None if canary.is_none() => Some(say!(look, "run-task-asked")),
        None => None,
    };
    if let Some(text) = text {
        say(rows, look, Role::Strong, &text, cells);
    }
    if let Some(failure) = task.and_then(|task| task.failure.as_ref()) {
        say(
            rows,
            look,
            Role::Failing,
            &say!(look, "run-task-failed", failure = failure.as_str()),
            cells,
        );
    }
    if run.stopping && !ended {
        say(rows, look, Role::Warning, &say!(look, "run-task-cancelling"), cells);
    }
    if run.stopping && ended && task.is_none() {
        let text = say!(look, "run-stopped-at-canary", n = remaining(run));
        say(rows, look, Role::Warning, &text, cells);
    }
}

/// The messages in the queue in excess of those that stayed, once a redrive is finished: counts do not identify messages.
fn came_back(
    rows: &mut Vec<Row>,
    run: &Run,
    (desk, snapshot): (&DlqState, &Snapshot),
    look: &RenderContext,
    cells: usize,
) {
    let stays = desk
        .gone
        .get(&run.queue)
        .and_then(|gone| gone.stays)
        .filter(|_| run.over);
    let depth = snapshot.vitals.get(&run.queue).and_then(|vitals| vitals.depth);
    let (Some(stays), Some(depth)) = (stays, depth) else {
        return;
    };
    let sent_at = run.progress().and_then(|progress| progress.sent_at);
    // A count from before the end counts what has gone since.
    let settled = sent_at.is_none_or(|at| depth.at.as_millisecond() > at + COUNTS_LAG_MS);
    let more = depth.value.total().saturating_sub(stays);
    if more == 0 || !settled {
        return;
    }
    let text = say!(
        look,
        "run-came-in",
        n = more,
        now = depth.value.total(),
        then = stays,
        time = look.time_of_day(depth.at, true),
    );
    say(rows, look, Role::Failing, &text, cells);
}

fn client(rows: &mut Vec<Row>, run: &Run, progress: &Progress, look: &RenderContext, cells: usize) {
    let names: Vec<&str> = run.to.iter().map(|arn| short_name(arn)).collect();
    let all = run.course.messages.max(progress.chosen as u64);
    let text = say!(look, "run-sent", n = progress.sent, all = all, to = names.join(", "));
    say(rows, look, Role::Strong, &text, cells);
    rows.push(bar(
        progress,
        usize::try_from(all).unwrap_or(usize::MAX),
        cells.min(60),
        look,
    ));
    let pace = match (progress.phase, progress.seconds_left()) {
        // Nothing goes: the time that passes is no pace.
        (Phase::Waiting, _) => String::new(),
        (Phase::Moving, Some(s)) if s > 0 => {
            let left = span(i64::try_from(s).unwrap_or(i64::MAX));
            let rate = number(progress.per_second());
            format!("{}, ", say!(look, "run-rate-left", rate = rate, left = left))
        }
        _ => format!("{}/s, ", number(progress.per_second())),
    };
    let phase = match progress.phase {
        _ if run.waits() => say!(look, "run-canary-waits", n = remaining(run)),
        Phase::Canary => say!(look, "run-canary"),
        Phase::Waiting => say!(look, "run-canary-waits", n = remaining(run)),
        Phase::Moving => say!(look, "run-sending"),
        Phase::Closing => say!(look, "run-closing"),
        Phase::Over => String::new(),
    };
    let gap = if phase.is_empty() { "" } else { ": " };
    let deleted = say!(
        look,
        "run-deleted",
        n = progress.deleted,
        queue = look.name(&run.name, 40)
    );
    let text = format!("{phase}{gap}{pace}{deleted}");
    say(rows, look, Role::Text, &text, cells);
    let (runs, failed) = progress.runs;
    if progress.sent_at.is_some() {
        let role = if failed > 0 { Role::Failing } else { Role::Text };
        let back = run.bounce_at().map(|at| look.time_of_day(at, true));
        let text = say!(look, "run-target", back = back, n = runs, failed = failed);
        say(rows, look, role, &text, cells);
    }
    if progress.unknown > 0 {
        let text = say!(look, "run-unanswered", n = progress.unknown);
        say(rows, look, Role::Warning, &text, cells);
    }
    if let Some(trouble) = &progress.trouble {
        say(rows, look, Role::Warning, &look.say(trouble), cells);
    }
    if run.stopping && !run.over {
        say(rows, look, Role::Warning, &say!(look, "run-stopping"), cells);
    }
}

fn bar(progress: &Progress, all: usize, cells: usize, look: &RenderContext) -> Row {
    let (full, begun, empty) = match look.glyphs.charset {
        Charset::Utf8 => ("█", "▒", "░"),
        Charset::Ascii => ("#", "+", "."),
    };
    let of = |n: usize| n * cells / all.max(1);
    let done = of(progress.deleted).min(cells);
    let sent = of(progress.sent).clamp(done, cells);
    Row::of(look, Role::Well, full.repeat(done))
        .then(look, Role::Marble, begun.repeat(sent - done))
        .then(look, Role::Faint, empty.repeat(cells - sent))
}

fn over(rows: &mut Vec<Row>, summary: &Summary, look: &RenderContext, cells: usize) {
    rows.push(Row::new());
    let (role, text) = if summary.is_complete() {
        let text = say!(look, "run-done", sent = summary.sent, deleted = summary.deleted);
        (Role::Well, text)
    } else {
        let text = say!(
            look,
            "run-over",
            chosen = summary.chosen,
            sent = summary.sent,
            deleted = summary.deleted,
            stayed = summary.left.len(),
        );
        (Role::Warning, text)
    };
    say(rows, look, role, &text, cells);
    for left in summary.left.iter().take(NAMED) {
        say(
            rows,
            look,
            Role::Warning,
            &say!(
                look,
                "run-stayed",
                id = left.message_id.as_str(),
                why = left.why.clone()
            ),
            cells,
        );
    }
    for id in summary.maybe_twice.iter().take(NAMED) {
        say(
            rows,
            look,
            Role::Warning,
            &say!(look, "run-twice", id = id.as_str()),
            cells,
        );
    }
    if let Some(why) = &summary.journal_trouble {
        let text = say!(look, "run-journal-failed", why = why.clone());
        say(rows, look, Role::Failing, &text, cells);
    }
    if let Some(more) = summary.unsettled_count {
        let text = say!(look, "run-more", n = more);
        say(rows, look, Role::Warning, &text, cells);
    }
}
