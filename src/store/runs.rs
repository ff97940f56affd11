//! The runs of one function, as its log lines tell them.

use std::collections::{BTreeMap, HashMap, VecDeque};

use jiff::Timestamp;

use super::series::Minutes;
use super::snapshot::Runs;
use crate::domain::log::Mark;

/// What one line means for the runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marked {
    /// When it was written, by the event's own time.
    pub at: Timestamp,
    /// The stream it came in: one sandbox of the function.
    pub stream: String,
    /// What it says.
    pub mark: Mark,
}

/// Requests remembered, to tell a retry from a new event and to join late lines.
const REMEMBERED: usize = 4_096;

/// What a function's log says so far.
#[derive(Default)]
pub struct RunLog {
    starts: Minutes,
    failures: Minutes,
    requests: HashMap<String, Request>,
    order: VecDeque<String>,
    /// The request that is running in each stream: a line without an id belongs to it.
    open: BTreeMap<String, String>,
    last_start: Option<Timestamp>,
    last_success: Option<Timestamp>,
    last_error: Option<(Timestamp, String)>,
    /// Outcomes in time order, latest last, as far as needed to tell the present row of failures.
    outcomes: BTreeMap<(Timestamp, String), bool>,
    read_to: Option<Timestamp>,
}

#[derive(Default)]
struct Request {
    starts: u32,
    /// The attempt that is running or ended last.
    attempt: Attempt,
}

#[derive(Default)]
struct Attempt {
    failed: bool,
    /// When it was reported, and so counted as an outcome.
    reported: Option<Timestamp>,
}

/// What new lines say of traffic.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Events that reached the function for the first time, and when.
    pub arrived: Vec<Timestamp>,
    /// Runs that ended well, and when.
    pub succeeded: Vec<Timestamp>,
}

impl RunLog {
    /// Takes new lines in. Each is given once; late ones may come out of order.
    pub fn take(&mut self, at: Timestamp, lines: Vec<Marked>) -> Seen {
        let mut seen = Seen::default();
        for line in lines {
            self.line(line, &mut seen);
        }
        self.read_to = Some(self.read_to.map_or(at, |before| before.max(at)));
        seen
    }

    fn line(&mut self, line: Marked, seen: &mut Seen) {
        match line.mark {
            Mark::Start { request_id } => {
                self.starts.add(line.at);
                self.last_start = self.last_start.max(Some(line.at));
                let request = self.request(&request_id);
                request.starts += 1;
                if request.starts == 1 {
                    seen.arrived.push(line.at);
                } else {
                    request.attempt = Attempt::default();
                }
                self.open.insert(line.stream, request_id);
            }
            Mark::Error { request_id, message } => {
                let Some(id) = request_id.or_else(|| self.open.get(&line.stream).cloned()) else {
                    self.note_error(line.at, message);
                    return;
                };
                let attempt = &mut self.request(&id).attempt;
                let (was_failed, reported) = (attempt.failed, attempt.reported);
                attempt.failed = true;
                // A late line: the run had been counted as good.
                if let (false, Some(reported)) = (was_failed, reported) {
                    self.outcomes.insert((reported, id), false);
                    self.failures.add(reported);
                    self.last_success = self
                        .outcomes
                        .iter()
                        .rev()
                        .find(|(_, good)| **good)
                        .map(|((at, _), _)| *at);
                }
                self.note_error(line.at, message);
            }
            Mark::Report { request_id, failed, .. } => {
                let attempt = &mut self.request(&request_id).attempt;
                attempt.failed |= failed;
                attempt.reported = Some(line.at);
                let good = !attempt.failed;
                self.outcome(line.at, request_id.clone(), good);
                if good {
                    seen.succeeded.push(line.at);
                } else if failed && self.last_error.as_ref().is_none_or(|(at, _)| *at < line.at) {
                    let known = self
                        .last_error
                        .as_ref()
                        .is_some_and(|(at, _)| line.at.duration_since(*at) < jiff::SignedDuration::from_secs(2));
                    if !known {
                        self.note_error(line.at, "failed".into());
                    }
                }
                self.open.retain(|_, open| *open != request_id);
            }
        }
    }

