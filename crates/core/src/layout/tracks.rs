//! Which line of its channel each piece of a way gets: intervals coloured so that only lines with a common end touch.

use std::collections::HashMap;

use super::index::{Edge, Index};
use super::request::LinkKind;
use super::routing::Way;

/// What may share a line: all that leaves a node, or all that comes to one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Net {
    From(usize, Lane),
    To(usize, Lane),
}

/// Lines of different kinds keep apart even where they have an end in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Lane {
    Main,
    DeadLetter,
    Loop,
}

/// A piece of one edge's way inside a channel.
#[derive(Debug, Clone, Copy)]
struct Piece {
    from: usize,
    to: usize,
    lane: Lane,
    /// Where the answer goes.
    slot: usize,
    /// The two ends, in the order in which the line runs.
    start: i32,
    end: i32,
    side: Side,
}

/// Which side of its channel a line keeps to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    /// The upper of a gap, the left of a gutter.
    Near,
    /// The lower of a gap: it belongs to the boxes beneath.
    Far,
}

impl Piece {
    fn new(edge: Edge, slot: usize, start: i32, end: i32) -> Self {
        let lane = match edge.kind {
            _ if edge.from == edge.to => Lane::Loop,
            LinkKind::Main => Lane::Main,
            LinkKind::DeadLetter => Lane::DeadLetter,
        };
        Self {
            from: edge.from,
            to: edge.to,
            lane,
            slot,
            start,
            end,
            side: Side::Near,
        }
    }

    fn far(self) -> Self {
        Self {
            side: Side::Far,
            ..self
        }
    }
}

/// A line number for each piece of each edge, and how many lines each channel has.
pub(super) struct Assigned {
    /// By edge number: the first and the second piece. Then the loops. Negative numbers count from the far side:
    /// -1 is the last line of the channel.
    pub line: Vec<[i32; 2]>,
    /// By channel.
    pub count: Vec<usize>,
}

struct Span {
    net: Net,
    low: i32,
    high: i32,
    start: i32,
    side: Side,
    pieces: Vec<usize>,
}

/// Pieces with one source are one net; those that leave their sources alone join with others to the same target.
fn nets(pieces: &[Piece]) -> Vec<Span> {
    let mut size: HashMap<Net, usize> = HashMap::with_capacity(pieces.len() * 2);
    for piece in pieces {
        *size.entry(Net::From(piece.from, piece.lane)).or_default() += 1;
        *size.entry(Net::To(piece.to, piece.lane)).or_default() += 1;
    }
    let mut number: HashMap<Net, usize> = HashMap::with_capacity(pieces.len());
    let mut spans: Vec<Span> = Vec::new();
    for piece in pieces {
        let (from, to) = (Net::From(piece.from, piece.lane), Net::To(piece.to, piece.lane));
        let net = if size[&from] == 1 && size[&to] > 1 { to } else { from };
        let (low, high) = (piece.start.min(piece.end), piece.start.max(piece.end));
        let at = *number.entry(net).or_insert_with(|| {
            spans.push(Span {
                net,
                low,
                high,
                start: piece.start,
                side: Side::Far,
                pieces: Vec::new(),
            });
            spans.len() - 1
        });
        spans[at].low = spans[at].low.min(low);
        spans[at].high = spans[at].high.max(high);
        // One piece that belongs to the near side brings the others there.
        if piece.side == Side::Near {
            spans[at].side = Side::Near;
        }
        spans[at].pieces.push(piece.slot);
    }
    spans
}

/// The lines of one channel, each with what lies on it.
#[derive(Default)]
struct Lines(Vec<Vec<(i32, i32)>>);

impl Lines {
    fn is_free(&self, line: usize, low: i32, high: i32) -> bool {
        self.0
            .get(line)
            .is_none_or(|taken| taken.iter().all(|&(l, h)| h < low || high < l))
    }

    /// The first line from `least` on that has room.
    fn take(&mut self, least: usize, low: i32, high: i32) -> usize {
        let mut line = least;
        while !self.is_free(line, low, high) {
            line += 1;
        }
        if self.0.len() <= line {
            self.0.resize_with(line + 1, Vec::new);
        }
        self.0[line].push((low, high));
        line
    }

    /// How many lines a channel needs that has these from its near side and those from its far side.
    fn with_far(&self, far: &Self) -> usize {
        let overlap = |a: &[(i32, i32)], b: &[(i32, i32)]| {
            a.iter()
                .any(|&(low, high)| b.iter().any(|&(l, h)| low <= h && l <= high))
        };
        let mut count = self.0.len().max(far.0.len());
        for (i, near) in self.0.iter().enumerate() {
            let facing = far
                .0
                .iter()
                .enumerate()
                .rev()
                .find(|(j, far)| i + j + 2 > count && overlap(near, far));
            count = facing.map_or(count, |(j, _)| i + j + 2);
        }
        count
    }

    /// One past the last line of which something overlaps.
    fn past(&self, low: i32, high: i32) -> usize {
        (0..self.0.len())
            .rev()
            .find(|&line| !self.is_free(line, low, high))
            .map_or(0, |line| line + 1)
    }
}

