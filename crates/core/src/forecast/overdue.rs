//! Windows in the past. An attempt that was due, but may have happened, is no longer a prediction: it is reported as due,
//! with the time through which the log is complete.

use std::collections::HashMap;

use jiff::Timestamp;

use super::input::{Input, Log};
use super::policy::Window;
use super::words::Said;
use crate::domain::NodeId;
use crate::domain::condition;
use crate::domain::delivery::{Delivery, Overdue};

/// An attempt that was due in a window that has passed without a line of it so far, and its note.
pub(super) fn overdue(log: Option<&Log>, window: Window, attempt: u32) -> (Overdue, Said) {
    let overdue = Overdue {
        earliest: window.earliest,
        latest: window.latest,
        attempt,
        complete_to: log.and_then(|log| log.complete_to),
        conditional: false,
    };
    let said = Said::WasDue {
        window,
        complete_to: overdue.complete_to,
        only_if: None,
    };
    (overdue, said)
}

/// Removes predictions whose time has passed.
pub(super) fn pass(input: &Input, rows: &mut [Delivery]) {
    let logs: HashMap<&NodeId, &Log> = input.logs.iter().map(|log| (log.function, log)).collect();
    let has_passed = |at: Option<Timestamp>| at.is_some_and(|at| at <= input.now);
    for row in rows.iter_mut().filter(|row| row.end.is_none()) {
        if let Some(next) = row.next.take_if(|next| has_passed(next.latest)) {
            let window = Window {
                earliest: next.earliest,
                latest: next.latest.unwrap_or(next.earliest),
            };
            let (due, _) = overdue(logs.get(&row.function).copied(), window, next.attempt);
            let said = Said::WasDue {
                window,
                complete_to: due.complete_to,
                only_if: condition::all(&next.conditions, &|id| input.name(id).to_owned()),
            };
            row.overdue = Some(Overdue {
                conditional: !next.conditions.is_empty(),
                ..due
            });
            row.waits = Some(said.into());
        }
        if let Some(outlook) = row.outlook.as_mut().filter(|outlook| has_passed(outlook.latest)) {
            (outlook.earliest, outlook.latest) = (None, None);
        }
    }
}
