//! Tests of the whole world: the rows of the reference's table, and what holds whatever happens.

mod properties;
mod rows;
mod rows_check;
mod stories;
mod streams;

use super::World;
use crate::scenario::Scenario;

/// A moment to begin at: any will do, this one is a whole minute.
const START: i64 = 1_780_000_020_000;

/// The account of a scenario's text.
fn world(text: &str) -> World {
    let scenario = Scenario::parse(text).unwrap_or_else(|e| panic!("{e}"));
    scenario.build(START, None).unwrap_or_else(|e| panic!("{e}"))
}

/// The log lines of a function, oldest first, late or not: when and what.
fn lines(world: &World, function: &str) -> Vec<(i64, String)> {
    let group = world.records.logs.groups.get(&format!("/aws/lambda/{function}"));
    let all = group
        .into_iter()
        .flat_map(|g| g.between((0, 0), i64::MAX - 1, i64::MAX - 1));
    all.map(|event| (event.at, event.message.to_string())).collect()
}
