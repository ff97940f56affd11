//! The cells of the lines that a viewport shows.

use super::lines::Run;
use super::navigation::Direction;
use super::placed::Placed;
use super::rect::Rect;

/// The sides of a cell that a line touches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct Sides(u8);

impl Sides {
    /// None.
    pub const NONE: Self = Self(0);
    /// The upper.
    pub const UP: Self = Self(1);
    /// The right.
    pub const RIGHT: Self = Self(2);
    /// The lower.
    pub const DOWN: Self = Self(4);
    /// The left.
    pub const LEFT: Self = Self(8);
    /// The upper and the lower.
    pub const VERTICAL: Self = Self(5);
    /// The left and the right.
    pub const HORIZONTAL: Self = Self(10);

    /// A number below 16: 1 up, 2 right, 4 down, 8 left.
    #[must_use]
    pub fn bits(self) -> u8 {
        self.0
    }

    /// Both.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether all of these are touched.
    #[must_use]
    pub fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

/// A cell with a line in it. No such cell lies inside a box; one on a border has `on_border`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell<'a> {
    /// Column of the picture.
    pub x: i32,
    /// Row of the picture.
    pub y: i32,
    /// Where the line goes from here. On a border this includes the border itself.
    pub sides: Sides,
    /// An arrow head stands here, and points that way.
    pub head: Option<Direction>,
    /// Part of a box's border: a line starts or ends here. Draw it after the box.
    pub on_border: bool,
    /// Whether all lines that are seen here are dashed.
    pub dashed: bool,
    /// The links that pass here, as numbers in [`super::Request::edges`], ascending.
    pub edges: &'a [usize],
    /// The links that cross here beneath those and are not seen in this cell, ascending.
    pub beneath: &'a [usize],
}

/// One link in one cell.
#[derive(Debug, Clone, Copy)]
struct Mark {
    y: i32,
    x: i32,
    edge: usize,
    sides: Sides,
    head: Option<Direction>,
    on_border: bool,
}

#[derive(Debug, Clone, Copy)]
struct Merged {
    x: i32,
    y: i32,
    sides: Sides,
    head: Option<Direction>,
    on_border: bool,
    dashed: bool,
    start: usize,
    middle: usize,
    end: usize,
}

/// The line cells of a viewport.
#[derive(Debug, Clone, Default)]
pub struct Painted {
    cells: Vec<Merged>,
    edges: Vec<usize>,
}

impl Painted {
    /// The cells, row by row, from left to right.
    pub fn cells(&self) -> impl Iterator<Item = Cell<'_>> {
        self.cells.iter().map(|cell| Cell {
            x: cell.x,
            y: cell.y,
            sides: cell.sides,
            head: cell.head,
            on_border: cell.on_border,
            dashed: cell.dashed,
            edges: &self.edges[cell.start..cell.middle],
            beneath: &self.edges[cell.middle..cell.end],
        })
    }
}

/// The line cells inside a viewport, which is given in cells of the picture. Work and memory are in proportion to
/// what the viewport shows, not to the picture.
#[must_use]
pub fn paint(placed: &Placed, viewport: Rect) -> Painted {
    let mut marks = Vec::new();
    let (left, right, top, bottom) = (viewport.x, viewport.right(), viewport.y, viewport.bottom());
    for run in within(&placed.lines.horizontal, top, bottom) {
        // The ends of a horizontal line lie in a box's border, which stays as it is.
        let low = run.low + i32::from(if run.ahead { run.first } else { run.last });
        let high = run.high - i32::from(if run.ahead { run.last } else { run.first });
        for x in low.max(left)..=high.min(right) {
            let mut sides = Sides::HORIZONTAL;
            if x == run.low {
                sides = Sides::RIGHT;
            } else if x == run.high {
                sides = Sides::LEFT;
            }
            let at_end = run.last && x == if run.ahead { high } else { low };
            let head = at_end.then_some(if run.ahead { Direction::Right } else { Direction::Left });
            marks.push(Mark {
                y: run.at,
                x,
                edge: run.edge,
                sides,
                head,
                on_border: false,
            });
        }
    }
    for run in within(&placed.lines.vertical, left, right) {
        for y in run.low.max(top)..=run.high.min(bottom) {
            let (low, high) = (y == run.low, y == run.high);
            let mut sides = Sides::VERTICAL;
            if low {
                sides = Sides::DOWN;
            } else if high {
                sides = Sides::UP;
            }
            let starts = run.first && if run.ahead { low } else { high };
            let ends = run.last && if run.ahead { high } else { low };
            if starts || ends {
                sides = sides.with(Sides::HORIZONTAL);
            }
            let head = ends.then_some(if run.ahead { Direction::Down } else { Direction::Up });
            marks.push(Mark {
                y,
                x: run.at,
                edge: run.edge,
                sides,
                head,
                on_border: starts || ends,
            });
        }
    }
    marks.sort_unstable_by_key(|mark| (mark.y, mark.x, mark.edge));
    merge(&marks, &placed.lines.dashed)
}

fn within(runs: &[Run], from: i32, to: i32) -> impl Iterator<Item = &Run> {
    let start = runs.partition_point(|run| run.at < from);
    runs[start..].iter().take_while(move |run| run.at <= to)
}

fn merge(marks: &[Mark], dashed: &[bool]) -> Painted {
    let mut painted = Painted::default();
    // What each link does in this cell; one that turns has two marks.
    let mut links: Vec<(usize, Sides)> = Vec::new();
    for group in marks.chunk_by(|a, b| (a.y, a.x) == (b.y, b.x)) {
        links.clear();
        for mark in group {
            match links.last_mut() {
                Some((edge, sides)) if *edge == mark.edge => *sides = sides.with(mark.sides),
                _ => links.push((mark.edge, mark.sides)),
            }
        }
        // Lines that only cross must not look like a junction: the vertical one passes over.
        let crossing = !group[0].on_border
            && links.iter().any(|link| link.1 == Sides::VERTICAL)
            && links.iter().any(|link| link.1 == Sides::HORIZONTAL)
            && links
                .iter()
                .all(|link| [Sides::VERTICAL, Sides::HORIZONTAL].contains(&link.1));
        let seen = |link: &&(usize, Sides)| !crossing || link.1 == Sides::VERTICAL;
        let start = painted.edges.len();
        painted.edges.extend(links.iter().filter(seen).map(|link| link.0));
        let middle = painted.edges.len();
        painted
            .edges
            .extend(links.iter().filter(|link| !seen(link)).map(|link| link.0));
        let visible = links.iter().filter(seen);
        painted.cells.push(Merged {
            x: group[0].x,
            y: group[0].y,
            sides: visible.clone().fold(Sides::NONE, |all, link| all.with(link.1)),
            head: group.iter().find_map(|mark| mark.head),
            on_border: group.iter().any(|mark| mark.on_border),
            dashed: visible.clone().all(|link| dashed.get(link.0).copied().unwrap_or(false)),
            start,
            middle,
            end: painted.edges.len(),
        });
    }
    painted
}
