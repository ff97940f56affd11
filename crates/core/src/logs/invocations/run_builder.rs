//! Builds one invocation from its marks, and derives its outcome.

use jiff::{SignedDuration, Timestamp};

use crate::domain::{Invocation, NodeId, RunError, RunOutcome, RunReport};
use crate::logs::parse::{Report, Status, Weight};

/// Words that follow a failure within so long may have been written before it: a runtime's own lines and what a function
/// prints go through different pipes.
pub const SAME: SignedDuration = SignedDuration::from_millis(5);
/// Message ids kept of one invocation.
const MOST_MESSAGES: usize = 1_000;

/// An invocation by the marks read so far.
#[derive(Clone, Debug)]
pub struct RunBuilder<'m> {
    /// The request.
    pub id: &'m str,
    /// Of the marks that were read, the first that is this invocation's or stands between the invocation before and it.
    pub first: usize,
    /// The last that is this invocation's.
    pub last: usize,
    /// When it was first seen.
    pub begin: Timestamp,
    /// By its START line.
    pub start: Option<Timestamp>,
    /// By its END or REPORT line.
    pub end: Option<Timestamp>,
    /// The version that was invoked.
    pub version: Option<&'m str>,
    /// What the service says of its end.
    pub service: Service<'m>,
    /// What its lines say.
    pub heard: Heard<'m>,
    /// Why its sandbox could not be started: the error's type, and whether that was within the invocation.
    pub init: Option<(bool, Option<&'m str>)>,
    /// The position of that mark, if within the invocation.
    init_at: Option<usize>,
    /// Whether it printed lines of other invocations.
    pub relays: bool,
    /// Whether its lines turned out to be printed by another invocation: then it is not one.
    pub printed: bool,
    /// Whether what is known of it may as well have been printed by another invocation.
    pub doubted: bool,
    /// The X-Ray trace.
    pub xray: Option<&'m str>,
}

/// What the service says of an invocation's end.
#[derive(Clone, Debug, Default)]
pub struct Service<'m> {
    /// How its end says that it ended.
    pub status: Option<Status>,
    /// The error's type that its end names.
    pub kind: Option<&'m str>,
    /// Its figures.
    pub report: Option<&'m Report<'static>>,
    /// Whether there was an END line.
    pub has_end: bool,
}

/// What the lines between an invocation's start and end say.
#[derive(Clone, Debug, Default)]
pub struct Heard<'m> {
    /// The most severe failure reported by the service or a runtime.
    fatal: Option<Fatal<'m>>,
    /// The last exception that may or may not have been the end of it, and its place among the marks.
    pub word: Option<Word<'m>>,
    /// A JavaScript heap was full: the runtime's, if the process ended then.
    heap: Option<Word<'m>>,
    /// The place and the time of the last thing that the function said.
    spoke: Option<(usize, Timestamp)>,
    message_ids: Vec<&'m str>,
}

/// A failure in the words of the service or of a runtime.
#[derive(Clone, Copy, Debug)]
struct Fatal<'m> {
    outcome: RunOutcome,
    error: &'m RunError,
    place: usize,
    at: Timestamp,
    /// Whether the line names the request: then no other invocation's failure can have been printed.
    named: bool,
}

/// An exception, and the position of its mark.
#[derive(Clone, Copy, Debug)]
pub struct Word<'m> {
    /// Its place among the marks.
    pub place: usize,
    /// When.
    pub at: Timestamp,
    /// What it means.
    pub weight: Weight,
    /// What it was.
    pub error: &'m RunError,
}

/// A failure reported by a mark.
#[derive(Clone, Copy, Debug)]
pub struct Told<'m> {
    /// The outcome of the invocation, if it ended this way.
    pub outcome: RunOutcome,
    /// Its position, its meaning and its text.
    pub word: Word<'m>,
    /// Whether the line names the request.
    pub named: bool,
}

impl<'m> RunBuilder<'m> {
    /// A new invocation.
    pub fn new(id: &'m str, first: usize, at: Timestamp) -> Self {
        Self {
            id,
            first,
            last: first,
            begin: at,
            start: None,
            end: None,
            version: None,
            service: Service::default(),
            heard: Heard::default(),
            init: None,
            init_at: None,
            relays: false,
            printed: false,
            doubted: false,
            xray: None,
        }
    }

    /// Whether it is running by its own lines: it started, and its END was not seen.
    pub fn is_open(&self) -> bool {
        self.start.is_some() && self.end.is_none()
    }

