//! Predictions held against what then happens: each scenario is played in virtual time, watched through real clients by
//! the real pollers and folded by the real store; whatever was published before an attempt is compared with the world's
//! own chronicle of it. Nothing that the pollers had not delivered by then can help a prediction.

mod alias;
mod given_up;
mod headline;
mod judge;
mod play;
mod watched;
mod windows;

use crate::in_words::InWords as _;
use std::fmt::Write as _;
use std::sync::Arc;
use std::thread;

use jiff::SignedDuration;
use pitagora::domain::delivery::Deliveries;
use pitagora::store::Snapshot;

use judge::Verdict;
use play::{Played, play};
use windows::Tally;

/// The scenarios of the demo, and how many seconds of each are played: until its story is over.
const SCENARIOS: &[(&str, i64)] = &[
    ("pitagora", 330),
    ("selfcopy", 260),
    ("poison", 200),
    ("four-patterns", 300),
    ("throttle", 240),
    ("two-tiers", 260),
    ("fan-out", 300),
    ("shard-stall", 200),
    ("storm", 58),
    ("empty", 10),
];

/// The median width of windows without a condition, seconds, may not grow.
const MEDIAN_S: f64 = 23.0;

/// Rows of section 8 of the reference in which something is tried again.
const ROWS: &[(&str, i64)] = &[
    ("async-concurrency-0", 180),
    ("async-default", 400),
    ("async-dropped", 400),
    ("async-max-age-60", 200),
    ("async-max-age-90", 260),
    ("async-retries-0", 200),
    ("async-retries-1", 260),
    ("kinesis-bisect", 200),
    ("kinesis-max-age", 300),
    ("kinesis-retries", 200),
    ("push-events", 400),
    ("push-s3", 400),
    ("push-sns", 400),
    ("sqs-fifo", 240),
    ("sqs-no-dlq", 200),
    ("sqs-partial", 240),
    ("sqs-redrive", 240),
    ("sqs-throttled", 240),
    ("sqs-whole-batch", 240),
    ("sync-chain", 400),
    ("table-retries", 200),
];

/// What windows are above all held against, by its subject: how many seconds of it are played, and whether nothing of it is
/// throttled.
const FORECASTS: &[(&str, i64, bool)] = &[
    ("alias", 400, true),
    ("default-asynchronous", 400, true),
    ("fan-out-into-reserved-concurrency", 400, false),
    ("fan-out-into-room", 400, true),
    ("fan-out-of-three", 300, false),
    ("groups-of-a-queue", 240, true),
    ("maximum-age", 300, true),
    ("parallelization", 240, true),
    ("partial-batch-of-a-stream", 400, true),
    ("queue-with-a-window", 300, true),
    ("retention-before-dead-letter", 300, true),
    ("throttled-between-attempts", 400, false),
    ("throttled-queue", 300, false),
    ("too-old", 300, true),
];

fn all() -> Vec<(String, i64)> {
    let built_in = SCENARIOS.iter().map(|(name, seconds)| ((*name).to_owned(), *seconds));
    let rows = ROWS
        .iter()
        .map(|(name, seconds)| (format!("retry-rules/{name}"), *seconds));
    let forecasts = FORECASTS
        .iter()
        .map(|(name, seconds, _)| (format!("forecasts/{name}"), *seconds));
    built_in.chain(rows).chain(forecasts).collect()
}

/// Plays scenarios, two at a time.
fn played(cases: &[(String, i64)]) -> Vec<Played> {
    let half = cases.len().div_ceil(2);
    thread::scope(|scope| {
        // Every other one, so that both threads get long ones.
        let threads: Vec<_> = [0, 1]
            .into_iter()
            .map(|first| {
                let mine = cases.iter().skip(first).step_by(2);
                scope.spawn(move || mine.map(|(name, seconds)| play(name, *seconds)).collect::<Vec<_>>())
            })
            .collect();
        let mut all = Vec::with_capacity(half * 2);
        for thread in threads {
            all.extend(thread.join().expect("a scenario was played"));
        }
        all.sort_by(|a, b| a.name.cmp(&b.name));
        all
    })
}

fn table(verdicts: &[(&Played, Verdict)]) -> String {
    let mut text = format!(
        "{:<30} {:>8} {:>9} {:>8} {:>8} {:>8} {:>7} {:>6} {:>7}\n",
        "scenario", "repeated", "predicted", "happened", "unknown", "unseen", "widest", "ends", "as told"
    );
    let mut sum = Verdict::default();
    for (played, verdict) in verdicts {
        let _ = writeln!(text, "{:<30} {}", played.name, verdict.line());
        sum.add(verdict);
    }
    let _ = writeln!(text, "{:<30} {}", "all", sum.line());
    let share = 100.0 * f64::from(sum.unknown + sum.unseen) / f64::from(sum.repeated.max(1));
    let _ = writeln!(text, "share of attempts whose time was marked unknown: {share:.0} %");
    for ((kind, reason), n) in &sum.without {
        let _ = writeln!(text, "{n:>5} without a window, {kind}: {reason}");
    }
    text
}

