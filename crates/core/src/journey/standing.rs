//! Where events stand, and how long they wait and run at each hop.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{By, Hop, Journey, Link, Ways};
use crate::domain::delivery::Fate;
use crate::domain::{NodeId, RunOutcome};

/// Where an event stands at its last hop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Its last invocation runs.
    Running,
    /// It failed, and is retried.
    Retrying,
    /// It failed, and what comes next is not known.
    Failed,
    /// It is in a dead-letter queue or destination.
    DeadLettered,
    /// It is lost.
    Lost,
    /// It succeeded, and was not seen at any of the functions that come next: it waits in between, or nothing was sent.
    NotSeenAfter,
    /// It succeeded at a function that nothing follows.
    Finished,
    /// How its last invocation ended was not read.
    Unknown,
}

impl State {
    /// Its name in the JSON contract.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Retrying => "retrying",
            Self::Failed => "failed",
            Self::DeadLettered => "dead_lettered",
            Self::Lost => "lost",
            Self::NotSeenAfter => "not_seen_after",
            Self::Finished => "finished",
            Self::Unknown => "unknown",
        }
    }
}

/// An end of a journey: a branch has each its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The hop, by its place.
    pub hop: usize,
    /// How it stands.
    pub state: State,
    /// Since when.
    pub since: Option<Timestamp>,
}

/// Where the branches of a journey stand.
#[must_use]
pub fn standings(journey: &Journey, ways: &Ways) -> Vec<Standing> {
    let goes_on = |n: usize| {
        journey
            .joints
            .iter()
            .any(|joint| joint.from == n && joint.link < Link::Candidate)
    };
    let is_sure = |n: usize| {
        n == 0
            || journey
                .joints
                .iter()
                .any(|joint| joint.to == n && joint.link < Link::Candidate)
    };
    let ends = (0..journey.hops.len()).filter(|n| is_sure(*n) && !goes_on(*n));
    ends.map(|n| {
        let hop = &journey.hops[n];
        Standing {
            hop: n,
            state: state(hop, ways),
            since: hop.end().or(hop.begin()),
        }
    })
    .collect()
}

fn state(hop: &Hop, ways: &Ways) -> State {
    let row = hop.delivery.as_deref();
    if hop.dead.is_some() {
        return State::DeadLettered;
    }
    match row.and_then(|row| row.end.as_ref()).map(|end| end.fate) {
        Some(Fate::DeadLetter | Fate::Destination) => return State::DeadLettered,
        Some(Fate::Dropped | Fate::Expired) => return State::Lost,
        _ => {}
    }
    match hop.attempts.last().map(|run| run.outcome) {
        Some(RunOutcome::Running) => State::Running,
        Some(RunOutcome::Ok) if ways.from(&hop.function).next().is_none() => State::Finished,
        Some(RunOutcome::Ok) => State::NotSeenAfter,
        Some(RunOutcome::Unknown) | None => State::Unknown,
        Some(_) if row.is_some_and(|row| row.next.is_some() || row.overdue.is_some()) => State::Retrying,
        Some(_) => State::Failed,
    }
}

/// How long events wait in front of a hop and run in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Waits in front of it, ascending.
    waits: Vec<SignedDuration>,
    /// Runs of it, attempts together, ascending.
    runs: Vec<SignedDuration>,
}

impl Figures {
    /// How many events it is about.
    #[must_use]
    pub fn count(&self) -> usize {
        self.runs.len()
    }

    /// The wait that so many percent of the events did not exceed. `None` if no wait is known.
    #[must_use]
    pub fn wait(&self, percent: usize) -> Option<SignedDuration> {
        percentile(&self.waits, percent)
    }

    /// The run time that so many percent of the events did not exceed. `None` if none is known.
    #[must_use]
    pub fn run(&self, percent: usize) -> Option<SignedDuration> {
        percentile(&self.runs, percent)
    }
}

/// By the nearest rank.
fn percentile(ascending: &[SignedDuration], percent: usize) -> Option<SignedDuration> {
    let rank = (ascending.len() * percent).div_ceil(100).max(1);
    ascending.get(rank - 1).copied()
}

/// How long the events of these journeys waited in front of each function and ran in it.
#[must_use]
pub fn figures(journeys: &[Journey]) -> BTreeMap<NodeId, Figures> {
    let mut all: BTreeMap<NodeId, Figures> = BTreeMap::new();
    for journey in journeys {
        for (n, hop) in journey.hops.iter().enumerate() {
            let figures = all.entry(hop.function.clone()).or_default();
            figures.waits.extend(journey.waited(n));
            figures.runs.extend(hop.ran());
        }
    }
    for figures in all.values_mut() {
        figures.waits.sort_unstable();
        figures.runs.sort_unstable();
    }
    all
}

impl Hop {
    /// How long its attempts ran; `None` if that is known of none.
    #[must_use]
    pub fn ran(&self) -> Option<SignedDuration> {
        let each = self
            .attempts
            .iter()
            .filter_map(|run| Some(run.end?.duration_since(run.start?)));
        each.reduce(|one, other| one + other)
    }
}

impl Journey {
    /// When the hop before had sent an event to this one, at the latest: the end of the attempt that sent it, or the begin here
    /// where that still ran. `None` if no hop before is known.
    #[must_use]
    pub fn sent(&self, hop: usize) -> Option<Timestamp> {
        let before = self
            .joints
            .iter()
            .filter(|joint| joint.to == hop && joint.by != By::OneOfSeveral);
        let joint = before.min_by_key(|joint| joint.link)?;
        let begin = self.hops[hop].begin()?;
        let mut attempts = self.hops[joint.from].attempts.iter().rev();
        let sender = attempts.find(|run| run.start.is_some_and(|start| start <= begin))?;
        Some(sender.end.filter(|end| *end <= begin).unwrap_or(begin))
    }

    /// How long an event waited in front of a hop, at least. `None` if no hop before is known.
    #[must_use]
    pub fn waited(&self, hop: usize) -> Option<SignedDuration> {
        Some(self.hops[hop].begin()?.duration_since(self.sent(hop)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_the_nearest_rank() {
        let of = |ms: &[i64], percent| {
            let all: Vec<SignedDuration> = ms.iter().copied().map(SignedDuration::from_millis).collect();
            percentile(&all, percent).map(|value| value.as_millis())
        };
        assert_eq!(of(&[], 50), None);
        assert_eq!(of(&[7], 90), Some(7));
        assert_eq!(of(&[1, 2, 3, 4], 50), Some(2));
        assert_eq!(of(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 90), Some(9));
        assert_eq!(of(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 100), Some(10));
    }
}
