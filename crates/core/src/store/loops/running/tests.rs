//! Each kind of evidence that a loop runs, and what looks like it and is none.

use super::*;
use crate::domain::{RunOutcome, RunReport};

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(1_800_000_000_000 + ms).expect("a time")
}

fn run(start: i64, end: i64) -> Invocation {
    Invocation {
        function: "f".into(),
        request_id: format!("r{start}"),
        attempt: 1,
        stream: "s".into(),
        start: Some(at(start)),
        end: Some(at(end)),
        outcome: RunOutcome::Ok,
        error: None,
        report: RunReport {
            billed_ms: Some(200),
            memory_mb: Some(1024),
            ..RunReport::default()
        },
        xray: None,
        version: None,
        message_ids: Vec::new(),
    }
}

fn seen(runs: &[Invocation], others: usize) -> Seen<'_> {
    Seen {
        runs: runs.iter().collect(),
        others: Some(others),
        is_serial_anyway: false,
        hop: Hop::Usual,
        is_stopped: false,
        is_filtered: false,
    }
}

fn judged(runs: &[Invocation], others: usize, now: i64) -> Option<Sign> {
    traffic(&seen(runs, others), at(now))?.sign
}

/// Numbers from 0 to 1 that follow no rule.
fn chances(seed: u64) -> impl Iterator<Item = f64> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    std::iter::repeat_with(move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        #[expect(clippy::cast_precision_loss, reason = "a fraction of one")]
        let chance = ((state >> 11) as f64 + 1.0) / (1_u64 << 53) as f64;
        chance
    })
    .skip(8)
}

#[expect(clippy::cast_possible_truncation, reason = "milliseconds")]
fn ms(value: f64) -> i64 {
    value as i64
}

/// Invocations of 200 ms, each 300 to 900 ms after the end of the last.
fn in_a_row(count: usize) -> (Vec<Invocation>, i64) {
    let mut time = 0;
    let mut runs = Vec::new();
    for chance in chances(7).take(count) {
        runs.push(run(time, time + 200));
        time += 500 + ms(chance * 600.0);
    }
    (runs, time)
}

#[test]
fn invocations_that_follow_one_another_run_in_a_circle() {
    let (runs, now) = in_a_row(120);
    let found = traffic(&seen(&runs, 0), at(now)).expect("invocations");
    assert!(
        matches!(found.sign, Some(Sign::OneByOne { count: 120, .. })),
        "{found:?}"
    );
    assert!((found.a_minute - 75.0).abs() < 5.0, "{found:?}");
    // 75 a minute of 0.2 s at 1 GB: 4,500 x (0.0000002 + 0.00000333) an hour.
    assert!((found.dollars_an_hour - 0.0159).abs() < 0.001, "{found:?}");
    let serial = Seen {
        is_serial_anyway: true,
        ..seen(&runs, 0)
    };
    let busy = traffic(&serial, at(now)).expect("invocations");
    assert_eq!(busy.sign, None, "a concurrency of 1 makes them come one by one");
    let open = Seen {
        others: None,
        ..seen(&runs, 0)
    };
    assert_eq!(traffic(&open, at(now)).expect("invocations").sign, None);
}

/// Invocations of 150 to 400 ms, each one to five seconds after the end of the last.
#[test]
fn a_buckets_notifications_take_longer_and_run_in_a_circle_too() {
    let mut time = 0;
    let mut runs = Vec::new();
    for (work, hop) in chances(11).zip(chances(12)).take(80) {
        let end = time + 150 + ms(work * 250.0);
        runs.push(run(time, end));
        time = end + 1_000 + ms(hop * 4_000.0);
    }
    let slow = Seen {
        hop: Hop::Slow,
        ..seen(&runs, 0)
    };
    let busy = traffic(&slow, at(time)).expect("invocations");
    assert!(matches!(busy.sign, Some(Sign::OneByOne { .. })), "{busy:?}");
    assert_eq!(judged(&runs, 0, time), None, "no other delivery takes so long");
    let stopped = |runs| {
        let seen = Seen {
            hop: Hop::Slow,
            is_stopped: true,
            ..seen(runs, 0)
        };
        traffic(&seen, at(time)).expect("invocations").sign
    };
    assert_eq!(stopped(&runs), None, "AWS would have ended it after about 16");
    assert!(stopped(&runs[..16]).is_some(), "these are what it let through");
}

