//! Properties that hold for any graph.

use proptest::prelude::*;

use super::check;
use super::made::{paged, requests};
use crate::layout::{Item, Request, place};

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn boxes_and_lines_keep_apart(request in requests()) {
        check::all(&request, &place(&request, None));
    }

    #[test]
    fn folded_lines_keep_within_the_page(request in paged()) {
        let placed = place(&request, None);
        check::all(&request, &placed);
        let columns = placed.seats().iter().map(|seat| seat.column + 1).max().unwrap_or(0);
        prop_assert!(columns == 1 || placed.capacity == 1 || placed.width <= u32::from(request.page.unwrap_or(0)));
    }

    #[test]
    fn folded_lines_keep_apart_when_others_come(first in paged(), then in requests()) {
        let before = place(&first, None);
        prop_assert_eq!(&place(&first, Some(&before)), &before);
        let mut both = first.clone();
        let height = |height: u16| if first.metrics.compact { 1 } else { height };
        both.nodes.extend(then.nodes.into_iter().filter(|item| before.seat(&item.id).is_none()).map(|item| Item {
            height: height(item.height),
            ..item
        }));
        both.edges.extend(then.edges);
        let during = place(&both, Some(&before));
        check::all(&both, &during);
        check::all(&first, &place(&first, Some(&during)));
    }

    #[test]
    fn they_do_so_when_others_come(first in requests(), then in requests()) {
        let before = place(&first, None);
        let mut both = first.clone();
        both.nodes.extend(then.nodes.into_iter().filter(|item| before.seat(&item.id).is_none()));
        both.edges.extend(then.edges);
        let during = place(&both, Some(&before));
        check::all(&both, &during);
        check::all(&first, &place(&first, Some(&during)));
    }

    #[test]
    fn placing_again_moves_nothing(first in requests(), then in requests()) {
        let placed = place(&first, None);
        prop_assert_eq!(&place(&first, Some(&placed)), &placed);
        let later = place(&then, Some(&placed));
        prop_assert_eq!(&place(&then, Some(&later)), &later);
    }

    #[test]
    fn the_order_of_the_request_does_not_matter(request in requests(), seed in any::<u64>()) {
        let mut shuffled: Request = request.clone();
        let mut state = seed | 1;
        for at in (1..shuffled.nodes.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            shuffled.nodes.swap(at, usize::try_from(state >> 33).expect("31 bits") % (at + 1));
        }
        shuffled.edges.reverse();
        let (a, b) = (place(&request, None), place(&shuffled, None));
        prop_assert_eq!(a.seats(), b.seats());
        let turned: Vec<_> = b.routes.iter().rev().collect();
        prop_assert_eq!(a.routes.iter().collect::<Vec<_>>(), turned);
    }
}
