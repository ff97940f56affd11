//! Finding a box: what was typed, and the names that match. The graph behind it goes to the chosen one at once.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::answers::name;
use crate::store::snapshot::Snapshot;
use crate::ui::app::Find;
use crate::ui::look::Look;
use crate::ui::search;
use crate::ui::text::{cut, pad};
use crate::ui::theme::Role;
use crate::ui::widgets::pane;
use crate::ui::widgets::rows::Row;

const ROWS: u16 = 8;

/// Draws it over the lower right of the graph, where the chosen box seldom is.
pub fn render(buffer: &mut Buffer, area: Rect, find: &Find, snapshot: &Snapshot, look: &Look) {
    let most = ROWS.min(area.height.saturating_sub(3));
    let rows = u16::try_from(find.matches.len()).unwrap_or(u16::MAX).clamp(1, most);
    let wide = area.width.min(52);
    let area = Rect::new(area.right() - wide, area.bottom() - rows - 3, wide, rows + 3);
    let title = Row::new().then(look, Role::Title, "Find");
    pane::pane(buffer, area, title, look);
    let count = Row::new().then(look, Role::Muted, find.matches.len().to_string());
    pane::at_right(buffer, area.y, area.x + 8, area.right() - 1, count);
    let inside = pane::inside(area);
    let cells = usize::from(inside.width) - 2;
    let typed = cut(&find.query, cells - 3, look.glyphs.ellipsis).into_owned();
    let row = Row::new()
        .then(look, Role::Key, "/ ")
        .then(look, Role::Strong, typed)
        .then(look, Role::Cursor, " ");
    buffer.set_line(inside.x + 1, inside.y, &row.line(), inside.width - 1);
    if find.matches.is_empty() {
        let row = Row::new().then(look, Role::Muted, "no name matches");
        buffer.set_line(inside.x + 1, inside.y + 1, &row.line(), inside.width - 1);
    }
    let first = find.at.saturating_sub(usize::from(rows).saturating_sub(1));
    for ((at, id), y) in find
        .matches
        .iter()
        .enumerate()
        .skip(first)
        .zip(inside.y + 1..inside.bottom())
    {
        let kind = snapshot
            .topology
            .nodes
            .get(id)
            .map_or("", |node| look.glyphs.kind(node.kind));
        let name = name(snapshot, id, look);
        let hits = search::letters(&name, &find.query);
        let mut row = Row::new().then(look, Role::Muted, format!("{} ", pad(kind, 9)));
        for (place, letter) in name.chars().enumerate() {
            let role = if hits.contains(&place) { Role::Match } else { Role::Text };
            row = row.then(look, role, letter.to_string());
        }
        let row = row.cut(look, cells);
        buffer.set_line(inside.x + 1, y, &row.line(), inside.width - 1);
        if at == find.at {
            buffer.set_style(Rect::new(inside.x, y, inside.width, 1), look.style(Role::Cursor));
        }
    }
}
