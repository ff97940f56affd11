//! Lines of several groups as one, in time order: walked forwards and backwards from any place.

use std::sync::Arc;

use jiff::Timestamp;

use super::buffer::Lines;
use super::segment::{LineRef, Segment};
use super::snapshot::{GroupLog, Logs};

/// The lines to show, in time order; lines of the same millisecond in the order of their groups.
#[derive(Clone, Debug, Default)]
pub struct View {
    tracks: Vec<Track>,
}

/// The lines of one group, or its previews.
#[derive(Clone, Debug)]
pub struct Track {
    group: Arc<GroupLog>,
    preview: bool,
    parts: Vec<Part>,
    len: usize,
}

/// The lines of one segment, all or some.
#[derive(Clone, Debug)]
struct Part {
    segment: Arc<Segment>,
    /// The chosen ones, ascending; all where none are named.
    chosen: Option<Arc<[u32]>>,
    /// How many lines of the track are before.
    before: usize,
}

impl Part {
    fn len(&self) -> usize {
        self.chosen.as_ref().map_or(self.segment.len(), |chosen| chosen.len())
    }

    fn line(&self, n: usize) -> usize {
        self.chosen.as_ref().map_or(n, |chosen| chosen[n] as usize)
    }

    fn at(&self, n: usize) -> i64 {
        self.segment.at(self.line(n))
    }

    /// How many of its lines come before the first `lines` of the segment end.
    fn count(&self, lines: usize) -> usize {
        self.chosen
            .as_ref()
            .map_or(lines, |chosen| chosen.partition_point(|n| (*n as usize) < lines))
    }
}

impl Track {
    fn new(group: &Arc<GroupLog>, preview: bool, mut choose: impl FnMut(&Arc<Segment>) -> Option<Arc<[u32]>>) -> Self {
        let lines: &Lines = if preview { &group.preview } else { &group.lines };
        let mut parts = Vec::with_capacity(lines.segments().len());
        let mut len = 0;
        for segment in lines.segments() {
            let part = Part {
                segment: Arc::clone(segment),
                chosen: choose(segment),
                before: len,
            };
            if part.len() > 0 {
                len += part.len();
                parts.push(part);
            }
        }
        Self {
            group: Arc::clone(group),
            preview,
            parts,
            len,
        }
    }

    /// The part that holds the n-th line.
    fn part(&self, n: usize) -> &Part {
        &self.parts[self.parts.partition_point(|part| part.before <= n) - 1]
    }

    fn at(&self, n: usize) -> Option<i64> {
        (n < self.len).then(|| {
            let part = self.part(n);
            part.at(n - part.before)
        })
    }

    /// How many of its lines are older than a moment.
    fn before(&self, at: i64) -> usize {
        let place = self.parts.partition_point(|part| part.segment.last_at() < at);
        self.parts
            .get(place)
            .map_or(self.len, |part| part.before + part.count(part.segment.before(at)))
    }
}

/// Which line: holds while other lines come and go.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LineId {
    /// Its group.
    pub group: Arc<str>,
    /// Whether it is a preview's.
    pub preview: bool,
    /// Its time, milliseconds since 1970.
    pub at: i64,
    /// Its number within the group.
    pub number: u32,
}

/// A line in its place.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// Its group.
    pub group: &'a Arc<GroupLog>,
    /// Whether it comes from a live tail, and polling has not brought it yet.
    pub preview: bool,
    /// The line.
    pub line: LineRef<'a>,
}

impl Shown<'_> {
    /// Which line it is.
    #[must_use]
    pub fn id(&self) -> LineId {
        LineId {
            group: Arc::clone(&self.group.name),
            preview: self.preview,
            at: self.line.at.as_millisecond(),
            number: self.line.number,
        }
    }
}

impl View {
    /// The lines of some groups of which `choose` takes some: all of a segment where it names none.
    pub(super) fn new(
        logs: &Logs,
        mut takes: impl FnMut(&GroupLog) -> bool,
        mut choose: impl FnMut(&Arc<Segment>) -> Option<Arc<[u32]>>,
    ) -> Self {
        let mut tracks = Vec::new();
        for group in logs.groups.values().filter(|group| takes(group)) {
            for preview in [false, true] {
                let track = Track::new(group, preview, &mut choose);
                if track.len > 0 {
                    tracks.push(track);
                }
            }
        }
        Self { tracks }
    }

