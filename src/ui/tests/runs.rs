//! The tables of runs on screen.

use insta::assert_snapshot;

use super::{account, ascii_stage, settings};
use crate::ui::panes::runs::state::{RunsPane, Table};
use crate::ui::panes::state::Pane;
use crate::ui::testing::Stage;

/// The table of all functions in sight.
fn stage(size: (u16, u16)) -> Stage {
    let mut stage = Stage::new(settings(), &account(), size).expect("a stage");
    stage.press("L t");
    if pane(&stage).only.is_some() {
        stage.press("f");
    }
    stage
}

fn pane(stage: &Stage) -> &RunsPane {
    match &stage.app.panes.below {
        Pane::Runs(pane) => pane,
        other => panic!("no runs are open: {other:?}"),
    }
}

#[test]
fn wide() {
    assert_snapshot!(stage((160, 50)).text());
}

#[test]
fn errors_on_the_smallest_screen() {
    let mut stage = stage((60, 15));
    stage.press("shift-tab");
    assert_eq!(pane(&stage).table, Table::Errors);
    assert_snapshot!(stage.text());
}

#[test]
fn ascii() {
    let mut stage = ascii_stage();
    stage.press("L t");
    for _ in 0..4 {
        stage.press("tab");
        let text = stage.text();
        assert!(text.is_ascii(), "{text}");
    }
}

#[test]
fn each_table_lists_its_runs_in_its_orders() {
    let mut stage = stage((120, 40));
    assert_eq!((pane(&stage).table, pane(&stage).rows.len()), (Table::Slowest, 3));
    stage.press("tab");
    assert_eq!((pane(&stage).table, pane(&stage).rows.len()), (Table::Failing, 2));
    let first = |stage: &Stage| pane(stage).rows[0].run().attempt;
    assert_eq!(first(&stage), 2, "the latest first");
    stage.press("tab");
    assert!(stage.text().contains("no cold starts in "), "{}", stage.text());
    stage.press("tab");
    assert_eq!((pane(&stage).table, pane(&stage).rows.len()), (Table::Errors, 1));
    assert!(stage.text().contains("KeyError: 'action'"), "{}", stage.text());
    stage.press("s");
    assert!(stage.text().contains("latest first"), "{}", stage.text());
}

#[test]
fn from_a_run_to_its_lines_its_attempts_and_its_box_and_back() {
    let mut stage = stage((120, 40));
    stage.press("tab g enter");
    let Pane::Logs(log) = &stage.app.panes.below else {
        panic!("no lines")
    };
    assert_eq!(log.view.len(), 2, "of that attempt alone");
    stage.press("t");
    assert_eq!(pane(&stage).table, Table::Failing, "back in the table it came from");
    assert_eq!(pane(&stage).line().expect("a row").run().attempt, 2);
    stage.press("r");
    assert!(matches!(&stage.app.panes.below, Pane::Retries(pane) if pane.chosen.is_some()));
    stage.press("r L t c");
    assert!(!stage.app.panes.below.is_open());
}
