//! Windows that lie behind us. What was due and of which nobody can tell yet whether it happened is no prediction any
//! more: it is said to have been due, with how far the log is complete.

use std::collections::HashMap;

use jiff::Timestamp;

use super::input::{Input, Log};
use super::policy::Window;
use super::words::{between, clock};
use crate::domain::NodeId;
use crate::domain::condition;
use crate::domain::delivery::{Delivery, Overdue};

/// How far a log can be trusted, to end a sentence.
pub(super) fn reach(log: Option<&Log>) -> String {
    match log.and_then(|log| log.complete_to) {
        Some(complete) => format!("the log is complete to {} UTC", clock(complete)),
        None => "how far the log is complete is not known yet".to_owned(),
    }
}

/// What was due in a window that has passed without a line of it so far.
pub(super) fn overdue(log: Option<&Log>, window: Window, attempt: u32) -> (Overdue, String) {
    let overdue = Overdue {
        earliest: window.earliest,
        latest: window.latest,
        attempt,
        complete_to: log.and_then(|log| log.complete_to),
        conditional: false,
    };
    let words = format!("was due {}, not seen so far; {}", between(window), reach(log));
    (overdue, words)
}

/// Takes back what stands as future and lies behind.
pub(super) fn pass(input: &Input, rows: &mut [Delivery]) {
    let logs: HashMap<&NodeId, &Log> = input.logs.iter().map(|log| (log.function, log)).collect();
    let has_passed = |at: Option<Timestamp>| at.is_some_and(|at| at <= input.now);
    for row in rows.iter_mut().filter(|row| row.end.is_none()) {
        if let Some(next) = row.next.take_if(|next| has_passed(next.latest)) {
            let window = Window {
                earliest: next.earliest,
                latest: next.latest.unwrap_or(next.earliest),
            };
            let (due, words) = overdue(logs.get(&row.function).copied(), window, next.attempt);
            row.overdue = Some(Overdue {
                conditional: !next.conditions.is_empty(),
                ..due
            });
            row.waits = Some(
                match condition::all(&next.conditions, &|id| input.name(id).to_owned()) {
                    Some(only_if) => format!("{words}; only if {only_if}"),
                    None => words,
                },
            );
        }
        if let Some(outlook) = row.outlook.as_mut().filter(|outlook| has_passed(outlook.latest)) {
            (outlook.earliest, outlook.latest) = (None, None);
        }
    }
}
