//! The invocations of one function, over all its streams.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::requests::Requests;
use super::runs::{Run, Runs};
use super::stream::{Stream, Told};
use crate::domain::{Invocation, NodeId, RunOutcome};
use crate::logs::parse::Parsed;

/// The position of an invocation: its start, its stream, and its index there.
type Place = (Timestamp, Arc<str>, usize);

/// A change of an invocation: added without a `before`, removed without an `after`.
#[derive(Clone, Debug)]
pub struct Change {
    /// As it was when changes were last asked for.
    pub before: Option<Arc<Invocation>>,
    /// As it is.
    pub after: Option<Arc<Invocation>>,
}

/// The invocations of one function.
pub struct FunctionRuns {
    function: NodeId,
    streams: HashMap<Arc<str>, Stream>,
    requests: Requests,
    /// Lines before this time belong to forgotten invocations.
    horizon: Option<Timestamp>,
    published: Option<Arc<Runs>>,
    /// Whether it has lines that were not folded yet.
    dirty: bool,
    /// Bytes that it takes, as of the last fold.
    bytes: usize,
    forgotten: u64,
}

impl FunctionRuns {
    pub(super) fn new(function: NodeId) -> Self {
        Self {
            function,
            streams: HashMap::new(),
            requests: Requests::default(),
            horizon: None,
            published: None,
            dirty: false,
            bytes: 0,
            forgotten: 0,
        }
    }

    /// Takes one line in, of which it is known what it says.
    pub fn take(&mut self, stream: &str, at: Timestamp, text: &str, parsed: &Parsed<'_>) {
        if self.horizon.is_some_and(|horizon| at < horizon) {
            return;
        }
        let stream = match self.streams.get_mut(stream) {
            Some(stream) => stream,
            None => self.streams.entry(Arc::from(stream)).or_default(),
        };
        self.dirty |= stream.take(at, text, parsed);
    }

    /// Whether lines came since the last [`refresh`](Self::refresh).
    pub(super) fn is_dirty(&self) -> bool {
        self.dirty
    }

    /// Folds new lines, keeps at most `most` invocations, and returns what changed.
    pub(super) fn refresh(&mut self, most: usize) -> Vec<Change> {
        self.dirty = false;
        let mut changes = Vec::new();
        let mut touched: Vec<Arc<str>> = Vec::new();
        for (name, stream) in &mut self.streams {
            if stream.is_dirty() {
                for gone in stream.refold(&self.function, name) {
                    changes.push(Change {
                        before: Some(gone),
                        after: None,
                    });
                }
                touched.push(Arc::clone(name));
            }
        }
        self.number(&mut touched, &changes);
        for name in touched {
            let Some(stream) = self.streams.get_mut(&name) else {
                continue;
            };
            for entry in &mut stream.entries {
                let before = match std::mem::replace(&mut entry.told, Told::Yes) {
                    Told::Yes => continue,
                    Told::New => None,
                    Told::Was(before) => Some(before),
                };
                let after = Some(Arc::clone(&entry.invocation));
                changes.push(Change { before, after });
            }
        }
        if !changes.is_empty() {
            self.published = None;
        }
        self.forget(most);
        self.weigh();
        changes
    }

    fn weigh(&mut self) {
        self.bytes = self.streams.values().map(Stream::bytes).sum();
    }

    /// The approximate size of its invocations in bytes.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// The number of invocations that were forgotten to limit memory.
    pub(super) const fn forgotten(&self) -> u64 {
        self.forgotten
    }

    /// Counts the attempts of the invocations that changed.
    fn number(&mut self, touched: &mut Vec<Arc<str>>, gone: &[Change]) {
        let mut several: BTreeSet<Arc<str>> = BTreeSet::new();
        for run in gone.iter().filter_map(|change| change.before.as_ref()) {
            self.requests.leave(&run.request_id, &run.stream);
            several.insert(Arc::from(run.request_id.as_str()));
        }
        for name in touched.iter() {
            let Some(stream) = self.streams.get(name) else { continue };
            for entry in stream.entries.iter().filter(|entry| entry.told == Told::New) {
                self.requests.enter(&entry.invocation.request_id, name);
            }
        }
        for name in touched.iter() {
            let Some(stream) = self.streams.get_mut(name) else {
                continue;
            };
            for entry in stream.entries.iter_mut().filter(|entry| entry.told != Told::Yes) {
                let id = entry.invocation.request_id.as_str();
                if self.requests.attempts(id) > 1 {
                    several.insert(Arc::from(id));
                    continue;
                }
                let attempt = self.requests.forgotten(id) + 1;
                entry.change(|run| run.attempt = attempt);
            }
        }
        self.number_several(&several, touched);
    }

