//! From the marks of one stream, in order of time, to the invocations in it.
//!
//! In the text format a sandbox handles one request at a time. So a line of the service or a runtime that names another
//! request than the open one was printed by the function: functions that read logs print such lines. If the lines start
//! within an invocation, that becomes clear only at its end.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};

use super::mark::{Format, Mark, What};
use super::run_builder::{RunBuilder, SAME, Told, Word};
use crate::logs::parse::{Report, Status, Weight};

/// A line this long after an invocation's end is not its own. AWS (logs): an asynchronous event is retried after a minute or more;
/// a REPORT waits for extensions for at most two seconds.
const NEXT: SignedDuration = SignedDuration::from_secs(20);
/// No invocation is longer, with some slack. AWS (logs): 15 minutes.
const LONGEST: SignedDuration = SignedDuration::from_mins(16);

/// How a stream is to be read.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    /// Whether the service writes JSON there: then several requests may run in it at once.
    pub json: bool,
    /// Whether the marks are all that the stream has.
    pub all: bool,
    /// Whether invocations of this stream print lines of others.
    pub relays: bool,
    /// An invocation that started before this time and has no end will get none: its lines were lost.
    pub given_up_to: Option<Timestamp>,
}

/// What was made of marks.
pub struct Folded<'m> {
    /// The invocations, in the order in which they began.
    pub drafts: Vec<RunBuilder<'m>>,
    /// Whether what came is to be understood only with all that the stream has.
    pub needs_all: bool,
}

/// A failure of which no invocation was open.
#[derive(Clone, Copy)]
struct Orphan<'m> {
    told: Told<'m>,
    /// The request that it names.
    id: Option<&'m str>,
    went_on: bool,
}

/// Reads marks in order of time.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Folding<'m> {
    marks: &'m [Mark],
    reading: Reading,
    drafts: Vec<RunBuilder<'m>>,
    /// The last invocation of each request.
    last: HashMap<&'m str, usize>,
    /// Those that run, in the order in which they began.
    open: Vec<usize>,
    /// Text: the invocation whose END was read and whose REPORT was not.
    ending: Option<usize>,
    /// The request whose START was printed within the open invocation, and whose END was not yet.
    printed: Option<&'m str>,
    /// Whether several requests were seen to run at once.
    interleaved: bool,
    starts: bool,
    /// Whether a sandbox is starting, and no invocation has come since: then the function logs outside an invocation.
    initialises: bool,
    needs_all: bool,
    /// The first mark that is no invocation's yet.
    free: usize,
    /// What is known of the sandbox's start before the next invocation.
    init: Option<(bool, Option<&'m str>)>,
    orphan: Option<Orphan<'m>>,
}