    /// Records a failure.
    pub fn fails(&mut self, told: Told<'m>) {
        let Told { outcome, word, named } = told;
        if word.weight != Weight::Uncaught {
            self.heard.word = Some(word);
            return;
        }
        let next = Fatal {
            outcome,
            error: word.error,
            place: word.place,
            at: word.at,
            named,
        };
        let fatal = match self.heard.fatal.take() {
            // The exception says more than the exit that came of it.
            Some(before) => Fatal {
                outcome: graver(before.outcome, outcome),
                error: better(before.error, word.error, before.outcome),
                named: named || before.named,
                ..next
            },
            None => next,
        };
        self.heard.fatal = Some(fatal);
    }

    /// A JavaScript heap was full.
    pub fn fills(&mut self, heap: Word<'m>) {
        self.heard.heap = Some(heap);
    }

    /// Its sandbox could not be started, within it.
    pub fn fails_to_start(&mut self, place: usize, in_run: bool, kind: Option<&'m str>) {
        self.init = Some((true, kind));
        self.init_at = in_run.then_some(place);
        self.last = place;
    }

    /// It said something, up to a time.
    pub fn says(&mut self, place: usize, to: Timestamp, message_ids: &'m [Box<str>]) {
        self.heard.spoke = Some((place, to));
        self.last = place;
        for id in message_ids {
            if self.heard.message_ids.len() < MOST_MESSAGES && !self.heard.message_ids.contains(&&**id) {
                self.heard.message_ids.push(id);
            }
        }
    }

    /// Whether the function continued after a mark.
    fn went_on(&self, place: usize, at: Timestamp) -> bool {
        self.heard
            .spoke
            .is_some_and(|(spoke, to)| spoke > place && to.duration_since(at) > SAME)
    }

    fn status(&self) -> Option<Status> {
        self.service
            .report
            .and_then(|report| report.status)
            .or(self.service.status)
    }

    fn kind(&self) -> Option<&str> {
        self.service
            .report
            .and_then(|report| report.error_type.as_deref())
            .or(self.service.kind)
    }

    /// How it ended, as far as is known. What the service says of the end outranks whatever was printed.
    fn outcome(&self) -> RunOutcome {
        let outcome = match self.status() {
            Some(Status::Success) => return RunOutcome::Ok,
            Some(_) if self.doubted => return RunOutcome::Unknown,
            Some(Status::Timeout) => RunOutcome::Timeout,
            Some(Status::Error | Status::Failure) => {
                let told = of_kind(self.kind());
                self.heard.fatal.map_or(told, |fatal| graver(told, fatal.outcome))
            }
            None => self.without_status(),
        };
        if outcome.is_failure() && self.never_ran(self.kind()) {
            return RunOutcome::InitFailure;
        }
        let full = self.service.report.is_some_and(|report| {
            report
                .memory_mb
                .zip(report.max_memory_mb)
                .is_some_and(|(may, used)| used >= may)
        });
        // AWS (logs): out of memory shows as an exit, and in the figures; a JavaScript heap says it before that.
        if outcome == RunOutcome::Crash && (full || self.heap_of_crash().is_some()) {
            return RunOutcome::OutOfMemory;
        }
        outcome
    }

