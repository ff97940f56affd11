//! Scenarios: an account, what its functions do, what comes in, and a script with captions, in one TOML file.
//!
//! The format is described in `docs/scenarios.md`. The same files drive the demo and the tests.

mod build;
mod check;
mod limits;
mod source;
mod spec;
mod wiring;
pub mod wording;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use super::duration::{Length, Span};
pub use spec::Scenario;

/// The scenarios in the binary, in the order in which they are listed: name and text.
const BUILT_IN: &[(&str, &str)] = &[
    ("pitagora", include_str!("../../../tests/scenarios/pitagora.toml")),
    ("selfcopy", include_str!("../../../tests/scenarios/selfcopy.toml")),
    ("poison", include_str!("../../../tests/scenarios/poison.toml")),
    (
        "four-patterns",
        include_str!("../../../tests/scenarios/four-patterns.toml"),
    ),
    ("throttle", include_str!("../../../tests/scenarios/throttle.toml")),
    ("two-tiers", include_str!("../../../tests/scenarios/two-tiers.toml")),
    ("losses", include_str!("../../../tests/scenarios/losses.toml")),
    ("fan-out", include_str!("../../../tests/scenarios/fan-out.toml")),
    ("shard-stall", include_str!("../../../tests/scenarios/shard-stall.toml")),
    (
        "state-machine",
        include_str!("../../../tests/scenarios/state-machine.toml"),
    ),
    ("logs-fan-in", include_str!("../../../tests/scenarios/logs-fan-in.toml")),
    ("fifo-lane", include_str!("../../../tests/scenarios/fifo-lane.toml")),
    ("sign-in", include_str!("../../../tests/scenarios/sign-in.toml")),
    (
        "cross-account",
        include_str!("../../../tests/scenarios/cross-account.toml"),
    ),
    ("storm", include_str!("../../../tests/scenarios/storm.toml")),
    ("empty", include_str!("../../../tests/scenarios/empty.toml")),
];

/// Why a scenario cannot be played, and in which line of it.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {why}")]
pub struct Error {
    /// From 1.
    pub line: usize,
    /// What is wrong, and what to do.
    pub why: String,
}

/// The names of the scenarios in the binary; the first is the default.
pub fn names() -> impl Iterator<Item = &'static str> {
    BUILT_IN.iter().map(|(name, _)| *name)
}

/// The text of a scenario in the binary.
#[must_use]
pub fn text(name: &str) -> Option<&'static str> {
    BUILT_IN.iter().find(|(n, _)| *n == name).map(|(_, text)| *text)
}

/// A scenario in the binary, read. `None`: there is none of that name.
#[must_use]
pub fn built_in(name: &str) -> Option<Result<Scenario, Error>> {
    text(name).map(Scenario::parse)
}

/// Tags and environments.
type Pairs = BTreeMap<String, String>;

/// Splits a reference: `function:name`, `queue:name`, `topic:name`, `bus:name`, `bucket:name`, `email:address`.
fn reference(text: &str) -> (&str, &str) {
    text.split_once(':').unwrap_or(("function", text))
}

/// A length in milliseconds, or a default.
fn ms(length: Option<Length>, default: i64) -> i64 {
    length.map_or(default, |l| l.0)
}
