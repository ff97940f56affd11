//! What a person does, and what the screen answers.

use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

use super::{orders_stage, stage};
use crate::domain::{EdgeKind, EdgePolicy, NodeKind};
use crate::store::snapshot::Health;
use crate::ui::app::demo::{DemoControl, DemoState};
use crate::ui::app::effect::Effect;
use crate::ui::app::mode::{ListOf, Mode};
use crate::ui::app::notice::Notice;
use crate::ui::app::update::Msg;
use crate::ui::testing::{Account, Stage, big, noon, orders};
use crate::ui::text::commands::Note;

pub(super) fn selected(stage: &Stage) -> String {
    let id = stage.app.chain.selected.as_ref().expect("a selection");
    stage
        .snapshot
        .topology
        .nodes
        .get(id)
        .map_or_else(|| id.to_string(), |node| node.name.clone())
}

/// Goes to a node by its name.
pub(super) fn go_to(stage: &mut Stage, name: &str) {
    stage.press("/");
    stage.tell(Msg::Paste(name.to_owned()));
    stage.press("enter");
    assert_eq!(selected(stage), name);
}

#[test]
fn what_is_worst_is_selected_until_somebody_chooses() {
    let mut stage = orders_stage((120, 40));
    assert_eq!(selected(&stage), "orders-in", "lost for good is worst");
    stage.press("l");
    assert_eq!(selected(&stage), "orders-bkt");
    stage.show(&orders(noon()));
    assert_eq!(selected(&stage), "orders-bkt", "a new snapshot leaves it alone");
}

#[test]
fn the_selection_follows_the_graph() {
    let mut stage = orders_stage((200, 40));
    go_to(&mut stage, "every-5-min");
    let mut walked = Vec::new();
    for key in ["l", "l", "l", "l", "j", "k", "l", "left"] {
        stage.press(key);
        walked.push(selected(&stage));
    }
    assert_eq!(
        walked,
        [
            "orders-in",
            "orders-bkt",
            "orders-parse",
            "orders-q",
            "q-dlq",
            "orders-q",
            "orders-work",
            "orders-q"
        ]
    );
}

#[test]
fn n_walks_the_troubles_worst_first_and_round() {
    let mut stage = orders_stage((120, 40));
    let mut seen = Vec::new();
    for _ in 0..5 {
        stage.press("n");
        seen.push(selected(&stage));
    }
    assert_eq!(seen, ["orders-in", "orders-work", "q-dlq", "orders-q", "orders-report"]);
    stage.press("N");
    assert_eq!(selected(&stage), "orders-q");
}

#[test]
fn n_says_so_where_there_is_no_trouble() {
    let mut account = Account::new(noon());
    account.node(NodeKind::Lambda, "fine");
    let mut stage = stage(&account, (100, 20));
    stage.press("n");
    assert_eq!(stage.app.notice, Some(Notice::NoIssues));
}

#[test]
fn the_selected_box_is_always_on_screen() {
    let mut stage = stage(&big(noon(), 500), (80, 24));
    for key in [
        "n", "l", "j", "j", "l", "k", "h", "h", "j", "j", "j", "j", "j", "l", "l", "l", "l", "l", "enter",
    ] {
        stage.press(key);
        let id = stage.app.chain.selected.clone().expect("a selection");
        let rect = stage.app.chain.shown.placed.seat(&id).expect("a box").rect;
        let view = stage.app.viewport();
        assert!(
            view.contains(rect.x, rect.y) && view.contains(rect.right(), rect.bottom()),
            "{key}: {rect:?} {view:?}"
        );
    }
}

#[test]
fn the_selected_box_stays_on_screen_when_others_come() {
    let mut account = orders(noon());
    let mut stage = stage(&account, (100, 30));
    go_to(&mut stage, "orders-q");
    let on_screen = |stage: &Stage| {
        let id = stage.app.chain.selected.clone().expect("a selection");
        let (rect, view) = (
            stage.app.chain.shown.placed.seat(&id).expect("a box").rect,
            stage.app.viewport(),
        );
        view.contains(rect.x, rect.y) && view.contains(rect.right(), rect.bottom())
    };
    let rule = account
        .topology
        .nodes
        .values()
        .find(|node| node.name == "every-5-min")
        .expect("the rule")
        .id
        .clone();
    for n in 0..6 {
        let more = account.node(NodeKind::Lambda, &format!("another-{n}"));
        account.edge(&rule, &more, EdgeKind::Trigger, EdgePolicy::default());
        account.topology.revision += 1;
        stage.show(&account);
        assert!(on_screen(&stage), "after {n} more");
    }
}

#[test]
fn find_goes_to_the_best_match_while_typing_and_back_on_escape() {
    let mut stage = orders_stage((120, 40));
    go_to(&mut stage, "orders-bkt");
    stage.press("/ w o r k");
    assert_eq!(selected(&stage), "orders-work");
    stage.press("backspace backspace backspace backspace d l q");
    assert!(selected(&stage).ends_with("-dlq"));
    stage.press("esc");
    assert_eq!(selected(&stage), "orders-bkt");
    assert_eq!(stage.app.mode, Mode::Chain);
}

