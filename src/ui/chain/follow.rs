//! What a demonstration's screen looks at where the chain is wider than the screen: it goes along with one event, hop by
//! hop, from the head of its chain to the end. Whoever moves by hand takes over.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;

use super::scene::{Line, Scene};
use super::scroll::{around, within};
use crate::domain::NodeId;
use crate::layout::{Placed, Rect};
use crate::store::snapshot::Pulse;

/// An event that has made no hop for so long is lost from sight, by the watch.
const LOST: Duration = Duration::from_secs(20);
/// The end of a chain is looked at for so long before the next event is followed.
pub(crate) const REST: Duration = Duration::from_secs(4);
/// The screen stays with a hop for so long, so that the eye can follow.
pub(crate) const DWELL: Duration = Duration::from_millis(700);
/// The event that is followed.
#[derive(Clone, Debug, Default)]
pub struct Trail {
    hop: Option<Hop>,
    /// Whether the next event at a head is to be followed.
    wanted: bool,
    /// Whether a person has taken the screen over.
    by_hand: bool,
    /// Pulses up to this number were seen.
    pub(crate) seen: u64,
}

#[derive(Clone, Debug)]
struct Hop {
    from: NodeId,
    to: NodeId,
    at: Timestamp,
    seen: Duration,
}

impl Trail {
    /// The next event that comes in is followed: somebody dropped one.
    pub fn begin(&mut self) {
        *self = Self {
            wanted: true,
            seen: self.seen,
            ..Self::default()
        };
    }

    /// Something else is to be seen.
    pub fn stop(&mut self) {
        self.hop = None;
        self.wanted = false;
    }

    /// Somebody moves by hand: nothing is followed until an event is dropped.
    pub fn let_go(&mut self) {
        self.stop();
        self.by_hand = true;
    }

    /// The boxes between which the event is.
    #[must_use]
    pub fn between(&self) -> Option<(&NodeId, &NodeId)> {
        self.hop.as_ref().map(|hop| (&hop.from, &hop.to))
    }

    /// Where the screen should be for the event that is followed.
    #[must_use]
    pub fn wanted(&self, placed: &Placed, view: Rect) -> Option<(i32, i32)> {
        let (from, to) = self.between()?;
        let (from, to) = (placed.seat(from)?.rect, placed.seat(to)?.rect);
        let both = Rect {
            x: from.x.min(to.x),
            y: from.y.min(to.y),
            w: u16::try_from(from.right().max(to.right()) - from.x.min(to.x) + 1).ok()?,
            h: u16::try_from(from.bottom().max(to.bottom()) - from.y.min(to.y) + 1).ok()?,
        };
        Some(within(placed, view, around(view, both, (i32::from(view.w) / 4, 3))))
    }

    /// Goes on with the traffic that was seen. `unasked`: events are followed although nobody dropped one.
    pub(crate) fn take(&mut self, pulses: &[Pulse], picture: &Scene, wall: Duration, unasked: bool) {
        let ways = Ways::of(picture);
        let is_over = self.hop.as_ref().is_some_and(|hop| {
            let passed = wall.saturating_sub(hop.seen);
            passed > LOST || (passed > REST && ways.onward(&hop.to).next().is_none())
        });
        if is_over {
            self.hop = None;
        }
        let line = |pulse: &Pulse| {
            let at = picture.line_of.get(&pulse.edge)?;
            picture.lines.get(*at)
        };
        if self.hop.is_none() && (self.wanted || (unasked && !self.by_hand)) {
            let fresh = pulses.iter().filter(|pulse| pulse.number > self.seen);
            let heads = fresh.filter_map(|pulse| Some((pulse, line(pulse)?)));
            let first = heads
                .filter(|(_, line)| ways.is_head(line))
                .max_by_key(|(pulse, _)| pulse.at);
            if let Some((pulse, line)) = first {
                self.wanted = false;
                self.hop = Some(Hop::new(line, pulse, wall));
            }
        }
        // Logs are read one after the other: what comes next may have been seen before.
        for _ in &picture.lines {
            let Some(hop) = self.hop.as_ref().filter(|hop| wall >= hop.seen + DWELL) else {
                break;
            };
            let after = pulses.iter().filter(|pulse| pulse.at >= hop.at);
            let next = after
                .filter_map(|pulse| Some((pulse, line(pulse)?)))
                .filter(|(_, line)| ways.onward(&hop.to).any(|way| std::ptr::eq(way, *line)))
                .min_by_key(|(pulse, _)| pulse.at);
            let Some((pulse, line)) = next else { break };
            self.hop = Some(Hop::new(line, pulse, wall));
        }
        self.seen = pulses
            .iter()
            .map(|pulse| pulse.number)
            .max()
            .unwrap_or(0)
            .max(self.seen);
    }
}

impl Hop {
    fn new(line: &Line, pulse: &Pulse, seen: Duration) -> Self {
        Self {
            from: line.from.clone(),
            to: line.to.clone(),
            at: pulse.at,
            seen,
        }
    }
}

/// The lines that lead on: forwards, and not into what only stores.
struct Ways<'a> {
    lines: Vec<&'a Line>,
    sources: BTreeSet<&'a NodeId>,
    targets: BTreeSet<&'a NodeId>,
}

impl<'a> Ways<'a> {
    fn of(picture: &'a Scene) -> Self {
        let lines: Vec<&Line> = picture.lines.iter().filter(|line| !line.dead_letter).collect();
        Self {
            sources: lines.iter().map(|line| &line.from).collect(),
            targets: lines.iter().map(|line| &line.to).collect(),
            lines,
        }
    }

    fn is_head(&self, line: &Line) -> bool {
        !line.dead_letter && !self.targets.contains(&line.from)
    }

    /// The lines out of a box; where some of them lead further than the next box, only those.
    fn onward(&self, id: &NodeId) -> impl Iterator<Item = &'a Line> {
        let out = self.lines.iter().copied().filter(move |line| line.from == *id);
        let further = out.clone().any(|line| self.sources.contains(&line.to));
        let out: Vec<&Line> = out.filter(|line| !further || self.sources.contains(&line.to)).collect();
        out.into_iter()
    }
}
