//! What a demonstration's keys say and do.

use super::orders_stage;
use crate::ui::app::demo::{DemoControl, DemoState};
use crate::ui::app::effect::Effect;
use crate::ui::app::update::Msg;
use crate::ui::testing::noon;

#[test]
fn a_demonstrations_knobs_are_in_its_palette_alone() {
    let mut stage = orders_stage((60, 15));
    stage.tell(Msg::Demo(DemoState::default()));
    stage.press("/ o r d e r s - w o r k enter : t h r o t t l e");
    assert!(stage.text().contains("throttle"), "{}", stage.text());
    let effects = stage.press("enter");
    assert!(
        matches!(&effects[..], [Effect::DemoControl(DemoControl::Throttle(id))] if id.as_str().ends_with("orders-work"))
    );
    // In a pane its commands are the palette's, the knobs stay.
    stage.press("r : t i m e space l i n e");
    assert!(stage.text().contains("longer time line"), "{}", stage.text());
    stage.press("esc esc / o r d e r s - q enter ,b");
    assert!(
        stage.text().contains("orders-work fails from now on"),
        "{}",
        stage.text()
    );
}

#[test]
fn time_goes_on_to_the_next_step_and_past_the_last_there_is_none() {
    let mut stage = orders_stage((60, 15));
    let at = |seconds: i64| Some(noon().as_millisecond() + seconds * 1_000);
    stage.tell(Msg::Demo(DemoState {
        next_caption_at_ms: at(115),
        ..DemoState::default()
    }));
    assert!(matches!(
        stage.press(",n")[..],
        [Effect::DemoControl(DemoControl::NextStep)]
    ));
    assert!(stage.text().contains("next step: 115 s later"), "{}", stage.text());
    stage.tell(Msg::Demo(DemoState::default()));
    assert!(stage.press(",n").is_empty());
    assert!(stage.text().contains("that was the last step"), "{}", stage.text());
}

#[test]
fn a_knob_finds_its_function_selects_it_and_says_so() {
    let mut stage = orders_stage((60, 15));
    stage.tell(Msg::Demo(DemoState::default()));
    stage.press("/ o r d e r s - q enter");
    let effects = stage.press(",b");
    assert!(
        matches!(&effects[..], [Effect::DemoControl(DemoControl::Break(id))] if id.as_str().ends_with("orders-work"))
    );
    assert!(
        stage.text().contains("orders-work fails from now on"),
        "{}",
        stage.text()
    );
    // It is selected now: the next keys mean the same one.
    let effects = stage.press(",f");
    assert!(
        matches!(&effects[..], [Effect::DemoControl(DemoControl::Mend(id))] if id.as_str().ends_with("orders-work"))
    );
    assert!(stage.text().contains("orders-work is fixed"), "{}", stage.text());
    let effects = stage.press(",t");
    assert!(
        matches!(&effects[..], [Effect::DemoControl(DemoControl::Throttle(id))] if id.as_str().ends_with("orders-work"))
    );
    assert!(
        stage.text().contains("orders-work is throttled from now on"),
        "{}",
        stage.text()
    );
    stage.tell(Msg::Demo(DemoState {
        used_up: ["orders-work".to_owned()].into(),
        pace: Some(7.0),
        ..DemoState::default()
    }));
    assert!(stage.text().contains("×7 of ×1"), "{}", stage.text());
    stage.press(",t");
    assert!(
        stage.text().contains("orders-work is no longer throttled"),
        "{}",
        stage.text()
    );
}

#[test]
fn a_comma_shows_what_may_follow_and_any_other_key_gives_it_up() {
    let mut stage = orders_stage((120, 40));
    stage.press(",");
    assert!(!stage.app.prefixed, "there is no demonstration");
    stage.tell(Msg::Demo(DemoState::default()));
    stage.press(",");
    let text = stage.text();
    let footer = text.lines().last().unwrap_or_default();
    for hint in [
        ",b break",
        ",f fix",
        ",t throttle",
        ",1 deny",
        ",+ faster",
        ",p stop time",
    ] {
        assert!(footer.contains(hint), "{hint}: {footer}");
    }
    let selected = stage.app.chain.selected.clone();
    assert!(stage.press("l").is_empty());
    assert_eq!(stage.app.chain.selected, selected, "the key after it does nothing else");
    assert!(!stage.app.prefixed);
    stage.press(",");
    assert!(matches!(stage.press("ctrl-c")[..], [Effect::Quit]));
}
