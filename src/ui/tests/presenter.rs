//! A demonstration on a stage, and the event that was dropped.

use std::sync::Arc;
use std::time::Duration;

use super::settings;
use crate::domain::NodeId;
use crate::ui::app::demo::{DemoControl, DemoState, DroppedEvent, Footstep, Stage as Happened};
use crate::ui::app::effect::Effect;
use crate::ui::app::update::Msg;
use crate::ui::settings::Settings;
use crate::ui::testing::{Stage, noon, orders};
use crate::ui::text::width;
use crate::words::Language;

fn on_stage(language: Language) -> Stage {
    let settings = Settings {
        presenter: true,
        language,
        ..settings()
    };
    let mut stage = Stage::new(settings, &orders(noon()), (80, 24)).expect("a stage");
    stage.app.chain.settled = true;
    say(
        &mut stage,
        4,
        "orders-work が壊れた。メッセージは 30 秒ごとに戻り、3 回で q-dlq へ。",
    );
    stage
}

fn say(stage: &mut Stage, step: usize, caption: &str) {
    stage.tell(Msg::Demo(DemoState {
        caption: Some(caption.to_owned()),
        step: (step, 9),
        ..DemoState::default()
    }));
}

#[test]
fn there_is_nothing_but_the_chain_the_caption_and_the_corner() {
    let mut stage = on_stage(Language::Japanese);
    stage.press("n");
    let text = stage.text();
    for gone in ["JST", "$", "READ-ONLY", "読み取り専用", "Chain", "チェーン", "orders ·"] {
        assert!(!text.contains(gone), "{gone:?} in\n{text}");
    }
    let lines: Vec<&str> = text.lines().collect();
    let (one, other) = (lines[21], lines[22]);
    assert!(one.contains("壊れた") && other.contains("q-dlq へ。"), "{text}");
    for line in [one, other] {
        let (before, said) = (width(line) - width(line.trim_start()), width(line.trim()));
        assert!(said <= 38 && before.abs_diff((80 - said) / 2) <= 1, "{line:?}");
    }
    assert!(lines[23].trim_end().ends_with("4 / 9  n"), "{text}");
    // Nothing is left of a step in the next one, and of a key after some seconds.
    stage.app.clock.wall += Duration::from_secs(5);
    say(&mut stage, 5, "修正。");
    let text = stage.text();
    assert!(
        text.lines().nth(23).expect("the corner").trim().ends_with("5 / 9"),
        "{text}"
    );
    assert!(!text.contains("壊れた"), "{text}");
}

#[test]
fn one_key_goes_forward_and_one_back() {
    let mut stage = on_stage(Language::English);
    assert!(matches!(
        stage.press("pgdn")[..],
        [Effect::DemoControl(DemoControl::NextStep)]
    ));
    let back = stage.press("pgup");
    assert!(matches!(
        back[..],
        [Effect::DemoControl(DemoControl::Hold), Effect::ShowStep(Some(3))]
    ));
    stage.app.presenter.as_mut().expect("a stage").past = Some(crate::ui::app::presenter::Past {
        step: 2,
        caption: "The second.".to_owned(),
    });
    assert!(matches!(
        stage.press("pgup")[..],
        [Effect::DemoControl(DemoControl::Hold), Effect::ShowStep(Some(1))]
    ));
    assert!(matches!(stage.press("right")[..], [Effect::ShowStep(Some(3))]));
    assert!(stage.text().contains("2 / 9"), "{}", stage.text());
    assert!(matches!(
        stage.press(".")[..],
        [Effect::DemoControl(DemoControl::Restart(2))]
    ));
    assert!(stage.text().contains("beginning anew"), "{}", stage.text());
}

#[test]
fn the_stage_is_entered_and_left_with_one_key() {
    let mut stage = on_stage(Language::English);
    let left = stage.press("f5");
    assert!(matches!(left[..], [Effect::DemoControl(DemoControl::Gate(false))]));
    assert!(stage.text().contains("Chain"), "{}", stage.text());
    assert!(matches!(
        stage.press("f5")[..],
        [Effect::DemoControl(DemoControl::Gate(true))]
    ));
    assert!(!stage.text().contains("Chain"), "{}", stage.text());
}

/// An order that rolls from the queue through the worker to the topic's end.
fn dropped() -> DroppedEvent {
    let (sqs, lambda) = (
        "arn:aws:sqs:eu-west-1:123456789012:",
        "arn:aws:lambda:eu-west-1:123456789012:function:",
    );
    let step = |ms: i64, node: String, stage| Footstep {
        at: noon() + jiff::SignedDuration::from_millis(ms),
        node: NodeId::from(node),
        stage,
    };
    DroppedEvent {
        id: 1,
        number: 12,
        name: Some("order".to_owned()),
        steps: vec![
            step(0, format!("{sqs}orders-q"), Happened::Reached),
            step(1_900, format!("{lambda}orders-work"), Happened::Begins),
            step(4_200, format!("{lambda}orders-work"), Happened::Done),
        ],
    }
}

#[test]
fn what_was_dropped_leaves_its_waits_behind_and_tells_its_time() {
    let account = orders(noon());
    let mut stage = Stage::new(settings(), &account, (160, 50)).expect("a stage");
    stage.app.chain.settled = true;
    let ids: Vec<String> = account.topology.nodes.keys().map(|id| id.as_str().to_owned()).collect();
    let named = |name: &str| ids.iter().find(|id| id.ends_with(name)).cloned().unwrap_or_default();
    let mut event = dropped();
    for step in &mut event.steps {
        step.node = NodeId::from(named(step.node.short_name()));
    }
    stage.tell(Msg::Demo(DemoState {
        dropped: Arc::new(vec![event]),
        ..DemoState::default()
    }));
    assert!(stage.app.moves(), "it rolls");
    let at = |stage: &mut Stage, ms: u64| {
        stage.app.clock.wall = Duration::from_millis(ms);
        stage.text()
    };
    assert!(!at(&mut stage, 0).contains("1.9 s"), "it has not left the queue");
    assert!(at(&mut stage, 900).contains("1.9 s"), "{}", at(&mut stage, 900));
    let told = at(&mut stage, 9_000);
    assert!(told.contains("order 12: 4.2 s") && told.contains("1.9 s"), "{told}");
    assert!(!stage.app.moves(), "then nothing is drawn anew");
}
