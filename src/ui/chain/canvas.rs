//! Drawing in graph coordinates, clipped to the viewport.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::ui::text::graphemes;

/// The viewport: the area of the buffer that shows a part of the graph.
#[derive(Debug)]
pub struct Canvas<'a> {
    buffer: &'a mut Buffer,
    area: Rect,
    scroll: (i32, i32),
}

impl<'a> Canvas<'a> {
    /// A viewport; `scroll` is the cell of the graph in the upper left corner of `area`.
    pub fn new(buffer: &'a mut Buffer, area: Rect, scroll: (i32, i32)) -> Self {
        Self { buffer, area, scroll }
    }

    fn at(&self, x: i32, y: i32) -> Option<(u16, u16)> {
        let (x, y) = (
            u16::try_from(x - self.scroll.0).ok()?,
            u16::try_from(y - self.scroll.1).ok()?,
        );
        (x < self.area.width && y < self.area.height).then(|| (self.area.x + x, self.area.y + y))
    }

    /// Draws one character, which must be one cell wide.
    pub fn put(&mut self, x: i32, y: i32, symbol: &str, style: Style) {
        if let Some(at) = self.at(x, y) {
            self.buffer[at].set_symbol(symbol).set_style(style);
        }
    }

    /// Gives what is drawn in a cell another ink.
    pub fn ink(&mut self, x: i32, y: i32, style: Style) {
        if let Some(at) = self.at(x, y) {
            self.buffer[at].set_style(style);
        }
    }

    /// The first cell of the last row on screen.
    #[must_use]
    pub fn last_row(&self) -> (i32, i32) {
        (self.scroll.0, self.scroll.1 + i32::from(self.area.height) - 1)
    }

    /// Whether a cell is empty.
    #[must_use]
    pub fn is_free(&self, x: i32, y: i32) -> bool {
        self.at(x, y).is_some_and(|at| self.buffer[at].symbol() == " ")
    }

    /// Draws a plain text. A wide character that is only half on screen is left out.
    pub fn text(&mut self, x: i32, y: i32, text: &str, style: Style) {
        let mut at = x;
        for (grapheme, wide) in graphemes(text) {
            match wide {
                0 => {}
                1 => self.put(at, y, grapheme, style),
                _ => self.wide(at, y, (grapheme, wide), style),
            }
            at += i32::try_from(wide).unwrap_or(0);
        }
    }

    fn wide(&mut self, x: i32, y: i32, (symbol, cells): (&str, usize), style: Style) {
        let cells: Option<Vec<_>> = (x..).take(cells).map(|x| self.at(x, y)).collect();
        for (n, at) in cells.into_iter().flatten().enumerate() {
            let cell = &mut self.buffer[at];
            if n == 0 {
                cell.set_symbol(symbol);
            } else {
                cell.reset();
            }
            cell.set_style(style);
        }
    }

    /// Styles a rectangle, and clears it if asked.
    pub fn fill(&mut self, (x, y, width, height): (i32, i32, u16, u16), style: Style) {
        for row in y..y + i32::from(height) {
            for column in x..x + i32::from(width) {
                if let Some(at) = self.at(column, row) {
                    self.buffer[at].set_symbol(" ").set_style(style);
                }
            }
        }
    }
}
