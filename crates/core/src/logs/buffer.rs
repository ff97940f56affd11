//! All lines that are held: segments per group, bounded by bytes over all groups. What was let go is counted.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::segment::{NewLine, Segment, Stream};
use crate::domain::NodeId;
use crate::domain::log::Level;

/// Bytes that all lines may take unless a setting says otherwise: half a million lines of 100 bytes, with their records.
pub const MOST_BYTES: usize = 64 * 1024 * 1024;

/// The lines of one group, in time order.
#[derive(Clone, Debug, Default)]
pub struct Lines {
    segments: Vec<Arc<Segment>>,
    /// Lines that were let go to make room, oldest first.
    pub dropped: u64,
}

impl Lines {
    /// Lines that stand by themselves.
    #[must_use]
    pub fn of(lines: Vec<Put<'_>>) -> Self {
        let mut group = Group::default();
        let lines = lines.into_iter().map(|line| group.number(&line)).collect();
        group.insert(lines);
        group.lines
    }

    /// How many lines of this time, stream and text are held.
    #[must_use]
    pub fn count(&self, at: i64, stream: &str, text: &str) -> usize {
        let first = self.segments.partition_point(|segment| segment.last_at() < at);
        let here = self.segments[first..]
            .iter()
            .take_while(|segment| segment.first_at() <= at);
        here.flat_map(|segment| (segment.before(at)..segment.up_to(at)).map(move |n| segment.line(n)))
            .filter(|line| &*line.stream.name == stream && line.text == text)
            .count()
    }

    /// The segments, in time order; none is empty.
    #[must_use]
    pub fn segments(&self) -> &[Arc<Segment>] {
        &self.segments
    }

    /// How many lines are held.
    #[must_use]
    pub fn len(&self) -> usize {
        self.segments.iter().map(|segment| segment.len()).sum()
    }

    /// Whether none is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.segments.is_empty()
    }
}

/// A line as it is put into the buffer.
#[derive(Clone, Debug)]
pub struct Put<'a> {
    /// Milliseconds since 1970, by the event's own time.
    pub at: i64,
    /// Its stream's name.
    pub stream: &'a str,
    /// The function that writes the stream, where that is known.
    pub function: Option<&'a NodeId>,
    /// The level that it names.
    pub level: Option<Level>,
    /// The text.
    pub text: &'a str,
}

/// The lines of all groups.
#[derive(Debug)]
pub struct LogBuffer {
    groups: BTreeMap<Arc<str>, Group>,
    bytes: usize,
    most: usize,
}

#[derive(Debug, Default)]
struct Group {
    lines: Lines,
    streams: HashMap<Box<str>, Arc<Stream>>,
    /// The stream of the line before: mostly it is the next one's too.
    last: Option<Arc<Stream>>,
    number: u32,
}

impl Default for LogBuffer {
    fn default() -> Self {
        Self::new(MOST_BYTES)
    }
}

impl LogBuffer {
    /// A buffer of at most this many bytes.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self {
            groups: BTreeMap::new(),
            bytes: 0,
            most,
        }
    }

    /// Bytes held now.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Bytes held at most.
    #[must_use]
    pub const fn budget(&self) -> usize {
        self.most
    }

    /// The lines of a group. Cheap to clone: it copies pointers.
    #[must_use]
    pub fn lines(&self, group: &str) -> Option<&Lines> {
        self.groups.get(group).map(|group| &group.lines)
    }

    /// Takes lines in, in any order; those of the same time keep theirs. Names the groups of which old lines had to go.
    pub fn put(&mut self, group: &Arc<str>, lines: Vec<Put<'_>>) -> Vec<Arc<str>> {
        let held = self.groups.entry(Arc::clone(group)).or_default();
        let before = held.bytes();
        let lines = lines.into_iter().map(|line| held.number(&line)).collect();
        held.insert(lines);
        self.bytes = self.bytes + held.bytes() - before;
        self.shrink()
    }

    fn shrink(&mut self) -> Vec<Arc<str>> {
        let mut shrunk = Vec::new();
        while self.bytes > self.most {
            let oldest = self
                .groups
                .iter_mut()
                .filter_map(|(name, group)| {
                    let ends = group.lines.segments.first()?.last_at();
                    Some((ends, name, group))
                })
                .min_by_key(|(ends, ..)| *ends);
            let Some((_, name, group)) = oldest else { break };
            let before = group.bytes();
            group.drop_first();
            self.bytes = self.bytes + group.bytes() - before;
            if !shrunk.contains(name) {
                shrunk.push(Arc::clone(name));
            }
        }
        shrunk
    }
}

impl Group {
    fn bytes(&self) -> usize {
        let segments: usize = self.lines.segments.iter().map(|segment| segment.bytes()).sum();
        let streams: usize = self.streams.keys().map(|name| 2 * name.len() + 64).sum();
        segments + streams
    }

    fn number<'a>(&mut self, line: &Put<'a>) -> NewLine<'a> {
        let is_of = |stream: &&Arc<Stream>| stream.function.as_ref() == line.function;
        let last = self.last.as_ref().filter(|last| *last.name == *line.stream);
        let known = last.or_else(|| self.streams.get(line.stream)).filter(is_of);
        let stream = known.cloned().unwrap_or_else(|| {
            let stream = Arc::new(Stream {
                name: line.stream.into(),
                function: line.function.cloned(),
            });
            self.streams.insert(line.stream.into(), Arc::clone(&stream));
            stream
        });
        if !self.last.as_ref().is_some_and(|last| Arc::ptr_eq(last, &stream)) {
            self.last = Some(Arc::clone(&stream));
        }
        self.number = self.number.wrapping_add(1);
        NewLine {
            at: line.at,
            stream,
            level: line.level,
            text: line.text,
            number: self.number,
        }
    }

    /// Inserts lines in order.
    fn insert(&mut self, mut lines: Vec<NewLine<'_>>) {
        lines.sort_by_key(|line| line.at);
        let segments = &mut self.lines.segments;
        let end = segments.last().map_or(i64::MIN, |last| last.last_at());
        let tail = lines.split_off(lines.partition_point(|line| line.at < end));
        // From the back, so that the places of the earlier ones stay.
        while let Some(last) = lines.last() {
            let place = segments
                .partition_point(|segment| segment.first_at() <= last.at)
                .saturating_sub(1);
            let from = if place == 0 {
                0
            } else {
                let first = segments[place].first_at();
                lines.partition_point(|line| line.at < first)
            };
            let late = lines.split_off(from);
            let made = segments[place].with(late);
            segments.splice(place..=place, made.into_iter().map(Arc::new));
        }
        for line in tail {
            match segments.last_mut() {
                Some(last) if !last.is_full() => Arc::make_mut(last).push(line),
                last => {
                    if let Some(full) = last {
                        Arc::make_mut(full).seal();
                    }
                    let mut next = Segment::default();
                    next.push(line);
                    segments.push(Arc::new(next));
                }
            }
        }
    }

    fn drop_first(&mut self) {
        if self.lines.segments.is_empty() {
            return;
        }
        let first = self.lines.segments.remove(0);
        self.lines.dropped += first.len() as u64;
        drop(first);
        self.last = None;
        // The table itself holds one; a snapshot that is still read may hold more, and then it goes the next time.
        self.streams.retain(|_, stream| Arc::strong_count(stream) > 1);
    }
}
