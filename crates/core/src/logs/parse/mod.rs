//! Parses one log event: lines of the Lambda service and of its runtimes, in the text and the JSON format.
//!
//! An unknown line is [`Said::Plain`]. Cheap checks of the first bytes come first, because most lines are a function's own;
//! nothing is allocated for a text line that concerns no invocation.

mod dotnet;
mod exception;
mod extension;
mod frameworks;
mod go;
pub(in crate::logs) mod java;
mod json;
mod logger;
pub mod names;
mod objects;
mod owned;
pub mod paint;
mod platform;
pub(in crate::logs) mod python;
pub mod reading;
mod rust;
mod scan;

use std::borrow::Cow;

use crate::domain::log::Level;

/// A parsed event.
#[derive(Clone, Debug, PartialEq)]
pub struct Parsed<'a> {
    /// What it means for the function's invocations.
    pub said: Said<'a>,
    /// Its level, if it names one or its meaning implies one.
    pub level: Option<Level>,
    /// The request ID in one of the places where the service and the runtimes write it. A function may put another ID there
    /// (that of an API request), so the caller checks whether such an invocation was seen.
    pub request_id: Option<Cow<'a, str>>,
    /// Whether it was a line of JSON.
    pub json: bool,
}

/// What a line means for the function's invocations.
#[derive(Clone, Debug, PartialEq)]
pub enum Said<'a> {
    /// A sandbox starts.
    InitStart,
    /// The end of a sandbox's start, which is logged only if it failed or was retried.
    InitReport(InitReport<'a>),
    /// An invocation started.
    Start {
        /// The function's version (`$LATEST`, `7`).
        version: Option<Cow<'a, str>>,
    },
    /// An invocation's handler ended: `END` or `platform.runtimeDone`.
    End {
        /// How, where the line says it (the JSON format does).
        status: Option<Status>,
        /// The error's type, where the line names one.
        error_type: Option<Cow<'a, str>>,
    },
    /// The REPORT of an invocation.
    Report(Report<'a>),
    /// An invocation timed out.
    Timeout {
        /// Microseconds that it was given.
        after_us: u64,
    },
    /// The process exited during an invocation.
    Crash(Failure<'a>),
    /// The process was killed because its memory was used up.
    OutOfMemory(Failure<'a>),
    /// A JavaScript engine gave up because its heap was full: the runtime's own, or that of a process it had started.
    HeapFull(Failure<'a>),
    /// An exception.
    Exception {
        /// What it was.
        failure: Failure<'a>,
        /// What it means for the invocation.
        weight: Weight,
    },
    /// The head of a Python traceback whose frames follow as events of their own: what endpoints write whose runtime is
    /// not AWS's.
    TracebackHead,
    /// The X-Ray trace of the invocation before, on a line of its own.
    Trace {
        /// The trace's id.
        xray: Cow<'a, str>,
    },
    /// A line of the service or of an extension that does not concern an invocation.
    Service,
    /// Anything else.
    Plain,
}

/// What an exception in a line means for the invocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Logged by the function's logger: it was caught, and the invocation may succeed.
    Logged,
    /// Printed in a form that no AWS runtime writes: handled there. Other endpoints' runtimes may report a failure this
    /// way.
    Printed,
    /// A form that both a runtime and a function may write: as the last line of an invocation, it leaves the outcome open.
    LastWord,
    /// A runtime's own words for what the handler let through.
    Uncaught,
}

/// The outcome of an invocation, as reported by the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It succeeded.
    Success,
    /// The handler failed.
    Error,
    /// The runtime or the sandbox failed.
    Failure,
    /// It was stopped.
    Timeout,
}

impl Status {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "success" => Some(Self::Success),
            "error" => Some(Self::Error),
            "failure" => Some(Self::Failure),
            "timeout" => Some(Self::Timeout),
            _ => None,
        }
    }
}

/// An error's type and message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Failure<'a> {
    /// The type, where the line names one.
    pub kind: Option<Cow<'a, str>>,
    /// The message, shortened to [`MESSAGE`] characters.
    pub message: Cow<'a, str>,
}

