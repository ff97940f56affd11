//! The whole of the layout, step by step.

use std::collections::BTreeSet;

use super::fold::{Spots, folded, most_columns, too_wide, unfolded};
use super::grid::{FREE, Grid};
use super::index::Index;
use super::lines::{Lines, Route};
use super::placed::{Column, Placed, Row, Seat};
use super::rank::{Ranks, ranks};
use super::rect::Rect;
use super::request::{Metrics, Request};
use super::route::{Pins, route};
use super::routing::{Ways, ways};
use super::rows::{Seated, seat};
use super::tracks::{self, Heights};

/// Seats every box and routes every link.
///
/// Known boxes keep their place: ranks only grow, rows are only inserted, channels only widen. Boxes of `previous` that no
/// longer exist leave their place free. Without `previous`, everything is placed anew (re-layout). The result depends only
/// on the arguments, and not on the order of `nodes` and `edges`.
///
/// With a page, ranks are folded into lines of as many columns as it has room for. Cuts stay where they were until the page
/// changes or a line overflows.
#[must_use]
pub fn place(request: &Request, previous: Option<&Placed>) -> Placed {
    let index = Index::new(request, previous);
    let mut ranks = ranks(&index, previous);
    let seated = seat(&index, &mut ranks, previous);
    let mut steady = previous.filter(|placed| placed.page == (request.page, request.metrics.compact));
    let draw = |spots: Spots, capacity: usize, steady: Option<&Placed>| {
        let ways = ways(&index, &ranks, &spots, request.metrics.compact);
        let mut plan = Plan::new(&index, &ranks, &seated, &spots, &ways, request.metrics, steady);
        plan.rows();
        plan.columns();
        plan.finish(request, capacity)
    };
    let Some(page) = request.page else {
        return draw(unfolded(&ranks, &seated.grid, steady), 0, steady);
    };
    let most = most_columns(page, request.metrics);
    let mut capacity = steady.map_or(most, |placed| placed.capacity);
    loop {
        let spots = folded(&index, &ranks, &seated.grid, capacity, steady);
        if capacity == 1 || !too_wide(&index, &spots, request.metrics, page) {
            let placed = draw(spots, capacity, steady);
            if capacity == 1 || placed.width <= u32::from(page) {
                return placed;
            }
        }
        capacity = if steady.take().is_some() { most } else { capacity - 1 };
    }
}

/// Whether a new channel gets room to spare.
#[derive(Clone, Copy)]
enum Room {
    Exact,
    Spare,
}

/// How far a compact dead-letter queue stands in under its source: the corner of its line, and the arrow head.
const INDENT: u16 = 3;

/// From so many boxes on every channel with lines in it has room for more, so that the picture keeps still.
const LARGE: usize = 100;

/// How wide a channel or a column becomes: it never shrinks, and where it has to grow it gets some room to spare, so
/// that it does not have to grow again at once.
fn grow(had: u16, needed: usize, room: Room) -> u16 {
    let needed = u16::try_from(needed).unwrap_or(u16::MAX);
    let spare = match room {
        Room::Exact if had == 0 => 0,
        Room::Exact | Room::Spare => 1 + needed / 4,
    };
    if needed <= had {
        had
    } else {
        needed.saturating_add(spare)
    }
}

struct Plan<'a> {
    index: &'a Index<'a>,
    ranks: &'a Ranks,
    seated: &'a Seated,
    spots: &'a Spots,
    /// Drawn rows.
    grid: &'a Grid,
    ways: &'a Ways,
    metrics: Metrics,
    /// Whether boxes keep the heights of an earlier picture.
    steady: bool,
    rects: Vec<Rect>,
    rows: Vec<Row>,
    columns: Vec<Column>,
    last_gap: u16,
    last_gutter: u16,
    /// By edge, then by loop.
    tracks: Vec<[i32; 2]>,
    lanes: Vec<[i32; 2]>,
    width: i32,
    height: i32,
}

impl<'a> Plan<'a> {
    fn new(
        index: &'a Index<'a>,
        ranks: &'a Ranks,
        seated: &'a Seated,
        spots: &'a Spots,
        ways: &'a Ways,
        metrics: Metrics,
        previous: Option<&Placed>,
    ) -> Self {
        let grid = &spots.grid;
        let mut columns = previous.map_or_else(Vec::new, |placed| placed.columns.clone());
        columns.resize(columns.len().max(grid.ranks()), Column::default());
        Self {
            index,
            ranks,
            seated,
            spots,
            grid,
            steady: previous.is_some(),
            ways,
            metrics,
            rects: vec![Rect::default(); index.len()],
            rows: grid.rows.clone(),
            columns,
            last_gap: previous.map_or(0, |placed| placed.last_gap),
            last_gutter: previous.map_or(0, |placed| placed.last_gutter),
            tracks: Vec::new(),
            lanes: Vec::new(),
            width: 0,
            height: 0,
        }
    }

