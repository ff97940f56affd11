//! Dialogs, and the one before a queue is read.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::queues::against;
use crate::dead_letters::peek::{MOST, hidden_s};
use crate::dead_letters::read_guard::{notice as cautions, refusals};
use crate::domain::NodeId;
use crate::store::snapshot::Snapshot;
use crate::ui::app::mode::Mode;
use crate::ui::app::{App, footer};
use crate::ui::dialogs::list::frame;
use crate::ui::input::keys::{Command, Context};
use crate::ui::panes::dead_letters::state::{Question, queues};
use crate::ui::panes::state::Pane;
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

/// A window that asks: what it says, from the line `scroll` on, and its buttons.
pub(super) struct Window<'a> {
    pub(super) title: &'a str,
    pub(super) lines: Vec<Row>,
    pub(super) scroll: usize,
    pub(super) buttons: Vec<(Command, String)>,
}

/// Draws a window. At its foot stands what is typed, where something is, and its buttons, all of them.
pub(super) fn window(buffer: &mut Buffer, screen: Rect, open: Window, app: &App, look: &RenderContext) {
    let Window {
        title,
        lines,
        scroll,
        buttons,
    } = open;
    let cells = cells(screen);
    let (above, buttons) = match asked(app, look, cells) {
        Some((above, buttons)) => (above, flow(app, Context::Answer, buttons, look, cells)),
        None => (Vec::new(), flow(app, Context::Dialog, buttons, look, cells)),
    };
    let blank = usize::from(!lines.is_empty());
    let foot = above.len() + buttons.len();
    let area = frame(buffer, screen, lines.len() + blank + foot, title, look);
    let foot = u16::try_from(foot).unwrap_or(area.height).min(area.height);
    let room = usize::from(area.height - foot).saturating_sub(blank);
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
    let mut y = area.bottom() - foot;
    for row in above {
        row.draw(buffer, (area.x, y), area.width, look);
        y += 1;
    }
    for (row, y) in buttons.into_iter().zip(y..area.bottom()) {
        let mut x = area.x;
        for (run, button) in row {
            let wide = u16::try_from(button.width()).unwrap_or(u16::MAX);
            look.button(Rect::new(x, y, wide, 1), run);
            button.draw(buffer, (x, y), area.right().saturating_sub(x), look);
            x += wide + GAP;
        }
    }
}

/// Cells between two buttons.
const GAP: u16 = 3;

/// Buttons in as many rows as they need, each with its key.
fn flow(
    app: &App,
    place: Context,
    all: Vec<(Command, String)>,
    look: &RenderContext,
    cells: usize,
) -> Vec<Vec<(Command, Row)>> {
    let mut rows: Vec<Vec<(Command, Row)>> = Vec::new();
    let mut left = 0;
    for (run, word) in all {
        let key = app.keys.of(place).find(|binding| binding.run == run);
        let Some(key) = key.and_then(|binding| binding.on.first()) else {
            continue;
        };
        let button = Row::of(look, Role::Key, key.to_string()).then(look, Role::Text, format!(" {word}"));
        let wide = button.width();
        match rows.last_mut().filter(|_| wide <= left) {
            Some(row) => row.push((run, button)),
            None => {
                rows.push(vec![(run, button)]);
                left = cells;
            }
        }
        left = left.saturating_sub(wide + usize::from(GAP));
    }
    rows
}

/// What is asked in a window and the answer so far, and the buttons for it.
fn asked(app: &App, look: &RenderContext, cells: usize) -> Option<(Vec<Row>, Vec<(Command, String)>)> {
    let Mode::Answer(question, typed) = &app.mode else {
        return None;
    };
    let Pane::DeadLetters(state) = &app.panes.below else {
        return None;
    };
    let queue = state.letters.as_ref().map_or("", |letters| &letters.queue.name);
    let mut rows = Vec::new();
    say(
        &mut rows,
        look,
        Role::Notice,
        &footer::asked(question, queue, look),
        cells,
    );
    let sign = Row::of(look, Role::Key, "> ");
    rows.push(sign.join(footer::answer(typed, cells.saturating_sub(4), look)));
    rows.push(Row::new());
    let word = match question {
        Question::GoName { .. } => say!(look, "button-redrive"),
        Question::ReadAnyway { .. } => say!(look, "button-read", anyway = true),
        Question::Elsewhere => say!(look, "button-elsewhere"),
        Question::DeleteName(_) => say!(look, "button-delete"),
        _ => say!(look, "button-export"),
    };
    let cancel = say!(look, "button-cancel");
    Some((rows, vec![(Command::Open, word), (Command::Close, cancel)]))
}

/// Draws what is asked where no other window is open.
pub(super) fn question(buffer: &mut Buffer, screen: Rect, app: &App, look: &RenderContext) {
    let Mode::Answer(question, _) = &app.mode else { return };
    if !question.is_of_a_window() {
        return;
    }
    let title = match question {
        Question::Export => say!(look, "button-export"),
        Question::DeleteTo | Question::DeleteName(_) => say!(look, "button-delete"),
        _ => say!(look, "button-redrive"),
    };
    let open = Window {
        title: &title,
        lines: Vec::new(),
        scroll: 0,
        buttons: Vec::new(),
    };
    window(buffer, screen, open, app, look);
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
        say(&mut rows, look, Role::Warning, why, cells);
    }
    let mut all = vec![(Command::Open, say!(look, "button-read", anyway = !refused.is_empty()))];
    all.extend((max < MOST).then(|| (Command::More, say!(look, "button-read-more"))));
    all.push((Command::Close, say!(look, "button-cancel")));
    if app.dlq.closed.is_some() {
        all = vec![(Command::Close, say!(look, "button-back"))];
    }
    let title = say!(look, "dialog-read", queue = look.name(&queue.name, 40), max = max);
    let open = Window {
        title: &title,
        lines: rows,
        scroll: 0,
        buttons: all,
    };
    window(buffer, screen, open, app, look);
}
