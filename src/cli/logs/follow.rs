//! Lines that were not printed yet: held back for a moment, so that those of several groups come in time order.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use crate::logs::segment::Segment;
use crate::store::Snapshot;

/// A line's place in a segment.
pub(super) struct Found {
    pub(super) group: Arc<str>,
    pub(super) segment: Arc<Segment>,
    pub(super) line: usize,
}

/// What is known of lines that were seen.
#[derive(Default)]
pub(super) struct Fresh {
    /// The highest number seen of each group, and the segments looked into.
    groups: HashMap<Arc<str>, Seen>,
    /// In time order.
    held: BTreeMap<(i64, u64), (Instant, Found)>,
    count: u64,
}

#[derive(Default)]
struct Seen {
    number: u32,
    segments: Vec<Arc<Segment>>,
}

impl Fresh {
    /// Takes up the lines that are new in a snapshot.
    pub(super) fn take(&mut self, snapshot: &Snapshot, groups: &BTreeSet<String>, since: Timestamp) {
        let now = Instant::now();
        for name in groups {
            let Some(log) = snapshot.logs.groups.get(name.as_str()) else {
                continue;
            };
            let seen = self.groups.entry(Arc::clone(&log.name)).or_default();
            let mut number = seen.number;
            for segment in log.lines.segments() {
                // Only a segment that changed has new lines; their numbers are higher than all before.
                if seen.segments.iter().any(|known| Arc::ptr_eq(known, segment)) {
                    continue;
                }
                for line in 0..segment.len() {
                    if segment.number(line) <= seen.number {
                        continue;
                    }
                    number = number.max(segment.number(line));
                    if segment.at(line) < since.as_millisecond() {
                        continue;
                    }
                    self.count += 1;
                    let found = Found {
                        group: Arc::clone(&log.name),
                        segment: Arc::clone(segment),
                        line,
                    };
                    self.held.insert((segment.at(line), self.count), (now, found));
                }
            }
            seen.number = number;
            seen.segments = log.lines.segments().to_vec();
        }
    }

    /// When the next line was held long enough.
    pub(super) fn next_release(&self, hold: Duration) -> Option<Instant> {
        self.held.values().map(|(seen, _)| *seen + hold).min()
    }

    /// The lines that were held long enough, and all that are older than one of them, in time order.
    pub(super) fn release(&mut self, hold: Duration) -> Vec<Found> {
        let now = Instant::now();
        let ripe = self
            .held
            .iter()
            .rev()
            .find(|(_, (seen, _))| *seen + hold <= now)
            .map(|(key, _)| *key);
        let Some((at, count)) = ripe else { return Vec::new() };
        let later = self.held.split_off(&(at, count + 1));
        let ripe = std::mem::replace(&mut self.held, later);
        ripe.into_values().map(|(_, found)| found).collect()
    }
}
