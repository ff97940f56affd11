//! The invocations of functions, folded from the lines of their logs.
//!
//! Lines may come late and out of order; each is given once. The invocations of a stream are computed from its lines in
//! order of their own time, so that a line which comes late changes what follows from it and nothing else: an error turns a
//! successful invocation into a failed one, a missing start claims the lines after it.
//!
//! - A line that names a request is that request's. The n-th start of a request is its n-th attempt: AWS keeps the ID in the retries of an asynchronous event.
//! - A line that names none is of the invocation that is open in its own stream at that time, never of another stream's. Where a
//!   stream holds several runs at once (managed instances, in the JSON format), it is nobody's.
//! - In the text format one request runs at a time: what names another one within an invocation was printed by it, and is no invocation.
//! - How an invocation ended is reported by the status that its report names; where it names none, by what the service says of a
//!   timeout or a crash, then by what a runtime writes, in a form that nobody else has, of what the handler let through.
//!   Where both a runtime and the function may have written the last word, and where the start was not read, it is `Unknown`.
//!
//! Some time after a start without an end [`Invocations::settle`] gives up on it: that is `Unknown` too, neither failed nor
//! well.

mod folding;
mod function;
mod mark;
mod requests;
mod run_builder;
mod runs;
mod stream;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::domain::NodeId;
use crate::logs::parse::parse;
pub use function::{Change, FunctionRuns};
pub use runs::{Run, Runs};

/// Memory budget of the invocations of all functions in bytes: about 15,000 invocations.
pub const BUDGET: usize = 32 * 1024 * 1024;
/// Least and most invocations kept per function.
const LEAST_EACH: usize = 16;
const MOST_EACH: usize = 16_384;

/// The invocations of all functions.
pub struct Invocations {
    functions: BTreeMap<NodeId, FunctionRuns>,
    most_bytes: usize,
    /// Invocations kept per function: the busiest lose some, so that quiet ones keep all theirs.
    each: usize,
}

impl Default for Invocations {
    fn default() -> Self {
        Self {
            functions: BTreeMap::new(),
            most_bytes: BUDGET,
            each: MOST_EACH,
        }
    }
}

impl Invocations {
    /// Takes one line of a function's log in.
    pub fn take(&mut self, function: &NodeId, stream: &str, at: Timestamp, text: &str) {
        self.of(function).take(stream, at, text, &parse(text));
    }

    /// The invocations of one function, for lines of it.
    pub fn of(&mut self, function: &NodeId) -> &mut FunctionRuns {
        let new = || FunctionRuns::new(function.clone());
        self.functions.entry(function.clone()).or_insert_with(new)
    }

    /// Folds new lines and returns what changed. Until then the invocations stay as they were.
    pub fn refresh(&mut self) -> Vec<Change> {
        let mut changes = Vec::new();
        for runs in self.functions.values_mut().filter(|runs| runs.is_dirty()) {
            changes.append(&mut runs.refresh(self.each));
        }
        if self.bytes() > self.most_bytes {
            self.shrink();
        }
        changes
    }

    /// The approximate size of the invocations in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.functions.values().map(FunctionRuns::bytes).sum()
    }

    /// Bytes that they may take.
    #[must_use]
    pub const fn budget(&self) -> usize {
        self.most_bytes
    }

    /// The number of invocations that were forgotten to limit memory.
    #[must_use]
    pub fn forgotten(&self) -> u64 {
        self.functions.values().map(FunctionRuns::forgotten).sum()
    }

    /// Forgets the oldest runs of the functions that have most, until there is some room again.
    fn shrink(&mut self) {
        let room = self.most_bytes / 8 * 7;
        while self.bytes() > room && self.each > LEAST_EACH {
            let longest = self.functions.values().map(FunctionRuns::len).max().unwrap_or_default();
            self.each = (self.each.min(longest) / 8 * 7).max(LEAST_EACH);
            for runs in self.functions.values_mut() {
                runs.forget(self.each);
            }
        }
    }

    /// Stops waiting for the end of a function's invocations: its log is complete through `read_to` (now, less the lateness
    /// of the log), and no invocation lasts longer than `timeout`.
    pub fn settle(&mut self, function: &NodeId, read_to: Timestamp, timeout: SignedDuration) -> Vec<Change> {
        self.functions
            .get_mut(function)
            .map(|runs| runs.settle(read_to, timeout))
            .unwrap_or_default()
    }

    /// The invocations of one function.
    pub fn runs(&mut self, function: &NodeId) -> Arc<Runs> {
        self.functions
            .get_mut(function)
            .map(FunctionRuns::runs)
            .unwrap_or_default()
    }

    /// The invocations of every function that had a line.
    pub fn all(&mut self) -> impl Iterator<Item = (&NodeId, Arc<Runs>)> {
        self.functions.iter_mut().map(|(id, runs)| (id, runs.runs()))
    }
}

#[cfg(test)]
mod budget_tests;
#[cfg(test)]
mod printed_tests;
#[cfg(test)]
mod tests;
