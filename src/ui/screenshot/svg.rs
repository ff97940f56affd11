//! A screen as a picture made of text: each cell at its place, whatever the width of the reader's font.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};

use crate::ui::text::width;

/// The font of narrow cells.
pub const NARROW: &str = "DejaVu Sans Mono";
/// The font of wide ones.
pub const WIDE: &str = "Noto Sans Mono CJK JP";

/// A cell, in pixels: the advance and the height of a line of `NARROW` at `SIZE`, so that lines of boxes join.
const CELL: (usize, usize) = (9, 17);
const SIZE: f64 = 14.95;
const BASELINE: f64 = 13.7;
/// At that size a wide character fills its two cells.
const WIDE_SIZE: f64 = 16.0;
const WIDE_BASELINE: f64 = 13.9;
/// Around the screen.
const MARGIN: usize = 8;

/// What stands in for a terminal's own colours: those that Windows Terminal begins with.
const FRONT: &str = "#d3dae3";
const GROUND: &str = "#10141b";
const ANSI: [&str; 16] = [
    "#0c0c0c", "#c50f1f", "#13a10e", "#c19c00", "#0037da", "#881798", "#3a96dd", "#cccccc", "#767676", "#e74856",
    "#16c60c", "#f9f1a5", "#3b78ff", "#b4009e", "#61d6d6", "#f2f2f2",
];

/// How the text of a cell looks.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
#[expect(clippy::struct_excessive_bools, reason = "each is a mark of its own")]
struct Ink {
    front: String,
    bold: bool,
    italic: bool,
    underlined: bool,
    dim: bool,
    wide: bool,
}

/// Cells of one look beside each other: the first one's place, and the characters with the columns they stand in.
struct Run {
    row: usize,
    look: Ink,
    cells: Vec<(usize, String)>,
}

/// One frame of an animation, and how long it is shown.
pub type Frame<'a> = (&'a Buffer, Duration);

/// Draws a screen.
#[must_use]
pub fn svg(buffer: &Buffer) -> String {
    animated(&[(buffer, Duration::ZERO)])
}

/// Draws screens of one size, one after another, for ever. Each row is written once for each of its contents.
#[must_use]
pub fn animated(frames: &[Frame]) -> String {
    let Some((first, _)) = frames.first() else {
        return String::new();
    };
    let (columns, rows) = (usize::from(first.area.width), usize::from(first.area.height));
    let (across, down) = (columns * CELL.0 + 2 * MARGIN, rows * CELL.1 + 2 * MARGIN);
    let ground = colours(&first.content[0]).1;
    let drawn: Vec<Vec<Row>> = frames
        .iter()
        .map(|(buffer, _)| (0..rows).map(|row| Row::of(buffer, row, &ground)).collect())
        .collect();
    let mut names: BTreeMap<&Ink, String> = BTreeMap::new();
    for run in drawn.iter().flatten().flat_map(|row| &row.runs) {
        let name = format!("s{}", names.len());
        names.entry(&run.look).or_insert(name);
    }
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{across}\" height=\"{down}\" viewBox=\"0 0 {across} {down}\" \
         font-family=\"'{NARROW}','{WIDE}',Menlo,Consolas,monospace\" font-size=\"{SIZE}\">\n<style>\n"
    );
    for (look, name) in &names {
        let _ = writeln!(text, ".{name}{{{}}}", look.css());
    }
    let _ = write!(
        text,
        "</style>\n<rect width=\"100%\" height=\"100%\" rx=\"6\" fill=\"{ground}\"/>\n"
    );
    let times: Vec<Duration> = frames.iter().map(|(_, time)| *time).collect();
    for row in 0..rows {
        let contents: Vec<String> = drawn.iter().map(|rows| rows[row].text(&names)).collect();
        by_turns(&mut text, &contents, &times);
    }
    text.push_str("</svg>\n");
    text
}

