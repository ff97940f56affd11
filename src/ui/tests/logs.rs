//! The log lines on screen.

use insta::assert_snapshot;

use super::{account, ascii_stage, settings};
use crate::ui::app::effect::Effect;
use crate::ui::app::mode::Mode;
use crate::ui::app::update::Msg;
use crate::ui::panes::logs::search::Job;
use crate::ui::panes::logs::state::LogPane;
use crate::ui::panes::state::Pane;
use crate::ui::testing::{Stage, noon};

fn stage(size: (u16, u16)) -> Stage {
    Stage::new(settings(), &account(), size).expect("a stage")
}

/// The log of one function.
fn log_of(name: &str, size: (u16, u16)) -> Stage {
    let mut stage = stage(size);
    stage.press("/");
    stage.tell(Msg::Paste(name.to_owned()));
    stage.press("enter L");
    stage
}

fn pane(stage: &Stage) -> &LogPane {
    match &stage.app.panes.below {
        Pane::Logs(pane) => pane,
        other => panic!("no log is open: {other:?}"),
    }
}

#[test]
fn wide() {
    assert_snapshot!(log_of("orders-in", (160, 50)).text());
}

#[test]
fn all_functions_and_other_letters() {
    let mut stage = log_of("orders-parse", (120, 40));
    stage.press("f");
    assert_snapshot!(stage.text());
}

#[test]
fn smallest() {
    assert_snapshot!(log_of("orders-in", (60, 15)).text());
}

#[test]
fn ascii() {
    let mut stage = ascii_stage();
    stage.press("L");
    let text = stage.text();
    assert!(text.is_ascii(), "{text}");
}

#[test]
fn text_of_others_never_acts_upon_the_terminal() {
    for keys in ["f", "f w", "f k k enter"] {
        let mut stage = log_of("orders-parse", (120, 40));
        stage.press(keys);
        let (buffer, _) = stage.draw();
        let hostile = |symbol: &str| symbol.chars().any(char::is_control);
        assert!(buffer.content.iter().all(|cell| !hostile(cell.symbol())), "{keys}");
    }
}

#[test]
fn a_traceback_is_unfolded_and_json_is_indented() {
    let mut stage = log_of("orders-in", (120, 40));
    stage.press("k enter");
    assert!(
        stage.text().contains("  File \"/var/task/app.py\", line 7, in handler"),
        "{}",
        stage.text()
    );
    let mut stage = log_of("orders-parse", (120, 40));
    stage.press("g j enter");
    assert!(
        stage.text().contains("\"message\": \"2 rows without a price\","),
        "{}",
        stage.text()
    );
}

#[test]
fn a_line_says_which_attempt_it_is_of() {
    let text = log_of("orders-in", (160, 50)).text();
    assert_eq!(text.matches("·2  5f1c22aa").count(), 2, "{text}");
}

#[test]
fn following_lets_go_when_one_scrolls_up_and_counts_what_is_new() {
    let mut stage = log_of("orders-in", (120, 40));
    assert!(pane(&stage).follows());
    stage.press("k");
    assert!(!pane(&stage).follows());
    assert_eq!(pane(&stage).new_lines(), 0);
    // The log of all functions has later lines.
    stage.press("f");
    assert_eq!(pane(&stage).new_lines(), 4);
    assert!(stage.text().contains("4 new below, G follows"), "{}", stage.text());
    stage.press("G");
    assert!(pane(&stage).follows());
    stage.press("k j");
    assert!(!pane(&stage).follows());
    stage.press("j");
    assert!(pane(&stage).follows(), "down from the last line");
}

#[test]
fn a_regular_expression_is_typed_kept_and_taken_away() {
    let mut stage = log_of("orders-in", (120, 40));
    stage.press("/");
    stage.tell(Msg::Paste("keyerror|report".to_owned()));
    assert_eq!(pane(&stage).view.len(), 4, "as it is typed");
    stage.press("enter");
    assert!(matches!(stage.app.mode, Mode::Chain));
    assert!(stage.text().contains("/keyerror|report/"), "{}", stage.text());
    stage.press("esc");
    assert_eq!(pane(&stage).view.len(), 4);
    stage.press("/");
    stage.tell(Msg::Paste("5f1c22aa".to_owned()));
    stage.press("enter");
    assert!(stage.text().contains("= on one of these shows"), "{}", stage.text());
    stage.press("esc");
    stage.press("/ [");
    assert!(
        stage.text().contains("not a regular expression yet"),
        "{}",
        stage.text()
    );
    stage.press("esc");
    assert_eq!(pane(&stage).view.len(), 4);
}