    fn room(&self, lines: usize) -> Room {
        let busy = lines > 3 || (lines > 0 && self.index.len() >= LARGE);
        if busy { Room::Spare } else { Room::Exact }
    }

    /// Heights of boxes, rows and gaps; everything vertical.
    fn rows(&mut self) {
        for (node, item) in self.index.items.iter().enumerate() {
            // Two inner rows where lines enter on the second.
            let least = if self.metrics.compact { 1 } else { 3 } + u16::from(self.ways.low_entry[node]);
            // Once stretched it stays so.
            let height = item.height.max(least).max(
                self.index.known[node]
                    .filter(|_| self.steady)
                    .map_or(0, |seat| seat.rect.h),
            );
            self.rects[node].h = height;
            let row = &mut self.rows[self.grid.row[node]];
            row.height = row.height.max(height);
        }
        let row = &self.grid.row;
        let tracks = tracks::tracks(self.index, &self.spots.column, row, &self.ways.way, self.rows.len() + 1);
        let mut y = 0;
        let mut gap_top = Vec::with_capacity(self.rows.len() + 1);
        let mut tops = Vec::with_capacity(self.rows.len());
        for at in 0..self.rows.len() {
            let lines = tracks.count[at];
            let between = match at.checked_sub(1).map(|above| self.rows[above].band) {
                None => 0,
                Some(band) if band == self.rows[at].band => self.metrics.gap,
                Some(_) => self.metrics.band_gap.max(1),
            };
            let air = usize::from(at > 0 && lines > 0 && !self.metrics.compact);
            let room = self.room(lines);
            let row = &mut self.rows[at];
            row.gap = grow(row.gap, (lines + air).max(usize::from(between)), room);
            row.height = row.height.max(if self.metrics.compact { 1 } else { 3 });
            gap_top.push(y);
            y += i32::from(row.gap);
            tops.push(y);
            y += i32::from(row.height);
        }
        gap_top.push(y);
        let lines = tracks.count.last().copied().unwrap_or(0);
        self.last_gap = grow(self.last_gap, lines, self.room(lines));
        self.height = y + i32::from(self.last_gap);

        for (node, rect) in self.rects.iter_mut().enumerate() {
            rect.y = tops[row[node]];
        }
        let height = |gap: usize| self.rows.get(gap).map_or(self.last_gap, |row| row.gap);
        let y = |gap: usize, track: i32| {
            gap_top[gap]
                + if track < 0 {
                    i32::from(height(gap)) + track
                } else {
                    track
                }
        };
        let edges = self.index.edges.len();
        let track = |number: usize, line: &[i32; 2]| {
            if number >= edges {
                return [y(row[self.index.loops[number - edges].from], line[0]); 2];
            }
            let (first, second) = self.ways.way[number].gaps();
            [
                first.map_or(0, |gap| y(gap, line[0])),
                second.map_or(0, |gap| y(gap, line[1])),
            ]
        };
        self.tracks = tracks
            .line
            .iter()
            .enumerate()
            .map(|(number, line)| track(number, line))
            .collect();
    }

    /// Widths of columns and gutters; everything horizontal. Needs the heights.
    fn columns(&mut self) {
        for (node, item) in self.index.items.iter().enumerate() {
            // In steps of four, so that a slightly longer name does not push everything; compact boxes have no room for that.
            let wanted = (item.width + self.indent(node)).max(self.metrics.column).max(10);
            let wanted = if self.metrics.compact {
                wanted
            } else {
                wanted.saturating_add(3) / 4 * 4
            };
            let column = &mut self.columns[self.spots.column[node]];
            column.width = column.width.max(wanted);
        }
        let exit: Vec<i32> = self.rects.iter().map(Rect::line).collect();
        let low = self.ways.low_entry.iter().map(|&low| i32::from(low));
        let entry: Vec<i32> = exit.iter().zip(low).map(|(&y, low)| y + low).collect();
        let heights = Heights {
            exit: &exit,
            entry: &entry,
            track: &self.tracks,
        };
        let assigned = tracks::lanes(self.index, &self.ways.way, &heights, self.columns.len() + 1);

        let mut x = 0;
        let mut gutters: Vec<(i32, i32)> = Vec::with_capacity(self.columns.len() + 1);
        let mut lefts = Vec::with_capacity(self.columns.len());
        for at in 0..self.columns.len() {
            let lines = assigned.count[at];
            let room = self.room(lines);
            let column = &mut self.columns[at];
            let (least, ends) = if at == 0 {
                (0, 1)
            } else {
                (usize::from(self.metrics.gutter.max(3)), 2)
            };
            let needed = if lines == 0 { least } else { least.max(lines + ends) };
            column.gutter = grow(column.gutter, needed, room);
            column.width = column.width.max(self.metrics.column).max(10);
            gutters.push(spread(x, column.gutter, lines, at > 0));
            x += i32::from(column.gutter);
            lefts.push(x);
            x += i32::from(column.width);
        }
        let lines = assigned.count.last().copied().unwrap_or(0);
        self.last_gutter = grow(
            self.last_gutter,
            if lines == 0 { 0 } else { lines + 1 },
            self.room(lines),
        );
        gutters.push((x + 1, 1));
        self.width = x + i32::from(self.last_gutter);

        let indents: Vec<u16> = (0..self.index.len()).map(|node| self.indent(node)).collect();
        for (node, rect) in self.rects.iter_mut().enumerate() {
            let column = self.spots.column[node];
            let indent = indents[node];
            rect.x = lefts[column] + i32::from(indent);
            rect.w = self.columns[column].width.saturating_sub(indent);
        }
        let x = |gutter: usize, lane: i32| gutters[gutter].0 + gutters[gutter].1 * lane;
        let lane = |(number, line): (usize, &[i32; 2])| {
            let (first, second) = self.ways.way[number].gutters();
            [
                first.map_or(0, |gutter| x(gutter, line[0])),
                second.map_or(0, |gutter| x(gutter, line[1])),
            ]
        };
        self.lanes = assigned.line.iter().enumerate().map(lane).collect();
    }

