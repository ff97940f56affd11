//! Reads a log group in a sliding, overlapping window, without I/O: what to request next, and what a response means.
//!
//! ```text
//!  since              complete mark            read to     now
//!    ├──────────────────────┼───────────────────┼──────────┤
//!     nothing more expected   is read again      is new
//! ```
//!
//! A reading starts a little before the complete mark and ends now. If that is more than one page, the new part is read
//! three times for each reading of the whole window, so that a flood does not delay the newest lines.
//!
//! If earlier lines are requested, the part before `since` is read once, page by page in turn with the new part, and
//! `since` moves when it is complete.

mod seen;

use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use jiff::{SignedDuration, Timestamp};

use crate::domain::log::{Event, Line, Page};
use crate::domain::{Endless, Pages};
pub use seen::Seen;

/// Lines of AWS's own runtimes show within seconds, others may take longer: no mark is set closer than this.
pub const LEAST_LATENESS: SignedDuration = SignedDuration::from_secs(90);
/// However late a line came, the mark does not stay farther behind.
pub const MOST_LATENESS: SignedDuration = SignedDuration::from_mins(10);
/// A lateness that was seen counts for so long.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(1);
/// A line is expected to have arrived once it is older than this, or than the observed lateness if that is more: enough to
/// count an invocation as succeeded if no failure was logged.
pub const LEAST_USUAL: SignedDuration = SignedDuration::from_secs(1);
/// Longest delay before an invocation counts as succeeded, however late lines were.
pub const MOST_USUAL: SignedDuration = SignedDuration::from_secs(30);
/// Each reading begins so far behind the complete mark, to find what came in late after all.
const MARGIN: SignedDuration = SignedDuration::from_secs(30);
/// Now and then one begins this far behind it.
const DEEP: SignedDuration = SignedDuration::from_mins(10);
/// Which is every so many readings.
const DEEP_EVERY: u32 = 12;
/// A reading of what is new begins so far behind the last one's end.
const OVERLAP: SignedDuration = SignedDuration::from_secs(5);
/// The clocks of the account and of this machine may differ by a little.
const AHEAD: SignedDuration = SignedDuration::from_mins(1);
/// Pages in a row without a line before a reading is given up. AWS (apis): a page is as much as was searched in a while, so that many
/// are empty where few lines match.
const IDLE_PAGES: u32 = 1_000;
/// Readings of what is new between two of a window that takes more than a page.
const NEW_BETWEEN: u32 = 3;

/// What to ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// From this time on.
    pub from: Timestamp,
    /// Up to this time.
    pub to: Timestamp,
    /// Going on from an earlier answer.
    pub token: Option<String>,
}

/// What an answer brought.
#[derive(Clone, Debug, Default)]
pub struct Brought {
    /// Lines not seen before, in time order.
    pub lines: Vec<Line>,
    /// How many of them arrived behind the complete mark.
    pub late: u64,
    /// For each of the first lines, which are so old that earlier lines of their time are forgotten: the number of equal
    /// lines up to it in this reading.
    pub nth: Vec<u32>,
    /// Whether the reading is at its end.
    pub done: bool,
    /// The reading has no end: it was given up, and the next one begins anew.
    pub endless: Option<Endless>,
}

/// A reading under way.
#[derive(Clone, Debug)]
struct Pass {
    from: Timestamp,
    to: Timestamp,
    began: Timestamp,
    /// Where to go on: a page's token, or a time where a full page came without one.
    next: Next,
    pages: u32,
    /// The tokens since the last page that came without one.
    tokens: Pages,
    /// Up to where the group had been read when this began.
    read_before: Option<Timestamp>,
    /// The oldest line that was new although its time had been read before.
    missed: Option<Timestamp>,
    latest: Option<Timestamp>,
    /// Counts of events without an ID in this reading, to distinguish equal ones.
    twins: HashMap<(Timestamp, u64), u32>,
    /// The same for those with an ID, if it is forgotten whether they were passed on before.
    equals: HashMap<(Timestamp, u64), u32>,
}