#[test]
fn keys_of_the_chain_are_letters_while_typing() {
    let mut stage = orders_stage((120, 40));
    let effects = stage.press("/ q");
    assert!(effects.is_empty(), "q did not quit");
    assert!(matches!(&stage.app.mode, Mode::Find(find) if find.query == "q"));
}

#[test]
fn details_open_follow_and_close() {
    let mut stage = orders_stage((120, 40));
    stage.press("n n enter");
    assert!(stage.text().contains("triggered by orders-q"));
    stage.press("h");
    assert!(
        stage.text().contains("dead letters to q-dlq"),
        "they follow the selection"
    );
    stage.press("enter");
    assert!(!stage.text().contains("Details"));
}

#[test]
fn the_command_that_pauses_a_link_is_shown_and_copied_never_run() {
    let mut stage = orders_stage((120, 60));
    stage.press("n n enter");
    let effects = stage.press("y");
    let line = "aws lambda update-event-source-mapping --uuid 3f2504e0-4f89-11d3-9a0c-0305e82c3301 --no-enabled \
                --region ap-northeast-1";
    assert!(
        matches!(&effects[..], [Effect::Copy(text)] if text == line),
        "{effects:?}"
    );
    assert!(matches!(&stage.app.notice, Some(Notice::Copied { command }) if command == line));
    go_to(&mut stage, "orders-bkt");
    assert!(stage.press("y").is_empty());
    assert_eq!(stage.app.notice, Some(Notice::NotCopied { why: Note::NoCommand }));
}

#[test]
fn p_freezes_and_says_so() {
    let mut stage = orders_stage((120, 40));
    stage.press("p");
    assert!(stage.app.clock.frozen.is_some());
    assert!(stage.text().contains("paused 14:03:27"));
    stage.press("p");
    assert!(stage.app.clock.frozen.is_none());
}

#[test]
fn the_mouse_selects_opens_and_scrolls() {
    let mut stage = orders_stage((120, 40));
    let event = |kind, column, row| {
        Msg::Mouse(MouseEvent {
            kind,
            column,
            row,
            modifiers: KeyModifiers::NONE,
        })
    };
    let down = MouseEventKind::Down(MouseButton::Left);
    let view = stage.app.areas().expect("a screen").viewport();
    let id = stage
        .snapshot
        .topology
        .nodes
        .values()
        .find(|node| node.name == "orders-bkt")
        .expect("a bucket")
        .id
        .clone();
    let rect = stage.app.chain.shown.placed.seat(&id).expect("a box").rect;
    let at = |stage: &Stage| {
        let x = u16::try_from(rect.x - stage.app.chain.scroll.0 + 2).expect("on screen");
        let y = u16::try_from(rect.y - stage.app.chain.scroll.1 + 1).expect("on screen");
        (view.x + x, view.y + y)
    };
    let (x, y) = at(&stage);
    stage.tell(event(down, x, y));
    assert_eq!(selected(&stage), "orders-bkt");
    let (x, y) = at(&stage);
    stage.tell(event(down, x, y));
    assert!(stage.app.panes.details.is_some(), "a second click opens it");
    stage.press("esc");
    let mut small = orders_stage((60, 15));
    let scroll = small.app.chain.scroll;
    small.tell(event(MouseEventKind::ScrollDown, 10, 10));
    assert!(small.app.chain.scroll.1 > scroll.1);
    let row = stage.app.areas().expect("a screen").below.expect("room for them").y + 2;
    stage.tell(event(down, 5, row));
    assert_eq!(selected(&stage), "orders-work", "a trouble's row goes to its box");
    let effects = stage.press("m");
    assert!(matches!(effects[..], [Effect::Mouse(false)]));
}

#[test]
fn q_and_ctrl_c_end_it_and_ctrl_z_stops_it() {
    let mut stage = orders_stage((120, 40));
    assert!(matches!(stage.press("q")[..], [Effect::Quit]));
    assert!(matches!(stage.press("ctrl-z")[..], [Effect::Suspend]));
    stage.press("/");
    assert!(matches!(stage.press("ctrl-c")[..], [Effect::Quit]));
}

#[test]
fn keys_of_the_demonstration_do_nothing_outside_it() {
    let mut stage = orders_stage((120, 40));
    stage.press("n");
    assert!(stage.press(",b space").is_empty());
    assert!(!stage.text().contains("drop a marble"));
    stage.tell(Msg::Demo(DemoState {
        caption: Some("orders-work breaks in a moment".to_owned()),
        speed: 60.0,
        ..DemoState::default()
    }));
    let work = stage.app.chain.selected.clone().expect("a selection");
    let effects = stage.press("space ,b ,+");
    let knobs: Vec<&DemoControl> = effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::DemoControl(knob) => Some(knob),
            _ => None,
        })
        .collect();
    assert_eq!(
        knobs,
        [
            &DemoControl::DropMarble,
            &DemoControl::Break(work),
            &DemoControl::Speed(120.0)
        ]
    );
    let text = stage.text();
    assert!(
        text.contains("orders-work breaks in a moment") && text.contains("×60"),
        "{text}"
    );
}

