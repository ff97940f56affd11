//! Journeys held against what really happened: scenarios are played and read through real clients by the real pollers; each link
//! that the product says is compared with what the world itself handed to the functions.
//!
//! Every event bears a mark (`ev17x`) that travels in what the functions get. The product never reads that; the world's own
//! record of what each invocation was given says which invocations were of the same event.

pub mod play;
mod truth;

use std::fmt::Write as _;

use pitagora::journey::{Keys, Link, links};

use play::{Played, Voice, play};
use truth::{Truth, Verdict};

/// What the product says of a scenario, against the truth.
fn judge(played: &Played) -> Verdict {
    let keys = Keys::usual();
    let held = played.held(&keys);
    let (runs, joints) = links(&held, played.from, played.until);
    let truth = Truth::of(&played.truth, &held);
    truth.judge(&runs, &joints, played.voice == Voice::Silent)
}

fn table(rows: &[(&str, &Verdict)]) -> String {
    let mut text = format!(
        "{:<28} {:>7} {:>7} {:>8} {:>7} {:>9} {:>7} {:>7}\n",
        "scenario", "links", "carried", "inferred", "said", "candidate", "wrong", "unsaid"
    );
    for (name, verdict) in rows {
        let _ = writeln!(text, "{name:<28} {}", verdict.line());
        for (pair, count) in &verdict.unsaid {
            let _ = writeln!(text, "{count:>8} not said: {pair}");
        }
        for wrong in verdict.wrong.iter().take(10) {
            let _ = writeln!(text, "         wrong: {wrong}");
        }
    }
    text
}

#[test]
fn no_carried_link_is_wrong_and_nearly_all_are_found_where_functions_print_their_ids() {
    let played = play("journeys/speaking", 1_800, Voice::Loud);
    let verdict = judge(&played);
    println!("{}", table(&[("speaking", &verdict)]));
    assert!(verdict.events >= 1_500, "{} events", verdict.events);
    assert_eq!(verdict.wrong_of(Link::Traced), 0, "{:?}", verdict.wrong);
    assert!(verdict.share_found() >= 0.95, "{}", verdict.share_found());
}

#[test]
fn what_is_inferred_of_silent_functions_is_right() {
    let played = play("journeys/speaking", 5_400, Voice::Silent);
    let verdict = judge(&played);
    println!("{}", table(&[("silent", &verdict)]));
    assert_eq!(verdict.wrong_of(Link::Traced), 0, "{:?}", verdict.wrong);
    assert!(verdict.share_right(Link::Inferred) >= 0.99, "{:?}", verdict.wrong);
    assert!(verdict.share_said() >= 0.6, "{}", verdict.share_said());
}

#[test]
fn no_scenario_of_the_demo_has_a_wrong_link() {
    let names = [
        ("pitagora", 420),
        ("selfcopy", 260),
        ("poison", 200),
        ("four-patterns", 300),
        ("throttle", 240),
        ("two-tiers", 260),
        ("fan-out", 300),
        ("shard-stall", 200),
    ];
    let verdicts: Vec<(&str, Verdict)> = names
        .into_iter()
        .map(|(name, seconds)| (name, judge(&play(name, seconds, Voice::Loud))))
        .collect();
    let rows: Vec<(&str, &Verdict)> = verdicts.iter().map(|(name, verdict)| (*name, verdict)).collect();
    println!("{}", table(&rows));
    for (name, verdict) in rows {
        assert_eq!(verdict.wrong_of(Link::Traced), 0, "{name}: {:?}", verdict.wrong);
    }
}
