//! Lines of styled text.

use ratatui::buffer::Buffer;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

use crate::ui::text::width;
use crate::ui::theme::Role;
use crate::ui::theme::render_context::RenderContext;

/// A line under construction: texts with roles.
#[derive(Clone, Debug, Default)]
pub struct Row {
    spans: Vec<Span<'static>>,
}

impl Row {
    /// An empty line.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A line with a text, which must be plain.
    #[must_use]
    pub fn of(look: &RenderContext, role: Role, text: impl Into<String>) -> Self {
        Self::new().then(look, role, text)
    }

    /// Appends a text, which must be plain.
    #[must_use]
    pub fn then(mut self, look: &RenderContext, role: Role, text: impl Into<String>) -> Self {
        self.spans.push(Span::styled(text.into(), look.style(role)));
        self
    }

    /// Its width in cells.
    #[must_use]
    pub fn width(&self) -> usize {
        self.spans.iter().map(|span| width(&span.content)).sum()
    }

    /// Appends a line.
    #[must_use]
    pub fn join(mut self, other: Self) -> Self {
        self.spans.extend(other.spans);
        self
    }

    /// Strikes the line through.
    #[must_use]
    pub fn struck_through(mut self) -> Self {
        for span in &mut self.spans {
            span.style = span.style.add_modifier(Modifier::CROSSED_OUT);
        }
        self
    }

    /// Draws the line, cut to `cells`.
    pub fn draw(self, buffer: &mut Buffer, (x, y): (u16, u16), cells: u16, look: &RenderContext) {
        buffer.set_line(x, y, &self.cut(look, usize::from(cells)).line(), cells);
    }

    /// Converts the line for ratatui.
    #[must_use]
    pub fn line(self) -> Line<'static> {
        Line::from(self.spans)
    }

    /// Cuts the line to `cells`.
    #[must_use]
    pub fn cut(self, look: &RenderContext, cells: usize) -> Self {
        if self.width() <= cells {
            return self;
        }
        let mut left = cells;
        let mut spans = Vec::new();
        for span in self.spans {
            let width = width(&span.content);
            if width < left {
                left -= width;
                spans.push(span);
            } else {
                let text = look.cut(&format!("{} ", span.content), left);
                spans.push(Span::styled(text, span.style));
                break;
            }
        }
        Self { spans }
    }
}
