//! An event that was dropped by hand, on its way over the screen. The account says where it is; here its way is drawn at a pace that
//! the eye can follow, with the time that it waited at each box, and its end.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::domain::NodeId;
use crate::ui::app::demo::{DroppedEvent, Stage};
use crate::ui::chain::motion;

/// It rests in a box at least so long, so that it is seen in it.
pub const REST: Duration = Duration::from_millis(250);
/// How long its end flashes.
pub const FLASH: Duration = Duration::from_millis(1_500);
/// Shorter waits are none to tell of.
const WAIT: SignedDuration = SignedDuration::from_millis(100);

/// The way of one line, where there is one between two boxes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Way {
    /// Cells.
    pub length: u32,
}

/// What is asked of the picture.
pub trait Picture {
    /// The line between two boxes.
    fn way(&self, from: &NodeId, to: &NodeId) -> Option<Way>;
    /// Whether there is a box.
    fn has(&self, node: &NodeId) -> bool;
    /// Whether events go on from a box by themselves.
    fn leads_on(&self, node: &NodeId) -> bool;
}

/// One line that it rolls along.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leg {
    /// From this box
    pub from: NodeId,
    /// to that one,
    pub to: NodeId,
    /// from this time of the screen's watch
    pub start: Duration,
    /// to that one.
    pub arrives: Duration,
}

/// A time that it waited at a box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wait {
    /// Where.
    pub node: NodeId,
    /// How long, in account time.
    pub length: SignedDuration,
    /// From when on it is shown.
    pub shown: Duration,
}

/// How it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// Where.
    pub node: NodeId,
    /// In which way.
    pub how: Ending,
    /// Account time from its beginning.
    pub total: SignedDuration,
    /// When it is seen, on the screen's watch.
    pub at: Duration,
}

/// In which way an event ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ending {
    /// It was processed.
    Done,
    /// It lies in a dead-letter queue.
    Dead,
    /// It is nowhere.
    Lost,
}

/// One event that is followed.
#[derive(Clone, Debug)]
pub struct Dropped {
    /// Which.
    pub id: u64,
    /// What it is called: `order 12`.
    pub number: u64,
    /// The same: what the scenario calls such an event.
    pub name: Option<String>,
    /// The lines that it rolled along.
    pub legs: Vec<Leg>,
    /// Where it waited.
    pub waits: Vec<Wait>,
    /// Where it is, or is about to be, and from when on.
    pub resting: BTreeMap<NodeId, Duration>,
    /// Its end.
    pub end: Option<End>,
    taken: usize,
    began: Option<Timestamp>,
    /// Boxes that it reached, in this order, with the time of the last thing that happened there and when it may go on from there.
    visited: Vec<Visit>,
    open: BTreeSet<NodeId>,
    worst: Ending,
}

#[derive(Clone, Debug)]
struct Visit {
    node: NodeId,
    at: Timestamp,
    /// It is there to stay until an invocation has taken it: what is accepted asynchronously.
    is_kept: bool,
    /// An invocation has it: that is no wait.
    is_running: bool,
    free: Duration,
}

impl Dropped {
    /// One of which nothing is known yet.
    #[must_use]
    pub fn new(event: &DroppedEvent) -> Self {
        Self {
            id: event.id,
            number: event.number,
            name: event.name.clone(),
            legs: Vec::new(),
            waits: Vec::new(),
            resting: BTreeMap::new(),
            end: None,
            taken: 0,
            began: None,
            visited: Vec::new(),
            open: BTreeSet::new(),
            worst: Ending::Done,
        }
    }

