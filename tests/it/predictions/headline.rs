//! What the first lines of the screen say of losses, while scenarios are played: never less certain than before, and true.

use crate::in_words::InWords as _;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use pitagora::store::losses::Way;
use pitagora::store::snapshot::Overview;

use super::play::{Played, play};

/// Nothing known, perhaps, lost; and how many.
fn certainty(answers: &Overview) -> (u8, u64) {
    match (answers.losses.count(), answers.losses.unsure.is_empty()) {
        (0, true) => (0, 0),
        (0, false) => (1, 0),
        (count, _) => (2, count),
    }
}

/// Within less than an hour nothing that was lost is forgotten, and everything can be read.
fn never_grows_less_certain(played: &Played) {
    let mut before = (0, 0);
    for (at, answers) in &played.answers {
        let now = certainty(answers);
        assert!(now >= before, "{} at {at}: {before:?} → {now:?}", played.name);
        assert!(
            answers.losses.unsure.is_empty(),
            "{} at {at}: {:?}",
            played.name,
            answers.losses.unsure
        );
        before = now;
    }
}

fn last(played: &Played) -> &Arc<Overview> {
    &played.answers.last().expect("a look").1
}

fn name(id: &pitagora::domain::NodeId) -> String {
    id.as_str().rsplit([':', '/']).next().unwrap_or_default().to_owned()
}

#[test]
fn what_is_lost_is_named_and_never_called_perhaps_again() {
    let played = play("selfcopy", 500);
    never_grows_less_certain(&played);
    let losses = &last(&played).losses.certain;
    assert_eq!(losses.len(), 1);
    assert_eq!(losses[0].of.as_ref().map(name).as_deref(), Some("copy-it"));
    assert_eq!(losses[0].way, Way::Dropped);
    // It was announced before, with the moment at which it came.
    let lost = |(_, answers): &&(i64, Arc<Overview>)| answers.losses.count() > 0;
    let (lost_at, first) = played.answers.iter().find(lost).expect("lost");
    let when = first.losses.certain[0].last.expect("a moment").as_millisecond();
    let announced = played.answers.iter().filter(|(at, _)| *at < when);
    let windows = announced.filter_map(|(at, answers)| {
        let one = answers.coming.first()?;
        Some((
            *at,
            one.earliest?.as_millisecond(),
            one.latest?.as_millisecond(),
            one.conditional,
        ))
    });
    let windows: Vec<_> = windows.collect();
    let (from, ..) = windows.first().expect("announced");
    assert!(when - from > 150_000, "{} s before", (when - from) / 1_000);
    for (at, earliest, latest, conditional) in windows {
        assert!(!conditional, "nothing else invokes it");
        assert!(
            earliest <= when && when <= latest,
            "at {at}: {when} not in {earliest}..{latest}"
        );
    }
    assert!(lost_at - when < 60_000, "seen {} s after", (lost_at - when) / 1_000);
}

#[test]
fn all_four_ways_of_losing_events_are_found() {
    let played = play("losses", 300);
    never_grows_less_certain(&played);
    let answers = last(&played);
    let lost: BTreeMap<String, Way> = answers
        .losses
        .certain
        .iter()
        .filter_map(|loss| Some((name(loss.of.as_ref()?), loss.way)))
        .collect();
    let ways: Vec<(&str, Way)> = lost.iter().map(|(name, way)| (name.as_str(), *way)).collect();
    assert!(ways.contains(&("invoices", Way::NotHandedOver)), "{ways:?}");
    assert!(ways.contains(&("orders", Way::NotHandedOver)), "{ways:?}");
    assert!(ways.contains(&("thumbs", Way::Dropped)), "{ways:?}");
    let (_, snapshot) = played.captions.first().expect("a caption");
    let told: BTreeSet<&str> = snapshot
        .troubles
        .iter()
        .filter(|trouble| trouble.what.said().contains("retention"))
        .map(|trouble| trouble.id.as_str().rsplit(':').next().unwrap_or_default())
        .collect();
    assert!(
        told.contains("exports"),
        "its settings alone tell, from the first look on: {told:?}"
    );
}

/// A record of a stream that its mapping gives up by age is announced, and lost at that moment where nothing keeps it.
#[test]
fn a_record_that_is_given_up_by_its_age_is_lost_where_nothing_keeps_it() {
    let played = play("forecasts/too-old", 300);
    never_grows_less_certain(&played);
    let losses = &last(&played).losses.certain;
    let mut ways: Vec<_> = losses
        .iter()
        .map(|loss| (loss.of.as_ref().map(name), loss.way, loss.count))
        .collect();
    ways.sort();
    assert_eq!(
        ways,
        [
            (Some("bill".to_owned()), Way::TooOld, 1),
            (Some("count".to_owned()), Way::TooOld, 1)
        ]
    );
    for loss in losses {
        let when = loss.last.expect("a moment");
        let announced = played.answers.iter().flat_map(|(_, answers)| &answers.coming);
        let mut announced = announced
            .filter(|one| Some(&one.of) == loss.of.as_ref() && !one.past)
            .peekable();
        assert!(announced.peek().is_some(), "{:?} was not announced", loss.of);
        for one in announced {
            let (earliest, latest) = (one.earliest.expect("a time"), one.latest.expect("a time"));
            assert!(earliest <= when && when <= latest, "{when} not in {earliest}..{latest}");
        }
    }
}

/// Where dead-letter queues keep everything, nothing is called lost, not even for a moment.
#[test]
fn what_is_kept_is_never_called_lost() {
    for (scenario, seconds) in [("two-tiers", 400), ("four-patterns", 300)] {
        let played = play(scenario, seconds);
        for (at, answers) in &played.answers {
            let certain = &answers.losses.certain;
            assert!(certain.is_empty(), "{scenario} at {at}: {certain:?}");
            assert!(answers.losses.unsure.is_empty(), "{scenario} at {at}");
        }
    }
}

/// What is saved by a later attempt each time, and what a caller gets as an error, is never told as a loss to come: not for a
/// second between the moment at which an attempt was due and its line.
#[test]
fn what_later_attempts_save_is_no_loss_to_come() {
    let played = play("forecasts/nothing-lost", 420);
    never_grows_less_certain(&played);
    let start = played.answers.first().expect("a look").0;
    let mut told: BTreeMap<(String, bool), BTreeSet<i64>> = BTreeMap::new();
    for (at, answers) in &played.answers {
        assert!(
            answers.losses.certain.is_empty(),
            "{:?} at {at}",
            answers.losses.certain
        );
        for one in &answers.coming {
            let seconds = (at - start) / 1_000;
            assert!(
                !(one.saved == 0 && name(&one.of) == "third"),
                "{one:?} after {seconds} s"
            );
            assert!(
                one.conditional || name(&one.of) != "caller",
                "{one:?} after {seconds} s"
            );
            told.entry((name(&one.of), one.saved > 0)).or_default().insert(seconds);
        }
    }
    let last = |who: &str| told.get(&(who.to_owned(), false)).and_then(|all| all.last().copied());
    // A queue must first be found empty after its counts had time to come.
    let seen = ["third", "healer", "again", "caller"].map(last);
    assert!(seen.iter().all(|last| last.is_none_or(|last| last <= 120)), "{seen:?}");
}