#[test]
fn a_node_that_goes_leaves_the_selection_to_the_worst() {
    let mut account = orders(noon());
    let mut stage = stage(&account, (120, 40));
    go_to(&mut stage, "orders-bkt");
    let id = stage.app.chain.selected.clone().expect("a selection");
    account.topology.nodes.remove(&id);
    account
        .topology
        .edges
        .retain(|edge| edge.key.from != id && edge.key.to != id);
    account.topology.revision += 1;
    stage.show(&account);
    assert_eq!(selected(&stage), "orders-in");
}

#[test]
fn names_are_drawn_anew_though_nothing_moves() {
    let mut account = orders(noon());
    let mut stage = stage(&account, (120, 40));
    let before = std::sync::Arc::clone(&stage.app.chain.shown.placed);
    let id = account
        .topology
        .nodes
        .values()
        .find(|node| node.name == "orders-bkt")
        .expect("a bucket")
        .id
        .clone();
    if let Some(node) = account.topology.nodes.get_mut(&id) {
        std::sync::Arc::make_mut(node).name = "bucket-two".to_owned();
    }
    account.topology.revision += 1;
    stage.show(&account);
    assert!(stage.text().contains("bucket-two"));
    assert!(
        std::sync::Arc::ptr_eq(&before, &stage.app.chain.shown.placed),
        "nothing was placed again"
    );
}

#[test]
fn the_screen_goes_to_what_is_worse_until_somebody_chooses() {
    let mut account = big(noon(), 100);
    let calm = std::mem::take(&mut account.troubles);
    let red = calm[0].id.clone();
    account.health(&red, Health::Well, "");
    let mut stage = stage(&account, (80, 24));
    assert_ne!(stage.app.chain.selected.as_ref(), Some(&red));
    account.troubles = calm;
    account.health(&red, Health::Failing, "every run fails");
    stage.show(&account);
    assert_eq!(stage.app.chain.selected.as_ref(), Some(&red), "nobody chose");
    stage.press("h");
    let chosen = stage.app.chain.selected.clone();
    stage.show(&account);
    assert_eq!(stage.app.chain.selected, chosen, "somebody did");
}

#[test]
fn boxes_found_one_by_one_are_seated_once_more_when_all_are_known() {
    let whole = orders(noon());
    let mut account = whole.clone();
    account.topology.progress = Some((1, 9));
    account.topology.surveyed_at = None;
    account.topology.edges.clear();
    let mut found = stage(&account, (160, 40));
    for (n, edge) in whole.topology.edges.iter().enumerate().rev() {
        account.topology.edges.push(std::sync::Arc::clone(edge));
        account.topology.revision = u64::try_from(n).expect("small") + 10;
        found.show(&account);
    }
    let places = |stage: &Stage| -> Vec<_> {
        stage
            .app
            .chain
            .shown
            .placed
            .seats()
            .iter()
            .map(|seat| seat.rect)
            .collect()
    };
    let fresh = stage(&whole, (160, 40));
    assert_ne!(places(&found), places(&fresh), "nothing jumped while it was found");
    found.show(&whole);
    assert_eq!(places(&found), places(&fresh));
}

#[test]
fn a_command_is_found_by_a_part_of_its_words_and_done() {
    let mut stage = orders_stage((100, 30));
    stage.press(":");
    let text = stage.text();
    assert!(text.contains("Commands") && text.contains("next-issue"), "{text}");
    assert!(!text.contains("drop-event"), "no demonstration: {text}");
    stage.press("l o s t space f a i l");
    assert!(stage.text().contains("issues: list what is lost"), "{}", stage.text());
    stage.press("enter");
    assert!(matches!(stage.app.mode, Mode::List(list) if list.of == ListOf::Issues));
    stage.press("esc : q u i t");
    assert!(matches!(stage.press("enter")[..], [Effect::Quit]));
    stage.press(": ? ? ? ?");
    assert!(stage.text().contains("no command matches"), "{}", stage.text());
    assert!(stage.press("enter").is_empty());
    assert_eq!(stage.app.mode, Mode::Chain);
}

#[test]
fn escape_closes_the_details_and_leaves_the_focus() {
    let mut stage = orders_stage((120, 30));
    stage.press("enter");
    assert!(stage.app.panes.details.is_some());
    stage.press("esc");
    assert!(stage.app.panes.details.is_none(), "{}", stage.text());
    stage.press("f");
    assert!(stage.app.chain.filter.focus.is_some());
    stage.press("esc");
    assert!(stage.app.chain.filter.focus.is_none(), "{}", stage.text());
}

#[test]
fn a_knob_in_an_account_without_functions_says_that_there_is_none() {
    let mut stage = stage(&Account::new(noon()), (60, 15));
    stage.tell(Msg::Demo(DemoState::default()));
    assert!(stage.press(",b").is_empty());
    assert!(stage.text().contains("no function found yet"), "{}", stage.text());
}
