//! Which channels each link takes: along a row, through the gutters between columns and the gaps between rows.
//!
//! Gutter `r` lies left of column `r`, gap `r` above row `r`. Lines may only meet where they share an end, and that
//! holds by construction: what leaves a box to the right runs on its first inner row, what enters from the left does
//! so too unless the line that comes from the left on that row is a stranger, then on the second; what leaves
//! downwards and what enters from above keep apart in the same manner.

use super::fold::Spots;
use super::grid::{FREE, Grid};
use super::index::{Edge, Index};
use super::rank::Ranks;
use super::request::LinkKind;

/// The channels of one link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// Along the row, from border to border.
    Straight,
    /// Right, along a lane of this gutter, right.
    Turn { gutter: usize },
    /// Right, a lane of gutter `out`, a track of `gap`, a lane of gutter `into`, right.
    Track { out: usize, gap: usize, into: usize },
    /// Straight down.
    Drop,
    /// Down and right, to a compact box that is indented beneath.
    Elbow,
    /// Down, along a track of this gap, down.
    Under { gap: usize },
    /// Down, a track of `below`, a lane of `gutter`, a track of `above`, down.
    Around { below: usize, gutter: usize, above: usize },
}

/// The link in a free cell of the grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Owner {
    Nobody,
    /// Lines from this node, on its row.
    From(usize),
    /// Lines to this node, on its row.
    To(usize),
}

/// All ways, and how boxes are entered.
pub(super) struct Ways {
    /// By edge number.
    pub way: Vec<Way>,
    /// By node: lines from the left that are not straight enter on the second inner row.
    pub low_entry: Vec<bool>,
    /// By node: lines from above that are not straight enter left of the middle.
    pub side_entry: Vec<bool>,
}

pub(super) fn ways(index: &Index, ranks: &Ranks, spots: &Spots, compact: bool) -> Ways {
    let (grid, column) = (&spots.grid, &spots.column);
    let mut runs = Runs {
        grid,
        spots,
        ranks,
        compact,
        owner: vec![Owner::Nobody; grid.rows.len() * grid.ranks()],
    };
    let mut way = vec![Way::Straight; index.edges.len()];
    let mut order: Vec<usize> = (0..index.edges.len()).collect();
    // Straight lines first, then short before long: they have the first claim on the cells between.
    order.sort_by_key(|&e| {
        let edge = &index.edges[e];
        let (rows, columns) = (
            grid.row[edge.from].abs_diff(grid.row[edge.to]),
            column[edge.from].abs_diff(column[edge.to]),
        );
        (rows > 0, columns, rows, e)
    });
    for e in order {
        let edge = index.edges[e];
        way[e] = match edge.kind {
            LinkKind::Main => runs.main(edge),
            LinkKind::DeadLetter => runs.dead_letter(edge),
        };
    }
    let low_entry = (0..index.len())
        .map(|node| runs.strangers_on_row(index, &way, node))
        .collect();
    let side_entry = (0..index.len())
        .map(|node| runs.strangers_above(index, &way, node))
        .collect();
    Ways {
        way,
        low_entry,
        side_entry,
    }
}

struct Runs<'a> {
    grid: &'a Grid,
    spots: &'a Spots,
    compact: bool,
    ranks: &'a Ranks,
    owner: Vec<Owner>,
}

