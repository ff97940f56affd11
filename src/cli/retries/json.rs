//! Events being retried as JSON, by the contract.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{name, recent};
use crate::domain::delivery::{Attempt, Delivery, End, Outlook, Prediction, Throttled};
use crate::domain::{Unknown, condition};
use crate::store::Snapshot;
use crate::words::{Words, spelled};

/// The JSON document of the contract.
pub(super) fn document(snapshot: &Snapshot, since: SignedDuration, unknown: &[&Unknown]) -> Value {
    let deliveries = &snapshot.deliveries;
    let document = json!({
        "deliveries": recent(deliveries, snapshot.as_of, since).into_iter().map(|row| delivery_json(snapshot, row)).collect::<Vec<_>>(),
        "unobservable": deliveries.unobservable,
        "throttled": deliveries.throttled.iter().map(throttled_json).collect::<Vec<_>>(),
        "complete": unknown.is_empty(),
        "unknown": unknown,
    });
    spelled(&Words::utc(), document)
}

pub(super) fn throttled_json(throttled: &Throttled) -> Value {
    json!({
        "function": throttled.function,
        "at_least": throttled.count,
        "read_at": time(Some(throttled.read_at)),
    })
}

pub(super) fn delivery_json(snapshot: &Snapshot, row: &Delivery) -> Value {
    json!({
        "id": row.id,
        "function": row.function,
        "source": row.source,
        "pattern": row.pattern,
        "attempts": row.attempts.iter().map(attempt_json).collect::<Vec<_>>(),
        "next": row.next.as_ref().map(|next| next_json(snapshot, next)),
        "end": row.end.as_ref().map(end_json),
        "outlook": row.outlook.as_ref().map(outlook_json),
        "waits": row.waits,
        "missed": row.missed.map(|missed| json!({
            "earliest": time(Some(missed.earliest)),
            "latest": time(Some(missed.latest)),
            "complete_to": time(Some(missed.complete_to)),
        })),
        "overdue": row.overdue.map(|due| json!({
            "earliest": time(Some(due.earliest)),
            "latest": time(Some(due.latest)),
            "attempt": due.attempt,
            "complete_to": time(due.complete_to),
        })),
        "count": row.count,
        "estimate": row.estimate,
        "notes": row.notes,
    })
}

fn attempt_json(attempt: &Attempt) -> Value {
    json!({
        "n": attempt.n,
        "start": time(attempt.start),
        "end": time(attempt.end),
        "outcome": attempt.outcome,
        "evidence": attempt.evidence,
        "request_id": attempt.request_id,
        "error": attempt.error,
    })
}

fn next_json(snapshot: &Snapshot, next: &Prediction) -> Value {
    json!({
        "earliest": time(Some(next.earliest)),
        "latest": time(next.latest),
        "attempt": next.attempt,
        "evidence": "predicted",
        "rule": next.rule,
        // The condition in words; `condition` is the same as data. Both are null if the window is unconditional.
        "only_if": condition::all(&next.conditions, &|id| name(snapshot, id)),
        "condition": (!next.conditions.is_empty()).then_some(&next.conditions),
    })
}

fn end_json(end: &End) -> Value {
    json!({
        "fate": end.fate,
        "at": time(end.at),
        "not_before": time(end.not_before),
        "to": end.to,
        "evidence": end.evidence,
        "why": end.why,
    })
}

fn outlook_json(outlook: &Outlook) -> Value {
    json!({
        "fate": outlook.fate,
        "to": outlook.to,
        "earliest": time(outlook.earliest),
        "latest": time(outlook.latest),
        "attempts_left": outlook.attempts_left,
        "evidence": "predicted",
        "rule": outlook.rule,
    })
}

/// RFC 3339 with milliseconds.
fn time(at: Option<Timestamp>) -> Option<String> {
    at.map(|at| at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_milliseconds() {
        let at = Timestamp::from_millisecond(1_780_000_000_500).expect("a time");
        assert_eq!(time(Some(at)).as_deref(), Some("2026-05-28T20:26:40.500Z"));
        let whole = Timestamp::from_second(1_780_000_000).expect("a time");
        assert_eq!(time(Some(whole)).as_deref(), Some("2026-05-28T20:26:40.000Z"));
    }
}
