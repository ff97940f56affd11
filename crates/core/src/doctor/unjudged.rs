//! What no rule could judge, said once for all that it is about.

use super::words::Unjudged;
use crate::domain::phrase::Phrase;
use crate::domain::{Detail, EdgeKind};
use crate::permissions::Doubt;
use crate::store::snapshot::Snapshot;

/// What was not judged and is no failed call: roles that are not read, timeouts of versions, alarms that nothing read.
#[must_use]
pub fn unjudged(snapshot: &Snapshot) -> Vec<Phrase> {
    let topology = &snapshot.topology;
    let open = snapshot.arrivals.open.iter();
    let roles = open.filter(|(key, doubt)| {
        matches!(doubt, Doubt::Role(_)) && matches!(key.kind, EdgeKind::DeadLetter | EdgeKind::Destination)
    });
    let by_version = topology.edges.iter().filter(|edge| {
        let is_queue = topology
            .nodes
            .get(&edge.key.from)
            .is_some_and(|node| matches!(node.detail, Detail::Queue(_)));
        super::is_live_trigger(edge) && edge.key.qualifier.is_some() && is_queue
    });
    let is_watched = topology.watches.as_ref().map(|watches| watches.searches);
    let has_dlq = topology.edges.iter().any(|edge| edge.key.kind == EdgeKind::DeadLetter);
    let alarms = match is_watched {
        _ if !has_dlq => None,
        None => Some(Unjudged::AlarmsUnread),
        Some(true) => Some(Unjudged::AlarmsSearch),
        Some(false) => None,
    };
    [
        counted(roles.count()).map(|count| Unjudged::Roles { count }),
        counted(by_version.count()).map(|count| Unjudged::Versions { count }),
        alarms,
    ]
    .into_iter()
    .flatten()
    .map(Into::into)
    .collect()
}

fn counted(count: usize) -> Option<usize> {
    (count > 0).then_some(count)
}
