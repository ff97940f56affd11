//! Retries on a time line: what was observed, inferred and predicted of each event.
//!
//! ```text
//! ├ Retries  2 retrying · 1 lost ────────────────────────────────────────────────────────────────┤
//! │                       14:00       14:01       now   14:02                                      │
//! │ ✗ orders-in    5f1c   ✗━━━━━━━━━━━✗╌╌╌╌╌╌╌╌╌╌╌╌│╌╌╌╌░░░░   3 of 3 in 01:12–01:24, then dropped │
//! ```

mod list;
mod time_line;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::delivery::{Deliveries, Delivery, Fate};
use crate::store::snapshot::Snapshot;
use crate::ui::panes::retries::state::{Retries, chosen_attempt, is_tried_again, needs_a_look, rows};
use crate::ui::panes::{delivery, logs};
use crate::ui::text::count;
use crate::ui::theme::Role;
use crate::ui::theme::render_context::RenderContext;
use crate::ui::widgets::pane;
use crate::ui::widgets::rows::Row;
use crate::words::say;
use list::draw_list;
pub(crate) use list::no_run;

/// Draws the pane.
pub fn render(buffer: &mut Buffer, area: Rect, state: &Retries, snapshot: &Snapshot, look: &RenderContext) {
    let inside = frame(buffer, area, snapshot, look);
    let all = rows(&snapshot.deliveries, state);
    let at = state.place(&all);
    let parts = Parts::of(inside, state, all.len());
    if let Some(list) = parts.list {
        draw_list(buffer, list, &all, Some(at), state, snapshot, look);
    }
    if let (Some(words), Some(entry)) = (parts.words, all.get(at)) {
        let chosen = chosen_attempt(entry.first(), state.attempt);
        delivery::render(buffer, words, entry, chosen, state.scroll, snapshot, look);
    }
    if let Some(log) = parts.log {
        match &state.log {
            Some(pane) => logs::view::render(buffer, log, pane, snapshot, look),
            None => no_log(buffer, log, look),
        }
    }
}

/// Draws the summary: the first rows, below the issues if no pane is open.
pub fn glance(buffer: &mut Buffer, area: Rect, snapshot: &Snapshot, look: &RenderContext) {
    let inside = frame(buffer, area, snapshot, look);
    let state = Retries::default();
    let all = rows(&snapshot.deliveries, &state);
    draw_list(buffer, inside, &all, None, &state, snapshot, look);
}

/// Draws the frame with its title. Returns the area inside.
fn frame(buffer: &mut Buffer, area: Rect, snapshot: &Snapshot, look: &RenderContext) -> Rect {
    let mut title = Row::of(look, Role::Title, say!(look, "retries-title"));
    let counts = counts(&snapshot.deliveries, look);
    if counts.width() > 0 {
        title = title.then(look, Role::Text, "  ").join(counts);
    }
    let forgotten = snapshot.deliveries.forgotten;
    if forgotten > 0 {
        let text = say!(look, "retries-dropped", n = count(forgotten));
        title = title.then(look, Role::Warning, format!("  {text}"));
    }
    pane::pane(buffer, area, title, look)
}

/// Says that an attempt has no log lines.
fn no_log(buffer: &mut Buffer, area: Rect, look: &RenderContext) {
    let title = Row::of(look, Role::Title, say!(look, "logs-title"));
    let inside = pane::pane(buffer, area, title, look);
    pane::nothing(buffer, inside, say!(look, "retries-no-log"), look);
}

/// The areas of the rows, of the text of the open one, and of its log.
#[derive(Clone, Copy, Debug, Default)]
struct Parts {
    list: Option<Rect>,
    words: Option<Rect>,
    log: Option<Rect>,
}

