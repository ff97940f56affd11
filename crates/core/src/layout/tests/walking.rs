//! Walking from box to box.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::made::{paged, request, requests};
use crate::domain::NodeId;
use crate::layout::{Direction, Placed, Request, neighbour, place};

const ALL: [Direction; 4] = [Direction::Up, Direction::Right, Direction::Down, Direction::Left];

fn reached(placed: &Placed, request: &Request, from: &NodeId) -> BTreeSet<NodeId> {
    let mut seen = BTreeSet::from([from.clone()]);
    let mut next = vec![from.clone()];
    while let Some(here) = next.pop() {
        for direction in ALL {
            if let Some(there) = neighbour(placed, &request.edges, &here, direction)
                && seen.insert(there.clone())
            {
                next.push(there);
            }
        }
    }
    seen
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_box_is_in_reach_of_every_other(first in requests(), then in requests()) {
        let before = place(&first, None);
        for (request, placed) in [(&first, &before), (&then, &place(&then, Some(&before)))] {
            let everyone: BTreeSet<NodeId> = placed.seats().iter().map(|seat| seat.id.clone()).collect();
            for seat in placed.seats().iter().step_by(7) {
                prop_assert_eq!(&reached(placed, request, &seat.id), &everyone, "from {}", seat.id);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_box_of_a_folded_picture_is_in_reach(request in paged()) {
        let placed = place(&request, None);
        let everyone: BTreeSet<NodeId> = placed.seats().iter().map(|seat| seat.id.clone()).collect();
        for seat in placed.seats().iter().step_by(7) {
            prop_assert_eq!(&reached(&placed, &request, &seat.id), &everyone, "from {}", seat.id);
        }
    }
}

#[test]
fn steps_follow_the_links() {
    let request = request(&["rule>fn", "fn>bucket", "fn!>dlq", "bucket>next", "api>fn"]);
    let placed = place(&request, None);
    let step = |from: &str, direction| {
        neighbour(&placed, &request.edges, &NodeId::from(from), direction).map(|id| id.to_string())
    };
    assert_eq!(step("fn", Direction::Right).as_deref(), Some("bucket"));
    assert_eq!(
        step("fn", Direction::Left).as_deref(),
        Some("api"),
        "the one in the same row"
    );
    assert_eq!(step("fn", Direction::Down).as_deref(), Some("dlq"));
    assert_eq!(
        step("dlq", Direction::Left).as_deref(),
        Some("fn"),
        "a queue's source is above it"
    );
    assert_eq!(step("api", Direction::Down).as_deref(), Some("rule"));
    assert_eq!(step("api", Direction::Up), None);
    assert_eq!(step("nobody", Direction::Up), None);
}