/// A clock and chance make no loop of a bucket either.
#[test]
fn slow_traffic_by_a_clock_or_by_chance_is_no_loop() {
    let clock: Vec<_> = (0..90)
        .zip(chances(3))
        .map(|(n, late)| run(n * 3_000 + ms(late * 1_000.0), n * 3_000 + 200 + ms(late * 1_000.0)))
        .collect();
    let mut time = 0.0;
    let mut chance = Vec::new();
    for value in chances(9) {
        time += -2_500.0 * value.ln();
        if time > 270_000.0 {
            break;
        }
        chance.push(run(ms(time), ms(time) + 10));
    }
    for runs in [clock, chance] {
        let slow = Seen {
            hop: Hop::Slow,
            ..seen(&runs, 0)
        };
        assert_eq!(traffic(&slow, at(270_000)).expect("invocations").sign, None);
    }
}

/// A prefix: uploads keep their pace however long the function works, and a loop waits for its end.
#[test]
fn what_a_filter_lets_through_begins_after_the_end_of_the_last() {
    for seed in 1..200 {
        let (mut time, mut looped, mut uploaded, mut next) = (0, Vec::new(), Vec::new(), 0);
        for (work, hop) in chances(seed).zip(chances(seed + 1_000)).take(270) {
            let work = 150 + ms(work * 250.0);
            looped.push(run(time, time + work));
            time += work + 300 + ms(hop * 400.0);
            uploaded.push(run(next, next + work));
            next += 600 + ms(hop * 1_000.0);
        }
        let filtered = |runs, now| {
            let seen = Seen {
                is_filtered: true,
                ..seen(runs, 0)
            };
            traffic(&seen, at(now)).expect("invocations").sign
        };
        assert!(filtered(&looped, time).is_some(), "seed {seed}");
        assert_eq!(filtered(&uploaded, next), None, "seed {seed}");
    }
}

#[test]
fn ends_that_come_late_and_one_from_elsewhere_do_not_hide_a_loop() {
    let (mut runs, now) = in_a_row(120);
    for run in runs.iter_mut().rev().take(3) {
        run.end = None;
    }
    runs.push(run(30_000, 31_000));
    assert!(judged(&runs, 0, now).is_some());
}

#[test]
fn few_invocations_other_causes_and_pauses_prove_nothing() {
    let (runs, now) = in_a_row(14);
    assert_eq!(judged(&runs, 0, now), None, "too few");
    let (runs, now) = in_a_row(120);
    assert_eq!(
        judged(&runs, 80, now),
        None,
        "a queue from elsewhere brought most of them"
    );
    let (mut runs, now) = in_a_row(120);
    for (n, run) in (0..).zip(&mut runs) {
        let later = SignedDuration::from_secs(n / 20 * 15);
        run.start = run.start.map(|at| at + later);
        run.end = run.end.map(|at| at + later);
    }
    assert_eq!(
        judged(&runs, 0, now + 75_000),
        None,
        "five pauses of more than a delivery"
    );
}

/// Short invocations that come by chance: nearly none overlaps or pauses for long.
#[test]
fn what_comes_by_chance_is_no_loop() {
    for (mean, seed) in [500.0, 1_000.0, 2_000.0].into_iter().zip(0..).cycle().take(300) {
        let mut time = 0.0;
        let mut runs = Vec::new();
        for chance in chances(seed) {
            time += -mean * chance.ln();
            if time > 300_000.0 {
                break;
            }
            runs.push(run(ms(time), ms(time) + 10));
        }
        assert_eq!(judged(&runs, 0, 300_000), None, "seed {seed}");
    }
}

#[test]
fn a_clock_and_a_crowd_are_no_loop() {
    let clock: Vec<_> = (0..200).map(|n| run(n * 1_000, n * 1_000 + 200)).collect();
    assert_eq!(judged(&clock, 0, 200_000), None);
    // What a clock sends arrives a little late, each time by another little.
    let late: Vec<_> = (0..200)
        .zip(chances(3))
        .map(|(n, chance)| run(n * 1_000 + ms(chance * 500.0), n * 1_000 + 200 + ms(chance * 500.0)))
        .collect();
    assert_eq!(judged(&late, 0, 200_000), None);
    let crowd: Vec<_> = (0..200)
        .zip(chances(5))
        .map(|(n, chance)| run(n * 1_000, n * 1_000 + 200 + ms(chance * 3_000.0)))
        .collect();
    assert_eq!(judged(&crowd, 0, 200_000), None);
}

