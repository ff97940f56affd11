//! The frames of panes and windows.

use ratatui::buffer::Buffer;
use ratatui::layout::{Margin, Rect};
use ratatui::style::Style;
use ratatui::symbols::merge::MergeStrategy;
use ratatui::text::Line;
use ratatui::widgets::{Block, Clear, Widget as _};

use crate::ui::theme::Role;
use crate::ui::theme::render_context::RenderContext;
use crate::ui::widgets::rows::Row;
use crate::words::say;

/// Draws the frame of a pane with its title, joined to those of other panes that share a border. Returns the area inside.
pub fn pane(buffer: &mut Buffer, area: Rect, title: Row, look: &RenderContext) -> Rect {
    let title = title.cut(look, usize::from(area.width).saturating_sub(4));
    Block::bordered()
        .border_set(look.glyphs.borders.light)
        .border_style(look.style(Role::Frame))
        .merge_borders(MergeStrategy::Fuzzy)
        .title(spaced(title))
        .render(area, buffer);
    inside(area)
}

/// Draws the frame of a dialog over what is there. Returns the area inside.
pub fn window(buffer: &mut Buffer, area: Rect, title: Row, look: &RenderContext) -> Rect {
    clear(buffer, area, look.style(Role::Text));
    pane(buffer, area, title, look)
}

/// Writes the text that stands in for rows if there are none.
pub fn nothing(buffer: &mut Buffer, inside: Rect, why: String, look: &RenderContext) {
    let row = Row::of(look, Role::Muted, why);
    row.draw(buffer, (inside.x, inside.y), inside.width, look);
}

/// Clears an area.
pub fn clear(buffer: &mut Buffer, area: Rect, style: Style) {
    Clear.render(area, buffer);
    buffer.set_style(area, style);
}

/// Pads a text with a space on either side, unless it is empty.
fn spaced(text: Row) -> Line<'static> {
    let mut line = text.line();
    if !line.spans.is_empty() {
        line.spans.insert(0, " ".into());
        line.push_span(" ");
    }
    line
}

/// Writes a text into a border so that it ends at `right`, if it fits.
pub fn at_right(buffer: &mut Buffer, y: u16, left: u16, right: u16, text: Row) {
    let width = u16::try_from(text.width()).unwrap_or(u16::MAX).saturating_add(2);
    if width > 2 && width <= right.saturating_sub(left) {
        buffer.set_line(right - width, y, &spaced(text), width);
    }
}

/// Writes the number of hidden rows above and below into a border so that it ends at `right`.
pub fn beyond(
    buffer: &mut Buffer,
    y: u16,
    left: u16,
    right: u16,
    (above, below): (usize, usize),
    look: &RenderContext,
) {
    let [_, down, up, _] = look.glyphs.lines.arrows;
    let more = |n: usize| say!(look, "pane-more", n = n);
    let text = match (above, below) {
        (0, 0) => return,
        (0, below) => format!("{down} {}", more(below)),
        (above, 0) => format!("{up} {}", more(above)),
        (above, below) => format!("{up} {above}  {down} {}", more(below)),
    };
    at_right(buffer, y, left, right, Row::of(look, Role::Muted, text));
}

/// The area inside a frame, with a blank column on either side.
#[must_use]
pub fn inside(area: Rect) -> Rect {
    area.inner(Margin::new(2, 1))
}
