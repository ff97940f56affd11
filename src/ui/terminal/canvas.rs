//! Where frames are drawn before the terminal gets them: it knows how large they are, and whether one has something new.

use std::io;

use ratatui::backend::{Backend, ClearType, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};
use rustix::termios::{Winsize, tcgetwinsize};

/// No terminal is larger, whatever it says: 65535 × 65535 cells would be 200 GB. Eight times a screen of 4K in the smallest
/// font that can be read.
const LARGEST: Size = Size::new(1_600, 600);

/// Columns and rows of the terminal, as far as they are drawn.
pub(super) fn size() -> io::Result<Size> {
    Ok(bounded(tcgetwinsize(io::stdout())?))
}

fn bounded(said: Winsize) -> Size {
    Size::new(said.ws_col.min(LARGEST.width), said.ws_row.min(LARGEST.height))
}

/// It.
#[derive(Debug, Default)]
pub(super) struct Canvas {
    /// The frame drawn last differs from the one before.
    pub(super) is_new: bool,
}

impl Backend for Canvas {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        self.is_new |= content.count() > 0;
        Ok(())
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        Ok(Position::ORIGIN)
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, _: P) -> io::Result<()> {
        Ok(())
    }

    fn clear(&mut self) -> io::Result<()> {
        self.is_new = true;
        Ok(())
    }

    fn clear_region(&mut self, _: ClearType) -> io::Result<()> {
        self.clear()
    }

    fn size(&self) -> io::Result<Size> {
        size()
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        let columns_rows = size()?;
        let pixels = Size::ZERO;
        Ok(WindowSize { columns_rows, pixels })
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_that_says_it_is_immense_is_drawn_in_part() {
        let said = |ws_col, ws_row| Winsize {
            ws_row,
            ws_col,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        assert_eq!(bounded(said(80, 24)), Size::new(80, 24));
        let Size { width, height } = bounded(said(u16::MAX, u16::MAX));
        assert!(u32::from(width) * u32::from(height) <= 1_000_000);
    }
}
