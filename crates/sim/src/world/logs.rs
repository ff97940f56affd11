//! Log groups: what was written, when it shows, and how long it stays.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// Bytes that all groups may take together. The oldest events of the largest group go first.
pub const BUDGET: usize = 64 * 1024 * 1024;
/// Bytes that an event takes beside its text, as measured.
const EVENT: usize = 160;
/// Arrivals that a group remembers in their order, for live tails and subscribers.
const RECENT: usize = 20_000;
/// Streams that a group keeps at most; the ones written to longest ago go first.
const STREAMS: usize = 2000;

/// One log event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEvent {
    /// When it says it happened.
    pub at: i64,
    /// When it can be read: its ingestion time.
    pub ingested: i64,
    /// A number of its own in the account.
    pub seq: u64,
    /// The stream.
    pub stream: Arc<str>,
    /// The text.
    pub message: Arc<str>,
}

impl LogEvent {
    /// `eventId`: 56 digits, ordered by time.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{:038}{:018}", self.at.max(0), self.seq)
    }
}

/// A log stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogStream {
    /// When it was created.
    pub created: i64,
    /// The first event's time.
    pub first: Option<i64>,
    /// The last event's time.
    pub last: Option<i64>,
    /// When the last event came in.
    pub last_ingested: Option<i64>,
}

/// Where a group's lines are sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubscriptionFilter {
    /// Its name.
    pub name: String,
    /// Which lines.
    pub pattern: String,
    /// An ARN of a function, a stream or a delivery stream.
    pub destination: String,
    /// The role for a stream.
    pub role: Option<String>,
    /// When it was made.
    pub created: i64,
    /// The arrival up to which lines were sent.
    pub sent: (i64, u64),
}

/// A log group.
#[derive(Clone, Debug, Default)]
pub struct LogGroup {
    /// When it was created.
    pub created: i64,
    /// For how long lines are kept; for ever where it is not set.
    pub retention_days: Option<i64>,
    /// `STANDARD` or `INFREQUENT_ACCESS`.
    pub class: String,
    /// Tags.
    pub tags: BTreeMap<String, String>,
    /// Streams by name.
    pub streams: BTreeMap<Arc<str>, LogStream>,
    /// Where lines go. AWS (apis): two at most.
    pub filters: Vec<SubscriptionFilter>,
    /// Bytes stored.
    pub bytes: usize,
    events: BTreeMap<(i64, u64), LogEvent>,
    /// Bytes of memory that the events take.
    held: usize,
    recent: VecDeque<(i64, u64, i64)>,
}

impl LogGroup {
    /// A new, empty group.
    #[must_use]
    pub fn new(created: i64) -> Self {
        Self {
            created,
            class: "STANDARD".to_owned(),
            ..Self::default()
        }
    }

    /// The events from `from` to `to` (both included, their own time), oldest first, that have come in by `now`.
    #[must_use]
    pub fn between(&self, from: (i64, u64), to: i64, now: i64) -> impl DoubleEndedIterator<Item = &LogEvent> {
        let range = if from.0 > to {
            (i64::MAX, 0)..=(i64::MAX, 0)
        } else {
            from..=(to, u64::MAX)
        };
        self.events
            .range(range)
            .map(|(_, event)| event)
            .filter(move |event| event.ingested <= now)
    }

    /// The events that came in after this arrival and by `now`, in the order of their arrival.
    #[must_use]
    pub fn arrived(&self, after: (i64, u64), now: i64) -> Vec<&LogEvent> {
        let mut found: Vec<&LogEvent> = self
            .recent
            .iter()
            .filter(|(ingested, seq, _)| (*ingested, *seq) > after && *ingested <= now)
            .filter_map(|(_, seq, at)| self.events.get(&(*at, *seq)))
            .collect();
        found.sort_by_key(|event| (event.ingested, event.seq));
        found
    }

    /// How many events are kept.
    #[must_use]
    pub fn len(&self) -> usize {
        self.events.len()
    }

    /// Whether nothing is kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// Deletes a stream and its events. False: there is none of that name.
    pub fn remove_stream(&mut self, name: &str) -> bool {
        let there = self.streams.remove(name).is_some();
        self.events.retain(|_, event| &*event.stream != name);
        self.held = self.events.values().map(held).sum();
        there
    }

    fn drop_first(&mut self) {
        if let Some((_, event)) = self.events.pop_first() {
            self.bytes = self.bytes.saturating_sub(event.message.len() + 26);
            self.held -= held(&event);
        }
    }

    /// Drops the oldest events until at most this many bytes are held, and the streams that have none any more.
    fn shrink(&mut self, most: usize) {
        while self.held > most {
            self.drop_first();
        }
        let first = self.events.first_key_value().map_or(i64::MAX, |((at, _), _)| *at);
        self.streams
            .retain(|_, stream| stream.last.is_none_or(|last| last >= first));
        while self.recent.len() > self.events.len() {
            self.recent.pop_front();
        }
    }

