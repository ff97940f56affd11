//! Colours as a theme writes them, and what stands for them where there are fewer.

use ratatui::style::Color;

/// The sixteen colours of a terminal, and its own.
pub(super) const ANSI: [(&str, Color); 17] = [
    ("default", Color::Reset),
    ("black", Color::Black),
    ("red", Color::Red),
    ("green", Color::Green),
    ("yellow", Color::Yellow),
    ("blue", Color::Blue),
    ("magenta", Color::Magenta),
    ("cyan", Color::Cyan),
    ("gray", Color::Gray),
    ("dark-gray", Color::DarkGray),
    ("light-red", Color::LightRed),
    ("light-green", Color::LightGreen),
    ("light-yellow", Color::LightYellow),
    ("light-blue", Color::LightBlue),
    ("light-magenta", Color::LightMagenta),
    ("light-cyan", Color::LightCyan),
    ("white", Color::White),
];

pub(super) fn ansi(name: &str) -> Option<Color> {
    ANSI.into_iter()
        .find(|(known, _)| *known == name)
        .map(|(_, colour)| colour)
}

pub(super) fn hex(text: &str) -> Option<(u8, u8, u8)> {
    let digits = text
        .strip_prefix('#')
        .filter(|rest| rest.len() == 6 && rest.bytes().all(|digit| digit.is_ascii_hexdigit()))?;
    let part = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).ok();
    Some((part(0)?, part(2)?, part(4)?))
}

/// The nearest of xterm's colour cube (16 to 231) and greys (232 to 255).
pub(super) fn nearest_of_256((red, green, blue): (u8, u8, u8)) -> u8 {
    const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    let wanted = [red, green, blue];
    let off = |colour: [u8; 3]| -> u32 {
        let parts = colour.into_iter().zip(wanted);
        parts.map(|(one, other)| u32::from(one.abs_diff(other)).pow(2)).sum()
    };
    let steps = wanted.map(|part| {
        let nearest = (0..6u8).min_by_key(|step| STEPS[usize::from(*step)].abs_diff(part));
        nearest.unwrap_or(0)
    });
    let level = |grey: u8| [8 + 10 * grey; 3];
    let grey = (0..24u8).min_by_key(|grey| off(level(*grey))).unwrap_or(0);
    if off(level(grey)) < off(steps.map(|step| STEPS[usize::from(step)])) {
        232 + grey
    } else {
        16 + 36 * steps[0] + 6 * steps[1] + steps[2]
    }
}