    /// How far a compact box stands in under what it belongs to.
    fn indent(&self, node: usize) -> u16 {
        let host = self.ranks.host[node]
            .filter(|&host| self.metrics.compact && self.spots.column[host] == self.spots.column[node]);
        host.map_or(0, |host| INDENT + self.indent(host))
    }

    fn finish(self, request: &Request, capacity: usize) -> Placed {
        let mut routes = vec![Route::default(); request.edges.len()];
        for (number, edge) in self.index.edges.iter().enumerate() {
            let pins = Pins {
                from: self.rects[edge.from],
                to: self.rects[edge.to],
                low_entry: self.ways.low_entry[edge.to],
                side_entry: self.ways.side_entry[edge.to],
            };
            routes[edge.link] = route(self.ways.way[number], &pins, self.tracks[number], self.lanes[number]);
        }
        for (number, edge) in self.index.loops.iter().enumerate() {
            routes[edge.link] =
                super::route::around_itself(self.rects[edge.from], self.tracks[self.index.edges.len() + number][0]);
        }
        let id = |node: usize| self.index.items[node].id.clone();
        let back = self.index.edges.iter().zip(&self.ranks.back).filter(|(_, back)| **back);
        let backs: BTreeSet<_> = back.map(|(edge, _)| (id(edge.from), id(edge.to))).collect();
        let seats: Vec<Seat> = (0..self.index.len())
            .map(|node| Seat {
                id: id(node),
                rect: self.rects[node],
                rank: self.ranks.rank[node],
                row: self.seated.grid.row[node],
                column: self.spots.column[node],
                drawn: self.grid.row[node],
                band: self.seated.grid.rows[self.seated.grid.row[node]].band,
                seen: self.ranks.seen[node],
                host: self.ranks.host[node].map(id),
                chain: self.seated.chain[node],
                shelved: self.seated.shelved[node],
            })
            .collect();
        let in_row = self.grid.cells.iter();
        let in_row = in_row
            .map(|row| row.iter().copied().filter(|&n| n != FREE).collect())
            .collect();
        let mut tops = Vec::with_capacity(self.rows.len());
        let mut y = 0;
        for row in &self.rows {
            y += i32::from(row.gap);
            tops.push(y);
            y += i32::from(row.height);
        }
        Placed {
            lines: Lines::new(&routes, &request.edges),
            routes,
            width: self.width.unsigned_abs(),
            height: self.height.unsigned_abs(),
            numbers: seats
                .iter()
                .enumerate()
                .map(|(number, seat)| (seat.id.clone(), number))
                .collect(),
            seats,
            in_row,
            tops,
            columns: self.columns,
            last_gutter: self.last_gutter,
            rows: self.rows,
            last_gap: self.last_gap,
            drawn: self.spots.drawn.clone(),
            bands: self.seated.grid.rows.iter().map(|row| row.band).collect(),
            folds: self.spots.folds.clone(),
            capacity,
            page: (request.page, request.metrics.compact),
            backs,
        }
    }
}

/// The first lane of a gutter and the distance to the next: in the middle, with a column of air where there is room.
/// The outermost column on the left belongs to the stubs, that on the right to the arrow heads.
fn spread(left: i32, width: u16, lanes: usize, stubs: bool) -> (i32, i32) {
    let lanes = i32::try_from(lanes).unwrap_or(0);
    let first = left + i32::from(stubs);
    let room = i32::from(width) - 1 - i32::from(stubs);
    let pitch = if room >= 2 * lanes - 1 { 2 } else { 1 };
    let used = (lanes - 1) * pitch + 1;
    (first + ((room - used) / 2).max(0), pitch)
}
