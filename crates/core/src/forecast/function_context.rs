//! One function, with what leads into it and out of it.

use std::cell::OnceCell;

use jiff::{SignedDuration, Timestamp};

use super::input::{Input, Log};
use super::policy::{Window, plus};
use super::pressure::Pressure;
use super::triggers::Triggers;
use crate::domain::delivery::{Attempt, AttemptOutcome, Certainty, Missed};
use crate::domain::{Edge, EdgeKind, Function, Invocation, NodeId, RunOutcome};

/// If the log was read this long after an invocation should have ended and has no end of it, none will come.
const LATENESS: SignedDuration = SignedDuration::from_secs(90);

pub(super) struct FunctionContext<'a> {
    pub id: &'a NodeId,
    pub config: &'a Function,
    pub triggers: Triggers<'a>,
    pub out: Vec<&'a Edge>,
    pub log: &'a Log<'a>,
    pub input: &'a Input<'a>,
    pub pressure: OnceCell<Pressure>,
}

impl<'a> FunctionContext<'a> {
    pub fn now(&self) -> Timestamp {
        self.input.now
    }

    pub fn timeout(&self) -> SignedDuration {
        SignedDuration::from_secs(self.config.timeout_s.into())
    }

    /// Whether nothing can run: its reserved concurrency is 0.
    pub fn is_off(&self) -> bool {
        self.config.reserved_concurrency == Some(0)
    }

    /// What holds its events up, as far as was seen: found once, and only where something waits.
    pub fn pressure(&self) -> &Pressure {
        self.pressure.get_or_init(|| Pressure::of(self))
    }

    /// Where a mapping of this id leaves what it gave up.
    pub fn on_failure_of_mapping(&self, mapping: Option<&str>) -> Option<&'a Edge> {
        let of_mapping = |edge: &&'a Edge| {
            edge.key.kind == EdgeKind::DeadLetter
                && edge
                    .policies
                    .iter()
                    .any(|policy| policy.retries.by.as_deref() == Some("mapping") && policy.id.as_deref() == mapping)
        };
        self.out.iter().copied().find(of_mapping)
    }

    /// The end of an invocation: exact if a line shows it, else within its timeout.
    pub fn ended(&self, run: &Invocation) -> Option<Window> {
        if let Some(end) = run.end {
            return Some(Window::at(end));
        }
        let start = begun(run)?;
        if let Some(us) = run.report.duration_us {
            let took = SignedDuration::from_micros(i64::try_from(us).unwrap_or(i64::MAX));
            return Some(Window::at(plus(start, took)));
        }
        Some(Window {
            earliest: start,
            latest: plus(start, self.timeout()),
        })
    }

    /// An invocation as an attempt.
    pub fn attempt(&self, n: u32, run: &Invocation) -> Attempt {
        let outcome = match run.outcome {
            RunOutcome::Ok => AttemptOutcome::Ok,
            RunOutcome::Timeout => AttemptOutcome::Timeout,
            RunOutcome::Running if self.is_silent(run) => AttemptOutcome::Unknown,
            RunOutcome::Running => AttemptOutcome::Running,
            RunOutcome::Unknown => AttemptOutcome::Unknown,
            RunOutcome::Error | RunOutcome::OutOfMemory | RunOutcome::Crash | RunOutcome::InitFailure => {
                AttemptOutcome::Error
            }
        };
        Attempt {
            n,
            start: begun(run),
            // While its outcome is uncertain, it counts as running.
            end: run.end.filter(|_| outcome != AttemptOutcome::Running),
            outcome,
            evidence: Certainty::Observed,
            request_id: Some(run.request_id.clone()),
            error: run.error.clone(),
        }
    }

    /// Whether an invocation should have ended, and the log was read far enough to have its end.
    fn is_silent(&self, run: &Invocation) -> bool {
        let Some(start) = heard(run) else { return true };
        let by = plus(start, self.timeout() + LATENESS);
        let read = self.log.complete_to.max(self.log.read_to);
        self.now() >= by && read.is_some_and(|read| read >= by)
    }

    /// Whether a running invocation needs a row: not if it was merely observed before its end.
    pub fn is_long(&self, run: &Invocation) -> bool {
        const SEEN: SignedDuration = SignedDuration::from_secs(10);
        heard(run).is_none_or(|start| self.log.read_to.is_some_and(|read| read >= plus(start, SEEN)))
    }

    /// Whether an expected attempt is missing: the log is complete past the end of the window and has none. The log of a
    /// function that hides its invocations proves nothing.
    pub fn missed(&self, window: Window) -> Option<Missed> {
        if self.input.unobservable.iter().any(|entry| entry.function == *self.id) {
            return None;
        }
        let complete_to = self.log.complete_to?;
        (complete_to > window.latest).then_some(Missed {
            earliest: window.earliest,
            latest: window.latest,
            complete_to,
        })
    }
}

/// Whether the outcome is unknown only because the log was read from the middle of the invocation on: then it needs no row.
pub(super) fn is_cut(run: &Invocation) -> bool {
    run.outcome == RunOutcome::Unknown && run.start.is_none() && run.attempt == 1
}

/// The earliest known time of an invocation: its start, else its end.
pub(super) fn heard(run: &Invocation) -> Option<Timestamp> {
    begun(run).or(run.end)
}

/// When an invocation started, as far as its lines show.
pub(super) fn begun(run: &Invocation) -> Option<Timestamp> {
    run.start.or_else(|| {
        let took = SignedDuration::from_micros(i64::try_from(run.report.duration_us?).ok()?);
        Some(plus(run.end?, -took))
    })
}