impl Parts {
    /// Rows above, text and log side by side below them; on a narrow screen one below the other, and on the smallest only one
    /// of them.
    fn of(area: Rect, state: &Retries, rows: usize) -> Self {
        if !state.open {
            return Self {
                list: Some(area),
                ..Self::default()
            };
        }
        if area.width < 100 {
            if area.height < 17 {
                let (words, log) = if state.log_first {
                    (None, Some(area))
                } else {
                    (Some(area), None)
                };
                return Self { list: None, words, log };
            }
            let log = (area.height * 2 / 5).max(7);
            return Self {
                list: None,
                words: Some(Rect::new(area.x, area.y, area.width, area.height - log)),
                log: Some(Rect::new(area.x, area.bottom() - log, area.width, log)),
            };
        }
        let wanted = u16::try_from(rows + 3).unwrap_or(u16::MAX);
        let list = if area.height < 16 {
            0
        } else {
            wanted.min(area.height / 3)
        };
        let words = (area.width * 2 / 5).clamp(44, 80);
        let (y, height) = (area.y + list, area.height - list);
        Self {
            list: (list > 0).then(|| Rect::new(area.x, area.y, area.width, list)),
            words: Some(Rect::new(area.x, y, words, height)),
            log: Some(Rect::new(area.x + words + 1, y, area.width - words - 1, height)),
        }
    }
}

/// The area of the log of the chosen attempt.
#[must_use]
pub fn log_area(area: Rect, state: &Retries, snapshot: &Snapshot) -> Option<Rect> {
    Parts::of(pane::inside(area), state, rows(&snapshot.deliveries, state).len()).log
}

/// The index of the row at a line of the screen.
#[must_use]
pub fn row_at(area: Rect, y: u16, state: &Retries, snapshot: &Snapshot) -> Option<usize> {
    let all = rows(&snapshot.deliveries, state);
    let inside = pane::inside(area);
    let list = Parts::of(inside, state, all.len()).list?;
    let (first, shown) = window(
        all.len(),
        state.place(&all),
        list_rows(list.height, &snapshot.deliveries),
    );
    let row = usize::from(y.checked_sub(inside.y + 1)?);
    (row < shown).then_some(first + row)
}

/// The lines for rows: the first line is the axis, the last ones say what is not observable.
fn list_rows(height: u16, deliveries: &Deliveries) -> usize {
    usize::from(height)
        .saturating_sub(1)
        .saturating_sub(notes(deliveries))
        .max(1)
}

fn notes(deliveries: &Deliveries) -> usize {
    usize::from(!deliveries.unobservable.is_empty()) + usize::from(!deliveries.throttled.is_empty())
}

/// The visible rows: the index of the first, and their number.
fn window(rows: usize, at: usize, room: usize) -> (usize, usize) {
    let first = if at < room { 0 } else { at + 1 - room };
    (first, room.min(rows - first.min(rows)))
}

fn counts(deliveries: &Deliveries, look: &RenderContext) -> Row {
    let of = |what: &dyn Fn(&&Delivery) -> bool| -> u64 {
        let all = deliveries.deliveries.iter().filter(what);
        all.map(|delivery| delivery.count.max(1)).sum()
    };
    let has_end =
        |delivery: &&Delivery, fates: &[Fate]| delivery.end.as_ref().is_some_and(|end| fates.contains(&end.fate));
    let again = of(&|delivery| needs_a_look(delivery) && is_tried_again(delivery));
    // A mapping that is off, receives that are used up, a shard of which nothing is heard.
    let waiting = of(&|delivery| delivery.end.is_none() && needs_a_look(delivery) && !is_tried_again(delivery));
    let lost = of(&|delivery| has_end(delivery, &[Fate::Dropped, Fate::Expired]));
    let dead = of(&|delivery| has_end(delivery, &[Fate::DeadLetter, Fate::Destination]));
    let parts = [
        (again, say!(look, "retries-retrying", n = count(again)), Role::Warning),
        (lost, say!(look, "retries-lost", n = count(lost)), Role::Failing),
        (dead, say!(look, "retries-dead-letters", n = dead), Role::Muted),
        (waiting, say!(look, "retries-waiting", n = count(waiting)), Role::Muted),
    ];
    let mut row = Row::new();
    for (_, text, role) in parts.into_iter().filter(|(n, ..)| *n > 0) {
        if row.width() > 0 {
            row = row.then(look, Role::Faint, format!(" {} ", look.glyphs.text.dot));
        }
        row = row.then(look, role, text);
    }
    row
}