    /// Takes in what the account says. `wall` is the watch of the screen.
    pub fn take(&mut self, event: &DroppedEvent, wall: Duration, picture: &impl Picture) {
        for step in event.steps.iter().skip(self.taken) {
            // What is not drawn, such as a table that nobody reads, is no part of its way.
            if !picture.has(&step.node) {
                continue;
            }
            self.began.get_or_insert(step.at);
            self.end = None;
            match step.stage {
                Stage::Reached => self.reach(&step.node, step.at, wall, picture, true),
                Stage::Begins => self.begin(&step.node, step.at, wall, picture),
                Stage::Failed => self.fail(&step.node, step.at, picture),
                Stage::Done => {
                    self.open.remove(&step.node);
                    self.touch(&step.node, step.at, wall);
                }
                Stage::Lost => {
                    self.worst = self.worst.max(Ending::Lost);
                    self.open.remove(&step.node);
                    self.touch(&step.node, step.at, wall);
                }
            }
            if self.open.is_empty() {
                self.end = Some(self.ended(&step.node, step.at, wall));
            }
        }
        self.taken = event.steps.len();
    }

    /// It is there now.
    fn reach(&mut self, node: &NodeId, at: Timestamp, wall: Duration, picture: &impl Picture, is_kept: bool) {
        let before = self
            .visited
            .iter()
            .rposition(|visit| picture.way(&visit.node, node).is_some());
        let mut free = wall;
        if let Some(visit) = before.and_then(|before| self.visited.get(before)).cloned() {
            let way = picture.way(&visit.node, node).unwrap_or(Way { length: 0 });
            let start = wall.max(visit.free);
            let arrives = start + motion::flight(way.length);
            if !visit.is_running {
                self.wait(&visit.node, at.duration_since(visit.at), start);
            }
            self.open.remove(&visit.node);
            self.resting.remove(&visit.node);
            self.legs.push(Leg {
                from: visit.node,
                to: node.clone(),
                start,
                arrives,
            });
            free = arrives;
        }
        self.resting.insert(node.clone(), free);
        if picture.leads_on(node) || !is_kept {
            self.open.insert(node.clone());
        }
        self.visited.push(Visit {
            node: node.clone(),
            at,
            is_kept,
            is_running: !is_kept,
            free: free + REST,
        });
    }

    /// An invocation has it.
    fn begin(&mut self, node: &NodeId, at: Timestamp, wall: Duration, picture: &impl Picture) {
        let known = self.visited.iter().rfind(|visit| visit.node == *node && visit.is_kept);
        let Some(known) = known.cloned() else {
            return self.reach(node, at, wall, picture, false);
        };
        self.open.insert(node.clone());
        self.wait(node, at.duration_since(known.at), wall.max(known.free));
        self.touch(node, at, wall);
        if let Some(visit) = self.visited.iter_mut().rfind(|visit| visit.node == *node) {
            visit.is_running = true;
        }
    }

    /// An invocation failed: what came out of a queue is in it again.
    fn fail(&mut self, node: &NodeId, at: Timestamp, picture: &impl Picture) {
        let is_kept = self.visited.iter().any(|visit| visit.node == *node && visit.is_kept);
        let source = (!is_kept).then(|| {
            let leads = |visit: &&mut Visit| visit.is_kept && picture.way(&visit.node, node).is_some();
            self.visited.iter_mut().rfind(leads)
        });
        if let Some(source) = source.flatten() {
            source.at = at;
            let (source, free) = (source.node.clone(), source.free);
            self.open.remove(node);
            self.open.insert(source.clone());
            let from = self.resting.remove(node).unwrap_or(free);
            self.resting.insert(source, from + REST);
        } else if let Some(visit) = self.visited.iter_mut().rfind(|visit| visit.node == *node) {
            (visit.at, visit.is_running) = (at, false);
        }
    }

    fn touch(&mut self, node: &NodeId, at: Timestamp, wall: Duration) {
        if let Some(visit) = self.visited.iter_mut().rfind(|visit| visit.node == *node) {
            visit.at = at;
            visit.is_running = false;
            visit.free = visit.free.max(wall);
        }
    }

