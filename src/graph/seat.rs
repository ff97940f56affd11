//! Rows: whole slots, so that the same row means a straight line. Known boxes keep theirs.

use super::index::Index;
use super::placed::{Placed, Row};
use super::rank::Ranks;
use super::request::LinkKind;

/// An empty cell of the grid.
pub(super) const FREE: usize = usize::MAX;

/// Boxes by row and rank.
pub(super) struct Grid {
    /// For each row its band; gaps and heights are the earlier picture's, 0 for a new row.
    pub rows: Vec<Row>,
    /// For each row, for each rank, the node there or [`FREE`].
    pub cells: Vec<Vec<usize>>,
    /// The row of each node.
    pub row: Vec<usize>,
    ranks: usize,
}

impl Grid {
    pub fn at(&self, rank: usize, row: usize) -> usize {
        self.cells[row][rank]
    }

    /// How many columns there are.
    pub fn ranks(&self) -> usize {
        self.ranks
    }

    fn insert_row(&mut self, at: usize, band: usize) {
        self.rows.insert(at, Row { band, ..Row::default() });
        self.cells.insert(at, vec![FREE; self.ranks]);
        for row in &mut self.row {
            if *row != FREE && *row >= at {
                *row += 1;
            }
        }
    }

    fn put(&mut self, node: usize, rank: usize, row: usize) {
        self.cells[row][rank] = node;
        self.row[node] = row;
    }

    /// The rows of a band: first and one past the last.
    fn span(&self, band: usize) -> (usize, usize) {
        let first = self
            .rows
            .iter()
            .position(|row| row.band == band)
            .unwrap_or(self.rows.len());
        let count = self.rows[first..].iter().take_while(|row| row.band == band).count();
        (first, first + count)
    }

    /// The first of `count` free cells, one beneath the other: at or below `wanted`, else above it, else in new
    /// rows at the end of the band.
    fn find(&mut self, band: usize, rank: usize, wanted: usize, count: usize) -> usize {
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

pub(super) fn seat(index: &Index, ranks: &Ranks, previous: Option<&Placed>) -> Grid {
    let columns = ranks.rank.iter().map(|rank| rank + 1).max().unwrap_or(0);
    let rows = previous.map_or_else(Vec::new, |placed| placed.rows.clone());
    let mut grid = Grid {
        cells: vec![vec![FREE; columns]; rows.len()],
        rows,
        row: vec![FREE; index.len()],
        ranks: columns,
    };
    for (node, seat) in index.known.iter().enumerate() {
        if let Some(seat) = seat.filter(|seat| seat.rank == ranks.rank[node]) {
            grid.put(node, seat.rank, seat.row);
        }
    }

    let chain = index.chains(&ranks.order);
    let mut members: Vec<Vec<usize>> = Vec::new();
    for &node in &ranks.order {
        if members.len() <= chain[node] {
            members.resize(chain[node] + 1, Vec::new());
        }
        members[chain[node]].push(node);
    }
    let mut guests = Guests::new(index, ranks);
    for chain in &members {
        guests.seat_chain(&mut grid, chain);
    }
    grid
}

/// Those who still need a row.
struct Guests<'a> {
    index: &'a Index<'a>,
    ranks: &'a Ranks,
    /// The queues that belong beneath each box, in first-seen order.
    beneath: Vec<Vec<usize>>,
}

impl<'a> Guests<'a> {
    fn new(index: &'a Index, ranks: &'a Ranks) -> Self {
        let mut beneath = vec![Vec::new(); index.len()];
        for &node in &ranks.order {
            if let Some(host) = ranks.host[node]
                && ranks.rank[host] == ranks.rank[node]
            {
                beneath[host].push(node);
            }
        }
        Self { index, ranks, beneath }
    }

    fn seat_chain(&mut self, grid: &mut Grid, chain: &[usize]) {
        let waiting = |grid: &Grid, node: usize| grid.row[node] == FREE;
        if !chain.iter().any(|&node| waiting(grid, node)) {
            return;
        }
        let home = self.home(grid, chain);

        // A late queue goes beneath its box before anyone else takes that cell.
        for &node in chain {
            if let Some(host) = self.hosted_by(node)
                && waiting(grid, node)
                && !waiting(grid, host)
            {
                self.late(grid, host, node);
            }
        }

        let first = |&node: &usize| waiting(grid, node) && !self.rides(grid, node);
        let mut guests: Vec<usize> = chain.iter().copied().filter(first).collect();
        // Roots that were pulled next to what they feed look at its row, so they come after it.
        let pulled = |node: usize| self.ranks.rank[node] > 0 && self.feeders(node).next().is_none();
        guests.sort_by_key(|&node| (pulled(node), self.ranks.rank[node], self.ranks.seen[node]));
        let mut next = 0;
        while next < guests.len() {
            let key = |node: usize| (pulled(node), self.ranks.rank[node]);
            let group = guests[next..]
                .iter()
                .take_while(|&&node| key(node) == key(guests[next]))
                .count();
            let mut placing: Vec<(usize, usize)> = guests[next..next + group]
                .iter()
                .map(|&node| (self.wanted(grid, node, home), node))
                .collect();
            placing.sort_by_key(|&(row, node)| (row, self.ranks.seen[node]));
            for (_, node) in placing {
                // Asked again: rows may have been added since.
                let wanted = self.wanted(grid, node, home);
                let mut block = Vec::new();
                self.block(grid, node, &mut block);
                let band = self.band(grid, node, home);
                let row = grid.find(band, self.ranks.rank[node], wanted, block.len());
                for (offset, &member) in block.iter().enumerate() {
                    grid.put(member, self.ranks.rank[node], row + offset);
                }
            }
            next += group;
        }
    }

