//! The screen that follows an event.

use jiff::SignedDuration;

use crate::domain::{EdgeKey, EdgeKind, EdgePolicy, Evidence, NodeId, NodeKind};
use crate::ui::app::demo::DemoState;
use crate::ui::app::update::Msg;
use crate::ui::chain::follow::{DWELL, REST};
use crate::ui::chain::selection;
use crate::ui::settings::Settings;
use crate::ui::testing::{Account, Stage, noon};

/// A chain much wider than the screen; its links.
fn long_chain() -> (Account, Vec<EdgeKey>) {
    let mut account = Account::new(noon());
    let nodes: Vec<NodeId> = (0..12)
        .map(|n| account.node(NodeKind::Lambda, &format!("step-{n:02}")))
        .collect();
    let links = nodes
        .windows(2)
        .map(|pair| account.edge(&pair[0], &pair[1], EdgeKind::Trigger, EdgePolicy::default()))
        .collect();
    (account, links)
}

fn stage(account: &Account) -> Stage {
    let mut stage = Stage::new(Settings::default(), account, (120, 35)).expect("settings");
    stage.tell(Msg::Demo(DemoState::default()));
    stage
}

/// As many frames as it takes.
fn arrive(stage: &mut Stage) {
    for _ in 0..200 {
        selection::go_along(&mut stage.app);
    }
    assert!(!stage.app.is_led_on(), "it comes to rest");
}

#[test]
fn the_screen_goes_along_with_an_event_to_the_end() {
    let (mut account, links) = long_chain();
    let mut stage = stage(&account);
    assert!(!stage.text().contains("step-11"), "the chain is wider than the screen");
    for (n, link) in links.iter().enumerate() {
        account.now += SignedDuration::from_secs(1);
        account.pulse(link, 1, Evidence::Observed);
        stage.app.clock.wall += DWELL;
        stage.show(&account);
        arrive(&mut stage);
        let text = stage.text();
        for name in [format!("step-{n:02}"), format!("step-{:02}", n + 1)] {
            assert!(text.contains(&name), "{name} is on screen:\n{text}");
        }
    }
    stage.app.clock.wall += REST * 2;
    account.now += SignedDuration::from_secs(9);
    account.pulse(&links[0], 1, Evidence::Observed);
    stage.show(&account);
    arrive(&mut stage);
    assert!(stage.text().contains("step-00"), "then the next one is followed");
}

#[test]
fn whoever_moves_by_hand_is_left_alone_until_a_marble_is_dropped() {
    let (mut account, links) = long_chain();
    let mut stage = stage(&account);
    let mut pass = |stage: &mut Stage| {
        for link in &links {
            account.now += SignedDuration::from_secs(1);
            account.pulse(link, 1, Evidence::Observed);
        }
        for _ in &links {
            stage.app.clock.wall += DWELL;
            stage.show(&account);
        }
        arrive(stage);
        stage.text().contains("step-11")
    };
    stage.press("l");
    assert!(!pass(&mut stage), "somebody walks through the chain");
    stage.press("space");
    assert!(pass(&mut stage), "somebody wants to see this one");
}

#[test]
fn events_that_run_in_a_circle_are_followed_once_around() {
    let mut account = Account::new(noon());
    let (a, b) = (account.node(NodeKind::Lambda, "a"), account.node(NodeKind::S3, "b"));
    let head = account.node(NodeKind::Sns, "head");
    let links = [(&head, &a), (&a, &b), (&b, &a)]
        .map(|(from, to)| account.edge(from, to, EdgeKind::Trigger, EdgePolicy::default()));
    for link in &links {
        account.pulse(link, 1, Evidence::Observed);
    }
    let mut stage = stage(&account);
    stage.press("space");
    stage.app.chain.trail.seen = 0;
    for _ in 0..10 {
        stage.app.clock.wall += DWELL;
        stage.show(&account);
    }
    assert!(stage.app.chain.trail.between().is_some(), "and that ends");
}
