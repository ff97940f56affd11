//! What is missing, switched off, or in alarm.

use super::{View, is_off};
use crate::domain::{EdgeKind, Missing};
use crate::store::snapshot::{Kind, Severity, Trouble};

/// What something points at and does not exist.
pub(super) fn missing(view: &View<'_>) -> Option<Trouble> {
    Missing::holds(&view.topology.missing, &view.node.id).then(|| Trouble {
        kind: Kind::Missing,
        why: "named by a configuration, and not among what the account lists".into(),
        next: "events sent there are lost or retried in vain".into(),
        ..view.trouble(Severity::Warning, "does not exist")
    })
}

pub(super) fn alarm(view: &View<'_>) -> Option<Trouble> {
    let alarm = view.vitals.alarms.first()?;
    Some(Trouble {
        since: alarm.since,
        why: alarm.reason.clone().into(),
        next: String::new().into(),
        ..view.trouble(Severity::Warning, format!("alarm {}", alarm.name))
    })
}

pub(super) fn switched_off(view: &View<'_>) -> Option<Trouble> {
    let id = &view.node.id;
    let off = view.neighbours.into(id).iter().find(|edge| {
        edge.key.kind == EdgeKind::Trigger
            && !edge.enabled
            && edge.policies.iter().any(|policy| policy.status.state.is_some())
    });
    if let Some(edge) = off {
        let policy = edge.policies.first();
        return Some(Trouble {
            kind: Kind::MappingOff,
            since: policy.and_then(|policy| policy.status.last_modified),
            why: "its event source mapping is disabled".into(),
            next: "nothing is read from there until it is enabled".into(),
            ..view.trouble(
                Severity::Notice,
                format!("does not read {}", edge.key.from.short_name()),
            )
        });
    }
    is_off(view).then(|| Trouble {
        kind: Kind::Off,
        why: "disabled".into(),
        next: "it starts nothing until it is enabled".into(),
        ..view.trouble(Severity::Notice, format!("{} is off", view.node.label()))
    })
}
