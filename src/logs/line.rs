//! What a log line means for the runs of a function, in the formats that runtimes write.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use crate::domain::log::Mark;

/// A request id as AWS writes it.
const UUID: &str = "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}";

/// Longest error text kept.
const MESSAGE: usize = 200;

static START: LazyLock<Regex> = LazyLock::new(|| regex(&format!("^START RequestId: ({UUID})")));
static REPORT: LazyLock<Regex> =
    LazyLock::new(|| regex(&format!(r"^REPORT RequestId: ({UUID})\s+Duration: ([0-9.]+) ms")));
static STATUS: LazyLock<Regex> = LazyLock::new(|| regex(r"Status: (timeout|error|failure)"));
static TIMEOUT: LazyLock<Regex> =
    LazyLock::new(|| regex(&format!(r"({UUID})(?: Error:)? Task timed out after ([0-9.]+) seconds")));
static EXIT: LazyLock<Regex> = LazyLock::new(|| {
    regex(&format!(
        r"^(?:RequestId: ({UUID}) )?Error: (Runtime exited.*|Runtime\..*|.*signal: killed.*)"
    ))
});
static NODE: LazyLock<Regex> = LazyLock::new(|| {
    regex(&format!(
        r"^\S+\t({UUID})\tERROR\t(?:Invoke Error|Uncaught Exception|Unhandled Promise Rejection)\s*\t(.*)"
    ))
});
static ANY_ID: LazyLock<Regex> = LazyLock::new(|| regex(UUID));

#[expect(clippy::expect_used, reason = "the patterns are constants, and a test compiles each")]
fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a constant pattern")
}

/// Reads one event's text; nothing where it does not concern a run.
#[must_use]
pub fn mark(message: &str) -> Option<Mark> {
    let text = message.trim_end();
    if text.starts_with('{') {
        return json_mark(text);
    }
    if let Some(found) = START.captures(text) {
        return Some(Mark::Start {
            request_id: found[1].to_owned(),
        });
    }
    if let Some(found) = REPORT.captures(text) {
        let duration = found[2].parse::<f64>().unwrap_or(0.0);
        return Some(Mark::Report {
            request_id: found[1].to_owned(),
            duration_us: micros(duration),
            failed: STATUS.is_match(text),
            cold: text.contains("Init Duration:"),
        });
    }
    if let Some(found) = TIMEOUT.captures(text) {
        let message = format!("timed out after {} s", found[2].trim_end_matches(".00"));
        return Some(Mark::Error {
            request_id: Some(found[1].to_owned()),
            message,
        });
    }
    if let Some(found) = EXIT.captures(text) {
        let request_id = found.get(1).map(|id| id.as_str().to_owned());
        return Some(Mark::Error {
            request_id,
            message: short(&found[2]),
        });
    }
    if let Some(found) = NODE.captures(text) {
        let message = serde_json::from_str(&found[2])
            .ok()
            .and_then(|value| error_text(&value));
        let message = message.unwrap_or_else(|| short(&found[2]));
        return Some(Mark::Error {
            request_id: Some(found[1].to_owned()),
            message,
        });
    }
    // The Python runtime's own words for an exception, joined by carriage returns, or as an event with a traceback. A
    // line that a function logged at level ERROR without one is no failure.
    let rest = text.strip_prefix("[ERROR]")?;
    if !text.contains("Traceback (most recent call last)") {
        return None;
    }
    let request_id = ANY_ID
        .find(rest.lines().next().unwrap_or(rest))
        .map(|id| id.as_str().to_owned());
    let first = rest.split(['\r', '\n']).next().unwrap_or(rest);
    let first = first.rsplit('\t').next().unwrap_or(first).trim();
    let first = first
        .strip_suffix("Traceback (most recent call last):")
        .unwrap_or(first);
    Some(Mark::Error {
        request_id,
        message: short(first),
    })
}

