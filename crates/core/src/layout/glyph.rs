//! Characters for line cells: tables, no colours.

use super::navigation::Direction;
use super::paint::Sides;

/// How a line is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Stroke {
    /// Configured.
    #[default]
    Light,
    /// Guessed, or only permitted.
    Dashed,
    /// Backing up.
    Heavy,
}

/// Which characters the terminal can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Charset {
    /// Box drawing.
    #[default]
    Unicode,
    /// Plain ASCII.
    Ascii,
}

/// By the number of [`Sides::bits`]: 1 up, 2 right, 4 down, 8 left.
type Table = [char; 16];

const LIGHT: Table = [
    ' ', '╵', '╶', '╰', '╷', '│', '╭', '├', '╴', '╯', '─', '┴', '╮', '┤', '┬', '┼',
];
const DASHED: Table = [
    ' ', '╎', '┄', '╰', '╎', '╎', '╭', '├', '┄', '╯', '┄', '┴', '╮', '┤', '┬', '┼',
];
const HEAVY: Table = [
    ' ', '╹', '╺', '┗', '╻', '┃', '┏', '┣', '╸', '┛', '━', '┻', '┓', '┫', '┳', '╋',
];
const ASCII_LIGHT: Table = [
    ' ', '|', '-', '+', '|', '|', '+', '+', '-', '+', '-', '+', '+', '+', '+', '+',
];
const ASCII_DASHED: Table = [
    ' ', ':', '.', '+', ':', ':', '+', '+', '.', '+', '.', '+', '+', '+', '+', '+',
];
const ASCII_HEAVY: Table = [
    ' ', '#', '=', '#', '#', '#', '#', '#', '=', '#', '=', '#', '#', '#', '#', '#',
];

/// Up, right, down, left.
const HEADS: [char; 4] = ['▲', '▶', '▼', '◀'];
const ASCII_HEADS: [char; 4] = ['^', '>', 'v', '<'];

/// The character of a line cell, one column wide.
#[must_use]
pub fn glyph(sides: Sides, head: Option<Direction>, stroke: Stroke, charset: Charset) -> char {
    if let Some(direction) = head {
        let heads = match charset {
            Charset::Unicode => &HEADS,
            Charset::Ascii => &ASCII_HEADS,
        };
        return heads[match direction {
            Direction::Up => 0,
            Direction::Right => 1,
            Direction::Down => 2,
            Direction::Left => 3,
        }];
    }
    let table = match (charset, stroke) {
        (Charset::Unicode, Stroke::Light) => &LIGHT,
        (Charset::Unicode, Stroke::Dashed) => &DASHED,
        (Charset::Unicode, Stroke::Heavy) => &HEAVY,
        (Charset::Ascii, Stroke::Light) => &ASCII_LIGHT,
        (Charset::Ascii, Stroke::Dashed) => &ASCII_DASHED,
        (Charset::Ascii, Stroke::Heavy) => &ASCII_HEAVY,
    };
    table[usize::from(sides.bits() & 15)]
}
