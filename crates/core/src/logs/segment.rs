//! A sequence of lines in one piece: their concatenated text, and a small record for each. Shared by pointer.

use std::ops::Range;
use std::sync::Arc;

use jiff::Timestamp;

use super::ids::{Index, Shape};
use crate::domain::NodeId;
use crate::domain::log::Level;

/// Size of a segment's text in bytes before the next one is started. The last segment of a group is copied when a line
/// arrives while an earlier snapshot is still in use, and it has spare capacity: with hundreds of groups, neither may be
/// large.
pub const SEGMENT_BYTES: usize = 64 * 1024;
/// Lines that a segment holds before the next one is begun: many short lines are a full segment too.
const SEGMENT_LINES: usize = 4_096;

/// A log stream: one sandbox of a function, or one writer of any other kind.
#[derive(Debug, PartialEq, Eq)]
pub struct Stream {
    /// Its name.
    pub name: Box<str>,
    /// The function that writes it, where that is known.
    pub function: Option<NodeId>,
}

/// What is kept of a line beside its text: 24 bytes.
#[derive(Clone, Copy, Debug)]
struct Record {
    /// Milliseconds since 1970.
    at: i64,
    /// Where its text begins; it ends one byte (a line feed) before the next one's.
    start: u32,
    /// A number of its own within its group.
    number: u32,
    /// Its place in the segment's table of streams.
    stream: u16,
    level: Option<Level>,
}

/// Lines in time order.
#[derive(Clone, Debug, Default)]
pub struct Segment {
    text: String,
    records: Vec<Record>,
    streams: Vec<Arc<Stream>>,
    /// The ids that its lines name, once no more lines follow.
    index: Option<Index>,
}

/// A line on its way into a segment.
#[derive(Clone, Debug)]
pub struct NewLine<'a> {
    /// Milliseconds since 1970, by the event's own time.
    pub at: i64,
    /// Its stream.
    pub stream: Arc<Stream>,
    /// The level that it names.
    pub level: Option<Level>,
    /// The text.
    pub text: &'a str,
    /// A number of its own within its group.
    pub number: u32,
}

/// One line of a segment.
#[derive(Clone, Copy, Debug)]
pub struct LineRef<'a> {
    /// When, by the event's own time.
    pub at: Timestamp,
    /// Its stream.
    pub stream: &'a Stream,
    /// The level that it names.
    pub level: Option<Level>,
    /// The text as it came: anything may be in it.
    pub text: &'a str,
    /// A number of its own within its group.
    pub number: u32,
}

