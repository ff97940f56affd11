//! Boxes stay where they are while others come and go.

use std::collections::HashMap;

use super::check;
use super::made::{id, link};
use crate::domain::NodeId;
use crate::layout::{Item, LinkKind, Metrics, Placed, Rect, Request, place};

/// The same numbers for the same seed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % limit
    }
}

fn item(number: usize, chance: &mut Chance) -> Item {
    let width = u16::try_from(12 + chance.below(14)).expect("small");
    Item {
        id: id(number),
        width,
        height: u16::try_from(3 + chance.below(2)).expect("small"),
    }
}

/// 1.3 links a box: each is fed by an earlier one, three in ten have one more link, any way round.
fn connect(number: usize, others: &[usize], request: &mut Request, chance: &mut Chance) {
    let any = |chance: &mut Chance| others[chance.below(others.len())];
    let kind = if chance.below(8) == 0 {
        LinkKind::DeadLetter
    } else {
        LinkKind::Main
    };
    request.edges.push(link(any(chance), number, kind));
    if chance.below(10) < 3 {
        let other = any(chance);
        let (from, to) = if chance.below(2) == 0 {
            (other, number)
        } else {
            (number, other)
        };
        request.edges.push(link(from, to, LinkKind::Main));
    }
}

fn moved(before: &HashMap<NodeId, Rect>, after: &Placed) -> usize {
    after
        .seats()
        .iter()
        .filter(|seat| {
            before
                .get(&seat.id)
                .is_some_and(|r| (r.x, r.y) != (seat.rect.x, seat.rect.y))
        })
        .count()
}

fn rects(placed: &Placed) -> HashMap<NodeId, Rect> {
    placed.seats().iter().map(|seat| (seat.id.clone(), seat.rect)).collect()
}

/// In how many of 300 steps nothing else moved, and in how many more than five boxes did.
fn walk(seed: u64) -> (usize, usize) {
    let mut chance = Chance(seed);
    let mut request = Request {
        metrics: Metrics::default(),
        ..Request::default()
    };
    let mut present: Vec<usize> = Vec::new();
    for number in 0..400 {
        request.nodes.push(item(number, &mut chance));
        if !present.is_empty() {
            connect(number, &present, &mut request, &mut chance);
        }
        present.push(number);
    }
    let mut placed = place(&request, None);
    check::lines(&request, &placed);
    let (mut still, mut many) = (0, 0);
    for step in 0..300 {
        let before = rects(&placed);
        if chance.below(2) == 0 {
            let number = 400 + step;
            request.nodes.push(item(number, &mut chance));
            connect(number, &present, &mut request, &mut chance);
            present.push(number);
        } else {
            let gone = id(present.swap_remove(chance.below(present.len())));
            request.nodes.retain(|item| item.id != gone);
            request.edges.retain(|link| link.from != gone && link.to != gone);
        }
        placed = place(&request, Some(&placed));
        match moved(&before, &placed) {
            0 => still += 1,
            1..=5 => {}
            _ => many += 1,
        }
        if step % 100 == 0 {
            check::lines(&request, &placed);
        }
    }
    check::boxes(&request, &placed);
    (still, many)
}

#[test]
fn most_steps_move_nothing_else() {
    for seed in 1..=2 {
        let (still, many) = walk(seed);
        println!("seed {seed}: {still} of 300 moved nothing, {many} more than five");
        assert!(
            still * 100 >= 300 * 85,
            "seed {seed}: only {still} of 300 steps moved nothing else, {many} moved many"
        );
    }
}
