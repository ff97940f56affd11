use proptest::collection::vec;
use proptest::prelude::*;

use super::{Plain, logs, name, put};
use crate::logs::buffer::LogBuffer;
use crate::logs::search::{Filter, Pattern, Search};
use crate::logs::view::View;

const GROUPS: usize = 3;

/// Looks, each of some lines of one group, mostly but not always later than the one before.
fn looks() -> impl Strategy<Value = Vec<(usize, Vec<(i64, String)>)>> {
    let text = prop_oneof![
        "[a-c]{0,4}",
        "e[0-9]{1,3}",
        Just("two\nlines".to_owned()),
        Just("注文".to_owned())
    ];
    let line = (0_i64..60, text);
    vec((0..GROUPS, 0_i64..10, vec(line, 0..40)), 0..12).prop_map(|looks| {
        let moved = looks.into_iter().enumerate().map(|(n, (group, ahead, lines))| {
            let begin = i64::try_from(n).unwrap_or(0) * 20 + ahead;
            (group, lines.into_iter().map(|(at, text)| (begin + at, text)).collect())
        });
        moved.collect()
    })
}

/// The same lines in the order in which they are to be shown.
fn in_order(looks: &[(usize, Vec<(i64, String)>)]) -> Vec<Plain> {
    let mut all: Vec<Plain> = Vec::new();
    for (group, lines) in looks {
        all.extend(lines.iter().map(|(at, text)| (*group, *at, text.clone())));
    }
    all.sort_by_key(|(group, at, _)| (*at, *group));
    all
}

fn filled(looks: &[(usize, Vec<(i64, String)>)]) -> LogBuffer {
    let mut ring = LogBuffer::default();
    for (group, lines) in looks {
        ring.put(
            &name(*group),
            lines.iter().map(|(at, text)| put(*at, text.as_str())).collect(),
        );
    }
    ring
}

fn walked(view: &View) -> Vec<Plain> {
    let mut walk = view.start();
    let next = std::iter::from_fn(|| walk.forward());
    next.map(|shown| {
        let group = (0..GROUPS).find(|n| name(*n) == shown.group.name).unwrap_or(GROUPS);
        (group, shown.line.at.as_millisecond(), shown.line.text.to_owned())
    })
    .collect()
}

proptest! {
    #[test]
    fn every_line_is_shown_once_in_time_order(looks in looks()) {
        let logs = logs(&filled(&looks), GROUPS);
        prop_assert_eq!(walked(&View::all(&logs)), in_order(&looks));
    }

    #[test]
    fn backwards_is_forwards_turned_around(looks in looks(), from in 0_usize..300) {
        let logs = logs(&filled(&looks), GROUPS);
        let view = View::all(&logs);
        let mut walk = view.start();
        let mut there = Vec::new();
        for _ in 0..from {
            there.extend(walk.forward().map(|shown| shown.id()));
        }
        prop_assert_eq!(walk.position(), there.len());
        while let Some(shown) = walk.backward() {
            let id = shown.id();
            prop_assert_eq!(there.pop(), Some(id.clone()));
            let found = view.line(&id).expect("a line that is shown");
            prop_assert_eq!(found.position(), walk.position());
        }
        prop_assert!(there.is_empty());
    }

    #[test]
    fn a_search_finds_what_looking_at_each_line_finds(
        looks in looks(),
        pattern in proptest::sample::select(vec!["a", "^a", "c$", "e[0-9]+$", "b.", "\\s", "\\Aa", "", "[^x]{3}", "s$|注"]),
    ) {
        let logs = logs(&filled(&looks), GROUPS);
        let pattern = Pattern::new(pattern).expect("an expression");
        let mut expected = in_order(&looks);
        expected.retain(|(_, _, text)| pattern.matches(text));
        let mut search = Search::new(Filter { pattern: Some(pattern), ..Filter::default() });
        prop_assert_eq!(walked(&search.view(&logs)), expected.clone());
        prop_assert_eq!(walked(&search.view(&logs)), expected, "the second time from memory");
    }

    #[test]
    fn a_bound_holds_and_what_goes_is_counted(looks in looks(), most in 200_usize..4_000) {
        let mut ring = LogBuffer::new(most);
        let mut written = 0;
        for (group, lines) in &looks {
            ring.put(&name(*group), lines.iter().map(|(at, text)| put(*at, text.as_str())).collect());
            written += lines.len() as u64;
            prop_assert!(ring.bytes() <= most || logs(&ring, GROUPS).is_empty());
        }
        let logs = logs(&ring, GROUPS);
        prop_assert_eq!(logs.len() as u64 + logs.dropped(), written);
    }
}