/// A traceback that was printed line by line, each an event of its own, and nothing after it before the run ended: what
/// endpoints write whose runtime is not AWS's. AWS writes an uncaught exception as one `[ERROR]` event, and a traceback
/// that a function printed and went on from is no failure.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Printed {
    /// None.
    #[default]
    None,
    /// Its frames.
    Frames,
    /// Its last line: the exception.
    Exception(String),
}

impl Printed {
    /// Goes on by one event of the same stream; says that the run failed where the traceback was its last word.
    pub fn next(&mut self, message: &str) -> Option<Mark> {
        let text = message.trim_end();
        let before = std::mem::take(self);
        if text.starts_with("Traceback (most recent call last):") {
            *self = Self::Frames;
            return None;
        }
        match before {
            Self::Frames if text.starts_with([' ', '\u{a0}', '\t']) || text.is_empty() => *self = Self::Frames,
            Self::Frames => *self = Self::Exception(short(text)),
            Self::Exception(message) if text.starts_with("END RequestId:") || text.starts_with("REPORT RequestId:") => {
                let request_id = ANY_ID.find(text).map(|id| id.as_str().to_owned());
                return Some(Mark::Error { request_id, message });
            }
            Self::None | Self::Exception(_) => {}
        }
        None
    }
}

fn json_mark(text: &str) -> Option<Mark> {
    let value: Value = serde_json::from_str(text).ok()?;
    if let Some(kind) = value.get("type").and_then(Value::as_str) {
        let record = value.get("record");
        let of = |name: &str| record.and_then(|record| record.get(name));
        let request_id = of("requestId").and_then(Value::as_str).map(str::to_owned);
        match kind {
            "platform.start" => {
                return Some(Mark::Start {
                    request_id: request_id?,
                });
            }
            "platform.report" => {
                let metrics = of("metrics");
                let duration = metrics
                    .and_then(|m| m.get("durationMs"))
                    .and_then(Value::as_f64)
                    .unwrap_or(0.0);
                let status = of("status").and_then(Value::as_str).unwrap_or("success");
                return Some(Mark::Report {
                    request_id: request_id?,
                    duration_us: micros(duration),
                    failed: status != "success",
                    cold: metrics.is_some_and(|m| m.get("initDurationMs").is_some()),
                });
            }
            _ => {}
        }
    }
    // An unhandled exception in the JSON format: level ERROR with an error type and its stack.
    let level = value
        .get("level")
        .or_else(|| value.get("log_level"))
        .and_then(Value::as_str)?;
    let is_exception = value.get("errorType").is_some() && value.get("stackTrace").is_some();
    if !(level == "ERROR" || level == "FATAL") || !is_exception {
        return None;
    }
    let request_id = value
        .get("requestId")
        .or_else(|| value.get("AWSRequestId"))
        .and_then(Value::as_str);
    Some(Mark::Error {
        request_id: request_id.map(str::to_owned),
        message: error_text(&value).unwrap_or_default(),
    })
}

fn error_text(value: &Value) -> Option<String> {
    let kind = value.get("errorType").and_then(Value::as_str);
    let message = value.get("errorMessage").and_then(Value::as_str);
    match (kind, message) {
        (Some(kind), Some(message)) => Some(short(&format!("{kind}: {message}"))),
        (one, other) => one.or(other).map(short),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a duration of at most 15 minutes"
)]
fn micros(ms: f64) -> u64 {
    (ms.max(0.0) * 1000.0) as u64
}

