//! Columns: which links run backwards, which queue belongs beneath which box, and how far right each box is.

use std::collections::BTreeSet;

use super::index::Index;
use super::placed::Placed;
use super::request::LinkKind;
use crate::domain::NodeId;

/// The answer, by node or edge number.
pub(super) struct Ranks {
    pub rank: Vec<usize>,
    /// Edges that close a circle.
    pub back: Vec<bool>,
    /// For a dead-letter queue that nothing else feeds: the box it belongs beneath.
    pub host: Vec<Option<usize>>,
    /// Nodes in first-seen order.
    pub order: Vec<usize>,
    /// The first-seen number of each node.
    pub seen: Vec<usize>,
}

pub(super) fn ranks(index: &Index, previous: Option<&Placed>) -> Ranks {
    let order = first_seen(index);
    let mut seen = vec![0; index.len()];
    for (number, &node) in order.iter().enumerate() {
        seen[node] = number;
    }
    let back = match previous {
        Some(placed) => keep_directions(index, &order, &placed.backs),
        None => circles(index, &order),
    };
    let host = hosts(index, &back, &seen);
    let rank = longest_paths(index, &back, &host);
    Ranks {
        rank,
        back,
        host,
        order,
        seen,
    }
}

/// The nodes in the order in which a walk begins with them: roots, then those of a circle that only guessed links
/// enter, and dead-letter queues last.
fn starts(mut nodes: Vec<usize>, index: &Index) -> Vec<usize> {
    nodes.sort_by_key(|&node| {
        let ins = index.ins.of(node);
        let main = || {
            ins.iter()
                .map(|&e| &index.edges[e])
                .filter(|edge| edge.kind == LinkKind::Main)
        };
        match () {
            () if ins.is_empty() => 0,
            () if main().next().is_none() => 3,
            () if main().all(|edge| edge.dashed) => 1,
            () => 2,
        }
    });
    nodes
}

/// Known nodes as they were seen; then the new ones, chain by chain: from each root along what it feeds, and
/// then what else feeds that, so that boxes which belong together sit together.
fn first_seen(index: &Index) -> Vec<usize> {
    let mut order: Vec<usize> = (0..index.len()).filter(|&node| index.known[node].is_some()).collect();
    order.sort_by_key(|&node| index.known[node].map(|seat| seat.seen));
    let mut visited: Vec<bool> = index.known.iter().map(Option::is_some).collect();
    let mut stack = Vec::new();
    for start in starts((0..index.len()).collect(), index) {
        stack.push(start);
        while let Some(node) = stack.pop() {
            if visited[node] {
                continue;
            }
            visited[node] = true;
            order.push(node);
            // What was pushed last comes first: the nodes it feeds, then those that feed it.
            stack.extend(
                index
                    .ins
                    .of(node)
                    .iter()
                    .rev()
                    .map(|&e| index.edges[e].from)
                    .filter(|&n| !visited[n]),
            );
            stack.extend(
                index
                    .outs
                    .of(node)
                    .iter()
                    .rev()
                    .map(|&e| index.edges[e].to)
                    .filter(|&n| !visited[n]),
            );
        }
    }
    order
}

/// Depth first from the roots in first-seen order: a link to a node on the way there closes a circle.
fn circles(index: &Index, order: &[usize]) -> Vec<bool> {
    #[derive(Clone, Copy, PartialEq)]
    enum State {
        New,
        Open,
        Done,
    }
    let mut back = vec![false; index.edges.len()];
    let mut state = vec![State::New; index.len()];
    let mut stack: Vec<(usize, usize)> = Vec::new();
    for start in starts(order.to_vec(), index) {
        if state[start] != State::New {
            continue;
        }
        state[start] = State::Open;
        stack.push((start, 0));
        while let Some((node, next)) = stack.last_mut() {
            let Some(&edge) = index.outs.of(*node).get(*next) else {
                state[*node] = State::Done;
                stack.pop();
                continue;
            };
            *next += 1;
            let to = index.edges[edge].to;
            match state[to] {
                State::New => {
                    state[to] = State::Open;
                    stack.push((to, 0));
                }
                State::Open => back[edge] = true,
                State::Done => {}
            }
        }
    }
    back
}

