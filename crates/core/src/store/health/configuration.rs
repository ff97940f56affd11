//! What is missing, switched off, or in alarm.

use super::words::{Next, What, Why};
use super::{View, is_off};
use crate::domain::{EdgeKind, Missing};
use crate::permissions::Said;
use crate::store::snapshot::{Kind, Severity, Trouble};

/// What something points at and does not exist.
pub(super) fn missing(view: &View<'_>) -> Option<Trouble> {
    Missing::holds(&view.topology.missing, &view.node.id).then(|| Trouble {
        kind: Kind::Missing,
        why: Said::NotListed.into(),
        next: Next::SentInVain.into(),
        ..view.trouble(Severity::Warning, What::Missing)
    })
}

pub(super) fn alarm(view: &View<'_>) -> Option<Trouble> {
    let alarm = view.vitals.alarms.first()?;
    let (name, text) = (alarm.name.clone(), alarm.reason.clone());
    Some(Trouble {
        since: alarm.since,
        why: Why::Reported { text }.into(),
        ..view.trouble(Severity::Warning, What::Alarm { name })
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
            link: Some(edge.key.from.clone()),
            since: policy.and_then(|policy| policy.status.last_modified),
            why: Why::MappingDisabled.into(),
            next: Next::NotReadUntilEnabled.into(),
            ..view.trouble(
                Severity::Notice,
                What::DoesNotRead {
                    source: edge.key.from.clone(),
                },
            )
        });
    }
    is_off(view).then(|| Trouble {
        kind: Kind::Off,
        why: Why::Disabled.into(),
        next: Next::StartsNothing.into(),
        ..view.trouble(
            Severity::Notice,
            What::Disabled {
                kind: view.node.label(),
            },
        )
    })
}
