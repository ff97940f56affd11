//! What happens to an event that was dropped by hand, step by step, for who watches it roll. The world itself knows it: no
//! client could tell as much.

use std::collections::VecDeque;

use super::World;
use super::lineage::Lineage;
use crate::text::Text;

/// So many are followed at once; an older one is forgotten.
const FOLLOWED: usize = 8;
/// Steps of one marble that are kept: a loop does not end.
const STEPS: usize = 256;

/// An event that was dropped by hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marble {
    /// Counts what was dropped, from 1.
    pub id: u64,
    /// The number of the event in its traffic: the `{n}` in its texts.
    pub number: u64,
    /// What the scenario calls such an event.
    pub name: Option<Text>,
    /// What happened to it, in order of time.
    pub steps: Vec<MarbleStep>,
}

/// One thing that happened to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarbleStep {
    /// Account time in milliseconds.
    pub at: i64,
    /// The ARN of where it happened.
    pub node: String,
    /// What.
    pub stage: MarbleStage,
}

/// What can happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarbleStage {
    /// It is there: matched, stored, queued or accepted.
    Reached,
    /// An invocation with it starts.
    Begins,
    /// An invocation with it failed.
    Failed,
    /// An invocation with it succeeded.
    Done,
    /// Its last attempt failed, and nothing keeps it.
    Lost,
}

/// Those that are followed.
#[derive(Debug, Default)]
pub(crate) struct Marbles {
    /// To which one belongs what is being done: events on a bus and records of a stream carry no chain of requests.
    carried: Option<u64>,
    dropped: u64,
    kept: VecDeque<Marble>,
}

impl World {
    /// The events that were dropped by hand and are followed, oldest first.
    pub fn marbles(&self) -> impl Iterator<Item = &Marble> {
        self.records.marbles.kept.iter()
    }

    /// Follows one more event.
    pub(super) fn follow_marble(&mut self, number: u64, name: Option<Text>) -> Lineage {
        let marbles = &mut self.records.marbles;
        marbles.dropped += 1;
        marbles.kept.push_back(Marble {
            id: marbles.dropped,
            number,
            name,
            steps: Vec::new(),
        });
        if marbles.kept.len() > FOLLOWED {
            marbles.kept.pop_front();
        }
        Lineage::of_marble(Some(marbles.dropped))
    }

    /// Does something that belongs to a marble, or to none.
    pub(super) fn carrying<R>(&mut self, marble: Option<u64>, work: impl FnOnce(&mut Self) -> R) -> R {
        let before = std::mem::replace(&mut self.records.marbles.carried, marble);
        let done = work(self);
        self.records.marbles.carried = before;
        done
    }

    /// To which marble belongs what is being done.
    pub(super) fn carried(&self) -> Option<u64> {
        self.records.marbles.carried
    }

    /// Notes a step of a marble, where there is one.
    pub(super) fn note_marble(&mut self, marble: Option<u64>, node: impl FnOnce(&Self) -> String, stage: MarbleStage) {
        let Some(marble) = marble else { return };
        let (at, node) = (self.clock.now, node(self));
        let found = self.records.marbles.kept.iter_mut().find(|kept| kept.id == marble);
        if let Some(found) = found.filter(|found| found.steps.len() < STEPS) {
            found.steps.push(MarbleStep { at, node, stage });
        }
    }
}