impl Runs<'_> {
    fn seat(&self, node: usize) -> (usize, usize) {
        (self.spots.column[node], self.grid.row[node])
    }

    fn owner(&self, rank: usize, row: usize) -> Owner {
        self.owner[row * self.grid.ranks() + rank]
    }

    /// Claims the cells of a row for these lines if they are free.
    fn claim(&mut self, row: usize, ranks: std::ops::Range<usize>, by: Owner) -> bool {
        let open =
            |rank: usize| self.grid.at(rank, row) == FREE && [Owner::Nobody, by].contains(&self.owner(rank, row));
        if !ranks.clone().all(open) {
            return false;
        }
        for rank in ranks {
            self.owner[row * self.grid.ranks() + rank] = by;
        }
        true
    }

    fn main(&mut self, edge: Edge) -> Way {
        let ((a, from), (b, to)) = (self.seat(edge.from), self.seat(edge.to));
        let (line, other) = (self.spots.line[edge.from], self.spots.line[edge.to]);
        if line != other {
            // Between the lines: above the lower one.
            return Way::Track {
                out: a + 1,
                gap: line.max(other),
                into: b,
            };
        }
        if b <= a {
            return Way::Track {
                out: a + 1,
                gap: self.gap_back(a, from, b, to),
                into: b,
            };
        }
        if from == to && self.claim(from, a + 1..b, Owner::From(edge.from)) {
            return Way::Straight;
        }
        if from == to {
            return Way::Track {
                out: a + 1,
                gap: from + 1,
                into: b,
            };
        }
        if self.claim(from, a + 1..b, Owner::From(edge.from)) {
            return Way::Turn { gutter: b };
        }
        if self.claim(to, a + 1..b, Owner::To(edge.to)) {
            return Way::Turn { gutter: a + 1 };
        }
        Way::Track {
            out: a + 1,
            gap: if to > from { to } else { to + 1 },
            into: b,
        }
    }

    /// The gap of a line that runs backwards: beneath the lower end, or above the upper one where fewer lines go
    /// down to dead-letter queues.
    fn gap_back(&self, a: usize, from: usize, b: usize, to: usize) -> usize {
        let (upper, lower) = (from.min(to), from.max(to) + 1);
        let drops = |gap: usize| {
            if gap == 0 || gap >= self.grid.rows.len() {
                return 0;
            }
            let beneath = |rank: &usize| {
                let node = self.grid.at(*rank, gap);
                node != FREE && self.ranks.host[node].is_some_and(|host| host == self.grid.at(*rank, gap - 1))
            };
            (b..=a).filter(beneath).count()
        };
        if drops(upper) < drops(lower) { upper } else { lower }
    }

    fn dead_letter(&mut self, edge: Edge) -> Way {
        let ((a, from), (b, to)) = (self.seat(edge.from), self.seat(edge.to));
        if self.compact {
            let own = |row: usize| [None, Some(edge.from)].contains(&self.host_at(a, row));
            let beneath = a == b && from < to && self.ranks.host[edge.to] == Some(edge.from);
            return if beneath && (from + 1..to).all(own) {
                Way::Elbow
            } else {
                self.main(edge)
            };
        }
        if a == b && from < to && (from + 1..to).all(|row| self.grid.at(a, row) == FREE) {
            return Way::Drop;
        }
        if from + 1 == to {
            return Way::Under { gap: to };
        }
        let gutter = if b > a { b } else { b + 1 };
        Way::Around {
            below: from + 1,
            gutter,
            above: to,
        }
    }

    /// Beneath whom the box in that cell belongs; `None` if the cell is free.
    fn host_at(&self, column: usize, row: usize) -> Option<usize> {
        match self.grid.at(column, row) {
            FREE => None,
            node => Some(self.ranks.host[node].unwrap_or(FREE)),
        }
    }

    /// Whether the line that comes from the left on this node's row would be one that has no end in common with some
    /// line that turns into that row to enter here.
    fn strangers_on_row(&self, index: &Index, way: &[Way], node: usize) -> bool {
        let (rank, row) = self.seat(node);
        let turns = |&e: &usize| matches!(way[e], Way::Turn { .. } | Way::Track { .. });
        if !index.ins.of(node).iter().any(turns) {
            return false;
        }
        let mut left = rank;
        while left > 0 && self.owner(left - 1, row) == Owner::To(node) {
            left -= 1;
        }
        if left == 0 {
            return false;
        }
        let neighbour = match self.owner(left - 1, row) {
            Owner::From(source) => source,
            Owner::To(_) => return false,
            Owner::Nobody => self.grid.at(left - 1, row),
        };
        let leaves_right = |&&e: &&usize| matches!(way[e], Way::Straight | Way::Turn { .. } | Way::Track { .. });
        neighbour != FREE
            && index
                .outs
                .of(neighbour)
                .iter()
                .filter(leaves_right)
                .any(|&e| index.edges[e].to != node)
    }

    /// The same for lines that enter from above: whether the box right above sends others down than to here.
    fn strangers_above(&self, index: &Index, way: &[Way], node: usize) -> bool {
        let (rank, row) = self.seat(node);
        let above = if row == 0 { FREE } else { self.grid.at(rank, row - 1) };
        let bends = |&e: &usize| matches!(way[e], Way::Under { .. } | Way::Around { .. });
        above != FREE && index.ins.of(node).iter().any(bends) && index.outs.of(above).iter().any(bends)
    }
}

impl Way {
    /// The gaps in which this way has its first and its second track.
    pub fn gaps(self) -> (Option<usize>, Option<usize>) {
        match self {
            Self::Straight | Self::Turn { .. } | Self::Drop | Self::Elbow => (None, None),
            Self::Track { gap, .. } | Self::Under { gap } => (Some(gap), None),
            Self::Around { below, above, .. } => (Some(below), Some(above)),
        }
    }

    /// The gutters in which this way has its first and its second lane.
    pub fn gutters(self) -> (Option<usize>, Option<usize>) {
        match self {
            Self::Straight | Self::Drop | Self::Elbow | Self::Under { .. } => (None, None),
            Self::Turn { gutter } | Self::Around { gutter, .. } => (Some(gutter), None),
            Self::Track { out, into, .. } => (Some(out), Some(into)),
        }
    }
}
