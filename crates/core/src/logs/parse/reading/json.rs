//! Lines of JSON: those of Lambda's JSON format, of Powertools and of the common loggers, and metrics in the embedded format.

use serde_json::{Map, Value};

use super::{Reading, value};
use crate::logs::parse::scan::last_line;

/// The names of the words, the best first.
const MESSAGE: [&str; 6] = ["message", "msg", "@m", "short_message", "event", "@mt"];
/// What stands in columns of its own, or is the same in each line of a function.
const BESIDE: [&str; 61] = [
    // The time.
    "timestamp",
    "time",
    "ts",
    "@timestamp",
    "@t",
    "asctime",
    "instant",
    "datetime",
    "epoch",
    "timeMillis",
    // The level.
    "level",
    "log_level",
    "severity",
    "levelname",
    "levelno",
    "lvl",
    "LogLevel",
    "@l",
    "level_value",
    // The request and the function.
    "requestId",
    "AWSRequestId",
    "awsRequestId",
    "function_request_id",
    "request_id",
    "aws_request_id",
    "function_name",
    "functionName",
    "function_version",
    "functionVersion",
    "function_memory_size",
    "functionMemorySize",
    "function_arn",
    "functionArn",
    "cold_start",
    "coldStart",
    "xray_trace_id",
    "xrayTraceId",
    "traceId",
    "tenantId",
    "service",
    "sampling_rate",
    "correlation_id",
    // The process and the place in the code.
    "pid",
    "hostname",
    "v",
    "thread",
    "thread_name",
    "threadId",
    "threadPriority",
    "endOfBatch",
    "loggerFqcn",
    "@version",
    "location",
    "logger",
    "loggerName",
    "logger_name",
    "caller",
    "source",
    "target",
    "span",
    "spans",
];
/// Stacks.
const STACKS: [&str; 8] = [
    "stackTrace",
    "stack",
    "stacktrace",
    "stack_trace",
    "trace",
    "backtrace",
    "stack_info",
    "@x",
];
/// Objects whose members are the line's own.
const INNER: [&str; 4] = ["fields", "contextMap", "mdc", "extra"];
/// Errors beside the words.
const ERRORS: [&str; 4] = ["error", "err", "exception", "exc_info"];

/// A text that is one object; `None` if it is none.
pub(super) fn read(text: &str) -> Option<Reading> {
    if !text.starts_with('{') {
        return None;
    }
    let members: Map<String, Value> = serde_json::from_str(text).ok()?;
    Some(of(&members))
}

/// The members of an object.
pub(super) fn of(members: &Map<String, Value>) -> Reading {
    let mut reading = metrics(members).unwrap_or_default();
    if let Some(error) = error(members).filter(|_| members.contains_key("errorMessage")) {
        // What a runtime writes of an error: its message may say the same.
        reading.message = error;
    }
    add(&mut reading, members, 0);
    if reading.message.is_empty() && reading.fields.is_empty() {
        // All of it stands in columns: then it is said in full.
        reading.message = Value::Object(members.clone()).to_string();
    }
    reading
}

fn add(reading: &mut Reading, members: &Map<String, Value>, depth: usize) {
    let words = MESSAGE
        .iter()
        .find(|name| members.get(**name).is_some_and(|value| !value.is_null()));
    if let Some(name) = words {
        match &members[*name] {
            Value::String(text) => say(reading, text),
            Value::Object(inner) if depth < 2 => match error(inner) {
                Some(error) => {
                    say(reading, &error);
                    reading.more |= has_stack(inner);
                }
                None => add(reading, inner, depth + 1),
            },
            other => say(reading, &other.to_string()),
        }
    }
    for (name, member) in members {
        let is_said = words == Some(&name.as_str());
        if is_said || member.is_null() || name == "_aws" || BESIDE.contains(&name.as_str()) {
            continue;
        }
        if STACKS.contains(&name.as_str()) {
            reading.more = true;
        } else if is_of_the_error(name) {
            // It was said already.
            continue;
        } else if ERRORS.contains(&name.as_str()) {
            let (error, more) = of_error(member);
            reading.more |= more;
            if !error.is_empty() && error != reading.message {
                reading.fields.push((name.clone(), value(&error)));
            }
        } else if let (true, Value::Object(inner), true) = (INNER.contains(&name.as_str()), member, depth < 2) {
            add(reading, inner, depth + 1);
        } else {
            let text = match member {
                Value::String(text) => value(text),
                Value::Object(_) | Value::Array(_) => value(&member.to_string()),
                other => other.to_string(),
            };
            if !reading.fields.iter().any(|(known, _)| known == name) {
                reading.fields.push((name.clone(), text));
            }
        }
    }
}

/// Adds words: a first line, and whether there are more.
fn say(reading: &mut Reading, text: &str) {
    let text = text.trim();
    let first = text.split(['\n', '\r']).next().unwrap_or_default().trim_end();
    reading.more |= first.len() < text.len();
    if reading.message.is_empty() {
        first.clone_into(&mut reading.message);
    } else if !reading.message.contains(first) && !first.contains(&reading.message) {
        // The error's own words are the line's field.
        let error = std::mem::replace(&mut reading.message, first.to_owned());
        reading.fields.push(("error".to_owned(), value(&error)));
    }
}

fn is_of_the_error(name: &str) -> bool {
    matches!(name, "errorType" | "errorMessage" | "exception_name" | "exc_type")
}

/// An error in an object: `RuntimeError: declined`.
fn error(members: &Map<String, Value>) -> Option<String> {
    let text = |names: &[&str]| {
        let found = names.iter().find_map(|name| members.get(*name)?.as_str());
        found.map(|text| text.split(['\n', '\r']).next().unwrap_or_default().trim())
    };
    let kind = text(&["errorType", "type", "name", "class", "exception_name"])?;
    let message = text(&["errorMessage", "message", "msg"])?;
    Some(match (kind.is_empty(), message.is_empty()) {
        (true, _) => message.to_owned(),
        (_, true) => kind.to_owned(),
        _ => format!("{kind}: {message}"),
    })
}

fn has_stack(members: &Map<String, Value>) -> bool {
    STACKS.iter().any(|name| members.contains_key(*name))
}

/// An error beside the words, and whether there is more of it.
fn of_error(member: &Value) -> (String, bool) {
    match member {
        Value::Object(inner) => match error(inner) {
            Some(error) => (error, has_stack(inner)),
            None => (member.to_string(), false),
        },
        // Python's tracebacks end with the error, Java's stacks begin with it.
        Value::String(text) if text.trim_start().starts_with("Traceback") => (last_line(text).to_owned(), true),
        Value::String(text) => {
            let first = text.trim().split(['\n', '\r']).next().unwrap_or_default();
            (first.to_owned(), first.len() < text.trim().len())
        }
        other => (other.to_string(), false),
    }
}

/// Metrics in the embedded format: their namespace, then each with its value. AWS (logs): a document of metrics is a line of the log.
fn metrics(members: &Map<String, Value>) -> Option<Reading> {
    let directives = members.get("_aws")?.get("CloudWatchMetrics")?.as_array()?;
    let mut reading = Reading::default();
    for directive in directives {
        if let Some(namespace) = directive.get("Namespace").and_then(Value::as_str) {
            reading.message = format!("EMF {namespace}");
        }
        let all = directive.get("Metrics").and_then(Value::as_array);
        for name in all
            .into_iter()
            .flatten()
            .filter_map(|metric| metric.get("Name")?.as_str())
        {
            if let Some(number) = members.get(name) {
                reading.fields.push((name.to_owned(), value(&number.to_string())));
            }
        }
    }
    Some(reading)
}
