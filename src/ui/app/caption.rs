//! The caption of the demo.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::ui::app::App;
use crate::ui::text;
use crate::ui::theme::Role;
use crate::ui::theme::render_context::RenderContext;

/// Draws the caption.
pub fn render(buffer: &mut Buffer, area: Rect, app: &App, look: &RenderContext) {
    let caption = app
        .demo
        .as_ref()
        .and_then(|demo| demo.caption.as_deref())
        .unwrap_or_default();
    let (width, style) = (usize::from(area.width), look.style(Role::Caption));
    let lines = text::caption_lines(caption, area.width);
    let shown = usize::from(area.height);
    for (n, y) in (0..shown).zip(area.top()..) {
        // What does not fit says so at its end.
        let line = match lines.get(n) {
            Some(_) if n + 1 == shown => lines[n..].join(" "),
            Some(line) => line.clone(),
            None => String::new(),
        };
        let line = format!(" {} ", look.cut(&line, width.saturating_sub(2)));
        buffer.set_stringn(area.x, y, text::pad(&line, width), width, style);
    }
}
