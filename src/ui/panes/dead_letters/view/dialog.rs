//! Dialogs, and the one before a queue is read.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::queues::against;
use crate::dead_letters::peek::{MOST, hidden_s};
use crate::dead_letters::read_guard::{notice as cautions, refusals};
use crate::domain::NodeId;
use crate::store::snapshot::Snapshot;
use crate::ui::app::App;
use crate::ui::dialogs::list::frame;
use crate::ui::input::keys::{Command, Context};
use crate::ui::panes::dead_letters::state::queues;
use crate::ui::text::wrap;
use crate::ui::theme::Role;
use crate::ui::theme::render_context::RenderContext;
use crate::ui::widgets::pane;
use crate::ui::widgets::rows::Row;
use crate::words::say;

/// The width of a line in a dialog.
pub(super) fn cells(screen: Rect) -> usize {
    usize::from(screen.width.saturating_sub(8).min(116))
}

/// Draws a dialog with its lines from `scroll` on, and its buttons below them.
pub(super) fn window(
    buffer: &mut Buffer,
    screen: Rect,
    title: &str,
    lines: Vec<Row>,
    scroll: usize,
    keys: Row,
    look: &RenderContext,
) {
    let area = frame(buffer, screen, lines.len() + 2, title, look);
    let room = usize::from(area.height.saturating_sub(2)).max(1);
    let last = lines.len().saturating_sub(room);
    let scroll = scroll.min(last);
    for (row, y) in lines.into_iter().skip(scroll).take(room).zip(area.top()..) {
        row.draw(buffer, (area.x, y), area.width, look);
    }
    if scroll < last {
        let more = format!(
            "{} {}",
            look.glyphs.lines.arrows[1],
            say!(look, "pane-more", n = last - scroll)
        );
        let row = Row::of(look, Role::Muted, more);
        pane::at_right(buffer, area.bottom(), area.x, area.right(), row);
    }
    let keys = keys.cut(look, usize::from(area.width));
    buffer.set_line(area.x, area.bottom() - 1, &keys.line(), area.width);
}

/// The buttons of a dialog: each key with its verb.
pub(super) fn keys(app: &App, look: &RenderContext, all: &[(Command, String)]) -> Row {
    let mut row = Row::new();
    for (command, word) in all {
        let mut bindings = app.keys.of(Context::Dialog);
        let key = bindings
            .find(|binding| binding.run == *command)
            .and_then(|binding| binding.on.first());
        if let Some(key) = key {
            let key = key.to_string();
            row = row
                .then(look, Role::Key, key)
                .then(look, Role::Text, format!(" {word}   "));
        }
    }
    row
}

/// Appends a wrapped text in one role.
pub(super) fn say(rows: &mut Vec<Row>, look: &RenderContext, role: Role, text: &str, cells: usize) {
    rows.extend(wrap(text, cells).into_iter().map(|line| Row::of(look, role, line)));
}

/// Draws the dialog that says what reading a queue does.
pub(super) fn notice(
    buffer: &mut Buffer,
    screen: Rect,
    (id, max): (&NodeId, usize),
    app: &App,
    snapshot: &Snapshot,
    look: &RenderContext,
) {
    let all = queues(snapshot);
    let Some(queue) = all.iter().find(|queue| queue.id == *id) else {
        return;
    };
    let cells = cells(screen);
    let mut rows = Vec::new();
    for line in cautions(queue, max, hidden_s(max)) {
        say(&mut rows, look, Role::Text, &look.say(&line.into()), cells);
        rows.push(Row::new());
    }
    let refused = refusals(queue);
    for refusal in &refused {
        let why = against(refusal, &queue.name, look);
        say(&mut rows, look, Role::Warning, &why, cells);
        rows.push(Row::new());
    }
    if let Some(why) = &app.dlq.closed {
        say(&mut rows, look, Role::Warning, &look.say(why), cells);
    }
    let mut all = vec![(Command::Open, say!(look, "button-read", anyway = !refused.is_empty()))];
    all.extend((max < MOST).then(|| (Command::More, say!(look, "button-read-more"))));
    all.push((Command::Close, say!(look, "button-cancel")));
    if app.dlq.closed.is_some() {
        all = vec![(Command::Close, say!(look, "button-back"))];
    }
    let title = say!(look, "dialog-read", queue = look.name(&queue.name, 40), max = max);
    window(buffer, screen, &title, rows, 0, keys(app, look, &all), look);
}
