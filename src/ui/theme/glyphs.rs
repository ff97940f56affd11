//! The characters of the screen, in two sets: Unicode and ASCII.

use ratatui::symbols::border::{self, Set};

use crate::domain::{Node, NodeKind};
use crate::ui::settings::Charset;

/// A set of characters, each one cell wide.
#[derive(Debug)]
pub struct Glyphs {
    /// The charset.
    pub charset: Charset,
    /// Borders of panes and boxes.
    pub borders: Borders,
    /// Signs of a status.
    pub signs: Signs,
    /// Marks on a line of the chain.
    pub lines: Lines,
    /// Sparklines and scroll bars.
    pub bars: Bars,
    /// Marks within text.
    pub text: Marks,
}

/// Borders of panes and boxes.
#[derive(Debug)]
pub struct Borders {
    /// Panes, and boxes whose status is OK.
    pub light: Set<'static>,
    /// Failing boxes.
    pub heavy: Set<'static>,
    /// Disabled boxes.
    pub dashed: Set<'static>,
}

/// Signs of a status.
#[derive(Debug)]
pub struct Signs {
    /// Status OK.
    pub well: &'static str,
    /// Status Warning.
    pub warning: &'static str,
    /// Status Failing.
    pub failing: &'static str,
    /// Status Lost.
    pub loss: &'static str,
    /// Status Disabled.
    pub off: &'static str,
    /// Status Unknown.
    pub unknown: &'static str,
    /// A change.
    pub change: &'static str,
    /// An alarm.
    pub alarm: &'static str,
    /// Connected, in the header.
    pub live: &'static str,
    /// Not connected.
    pub not_live: &'static str,
    /// Retrying.
    pub again: &'static str,
    /// A hint from the configuration.
    pub hint: &'static str,
}

/// Marks on a line of the chain.
#[derive(Debug)]
pub struct Lines {
    /// Observed traffic.
    pub marble: &'static str,
    /// Inferred traffic.
    pub marble_inferred: &'static str,
    /// Arrow heads: left, down, up, right.
    pub arrows: [&'static str; 4],
    /// The gap in the line of a disabled edge.
    pub cut: &'static str,
}

/// Sparklines and scroll bars.
#[derive(Debug)]
pub struct Bars {
    /// Bars from low to high.
    pub spark: [&'static str; 8],
    /// The visible part of a scroll bar, horizontal and vertical.
    pub thumb: [&'static str; 2],
    /// A failing box on a scroll bar, horizontal and vertical.
    pub spot: [&'static str; 2],
}

/// Marks within text.
#[derive(Debug)]
pub struct Marks {
    /// The mark of truncated text.
    pub ellipsis: &'static str,
    /// The separator of parts of a line.
    pub dot: &'static str,
    /// The chosen row of a list.
    pub cursor: &'static str,
    /// Times, as in "three times".
    pub times: &'static str,
    /// A folded line that continues below.
    pub again_below: &'static str,
    /// The dash between two times.
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
        hint: "i",
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

/// ASCII, which every terminal has.
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
        hint: "i",
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
    /// The glyphs of a charset.
    #[must_use]
    pub fn of(charset: Charset) -> &'static Self {
        match charset {
            Charset::Utf8 => &UTF8,
            Charset::Ascii => &ASCII,
        }
    }

    /// The label of a kind of node, at most eight cells wide.
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
                glyphs.signs.hint,
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