impl<'m> Folding<'m> {
    /// The invocations in these marks.
    pub fn drafts(marks: &'m [Mark], reading: Reading) -> Folded<'m> {
        let mut folding = Self {
            marks,
            reading,
            drafts: Vec::new(),
            last: HashMap::new(),
            open: Vec::new(),
            ending: None,
            printed: None,
            interleaved: false,
            starts: false,
            initialises: false,
            needs_all: false,
            free: 0,
            init: None,
            orphan: None,
        };
        for place in 0..marks.len() {
            // The next invocation's marks begin where this one's end, so that a start of the sandbox between them is the
            // next's.
            if folding.mark(place) {
                folding.free = place + 1;
            }
        }
        folding.drafts.retain(|draft| !draft.printed);
        Folded {
            drafts: folding.drafts,
            needs_all: folding.needs_all,
        }
    }

    /// Reads one mark. `true` if it belongs to an invocation.
    fn mark(&mut self, place: usize) -> bool {
        let marks = self.marks;
        let mark = &marks[place];
        if mark
            .service
            .is_some_and(|format| (format == Format::Json) != self.reading.json)
        {
            return self.words(place, mark, &[]);
        }
        if let Some(n) = self.prints(place, mark) {
            match &mark.what {
                What::Start { .. } => self.printed = mark.id.as_deref(),
                What::End { .. } => self.printed = None,
                _ => {}
            }
            self.drafts[n].relays = true;
            self.drafts[n].says(place, mark.to, &[]);
            return true;
        }
        match &mark.what {
            What::InitStart => {
                self.initialises = true;
                self.init = None;
                self.orphan = None;
                false
            }
            What::InitFailed { in_run, kind } => {
                let Some(open) = self.open.last() else {
                    self.init = Some((*in_run, kind.as_deref()));
                    return false;
                };
                self.drafts[*open].fails_to_start(place, *in_run, kind.as_deref());
                true
            }
            What::Start { version } => self.start(place, mark, version.as_deref()),
            What::End { status, kind } => self.end(place, mark, *status, kind.as_deref()),
            What::Report(report) => self.report(place, mark, report),
            What::Failure { outcome, weight, error } => {
                let told = Told {
                    outcome: *outcome,
                    word: Word {
                        place,
                        at: mark.at,
                        weight: *weight,
                        error,
                    },
                    named: mark.id.is_some(),
                };
                self.failure(place, mark, told)
            }
            What::HeapFull { error } => {
                let Some(n) = self.owner(mark.at) else { return false };
                self.drafts[n].fills(Word {
                    place,
                    at: mark.at,
                    weight: Weight::Printed,
                    error,
                });
                self.drafts[n].last = place;
                true
            }
            What::Trace { xray } => {
                let Some(draft) = self.drafts.last_mut() else {
                    return false;
                };
                draft.xray = Some(xray);
                draft.last = place;
                true
            }
            What::TracebackHead | What::Frames { .. } => {
                let Some(n) = self.owner(mark.at) else { return false };
                self.drafts[n].last = place;
                true
            }
            What::Words { message_ids, .. } => self.words(place, mark, message_ids),
        }
    }

    fn words(&mut self, place: usize, mark: &'m Mark, message_ids: &'m [Box<str>]) -> bool {
        let named = mark.id.as_deref().and_then(|id| self.known(id));
        let found = self.serving().or(named).or_else(|| self.owner(mark.at));
        self.doubt(found, mark);
        let Some(n) = found else {
            if let Some(orphan) = &mut self.orphan {
                orphan.went_on |= mark.to.duration_since(orphan.told.word.at) > SAME;
            }
            return false;
        };
        self.drafts[n].says(place, mark.to, message_ids);
        true
    }

    /// In the text format a function says nothing between its END and the next START. What looked like the last lines of an
    /// invocation whose start was not read, and is followed by words, was printed.
    fn doubt(&mut self, owner: Option<usize>, mark: &Mark) {
        let last = self
            .drafts
            .len()
            .checked_sub(1)
            .filter(|_| !self.reading.json && !self.initialises);
        let Some(n) = owner.filter(|_| !self.reading.json).or(last) else {
            return;
        };
        let draft = &mut self.drafts[n];
        let since = draft.end.unwrap_or(draft.begin);
        draft.doubted |= draft.start.is_none() && !draft.service.has_end && mark.to.duration_since(since) > SAME;
    }

    fn failure(&mut self, place: usize, mark: &'m Mark, told: Told<'m>) -> bool {
        let id = mark.id.as_deref();
        let named = match (id, told.word.weight) {
            // A line of the service or of a runtime proves an invocation, even if its start was not seen.
            (Some(_), Weight::Uncaught) => self.of_id(place, mark),
            (Some(id), _) => self.serving().or_else(|| self.known(id)),
            (None, _) => None,
        };
        let Some(n) = named.or_else(|| self.owner(mark.at)) else {
            self.orphan = Some(Orphan {
                told,
                id,
                went_on: false,
            });
            return false;
        };
        // Between a START and an END that the invocation printed.
        let is_printed = id.is_none() && self.printed.is_some() && self.serving() == Some(n);
        let draft = &mut self.drafts[n];
        draft.last = place;
        if is_printed {
            draft.says(place, mark.to, &[]);
        } else {
            draft.fails(told);
        }
        true
    }

    fn start(&mut self, place: usize, mark: &'m Mark, version: Option<&'m str>) -> bool {
        let Some(id) = mark.id.as_deref() else { return false };
        self.starts = true;
        self.initialises = false;
        self.ending = None;
        self.printed = None;
        if self.reading.json {
            self.interleaved |= !self.open.is_empty();
        } else {
            // One at a time: the invocation before has ended, though its end was not seen.
            self.open.clear();
        }
        // A sandbox that did not start is logged before the invocation; and the end of a short one may be read first if it
        // has the same millisecond.
        let early = self.known(id).filter(|n| {
            let draft = &self.drafts[*n];
            draft.start.is_none() && (draft.end.is_none() || draft.begin == mark.at)
        });
        let n = early.unwrap_or_else(|| self.begin(id, place, mark.at));
        let draft = &mut self.drafts[n];
        draft.start = Some(mark.at);
        draft.version = version;
        draft.last = place;
        draft.init = self.init.take().or(draft.init);
        let orphan = self.orphan.take();
        if let Some(orphan) = orphan.filter(|_| draft.init.is_some()) {
            draft.heard.word = Some(Word {
                place,
                at: mark.at,
                weight: Weight::Logged,
                ..orphan.told.word
            });
        }
        if draft.end.is_none() {
            self.open.retain(|open| *open != n);
            self.open.push(n);
        }
        true
    }

    /// The invocation that has the text stream for itself: it began, and has not ended.
    fn serving(&self) -> Option<usize> {
        let n = *self.open.last().filter(|_| !self.reading.json)?;
        self.drafts[n].is_open().then_some(n)
    }

    /// The invocation that printed a line which has the form of the service's or of a runtime's, and names another request.
    fn prints(&self, place: usize, mark: &Mark) -> Option<usize> {
        let id = mark.id.as_deref().filter(|_| !self.reading.json)?;
        let is_start = match &mark.what {
            What::Start { .. } => true,
            What::End { .. } | What::Report(_) => false,
            What::Failure { weight, .. } if *weight == Weight::Uncaught => false,
            _ => return None,
        };
        let serving = self.serving();
        // A late line of an earlier invocation is its own.
        let is_late = |n: usize| {
            !is_start
                && self.known(id).is_some_and(|known| {
                    let end = self.drafts[known].end;
                    known != n
                        && !self.drafts[known].printed
                        && end.is_some_and(|end| mark.at.duration_since(end) <= SAME)
                })
        };
        if let Some(n) = serving {
            let draft = &self.drafts[n];
            let foreign = draft.id != id && !is_late(n);
            return (foreign && (!is_start || self.goes_on(n, place))).then_some(n);
        }
        // Between END and REPORT nothing of another request can be.
        let n = self.ending.filter(|_| !is_start)?;
        let draft = &self.drafts[n];
        let recent = draft.end.is_some_and(|end| mark.at.duration_since(end) <= NEXT);
        (draft.start.is_some() && draft.id != id && recent && self.known(id).is_none()).then_some(n)
    }

    /// Whether the open invocation continued after another START, because its end follows. If no end was read, it may only
    /// be late, and the other START counts, unless invocations of this stream print such lines.
    fn goes_on(&self, n: usize, place: usize) -> bool {
        let draft = &self.drafts[n];
        let Some(start) = draft.start else { return false };
        let latest = start.checked_add(LONGEST).unwrap_or(Timestamp::MAX);
        if self.marks[place].at > latest {
            return false;
        }
        let behind = &self.marks[place + 1..];
        let mut own = behind
            .iter()
            .take_while(|mark| mark.at <= latest)
            .filter(|mark| mark.service == Some(Format::Text) && mark.id.as_deref() == Some(draft.id));
        // Its own next START is another attempt.
        let next = own.find(|mark| matches!(mark.what, What::Start { .. } | What::End { .. } | What::Report(_)));
        if let Some(mark) = next {
            // Of one millisecond the order is not sure.
            return !mark.is_start() && mark.at > self.marks[place].at;
        }
        let relays = self.reading.relays || self.drafts.iter().any(|draft| draft.relays);
        let read_on = self.marks.last().is_some_and(|last| last.to > latest);
        relays && !read_on && self.reading.given_up_to.is_none_or(|mark| start >= mark)
    }

    /// The last invocation of a request that was seen here.
    fn known(&self, id: &str) -> Option<usize> {
        self.last.get(id).copied().filter(|n| !self.drafts[*n].printed)
    }

    fn begin(&mut self, id: &'m str, place: usize, at: Timestamp) -> usize {
        let n = self.drafts.len();
        self.drafts.push(RunBuilder::new(id, self.free.min(place), at));
        self.last.insert(id, n);
        n
    }

    fn end(&mut self, place: usize, mark: &'m Mark, status: Option<Status>, kind: Option<&'m str>) -> bool {
        let Some(n) = self.ends(place, mark, true) else {
            return false;
        };
        let draft = &mut self.drafts[n];
        draft.service.status = draft.service.status.or(status);
        draft.service.kind = draft.service.kind.or(kind);
        draft.end = Some(mark.at);
        draft.service.has_end = true;
        draft.doubted &= self.reading.json;
        self.open.retain(|open| *open != n);
        self.ending = Some(n);
        self.printed = None;
        true
    }

    fn report(&mut self, place: usize, mark: &'m Mark, report: &'m Report<'static>) -> bool {
        let Some(n) = self.ends(place, mark, false) else {
            return false;
        };
        let draft = &mut self.drafts[n];
        draft.service.report = Some(report);
        draft.end = draft.end.or(Some(mark.at));
        self.open.retain(|open| *open != n);
        self.ending = None;
        true
    }

    /// The invocation that an END or a REPORT is of.
    fn ends(&mut self, place: usize, mark: &'m Mark, is_end: bool) -> Option<usize> {
        let id = mark.id.as_deref()?;
        let is_new = !self.last.contains_key(id);
        if !is_new {
            return self.of_id(place, mark);
        }
        if self.reading.json {
            let others = self.open.iter().any(|open| self.drafts[*open].start.is_some());
            let n = self.of_id(place, mark)?;
            self.drafts[n].doubted = others && !self.interleaved;
            // If START lines are not written, an invocation's failure comes before any other line of it.
            let own = |orphan: &Orphan<'_>| orphan.id.is_some() && orphan.id == mark.id.as_deref();
            if let Some(orphan) = self.orphan.take_if(|orphan| own(orphan)) {
                self.drafts[n].fails(orphan.told);
            }
            return Some(n);
        }
        if !is_end {
            return self.of_id(place, mark);
        }
        // It was running when these lines start: it printed what was seen since then.
        let free = self.take_back(mark.at);
        let n = self.of_id(place, mark)?;
        let draft = &mut self.drafts[n];
        draft.first = draft.first.min(free.unwrap_or(place));
        draft.relays = free.is_some();
        let orphan = self.orphan.take().filter(|orphan| !orphan.went_on && !draft.relays);
        if let Some(orphan) = orphan {
            draft.fails(orphan.told);
        }
        Some(n)
    }

    /// Removes what looked like invocations since the lines start, if one ends that started before them; returns where the
    /// first of them started.
    fn take_back(&mut self, at: Timestamp) -> Option<usize> {
        let begins = self
            .marks
            .first()
            .is_some_and(|mark| matches!(mark.what, What::InitStart));
        if self.reading.all && begins {
            // The sandbox's start was read: no invocation started before it, and this one's START is only late.
            return None;
        }
        let starts = self.starts;
        let since = at.checked_sub(LONGEST).unwrap_or(Timestamp::MIN);
        let mut first = None;
        for draft in self.drafts.iter_mut().filter(|draft| !draft.printed) {
            // An endpoint that writes no STARTs writes ENDs.
            if draft.begin >= since && (starts || !draft.service.has_end) {
                draft.printed = true;
                first = Some(first.map_or(draft.first, |first: usize| first.min(draft.first)));
            }
        }
        self.open.clear();
        self.ending = None;
        // What was folded before these marks is to be taken back too.
        self.needs_all |= !self.reading.all;
        first
    }

    /// The invocation that a line of its own names; one whose start was not seen begins with it.
    fn of_id(&mut self, place: usize, mark: &'m Mark) -> Option<usize> {
        let id = mark.id.as_deref()?;
        // A line long after an invocation's end belongs to the request's next attempt, whose start was not seen yet.
        let is_over = |n: &usize| {
            let end = self.drafts[*n].end;
            end.is_some_and(|end| mark.at.duration_since(end) > NEXT)
        };
        let n = self.known(id).filter(|n| !is_over(n)).unwrap_or_else(|| {
            let n = self.begin(id, place, mark.at);
            self.open.push(n);
            n
        });
        self.drafts[n].last = place;
        Some(n)
    }

    /// The invocation that a line without an id belongs to: the one that is open.
    fn owner(&self, at: Timestamp) -> Option<usize> {
        match self.open.as_slice() {
            [one] => Some(*one),
            // Of several at once, it is unknown whose it is.
            [.., last] => (!self.reading.json).then_some(*last),
            [] => self
                .drafts
                .iter()
                .rposition(|draft| draft.end == Some(at) && !draft.printed)
                .filter(|n| *n + 1 == self.drafts.len()),
        }
    }
}
