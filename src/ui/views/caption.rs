//! The line in which a demonstration says what is about to be seen.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::ui::app::App;
use crate::ui::look::Look;
use crate::ui::text;
use crate::ui::theme::Role;

/// Draws it.
pub fn render(buffer: &mut Buffer, area: Rect, app: &App, look: &Look) {
    let caption = app
        .demo
        .as_ref()
        .and_then(|demo| demo.caption.as_deref())
        .unwrap_or_default();
    let line = format!(" {} ", look.cut(caption, usize::from(area.width).saturating_sub(2)));
    let style = look.style(Role::Caption);
    buffer.set_stringn(
        area.x,
        area.y,
        text::pad(&line, usize::from(area.width)),
        usize::from(area.width),
        style,
    );
}
