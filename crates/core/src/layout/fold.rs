//! Folding: a chain that is wider than the page goes on in a line below, as text does; narrow chains stand side by side.
//!
//! Ranks and rows stay what they are; here every box gets the *column* and the *drawn row* in which the page shows it. A
//! *strip* is a run of drawn rows that one or more bands share.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::grid::Grid;
use super::index::Index;
use super::placed::{Placed, Row};
use super::rank::Ranks;
use super::request::{LinkKind, Metrics};

/// Where the boxes stand on the page.
pub(super) struct Spots {
    /// By node.
    pub column: Vec<usize>,
    /// Drawn rows; its `row` is the drawn row of each node.
    pub grid: Grid,
    /// By node: the first drawn row of the line in which it stands.
    pub line: Vec<usize>,
    /// How the bands were folded; empty where there is no page.
    pub folds: Vec<Fold>,
    /// By drawn row: what it shows of each band in it.
    pub drawn: Vec<Vec<Key>>,
}

/// How one band of rows is folded.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Fold {
    /// The first rank of each line.
    starts: Vec<usize>,
    /// Columns that are kept for it.
    width: usize,
    strip: usize,
    /// Its first column.
    column: usize,
}

impl Fold {
    fn line(&self, rank: usize) -> usize {
        self.starts.partition_point(|&start| start <= rank).saturating_sub(1)
    }
}

/// A drawn row of one band: its line and its row of the unfolded grid.
pub(super) type Key = (usize, usize, usize);

/// Every rank its column, every row itself.
pub(super) fn unfolded(ranks: &Ranks, grid: &Grid, previous: Option<&Placed>) -> Spots {
    let keys = grid
        .rows
        .iter()
        .enumerate()
        .map(|(at, row)| vec![(row.band, 0, at)])
        .collect();
    spots(
        ranks.rank.clone(),
        &grid.row.iter().map(|&row| (0, row)).collect::<Vec<_>>(),
        grid,
        keys,
        previous,
        Vec::new(),
    )
}

/// Lines of at most `capacity` columns. The cuts of `previous` stay where no line is longer than that.
pub(super) fn folded(index: &Index, ranks: &Ranks, grid: &Grid, capacity: usize, previous: Option<&Placed>) -> Spots {
    let bands = grid.rows.iter().map(|row| row.band + 1).max().unwrap_or(0);
    let mut occupied: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); bands];
    for (node, &row) in grid.row.iter().enumerate() {
        occupied[grid.rows[row].band].insert(ranks.rank[node]);
    }
    let crossing = crossings(index, ranks, grid, bands);
    let earlier = previous.map_or(&[][..], |placed| &placed.folds[..]);
    let mut folds: Vec<Fold> = Vec::with_capacity(bands);
    for band in 0..bands {
        let ranks = &occupied[band];
        let kept = earlier
            .get(band)
            .filter(|fold| longest(&fold.starts, ranks) <= capacity && !ranks.is_empty());
        let starts = kept.map_or_else(|| cuts(ranks, capacity, &crossing[band]), |fold| fold.starts.clone());
        folds.push(Fold {
            width: longest(&starts, ranks),
            starts,
            ..Fold::default()
        });
    }
    pack(&mut folds, capacity, earlier);

    let line = (0..index.len()).map(|node| {
        (
            folds[grid.rows[grid.row[node]].band].line(ranks.rank[node]),
            grid.row[node],
        )
    });
    let line: Vec<(usize, usize)> = line.collect();
    let column = (0..index.len()).map(|node| {
        let fold = &folds[grid.rows[grid.row[node]].band];
        fold.column + ranks.rank[node] - fold.starts[fold.line(ranks.rank[node])]
    });
    let column = column.collect();
    let mut keys: BTreeSet<Key> = previous
        .into_iter()
        .flat_map(|placed| &placed.drawn)
        .flatten()
        .map(|&(band, line, row)| (band, line, grid.now(row)))
        .filter(|key| key.2 < grid.rows.len())
        .collect();
    keys.extend(line.iter().map(|&(line, row)| (grid.rows[row].band, line, row)));
    let mut strips: BTreeMap<usize, Vec<Vec<Key>>> = BTreeMap::new();
    for (band, fold) in folds.iter().enumerate() {
        let rows = strips.entry(fold.strip).or_default();
        for (at, key) in keys.range((band, 0, 0)..(band + 1, 0, 0)).enumerate() {
            if rows.len() <= at {
                rows.push(Vec::new());
            }
            rows[at].push(*key);
        }
    }
    spots(
        column,
        &line,
        grid,
        strips.into_values().flatten().collect(),
        previous,
        folds,
    )
}

