//! One log stream: its marks in order of time, and the invocations in them.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use jiff::Timestamp;

use super::folding::{Folding, Reading};
use super::mark::{Format, Mark, What};
use super::run_builder::RunBuilder;
use crate::domain::{Invocation, NodeId, RunOutcome};
use crate::logs::parse::{Parsed, Said};

/// Most marks kept of a stream without an invocation.
const MARKS_WITHOUT_RUN: usize = 256;

/// Bytes that a mark holds beside itself, as measured: texts, and of a report its figures.
const MARK: usize = 48;
/// Bytes of an invocation besides its entry: itself, its texts, and its request in the index of the function.
const RUN: usize = size_of::<Invocation>() + 1_000;

/// One invocation, and where its marks are.
#[derive(Debug)]
pub struct Entry {
    /// The first of its marks.
    pub first: usize,
    last: usize,
    /// When it was first seen.
    pub begin: Timestamp,
    /// The invocation.
    pub invocation: Arc<Invocation>,
    /// Its end was waited for, and did not come.
    pub given_up: bool,
    /// Whether it has been published.
    pub told: Told,
}

/// Whether an invocation has been published to those who follow changes.
#[derive(Debug, PartialEq)]
pub enum Told {
    /// As it is.
    Yes,
    /// Nothing of it yet.
    New,
    /// As it was.
    Was(Arc<Invocation>),
}

impl Entry {
    /// Changes the invocation, and remembers what it was.
    pub fn change(&mut self, change: impl FnOnce(&mut Invocation)) {
        if self.told == Told::Yes {
            self.told = Told::Was(Arc::clone(&self.invocation));
        }
        change(Arc::make_mut(&mut self.invocation));
    }
}

/// One log stream.
#[derive(Default)]
pub struct Stream {
    marks: Vec<Mark>,
    /// In the order in which they began.
    pub entries: Vec<Entry>,
    /// The first mark that was not folded yet.
    dirty_from: Option<usize>,
    /// Whether the service writes JSON there: then several requests may run in it at once.
    pub json: bool,
    /// When its first line of the service was written, in each format: the other one's are printed text.
    first_of: [Option<Timestamp>; 2],
    /// Whether its invocations print lines of others.
    relays: bool,
    /// An invocation that started before this time and has no end will get none.
    given_up_to: Option<Timestamp>,
}

impl Stream {
    /// Takes one line in; says whether it changes anything.
    pub fn take(&mut self, at: Timestamp, text: &str, parsed: &Parsed<'_>) -> bool {
        let service = format(parsed);
        if let Some(format) = service {
            self.learns(format, at);
        }
        // Lines come in order but for a few: those of one millisecond stay in the order in which they came.
        let place = if self.marks.last().is_none_or(|last| last.at <= at) {
            self.marks.len()
        } else {
            self.marks.partition_point(|mark| mark.at <= at)
        };
        let id = parsed.request_id.as_deref();
        if matches!(parsed.said, Said::Start { .. }) && self.has_start(place, at, id) {
            return false;
        }
        let before = place.checked_sub(1);
        let Some(what) = What::of(text, parsed, before.map(|before| &self.marks[before].what)) else {
            return false;
        };
        let mut from = place;
        if let Some(before) = before
            && self.marks[before].absorb(at, &what, id, !self.json)
        {
            from = before;
        } else {
            let mark = Mark::new(at, id, what, before.map(|before| &self.marks[before])).of_service(service);
            if let Some(entry) = self.named(&mark) {
                from = from.min(entry.first);
            }
            let rest = before.and_then(|before| self.marks[before].cut(at));
            self.marks.insert(place, mark);
            if let Some(rest) = rest {
                self.marks.insert(place + 1, rest);
            }
        }
        self.dirty_from = Some(self.dirty_from.map_or(from, |before| before.min(from)));
        true
    }

    /// Determines the service's log format in this stream: the first one seen, because lines that an invocation prints come
    /// later.
    fn learns(&mut self, format: Format, at: Timestamp) {
        let first = &mut self.first_of[format as usize];
        if first.is_some_and(|first| first <= at) {
            return;
        }
        *first = Some(at);
        let [text, json] = self.first_of;
        let json = json.is_some_and(|json| text.is_none_or(|text| json < text));
        if json != self.json {
            self.json = json;
            self.dirty_from = Some(0);
        }
    }

    /// Stops waiting for the end of invocations that started before a time.
    pub fn give_up_to(&mut self, mark: Timestamp, first: usize) {
        self.given_up_to = self.given_up_to.max(Some(mark));
        self.dirty_from = Some(self.dirty_from.map_or(first, |before| before.min(first)));
    }

    /// Whether this start was seen before: no request starts twice in one stream at one time.
    fn has_start(&self, place: usize, at: Timestamp, id: Option<&str>) -> bool {
        let same_time = self.marks[..place].iter().rev().take_while(|mark| mark.to >= at);
        let mut starts = same_time.filter(|mark| mark.is_start());
        starts.any(|mark| mark.at == at && mark.id.as_deref() == id)
    }

    /// The invocation that a line names, which may be some way back. A start names a new one.
    fn named(&self, mark: &Mark) -> Option<&Entry> {
        let id = mark.id.as_ref().filter(|_| !mark.is_start())?;
        let mut latest = self.entries.iter().rev().take(REACH);
        latest.find(|entry| entry.invocation.request_id == **id)
    }