/// Links keep the direction they had; a new one that would close a circle runs backwards.
fn keep_directions(index: &Index, order: &[usize], backs: &BTreeSet<(NodeId, NodeId)>) -> Vec<bool> {
    let mut back = vec![false; index.edges.len()];
    let mut forward = vec![false; index.edges.len()];
    for (number, edge) in index.edges.iter().enumerate() {
        let (from, to) = (index.items[edge.from], index.items[edge.to]);
        if let (Some(before), Some(after)) = (index.known[edge.from], index.known[edge.to]) {
            back[number] = !backs.is_empty() && backs.contains(&(from.id.clone(), to.id.clone()));
            // Links that all lead to a later rank cannot close a circle.
            forward[number] = !back[number] && before.rank < after.rank;
        }
    }
    let mut stamp = vec![usize::MAX; index.len()];
    let mut stack = Vec::new();
    let candidates = order.iter().flat_map(|&node| index.outs.of(node)).copied();
    for edge in candidates.collect::<Vec<_>>() {
        if back[edge] || forward[edge] {
            continue;
        }
        let (from, to) = (index.edges[edge].from, index.edges[edge].to);
        stack.clear();
        stack.push(to);
        let mut closes = false;
        while let Some(node) = stack.pop() {
            if node == from {
                closes = true;
                break;
            }
            if stamp[node] != edge {
                stamp[node] = edge;
                stack.extend(
                    index
                        .outs
                        .of(node)
                        .iter()
                        .filter(|&&e| forward[e])
                        .map(|&e| index.edges[e].to),
                );
            }
        }
        back[edge] = closes;
        forward[edge] = !closes;
    }
    back
}

/// A queue that only dead letters reach belongs beneath the first seen of its sources, or the one it had.
fn hosts(index: &Index, back: &[bool], seen: &[usize]) -> Vec<Option<usize>> {
    let host = |node: usize| {
        let ins = index.ins.of(node);
        if ins.iter().any(|&e| index.edges[e].kind == LinkKind::Main) {
            return None;
        }
        let sources = || ins.iter().filter(|&&e| !back[e]).map(|&e| index.edges[e].from);
        let before = index.known[node].and_then(|seat| seat.host.as_ref());
        sources()
            .find(|&from| before == Some(&index.items[from].id))
            .or_else(|| sources().min_by_key(|&n| seen[n]))
    };
    (0..index.len()).map(host).collect()
}

fn longest_paths(index: &Index, back: &[bool], host: &[Option<usize>]) -> Vec<usize> {
    // What counts for the rank of a node: all that feeds it, but for a hosted queue its host alone.
    let counts = |e: usize| !back[e] && host[index.edges[e].to].is_none_or(|h| h == index.edges[e].from);
    let topological = {
        let mut waiting: Vec<usize> = (0..index.len())
            .map(|n| index.ins.of(n).iter().filter(|&&e| counts(e)).count())
            .collect();
        let mut list: Vec<usize> = (0..index.len()).filter(|&n| waiting[n] == 0).collect();
        let mut next = 0;
        while let Some(&node) = list.get(next) {
            next += 1;
            for &e in index.outs.of(node).iter().filter(|&&e| counts(e)) {
                let to = index.edges[e].to;
                waiting[to] -= 1;
                if waiting[to] == 0 {
                    list.push(to);
                }
            }
        }
        list
    };
    let spread = |rank: &mut Vec<usize>| {
        for &node in &topological {
            for &e in index.outs.of(node).iter().filter(|&&e| counts(e)) {
                let edge = index.edges[e];
                let least = rank[node] + usize::from(edge.kind == LinkKind::Main);
                rank[edge.to] = rank[edge.to].max(least);
            }
        }
    };
    let mut rank: Vec<usize> = index.known.iter().map(|seat| seat.map_or(0, |s| s.rank)).collect();
    spread(&mut rank);

    // Roots come next to what they feed first, and with them what only leads there.
    let consumers = |node: usize| {
        index
            .outs
            .of(node)
            .iter()
            .filter(|&&e| counts(e) && index.edges[e].kind == LinkKind::Main)
    };
    let mut loose = vec![false; index.len()];
    for &node in &topological {
        loose[node] = index.known[node].is_none()
            && host[node].is_none()
            && (index.ins.of(node).iter().filter(|&&e| counts(e)))
                .all(|&e| loose[index.edges[e].from] && consumers(index.edges[e].from).count() == 1);
    }
    for &node in topological.iter().rev().filter(|&&node| loose[node]) {
        if let Some(first) = consumers(node).map(|&e| rank[index.edges[e].to]).min() {
            rank[node] = rank[node].max(first.saturating_sub(1));
        }
    }
    spread(&mut rank);
    rank
}
