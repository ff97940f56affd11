//! How long a command without a screen waits: as long as more comes, and a minute after the last that came.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use crate::domain::Source;
use crate::domain::phrase::Exact;
use crate::store::Snapshot;

/// After so long without anything new, what is missing is said to be unknown. A call that is tried again gives up sooner.
pub(super) const PATIENCE: Duration = Duration::from_mins(1);

/// [`PATIENCE`] for a sentence.
pub(super) fn patience() -> Exact {
    Exact(SignedDuration::try_from(PATIENCE).unwrap_or(SignedDuration::MAX))
}

/// Calls that are made again and again, whether or not anything comes of them.
const REPEATED: [&str; 5] = [
    "sts:GetCallerIdentity",
    "logs:FilterLogEvents",
    "cloudwatch:GetMetricData",
    "cloudwatch:DescribeAlarms",
    "sqs:GetQueueAttributes",
];

/// How far the reading is: of each only what cannot grow for ever by the mere passing of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Progress {
    /// Calls and answers of the first survey, while it runs.
    survey: (u64, u32, usize),
    /// Groups that were read at all, whole, and up to a mark; lines of those that were not read whole yet.
    logs: (usize, usize, usize, usize),
    /// Metrics, depths and sources that were read.
    metrics: (usize, usize, usize),
}

impl Progress {
    fn of(snapshot: &Snapshot, since: Option<Timestamp>) -> Self {
        let topology = &snapshot.topology;
        let ended = topology.surveyed_at.is_some() && !topology.cached;
        let calls = snapshot.cost.calls.by_api.iter();
        let calls = calls.filter(|(api, _)| !REPEATED.contains(&api.as_str()));
        let (mut read, mut whole, mut complete, mut lines) = (0, 0, 0, 0);
        for group in snapshot.logs.groups.values() {
            read += usize::from(group.reach.is_some() || group.unread.is_some());
            complete += usize::from(group.reach.is_some_and(|reach| reach.complete_to.is_some()));
            let is_whole = since.map_or(group.reach.is_some(), |since| group.is_whole_since(since));
            if is_whole || group.unread.is_some() {
                whole += 1;
            } else {
                lines += group.lines.len() + usize::try_from(group.lines.dropped).unwrap_or(usize::MAX);
            }
        }
        let is_read = |source: &Source| {
            let state = snapshot.sources.get(source);
            state.is_some_and(|state| state.read_at.is_some() || state.error.is_some())
        };
        Self {
            survey: if ended {
                (u64::MAX, 0, 0)
            } else {
                (
                    calls.map(|(_, calls)| calls).sum(),
                    topology.progress.map_or(0, |(done, _)| done),
                    topology.nodes.len() + topology.edges.len() + topology.unknown.len(),
                )
            },
            logs: (read, whole, complete, lines),
            metrics: (
                snapshot.vitals.values().map(|vitals| vitals.metrics.len()).sum(),
                snapshot.vitals.values().filter(|vitals| vitals.depth.is_some()).count(),
                [Source::Queues, Source::Logs, Source::Metrics, Source::Alarms]
                    .iter()
                    .filter(|source| is_read(source))
                    .count(),
            ),
        }
    }
}

/// Waits as long as more comes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    reached: Progress,
    until: Instant,
}

impl Patience {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            reached: Progress::default(),
            until: now + PATIENCE,
        }
    }

    /// Takes in what is known now; `since` is how far back logs are wanted.
    pub(super) fn see(&mut self, snapshot: &Snapshot, since: Option<Timestamp>, now: Instant) {
        let reached = Progress::of(snapshot, since);
        if reached != self.reached {
            self.reached = reached;
            self.until = now + PATIENCE;
        }
    }

    /// When it ends unless more comes.
    pub(super) fn until(&self) -> Instant {
        self.until
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    /// A survey under way: so many answers, and calls of one API.
    fn at(done: u32, api: &str, calls: u64) -> Snapshot {
        let mut snapshot = Snapshot::default();
        Arc::make_mut(&mut snapshot.topology).progress = Some((done, 1_000));
        Arc::make_mut(&mut snapshot.cost.calls).by_api = [(api.to_owned(), calls)].into();
        snapshot
    }

    #[test]
    fn it_lasts_as_long_as_answers_come() {
        let start = Instant::now();
        let mut patience = Patience::new(start);
        for n in 1_u32..1_000 {
            let now = start + PATIENCE / 2 * n;
            assert!(patience.until() > now, "{n}");
            patience.see(&at(n, "lambda:GetPolicy", 0), None, now);
        }
    }

    #[test]
    fn it_ends_where_only_time_passes() {
        let start = Instant::now();
        for api in REPEATED {
            let mut patience = Patience::new(start);
            patience.see(&at(1, api, 1), None, start);
            patience.see(&at(1, api, 2), None, start + PATIENCE / 2);
            assert_eq!(patience.until(), start + PATIENCE, "{api}");
        }
        // A call of the survey that was asked again is more: it either answers or is given up.
        let mut patience = Patience::new(start);
        patience.see(&at(1, "lambda:ListFunctions", 1), None, start);
        patience.see(&at(1, "lambda:ListFunctions", 2), None, start + PATIENCE / 2);
        assert_eq!(patience.until(), start + PATIENCE + PATIENCE / 2);
    }

    #[test]
    fn a_later_survey_is_no_progress() {
        let start = Instant::now();
        let mut patience = Patience::new(start);
        for (n, now) in [(1, start), (2, start + PATIENCE / 2)] {
            let mut snapshot = at(n, "lambda:GetPolicy", u64::from(n));
            Arc::make_mut(&mut snapshot.topology).surveyed_at = Some(Timestamp::UNIX_EPOCH);
            patience.see(&snapshot, None, now);
        }
        assert_eq!(patience.until(), start + PATIENCE);
    }
}
