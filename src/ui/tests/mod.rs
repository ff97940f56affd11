//! Tests of the whole screen.

mod characters;
mod conversation;
mod cut;
mod dead_letters;
mod demo_control;
mod filter;
mod issues;
mod logs;
mod losses;
mod marbles;
mod places;
mod presenter;
mod retries;
mod runs;
mod screens;
mod tables;
mod truth;

use crate::ui::settings::{Charset, Settings};
use crate::ui::testing::{Account, Stage, deliveries, logs as lines, noon, orders};

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

/// The orders with what ran: their log lines, their runs, and the events that are tried again.
fn account() -> Account {
    let mut account = orders(noon());
    account.deliveries = deliveries(noon());
    (account.logs, account.invocations) = lines(noon());
    account
}

/// A screen of those that draws nothing outside ASCII.
fn ascii_stage() -> Stage {
    let settings = Settings {
        charset: Charset::Ascii,
        ..settings()
    };
    Stage::new(settings, &account(), (120, 34)).expect("a stage")
}
