//! The layout and its painting at 12, 100, 500 and 2,000 nodes.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use pitagora::domain::NodeId;
use pitagora::layout::{Item, Link, LinkKind, Metrics, Rect, Request, paint, place};

/// Chains of about twenty nodes with 1.4 links a node, one in six of them to a dead-letter queue, and some links that
/// lead far ahead or back. The same for the same size.
fn account(nodes: usize) -> Request {
    let mut state = 7_u64;
    let mut below = |limit: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap_or(0) % limit
    };
    let id = |node: usize| NodeId::from(format!("arn:aws:lambda:eu-west-1:123456789012:function:node-{node:04}"));
    let mut request = Request {
        metrics: Metrics::default(),
        ..Request::default()
    };
    for node in 0..nodes {
        request.nodes.push(Item {
            id: id(node),
            width: 14 + u16::try_from(below(3)).unwrap_or(0) * 4,
            height: 4,
        });
        let start = node / 20 * 20;
        if node > start {
            let kind = if below(6) == 0 {
                LinkKind::DeadLetter
            } else {
                LinkKind::Main
            };
            request.edges.push(Link {
                from: id(start + below(node - start)),
                to: id(node),
                kind,
                dashed: false,
            });
        }
        if node > start + 1 && below(20) < 9 {
            let (from, to) = (id(start + below(node - start)), id(start + below(node - start)));
            request.edges.push(Link {
                from,
                to,
                kind: LinkKind::Main,
                dashed: true,
            });
        }
    }
    request
}

fn graph(c: &mut Criterion) {
    for nodes in [12, 100, 500, 2000] {
        let request = account(nodes);
        c.bench_with_input(BenchmarkId::new("place", nodes), &request, |b, request| {
            b.iter(|| place(black_box(request), None));
        });
        let folded = Request {
            page: Some(118),
            ..request.clone()
        };
        c.bench_with_input(BenchmarkId::new("place folded", nodes), &folded, |b, request| {
            b.iter(|| place(black_box(request), None));
        });
        let placed = place(&request, None);
        c.bench_with_input(BenchmarkId::new("place again", nodes), &request, |b, request| {
            b.iter(|| place(black_box(request), Some(&placed)));
        });
        let viewport = Rect {
            x: 0,
            y: i32::try_from(placed.height / 2).unwrap_or(0),
            w: 200,
            h: 60,
        };
        c.bench_with_input(BenchmarkId::new("paint", nodes), &placed, |b, placed| {
            b.iter(|| paint(black_box(placed), viewport));
        });
    }
}

criterion_group!(benches, graph);
criterion_main!(benches);