#[derive(Clone, Debug)]
enum Next {
    From(Timestamp),
    Token(Timestamp, String),
}

/// How one group is read.
#[derive(Clone, Debug)]
pub struct Window {
    since: Timestamp,
    read_to: Option<Timestamp>,
    complete_to: Option<Timestamp>,
    settled_to: Option<Timestamp>,
    pass: Option<Pass>,
    /// Where the readings of what is new began.
    first: Timestamp,
    /// From when on it is wanted: at `since`, or before.
    wanted: Timestamp,
    /// The reading of the earlier part.
    back: Option<Pass>,
    /// Whether the question that waits for its answer, or else the next one, is of that.
    backwards: bool,
    /// The largest lateness seen, and when.
    lateness: Option<(SignedDuration, Timestamp)>,
    /// The largest lateness of any line, also of one that came before its time was read, and when.
    usual: Option<(SignedDuration, Timestamp)>,
    /// Whether the whole window fitted on one page the last time.
    light: bool,
    /// Readings of the whole window so far, and of what is new since the last of them.
    whole_passes: u32,
    new_passes: u32,
    cut: u64,
}

fn minus(at: Timestamp, span: SignedDuration) -> Timestamp {
    at.checked_sub(span).unwrap_or(Timestamp::UNIX_EPOCH)
}

fn plus(at: Timestamp, span: SignedDuration) -> Timestamp {
    at.checked_add(span).unwrap_or(at)
}