#[test]
fn only_graver_lines_and_only_one_request() {
    let mut stage = log_of("orders-in", (120, 40));
    stage.press("e e e");
    assert_eq!(pane(&stage).view.len(), 2, "the two errors");
    stage.press("e =");
    assert_eq!(pane(&stage).view.len(), 4, "both attempts are of one request");
    assert!(stage.text().contains("orders-in request 5f1c22aa"), "{}", stage.text());
}

#[test]
fn from_a_line_to_its_attempt_and_back() {
    let mut stage = log_of("orders-in", (120, 40));
    stage.press("r");
    let Pane::Retries(retries) = &stage.app.panes.below else {
        panic!("no time line");
    };
    assert!(
        retries.chosen.as_ref().is_some_and(|key| key.contains("5f1c22aa")),
        "{retries:?}"
    );
    stage.press("L");
    assert_eq!(pane(&stage).view.len(), 4);
}

#[test]
fn a_line_is_copied_as_it_may_be_pasted() {
    let mut stage = log_of("orders-parse", (120, 40));
    stage.press("g j j");
    match stage.press("y").first() {
        Some(Effect::Copy(text)) => assert_eq!(text, "colour \u{fffd}[31mred\u{fffd}[0m and a bell \u{fffd}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_pollers_are_told_which_logs_are_looked_at() {
    let mut stage = log_of("orders-in", (120, 40));
    let wanted = stage.app.interest().logs;
    assert_eq!(wanted.functions.len(), 1);
    assert!(!wanted.live && wanted.since.is_none());
    stage.press("l <");
    let wanted = stage.app.interest().logs;
    assert!(wanted.live && wanted.since == Some(noon() - jiff::SignedDuration::from_hours(1)));
}

#[test]
fn help_in_a_pane_lists_the_keys_of_that_pane() {
    let mut stage = log_of("orders-in", (200, 44));
    stage.press("?");
    let text = stage.text();
    assert!(text.contains("only lines that match a regular expression"), "{text}");
    assert!(!text.contains("find a box by a part of its name"), "{text}");
}

/// A pane with a search at work that does not come to its end.
fn searching() -> (Stage, Job) {
    let mut stage = log_of("orders-parse", (120, 40));
    stage.sifts = false;
    stage.press("/");
    let effects = stage.tell(Msg::Paste("order".to_owned()));
    let job = effects.into_iter().find_map(|effect| match effect {
        Effect::Search(job) => Some(job),
        _ => None,
    });
    (stage, job.expect("it is handed out"))
}

#[test]
fn while_a_pattern_is_looked_for_keys_are_answered_and_the_lines_before_stay() {
    let (mut stage, job) = searching();
    assert!(stage.text().contains("searching, Esc stops"), "{}", stage.text());
    let before = pane(&stage).view.len();
    stage.press("enter k k");
    assert!(pane(&stage).chosen.is_some(), "keys move");
    assert_eq!(pane(&stage).view.len(), before);
    let (job, view) = job.run().expect("nobody stops it");
    let found = view.len();
    stage.tell(Msg::Searched(job, view));
    assert_eq!(pane(&stage).view.len(), found);
    assert!(
        found < before && !stage.text().contains("searching"),
        "{}",
        stage.text()
    );
}

#[test]
fn esc_stops_a_search_and_what_it_finds_comes_too_late() {
    let (mut stage, job) = searching();
    let before = stage.text();
    stage.press("esc");
    assert!(job.clone().run().is_none(), "it is stopped: {before}");
    assert!(pane(&stage).pattern.is_none() && pane(&stage).searching.is_none());
    // The next letter that is typed stops it as well.
    let (mut stage, job) = searching();
    let next = stage
        .press("s")
        .into_iter()
        .any(|effect| matches!(effect, Effect::Search(_)));
    assert!(next && job.run().is_none());
}

#[test]
fn the_end_of_an_invocation_is_one_line_unless_one_wants_them_all() {
    let mut stage = log_of("orders-in", (120, 40));
    let text = stage.text();
    assert!(text.contains("end    failed after 320 ms · 41 of 128 MB"), "{text}");
    assert!(
        !text.contains("START RequestId") && !text.contains("REPORT RequestId"),
        "{text}"
    );
    stage.press("u");
    assert_eq!(pane(&stage).view.len(), 8);
    let text = stage.text();
    assert!(
        text.contains("START RequestId") && text.contains("REPORT RequestId"),
        "{text}"
    );
}

#[test]
fn json_is_a_message_and_what_is_said_beside_it() {
    let text = log_of("orders-parse", (120, 40)).text();
    assert!(text.contains("WARN   2 rows without a price  rows=[3,9]"), "{text}");
    assert!(text.contains("INFO   注文 7 を読みました"), "{text}");
    // On a narrow screen the message stays.
    let text = log_of("orders-parse", (60, 15)).text();
    assert!(text.contains("WARN  2 rows without a price"), "{text}");
}
