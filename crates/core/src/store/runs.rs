//! Statistics of one function's invocations, updated from their changes.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use jiff::Timestamp;

use super::lately::Lately;
use super::series::Minutes;
use super::snapshot::Runs;
use crate::domain::log::Reach;
use crate::domain::{Invocation, RunOutcome};
use crate::logs::invocations::Change;

/// Most and least ended invocations kept per function, for the current series of failures.
const REMEMBERED: usize = 4_096;
const LEAST: usize = 64;
/// Bytes that what is remembered of all functions may take.
pub(super) const BUDGET: usize = 4 * 1024 * 1024;
/// Failures of which it is remembered what they said.
const ERRORS: usize = 4;

/// Statistics of a function's invocations so far.
pub struct RunStats {
    starts: Minutes,
    failures: Minutes,
    last_start: Option<Timestamp>,
    ended: BTreeSet<Ended>,
    /// Seemingly successful invocations whose last lines may still show an error.
    unsure: BTreeSet<Ended>,
    /// The last failures, and what they said.
    errors: BTreeMap<Ended, String>,
    settled_to: Option<Timestamp>,
    read_since: Option<Timestamp>,
    read_to: Option<Timestamp>,
    most: usize,
}

impl Default for RunStats {
    fn default() -> Self {
        Self {
            starts: Minutes::default(),
            failures: Minutes::default(),
            last_start: None,
            ended: BTreeSet::new(),
            unsure: BTreeSet::new(),
            errors: BTreeMap::new(),
            settled_to: None,
            read_since: None,
            read_to: None,
            most: REMEMBERED,
        }
    }
}

/// An ended invocation, ordered by time, request and attempt. Only what is counted, because many are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Ended {
    at: Timestamp,
    /// A number of the request's own.
    request: u64,
    attempt: u32,
    failed: bool,
}

/// What new lines say of traffic.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Events that reached the function for the first time, and when.
    pub arrived: Vec<Timestamp>,
    /// Invocations that succeeded, and when.
    pub succeeded: Vec<Timestamp>,
}

/// The position of an invocation among the ended ones, if it ended.
fn end(run: &Invocation) -> Option<Ended> {
    let at = run.end.or(run.start).filter(|_| run.outcome.has_ended())?;
    let mut request = DefaultHasher::new();
    run.request_id.hash(&mut request);
    Some(Ended {
        at,
        request: request.finish(),
        attempt: run.attempt,
        failed: run.outcome.is_failure(),
    })
}

/// The error of a failed invocation in a few words; `None` if it did not fail.
#[must_use]
pub fn said(run: &Invocation) -> Option<String> {
    if !run.outcome.is_failure() {
        return None;
    }
    let error = run.error.as_ref();
    let message = error.map_or("", |error| error.message.as_str());
    let kind = error.and_then(|error| error.kind.as_deref());
    Some(match kind {
        Some(kind) if message.is_empty() => kind.to_owned(),
        Some(kind) if run.outcome == RunOutcome::Error => format!("{kind}: {message}"),
        _ if message.is_empty() => "failed".to_owned(),
        _ => message.to_owned(),
    })
}

impl RunStats {
    /// Updates how far the log was read. Successful invocations count once their lines have had time to arrive.
    pub fn read(&mut self, reach: &Reach, at: Timestamp, seen: &mut Seen) {
        self.read_since = Some(self.read_since.map_or(reach.since, |known| known.min(reach.since)));
        self.read_to = self.read_to.max(Some(at));
        // Where no lateness is known, what is read is taken as it is.
        self.settled_to = self.settled_to.max(reach.settled_to.or(Some(at)));
        while self
            .unsure
            .first()
            .is_some_and(|first| self.settled_to.is_some_and(|mark| first.at <= mark))
        {
            self.sure(seen);
        }
    }

    /// Counts the oldest seemingly successful invocation.
    fn sure(&mut self, seen: &mut Seen) {
        if let Some(first) = self.unsure.pop_first() {
            seen.succeeded.push(first.at);
            self.ended(first);
        }
    }

