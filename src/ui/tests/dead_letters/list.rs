//! The list of letters: marks, groups, filters, order.

use std::sync::Arc;

use super::{account, choose, opened, pane, stage, type_in};
use crate::dead_letters::words::Unfiltered;
use crate::dlq::jq::Sifted;
use crate::ui::app::effect::Effect;
use crate::ui::app::update::Msg;
use crate::ui::panes::dead_letters::state::sift::Job;
use crate::ui::panes::dead_letters::state::{Inside, Row};
use crate::ui::testing::Stage;
use crate::ui::testing::dead_letters::desk;

#[test]
fn groups_marks_and_ranges() {
    let mut stage = opened((120, 40));
    let groups: Vec<usize> = pane(&stage)
        .list
        .groups
        .iter()
        .map(|group| group.members.len())
        .collect();
    assert_eq!(groups, [7, 3, 2], "the largest first");
    stage.press("g space");
    assert_eq!(pane(&stage).list.marks.len(), 7, "a group's mark is its letters'");
    stage.press("g space");
    assert!(pane(&stage).list.marks.is_empty());
    stage.press("g enter");
    assert_eq!(pane(&stage).list.row(), Some(Row::Group(0)));
    assert_eq!(pane(&stage).list.rows.len(), 3 + 3 + 2, "folded");
    stage.press("a g V j j space");
    assert_eq!(pane(&stage).list.marks.len(), 3);
    assert!(pane(&stage).list.anchor.is_none());
    stage.press("*");
    assert_eq!(pane(&stage).list.marks.len(), 12);
    stage.press("*");
    assert!(pane(&stage).list.marks.is_empty());
}

#[test]
fn filters_are_typed_and_taken_away() {
    let mut stage = opened((120, 40));
    stage.press("/");
    stage.tell(Msg::Paste("customer".to_owned()));
    assert_eq!(pane(&stage).list.shown, 3, "as it is typed");
    stage.press("enter");
    assert!(stage.text().contains("3 of 12 messages"), "{}", stage.text());
    stage.press("*");
    assert_eq!(pane(&stage).list.marks.len(), 3, "all that are shown");
    stage.press("esc");
    assert_eq!(pane(&stage).list.shown, 12);
    stage.press("|");
    type_in(&mut stage, ".body.detail.id > 7");
    assert_eq!(pane(&stage).list.shown, 4);
    stage.press("|");
    stage.tell(Msg::Paste("][".to_owned()));
    stage.press("enter");
    assert!(stage.text().contains("is no jq expression"), "{}", stage.text());
}

/// The pane with a filter at work that does not come to its end.
fn sifting() -> (Stage, Job) {
    let mut stage = opened((120, 40));
    stage.sifts = false;
    stage.press("|");
    let job = type_in(&mut stage, "def f: f; f")
        .into_iter()
        .find_map(|effect| match effect {
            Effect::Sift(job) => Some(job),
            _ => None,
        });
    (stage, job.expect("it is handed out"))
}

#[test]
fn while_an_expression_runs_keys_are_answered_and_nothing_is_done_with_what_is_in_sight() {
    let (mut stage, _) = sifting();
    assert!(
        stage.text().contains("filtering: 0 of 12 messages, Esc stops"),
        "{}",
        stage.text()
    );
    let row = pane(&stage).list.at;
    stage.press("j");
    assert_eq!(pane(&stage).list.at, row + 1, "keys move");
    for key in ["space", "V", "*", "R", "e", "x", "D"] {
        assert!(stage.press(key).is_empty(), "{key}");
        assert!(
            pane(&stage).list.marks.is_empty() && pane(&stage).dialog.is_none(),
            "{key}"
        );
        assert!(
            stage.text().contains("the messages are being filtered"),
            "{key}: {}",
            stage.text()
        );
    }
}

#[test]
fn esc_stops_an_expression_and_says_that_nothing_was_chosen() {
    let (mut stage, job) = sifting();
    stage.press("esc");
    assert_eq!((pane(&stage).inside, pane(&stage).list.shown), (Inside::List, 12));
    assert!(pane(&stage).list.sifting.is_none() && !stage.text().contains("filtering:"));
    // What it would have chosen comes too late.
    let late = Sifted {
        chosen: vec![1],
        ..Sifted::default()
    };
    stage.tell(Msg::Sifted(job, Ok(late)));
    assert_eq!(pane(&stage).list.shown, 12);
}

#[test]
fn what_became_of_an_expression_is_said_and_all_are_listed() {
    let (mut stage, job) = sifting();
    let why = Unfiltered::TooSlow {
        expression: "def f: f; f".into(),
        seconds: 5,
        at: Some("m-1".into()),
    };
    stage.tell(Msg::Sifted(job, Err(why.into())));
    assert!(
        stage.text().contains("took longer than 5 s (at message m-1)"),
        "{}",
        stage.text()
    );
    assert_eq!(pane(&stage).list.shown, 12);
    stage.sifts = true;
    stage.press("|");
    stage.press("ctrl-u");
    let effects = type_in(&mut stage, ".body.detail.id > 7");
    assert!(effects.is_empty());
    assert_eq!(pane(&stage).list.shown, 4);
}

#[test]
fn a_queue_that_is_read_again_is_filtered_again() {
    let mut stage = opened((120, 40));
    stage.press("|");
    type_in(&mut stage, ".body.detail.id > 7");
    assert_eq!(pane(&stage).list.shown, 4);
    let mut again = desk(&account(), 20);
    for letters in again.letters.values_mut() {
        Arc::make_mut(letters).number = 2;
    }
    stage.tell(Msg::Dlq(Arc::new(again)));
    assert_eq!(pane(&stage).list.shown, 14);
}

#[test]
fn the_order_goes_round_and_the_chosen_letter_stays_chosen() {
    let mut stage = opened((120, 40));
    stage.press("a G");
    let chosen = pane(&stage).list.row();
    let first = pane(&stage).list.rows.clone();
    for _ in 0..7 {
        stage.press("s");
        assert_eq!(pane(&stage).list.row(), chosen);
    }
    assert_eq!(pane(&stage).list.rows, first);
}

#[test]
fn ten_thousand_letters_are_grouped_and_filtered() {
    let mut stage = stage((120, 40));
    stage.tell(Msg::Dlq(Arc::new(desk(&account(), 9_998))));
    stage.press("d");
    choose(&mut stage, "in-dlq");
    stage.press("enter");
    assert_eq!(pane(&stage).list.rows.len(), 3, "groups of many are folded");
    stage.press("a");
    assert_eq!(pane(&stage).list.rows.len(), 10_000);
    stage.press("G");
    assert!(stage.text().contains("10,000 messages"), "{}", stage.text());
    stage.press("|");
    type_in(&mut stage, ".body.detail.id == 9000");
    assert_eq!(pane(&stage).list.shown, 1);
}
