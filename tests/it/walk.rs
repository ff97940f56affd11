//! The walk of somebody who is on call and has never seen the program: from the first screen of 80 columns to the line that
//! says why, with two keys at the most.

use std::time::{Duration, Instant};

use crate::pty::Pty;

/// The terminal that everybody has.
const SMALL: (u16, u16) = (80, 24);
/// The time that somebody has for it.
const A_MINUTE: Duration = Duration::from_mins(1);

/// A scenario in which something goes wrong.
struct Walk {
    scenario: &'static str,
    /// What stands on the first screen then, one of these.
    first: &'static [&'static str],
    keys: &'static str,
    /// The line that says why, one of these.
    line: &'static [&'static str],
}

const WALKS: [Walk; 8] = [
    Walk {
        scenario: "pitagora",
        first: &["RuntimeError: broken on purpose"],
        keys: "L",
        line: &["RuntimeError: broken on purpose"],
    },
    Walk {
        scenario: "fan-out",
        first: &["ConnectionError: connection reset", "timed out"],
        keys: "nL",
        line: &["ConnectionError: connection reset", "timed out"],
    },
    Walk {
        scenario: "four-patterns",
        first: &["ValueError: poison"],
        keys: "nL",
        line: &["ValueError: poison"],
    },
    Walk {
        scenario: "poison",
        first: &["ValueError: negative price"],
        keys: "nL",
        line: &["ValueError: negative price"],
    },
    Walk {
        scenario: "selfcopy",
        first: &["InvalidRequest", "first event lost"],
        keys: "nL",
        line: &["InvalidRequest"],
    },
    Walk {
        scenario: "shard-stall",
        first: &["ValueError: could not convert"],
        keys: "nL",
        line: &["ValueError: could not convert"],
    },
    Walk {
        scenario: "two-tiers",
        first: &["RuntimeError: broken on purpose"],
        keys: "nL",
        line: &["RuntimeError: broken on purpose"],
    },
    // No invocation, so no line: the first screen says why.
    Walk {
        scenario: "throttle",
        first: &["throttled"],
        keys: "",
        line: &["throttled"],
    },
];

fn has_one(text: &str, of: &[&str]) -> bool {
    of.iter().any(|words| text.contains(words))
}

#[test]
fn the_cause_of_each_scenario_is_two_keys_from_the_first_screen() {
    for walk in WALKS {
        let mut screen = Pty::start(&["demo", walk.scenario, "--speed", "20"], SMALL);
        screen.wait(&format!("{}: {:?}", walk.scenario, walk.first), |text| {
            has_one(text, walk.first)
        });
        let began = Instant::now();
        assert!(walk.keys.len() <= 2);
        screen.press(walk.keys);
        screen.wait(&format!("{}: {:?}", walk.scenario, walk.line), |text| {
            let is_log = walk.keys.is_empty() || text.contains("Logs");
            is_log && text.lines().any(|line| has_one(line, walk.line))
        });
        assert!(began.elapsed() < A_MINUTE, "{}: {:?}", walk.scenario, began.elapsed());
        screen.press("q");
        screen.end();
    }
}
