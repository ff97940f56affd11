//! Nothing lost, nothing altered, duplicates at most the unknown sends: whatever fails, and wherever it is killed.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::model::{Fault, Faults, Model};
use super::{header, letter};
use crate::domain::QueueMessage;
use crate::redrive::record::Growth;
use crate::redrive::replay::Replay;
use crate::redrive::settings::{OnUnknown, Settings};

/// More steps than any run takes: an end that never comes is a failure.
const ENOUGH: usize = 200_000;

#[derive(Clone, Debug)]
struct Case {
    messages: usize,
    others: usize,
    groups: usize,
    seed: u64,
    faults: Faults,
    crashes: Vec<usize>,
    leave: bool,
    lanes: usize,
    rate: Option<u32>,
    /// Nothing is chosen at the start: it comes into sight group by group.
    grows: bool,
}

fn case() -> impl Strategy<Value = Case> {
    let faults = (
        0..60u8,
        prop_oneof![4 => Just(0u8), 1 => 1..10u8],
        prop_oneof![3 => Just(0u8), 1 => 1..8u8],
    );
    let crashes = proptest::collection::vec(1..600usize, 0..4);
    let shape = (1..45usize, 0..6usize, prop_oneof![2 => Just(0usize), 1 => 1..6usize]);
    let way = (any::<bool>(), 1..9usize, proptest::option::of(1..60u32), any::<bool>());
    (shape, any::<u64>(), faults, crashes, way).prop_map(
        |((messages, others, groups), seed, (calls, disk, rival), crashes, (leave, lanes, rate, grows))| Case {
            messages,
            others: if grows && groups > 0 { 0 } else { others },
            grows: grows && groups > 0,
            groups,
            seed,
            faults: Faults {
                calls,
                disk,
                rival,
                ..Faults::default()
            },
            crashes,
            leave,
            lanes,
            rate,
        },
    )
}

fn letters(case: &Case) -> (Vec<QueueMessage>, Vec<QueueMessage>) {
    let group = |n: usize| (case.groups > 0).then(|| format!("g{}", n % case.groups));
    let all = (0..case.messages + case.others).map(|n| letter(n, group(n).as_deref()));
    let mut all: Vec<_> = all.collect();
    let others = all.split_off(case.messages);
    (all, others)
}

/// What came of a case: messages counted, and how often each fault struck.
#[derive(Debug, Default)]
struct Count {
    messages: usize,
    delivered: usize,
    twice: u64,
    unknown: u64,
    struck: BTreeMap<Fault, usize>,
}

impl Count {
    fn add(&mut self, other: &Self) {
        self.messages += other.messages;
        self.delivered += other.delivered;
        self.twice += other.twice;
        self.unknown += other.unknown;
        for (fault, times) in &other.struck {
            *self.struck.entry(*fault).or_default() += times;
        }
    }
}

fn check(case: &Case) -> Result<Count, TestCaseError> {
    let (chosen, others) = letters(case);
    let settings = Settings {
        canary: 0,
        unknown: if case.leave {
            OnUnknown::Leave
        } else {
            OnUnknown::Resend
        },
        lanes: case.lanes,
        rate: case.rate,
        ..Settings::default()
    };
    let mut all = chosen.clone();
    all.extend(others.iter().cloned());
    let mut model = Model::new(all, case.seed);
    let seen = if case.grows { &[] } else { &chosen[..] };
    let mut head = header(seen, case.messages + case.others, case.groups > 0, settings);
    head.grows = case.grows.then_some(Growth::First);
    model.begin(&head);
    for steps in &case.crashes {
        if model.run(case.faults, *steps).is_none() {
            model.crash();
        }
    }
    // Runs that meet faults also end, and what they report is so.
    let summary = model.run(case.faults, ENOUGH);
    let summary = summary.ok_or_else(|| TestCaseError::fail("it never ended"))?;
    for letter in &chosen {
        let left = summary.left.iter().any(|left| left.message_id == letter.message_id);
        let lies = model.ids().contains(&letter.message_id.as_str());
        let done = !lies && model.copies(letter) > 0;
        let unseen = case.grows && !summary.is_complete();
        prop_assert!(left || done || unseen, "{} is said to be done", letter.message_id);
    }
    // And a last one without faults, after time for everybody else's visibility to end.
    model.now += 3_600_000;
    let summary = model.run(Faults::default(), ENOUGH);
    let summary = summary.ok_or_else(|| TestCaseError::fail("it never ended"))?;
    let replay = Replay::read(model.disk.as_bytes()).expect("a journal");
    prop_assert!(
        model.deleted_unsent.is_empty(),
        "deleted before sent: {:?}",
        model.deleted_unsent
    );
    let mut twice = 0;
    for letter in &chosen {
        let copies = model.copies(letter);
        let lies = model.ids().contains(&letter.message_id.as_str());
        prop_assert!(copies > 0 || lies, "{} is lost", letter.message_id);
        twice += copies.saturating_sub(1) as u64;
        let left = summary.left.iter().find(|left| left.message_id == letter.message_id);
        match left {
            None => {
                // What stays at the head of its group hides what is behind it.
                let hidden = case.grows && case.leave && !summary.is_complete();
                let done = copies > 0 && !lies;
                prop_assert!(done || hidden, "{} is said to be done", letter.message_id);
            }
            Some(left) => prop_assert!(case.leave, "{}: {:?}", left.message_id, left.why),
        }
    }
    prop_assert_eq!(
        model.delivered.len() as u64 - twice,
        chosen.iter().filter(|l| model.copies(l) > 0).count() as u64,
        "altered"
    );
    prop_assert!(twice <= summary.unknown, "{} twice, {} unknown", twice, summary.unknown);
    prop_assert_eq!(replay.unknown(), summary.unknown);
    for other in &others {
        prop_assert!(model.ids().contains(&other.message_id.as_str()) && model.copies(other) == 0);
    }
    if case.groups > 0 {
        in_order(&model, case)?;
    }
    Ok(Count {
        messages: chosen.len(),
        delivered: model.delivered.len(),
        twice,
        unknown: summary.unknown,
        struck: model.struck,
    })
}