#[test]
fn a_rate_that_doubles_each_minute_is_a_loop_that_grows() {
    let mut runs = Vec::new();
    for (minute, count) in [(0, 10), (1, 20), (2, 40), (3, 80)] {
        runs.extend((0..count).map(|n| {
            let start = minute * 60_000 + n * 60_000 / count;
            run(start, start + 5_000)
        }));
    }
    assert_eq!(judged(&runs, 0, 240_000 - 1), Some(Sign::Rising { from: 10, to: 80 }));
}

/// A message that is sent in the middle of an invocation is there before its end.
#[test]
fn what_is_sent_before_the_end_runs_in_a_circle_too() {
    let mut time = 0;
    let mut runs = Vec::new();
    for (sent, hop) in chances(21).zip(chances(22)).take(60) {
        runs.push(run(time, time + 200));
        time += 80 + ms(sent * 100.0) + 20 + ms(hop * 100.0);
    }
    assert!(judged(&runs, 0, time).is_some());
    for run in &mut runs {
        run.end = run.start.map(|start| start + SignedDuration::from_secs(2));
    }
    assert_eq!(judged(&runs, 0, time), None, "many at once");
}

/// A line that was lost is a beat missed, and no drift.
#[test]
fn a_clock_that_misses_beats_is_a_clock() {
    let clock = |seed| {
        let beats = chances(seed).enumerate().filter(|(n, _)| n % 67 != 50).take(200);
        let runs: Vec<_> = beats
            .map(|(n, late)| {
                let start = i64::try_from(n).expect("a number") * 1_000 + ms(late * 500.0);
                run(start, start + 100)
            })
            .collect();
        judged(&runs, 0, 205_000).is_some()
    };
    assert_eq!((1..100).filter(|seed| clock(*seed)).count(), 0);
}

/// One event that goes round, by whatever way.
#[test]
fn every_way_of_delivery_is_seen_to_run_soon() {
    for (work, least, most, soon) in [
        (200, 95, 720, 30),      // a rule of EventBridge
        (50, 45, 420, 30),       // a topic
        (100, 5, 250, 60),       // a table's stream, polled four times a second
        (300, 1_000, 5_000, 30), // a bucket
    ] {
        let after = |count| {
            let is_seen = |seed| {
                let mut time = 0;
                let mut runs = Vec::new();
                for chance in chances(seed).take(count) {
                    #[expect(clippy::cast_precision_loss, reason = "milliseconds")]
                    let hop = least + ms(chance * (most - least) as f64);
                    runs.push(run(time, time + work));
                    time += work + hop;
                }
                let slow = Seen {
                    hop: if most > 2_000 { Hop::Slow } else { Hop::Usual },
                    ..seen(&runs, 0)
                };
                traffic(&slow, at(time)).is_some_and(|busy| busy.sign.is_some())
            };
            (1..200).filter(|seed| is_seen(*seed)).count()
        };
        assert!(after(16) > 100, "{most}: {} of 199 after 16", after(16));
        assert!(after(soon) > 185, "{most}: {} of 199 after {soon}", after(soon));
    }
}

/// A clock's jitter, and chance: hardly ever taken for a loop by few invocations, and never by many.
#[test]
fn few_invocations_by_a_clock_or_by_chance_are_seldom_taken_for_a_loop() {
    let taken = |count: usize, next: &dyn Fn(f64) -> f64, late: f64| {
        let is_taken = |seed| {
            let mut time = 0.0;
            let mut starts: Vec<i64> = chances(seed)
                .zip(chances(seed + 1_000))
                .take(count)
                .map(|(step, hop)| {
                    time += next(step);
                    ms(time + hop * late)
                })
                .collect();
            starts.sort_unstable();
            let now = starts.last().copied().unwrap_or(0) + 1_000;
            let runs: Vec<_> = starts.into_iter().map(|start| run(start, start + 50)).collect();
            judged(&runs, 0, now).is_some()
        };
        (1..400).filter(|seed| is_taken(*seed)).count()
    };
    for (name, next, late) in [
        ("clock", &(|_| 1_000.0) as &dyn Fn(f64) -> f64, 500.0),
        ("slow clock", &|_| 5_000.0, 4_000.0),
        ("chance", &|chance: f64| -1_500.0 * chance.ln(), 0.0),
    ] {
        let (few, many) = (taken(20, next, late), taken(60, next, late));
        assert!(few < 40 && many <= 4, "{name}: {few} of 399 after 20, {many} after 60");
    }
}
