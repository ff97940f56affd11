//! Requests made by hand and by chance.

use proptest::prelude::*;

use crate::domain::NodeId;
use crate::layout::{Item, Link, LinkKind, Metrics, Request};

/// A request from lines: `a>b` is a link, `a~>b` a dashed one, `a!>b` leads to a dead-letter queue, `a` alone is a
/// box. Boxes are 4 rows high, those whose names start with `dlq` 3.
pub fn request(lines: &[&str]) -> Request {
    let mut request = Request {
        metrics: Metrics::default(),
        ..Request::default()
    };
    let node = |name: &str, request: &mut Request| {
        let id = NodeId::from(name);
        if !request.nodes.iter().any(|item| item.id == id) {
            let height = if name.starts_with("dlq") { 3 } else { 4 };
            request.nodes.push(Item {
                id: id.clone(),
                width: 12,
                height,
            });
        }
        id
    };
    for line in lines {
        let Some((from, to)) = line.split_once('>') else {
            node(line, &mut request);
            continue;
        };
        let kind = if from.ends_with('!') {
            LinkKind::DeadLetter
        } else {
            LinkKind::Main
        };
        let dashed = from.ends_with('~');
        let (from, to) = (
            node(from.trim_end_matches(['!', '~']), &mut request),
            node(to, &mut request),
        );
        request.edges.push(Link { from, to, kind, dashed });
    }
    request
}

pub fn id(node: usize) -> NodeId {
    NodeId::from(format!("n{node:04}"))
}

pub fn link(from: usize, to: usize, kind: LinkKind) -> Link {
    Link {
        from: id(from),
        to: id(to),
        kind,
        dashed: (from + to).is_multiple_of(3),
    }
}

fn kind() -> impl Strategy<Value = LinkKind> {
    prop_oneof![3 => Just(LinkKind::Main), 1 => Just(LinkKind::DeadLetter)]
}

/// Any links between few boxes: circles, links to oneself, the same link twice, boxes that are not there.
fn tangle() -> impl Strategy<Value = Vec<Link>> {
    (2..24_usize).prop_flat_map(|nodes| {
        let one = (0..nodes, 0..nodes, kind()).prop_map(|(from, to, kind)| link(from, to, kind));
        prop::collection::vec(one, 0..nodes * 2)
    })
}

/// A trunk that fans out to as many as twelve, which merge again; each may have a queue beneath it.
fn fan() -> impl Strategy<Value = Vec<Link>> {
    (1..13_usize, any::<u16>(), any::<bool>()).prop_map(|(width, queues, shared)| {
        let mut links = vec![link(0, 1, LinkKind::Main)];
        for part in 0..width {
            links.push(link(1, 10 + part, LinkKind::Main));
            links.push(link(10 + part, 2, LinkKind::Main));
            if queues & (1 << part) != 0 {
                links.push(link(
                    10 + part,
                    if shared { 30 } else { 30 + part },
                    LinkKind::DeadLetter,
                ));
            }
        }
        links
    })
}

/// Mostly forward links: what accounts look like.
fn stream() -> impl Strategy<Value = Vec<Link>> {
    (4..60_usize).prop_flat_map(|nodes| {
        let one = (1..nodes, any::<prop::sample::Index>(), kind(), 0..12_u8).prop_map(|(to, from, kind, turn)| {
            let from = from.index(to);
            if turn == 0 {
                link(to, from, kind)
            } else {
                link(from, to, kind)
            }
        });
        prop::collection::vec(one, nodes / 2..nodes * 3 / 2)
    })
}

/// The same request for a page of any width, with or without borders.
pub fn paged() -> impl Strategy<Value = Request> {
    (requests(), prop_oneof![20..60_u16, 60..240_u16], any::<bool>()).prop_map(|(mut request, page, compact)| {
        request.page = Some(page);
        if compact {
            request.metrics = Metrics {
                compact,
                gap: 0,
                gutter: 3,
                ..Metrics::default()
            };
            request.nodes.iter_mut().for_each(|item| item.height = 1);
        }
        request
    })
}

/// Several of these side by side, with boxes of unequal size.
pub fn requests() -> impl Strategy<Value = Request> {
    let part = prop_oneof![tangle(), fan(), stream()];
    (
        prop::collection::vec(part, 1..4),
        prop::collection::vec((6..44_u16, 2..6_u16), 64),
        0..20_usize,
    )
        .prop_map(|(parts, sizes, missing)| {
            let mut request = Request {
                metrics: Metrics::default(),
                ..Request::default()
            };
            for (number, part) in parts.into_iter().enumerate() {
                let name = |id: &NodeId| NodeId::from(format!("{number}-{id}"));
                for link in part {
                    let (from, to) = (name(&link.from), name(&link.to));
                    request.edges.push(Link { from, to, ..link });
                }
            }
            let mut ids: Vec<NodeId> = request
                .edges
                .iter()
                .flat_map(|l| [l.from.clone(), l.to.clone()])
                .collect();
            ids.sort();
            ids.dedup();
            ids.extend((0..missing / 2).map(|lone| NodeId::from(format!("lone-{lone}"))));
            for (number, id) in ids.into_iter().enumerate() {
                // Sometimes a link leads to a box that is not there.
                if missing < 3 || number % 13 != missing {
                    let (width, height) = sizes[number % sizes.len()];
                    request.nodes.push(Item { id, width, height });
                }
            }
            request
        })
}