fn later(deliveries: &Deliveries, by: SignedDuration) -> Deliveries {
    let mut changed = deliveries.clone();
    for next in changed.deliveries.iter_mut().filter_map(|row| row.next.as_mut()) {
        next.earliest += by;
        next.latest = next.latest.map(|latest| latest + by);
    }
    changed
}

/// Whether it is one of the forecasts, and nothing of it is throttled.
fn is_free(name: &str) -> bool {
    let mut free = FORECASTS.iter().filter(|(.., free)| *free);
    free.any(|(subject, ..)| name.strip_prefix("forecasts/") == Some(subject))
}

/// Each window that is told, held; the table of them is printed.
fn hold_windows(played: &[Played]) {
    let mut text = format!(
        "{:<45} {:>7} {:>8} {:>6} {:>7} {:>8} {:>7}\n",
        "scenario", "windows", "sure", "kept", "missed", "excused", "median"
    );
    let (mut all, mut free) = (Tally::default(), Tally::default());
    for one in played {
        let tally = windows::hold(one, &|told| told.clone());
        let _ = writeln!(text, "{:<45} {}", one.name, tally.line());
        if is_free(&one.name) {
            free.add(&tally);
        }
        all.add(&tally);
    }
    let _ = writeln!(text, "{:<45} {}", "forecasts, not throttled", free.line());
    let _ = writeln!(text, "{:<45} {}", "all", all.line());
    println!("{text}");
    assert!(
        all.missed.is_empty(),
        "\n{}\n{} in all",
        all.missed.join("\n"),
        all.missed.len()
    );
    assert!(free.share() >= Some(90), "too many windows have a condition");
    assert!(
        all.median().is_some_and(|width| width <= MEDIAN_S),
        "{:?}",
        all.median()
    );
}

#[test]
fn what_is_predicted_happens_in_every_scenario() {
    let played = played(&all());
    hold_windows(&played);
    let verdicts: Vec<(&Played, Verdict)> = played
        .iter()
        .map(|played| (played, judge::judge(played, &|told| told.clone())))
        .collect();
    println!("{}", table(&verdicts));
    let wrong: Vec<String> = verdicts
        .iter()
        .flat_map(|(played, verdict)| verdict.wrong.iter().map(|why| format!("{}: {why}", played.name)))
        .collect();
    assert!(wrong.is_empty(), "\n{}\n{} in all", wrong.join("\n"), wrong.len());
    let predicted: u32 = verdicts.iter().map(|(_, verdict)| verdict.predicted).sum();
    assert!(predicted > 100, "only {predicted} attempts had a window");
    // What is throttled comes late. AWS publishes no waits for streams. Of queues and asynchronous events every attempt after the first had a window, but
    // for those that came before CloudWatch had delivered a line of the try before.
    let is_throttled = |name: &str| {
        let mut throttled = FORECASTS.iter().filter(|(.., free)| !free);
        throttled.any(|(subject, ..)| name.strip_prefix("forecasts/") == Some(subject))
    };
    let others: Vec<_> = verdicts
        .iter()
        .filter(|(played, _)| !is_throttled(&played.name))
        .flat_map(|(played, verdict)| verdict.without.iter().map(|(reason, n)| (&played.name, reason, n)))
        .filter(|(_, (kind, reason), _)| *kind != "stream" && *reason != judge::TOO_SOON)
        .collect();
    assert!(others.is_empty(), "{others:#?}");
}

#[test]
fn a_predictor_with_other_delays_is_found_out() {
    let cases = [
        ("retry-rules/async-default".to_owned(), 400),
        ("retry-rules/sqs-redrive".to_owned(), 240),
    ];
    for played in played(&cases) {
        assert!(
            judge::judge(&played, &|told| told.clone()).wrong.is_empty(),
            "{}",
            played.name
        );
        for by in [-25, 25] {
            let changed = judge::judge(&played, &|told| later(told, SignedDuration::from_secs(by)));
            assert!(!changed.wrong.is_empty(), "{}: {by} s more went unnoticed", played.name);
        }
    }
}

/// When the caption says that all is healthy, the screen must say so, too.
#[test]
fn the_marble_run_has_no_issues_but_dead_letters_when_its_caption_says_so() {
    let played = play("pitagora", 760);
    let said = |start: &str| {
        let found = played.captions.iter().find(|(caption, _)| caption.starts_with(start));
        found.map(|(_, snapshot)| Arc::clone(snapshot)).expect(start)
    };
    let rest = |snapshot: &Snapshot| {
        let troubles = snapshot.troubles.iter().map(|trouble| trouble.what.said());
        troubles
            .filter(|what| !what.contains("dead letter") && !what.contains("alarm dead-orders"))
            .collect::<Vec<_>>()
    };
    assert!(!rest(&said("orders-in cannot read")).is_empty(), "the worker is broken");
    assert_eq!(rest(&said("All healthy again")), Vec::<String>::new());
}
