//! From the marks of one stream, in order of time, to the runs in it.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};

use super::mark::{Mark, What};
use crate::domain::{Invocation, NodeId, RunError, RunOutcome};
use crate::logs::parse::{Report, Status, Weight};

/// A run as far as the marks read so far tell it, in their own words.
#[derive(Clone, Debug)]
pub struct Draft<'m> {
    /// The request.
    pub id: &'m str,
    /// Of the marks that were read, the first that is this run's or stands between the run before and it.
    pub first: usize,
    /// The last that is this run's.
    pub last: usize,
    /// When it was first seen.
    pub begin: Timestamp,
    start: Option<Timestamp>,
    end: Option<Timestamp>,
    version: Option<&'m str>,
    status: Option<Status>,
    kind: Option<&'m str>,
    report: Option<&'m Report<'static>>,
    /// What surely failed, the gravest.
    fatal: Option<(RunOutcome, &'m RunError)>,
    /// The last exception that may or may not have been the end of it, and its place among the marks.
    word: Option<(usize, Weight, &'m RunError)>,
    /// The place of the last thing that the function said.
    spoke: Option<usize>,
    /// Why its sandbox could not be started: the error's type, and whether that was within the run.
    init: Option<(bool, Option<&'m str>)>,
    xray: Option<&'m str>,
    message_ids: Vec<&'m str>,
}

impl<'m> Draft<'m> {
    fn new(id: &'m str, first: usize, at: Timestamp) -> Self {
        Self {
            id,
            first,
            last: first,
            begin: at,
            start: None,
            end: None,
            version: None,
            status: None,
            kind: None,
            report: None,
            fatal: None,
            word: None,
            spoke: None,
            init: None,
            xray: None,
            message_ids: Vec::new(),
        }
    }

    fn fails(&mut self, place: usize, outcome: RunOutcome, weight: Weight, error: &'m RunError) {
        if weight != Weight::Uncaught {
            self.word = Some((place, weight, error));
            return;
        }
        let told = match self.fatal.take() {
            // The exception says more than the exit that came of it.
            Some((before, said)) => (graver(before, outcome), better(said, error, before)),
            None => (outcome, error),
        };
        self.fatal = Some(told);
    }

    fn says(&mut self, place: usize, message_ids: &'m [Box<str>]) {
        self.spoke = Some(place);
        self.last = place;
        for id in message_ids {
            if self.message_ids.len() < MOST_MESSAGES && !self.message_ids.contains(&&**id) {
                self.message_ids.push(id);
            }
        }
    }

    /// How it ended, as far as is known.
    fn outcome(&self) -> RunOutcome {
        let report = self.report;
        let status = report.and_then(|report| report.status).or(self.status);
        let kind = report.and_then(|report| report.error_type.as_deref()).or(self.kind);
        let outcome = match (&self.fatal, status) {
            (Some((outcome, _)), _) => *outcome,
            (None, Some(Status::Timeout)) => RunOutcome::Timeout,
            (None, Some(Status::Error | Status::Failure)) => of_kind(kind),
            (None, None) if self.end.is_none() => RunOutcome::Running,
            (None, None) if self.last_word().is_some() => RunOutcome::Error,
            (None, Some(Status::Success) | None) => RunOutcome::Ok,
        };
        if outcome.is_failure() && self.never_ran(kind) {
            return RunOutcome::InitFailure;
        }
        let full = report.is_some_and(|report| {
            report
                .memory_mb
                .zip(report.max_memory_mb)
                .is_some_and(|(may, used)| used >= may)
        });
        // AWS: out of memory shows as an exit, and in the figures.
        if outcome == RunOutcome::Crash && full {
            return RunOutcome::OutOfMemory;
        }
        outcome
    }

    /// Whether the sandbox's start failed, and with it the run.
    fn never_ran(&self, reported: Option<&str>) -> bool {
        let said = self.fatal.and_then(|(_, error)| error.kind.as_deref());
        let of_start = |kind: Option<&str>| kind.is_some_and(is_of_start);
        if of_start(said) || of_start(reported) {
            return true;
        }
        match self.init {
            Some((true, _)) => true,
            Some((false, kind)) => kind.is_some() && (kind == said || kind == reported),
            None => false,
        }
    }

    /// The exception that was the last thing to be heard of it.
    fn last_word(&self) -> Option<&'m RunError> {
        let (place, weight, error) = self.word?;
        let is_last = self.spoke.is_none_or(|spoke| spoke < place);
        (weight == Weight::LastWord && is_last).then_some(error)
    }

    fn error(&self, outcome: RunOutcome) -> Option<RunError> {
        if !outcome.is_failure() {
            return None;
        }
        let word = self.word.map(|(_, _, error)| error);
        if let Some((how, error)) = self.fatal {
            // A panic tells more than `exit status 2`.
            let ended = matches!(how, RunOutcome::Crash | RunOutcome::OutOfMemory);
            return Some(word.filter(|_| ended).unwrap_or(error).clone());
        }
        let kind = self
            .report
            .and_then(|report| report.error_type.as_deref())
            .or(self.kind);
        if let Some(word) = word {
            return Some(word.clone());
        }
        let message = match outcome {
            RunOutcome::Timeout => "timed out",
            RunOutcome::OutOfMemory => "out of memory",
            RunOutcome::Crash => "the process ended",
            RunOutcome::InitFailure => "the sandbox did not start",
            _ => "failed",
        };
        Some(RunError {
            kind: kind.map(str::to_owned),
            message: message.to_owned(),
        })
    }

    /// The run in the words of the domain; its attempt is counted elsewhere.
    pub fn finish(&self, function: &NodeId, stream: &str) -> Invocation {
        let outcome = self.outcome();
        let report = self.report;
        let text = str::to_owned;
        Invocation {
            function: function.clone(),
            request_id: text(self.id),
            attempt: 0,
            stream: text(stream),
            start: self.start,
            end: self.end,
            outcome,
            error: self.error(outcome),
            duration_us: report.and_then(|report| report.duration_us),
            billed_ms: report.and_then(|report| report.billed_ms),
            memory_mb: report.and_then(|report| report.memory_mb),
            max_memory_mb: report.and_then(|report| report.max_memory_mb),
            init_us: report.and_then(|report| report.init_us),
            xray: report.and_then(|report| report.xray.as_deref()).or(self.xray).map(text),
            version: self.version.map(text),
            message_ids: self.message_ids.iter().map(|id| text(id)).collect(),
        }
    }
}

/// How a run ended whose report names an error of this type.
fn of_kind(kind: Option<&str>) -> RunOutcome {
    match kind {
        Some("Runtime.OutOfMemory") => RunOutcome::OutOfMemory,
        Some("Sandbox.Timedout") => RunOutcome::Timeout,
        Some("Runtime.ExitError" | "Runtime.Unknown") => RunOutcome::Crash,
        Some(kind) if is_of_start(kind) => RunOutcome::InitFailure,
        _ => RunOutcome::Error,
    }
}

/// Whether an error of this type keeps the handler from ever being called.
fn is_of_start(kind: &str) -> bool {
    // Ruby's runtime wraps the class of what it met while it loaded the handler: `Init<LoadError>`.
    let wrapped = kind.starts_with("Init<");
    wrapped
        || matches!(
            kind,
            "Runtime.ImportModuleError"
                | "Runtime.HandlerNotFound"
                | "Runtime.MalformedHandlerName"
                | "Runtime.UserCodeSyntaxError"
                | "Runtime.InvalidEntrypoint"
                | "Runtime.InvalidWorkingDir"
                | "Runtime.InitError"
                | "Runtime.NoSuchModule"
                | "Extension.Crash"
                | "Extension.InitError"
                | "Extension.LaunchError"
        )
}

fn rank(outcome: RunOutcome) -> u8 {
    match outcome {
        RunOutcome::Timeout => 3,
        RunOutcome::OutOfMemory => 2,
        RunOutcome::Crash => 1,
        _ => 0,
    }
}

fn graver(one: RunOutcome, other: RunOutcome) -> RunOutcome {
    if rank(other) > rank(one) { other } else { one }
}

/// Of two failures of one run, the words to show: an exception's, and of two exceptions those of the one that has a type.
fn better<'m>(said: &'m RunError, next: &'m RunError, before: RunOutcome) -> &'m RunError {
    let keep = match before {
        RunOutcome::Error => said.kind.is_some() || next.kind.is_none(),
        _ => true,
    };
    if keep { said } else { next }
}

/// Reads marks in order of time.
pub struct Folding<'m> {
    marks: &'m [Mark],
    /// Whether the stream writes JSON: then several requests may run in it at once.
    json: bool,
    drafts: Vec<Draft<'m>>,
    /// The last run of each request.
    last: HashMap<&'m str, usize>,
    /// Those that run, in the order in which they began.
    open: Vec<usize>,
    /// The first mark that is no run's yet.
    free: usize,
    /// What was heard of a start of the sandbox before the run that comes.
    init: Option<(bool, Option<&'m str>)>,
    init_error: Option<&'m RunError>,
}

impl<'m> Folding<'m> {
    /// The runs in these marks.
    pub fn drafts(marks: &'m [Mark], json: bool) -> Vec<Draft<'m>> {
        let mut folding = Self {
            marks,
            json,
            drafts: Vec::new(),
            last: HashMap::new(),
            open: Vec::new(),
            free: 0,
            init: None,
            init_error: None,
        };
        for place in 0..marks.len() {
            // The next run's marks begin where this one's end, so that a start of the sandbox between them is the next's.
            if folding.mark(place) {
                folding.free = place + 1;
            }
        }
        folding.drafts
    }

    /// Reads one mark; says whether it is a run's.
    fn mark(&mut self, place: usize) -> bool {
        let marks = self.marks;
        let mark = &marks[place];
        match &mark.what {
            What::InitStart => {
                self.init = None;
                self.init_error = None;
                false
            }
            What::InitFailed { in_run, kind } => {
                let Some(open) = self.open.last() else {
                    self.init = Some((*in_run, kind.as_deref()));
                    return false;
                };
                self.drafts[*open].init = Some((true, kind.as_deref()));
                self.drafts[*open].last = place;
                true
            }
            What::Start { version } => self.start(place, mark, version.as_deref()),
            What::End { status, kind } => {
                let Some(n) = self.of_id(place, mark) else { return false };
                let draft = &mut self.drafts[n];
                draft.status = draft.status.or(*status);
                draft.kind = draft.kind.or(kind.as_deref());
                draft.end = Some(mark.at);
                self.open.retain(|open| *open != n);
                true
            }
            What::Report(report) => {
                let Some(n) = self.of_id(place, mark) else { return false };
                let draft = &mut self.drafts[n];
                draft.report = Some(report);
                draft.end = draft.end.or(Some(mark.at));
                self.open.retain(|open| *open != n);
                true
            }
            What::Failure { outcome, weight, error } => {
                let named = match (&mark.id, weight) {
                    // A line of the service or of a runtime tells of a run, also where its start was not seen.
                    (Some(_), Weight::Uncaught) => self.of_id(place, mark),
                    (Some(id), _) => self.known(id),
                    (None, _) => None,
                };
                let Some(n) = named.or_else(|| self.owner(mark.at)) else {
                    self.init_error = Some(error);
                    return false;
                };
                let draft = &mut self.drafts[n];
                draft.fails(place, *outcome, *weight, error);
                draft.last = place;
                true
            }
            What::Trace { xray } => {
                let Some(draft) = self.drafts.last_mut() else {
                    return false;
                };
                draft.xray = Some(xray);
                draft.last = place;
                true
            }
            What::TracebackHead | What::Frames => {
                let Some(n) = self.owner(mark.at) else { return false };
                self.drafts[n].last = place;
                true
            }
            What::Words { message_ids } => {
                let named = mark.id.as_ref().and_then(|id| self.known(id));
                let Some(n) = named.or_else(|| self.owner(mark.at)) else {
                    return false;
                };
                self.drafts[n].says(place, message_ids);
                true
            }
        }
    }

    fn start(&mut self, place: usize, mark: &'m Mark, version: Option<&'m str>) -> bool {
        let Some(id) = mark.id.as_deref() else { return false };
        if !self.json {
            // One after the other: whatever ran here before has ended, though its end was not seen.
            self.open.clear();
        }
        // A sandbox that did not start is told of before the run; and the end of a short one may be read first, which was
        // written in the same millisecond.
        let early = self.known(id).filter(|n| {
            let draft = &self.drafts[*n];
            draft.start.is_none() && (draft.end.is_none() || draft.begin == mark.at)
        });
        let n = early.unwrap_or_else(|| self.begin(id, place, mark.at));
        let draft = &mut self.drafts[n];
        draft.start = Some(mark.at);
        draft.version = version;
        draft.last = place;
        draft.init = self.init.take();
        let init_error = self.init_error.take();
        if let Some(error) = init_error.filter(|_| draft.init.is_some()) {
            draft.word = Some((place, Weight::Logged, error));
        }
        if draft.end.is_none() {
            self.open.retain(|open| *open != n);
            self.open.push(n);
        }
        true
    }

    /// The last run of a request that was seen here.
    fn known(&self, id: &str) -> Option<usize> {
        self.last.get(id).copied()
    }

    fn begin(&mut self, id: &'m str, place: usize, at: Timestamp) -> usize {
        let n = self.drafts.len();
        self.drafts.push(Draft::new(id, self.free.min(place), at));
        self.last.insert(id, n);
        n
    }

    /// The run that a line of its own names; one whose start was not seen begins with it.
    fn of_id(&mut self, place: usize, mark: &'m Mark) -> Option<usize> {
        let id = mark.id.as_deref()?;
        // What comes long after a run's end is of the request's next one, whose start was not seen yet.
        let is_over = |n: &usize| {
            let end = self.drafts[*n].end;
            end.is_some_and(|end| mark.at.duration_since(end) > NEXT)
        };
        let n = self.known(id).filter(|n| !is_over(n)).unwrap_or_else(|| {
            let n = self.begin(id, place, mark.at);
            self.open.push(n);
            n
        });
        self.drafts[n].last = place;
        Some(n)
    }

    /// The run that a line without an id belongs to: the one that is open.
    fn owner(&self, at: Timestamp) -> Option<usize> {
        match self.open.as_slice() {
            [one] => Some(*one),
            // Of several at once, nobody can tell whose it is.
            [.., last] => (!self.json).then_some(*last),
            [] => self
                .drafts
                .iter()
                .rposition(|draft| draft.end == Some(at))
                .filter(|n| *n + 1 == self.drafts.len()),
        }
    }
}

/// A line so long after a run's end is none of its own. AWS: an asynchronous event is tried again after a minute or more; a
/// report waits for extensions for two seconds at most.
const NEXT: SignedDuration = SignedDuration::from_secs(20);
/// Message ids kept of one run.
const MOST_MESSAGES: usize = 1_000;