    /// Whether lines came since the last [`refold`](Self::refold).
    pub const fn is_dirty(&self) -> bool {
        self.dirty_from.is_some()
    }

    /// Folds new lines. Returns removed invocations: what looked like two was one.
    pub fn refold(&mut self, function: &NodeId, name: &str) -> Vec<Arc<Invocation>> {
        let Some(dirty) = self.dirty_from.take() else {
            return Vec::new();
        };
        let mut keep = self.whole_before(dirty);
        let mut from = self.entries.get(keep).map_or(0, |entry| entry.first.min(dirty));
        let reading = Reading {
            json: self.json,
            all: from == 0,
            relays: self.relays,
            given_up_to: self.given_up_to,
        };
        let mut folded = Folding::drafts(&self.marks[from..], reading);
        if folded.needs_all {
            (keep, from) = (0, 0);
            folded = Folding::drafts(&self.marks, Reading { all: true, ..reading });
        }
        self.relays |= folded.drafts.iter().any(|draft| draft.relays);
        let mut old: HashMap<String, VecDeque<Entry>> = HashMap::new();
        for entry in self.entries.drain(keep..) {
            old.entry(entry.invocation.request_id.clone())
                .or_default()
                .push_back(entry);
        }
        for draft in folded.drafts {
            let before = old.get_mut(draft.id).and_then(VecDeque::pop_front);
            self.entries.push(entry(&draft, from, before, function, name));
        }
        if self.entries.is_empty() && self.marks.len() > MARKS_WITHOUT_RUN {
            self.marks.drain(..MARKS_WITHOUT_RUN / 2);
        }
        old.into_values()
            .flatten()
            .filter_map(|entry| match entry.told {
                Told::Yes => Some(entry.invocation),
                Told::New => None,
                Told::Was(before) => Some(before),
            })
            .collect()
    }

    /// How many invocations end before a mark, without the last two: the fold starts at the second to last, because a late
    /// line changes nothing before it.
    fn whole_before(&self, mark: usize) -> usize {
        let mut keep = self
            .entries
            .partition_point(|entry| entry.first < mark)
            .saturating_sub(2);
        loop {
            let Some(first) = self.entries.get(keep).map(|entry| entry.first.min(mark)) else {
                return keep;
            };
            // Invocations that overlap with what is folded again are folded again too.
            match self.entries[..keep].iter().position(|entry| entry.last >= first) {
                Some(overlapping) => keep = overlapping,
                None => return keep,
            }
        }
    }

    /// Forgets invocations that started before a time, and their marks; returns the forgotten ones.
    pub fn forget_before(&mut self, oldest: Timestamp) -> Vec<Arc<Invocation>> {
        let count = self.entries.partition_point(|entry| entry.begin < oldest);
        let forgotten: Vec<_> = self.entries.drain(..count).map(|entry| entry.invocation).collect();
        let marks = match self.entries.iter().map(|entry| entry.first).min() {
            Some(first) => first,
            None => self.marks.partition_point(|mark| mark.to < oldest),
        };
        self.marks.drain(..marks);
        for entry in &mut self.entries {
            entry.first -= marks;
            entry.last -= marks;
        }
        if let Some(dirty) = &mut self.dirty_from {
            *dirty = dirty.saturating_sub(marks);
        }
        // Release memory, but keep room for a quarter more.
        self.marks.shrink_to(self.marks.len() / 4 * 5);
        self.entries.shrink_to(self.entries.len() / 4 * 5);
        forgotten
    }

    /// Its approximate size in bytes.
    pub fn bytes(&self) -> usize {
        self.marks.capacity() * size_of::<Mark>()
            + self.marks.len() * MARK
            + self.entries.capacity() * size_of::<Entry>()
            + self.entries.len() * RUN
    }

    /// Whether nothing is left of it.
    pub const fn is_empty(&self) -> bool {
        self.marks.is_empty() && self.entries.is_empty()
    }
}

/// The log format of a line of the service; `None` for lines of extensions, which occur in both.
fn format(parsed: &Parsed<'_>) -> Option<Format> {
    let tells = parsed.is_of_the_service() && parsed.said != Said::Service;
    match parsed.json {
        true if parsed.is_of_the_service() => Some(Format::Json),
        false if tells => Some(Format::Text),
        _ => None,
    }
}

/// How many invocations back a line's request is searched.
const REACH: usize = 128;

fn entry(draft: &RunBuilder<'_>, offset: usize, before: Option<Entry>, function: &NodeId, name: &str) -> Entry {
    let mut invocation = draft.finish(function, name);
    let mut given_up = false;
    let mut told = Told::New;
    if let Some(before) = before {
        given_up = before.given_up;
        invocation.attempt = before.invocation.attempt;
        told = match before.told {
            Told::Yes => Told::Was(before.invocation),
            other => other,
        };
    }
    if given_up && invocation.outcome == RunOutcome::Running {
        invocation.outcome = RunOutcome::Unknown;
    }
    let (invocation, told) = match told {
        Told::Was(before) if *before == invocation => (before, Told::Yes),
        told => (Arc::new(invocation), told),
    };
    Entry {
        first: draft.first + offset,
        last: draft.last + offset,
        begin: draft.begin,
        invocation,
        given_up,
        told,
    }
}
