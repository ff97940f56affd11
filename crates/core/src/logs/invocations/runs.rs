//! The published invocations of one function: cheap to clone, with a lookup from line to invocation.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use jiff::Timestamp;

use crate::domain::{Invocation, RunOutcome};

/// An invocation, and when it was first seen.
#[derive(Clone, Debug)]
pub struct Run {
    /// By its start, where that was seen.
    pub begin: Timestamp,
    /// The invocation.
    pub invocation: Arc<Invocation>,
    /// Whether its stream writes JSON: then several invocations may be in it at once.
    pub json: bool,
}

/// The invocations of one function, oldest first.
#[derive(Debug, Default)]
pub struct Runs {
    all: Vec<Run>,
    forgotten_before: Option<Timestamp>,
    by_stream: OnceLock<HashMap<String, Vec<usize>>>,
}

/// Most concurrent invocations of one stream that are searched.
const AT_ONCE: usize = 256;

impl Runs {
    /// From invocations in order of time; those that started before `forgotten_before` were forgotten, if any.
    #[must_use]
    pub(super) fn new(all: Vec<Run>, forgotten_before: Option<Timestamp>) -> Self {
        Self {
            all,
            forgotten_before,
            by_stream: OnceLock::new(),
        }
    }

    /// Invocations that started before this time were forgotten to limit memory; `None` if all are kept.
    #[must_use]
    pub const fn forgotten_before(&self) -> Option<Timestamp> {
        self.forgotten_before
    }

    /// Oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Arc<Invocation>> + ExactSizeIterator {
        self.all.iter().map(|run| &run.invocation)
    }

    /// How many.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The attempts of one request, first to last.
    pub fn attempts(&self, request_id: &str) -> impl Iterator<Item = &Arc<Invocation>> {
        self.iter().filter(move |run| run.request_id == request_id)
    }

    /// The invocation that a line belongs to: the one it names, if that was seen in its stream, else the one that was open
    /// in its stream at that time. A name that no invocation has is the function's own (the ID of an API request).
    ///
    /// Computed from the invocations known now, so that a late start still claims its lines.
    #[must_use]
    pub fn owner(&self, stream: &str, at: Timestamp, named: Option<&str>) -> Option<&Arc<Invocation>> {
        let places = self.by_stream().get(stream)?;
        // All that began by then.
        let begun = places.partition_point(|place| self.all[*place].begin <= at);
        let named = named.and_then(|id| self.named(places, begun, id));
        named
            .or_else(|| self.open(&places[..begun], at))
            .map(|run| &run.invocation)
    }

    fn named(&self, places: &[usize], begun: usize, id: &str) -> Option<&Run> {
        let runs = |places| -> Box<dyn Iterator<Item = &Run>> { places };
        let is = |run: &&Run| run.invocation.request_id == id;
        let before = runs(Box::new(
            places[..begun].iter().rev().take(AT_ONCE).map(|n| &self.all[*n]),
        ))
        .find(is);
        // The first line of an invocation may have the time of the one before its start.
        before.or_else(|| runs(Box::new(places[begun..].iter().take(1).map(|n| &self.all[*n]))).find(is))
    }

    fn open(&self, begun: &[usize], at: Timestamp) -> Option<&Run> {
        let mut latest = begun.iter().rev().map(|place| &self.all[*place]);
        let is_open = |run: &Run| run.invocation.end.is_none_or(|end| at <= end);
        let last = latest.next()?;
        if !last.json {
            return Some(last).filter(|run| is_open(run));
        }
        let mut open = std::iter::once(last)
            .chain(latest.take(AT_ONCE))
            .filter(|run| is_open(run));
        let first = open.next()?;
        open.next().is_none().then_some(first)
    }

    fn by_stream(&self) -> &HashMap<String, Vec<usize>> {
        self.by_stream.get_or_init(|| {
            let mut by_stream: HashMap<String, Vec<usize>> = HashMap::new();
            for (place, run) in self.all.iter().enumerate() {
                match by_stream.get_mut(run.invocation.stream.as_str()) {
                    Some(places) => places.push(place),
                    None => {
                        by_stream.insert(run.invocation.stream.clone(), vec![place]);
                    }
                }
            }
            by_stream
        })
    }

    /// Invocations whose start was seen but not their end.
    pub fn running(&self) -> impl Iterator<Item = &Arc<Invocation>> {
        self.iter().filter(|run| run.outcome == RunOutcome::Running)
    }
}