fn short(text: &str) -> String {
    let text = text.trim();
    let end = text.char_indices().nth(MESSAGE).map_or(text.len(), |(at, _)| at);
    text[..end].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "b3a1d2c4-0000-4aaa-8bbb-123456789abc";

    fn error(message: &str) -> (Option<String>, String) {
        match mark(message) {
            Some(Mark::Error { request_id, message }) => (request_id, message),
            other => panic!("{other:?} of {message:?}"),
        }
    }

    #[test]
    fn starts_and_reports_of_the_text_format() {
        let start = mark(&format!("START RequestId: {ID} Version: $LATEST\n"));
        assert_eq!(start, Some(Mark::Start { request_id: ID.into() }));
        let report = format!(
            "REPORT RequestId: {ID}\tDuration: 3.01 ms\tBilled Duration: 4 ms\tMemory Size: 128 MB\tMax Memory Used: 36 MB\tInit Duration: 110.10 ms\t\n"
        );
        let expected = Mark::Report {
            request_id: ID.into(),
            duration_us: 3010,
            failed: false,
            cold: true,
        };
        assert_eq!(mark(&report), Some(expected));
        let timeout =
            format!("REPORT RequestId: {ID}\tDuration: 31000.00 ms\tBilled Duration: 34440 ms\tStatus: timeout");
        assert!(matches!(mark(&timeout), Some(Mark::Report { failed: true, .. })));
    }

    #[test]
    fn errors_of_each_runtime() {
        let python =
            "[ERROR] KeyError: 'action'\rTraceback (most recent call last):\r\u{a0}\u{a0}File \"/var/task/x.py\"";
        assert_eq!(error(python), (None, "KeyError: 'action'".into()));
        let logged = format!(
            "[ERROR]\t2026-01-01T00:00:00.000Z\t{ID}\tValueError: bad order 3\nTraceback (most recent call last):\n  File"
        );
        assert_eq!(error(&logged), (Some(ID.into()), "ValueError: bad order 3".into()));
        let node = format!(
            "2026-01-01T00:00:00.000Z\t{ID}\tERROR\tInvoke Error \t{{\"errorType\":\"Error\",\"errorMessage\":\"no\",\"stack\":[]}}"
        );
        assert_eq!(error(&node), (Some(ID.into()), "Error: no".into()));
        let timeout = format!("2023-10-20T16:28:17.840Z {ID} Task timed out after 31.01 seconds\n\n");
        assert_eq!(error(&timeout), (Some(ID.into()), "timed out after 31.01 s".into()));
        let exit = format!("RequestId: {ID} Error: Runtime exited with error: exit status 1");
        assert_eq!(error(&exit).0, Some(ID.into()));
    }

    #[test]
    fn the_json_format() {
        let start =
            format!(r#"{{"time":"x","type":"platform.start","record":{{"requestId":"{ID}","version":"$LATEST"}}}}"#);
        assert_eq!(mark(&start), Some(Mark::Start { request_id: ID.into() }));
        let report = format!(
            r#"{{"type":"platform.report","record":{{"requestId":"{ID}","metrics":{{"durationMs":12.5}},"status":"timeout"}}}}"#
        );
        let expected = Mark::Report {
            request_id: ID.into(),
            duration_us: 12_500,
            failed: true,
            cold: false,
        };
        assert_eq!(mark(&report), Some(expected));
        let app =
            format!(r#"{{"level":"ERROR","requestId":"{ID}","errorType":"E","errorMessage":"m","stackTrace":[]}}"#);
        assert_eq!(error(&app), (Some(ID.into()), "E: m".into()));
    }

    fn printed(lines: &[&str]) -> Vec<Mark> {
        let mut state = Printed::default();
        lines.iter().filter_map(|line| state.next(line)).collect()
    }

    #[test]
    fn a_traceback_fails_a_run_only_as_its_last_word() {
        let end = format!("END RequestId: {ID}");
        let traceback = [
            "Traceback (most recent call last):",
            "  File \"x\", line 1",
            "    raise",
            "RuntimeError: no",
        ];
        let [a, b, c, d] = traceback;
        let expected = Mark::Error {
            request_id: Some(ID.into()),
            message: "RuntimeError: no".into(),
        };
        assert_eq!(printed(&[a, b, c, d, &end]), [expected]);
        assert!(printed(&[a, b, c, d, "went on", &end]).is_empty());
        assert!(printed(&["x", &end]).is_empty());
    }

    #[test]
    fn what_a_function_merely_says_is_no_failure() {
        for line in [
            "ERROR poison message",
            "[ERROR]\tt\tid\tsomething odd",
            r#"{"level":"ERROR","msg":"x"}"#,
            "",
            "{",
            "注文 ERROR",
        ] {
            assert_eq!(mark(line), None, "{line}");
        }
    }
}
