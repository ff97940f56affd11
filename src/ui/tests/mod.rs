//! Tests of the whole screen.

mod conversation;
mod letters;
mod logs;
mod retries;
mod runs;
mod screens;
mod truth;

use crate::ui::settings::Settings;
use crate::ui::testing::{Account, Stage, noon, orders};

/// Settings that no machine changes.
fn settings() -> Settings {
    Settings {
        title: Some("orders".to_owned()),
        read_only: true,
        local: jiff::tz::TimeZone::fixed(jiff::tz::offset(9)),
        ..Settings::default()
    }
}

fn stage(account: &Account, size: (u16, u16)) -> Stage {
    Stage::new(settings(), account, size).expect("settings of a test")
}

fn orders_stage(size: (u16, u16)) -> Stage {
    stage(&orders(noon()), size)
}