/// First deliveries of a group come in its order.
fn in_order(model: &Model, case: &Case) -> Result<(), TestCaseError> {
    for group in 0..case.groups {
        let group = format!("g{group}");
        let mut last = None;
        let mut seen = Vec::new();
        for sent in model
            .delivered
            .iter()
            .filter(|sent| sent.group.as_deref() == Some(&group))
        {
            if seen.contains(&&sent.body) {
                continue;
            }
            seen.push(&sent.body);
            let number = sent.body.chars().filter(char::is_ascii_digit).collect::<String>();
            let number: usize = number.parse().expect("a number");
            prop_assert!(
                last.is_none_or(|last| number > last),
                "{group}: {number} after {last:?}"
            );
            last = Some(number);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]
    #[test]
    fn nothing_is_lost_altered_or_doubled_beyond_the_unknown(case in case()) {
        check(&case)?;
    }
}

#[test]
fn without_faults_everything_goes_once() {
    for seed in 0..20 {
        let case = Case {
            messages: 100,
            others: if seed % 3 == 2 { 0 } else { 7 },
            groups: usize::try_from(seed % 3).expect("small") * 4,
            seed,
            faults: Faults::default(),
            crashes: vec![50, 200],
            leave: false,
            lanes: 4,
            rate: None,
            grows: seed % 3 == 2,
        };
        check(&case).expect("kept");
    }
}

#[test]
fn a_run_that_waits_for_what_comes_into_sight_ends_where_the_queue_never_answers() {
    let faults = Faults {
        at: Some((0, Fault::Expired)),
        ..Faults::default()
    };
    let case = Case {
        grows: true,
        ..small(1, faults)
    };
    check(&case).expect("it ends, and says that it is not complete");
}

/// A few messages, of groups or none, in an order of events that the seed decides.
fn small(seed: u64, faults: Faults) -> Case {
    Case {
        messages: 5,
        others: usize::from(seed.is_multiple_of(2)),
        groups: if seed.is_multiple_of(2) { 0 } else { 2 },
        seed,
        faults,
        crashes: Vec::new(),
        leave: false,
        lanes: 2,
        rate: None,
        grows: false,
    }
}

#[test]
fn each_fault_between_any_two_steps_keeps_the_promise() {
    for fault in Fault::ALL {
        let mut count = Count::default();
        for seed in 0..6 {
            for at in 0..60 {
                let at = Some((at, fault));
                let case = small(
                    seed,
                    Faults {
                        at,
                        ..Faults::default()
                    },
                );
                let result = check(&case);
                count.add(&result.unwrap_or_else(|why| panic!("{why}: {case:?}")));
            }
        }
        println!("{fault:?}: {count:?}");
        assert!(count.struck[&fault] > 20, "{fault:?} hardly ever struck: {count:?}");
    }
}

#[test]
fn a_crash_between_any_two_steps_keeps_the_promise() {
    let mut count = Count::default();
    for seed in 0..6 {
        for at in 1..200 {
            let crashes = vec![at];
            let case = Case {
                crashes,
                ..small(seed, Faults::default())
            };
            let result = check(&case);
            count.add(&result.unwrap_or_else(|why| panic!("{why}: {case:?}")));
        }
    }
    println!("crashes: {count:?}");
    assert!(
        count.unknown > 100,
        "no crash fell between a send and its record: {count:?}"
    );
}

#[test]
fn each_fault_again_and_again_keeps_the_promise() {
    for only in Fault::ALL {
        let mut count = Count::default();
        for seed in 0..60 {
            let faults = Faults {
                calls: [5, 20, 50][usize::try_from(seed % 3).expect("small")],
                only: Some(only),
                ..Faults::default()
            };
            let case = Case {
                messages: 30,
                crashes: vec![100, 300],
                ..small(seed, faults)
            };
            let result = check(&case);
            count.add(&result.unwrap_or_else(|why| panic!("{why}: {case:?}")));
        }
        println!("{only:?}: {count:?}");
        assert!(count.struck[&only] > 20, "{only:?} hardly ever struck: {count:?}");
    }
}
