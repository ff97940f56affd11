//! The service's own lines in the text format.
//!
//! AWS (logs): fields are separated by tabs, with one at the end; emulators leave some out, and put them in another order.

use std::borrow::Cow;

use super::scan::{first_line, id_word, last_line, thousandths, time};
use super::{Failure, InitReport, Level, Parsed, Report, Said, Status, Weight, short};

/// A line that begins with one of the service's words.
pub fn parse(text: &str) -> Option<Parsed<'_>> {
    match text.as_bytes().first()? {
        b'S' => start(text),
        b'E' => end(text).or_else(|| exit(text)).or_else(|| of_extension(text)),
        b'R' => report(text).or_else(|| of_request(text)),
        b'I' => init(text),
        b'X' => trace(text),
        b'L' => of_extension(text).or_else(|| warning(text)),
        _ => None,
    }
}

fn start(text: &str) -> Option<Parsed<'_>> {
    let (id, rest) = id_word(text.strip_prefix("START RequestId: ")?)?;
    let version = rest
        .strip_prefix(" Version: ")
        .map(|version| Cow::Borrowed(first_line(version).trim()));
    Some(Parsed::new(Said::Start { version }).of(Some(id)))
}

fn end(text: &str) -> Option<Parsed<'_>> {
    let (id, _) = id_word(text.strip_prefix("END RequestId: ")?)?;
    let said = Said::End {
        status: None,
        error_type: None,
    };
    Some(Parsed::new(said).of(Some(id)))
}

fn report(text: &str) -> Option<Parsed<'_>> {
    let (id, rest) = id_word(text.strip_prefix("REPORT RequestId: ")?)?;
    let mut report = Report::default();
    // Some copies of logs have the tabs turned into spaces: the names of the fields are looked for, not the tabs.
    for (name, value) in fields(rest) {
        match name {
            "Duration" => {
                report.duration_us = milliseconds(value);
                report.as_aws = has_two_decimals(value);
            }
            "Billed Duration" => report.billed_ms = milliseconds(value).map(|us| us / 1000),
            "Memory Size" => report.memory_mb = whole(value),
            "Max Memory Used" => report.max_memory_mb = whole(value),
            // With SnapStart a sandbox is restored, not started.
            "Init Duration" | "Restore Duration" => report.init_us = milliseconds(value),
            "Status" => report.status = Status::parse(value),
            "Error Type" => report.error_type = Some(value.into()),
            "XRAY TraceId" => report.xray = Some(value.into()),
            _ => {}
        }
    }
    let level = match report.status {
        None | Some(Status::Success) => None,
        Some(_) => Some(Level::Error),
    };
    Some(Parsed::new(Said::Report(report)).of(Some(id)).at(level))
}

/// The names of a report's fields, as they stand before a colon.
const FIELDS: [&str; 15] = [
    "Billed Restore Duration",
    "Billed Duration",
    "Init Duration",
    "Restore Duration",
    "Extension Init Duration",
    "Duration",
    "Memory Size",
    "Max Memory Used",
    "Status",
    "Error Type",
    "Phase",
    "XRAY TraceId",
    "SegmentId",
    "Sampled",
    "RequestId",
];

/// Longest line whose fields are read, in bytes.
const LONGEST: usize = 2_048;

/// The fields of a report: name and value. A line that was cut gives those before the cut.
fn fields(text: &str) -> impl Iterator<Item = (&str, &str)> {
    // The service's lines are short; a longer one is an imitation.
    let mut rest = &text[..text.floor_char_boundary(LONGEST)];
    std::iter::from_fn(move || {
        loop {
            let colon = rest.find(": ")?;
            let (before, after) = (&rest[..colon], &rest[colon + 2..]);
            let Some(name) = FIELDS.iter().find(|name| before.ends_with(**name)) else {
                rest = after;
                continue;
            };
            // A value ends at a tab or a line's end, or, where these were lost, at the next field's name.
            let stop = after
                .bytes()
                .position(|byte| matches!(byte, b'\t' | b'\n' | b'\r'))
                .unwrap_or(after.len());
            let mut value = &after[..stop];
            rest = &after[stop..];
            if let Some(next) = value.find(": ") {
                let start = FIELDS
                    .iter()
                    .filter(|name| value[..next].ends_with(**name))
                    .map(|name| next - name.len())
                    .min();
                if let Some(start) = start {
                    rest = &after[start..];
                    value = &value[..start];
                }
            }
            return Some((*name, value.trim()));
        }
    })
}

/// Microseconds of `3.01 ms`.
fn milliseconds(value: &str) -> Option<u64> {
    let (thousandths, rest) = thousandths(value)?;
    rest.trim_start().starts_with("ms").then_some(thousandths)
}

/// Whether a duration is written as AWS writes it: `12.30 ms`.
fn has_two_decimals(value: &str) -> bool {
    let number = value.trim_end_matches("ms").trim_end();
    number.split_once('.').is_some_and(|(_, decimals)| decimals.len() == 2)
}

/// The number of `128 MB`.
fn whole(value: &str) -> Option<u32> {
    let (thousandths, _) = thousandths(value)?;
    u32::try_from(thousandths / 1000).ok()
}

