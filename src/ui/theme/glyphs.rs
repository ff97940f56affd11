//! The characters the screen is made of, in two sets.

use ratatui::symbols::border::{self, Set};

use crate::domain::{Node, NodeKind};
use crate::ui::settings::Charset;

/// One set of characters. All are one cell wide.
#[derive(Debug)]
pub struct Glyphs {
    /// Which set this is.
    pub charset: Charset,
    /// What is around panes and boxes.
    pub borders: Borders,
    /// How something is, in one character.
    pub signs: Signs,
    /// What lies on a line of the chain.
    pub lines: Lines,
    /// Sparklines and scroll bars.
    pub bars: Bars,
    /// What stands within text.
    pub text: Marks,
}

/// What is around panes and boxes.
#[derive(Debug)]
pub struct Borders {
    /// Panes and boxes where all is well.
    pub light: Set<'static>,
    /// What fails.
    pub heavy: Set<'static>,
    /// What stands still on purpose.
    pub dashed: Set<'static>,
}

/// How something is, in one character.
#[derive(Debug)]
pub struct Signs {
    /// Well.
    pub well: &'static str,
    /// Worth a look.
    pub warning: &'static str,
    /// Failing.
    pub failing: &'static str,
    /// Lost for good.
    pub loss: &'static str,
    /// Off on purpose.
    pub off: &'static str,
    /// Not read.
    pub unknown: &'static str,
    /// A change.
    pub change: &'static str,
    /// An alarm.
    pub alarm: &'static str,
    /// Live, in the header.
    pub live: &'static str,
    /// Not live.
    pub not_live: &'static str,
    /// Tried again.
    pub again: &'static str,
}

/// What lies on a line of the chain.
#[derive(Debug)]
pub struct Lines {
    /// Counted traffic.
    pub marble: &'static str,
    /// Traffic inferred from the next thing that moved.
    pub marble_inferred: &'static str,
    /// Left, down, up, right.
    pub arrows: [&'static str; 4],
    /// The line of a disabled edge is cut by this.
    pub cut: &'static str,
}

/// Sparklines and scroll bars.
#[derive(Debug)]
pub struct Bars {
    /// From low to high.
    pub spark: [&'static str; 8],
    /// The part of a scroll bar that is on screen, across and down.
    pub thumb: [&'static str; 2],
    /// A trouble on a scroll bar, across and down.
    pub spot: [&'static str; 2],
}

/// What stands within text.
#[derive(Debug)]
pub struct Marks {
    /// Something is cut off here.
    pub ellipsis: &'static str,
    /// Between two things on one line.
    pub dot: &'static str,
    /// The chosen row of a list.
    pub cursor: &'static str,
    /// Times, as in "three times".
    pub times: &'static str,
    /// A line that goes on below, folded.
    pub again_below: &'static str,
    /// From one time to another.
    pub to: &'static str,
}

/// Box drawing, blocks, arrows.
pub const UTF8: Glyphs = Glyphs {
    charset: Charset::Utf8,
    borders: Borders {
        light: border::ROUNDED,
        heavy: border::THICK,
        dashed: Set {
            vertical_left: "╎",
            vertical_right: "╎",
            horizontal_top: "╌",
            horizontal_bottom: "╌",
            ..border::ROUNDED
        },
    },
    signs: Signs {
        well: "✓",
        warning: "▲",
        failing: "✗",
        loss: "▼",
        off: "‖",
        unknown: "?",
        change: "■",
        alarm: "◆",
        live: "●",
        not_live: "○",
        again: "↻",
    },
    lines: Lines {
        marble: "●",
        marble_inferred: "○",
        arrows: ["◀", "▼", "▲", "▶"],
        cut: "║",
    },
    bars: Bars {
        spark: ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
        thumb: ["━", "┃"],
        spot: ["■", "■"],
    },
    text: Marks {
        ellipsis: "…",
        dot: "·",
        cursor: "▌",
        times: "×",
        again_below: "⏎",
        to: "–",
    },
};

/// What every terminal has.
pub const ASCII: Glyphs = Glyphs {
    charset: Charset::Ascii,
    borders: Borders {
        light: ascii(["+"; 4], "-", "|"),
        heavy: ascii(["#"; 4], "#", "#"),
        dashed: ascii([".", ".", "'", "'"], ".", ":"),
    },
    signs: Signs {
        well: "+",
        warning: "!",
        failing: "X",
        loss: "!",
        off: "=",
        unknown: "?",
        change: "*",
        alarm: "!",
        live: "*",
        not_live: "-",
        again: "@",
    },
    lines: Lines {
        marble: "o",
        marble_inferred: ".",
        arrows: ["<", "v", "^", ">"],
        cut: "/",
    },
    bars: Bars {
        spark: ["_", "_", ".", "-", "-", "=", "=", "#"],
        thumb: ["=", "#"],
        spot: ["X", "X"],
    },
    text: Marks {
        ellipsis: "~",
        dot: "-",
        cursor: ">",
        times: "x",
        again_below: "$",
        to: "-",
    },
};

const fn ascii(corners: [&'static str; 4], across: &'static str, down: &'static str) -> Set<'static> {
    let [top_left, top_right, bottom_left, bottom_right] = corners;
    Set {
        top_left,
        top_right,
        bottom_left,
        bottom_right,
        vertical_left: down,
        vertical_right: down,
        horizontal_top: across,
        horizontal_bottom: across,
    }
}

impl Glyphs {
    /// The set of a charset.
    #[must_use]
    pub fn of(charset: Charset) -> &'static Self {
        match charset {
            Charset::Utf8 => &UTF8,
            Charset::Ascii => &ASCII,
        }
    }

    /// The word for what a node is, at most eight cells wide.
    #[must_use]
    pub fn kind(&self, node: &Node) -> &'static str {
        match (self.charset, node.kind) {
            (Charset::Ascii, NodeKind::Lambda) => "fn",
            _ => node.label(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::text::width;

    #[test]
    fn every_glyph_is_one_cell_wide_and_ascii_is_ascii() {
        for glyphs in [&UTF8, &ASCII] {
            let single = [
                glyphs.text.ellipsis,
                glyphs.text.dot,
                glyphs.signs.well,
                glyphs.signs.warning,
                glyphs.signs.failing,
                glyphs.signs.loss,
                glyphs.signs.off,
                glyphs.signs.unknown,
                glyphs.signs.change,
                glyphs.signs.alarm,
                glyphs.lines.marble,
                glyphs.lines.marble_inferred,
                glyphs.signs.live,
                glyphs.signs.not_live,
                glyphs.signs.again,
                glyphs.lines.cut,
                glyphs.text.cursor,
                glyphs.text.times,
                glyphs.text.to,
                glyphs.text.again_below,
            ];
            let borders = [glyphs.borders.light, glyphs.borders.heavy, glyphs.borders.dashed];
            let all = single
                .into_iter()
                .chain(glyphs.lines.arrows)
                .chain(glyphs.bars.spark)
                .chain(glyphs.bars.thumb)
                .chain(glyphs.bars.spot)
                .chain(borders.into_iter().flat_map(|b| {
                    let corners = [b.top_left, b.top_right, b.bottom_left, b.bottom_right];
                    let sides = [b.vertical_left, b.vertical_right, b.horizontal_top, b.horizontal_bottom];
                    corners.into_iter().chain(sides)
                }));
            for glyph in all {
                assert_eq!(width(glyph), 1, "{glyph}");
                assert!(glyphs.charset == Charset::Utf8 || glyph.is_ascii(), "{glyph}");
            }
        }
    }
}
