//! What is kept of a line: only what concerns an invocation. The text itself is in the log buffer.

use std::sync::Arc;

use jiff::Timestamp;

use crate::domain::{RunError, RunOutcome};
use crate::logs::parse::java;
use crate::logs::parse::names::message_ids;
use crate::logs::parse::paint::unpainted;
use crate::logs::parse::python::is_of_runtime;
use crate::logs::parse::{Failure, InitReport, Parsed, Report, Said, Status, Weight};

/// Message ids kept of one line: a batch of a queue has at most ten unless it is asked to be larger.
const MOST_IDS: usize = 100;

/// One line, or several that say nothing by themselves.
#[derive(Clone, Debug)]
pub struct Mark {
    /// When it was written, by the event's own time; of several, the first.
    pub at: Timestamp,
    /// Of several, the last.
    pub to: Timestamp,
    /// The request in the line.
    pub id: Option<Arc<str>>,
    /// Its meaning.
    pub what: What,
    /// The format of a line that has the form of the service's own lines; in a stream of the other format, a function printed it.
    pub service: Option<Format>,
}

/// The two formats in which the service writes its lines. AWS (logs): the function's configuration says which, for all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `START RequestId: …`.
    Text,
    /// `{"type":"platform.start",…}`.
    Json,
}

/// What a line means for an invocation.
#[derive(Clone, Debug)]
pub enum What {
    /// A sandbox starts.
    InitStart,
    /// A sandbox's start failed.
    InitFailed { in_run: bool, kind: Option<Box<str>> },
    /// An invocation began.
    Start { version: Option<Box<str>> },
    /// Its handler ended.
    End {
        status: Option<Status>,
        kind: Option<Box<str>>,
    },
    /// It ended, with its figures.
    Report(Box<Report<'static>>),
    /// It failed, or may have.
    Failure {
        outcome: RunOutcome,
        weight: Weight,
        error: Box<RunError>,
    },
    /// A JavaScript heap was full.
    HeapFull { error: Box<RunError> },
    /// A traceback begins, line by line.
    TracebackHead,
    /// Lines of a stack.
    Frames {
        /// Whether the exception follows them, as in a traceback; otherwise it comes before.
        of_traceback: bool,
        /// Whether one of them belongs to the runtime: the exception had left the handler.
        of_runtime: bool,
    },
    /// The trace of the invocation before.
    Trace { xray: Box<str> },
    /// The function said something; these are the queue messages that it named.
    Words {
        message_ids: Vec<Box<str>>,
        /// What may be the first line of an exception of Java.
        java: Option<Box<str>>,
    },
}

impl What {
    /// The mark of an event, if it has one. `before` is the previous mark of its stream, by which the frames of a traceback
    /// that is printed line by line are recognised.
    pub fn of(text: &str, parsed: &Parsed<'_>, before: Option<&Self>) -> Option<Self> {
        let text = unpainted(text);
        let text = &*text;
        let in_traceback = matches!(
            before,
            Some(What::TracebackHead | What::Frames { of_traceback: true, .. })
        );
        let of_runtime = matches!(before, Some(What::Frames { of_runtime: true, .. }));
        let behind_failure = matches!(
            before,
            Some(
                What::Failure { .. }
                    | What::Frames {
                        of_traceback: false,
                        ..
                    }
            )
        );
        // The runtime's own form, in two events: it may have been the handler that wrote them.
        if let Some(What::Words { java: Some(head), .. }) = before
            && let Some(failure) = java::goes_on(head, text)
            && !parsed.is_of_the_service()
        {
            return Some(What::Failure {
                outcome: thrown(&failure),
                weight: Weight::LastWord,
                error: Box::new(error(&failure)),
            });
        }
        Some(match &parsed.said {
            Said::Service => return None,
            Said::InitStart => What::InitStart,
            Said::InitReport(report) => init(report)?,
            Said::Start { version } => What::Start {
                version: version.as_deref().map(Box::from),
            },
            Said::End { status, error_type } => What::End {
                status: *status,
                kind: error_type.as_deref().map(Box::from),
            },
            Said::Report(report) => What::Report(Box::new(report.clone().into_owned())),
            Said::Trace { xray } => What::Trace {
                xray: xray.as_ref().into(),
            },
            Said::Timeout { after_us } => failure(
                RunOutcome::Timeout,
                RunError {
                    kind: Some("Sandbox.Timedout".to_owned()),
                    message: format!("timed out after {} s", seconds(*after_us)),
                },
            ),
            Said::Crash(said) => ended(RunOutcome::Crash, error(said), parsed),
            Said::OutOfMemory(said) => ended(RunOutcome::OutOfMemory, error(said), parsed),
            Said::HeapFull(said) => What::HeapFull {
                error: Box::new(error(said)),
            },
            Said::Exception { failure, weight } => What::Failure {
                outcome: thrown(failure),
                weight: *weight,
                error: Box::new(error(failure)),
            },
            Said::TracebackHead => What::TracebackHead,
            Said::Plain if in_traceback && is_frame(text) => What::Frames {
                of_traceback: true,
                of_runtime: of_runtime || is_of_runtime(text),
            },
            Said::Plain if behind_failure && (is_frame(text) || goes_on(text)) => What::Frames {
                of_traceback: false,
                of_runtime: false,
            },
            Said::Plain if in_traceback => What::Failure {
                outcome: RunOutcome::Error,
                weight: if of_runtime { Weight::Uncaught } else { Weight::Printed },
                error: Box::new(error(&Failure::of_line(text))),
            },
            Said::Plain => What::Words {
                message_ids: message_ids(text).take(MOST_IDS).map(Box::from).collect(),
                java: java::head(text).map(Box::from),
            },
        })
    }
}

impl Mark {
    /// One line. `before` is the one before it in its stream, which mostly names the same request: the name is held once.
    pub fn new(at: Timestamp, id: Option<&str>, what: What, before: Option<&Self>) -> Self {
        let held = before.and_then(|before| before.id.as_ref());
        let id = id.map(|id| match held.filter(|held| ***held == *id) {
            Some(held) => Arc::clone(held),
            None => Arc::from(id),
        });
        Self {
            at,
            to: at,
            id,
            what,
            service: None,
        }
    }

