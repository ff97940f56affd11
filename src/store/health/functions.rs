//! A function that may not run, cannot start, fails, is throttled, or whose mapping fails.

use super::{FRESH, IN_ROW, LATELY, View};
use crate::domain::{EdgeKind, Metric};
use crate::store::series::recent;
use crate::store::snapshot::{Severity, Trouble};

pub(super) fn nothing_may_run(view: &View<'_>) -> Option<Trouble> {
    (view.function()?.reserved_concurrency == Some(0)).then(|| Trouble {
        why: "reserved concurrency is 0".into(),
        next: "asynchronous events go straight to the dead-letter queue or are dropped; set a concurrency above 0"
            .into(),
        ..view.trouble(Severity::Failing, "may not run: reserved concurrency 0")
    })
}

pub(super) fn function_cannot_start(view: &View<'_>) -> Option<Trouble> {
    let function = view.function()?;
    let state = function.state.as_deref()?;
    // AWS: an inactive function wakes up when it is invoked, and a pending one becomes ready.
    if matches!(state, "Active" | "Inactive" | "Pending") {
        return None;
    }
    if state != "Failed" {
        return Some(Trouble {
            why: function.state_reason.clone().unwrap_or_default(),
            next: "AWS does not document whether it can be invoked in this state".into(),
            ..view.trouble(Severity::Warning, format!("is in state {state}"))
        });
    }
    Some(Trouble {
        why: function
            .state_reason
            .clone()
            .unwrap_or_else(|| format!("state {state}")),
        next: "it cannot be invoked until it is deployed again".into(),
        ..view.trouble(Severity::Failing, "cannot run: the function is in state Failed")
    })
}

pub(super) fn failing_runs(view: &View<'_>) -> Option<Trouble> {
    let runs = view.vitals.runs.as_ref();
    let in_row = runs.map_or(0, |runs| runs.failed_in_row);
    let last = runs.and_then(|runs| runs.last_error.as_ref());
    let fresh = last.is_some_and(|(at, _)| view.logs_at.duration_since(*at) < FRESH);
    let (failures, starts) = runs.map_or((0.0, 0.0), |runs| {
        (
            recent(&runs.failures, view.logs_at, LATELY),
            recent(&runs.starts, view.logs_at, LATELY),
        )
    });
    let next = if view
        .neighbours
        .out(&view.node.id)
        .iter()
        .any(|e| e.key.kind == EdgeKind::DeadLetter)
    {
        "what fails to the end goes to its dead-letter queue"
    } else {
        "look at its log"
    };
    // One failed run among many good ones is no outage: the box would change its colour with every run.
    let is_present = in_row >= IN_ROW || failures * 2.0 >= starts;
    if in_row > 0 && fresh && is_present {
        let runs = runs?;
        let what = if in_row == 1 {
            "the last run failed".to_owned()
        } else {
            format!("the last {in_row} runs failed")
        };
        return Some(Trouble {
            since: runs.failing_since,
            why: last.map(|(_, message)| message.clone()).unwrap_or_default(),
            next: next.into(),
            ..view.trouble(Severity::Failing, what)
        });
    }
    let errors = view.lately(Metric::Errors).max(failures);
    (errors > 0.0).then(|| {
        let of = view.lately(Metric::Invocations).max(starts);
        let share = if of >= errors {
            format!("{errors:.0} of {of:.0} runs")
        } else {
            format!("{errors:.0} {}", if errors < 1.5 { "run" } else { "runs" })
        };
        // Where the log tells nothing, the metric is all there is.
        let log_tells = runs.is_some_and(|runs| runs.last_start.is_some());
        let fails = !log_tells && errors >= f64::from(IN_ROW) && errors * 2.0 >= of;
        let severity = if fails { Severity::Failing } else { Severity::Warning };
        Trouble {
            // Some runs go well in between: when that began is not known.
            why: last.filter(|_| fresh).map_or_else(
                || "metric Errors, 1 to 3 minutes late".into(),
                |(_, message)| message.clone(),
            ),
            next: next.into(),
            ..view.trouble(severity, format!("{share} failed in {LATELY} min"))
        }
    })
}

pub(super) fn throttled(view: &View<'_>) -> Option<Trouble> {
    let throttles = view.lately(Metric::Throttles);
    (throttles > 0.0).then(|| Trouble {
        why: "metric Throttles; a throttled try leaves no line in the log".into(),
        next: "raise its concurrency; from a queue, throttling uses up receives until messages are dead letters".into(),
        ..view.trouble(
            Severity::Warning,
            if throttles < 1.5 {
                format!("throttled once in {LATELY} min")
            } else {
                format!("throttled {throttles:.0} times in {LATELY} min")
            },
        )
    })
}

pub(super) fn mapping_fails(view: &View<'_>) -> Option<Trouble> {
    view.neighbours
        .into(&view.node.id)
        .iter()
        // One that is switched off tries no more: its last result is of long ago.
        .filter(|edge| edge.enabled)
        .flat_map(|edge| &edge.policies)
        .find_map(|policy| {
            Some(Trouble {
                why: policy.problem()?.to_owned(),
                since: view.mappings.failing_since(policy),
                next: "the mapping goes on trying; mend what it names".into(),
                ..view.trouble(Severity::Warning, "its event source mapping reports a problem")
            })
        })
}