    /// The band of a chain: that of its first seated box, else one without boxes, else a new one at the end.
    fn home(&self, grid: &mut Grid, chain: &[usize]) -> usize {
        if let Some(&node) = chain.iter().find(|&&node| grid.row[node] != FREE) {
            return grid.rows[grid.row[node]].band;
        }
        if let Some(band) = chain
            .iter()
            .find_map(|&node| self.index.known[node].map(|seat| seat.band))
        {
            return band;
        }
        let mut row = 0;
        while row < grid.rows.len() {
            let band = grid.rows[row].band;
            let (first, end) = (
                row,
                row + grid.rows[row..].iter().take_while(|r| r.band == band).count(),
            );
            if grid.cells[first..end].iter().flatten().all(|&cell| cell == FREE) && self.nobody_returns(band) {
                return band;
            }
            row = end;
        }
        let band = grid.rows.iter().map(|row| row.band + 1).max().unwrap_or(0);
        grid.insert_row(grid.rows.len(), band);
        band
    }

    /// Whether no box of this picture had its seat in that band.
    fn nobody_returns(&self, band: usize) -> bool {
        !self.index.known.iter().flatten().any(|seat| seat.band == band)
    }

    fn hosted_by(&self, node: usize) -> Option<usize> {
        self.ranks.host[node].filter(|&host| self.ranks.rank[host] == self.ranks.rank[node])
    }

    /// Whether this queue gets its seat together with its host.
    fn rides(&self, grid: &Grid, node: usize) -> bool {
        self.hosted_by(node).is_some_and(|host| grid.row[host] == FREE)
    }

    /// The node, and beneath it what belongs there.
    fn block(&self, grid: &Grid, node: usize, block: &mut Vec<usize>) {
        block.push(node);
        for &queue in self.beneath[node].iter().filter(|&&queue| grid.row[queue] == FREE) {
            self.block(grid, queue, block);
        }
    }

    fn late(&self, grid: &mut Grid, host: usize, node: usize) {
        let mut block = Vec::new();
        self.block(grid, node, &mut block);
        let rank = self.ranks.rank[node];
        let band = grid.rows[grid.row[host]].band;
        let mut row = grid.row[host] + 1;
        while row < grid.rows.len() && self.belongs_beneath(grid.at(rank, row), host) {
            row += 1;
        }
        for member in block {
            if row == grid.rows.len() || grid.rows[row].band != band || grid.at(rank, row) != FREE {
                grid.insert_row(row, band);
            }
            grid.put(member, rank, row);
            row += 1;
        }
    }

    fn belongs_beneath(&self, node: usize, host: usize) -> bool {
        node != FREE
            && self
                .hosted_by(node)
                .is_some_and(|above| above == host || self.belongs_beneath(above, host))
    }

    /// The nodes that feed this one from the left.
    fn feeders(&self, node: usize) -> impl Iterator<Item = usize> {
        (self.index.ins.of(node).iter())
            .filter(|&&e| !self.ranks.back[e])
            .map(|&e| self.index.edges[e].from)
    }

    fn band(&self, grid: &Grid, node: usize, home: usize) -> usize {
        if let Some(seat) = self.index.known[node] {
            return seat.band;
        }
        let fed = (self.index.outs.of(node).iter()).map(|&e| self.index.edges[e].to);
        let near = self.feeders(node).chain(fed).find(|&other| grid.row[other] != FREE);
        near.map_or(home, |other| grid.rows[grid.row[other]].band)
    }

    /// The row in which this node would like to sit: its own, else the lower median of those that feed it, else of
    /// those that it feeds.
    fn wanted(&self, grid: &Grid, node: usize, home: usize) -> usize {
        let band = self.band(grid, node, home);
        let (first, end) = grid.span(band);
        let inside = |other: usize| Some(grid.row[other]).filter(|row| (first..end).contains(row));
        if let Some(seat) = self.index.known[node]
            && let Some(row) = self.same_row(grid, seat.row, band, seat.band)
        {
            return row;
        }
        let main = |e: &&usize| self.index.edges[**e].kind == LinkKind::Main && !self.ranks.back[**e];
        let ins = self.index.ins.of(node).iter();
        let mut rows: Vec<usize> = ins
            .filter(main)
            .filter_map(|&e| inside(self.index.edges[e].from))
            .collect();
        if rows.is_empty() {
            rows = self.feeders(node).filter_map(inside).collect();
        }
        if rows.is_empty() {
            let outs = self.index.outs.of(node).iter();
            rows = outs
                .filter(main)
                .filter_map(|&e| inside(self.index.edges[e].to))
                .collect();
        }
        rows.sort_unstable();
        rows.get(rows.len().saturating_sub(1) / 2).copied().unwrap_or(first)
    }

    /// A box that goes to another rank keeps its row. Rows may have been inserted above it: its neighbours know.
    fn same_row(&self, grid: &Grid, row: usize, band: usize, had: usize) -> Option<usize> {
        let stayed = self
            .index
            .known
            .iter()
            .enumerate()
            .filter(|(node, _)| grid.row[*node] != FREE);
        let shift = stayed
            .filter_map(|(node, seat)| seat.filter(|seat| seat.row <= row).map(|seat| (seat.row, node)))
            .max_by_key(|&(row, node)| (row, usize::MAX - node))
            .map_or(0, |(before, node)| grid.row[node] - before);
        Some(row + shift).filter(|_| band == had)
    }
}
