//! The request with numbers for ids: node `i` is the `i`th id in order, whatever the order they came in.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};

use super::placed::{Placed, Seat};
use super::request::{Item, LinkKind, Request};
use crate::domain::NodeId;

/// A chain of so many boxes moves as a whole when it turns out to be part of a longer one.
const SMALL: usize = 40;

/// One link with both ends present. Links from a node to itself are kept apart.
#[derive(Debug, Clone, Copy)]
pub(super) struct Edge {
    pub from: usize,
    pub to: usize,
    pub kind: LinkKind,
    pub dashed: bool,
    /// Its place in [`Request::edges`].
    pub link: usize,
}

/// The graph by number.
pub(super) struct Index<'a> {
    /// Nodes ordered by ID, with numbers in it compared by value.
    pub items: Vec<&'a Item>,
    /// The seat that node had before.
    pub known: Vec<Option<&'a Seat>>,
    /// In order of (from, to, kind), so that the order of the request does not matter.
    pub edges: Vec<Edge>,
    /// Links from a node to itself.
    pub loops: Vec<Edge>,
    /// Edges out of a node.
    pub outs: Adjacency,
    /// Edges into a node.
    pub ins: Adjacency,
}

/// Edge numbers by node, in one allocation.
pub(super) struct Adjacency {
    starts: Vec<usize>,
    edges: Vec<usize>,
}

impl Adjacency {
    fn new(nodes: usize, edges: &[Edge], end: impl Fn(&Edge) -> usize) -> Self {
        let mut starts = vec![0; nodes + 1];
        for edge in edges {
            starts[end(edge) + 1] += 1;
        }
        for node in 0..nodes {
            starts[node + 1] += starts[node];
        }
        let mut next = starts.clone();
        let mut list = vec![0; edges.len()];
        for (number, edge) in edges.iter().enumerate() {
            let slot = &mut next[end(edge)];
            list[*slot] = number;
            *slot += 1;
        }
        Self { starts, edges: list }
    }

    /// The edges at this node, in order.
    pub fn of(&self, node: usize) -> &[usize] {
        &self.edges[self.starts[node]..self.starts[node + 1]]
    }
}

/// The order in which people count: `in-4` before `in-39`.
fn natural(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (a, b);
    loop {
        let (start, other) = (digits(left), digits(right));
        let number = |text: &str, end: usize| text[..end].parse::<u64>().unwrap_or(u64::MAX);
        if start > 0 && other > 0 {
            let order = number(left, start).cmp(&number(right, other));
            if order != Ordering::Equal {
                return order;
            }
            (left, right) = (&left[start..], &right[other..]);
            continue;
        }
        let (mut rest, mut others) = (left.chars(), right.chars());
        match (rest.next(), others.next()) {
            (Some(one), Some(two)) if one == two => (left, right) = (rest.as_str(), others.as_str()),
            // Equal but for leading zeros: still one fixed order.
            (None, None) => return a.cmp(b),
            (one, two) => return one.cmp(&two),
        }
    }
}

/// How many ASCII digits a text begins with.
fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

impl<'a> Index<'a> {
    pub fn new(request: &'a Request, previous: Option<&'a Placed>) -> Self {
        let mut items: Vec<&Item> = request.nodes.iter().collect();
        items.sort_by(|a, b| natural(a.id.as_str(), b.id.as_str()));
        items.dedup_by(|later, first| later.id == first.id);
        let number: HashMap<&NodeId, usize> = items.iter().enumerate().map(|(i, item)| (&item.id, i)).collect();
        let known = items
            .iter()
            .map(|item| previous.and_then(|placed| placed.seat(&item.id)))
            .collect();

        let mut all: Vec<Edge> = (request.edges.iter().enumerate())
            .filter_map(|(link, l)| {
                Some(Edge {
                    from: *number.get(&l.from)?,
                    to: *number.get(&l.to)?,
                    kind: l.kind,
                    dashed: l.dashed,
                    link,
                })
            })
            .collect();
        all.sort_by_key(|e| (e.from, e.to, e.kind, e.link));
        let (loops, edges): (Vec<Edge>, Vec<Edge>) = all.into_iter().partition(|e| e.from == e.to);
        let outs = Adjacency::new(items.len(), &edges, |e| e.from);
        let ins = Adjacency::new(items.len(), &edges, |e| e.to);
        let mut index = Self {
            items,
            known,
            edges,
            loops,
            outs,
            ins,
        };
        if previous.is_some() {
            index.forget_guests();
        }
        index
    }

    /// A small chain that was found to be part of a larger one is seated anew, beside what it joins, and so is a box
    /// from the shelf that got its first link. Long chains stay where people know them.
    fn forget_guests(&mut self) {
        let order: Vec<usize> = (0..self.len()).collect();
        let chain = self.chains(&order);
        // For each chain of today the boxes that came from one chain of before, and who of them was seen first.
        let mut parts: Vec<BTreeMap<usize, (usize, usize)>> = vec![BTreeMap::new(); self.len()];
        for (node, &now) in chain.iter().enumerate() {
            if let Some(seat) = self.known[node] {
                let part = parts[now].entry(seat.chain).or_insert((0, usize::MAX));
                *part = (part.0 + 1, part.1.min(seat.seen));
            }
        }
        let largest: Vec<Option<usize>> = (parts.iter())
            .map(|parts| {
                parts
                    .iter()
                    .max_by_key(|(_, (count, seen))| (*count, usize::MAX - seen))
                    .map(|part| *part.0)
            })
            .collect();
        for (node, &now) in chain.iter().enumerate() {
            let Some(seat) = self.known[node] else { continue };
            let stays = largest[now] == Some(seat.chain);
            let small = parts[now].get(&seat.chain).is_none_or(|(count, _)| *count <= SMALL);
            let has_links = !self.outs.of(node).is_empty() || !self.ins.of(node).is_empty();
            if (!stays && small) || (seat.shelved && has_links) {
                self.known[node] = None;
            }
        }
    }

    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Which nodes hang together: for each node the number of its chain; chains count up in order of `order`.
    pub fn chains(&self, order: &[usize]) -> Vec<usize> {
        let mut chain = vec![usize::MAX; self.len()];
        let mut count = 0;
        let mut stack = Vec::new();
        for &start in order {
            if chain[start] != usize::MAX {
                continue;
            }
            chain[start] = count;
            stack.push(start);
            while let Some(node) = stack.pop() {
                let ends = (self.outs.of(node).iter().map(|&e| self.edges[e].to))
                    .chain(self.ins.of(node).iter().map(|&e| self.edges[e].from));
                for other in ends {
                    if chain[other] == usize::MAX {
                        chain[other] = count;
                        stack.push(other);
                    }
                }
            }
            count += 1;
        }
        chain
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_ordered_as_people_count() {
        let mut names = [
            "in-39",
            "in-4",
            "in-04",
            "in",
            "in-4b",
            "in-10",
            "ab",
            "in-99999999999999999999999",
        ];
        names.sort_by(|a, b| natural(a, b));
        let right = [
            "ab",
            "in",
            "in-04",
            "in-4",
            "in-4b",
            "in-10",
            "in-39",
            "in-99999999999999999999999",
        ];
        assert_eq!(names, right);
    }
}