    fn outcome(&mut self, at: Timestamp, id: String, good: bool) {
        if good {
            self.last_success = self.last_success.max(Some(at));
        } else {
            self.failures.add(at);
        }
        self.outcomes.insert((at, id), good);
        while self.outcomes.len() > REMEMBERED {
            self.outcomes.pop_first();
        }
    }

    fn note_error(&mut self, at: Timestamp, message: String) {
        if self.last_error.as_ref().is_none_or(|(before, _)| *before <= at) {
            self.last_error = Some((at, message));
        }
    }

    fn request(&mut self, id: &str) -> &mut Request {
        if !self.requests.contains_key(id) {
            self.order.push_back(id.to_owned());
            if self.order.len() > REMEMBERED
                && let Some(oldest) = self.order.pop_front()
            {
                self.requests.remove(&oldest);
            }
        }
        self.requests.entry(id.to_owned()).or_default()
    }

    /// The runs in short.
    pub fn summary(&self, now: Timestamp) -> Runs {
        let row: Vec<Timestamp> = self
            .outcomes
            .iter()
            .rev()
            .take_while(|(_, good)| !**good)
            .map(|((at, _), _)| *at)
            .collect();
        Runs {
            starts: self.starts.points(now),
            failures: self.failures.points(now),
            last_start: self.last_start,
            last_success: self.last_success,
            last_error: self.last_error.clone(),
            failing_since: row.last().copied(),
            failed_in_row: u32::try_from(row.len()).unwrap_or(u32::MAX),
            read_to: self.read_to,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(s: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + s).expect("a time")
    }

    fn start(s: i64, id: &str) -> Marked {
        Marked {
            at: at(s),
            stream: "a".into(),
            mark: Mark::Start { request_id: id.into() },
        }
    }

    fn report(s: i64, id: &str, failed: bool) -> Marked {
        let mark = Mark::Report {
            request_id: id.into(),
            duration_us: 1,
            failed,
            cold: false,
        };
        Marked {
            at: at(s),
            stream: "a".into(),
            mark,
        }
    }

    fn error(s: i64, id: Option<&str>) -> Marked {
        let mark = Mark::Error {
            request_id: id.map(Into::into),
            message: "boom".into(),
        };
        Marked {
            at: at(s),
            stream: "a".into(),
            mark,
        }
    }

    #[test]
    fn a_retry_is_a_run_but_not_an_arrival() {
        let mut log = RunLog::default();
        let seen = log.take(
            at(9),
            vec![start(0, "x"), error(1, None), report(2, "x", false), start(66, "x")],
        );
        assert_eq!(seen.arrived, [at(0)]);
        assert!(seen.succeeded.is_empty());
        let runs = log.summary(at(70));
        assert_eq!((runs.failed_in_row, runs.failing_since), (1, Some(at(2))));
        assert!((runs.starts.iter().map(|p| p.value).sum::<f64>() - 2.0).abs() < f64::EPSILON);
    }

    #[test]
    fn an_error_line_that_comes_late_turns_the_run_into_a_failure() {
        let mut log = RunLog::default();
        log.take(at(3), vec![start(0, "x"), report(2, "x", false)]);
        assert_eq!(log.summary(at(3)).failed_in_row, 0);
        log.take(at(9), vec![error(1, Some("x"))]);
        let runs = log.summary(at(9));
        assert_eq!((runs.failed_in_row, runs.last_success), (1, None));
    }

    #[test]
    fn success_ends_the_row_of_failures() {
        let mut log = RunLog::default();
        log.take(
            at(9),
            vec![
                start(0, "x"),
                report(1, "x", true),
                start(2, "y"),
                report(3, "y", false),
            ],
        );
        let runs = log.summary(at(9));
        assert_eq!(
            (runs.failed_in_row, runs.failing_since, runs.last_success),
            (0, None, Some(at(3)))
        );
    }

    #[test]
    fn memory_is_bounded() {
        let mut log = RunLog::default();
        for n in 0..10_000 {
            log.take(at(n), vec![start(n, &n.to_string())]);
        }
        assert!(log.requests.len() <= REMEMBERED && log.order.len() <= REMEMBERED);
    }
}
