//! Commands on messages: redrive, edit, delete.

use jiff::SignedDuration;

use super::*;
use crate::dlq::check::LATE;
use crate::domain::Point;
use crate::redrive::words::Stays;
use crate::ui::panes::dead_letters::state::Question;
use crate::ui::terminal::editor::EditError;

#[test]
fn more_than_ten_and_production_want_the_name_typed() {
    for (keys, production) in [("* b", false), ("a g b", true)] {
        let mut stage = opened((120, 40));
        let wish = wish_of(stage.press(keys));
        stage.tell(Msg::Dlq(Arc::new(with_plan(&stage, wish, production))));
        assert!(
            stage.text().contains("type the queue's name to confirm"),
            "{}",
            stage.text()
        );
        assert!(orders_of(stage.press("a")).is_empty());
        assert!(type_in(&mut stage, "q-dlq").is_empty(), "another queue's name");
        stage.press("a");
        assert_eq!(
            orders_of(type_in(&mut stage, "in-dlq")),
            [Command::Go { at_once: true }]
        );
    }
}

#[test]
fn what_a_canary_is_to_prove_goes_all_at_once_only_with_the_name_typed() {
    let mut stage = opened((120, 40));
    let wish = wish_of(stage.press("g b"));
    let mut desk = with_plan(&stage, wish, false);
    let planned = Arc::make_mut(desk.planned.as_mut().expect("a plan"));
    // Throttled too lately for what succeeded since then to prove anything.
    let throttle = Point {
        at: noon() - LATE - SignedDuration::from_secs(1),
        value: 12.0,
    };
    for counts in planned.evidence.counts.values_mut().flatten() {
        counts.throttles = vec![throttle];
    }
    stage.tell(Msg::Dlq(Arc::new(desk)));
    assert!(
        stage.text().contains("to redrive all at once, without a canary"),
        "{}",
        stage.text()
    );
    assert!(orders_of(stage.press("a")).is_empty());
    assert!(matches!(
        stage.app.mode,
        Mode::Answer(Question::GoName { at_once: true }, _)
    ));
    stage.press("esc");
    assert_eq!(orders_of(stage.press("enter")), [Command::Go { at_once: false }]);
}

#[test]
fn a_plan_that_is_turned_down_is_forgotten() {
    let mut stage = opened((120, 40));
    let wish = wish_of(stage.press("g b"));
    stage.tell(Msg::Dlq(Arc::new(with_plan(&stage, wish, false))));
    stage.press("e");
    assert!(
        stage.text().contains("SQS's move task cannot be used"),
        "{}",
        stage.text()
    );
    assert_eq!(orders_of(stage.press("esc")), [Command::Drop]);
    assert_eq!(pane(&stage).dialog, None);
}

#[test]
fn what_stayed_is_named_at_the_end() {
    let mut stage = opened((120, 40));
    let dlq = pane(&stage).queue.clone().expect("a queue");
    let progress = Progress {
        phase: Phase::Over,
        chosen: 3,
        sent: 2,
        deleted: 2,
        left: 1,
        elapsed_ms: 9_000,
        ..Progress::default()
    };
    let summary = Summary {
        chosen: 3,
        sent: 2,
        deleted: 2,
        unknown: 1,
        left: vec![crate::redrive::progress::Left {
            message_id: "00000001-1111".to_owned(),
            why: Stays::Answer {
                why: "its target did not take it (AccessDenied)".to_owned(),
            }
            .into(),
            remedy: None,
        }],
        maybe_twice: vec!["00000002-1111".to_owned()],
        ..Summary::default()
    };
    let over = DlqState {
        run: Some(client(progress, Some(summary), dlq)),
        ..(*stage.app.dlq).clone()
    };
    stage.tell(Msg::Dlq(Arc::new(over)));
    stage.press("o");
    let text = stage.text();
    for said in [
        "3 chosen, 2 sent, 2 deleted, 1 stayed",
        "stayed: 00000001-1111: its target did not take it (AccessDenied)",
        "may be at its target twice: 00000002-1111",
        "audit log: /home/me/.local/state/pitagora/audit.jsonl",
    ] {
        assert!(text.contains(said), "{said}\n{text}");
    }
    stage.press("enter");
    assert_eq!(pane(&stage).dialog, None);
}

