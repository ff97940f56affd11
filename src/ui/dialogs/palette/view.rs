//! The palette: the query, the matching commands, and their keys.
//!
//! ```text
//! ╭ Commands ─────────────────────────────────────────────────── 2 ╮
//! │ : thr                                                          │
//! │ throttle           throttle the function; again: stop       C │
//! │ next-issue         go to the next issue, worst first         n │
//! ╰────────────────────────────────────────────────────────────────╯
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::ui::dialogs::find::view::{Choices, choices, matched};
use crate::ui::dialogs::palette::state::{Entry, Palette};
use crate::ui::text::{cut, pad, width};
use crate::ui::theme::Role;
use crate::ui::theme::render_context::RenderContext;
use crate::ui::widgets::rows::Row;
use crate::words::say;

/// The cells of a name.
const NAME: usize = 18;
/// The most cells of keys.
const KEYS: usize = 14;

/// Draws the palette.
pub fn render(buffer: &mut Buffer, area: Rect, open: &Palette, look: &RenderContext) {
    let list = Choices {
        title: say!(look, "palette-title"),
        sign: ":",
        query: &open.query,
        rows: open.matches.len(),
        at: open.at,
        none: say!(look, "palette-none"),
        size: (100, 16),
    };
    let keys = open.all.iter().map(|entry| width(&entry.keys)).max();
    let keys = keys.unwrap_or(0).min(KEYS);
    choices(buffer, area, &list, look, |at, cells| {
        row(&open.all[open.matches[at]], &open.query, (cells, keys), look)
    });
}

fn row(entry: &Entry, query: &str, (cells, keys): (usize, usize), look: &RenderContext) -> Row {
    let (name, desc) = entry
        .find(query)
        .map_or_else(Default::default, |found| (found.name, found.desc));
    let name = matched(&entry.name, &name, look);
    let gap = pad("", NAME.saturating_sub(name.width()) + 1);
    let room = cells.saturating_sub(NAME + 1 + 1 + keys);
    let desc = matched(&cut(&entry.desc, room, look.glyphs.text.ellipsis), &desc, look);
    let shown = cut(&entry.keys, keys, look.glyphs.text.ellipsis).into_owned();
    let row = name.then(look, Role::Text, gap).join(desc);
    let gap = pad("", cells.saturating_sub(row.width() + width(&shown)));
    row.then(look, Role::Text, gap).then(look, Role::Key, shown)
}