    fn wait(&mut self, node: &NodeId, length: SignedDuration, shown: Duration) {
        if length < WAIT {
            return;
        }
        // Of several waits at one box all count.
        if let Some(known) = self.waits.iter_mut().find(|wait| wait.node == *node) {
            known.length += length;
            return;
        }
        self.waits.push(Wait {
            node: node.clone(),
            length,
            shown,
        });
    }

    fn ended(&self, node: &NodeId, at: Timestamp, wall: Duration) -> End {
        let last = self.visited.last().map_or(node, |visit| &visit.node);
        let seen = self.visited.iter().map(|visit| visit.free).max().unwrap_or(wall);
        let began = self.began.unwrap_or(at);
        End {
            node: if self.worst == Ending::Lost { node } else { last }.clone(),
            how: self.worst,
            total: at.duration_since(began),
            at: seen.max(wall),
        }
    }

    /// It lies where dead letters land.
    pub fn is_dead(&mut self) {
        self.worst = self.worst.max(Ending::Dead);
        if let Some(end) = &mut self.end {
            end.how = end.how.max(Ending::Dead);
        }
    }

    /// The leg that it rolls along, and how far, from 0 to 1; several where it was copied.
    pub fn rolling(&self, wall: Duration) -> impl Iterator<Item = (&Leg, f64)> {
        let on_it = move |leg: &&Leg| leg.start <= wall && wall < leg.arrives;
        self.legs.iter().filter(on_it).map(move |leg| {
            let whole = leg.arrives.saturating_sub(leg.start).as_secs_f64().max(f64::EPSILON);
            (leg, wall.saturating_sub(leg.start).as_secs_f64() / whole)
        })
    }

    /// The boxes in which it is.
    pub fn boxes(&self, wall: Duration) -> impl Iterator<Item = &NodeId> {
        let is_over = self.end.as_ref().is_some_and(|end| wall >= end.at + FLASH);
        let there = self
            .resting
            .iter()
            .filter(move |(_, since)| **since <= wall && !is_over);
        // From where it is still about to roll away.
        let leaving = self
            .legs
            .iter()
            .filter(move |leg| wall < leg.start && self.has_come(&leg.from, wall));
        there.map(|(node, _)| node).chain(leaving.map(|leg| &leg.from))
    }

    fn has_come(&self, node: &NodeId, wall: Duration) -> bool {
        let mut legs = self.legs.iter().filter(|leg| leg.to == *node);
        legs.next().is_none_or(|leg| leg.arrives <= wall)
    }

