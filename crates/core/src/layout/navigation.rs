//! Walking from box to box.

use std::collections::BTreeMap;

use super::placed::{Placed, Seat};
use super::request::{Link, LinkKind};
use crate::domain::NodeId;

/// Where to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// `k`
    Up,
    /// `l`: downstream.
    Right,
    /// `j`
    Down,
    /// `h`: upstream.
    Left,
}

/// The box next to `from`: left is what feeds it, right is what it feeds (of several the nearest by row, else the
/// nearest box in the next column there); up and down is the nearest box in its column, else the nearest above or
/// beneath. Every box can be reached from every other by some sequence of steps. `links` are those of the request.
#[must_use]
pub fn neighbour(placed: &Placed, links: &[Link], from: &NodeId, direction: Direction) -> Option<NodeId> {
    let here = placed.seat(from)?;
    let next = match direction {
        Direction::Left => left(placed, links, here),
        Direction::Right => right(placed, links, here),
        Direction::Up => {
            let above = |same: bool| beyond(placed, here, same, |drawn| drawn < here.drawn);
            above(true).or_else(|| above(false))
        }
        Direction::Down => {
            let beneath = |same: bool| beyond(placed, here, same, |drawn| drawn > here.drawn);
            beneath(true)
                .or_else(|| unlock(placed, links, here))
                .or_else(|| beneath(false))
        }
    };
    next.map(|seat| seat.id.clone())
}

/// The nearest by distance in rows, then in columns, then the one further up and left.
fn nearest<'a>(here: &Seat, others: impl Iterator<Item = &'a Seat>) -> Option<&'a Seat> {
    others.min_by_key(|seat| {
        (
            seat.row.abs_diff(here.row),
            seat.rank.abs_diff(here.rank),
            seat.row,
            seat.rank,
        )
    })
}

/// Always to a lower rank, or from a dead-letter queue up to its source: so the first column is always in reach.
fn left<'a>(placed: &'a Placed, links: &[Link], here: &Seat) -> Option<&'a Seat> {
    let feeders = |kind: LinkKind| {
        links
            .iter()
            .filter(move |link| link.to == here.id && link.kind == kind)
            .filter_map(|l| placed.seat(&l.from))
    };
    let beneath = |seat: &&Seat| seat.rank == here.rank && seat.row < here.row;
    nearest(here, feeders(LinkKind::Main).filter(|seat| seat.rank < here.rank))
        .or_else(|| nearest(here, feeders(LinkKind::DeadLetter).filter(beneath)))
        .or_else(|| nearest(here, feeders(LinkKind::DeadLetter).filter(|seat| seat.rank < here.rank)))
        .or_else(|| {
            let rank = placed
                .seats()
                .iter()
                .map(|seat| seat.rank)
                .filter(|&rank| rank < here.rank)
                .max()?;
            nearest(here, placed.seats().iter().filter(|seat| seat.rank == rank))
        })
        .or_else(|| beside(placed, here, |column| column < here.column))
}

fn right<'a>(placed: &'a Placed, links: &[Link], here: &Seat) -> Option<&'a Seat> {
    let fed = |kind: LinkKind| {
        links
            .iter()
            .filter(move |link| link.from == here.id && link.kind == kind)
            .filter_map(|l| placed.seat(&l.to))
    };
    nearest(here, fed(LinkKind::Main).filter(|seat| seat.rank > here.rank))
        .or_else(|| nearest(here, fed(LinkKind::DeadLetter).filter(|seat| seat.rank > here.rank)))
        .or_else(|| {
            let rank = placed
                .seats()
                .iter()
                .map(|seat| seat.rank)
                .filter(|&rank| rank > here.rank)
                .min()?;
            nearest(here, placed.seats().iter().filter(|seat| seat.rank == rank))
        })
        .or_else(|| beside(placed, here, |column| column > here.column))
}

/// The nearest in another column of the page: a chain that stands beside this one.
fn beside<'a>(placed: &'a Placed, here: &Seat, fits: impl Fn(usize) -> bool) -> Option<&'a Seat> {
    let others = placed.seats().iter().filter(|seat| fits(seat.column));
    others.min_by_key(|seat| {
        let (rows, columns) = (seat.drawn.abs_diff(here.drawn), seat.column.abs_diff(here.column));
        (columns, rows, seat.drawn)
    })
}

/// The nearest as it is drawn, which on a folded page is in another line.
fn beyond<'a>(placed: &'a Placed, here: &Seat, same: bool, drawn: impl Fn(usize) -> bool) -> Option<&'a Seat> {
    let fits = |seat: &&Seat| drawn(seat.drawn) && (!same || seat.column == here.column);
    placed.seats().iter().filter(fits).min_by_key(|seat| {
        let (rows, columns) = (seat.drawn.abs_diff(here.drawn), seat.column.abs_diff(here.column));
        (rows, columns, seat.drawn, seat.column)
    })
}

/// A column into which no step to the right leads is entered from the lowest box of the column before it.
fn unlock<'a>(placed: &'a Placed, links: &[Link], here: &Seat) -> Option<&'a Seat> {
    let next = placed
        .seats()
        .iter()
        .map(|seat| seat.rank)
        .filter(|&rank| rank > here.rank)
        .min()?;
    let mut targets: BTreeMap<&NodeId, Vec<Link>> = BTreeMap::new();
    for link in links {
        targets.entry(&link.from).or_default().push(link.clone());
    }
    let entered = (placed.seats().iter().filter(|seat| seat.rank < next)).any(|seat| {
        let own = targets.get(&seat.id).map_or(&[][..], Vec::as_slice);
        right(placed, own, seat).is_some_and(|to| to.rank == next)
    });
    let others = placed.seats().iter().filter(|seat| seat.rank == next);
    if entered { None } else { nearest(here, others) }
}