    fn put(&mut self, event: LogEvent) {
        let stream = self
            .streams
            .entry(Arc::clone(&event.stream))
            .or_insert_with(|| LogStream {
                created: event.ingested,
                ..LogStream::default()
            });
        stream.first = Some(stream.first.map_or(event.at, |first| first.min(event.at)));
        stream.last = Some(stream.last.map_or(event.at, |last| last.max(event.at)));
        stream.last_ingested = stream.last_ingested.max(Some(event.ingested));
        // AWS counts 26 bytes for each event beside its text.
        self.bytes += event.message.len() + 26;
        self.recent.push_back((event.ingested, event.seq, event.at));
        if self.recent.len() > RECENT {
            self.recent.pop_front();
        }
        self.held += held(&event);
        self.events.insert((event.at, event.seq), event);
        if self.streams.len() > STREAMS
            && let Some(oldest) = self
                .streams
                .iter()
                .min_by_key(|(_, s)| s.last)
                .map(|(name, _)| Arc::clone(name))
        {
            self.streams.remove(&oldest);
        }
    }

    /// Drops what is older than the retention.
    fn forget(&mut self, now: i64) {
        let Some(days) = self.retention_days else { return };
        while self
            .events
            .first_key_value()
            .is_some_and(|((at, _), _)| *at + days * 86_400_000 < now)
        {
            self.drop_first();
        }
    }
}

/// Bytes of memory that an event takes.
fn held(event: &LogEvent) -> usize {
    event.message.len() + EVENT
}

/// All log groups.
#[derive(Clone, Debug, Default)]
pub struct Logs {
    /// Groups by name.
    pub groups: BTreeMap<String, LogGroup>,
    seq: u64,
    held: usize,
}

impl Logs {
    /// The number of the event that was written last.
    #[must_use]
    pub fn last(&self) -> u64 {
        self.seq
    }

    /// Writes an event. Its group and its stream are made where they are missing.
    pub fn put(&mut self, group: &str, stream: &Arc<str>, at: i64, ingested: i64, message: impl Into<Arc<str>>) {
        self.seq += 1;
        let seq = self.seq;
        let event = LogEvent {
            at,
            ingested,
            seq,
            stream: Arc::clone(stream),
            message: message.into(),
        };
        if !self.groups.contains_key(group) {
            self.groups.insert(group.to_owned(), LogGroup::new(at));
        }
        let Some(kept) = self.groups.get_mut(group) else { return };
        let before = kept.held;
        kept.put(event);
        self.held = self.held + kept.held - before;
        if self.held > BUDGET
            && let Some(largest) = self.groups.values_mut().max_by_key(|group| group.held)
        {
            let before = largest.held;
            largest.shrink(before - (BUDGET / 50).min(before));
            self.held = self.held + largest.held - before;
        }
    }

    /// Bytes of memory that all events take.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.held
    }

    /// Drops what is past its group's retention.
    pub fn forget(&mut self, now: i64) {
        for group in self.groups.values_mut() {
            group.forget(now);
        }
        self.held = self.groups.values().map(|group| group.held).sum();
    }

    /// Deletes a group.
    pub fn remove(&mut self, group: &str) -> Option<LogGroup> {
        let gone = self.groups.remove(group)?;
        self.held -= gone.held;
        Some(gone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn late_lines_show_late_and_in_their_place() {
        let mut logs = Logs::default();
        let stream: Arc<str> = "s".into();
        logs.put("g", &stream, 10, 500, "late");
        logs.put("g", &stream, 20, 21, "soon");
        let texts = |now| -> Vec<String> {
            logs.groups["g"]
                .between((0, 0), 100, now)
                .map(|e| e.message.to_string())
                .collect()
        };
        assert_eq!(texts(100), ["soon"]);
        assert_eq!(texts(500), ["late", "soon"]);
        let arrived: Vec<_> = logs.groups["g"].arrived((0, 0), 500).iter().map(|e| e.at).collect();
        assert_eq!(arrived, [20, 10], "in the order of arrival");
        assert_eq!(logs.groups["g"].between((0, 0), 5, 500).count(), 0);
    }

    #[test]
    fn all_groups_together_hold_no_more_than_their_bytes() {
        let mut logs = Logs::default();
        let text: Arc<str> = "x".repeat(840).into();
        for n in 0..200_000_i64 {
            let stream: Arc<str> = format!("s{}", n / 1_000).into();
            logs.put(
                if n % 4 == 0 { "few" } else { "many" },
                &stream,
                n,
                n,
                Arc::clone(&text),
            );
        }
        let groups: Vec<&LogGroup> = logs.groups.values().collect();
        let held = groups.iter().map(|group| group.len() * 1_000).sum::<usize>();
        assert!(
            logs.bytes() <= BUDGET && logs.bytes() == held,
            "{} of {held}",
            logs.bytes()
        );
        let newest = |group: &LogGroup| {
            group
                .between((0, 0), i64::MAX, i64::MAX)
                .next_back()
                .map(|event| event.at)
        };
        assert_eq!(groups.iter().filter_map(|group| newest(group)).max(), Some(199_999));
        for group in groups {
            assert!(group.recent.len() <= group.len() && group.streams.len() <= group.len() / 250 + 2);
        }
    }
}