fn give(line: &mut [[i32; 2]], span: &Span, to: i32) {
    for &slot in &span.pieces {
        line[slot / 2][slot % 2] = to;
    }
}

/// Tracks in the gaps between rows. A position is `2r` for gutter `r` and `2r + 1` for column `r`.
pub(super) fn tracks(index: &Index, rank: &[usize], row: &[usize], way: &[Way], gaps: usize) -> Assigned {
    let gutter = |r: usize| 2 * i32::try_from(r).unwrap_or(i32::MAX / 2);
    let column = |node: usize| gutter(rank[node]) + 1;
    let mut pieces: Vec<Vec<Piece>> = vec![Vec::new(); gaps];
    for (e, &edge) in index.edges.iter().enumerate() {
        let (from, to) = (column(edge.from), column(edge.to));
        match way[e] {
            Way::Straight | Way::Turn { .. } | Way::Drop | Way::Elbow => {}
            Way::Track { out, gap, into } => {
                let piece = Piece::new(edge, 2 * e, gutter(out), gutter(into));
                let above_end = gap == row[edge.from] || gap == row[edge.to];
                pieces[gap].push(if above_end { piece.far() } else { piece });
            }
            Way::Under { gap } => pieces[gap].push(Piece::new(edge, 2 * e, from, to)),
            Way::Around {
                below,
                gutter: lane,
                above,
            } => {
                pieces[below].push(Piece::new(edge, 2 * e, from, gutter(lane)));
                pieces[above].push(Piece::new(edge, 2 * e + 1, gutter(lane), to).far());
            }
        }
    }
    for (i, &edge) in index.loops.iter().enumerate() {
        let at = column(edge.from);
        pieces[row[edge.from]].push(Piece::new(edge, 2 * (index.edges.len() + i), at, at).far());
    }

    let mut assigned = Assigned {
        line: vec![[0; 2]; index.edges.len() + index.loops.len()],
        count: Vec::with_capacity(gaps),
    };
    for gap in pieces {
        let mut spans = nets(&gap);
        // Short ones first: they stay next to their box, and long ones lie around them.
        spans.sort_by_key(|span| (span.high - span.low, span.low, span.net));
        let (mut near, mut far) = (Lines::default(), Lines::default());
        for span in &spans {
            let line = match span.side {
                Side::Near => number(near.take(0, span.low, span.high)),
                Side::Far => -1 - number(far.take(0, span.low, span.high)),
            };
            give(&mut assigned.line, span, line);
        }
        assigned.count.push(near.with_far(&far));
    }
    assigned
}

fn number(line: usize) -> i32 {
    i32::try_from(line).unwrap_or(i32::MAX)
}

/// Where the ends of lanes are, in screen rows.
pub(super) struct Heights<'a> {
    /// By node: the row on which lines leave to the right.
    pub exit: &'a [i32],
    /// By node: the row on which lines that turn come in from the left.
    pub entry: &'a [i32],
    /// By edge: the rows of its tracks.
    pub track: &'a [[i32; 2]],
}

/// Lanes in the gutters between columns, those of sources left of those of targets where they would overlap.
pub(super) fn lanes(index: &Index, way: &[Way], heights: &Heights, gutters: usize) -> Assigned {
    let mut pieces: Vec<Vec<Piece>> = vec![Vec::new(); gutters];
    for (e, &edge) in index.edges.iter().enumerate() {
        let (exit, entry, track) = (heights.exit[edge.from], heights.entry[edge.to], heights.track[e]);
        match way[e] {
            Way::Straight | Way::Drop | Way::Elbow | Way::Under { .. } => {}
            Way::Turn { gutter } => pieces[gutter].push(Piece::new(edge, 2 * e, exit, entry)),
            Way::Track { out, into, .. } => {
                pieces[out].push(Piece::new(edge, 2 * e, exit, track[0]));
                pieces[into].push(Piece::new(edge, 2 * e + 1, track[0], entry));
            }
            Way::Around { gutter, .. } => pieces[gutter].push(Piece::new(edge, 2 * e, track[0], track[1])),
        }
    }
    let mut assigned = Assigned {
        line: vec![[0; 2]; index.edges.len()],
        count: Vec::with_capacity(gutters),
    };
    for gutter in pieces {
        let mut spans = nets(&gutter);
        // The order in which fewest lines cross: of those that lead down the lowest is leftmost, of those that lead
        // up the highest.
        spans.sort_by_key(|span| {
            let up = span.start == span.high && span.low < span.high;
            let order = if up { span.high } else { -span.low };
            (matches!(span.net, Net::To(..)), up, order, span.net)
        });
        let mut lines = Lines::default();
        for span in &spans {
            let least = match span.net {
                Net::From(..) => 0,
                Net::To(..) => lines.past(span.low, span.high),
            };
            let line = lines.take(least, span.low, span.high);
            give(&mut assigned.line, span, number(line));
        }
        assigned.count.push(lines.0.len());
    }
    assigned
}