    /// How it ended, where the service does not say it: as the text format does not say it of a plain exception.
    fn without_status(&self) -> RunOutcome {
        if let Some(fatal) = self.heard.fatal {
            if self.doubted {
                return RunOutcome::Unknown;
            }
            if fatal.named || !self.went_on(fatal.place, fatal.at) {
                return fatal.outcome;
            }
            // A runtime's own form, and the invocation continued: it was printed, or what continued was not the function.
            if !self.relays {
                return if self.end.is_some() {
                    RunOutcome::Unknown
                } else {
                    RunOutcome::Running
                };
            }
        }
        let said_since = |place: usize| self.heard.spoke.is_some_and(|(spoke, _)| spoke > place);
        if self.init_at.is_some_and(|place| !said_since(place)) && self.end.is_some() && !self.relays {
            return RunOutcome::InitFailure;
        }
        if self.end.is_none() {
            return RunOutcome::Running;
        }
        // What it said before the lines that were read is not known.
        if self.start.is_none() {
            return RunOutcome::Unknown;
        }
        let as_aws = self.service.report.is_some_and(|report| report.as_aws);
        let leaves_open = |word: &Word<'_>| match word.weight {
            Weight::Logged => false,
            Weight::Printed => !as_aws,
            Weight::LastWord | Weight::Uncaught => true,
        };
        let words = [self.heard.word, self.heard.heap];
        let mut last = words.iter().flatten().filter(|word| !self.went_on(word.place, word.at));
        if last.any(leaves_open) {
            RunOutcome::Unknown
        } else {
            RunOutcome::Ok
        }
    }

    /// The heap that was full when the process ended by a signal.
    fn heap_of_crash(&self) -> Option<&'m RunError> {
        const SIGNALS: [&str; 4] = [
            "signal: aborted",
            "signal: killed",
            "exit status 134",
            "exit status 137",
        ];
        let by_signal = self
            .heard
            .fatal
            .is_none_or(|fatal| SIGNALS.iter().any(|signal| fatal.error.message.contains(signal)));
        self.heard.heap.filter(|_| by_signal).map(|heap| heap.error)
    }

    /// Whether the sandbox's start failed, and with it the invocation.
    fn never_ran(&self, reported: Option<&str>) -> bool {
        let said = self.heard.fatal.and_then(|fatal| fatal.error.kind.as_deref());
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

    fn error(&self, outcome: RunOutcome) -> Option<RunError> {
        if !outcome.is_failure() {
            return None;
        }
        if outcome == RunOutcome::OutOfMemory
            && let Some(heap) = self.heap_of_crash()
        {
            return Some(heap.clone());
        }
        // If the service names the error type of an invocation, an error of another type was handled.
        let reported = self.kind().filter(|_| outcome == RunOutcome::Error);
        let is_told = |word: &Word<'_>| {
            word.error
                .kind
                .as_deref()
                .zip(reported)
                .is_none_or(|(kind, reported)| same_type(kind, reported))
        };
        let word = self.heard.word.filter(is_told).map(|word| word.error);
        if let Some(fatal) = self.heard.fatal {
            // A panic says more than `exit status 2`, and the error's JSON more than Ruby's words before it.
            let ended = matches!(fatal.outcome, RunOutcome::Crash | RunOutcome::OutOfMemory);
            let more = |word: &Word<'_>| {
                fatal.error.kind.is_none() && word.error.kind.is_some() && word.place == fatal.place + 1
            };
            let told = word.filter(|_| ended || self.heard.word.is_some_and(|word| more(&word)));
            return Some(told.unwrap_or(fatal.error).clone());
        }
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
            kind: self.kind().map(str::to_owned),
            message: message.to_owned(),
        })
    }

    /// The invocation as a domain type; its attempt is counted elsewhere.
    pub fn finish(&self, function: &NodeId, stream: &str) -> Invocation {
        let outcome = self.outcome();
        let report = self.service.report;
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
            report: RunReport {
                duration_us: report.and_then(|report| report.duration_us),
                billed_ms: report.and_then(|report| report.billed_ms),
                memory_mb: report.and_then(|report| report.memory_mb),
                max_memory_mb: report.and_then(|report| report.max_memory_mb),
                init_us: report.and_then(|report| report.init_us),
            },
            xray: report.and_then(|report| report.xray.as_deref()).or(self.xray).map(text),
            version: self.version.map(text),
            message_ids: self.heard.message_ids.iter().map(|id| text(id)).collect(),
        }
    }
}

/// The outcome of an invocation whose report names an error of this type.
fn of_kind(kind: Option<&str>) -> RunOutcome {
    match kind {
        Some("Runtime.OutOfMemory") => RunOutcome::OutOfMemory,
        Some("Sandbox.Timedout") => RunOutcome::Timeout,
        Some("Runtime.ExitError" | "Runtime.Unknown") => RunOutcome::Crash,
        Some(kind) if is_of_start(kind) => RunOutcome::InitFailure,
        _ => RunOutcome::Error,
    }
}

/// Whether two names are of one type: with or without its namespace, and as Ruby's runtime wraps it.
fn same_type(one: &str, other: &str) -> bool {
    let bare = |kind: &str| {
        let inner = kind
            .strip_prefix("Function<")
            .and_then(|kind| kind.strip_suffix('>'))
            .unwrap_or(kind);
        inner.rsplit(['.', ':', '\\']).next().unwrap_or(inner).to_owned()
    };
    bare(one) == bare(other)
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

/// Of two failures of one invocation, the words to show: an exception's, and of two exceptions those of the one that has a
/// type.
fn better<'m>(said: &'m RunError, next: &'m RunError, before: RunOutcome) -> &'m RunError {
    let keep = match before {
        RunOutcome::Error => said.kind.is_some() || next.kind.is_none(),
        _ => true,
    };
    if keep { said } else { next }
}
