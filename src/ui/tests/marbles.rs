//! Marbles stand for traffic that was seen.

use std::time::Duration;

use super::{orders_stage, stage};
use crate::domain::{EdgeKind, EdgePolicy, Evidence, NodeKind};
use crate::ui::testing::{Account, Stage, noon, orders};

fn marbles(stage: &mut Stage) -> usize {
    let view = stage.app.areas().expect("a screen").viewport();
    (0..=20)
        .map(|step| {
            stage.app.clock.wall = Duration::from_millis(step * 100);
            let (buffer, _) = stage.draw();
            let cells = (view.top()..view.bottom()).flat_map(|y| (view.left()..view.right()).map(move |x| (x, y)));
            // Between two cells it is in both.
            let halves = cells.map(|at| match buffer[at].symbol() {
                "●" | "○" => 2,
                "•" | "◦" => 1,
                _ => 0,
            });
            halves.sum::<usize>() / 2
        })
        .max()
        .unwrap_or(0)
}

#[test]
fn a_silent_account_shows_no_marble() {
    let mut silent = orders_stage((200, 60));
    assert_eq!(marbles(&mut silent), 0);
}

#[test]
fn marbles_stand_for_counted_traffic_only() {
    let mut account = orders(noon());
    let edge = account.topology.edges[0].key.clone();
    account.pulse(&edge, 2, Evidence::Observed);
    let mut busy = stage(&account, (200, 60));
    assert_eq!(marbles(&mut busy), 2, "two events, two marbles");
    busy.app.clock.wall = Duration::from_secs(10);
    assert!(
        !busy.text().lines().skip(5).any(|line| line.contains(['●', '•'])),
        "they arrive"
    );
}

#[test]
fn inferred_traffic_is_drawn_hollow() {
    let mut account = orders(noon());
    let edge = account.topology.edges[0].key.clone();
    account.pulse(&edge, 1, Evidence::Guessed);
    let mut stage = stage(&account, (200, 60));
    stage.app.clock.wall = Duration::from_millis(300);
    let text: String = stage.text().lines().skip(5).collect();
    assert!(text.contains(['○', '◦']) && !text.contains(['●', '•']));
}

#[test]
fn of_several_lines_that_join_only_the_common_end_shows_shared_traffic() {
    let mut account = Account::new(noon());
    let (one, two) = (account.node(NodeKind::Sns, "one"), account.node(NodeKind::Sns, "two"));
    let both = account.node(NodeKind::Lambda, "both");
    let edge = account.edge(&one, &both, EdgeKind::Trigger, EdgePolicy::default());
    account.edge(&two, &both, EdgeKind::Trigger, EdgePolicy::default());
    account.pulse(&edge, 1, Evidence::Observed);
    account.pulses[0].shared = true;
    let mut stage = stage(&account, (100, 20));
    let right = stage.app.chain.shown.placed.seat(&both).expect("a box").rect.x;
    let view = stage.app.areas().expect("a screen").viewport();
    for step in 0..6 {
        stage.app.clock.wall = Duration::from_millis(step * 100);
        let (buffer, _) = stage.draw();
        let seen = (view.top()..view.bottom())
            .flat_map(|y| (view.left()..view.right()).map(move |x| (x, y)))
            .find(|at| ["●", "•"].contains(&buffer[*at].symbol()));
        let (x, _) = seen.expect("a marble on its way");
        let column = i32::from(x - view.x) + stage.app.chain.scroll.0;
        assert!(
            column >= right - 5,
            "{column} is before the lines join, left of {right}"
        );
    }
}
