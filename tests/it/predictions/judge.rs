//! What was said before, held against what happened.

use std::collections::BTreeMap;

use jiff::Timestamp;
use pitagora::domain::delivery::{Deliveries, Delivery, Fate, Pattern};
use pitagora::sim::world::ground_truth::{Event, Landing, What};

use super::play::Played;

/// Why an attempt had no window where its event came back faster than logs are delivered.
pub const TOO_SOON: &str = "it came again before a line of the try before it could be read";

/// Why a batch that was given back by an invocation that succeeded had no row yet.
pub const GIVEN_BACK: &str = "partial batch responses are in no line";

/// How well predictions did.
#[derive(Default)]
pub struct Verdict {
    /// Attempts after the first.
    pub repeated: u32,
    /// Those that had a window.
    pub predicted: u32,
    /// Those that came within it.
    pub happened: u32,
    /// Those that did not, because what was told as the condition of it did not hold.
    pub excused: u32,
    /// Those whose time was marked unknown.
    pub unknown: u32,
    /// Those that came before the attempt before them could have been read.
    pub unseen: u32,
    /// The widest window, seconds.
    pub widest: f64,
    /// Events that ended after a failure.
    pub ends: u32,
    /// Those whose end had been said.
    pub ends_told: u32,
    /// Why those without a window had none, and how many: by who tries again, and the reason that is said.
    pub without: BTreeMap<(&'static str, String), u32>,
    /// What was not as it should be.
    pub wrong: Vec<String>,
}

impl Verdict {
    pub fn add(&mut self, other: &Self) {
        self.repeated += other.repeated;
        self.predicted += other.predicted;
        self.happened += other.happened;
        self.excused += other.excused;
        self.unknown += other.unknown;
        self.unseen += other.unseen;
        self.widest = self.widest.max(other.widest);
        self.ends += other.ends;
        self.ends_told += other.ends_told;
        for (reason, n) in &other.without {
            *self.without.entry(reason.clone()).or_default() += n;
        }
    }

    pub fn line(&self) -> String {
        format!(
            "{:>8} {:>9} {:>8} {:>8} {:>8} {:>6.1}s {:>6} {:>7}",
            self.repeated,
            self.predicted,
            self.happened,
            self.unknown,
            self.unseen,
            self.widest,
            self.ends,
            self.ends_told
        )
    }
}

/// One event, as the world knows it.
#[derive(Default)]
struct Story {
    function: String,
    begins: Vec<i64>,
    failed: bool,
    landed: Option<(i64, Landing)>,
}

/// Judges all that was said, after `seen_as` was done to it.
pub fn judge(played: &Played, seen_as: &dyn Fn(&Deliveries) -> Deliveries) -> Verdict {
    let mut stories: BTreeMap<&Event, Story> = BTreeMap::new();
    for entry in &played.truth {
        let story = stories.entry(&entry.event).or_default();
        match &entry.what {
            What::Begins { function, .. } => {
                story.function.clone_from(function);
                story.begins.push(entry.at);
            }
            What::Ends { well } => story.failed |= !well,
            What::Lands(landing) => story.landed = Some((entry.at, *landing)),
        }
    }
    let told: Vec<(i64, Deliveries)> = played.told.iter().map(|(at, told)| (*at, seen_as(told))).collect();
    let mut verdict = Verdict::default();
    for (event, story) in &stories {
        for pair in story.begins.windows(2).enumerate() {
            let (n, &[before, at]) = (pair.0 + 2, pair.1) else {
                continue;
            };
            // A line is read some time after it was written: what comes again before that cannot have been predicted.
            let unseen = at - before < played.blind_ms;
            verdict.attempt(&told, (event, story), n, unseen, at);
        }
        if let Some((at, landing)) = story.landed.filter(|_| story.failed) {
            verdict.landing(&told, (event, story), (at, landing), played);
        }
    }
    verdict
}

/// What was in force just before a moment.
fn before(told: &[(i64, Deliveries)], at: i64) -> Option<&Deliveries> {
    let next = told.partition_point(|(published, _)| *published < at);
    Some(&told[next.checked_sub(1)?].1)
}

/// The row of an event: its own, else the one that stands for several.
fn row<'a>(deliveries: &'a Deliveries, event: &Event, function: &str) -> Option<&'a Delivery> {
    let of_function = |row: &&Delivery| row.function.as_str().rsplit(':').next() == Some(function);
    let mut rows = deliveries.deliveries.iter().filter(of_function);
    match event {
        Event::Asynchronous(id) | Event::Call(id) => rows.find(|row| row.id == *id),
        Event::Message(_, id) => {
            let queue: Vec<&Delivery> = rows.filter(|row| row.pattern == Pattern::Queue).collect();
            let own = queue.iter().find(|row| row.id == *id);
            let estimate = || queue.iter().find(|row| row.id.starts_with("messages of"));
            own.filter(|row| row.end.is_none() || row.attempts.len() > 1)
                .or_else(estimate)
                .copied()
        }
        Event::Batch(..) => rows.find(|row| row.pattern == Pattern::Stream),
    }
}

