//! The retries on screen.

use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use insta::assert_snapshot;

use super::{account, ascii_stage, settings};
use crate::domain::delivery::Fate;
use crate::ui::app::effect::Effect;
use crate::ui::app::update::Msg;
use crate::ui::panes::state::Pane;
use crate::ui::testing::{Stage, noon};

fn stage(size: (u16, u16)) -> Stage {
    let mut stage = Stage::new(settings(), &account(), size).expect("a stage");
    stage.press("r");
    stage
}

#[test]
fn wide() {
    assert_snapshot!(stage((160, 50)).text());
}

#[test]
fn usual() {
    assert_snapshot!(stage((120, 40)).text());
}

#[test]
fn smallest() {
    assert_snapshot!(stage((60, 15)).text());
}

#[test]
fn opened() {
    let mut stage = stage((140, 44));
    stage.press("v g enter");
    assert_snapshot!(stage.text());
}

#[test]
fn opened_on_a_narrow_screen() {
    let mut stage = stage((80, 24));
    stage.press("g enter");
    assert_snapshot!(stage.text());
}

#[test]
fn ascii() {
    let mut stage = ascii_stage();
    stage.press("r");
    let text = stage.text();
    assert!(text.is_ascii(), "{text}");
    assert_snapshot!(text);
}

#[test]
fn nothing_is_tried_again() {
    let mut account = account();
    account.deliveries.deliveries.retain(|delivery| {
        delivery
            .end
            .as_ref()
            .is_some_and(|end| end.to.is_none() && end.fate != Fate::Dropped)
    });
    account.deliveries.unobservable.clear();
    account.deliveries.throttled.clear();
    let mut stage = Stage::new(settings(), &account, (120, 34)).expect("a stage");
    stage.press("r");
    assert!(
        stage
            .text()
            .contains("no retries; 1 succeeded or are on their first attempt, e shows them"),
        "{}",
        stage.text()
    );
    stage.press("e");
    assert!(stage.text().contains("orders-parse c0ffee00"), "{}", stage.text());
}

#[test]
fn the_row_selects_its_box_and_c_goes_there() {
    let mut stage = stage((120, 40));
    stage.press("g j");
    let name = |stage: &Stage| {
        stage
            .app
            .chain
            .selected
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default()
    };
    assert!(name(&stage).ends_with("orders-work"), "{}", name(&stage));
    stage.press("c");
    assert!(!stage.app.panes.below.is_open());
    assert!(name(&stage).ends_with("orders-work"));
}

#[test]
fn escape_closes_the_words_then_the_pane_and_q_quits() {
    let mut stage = stage((120, 40));
    stage.press("enter");
    assert!(matches!(&stage.app.panes.below, Pane::Retries(pane) if pane.open));
    stage.press("esc");
    assert!(matches!(&stage.app.panes.below, Pane::Retries(pane) if !pane.open));
    stage.press("esc");
    assert!(!stage.app.panes.below.is_open());
    stage.press("r");
    assert!(matches!(stage.press("q").first(), Some(Effect::Quit)));
}

/// The row of the event whose two attempts have lines.
fn opened_with_its_log(size: (u16, u16)) -> Stage {
    let mut stage = stage(size);
    stage.press("v g");
    let is_it = |stage: &Stage| {
        let Pane::Retries(pane) = &stage.app.panes.below else {
            return false;
        };
        pane.chosen.as_ref().is_some_and(|key| key.contains("5f1c22aa"))
    };
    for _ in 0..20 {
        if is_it(&stage) {
            break;
        }
        stage.press("j");
    }
    assert!(is_it(&stage), "{}", stage.text());
    stage.press("enter");
    stage
}

#[test]
fn beside_an_attempt_is_its_log() {
    let mut stage = opened_with_its_log((160, 50));
    assert_snapshot!(stage.text());
    let log = |stage: &Stage| match &stage.app.panes.below {
        Pane::Retries(pane) => pane.log.as_ref().map(|log| (log.view.len(), log.request.clone())),
        _ => None,
    };
    let (lines, request) = log(&stage).expect("a log");
    assert_eq!(
        (lines, request.expect("of one").attempt),
        (2, Some(2)),
        "the last attempt"
    );
    stage.press("k");
    let (lines, request) = log(&stage).expect("a log");
    assert_eq!(
        (lines, request.expect("of one").attempt),
        (2, Some(1)),
        "the one before"
    );
    let wanted = stage.app.interest().logs.functions;
    assert!(wanted.iter().any(|id| id.as_str().ends_with("orders-in")), "{wanted:?}");
    stage.press("L");
    let Pane::Logs(pane) = &stage.app.panes.below else {
        panic!("no log")
    };
    assert_eq!(pane.view.len(), 2, "of that attempt alone");
}

#[test]
fn an_attempt_and_its_log_share_every_screen() {
    let mut stage = opened_with_its_log((80, 40));
    assert!(stage.text().contains("failed after 320 ms"), "{}", stage.text());
    stage = opened_with_its_log((60, 15));
    assert!(!stage.text().contains("failed after 320 ms"), "{}", stage.text());
    stage.press("tab");
    assert!(stage.text().contains("failed after 320 ms"), "{}", stage.text());
    for size in [(104, 15), (100, 30), (300, 100)] {
        assert!(
            opened_with_its_log(size).text().contains("failed after 320 ms"),
            "{size:?}"
        );
    }
}

#[test]
fn what_was_due_is_no_countdown() {
    use crate::domain::delivery::Overdue;
    let mut account = account();
    for row in &mut account.deliveries.deliveries {
        if let Some(next) = row.next.take_if(|next| next.latest.is_some()) {
            let ago = |seconds| noon() - jiff::SignedDuration::from_secs(seconds);
            row.overdue = Some(Overdue {
                earliest: ago(40),
                latest: ago(20),
                attempt: next.attempt,
                complete_to: Some(ago(95)),
                conditional: false,
            });
        }
    }
    let mut stage = Stage::new(settings(), &account, (160, 50)).expect("a stage");
    stage.press("r");
    let text = stage.text();
    assert!(text.contains("was due by") && text.contains("not seen yet"), "{text}");
    stage.press("v g enter");
    let text = stage.text();
    assert!(text.contains("the log is complete through"), "{text}");
}

#[test]
fn a_countdown_is_drawn_again_when_it_changes_and_not_before() {
    let stage = stage((160, 50));
    let (_, next) = stage.draw();
    let next = next.expect("a countdown runs");
    assert_eq!(next.duration_since(stage.app.clock.now).as_secs(), 1);
}

#[test]
fn a_high_screen_shows_what_is_tried_again_before_anybody_asks() {
    let mut stage = Stage::new(settings(), &account(), (160, 50)).expect("a stage");
    let text = stage.text();
    assert_snapshot!(text);
    let glance = stage.app.areas().expect("a screen").glance.expect("room for it");
    stage.tell(Msg::Mouse(MouseEvent {
        kind: MouseEventKind::Down(MouseButton::Left),
        column: glance.x + 4,
        row: glance.y + 3,
        modifiers: KeyModifiers::NONE,
    }));
    assert!(matches!(&stage.app.panes.below, Pane::Retries(pane) if pane.at == 1));
}

#[test]
fn a_low_screen_leaves_the_room_to_the_chain() {
    let stage = Stage::new(settings(), &account(), (160, 43)).expect("a stage");
    assert_eq!(stage.app.areas().expect("a screen").glance, None);
}
