//! The characters the screen is made of, in two sets.

use super::settings::Charset;
use crate::domain::{Node, NodeKind};

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
    /// Panes and boxes where all is well.
    pub light: Border,
    /// What fails.
    pub heavy: Border,
    /// What stands still on purpose.
    pub dashed: Border,
    /// Something is cut off here.
    pub ellipsis: &'static str,
    /// Between two things on one line.
    pub dot: &'static str,
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
    /// Counted traffic.
    pub marble: &'static str,
    /// Traffic inferred from the next thing that moved.
    pub marble_inferred: &'static str,
    /// Live, in the header.
    pub live: &'static str,
    /// Not live.
    pub not_live: &'static str,
    /// Tried again.
    pub again: &'static str,
    /// Left, down, up, right.
    pub arrows: [&'static str; 4],
    /// The line of a disabled edge is cut by this.
    pub cut: &'static str,
    /// From low to high.
    pub spark: [&'static str; 8],
    /// The part of a scroll bar that is on screen, across and down.
    pub thumb: [&'static str; 2],
    /// A trouble on a scroll bar, across and down.
    pub spot: [&'static str; 2],
    /// The chosen row of a list.
    pub cursor: &'static str,
    /// Times, as in "three times".
    pub times: &'static str,
    /// A line that goes on below, folded.
    pub again_below: &'static str,
    /// From one time to another.
    pub to: &'static str,
    /// Where one pane ends and the next begins, left and right.
    pub joints: [&'static str; 2],
}

/// Box drawing, blocks, arrows.
pub const UTF8: Glyphs = Glyphs {
    charset: Charset::Utf8,
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
    ellipsis: "…",
    dot: "·",
    well: "✓",
    warning: "▲",
    failing: "✗",
    loss: "▼",
    off: "‖",
    unknown: "?",
    change: "■",
    alarm: "◆",
    marble: "●",
    marble_inferred: "○",
    live: "●",
    not_live: "○",
    again: "↻",
    arrows: ["◀", "▼", "▲", "▶"],
    cut: "║",
    spark: ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
    thumb: ["━", "┃"],
    spot: ["■", "■"],
    cursor: "▌",
    times: "×",
    again_below: "⏎",
    to: "–",
    joints: ["├", "┤"],
};

/// What every terminal has.
pub const ASCII: Glyphs = Glyphs {
    charset: Charset::Ascii,
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
    ellipsis: "~",
    dot: "-",
    well: "+",
    warning: "!",
    failing: "X",
    loss: "!",
    off: "=",
    unknown: "?",
    change: "*",
    alarm: "!",
    marble: "o",
    marble_inferred: ".",
    live: "*",
    not_live: "-",
    again: "@",
    arrows: ["<", "v", "^", ">"],
    cut: "/",
    spark: ["_", "_", ".", "-", "-", "=", "=", "#"],
    thumb: ["=", "#"],
    spot: ["X", "X"],
    cursor: ">",
    times: "x",
    again_below: "$",
    to: "-",
    joints: ["+", "+"],
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
                glyphs.ellipsis,
                glyphs.dot,
                glyphs.well,
                glyphs.warning,
                glyphs.failing,
                glyphs.loss,
                glyphs.off,
                glyphs.unknown,
                glyphs.change,
                glyphs.alarm,
                glyphs.marble,
                glyphs.marble_inferred,
                glyphs.live,
                glyphs.not_live,
                glyphs.again,
                glyphs.cut,
                glyphs.cursor,
                glyphs.times,
                glyphs.to,
                glyphs.again_below,
            ];
            let borders = [glyphs.light, glyphs.heavy, glyphs.dashed];
            let all = single
                .into_iter()
                .chain(glyphs.arrows)
                .chain(glyphs.spark)
                .chain(glyphs.thumb)
                .chain(glyphs.spot)
                .chain(glyphs.joints)
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
