//! The list of letters: marks, groups, filters, order.

use std::sync::Arc;

use super::{account, choose, opened, pane, stage, type_in};
use crate::ui::app::update::Msg;
use crate::ui::panes::dead_letters::state::Row;
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
    assert!(stage.text().contains("3 of 12 letters"), "{}", stage.text());
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
    assert!(stage.text().contains("10k letters"), "{}", stage.text());
    stage.press("|");
    type_in(&mut stage, ".body.detail.id == 9000");
    assert_eq!(pane(&stage).list.shown, 1);
}
