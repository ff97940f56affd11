//! Back and forward, copying, the console, and the choice of a theme.

use super::{orders_stage, settings};
use crate::ui::app::effect::Effect;
use crate::ui::app::mode::Mode;
use crate::ui::app::notice::Notice;
use crate::ui::panes::state::Pane;
use crate::ui::settings::Settings;
use crate::ui::testing::{Stage, noon, orders};
use crate::ui::text::commands::Aim;

/// On an account that is none of a demonstration.
fn account_stage() -> Stage {
    let settings = Settings {
        aim: Some(Aim::default()),
        ..settings()
    };
    Stage::new(settings, &orders(noon()), (120, 40)).expect("a stage")
}

#[test]
fn back_leads_where_one_was_and_forward_again() {
    let mut stage = orders_stage((120, 40));
    stage.press("n n");
    let queue = stage.app.chain.selected.clone();
    stage.press("r");
    assert!(matches!(stage.app.panes.below, Pane::Retries(_)));
    stage.press("esc n");
    assert_ne!(stage.app.chain.selected, queue);
    stage.press("backspace");
    assert_eq!(stage.app.chain.selected, queue);
    stage.press("backspace");
    assert!(matches!(stage.app.panes.below, Pane::Retries(_)));
    stage.press("alt-right");
    assert!(matches!(stage.app.panes.below, Pane::Issues));
    stage.press("alt-right");
    assert_ne!(stage.app.chain.selected, queue);
}

#[test]
fn a_box_is_copied_by_what_one_chooses() {
    let mut stage = account_stage();
    stage.press("/ o r d e r s - w o r k enter y");
    assert!(matches!(stage.app.mode, Mode::Copy(0)));
    let text = stage.text();
    assert!(
        text.contains("arn:aws:lambda:ap-northeast-1:123456789012:function:orders-work"),
        "{text}"
    );
    let effects = stage.press("j enter");
    assert!(
        matches!(&effects[..], [Effect::Copy(arn)] if arn.ends_with(":orders-work")),
        "{effects:?}"
    );
    assert!(
        stage.text().contains("sent to the clipboard: arn:aws:lambda"),
        "{}",
        stage.text()
    );
}

#[test]
fn the_console_is_opened_on_an_account_and_never_in_a_demonstration() {
    let mut stage = account_stage();
    stage.press("/ o r d e r s - w o r k enter");
    let effects = stage.press("o");
    let [Effect::Copy(copied), Effect::Open(opened)] = &effects[..] else {
        panic!("{effects:?}");
    };
    assert_eq!(copied, opened);
    assert!(opened.ends_with("#/functions/orders-work"), "{opened}");
    let settings = Settings {
        aim: None,
        ..settings()
    };
    let mut stage = Stage::new(settings, &orders(noon()), (120, 40)).expect("a stage");
    assert!(stage.press("n o").is_empty());
    assert_eq!(stage.app.notice, Some(Notice::SimulatedConsole));
}

#[test]
fn a_theme_is_seen_before_it_is_kept() {
    let mut stage = orders_stage((120, 40));
    stage.press(": t h e m e enter");
    let before = stage.app.theme().name.clone();
    stage.press("j");
    assert_ne!(stage.app.theme().name, before, "the screen is the preview");
    assert!(stage.text().contains("high-contrast"), "{}", stage.text());
    stage.press("esc");
    assert_eq!(stage.app.theme().name, before);
    stage.press(": t h e m e enter j");
    let effects = stage.click_on("Enter Keep");
    assert!(effects.is_empty());
    assert_ne!(stage.app.theme().name, before);
    assert!(matches!(stage.app.mode, Mode::Chain));
}
