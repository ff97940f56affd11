//! Log lines of the functions of [`super::orders`]: a run that fails and is tried again, one that ends well, JSON, text in
//! Japanese, text that would act upon a terminal.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::scope;
use crate::domain::NodeId;
use crate::domain::log::Reach;
use crate::logs::buffer::{Lines, Put};
use crate::logs::invocations::{Invocations, Runs};
use crate::logs::parse::parse;
use crate::logs::{GroupLog, Logs};

/// Lines, each so many milliseconds before the moment.
type Told = Vec<(i64, String)>;

fn start(before: i64, id: &str) -> (i64, String) {
    (before, format!("START RequestId: {id} Version: $LATEST"))
}

fn end(before: i64, id: &str) -> [(i64, String); 2] {
    let figures = "Duration: 320.00 ms\tBilled Duration: 320 ms\tMemory Size: 128 MB\tMax Memory Used: 41 MB\t";
    [
        (before, format!("END RequestId: {id}")),
        (before, format!("REPORT RequestId: {id}\t{figures}")),
    ]
}

fn intake() -> Told {
    let id = "5f1c22aa-0000-4000-8000-000000000001";
    let error = "[ERROR] KeyError: 'action'\rTraceback (most recent call last):\r\
                 \u{a0}\u{a0}File \"/var/task/app.py\", line 7, in handler\r\u{a0}\u{a0}\u{a0}\u{a0}event['action']\r";
    let run = |before: i64| {
        let said = [start(before, id), (before - 300, error.to_owned())];
        said.into_iter().chain(end(before - 320, id))
    };
    run(114_000).chain(run(48_000)).collect()
}

fn parsing() -> Told {
    let id = "c0ffee00-0000-4000-8000-000000000005";
    let said = [
        start(20_000, id),
        (
            19_990,
            format!("[INFO]\t2026-11-23T05:03:07.010Z\t{id}\t注文 7 を読みました"),
        ),
        (
            19_980,
            format!(
                "{{\"level\":\"WARN\",\"requestId\":\"{id}\",\"message\":\"2 rows without a price\",\"rows\":[3,9]}}"
            ),
        ),
        (19_970, "colour \u{1b}[31mred\u{1b}[0m and a bell \u{7}".to_owned()),
    ];
    said.into_iter().chain(end(19_700, id)).collect()
}

/// The lines, and the runs that follow from them.
#[must_use]
pub fn logs(now: Timestamp) -> (Logs, BTreeMap<NodeId, Arc<Runs>>) {
    let mut logs = Logs::default();
    let mut runs = Invocations::default();
    for (name, told) in [("orders-in", intake()), ("orders-parse", parsing())] {
        let function = NodeId::from(scope().arn("lambda", &format!("function:{name}")));
        let stream = "2026/11/23/[$LATEST]0123456789abcdef0123456789abcdef";
        let mut lines = Vec::new();
        for (before, text) in &told {
            let at = now - SignedDuration::from_millis(*before);
            runs.take(&function, stream, at, text);
            lines.push(Put {
                at: at.as_millisecond(),
                stream,
                function: Some(&function),
                level: parse(text).level,
                text,
            });
        }
        let lines = Lines::of(lines);
        let name: Arc<str> = format!("/aws/lambda/{name}").into();
        let ago = |seconds| now - SignedDuration::from_secs(seconds);
        let group = GroupLog {
            name: Arc::clone(&name),
            functions: vec![function],
            lines,
            reach: Some(Reach {
                since: ago(900),
                read_to: now,
                complete_to: Some(ago(95)),
                settled_to: None,
                whole_since: Some(ago(900)),
            }),
            ..GroupLog::default()
        };
        logs.groups.insert(name, Arc::new(group));
    }
    runs.refresh();
    let runs = runs.all().map(|(id, runs)| (id.clone(), runs)).collect();
    (logs, runs)
}
