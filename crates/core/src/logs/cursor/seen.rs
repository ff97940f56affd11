//! The events that were passed on already, so that none is passed on twice.

use std::collections::{BTreeMap, HashSet};

use jiff::Timestamp;

/// The events that were passed on already, in groups of ten seconds of their timestamps.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    events: BTreeMap<i64, HashSet<u64>>,
    /// What is older was forgotten.
    forgotten: Option<i64>,
}

impl Seen {
    fn bucket(at: Timestamp) -> i64 {
        at.as_second().div_euclid(10)
    }

    pub(super) fn insert(&mut self, at: Timestamp, key: u64) -> bool {
        self.events.entry(Self::bucket(at)).or_default().insert(key)
    }

    /// Forgets what is older.
    pub fn forget_before(&mut self, at: Timestamp) {
        let oldest = Self::bucket(at);
        if self.events.first_key_value().is_some_and(|(first, _)| *first < oldest) {
            self.events = self.events.split_off(&oldest);
            self.forgotten = self.forgotten.max(Some(oldest));
        }
    }

    /// Up to when events were forgotten, if any were.
    #[must_use]
    pub fn forgotten(&self) -> Option<Timestamp> {
        Timestamp::from_second(self.forgotten? * 10).ok()
    }

    /// How many events are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.events.values().map(HashSet::len).sum()
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }
}