impl Segment {
    /// How many lines.
    #[must_use]
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Whether the next line belongs into the next segment.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.text.len() >= SEGMENT_BYTES || self.records.len() >= SEGMENT_LINES
    }

    /// Bytes of memory it holds.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.text.capacity()
            + self.records.capacity() * size_of::<Record>()
            + self.streams.capacity() * size_of::<Arc<Stream>>()
            + self.index.as_ref().map_or(0, Index::bytes)
            + size_of::<Self>()
    }

    /// All texts, each followed by a line feed. A text may hold line feeds of its own.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The range of a line's text in [`text`](Self::text).
    #[must_use]
    pub fn span(&self, line: usize) -> Range<usize> {
        let start = self.records[line].start as usize;
        let end = self
            .records
            .get(line + 1)
            .map_or(self.text.len(), |next| next.start as usize);
        start..end - 1
    }

    /// The line at an offset of [`text`](Self::text); a line includes its line feed.
    #[must_use]
    pub fn line_at(&self, offset: usize) -> usize {
        self.records
            .partition_point(|record| record.start as usize <= offset)
            .saturating_sub(1)
    }

    /// A line's time, milliseconds since 1970.
    #[must_use]
    pub fn at(&self, line: usize) -> i64 {
        self.records[line].at
    }

    /// The first line's time.
    #[must_use]
    pub fn first_at(&self) -> i64 {
        self.records.first().map_or(i64::MAX, |record| record.at)
    }

    /// The last line's time.
    #[must_use]
    pub fn last_at(&self) -> i64 {
        self.records.last().map_or(i64::MIN, |record| record.at)
    }

    /// How many lines are older than a moment.
    #[must_use]
    pub fn before(&self, at: i64) -> usize {
        self.records.partition_point(|record| record.at < at)
    }

    /// How many lines are as old as a moment, or older.
    #[must_use]
    pub fn up_to(&self, at: i64) -> usize {
        self.records.partition_point(|record| record.at <= at)
    }

    /// A line.
    #[must_use]
    pub fn line(&self, line: usize) -> LineRef<'_> {
        let record = &self.records[line];
        LineRef {
            at: Timestamp::from_millisecond(record.at).unwrap_or(Timestamp::UNIX_EPOCH),
            stream: &self.streams[usize::from(record.stream)],
            level: record.level,
            text: &self.text[self.span(line)],
            number: record.number,
        }
    }

    /// Whether a line is of a stream, which is cheaper to ask than the line.
    #[must_use]
    pub fn stream(&self, line: usize) -> &Stream {
        &self.streams[usize::from(self.records[line].stream)]
    }

    /// A line's level.
    #[must_use]
    pub fn level(&self, line: usize) -> Option<Level> {
        self.records[line].level
    }

    /// A line's number.
    #[must_use]
    pub fn number(&self, line: usize) -> u32 {
        self.records[line].number
    }

    /// Adds a line behind all others. Its time must not be before theirs.
    pub fn push(&mut self, line: NewLine<'_>) {
        self.index = None;
        debug_assert!(line.at >= self.last_at(), "lines are in time order");
        let known = self
            .streams
            .iter()
            .rposition(|stream| Arc::ptr_eq(stream, &line.stream));
        let stream = known.unwrap_or_else(|| {
            self.streams.push(line.stream);
            self.streams.len() - 1
        });
        self.records.push(Record {
            at: line.at,
            start: u32::try_from(self.text.len()).unwrap_or(u32::MAX),
            number: line.number,
            // No more streams than lines, and fewer lines than that.
            stream: u16::try_from(stream).unwrap_or(u16::MAX),
            level: line.level,
        });
        self.text.push_str(line.text);
        self.text.push('\n');
    }

    /// Releases spare capacity, because no more lines follow.
    pub fn seal(&mut self) {
        self.text.shrink_to_fit();
        self.records.shrink_to_fit();
        self.streams.shrink_to_fit();
        self.index = Some(Index::of(
            (0..self.len()).map(|line| (self.records[line].stream, &self.text[self.span(line)])),
        ));
    }

    /// The lines whose text holds these words, ascending; at most `most`. An id is looked up where the segment is indexed.
    #[must_use]
    pub fn naming(&self, words: &str, most: usize) -> Vec<usize> {
        if words.is_empty() {
            return Vec::new();
        }
        let finder = memchr::memmem::Finder::new(words.as_bytes());
        let index = self.index.as_ref().filter(|_| Shape::of(words).is_some());
        if let Some(lines) = index.and_then(|index| index.lines(words)) {
            let holds = |line: &usize| finder.find(self.text[self.span(*line)].as_bytes()).is_some();
            return lines.filter(holds).take(most).collect();
        }
        let mut lines = Vec::new();
        let mut at = 0;
        while let Some(found) = self.text.as_bytes().get(at..).and_then(|rest| finder.find(rest)) {
            let line = self.line_at(at + found);
            let end = self.span(line).end;
            // What reaches into the next line is in neither.
            if at + found + words.len() <= end {
                lines.push(line);
                if lines.len() >= most {
                    break;
                }
                at = end + 1;
            } else {
                at += found + 1;
            }
        }
        lines
    }

    /// Its lines and late ones, both in time order, as new segments: more than one where they have become too many.
    #[must_use]
    pub fn with(&self, late: Vec<NewLine<'_>>) -> Vec<Self> {
        let mut made = vec![Self::default()];
        let mut push = |line: NewLine<'_>| {
            if let Some(last) = made.last_mut() {
                if !last.is_full() {
                    last.push(line);
                    return;
                }
                last.seal();
            }
            let mut next = Self::default();
            next.push(line);
            made.push(next);
        };
        let mut late = late.into_iter().peekable();
        for n in 0..self.len() {
            while let Some(line) = late.next_if(|line| line.at < self.records[n].at) {
                push(line);
            }
            push(self.taken(n));
        }
        late.for_each(push);
        made
    }

    fn taken(&self, n: usize) -> NewLine<'_> {
        let record = &self.records[n];
        NewLine {
            at: record.at,
            stream: Arc::clone(&self.streams[usize::from(record.stream)]),
            level: record.level,
            text: &self.text[self.span(n)],
            number: record.number,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(name: &str) -> Arc<Stream> {
        Arc::new(Stream {
            name: name.into(),
            function: None,
        })
    }

    fn line<'a>(stream: &Arc<Stream>, at: i64, text: &'a str) -> NewLine<'a> {
        NewLine {
            at,
            stream: Arc::clone(stream),
            level: None,
            text,
            number: u32::try_from(at).unwrap_or(0),
        }
    }

    fn texts(segment: &Segment) -> Vec<&str> {
        (0..segment.len()).map(|n| segment.line(n).text).collect()
    }

    #[test]
    fn lines_come_out_as_they_went_in() {
        let (one, two) = (stream("one"), stream("two"));
        let mut segment = Segment::default();
        for (stream, at, text) in [(&one, 1, "a"), (&two, 2, ""), (&one, 2, "注文\nmore"), (&two, 3, "d")] {
            segment.push(line(stream, at, text));
        }
        assert_eq!(texts(&segment), ["a", "", "注文\nmore", "d"]);
        assert_eq!(&*segment.line(2).stream.name, "one");
        assert_eq!((segment.before(2), segment.up_to(2)), (1, 3));
        for n in 0..segment.len() {
            let span = segment.span(n);
            assert_eq!((segment.line_at(span.start), segment.line_at(span.end)), (n, n));
        }
    }

    #[test]
    fn a_late_line_finds_its_place_behind_equal_times() {
        let one = stream("one");
        let mut segment = Segment::default();
        for at in [1, 3, 3, 5] {
            segment.push(line(&one, at, &at.to_string()));
        }
        let late = vec![line(&one, 0, "first"), line(&one, 3, "late"), line(&one, 9, "last")];
        let [made] = segment.with(late).try_into().expect("one segment");
        assert_eq!(texts(&made), ["first", "1", "3", "3", "late", "5", "last"]);
    }

    #[test]
    fn a_record_is_small() {
        assert_eq!(size_of::<Record>(), 24);
    }
}