    /// Whether something of it changes by itself: it rolls, is about to, or flashes.
    #[must_use]
    pub fn moves(&self, wall: Duration) -> bool {
        self.legs.iter().any(|leg| wall < leg.arrives)
            || self.resting.values().any(|since| wall < *since + REST)
            || self.end.as_ref().is_some_and(|end| wall < end.at + FLASH)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::app::demo::Footstep;

    /// rule → in → q → work → done, and q's dead-letter queue.
    struct Chain;

    impl Picture for Chain {
        fn way(&self, from: &NodeId, to: &NodeId) -> Option<Way> {
            let lines = [
                ("rule", "in"),
                ("in", "q"),
                ("q", "work"),
                ("work", "done"),
                ("q", "dlq"),
            ];
            let known = lines.contains(&(from.as_str(), to.as_str()));
            known.then_some(Way { length: 16 })
        }

        fn has(&self, node: &NodeId) -> bool {
            node.as_str() != "archive"
        }

        fn leads_on(&self, node: &NodeId) -> bool {
            !["done", "dlq"].contains(&node.as_str())
        }
    }

    fn ms(n: u64) -> Duration {
        Duration::from_millis(n)
    }

    fn event(steps: &[(i64, &str, Stage)]) -> DroppedEvent {
        DroppedEvent {
            id: 1,
            number: 12,
            name: Some("order".to_owned()),
            steps: steps
                .iter()
                .map(|(at, node, stage)| Footstep {
                    at: Timestamp::from_millisecond(*at).expect("a time"),
                    node: NodeId::from(*node),
                    stage: *stage,
                })
                .collect(),
        }
    }

    fn at(dropped: &Dropped, wall: u64) -> Vec<String> {
        let rolling = dropped.rolling(ms(wall));
        let rolling = rolling.map(|(leg, far)| format!("{}>{} {far:.1}", leg.from.as_str(), leg.to.as_str()));
        let boxes = dropped.boxes(ms(wall)).map(|node| node.as_str().to_owned());
        rolling.chain(boxes).collect()
    }

    use Stage::{Begins, Done, Failed, Lost, Reached};

    #[test]
    fn what_happens_in_an_instant_is_seen_one_line_after_another() {
        let event = event(&[
            (0, "rule", Reached),
            (50, "in", Reached),
            (300, "in", Begins),
            (400, "q", Reached),
            (400, "archive", Reached),
            (400, "in", Done),
        ]);
        let mut dropped = Dropped::new(&event);
        dropped.take(&event, ms(1_000), &Chain);
        // The rule at once, a quarter of a second in it, one second on each line of 16 cells.
        assert_eq!(at(&dropped, 1_100), ["rule"]);
        assert_eq!(at(&dropped, 1_750), ["rule>in 0.5"]);
        assert_eq!(at(&dropped, 2_300), ["in"]);
        assert_eq!(at(&dropped, 3_000), ["in>q 0.5"]);
        assert_eq!(at(&dropped, 60_000), ["q"], "there it waits");
        assert!(
            dropped.moves(ms(3_000)) && !dropped.moves(ms(60_000)),
            "what waits is not drawn anew"
        );
        let waits: Vec<_> = dropped
            .waits
            .iter()
            .map(|wait| (wait.node.as_str(), wait.length.as_millis()))
            .collect();
        assert_eq!(waits, [("in", 250)]);
        assert_eq!(dropped.end, None);
    }

    #[test]
    fn an_event_that_fails_waits_in_its_queue_and_ends_in_the_dead_letter_queue() {
        let steps = [
            (0, "q", Reached),
            (10, "work", Begins),
            (110, "work", Failed),
            (30_110, "work", Begins),
            (30_210, "work", Failed),
            (60_210, "dlq", Reached),
        ];
        let mut dropped = Dropped::new(&event(&steps[..3]));
        dropped.take(&event(&steps[..3]), ms(0), &Chain);
        assert_eq!(at(&dropped, 5_000), ["q"], "it is visible again there");
        dropped.take(&event(&steps[..5]), ms(8_000), &Chain);
        assert_eq!(at(&dropped, 8_500), ["q>work 0.5"]);
        dropped.take(&event(&steps), ms(20_000), &Chain);
        dropped.is_dead();
        assert_eq!(at(&dropped, 20_500), ["q>dlq 0.5"]);
        let end = dropped.end.clone().expect("an end");
        assert_eq!(
            (end.node.as_str(), end.how, end.total.as_secs()),
            ("dlq", Ending::Dead, 60)
        );
        let waited: Vec<_> = dropped
            .waits
            .iter()
            .map(|wait| (wait.node.as_str(), wait.length.as_secs()))
            .collect();
        assert_eq!(waited, [("q", 60)], "both visibility timeouts");
        assert!(!dropped.moves(ms(60_000)));
    }

    #[test]
    fn what_is_lost_ends_where_it_was_lost() {
        let event = event(&[
            (0, "in", Reached),
            (100, "in", Begins),
            (200, "in", Failed),
            (182_000, "in", Lost),
        ]);
        let mut dropped = Dropped::new(&event);
        dropped.take(&event, ms(0), &Chain);
        let end = dropped.end.expect("an end");
        assert_eq!(
            (end.node.as_str(), end.how, end.total.as_secs()),
            ("in", Ending::Lost, 182)
        );
    }
}
