//! The grid of ranks and rows, and who sits where in it.

use super::placed::Row;

/// An empty cell of the grid.
pub(super) const FREE: usize = usize::MAX;

/// Boxes by row and rank.
pub(super) struct Grid {
    /// For each row its band; its height is 0 where the earlier picture did not have it.
    pub rows: Vec<Row>,
    /// For each row, for each rank, the node there or [`FREE`].
    pub cells: Vec<Vec<usize>>,
    /// The row of each node.
    pub row: Vec<usize>,
    /// Where each row of the earlier picture is now.
    now: Vec<usize>,
    ranks: usize,
}

impl Grid {
    /// The rows of the earlier picture, without the boxes.
    pub fn new(nodes: usize, ranks: usize, rows: Vec<Row>) -> Self {
        Self {
            cells: vec![vec![FREE; ranks]; rows.len()],
            row: vec![FREE; nodes],
            now: (0..rows.len()).collect(),
            rows,
            ranks,
        }
    }

    /// Where a row of the earlier picture is now.
    pub fn now(&self, row: usize) -> usize {
        self.now.get(row).copied().unwrap_or(FREE)
    }

    pub fn at(&self, rank: usize, row: usize) -> usize {
        self.cells[row][rank]
    }

    /// How many columns there are.
    pub fn ranks(&self) -> usize {
        self.ranks
    }

    /// A new row before `at`.
    pub fn insert_row(&mut self, at: usize, band: usize) {
        self.rows.insert(at, Row { band, ..Row::default() });
        self.cells.insert(at, vec![FREE; self.ranks]);
        if at + 1 == self.rows.len() {
            return;
        }
        for row in self.row.iter_mut().chain(&mut self.now) {
            if *row != FREE && *row >= at {
                *row += 1;
            }
        }
    }

    /// Removes empty rows of a new band.
    pub fn drop_empty_rows(&mut self, band: usize) {
        let (first, end) = self.span(band);
        for at in (first..end).rev() {
            if end - first > 1 && self.cells[at].iter().all(|&cell| cell == FREE) {
                self.rows.remove(at);
                self.cells.remove(at);
                for row in self.row.iter_mut().chain(&mut self.now) {
                    if *row != FREE && *row > at {
                        *row -= 1;
                    }
                }
            }
        }
    }

    /// Removes empty rows at the end.
    pub fn trim(&mut self) {
        let used = self
            .cells
            .iter()
            .rposition(|row| row.iter().any(|&cell| cell != FREE))
            .map_or(0, |row| row + 1);
        self.rows.truncate(used);
        self.cells.truncate(used);
    }

    /// At least so many columns.
    pub fn widen(&mut self, ranks: usize) {
        self.ranks = self.ranks.max(ranks);
        for row in &mut self.cells {
            row.resize(self.ranks, FREE);
        }
    }

    /// Moves a box and what is beneath it by whole rows; the cells they get are free or their own.
    pub fn slide(&mut self, block: &[usize], rank: usize, to: usize) {
        for &node in block {
            self.cells[self.row[node]][rank] = FREE;
        }
        for (offset, &node) in block.iter().enumerate() {
            self.put(node, rank, to + offset);
        }
    }

    /// Seats a node in a free cell.
    pub fn put(&mut self, node: usize, rank: usize, row: usize) {
        self.cells[row][rank] = node;
        self.row[node] = row;
    }

    /// The rows of a band: first and one past the last.
    pub fn span(&self, band: usize) -> (usize, usize) {
        // Bands are numbered from the top.
        let first = self.rows.partition_point(|row| row.band < band);
        (first, self.rows.partition_point(|row| row.band <= band))
    }

    /// The first of `count` free cells, one beneath the other: at or below `wanted`, else above it, else in new
    /// rows at the end of the band.
    pub fn find(&mut self, band: usize, rank: usize, wanted: usize, count: usize) -> usize {
        let (first, end) = self.span(band);
        let free = |row: usize| self.cells[row][rank] == FREE;
        let fits = |row: usize| row + count <= end && (row..row + count).all(free);
        let wanted = wanted.clamp(first, end);
        if let Some(row) = (wanted..end).find(|&row| fits(row)) {
            return row;
        }
        // A picture that people know does not grow while there is room in it.
        if self.rows[first].height > 0
            && let Some(row) = (first..wanted).rev().find(|&row| fits(row))
        {
            return row;
        }
        let row = (wanted..end).rev().take_while(|&row| free(row)).last().unwrap_or(end);
        for new in end..row + count {
            self.insert_row(new, band);
        }
        row
    }
}