    /// All lines.
    #[must_use]
    pub fn all(logs: &Logs) -> Self {
        Self::new(logs, |_| true, |_| None)
    }

    /// How many lines.
    #[must_use]
    pub fn len(&self) -> usize {
        self.tracks.iter().map(|track| track.len).sum()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tracks.is_empty()
    }

    /// Stands before the first line.
    #[must_use]
    pub fn start(&self) -> Walk<'_> {
        self.walk(|_, _| 0)
    }

    /// Stands behind the last line.
    #[must_use]
    pub fn end(&self) -> Walk<'_> {
        self.walk(|_, track| track.len)
    }

    /// Stands before the first line of a moment, or of the next one that has any.
    #[must_use]
    pub fn at(&self, at: Timestamp) -> Walk<'_> {
        self.walk(|_, track| track.before(at.as_millisecond()))
    }

    /// Stands before a line; `None` if it is not (or no longer) shown.
    #[must_use]
    pub fn line(&self, id: &LineId) -> Option<Walk<'_>> {
        let own = self
            .tracks
            .iter()
            .position(|track| track.group.name == id.group && track.preview == id.preview)?;
        let track = &self.tracks[own];
        let first = track.before(id.at);
        let place = (first..track.len)
            .take_while(|n| track.at(*n) == Some(id.at))
            .find(|n| {
                let part = track.part(*n);
                part.segment.number(part.line(*n - part.before)) == id.number
            })?;
        Some(self.walk(|n, track| match n.cmp(&own) {
            std::cmp::Ordering::Less => track.before(id.at.saturating_add(1)),
            std::cmp::Ordering::Equal => place,
            std::cmp::Ordering::Greater => track.before(id.at),
        }))
    }

    fn walk(&self, place: impl Fn(usize, &Track) -> usize) -> Walk<'_> {
        let places = self.tracks.iter().enumerate().map(|(n, track)| place(n, track));
        Walk {
            view: self,
            places: places.collect(),
        }
    }
}

/// A place between two lines of a view.
#[derive(Clone, Debug)]
pub struct Walk<'a> {
    view: &'a View,
    /// How many lines of each track are before.
    places: Vec<usize>,
}

impl<'a> Walk<'a> {
    /// How many lines are before.
    #[must_use]
    pub fn position(&self) -> usize {
        self.places.iter().sum()
    }

    /// Steps over the next line.
    pub fn forward(&mut self) -> Option<Shown<'a>> {
        let view = self.view;
        let next = |(n, track): (usize, &Track)| Some((track.at(self.places[n])?, n));
        let (_, n) = view.tracks.iter().enumerate().filter_map(next).min()?;
        self.places[n] += 1;
        Some(self.shown(n, self.places[n] - 1))
    }

    /// Steps back over the line before.
    pub fn backward(&mut self) -> Option<Shown<'a>> {
        let view = self.view;
        let before = |(n, track): (usize, &Track)| Some((track.at(self.places[n].checked_sub(1)?)?, n));
        let (_, n) = view.tracks.iter().enumerate().filter_map(before).max()?;
        self.places[n] -= 1;
        Some(self.shown(n, self.places[n]))
    }

    fn shown(&self, track: usize, n: usize) -> Shown<'a> {
        let track = &self.view.tracks[track];
        let part = track.part(n);
        Shown {
            group: &track.group,
            preview: track.preview,
            line: part.segment.line(part.line(n - part.before)),
        }
    }

    /// The last lines before this place, oldest first.
    #[must_use]
    pub fn lines_before(mut self, most: usize) -> Vec<Shown<'a>> {
        let mut lines: Vec<_> = std::iter::from_fn(|| self.backward()).take(most).collect();
        lines.reverse();
        lines
    }

    /// The next lines behind this place.
    #[must_use]
    pub fn lines_behind(mut self, most: usize) -> Vec<Shown<'a>> {
        std::iter::from_fn(|| self.forward()).take(most).collect()
    }
}