/// Longest error message kept, in characters.
pub const MESSAGE: usize = 200;

/// The numbers of a REPORT line.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report<'a> {
    /// Duration in microseconds.
    pub duration_us: Option<u64>,
    /// Milliseconds billed. AWS, since August 2025: the start of the sandbox is billed too.
    pub billed_ms: Option<u64>,
    /// MB it may use.
    pub memory_mb: Option<u32>,
    /// MB it used at most.
    pub max_memory_mb: Option<u32>,
    /// Init duration of a cold start in microseconds; `None` if it was warm.
    pub init_us: Option<u64>,
    /// The outcome; `None` if the line does not contain it. The text format never does for a plain exception.
    pub status: Option<Status>,
    /// The error's type.
    pub error_type: Option<Cow<'a, str>>,
    /// The X-Ray trace's id.
    pub xray: Option<Cow<'a, str>>,
    /// Whether its duration is formatted as on AWS, with two decimals in the text format. Endpoints that format it
    /// differently may also report failures differently.
    pub as_aws: bool,
}

/// The start of a sandbox.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct InitReport<'a> {
    /// Microseconds.
    pub init_us: Option<u64>,
    /// Whether the sandbox was started again within an invocation, because the first start failed.
    pub in_run: bool,
    /// How it ended.
    pub status: Option<Status>,
    /// The error's type.
    pub error_type: Option<Cow<'a, str>>,
}

impl<'a> Parsed<'a> {
    fn new(said: Said<'a>) -> Self {
        Self {
            said,
            level: None,
            request_id: None,
            json: false,
        }
    }

    fn of(mut self, request_id: Option<impl Into<Cow<'a, str>>>) -> Self {
        self.request_id = request_id.map(Into::into);
        self
    }

    fn at(mut self, level: impl Into<Option<Level>>) -> Self {
        self.level = level.into();
        self
    }

    /// Whether the line is the service's own, not the function's.
    #[must_use]
    pub fn is_of_the_service(&self) -> bool {
        match self.said {
            Said::InitStart
            | Said::InitReport(_)
            | Said::Start { .. }
            | Said::End { .. }
            | Said::Report(_)
            | Said::Timeout { .. }
            | Said::Crash(_)
            | Said::Trace { .. }
            | Said::Service => true,
            Said::OutOfMemory(_) | Said::HeapFull(_) | Said::Exception { .. } | Said::TracebackHead | Said::Plain => {
                false
            }
        }
    }
}

/// Reads one event's text. Colours in it are no part of what it says.
#[must_use]
pub fn parse(text: &str) -> Parsed<'_> {
    let text = text.trim_start_matches('\u{feff}').trim_end();
    match paint::unpainted(text) {
        Cow::Borrowed(text) => unpainted(text),
        Cow::Owned(text) => unpainted(text.trim_end()).into_owned(),
    }
}

fn unpainted(text: &str) -> Parsed<'_> {
    let Some(first) = text.bytes().next() else {
        return Parsed::new(Said::Plain);
    };
    let known = match first {
        b'{' => json::parse(text),
        b'S' | b'E' | b'R' | b'I' | b'X' | b'L' => platform::parse(text),
        b'0'..=b'9' => platform::timeout(text),
        _ => None,
    };
    known
        .or_else(|| extension::parse(text))
        .or_else(|| exception::parse(text))
        .unwrap_or_else(|| logger::parse(text))
}

/// At most [`MESSAGE`] characters of a message, without the space around it.
fn short(text: &str) -> &str {
    let text = text.trim();
    if text.len() <= MESSAGE {
        return text;
    }
    let end = text.char_indices().nth(MESSAGE).map_or(text.len(), |(at, _)| at);
    &text[..end]
}

/// [`short`] of a text that may be owned.
fn shortened(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(short(text)),
        Cow::Owned(text) => Cow::Owned(short(&text).to_owned()),
    }
}
