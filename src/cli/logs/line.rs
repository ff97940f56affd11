//! A line as it is printed.

use std::fmt::Write as _;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::json;

use super::super::console;
use super::super::failure::Failure;
use super::follow::Found;
use super::named::Wanted;
use crate::domain::text::{plain, plain_json};
use crate::domain::{Arn, Invocation};
use crate::logs::segment::LineRef;
use crate::logs::{Filter, Pattern, Search, parse};
use crate::store::Snapshot;

/// Printed at once.
const BUFFER: usize = 64 * 1024;

/// Prints lines.
pub(super) struct Writer {
    json: bool,
    grep: Option<Pattern>,
    zone: TimeZone,
    since: Timestamp,
}

impl Writer {
    pub(super) fn new(json: bool, grep: Option<Pattern>, zone: TimeZone, since: Timestamp) -> Self {
        Self {
            json,
            grep,
            zone,
            since,
        }
    }

    /// All lines that are meant, in time order. False if nobody reads them any more.
    pub(super) fn all(&self, snapshot: &Snapshot, wanted: &Wanted) -> Result<bool, Failure> {
        let filter = Filter {
            pattern: self.grep.clone(),
            groups: wanted.groups.clone(),
            ..Filter::default()
        };
        if wanted.groups.is_empty() {
            return Ok(true);
        }
        let view = Search::new(filter).view(&snapshot.logs);
        let mut walk = view.at(self.since);
        let mut text = String::new();
        while let Some(shown) = walk.forward() {
            if !wanted.has(&shown.group.name, shown.line.stream.function.as_ref()) {
                continue;
            }
            self.line(&mut text, snapshot, &shown.group.name, shown.line);
            if text.len() >= BUFFER {
                if !write(&text)? {
                    return Ok(false);
                }
                text.clear();
            }
        }
        write(&text)
    }

    /// Lines that came in. False if nobody reads them any more.
    pub(super) fn fresh(&self, snapshot: &Snapshot, wanted: &Wanted, found: &[Found]) -> Result<bool, Failure> {
        let mut text = String::new();
        for found in found {
            let line = found.segment.line(found.line);
            if !wanted.has(&found.group, line.stream.function.as_ref()) {
                continue;
            }
            if self.grep.as_ref().is_none_or(|pattern| pattern.matches(line.text)) {
                self.line(&mut text, snapshot, &found.group, line);
            }
        }
        write(&text)
    }

    fn line(&self, out: &mut String, snapshot: &Snapshot, group: &str, line: LineRef<'_>) {
        let parsed = parse(line.text);
        let named = parsed.request_id.as_deref();
        let runs = line
            .stream
            .function
            .as_ref()
            .and_then(|id| snapshot.invocations.get(id));
        let run = runs.and_then(|runs| runs.owner(&line.stream.name, line.at, named));
        if self.json {
            out.push_str(&plain_json(&json(group, &line, run, named)));
            out.push('\n');
        } else {
            self.text(out, group, &line, run, named);
        }
    }

    /// Time, who, the head of the request's id, and the message: further lines of it stand below, indented.
    fn text(
        &self,
        out: &mut String,
        group: &str,
        line: &LineRef<'_>,
        run: Option<&std::sync::Arc<Invocation>>,
        named: Option<&str>,
    ) {
        let at = line.at.to_zoned(self.zone.clone());
        let function = line.stream.function.as_ref();
        let name = function.and_then(|id| Some(Arn::parse(id.as_str())?.name().to_owned()));
        let request = run.map(|run| run.request_id.as_str()).or(named).unwrap_or("-");
        let request: String = request.chars().take(8).collect();
        let who = name.unwrap_or_else(|| group.to_owned());
        let (who, request) = (plain(&who), plain(&request));
        let _ = write!(out, "{}  {who}  {request:<8}  ", at.strftime("%Y-%m-%d %H:%M:%S%.3f"));
        let mut lines = line.text.split(['\r', '\n']).filter(|line| !line.is_empty());
        let first = lines.next().unwrap_or("");
        out.push_str(&shown(first));
        out.push('\n');
        for line in lines {
            let _ = writeln!(out, "    {}", shown(line));
        }
    }
}

/// The line as the contract has it.
fn json(group: &str, line: &LineRef<'_>, run: Option<&std::sync::Arc<Invocation>>, named: Option<&str>) -> String {
    json!({
        "at": format!("{:.3}", line.at),
        "group": group,
        "stream": &*line.stream.name,
        "function": line.stream.function.as_ref().map(crate::domain::NodeId::as_str),
        "request_id": run.map(|run| run.request_id.as_str()).or(named),
        "attempt": run.map(|run| run.attempt),
        "level": line.level.map(crate::domain::log::Level::word),
        "message": line.text,
    })
    .to_string()
}

/// A text as a terminal may show it; a no-break space, with which Python's runtime indents, is a space.
fn shown(text: &str) -> String {
    plain(text).replace('\u{a0}', " ")
}

fn write(text: &str) -> Result<bool, Failure> {
    Ok(console::print("the lines", text)?)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::domain::NodeId;
    use crate::logs::segment::Stream;

    fn printed(json: bool, text: &str) -> String {
        let writer = Writer::new(json, None, TimeZone::UTC, Timestamp::UNIX_EPOCH);
        let stream = Arc::new(Stream {
            name: "2026/01/01/[$LATEST]a".into(),
            function: Some(NodeId::from("arn:aws:lambda:eu-west-1:111122223333:function:work")),
        });
        let line = LineRef {
            at: Timestamp::from_millisecond(1_700_000_000_120).expect("a time"),
            stream: &stream,
            level: None,
            text,
            number: 1,
        };
        let mut out = String::new();
        writer.line(&mut out, &Snapshot::default(), "/aws/lambda/work", line);
        out
    }

    #[test]
    fn a_traceback_stands_in_lines_of_its_own() {
        let text = "[ERROR] KeyError: 'x'\rTraceback (most recent call last):\r\u{a0}\u{a0}File \"a\u{1b}[31m\"";
        assert_eq!(
            printed(false, text),
            "2023-11-14 22:13:20.120  work  -         [ERROR] KeyError: 'x'\n    Traceback (most recent call last):\n      File \"a\u{fffd}[31m\"\n"
        );
    }

    #[test]
    fn json_is_the_contract_and_reads_back() {
        let text = "START RequestId: b3a1d2c4-0000-4aaa-8bbb-123456789abc Version: $LATEST \u{9b}";
        let out = printed(true, text);
        assert!(!out.contains('\u{9b}') && out.ends_with('\n'));
        let value: serde_json::Value = serde_json::from_str(&out).expect("JSON");
        let keys: Vec<_> = value.as_object().expect("an object").keys().collect();
        assert_eq!(
            keys,
            [
                "at",
                "group",
                "stream",
                "function",
                "request_id",
                "attempt",
                "level",
                "message"
            ]
        );
        assert_eq!(value["at"], "2023-11-14T22:13:20.120Z");
        assert_eq!(value["message"], text);
        assert_eq!(value["request_id"], "b3a1d2c4-0000-4aaa-8bbb-123456789abc");
    }
}
