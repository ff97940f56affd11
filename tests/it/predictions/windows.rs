//! Every window that was ever told, held against what happened: not only the one in force when an attempt began, but also
//! those that had passed by then, and those in which nothing came.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use pitagora::domain::delivery::{Deliveries, Delivery, Pattern, Prediction};
use pitagora::sim::world::ground_truth::{Event, What};

use super::play::Played;

/// How the windows of one scenario did.
#[derive(Default)]
pub struct Tally {
    /// Windows told, each counted once.
    pub all: u32,
    /// Those told without a condition.
    pub sure: u32,
    /// Those in which the attempt came.
    pub kept: u32,
    /// Widths of the windows told without a condition, seconds.
    pub widths: Vec<f64>,
    /// Windows without a condition in which nothing came.
    pub missed: Vec<String>,
    /// Windows with a condition in which nothing came.
    pub excused: u32,
}

impl Tally {
    pub fn add(&mut self, other: &Self) {
        self.all += other.all;
        self.sure += other.sure;
        self.kept += other.kept;
        self.excused += other.excused;
        self.widths.extend(&other.widths);
        self.missed.extend(other.missed.iter().cloned());
    }

    /// The width that half of them are below, seconds; nothing where there is no window.
    pub fn median(&self) -> Option<f64> {
        let mut widths = self.widths.clone();
        widths.sort_by(f64::total_cmp);
        widths.get(widths.len() / 2).copied()
    }

    /// Windows without a condition, in percent; nothing where there is no window.
    pub fn share(&self) -> Option<u32> {
        (100 * self.sure).checked_div(self.all)
    }

    pub fn line(&self) -> String {
        let share = self.share().map_or("-".to_owned(), |share| format!("{share} %"));
        let median = self.median().map_or("-".to_owned(), |width| format!("{width:.1}s"));
        format!(
            "{:>7} {share:>8} {:>6} {:>7} {:>8} {median:>7}",
            self.all,
            self.kept,
            self.missed.len(),
            self.excused
        )
    }
}

/// What one window says, so that it is counted once.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Said {
    function: String,
    id: String,
    attempt: u32,
    earliest: Timestamp,
    latest: Timestamp,
    sure: bool,
}

fn of(row: &Delivery, next: &Prediction, latest: Timestamp) -> Said {
    let name = row.function.as_str().rsplit(':').next().unwrap_or_default();
    Said {
        function: name.to_owned(),
        id: row.id.clone(),
        attempt: next.attempt,
        earliest: next.earliest,
        latest,
        sure: next.conditions.is_empty(),
    }
}

/// Holds all windows that were told, after `seen_as` was done to them.
pub fn hold(played: &Played, seen_as: &dyn Fn(&Deliveries) -> Deliveries) -> Tally {
    // When an attempt of each event began, by the id that a row has; and of any event, by function.
    let mut of_event: BTreeMap<(&str, &str), Vec<i64>> = BTreeMap::new();
    let mut of_function: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
    for entry in &played.truth {
        let What::Begins { function, .. } = &entry.what else {
            continue;
        };
        of_function.entry(function).or_default().push(entry.at);
        if let Event::Asynchronous(id) | Event::Call(id) | Event::Message(_, id) = &entry.event {
            of_event.entry((function, id)).or_default().push(entry.at);
        }
    }
    let mut said: BTreeSet<Said> = BTreeSet::new();
    for (_, told) in &played.told {
        let told = seen_as(told);
        for row in &told.deliveries {
            if let Some((next, latest)) = row.next.as_ref().and_then(|next| Some((next, next.latest?))) {
                said.insert(of(row, next, latest));
            }
            assert!(
                row.pattern != Pattern::Stream || row.next.as_ref().is_none_or(|next| next.latest.is_none()),
                "AWS publishes no waits of streams: {row:?}"
            );
        }
    }
    let mut tally = Tally::default();
    for one in said {
        let own = of_event.get(&(one.function.as_str(), one.id.as_str()));
        let begins = own
            .or_else(|| of_function.get(one.function.as_str()))
            .map_or(&[][..], Vec::as_slice);
        let within = |at: &i64| (one.earliest.as_millisecond()..=one.latest.as_millisecond()).contains(at);
        let came = begins.iter().any(within);
        if !came && one.latest.as_millisecond() >= played.until {
            continue;
        }
        tally.all += 1;
        tally.sure += u32::from(one.sure);
        tally.kept += u32::from(came);
        if one.sure {
            tally.widths.push(one.latest.duration_since(one.earliest).as_secs_f64());
        }
        match (came, one.sure) {
            (true, _) => {}
            (false, true) => tally.missed.push(format!(
                "{}: {} {}: attempt {} in {}..{}, which began at {:?}",
                played.name,
                one.function,
                one.id,
                one.attempt,
                one.earliest,
                one.latest,
                begins
                    .iter()
                    .map(|at| Timestamp::from_millisecond(*at).expect("a time").to_string())
                    .collect::<Vec<_>>()
            )),
            (false, false) => tally.excused += 1,
        }
    }
    tally
}
