//! The pane of dead letters: the queues, the messages of a queue, one message; and the dialogs over them.
//!
//! ```text
//! ├ Dead letters  q-dlq · 12 messages · 3 marked · by expiry ─────────────────────────────────────┤
//! │ read 14:02:11 in 2 receives, receive counts 3 → 4, 12 visible again                            │
//! │ ▾ 9 × KeyError: '…'  orders-work  SQS                                                          │
//! │ ●  2 d 4 h  SQS  orders-work  KeyError: 'price'                           4   312 B  1 d 20 h  │
//! ```

mod dialog;
mod diff;
mod list;
mod message;
mod plan;
mod queues;
mod run;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::dead_letters::dead_letter::Order;
use crate::dlq::DlqState;
use crate::domain::Origin;
use crate::domain::phrase::Phrase;
use crate::store::snapshot::Snapshot;
use crate::ui::app::App;
use crate::ui::app::header::read_only;
use crate::ui::panes::dead_letters::state::{DeadLettersPane, Dialog, Inside, queues as known_queues};
use crate::ui::theme::Role;
use crate::ui::theme::render_context::RenderContext;
use crate::ui::widgets::pane;
use crate::ui::widgets::rows::Row;
use crate::words::say;

pub use list::row_at as list_row_at;
pub use queues::row_at as queue_row_at;

/// Draws the pane.
pub fn render(
    buffer: &mut Buffer,
    area: Rect,
    state: &DeadLettersPane,
    app: &App,
    snapshot: &Snapshot,
    look: &RenderContext,
) {
    let cells = usize::from(area.width).saturating_sub(4);
    let desk = &app.dlq;
    let inside = pane::pane(buffer, area, title(state, desk, snapshot, look), look);
    let unseen = match state.inside {
        Inside::Queues => queues::render(buffer, inside, state, desk, snapshot, look),
        Inside::List => list::render(buffer, inside, state, look),
        Inside::Message => {
            message::render(buffer, inside, &state.letter, look);
            (0, 0)
        }
    };
    let (y, right) = (area.bottom() - 1, area.right() - 1);
    let under_way = under_way(desk, look).cut(look, cells.saturating_sub(2));
    let taken = under_way.width();
    pane::at_right(buffer, y, area.x, right, under_way);
    let gap = if taken > 0 { taken + 3 } else { 0 };
    let right = right.saturating_sub(u16::try_from(gap).unwrap_or(right));
    pane::beyond(buffer, y, area.x, right, unseen, look);
}

/// Draws the dialog over the screen.
pub fn render_dialog(
    buffer: &mut Buffer,
    screen: Rect,
    state: &DeadLettersPane,
    app: &App,
    snapshot: &Snapshot,
    look: &RenderContext,
) {
    let desk = &app.dlq;
    match &state.dialog {
        None => dialog::question(buffer, screen, app, look),
        Some(Dialog::Notice { queue, max }) => {
            dialog::notice(buffer, screen, (queue, *max), app, snapshot, look);
        }
        Some(Dialog::Plan { scroll }) => plan::render(buffer, screen, *scroll, desk, app, snapshot, look),
        Some(Dialog::Run { scroll }) => run::render(buffer, screen, *scroll, (desk, snapshot), app, look),
        Some(Dialog::Diff { id, body, scroll }) => diff::render(buffer, screen, (id, body, *scroll), state, app, look),
    }
}