fn init(text: &str) -> Option<Parsed<'_>> {
    if text.starts_with("INIT_START ") {
        return Some(Parsed::new(Said::InitStart));
    }
    if text.starts_with("INIT_RUNTIME_DONE ") {
        return Some(Parsed::new(Said::Service));
    }
    let rest = text.strip_prefix("INIT_REPORT ")?;
    let mut report = InitReport::default();
    for (name, value) in fields(rest) {
        match name {
            "Init Duration" => report.init_us = milliseconds(value),
            "Phase" => report.in_run = value == "invoke",
            "Status" => report.status = Status::parse(value),
            "Error Type" => report.error_type = Some(value.into()),
            _ => {}
        }
    }
    let failed = report.status.is_some_and(|status| status != Status::Success);
    let level = failed.then_some(Level::Error);
    Some(Parsed::new(Said::InitReport(report)).at(level))
}

/// `RequestId: … Error: …` with the error's type on a second line: what ended a sandbox.
fn of_request(text: &str) -> Option<Parsed<'_>> {
    let (id, rest) = id_word(text.strip_prefix("RequestId: ")?)?;
    let rest = rest.trim_start();
    if let Some(error) = rest.strip_prefix("Error: ") {
        let said = timed_out(error).unwrap_or_else(|| ended(error));
        return Some(Parsed::new(said).of(Some(id)).at(Level::Error));
    }
    // Older runtimes.
    let said = match timed_out(rest) {
        Some(said) => said,
        None if rest.starts_with("Process exited before completing request") => ended(rest),
        None => return None,
    };
    Some(Parsed::new(said).of(Some(id)).at(Level::Error))
}

/// The same without the request. A function may print the like of a process that it had started, so nothing less than the
/// service's own words will do.
fn exit(text: &str) -> Option<Parsed<'_>> {
    let error = text.strip_prefix("Error: ")?;
    let is_of_service = error.starts_with("Runtime exited with error: ")
        || error.starts_with("Runtime exited without providing a reason")
        || is_kind(first_line(error).trim_end());
    is_of_service.then(|| Parsed::new(ended(error)).at(Level::Error))
}

/// AWS, since runtimes are updated by themselves: `LAMBDA_WARNING: Unhandled exception. The most likely cause is …`.
fn warning(text: &str) -> Option<Parsed<'_>> {
    let words = text.strip_prefix("LAMBDA_WARNING: ")?;
    let said = if words.starts_with("Unhandled exception. ") {
        Said::Exception {
            failure: Failure {
                kind: None,
                message: "Unhandled exception".into(),
            },
            weight: Weight::Uncaught,
        }
    } else {
        Said::Service
    };
    Some(Parsed::new(said).at(Level::Error))
}

fn ended(error: &str) -> Said<'_> {
    let message = short(first_line(error));
    let second = last_line(error);
    let kind = is_kind(second).then_some(Cow::Borrowed(second));
    // 137 is the exit code of a killed process, in images and emulators.
    let killed = message.contains("signal: killed")
        || message.ends_with("exit status 137")
        || kind.as_deref() == Some("Runtime.OutOfMemory");
    let failure = Failure {
        kind,
        message: message.into(),
    };
    if killed {
        Said::OutOfMemory(failure)
    } else {
        Said::Crash(failure)
    }
}

/// Whether a word is the type of an error of the service: `Runtime.ExitError`, `Extension.Crash`.
pub fn is_kind(word: &str) -> bool {
    word.len() <= 64
        && ["Runtime.", "Extension.", "Sandbox.", "Function.", "Lambda."]
            .iter()
            .any(|family| word.starts_with(family))
        && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.')
}

/// `<time> <request> Task timed out after 31.01 seconds`.
pub fn timeout(text: &str) -> Option<Parsed<'_>> {
    let (_, rest) = time(text)?;
    let (id, rest) = id_word(rest)?;
    let rest = rest.trim_start();
    let rest = rest.strip_prefix("Error: ").unwrap_or(rest);
    let said = timed_out(rest)?;
    Some(Parsed::new(said).of(Some(id)).at(Level::Error))
}

fn timed_out(text: &str) -> Option<Said<'_>> {
    let (milliseconds, rest) = thousandths(text.strip_prefix("Task timed out after ")?)?;
    rest.starts_with(" seconds").then(|| Said::Timeout {
        after_us: milliseconds.saturating_mul(1000),
    })
}

fn trace(text: &str) -> Option<Parsed<'_>> {
    let rest = text.strip_prefix("XRAY TraceId: ")?;
    let xray = rest.split(['\t', ' ', '\n']).next()?;
    Some(Parsed::new(Said::Trace { xray: xray.into() }))
}

/// `EXTENSION\tName: …`, `LOGS\tName: …`: the service logs an extension.
fn of_extension(text: &str) -> Option<Parsed<'_>> {
    let is = text.starts_with("EXTENSION\tName:") || text.starts_with("LOGS\tName:");
    is.then(|| Parsed::new(Said::Service))
}
