//! The characters the screen is made of, in two sets.

use crate::domain::{Node, NodeKind};
use crate::ui::settings::Charset;

/// The border of a box.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Border {
    /// Top left, top right, bottom left, bottom right.
    pub corners: [&'static str; 4],
    /// Top and bottom.
    pub across: &'static str,
    /// Left and right.
    pub down: &'static str,
}

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
    pub light: Border,
    /// What fails.
    pub heavy: Border,
    /// What stands still on purpose.
    pub dashed: Border,
    /// Where one pane ends and the next begins, left and right.
    pub joints: [&'static str; 2],
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
        light: Border {
            corners: ["╭", "╮", "╰", "╯"],
            across: "─",
            down: "│",
        },
        heavy: Border {
            corners: ["┏", "┓", "┗", "┛"],
            across: "━",
            down: "┃",
        },
        dashed: Border {
            corners: ["╭", "╮", "╰", "╯"],
            across: "╌",
            down: "╎",
        },
        joints: ["├", "┤"],
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
        light: Border {
            corners: ["+", "+", "+", "+"],
            across: "-",
            down: "|",
        },
        heavy: Border {
            corners: ["#", "#", "#", "#"],
            across: "#",
            down: "#",
        },
        dashed: Border {
            corners: [".", ".", "'", "'"],
            across: ".",
            down: ":",
        },
        joints: ["+", "+"],
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
                .chain(glyphs.borders.joints)
                .chain(
                    borders
                        .into_iter()
                        .flat_map(|b| b.corners.into_iter().chain([b.across, b.down])),
                );
            for glyph in all {
                assert_eq!(width(glyph), 1, "{glyph}");
                assert!(glyphs.charset == Charset::Utf8 || glyph.is_ascii(), "{glyph}");
            }
        }
    }
}