/// Puts the boxes into the drawn rows that these keys name.
fn spots(
    column: Vec<usize>,
    line: &[(usize, usize)],
    grid: &Grid,
    keys: Vec<Vec<Key>>,
    previous: Option<&Placed>,
    folds: Vec<Fold>,
) -> Spots {
    let mut had: HashMap<Key, Row> = HashMap::new();
    for (row, keys) in previous
        .into_iter()
        .flat_map(|placed| placed.rows.iter().zip(&placed.drawn))
    {
        had.extend(keys.iter().map(|&(band, line, at)| ((band, line, grid.now(at)), *row)));
    }
    let mut drawn: HashMap<Key, usize> = HashMap::new();
    let mut first: HashMap<(usize, usize), usize> = HashMap::new();
    let rows = keys.iter().enumerate().map(|(at, keys)| {
        for key in keys {
            drawn.insert(*key, at);
            first.entry((key.0, key.1)).or_insert(at);
        }
        let before = keys.iter().filter_map(|key| had.get(key));
        let (gap, height) = before.fold((0, 0), |most, row| (most.0.max(row.gap), most.1.max(row.height)));
        let strip = folds.get(keys[0].0).map_or(keys[0].0, |fold| fold.strip);
        Row {
            band: strip,
            gap,
            height,
        }
    });
    let rows = rows.collect();
    let columns = column
        .iter()
        .map(|column| column + 1)
        .max()
        .unwrap_or(0)
        .max(if folds.is_empty() { grid.ranks() } else { 0 });
    let mut page = Grid::new(column.len(), columns, rows);
    let mut lines = vec![0; column.len()];
    for (node, &column) in column.iter().enumerate() {
        let (line, row) = line[node];
        let band = grid.rows[row].band;
        page.put(node, column, drawn[&(band, line, row)]);
        // Where nothing is folded all is one line.
        lines[node] = if folds.is_empty() { 0 } else { first[&(band, line)] };
    }
    Spots {
        column,
        grid: page,
        line: lines,
        folds,
        drawn: keys,
    }
}

/// The most columns that a line has, of the ranks that somebody sits in.
fn longest(starts: &[usize], ranks: &BTreeSet<usize>) -> usize {
    let ends = starts.iter().skip(1).copied().chain([usize::MAX]);
    let length =
        |(start, end): (&usize, usize)| ranks.range(*start..end).next_back().map_or(0, |last| last + 1 - start);
    let most = starts.iter().zip(ends).map(length).max().unwrap_or(0);
    // A box before the first line has no line at all.
    if ranks.first().is_some_and(|first| starts.first() > Some(first)) {
        usize::MAX
    } else {
        most
    }
}

/// By band and rank: how many links lead from before that rank to it or beyond, either way.
fn crossings(index: &Index, ranks: &Ranks, grid: &Grid, bands: usize) -> Vec<Vec<usize>> {
    let most = ranks.rank.iter().max().map_or(0, |rank| rank + 2);
    let mut counts = vec![vec![0_usize; most]; bands];
    for edge in index.edges.iter().filter(|edge| edge.kind == LinkKind::Main) {
        let (a, b) = (ranks.rank[edge.from], ranks.rank[edge.to]);
        let band = grid.rows[grid.row[edge.from]].band;
        for count in &mut counts[band][a.min(b) + 1..=a.max(b)] {
            *count += 1;
        }
    }
    counts
}

/// The first ranks of as few lines as possible, where fewest links cross a cut; of equal ones those whose longest line is
/// shortest, and then the longest lines first.
fn cuts(ranks: &BTreeSet<usize>, capacity: usize, crossing: &[usize]) -> Vec<usize> {
    let (Some(&first), Some(&last)) = (ranks.first(), ranks.last()) else {
        return vec![0];
    };
    // For the ranks from here to the end: lines, links cut, columns of the longest line, and where the next line begins.
    let mut best: Vec<(usize, usize, usize, usize)> = vec![(0, 0, 0, 0); last + 2];
    for start in (first..=last).rev() {
        let ends = (start + 1..=last + 1).take(capacity.max(1));
        let choice = |end: usize| {
            let (lines, cut, longest, _) = best[end];
            let here = if end > last { 0 } else { crossing[end] };
            (lines + 1, cut + here, longest.max(end - start), end)
        };
        best[start] = ends
            .map(choice)
            .min_by_key(|&(lines, cut, longest, end)| (lines, cut, longest, last + 1 - end))
            .unwrap_or((1, 0, last + 1 - start, last + 1));
    }
    let mut starts = vec![first];
    let mut at = best[first].3;
    while at <= last {
        starts.push(at);
        at = best[at].3;
    }
    starts
}

/// Sets bands side by side in strips of so many columns, in order; those that were set before stay while they fit.
fn pack(folds: &mut [Fold], capacity: usize, earlier: &[Fold]) {
    let fits = folds
        .iter()
        .zip(earlier)
        .all(|(fold, before)| fold.width <= before.width);
    let known = if fits { earlier.len().min(folds.len()) } else { 0 };
    let (mut strip, mut used) = (0, 0);
    for (band, fold) in folds.iter_mut().enumerate() {
        if band < known {
            (fold.width, fold.strip, fold.column) = (earlier[band].width, earlier[band].strip, earlier[band].column);
        } else {
            let fresh = used > 0 && used + fold.width > capacity;
            fold.strip = strip + usize::from(fresh);
            fold.column = if fresh { 0 } else { used };
        }
        (strip, used) = (fold.strip, fold.column + fold.width);
    }
}

/// Whether it can be seen before a line is routed that these columns do not fit.
pub(super) fn too_wide(index: &Index, spots: &Spots, metrics: Metrics, page: u16) -> bool {
    let mut widths = vec![metrics.column.max(10); spots.grid.ranks()];
    for (node, item) in index.items.iter().enumerate() {
        widths[spots.column[node]] = widths[spots.column[node]].max(item.width);
    }
    let gutters = usize::from(metrics.gutter.max(3)) * widths.len().saturating_sub(1);
    widths.into_iter().map(usize::from).sum::<usize>() + gutters > usize::from(page)
}

/// The most columns that could stand beside each other on a page of that width.
pub(super) fn most_columns(width: u16, metrics: Metrics) -> usize {
    let (column, gutter) = (usize::from(metrics.column.max(10)), usize::from(metrics.gutter.max(3)));
    ((usize::from(width) + gutter) / (column + gutter)).max(1)
}