    fn ended(&mut self, ended: Ended) {
        self.ended.insert(ended);
        while self.ended.len() > self.most {
            self.ended.pop_first();
        }
    }

    /// Limits memory to the share of one function among this many.
    pub fn share(&mut self, functions: usize) {
        let each = BUDGET / functions.max(1) / size_of::<Ended>();
        self.most = each.clamp(LEAST, REMEMBERED);
    }

    /// Bytes that are remembered of it.
    #[must_use]
    pub fn bytes(&self) -> usize {
        (self.ended.len() + self.unsure.len()) * size_of::<Ended>()
    }

    /// Counts a change of one invocation.
    pub fn change(&mut self, change: &Change, seen: &mut Seen) {
        let (before, after) = (change.before.as_ref(), change.after.as_ref());
        let mut counted = false;
        if let Some(run) = before {
            if let Some(start) = run.start {
                self.starts.take_back(start);
            }
            if let Some(place) = end(run) {
                if place.failed {
                    self.failures.take_back(place.at);
                    self.errors.remove(&place);
                }
                self.ended.remove(&place);
                counted = run.outcome == RunOutcome::Ok && !self.unsure.remove(&place);
            }
        }
        let Some(run) = after else { return };
        if let Some(start) = run.start {
            self.starts.add(start);
            self.last_start = self.last_start.max(Some(start));
            // A retry is an invocation, but no arrival.
            if run.attempt == 1 && before.is_none_or(|before| before.start.is_none()) {
                seen.arrived.push(start);
            }
        }
        if let Some(place) = end(run) {
            if place.failed {
                self.failures.add(place.at);
                self.ended(place);
                self.errors.insert(place, said(run).unwrap_or_default());
                if self.errors.len() > ERRORS {
                    self.errors.pop_first();
                }
            } else if counted {
                self.ended(place);
            } else {
                self.unsure.insert(place);
                if self.unsure.len() > self.most {
                    self.sure(seen);
                }
            }
        }
    }

    /// When a row of failures began, newest first, and whether it may have begun before that. Where nothing succeeded in all
    /// that was read, and failures came as often from the first moment on, what was read begins within the row.
    fn began(&self, row: &[Timestamp]) -> (Option<Timestamp>, bool) {
        let (Some(last), Some(first)) = (row.first(), row.last()) else {
            return (None, false);
        };
        if row.len() >= self.most {
            return (Some(*first), true);
        }
        let is_whole = row.len() == self.ended.len() && last > first;
        let pauses = row.windows(2).map(|pair| pair[0].duration_since(pair[1]));
        let longest = pauses.max().unwrap_or_default();
        let edge = self
            .read_since
            .filter(|since| is_whole && since <= first && first.duration_since(*since) <= longest * 2);
        (edge.or(Some(*first)), edge.is_some())
    }

