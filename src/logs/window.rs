//! How a log group is read by a sliding, overlapping window, as questions and answers without I/O: what to ask next,
//! and what an answer means.
//!
//! ```text
//!  since              complete mark            read to     now
//!    ├──────────────────────┼───────────────────┼──────────┤
//!     nothing more expected   is read again      is new
//! ```
//!
//! A reading begins a little behind the complete mark and ends now; where that is more than one page, three readings of
//! what is new go before each of the whole window, so that a flood does not keep the newest lines back.

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{Hash, Hasher};

use jiff::{SignedDuration, Timestamp};

use crate::domain::log::{Event, Line, Page};

/// Lines of AWS's own runtimes show within seconds, others may take longer: no mark is set closer than this.
pub const LEAST_LATENESS: SignedDuration = SignedDuration::from_secs(90);
/// However late a line came, the mark does not stay farther behind.
pub const MOST_LATENESS: SignedDuration = SignedDuration::from_mins(10);
/// A lateness that was seen counts for so long.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(1);
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
    /// How many of them lie behind the complete mark.
    pub late: u64,
    /// Whether the reading is at its end.
    pub done: bool,
}

/// The events that were told already, by ten seconds of their own time.
#[derive(Clone, Debug, Default)]
pub struct Seen(BTreeMap<i64, HashSet<u64>>);

impl Seen {
    fn bucket(at: Timestamp) -> i64 {
        at.as_second().div_euclid(10)
    }

    fn insert(&mut self, at: Timestamp, key: u64) -> bool {
        self.0.entry(Self::bucket(at)).or_default().insert(key)
    }

    /// Forgets what is older.
    pub fn forget_before(&mut self, at: Timestamp) {
        self.0 = self.0.split_off(&Self::bucket(at));
    }

