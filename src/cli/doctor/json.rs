//! The findings as JSON.

use serde_json::{Value, json};

use super::access::{REDRIVE, policy};
use super::{Report, word};
use crate::doctor::{Hint, Rule};
use crate::permissions::Fix;
use crate::words::{Words, spelled};

pub(super) fn document(report: &Report) -> Value {
    let scope = report.snapshot.scope.as_deref();
    let access = &report.access;
    let calls = &report.snapshot.cost.calls;
    let document = json!({
        "account": scope.map(|scope| &scope.account),
        "region": scope.map(|scope| &scope.region),
        "findings": report.hints.iter().map(|hint| finding(report, hint)).collect::<Vec<_>>(),
        "budgets": report.budgets.iter().map(|one| json!({
            "sources": one.sources,
            "boxes": one.members,
            "first_loss": one.first.as_ref().map(|first| json!({
                "after_s": first.after.as_secs(),
                "at": first.at,
                "from": first.from,
                "to": first.to,
                "why": first.why,
            })),
            "unknown": one.unclear.iter().map(|unclear| json!({
                "from": unclear.from,
                "to": unclear.to,
                "why": unclear.why,
            })).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "permissions": {
            "granted": access.granted,
            "denied": access.denied,
            "failed": access.failed,
            "not_tried": access.untried,
            "writes_not_tried": REDRIVE,
            "policy": policy(),
        },
        "calls": calls.total,
        "dollars_per_hour": calls.dollars_per_hour,
        "complete": report.snapshot.topology.complete && report.unknown.is_empty(),
        "unknown": report.unknown,
        "unjudged": report.unjudged,
    });
    spelled(&Words::utc(), document)
}

fn finding(report: &Report, hint: &Hint) -> Value {
    let node = report.snapshot.topology.nodes.get(&hint.of);
    let copy = report.copy(hint);
    let is_command = matches!(hint.cure.copy, Some(Fix::Command(_)));
    let mut value = json!({
        "rule": hint.rule.id(),
        "severity": word(hint.severity),
        "id": hint.of,
        "name": node.map(|node| &node.name),
        "kind": node.map(|node| node.kind),
        "what": hint.what,
        "why": hint.why,
        "cure": hint.cure.what,
        "help": hint.rule.help(),
        "page": page(hint.rule),
    });
    if let Value::Object(fields) = &mut value {
        fields.extend(hint.link.as_ref().map(|link| ("link".to_owned(), json!(link))));
        let name = if is_command { "command" } else { "statement" };
        fields.extend(copy.map(|copy| (name.to_owned(), json!(copy))));
    }
    value
}

/// The page of this project about a rule.
pub(super) fn page(rule: Rule) -> String {
    format!(
        "{}/blob/main/docs/doctor.md#{}",
        env!("CARGO_PKG_REPOSITORY"),
        rule.id()
    )
}