/// Writes the contents of a row, each shown while its frames are.
fn by_turns(text: &mut String, contents: &[String], times: &[Duration]) {
    if contents.windows(2).all(|pair| pair[0] == pair[1]) {
        text.push_str(&contents[0]);
        return;
    }
    let whole: f64 = times.iter().map(Duration::as_secs_f64).sum::<f64>().max(f64::EPSILON);
    let mut written: Vec<&String> = Vec::new();
    for content in contents {
        if content.is_empty() || written.contains(&content) {
            continue;
        }
        written.push(content);
        let (mut at, mut keys, mut values) = (0.0, Vec::new(), Vec::new());
        for (other, time) in contents.iter().zip(times) {
            let value = if other == content { "visible" } else { "hidden" };
            if values.last() != Some(&value) {
                keys.push(format!("{:.4}", at / whole));
                values.push(value);
            }
            at += time.as_secs_f64();
        }
        let _ = write!(
            text,
            "<g visibility=\"hidden\"><animate attributeName=\"visibility\" calcMode=\"discrete\" values=\"{}\" \
             keyTimes=\"{}\" dur=\"{whole:.2}s\" repeatCount=\"indefinite\"/>\n{content}</g>\n",
            values.join(";"),
            keys.join(";")
        );
    }
}

/// A row of a screen.
struct Row {
    grounds: String,
    runs: Vec<Run>,
}

impl Row {
    fn of(buffer: &Buffer, row: usize, ground: &str) -> Self {
        let columns = usize::from(buffer.area.width);
        let mut drawn = Self {
            grounds: String::new(),
            runs: Vec::new(),
        };
        let mut covered = 0;
        let mut field: Option<(usize, usize, String)> = None;
        for column in 0..columns {
            let cell = &buffer.content[row * columns + column];
            let (front, back) = colours(cell);
            match &mut field {
                Some((_, end, colour)) if *colour == back && *end == column => *end += 1,
                _ => {
                    rectangle(&mut drawn.grounds, row, field.take(), ground);
                    field = Some((column, column + 1, back));
                }
            }
            if covered > 0 {
                covered -= 1;
                continue;
            }
            let symbol = cell.symbol();
            covered = width(symbol).saturating_sub(1);
            if symbol.trim().is_empty() {
                continue;
            }
            let look = Ink {
                front,
                bold: cell.modifier.contains(Modifier::BOLD),
                italic: cell.modifier.contains(Modifier::ITALIC),
                underlined: cell.modifier.contains(Modifier::UNDERLINED),
                dim: cell.modifier.contains(Modifier::DIM),
                wide: covered > 0,
            };
            match drawn.runs.last_mut() {
                Some(run) if run.goes_on(row, column, &look) => run.cells.push((column, symbol.to_owned())),
                _ => drawn.runs.push(Run {
                    row,
                    look,
                    cells: vec![(column, symbol.to_owned())],
                }),
            }
        }
        rectangle(&mut drawn.grounds, row, field, ground);
        drawn
    }

    fn text(&self, names: &BTreeMap<&Ink, String>) -> String {
        let mut text = self.grounds.clone();
        for run in &self.runs {
            run.write(&mut text, &names[&run.look]);
        }
        text
    }
}

impl Ink {
    fn css(&self) -> String {
        let mut css = format!("fill:{}", self.front);
        if self.bold {
            css.push_str(";font-weight:bold");
        }
        if self.italic {
            css.push_str(";font-style:italic");
        }
        if self.underlined {
            css.push_str(";text-decoration:underline");
        }
        if self.dim {
            css.push_str(";fill-opacity:.6");
        }
        if self.wide {
            let _ = write!(css, ";font-family:'{WIDE}';font-size:{WIDE_SIZE}px");
        }
        css
    }
}

impl Run {
    fn goes_on(&self, row: usize, column: usize, look: &Ink) -> bool {
        let next = self
            .cells
            .last()
            .map(|(column, _)| column + if look.wide { 2 } else { 1 });
        self.row == row && next == Some(column) && self.look == *look
    }

