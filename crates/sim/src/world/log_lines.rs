//! The lines that the service and the runtimes write, word for word, in the text and the JSON format.
//!
//! Sources: section 3 of the reference (validated recordings, the runtime interface clients of Python and Node, the
//! developer guide's schema of system events).

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use super::function::{Language, LogFormat, LogLevel, Settings};
use super::invocation::{Ending, Failed};
use crate::time::to_iso;

/// A no-break space: Python's runtime client indents stack traces with it, so that the log agent does not trim them.
const INDENT: &str = "\u{a0}\u{a0}";

/// Writes the lines of one invocation. `None`: hidden by the function's log level.
pub(super) struct Lines<'a> {
    pub function: &'a str,
    pub settings: &'a Settings,
    pub region: &'a str,
    pub request: &'a str,
    pub version: &'a str,
}

/// What the report says of an invocation.
pub(super) struct Report {
    pub duration_us: i64,
    pub init_us: Option<i64>,
    pub memory_used: u32,
    pub trace: Option<String>,
}

impl Lines<'_> {
    fn event(&self, at: i64, level: LogLevel, kind: &str, record: &Json) -> Option<String> {
        (level >= self.settings.logging.system_level).then(|| {
            json!({"time": to_iso(at), "type": format!("platform.{kind}"), "record": record}).to_string() + "\n"
        })
    }

    fn is_json(&self) -> bool {
        self.settings.logging.format == LogFormat::Json
    }

    fn runtime_version(&self) -> (String, String) {
        let runtime = &self.settings.code.runtime;
        let split = runtime.find(|c: char| c.is_ascii_digit()).unwrap_or(runtime.len());
        let (language, number) = runtime.split_at(split);
        let (language, number) = match language {
            "provided.al" => ("provided", format!("al{number}")),
            "nodejs" => ("nodejs", number.trim_end_matches(".x").to_owned()),
            other => (other, number.to_owned()),
        };
        let version = format!("{language}:{number}.v57");
        (
            version,
            format!("arn:aws:lambda:{}::runtime:{:0>64}", self.region, "7c2f4a1d9e"),
        )
    }

    pub fn init_start(&self, at: i64) -> Option<String> {
        let (version, arn) = self.runtime_version();
        if self.is_json() {
            let record = json!({"initializationType": "on-demand", "phase": "init", "runtimeVersion": version,
                "runtimeVersionArn": arn, "functionName": self.function, "functionVersion": self.version});
            return self.event(at, LogLevel::Info, "initStart", &record);
        }
        Some(format!(
            "INIT_START Runtime Version: {version}\tRuntime Version ARN: {arn}\n"
        ))
    }

    pub fn init_failed(&self, at: i64, init_us: i64, error: &Failed) -> Vec<String> {
        let report = if self.is_json() {
            let record = json!({"initializationType": "on-demand", "phase": "init", "status": "error",
                "errorType": error.kind, "metrics": {"durationMs": milliseconds(init_us)}});
            self.event(at, LogLevel::Warn, "initReport", &record)
        } else {
            Some(format!(
                "INIT_REPORT Init Duration: {:.2} ms\tPhase: init\tStatus: error\tError Type: {}\n",
                milliseconds(init_us),
                error.kind
            ))
        };
        std::iter::once(self.error(at, error)).chain(report).collect()
    }

    pub fn start(&self, at: i64) -> Option<String> {
        if self.is_json() {
            let record = json!({"requestId": self.request, "version": self.version});
            return self.event(at, LogLevel::Info, "start", &record);
        }
        Some(format!("START RequestId: {} Version: {}\n", self.request, self.version))
    }

    /// A line that the function prints. One that begins with a level's name goes through the runtime's logger.
    pub fn print(&self, at: i64, text: &str) -> Option<String> {
        let word = text.split([' ', ':']).next().unwrap_or("");
        let tagged = LogLevel::parse(word).filter(|_| text.len() > word.len());
        let level = tagged.unwrap_or(LogLevel::Info);
        let said = if tagged.is_some() {
            text[word.len() + 1..].trim_start()
        } else {
            text
        };
        let (time, request) = (to_iso(at), self.request);
        if self.is_json() {
            if level < self.settings.logging.app_level {
                return None;
            }
            if tagged.is_none() && self.settings.language() == Language::Python {
                return Some(format!("{text}\n"));
            }
            let line = match self.settings.language() {
                Language::Python => json!({"timestamp": time, "level": level.name(), "message": said, "logger": "root",
                    "requestId": request}),
                Language::Java => {
                    json!({"timestamp": time, "level": level.name(), "message": said, "AWSRequestId": request})
                }
                _ => json!({"timestamp": time, "level": level.name(), "requestId": request, "message": said}),
            };
            return Some(format!("{line}\n"));
        }
        Some(match (self.settings.language(), tagged) {
            (Language::Python, Some(level)) => {
                let name = if level == LogLevel::Warn {
                    "WARNING"
                } else {
                    level.name()
                };
                format!("[{name}]\t{time}\t{request}\t{said}\n")
            }
            (Language::Node, _) => format!("{time}\t{request}\t{}\t{said}\n", level.name()),
            (Language::Java, Some(level)) => format!("{time} {request} {} {said}\n", level.name()),
            (Language::Ruby, Some(level)) => {
                format!(
                    "{}, [{} #8] {:>5} -- : {said}\n",
                    &level.name()[..1],
                    time.trim_end_matches('Z'),
                    level.name()
                )
            }
            _ => format!("{text}\n"),
        })
    }

    /// What an error of the handler looks like in the log.
    pub fn error(&self, at: i64, error: &Failed) -> String {
        let (time, request) = (to_iso(at), self.request);
        let Failed { kind, message, trace } = error;
        if self.is_json() {
            let line = match self.settings.language() {
                Language::Python => json!({"timestamp": time, "level": "ERROR", "message": message, "errorType": kind,
                    "errorMessage": message, "stackTrace": trace, "requestId": request}),
                Language::Java => json!({"timestamp": time, "level": "ERROR", "AWSRequestId": request,
                    "message": format!("{kind}: {message}")}),
                _ => json!({"timestamp": time, "level": "ERROR", "requestId": request,
                    "message": {"errorType": kind, "errorMessage": message, "stack": trace}}),
            };
            return format!("{line}\n");
        }
        match self.settings.language() {
            Language::Python => {
                let mut line = format!("[ERROR] {kind}: {message}\rTraceback (most recent call last):");
                for frame in trace {
                    for (n, part) in frame.lines().enumerate() {
                        let indent = if n == 0 { INDENT.to_owned() } else { INDENT.repeat(2) };
                        line = line + "\r" + &indent + part.trim_start();
                    }
                }
                line + "\n"
            }
            Language::Node => {
                let stack = json!({"errorType": kind, "errorMessage": message, "stack": trace});
                format!("{time}\t{request}\tERROR\tInvoke Error \t{stack}\n")
            }
            Language::Java => {
                let frames = trace
                    .iter()
                    .fold(String::new(), |text, frame| text + "\n\t" + frame.trim());
                format!("{message}: {kind}\n{kind}: {message}{frames}\n")
            }
            Language::Go => format!("{}\n", json!({"errorMessage": message, "errorType": kind})),
            Language::Ruby | Language::Dotnet | Language::Custom => format!("{kind}: {message}\n"),
        }
    }

    /// The lines at the end, in order.
    pub fn end(&self, at: i64, ending: &Ending, report: &Report) -> Vec<String> {
        let mut lines = Vec::new();
        match ending {
            Ending::Raised(error) => lines.push(self.error(at, error)),
            Ending::TimedOut if !self.is_json() => lines.push(format!(
                "{} {} Task timed out after {}.{:02} seconds\n\n",
                to_iso(at),
                self.request,
                report.duration_us / 1_000_000,
                report.duration_us / 10_000 % 100
            )),
            Ending::Crashed | Ending::OutOfMemory if !self.is_json() => {
                lines.push(format!(
                    "RequestId: {} Error: {}\nRuntime.ExitError\n",
                    self.request,
                    ending.exit_text()
                ));
            }
            _ => {}
        }
        if self.is_json() {
            let mut done = json!({"requestId": self.request, "status": ending.status()});
            let mut record =
                json!({"requestId": self.request, "metrics": self.metrics(report), "status": ending.status()});
            if let Some(kind) = ending.error_type() {
                done["errorType"] = kind.into();
                record["errorType"] = kind.into();
            }
            if let Some(trace) = &report.trace {
                record["tracing"] =
                    json!({"spanId": &self.request[..16].replace('-', "0"), "type": "X-Amzn-Trace-Id", "value": trace});
            }
            let level = if matches!(ending, Ending::Returned(_)) {
                LogLevel::Info
            } else {
                LogLevel::Warn
            };
            lines.extend(self.event(at, level.min(LogLevel::Info), "runtimeDone", &done));
            lines.extend(self.event(at, LogLevel::Info, "report", &record));
            return lines;
        }
        lines.push(format!("END RequestId: {}\n", self.request));
        lines.push(self.report(ending, report));
        lines
    }

    fn report(&self, ending: &Ending, report: &Report) -> String {
        let mut line = format!(
            "REPORT RequestId: {}\tDuration: {:.2} ms\tBilled Duration: {} ms\tMemory Size: {} MB\tMax Memory Used: {} MB\t",
            self.request,
            milliseconds(report.duration_us),
            billed(report),
            self.settings.memory_mb,
            report.memory_used
        );
        if let Some(init) = report.init_us {
            let _ = write!(line, "Init Duration: {:.2} ms\t", milliseconds(init));
        }
        match ending {
            Ending::TimedOut => line += "Status: timeout",
            Ending::Crashed | Ending::OutOfMemory => line += "Status: error\tError Type: Runtime.ExitError",
            Ending::Returned(_) | Ending::Raised(_) => {}
        }
        if let Some(trace) = &report.trace {
            let root = trace.split(';').next().unwrap_or("").trim_start_matches("Root=");
            let segment = self.request[..16].replace('-', "0");
            let _ = write!(line, "\nXRAY TraceId: {root}\tSegmentId: {segment}\tSampled: true\t");
        }
        line + "\n"
    }

    fn metrics(&self, report: &Report) -> Json {
        let mut metrics = json!({"durationMs": milliseconds(report.duration_us), "billedDurationMs": billed(report),
            "memorySizeMB": self.settings.memory_mb, "maxMemoryUsedMB": report.memory_used});
        if let Some(init) = report.init_us {
            metrics["initDurationMs"] = milliseconds(init).into();
        }
        metrics
    }
}

#[expect(clippy::cast_precision_loss, reason = "durations are below 2^52 µs")]
fn milliseconds(us: i64) -> f64 {
    (us as f64 / 10.0).round() / 100.0
}

/// Since August 2025 the init phase is billed too.
fn billed(report: &Report) -> i64 {
    (report.duration_us + report.init_us.unwrap_or(0) + 999) / 1000
}