fn title(state: &DeadLettersPane, desk: &DlqState, snapshot: &Snapshot, look: &RenderContext) -> Row {
    let dot = format!(" {} ", look.glyphs.text.dot);
    let mut row = Row::of(look, Role::Title, say!(look, "dlq-title")).then(look, Role::Text, "  ");
    if desk.closed.is_some() {
        row = row.join(read_only(look)).then(look, Role::Text, " ");
    }
    let (Some(letters), true) = (&state.letters, state.inside != Inside::Queues) else {
        // What could not be read may be a queue, or the link that leads to one. Where no queue is known the list says it.
        let why = snapshot.not_known().filter(|_| !known_queues(snapshot).is_empty());
        return match why {
            Some(why) => row.then(
                look,
                Role::Warning,
                say!(look, "dlq-maybe-more", why = Phrase::from(why)),
            ),
            None => row,
        };
    };
    let list = &state.list;
    row = row.then(look, Role::Strong, look.name(&letters.queue.name, 40));
    let all = letters.entries.len();
    let gone = list.gone.len();
    let shown = Some(list.shown).filter(|shown| *shown != all);
    let shown = say!(look, "dlq-messages", n = all, shown = shown);
    row = row.then(look, Role::Faint, dot.clone()).then(look, Role::Text, shown);
    if gone > 0 {
        let text = say!(look, "dlq-redriven", n = gone);
        row = row.then(look, Role::Faint, dot.clone()).then(look, Role::Notice, text);
    }
    let back = list.back;
    if back > 0 {
        let text = say!(look, "dlq-came-back", n = back);
        row = row.then(look, Role::Faint, dot.clone()).then(look, Role::Failing, text);
    }
    if !list.marks.is_empty() {
        let text = say!(look, "dlq-marked", n = list.marks.len());
        row = row.then(look, Role::Faint, dot.clone()).then(look, Role::Notice, text);
    }
    if list.anchor.is_some() {
        row = row
            .then(look, Role::Faint, dot.clone())
            .then(look, Role::Notice, say!(look, "dlq-marking-range"));
    }
    if !list.edits.is_empty() {
        let text = say!(look, "dlq-edited", n = list.edits.len());
        row = row.then(look, Role::Faint, dot.clone()).then(look, Role::Notice, text);
    }
    row = row.then(look, Role::Faint, dot.clone()).then(
        look,
        Role::Muted,
        say!(look, "dlq-order", order = order_word(list.order, look)),
    );
    for (mark, text) in [("/", &list.filter.text), ("|", &list.filter.jq)] {
        if !text.is_empty() {
            let text = format!("{mark} {}", look.cut(text, 30));
            row = row.then(look, Role::Faint, dot.clone()).then(look, Role::Match, text);
        }
    }
    if let Some(job) = &list.sifting {
        let text = look.say(&job.progress().into());
        row = row.then(look, Role::Faint, dot).then(look, Role::Notice, text);
    }
    row
}

/// The work in progress, for the lower border.
fn under_way(desk: &DlqState, look: &RenderContext) -> Row {
    let row = Row::new();
    if let Some(reading) = &desk.reading {
        if let Some(hidden) = reading.hidden {
            return row.then(look, Role::Notice, look.say(&hidden.short().into()));
        }
        let text = say!(look, "dlq-reading", n = reading.count, tracing = reading.tracing);
        return row.then(look, Role::Notice, text);
    }
    match &desk.run {
        Some(run) if !run.over => row.then(look, Role::Notice, say!(look, "dlq-run", run = run::short(run, look))),
        _ => row,
    }
}

/// An origin in words.
fn origin_word(origin: Origin, look: &RenderContext) -> String {
    match origin {
        Origin::SqsRedrive => say!(look, "origin-sqs"),
        Origin::LambdaAsync => say!(look, "origin-async"),
        Origin::Destination => say!(look, "origin-destination"),
        Origin::Stream => say!(look, "origin-stream"),
        Origin::Sns => say!(look, "origin-sns"),
        Origin::Eventbridge => say!(look, "origin-rule"),
        Origin::Scheduler => say!(look, "origin-schedule"),
        Origin::Pipe => say!(look, "origin-pipe"),
        Origin::Unknown => say!(look, "origin-unknown"),
    }
}

/// An order in words.
fn order_word(order: Order, look: &RenderContext) -> String {
    match order {
        Order::Expiry => say!(look, "order-expiry"),
        Order::Age => say!(look, "order-age"),
        Order::Origin => say!(look, "order-origin"),
        Order::Function => say!(look, "order-function"),
        Order::Fault => say!(look, "order-error"),
        Order::Receives => say!(look, "order-receives"),
        Order::Size => say!(look, "order-size"),
    }
}

/// The first visible row, so that the chosen one is visible.
fn first_in_sight(at: usize, rows: usize, room: usize) -> usize {
    // In the middle where it can be, so that one sees where one goes.
    at.saturating_sub(room / 2).min(rows.saturating_sub(room))
}

/// Highlights the chosen row.
fn cursor(buffer: &mut Buffer, area: Rect, y: u16, look: &RenderContext) {
    let line = Rect::new(area.x.saturating_sub(1), y, area.width + 2, 1);
    buffer.set_style(line, look.style(Role::Cursor));
}

/// The arrow between an old and a new value.
fn becomes(look: &RenderContext) -> &'static str {
    match look.glyphs.charset {
        crate::ui::settings::Charset::Utf8 => "→",
        crate::ui::settings::Charset::Ascii => "->",
    }
}
