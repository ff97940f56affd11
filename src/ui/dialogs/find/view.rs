//! Find: the query and the matching names. The graph behind scrolls to the chosen one at once.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::state::letters;
use crate::store::snapshot::Snapshot;
use crate::ui::app::mode::Find;
use crate::ui::app::overview::name;
use crate::ui::text::{cut, pad};
use crate::ui::theme::Role;
use crate::ui::theme::render_context::RenderContext;
use crate::ui::widgets::pane;
use crate::ui::widgets::rows::Row;
use crate::words::say;

/// A list that typing narrows down.
pub struct Choices<'a> {
    /// Its title.
    pub title: String,
    /// The key that opened it.
    pub sign: &'static str,
    /// The query.
    pub query: &'a str,
    /// The number of matches.
    pub rows: usize,
    /// The index of the chosen match.
    pub at: usize,
    /// The text if nothing matches.
    pub none: String,
    /// Its width in cells, and the most rows of the list.
    pub size: (u16, u16),
}

/// Draws find over the lower right of the graph, where the chosen box seldom is.
pub fn render(buffer: &mut Buffer, area: Rect, find: &Find, snapshot: &Snapshot, look: &RenderContext) {
    let list = Choices {
        title: say!(look, "find-title"),
        sign: "/",
        query: &find.query,
        rows: find.matches.len(),
        at: find.at,
        none: say!(look, "find-none"),
        size: (52, 8),
    };
    choices(buffer, area, &list, look, |at, _| {
        let id = &find.matches[at];
        let node = snapshot.topology.nodes.get(id);
        let kind = node.map_or("", |node| look.glyphs.kind(node));
        let name = name(snapshot, id, look);
        let row = Row::of(look, Role::Muted, format!("{} ", pad(kind, 9)));
        row.join(matched(&name, &letters(&name, &find.query), look))
    });
}

/// A text with the matching characters highlighted.
pub fn matched(text: &str, hits: &[usize], look: &RenderContext) -> Row {
    text.chars().enumerate().fold(Row::new(), |row, (place, letter)| {
        let role = if hits.contains(&place) { Role::Match } else { Role::Text };
        row.then(look, role, letter.to_string())
    })
}

/// Draws a list that typing narrows down, in the lower right corner; `row` makes a row for a width in cells.
pub fn choices(
    buffer: &mut Buffer,
    area: Rect,
    list: &Choices,
    look: &RenderContext,
    row: impl Fn(usize, usize) -> Row,
) {
    let most = list.size.1.min(area.height.saturating_sub(3));
    let rows = u16::try_from(list.rows).unwrap_or(u16::MAX).clamp(1, most.max(1));
    let wide = area.width.min(list.size.0);
    let area = Rect::new(
        area.right() - wide,
        area.bottom().saturating_sub(rows + 3),
        wide,
        rows + 3,
    )
    .intersection(buffer.area);
    let title = Row::of(look, Role::Title, list.title.as_str());
    let inside = pane::window(buffer, area, title, look);
    let count = Row::of(look, Role::Muted, list.rows.to_string());
    pane::at_right(buffer, area.y, area.x + 8, area.right() - 1, count);
    let cells = usize::from(inside.width);
    let typed = cut(list.query, cells.saturating_sub(3), look.glyphs.text.ellipsis).into_owned();
    let typed = Row::of(look, Role::Key, format!("{} ", list.sign))
        .then(look, Role::Strong, typed)
        .then(look, Role::Cursor, " ");
    buffer.set_line(inside.x, inside.y, &typed.line(), inside.width);
    if list.rows == 0 {
        let none = Row::of(look, Role::Muted, list.none.as_str());
        buffer.set_line(inside.x, inside.y + 1, &none.line(), inside.width);
    }
    let first = list.at.saturating_sub(usize::from(rows).saturating_sub(1));
    for (at, y) in (first..list.rows).zip(inside.y + 1..inside.bottom()) {
        let row = row(at, cells).cut(look, cells);
        buffer.set_line(inside.x, y, &row.line(), inside.width);
        if at == list.at {
            buffer.set_style(
                Rect::new(inside.x - 1, y, inside.width + 2, 1),
                look.style(Role::Cursor),
            );
        }
    }
}
