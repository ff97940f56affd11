//! A short list in the lower right corner, of which one is chosen.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::ui::input::keys::Command;
use crate::ui::text::{pad, width};
use crate::ui::theme::Role;
use crate::ui::theme::render_context::RenderContext;
use crate::ui::widgets::pane;
use crate::ui::widgets::rows::Row;
use crate::words::say;

/// What there is to choose from.
pub struct Pick {
    /// Its title.
    pub title: String,
    /// Each with what it is, which may be empty.
    pub rows: Vec<(String, String)>,
    /// Which of them is chosen.
    pub at: usize,
    /// What Enter does.
    pub keep: String,
    /// Cells across at the most, its frame included.
    pub wide: u16,
}

/// Draws it, with its buttons.
pub fn pick(buffer: &mut Buffer, screen: Rect, list: &Pick, look: &RenderContext) {
    let rows = u16::try_from(list.rows.len()).unwrap_or(u16::MAX);
    let tall = rows.saturating_add(4).min(screen.height.saturating_sub(1));
    let wide = list.wide.min(screen.width);
    let area = Rect::new(screen.right() - wide, screen.bottom() - 1 - tall, wide, tall);
    let title = Row::of(look, Role::Title, list.title.as_str());
    let inside = pane::window(buffer, area, title, look);
    let names = list.rows.iter().map(|(name, _)| width(name)).max().unwrap_or(0);
    let gap = if list.rows.iter().all(|(_, text)| text.is_empty()) {
        0
    } else {
        2
    };
    let room = usize::from(inside.height.saturating_sub(2)).max(1);
    let first = (list.at + 1).saturating_sub(room);
    let shown = list.rows.iter().enumerate().skip(first).take(room);
    for ((place, (name, text)), y) in shown.zip(inside.top()..) {
        let row = Row::of(look, Role::Strong, pad(name, names + gap)).then(look, Role::Text, text.as_str());
        row.draw(buffer, (inside.x, y), inside.width, look);
        if place == list.at {
            let line = Rect::new(inside.x - 1, y, inside.width + 2, 1);
            buffer.set_style(line, look.style(Role::Cursor));
        }
    }
    let button = |key: &str, word: &str| Row::of(look, Role::Key, key).then(look, Role::Text, format!(" {word}"));
    let keep = button("Enter", &list.keep);
    let back = button("Esc", &say!(look, "button-cancel"));
    let (mut x, y) = (inside.x, inside.bottom() - 1);
    for (run, button) in [(Command::Open, keep), (Command::Close, back)] {
        let cells = u16::try_from(button.width()).unwrap_or(0);
        look.button(Rect::new(x, y, cells, 1), run);
        button.draw(buffer, (x, y), inside.right().saturating_sub(x), look);
        x += cells + 3;
    }
}
