//! The way of a link, corner by corner: from channels and lines to cells.

use super::lines::Route;
use super::rect::Rect;
use super::routing::Way;

/// The two ends of a way.
pub(super) struct Pins {
    pub from: Rect,
    pub to: Rect,
    /// Lines that turn enter the target on its second inner row.
    pub low_entry: bool,
    /// Lines that bend enter the target left of the middle of its top.
    pub side_entry: bool,
}

/// The corners of a way, given the screen rows of its tracks and the screen columns of its lanes.
pub(super) fn route(way: Way, pins: &Pins, tracks: [i32; 2], lanes: [i32; 2]) -> Route {
    let (from, to) = (pins.from, pins.to);
    let exit = (from.right(), from.line());
    let entry = (to.x, to.line() + i32::from(pins.low_entry));
    let bottom = (middle(from), from.bottom());
    let top = (middle(to) - if pins.side_entry { 2 } else { 0 }, to.y);
    let points = match way {
        Way::Straight => vec![exit, (to.x, exit.1)],
        Way::Turn { .. } => vec![exit, (lanes[0], exit.1), (lanes[0], entry.1), entry],
        Way::Track { .. } => vec![
            exit,
            (lanes[0], exit.1),
            (lanes[0], tracks[0]),
            (lanes[1], tracks[0]),
            (lanes[1], entry.1),
            entry,
        ],
        Way::Elbow => vec![(from.x + 1, from.bottom()), (from.x + 1, to.line()), (to.x, to.line())],
        Way::Drop => vec![bottom, (middle(to), to.y)],
        Way::Under { .. } => vec![bottom, (bottom.0, tracks[0]), (top.0, tracks[0]), top],
        Way::Around { .. } => vec![
            bottom,
            (bottom.0, tracks[0]),
            (lanes[0], tracks[0]),
            (lanes[0], tracks[1]),
            (top.0, tracks[1]),
            top,
        ],
    };
    Route {
        points: corners(points),
    }
}

/// A small loop above the right end of a box.
pub(super) fn around_itself(rect: Rect, track: i32) -> Route {
    let (out, back) = (rect.right() - 1, rect.right() - 3);
    Route {
        points: vec![(out, rect.y), (out, track), (back, track), (back, rect.y)],
    }
}

fn middle(rect: Rect) -> i32 {
    rect.x + i32::from(rect.w) / 2
}

/// Only the points where the line turns.
fn corners(points: Vec<(i32, i32)>) -> Vec<(i32, i32)> {
    let mut kept: Vec<(i32, i32)> = Vec::with_capacity(points.len());
    for point in points {
        if kept.last() == Some(&point) {
            continue;
        }
        if let [.., a, b] = kept[..]
            && ((a.0 == b.0 && b.0 == point.0) || (a.1 == b.1 && b.1 == point.1))
        {
            kept.pop();
        }
        kept.push(point);
    }
    kept
}
