//! Lines of JSON: the service's system events, the runtimes' lines, and those of common loggers.
//!
//! AWS (logs): a function whose log format is JSON gets all its system events this way, each with its request id; the report says
//! how the invocation ended, so no line before it has to be interpreted.

pub(super) mod failure;
mod fields;

use std::borrow::Cow;

use failure::failure;
use fields::{Fields, Value, read};

use super::{Failure, InitReport, Level, Parsed, Report, Said, Status, Weight, go, java, paint, rust, shortened};

/// A text that begins with `{`; `None` if it is not relevant.
pub fn parse(text: &str) -> Option<Parsed<'_>> {
    let fields = read(text);
    let mut parsed = match fields.kind.text() {
        Some(kind) if kind.starts_with("platform.") => of_service(&kind, fields.record.object()?),
        _ => of_function(&fields, text),
    }?;
    parsed.json = true;
    Some(parsed)
}

fn of_service<'a>(kind: &str, record: &Fields<'a>) -> Option<Parsed<'a>> {
    let status = || record.status.text().and_then(|status| Status::parse(&status));
    let failed = status().is_some_and(|status| status != Status::Success);
    let (said, level) = match kind {
        "platform.start" => (
            Said::Start {
                version: record.version.text(),
            },
            Level::Info,
        ),
        "platform.runtimeDone" => (
            Said::End {
                status: status(),
                error_type: record.error_type.text(),
            },
            if failed { Level::Error } else { Level::Info },
        ),
        "platform.report" => (
            Said::Report(report(record, status())),
            if failed { Level::Error } else { Level::Info },
        ),
        "platform.initStart" => (Said::InitStart, Level::Info),
        "platform.initReport" | "platform.initRuntimeDone" => {
            let report = InitReport {
                init_us: record.metrics.object().and_then(|metrics| micros(&metrics.duration)),
                in_run: record.phase.text().is_some_and(|phase| phase == "invoke"),
                status: status(),
                error_type: record.error_type.text(),
            };
            (
                Said::InitReport(report),
                if failed { Level::Error } else { Level::Info },
            )
        }
        _ => (Said::Service, Level::Info),
    };
    let about_run = matches!(said, Said::Start { .. } | Said::End { .. } | Said::Report(_));
    let request_id = record.request_id.text();
    if about_run && request_id.is_none() {
        return None;
    }
    Some(Parsed::new(said).of(request_id).at(level))
}

fn report<'a>(record: &Fields<'a>, status: Option<Status>) -> Report<'a> {
    let nothing = Fields::default();
    let metrics = record.metrics.object().unwrap_or(&nothing);
    let xray = record
        .tracing
        .object()
        .and_then(|tracing| tracing.value.text())
        .map(root);
    Report {
        duration_us: micros(&metrics.duration),
        billed_ms: micros(&metrics.billed).map(|us| us / 1000),
        memory_mb: megabytes(&metrics.memory),
        max_memory_mb: megabytes(&metrics.max_memory),
        init_us: micros(&metrics.init),
        status,
        error_type: record.error_type.text(),
        xray,
        as_aws: true,
    }
}

