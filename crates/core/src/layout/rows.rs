//! Rows: whole slots, so that the same row means a straight line. Known boxes keep theirs.

use std::cmp::Reverse;

use super::grid::{FREE, Grid};
use super::index::Index;
use super::placed::{Placed, Row};
use super::rank::Ranks;
use super::request::LinkKind;

/// How many columns boxes without links fill before they begin a new row, where the picture is not wider anyway.
const SHELF: usize = 6;

/// Who sits where.
pub(super) struct Seated {
    pub grid: Grid,
    /// By node: which chain it is part of.
    pub chain: Vec<usize>,
    /// By node: whether it sits on the shelf of boxes without links.
    pub shelved: Vec<bool>,
}

/// Finds a row for every box, and a column for those without links.
pub(super) fn seat(index: &Index, ranks: &mut Ranks, previous: Option<&Placed>) -> Seated {
    let columns = ranks.rank.iter().map(|rank| rank + 1).max().unwrap_or(0);
    let known = |&band: &usize| Row {
        band,
        gap: 0,
        height: 1,
    };
    let rows = previous.map_or_else(Vec::new, |placed| placed.bands.iter().map(known).collect());
    let mut grid = Grid::new(index.len(), columns, rows);
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
    let guests = Unplaced::new(index, ranks);
    let is_lone = |chain: &&Vec<usize>| chain.len() == 1;
    for chain in members.iter().filter(|chain| !is_lone(chain)) {
        guests.seat_chain(&mut grid, chain);
    }
    let mut shelved: Vec<bool> = index
        .known
        .iter()
        .map(|seat| seat.is_some_and(|seat| seat.shelved))
        .collect();
    let lone = members.iter().filter(is_lone).map(|chain| chain[0]);
    for node in lone.filter(|&node| grid.row[node] == FREE).collect::<Vec<_>>() {
        ranks.rank[node] = shelve(&mut grid, node, &shelved);
        shelved[node] = true;
    }
    grid.trim();
    Seated { grid, chain, shelved }
}

/// The first free cell of the shelf, which is a band of its own; answers with its column.
fn shelve(grid: &mut Grid, node: usize, shelved: &[bool]) -> usize {
    grid.widen(SHELF);
    let of_shelf = |row: &Vec<usize>| row.iter().all(|&cell| cell == FREE || shelved[cell]);
    let is_shelf =
        |band: usize| (grid.rows.iter().zip(&grid.cells)).all(|(r, cells)| r.band != band || of_shelf(cells));
    let last = grid.rows.last().map(|row| row.band);
    let band = grid.rows.iter().map(|row| row.band).find(|&band| is_shelf(band));
    let band = band.unwrap_or_else(|| last.map_or(0, |_| grid.rows.iter().map(|row| row.band + 1).max().unwrap_or(0)));
    let (first, end) = grid.span(band);
    let free = |row: usize| (0..grid.ranks()).find(|&rank| grid.at(rank, row) == FREE);
    let (rank, row) = (first..end).find_map(|row| Some((free(row)?, row))).unwrap_or((0, end));
    if row == end {
        grid.insert_row(end, band);
    }
    grid.put(node, rank, row);
    rank
}

/// Those who still need a row.
struct Unplaced<'a> {
    index: &'a Index<'a>,
    ranks: &'a Ranks,
    /// The queues that belong beneath each box, in first-seen order.
    beneath: Vec<Vec<usize>>,
}

impl<'a> Unplaced<'a> {
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

    fn seat_chain(&self, grid: &mut Grid, chain: &[usize]) {
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
        if chain.iter().all(|&node| self.index.known[node].is_none()) {
            self.settle(grid, chain);
            grid.drop_empty_rows(home);
        }
    }

    /// From right to left, a box slides to the middle of what it feeds, as far as the cells on the way are free: so a
    /// fan opens to both sides, and what leads to it comes in straight.
    fn settle(&self, grid: &mut Grid, chain: &[usize]) {
        let mut nodes: Vec<usize> = chain
            .iter()
            .copied()
            .filter(|&node| self.hosted_by(node).is_none())
            .collect();
        nodes.sort_by_key(|&node| (Reverse(self.ranks.rank[node]), self.ranks.seen[node]));
        for node in nodes {
            let mut fed: Vec<usize> = self.fed(node).map(|other| grid.row[other]).collect();
            if fed.is_empty() {
                continue;
            }
            fed.sort_unstable();
            let (here, rank) = (grid.row[node], self.ranks.rank[node]);
            let goal = fed[(fed.len() - 1) / 2];
            let mut block = vec![node];
            while self.next_in_block(grid, rank, &block) {
                block.push(grid.at(rank, here + block.len()));
            }
            let end = grid.span(grid.rows[here].band).1;
            let free = |row: usize| row < end && grid.at(rank, row) == FREE;
            let way = if goal > here {
                (here + 1..=goal).take_while(|&row| free(row + block.len() - 1)).last()
            } else {
                (goal..here).rev().take_while(|&row| free(row)).last()
            };
            let length = |row: usize| fed.iter().map(|&other| other.abs_diff(row)).sum::<usize>();
            if let Some(row) = way.filter(|&row| length(row) < length(here)) {
                grid.slide(&block, rank, row);
            }
        }
    }

    /// Whether the cell beneath these is taken by a queue that belongs to them.
    fn next_in_block(&self, grid: &Grid, rank: usize, block: &[usize]) -> bool {
        let row = grid.row[block[0]] + block.len();
        row < grid.rows.len()
            && grid.at(rank, row) != FREE
            && self
                .hosted_by(grid.at(rank, row))
                .is_some_and(|host| block.contains(&host))
    }

    /// The nodes that this one feeds to the right.
    fn fed(&self, node: usize) -> impl Iterator<Item = usize> {
        let main = |e: &&usize| self.index.edges[**e].kind == LinkKind::Main && !self.ranks.back[**e];
        self.index
            .outs
            .of(node)
            .iter()
            .filter(main)
            .map(|&e| self.index.edges[e].to)
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
        // A box that goes to another rank keeps its row.
        if let Some(seat) = self.index.known[node].filter(|seat| seat.band == band) {
            return grid.now(seat.row);
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
}
