//! Routes of links in cells, and all of them as straight segments, sorted so that those in a viewport are found fast.

use super::request::Link;

/// The way of one link: corner by corner, from a cell of the source's border to one of the target's.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Route {
    /// The corners, both ends included. Empty for a link with an end that is not in the picture.
    pub points: Vec<(i32, i32)>,
}

impl Route {
    /// Steps from one end to the other.
    #[must_use]
    pub fn len(&self) -> u32 {
        self.points.windows(2).map(|p| distance(p[0], p[1])).sum()
    }

    /// Whether there is no way, because an end is not in the picture.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.points.is_empty()
    }

    /// The cell so many steps along the way; its last cell when that is too far.
    #[must_use]
    pub fn point_at(&self, steps: u32) -> Option<(i32, i32)> {
        let mut left = steps;
        for pair in self.points.windows(2) {
            let here = distance(pair[0], pair[1]);
            if left <= here {
                let left = left.cast_signed();
                let ((x, y), (tx, ty)) = (pair[0], pair[1]);
                return Some((x + (tx - x).signum() * left, y + (ty - y).signum() * left));
            }
            left -= here;
        }
        self.points.last().copied()
    }
}

fn distance(a: (i32, i32), b: (i32, i32)) -> u32 {
    a.0.abs_diff(b.0) + a.1.abs_diff(b.1)
}

/// A straight piece of one route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Run {
    /// The row of a horizontal run, the column of a vertical one.
    pub(super) at: i32,
    pub(super) low: i32,
    pub(super) high: i32,
    /// Towards larger numbers.
    pub(super) ahead: bool,
    pub(super) edge: usize,
    pub(super) first: bool,
    pub(super) last: bool,
}

/// All routes, split into straight segments, sorted by row and by column.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Lines {
    pub(super) horizontal: Vec<Run>,
    pub(super) vertical: Vec<Run>,
    pub(super) dashed: Vec<bool>,
}

impl Lines {
    pub fn new(routes: &[Route], requested: &[Link]) -> Self {
        let mut lines = Self {
            dashed: requested.iter().map(|link| link.dashed).collect(),
            ..Self::default()
        };
        for (edge, route) in routes.iter().enumerate() {
            let count = route.points.len().saturating_sub(1);
            for (number, pair) in route.points.windows(2).enumerate() {
                let ((x, y), (tx, ty)) = (pair[0], pair[1]);
                let (first, last) = (number == 0, number + 1 == count);
                if y == ty {
                    let run = Run {
                        at: y,
                        low: x.min(tx),
                        high: x.max(tx),
                        ahead: tx > x,
                        edge,
                        first,
                        last,
                    };
                    lines.horizontal.push(run);
                } else {
                    let run = Run {
                        at: x,
                        low: y.min(ty),
                        high: y.max(ty),
                        ahead: ty > y,
                        edge,
                        first,
                        last,
                    };
                    lines.vertical.push(run);
                }
            }
        }
        lines.horizontal.sort_by_key(|run| (run.at, run.low, run.edge));
        lines.vertical.sort_by_key(|run| (run.at, run.low, run.edge));
        lines
    }
}
