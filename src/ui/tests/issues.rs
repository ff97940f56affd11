//! The list of issues: on every screen, with the error's text, and one key from the line in the log.

use super::{account, settings};
use crate::domain::NodeId;
use crate::store::health::{What, Why};
use crate::store::snapshot::{Health, Kind, Runs, Severity, Trouble};
use crate::ui::app::mode::Mode;
use crate::ui::panes::logs::state::LogPane;
use crate::ui::panes::state::Pane;
use crate::ui::testing::{Account, Stage};

/// The orders, whose intake fails: of its invocations there are lines.
fn failing() -> (Account, NodeId) {
    let mut account = account();
    let mut nodes = account.topology.nodes.keys();
    let intake = nodes
        .find(|id| id.as_str().ends_with(":orders-in"))
        .cloned()
        .expect("a function");
    let (since, last) = (account.ago(300), account.ago(40));
    let error = "RuntimeError: card declined".to_owned();
    account.vitals(&intake).health = Health::Failing;
    account.vitals(&intake).runs = Some(Runs {
        failed_in_row: 39,
        failing_since: Some(since),
        last_error: Some((last, error.clone())),
        read_to: Some(account.now),
        ..Runs::default()
    });
    account.troubles = vec![Trouble {
        kind: Kind::Fails,
        since: Some(since),
        last: Some(last),
        why: Why::Reported { text: error }.into(),
        ..Trouble::of(intake.clone(), Severity::Failing, What::Failed { failed: 39, of: 39 })
    }];
    (account, intake)
}

fn stage(size: (u16, u16)) -> Stage {
    Stage::new(settings(), &failing().0, size).expect("a stage")
}

fn log(stage: &Stage) -> &LogPane {
    match &stage.app.panes.below {
        Pane::Logs(pane) => pane,
        other => panic!("no log is open: {other:?}"),
    }
}

#[test]
fn the_error_is_listed_on_every_screen_from_the_smallest() {
    for size in [(60, 15), (80, 24), (100, 30), (120, 40), (200, 55)] {
        let text = stage(size).text();
        assert!(text.contains("RuntimeError: card declined"), "{size:?}:\n{text}");
        let count = if size.0 < 110 {
            "39 since 13:58"
        } else {
            "39 invocations · since 13:58"
        };
        assert!(text.contains(count), "{size:?}:\n{text}");
    }
}

#[test]
fn one_key_from_the_first_screen_is_the_line_of_the_error() {
    for keys in ["L", "n L", "! L"] {
        let mut stage = stage((80, 24));
        stage.press(keys);
        let pane = log(&stage);
        let request = pane.request.as_ref().expect("one request");
        assert_eq!(request.attempt, Some(2), "the attempt that failed last");
        let line = pane.line().expect("a line");
        assert!(
            line.line.text.starts_with("[ERROR] KeyError: 'action'"),
            "{keys}: {}",
            line.line.text
        );
        assert!(stage.text().contains("KeyError: 'action'"), "{keys}: {}", stage.text());
    }
}

#[test]
fn enter_on_a_row_of_the_list_opens_the_details() {
    let mut stage = stage((120, 40));
    stage.press("! enter");
    assert!(stage.app.panes.details.is_some());
    let selected = stage.app.chain.selected.as_ref().expect("a box");
    assert!(selected.as_str().ends_with(":orders-in"), "{selected}");
}

#[test]
fn the_first_press_goes_to_the_first_issue() {
    let (mut account, intake) = failing();
    let mut nodes = account.topology.nodes.keys();
    let work = nodes
        .find(|id| id.as_str().ends_with(":orders-work"))
        .cloned()
        .expect("a function");
    account
        .troubles
        .push(Trouble::of(work.clone(), Severity::Warning, What::Missing));
    let mut stage = Stage::new(settings(), &account, (120, 40)).expect("a stage");
    assert_eq!(
        stage.app.chain.selected.as_ref(),
        Some(&intake),
        "the program selects the worst"
    );
    stage.press("n");
    assert_eq!(stage.app.chain.selected.as_ref(), Some(&intake));
    stage.press("n");
    assert_eq!(stage.app.chain.selected.as_ref(), Some(&work));
}

#[test]
fn the_footer_of_a_small_screen_keeps_what_one_needs() {
    let mut stage = stage((80, 24));
    for hint in ["! issues", "L logs", "r retries", "d DLQs", "? help"] {
        let text = stage.text();
        let footer = text.lines().last().unwrap_or_default().to_owned();
        assert!(footer.contains(hint), "{hint}: {footer}");
    }
    stage.click_on("! issues");
    assert!(
        matches!(stage.app.mode, Mode::List(_)),
        "a click does what its word says"
    );
}
