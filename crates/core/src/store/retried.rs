//! What retries made of the events of one function: what fails at first and is saved each time is no loss to come.
//!
//! AWS (async): only retries of an asynchronous event keep its request ID, so this does not cover queues and streams.

use std::collections::{BTreeMap, HashMap};

use jiff::{SignedDuration, Timestamp};

use super::HOUR;
use crate::domain::{Invocation, RunOutcome};
use crate::forecast::policy::{Window, async_retry};

/// Events that retries saved, before that is more than chance.
const SEEN: u64 = 3;
/// Longest time from writing to reading a line, while its log can be read.
const READ_LATE: SignedDuration = SignedDuration::from_secs(90);

/// The events of one function that failed at first, in the last hour.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Retried {
    /// How many succeeded in the end, by their failed attempts.
    saved: BTreeMap<u32, u64>,
    /// Those that did not, yet: failed attempts, and when the last of them ended.
    open: Vec<(u32, Timestamp)>,
}

impl Retried {
    /// From a function's invocations, oldest first.
    #[must_use]
    pub fn of<'a>(runs: impl Iterator<Item = &'a Invocation>, now: Timestamp) -> Self {
        let mut failed: HashMap<&str, (u32, Timestamp)> = HashMap::new();
        let mut retried = Self::default();
        for run in runs {
            let Some(end) = run.end.or(run.start).filter(|at| now.duration_since(*at) <= HOUR) else {
                continue;
            };
            if run.outcome.is_failure() {
                let one = failed.entry(&run.request_id).or_insert((0, end));
                *one = (one.0 + 1, one.1.max(end));
            } else if run.outcome == RunOutcome::Ok
                && let Some((attempts, _)) = failed.remove(run.request_id.as_str())
            {
                *retried.saved.entry(attempts).or_default() += 1;
            }
        }
        retried.open = failed.into_values().collect();
        retried.open.sort_unstable();
        retried
    }

    /// How many failed once, and were not retried when that was due, if nothing that failed was retried: who calls the function
    /// gets the error.
    #[must_use]
    pub fn never_retried(&self, now: Timestamp) -> u64 {
        if !self.saved.is_empty() || self.open.iter().any(|(failed, _)| *failed > 1) {
            return 0;
        }
        self.open.iter().filter(|(_, at)| !is_expected(1, *at, now)).count() as u64
    }

    /// How many events retries saved that had failed as often as this: `None` if too few did to expect it of the next.
    #[must_use]
    pub fn saved_after(&self, failed: u32) -> Option<u64> {
        let saved = self.saved.range(failed..).map(|(_, count)| count).sum();
        (saved >= SEEN).then_some(saved)
    }

    /// How many events retries saved, where each that failed within this time was saved or may be as the others were.
    #[must_use]
    pub fn saves_all(&self, within: SignedDuration, now: Timestamp) -> Option<u64> {
        let recent = |at: &Timestamp| now.duration_since(*at) <= within;
        let mut open = self.open.iter().filter(|(_, at)| recent(at));
        let expected = open.all(|(failed, at)| is_expected(*failed, *at, now) && self.saved_after(*failed).is_some());
        self.saved_after(1).filter(|_| expected)
    }
}

/// Whether the retry of an event whose last of so many failed attempts ended then may still be seen: it is due, or was just
/// now, and its lines are on their way.
#[must_use]
pub fn is_expected(failed: u32, ended: Timestamp, now: Timestamp) -> bool {
    let due = async_retry(
        failed,
        Window {
            earliest: ended,
            latest: ended,
        },
    );
    due.is_some_and(|due| now.duration_since(due.latest) <= READ_LATE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{NodeId, RunReport};

    fn at(s: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + s).expect("a time")
    }

    /// One event for each word, a minute apart; its attempts a minute apart: `x` failed, `.` succeeded.
    fn retried(words: &str, now: i64) -> Retried {
        let mut runs = Vec::new();
        for (n, word) in (0..).zip(words.split(' ')) {
            for (attempt, outcome) in (1..).zip(word.chars()) {
                let start = at(n * 60 + i64::from(attempt) * 60);
                runs.push(Invocation {
                    function: NodeId::from("f"),
                    request_id: format!("event-{n}"),
                    attempt,
                    stream: "s".into(),
                    start: Some(start),
                    end: Some(start),
                    outcome: if outcome == 'x' {
                        RunOutcome::Error
                    } else {
                        RunOutcome::Ok
                    },
                    error: None,
                    report: RunReport::default(),
                    xray: None,
                    version: None,
                    message_ids: Vec::new(),
                });
            }
        }
        runs.sort_by_key(|run| run.start);
        Retried::of(runs.iter(), at(now))
    }

    const FRESH: SignedDuration = SignedDuration::from_mins(15);

    #[test]
    fn three_that_were_saved_are_no_chance() {
        assert_eq!(retried("x. x.", 300).saved_after(1), None);
        assert_eq!(retried("x. x. x.", 300).saved_after(1), Some(3));
        assert_eq!(retried(". . . .", 300).saved_after(1), None, "nothing had to be saved");
    }

    #[test]
    fn a_first_retry_that_saves_tells_nothing_of_the_second() {
        let retried = retried("x. x. x. xx", 330);
        assert_eq!((retried.saved_after(1), retried.saved_after(2)), (Some(3), None));
        assert_eq!(retried.saves_all(FRESH, at(330)), None);
    }

    #[test]
    fn what_was_saved_late_tells_of_what_failed_less() {
        let retried = retried("xx. xx. xx. x", 300);
        assert_eq!((retried.saved_after(1), retried.saved_after(2)), (Some(3), Some(3)));
    }

    #[test]
    fn one_whose_retry_stays_away_is_not_saved() {
        let story = "x. x. x. x";
        assert_eq!(retried(story, 300).saves_all(FRESH, at(300)), Some(3));
        assert_eq!(retried(story, 500).saves_all(FRESH, at(500)), None);
        let long = SignedDuration::from_secs(60);
        assert_eq!(
            retried(story, 500).saves_all(long, at(500)),
            Some(3),
            "it was before that"
        );
    }

    #[test]
    fn what_is_never_retried_was_a_call() {
        assert_eq!(retried("x x x . x", 900).never_retried(at(900)), 4);
        assert_eq!(retried("x x x . x", 400).never_retried(at(400)), 3, "one may still be");
        assert_eq!(retried("x x x . xx", 900).never_retried(at(900)), 0);
        assert_eq!(retried("x x x . x.", 900).never_retried(at(900)), 0);
    }

    /// Its window has passed, and the line of its retry is on its way: it is expected as before.
    #[test]
    fn a_retry_whose_line_was_not_read_yet_is_expected_all_the_same() {
        let story = "xx. xx. xx. xx";
        for now in 310..=500 {
            assert_eq!(retried(story, now).saves_all(FRESH, at(now)), Some(3), "at {now}");
        }
        assert_eq!(retried(story, 600).saves_all(FRESH, at(600)), None);
    }

    #[test]
    fn what_was_more_than_an_hour_ago_tells_nothing() {
        assert_eq!(retried("x. x. x.", 4_000).saved_after(1), None);
    }
}
