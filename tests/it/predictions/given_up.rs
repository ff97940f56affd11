//! Batches of streams that are given up while others succeed in between: never more are called lost than were.

use std::collections::BTreeMap;

use pitagora::sim::world::ground_truth::{Event, Landing, What};

use super::play::{Played, play};

/// Which function each batch went through that was given up, and when.
fn given_up(played: &Played) -> Vec<(i64, &str)> {
    let mut functions: BTreeMap<&Event, &str> = BTreeMap::new();
    let mut lost = Vec::new();
    for entry in &played.truth {
        match &entry.what {
            What::Begins { function, .. } => drop(functions.insert(&entry.event, function)),
            What::Lands(Landing::Dropped) => lost.push((entry.at, functions[&entry.event])),
            What::Lands(_) | What::Ends { .. } => {}
        }
    }
    lost
}

#[test]
fn batches_that_are_given_up_between_successes_are_lost_and_no_others() {
    let played = play("forecasts/given-up-between-successes", 480);
    let truth = given_up(&played);
    let lost_by = |at: i64, who: &str| truth.iter().filter(|(lost, of)| *lost <= at && *of == who).count() as u64;
    let mut told: BTreeMap<String, u64> = BTreeMap::new();
    for (at, answers) in &played.answers {
        let mut now: BTreeMap<String, u64> = BTreeMap::new();
        for loss in &answers.losses.certain {
            let name = loss.of.as_ref().map_or("", |id| id.short_name()).to_owned();
            assert!(loss.at_least, "{loss:?}");
            *now.entry(name).or_default() += loss.count;
        }
        for (who, count) in &now {
            let lost = lost_by(*at, who);
            assert!(*count <= lost, "{who} at {at}: {count} are called lost, {lost} are");
        }
        for (who, before) in &told {
            assert!(
                now.get(who).is_some_and(|count| count >= before),
                "{who} at {at}: {before} were lost"
            );
        }
        told = now;
    }
    let until = played.until - 40_000;
    // Where good records come close behind, they may be the other halves.
    for who in ["halves", "shards"] {
        let lost = lost_by(until, who);
        let told = told.get(who).copied().unwrap_or_default();
        assert!(lost >= 6 && told * 3 >= lost, "{who}: {told} of {lost}");
    }
    assert_eq!(lost_by(played.until, "saved"), 0);
    // What may be lost has its condition, or is counted down to the last retry: never to the retention.
    for (at, answers) in &played.answers {
        for one in &answers.coming {
            let seconds = one.latest.map_or(0, |latest| (latest.as_millisecond() - at) / 1_000);
            assert!(seconds < 3_600, "{one:?} in {seconds} s");
        }
    }
}