/// The trace's id of `Root=1-…;Parent=…;Sampled=1`.
fn root(trace: Cow<'_, str>) -> Cow<'_, str> {
    let only = |text: &str| {
        let root = text.split(';').next().unwrap_or(text);
        root.strip_prefix("Root=").unwrap_or(root).len()
    };
    match trace {
        Cow::Borrowed(text) => {
            let root = text.split(';').next().unwrap_or(text);
            Cow::Borrowed(&root[root.len() - only(text)..])
        }
        Cow::Owned(text) => {
            let root = text.split(';').next().unwrap_or(&text);
            Cow::Owned(root[root.len() - only(&text)..].to_owned())
        }
    }
}

fn of_function<'a>(line: &Fields<'a>, text: &'a str) -> Option<Parsed<'a>> {
    let level = level(&line.log_level).or_else(|| level(&line.level));
    let span = line.span.object();
    let request_id = line
        .request_id
        .text()
        .or_else(|| span.and_then(|span| span.request_id.text()))
        .filter(|id| id.len() == super::scan::ID);
    let said = of_runtime(line, level, text).unwrap_or_else(|| {
        // AWS (logs): what has no level gets level INFO from the service in the JSON format, the error of a runtime too.
        let is_error = level.is_none_or(|level| level >= Level::Error);
        let is_whole = line.error_type.is_some() && line.error_message.is_some();
        let logged = (is_error || is_whole).then(|| logged(line)).flatten();
        logged.map_or(Said::Plain, |failure| Said::Exception {
            failure,
            weight: Weight::Logged,
        })
    });
    let level = match said {
        Said::Exception {
            weight: Weight::Logged, ..
        } => level.or(Some(Level::Error)),
        Said::Exception { .. } => level.max(Some(Level::Error)),
        _ => level,
    };
    (said != Said::Plain || level.is_some() || request_id.is_some()).then(|| Parsed::new(said).of(request_id).at(level))
}

/// A line that a runtime wrote of what the handler let through, or perhaps did.
fn of_runtime<'a>(line: &Fields<'a>, level: Option<Level>, text: &'a str) -> Option<Said<'a>> {
    let said = |failure, weight| Some(Said::Exception { failure, weight });
    // Go's error, through a logger that took the standard one over: at whatever level.
    if let Value::Text(words) = &line.message
        && let Some(said) = go::in_words(words)
    {
        return Some(said);
    }
    if level.is_some_and(|level| level >= Level::Error)
        && let Some(path) = line
            .target
            .text()
            .as_deref()
            .and_then(|target| target.strip_prefix("lambda_runtime"))
    {
        let words = line.fields.object().unwrap_or(line).message.text();
        let message = shortened(words.unwrap_or_default());
        return said(Failure { kind: None, message }, rust::weight(path));
    }
    if line.error_type.is_some() && (line.error_message.is_some() || line.stack.is_some()) {
        let failure = failure(line)?;
        let kind = line.error_type.text();
        let kind = kind.as_deref().unwrap_or_default();
        // Only Python's runtime writes `log_level`.
        if line.log_level.is_some() && line.request_id.is_some() {
            return said(failure, Weight::Uncaught);
        }
        // Ruby's wraps the class of the error.
        if level.is_none() && (kind.starts_with("Function<") || kind.starts_with("Init<")) {
            return said(failure, Weight::Uncaught);
        }
        // Go's without a time before it, where the function had told the standard logger to write none.
        if level.is_none() && go::payload(text).is_some() {
            return said(failure, Weight::LastWord);
        }
        return None;
    }
    let Value::Text(words) = &line.message else { return None };
    // Quarkus, through a logger that writes JSON.
    if level == Some(Level::Error) && words.starts_with("Failed to run lambda (") {
        let message = shortened(words.clone());
        return said(Failure { kind: None, message }, Weight::Uncaught);
    }
    // Java's runtime writes the error's words and its stack into the message, and the request beside it.
    let failure = match words {
        Cow::Borrowed(words) => java::uncaught(words)?,
        Cow::Owned(words) => java::uncaught(words)?.into_owned(),
    };
    let weight = if line.request_id.is_some() {
        Weight::Uncaught
    } else {
        Weight::Logged
    };
    said(failure, weight)
}

/// A logged error. In the JSON format, the runtimes of Node and .NET write uncaught exceptions in the same way as a
/// function writes caught ones; there the report shows how the invocation ended.
fn logged<'a>(line: &Fields<'a>) -> Option<Failure<'a>> {
    if let Some(failure) = line.message.object().and_then(failure) {
        return Some(failure);
    }
    if line.error_type.is_some() && (line.error_message.is_some() || line.stack.is_some()) {
        return failure(line);
    }
    line.error.object().and_then(failure)
}

fn level(value: &Value<'_>) -> Option<Level> {
    match value {
        Value::Text(word) => Level::parse(paint::unpainted(word).trim()),
        Value::Number(number) => of_number(*number),
        _ => None,
    }
}

/// The level that a number stands for in the lines of pino and bunyan: 10 is trace, 60 fatal.
fn of_number(number: f64) -> Option<Level> {
    match number {
        n if n < 10.0 => None,
        n if n < 20.0 => Some(Level::Trace),
        n if n < 30.0 => Some(Level::Debug),
        n if n < 40.0 => Some(Level::Info),
        n if n < 50.0 => Some(Level::Warn),
        n if n < 60.0 => Some(Level::Error),
        n if n < 70.0 => Some(Level::Fatal),
        _ => None,
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "not below nought; a number too large becomes the largest"
)]
fn micros(ms: &Value<'_>) -> Option<u64> {
    // Rounded: 12.345 ms is not quite that in binary.
    ms.number().map(|ms| (ms.max(0.0) * 1000.0).round() as u64)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "not below nought; a number too large becomes the largest"
)]
fn megabytes(mb: &Value<'_>) -> Option<u32> {
    mb.number().map(|mb| mb.max(0.0) as u32)
}
