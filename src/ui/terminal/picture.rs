//! What the terminal is to show and to be, and what must be written until it is so.
//!
//! Of each thing only the newest counts: a terminal that takes its time is never behind by more than one frame.

use std::io;

use crossterm::clipboard::CopyToClipboard;
use crossterm::event::{DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture};
use crossterm::terminal::{
    BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen,
};
use crossterm::{cursor, queue};
use ratatui::backend::{Backend as _, CrosstermBackend};
use ratatui::buffer::Buffer;

use super::recorder::Recorder;
use crate::console::outlet::Feed;

/// It.
#[derive(Debug, Default)]
pub(super) struct Picture {
    /// Whether the terminal is to be ours, with its mouse.
    pub(super) wanted: Option<Mouse>,
    /// Whether it is.
    taken: Option<Mouse>,
    /// A frame that is to be shown.
    next: Option<Buffer>,
    /// The frame on screen; `None` if it is unknown.
    shown: Option<Buffer>,
    /// What takes the frames down, where somebody wants that.
    pub(super) recorder: Option<Recorder>,
    /// A text for the clipboard.
    pub(super) copied: Option<String>,
}

/// Who gets what the mouse does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mouse {
    /// The screen.
    Ours,
    /// The terminal: it selects texts with it.
    Theirs,
}

impl Picture {
    /// Shows this frame, in place of one that waits.
    pub(super) fn show(&mut self, frame: Buffer) {
        self.next = Some(frame);
    }

    /// The terminal may show anything: the next frame is drawn whole.
    pub(super) fn forget(&mut self) {
        self.shown = None;
    }

    /// Ours no more; what was to be shown is not.
    pub(super) fn leave(&mut self) {
        self.wanted = None;
        self.next = None;
    }

    fn write(&mut self, out: &mut Vec<u8>) -> io::Result<()> {
        match (self.taken, self.wanted) {
            (None, Some(_)) => {
                queue!(out, EnterAlternateScreen, EnableBracketedPaste, cursor::Hide)?;
                self.taken = Some(Mouse::Theirs);
                self.shown = None;
            }
            (Some(_), None) => {
                queue!(
                    out,
                    EndSynchronizedUpdate,
                    DisableMouseCapture,
                    DisableBracketedPaste,
                    LeaveAlternateScreen,
                    cursor::Show
                )?;
                self.taken = None;
            }
            _ => {}
        }
        if self.taken != self.wanted {
            match self.wanted {
                Some(Mouse::Ours) => queue!(out, EnableMouseCapture)?,
                Some(Mouse::Theirs) => queue!(out, DisableMouseCapture)?,
                None => {}
            }
            self.taken = self.wanted;
        }
        if let Some(text) = self.copied.take() {
            queue!(out, CopyToClipboard::to_clipboard_from(text))?;
        }
        if let Some(next) = self.next.take() {
            self.draw(out, next)?;
        }
        Ok(())
    }

    /// A frame at once, where the terminal can.
    fn draw(&mut self, out: &mut Vec<u8>, next: Buffer) -> io::Result<()> {
        let from = out.len();
        queue!(out, BeginSynchronizedUpdate)?;
        let shown = self.shown.take().filter(|shown| shown.area == next.area);
        let shown = if let Some(shown) = shown {
            shown
        } else {
            queue!(out, Clear(ClearType::All))?;
            Buffer::empty(next.area)
        };
        CrosstermBackend::new(&mut *out).draw(shown.diff(&next).into_iter())?;
        queue!(out, EndSynchronizedUpdate)?;
        if let Some(recorder) = &mut self.recorder {
            recorder.frame((next.area.width, next.area.height), &out[from..]);
        }
        self.shown = Some(next);
        Ok(())
    }
}

impl Feed for Picture {
    fn next(&mut self) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        // A vector takes all that is written to it.
        let _ = self.write(&mut out);
        (!out.is_empty()).then_some(out)
    }
}

#[cfg(test)]
mod tests {
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    use super::*;

    fn frame(text: &str) -> Buffer {
        let mut frame = Buffer::empty(Rect::new(0, 0, 10, 1));
        frame.set_string(0, 0, text, Style::new());
        frame
    }

    fn text(picture: &mut Picture) -> String {
        String::from_utf8(picture.next().unwrap_or_default()).expect("a text")
    }

    fn ours() -> Picture {
        Picture {
            wanted: Some(Mouse::Ours),
            ..Picture::default()
        }
    }

    #[test]
    fn of_several_frames_the_newest_is_drawn_and_of_it_what_is_new() {
        let mut picture = ours();
        picture.show(frame("first"));
        picture.show(frame("second"));
        let drawn = text(&mut picture);
        assert!(drawn.contains("second") && !drawn.contains("first"), "{drawn:?}");
        assert_eq!(picture.next(), None);
        picture.show(frame("secure"));
        let drawn = text(&mut picture);
        assert!(drawn.contains("ure") && !drawn.contains("sec"), "{drawn:?}");
        picture.forget();
        picture.show(frame("secure"));
        assert!(text(&mut picture).contains("secure"));
    }

    #[test]
    fn it_is_given_back_whatever_was_to_be_drawn() {
        let mut picture = ours();
        let taken = text(&mut picture);
        assert!(
            taken.contains("\x1b[?1049h") && taken.contains("\x1b[?1000h"),
            "{taken:?}"
        );
        picture.show(frame("never"));
        picture.leave();
        let left = text(&mut picture);
        for sign in ["\x1b[?1049l", "\x1b[?1000l", "\x1b[?2004l", "\x1b[?25h"] {
            assert!(left.contains(sign), "{left:?}");
        }
        assert!(!left.contains("never"));
        assert_eq!(picture.next(), None, "once");
        picture.wanted = Some(Mouse::Theirs);
        assert!(
            !text(&mut picture).contains("\x1b[?1000h"),
            "it is taken again as it was"
        );
    }

    #[test]
    fn what_was_never_taken_is_not_given_back() {
        let mut picture = ours();
        picture.leave();
        assert_eq!(picture.next(), None);
    }
}