    /// The same, of a line that is the service's own by its form.
    pub fn of_service(self, service: Option<Format>) -> Self {
        Self { service, ..self }
    }

    /// Whether it is an invocation's start.
    pub const fn is_start(&self) -> bool {
        matches!(self.what, What::Start { .. })
    }

    /// Where something comes late into the midst of several lines: what of them is after it.
    pub fn cut(&mut self, at: Timestamp) -> Option<Self> {
        (self.to > at).then(|| {
            let rest = Self {
                at: self.to,
                to: self.to,
                id: self.id.clone(),
                service: None,
                what: match self.what {
                    What::Frames {
                        of_traceback,
                        of_runtime,
                    } => What::Frames {
                        of_traceback,
                        of_runtime,
                    },
                    _ => What::Words {
                        message_ids: Vec::new(),
                        java: None,
                    },
                },
            };
            self.to = at;
            rest
        })
    }

    /// Merges a later line, if both together mean no more than one: most lines are a function's own. If invocations do not
    /// overlap (`alone`), a line that names none belongs to the same invocation as the line before.
    pub fn absorb(&mut self, at: Timestamp, what: &What, id: Option<&str>, alone: bool) -> bool {
        let same = match (&self.what, what) {
            (
                What::Words { java: None, .. },
                What::Words {
                    message_ids,
                    java: None,
                },
            ) => message_ids.is_empty(),
            (
                What::Frames {
                    of_traceback: one,
                    of_runtime: before,
                },
                What::Frames {
                    of_traceback: other,
                    of_runtime: after,
                },
            ) => (one, before) == (other, after),
            _ => false,
        };
        let own = self.id.as_deref() == id || (alone && id.is_none());
        let absorbed = same && own && self.to <= at;
        if absorbed {
            self.to = at;
        }
        absorbed
    }
}

/// A heap that is full shows as an exception.
fn thrown(failure: &Failure<'_>) -> RunOutcome {
    match failure.kind.as_deref() {
        Some("java.lang.OutOfMemoryError" | "System.OutOfMemoryException") => RunOutcome::OutOfMemory,
        _ => RunOutcome::Error,
    }
}

fn failure(outcome: RunOutcome, error: RunError) -> What {
    What::Failure {
        outcome,
        weight: Weight::Uncaught,
        error: Box::new(error),
    }
}

/// A process ended. AWS names the request; without it the line may be about a process that the function started.
fn ended(outcome: RunOutcome, error: RunError, parsed: &Parsed<'_>) -> What {
    What::Failure {
        outcome,
        weight: if parsed.request_id.is_some() {
            Weight::Uncaught
        } else {
            Weight::LastWord
        },
        error: Box::new(error),
    }
}

fn init(report: &InitReport<'_>) -> Option<What> {
    let failed = report.status.is_some_and(|status| status != Status::Success);
    failed.then(|| What::InitFailed {
        in_run: report.in_run,
        kind: report.error_type.as_deref().map(Box::from),
    })
}

fn error(failure: &Failure<'_>) -> RunError {
    RunError {
        kind: failure.kind.as_deref().map(str::to_owned),
        message: failure.message.clone().into_owned(),
    }
}

fn is_frame(text: &str) -> bool {
    let text = text.trim_end();
    text.is_empty() || text.starts_with([' ', '\u{a0}', '\t'])
}

/// A line that goes on with the failure before it, as Rust's errors and panics do.
fn goes_on(text: &str) -> bool {
    const HEADS: [&str; 6] = [
        "Caused by:",
        "Location:",
        "Stack backtrace:",
        "stack backtrace:",
        "note: run with `RUST_BACKTRACE",
        "note: Some details are omitted",
    ];
    HEADS.iter().any(|head| text.starts_with(head))
}

/// `3`, `31.01`.
fn seconds(us: u64) -> String {
    let text = format!("{}.{:02}", us / 1_000_000, us / 10_000 % 100);
    text.strip_suffix(".00").map_or_else(|| text.clone(), str::to_owned)
}
