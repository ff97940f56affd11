//! Lines in, lines out: the buffer, its views and its search against the simplest thing that does the same.

mod properties;
mod views;

use std::sync::Arc;

use super::buffer::{LogBuffer, Put};
use super::snapshot::{GroupLog, Logs};

/// A line of a group: group, time, text.
type Plain = (usize, i64, String);

fn name(group: usize) -> Arc<str> {
    format!("/aws/lambda/f{group}").into()
}

fn put(at: i64, text: &str) -> Put<'_> {
    Put {
        at,
        stream: "2026/01/01/[$LATEST]a",
        function: None,
        level: None,
        text,
    }
}

/// What a store publishes of a buffer.
fn logs(ring: &LogBuffer, groups: usize) -> Logs {
    let groups = (0..groups).filter_map(|n| {
        let log = GroupLog {
            name: name(n),
            lines: ring.lines(&name(n))?.clone(),
            ..GroupLog::default()
        };
        Some((name(n), Arc::new(log)))
    });
    Logs {
        groups: groups.collect(),
        bytes: ring.bytes(),
    }
}