#[test]
fn an_edit_counts_once_its_difference_was_seen() {
    let mut stage = opened((120, 40));
    let effects = stage.press("a g e");
    let [Effect::Edit { id, body }] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    let (id, body) = (id.clone(), body.clone());
    stage.tell(Msg::Edited(id.clone(), Ok(format!("{body}\n"))));
    assert!(
        stage.text().contains("nothing changed"),
        "an editor's last line end is no change"
    );
    stage.tell(Msg::Edited(id.clone(), Ok(body.replace("\"shop\"", "\"shop2\""))));
    assert!(stage.text().contains("+ {\"source\":\"shop2\""), "{}", stage.text());
    assert!(pane(&stage).list.edits.is_empty());
    stage.press("enter");
    assert!(pane(&stage).list.edits.contains_key(&id));
    let wish = wish_of(stage.press("b"));
    assert_eq!(wish.edits.len(), 1);
    stage.tell(Msg::Dlq(Arc::new(with_plan(&stage, wish, false))));
    assert!(stage.text().contains("1 edited"), "{}", stage.text());
    stage.press("esc");
    stage.tell(Msg::Edited(id.clone(), Ok(body)));
    stage.press("enter");
    assert!(pane(&stage).list.edits.is_empty(), "back to what it was");
    stage.tell(Msg::Edited(
        id,
        Err(EditError::Failed {
            status: "exit status: 1".to_owned(),
        }),
    ));
    assert!(stage.text().contains("the editor ended with"), "{}", stage.text());
}

#[test]
fn letters_are_deleted_after_an_export_and_a_typed_name() {
    let mut stage = opened((120, 40));
    stage.press("a g D");
    assert!(
        orders_of(stage.press("enter")).is_empty(),
        "the file alone is not enough"
    );
    assert!(
        stage.text().contains("type in-dlq to delete these messages for good:"),
        "{}",
        stage.text()
    );
    assert!(orders_of(type_in(&mut stage, "in")).is_empty());
    stage.press("D enter");
    let orders = orders_of(type_in(&mut stage, "in-dlq"));
    assert!(
        matches!(orders.as_slice(), [Command::Delete { ids, .. }] if ids.len() == 1),
        "{orders:?}"
    );
}

#[test]
fn letters_go_to_a_queue_or_function_of_choice() {
    let mut stage = opened((160, 50));
    let wish = wish_of(stage.press("g b"));
    stage.tell(Msg::Dlq(Arc::new(with_plan(&stage, wish, false))));
    stage.press("o");
    assert!(
        stage.text().contains("queue or function to send to"),
        "{}",
        stage.text()
    );
    assert!(type_in(&mut stage, "nowhere").is_empty());
    assert!(
        stage.text().contains("no queue or function nowhere"),
        "{}",
        stage.text()
    );
    stage.press("o");
    assert!(type_in(&mut stage, "in-dlq").is_empty());
    assert!(
        stage.text().contains("the messages are in that queue"),
        "{}",
        stage.text()
    );
    stage.press("o");
    let wish = wish_of(type_in(&mut stage, "orders-q"));
    let To::Named(target) = &wish.to else {
        panic!("{wish:?}")
    };
    assert!(
        matches!(target, Target::Queue { .. }) && target.arn().ends_with(":orders-q"),
        "{target:?}"
    );
    stage.tell(Msg::Dlq(Arc::new(with_plan(&stage, wish, false))));
    let text = stage.text();
    assert!(text.contains("to queue orders-q"), "{text}");
    // The function that reads that queue will run, and not the one the letters come from.
    let functions = &stage.app.dlq.planned.as_ref().expect("a plan").invoked.functions;
    assert!(
        matches!(&functions[..], [one] if one.as_str().ends_with(":orders-work")),
        "{functions:?}"
    );
    stage.press("o");
    assert_eq!(
        wish_of(type_in(&mut stage, "")).to,
        To::Origin,
        "nothing typed: back to the origin"
    );
}