    #[expect(clippy::cast_precision_loss, reason = "points of a picture")]
    fn write(&self, text: &mut String, class: &str) {
        let _ = write!(text, "<text class=\"{class}\" x=\"");
        let shift = if self.look.wide {
            (2.0 * CELL.0 as f64 - WIDE_SIZE) / 2.0
        } else {
            0.0
        };
        for (n, (column, _)) in self.cells.iter().enumerate() {
            let space = if n > 0 { " " } else { "" };
            let _ = write!(text, "{space}{}", (MARGIN + column * CELL.0) as f64 + shift);
        }
        let baseline = if self.look.wide { WIDE_BASELINE } else { BASELINE };
        let _ = write!(text, "\" y=\"{}\">", (MARGIN + self.row * CELL.1) as f64 + baseline);
        for (_, symbol) in &self.cells {
            text.push_str(&symbol.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"));
        }
        text.push_str("</text>\n");
    }
}

fn rectangle(text: &mut String, row: usize, field: Option<(usize, usize, String)>, ground: &str) {
    let Some((from, to, colour)) = field.filter(|(.., colour)| colour != ground) else {
        return;
    };
    let (x, y) = (MARGIN + from * CELL.0, MARGIN + row * CELL.1);
    let _ = writeln!(
        text,
        "<rect x=\"{x}\" y=\"{y}\" width=\"{}\" height=\"{}\" fill=\"{colour}\"/>",
        (to - from) * CELL.0,
        CELL.1
    );
}

/// Front and ground of a cell.
fn colours(cell: &Cell) -> (String, String) {
    let (front, back) = (colour(cell.fg, FRONT), colour(cell.bg, GROUND));
    if cell.modifier.contains(Modifier::REVERSED) {
        (back, front)
    } else {
        (front, back)
    }
}

fn colour(colour: Color, terminal: &str) -> String {
    let indexed = match colour {
        Color::Reset => return terminal.to_owned(),
        Color::Rgb(r, g, b) => return format!("#{r:02x}{g:02x}{b:02x}"),
        Color::Indexed(n) => n,
        Color::Black => 0,
        Color::Red => 1,
        Color::Green => 2,
        Color::Yellow => 3,
        Color::Blue => 4,
        Color::Magenta => 5,
        Color::Cyan => 6,
        Color::Gray => 7,
        Color::DarkGray => 8,
        Color::LightRed => 9,
        Color::LightGreen => 10,
        Color::LightYellow => 11,
        Color::LightBlue => 12,
        Color::LightMagenta => 13,
        Color::LightCyan => 14,
        Color::White => 15,
    };
    match indexed {
        n @ 0..16 => ANSI[usize::from(n)].to_owned(),
        n @ 16..232 => {
            let part = |n: u8| if n == 0 { 0 } else { 55 + 40 * n };
            let n = n - 16;
            format!("#{:02x}{:02x}{:02x}", part(n / 36), part(n / 6 % 6), part(n % 6))
        }
        n => {
            let grey = 8 + 10 * (n - 232);
            format!("#{grey:02x}{grey:02x}{grey:02x}")
        }
    }
}

#[cfg(test)]
mod tests {
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    use super::*;

    fn screen(text: &str) -> Buffer {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 12, 2));
        buffer.set_string(0, 0, "chain", Style::new());
        buffer.set_string(0, 1, text, Style::new().fg(Color::Rgb(95, 211, 216)));
        buffer
    }

    #[test]
    fn wide_characters_stand_in_their_cells() {
        let svg = svg(&screen("a 棚卸 b"));
        assert!(svg.contains(">棚卸</text>") && svg.contains("#5fd3d8"), "{svg}");
        assert!(svg.ends_with("</svg>\n"));
    }

    #[test]
    fn a_row_that_stays_is_written_once_and_one_that_changes_by_turns() {
        let (one, other) = (screen("● "), screen(" ●"));
        let time = Duration::from_millis(500);
        let svg = animated(&[(&one, time), (&other, time), (&one, time), (&one, time)]);
        assert_eq!(svg.matches(">chain</text>").count(), 1);
        assert_eq!(svg.matches(">●</text>").count(), 2);
        let turns = "values=\"visible;hidden;visible\" keyTimes=\"0.0000;0.2500;0.5000\" dur=\"2.00s\"";
        assert!(svg.contains(turns), "{svg}");
        assert!(svg.contains("values=\"hidden;visible;hidden\""));
    }
}
