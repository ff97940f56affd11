//! The rows of retries: event, time line, next attempt.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::time_line::{axis, draw_axis, draw_delivery, draw_now};
use super::{list_rows, notes, window};
use crate::store::snapshot::Snapshot;
use crate::ui::panes::delivery;
use crate::ui::panes::retries::axis::Axis;
use crate::ui::panes::retries::state::{Entry, Retries};
use crate::ui::text::{count, pad};
use crate::ui::theme::Role;
use crate::ui::theme::render_context::RenderContext;
use crate::ui::widgets::pane;
use crate::ui::widgets::rows::Row;
use crate::words::say;

/// The widths of the columns.
#[derive(Clone, Copy)]
struct Columns {
    name: usize,
    id: usize,
    chart: u16,
    words: usize,
}

impl Columns {
    fn of(width: u16, all: &[Entry], snapshot: &Snapshot, look: &RenderContext) -> Self {
        let width = usize::from(width);
        let longest = all
            .iter()
            .map(|entry| crate::ui::text::width(&delivery::name(snapshot, &entry.first().function, look)))
            .max();
        let name = longest.unwrap_or(8).clamp(8, if width < 80 { 14 } else { 24 });
        let id = if width < 70 { 0 } else { 9 };
        let words = match width {
            // When the next try comes is worth more than a long line.
            0..90 => 22,
            90..130 => 26,
            130..170 => 44,
            _ => 60,
        };
        let chart = width.saturating_sub(2 + name + 1 + id + words + 2);
        Self {
            name,
            id,
            chart: u16::try_from(chart).unwrap_or(0),
            words,
        }
    }
}

pub(super) fn draw_list(
    buffer: &mut Buffer,
    area: Rect,
    all: &[Entry],
    at: Option<usize>,
    state: &Retries,
    snapshot: &Snapshot,
    look: &RenderContext,
) {
    let deliveries = &snapshot.deliveries;
    if all.is_empty() {
        let row = Row::of(look, Role::Muted, nothing(state, snapshot, look));
        row.draw(buffer, (area.x, area.y), area.width, look);
    } else {
        let (first, shown) = window(all.len(), at.unwrap_or(0), list_rows(area.height, deliveries));
        let seen = &all[first..first + shown];
        let columns = Columns::of(area.width, all, snapshot, look);
        let axis = axis(seen, columns.chart, state.zoom, look);
        let chart_x = area.x + u16::try_from(2 + columns.name + 1 + columns.id).unwrap_or(0);
        draw_axis(buffer, Rect::new(chart_x, area.y, columns.chart, 1), &axis, look);
        for ((place, entry), y) in seen.iter().enumerate().zip(area.y + 1..) {
            draw_row(
                buffer,
                Rect::new(area.x, y, area.width, 1),
                entry,
                &columns,
                &axis,
                snapshot,
                look,
            );
            if at == Some(first + place) {
                let line = Rect::new(area.x.saturating_sub(1), y, area.width + 2, 1);
                buffer.set_style(line, look.style(Role::Cursor));
            }
        }
        let unseen = (first, all.len() - first - shown);
        pane::beyond(buffer, area.bottom(), area.x, area.right(), unseen, look);
    }
    draw_notes(buffer, area, snapshot, look);
}

fn draw_row(
    buffer: &mut Buffer,
    area: Rect,
    entry: &Entry,
    columns: &Columns,
    axis: &Axis,
    snapshot: &Snapshot,
    look: &RenderContext,
) {
    let first = entry.first();
    let (mark, role) = delivery::mark(first, look);
    let name = look.name(&delivery::name(snapshot, &first.function, look), columns.name);
    let id = match entry {
        Entry::Many(_) => format!("{}{}", look.glyphs.text.times, count(entry.count())),
        Entry::One(one) if one.count > 1 => format!("{}{}", look.glyphs.text.times, count(one.count)),
        Entry::One(one) => delivery::short_id(&one.id),
    };
    let row = Row::of(look, role, format!("{mark} "))
        .then(look, Role::Strong, pad(&name, columns.name))
        .then(look, Role::Text, " ")
        .then(
            look,
            Role::Muted,
            pad(&look.cut(&id, columns.id.saturating_sub(1)), columns.id),
        );
    buffer.set_line(area.x, area.y, &row.line(), area.width);
    let chart = Rect::new(
        area.x + u16::try_from(2 + columns.name + 1 + columns.id).unwrap_or(0),
        area.y,
        columns.chart,
        1,
    );
    draw_now(buffer, chart, axis, look);
    // What lies on top is drawn last: the first of the row's events.
    for delivery in entry.all().iter().rev().take(50) {
        draw_delivery(buffer, chart, delivery, axis, look);
    }
    draw_delivery(buffer, chart, first, axis, look);
    if columns.words > 0 {
        let words = delivery::in_short(first, snapshot, look, columns.words).cut(look, columns.words);
        buffer.set_line(
            chart.right() + 2,
            area.y,
            &words.line(),
            area.right().saturating_sub(chart.right() + 2),
        );
    }
}

fn nothing(state: &Retries, snapshot: &Snapshot, look: &RenderContext) -> String {
    let deliveries = &snapshot.deliveries;
    if let Some(only) = &state.only {
        let name = snapshot
            .topology
            .nodes
            .get(only)
            .map_or(only.as_str(), |node| &node.name);
        return say!(look, "retries-none-of", name = name);
    }
    if deliveries.deliveries.is_empty() {
        return match deliveries.unobservable.len() {
            0 => no_run(snapshot, look),
            n => say!(look, "retries-none-observable", n = n),
        };
    }
    let well = deliveries.deliveries.len();
    say!(look, "retries-none", n = well)
}

/// Why there are no rows; "none" only once all logs were read.
pub fn no_run(snapshot: &Snapshot, look: &RenderContext) -> String {
    if snapshot.is_reading_logs() {
        say!(look, "invocations-none-so-far")
    } else if snapshot.logs.groups.values().any(|group| group.unread.is_some()) {
        say!(look, "invocations-none-readable")
    } else {
        say!(look, "invocations-none-yet")
    }
}

fn draw_notes(buffer: &mut Buffer, area: Rect, snapshot: &Snapshot, look: &RenderContext) {
    let deliveries = &snapshot.deliveries;
    let mut y = area
        .bottom()
        .saturating_sub(u16::try_from(notes(deliveries)).unwrap_or(0));
    if !deliveries.throttled.is_empty() {
        let mut row = Row::of(
            look,
            Role::Warning,
            format!("{} {} ", look.glyphs.signs.warning, say!(look, "retries-throttled")),
        );
        for (n, one) in deliveries.throttled.iter().enumerate() {
            let name = delivery::name(snapshot, &one.function, look);
            let gap = if n == 0 { "" } else { ", " };
            let (n, age) = (count(one.count), look.freshness(one.read_at));
            let text = say!(look, "retries-throttled-by", name = name, n = n, age = age);
            row = row.then(look, Role::Text, format!("{gap}{text}"));
        }
        row.draw(buffer, (area.x, y), area.width, look);
        y += 1;
    }
    if let Some(first) = deliveries.unobservable.first() {
        let name = delivery::name(snapshot, &first.function, look);
        let text = say!(
            look,
            "retries-not-observable",
            name = name,
            why = first.why.clone(),
            more = deliveries.unobservable.len() - 1,
        );
        let text = format!("{} {text}", look.glyphs.signs.unknown);
        let row = Row::of(look, Role::Unknown, look.cut(&text, usize::from(area.width)));
        buffer.set_line(area.x, y, &row.line(), area.width);
    }
}