    /// The statistics. AWS (functions): an invocation of a `durable` function also succeeds while its execution is suspended, so it
    /// does not count as success.
    #[must_use]
    pub fn summary(&self, now: Timestamp, durable: bool) -> Runs {
        let latest = || self.ended.iter().rev();
        let failed = |ended: &&Ended| ended.failed;
        let row: Vec<Timestamp> = latest().take_while(failed).map(|ended| ended.at).collect();
        let (failing_since, failing_longer) = self.began(&row);
        Runs {
            starts: self.starts.points(now),
            failures: self.failures.points(now),
            last_start: self.last_start,
            last_success: latest()
                .find(|ended| !failed(ended))
                .map(|ended| ended.at)
                .filter(|_| !durable),
            last_error: latest().find(failed).map(|ended| {
                // The last few were all taken back, and an older one is the last now.
                let said = self.errors.get(ended).map_or("failed", String::as_str);
                (ended.at, said.to_owned())
            }),
            failing_since,
            failing_longer,
            failed_in_row: u32::try_from(row.len()).unwrap_or(u32::MAX),
            lately: Lately::of(latest().map(|ended| (ended.at, failed(&ended))), now),
            read_since: self.read_since,
            read_to: self.read_to,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::domain::NodeId;
    use crate::logs::Invocations;

    const ID: &str = "b3a1d2c4-0000-4aaa-8bbb-123456789abc";
    const OTHER: &str = "b3a1d2c4-1111-4aaa-8bbb-123456789abc";

    fn at(s: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + s).expect("a time")
    }

    /// Invocations and their statistics, from lines.
    #[derive(Default)]
    struct Told {
        runs: Invocations,
        tally: RunStats,
    }

    impl Told {
        fn lines(&mut self, lines: &[(i64, String)]) -> Seen {
            for (s, text) in lines {
                self.runs.take(&NodeId::from("f"), "stream", at(*s), text);
            }
            let mut seen = Seen::default();
            for change in self.runs.refresh() {
                self.tally.change(&change, &mut seen);
            }
            seen
        }

        /// The log was read now; its lines usually come within so many seconds.
        fn read(&mut self, now: i64, late: i64) -> Seen {
            let reach = Reach {
                since: at(0),
                read_to: at(now),
                complete_to: None,
                settled_to: Some(at(now - late)),
                whole_since: None,
            };
            let mut seen = Seen::default();
            self.tally.read(&reach, at(now), &mut seen);
            seen
        }
    }

    fn start(s: i64, id: &str) -> (i64, String) {
        (s, format!("START RequestId: {id} Version: $LATEST"))
    }

    fn report(s: i64, id: &str, failed: bool) -> (i64, String) {
        let status = if failed { "Status: error" } else { "" };
        (
            s,
            format!("REPORT RequestId: {id}\tDuration: 1.00 ms\tBilled Duration: 1 ms\t{status}"),
        )
    }

    fn error(s: i64) -> (i64, String) {
        (
            s,
            "[ERROR] KeyError: 'boom'\rTraceback (most recent call last):\r  File \"x\"".to_owned(),
        )
    }

    #[test]
    fn a_retry_is_a_run_but_not_an_arrival() {
        let mut told = Told::default();
        let seen = told.lines(&[start(0, ID), error(1), report(2, ID, false), start(66, ID)]);
        assert_eq!(seen.arrived, [at(0)]);
        assert!(seen.succeeded.is_empty());
        let runs = told.tally.summary(at(70), false);
        assert_eq!((runs.failed_in_row, runs.failing_since), (1, Some(at(2))));
        assert_eq!(runs.last_error, Some((at(2), "KeyError: 'boom'".to_owned())));
        assert!((runs.starts.iter().map(|p| p.value).sum::<f64>() - 2.0).abs() < f64::EPSILON);
    }

    #[test]
    fn a_row_of_failures_that_reaches_to_where_the_reading_began_is_older_than_that() {
        let mut told = Told::default();
        let fails = |told: &mut Told, from: i64, to: i64| {
            for s in (from..to).step_by(20) {
                let id = format!("b3a1d2c4-0000-4aaa-8bbb-{s:012}");
                told.lines(&[start(s, &id), error(s + 1), report(s + 2, &id, true)]);
            }
        };
        // Read from 0 on.
        fails(&mut told, 15, 200);
        told.read(210, 1);
        let runs = told.tally.summary(at(210), false);
        assert_eq!((runs.failing_since, runs.failing_longer), (Some(at(0)), true));
        // What failed first came long after the reading began: that is when it began.
        let mut told = Told::default();
        fails(&mut told, 115, 200);
        told.read(210, 1);
        let runs = told.tally.summary(at(210), false);
        assert_eq!((runs.failing_since, runs.failing_longer), (Some(at(117)), false));
        // One succeeded before.
        let mut told = Told::default();
        told.lines(&[start(2, ID), report(3, ID, false)]);
        fails(&mut told, 15, 200);
        told.read(210, 1);
        let runs = told.tally.summary(at(210), false);
        assert_eq!((runs.failing_since, runs.failing_longer), (Some(at(17)), false));
    }

    #[test]
    fn a_good_end_counts_once_an_error_would_have_told_itself() {
        let mut told = Told::default();
        assert_eq!(told.lines(&[start(0, ID), report(2, ID, false)]).succeeded, []);
        assert_eq!(told.read(3, 5).succeeded, [], "its lines had no time to come");
        assert_eq!(told.tally.summary(at(3), false).last_success, None);
        told.lines(&[error(1)]);
        assert_eq!(told.read(9, 5).succeeded, [], "it failed");
        let good = [start(10, OTHER), report(11, OTHER, false)];
        assert_eq!(told.lines(&good).succeeded, []);
        assert_eq!(told.tally.summary(at(12), false).failed_in_row, 1);
        assert_eq!(told.read(16, 5).succeeded, [at(11)]);
        assert_eq!(told.tally.summary(at(16), false).last_success, Some(at(11)));
        assert_eq!(told.read(30, 5).succeeded, [], "it counts once");
        told.lines(&[(10, format!("[INFO]\t{OTHER}\tlate, and harmless"))]);
        assert_eq!(told.read(40, 5).succeeded, [], "it counts once");
    }

    #[test]
    fn an_error_line_that_comes_late_turns_the_run_into_a_failure() {
        let mut told = Told::default();
        told.lines(&[start(0, ID), report(2, ID, false)]);
        told.read(3, 0);
        assert_eq!(told.tally.summary(at(3), false).last_success, Some(at(2)));
        told.lines(&[error(1)]);
        let runs = told.tally.summary(at(9), false);
        assert_eq!((runs.failed_in_row, runs.last_success), (1, None));
        assert!((runs.failures.iter().map(|p| p.value).sum::<f64>() - 1.0).abs() < f64::EPSILON);
    }

    #[test]
    fn success_ends_the_row_of_failures() {
        let mut told = Told::default();
        told.lines(&[
            start(0, ID),
            report(1, ID, true),
            start(2, OTHER),
            report(3, OTHER, false),
        ]);
        told.read(9, 0);
        let runs = told.tally.summary(at(9), false);
        assert_eq!(
            (runs.failed_in_row, runs.failing_since, runs.last_success),
            (0, None, Some(at(3)))
        );
    }

    #[test]
    fn a_run_whose_end_is_unclear_counts_as_no_failure_and_as_no_success() {
        let mut told = Told::default();
        let traceback = "Traceback (most recent call last):\n  File \"x\"\nKeyError: 'boom'".to_owned();
        // Whole milliseconds: not AWS's own report, so not AWS's own runtime.
        let unlike = format!("REPORT RequestId: {ID}\tDuration: 1 ms\tBilled Duration: 1 ms");
        told.lines(&[start(0, ID), (1, traceback), (2, unlike)]);
        told.read(9, 0);
        let runs = told.tally.summary(at(9), false);
        assert_eq!(
            (runs.failed_in_row, runs.last_success, runs.last_error),
            (0, None, None)
        );
    }

    #[test]
    fn a_durable_functions_good_end_is_no_success() {
        let mut told = Told::default();
        told.lines(&[start(0, ID), report(2, ID, false)]);
        told.read(9, 0);
        assert_eq!(told.tally.summary(at(9), false).last_success, Some(at(2)));
        assert_eq!(told.tally.summary(at(9), true).last_success, None);
    }

    #[test]
    fn memory_is_bounded() {
        let mut tally = RunStats::default();
        let mut run = Told::default();
        run.lines(&[start(0, ID), report(1, ID, true)]);
        let runs = run.runs.runs(&NodeId::from("f"));
        let one = runs.iter().next().expect("a run");
        for n in 0..10_000 {
            let mut next = (**one).clone();
            next.end = Some(at(n));
            let change = Change {
                before: None,
                after: Some(Arc::new(next)),
            };
            tally.change(&change, &mut Seen::default());
        }
        assert_eq!(tally.ended.len(), REMEMBERED);
        assert_eq!(
            (size_of::<Ended>(), tally.errors.len()),
            (32, ERRORS),
            "not the runs themselves"
        );
    }

    #[test]
    fn functions_share_what_may_be_remembered() {
        let mut tally = RunStats::default();
        for (functions, most) in [(1, REMEMBERED), (512, 256), (1_000_000, LEAST)] {
            tally.share(functions);
            assert_eq!(tally.most, most, "{functions}");
        }
    }
}
