//! Scroll positions of the graph.

use crate::layout::{Placed, Rect};

/// The margin around the graph in cells.
pub const MARGIN: (i32, i32) = (2, 1);

/// The nearest valid scroll position.
pub(super) fn within(placed: &Placed, view: Rect, (x, y): (i32, i32)) -> (i32, i32) {
    let spare = |size: u32, view: u16| i32::from(view) - i32::try_from(size).unwrap_or(i32::MAX);
    let along = |at: i32, spare: i32, margin: i32| {
        // A chain that just fits is not cut for its margin.
        let margin = if spare < 0 { margin } else { margin.min(spare / 2) };
        at.clamp(-margin, (margin - spare).max(-margin))
    };
    let (wide, high) = (spare(placed.width, view.w), spare(placed.height, view.h));
    (along(x, wide, MARGIN.0), along(y, high, MARGIN.1))
}

/// Where to scroll so that these cells are on screen, with so much around them as there is room for.
pub(in crate::ui) fn around(view: Rect, cells: Rect, room: (i32, i32)) -> (i32, i32) {
    let along = |scroll: i32, start: i32, end: i32, size: i32, room: i32| {
        let room = room.min((size - (end - start)) / 2).max(0);
        if start - room < scroll {
            start - room
        } else if end + room > scroll + size {
            end + room - size
        } else {
            scroll
        }
    };
    (
        along(view.x, cells.x, cells.right() + 1, i32::from(view.w), room.0),
        along(view.y, cells.y, cells.bottom() + 1, i32::from(view.h), room.1),
    )
}
