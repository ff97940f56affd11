//! Lists over the chain: issues, and what could not be read.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::store::snapshot::Snapshot;
use crate::ui::panes::issues::{Columns, all, calm, line};
use crate::ui::text::wrap;
use crate::ui::theme::Role;
use crate::ui::theme::render_context::RenderContext;
use crate::ui::widgets::pane;
use crate::ui::widgets::rows::Row;
use crate::words::say;

/// A frame in the middle of the screen for so many rows; what is inside it.
pub fn frame(buffer: &mut Buffer, screen: Rect, rows: usize, title: &str, look: &RenderContext) -> Rect {
    let wide = screen.width.saturating_sub(4).min(120);
    let tall = u16::try_from(rows + 2)
        .unwrap_or(u16::MAX)
        .clamp(5, screen.height.saturating_sub(3));
    let area = Rect::new((screen.width - wide) / 2, (screen.height - 1 - tall) / 2, wide, tall);
    pane::window(buffer, area, Row::of(look, Role::Title, title), look)
}

/// Draws the issues.
pub fn issues(buffer: &mut Buffer, screen: Rect, at: usize, snapshot: &Snapshot, look: &RenderContext) {
    let all = all(snapshot, look);
    let area = frame(buffer, screen, all.len().max(1) + 2, &say!(look, "issues-title"), look);
    if all.is_empty() {
        buffer.set_line(area.x, area.y, &calm(snapshot, look).line(), area.width);
        return;
    }
    let rows = usize::from(area.height).saturating_sub(2);
    let first = at.saturating_sub(rows.saturating_sub(1));
    let columns = Columns::of(
        all.iter().skip(first).take(rows),
        snapshot,
        look,
        usize::from(area.width),
    );
    for ((place, issue), y) in all.iter().enumerate().skip(first).take(rows).zip(area.top()..) {
        buffer.set_line(area.x, y, &line(issue, &columns, false, snapshot, look), area.width);
        if place == at {
            buffer.set_style(Rect::new(area.x - 1, y, area.width + 2, 1), look.style(Role::Cursor));
        }
    }
    if let Some(issue) = all.get(at) {
        let row = Row::of(
            look,
            Role::Muted,
            look.cut(&look.say(&issue.trouble.why), usize::from(area.width)),
        );
        buffer.set_line(area.x, area.bottom() - 1, &row.line(), area.width);
    }
}

/// Draws what could not be read.
pub fn unknown(buffer: &mut Buffer, screen: Rect, at: usize, snapshot: &Snapshot, look: &RenderContext) {
    let cells = usize::from(screen.width.saturating_sub(8).min(116));
    let mut lines: Vec<Line<'static>> = Vec::new();
    // What a call failed to tell comes first; then what depends on a role or key that is not read; then what
    // may not be read and need not be.
    let unproved = snapshot.unproved();
    let unread = snapshot.unread();
    let optional = &snapshot.topology.optional;
    let all = unread.iter().copied().chain(&unproved).chain(optional);
    for (place, unknown) in all.enumerate().skip(at) {
        if place > at {
            lines.push(Line::default());
        }
        for text in wrap(&look.say(&unknown.what), cells - 2) {
            lines.push(Row::of(look, Role::Warning, format!("{} {text}", look.glyphs.signs.unknown)).line());
        }
        for text in wrap(&look.say(&unknown.why), cells - 2) {
            lines.push(Row::of(look, Role::Text, format!("  {text}")).line());
        }
    }
    if lines.is_empty() {
        let topology = &snapshot.topology;
        let text = if topology.complete {
            say!(look, "unknown-none")
        } else {
            say!(look, "unknown-none-yet")
        };
        lines.push(Row::of(look, Role::Muted, text).line());
    }
    let title = say!(look, "unknown-title", unread = unread.len(), unproved = unproved.len());
    let area = frame(buffer, screen, lines.len(), &title, look);
    for (line, y) in lines.into_iter().zip(area.top()..area.bottom()) {
        buffer.set_line(area.x, y, &line, area.width);
    }
}
