//! What was redriven is struck through, then left out, and never offered again; and what speaks against a redrive wants the
//! queue's name typed.

use std::collections::BTreeSet;

use ratatui::style::Modifier;

use super::*;
use crate::dlq::Gone;

/// The stage's state, with the first so many messages redriven.
fn with_gone(stage: &Stage, count: usize, stays: Option<u64>) -> DlqState {
    let mut desk = (*stage.app.dlq).clone();
    let dlq = pane(stage).queue.clone().expect("a queue");
    let entries = desk.letters[&dlq].entries.iter().take(count);
    let ids: BTreeSet<String> = entries.map(|entry| entry.letter.message_id.clone()).collect();
    let gone = Gone {
        ids,
        since: Some(noon()),
        stays,
    };
    desk.gone.insert(dlq, Arc::new(gone));
    desk
}

/// Rows of the screen in which something is struck through.
fn struck(stage: &Stage) -> usize {
    let (buffer, _) = stage.draw();
    let area = buffer.area;
    let is_struck =
        |y: u16| (area.left()..area.right()).any(|x| buffer[(x, y)].modifier.contains(Modifier::CROSSED_OUT));
    (area.top()..area.bottom()).filter(|y| is_struck(*y)).count()
}

#[test]
fn what_has_gone_is_struck_through_and_then_left_out() {
    let mut stage = opened((120, 40));
    stage.press("a *");
    assert_eq!(pane(&stage).list.marks.len(), 12);
    let desk = with_gone(&stage, 5, None);
    stage.tell(Msg::Dlq(Arc::new(desk)));
    assert_eq!(struck(&stage), 5);
    assert!(
        stage.text().contains("12 messages · 5 redriven · 7 marked"),
        "{}",
        stage.text()
    );
    let wish = wish_of(stage.press("R"));
    assert_eq!(
        (wish.ids.len(), wish.all),
        (7, true),
        "what has gone is not offered again"
    );
    stage.press("esc esc");
    choose(&mut stage, "in-dlq");
    stage.press("enter");
    assert_eq!(struck(&stage), 0);
    assert!(
        stage.text().contains("7 letters · 5 redriven") || stage.text().contains("7 of 12 messages · 5 redriven"),
        "{}",
        stage.text()
    );
    assert_eq!(pane(&stage).list.rows.len(), 7);
}

#[test]
fn a_message_that_has_gone_is_neither_marked_nor_sent_nor_edited() {
    let mut stage = opened((120, 40));
    stage.press("a g");
    let chosen = pane(&stage).list.row();
    let desk = with_gone(&stage, 12, Some(0));
    stage.tell(Msg::Dlq(Arc::new(desk)));
    assert_eq!(pane(&stage).list.row(), chosen);
    for key in ["R", "e", "x", "D"] {
        assert!(orders_of(stage.press(key)).is_empty(), "{key}");
        assert!(
            stage.text().contains("already redriven: it is not sent again"),
            "{key}\n{}",
            stage.text()
        );
    }
    stage.press("space *");
    assert!(pane(&stage).list.marks.is_empty());
}

#[test]
fn a_redrive_into_a_failing_function_wants_the_name_typed() {
    let mut account = account();
    let function = account
        .snapshot()
        .topology
        .nodes
        .keys()
        .find(|id| id.as_str().ends_with(":orders-in"))
        .cloned();
    let function = function.expect("a function");
    let now = account.now;
    let vitals = account.vitals(&function);
    let runs = vitals.runs.as_mut().expect("its runs");
    runs.failed_in_row = 4;
    runs.last_error = Some((now, "ValueError: no price".to_owned()));
    let mut stage = Stage::new(settings(), &account, (120, 40)).expect("a stage");
    stage.tell(Msg::Dlq(Arc::new(desk(&account, 10))));
    stage.press("d");
    choose(&mut stage, "in-dlq");
    stage.press("enter");
    let wish = wish_of(stage.press("g R"));
    stage.tell(Msg::Dlq(Arc::new(with_plan(&stage, wish, false))));
    let text = stage.text();
    assert!(
        text.contains("Is the cause fixed? no: messages would fail again"),
        "{text}"
    );
    assert!(text.contains("orders-in: its last 4 invocations failed"), "{text}");
    assert!(orders_of(stage.press("enter")).is_empty());
    assert!(stage.text().contains("type in-dlq to redrive:"), "{}", stage.text());
    assert_eq!(
        orders_of(type_in(&mut stage, "in-dlq")),
        [Command::Go { at_once: false }]
    );
}

#[test]
fn what_came_into_the_queue_since_is_counted_at_the_end() {
    let mut stage = opened((120, 40));
    let dlq = pane(&stage).queue.clone().expect("a queue");
    let progress = Progress {
        phase: Phase::Over,
        chosen: 5,
        sent: 5,
        deleted: 5,
        elapsed_ms: 9_000,
        sent_at: Some(noon().as_millisecond() - 60_000),
        ..Progress::default()
    };
    let summary = Summary {
        chosen: 5,
        sent: 5,
        deleted: 5,
        ..Summary::default()
    };
    let over = DlqState {
        run: Some(client(progress, Some(summary), dlq)),
        ..with_gone(&stage, 5, Some(7))
    };
    stage.tell(Msg::Dlq(Arc::new(over)));
    stage.press("P");
    let text = stage.text();
    assert!(text.contains("done: 5 sent, 5 deleted"), "{text}");
    assert!(
        text.contains("5 messages arrived since the redrive ended (12 now, 7 then), counted"),
        "{text}"
    );
}
