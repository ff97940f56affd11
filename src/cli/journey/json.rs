//! A journey as JSON, by the contract.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::Unsearched;
use crate::domain::Unknown;
use crate::journey::{Cut, Hop, Joint, Journey};
use crate::store::Snapshot;
use crate::words::{Words, spelled};

/// The JSON document of the contract.
pub(super) fn document(
    snapshot: &Snapshot,
    journey: &Journey,
    (since, unsearched): (SignedDuration, &Unsearched),
    unknown: &[&Unknown],
) -> Value {
    let groups: Vec<&str> = snapshot.logs.groups.keys().map(|name| &**name).collect();
    let document = json!({
        "id": journey.id,
        "hops": journey.hops.iter().enumerate().map(|(n, hop)| hop_json(hop, journey.named.contains(&n))).collect::<Vec<_>>(),
        "links": journey.joints.iter().map(|joint| joint_json(journey, joint)).collect::<Vec<_>>(),
        "correlated": journey.correlated.iter().map(|group| json!({
            "key": group.key,
            "value": group.value,
            "others": group.others.iter().map(|(function, request)| json!({"function": function, "request_id": request})).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "cut": journey.cut.map(|cut| match cut {
            Cut::Invocations => "invocations",
            Cut::Common => "common",
        }),
        "searched": {"since_s": since.as_secs(), "groups": groups},
        "not_searched": {"dead_letter_queues": unsearched.dead_letter_queues, "dropped_lines": unsearched.dropped},
        "complete": unknown.is_empty(),
        "unknown": unknown,
    });
    spelled(&Words::utc(), document)
}

fn hop_json(hop: &Hop, named: bool) -> Value {
    json!({
        "function": hop.function,
        "names_it": named,
        "attempts": hop.attempts.iter().map(|run| json!({
            "request_id": run.request_id,
            "start": time(run.start),
            "end": time(run.end),
            "outcome": run.outcome,
            "error": run.error,
            "stream": run.stream,
        })).collect::<Vec<_>>(),
        "ran_ms": hop.ran().map(|ran| i64::try_from(ran.as_millis()).unwrap_or(i64::MAX)),
        "message_ids": hop.batch,
        "dead_letter": hop.dead.as_ref().map(|dead| json!({
            "queue": dead.queue,
            "message_id": dead.message_id,
            "by": dead.by.word(),
        })),
        "next": hop.delivery.as_ref().and_then(|row| row.next.as_ref()).map(|next| json!({
            "attempt": next.attempt,
            "earliest": time(Some(next.earliest)),
            "latest": time(next.latest),
        })),
        "end": hop.delivery.as_ref().and_then(|row| row.end.as_ref()).map(|end| json!({
            "fate": end.fate,
            "at": time(end.at),
            "to": end.to,
            "evidence": end.evidence,
        })),
    })
}

fn joint_json(journey: &Journey, joint: &Joint) -> Value {
    json!({
        "from": joint.from,
        "to": joint.to,
        "link": joint.link,
        "evidence": joint.link.evidence(),
        "by": joint.by,
        "id": joint.id.as_deref(),
        "through": joint.through,
        "waited_ms": journey.waited(joint.to).map(|waited| i64::try_from(waited.as_millis()).unwrap_or(i64::MAX)),
    })
}

fn time(at: Option<Timestamp>) -> Option<String> {
    at.map(|at| format!("{at:.3}"))
}