    /// AWS keeps the id of a request in the retries of an asynchronous event, in whichever stream they run.
    fn number_several(&mut self, requests: &BTreeSet<Arc<str>>, touched: &mut Vec<Arc<str>>) {
        let streams: BTreeSet<Arc<str>> = requests.iter().flat_map(|id| self.requests.streams(id)).collect();
        let mut found: BTreeMap<Arc<str>, Vec<Place>> = BTreeMap::new();
        for name in streams {
            let Some(stream) = self.streams.get(&name) else {
                continue;
            };
            for (place, entry) in stream.entries.iter().enumerate() {
                if let Some(id) = requests.get(entry.invocation.request_id.as_str()) {
                    let place = (entry.begin, Arc::clone(&name), place);
                    found.entry(Arc::clone(id)).or_default().push(place);
                }
            }
        }
        for (id, mut runs) in found {
            runs.sort_unstable();
            for (n, (_, name, place)) in (self.requests.forgotten(&id) + 1..).zip(runs) {
                let Some(stream) = self.streams.get_mut(&name) else {
                    continue;
                };
                let entry = &mut stream.entries[place];
                if entry.invocation.attempt != n {
                    entry.change(|run| run.attempt = n);
                    if !touched.contains(&name) {
                        touched.push(name);
                    }
                }
            }
        }
    }

    /// Stops waiting for the end of invocations: the log is complete through `read_to`, and an invocation that started more
    /// than `timeout` before that has ended.
    pub(super) fn settle(&mut self, read_to: Timestamp, timeout: SignedDuration) -> Vec<Change> {
        let mut changes = Vec::new();
        let latest = read_to.checked_sub(timeout).unwrap_or(Timestamp::MIN);
        for stream in self.streams.values_mut() {
            let mut first = None;
            for entry in &mut stream.entries {
                if entry.invocation.outcome != RunOutcome::Running || entry.begin >= latest {
                    continue;
                }
                entry.given_up = true;
                first = first.or(Some(entry.first));
                let before = Some(Arc::clone(&entry.invocation));
                Arc::make_mut(&mut entry.invocation).outcome = RunOutcome::Unknown;
                changes.push(Change {
                    before,
                    after: Some(Arc::clone(&entry.invocation)),
                });
            }
            // What came behind it in its stream was none of what it printed.
            if let Some(first) = first.filter(|_| !stream.json) {
                stream.give_up_to(latest, first);
                self.dirty = true;
            }
        }
        if !changes.is_empty() {
            self.published = None;
        }
        changes
    }

    /// The invocations, oldest first.
    pub(super) fn runs(&mut self) -> Arc<Runs> {
        if let Some(runs) = &self.published {
            return Arc::clone(runs);
        }
        let mut all: Vec<Run> = Vec::with_capacity(self.len());
        for stream in self.streams.values() {
            all.extend(stream.entries.iter().map(|entry| Run {
                begin: entry.begin,
                invocation: Arc::clone(&entry.invocation),
                json: stream.json,
            }));
        }
        // Equal times in an order that does not depend on how streams were met.
        all.sort_by(|a, b| (a.begin, &a.invocation.stream).cmp(&(b.begin, &b.invocation.stream)));
        let runs = Arc::new(Runs::new(all, self.horizon));
        self.published = Some(Arc::clone(&runs));
        runs
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.streams.values().map(|stream| stream.entries.len()).sum()
    }

    /// Forgets the oldest invocations if there are too many, and some more, so that this is rare.
    pub(super) fn forget(&mut self, most: usize) {
        if self.len() <= most && self.streams.len() <= 2 * most {
            return;
        }
        let mut begins: Vec<Timestamp> = self
            .streams
            .values()
            .flat_map(|stream| stream.entries.iter().map(|entry| entry.begin))
            .collect();
        begins.sort_unstable();
        let keep = most - most / 8;
        let Some(oldest) = begins.len().checked_sub(keep).and_then(|first| begins.get(first)) else {
            return;
        };
        for stream in self.streams.values_mut() {
            for run in stream.forget_before(*oldest) {
                self.requests.forget(&run);
                self.forgotten += 1;
            }
        }
        self.streams.retain(|_, stream| !stream.is_empty());
        self.horizon = Some(*oldest);
        self.published = None;
        self.weigh();
    }
}