    /// How many events are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.values().map(HashSet::len).sum()
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
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
    /// Up to where the group had been read when this began.
    read_before: Option<Timestamp>,
    /// The oldest line that was new although its time had been read before.
    missed: Option<Timestamp>,
    latest: Option<Timestamp>,
    /// How often an event without id was met in this reading: equal ones are told apart by that.
    twins: HashMap<(Timestamp, u64), u32>,
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
    pass: Option<Pass>,
    /// The largest lateness seen, and when.
    lateness: Option<(SignedDuration, Timestamp)>,
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

impl Window {
    /// A window that begins at a time.
    #[must_use]
    pub fn new(since: Timestamp) -> Self {
        Self {
            since,
            read_to: None,
            complete_to: None,
            pass: None,
            lateness: None,
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

    /// Up to when it was read; nothing before the first reading ended.
    #[must_use]
    pub fn read_to(&self) -> Option<Timestamp> {
        self.read_to
    }

    /// Behind this mark nothing is expected any more.
    #[must_use]
    pub fn complete_to(&self) -> Option<Timestamp> {
        self.complete_to
    }

    /// Milliseconds that held more events than a page, where the endpoint gave no way to the rest.
    #[must_use]
    pub fn cut(&self) -> u64 {
        self.cut
    }

    /// Whether a reading is under way.
    #[must_use]
    pub fn is_reading(&self) -> bool {
        self.pass.is_some()
    }

    /// The oldest time that may be asked for again: what was seen of it must be remembered.
    #[must_use]
    pub fn oldest(&self) -> Timestamp {
        minus(self.complete_to.unwrap_or(self.since), DEEP)
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

    /// Goes on from where another window came to.
    pub fn take_over(&mut self, other: &Self) {
        self.read_to = self.read_to.max(other.read_to);
        self.complete_to = self.complete_to.max(other.complete_to);
        self.lateness = self.lateness.max(other.lateness);
        self.pass = None;
    }

    /// Gives the reading under way up: its token was refused. The next one begins anew; nothing is told twice.
    pub fn give_up(&mut self) {
        self.pass = None;
    }

    /// The next question. It stays the same until it is answered.
    pub fn ask(&mut self, now: Timestamp) -> Ask {
        if self.pass.is_none() {
            self.pass = Some(self.begin(now));
        }
        let pass = self.pass.as_ref();
        // A pass was just put there.
        let (from, to, token) = pass.map_or((self.since, now, None), |pass| match &pass.next {
            Next::From(from) => (*from, pass.to, None),
            Next::Token(from, token) => (*from, pass.to, Some(token.clone())),
        });
        Ask { from, to, token }
    }

    fn begin(&mut self, now: Timestamp) -> Pass {
        let mark = self.complete_to.unwrap_or(self.since);
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
        Pass {
            from,
            to: plus(now, AHEAD).max(from),
            began: now,
            next: Next::From(from),
            pages: 0,
            read_before: self.read_to,
            missed: None,
            latest: None,
            twins: HashMap::new(),
        }
    }

    /// Takes an answer to the last question.
    pub fn answer(&mut self, seen: &mut Seen, page: Page, now: Timestamp) -> Brought {
        let Some(mut pass) = self.pass.take() else {
            return Brought::default();
        };
        pass.pages += 1;
        let mut brought = Brought::default();
        for event in page.events {
            self.event(seen, &mut pass, event, now, &mut brought);
        }
        brought.lines.sort_by_key(|line| line.at);
        let asked_from = match &pass.next {
            Next::From(from) | Next::Token(from, _) => *from,
        };
        let more = match (page.token, pass.latest) {
            (Some(token), _) => Some(Next::Token(asked_from, token)),
            (None, Some(latest)) if page.full && latest < pass.to => {
                // What comes next begins with the last time of this page once more, so that twins count from one.
                pass.twins.clear();
                if latest > asked_from {
                    Some(Next::From(latest))
                } else {
                    // One millisecond holds more than a page: the rest of it cannot be had.
                    self.cut += 1;
                    Some(Next::From(plus(latest, SignedDuration::from_millis(1))))
                }
            }
            (None, _) => None,
        };
        if let Some(next) = more {
            pass.next = next;
            self.pass = Some(pass);
        } else {
            self.end(&pass);
            brought.done = true;
        }
        brought
    }

    fn event(&mut self, seen: &mut Seen, pass: &mut Pass, event: Event, now: Timestamp, brought: &mut Brought) {
        let Event { id, ingested, line } = event;
        let key = if let Some(id) = &id {
            hash(id)
        } else {
            let nth = pass
                .twins
                .entry((line.at, hash((&line.stream, &line.text))))
                .or_default();
            *nth += 1;
            hash((line.at, &line.stream, &line.text, *nth))
        };
        pass.latest = pass.latest.max(Some(line.at));
        if !seen.insert(line.at, key) {
            return;
        }
        if pass.read_before.is_some_and(|read_to| line.at <= read_to) {
            pass.missed = Some(pass.missed.map_or(line.at, |before| before.min(line.at)));
            let lateness = ingested.unwrap_or(now).duration_since(line.at);
            if lateness > self.lateness(now) {
                self.lateness = Some((lateness.min(MOST_LATENESS), now));
            }
        }
        if self.complete_to.is_some_and(|mark| line.at < mark) {
            brought.late += 1;
        }
        brought.lines.push(line);
    }

    /// A reading came to its end.
    fn end(&mut self, pass: &Pass) {
        let mark = self.complete_to.unwrap_or(self.since);
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
        // A gap between the last reading and this one would have to be read again.
        if self.read_to.is_none_or(|read_to| pass.from <= read_to) {
            self.read_to = self.read_to.max(Some(pass.began));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + seconds).expect("a time")
    }

    fn event(id: Option<&str>, seconds: i64, text: &str) -> Event {
        Event {
            id: id.map(str::to_owned),
            ingested: None,
            line: Line {
                at: at(seconds),
                stream: "s".into(),
                text: text.into(),
            },
        }
    }

    fn page(events: &[Event]) -> Page {
        Page {
            events: events.to_vec(),
            ..Page::default()
        }
    }

    /// One reading of one page, at a time.
    fn read(window: &mut Window, seen: &mut Seen, seconds: i64, events: &[Event]) -> Brought {
        window.ask(at(seconds));
        window.answer(seen, page(events), at(seconds))
    }

    #[test]
    fn none_is_told_twice_and_twins_stay_two() {
        let (mut window, mut seen) = (Window::new(at(0)), Seen::default());
        let twins = [event(None, 1, "x"), event(None, 1, "x")];
        assert_eq!(read(&mut window, &mut seen, 5, &twins).lines.len(), 2);
        assert_eq!(read(&mut window, &mut seen, 6, &twins).lines.len(), 0);
        let three = [event(None, 1, "x"), event(None, 1, "x"), event(None, 1, "x")];
        assert_eq!(read(&mut window, &mut seen, 7, &three).lines.len(), 1);
        let same = [event(Some("1"), 2, "y"), event(Some("1"), 2, "y")];
        assert_eq!(read(&mut window, &mut seen, 8, &same).lines.len(), 1);
    }

    #[test]
    fn the_mark_waits_for_two_readings_and_the_lateness() {
        let (mut window, mut seen) = (Window::new(at(0)), Seen::default());
        read(&mut window, &mut seen, 1_000, &[event(Some("a"), 10, "a")]);
        assert_eq!((window.read_to(), window.complete_to()), (Some(at(1_000)), None));
        read(&mut window, &mut seen, 1_002, &[event(Some("a"), 10, "a")]);
        assert_eq!(window.complete_to(), Some(at(1_002 - 90)));
        // A line that the first reading missed, and that is not yet behind the mark: the mark stays before it.
        read(&mut window, &mut seen, 1_040, &[event(Some("b"), 930, "b")]);
        assert_eq!(window.complete_to(), Some(at(930)));
        assert_eq!(
            window.lateness(at(1_040)).as_secs(),
            110,
            "so late a line may come again"
        );
        read(&mut window, &mut seen, 1_060, &[event(Some("b"), 930, "b")]);
        assert_eq!(window.complete_to(), Some(at(1_060 - 110)));
        assert_eq!(window.lateness(at(10_000)), LEAST_LATENESS, "and is forgotten in time");
    }

    #[test]
    fn what_comes_behind_the_mark_is_told_and_counted() {
        let (mut window, mut seen) = (Window::new(at(0)), Seen::default());
        read(&mut window, &mut seen, 1_000, &[]);
        read(&mut window, &mut seen, 1_000, &[]);
        let ask = window.ask(at(1_001));
        assert!(
            Some(ask.from) < window.complete_to(),
            "a reading begins behind the mark"
        );
        let brought = window.answer(&mut seen, page(&[event(None, 905, "late")]), at(1_001));
        assert_eq!((brought.lines.len(), brought.late), (1, 1));
    }

    #[test]
    fn a_full_page_without_a_token_is_read_on_from_its_last_time() {
        let (mut window, mut seen) = (Window::new(at(0)), Seen::default());
        window.ask(at(100));
        let full = Page {
            events: vec![event(None, 2, "b"), event(None, 1, "a")],
            full: true,
            token: None,
        };
        assert!(!window.answer(&mut seen, full, at(100)).done);
        assert_eq!(window.ask(at(101)).from, at(2));
        // The twin that the first page cut off.
        let rest = [event(None, 2, "b"), event(None, 2, "b")];
        let brought = window.answer(&mut seen, page(&rest), at(101));
        assert_eq!((brought.lines.len(), brought.done), (1, true));
    }

    #[test]
    fn a_millisecond_that_holds_more_than_a_page_is_passed_and_counted() {
        let (mut window, mut seen) = (Window::new(at(0)), Seen::default());
        let full = || Page {
            events: vec![event(None, 2, "a"), event(None, 2, "b")],
            full: true,
            token: None,
        };
        window.ask(at(100));
        window.answer(&mut seen, full(), at(100));
        assert_eq!(window.ask(at(100)).from, at(2));
        window.answer(&mut seen, full(), at(100));
        assert_eq!(window.ask(at(100)).from, plus(at(2), SignedDuration::from_millis(1)));
        assert!(window.answer(&mut seen, Page::default(), at(100)).done);
        assert_eq!(window.cut(), 1);
    }

    #[test]
    fn an_empty_page_with_a_token_is_not_the_end() {
        let (mut window, mut seen) = (Window::new(at(0)), Seen::default());
        let first = window.ask(at(100));
        let empty = Page {
            token: Some("t".into()),
            ..Page::default()
        };
        assert!(!window.answer(&mut seen, empty, at(100)).done);
        let next = window.ask(at(101));
        assert_eq!(
            (next.token.as_deref(), next.from, next.to),
            (Some("t"), first.from, first.to)
        );
        window.give_up();
        assert_eq!(window.ask(at(102)).token, None);
    }

    #[test]
    fn a_flood_does_not_keep_the_newest_back() {
        let (mut window, mut seen) = (Window::new(at(0)), Seen::default());
        // A window of two pages.
        let two_pages = |window: &mut Window, seen: &mut Seen, now| {
            let from = window.ask(at(now)).from;
            let token = Some("t".into());
            window.answer(
                seen,
                Page {
                    token,
                    ..Page::default()
                },
                at(now),
            );
            window.ask(at(now));
            window.answer(seen, Page::default(), at(now));
            from
        };
        two_pages(&mut window, &mut seen, 1_000);
        let froms: Vec<_> = (1..=4)
            .map(|n| two_pages(&mut window, &mut seen, 1_000 + n).as_second() - at(0).as_second())
            .collect();
        assert_eq!(froms, [995, 996, 997, 0], "three looks at what is new, then the whole");
        assert_eq!(window.complete_to(), Some(at(1_004 - 90)));
    }

    #[test]
    fn what_is_long_past_is_forgotten() {
        let mut seen = Seen::default();
        for second in 0..1_000 {
            seen.insert(at(second), u64::try_from(second).unwrap_or(0));
        }
        seen.forget_before(at(900));
        assert_eq!(seen.len(), 100);
    }
}
