//! The streams with invocations of a request, and how many of these were forgotten.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use crate::domain::{Invocation, RunOutcome};

/// Most requests remembered of which invocations were forgotten, so that a later attempt is not counted from 1 again.
const REMEMBERED: usize = 4_096;

/// The requests of one function.
#[derive(Default)]
pub struct Requests {
    /// Present invocations, by request and stream.
    there: HashMap<Arc<str>, Vec<(Arc<str>, u32)>>,
    forgotten: HashMap<Arc<str>, u32>,
    /// The order in which they were forgotten.
    order: VecDeque<Arc<str>>,
}

impl Requests {
    /// The number of present invocations of a request.
    pub fn attempts(&self, id: &str) -> u32 {
        self.there
            .get(id)
            .map_or(0, |streams| streams.iter().map(|(_, count)| count).sum())
    }

    /// The number of forgotten invocations of a request.
    pub fn forgotten(&self, id: &str) -> u32 {
        self.forgotten.get(id).copied().unwrap_or(0)
    }

    /// The streams in which runs of a request are.
    pub fn streams(&self, id: &str) -> impl Iterator<Item = Arc<str>> {
        let streams = self.there.get(id).into_iter().flatten();
        streams.map(|(name, _)| Arc::clone(name))
    }

    /// Adds an invocation of a request in a stream.
    pub fn enter(&mut self, id: &str, stream: &Arc<str>) {
        let streams = match self.there.get_mut(id) {
            Some(streams) => streams,
            // Mostly it stays with one.
            None => self.there.entry(Arc::from(id)).or_insert_with(|| Vec::with_capacity(1)),
        };
        match streams.iter_mut().find(|(name, _)| name == stream) {
            Some((_, count)) => *count += 1,
            None => streams.push((Arc::clone(stream), 1)),
        }
    }

    /// Removes an invocation of a request in a stream.
    pub fn leave(&mut self, id: &str, stream: &str) {
        let Some(streams) = self.there.get_mut(id) else { return };
        if let Some((_, count)) = streams.iter_mut().find(|(name, _)| **name == *stream) {
            *count = count.saturating_sub(1);
        }
        streams.retain(|(_, count)| *count > 0);
        if streams.is_empty() {
            self.there.remove(id);
        }
    }

    /// Forgets an invocation. Those that did not succeed may be retried, and are counted.
    pub fn forget(&mut self, run: &Invocation) {
        self.leave(&run.request_id, &run.stream);
        if run.outcome == RunOutcome::Ok {
            return;
        }
        if let Some(count) = self.forgotten.get_mut(run.request_id.as_str()) {
            *count += 1;
            return;
        }
        let id: Arc<str> = Arc::from(run.request_id.as_str());
        self.forgotten.insert(Arc::clone(&id), 1);
        self.order.push_back(id);
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.forgotten.remove(&oldest);
        }
    }
}
