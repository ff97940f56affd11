//! What the layout answers, and questions about it.

use std::collections::{BTreeSet, HashMap};

use super::fold::{Fold, Key};
use super::lines::{Lines, Route};
use super::rect::Rect;
use crate::domain::NodeId;

/// Where a node sits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seat {
    /// The box in this place.
    pub id: NodeId,
    /// The box, in cells.
    pub rect: Rect,
    /// How many steps from the beginning of its chain; the column, where nothing is folded.
    pub rank: usize,
    /// The row, from the top of the unfolded picture.
    pub row: usize,
    /// The column of the page, from the left.
    pub column: usize,
    /// The row of the page, from the top.
    pub drawn: usize,
    /// The number of the band of rows that its chain has.
    pub band: usize,
    /// The order in which nodes were first seen.
    pub(super) seen: usize,
    /// The node beneath which this dead-letter queue belongs.
    pub(super) host: Option<NodeId>,
    /// What hangs together has one number.
    pub(super) chain: usize,
    /// It sits on the shelf of boxes without any link.
    pub(super) shelved: bool,
}

/// A column of boxes and the gutter to its left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Column {
    pub gutter: u16,
    pub width: u16,
}

/// A drawn row of boxes and the gap above it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Row {
    pub band: usize,
    pub gap: u16,
    pub height: u16,
}

/// The picture: boxes, ways, and what the next [`super::place`] needs to keep boxes where they are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Placed {
    /// The ways, one for each of [`super::Request::edges`], in that order.
    pub routes: Vec<Route>,
    /// Columns of the whole picture.
    pub width: u32,
    /// Rows of the whole picture.
    pub height: u32,
    /// In natural order of id.
    pub(super) seats: Vec<Seat>,
    pub(super) numbers: HashMap<NodeId, usize>,
    /// Box numbers by row, from left to right.
    pub(super) in_row: Vec<Vec<usize>>,
    /// The top of each row.
    pub(super) tops: Vec<i32>,
    pub(super) columns: Vec<Column>,
    /// Right of the last column.
    pub(super) last_gutter: u16,
    /// Drawn rows.
    pub(super) rows: Vec<Row>,
    /// By drawn row: what it shows of each band.
    pub(super) drawn: Vec<Vec<Key>>,
    /// By row of the unfolded picture: its band.
    pub(super) bands: Vec<usize>,
    /// By band: how it is folded.
    pub(super) folds: Vec<Fold>,
    /// How many columns a line may have.
    pub(super) capacity: usize,
    /// The page it was folded for, and whether its boxes are compact: another one is folded anew.
    pub(super) page: (Option<u16>, bool),
    /// Beneath the last row.
    pub(super) last_gap: u16,
    /// Links that close a circle and so run backwards.
    pub(super) backs: BTreeSet<(NodeId, NodeId)>,
    pub(super) lines: Lines,
}

impl Placed {
    /// Every box, in order of id.
    #[must_use]
    pub fn seats(&self) -> &[Seat] {
        &self.seats
    }

    /// Where this node sits.
    #[must_use]
    pub fn seat(&self, id: &NodeId) -> Option<&Seat> {
        self.numbers.get(id).map(|&number| &self.seats[number])
    }

    /// The boxes that a viewport shows a part of, from top to bottom.
    pub fn seats_in(&self, viewport: Rect) -> impl Iterator<Item = &Seat> {
        let end = self.tops.partition_point(|&top| top <= viewport.bottom());
        let start = self.tops.partition_point(|&top| top < viewport.y).saturating_sub(1);
        (self.in_row.iter().take(end).skip(start).flatten())
            .map(|&number| &self.seats[number])
            .filter(move |seat| seat.rect.overlaps(&viewport))
    }

    /// Whose box that cell is part of.
    #[must_use]
    pub fn box_at(&self, x: i32, y: i32) -> Option<&NodeId> {
        self.seats_in(Rect { x, y, w: 1, h: 1 }).next().map(|seat| &seat.id)
    }

    /// How far a box went since an earlier picture: scroll by this, and the selected box stays still on screen.
    #[must_use]
    pub fn shift_since(&self, earlier: &Self, id: &NodeId) -> Option<(i32, i32)> {
        let (now, then) = (self.seat(id)?.rect, earlier.seat(id)?.rect);
        Some((now.x - then.x, now.y - then.y))
    }
}