fn time(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).expect("a time")
}

/// How wide a window may be, seconds.
fn allowed(event: &Event, n: usize) -> f64 {
    match (event, n) {
        (Event::Asynchronous(_), 2) => 20.0,
        (Event::Asynchronous(_), _) => 40.0,
        _ => 25.0,
    }
}

impl Verdict {
    fn attempt(
        &mut self,
        told: &[(i64, Deliveries)],
        (event, story): (&Event, &Story),
        n: usize,
        unseen: bool,
        at: i64,
    ) {
        self.repeated += 1;
        let row = before(told, at).and_then(|deliveries| row(deliveries, event, &story.function));
        let what = || format!("{} {event:?}, attempt {n} at {}", story.function, time(at));
        let kind = match event {
            Event::Asynchronous(_) => "asynchronous",
            Event::Call(_) => "call",
            Event::Message(..) => "queue",
            Event::Batch(..) => "stream",
        };
        let mut without = |reason: &str| {
            *self.without.entry((kind, reason.to_owned())).or_default() += 1;
        };
        let Some(row) = row else {
            if unseen {
                without(TOO_SOON);
                self.unseen += 1;
            } else if matches!(event, Event::Batch(..)) && !story.failed {
                // The mapping's last result tells, with the next survey.
                without(GIVEN_BACK);
                self.unknown += 1;
            } else {
                self.wrong.push(format!("{}: nothing had been said", what()));
            }
            return;
        };
        let Some(next) = &row.next else {
            if let Some(waits) = &row.waits {
                without(&waits.key());
                self.unknown += 1;
            } else if unseen {
                without(TOO_SOON);
                self.unseen += 1;
            } else {
                self.wrong.push(format!("{}: no attempt was expected: {row:?}", what()));
            }
            return;
        };
        let Some(latest) = next.latest else {
            // What is marked unknown says why.
            match &row.waits {
                Some(waits) => without(&waits.key()),
                None => self
                    .wrong
                    .push(format!("{}: no window, and no reason: {row:?}", what())),
            }
            self.unknown += 1;
            return;
        };
        self.predicted += 1;
        let width = latest.duration_since(next.earliest).as_secs_f64();
        self.widest = self.widest.max(width);
        if width > allowed(event, n) {
            self.wrong.push(format!("{}: a window of {width:.1} s", what()));
        }
        if next.earliest <= time(at) && time(at) <= latest {
            self.happened += 1;
        } else if !next.conditions.is_empty() {
            // Its condition did not hold.
            self.excused += 1;
        } else {
            self.wrong
                .push(format!("{}: predicted {}..{latest}: {row:?}", what(), next.earliest));
        }
    }

    fn landing(
        &mut self,
        told: &[(i64, Deliveries)],
        (event, story): (&Event, &Story),
        (at, landing): (i64, Landing),
        played: &Played,
    ) {
        let last = story.begins.last().copied().unwrap_or(at);
        let said = before(told, at).and_then(|deliveries| row(deliveries, event, &story.function));
        let what = || format!("{} {event:?} landed {landing:?} at {}", story.function, time(at));
        self.ends += 1;
        // Before: where it would end if it went on failing.
        if let Some(outlook) = said.and_then(|row| row.outlook.as_ref()) {
            let fits = landing == Landing::Processed || fits(outlook.fate, landing);
            if fits {
                self.ends_told += 1;
            } else {
                self.wrong.push(format!("{}: expected {outlook:?}", what()));
            }
        } else if let Some(end) = said.and_then(|row| row.end.as_ref()) {
            // Nothing was left to happen but this.
            if fits(end.fate, landing) {
                self.ends_told += 1;
            }
        } else if at - last < played.blind_ms {
            // It ended before its first attempt could be read.
        } else if !matches!(event, Event::Call(_) | Event::Batch(..)) {
            self.wrong.push(format!("{}: nothing had been said: {said:?}", what()));
        }
        // Afterwards: what is said of its end is so, or it is said not to be known.
        if played.until - at < played.blind_ms {
            return;
        }
        let Some((_, last)) = told.last() else { return };
        let own = last.deliveries.iter().find(|row| match event {
            Event::Asynchronous(id) | Event::Call(id) | Event::Message(_, id) => row.id == *id,
            Event::Batch(..) => false,
        });
        if let Some(end) = own.and_then(|row| row.end.as_ref())
            && end.fate != Fate::Unknown
            && !fits(end.fate, landing)
        {
            self.wrong.push(format!("{}: in the end it was said {end:?}", what()));
        }
    }
}

fn fits(fate: Fate, landing: Landing) -> bool {
    matches!(
        (fate, landing),
        (Fate::Succeeded, Landing::Processed)
            | (Fate::DeadLetter, Landing::DeadLetter)
            | (Fate::Destination, Landing::Destination)
            | (Fate::Dropped, Landing::Dropped)
            | (Fate::Expired, Landing::TooOld)
            | (Fate::Unknown, Landing::Caller)
    )
}