fn hash(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

impl Pass {
    fn new(from: Timestamp, to: Timestamp, began: Timestamp, read_before: Option<Timestamp>) -> Self {
        Self {
            from,
            to,
            began,
            next: Next::From(from),
            pages: 0,
            tokens: Pages::with_idle(IDLE_PAGES),
            read_before,
            missed: None,
            latest: None,
            twins: HashMap::new(),
            equals: HashMap::new(),
        }
    }
}

impl Window {
    /// A window that begins at a time.
    #[must_use]
    pub fn new(since: Timestamp) -> Self {
        Self {
            since,
            read_to: None,
            complete_to: None,
            settled_to: None,
            pass: None,
            first: since,
            wanted: since,
            back: None,
            backwards: false,
            lateness: None,
            usual: None,
            light: true,
            whole_passes: 0,
            new_passes: 0,
            cut: 0,
        }
    }

    /// From when on it reads.
    #[must_use]
    pub fn since(&self) -> Timestamp {
        self.since
    }

    /// Up to when it was read; `None` before the first reading ended.
    #[must_use]
    pub fn read_to(&self) -> Option<Timestamp> {
        self.read_to
    }

    /// Behind this mark nothing is expected any more.
    #[must_use]
    pub fn complete_to(&self) -> Option<Timestamp> {
        self.complete_to
    }

    /// Behind this mark lines are usually all there, by the lateness seen; much closer to now than the complete mark.
    #[must_use]
    pub fn settled_to(&self) -> Option<Timestamp> {
        self.settled_to
    }

    /// Milliseconds that held more events than a page, where the endpoint gave no way to the rest.
    #[must_use]
    pub fn cut(&self) -> u64 {
        self.cut
    }

    /// Whether a reading is under way.
    #[must_use]
    pub fn is_reading(&self) -> bool {
        self.pass.is_some() || self.is_reading_back()
    }

    /// Whether lines of before `since` are wanted and not all there.
    #[must_use]
    pub fn is_reading_back(&self) -> bool {
        self.wanted < self.since
    }

    /// The oldest time that may be asked for again: what was seen of it must be remembered.
    #[must_use]
    pub fn oldest(&self) -> Timestamp {
        let oldest = minus(self.mark(), DEEP);
        self.back.as_ref().map_or(oldest, |back| oldest.min(back.from))
    }

    /// Requests lines from this time on, even if it is before everything read so far.
    pub fn reach_back(&mut self, wanted: Timestamp) {
        self.wanted = self.wanted.min(wanted);
        if self.read_to.is_none() && self.wanted < self.since {
            // Nothing was read whole yet: the first reading begins there.
            self.since = self.wanted;
            self.first = self.wanted;
            self.pass = None;
        }
    }

    /// How late a line may come, as far as was seen in the last hour.
    #[must_use]
    pub fn lateness(&self, now: Timestamp) -> SignedDuration {
        match self.lateness {
            Some((lateness, seen)) if now.duration_since(seen) < REMEMBERED => {
                lateness.clamp(LEAST_LATENESS, MOST_LATENESS)
            }
            _ => LEAST_LATENESS,
        }
    }

    fn usual(&self, now: Timestamp) -> SignedDuration {
        let seen = self.usual.filter(|(_, seen)| now.duration_since(*seen) < REMEMBERED);
        seen.map_or(LEAST_USUAL, |(lateness, _)| lateness.clamp(LEAST_USUAL, MOST_USUAL))
    }

    /// Goes on from where another window came to.
    pub fn take_over(&mut self, other: &Self) {
        self.read_to = self.read_to.max(other.read_to);
        self.complete_to = self.complete_to.max(other.complete_to);
        self.settled_to = self.settled_to.max(other.settled_to);
        self.lateness = self.lateness.max(other.lateness);
        self.usual = self.usual.max(other.usual);
        self.pass = None;
    }

    /// Abandons the current reading because its token was refused. The next one starts again; no line is passed on twice.
    pub fn give_up(&mut self) {
        self.pass = None;
        self.back = None;
    }

    /// The next question. It stays the same until it is answered.
    pub fn ask(&mut self, now: Timestamp) -> Ask {
        // What is new goes first; then both take turns.
        let pass = if self.backwards {
            let (from, to) = (self.wanted, minus(self.since, SignedDuration::from_millis(1)));
            self.back.get_or_insert_with(|| Pass::new(from, to, now, None))
        } else {
            let pass = self.pass.take().unwrap_or_else(|| self.begin(now));
            self.pass.insert(pass)
        };
        let (from, token) = match &pass.next {
            Next::From(from) => (*from, None),
            Next::Token(from, token) => (*from, Some(token.clone())),
        };
        Ask {
            from,
            to: pass.to,
            token,
        }
    }

    /// What is new is read from here on.
    fn mark(&self) -> Timestamp {
        self.complete_to.unwrap_or(self.first)
    }

    fn begin(&mut self, now: Timestamp) -> Pass {
        let mark = self.mark();
        let from = match self.read_to {
            Some(read_to) if !self.light && self.new_passes < NEW_BETWEEN => {
                self.new_passes += 1;
                minus(read_to, OVERLAP).max(mark)
            }
            _ => {
                self.new_passes = 0;
                self.whole_passes = self.whole_passes.wrapping_add(1);
                let deep = self.whole_passes.is_multiple_of(DEEP_EVERY);
                minus(mark, if deep { DEEP } else { MARGIN }).max(self.since)
            }
        };
        Pass::new(from, plus(now, AHEAD).max(from), now, self.read_to)
    }

    /// Takes an answer to the last question.
    pub fn answer(&mut self, seen: &mut Seen, page: Page, now: Timestamp) -> Brought {
        let backwards = self.backwards;
        let pass = if backwards { &mut self.back } else { &mut self.pass };
        let Some(mut pass) = pass.take() else {
            return Brought::default();
        };
        pass.pages += 1;
        let mut brought = Brought::default();
        let mut nth: Vec<(Timestamp, u32)> = Vec::new();
        if let Err(endless) = pass.tokens.turn_new(page.token.as_deref(), !page.events.is_empty()) {
            brought.endless = Some(endless);
        }
        for event in page.events {
            self.event(seen, &mut pass, event, now, &mut brought, &mut nth);
        }
        brought.lines.sort_by_key(|line| line.at);
        nth.sort_by_key(|(at, _)| *at);
        brought.nth = nth.into_iter().map(|(_, nth)| nth).collect();
        if brought.endless.is_some() {
            // The other reading, if there is one, takes its turn.
        } else if let Some(next) = self.next(&mut pass, page.token, page.full) {
            pass.next = next;
            let place = if backwards { &mut self.back } else { &mut self.pass };
            *place = Some(pass);
        } else {
            brought.done = true;
            if backwards {
                self.since = self.since.min(pass.from);
            } else {
                self.end(&pass);
            }
        }
        self.backwards = !backwards && self.is_reading_back();
        brought
    }

    /// Where a reading goes on, if it does.
    fn next(&mut self, pass: &mut Pass, token: Option<String>, full: bool) -> Option<Next> {
        let asked_from = match &pass.next {
            Next::From(from) | Next::Token(from, _) => *from,
        };
        match (token, pass.latest) {
            (Some(token), _) => Some(Next::Token(asked_from, token)),
            (None, Some(latest)) if full && latest < pass.to => {
                // What comes next begins with the last time of this page once more, so that twins count from one.
                pass.twins.clear();
                pass.tokens = Pages::with_idle(IDLE_PAGES);
                if latest > asked_from {
                    return Some(Next::From(latest));
                }
                // One millisecond holds more than a page: the rest of it cannot be had.
                self.cut += 1;
                Some(Next::From(plus(latest, SignedDuration::from_millis(1))))
            }
            (None, _) => None,
        }
    }

    fn event(
        &mut self,
        seen: &mut Seen,
        pass: &mut Pass,
        event: Event,
        now: Timestamp,
        brought: &mut Brought,
        nth: &mut Vec<(Timestamp, u32)>,
    ) {
        let Event { id, ingested, line } = event;
        let count = |counts: &mut HashMap<(Timestamp, u64), u32>| {
            let count = counts.entry((line.at, hash((&line.stream, &line.text)))).or_default();
            *count += 1;
            *count
        };
        let twin = id.is_none().then(|| count(&mut pass.twins));
        let key = match (&id, twin) {
            (Some(id), _) => hash(id),
            (None, twin) => hash((line.at, &line.stream, &line.text, twin.unwrap_or(1))),
        };
        pass.latest = pass.latest.max(Some(line.at));
        if !seen.insert(line.at, key) {
            return;
        }
        if seen.forgotten().is_some_and(|forgotten| line.at < forgotten) {
            nth.push((line.at, twin.unwrap_or_else(|| count(&mut pass.equals))));
        }
        let missed = pass.read_before.is_some_and(|read_to| line.at <= read_to);
        let came = ingested.or(missed.then_some(now)).unwrap_or(line.at);
        let lateness = came.duration_since(line.at);
        if lateness > self.usual(now) {
            self.usual = Some((lateness.min(MOST_USUAL), now));
        }
        if missed {
            pass.missed = Some(pass.missed.map_or(line.at, |before| before.min(line.at)));
            if lateness > self.lateness(now) {
                self.lateness = Some((lateness.min(MOST_LATENESS), now));
            }
        }
        // What was before all that was read does not come late.
        if self.since <= line.at && self.complete_to.is_some_and(|mark| line.at < mark) {
            brought.late += 1;
        }
        brought.lines.push(line);
    }

    /// A reading came to its end.
    fn end(&mut self, pass: &Pass) {
        let mark = self.mark();
        if pass.from <= mark {
            self.light = pass.pages == 1;
            if let Some(read_before) = pass.read_before {
                // What this reading and an earlier one agree on, and what is old enough.
                let agreed = read_before
                    .min(pass.missed.unwrap_or(Timestamp::MAX))
                    .min(minus(pass.began, self.lateness(pass.began)));
                if agreed >= mark {
                    self.complete_to = Some(agreed);
                }
            }
        }
        // Lines older than where this began were not looked for.
        if self.settled_to.is_none_or(|mark| pass.from <= mark) {
            self.settled_to = self.settled_to.max(Some(minus(pass.began, self.usual(pass.began))));
        }
        // A gap between the last reading and this one would have to be read again.
        if self.read_to.is_none_or(|read_to| pass.from <= read_to) {
            self.read_to = self.read_to.max(Some(pass.began));
        }
    }
}

#[cfg(test)]
mod tests;
