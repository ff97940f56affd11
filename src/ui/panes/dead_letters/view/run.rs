//! How far a redrive is, and what came of it.

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

/// Messages named one by one.
const NAMED: usize = 50;
/// AWS (sqs): a queue's counts lag behind what was sent and deleted.
const COUNTS_LAG_MS: i64 = 5_000;

/// A run in a few words.
pub(super) fn short(run: &Run) -> String {
    if run.waits() {
        return format!("canary sent, {} waiting", remaining(run));
    }
    match (&run.task, run.progress()) {
        (Some(task), _) => format!("SQS moves: about {}", task.moved),
        (None, Some(progress)) => format!("redriving: {} of {}", progress.deleted, run.course.messages),
        (None, None) => "SQS moves".to_owned(),
    }
}

/// Messages that wait behind the canary.
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
        let text = desk.said.as_ref().map_or("it begins", |said| said.text.as_str());
        let mut rows = Vec::new();
        say(&mut rows, look, Role::Muted, text, cells(screen));
        let keys = keys(app, look, &[(Command::Close, "Back")]);
        return window(buffer, screen, "Redrive", rows, 0, keys, look);
    };
    let cells = cells(screen);
    let mut rows = Vec::new();
    let rest = format!("Redrive the remaining {}", remaining(run));
    let mut all: Vec<(Command, &str)> = Vec::new();
    if run.waits() {
        all.push((Command::Open, &rest));
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
        let text = format!("journal: {}", own.journal.display());
        say(&mut rows, look, Role::Muted, &text, cells);
    }
    if let Some(audit) = &run.audit {
        let text = format!("audit line: {}", audit.display());
        say(&mut rows, look, Role::Muted, &text, cells);
    }
    if !run.over && !run.stopping {
        all.push((Command::Stop, "Stop"));
    }
    all.push((Command::Close, "Back"));
    let title = format!("Redrive from {}", look.name(&run.name, 40));
    window(buffer, screen, &title, rows, scroll, keys(app, look, &all), look);
}

/// How far SQS is that moves the messages itself, behind a canary of ours where there is one.
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
            let of = task.to_move.map_or_else(String::new, |n| format!(" of about {n}"));
            Some(format!(
                "SQS moves: about {}{of}, {}; its counts lag",
                task.moved, task.status
            ))
        }
        None if canary.is_none() => Some("SQS was asked to move the queue".to_owned()),
        None => None,
    };
    if let Some(text) = text {
        say(rows, look, Role::Strong, &text, cells);
    }
    if let Some(failure) = task.and_then(|task| task.failure.as_ref()) {
        say(rows, look, Role::Failing, &format!("it failed: {failure}"), cells);
    }
    if run.stopping && !ended {
        let text = "asked to stop: SQS does so lazily, and goes on with what it has in hand";
        say(rows, look, Role::Warning, text, cells);
    }
    if run.stopping && ended && task.is_none() {
        let text = format!("stopped behind the canary: {} messages stay", remaining(run));
        say(rows, look, Role::Warning, &text, cells);
    }
}

/// What the queue has beyond what stayed, once a redrive is over: counts do not tell one message from another.
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
    let text = format!(
        "{more} came into the queue since the redrive ended ({} there, {stays} then), counted {}: read it again to see which \
         came back",
        depth.value.total(),
        look.time_of_day(depth.at, true)
    );
    say(rows, look, Role::Failing, &text, cells);
}

fn client(rows: &mut Vec<Row>, run: &Run, progress: &Progress, look: &RenderContext, cells: usize) {
    let names: Vec<&str> = run.to.iter().map(|arn| short_name(arn)).collect();
    let all = run.course.messages.max(progress.chosen as u64);
    let text = format!("{} of {all} redriven to {}", progress.sent, names.join(", "));
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
            format!("{}/s, {left} left, ", number(progress.per_second()))
        }
        _ => format!("{}/s, ", number(progress.per_second())),
    };
    let word = if run.waits() {
        format!("canary sent, {} waiting: ", remaining(run))
    } else {
        match progress.phase {
            Phase::Canary => "canary on its way: ".to_owned(),
            Phase::Waiting => format!("canary sent, {} waiting: ", remaining(run)),
            Phase::Moving => "sending: ".to_owned(),
            Phase::Closing => "asking the queue whether all have gone: ".to_owned(),
            Phase::Over => String::new(),
        }
    };
    let text = format!(
        "{word}{pace}{} deleted from {}",
        progress.deleted,
        look.name(&run.name, 40)
    );
    say(rows, look, Role::Text, &text, cells);
    let (runs, failed) = progress.runs;
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
        let text = format!("{bounce}; target since: {runs} invocations, {failed} failed");
        say(rows, look, role, &text, cells);
    }
    if progress.unknown > 0 {
        let text = format!("{} sends got no answer: they may be there twice", progress.unknown);
        say(rows, look, Role::Warning, &text, cells);
    }
    if let Some(trouble) = &progress.trouble {
        say(rows, look, Role::Warning, &look.say(trouble), cells);
    }
    if run.stopping && !run.over {
        let text = "stopping: what is under way is brought to its end, the rest is made visible again";
        say(rows, look, Role::Warning, text, cells);
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
        let text = format!("done: {} sent, {} deleted", summary.sent, summary.deleted);
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
            &format!("stayed: {}: {}", left.message_id, look.say(&left.why)),
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
