//! The frame of a pane.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::ui::theme::Role;
use crate::ui::theme::render_context::RenderContext;
use crate::ui::widgets::rows::Row;
use crate::words::say;

/// Draws a frame with a title, and empties what is inside.
pub fn pane(buffer: &mut Buffer, area: Rect, title: Row, look: &RenderContext) {
    clear(buffer, area, look.style(Role::Text));
    border(buffer, area, look);
    titled(buffer, area, title);
}

/// Draws a frame, `joined` to the pane above where there is one. Answers with what is inside, a blank left on either side.
pub fn framed(buffer: &mut Buffer, area: Rect, joined: bool, title: Row, look: &RenderContext) -> Rect {
    let cells = usize::from(area.width).saturating_sub(4);
    pane(buffer, area, title.cut(look, cells), look);
    if joined {
        join(buffer, area, look);
    }
    let inside = inside(area);
    Rect::new(inside.x + 1, inside.y, inside.width.saturating_sub(2), inside.height)
}

/// Writes what is said where there are no rows.
pub fn nothing(buffer: &mut Buffer, inside: Rect, why: String, look: &RenderContext) {
    let row = Row::of(look, Role::Muted, why);
    row.draw(buffer, (inside.x, inside.y), inside.width, look);
}

/// Empties an area.
pub fn clear(buffer: &mut Buffer, area: Rect, style: Style) {
    for y in area.top()..area.bottom() {
        for x in area.left()..area.right() {
            let cell = &mut buffer[(x, y)];
            cell.reset();
            cell.set_style(style);
        }
    }
}

/// Draws the border alone.
pub fn border(buffer: &mut Buffer, area: Rect, look: &RenderContext) {
    if area.width < 2 || area.height < 2 {
        return;
    }
    let (glyphs, style) = (look.glyphs.borders.light, look.style(Role::Frame));
    let (right, bottom) = (area.right() - 1, area.bottom() - 1);
    for x in area.left() + 1..right {
        buffer[(x, area.y)].set_symbol(glyphs.across).set_style(style);
        buffer[(x, bottom)].set_symbol(glyphs.across).set_style(style);
    }
    for y in area.top() + 1..bottom {
        buffer[(area.x, y)].set_symbol(glyphs.down).set_style(style);
        buffer[(right, y)].set_symbol(glyphs.down).set_style(style);
    }
    let corners = [(area.x, area.y), (right, area.y), (area.x, bottom), (right, bottom)];
    for (at, symbol) in corners.into_iter().zip(glyphs.corners) {
        buffer[at].set_symbol(symbol).set_style(style);
    }
}

/// Joins the upper border of an area to the pane above it.
pub fn join(buffer: &mut Buffer, area: Rect, look: &RenderContext) {
    let (style, [left, right]) = (look.style(Role::Frame), look.glyphs.borders.joints);
    buffer[(area.left(), area.y)].set_symbol(left).set_style(style);
    buffer[(area.right() - 1, area.y)].set_symbol(right).set_style(style);
}

/// Writes a title into the upper border.
pub fn titled(buffer: &mut Buffer, area: Rect, title: Row) {
    if area.width > 4 && title.width() > 0 {
        let width = u16::try_from(title.width()).unwrap_or(u16::MAX).min(area.width - 4);
        buffer[(area.x + 1, area.y)].set_symbol(" ");
        buffer.set_line(area.x + 2, area.y, &title.line(), width);
        buffer[(area.x + 2 + width, area.y)].set_symbol(" ");
    }
}

/// Writes a text into a border, its right end at `right`; what does not fit is left out.
pub fn at_right(buffer: &mut Buffer, y: u16, left: u16, right: u16, text: Row) {
    let width = u16::try_from(text.width()).unwrap_or(u16::MAX);
    if width > 0 && width + 2 <= right.saturating_sub(left) {
        let x = right - width - 1;
        buffer[(x - 1, y)].set_symbol(" ");
        buffer.set_line(x, y, &text.line(), width);
        buffer[(right - 1, y)].set_symbol(" ");
    }
}

/// Writes into a border how many rows lie above and below those in sight, its right end at `right`.
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

/// What is inside a frame.
#[must_use]
pub fn inside(area: Rect) -> Rect {
    Rect::new(
        area.x + 1,
        area.y + 1,
        area.width.saturating_sub(2),
        area.height.saturating_sub(2),
    )
}
